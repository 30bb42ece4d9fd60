//! Sockets: filters and reuseport groups, as options of the socket.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{Descriptor, Reuseport, SocketFilter};
use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};
use ebpf_core::program::ProgramError;

use super::attaching::Attaching;
use super::unowned::{Unowned, UnownedLink};
use crate::kernel::{Kernel, Object};
use crate::program::{MockProgram, ProgramObject};
use crate::world::{SocketHook, SocketObject, Unfound};

/// Attaches a program as the filter of a socket.
pub(super) fn attach_filter(
    program: &MockProgram,
    target: &SocketFilter<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let hook = SocketHook::Filter;
    let refused = |why| attaching.unfound(why, |errno| hint(errno, hook));
    let socket = socket(attaching.kernel(), &target.socket).map_err(refused)?;
    if !target.replace && socket.program(hook).is_some() {
        return Err(refused(Errno::EBUSY.into()));
    }
    put(&attaching, socket, hook)
}

/// Attaches a program to the reuseport group of a socket.
pub(super) fn attach_reuseport(
    program: &MockProgram,
    target: &Reuseport<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let hook = SocketHook::Reuseport;
    let socket = socket(attaching.kernel(), &target.socket);
    let socket = socket.map_err(|why| attaching.unfound(why, |errno| hint(errno, hook)))?;
    put(&attaching, socket, hook)
}

/// The socket that a target names.
fn socket(kernel: &Kernel, descriptor: &Descriptor<'_>) -> Result<Arc<SocketObject>, Unfound> {
    let number = descriptor.handle().raw_in(kernel.id)?;
    match kernel.by_descriptor(number) {
        Some(Object::Socket(socket)) => Ok(socket),
        Some(_) => Err(Errno::ENOTSOCK.into()),
        None => Err(Errno::EBADF.into()),
    }
}

fn put(
    attaching: &Attaching<'_>,
    socket: Arc<SocketObject>,
    hook: SocketHook,
) -> Result<Box<dyn Link>, ProgramError> {
    let program = attaching.object();
    socket
        .attach(hook, program)
        .map_err(|errno| attaching.hinted(errno, hint(errno, hook)))?;
    let cookie = socket.cookie;
    let target = match hook {
        SocketHook::Filter => LinkTarget::SocketFilter { cookie },
        SocketHook::Reuseport => LinkTarget::Reuseport { cookie },
    };
    let info = LinkInfo::new(None, LinkType::UNSPEC, target);
    let place = AtSocket { socket, hook };
    let link = UnownedLink::new(attaching.kernel(), info, place, program);
    Ok(Box::new(link))
}

/// A program's place at a socket, which it keeps open. That another program took it is not told by sockets.
#[derive(Debug)]
struct AtSocket {
    socket: Arc<SocketObject>,
    hook: SocketHook,
}

impl Unowned for AtSocket {
    fn found(&self, _: &Kernel, ours: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        self.socket.program(self.hook).map(|_| ours.clone())
    }

    fn replace(
        &self,
        _: &Kernel,
        _: &Arc<ProgramObject>,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        self.socket.attach(self.hook, new)
    }

    fn remove(&self, _: &Kernel, _: &Arc<ProgramObject>, was_there: bool) -> Result<(), Errno> {
        match was_there {
            true => self.socket.detach(self.hook),
            false => Ok(()),
        }
    }

    fn no_pin(&self) -> &'static str {
        "an option of a socket is no object"
    }
}

pub(super) fn hint(errno: Errno, hook: SocketHook) -> Option<&'static str> {
    match (errno, hook) {
        (Errno::ENOTSOCK, _) => Some("the descriptor is not a socket's"),
        (Errno::EPERM, _) => Some("the socket's filter is locked (SO_LOCK_FILTER)"),
        (Errno::EBUSY, SocketHook::Filter) => {
            Some("the socket has a filter already: detach or replace it first")
        }
        (Errno::EINVAL, SocketHook::Filter) => Some("the program must be of type socket_filter"),
        (Errno::EINVAL, SocketHook::Reuseport) => Some(
            "SO_REUSEPORT must be set before the socket is bound, and the program must be of type socket_filter or sk_reuseport",
        ),
        (Errno::ENOTSUPP, SocketHook::Reuseport) => {
            Some("only UDP and TCP sockets of IPv4 and IPv6 share ports by a program's choice")
        }
        _ => None,
    }
}
