//! Control groups: by a link, or as `BPF_PROG_ATTACH` does.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{Anchor, AttachVia, Cgroup, CgroupMode, Order, TargetProblem};
use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};
use ebpf_core::program::{AttachType, ProgramError};

use super::attach_type::fits;
use super::attaching::Attaching;
use super::order;
use super::unowned::{Unowned, UnownedLink};
use crate::kernel::Kernel;
use crate::link::{self, Attachment};
use crate::program::{MockProgram, ProgramObject};
use crate::world::{CgroupObject, CgroupPut};

/// Attaches a program to a cgroup.
pub(super) fn attach(
    program: &MockProgram,
    target: &Cgroup<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let by_link = by_link(target).map_err(|problem| attaching.impossible(problem))?
        && (target.via == AttachVia::Link || attaching.has_links(LinkType::CGROUP));
    let at = order::place(&attaching, target.order, target.expected_revision)?;
    let replaced = target.replace.map(|program| attaching.named(program));
    let replaced = replaced.transpose()?;
    let kernel = attaching.kernel();
    let group = kernel.cgroup(&target.cgroup);
    let group = group.map_err(|why| attaching.unfound(why, |errno| hint(errno, target)))?;
    let refused = |errno| attaching.hinted(errno, hint(errno, target));
    let (object, attach_type) = (attaching.object(), target.attach_type);
    if !super::is_of_cgroups(attach_type) || !fits(object, attach_type) {
        return Err(refused(Errno::EINVAL));
    }
    let mut put = CgroupPut {
        attach_type,
        program: object,
        link: None,
        mode: target.mode,
        replaced,
        preorder: target.preorder,
        at,
        anchor_is_link: anchor_is_link(target.order),
    };
    let cgroups = &kernel.world.cgroups;
    if by_link {
        if !attaching.has_links(LinkType::CGROUP) {
            return Err(refused(Errno::EINVAL));
        }
        let linked = link::link(kernel, LinkType::CGROUP, object, |id| {
            put.link = Some(id);
            cgroups.attach(&group, &put)?;
            Ok(OfGroup {
                group: group.clone(),
                attach_type,
            })
        });
        match linked {
            // The other command may take the anchor.
            Err(Errno::EINVAL) if target.via == AttachVia::Auto => put.link = None,
            linked => return linked.map_err(refused),
        }
    }
    cgroups.attach(&group, &put).map_err(refused)?;
    let at = LinkTarget::Cgroup {
        cgroup_id: group.id,
        attach_type,
    };
    let info = LinkInfo::new(None, LinkType::UNSPEC, at);
    let place = AtGroup {
        group,
        attach_type,
        mode: target.mode,
    };
    Ok(Box::new(UnownedLink::new(kernel, info, place, object)))
}

/// Whether the anchor of an order is a link, if it has one.
fn anchor_is_link(order: Order<'_>) -> Option<bool> {
    match order {
        Order::Before(anchor) | Order::After(anchor) => {
            Some(matches!(anchor, Anchor::Link(_) | Anchor::LinkId(_)))
        }
        _ => None,
    }
}

/// Whether a link can do what is asked for.
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

/// The place of a link.
#[derive(Debug)]
struct OfGroup {
    group: Arc<CgroupObject>,
    attach_type: AttachType,
}

impl Attachment for OfGroup {
    fn target(&self, kernel: &Kernel) -> LinkTarget {
        let gone = self.is_gone(kernel);
        LinkTarget::Cgroup {
            cgroup_id: if gone { 0 } else { self.group.id },
            attach_type: self.attach_type,
        }
    }

    fn is_gone(&self, kernel: &Kernel) -> bool {
        !kernel.world.cgroups.exists(&self.group)
    }

    fn replace(
        &self,
        kernel: &Kernel,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let cgroups = &kernel.world.cgroups;
        cgroups.replace(&self.group, self.attach_type, link, program)
    }

    fn remove(&self, kernel: &Kernel, link: u32) {
        let cgroups = &kernel.world.cgroups;
        cgroups.remove_link(&self.group, self.attach_type, link);
    }
}

/// A place without an owner.
#[derive(Debug)]
struct AtGroup {
    group: Arc<CgroupObject>,
    attach_type: AttachType,
    mode: CgroupMode,
}

impl Unowned for AtGroup {
    fn found(&self, kernel: &Kernel, ours: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        let function = (self.attach_type.0, 0);
        let programs = kernel.world.cgroups.attached(&self.group, function);
        match programs.iter().find(|program| Arc::ptr_eq(program, ours)) {
            Some(ours) => Some(ours.clone()),
            None if self.mode == CgroupMode::Multi => None,
            None => programs.into_iter().next(),
        }
    }

    fn replace(
        &self,
        kernel: &Kernel,
        old: &Arc<ProgramObject>,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        if Arc::ptr_eq(old, new) {
            return Ok(());
        }
        if !fits(new, self.attach_type) {
            return Err(Errno::EINVAL);
        }
        let put = CgroupPut {
            attach_type: self.attach_type,
            program: new,
            link: None,
            mode: self.mode,
            replaced: (self.mode == CgroupMode::Multi).then(|| old.clone()),
            preorder: false,
            at: Default::default(),
            anchor_is_link: None,
        };
        kernel.world.cgroups.attach(&self.group, &put)
    }

    fn remove(
        &self,
        kernel: &Kernel,
        ours: &Arc<ProgramObject>,
        was_there: bool,
    ) -> Result<(), Errno> {
        if was_there {
            let cgroups = &kernel.world.cgroups;
            cgroups.detach(&self.group, self.attach_type, ours);
        }
        Ok(())
    }

    fn no_pin(&self) -> &'static str {
        "it is attached without a link object: it stays until it is removed anyway"
    }
}

pub(super) fn hint(errno: Errno, target: &Cgroup<'_>) -> Option<&'static str> {
    let ordered = !target.order.is_default() || target.expected_revision.is_some();
    match errno {
        Errno::EPERM => Some("programs of another mode are attached there or above"),
        Errno::EINVAL if ordered => Some("an anchor is named as it is attached: a link as a link"),
        Errno::EINVAL => Some(
            "the program's type or expected attach type is not that of the hook, or it is there already",
        ),
        Errno::ENOENT if target.replace.is_some() => {
            Some("the program to replace is not attached there, or by a link")
        }
        Errno::ENOENT if ordered => Some("the anchor is not attached there"),
        Errno::ENOENT => Some("there is no such cgroup: make it (MockSystem::create_cgroup)"),
        Errno::ESTALE => Some("other programs were attached or detached since that revision"),
        Errno::E2BIG => Some("64 programs are attached there already"),
        Errno::EBADF => Some("it is no directory of a cgroup2 file system"),
        _ => None,
    }
}
