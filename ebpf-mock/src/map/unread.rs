//! Maps that user space fills or empties and does not read: control groups, perf events; and stack traces, which only
//! programs fill. `kernel/bpf/arraymap.c`, `kernel/bpf/stackmap.c`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};
use parking_lot::RwLock;

use super::Storage;
use super::array::{index, next_index};
use crate::kernel::{Kernel, Object};
use crate::world::CgroupObject;

/// Control groups by index.
#[derive(Debug)]
pub(super) struct Cgroups {
    slots: RwLock<BTreeMap<u32, Arc<CgroupObject>>>,
    length: u32,
}

impl Cgroups {
    pub(super) fn new(spec: &MapSpec) -> Cgroups {
        Cgroups {
            slots: RwLock::default(),
            length: spec.max_entries,
        }
    }
}

impl Storage for Cgroups {
    fn lookup(&self, _: &[u8], _: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags != UpdateFlags::ANY {
            return Err(Errno::EINVAL);
        }
        let index = index(key)
            .filter(|index| *index < self.length)
            .ok_or(Errno::E2BIG)?;
        let number = value
            .try_into()
            .map(u32::from_ne_bytes)
            .map_err(|_| Errno::EINVAL)?;
        let Some(Object::Cgroup(cgroup)) = kernel.by_descriptor(number) else {
            return Err(Errno::EBADF);
        };
        self.slots.write().insert(index, cgroup);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let index = index(key)
            .filter(|index| *index < self.length)
            .ok_or(Errno::E2BIG)?;
        self.slots
            .write()
            .remove(&index)
            .map(drop)
            .ok_or(Errno::ENOENT)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.length, after, next)
    }

    fn charge(&self) -> u64 {
        u64::from(self.length) * 8
    }
}

/// Stack traces by id.
#[derive(Debug)]
pub(super) struct StackTraces {
    /// Each in the bytes of a whole value.
    traces: RwLock<BTreeMap<u32, Box<[u8]>>>,
    buckets: u32,
    value_size: u64,
}

impl StackTraces {
    pub(super) fn new(spec: &MapSpec) -> StackTraces {
        StackTraces {
            traces: RwLock::default(),
            buckets: spec
                .max_entries
                .checked_next_power_of_two()
                .unwrap_or(1 << 31),
            value_size: u64::from(spec.value_size),
        }
    }
}

impl Storage for StackTraces {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let traces = self.traces.read();
        let trace = index(key)
            .and_then(|id| traces.get(&id))
            .ok_or(Errno::ENOENT)?;
        value.copy_from_slice(trace);
        Ok(())
    }

    fn update(&self, _: &Kernel, _: &[u8], _: &[u8], _: UpdateFlags) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let id = index(key)
            .filter(|id| *id < self.buckets)
            .ok_or(Errno::E2BIG)?;
        self.traces
            .write()
            .remove(&id)
            .map(drop)
            .ok_or(Errno::ENOENT)
    }

    fn take(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        self.lookup(key, value, flags)?;
        self.delete(key)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        let traces = self.traces.read();
        // After an id that has no trace the walk begins anew.
        let from = match after.and_then(index).filter(|id| traces.contains_key(id)) {
            Some(id) => id + 1,
            None => 0,
        };
        let (id, _) = traces.range(from..).next().ok_or(Errno::ENOENT)?;
        next.copy_from_slice(&id.to_ne_bytes());
        Ok(())
    }

    fn charge(&self) -> u64 {
        u64::from(self.buckets) * (8 + self.value_size)
    }
}
