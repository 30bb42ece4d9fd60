//! Storage of programs on control groups: made when a program that uses the map is attached to one, and kept until the
//! group or the map ends. User space reads and replaces what is there. `kernel/bpf/local_storage.c`.

use std::collections::BTreeMap;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};
use ebpf_core::program::AttachType;
use parking_lot::RwLock;

use super::Storage;
use super::value::ValueShape;
use crate::kernel::Kernel;
use crate::memory::Slab;

/// Storage by control group, and by attach type if keys have room for it.
#[derive(Debug)]
pub(super) struct CgroupStorage {
    shape: ValueShape,
    /// Whether each attach type has its own.
    isolated: bool,
    stored: RwLock<Stored>,
}

#[derive(Debug, Default)]
struct Stored {
    values: BTreeMap<Key, Slab>,
    /// Keys as they came; a walk goes the other way.
    order: Vec<Key>,
}

/// A control group and an attach type.
type Key = (u64, u32);

impl CgroupStorage {
    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> CgroupStorage {
        CgroupStorage {
            shape: ValueShape::of(spec, kernel),
            isolated: spec.key_size == 16,
            stored: RwLock::default(),
        }
    }

    /// What a key means. The bytes after the attach type are padding.
    fn key(&self, key: &[u8]) -> Option<Key> {
        let (cgroup, rest) = key.split_first_chunk()?;
        let attach_type = match self.isolated {
            true => u32::from_ne_bytes(*rest.first_chunk()?),
            false => 0,
        };
        Some((u64::from_ne_bytes(*cgroup), attach_type))
    }
}

impl Storage for CgroupStorage {
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        let stored = self.stored.read();
        let place = self.key(key).and_then(|key| stored.values.get(&key));
        let words = place.ok_or(Errno::ENOENT)?.words();
        self.shape.read_as(words, flags, value);
        Ok(())
    }

    fn update(
        &self,
        _: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let mut known = (UpdateFlags::LOCK | UpdateFlags::EXIST).0;
        if self.shape.is_per_cpu() {
            known |= (UpdateFlags::CPU | UpdateFlags::ALL_CPUS).0;
            if flags.contains(UpdateFlags::CPU) {
                // Which one is in the upper half.
                known |= u64::from(u32::MAX) << 32;
            }
        }
        if flags.0 & !known != 0 {
            return Err(Errno::EINVAL);
        }
        let stored = self.stored.read();
        let place = self.key(key).and_then(|key| stored.values.get(&key));
        let words = place.ok_or(Errno::ENOENT)?.words();
        self.shape.write_as(words, flags, value);
        Ok(())
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        let stored = self.stored.read();
        let mut newest_first = stored.order.iter().rev();
        if let Some(after) = after {
            // Unlike elsewhere, a key that is not there has none after it.
            let after = self.key(after).ok_or(Errno::ENOENT)?;
            newest_first
                .find(|key| **key == after)
                .ok_or(Errno::ENOENT)?;
        }
        let (cgroup, attach_type) = newest_first.next().ok_or(Errno::ENOENT)?;
        next.fill(0);
        let bytes = [&cgroup.to_ne_bytes()[..], &attach_type.to_ne_bytes()].concat();
        for (to, from) in next.iter_mut().zip(bytes) {
            *to = from;
        }
        Ok(())
    }

    fn attached_to_cgroup(&self, cgroup: u64, attach_type: AttachType) {
        let attach_type = if self.isolated { attach_type.0 } else { 0 };
        let key = (cgroup, attach_type);
        let stored = &mut *self.stored.write();
        stored.values.entry(key).or_insert_with(|| {
            stored.order.push(key);
            Slab::contiguous(self.shape.slot_bytes(), 1)
        });
    }

    fn charge(&self) -> u64 {
        // What a group has is not counted.
        4096
    }
}
