//! The stack of one frame.

use super::super::number::{from_bytes, to_bytes};

/// Bytes of a frame's stack: `MAX_BPF_STACK`.
pub(crate) const STACK: usize = 512;

/// From the place of one call's stack to that of the next at the same depth, so that a pointer into one that is gone never
/// points into another.
const GENERATION: u64 = 4096;

/// The stack of the frame at some depth. A byte that was not written since the call has no value.
#[derive(Debug)]
pub(super) struct Stack {
    bytes: [u8; STACK],
    /// A bit for each byte: whether it was written.
    written: [u64; STACK / 64],
    /// The offset of its first byte in its region.
    base: u64,
    /// The lowest byte that was written.
    lowest: usize,
    /// The lowest byte that may be: frames further out have the rest.
    floor: usize,
}

/// Bytes of a frame's stack are rounded up to this when the stacks of calls are added up: `round_up_stack_depth()`.
const ROUND: usize = 16;

impl Default for Stack {
    fn default() -> Stack {
        Stack {
            bytes: [0; STACK],
            written: [0; STACK / 64],
            base: GENERATION,
            lowest: STACK,
            floor: 0,
        }
    }
}

impl Stack {
    /// Makes it that of a new call, with nothing in it; pointers to what it was are dead. Frames further out have `used` of
    /// the bytes there are. Gives the offset of its end.
    pub(super) fn renew(&mut self, zeroed: bool, used: usize) -> u64 {
        // After 2^27 calls at one depth the places repeat.
        self.base = (self.base + GENERATION) % (1 << 39);
        self.written = [if zeroed { u64::MAX } else { 0 }; STACK / 64];
        if zeroed {
            self.bytes = [0; STACK];
        }
        self.lowest = STACK;
        self.floor = used.min(STACK);
        self.base + STACK as u64
    }

    /// How many bytes the call takes.
    pub(super) fn used(&self) -> usize {
        (STACK - self.lowest).max(1).next_multiple_of(ROUND)
    }

    /// Whether a place counted from the end is one that is not left to this call.
    pub(super) fn is_over(&self, below_end: i64) -> bool {
        below_end + (STACK as i64) < self.floor as i64
    }

    /// The index of a byte from its offset in the region; past the end for what is outside.
    #[inline(always)]
    pub(super) fn index(&self, offset: u64) -> usize {
        let at = offset.wrapping_sub(self.base);
        if at < STACK as u64 {
            at as usize
        } else {
            STACK
        }
    }

    /// Where an offset in the region lies, counted from the end.
    pub(super) fn below_end(&self, offset: u64) -> i64 {
        offset.wrapping_sub(self.base + STACK as u64) as i64
    }

    /// Whether an offset in the region is of this call, or near enough to be meant so.
    pub(super) fn is_near(&self, offset: u64) -> bool {
        offset.wrapping_sub(self.base.wrapping_sub(GENERATION / 2)) < GENERATION
    }

    #[inline(always)]
    pub(super) fn load<const N: usize>(&self, offset: u64) -> Option<u64> {
        let at = self.index(offset);
        if at >= STACK || at & (N - 1) != 0 {
            return None;
        }
        let mask = ((1u64 << N) - 1) << (at & 63);
        if self.written[at >> 6] & mask != mask {
            return None;
        }
        from_bytes::<N>(&self.bytes, at)
    }

    #[inline(always)]
    pub(super) fn store<const N: usize>(&mut self, offset: u64, number: u64) -> Option<()> {
        let at = self.index(offset);
        if at >= STACK || at & (N - 1) != 0 || at < self.floor {
            return None;
        }
        self.written[at >> 6] |= ((1u64 << N) - 1) << (at & 63);
        if at < self.lowest {
            self.lowest = at;
        }
        to_bytes::<N>(&mut self.bytes, at, number)
    }

    /// Bytes that were written.
    pub(super) fn view(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let at = self.index(offset);
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        (at..at + length)
            .all(|at| self.is_written(at))
            .then_some(bytes)
    }

    /// Whether a byte was written.
    pub(super) fn is_written(&self, at: usize) -> bool {
        self.written
            .get(at / 64)
            .is_some_and(|bits| bits >> (at % 64) & 1 != 0)
    }

    /// Writes bytes.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) -> Option<()> {
        let at = self.index(offset);
        if at < self.floor {
            return None;
        }
        let place = self.bytes.get_mut(at..at.checked_add(bytes.len())?)?;
        place.copy_from_slice(bytes);
        for at in at..at + bytes.len() {
            if let Some(bits) = self.written.get_mut(at / 64) {
                *bits |= 1 << (at % 64);
            }
        }
        self.lowest = self.lowest.min(at);
        Some(())
    }
}
