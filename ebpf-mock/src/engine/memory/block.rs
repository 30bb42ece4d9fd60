//! Bytes that one run has for itself: packets, records before they are submitted, contexts that are plain bytes, objects.

use super::super::number::{from_bytes, to_bytes};

/// From the place of a block that was moved to its next one, so that older pointers are dead.
const GENERATION: u64 = 1 << 24;

/// Bytes at some place of a region, of which a part can be accessed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// All bytes: with the room before and after that a packet can grow into.
    pub(crate) bytes: Vec<u8>,
    /// The first byte that can be accessed.
    pub(crate) start: usize,
    /// The end of those that can be.
    pub(crate) end: usize,
    /// Whether they can be written.
    pub(crate) writable: bool,
    /// Whether accesses have to be at multiples of their size.
    pub(crate) aligned: bool,
    /// The offset of the first of all bytes in the region.
    base: u64,
}

impl Block {
    /// A block of these bytes.
    pub(crate) fn new(bytes: Vec<u8>, writable: bool) -> Block {
        Block {
            start: 0,
            end: bytes.len(),
            bytes,
            writable,
            aligned: false,
            base: 0,
        }
    }

    /// Kills all pointers to it: what it is now has another place.
    pub(crate) fn moved(&mut self) {
        // After 2^15 times the places repeat.
        self.base = (self.base + GENERATION) % (1 << 39);
    }

    /// Takes other bytes in, in the memory it has. All of them can be accessed; pointers to the old ones are dead.
    pub(crate) fn refill(&mut self, headroom: usize, bytes: &[u8], tailroom: usize) {
        self.bytes.clear();
        self.bytes.resize(headroom, 0);
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(headroom + bytes.len() + tailroom, 0);
        self.start = headroom;
        self.end = headroom + bytes.len();
        self.writable = true;
        self.moved();
    }

    /// What can be accessed.
    pub(crate) fn contents(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The offset in the region of one of all its bytes.
    pub(crate) fn offset(&self, index: usize) -> u64 {
        self.base + index as u64
    }

    /// The index of `length` bytes at an offset in the region, if all of them can be accessed.
    #[inline(always)]
    pub(crate) fn index(&self, offset: u64, length: usize) -> Option<usize> {
        let at = offset.wrapping_sub(self.base);
        if at < self.start as u64 || at > self.end as u64 {
            return None;
        }
        let at = at as usize;
        if length <= self.end - at {
            Some(at)
        } else {
            None
        }
    }

    /// Where an offset in the region lies, counted from what can be accessed.
    pub(crate) fn past_start(&self, offset: u64) -> i64 {
        offset.wrapping_sub(self.base + self.start as u64) as i64
    }

    /// Whether an offset in the region is of what it is now, or near enough to be meant so.
    pub(crate) fn is_near(&self, offset: u64) -> bool {
        offset.wrapping_sub(self.base.wrapping_sub(GENERATION / 2)) < GENERATION
    }

    #[inline(always)]
    #[expect(clippy::question_mark, reason = "without optimisation it is a call")]
    pub(super) fn load<const N: usize>(&self, offset: u64) -> Option<u64> {
        let Some(at) = self.index(offset, N) else {
            return None;
        };
        if self.aligned && at & (N - 1) != 0 {
            return None;
        }
        from_bytes::<N>(&self.bytes, at)
    }

    #[inline(always)]
    #[expect(clippy::question_mark, reason = "without optimisation it is a call")]
    pub(super) fn store<const N: usize>(&mut self, offset: u64, number: u64) -> Option<()> {
        let Some(at) = self.index(offset, N) else {
            return None;
        };
        if !self.writable || self.aligned && at & (N - 1) != 0 {
            return None;
        }
        to_bytes::<N>(&mut self.bytes, at, number)
    }

    pub(super) fn view(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let at = self.index(offset, length)?;
        self.bytes.get(at..at + length)
    }

    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) -> Option<()> {
        let at = self.index(offset, bytes.len())?;
        if !self.writable {
            return None;
        }
        self.bytes
            .get_mut(at..at + bytes.len())?
            .copy_from_slice(bytes);
        Some(())
    }
}
