//! Contexts: what r1 points to when a program starts.
//!
//! A context that the kernel converts on access (`struct xdp_md`, `struct __sk_buff` and the like) is no memory: what a
//! program may read and write of it is a [`View`], and the values come from what stands behind. One that is plain bytes is a
//! block of memory ([`Memory::add_block`](super::memory::Memory::add_block)) and needs nothing here.

mod fields;
mod layout;
mod netfilter;
mod rules;
mod sk_buff;
mod sock;
#[cfg(all(test, target_os = "linux"))]
mod tests;
mod xdp_buff;

use std::sync::Arc;

pub(crate) use fields::{SkBuffField, XdpMd};
pub(crate) use layout::View;
use layout::part;
pub(crate) use netfilter::HookState;
pub(crate) use rules::ContextRules;
pub(crate) use sk_buff::{ETHERNET, IPV4, IPV6, SkBuff, Summed};
pub(crate) use sock::{Sock, SockField};
pub(crate) use xdp_buff::{MOST_PARTS, PAGE, SHARED_INFO, XdpBuff};

use super::address::{CONTEXT, offset_of, region_of};
use super::memory::Memory;

/// The context of a run.
#[derive(Debug, Default)]
pub(crate) enum Context {
    /// None that is converted.
    #[default]
    None,
    /// `struct xdp_md`.
    Xdp(Arc<View>, XdpBuff),
    /// `struct __sk_buff`.
    SkBuff(Arc<View>, Box<SkBuff>),
    /// Any other: its bytes as programs see them.
    Fields(Arc<View>, Box<[u8]>),
}

/// Where the headers of a socket buffer begin, in the packet's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SocketBuffer {
    pub(super) link: usize,
    pub(super) network: usize,
}

impl Context {
    /// Where the headers of the socket buffer begin, if that is what the context is of.
    pub(super) fn socket_buffer(&self, memory: &Memory) -> Option<SocketBuffer> {
        let Context::SkBuff(_, skb) = self else {
            return None;
        };
        let start = memory.packet.start;
        let index = |header: i32| {
            start
                .checked_add_signed(header as isize)
                .unwrap_or(usize::MAX)
        };
        Some(SocketBuffer {
            link: index(skb.mac),
            network: index(skb.network),
        })
    }

    /// A context that is kept as programs see it, of these bytes; those that are missing are zeros.
    pub(crate) fn of_fields(view: Arc<View>, bytes: &[u8]) -> Context {
        let mut fields = vec![0; usize::from(view.layout.size)].into_boxed_slice();
        for (to, from) in fields.iter_mut().zip(bytes) {
            *to = *from;
        }
        Context::Fields(view, fields)
    }

    /// A word of a context that is kept as programs see it; 0 where it has none.
    pub(crate) fn word(&self, at: usize) -> u32 {
        let Context::Fields(_, bytes) = self else {
            return 0;
        };
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_le_bytes(*word))
    }

    /// Puts bytes into a context that is kept as programs see it.
    pub(crate) fn put(&mut self, at: usize, value: &[u8]) {
        if let Context::Fields(_, bytes) = self {
            for (to, from) in bytes.iter_mut().skip(at).zip(value) {
                *to = *from;
            }
        }
    }

    /// Bytes of the registers of a kprobe or uprobe, which are what they look like, from an address on.
    pub(super) fn registers(&self, at: u64, length: usize) -> Option<&[u8]> {
        let Context::Fields(view, bytes) = self else {
            return None;
        };
        if region_of(at) != u64::from(CONTEXT) || !std::ptr::eq(view.layout, &fields::PT_REGS) {
            return None;
        }
        let start = usize::try_from(offset_of(at)).ok()?;
        bytes.get(start..start.checked_add(length)?)
    }

    /// Reads `size` bytes at an offset; `None` if the context does not allow it.
    #[inline]
    pub(super) fn load(&self, offset: u64, size: usize, memory: &Memory) -> Option<u64> {
        let width = size as u8;
        match self {
            Context::None => None,
            Context::Xdp(view, xdp) => {
                let access = view.access(offset, width, false)?;
                let field = XdpMd::ALL.get(usize::from(access.field))?;
                Some(xdp.load(memory, *field))
            }
            Context::SkBuff(view, skb) => {
                let access = view.access(offset, width, false)?;
                let field = SkBuffField::ALL.get(usize::from(access.field))?;
                let value = skb.load(memory, *field, access.skip);
                // Addresses are of 64 bits, though their fields are not.
                let is_address = matches!(
                    field,
                    SkBuffField::Data | SkBuffField::DataEnd | SkBuffField::DataMeta
                );
                Some(if is_address {
                    value
                } else {
                    part(value, width)
                })
            }
            Context::Fields(view, bytes) => {
                view.access(offset, width, false)?;
                let at = usize::try_from(offset).ok()?;
                let bytes = bytes.get(at..at + size)?;
                Some(
                    bytes
                        .iter()
                        .rev()
                        .fold(0, |number, byte| number << 8 | u64::from(*byte)),
                )
            }
        }
    }

    /// Writes `size` bytes at an offset; `None` if the context does not allow it.
    pub(super) fn store(&mut self, offset: u64, size: usize, value: u64) -> Option<()> {
        let width = size as u8;
        match self {
            Context::None | Context::Xdp(..) => None,
            Context::SkBuff(view, skb) => {
                let access = view.access(offset, width, true)?;
                let field = SkBuffField::ALL.get(usize::from(access.field))?;
                skb.store(*field, access.skip, width, value);
                Some(())
            }
            Context::Fields(view, bytes) => {
                view.access(offset, width, true)?;
                let at = usize::try_from(offset).ok()?;
                let bytes = bytes.get_mut(at..at + size)?;
                bytes.copy_from_slice(value.to_le_bytes().get(..size)?);
                Some(())
            }
        }
    }
}
