//! Iterators, by a link of the kernel.

use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{Iter, IterScope};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, IterInfo};
use crate::link::{Link, LinkTarget, LinkType};
use crate::program::{Program, ProgramError};
use crate::system::SystemId;

/// Attaches an iterator.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Iter<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    if let IterScope::Map(map) = target.over {
        let here = map.handle().raw_in(SystemId::KERNEL);
        here.map_err(|source| ProgramError::Foreign {
            program: program.info().name.clone(),
            source,
        })?;
    }
    link(program, target)
        .map(|link| Box::new(link) as Box<dyn Link>)
        .map_err(|errno| {
            Trouble::from(errno)
                .or_hint(hint(errno, target))
                .of(program, target)
        })
}

fn link(program: &KernelProgram, target: &Iter<'_>) -> Result<KernelLink, Errno> {
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let over = match target.over {
        IterScope::All => IterInfo::All,
        IterScope::Map(map) => IterInfo::Map(map.fd().ok_or(Errno::EBADF)?),
        IterScope::Cgroup(walk) => IterInfo::Cgroup {
            order: walk.order.0,
            id: walk.id,
        },
        IterScope::Thread(tid) => IterInfo::Task { tid, pid: 0 },
        IterScope::Process(pid) => IterInfo::Task { tid: 0, pid },
    };
    let link = sys::create_iter_link(fd, over)?;
    KernelLink::made(link, LinkType::ITER, LinkTarget::Other)
}

fn hint(errno: Errno, target: &Iter<'_>) -> Option<&'static str> {
    match (errno, target.over) {
        (Errno::EBADF, IterScope::All) => {
            Some("the iterator is of a map's elements: say which map (Iter::map)")
        }
        (Errno::EINVAL, IterScope::Map(_)) => {
            Some("the iterator is not of a map's elements, or not of maps of this type")
        }
        (Errno::EACCES, IterScope::Map(_)) => {
            Some("the program takes keys or values to be larger than the map's")
        }
        (
            Errno::EINVAL | Errno::E2BIG,
            IterScope::Cgroup(_) | IterScope::Thread(_) | IterScope::Process(_),
        ) => Some(
            "the iterator takes no such choice: it needs Linux 6.1, and a program for cgroups or for tasks",
        ),
        (Errno::ESRCH, _) => Some("there is no such process"),
        (Errno::ENOENT, IterScope::Cgroup(_)) => Some("there is no such control group"),
        (Errno::EINVAL, _) => Some("the program is no iterator, or needs to be told what of"),
        (Errno::EPERM, _) => Some("CAP_PERFMON (or root) is needed"),
        _ => None,
    }
}
