//! Control groups: by a link of the kernel, or by `BPF_PROG_ATTACH`.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

use ebpf_sys::BPF_F_PREORDER;

use super::order;
use super::ours::{self, Attaching, Unopened};
use super::prog_attach::ProgAttachment;
use crate::Errno;
use crate::hook::{AttachVia, Cgroup, CgroupMode, Place, TargetProblem};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, Relative};
use crate::link::{Link, LinkInfo, LinkTarget, LinkType};
use crate::program::{Program, ProgramError};
use crate::system::SystemId;

/// Attaches a program to a cgroup.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Cgroup<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching { program, target };
    let by_link = by_link(target).map_err(|problem| attaching.impossible(problem))?;
    let mut place = order::relative(target.order).map_err(|source| attaching.foreign(source))?;
    if target.preorder {
        place.flags |= BPF_F_PREORDER;
    }
    place.revision = target.expected_revision.unwrap_or(0);
    let replaced = replaced(target).map_err(|why| attaching.unopened(why, |_| None))?;
    let cgroup =
        ours::open(&target.cgroup).map_err(|why| attaching.unopened(why, |e| hint(e, target)))?;
    let attached = if by_link {
        link(program, &cgroup, target, place).map(|link| Some(Box::new(link) as Box<dyn Link>))
    } else {
        Ok(None)
    };
    let attached = match attached {
        // Kernels before 5.7 have no such links; on others the other command says what is wrong.
        Err(Errno::EINVAL) if target.via == AttachVia::Auto => Ok(None),
        attached => attached,
    };
    let attached = match attached {
        Ok(None) => {
            let replaced = replaced.as_ref().map(|replaced| replaced.as_fd());
            directly(program, cgroup, target, place, replaced)
        }
        Ok(Some(link)) => Ok(link),
        Err(errno) => Err(errno),
    };
    attached.map_err(|errno| attaching.refused(errno, hint(errno, target)))
}

fn by_link(target: &Cgroup<'_>) -> Result<bool, TargetProblem> {
    let other = match target {
        Cgroup { mode, .. } if *mode != CgroupMode::Multi => Some("mode"),
        Cgroup {
            replace: Some(_), ..
        } => Some("replacing"),
        _ => None,
    };
    match (target.via, other) {
        (AttachVia::Link, Some(other)) => Err(TargetProblem::Exclusive {
            one: "via(Link)",
            other,
        }),
        (AttachVia::Auto | AttachVia::Link, None) => Ok(true),
        _ => Ok(false),
    }
}

/// The program that has to be there, in the only mode in which the kernel compares.
fn replaced(target: &Cgroup<'_>) -> Result<Option<OwnedFd>, Unopened> {
    let Some(program) = target.replace else {
        return Ok(None);
    };
    program.handle().raw_in(SystemId::KERNEL)?;
    Ok(Some(ours::Ours::of(program)?.fd))
}

fn link(
    program: &KernelProgram,
    cgroup: &File,
    target: &Cgroup<'_>,
    place: Relative,
) -> Result<KernelLink, Errno> {
    let fd = program.fd().ok_or(Errno::EBADF)?;
    let raw = cgroup.as_raw_fd() as u32;
    KernelLink::open(sys::create_link_at(fd, raw, target.attach_type.0, place)?)
}

fn directly(
    program: &KernelProgram,
    cgroup: File,
    target: &Cgroup<'_>,
    place: Relative,
    replaced: Option<std::os::fd::BorrowedFd<'_>>,
) -> Result<Box<dyn Link>, Errno> {
    // The number of the directory is that of the cgroup.
    let cgroup_id = cgroup.metadata().map_or(0, |metadata| metadata.ino());
    let at = LinkTarget::Cgroup {
        cgroup_id,
        attach_type: target.attach_type,
    };
    let info = LinkInfo::new(None, LinkType::UNSPEC, at);
    let attachment = ProgAttachment::new(
        info,
        cgroup,
        target.attach_type,
        target.mode,
        program,
        place,
        replaced,
    )?;
    Ok(Box::new(attachment))
}

/// What might help when a cgroup could not be opened or asked.
pub(in crate::kernel) fn place_hint(errno: Errno, place: &Place<'_>) -> Option<&'static str> {
    match (errno, place) {
        (Errno::ENOENT, Place::Path(_)) => {
            Some("there is no such cgroup: is cgroup2 mounted, and is it below there?")
        }
        (Errno::ENOENT, Place::Open(_)) => Some("the cgroup was removed"),
        (Errno::EBADF, _) => Some("it is no directory of a cgroup2 file system"),
        (Errno::EPERM, _) => Some("CAP_NET_ADMIN (or root) is needed"),
        _ => None,
    }
}

fn hint(errno: Errno, target: &Cgroup<'_>) -> Option<&'static str> {
    let ordered = !target.order.is_default() || target.expected_revision.is_some();
    match errno {
        Errno::EPERM => Some(
            "programs of another mode are attached there or above, or CAP_NET_ADMIN (or root) is missing",
        ),
        Errno::EINVAL if target.preorder => {
            Some("running before the cgroups below needs Linux 6.15")
        }
        Errno::EINVAL if ordered => Some(
            "saying the order needs Linux 6.17, and an anchor is named as it is attached: a link as a link",
        ),
        Errno::EINVAL => Some(
            "the program's type or expected attach type is not that of the hook, or it is there already",
        ),
        Errno::ENOENT if target.replace.is_some() => {
            Some("the program to replace is not attached there, or by a link")
        }
        Errno::ENOENT if ordered => Some("the anchor is not attached there"),
        Errno::ESTALE => Some("other programs were attached or detached since that revision"),
        Errno::E2BIG => Some("64 programs are attached there already"),
        _ => place_hint(errno, &target.cgroup),
    }
}
