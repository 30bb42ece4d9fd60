//! XDP: by a link, or as netlink does.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{IfBusy, Interface, Xdp, XdpMode, XdpVia};
use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};
use ebpf_core::program::{Program, ProgramError, ProgramType};

use super::attaching::{Attaching, Refusal};
use super::unowned::{Unowned, UnownedLink};
use crate::kernel::Kernel;
use crate::link::{self, Attachment};
use crate::program::{MockProgram, ProgramObject};
use crate::world::{XdpExpected, XdpPlace};

/// Attaches a program to an interface.
pub(super) fn attach(
    program: &MockProgram,
    target: &Xdp<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let kernel = attaching.kernel();
    let refused = |(errno, told): (Errno, &'static str)| {
        let refusal = match told {
            "" => errno.into(),
            told => Refusal::told(errno, told),
        };
        let hint = target.hint(errno);
        attaching.refused(match hint {
            Some(hint) => refusal.hint(hint),
            None => refusal,
        })
    };
    let by_link = match target.via {
        XdpVia::Netlink => false,
        XdpVia::Link | XdpVia::Auto if matches!(target.if_busy, IfBusy::Refuse) => {
            target.via == XdpVia::Link || attaching.has_links(LinkType::XDP)
        }
        XdpVia::Link => return Err(target.link_replaces_nothing(program.info())),
        _ => false,
    };
    let ifindex = kernel.ifindex(&target.interface).map_err(|errno| {
        // A link's target is looked for before anything else, and says so with another number than netlink.
        let by_index = matches!(target.interface, Interface::Index(_));
        let errno = if by_link && by_index {
            Errno::EINVAL
        } else {
            errno
        };
        refused((errno, ""))
    })?;
    let object = attaching.object();
    // On the device itself run programs that were loaded for it.
    if object.spec.program_type != ProgramType::XDP || target.mode == XdpMode::Hw {
        return Err(refused((Errno::EINVAL, "")));
    }
    let expected = match target.if_busy {
        IfBusy::Refuse => XdpExpected::Nothing,
        IfBusy::ReplaceAny => XdpExpected::Anything,
        IfBusy::Replace(expected) => XdpExpected::Program(Some(attaching.named(expected)?)),
        _ => return Err(refused((Errno::EOPNOTSUPP, ""))),
    };
    let interfaces = &kernel.world.interfaces;
    if by_link {
        let linked = link::link(kernel, LinkType::XDP, object, |id| {
            let nothing = XdpExpected::Nothing;
            let put = interfaces.put_xdp(ifindex, target.mode, Some(object), Some(id), &nothing);
            put.map_err(Put)
        });
        return linked.map_err(|Put(why)| refused(why));
    }
    let place = interfaces
        .put_xdp(ifindex, target.mode, Some(object), None, &expected)
        .map_err(refused)?;
    let info = LinkInfo::new(None, LinkType::UNSPEC, LinkTarget::Xdp { ifindex });
    Ok(Box::new(UnownedLink::new(kernel, info, place, object)))
}

/// Why a program could not be put there.
struct Put((Errno, &'static str));

impl From<Errno> for Put {
    fn from(errno: Errno) -> Put {
        Put((errno, ""))
    }
}

impl Attachment for XdpPlace {
    fn target(&self, kernel: &Kernel) -> LinkTarget {
        let gone = self.is_gone(kernel);
        LinkTarget::Xdp {
            ifindex: if gone { 0 } else { self.ifindex },
        }
    }

    fn is_gone(&self, kernel: &Kernel) -> bool {
        !kernel.world.interfaces.exists(self.ifindex)
    }

    fn takes(&self, old: &ProgramObject, new: &ProgramObject) -> bool {
        let hook = |program: &ProgramObject| {
            let meant = program.spec.expected_attach_type;
            (program.spec.program_type, meant.map_or(0, |meant| meant.0))
        };
        hook(old) == hook(new)
    }

    fn replace(
        &self,
        kernel: &Kernel,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        kernel.world.interfaces.update_xdp(*self, link, program)
    }

    fn remove(&self, kernel: &Kernel, link: u32) {
        kernel.world.interfaces.remove_xdp(*self, link);
    }
}

impl Unowned for XdpPlace {
    fn found(&self, kernel: &Kernel, _: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        kernel.world.interfaces.xdp(*self)
    }

    fn replace(
        &self,
        kernel: &Kernel,
        old: &Arc<ProgramObject>,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        if new.spec.program_type != ProgramType::XDP {
            return Err(Errno::EINVAL);
        }
        let expected = XdpExpected::Program(Some(old.clone()));
        put(kernel, *self, Some(new), &expected)
    }

    fn remove(
        &self,
        kernel: &Kernel,
        ours: &Arc<ProgramObject>,
        was_there: bool,
    ) -> Result<(), Errno> {
        let expected = XdpExpected::Program(Some(ours.clone()));
        match was_there {
            true => put(kernel, *self, None, &expected),
            false => Ok(()),
        }
    }

    fn adopts(&self) -> bool {
        true
    }

    fn no_pin(&self) -> &'static str {
        "an attachment by netlink is no object: it stays until it is removed anyway"
    }
}

fn put(
    kernel: &Kernel,
    place: XdpPlace,
    program: Option<&Arc<ProgramObject>>,
    expected: &XdpExpected,
) -> Result<(), Errno> {
    let XdpPlace { ifindex, mode } = place;
    let put = kernel
        .world
        .interfaces
        .put_xdp(ifindex, mode, program, None, expected);
    put.map(drop).map_err(|(errno, _)| errno)
}
