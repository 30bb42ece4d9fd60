//! Netfilter, by a link of the kernel.

use super::ours::Attaching;
use crate::Errno;
use crate::hook::Netfilter;
use crate::kernel::attr::LinkCreateNetfilter;
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys;
use crate::link::Link;
use crate::program::{AttachType, Program, ProgramError};

/// Attaches a program to a netfilter hook of the calling thread's namespace.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Netfilter,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching { program, target };
    let link =
        link(program, target).map_err(|errno| attaching.refused(errno, hint(errno, target)))?;
    Ok(Box::new(link))
}

fn link(program: &KernelProgram, target: &Netfilter) -> Result<KernelLink, Errno> {
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let attr = LinkCreateNetfilter {
        attach_type: AttachType::NETFILTER.0,
        family: target.family.0,
        hook: target.hook.0,
        priority: target.priority,
        netfilter_flags: u32::from(target.defragment),
        ..LinkCreateNetfilter::default()
    };
    KernelLink::open(sys::create_netfilter_link(fd, attr)?)
}

fn hint(errno: Errno, target: &Netfilter) -> Option<&'static str> {
    match errno {
        Errno::EBUSY => Some("another program has this priority there"),
        Errno::ERANGE if target.defragment => {
            Some("the priority must be above -400, and not the highest")
        }
        Errno::ERANGE => Some("the lowest and the highest priority are the kernel's own"),
        Errno::EPROTO => Some("there is no such hook"),
        Errno::EAFNOSUPPORT => Some("only IPv4 and IPv6 have programs"),
        Errno::EOPNOTSUPP => Some("the kernel has no netfilter programs, or not this option"),
        Errno::ENOENT if target.defragment => {
            Some("the kernel cannot put packets together: nf_defrag is missing")
        }
        Errno::EINVAL => Some("netfilter programs need Linux 6.4"),
        Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
        _ => None,
    }
}
