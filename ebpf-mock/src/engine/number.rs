//! Numbers of 1, 2, 4 and 8 bytes in memory, in the machine's order.

use std::sync::atomic::{AtomicU64, Ordering};

use ebpf_core::insn::AtomicOp;

use crate::memory;

/// How far a part of `size` bytes at `skip` of a word is shifted.
#[inline(always)]
const fn shift(skip: usize, size: usize) -> u32 {
    if cfg!(target_endian = "little") {
        8 * skip as u32
    } else {
        8 * (8 - size - skip) as u32
    }
}

/// The bits of a number of so many bytes.
#[inline(always)]
pub(super) const fn mask(size: usize) -> u64 {
    if size >= 8 {
        u64::MAX
    } else {
        (1 << (8 * size)) - 1
    }
}

/// The number of `N` bytes at a place; `None` where they are not all there.
///
/// Spelled out, so that programs run fast in tests too, which are built without optimisation.
#[inline(always)]
#[expect(clippy::question_mark, reason = "without optimisation it is a call")]
pub(super) fn from_bytes<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    if N == 1 {
        return if at < bytes.len() {
            Some(bytes[at] as u64)
        } else {
            None
        };
    }
    let Some(bytes) = bytes.get(at..) else {
        return None;
    };
    match (N, bytes) {
        (2, [a, b, ..]) => Some(u16::from_ne_bytes([*a, *b]) as u64),
        (4, [a, b, c, d, ..]) => Some(u32::from_ne_bytes([*a, *b, *c, *d]) as u64),
        (8, [a, b, c, d, e, f, g, h, ..]) => {
            Some(u64::from_ne_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
        }
        _ => None,
    }
}

/// Puts the lowest `N` bytes of a number at a place.
#[inline(always)]
#[expect(clippy::question_mark, reason = "without optimisation it is a call")]
pub(super) fn to_bytes<const N: usize>(bytes: &mut [u8], at: usize, number: u64) -> Option<()> {
    if N == 1 {
        return if at < bytes.len() {
            bytes[at] = number as u8;
            Some(())
        } else {
            None
        };
    }
    let Some(bytes) = bytes.get_mut(at..) else {
        return None;
    };
    match (N, bytes) {
        (2, [a, b, ..]) => [*a, *b] = (number as u16).to_ne_bytes(),
        (4, [a, b, c, d, ..]) => [*a, *b, *c, *d] = (number as u32).to_ne_bytes(),
        (8, [a, b, c, d, e, f, g, h, ..]) => {
            [*a, *b, *c, *d, *e, *f, *g, *h] = number.to_ne_bytes();
        }
        _ => return None,
    }
    Some(())
}

/// Loads a number from shared words.
#[inline]
pub(super) fn load<const N: usize>(words: &[AtomicU64], at: usize, order: Ordering) -> Option<u64> {
    let skip = at % 8;
    if skip + N <= 8 {
        let word = words.get(at / 8)?.load(order);
        return Some(word >> shift(skip, N) & mask(N));
    }
    words.get(at / 8 + 1)?;
    let mut bytes = [0; N];
    memory::read(words, at, &mut bytes);
    from_bytes::<N>(&bytes, 0)
}

/// Stores a number to shared words. The other bytes of a word stay whatever others make of them meanwhile.
#[inline]
pub(super) fn store<const N: usize>(
    words: &[AtomicU64],
    at: usize,
    number: u64,
    order: Ordering,
) -> Option<()> {
    let skip = at % 8;
    if N == 8 && skip == 0 {
        words.get(at / 8)?.store(number, order);
        return Some(());
    }
    if skip + N <= 8 {
        replace(words.get(at / 8)?, skip, N, |_| Some(number), order);
        return Some(());
    }
    words.get(at / 8 + 1)?;
    let mut bytes = [0; N];
    to_bytes::<N>(&mut bytes, 0, number)?;
    memory::write(words, at, &bytes);
    Some(())
}

/// Works on a number of `size` bytes in shared words as one step, and gives what it was.
pub(super) fn atomic(words: &[AtomicU64], at: usize, size: usize, change: Change) -> Option<u64> {
    let word = words.get(at / 8)?;
    let new = |old: u64| change.of(old, size);
    Some(replace(word, at % 8, size, new, Ordering::SeqCst))
}

/// Puts what `new` makes of a part of a word in its place, and gives what it was.
fn replace(
    word: &AtomicU64,
    skip: usize,
    size: usize,
    new: impl Fn(u64) -> Option<u64>,
    order: Ordering,
) -> u64 {
    let (shift, mask) = (shift(skip, size), mask(size));
    let merge = |whole: u64| {
        let part = new(whole >> shift & mask)?;
        Some(whole & !(mask << shift) | (part & mask) << shift)
    };
    let order = if order == Ordering::Relaxed {
        order
    } else {
        Ordering::SeqCst
    };
    match word.fetch_update(order, Ordering::Relaxed, merge) {
        Ok(old) | Err(old) => old >> shift & mask,
    }
}

/// What an atomic instruction makes of what is in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) op: AtomicOp,
    /// The source register.
    pub(crate) operand: u64,
    /// r0, with which an exchange compares.
    pub(crate) expected: u64,
}

impl Change {
    /// The new number; `None` if it stays.
    #[inline]
    pub(super) fn of(&self, old: u64, size: usize) -> Option<u64> {
        let operand = self.operand & mask(size);
        Some(match self.op {
            AtomicOp::ADD | AtomicOp::FETCH_ADD => old.wrapping_add(operand),
            AtomicOp::OR | AtomicOp::FETCH_OR => old | operand,
            AtomicOp::AND | AtomicOp::FETCH_AND => old & operand,
            AtomicOp::XOR | AtomicOp::FETCH_XOR => old ^ operand,
            AtomicOp::XCHG => operand,
            AtomicOp::CMPXCHG if old == self.expected & mask(size) => operand,
            _ => return None,
        })
    }
}
