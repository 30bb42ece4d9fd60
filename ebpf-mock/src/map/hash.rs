//! Hash tables: plain ones, those that evict, and both with a value for each CPU. `kernel/bpf/hashtab.c`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};

use super::table::{Table, WhenFull};
use super::value::ValueShape;
use super::{Buckets, Storage};
use crate::engine::memory::ValueMemory;
use crate::kernel::Kernel;
use crate::memory::Slab;

/// A hash table of values.
#[derive(Debug)]
pub(super) struct Hash {
    table: Table,
    values: Arc<Slab>,
    shape: ValueShape,
    key_size: usize,
    /// Whether an update writes over the value instead of putting another in its place.
    in_place: bool,
}

impl Hash {
    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> Hash {
        let evicts = matches!(spec.map_type, MapType::LRU_HASH | MapType::LRU_PERCPU_HASH);
        let when_full = if evicts {
            WhenFull::Evict
        } else {
            WhenFull::Refuse
        };
        let seed = kernel.seed_of(spec);
        let shape = ValueShape::of(spec, kernel);
        let table = Table::new(spec.key_size as usize, spec.max_entries, seed, when_full);
        Hash {
            values: Arc::new(Slab::new(shape.slot_bytes(), table.slots())),
            table,
            key_size: spec.key_size as usize,
            in_place: spec.map_type.is_per_cpu() || spec.map_type == MapType::RHASH,
            shape,
        }
    }

    /// Gives a key the value that `write` writes into a slot, where it ends what was kept there.
    fn put(
        &self,
        key: &[u8],
        flags: UpdateFlags,
        write: impl FnOnce(&[AtomicU64]),
    ) -> Result<(), Errno> {
        let locked = flags.contains(UpdateFlags::LOCK);
        let condition = self.shape.condition(flags)?;
        if self.in_place || locked {
            return self.table.update_in_place(key, condition, |slot, new| {
                let slot = self.values.slot(slot);
                if new {
                    self.shape.clear(slot);
                }
                write(slot);
            });
        }
        self.table.update(key, condition, |slot, old| {
            let slot = self.values.slot(slot);
            if self.shape.has_fields() {
                // An element that gave way may have left something.
                self.shape.free(slot);
                self.shape.clear(slot);
                if let Some(old) = old {
                    self.shape.free(self.values.slot(old));
                }
            }
            write(slot);
        })
    }
}

impl Drop for Hash {
    fn drop(&mut self) {
        if !self.shape.keeps() {
            return;
        }
        let slots = u32::try_from(self.table.slots()).unwrap_or(u32::MAX);
        for slot in 0..slots {
            self.shape.free(self.values.touched(slot));
        }
    }
}

impl Storage for Hash {
    #[inline]
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        if !flags.contains(LookupFlags::LOCK) {
            let read = |slot| self.shape.read_as(self.values.slot(slot), flags, value);
            return self.table.read(key, read).ok_or(Errno::ENOENT);
        }
        self.table
            .with_lock(key, |slot| self.shape.read(self.values.slot(slot), value))
            .ok_or(Errno::ENOENT)
    }

    fn update(
        &self,
        _: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        self.put(key, flags, |slot| {
            self.shape.write_as(slot, flags, value);
            self.shape.free_as(slot, flags);
        })
    }

    fn update_on(
        &self,
        _: &Kernel,
        cpu: u32,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        self.put(key, flags, |slot| {
            self.shape.write_on(slot, cpu, value);
            self.shape.free_on(slot, cpu);
        })
    }

    fn values(&self) -> Option<ValueMemory> {
        Some(self.shape.memory(&self.values, self.table.slots()))
    }

    fn slot(&self, key: &[u8]) -> Option<u32> {
        let slot = self.table.find(key)?;
        self.table.touch(slot);
        Some(slot)
    }

    fn key_of(&self, slot: u32) -> Option<Vec<u8>> {
        let mut key = vec![0; self.key_size];
        self.table.key(slot, &mut key);
        Some(key)
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let free = |slot| self.shape.free(self.values.slot(slot));
        self.table.remove(key, free).ok_or(Errno::ENOENT)
    }

    fn take(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        self.table
            .remove(key, |slot| {
                let slot = self.values.slot(slot);
                self.shape.read(slot, value);
                self.shape.free(slot);
            })
            .ok_or(Errno::ENOENT)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        if self.table.next(after, next) {
            Ok(())
        } else {
            Err(Errno::ENOENT)
        }
    }

    fn read_buckets(
        &self,
        from: u32,
        delete: bool,
        keys: &mut [u8],
        values: &mut [u8],
    ) -> Option<Result<Buckets, Errno>> {
        let value_size = self.shape.transfer_bytes();
        let read = self.table.read_buckets(from, delete, keys, |slot, at| {
            if let Some(value) = values.chunks_mut(value_size).nth(at) {
                self.shape.read(self.values.slot(slot), value);
            }
            if delete {
                self.shape.free(self.values.slot(slot));
            }
        });
        Some(read)
    }

    fn charge(&self) -> u64 {
        let element = self.key_size.next_multiple_of(8) + self.shape.slot_bytes() + 48;
        u64::from(self.table.max_entries()) * element as u64 + u64::from(self.table.buckets()) * 16
    }
}
