//! Sockets: filters and reuseport groups, as options of the socket.

#[cfg(test)]
mod tests;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ours::{self, Attaching, Ours, Unopened, of_the_kernel};
use crate::Errno;
use crate::hook::{Reuseport, SocketFilter};
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, FoundFilter, SocketOption, errno_of};
use crate::link::{Link, LinkError, LinkInfo, LinkState, LinkTarget, LinkType};
use crate::program::{Program, ProgramError};
use crate::system::Handle;

/// Attaches a program as the filter of a socket.
pub(super) fn attach_filter(
    program: &KernelProgram,
    target: &SocketFilter<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching { program, target };
    let attach = || {
        let socket = ours::borrowed(&target.socket)?;
        let busy = !target.replace && sys::socket_filter(socket)? != FoundFilter::None;
        if busy {
            return Err(Errno::EBUSY.into());
        }
        SocketLink::attach(program, socket, Hook::Filter)
    };
    let link = attach().map_err(|why| attaching.unopened(why, |errno| Hook::Filter.hint(errno)))?;
    Ok(Box::new(link))
}

/// Attaches a program to the reuseport group of a socket.
pub(super) fn attach_reuseport(
    program: &KernelProgram,
    target: &Reuseport<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching { program, target };
    let attach = || SocketLink::attach(program, ours::borrowed(&target.socket)?, Hook::Reuseport);
    let link =
        attach().map_err(|why| attaching.unopened(why, |errno| Hook::Reuseport.hint(errno)))?;
    Ok(Box::new(link))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hook {
    Filter,
    Reuseport,
}

impl Hook {
    fn attach(self) -> SocketOption {
        match self {
            Hook::Filter => SocketOption::ATTACH_BPF,
            Hook::Reuseport => SocketOption::ATTACH_REUSEPORT,
        }
    }

    fn detach(self) -> SocketOption {
        match self {
            Hook::Filter => SocketOption::DETACH_FILTER,
            Hook::Reuseport => SocketOption::DETACH_REUSEPORT,
        }
    }

    fn hint(self, errno: Errno) -> Option<&'static str> {
        match (errno, self) {
            (Errno::ENOTSOCK, _) => Some("the descriptor is not a socket's"),
            (Errno::EPERM, _) => Some("the socket's filter is locked (SO_LOCK_FILTER)"),
            (Errno::ENOMEM, _) => {
                Some("the program is larger than the socket may hold: net.core.optmem_max")
            }
            (Errno::EBUSY, Hook::Filter) => {
                Some("the socket has a filter already: detach or replace it first")
            }
            (Errno::EINVAL, Hook::Filter) => Some("the program must be of type socket_filter"),
            (Errno::EINVAL, Hook::Reuseport) => Some(
                "SO_REUSEPORT must be set before the socket is bound, and the program must be of type socket_filter or sk_reuseport",
            ),
            (Errno::ENOTSUPP | Errno::EOPNOTSUPP, Hook::Reuseport) => {
                Some("only UDP and TCP sockets of IPv4 and IPv6 share ports by a program's choice")
            }
            (Errno::ENOPROTOOPT, Hook::Reuseport) => Some(
                "the kernel is older than the option: attaching needs Linux 4.5, detaching 5.3",
            ),
            _ => None,
        }
    }
}

/// A program attached to a socket, which it keeps open. The kernel knows no owner of it.
#[derive(Debug)]
struct SocketLink {
    info: LinkInfo,
    hook: Hook,
    socket: OwnedFd,
    /// The program that is ours now; `None` once it is detached or given up.
    program: Mutex<Option<Ours>>,
}

impl SocketLink {
    fn attach(
        program: &KernelProgram,
        socket: BorrowedFd<'_>,
        hook: Hook,
    ) -> Result<SocketLink, Unopened> {
        let ours = Ours::of(program)?;
        let socket = socket
            .try_clone_to_owned()
            .map_err(|error| errno_of(&error))?;
        sys::set_socket_option(socket.as_fd(), hook.attach(), Some(ours.fd.as_fd()))?;
        let cookie = sys::socket_cookie(socket.as_fd()).unwrap_or(0);
        let target = match hook {
            Hook::Filter => LinkTarget::SocketFilter { cookie },
            Hook::Reuseport => LinkTarget::Reuseport { cookie },
        };
        Ok(SocketLink {
            info: LinkInfo::new(None, LinkType::UNSPEC, target),
            hook,
            socket,
            program: Mutex::new(Some(ours)),
        })
    }

    fn ours(&self) -> MutexGuard<'_, Option<Ours>> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is there; of a reuseport group the kernel does not tell.
    fn found(&self, op: &'static str) -> Result<FoundFilter, LinkError> {
        match self.hook {
            Hook::Filter => sys::socket_filter(self.socket.as_fd())
                .map_err(|errno| self.info.refused(op, errno, self.hook.hint(errno))),
            Hook::Reuseport => Ok(FoundFilter::Ebpf),
        }
    }

    /// Detaches the program, as far as the kernel can tell that it is there.
    fn remove(&self) -> Result<(), LinkError> {
        let op = "detach";
        if self.ours().take().is_none() {
            return Ok(());
        }
        match self.found(op)? {
            FoundFilter::None => return Ok(()),
            FoundFilter::Classic => {
                return Err(self.info.unsupported(
                    op,
                    "a filter of classic BPF took its place, which was left alone",
                ));
            }
            FoundFilter::Ebpf => {}
        }
        match sys::set_socket_option(self.socket.as_fd(), self.hook.detach(), None) {
            // Someone else detached it.
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(self.info.refused(op, errno, self.hook.hint(errno))),
        }
    }
}

impl Link for SocketLink {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let there = self.found("query")? == FoundFilter::Ebpf;
        let program = self.ours().as_ref().map(|ours| ours.id);
        Ok(LinkState::new(
            program.filter(|_| there),
            self.info.target.clone(),
        ))
    }

    fn handle(&self) -> Option<Handle> {
        None
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        let op = "update";
        of_the_kernel(new, expected)?;
        let refused = |errno| self.info.refused(op, errno, self.hook.hint(errno));
        let new = Ours::of(new).map_err(refused)?;
        let mut program = self.ours();
        let Some(ours) = &*program else {
            return Err(self.info.unsupported(op, "it is detached"));
        };
        if expected.is_some_and(|expected| expected.info().id != ours.id) {
            let hint = "another program than the expected one was attached";
            return Err(self.info.refused(op, Errno::EPERM, Some(hint)));
        }
        if self.found(op)? != FoundFilter::Ebpf {
            let hint = "the program is not attached any more";
            return Err(self.info.refused(op, Errno::ENOENT, Some(hint)));
        }
        let attach = self.hook.attach();
        sys::set_socket_option(self.socket.as_fd(), attach, Some(new.fd.as_fd()))
            .map_err(refused)?;
        *program = Some(new);
        Ok(())
    }

    fn pin(&self, _: &Path) -> Result<(), LinkError> {
        Err(self
            .info
            .unsupported("pin", "an option of a socket is no object"))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.remove()
    }

    fn forget(self: Box<Self>) {
        self.ours().take();
    }
}

impl Drop for SocketLink {
    fn drop(&mut self) {
        // There is nobody to tell; `detach` tells.
        let _ = self.remove();
    }
}
