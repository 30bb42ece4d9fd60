//! TCX and netkit: links to hooks of an interface that run their programs in order.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{Anchor, Netkit, Order, Tc};
use ebpf_core::link::{Link, LinkTarget, LinkType};
use ebpf_core::program::{AttachType, ProgramError};

use super::attaching::Attaching;
use crate::kernel::{Kernel, Object};
use crate::link::{self, Attachment};
use crate::program::{MockProgram, ProgramObject};
use crate::world::{Anchored, Side, Unfound, Where};

/// Looks up what an order names.
pub(super) fn place(
    attaching: &Attaching<'_>,
    order: Order<'_>,
    revision: Option<u64>,
) -> Result<Where, ProgramError> {
    let (side, anchor) = match order {
        Order::First => (Some(Side::Before), None),
        Order::Last => (Some(Side::After), None),
        Order::Before(anchor) => (Some(Side::Before), Some(anchor)),
        Order::After(anchor) => (Some(Side::After), Some(anchor)),
        _ => (None, None),
    };
    let anchor = match anchor.map(|anchor| look_up(attaching.kernel(), anchor)) {
        None => None,
        Some(Ok(anchor)) => Some(Ok(anchor)),
        Some(Err(Unfound::Errno(errno))) => Some(Err(errno)),
        Some(Err(Unfound::Foreign(source))) => return Err(attaching.foreign(source)),
    };
    Ok(Where {
        side,
        anchor,
        revision,
    })
}

fn look_up(kernel: &Kernel, anchor: Anchor<'_>) -> Result<Anchored, Unfound> {
    let link = match anchor {
        Anchor::Program(program) => {
            let program = kernel.program(program)?.ok_or(Errno::EBADF)?;
            return Ok(Anchored {
                program,
                link: None,
            });
        }
        Anchor::ProgramId(id) => {
            let program = kernel.programs.get(id.0).ok_or(Errno::ENOENT)?;
            return Ok(Anchored {
                program,
                link: None,
            });
        }
        Anchor::Link(link) => match link.handle() {
            Some(handle) => match kernel.by_descriptor(handle.raw_in(kernel.id)?) {
                Some(Object::Link(link)) => link,
                Some(_) => return Err(Errno::EINVAL.into()),
                None => return Err(Errno::EBADF.into()),
            },
            // Not a link object: nothing that could be found.
            None => return Err(Errno::ENOENT.into()),
        },
        Anchor::LinkId(id) => kernel.links.get(id.0).ok_or(Errno::ENOENT)?,
        _ => return Err(Errno::EINVAL.into()),
    };
    Ok(Anchored {
        program: link.running().ok_or(Errno::ENOENT)?,
        link: Some(link.id),
    })
}

/// Attaches a classifier by TCX.
pub(super) fn attach_tcx(
    attaching: &Attaching<'_>,
    target: &Tc<'_>,
    ifindex: u32,
) -> Result<Box<dyn Link>, ProgramError> {
    let at = place(attaching, target.order, target.expected_revision)?;
    let attach_type = target.direction.attach_type();
    let attached = link(attaching, LinkType::TCX, ifindex, attach_type, &at);
    attached.map_err(|errno| {
        let hint = match errno {
            Errno::EINVAL => Some(
                "TCX needs a program of type sched_cls; what is before or after has to be of that type too",
            ),
            errno => order_hint(errno),
        };
        attaching.hinted(errno, hint)
    })
}

/// Attaches a program to an end of a netkit pair.
pub(super) fn attach_netkit(
    program: &MockProgram,
    target: &Netkit<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let hinted = |errno| {
        let hint = match errno {
            Errno::ENXIO => Some("the interface is not of a netkit pair"),
            Errno::EACCES => {
                Some("the interface is the peer of its pair: name the primary one, for either end")
            }
            Errno::EINVAL => Some("the program has to be of type sched_cls"),
            errno => order_hint(errno),
        };
        attaching.hinted(errno, hint)
    };
    let ifindex = attaching
        .kernel()
        .ifindex(&target.interface)
        .map_err(hinted)?;
    let at = place(&attaching, target.order, target.expected_revision)?;
    link(
        &attaching,
        LinkType::NETKIT,
        ifindex,
        target.attach_type(),
        &at,
    )
    .map_err(hinted)
}

fn link(
    attaching: &Attaching<'_>,
    link_type: LinkType,
    ifindex: u32,
    attach_type: AttachType,
    at: &Where,
) -> Result<Box<dyn Link>, Errno> {
    let program = attaching.object();
    if !attaching.has_links(link_type) || !super::attach_type::fits(program, attach_type) {
        return Err(Errno::EINVAL);
    }
    let kernel = attaching.kernel();
    link::link(kernel, link_type, program, |id| {
        let interfaces = &kernel.world.interfaces;
        interfaces.attach_ordered(ifindex, attach_type, program, id, at)?;
        Ok(Ordered {
            ifindex,
            attach_type,
        })
    })
}

/// A hook of an interface that runs several programs in order.
#[derive(Debug)]
struct Ordered {
    ifindex: u32,
    attach_type: AttachType,
}

impl Attachment for Ordered {
    fn target(&self, kernel: &Kernel) -> LinkTarget {
        let ifindex = if self.is_gone(kernel) {
            0
        } else {
            self.ifindex
        };
        LinkTarget::Interface {
            ifindex,
            attach_type: self.attach_type,
        }
    }

    fn is_gone(&self, kernel: &Kernel) -> bool {
        !kernel.world.interfaces.exists(self.ifindex)
    }

    fn replace(
        &self,
        kernel: &Kernel,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let interfaces = &kernel.world.interfaces;
        interfaces.replace_ordered(self.ifindex, self.attach_type, link, program)
    }

    fn remove(&self, kernel: &Kernel, link: u32) {
        let interfaces = &kernel.world.interfaces;
        interfaces.remove_ordered(self.ifindex, self.attach_type, link);
    }
}

/// What might help when a program could not be put among others.
pub(super) fn order_hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::ENODEV => Some("there is no such interface in this network namespace"),
        Errno::EEXIST => Some("this program is there already, and such a hook runs a program once"),
        Errno::ESTALE => Some("the programs have changed since that revision"),
        Errno::ENOENT => Some("what it should run before or after is not attached there"),
        Errno::ERANGE => Some("there are as many programs as the hook can have, 63"),
        _ => None,
    }
}
