//! Memory that is no region of the run's: objects that programs make, arenas, and memory of the kernel that a test supplies.

use std::sync::Arc;

use super::super::number::{self, Change, from_bytes, to_bytes};
use crate::kernel::Kernel;
use crate::map::{Arena, MapObject};
use crate::memory;

/// What a run reaches besides its own.
#[derive(Debug)]
pub(crate) struct Outside {
    pub(crate) kernel: Arc<Kernel>,
    /// Whether the program has pointers to structures of the kernel: what is not supplied reads as zeros, as a kernel reads
    /// what is not there.
    pub(crate) typed: bool,
    /// Whether it may write to them.
    pub(crate) writes_typed: bool,
    /// The arena that it uses.
    pub(crate) arena: Option<Arc<MapObject>>,
}

/// The first address that is none of a process.
const USER_END: u64 = 1 << 47;
/// The first address of a kernel.
const KERNEL: u64 = 0xffff_8000_0000_0000;
/// What lies below is never mapped.
const LOWEST: u64 = 4096;

impl Outside {
    fn arena(&self, at: u64) -> Option<&Arena> {
        let arena = self.arena.as_ref().filter(|_| at < USER_END)?;
        arena.storage.arena()
    }

    pub(super) fn read(&self, at: u64, out: &mut [u8]) -> Option<()> {
        if let Some((object, offset)) = self.kernel.held.heap.find(at, out.len()) {
            memory::read(&object.words, offset, out);
            return Some(());
        }
        if let Some(arena) = self.arena(at) {
            arena.read(at as u32, out);
            return Some(());
        }
        if !self.typed || self.kernel.held.heap.was_there(at) {
            return None;
        }
        if self.kernel.facilities.read(at, out).is_none() {
            if (LOWEST..KERNEL).contains(&at) {
                return None;
            }
            out.fill(0);
        }
        Some(())
    }

    pub(super) fn load<const N: usize>(&self, at: u64) -> Option<u64> {
        let mut bytes = [0; N];
        self.read(at, &mut bytes)?;
        from_bytes::<N>(&bytes, 0)
    }

    pub(super) fn write(&self, at: u64, bytes: &[u8]) -> Option<()> {
        if let Some((object, offset)) = self.kernel.held.heap.find(at, bytes.len()) {
            memory::write(&object.words, offset, bytes);
            return Some(());
        }
        if let Some(arena) = self.arena(at) {
            arena.write(at as u32, bytes);
            return Some(());
        }
        if !self.writes_typed {
            return None;
        }
        self.kernel.facilities.write(at, bytes)
    }

    pub(super) fn store<const N: usize>(&self, at: u64, number: u64) -> Option<()> {
        let mut bytes = [0; N];
        to_bytes::<N>(&mut bytes, 0, number)?;
        self.write(at, &bytes)
    }

    /// Changes a number as one step. On a page of an arena that is not there, nothing happens.
    pub(super) fn atomic(&self, at: u64, size: usize, change: Change) -> Option<u64> {
        if let Some((object, offset)) = self.kernel.held.heap.find(at, size) {
            return number::atomic(&object.words, offset, size, change);
        }
        let arena = self.arena(at)?;
        Some(match arena.page_of(at as u32) {
            Some(page) => {
                number::atomic(&page, at as usize % Arena::PAGE, size, change).unwrap_or(0)
            }
            None => 0,
        })
    }

    /// Whether bytes can be read, or written.
    pub(super) fn check(&self, at: u64, length: usize, reading: bool) -> bool {
        if self.kernel.held.heap.find(at, length).is_some() || self.arena(at).is_some() {
            return true;
        }
        let mut bytes = vec![0; length];
        (reading || self.writes_typed) && self.read(at, &mut bytes).is_some()
    }

    /// Whether an address is of an object that was dropped.
    pub(super) fn is_dropped(&self, at: u64) -> bool {
        let heap = &self.kernel.held.heap;
        heap.was_there(at) && heap.find(at, 1).is_none()
    }
}
