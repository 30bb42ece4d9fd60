//! Sockmaps: by a link of the kernel, or by `BPF_PROG_ATTACH`.

use super::ours::{Attaching, Unopened};
use super::prog_attach::ProgAttachment;
use crate::Errno;
use crate::hook::{AttachVia, CgroupMode, Sockmap, TargetProblem};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, QueryExtra, Relative, errno_of};
use crate::link::{Link, LinkInfo, LinkTarget, LinkType};
use crate::map::MapType;
use crate::program::{Program, ProgramError};
use crate::system::SystemId;

/// Attaches a program to a sockmap or sockhash.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Sockmap<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching { program, target };
    if target.via == AttachVia::Link && target.replace {
        return Err(attaching.impossible(TargetProblem::Exclusive {
            one: "via(Link)",
            other: "replacing_any",
        }));
    }
    attached(program, target).map_err(|why| attaching.unopened(why, |errno| hint(errno, target)))
}

fn attached(program: &KernelProgram, target: &Sockmap<'_>) -> Result<Box<dyn Link>, Unopened> {
    let raw = target.map.handle().raw_in(SystemId::KERNEL)?;
    let attach_type = target.attach_type.0;
    let by_link = match target.via {
        AttachVia::Auto => !target.replace,
        via => via == AttachVia::Link,
    };
    // A link is refused in the place of another link only, and the other command never.
    if !target.replace {
        match sys::prog_query(raw, attach_type, 0, QueryExtra::None) {
            Ok(query) if !query.programs.is_empty() => return Err(Errno::EBUSY.into()),
            // Told since Linux 5.18.
            _ => {}
        }
    }
    if by_link {
        let fd = program.fd().ok_or(Errno::EBADF)?;
        match sys::create_link(fd, raw, attach_type, 0).and_then(KernelLink::open) {
            Ok(link) => return Ok(Box::new(link)),
            // Kernels before 6.10 have no such links; on others the other command says what is wrong.
            Err(Errno::EINVAL) if target.via == AttachVia::Auto => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    let map = target.map.fd().ok_or(Errno::EBADF)?.try_clone_to_owned();
    let at = LinkTarget::Sockmap {
        map_id: target.map.info().id.0,
        attach_type: target.attach_type,
    };
    let attachment = ProgAttachment::new(
        LinkInfo::new(None, LinkType::UNSPEC, at),
        map.map_err(|error| errno_of(&error))?.into(),
        target.attach_type,
        CgroupMode::Single,
        program,
        Relative::default(),
        None,
    )?;
    Ok(Box::new(attachment))
}

fn hint(errno: Errno, target: &Sockmap<'_>) -> Option<&'static str> {
    let sockets = [MapType::SOCKMAP, MapType::SOCKHASH];
    match errno {
        Errno::EBUSY => Some("another program is attached: detach or replace it first"),
        Errno::EINVAL | Errno::EOPNOTSUPP if !sockets.contains(&target.map.info().map_type) => {
            Some("only sockmaps and sockhashes have programs")
        }
        Errno::EINVAL | Errno::EOPNOTSUPP => {
            Some("the program's type or attach type is not one of a sockmap's")
        }
        Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
        _ => None,
    }
}
