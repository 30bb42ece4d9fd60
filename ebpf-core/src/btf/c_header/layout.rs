//! Where a compiler would put members, and what to write so that it puts them where BTF says.

use std::collections::HashMap;

use super::super::query::too_deep;
use super::super::{Btf, BtfError, Composite, MAX_DEPTH, Member, Type, TypeId};

/// A line in the braces of a structure or union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// `bits` is 0 but for a bit-field.
    Member { member: Member<'a>, bits: u8 },
    /// So many bits of nothing, within one byte.
    Bits(u64),
    /// So many bytes of nothing.
    Bytes(u64),
}

#[derive(Debug, PartialEq)]
pub(super) struct Layout<'a> {
    pub(super) packed: bool,
    pub(super) pieces: Vec<Piece<'a>>,
    /// Bytes.
    align: u64,
}

/// Layouts of one BTF's types.
pub(super) struct Layouts<'a> {
    btf: &'a Btf,
    /// Of structures and unions that were written.
    alignments: HashMap<TypeId, u64>,
    /// How many structures without a name we are in.
    depth: usize,
}

impl<'a> Layouts<'a> {
    pub(super) fn new(btf: &'a Btf) -> Self {
        Self {
            btf,
            alignments: HashMap::new(),
            depth: 0,
        }
    }

    pub(super) fn of(&mut self, composite: Composite<'a>) -> Result<Layout<'a>, BtfError> {
        let ty = composite.as_type();
        if self.depth > MAX_DEPTH {
            return Err(too_deep(ty));
        }
        self.depth += 1;
        let layout = match self.lay_out(composite, false)? {
            Some(layout) => layout,
            None => match self.lay_out(composite, true)? {
                Some(layout) => layout,
                // No C has members like these: so many bytes are all there is to say.
                None => Layout {
                    packed: true,
                    pieces: vec![Piece::Bytes(composite.size().into())],
                    align: 1,
                },
            },
        };
        self.depth -= 1;
        self.alignments.insert(ty.id(), layout.align);
        Ok(layout)
    }

    /// `None` if a compiler would not do it so.
    fn lay_out(
        &mut self,
        composite: Composite<'a>,
        packed: bool,
    ) -> Result<Option<Layout<'a>>, BtfError> {
        let union = matches!(composite.as_type().get(), Type::Union(_));
        let mut pieces = Vec::new();
        let mut align = 1;
        // Bits: where the next member may begin, and where the longest member of a union ends.
        let (mut at, mut end) = (0u64, 0u64);
        for member in composite.members() {
            if union {
                at = 0;
            }
            let size = u64::from(self.btf.size_of(member.type_id)?) * 8;
            let own = match packed {
                true => 1,
                false => self.align_of(member.type_id)?,
            };
            let (start, bits) = self.place_of(&member)?;
            let unit = own * 8;
            // A bit-field stays within one unit of its type.
            let crosses = |at: u64| !packed && bits != 0 && at % unit + u64::from(bits) > size;
            let natural = match bits {
                0 => round_up(at, unit),
                _ if crosses(at) => round_up(at, unit),
                _ => at,
            };
            let fits = match bits {
                0 => start.is_multiple_of(unit) && start.is_multiple_of(8),
                _ => u64::from(bits) <= size && !crosses(start),
            };
            if start < natural || !fits {
                return Ok(None);
            }
            if start > natural {
                pad(&mut pieces, at, start);
            }
            pieces.push(Piece::Member { member, bits });
            at = start + if bits == 0 { size } else { bits.into() };
            align = align.max(own);
            end = end.max(at);
        }
        let size = u64::from(composite.size()) * 8;
        if !size.is_multiple_of(align * 8) || round_up(end, align * 8) > size {
            return Ok(None);
        }
        if round_up(end, align * 8) < size {
            if union {
                pieces.push(Piece::Bytes(size / 8));
            } else {
                pad(&mut pieces, end, size);
            }
        }
        Ok(Some(Layout {
            packed,
            pieces,
            align,
        }))
    }

    /// Where a member begins, in bits, and how many bits it has if it is a bit-field.
    fn place_of(&self, member: &Member<'a>) -> Result<(u64, u8), BtfError> {
        let start = u64::from(member.bit_offset);
        if member.bit_size != 0 {
            return Ok((start, member.bit_size));
        }
        // As compilers told it before there was a place for the number of bits.
        Ok(match self.btf.resolve(member.type_id)?.get() {
            Type::Int(int) if u32::from(int.bits) != int.size.saturating_mul(8) => {
                (start + u64::from(int.bit_offset), int.bits)
            }
            _ => (start, 0),
        })
    }

    /// Bytes.
    fn align_of(&mut self, id: TypeId) -> Result<u64, BtfError> {
        let mut ty = self.btf.resolve(id)?;
        while let Type::Array(array) = ty.get() {
            ty = self.btf.resolve(array.element)?;
        }
        Ok(match ty.get() {
            Type::Struct(composite) | Type::Union(composite) => {
                match self.alignments.get(&ty.id()) {
                    Some(align) => *align,
                    None => self.of(composite)?.align,
                }
            }
            _ => {
                let size = self.btf.size_of(ty.id())?;
                u64::from(size.clamp(1, 16).next_power_of_two())
            }
        })
    }
}

/// Fills from `from` to `to`.
fn pad(pieces: &mut Vec<Piece<'_>>, mut from: u64, to: u64) {
    if !from.is_multiple_of(8) {
        let count = (8 - from % 8).min(to - from);
        pieces.push(Piece::Bits(count));
        from += count;
    }
    if to - from >= 8 {
        pieces.push(Piece::Bytes((to - from) / 8));
    }
    if !(to - from).is_multiple_of(8) {
        pieces.push(Piece::Bits((to - from) % 8));
    }
}

fn round_up(bits: u64, to: u64) -> u64 {
    bits.next_multiple_of(to.max(1))
}
