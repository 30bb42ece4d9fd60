//! XDP: by a link of the kernel, or by netlink.

use std::os::fd::AsRawFd;
use std::sync::{Mutex, PoisonError};

use ebpf_sys::{XDP_FLAGS_REPLACE, XDP_FLAGS_UPDATE_IF_NOEXIST};

use super::ours::{Ours, of_the_kernel};
use crate::Errno;
use crate::hook::{IfBusy, Interface, Xdp, XdpMode, XdpVia};
use crate::kernel::link::KernelLink;
use crate::kernel::netlink::{Netlink, Refusal, SetXdp};
use crate::kernel::program::KernelProgram;
use crate::kernel::sys;
use crate::link::{Link, LinkError, LinkInfo, LinkState, LinkTarget, LinkType};
use crate::program::{AttachType, Program, ProgramError, ProgramId};
use crate::system::{Handle, SystemId};

/// Attaches a program to an interface.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Xdp<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let refused = |refusal: Refusal| ProgramError::Attach {
        program: program.info().name.clone(),
        target: target.to_string().into(),
        hint: target.hint(refusal.errno),
        errno: refusal.errno,
        told: refusal.told,
    };
    let ifindex = interface_index(&target.interface).map_err(|errno| refused(errno.into()))?;
    let replaces = !matches!(target.if_busy, IfBusy::Refuse);
    let by_link = match target.via {
        XdpVia::Netlink => false,
        XdpVia::Link if replaces => {
            return Err(target.link_replaces_nothing(program.info()));
        }
        XdpVia::Link => true,
        XdpVia::Auto => !replaces,
    };
    if by_link {
        match link(program, ifindex, target.mode) {
            // Kernels before 5.9 have no such links; on others netlink says what is wrong.
            Err(Errno::EINVAL) if target.via == XdpVia::Auto => {}
            Err(errno) => return Err(refused(errno.into())),
            Ok(link) => return Ok(Box::new(link)),
        }
    }
    let expected = match target.if_busy {
        IfBusy::Replace(expected) => {
            let raw = expected.handle().raw_in(SystemId::KERNEL);
            let name = &program.info().name;
            Some(raw.map_err(|source| ProgramError::Foreign {
                program: name.clone(),
                source,
            })? as i32)
        }
        _ => None,
    };
    let attached = NetlinkXdp::attach(program, ifindex, target, expected).map_err(refused)?;
    Ok(Box::new(attached))
}

/// The index of an interface in the calling thread's network namespace.
pub(in crate::kernel) fn interface_index(interface: &Interface) -> Result<u32, Errno> {
    match interface {
        Interface::Name(name) => sys::interface_index(name),
        Interface::Index(index) => Ok(*index),
    }
}

fn link(program: &KernelProgram, ifindex: u32, mode: XdpMode) -> Result<KernelLink, Errno> {
    let fd = program.fd().ok_or(Errno::EBADF)?;
    KernelLink::open(sys::create_link(
        fd,
        ifindex,
        AttachType::XDP.0,
        mode.flag(),
    )?)
}

/// A program attached by netlink. The kernel knows no owner of it, so every step names the program that must be there.
#[derive(Debug)]
struct NetlinkXdp {
    info: LinkInfo,
    ifindex: u32,
    mode: XdpMode,
    /// Of the namespace in which the program was attached, wherever this is dropped.
    netlink: Netlink,
    /// The program that is ours now; `None` once it is detached or given up.
    program: Mutex<Option<Ours>>,
}

impl NetlinkXdp {
    fn attach(
        program: &KernelProgram,
        ifindex: u32,
        target: &Xdp<'_>,
        expected: Option<i32>,
    ) -> Result<NetlinkXdp, Refusal> {
        let ours = Ours::of(program)?;
        let netlink = Netlink::open()?;
        let flags = match target.if_busy {
            IfBusy::Refuse => XDP_FLAGS_UPDATE_IF_NOEXIST,
            IfBusy::Replace(_) => XDP_FLAGS_REPLACE,
            IfBusy::ReplaceAny => 0,
        };
        netlink.set_xdp(&SetXdp {
            ifindex,
            program: ours.fd.as_raw_fd(),
            flags: flags | target.mode.flag(),
            expected,
        })?;
        Ok(NetlinkXdp {
            info: LinkInfo::new(None, LinkType::UNSPEC, LinkTarget::Xdp { ifindex }),
            ifindex,
            mode: target.mode,
            netlink,
            program: Mutex::new(Some(ours)),
        })
    }

    #[cold]
    fn refused(&self, op: &'static str, refusal: impl Into<Refusal>) -> LinkError {
        let Refusal { errno, told } = refusal.into();
        let hint = match errno {
            Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
            Errno::ENODEV => Some("the interface is gone"),
            _ => None,
        };
        LinkError::Os {
            op,
            target: Box::new(self.info.target.clone()),
            errno,
            told,
            hint,
        }
    }

    /// The program that runs there now.
    fn found(&self, op: &'static str) -> Result<Option<ProgramId>, LinkError> {
        match self.netlink.xdp(self.ifindex) {
            Ok(attached) => Ok(attached.program(self.mode)),
            Err(Refusal {
                errno: Errno::ENODEV,
                ..
            }) => Ok(None),
            Err(refusal) => Err(self.refused(op, refusal)),
        }
    }

    /// Puts `program` (-1 for none) in the place of `expected`. `Ok(false)` if that is not what is there.
    fn replace(&self, op: &'static str, program: i32, expected: &Ours) -> Result<bool, LinkError> {
        let change = SetXdp {
            ifindex: self.ifindex,
            program,
            flags: XDP_FLAGS_REPLACE | self.mode.flag(),
            expected: Some(expected.fd.as_raw_fd()),
        };
        match self.netlink.set_xdp(&change) {
            Ok(()) => Ok(true),
            Err(Refusal {
                errno: Errno::EEXIST | Errno::ENODEV | Errno::EBUSY,
                ..
            }) => Ok(false),
            // Kernels before 5.7 cannot be told what to expect: look first.
            Err(Refusal {
                errno: Errno::EINVAL,
                ..
            }) => {
                if self.found(op)? != Some(expected.id) {
                    return Ok(false);
                }
                let change = SetXdp {
                    flags: self.mode.flag(),
                    expected: None,
                    ..change
                };
                let changed = self.netlink.set_xdp(&change);
                changed
                    .map(|()| true)
                    .map_err(|refusal| self.refused(op, refusal))
            }
            Err(refusal) => Err(self.refused(op, refusal)),
        }
    }

    /// Detaches the program if it is there still.
    fn remove(&self) -> Result<(), LinkError> {
        let op = "detach";
        let Some(ours) = self
            .program
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return Ok(());
        };
        if self.replace(op, -1, &ours)? {
            return Ok(());
        }
        match self.found(op)? {
            // Someone else detached it, or the interface is gone.
            None => Ok(()),
            Some(found) => Err(self.info.not_ours(op, found)),
        }
    }
}

impl Link for NetlinkXdp {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let found = self.found("query")?;
        let ours = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        let program = found.filter(|found| ours.as_ref().is_some_and(|ours| ours.id == *found));
        Ok(LinkState::new(program, self.info.target.clone()))
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
        let own = |program| Ours::of(program).map_err(|errno| self.refused(op, errno));
        let new = own(new)?;
        let mut program = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ours) = &*program else {
            return Err(self.info.unsupported(op, "it is detached"));
        };
        let named = expected.map(own).transpose()?;
        if self.replace(op, new.fd.as_raw_fd(), named.as_ref().unwrap_or(ours))? {
            *program = Some(new);
            return Ok(());
        }
        match (named, self.found(op)?) {
            (Some(_), _) => Err(self.refused(op, Errno::EPERM)),
            (None, Some(found)) => Err(self.info.not_ours(op, found)),
            (None, None) => Err(self.refused(op, Errno::ENOENT)),
        }
    }

    fn pin(&self, _: &std::path::Path) -> Result<(), LinkError> {
        Err(self.info.unsupported(
            "pin",
            "an attachment by netlink is no object: it stays until it is removed anyway",
        ))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.remove()
    }

    fn forget(self: Box<Self>) {
        self.program
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Drop for NetlinkXdp {
    fn drop(&mut self) {
        // There is nobody to tell; `detach` tells.
        let _ = self.remove();
    }
}
