//! Netfilter, by a link: `bpf_nf_link_attach()` in net/netfilter/nf_bpf_link.c.

use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::hook::{Netfilter, NetfilterFamily};
use ebpf_core::link::{Link, LinkTarget, LinkType};
use ebpf_core::program::{AttachType, ProgramError};

use super::attach_type::fits;
use super::attaching::Attaching;
use crate::kernel::Kernel;
use crate::link::{self, Attachment};
use crate::program::{MockProgram, ProgramObject};
use crate::world::{NetfilterAt, NetnsObject};

/// How many hooks a family has.
const HOOKS: u32 = 5;
/// The priority at which packets are put together.
const DEFRAGMENTS: i32 = -400;
/// The flag of programs that see whole packets.
const IP_DEFRAG: u32 = 1;

/// Attaches a program to a netfilter hook of the current task's namespace.
pub(super) fn attach(
    program: &MockProgram,
    target: &Netfilter,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let object = attaching.object();
    let refused = |errno| attaching.hinted(errno, hint(errno, target));
    if !attaching.has_links(LinkType::NETFILTER) || !fits(object, AttachType::NETFILTER) {
        return Err(refused(Errno::EINVAL));
    }
    check(target).map_err(refused)?;
    let kernel = attaching.kernel();
    let namespace = kernel.world.tasks.current().task.namespace.clone();
    let linked = link::link(kernel, LinkType::NETFILTER, object, |id| {
        let at = (target.family.0, target.hook.0, target.priority);
        namespace.attach_netfilter(at, object, id)?;
        Ok(AtNetfilter {
            namespace: Arc::downgrade(&namespace),
            at,
            flags: if target.defragment { IP_DEFRAG } else { 0 },
        })
    });
    linked.map_err(refused)
}

fn check(target: &Netfilter) -> Result<(), Errno> {
    if ![NetfilterFamily::IPV4, NetfilterFamily::IPV6].contains(&target.family) {
        return Err(Errno::EAFNOSUPPORT);
    }
    if target.hook.0 >= HOOKS {
        return Err(Errno::EPROTO);
    }
    let taken = matches!(target.priority, i32::MIN | i32::MAX);
    if taken || (target.defragment && target.priority <= DEFRAGMENTS) {
        return Err(Errno::ERANGE);
    }
    Ok(())
}

/// A netfilter hook of a namespace, which it does not keep.
#[derive(Debug)]
struct AtNetfilter {
    namespace: Weak<NetnsObject>,
    at: NetfilterAt,
    flags: u32,
}

impl Attachment for AtNetfilter {
    fn target(&self, _: &Kernel) -> LinkTarget {
        let (family, hook, priority) = self.at;
        LinkTarget::Netfilter {
            family,
            hook,
            priority,
            flags: self.flags,
        }
    }

    fn is_gone(&self, _: &Kernel) -> bool {
        self.namespace.strong_count() == 0
    }

    fn updates(&self) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn replace(&self, _: &Kernel, _: u32, _: &Arc<ProgramObject>) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn remove(&self, _: &Kernel, link: u32) {
        if let Some(namespace) = self.namespace.upgrade() {
            namespace.remove_netfilter(self.at, link);
        }
    }
}

pub(super) fn hint(errno: Errno, target: &Netfilter) -> Option<&'static str> {
    match errno {
        Errno::EBUSY => Some("another program has this priority there"),
        Errno::ERANGE if target.defragment => {
            Some("the priority must be above -400, and not the highest")
        }
        Errno::ERANGE => Some("the lowest and the highest priority are the kernel's own"),
        Errno::EPROTO => Some("there is no such hook"),
        Errno::EAFNOSUPPORT => Some("only IPv4 and IPv6 have programs"),
        Errno::EINVAL => Some("netfilter programs need Linux 6.4, and have their own type"),
        _ => None,
    }
}
