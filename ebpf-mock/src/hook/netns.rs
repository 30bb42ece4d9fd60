//! Network namespaces, by a link.

use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::hook::Netns;
use ebpf_core::link::{Link, LinkTarget, LinkType};
use ebpf_core::program::{AttachType, ProgramError};

use super::attach_type::fits;
use super::attaching::Attaching;
use crate::kernel::Kernel;
use crate::link::{self, Attachment};
use crate::program::{MockProgram, ProgramObject};
use crate::world::NetnsObject;

/// Attaches a program to a network namespace.
pub(super) fn attach(
    program: &MockProgram,
    target: &Netns<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let kernel = attaching.kernel();
    let namespace = kernel.namespace(target.namespace.as_ref());
    let namespace = namespace.map_err(|why| attaching.unfound(why, |errno| hint(errno, target)))?;
    let (object, attach_type) = (attaching.object(), target.attach_type);
    let refused = |errno| attaching.hinted(errno, hint(errno, target));
    if !fits(object, attach_type) {
        return Err(refused(Errno::EINVAL));
    }
    let linked = link::link(kernel, LinkType::NETNS, object, |id| {
        let namespaces = &kernel.world.namespaces;
        namespaces.attach(&namespace, attach_type, object, id)?;
        Ok(OfNamespace {
            namespace: Arc::downgrade(&namespace),
            attach_type,
        })
    });
    linked.map_err(refused)
}

/// A hook of a namespace, which it does not keep.
#[derive(Debug)]
struct OfNamespace {
    namespace: Weak<NetnsObject>,
    attach_type: AttachType,
}

impl Attachment for OfNamespace {
    fn target(&self, _: &Kernel) -> LinkTarget {
        let namespace = self.namespace.upgrade();
        LinkTarget::Netns {
            inode: namespace.map_or(0, |namespace| namespace.inode),
            attach_type: self.attach_type,
        }
    }

    fn is_gone(&self, _: &Kernel) -> bool {
        self.namespace.strong_count() == 0
    }

    fn replace(&self, _: &Kernel, link: u32, program: &Arc<ProgramObject>) -> Result<(), Errno> {
        let namespace = self.namespace.upgrade().ok_or(Errno::ENOLINK)?;
        namespace.replace(self.attach_type, link, program)
    }

    fn remove(&self, _: &Kernel, link: u32) {
        if let Some(namespace) = self.namespace.upgrade() {
            namespace.remove(self.attach_type, link);
        }
    }
}

pub(super) fn hint(errno: Errno, target: &Netns<'_>) -> Option<&'static str> {
    let dissector = target.attach_type == AttachType::FLOW_DISSECTOR;
    match errno {
        Errno::ENOENT => Some("there is no such namespace: make it (MockSystem::create_netns)"),
        Errno::EINVAL => Some(
            "it may be no network namespace, or the program's type or attach type is not that of the hook",
        ),
        Errno::E2BIG if dissector => Some("another flow dissector is attached by a link"),
        Errno::E2BIG => Some("64 programs are attached there already"),
        Errno::EEXIST => Some(
            "another flow dissector is attached in the initial namespace, or in the others if this is the initial one",
        ),
        _ => None,
    }
}
