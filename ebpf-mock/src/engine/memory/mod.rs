//! What a running program can reach: regions of memory by their numbers, and every kind of access to them.
//!
//! The accesses of instructions take the fast way ([`Memory::load`], [`Memory::store`], [`Memory::atomic`]): `None` means that
//! something was wrong, and [`Memory::explain`] says what. Helpers use [`Memory::read`], [`Memory::view`], [`Memory::write`]
//! and their like, which say it themselves.

mod block;
mod explain;
mod outside;
mod stack;
#[cfg(test)]
mod tests;
mod values;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) use block::Block;
pub(crate) use outside::Outside;
pub(crate) use stack::STACK as STACK_BYTES;
use stack::Stack;
pub(crate) use values::ValueMemory;
use values::Values;

use super::address::{
    self, CLOBBERED, DYNAMIC, FRAMES, LAST, PACKET, STACK, address, offset_of, region_of,
};
use super::number::{self, Change};
use super::problem::{Access, Problem};
use crate::map::MapObject;
use crate::memory::Slab;

/// All that a running program can reach, but for a context whose fields are not bytes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Those of all frames, by depth; none before the first call.
    stacks: Box<[Stack]>,
    /// The packet, of programs that have one; its room before and after is part of the block.
    pub(crate) packet: Block,
    regions: Vec<Region>,
    /// The regions of maps and their values, by what they are of.
    known: Vec<(usize, u32)>,
    /// What it reaches besides.
    pub(crate) outside: Option<Outside>,
    /// Whether stack that was not written reads as zeros instead of being a mistake.
    pub(crate) zeroed_stack: bool,
}

/// A region that comes and goes.
#[derive(Debug)]
pub(crate) enum Region {
    /// A map itself: what helpers that take a map are given. No access goes to it.
    Map(MapRegion),
    /// The values of a map.
    Values(Box<Values>),
    /// Bytes of the run's own, by what they are called in messages.
    Block(&'static str, Block),
    /// What was, and what became of it.
    Gone(&'static str, &'static str),
}

/// A map as programs refer to it.
#[derive(Clone, Debug)]
pub(crate) struct MapRegion {
    pub(crate) map: Arc<MapObject>,
    /// The region of its values, of maps whose values programs get pointers to.
    pub(crate) values: Option<u32>,
}

/// Bytes that were read: where they are, or a copy.
#[derive(Debug)]
pub(crate) enum View<'m> {
    There(&'m [u8]),
    Few([u8; View::FEW], usize),
    Many(Vec<u8>),
}

impl View<'_> {
    /// Up to how many bytes are copied without asking for memory.
    const FEW: usize = 64;
}

impl Deref for View<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            View::There(bytes) => bytes,
            View::Few(bytes, length) => bytes.get(..*length).unwrap_or_default(),
            View::Many(bytes) => bytes,
        }
    }
}

/// How many bytes an access may have at most: more are refused before memory is asked for.
const MOST: usize = 1 << 30;

impl Memory {
    /// The map whose own address this is.
    pub(crate) fn map(&self, address: u64) -> Option<&MapRegion> {
        match self.region(address)? {
            Region::Map(map) if offset_of(address) == 0 => Some(map),
            _ => None,
        }
    }

    /// The address of a map itself.
    pub(crate) fn map_address(&mut self, map: &Arc<MapObject>) -> u64 {
        let identity = Arc::as_ptr(map).addr();
        if let Some(region) = self.known_region(identity) {
            return address(region, 0);
        }
        let values = map
            .storage
            .values()
            .and_then(|memory| self.values_region(map, memory));
        let map = map.clone();
        match self.add(Region::Map(MapRegion { map, values })) {
            Some(region) => {
                self.known.push((identity, region));
                address(region, 0)
            }
            None => 0,
        }
    }

    /// The address of the value in a slot of a map's own memory, for a CPU.
    pub(crate) fn value_address(&self, map: &MapRegion, slot: u32, cpu: u32) -> Option<u64> {
        let region = map.values?;
        match self.regions.get((region - DYNAMIC) as usize)? {
            Region::Values(values) => Some(address(region, values.offset(slot, cpu))),
            _ => None,
        }
    }

    /// The element of a map that an address points into: the map, the element's place, and the byte in it.
    pub(crate) fn element(&self, at: u64) -> Option<(&Arc<MapObject>, u64, u64)> {
        let Some(Region::Values(values)) = self.region(at) else {
            return None;
        };
        let (element, byte) = values.place(offset_of(at));
        Some((&values.map, element, byte))
    }

    /// The region of values of a map that have memory of their own, such as those of one owner in local storage.
    fn values_region(&mut self, map: &Arc<MapObject>, memory: ValueMemory) -> Option<u32> {
        let identity = Arc::<Slab>::as_ptr(&memory.slab).addr();
        if let Some(region) = self.known_region(identity) {
            return Some(region);
        }
        let region = self.add(Region::Values(Box::new(Values::new(map, memory)?)))?;
        self.known.push((identity, region));
        Some(region)
    }

    /// The address of a value that has memory of its own, such as that of one owner in local storage.
    pub(crate) fn own_value(&mut self, map: &Arc<MapObject>, memory: ValueMemory) -> Option<u64> {
        self.values_region(map, memory)
            .map(|region| address(region, 0))
    }

    /// The upper half of pointers of user space into the arena, where there is one.
    pub(super) fn arena_upper(&self) -> u64 {
        let arena = self
            .outside
            .as_ref()
            .and_then(|outside| outside.arena.as_ref());
        let arena = arena.and_then(|arena| arena.storage.arena());
        arena.map_or(0, |arena| arena.upper())
    }

    /// Adds a region; `None` when there are as many as there can be.
    pub(crate) fn add(&mut self, region: Region) -> Option<u32> {
        let number = DYNAMIC.checked_add(u32::try_from(self.regions.len()).ok()?)?;
        if number > LAST {
            return None;
        }
        self.regions.push(region);
        Some(number)
    }

    /// Adds a block, and gives the address of its first byte.
    pub(crate) fn add_block(&mut self, name: &'static str, block: Block) -> Option<u64> {
        let offset = block.offset(block.start);
        Some(address(self.add(Region::Block(name, block))?, offset))
    }

    /// The block that an address points into, with its number.
    pub(crate) fn block(&mut self, at: u64) -> Option<&mut Block> {
        if region_of(at) == u64::from(PACKET) {
            return Some(&mut self.packet);
        }
        match self.region_mut(at)? {
            Region::Block(_, block) => Some(block),
            _ => None,
        }
    }

    /// Ends the block that an address points into: `why` says what became of it. Gives its bytes.
    pub(crate) fn end_block(&mut self, at: u64, why: &'static str) -> Option<Block> {
        let region = self.region_mut(at)?;
        let Region::Block(name, block) = region else {
            return None;
        };
        let block = std::mem::take(block);
        *region = Region::Gone(name, why);
        Some(block)
    }

    /// The region of an address, among those that come and go.
    pub(crate) fn region(&self, at: u64) -> Option<&Region> {
        let index = region_of(at).checked_sub(u64::from(DYNAMIC))?;
        self.regions.get(usize::try_from(index).ok()?)
    }

    fn region_mut(&mut self, at: u64) -> Option<&mut Region> {
        let index = region_of(at).checked_sub(u64::from(DYNAMIC))?;
        self.regions.get_mut(usize::try_from(index).ok()?)
    }

    fn known_region(&self, identity: usize) -> Option<u32> {
        let known = self.known.iter().find(|known| known.0 == identity);
        known.map(|known| known.1)
    }

    /// The map whose values an address points into, and how far from the place of the first, where they may be written.
    pub(super) fn shared(&self, at: u64) -> Option<(&MapObject, u64)> {
        match self.region(at)? {
            Region::Values(values) if values.is_writable() => Some((&values.map, offset_of(at))),
            Region::Values(_) | Region::Map(_) | Region::Block(..) | Region::Gone(..) => None,
        }
    }

    /// How many regions there are, to go back to later.
    pub(super) fn mark(&self) -> usize {
        self.regions.len()
    }

    /// Forgets all regions that were added since.
    pub(super) fn forget_since(&mut self, mark: usize) {
        self.regions.truncate(mark);
        self.known
            .retain(|known| ((known.1 - DYNAMIC) as usize) < mark);
    }

    /// A new stack for the frame at a depth, and the address of its end. `shared`: all frames together have as much as one
    /// may have.
    pub(super) fn push_stack(&mut self, depth: usize, shared: bool) -> Option<u64> {
        let zeroed = self.zeroed_stack;
        let used = if shared { self.stack_used(depth) } else { 0 };
        if self.stacks.is_empty() {
            self.stacks = (0..FRAMES).map(|_| Stack::default()).collect();
        }
        let end = self.stacks.get_mut(depth)?.renew(zeroed, used);
        Some(address(STACK + depth as u32, end))
    }

    /// Kills all pointers into the stack of the frame at a depth.
    pub(super) fn pop_stack(&mut self, depth: usize) {
        if let Some(stack) = self.stacks.get_mut(depth) {
            stack.renew(false, 0);
        }
    }

    /// How many bytes the frames above one at a depth take, each rounded up as the kernel does.
    fn stack_used(&self, depth: usize) -> usize {
        let above = self.stacks.iter().take(depth);
        above.map(Stack::used).sum()
    }

    /// The address of one of all the packet's bytes, those of its room included.
    pub(crate) fn packet_address(&self, index: usize) -> u64 {
        address(PACKET, self.packet.offset(index))
    }

    /// Loads a number of `N` bytes.
    #[inline(always)]
    pub(super) fn load<const N: usize>(&self, at: u64) -> Option<u64> {
        let (region, offset) = (region_of(at), offset_of(at));
        let frame = region.wrapping_sub(u64::from(STACK));
        if frame < self.stacks.len() as u64 {
            return self.stacks[frame as usize].load::<N>(offset);
        }
        if region == u64::from(PACKET) {
            return self.packet.load::<N>(offset);
        }
        self.load_region::<N>(at, Ordering::Relaxed)
    }

    /// As [`Memory::load`], before all that follows.
    pub(super) fn load_acquire<const N: usize>(&self, at: u64) -> Option<u64> {
        match self.region(at) {
            Some(_) => self.load_region::<N>(at, Ordering::Acquire),
            None => self.load::<N>(at),
        }
    }

    fn load_region<const N: usize>(&self, at: u64, order: Ordering) -> Option<u64> {
        match self.region(at) {
            Some(Region::Values(values)) => values.load::<N>(offset_of(at), order),
            Some(Region::Block(_, block)) => block.load::<N>(offset_of(at)),
            Some(Region::Map(_) | Region::Gone(..)) => None,
            None => self.outside_of(at)?.load::<N>(at),
        }
    }

    /// What is reached at an address that no region has.
    #[cold]
    fn outside_of(&self, at: u64) -> Option<&Outside> {
        let is_ours = region_of(at) <= u64::from(LAST);
        self.outside.as_ref().filter(|_| !is_ours)
    }

    /// Stores a number of `N` bytes.
    #[inline(always)]
    pub(super) fn store<const N: usize>(&mut self, at: u64, number: u64) -> Option<()> {
        let (region, offset) = (region_of(at), offset_of(at));
        let frame = region.wrapping_sub(u64::from(STACK));
        if frame < self.stacks.len() as u64 {
            return self.stacks[frame as usize].store::<N>(offset, number);
        }
        if region == u64::from(PACKET) {
            return self.packet.store::<N>(offset, number);
        }
        self.store_region::<N>(at, number, Ordering::Relaxed)
    }

    /// As [`Memory::store`], after all that came before.
    pub(super) fn store_release<const N: usize>(&mut self, at: u64, number: u64) -> Option<()> {
        match self.region(at) {
            Some(_) => self.store_region::<N>(at, number, Ordering::Release),
            None => self.store::<N>(at, number),
        }
    }

    fn store_region<const N: usize>(
        &mut self,
        at: u64,
        number: u64,
        order: Ordering,
    ) -> Option<()> {
        match self.region_mut(at) {
            Some(Region::Values(values)) => values.store::<N>(offset_of(at), number, order),
            Some(Region::Block(_, block)) => block.store::<N>(offset_of(at), number),
            Some(Region::Map(_) | Region::Gone(..)) => None,
            None => self.outside_of(at)?.store::<N>(at, number),
        }
    }

    /// Changes a number of 4 or 8 bytes as one step, and gives what it was. Packets and contexts do not allow it.
    pub(super) fn atomic(&mut self, at: u64, size: usize, change: Change) -> Option<u64> {
        if !at.is_multiple_of(size as u64) {
            return None;
        }
        if let Some(Region::Values(values)) = self.region(at) {
            return values.atomic(offset_of(at), size, change);
        }
        if region_of(at) == u64::from(PACKET) {
            return None;
        }
        if let Some(outside) = self.outside_of(at) {
            return outside.atomic(at, size, change);
        }
        // Nobody else reaches this memory.
        let old = match size {
            4 => self.load::<4>(at)?,
            _ => self.load::<8>(at)?,
        };
        if let Some(new) = change.of(old, size) {
            match size {
                4 => self.store::<4>(at, new & number::mask(4))?,
                _ => self.store::<8>(at, new)?,
            }
        }
        Some(old)
    }

    /// Copies bytes out.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn read(&self, at: u64, out: &mut [u8]) -> Result<(), Problem> {
        if let Some(Region::Values(values)) = self.region(at) {
            let read = values.read(offset_of(at), out);
            return read.ok_or_else(|| self.explain(at, out.len() as u64, Access::Read));
        }
        if let Some(outside) = self.outside_of(at).filter(|_| !out.is_empty()) {
            let read = outside.read(at, out);
            return read.ok_or_else(|| self.explain(at, out.len() as u64, Access::Read));
        }
        let view = self.in_place(at, out.len());
        let view = view.ok_or_else(|| self.explain(at, out.len() as u64, Access::Read))?;
        out.copy_from_slice(view);
        Ok(())
    }

    /// Bytes, where they are or as a copy.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn view(&self, at: u64, length: usize) -> Result<View<'_>, Problem> {
        if let Some(Region::Values(values)) = self.region(at) {
            if length > values.size() {
                return Err(self.explain(at, length as u64, Access::Read));
            }
            if length <= View::FEW {
                let mut few = [0; View::FEW];
                self.read(at, few.get_mut(..length).unwrap_or_default())?;
                return Ok(View::Few(few, length));
            }
            let mut many = vec![0; length];
            self.read(at, &mut many)?;
            return Ok(View::Many(many));
        }
        if self.outside_of(at).is_some() && length > 0 {
            self.check(at, length, Access::Read)?;
            let mut many = vec![0; length];
            self.read(at, &mut many)?;
            return Ok(View::Many(many));
        }
        let view = self.in_place(at, length);
        view.map(View::There)
            .ok_or_else(|| self.explain(at, length as u64, Access::Read))
    }

    /// Bytes as a copy of their own.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn to_vec(&self, at: u64, length: usize) -> Result<Vec<u8>, Problem> {
        self.view(at, length).map(|view| view.to_vec())
    }

    /// Bytes of memory that nobody else reaches.
    fn in_place(&self, at: u64, length: usize) -> Option<&[u8]> {
        if length == 0 {
            return Some(&[]);
        }
        let (region, offset) = (region_of(at), offset_of(at));
        let frame = region.wrapping_sub(u64::from(STACK));
        if frame < FRAMES as u64 {
            return self.stacks.get(frame as usize)?.view(offset, length);
        }
        if region == u64::from(PACKET) {
            return self.packet.view(offset, length);
        }
        match self.region(at)? {
            Region::Block(_, block) => block.view(offset, length),
            _ => None,
        }
    }

    /// Writes bytes; stack that is written has a value from then on.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), Problem> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (region, offset) = (region_of(at), offset_of(at));
        let frame = region.wrapping_sub(u64::from(STACK));
        let written = if frame < FRAMES as u64 {
            let stack = self.stacks.get_mut(frame as usize);
            stack.and_then(|stack| stack.write(offset, bytes))
        } else if region == u64::from(PACKET) {
            self.packet.write(offset, bytes)
        } else {
            match self.region_mut(at) {
                Some(Region::Values(values)) => values.write(offset, bytes),
                Some(Region::Block(_, block)) => block.write(offset, bytes),
                Some(_) => None,
                None => self
                    .outside_of(at)
                    .and_then(|outside| outside.write(at, bytes)),
            }
        };
        written.ok_or_else(|| self.explain(at, bytes.len() as u64, Access::Write))
    }

    /// Reads a number of 1, 2, 4 or 8 bytes.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn read_number<const N: usize>(&self, at: u64) -> Result<u64, Problem> {
        self.load::<N>(at)
            .ok_or_else(|| self.explain(at, N as u64, Access::Read))
    }

    /// Writes a number of 1, 2, 4 or 8 bytes.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn write_number<const N: usize>(
        &mut self,
        at: u64,
        number: u64,
    ) -> Result<(), Problem> {
        self.store::<N>(at, number)
            .ok_or_else(|| self.explain(at, N as u64, Access::Write))
    }

    /// Whether `length` bytes can be read, or written, from an address on.
    ///
    /// # Errors
    /// What is wrong with the access.
    pub(crate) fn check(&self, at: u64, length: usize, access: Access) -> Result<(), Problem> {
        let wrong = || Err(self.explain(at, length as u64, access));
        if length > MOST {
            return wrong();
        }
        if length == 0 {
            return Ok(());
        }
        let (region, offset) = (region_of(at), offset_of(at));
        let frame = region.wrapping_sub(u64::from(STACK));
        let reading = access == Access::Read;
        let fits = if frame < FRAMES as u64 {
            self.stacks.get(frame as usize).is_some_and(|stack| {
                let start = stack.index(offset);
                let end = start.saturating_add(length);
                end <= STACK_BYTES && (!reading || stack.view(offset, length).is_some())
            })
        } else if region == u64::from(PACKET) {
            self.packet.index(offset, length).is_some() && (reading || self.packet.writable)
        } else {
            match self.region(at) {
                Some(Region::Block(_, block)) => {
                    block.index(offset, length).is_some() && (reading || block.writable)
                }
                Some(Region::Values(values)) => {
                    let (_, at) = values.place(offset);
                    let allowed = if reading {
                        values.is_readable()
                    } else {
                        values.is_writable()
                    };
                    allowed && at as usize + length <= values.size()
                }
                Some(_) => false,
                None => self
                    .outside_of(at)
                    .is_some_and(|outside| outside.check(at, length, reading)),
            }
        };
        if fits { Ok(()) } else { wrong() }
    }
}

/// The address that calls leave in r1 to r5.
pub(crate) const CLOBBERED_ADDRESS: u64 = address::address(CLOBBERED, 0);
