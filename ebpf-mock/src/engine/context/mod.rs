//! Contexts: what r1 points to when a program starts.
//!
//! A context that the kernel converts on access (`struct xdp_md`, `struct __sk_buff` and the like) is no memory: each has a
//! table of its fields, and gives their values when they are asked for. One that is plain bytes is a block of memory
//! ([`Memory::add_block`](super::memory::Memory::add_block)) and needs nothing here.

mod xdp;

pub(crate) use xdp::Xdp;

use super::memory::Memory;

/// The context of a run.
#[derive(Debug)]
pub(crate) enum Context {
    /// None that is converted.
    None,
    /// `struct xdp_md`.
    Xdp(Xdp),
}

/// A field of a context, as programs see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its offset.
    pub(crate) offset: u16,
    /// Bytes it has.
    pub(crate) size: u8,
    /// How it is read.
    pub(crate) read: Reading,
    /// Whether it can be written, whole.
    pub(crate) write: bool,
}

/// How a field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Not at all.
    No,
    /// Whole, with what it has as an unsigned number.
    Whole,
    /// Whole or in aligned parts.
    Parts,
    /// Whole, and it is an address of 64 bits whatever its size.
    Pointer,
}

/// Where the headers of a socket buffer begin, in the packet's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketBuffer {
    pub(crate) link: usize,
    pub(crate) network: usize,
}

/// A context with fields.
pub(crate) trait Fields {
    /// The fields, by ascending offset.
    fn fields(&self) -> &'static [Field];

    /// The value of the field at an offset.
    fn load(&self, offset: u16, memory: &Memory) -> u64;

    /// Writes the field at an offset, which can be written.
    fn store(&mut self, _offset: u16, _value: u64, _memory: &mut Memory) {}

    /// The headers, of a socket buffer: for packet loads (`LD_ABS`, `LD_IND`).
    fn socket_buffer(&self) -> Option<SocketBuffer> {
        None
    }
}

impl Context {
    fn fields(&self) -> Option<&dyn Fields> {
        match self {
            Context::None => None,
            Context::Xdp(xdp) => Some(xdp),
        }
    }

    fn fields_mut(&mut self) -> Option<&mut dyn Fields> {
        match self {
            Context::None => None,
            Context::Xdp(xdp) => Some(xdp),
        }
    }

    pub(super) fn socket_buffer(&self) -> Option<SocketBuffer> {
        self.fields()?.socket_buffer()
    }

    /// Reads `size` bytes at an offset; `None` if the context does not allow it.
    pub(super) fn load(&self, offset: u64, size: usize, memory: &Memory) -> Option<u64> {
        let context = self.fields()?;
        let field = field_at(context.fields(), offset)?;
        let skip = offset - u64::from(field.offset);
        let whole = skip == 0 && size == usize::from(field.size);
        match field.read {
            Reading::Whole | Reading::Pointer if whole => Some(context.load(field.offset, memory)),
            Reading::Parts if skip as usize + size <= field.size.into() => {
                if !skip.is_multiple_of(size as u64) {
                    return None;
                }
                let value = context.load(field.offset, memory);
                let place = if cfg!(target_endian = "little") {
                    skip
                } else {
                    u64::from(field.size) - size as u64 - skip
                };
                Some(value >> (8 * place) & super::number::mask(size))
            }
            _ => None,
        }
    }

    /// Writes `size` bytes at an offset; `None` if the context does not allow it.
    pub(super) fn store(
        &mut self,
        offset: u64,
        size: usize,
        value: u64,
        memory: &mut Memory,
    ) -> Option<()> {
        let context = self.fields_mut()?;
        let field = field_at(context.fields(), offset)?;
        let whole = offset == u64::from(field.offset) && size == usize::from(field.size);
        if !whole || !field.write {
            return None;
        }
        context.store(field.offset, value & super::number::mask(size), memory);
        Some(())
    }
}

/// The field that a byte is of.
fn field_at(fields: &'static [Field], offset: u64) -> Option<&'static Field> {
    let after = fields.partition_point(|field| u64::from(field.offset) <= offset);
    let field = fields.get(after.checked_sub(1)?)?;
    (offset < u64::from(field.offset) + u64::from(field.size)).then_some(field)
}
