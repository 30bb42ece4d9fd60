//! Network namespaces, by a link of the kernel.

use std::fs::File;
use std::os::fd::AsRawFd;

use super::ours::{self, Attaching};
use crate::Errno;
use crate::hook::{Netns, Place};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys;
use crate::link::Link;
use crate::program::{AttachType, Program, ProgramError};

/// The calling thread's own namespace.
const CURRENT: &str = "/proc/thread-self/ns/net";

/// Attaches a program to a network namespace.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Netns<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching { program, target };
    let place = target.namespace.unwrap_or_else(|| CURRENT.into());
    let namespace = ours::open(&place)
        .map_err(|why| attaching.unopened(why, |errno| place_hint(errno, &place)))?;
    let link = link(program, &namespace, target)
        .map_err(|errno| attaching.refused(errno, hint(errno, target)))?;
    Ok(Box::new(link))
}

fn link(
    program: &KernelProgram,
    namespace: &File,
    target: &Netns<'_>,
) -> Result<KernelLink, Errno> {
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let raw = namespace.as_raw_fd() as u32;
    KernelLink::open(sys::create_link(fd, raw, target.attach_type.0, 0)?)
}

/// What might help when a namespace could not be opened or asked.
pub(in crate::kernel) fn place_hint(errno: Errno, place: &Place<'_>) -> Option<&'static str> {
    match (errno, place) {
        (Errno::ENOENT, Place::Path(_)) => Some("there is no such namespace: is /proc mounted?"),
        (Errno::EINVAL, _) => {
            Some("it is no network namespace, or the kernel has no such hook of namespaces")
        }
        (Errno::EPERM | Errno::EACCES, _) => Some("CAP_NET_ADMIN (or root) is needed"),
        _ => None,
    }
}

fn hint(errno: Errno, target: &Netns<'_>) -> Option<&'static str> {
    let dissector = target.attach_type == AttachType::FLOW_DISSECTOR;
    match errno {
        Errno::EINVAL => Some(
            "it may be no network namespace, or the program's type or attach type is not that of the hook",
        ),
        Errno::E2BIG if dissector => Some("another flow dissector is attached by a link"),
        Errno::E2BIG => Some("64 programs are attached there already"),
        Errno::EEXIST => Some(
            "another flow dissector is attached, here, in the initial namespace, or in the others if this is the initial one",
        ),
        Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
        _ => None,
    }
}
