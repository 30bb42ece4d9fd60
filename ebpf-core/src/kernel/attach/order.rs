//! A place among the programs of a hook, in the kernel's words.

use ebpf_sys::{BPF_F_AFTER, BPF_F_BEFORE, BPF_F_ID, BPF_F_LINK};

use crate::hook::{Anchor, Order};
use crate::kernel::sys::Relative;
use crate::system::{ForeignHandle, SystemId};

/// The flags of a place, and what they are relative to. The kernel looks for links where the flag says so, and else for
/// programs that are attached without one.
pub(super) fn relative(order: Order<'_>) -> Result<Relative, ForeignHandle> {
    let (side, anchor) = match order {
        Order::Default => return Ok(Relative::default()),
        Order::First => (BPF_F_BEFORE, None),
        Order::Last => (BPF_F_AFTER, None),
        Order::Before(anchor) => (BPF_F_BEFORE, Some(anchor)),
        Order::After(anchor) => (BPF_F_AFTER, Some(anchor)),
    };
    let (kind, fd_or_id) = match anchor {
        None => (0, 0),
        Some(Anchor::Program(program)) => (0, program.handle().raw_in(SystemId::KERNEL)?),
        Some(Anchor::ProgramId(id)) => (BPF_F_ID, id.0),
        Some(Anchor::Link(link)) => match link.handle() {
            Some(handle) => (BPF_F_LINK, handle.raw_in(SystemId::KERNEL)?),
            // Not a link object: nothing that the kernel could find, and it says so.
            None => (BPF_F_LINK | BPF_F_ID, u32::MAX),
        },
        Some(Anchor::LinkId(id)) => (BPF_F_LINK | BPF_F_ID, id.0),
    };
    Ok(Relative {
        flags: side | kind,
        fd_or_id,
        revision: 0,
    })
}
