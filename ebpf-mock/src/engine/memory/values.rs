//! The values of a map as programs see them.
//!
//! All values of a map are one region, in which each has a place of its own with room before the next: a pointer that leaves
//! its value does not get into another one. The same element always has the same address, and nothing has to be kept for
//! an element that was looked up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::number::{self, Change};
use crate::map::MapObject;
use crate::memory::{self, Slab};

/// Bits of an offset in a region.
const REGION: u32 = 40;

/// The memory of a map's values, as programs get pointers to them.
#[derive(Clone, Debug)]
pub(crate) struct ValueMemory {
    /// The values: a slot each, or with a value for each CPU in it.
    pub(crate) slab: Arc<Slab>,
    /// Bytes of a value.
    pub(crate) size: usize,
    /// How many values a slot has: one, or one for each CPU.
    pub(crate) copies: u32,
    /// How many slots there are.
    pub(crate) slots: u64,
}

/// The values of a map, in a region.
#[derive(Debug)]
pub(crate) struct Values {
    memory: ValueMemory,
    pub(super) map: Arc<MapObject>,
    /// The bytes from the place of one value to that of the next, as a power of two.
    shift: u32,
    readable: bool,
    writable: bool,
}

/// One value.
struct Found<'v> {
    words: &'v [AtomicU64],
    /// The first byte that is meant.
    at: usize,
}

impl Values {
    /// The values of a map; `None` if there are more of them than a region can have places for.
    pub(super) fn new(map: &Arc<MapObject>, memory: ValueMemory) -> Option<Values> {
        use ebpf_core::map::MapFlags;
        let size = memory.size.max(8).checked_next_power_of_two()?;
        let places = memory.slots.checked_mul(u64::from(memory.copies))?;
        let room = |shift: u32| places <= 1 << REGION.saturating_sub(shift);
        let shift = size.trailing_zeros();
        // Where there is no room for gaps, do without them.
        let shift = [shift + 1, shift].into_iter().find(|shift| room(*shift))?;
        let flags = map.info.flags;
        Some(Values {
            memory,
            map: map.clone(),
            shift,
            readable: !flags.contains(MapFlags::WRONLY_PROG),
            writable: !flags.contains(MapFlags::RDONLY_PROG),
        })
    }

    /// The offset of a slot's value for a CPU; maps with one value for all have it for each.
    #[inline]
    pub(super) fn offset(&self, slot: u32, cpu: u32) -> u64 {
        let copies = u64::from(self.memory.copies);
        let copy = if copies == 1 { 0 } else { u64::from(cpu) };
        (u64::from(slot) * copies + copy) << self.shift
    }

    /// Which value an offset is of, and where in it.
    pub(super) fn place(&self, offset: u64) -> (u64, u64) {
        (offset >> self.shift, offset & ((1 << self.shift) - 1))
    }

    /// Bytes of a value.
    pub(super) fn size(&self) -> usize {
        self.memory.size
    }

    pub(super) fn is_readable(&self) -> bool {
        self.readable
    }

    pub(super) fn is_writable(&self) -> bool {
        self.writable
    }

    #[inline]
    fn find(&self, offset: u64, length: usize) -> Option<Found<'_>> {
        let (place, at) = self.place(offset);
        let at = at as usize;
        if at + length > self.memory.size {
            return None;
        }
        let copies = u64::from(self.memory.copies);
        if copies == 1 {
            let words = self.memory.slab.slot(u32::try_from(place).ok()?);
            return Some(Found { words, at });
        }
        let words = self.memory.slab.slot(u32::try_from(place / copies).ok()?);
        let stride = self.memory.size.next_multiple_of(8);
        let at = at + (place % copies) as usize * stride;
        Some(Found { words, at })
    }

    #[inline]
    pub(super) fn load<const N: usize>(&self, offset: u64, order: Ordering) -> Option<u64> {
        if !self.readable {
            return None;
        }
        let found = self.find(offset, N)?;
        number::load::<N>(found.words, found.at, order)
    }

    #[inline]
    pub(super) fn store<const N: usize>(
        &self,
        offset: u64,
        value: u64,
        order: Ordering,
    ) -> Option<()> {
        if !self.writable {
            return None;
        }
        let found = self.find(offset, N)?;
        number::store::<N>(found.words, found.at, value, order)
    }

    pub(super) fn atomic(&self, offset: u64, size: usize, change: Change) -> Option<u64> {
        if !self.writable || !self.readable {
            return None;
        }
        let found = self.find(offset, size)?;
        number::atomic(found.words, found.at, size, change)
    }

    pub(super) fn read(&self, offset: u64, out: &mut [u8]) -> Option<()> {
        if !self.readable {
            return None;
        }
        let found = self.find(offset, out.len())?;
        memory::read(found.words, found.at, out);
        Some(())
    }

    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> Option<()> {
        if !self.writable {
            return None;
        }
        let found = self.find(offset, bytes.len())?;
        memory::write(found.words, found.at, bytes);
        Some(())
    }
}
