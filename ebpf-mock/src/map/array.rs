//! Arrays of values: elements always exist and start as zeros. `kernel/bpf/arraymap.c`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapFlags, MapSpec, UpdateFlags};

use super::Storage;
use super::value::ValueShape;
use crate::engine::memory::ValueMemory;
use crate::kernel::Kernel;
use crate::memory::Slab;

/// An array, of one value in common or of one for each CPU.
#[derive(Debug)]
pub(super) struct Array {
    values: Arc<Slab>,
    shape: ValueShape,
    length: u32,
    shared: bool,
}

impl Array {
    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> Array {
        let shape = ValueShape::of(spec, kernel);
        let shared = spec.flags.contains(MapFlags::MMAPABLE);
        let slots = u64::from(spec.max_entries);
        let values = if shared {
            Slab::contiguous(shape.slot_bytes(), slots)
        } else {
            Slab::new(shape.slot_bytes(), slots)
        };
        Array {
            values: Arc::new(values),
            shape,
            length: spec.max_entries,
            shared,
        }
    }

    fn words(&self, key: &[u8]) -> Option<&[AtomicU64]> {
        self.slot(key).map(|slot| self.values.slot(slot))
    }

    /// The words of an element that is about to be written.
    fn to_update(&self, key: &[u8], flags: UpdateFlags) -> Result<&[AtomicU64], Errno> {
        let condition = self.shape.condition(flags)?;
        let slot = self.words(key).ok_or(Errno::E2BIG)?;
        if condition == UpdateFlags::NO_EXIST {
            return Err(Errno::EEXIST);
        }
        Ok(slot)
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if self.shape.keeps() {
            for slot in 0..self.length {
                self.shape.free(self.values.touched(slot));
            }
        }
    }
}

/// The index that a key of 4 bytes is.
pub(super) fn index(key: &[u8]) -> Option<u32> {
    key.try_into().ok().map(u32::from_ne_bytes)
}

/// The index after `after` in an array: after one past the end, or none, the first.
pub(super) fn next_index(length: u32, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
    let following = match after.and_then(index) {
        Some(last) if last.checked_add(1) == Some(length) => return Err(Errno::ENOENT),
        Some(at) if at < length => at + 1,
        _ => 0,
    };
    next.copy_from_slice(&following.to_ne_bytes());
    Ok(())
}

impl Storage for Array {
    #[inline]
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        let slot = self.words(key).ok_or(Errno::ENOENT)?;
        self.shape.read_as(slot, flags, value);
        Ok(())
    }

    fn update(
        &self,
        _: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let slot = self.to_update(key, flags)?;
        self.shape.write_as(slot, flags, value);
        self.shape.free_as(slot, flags);
        Ok(())
    }

    fn update_on(
        &self,
        _: &Kernel,
        cpu: u32,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let slot = self.to_update(key, flags)?;
        self.shape.write_on(slot, cpu, value);
        self.shape.free_on(slot, cpu);
        Ok(())
    }

    fn values(&self) -> Option<ValueMemory> {
        Some(self.shape.memory(&self.values, self.length.into()))
    }

    fn slot(&self, key: &[u8]) -> Option<u32> {
        index(key).filter(|index| *index < self.length)
    }

    fn key_of(&self, slot: u32) -> Option<Vec<u8>> {
        (slot < self.length).then(|| slot.to_ne_bytes().to_vec())
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.length, after, next)
    }

    fn shared(&self) -> Option<&[AtomicU64]> {
        self.shared.then(|| self.values.words())
    }

    fn charge(&self) -> u64 {
        u64::from(self.length) * self.shape.slot_bytes() as u64
    }
}
