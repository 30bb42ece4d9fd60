//! Maps that user space fills and does not read: control groups. `kernel/bpf/arraymap.c`.

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
    fn cgroup(&self, key: &[u8]) -> Option<Arc<CgroupObject>> {
        self.slots.read().get(&index(key)?).cloned()
    }

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
