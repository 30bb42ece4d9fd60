//! Storage that lives with sockets, inodes, tasks and cgroups: `kernel/bpf/bpf_local_storage.c`. Keys are descriptors of
//! what it lives with; no walk finds it.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use parking_lot::Mutex;

use super::Storage;
use super::value::ValueShape;
use crate::kernel::{Kernel, Object};
use crate::memory::Slab;
use crate::world::{CgroupObject, SocketObject};

/// A map of storage.
#[derive(Debug)]
pub(super) struct LocalStorage {
    map_type: MapType,
    shape: ValueShape,
    owners: Mutex<BTreeMap<u64, Owned>>,
    kernel: Weak<Kernel>,
}

/// What one owner has.
#[derive(Debug)]
struct Owned {
    owner: Owner,
    value: Slab,
}

/// What storage lives with.
#[derive(Clone, Debug)]
enum Owner {
    Socket(Weak<SocketObject>),
    Cgroup(Weak<CgroupObject>),
}

impl Owner {
    fn is_gone(&self) -> bool {
        match self {
            Owner::Socket(socket) => socket.strong_count() == 0,
            Owner::Cgroup(cgroup) => cgroup.strong_count() == 0,
        }
    }
}

impl LocalStorage {
    pub(super) fn new(kernel: &Arc<Kernel>, spec: &MapSpec) -> LocalStorage {
        LocalStorage {
            map_type: spec.map_type,
            shape: ValueShape::of(spec, kernel.possible_cpus()),
            owners: Mutex::default(),
            kernel: Arc::downgrade(kernel),
        }
    }

    /// What a descriptor names, if storage of this type lives with it.
    fn owner(&self, key: &[u8]) -> Result<(u64, Owner), Errno> {
        let number = super::array::index(key).ok_or(Errno::EINVAL)?;
        let object = self
            .kernel
            .upgrade()
            .and_then(|kernel| kernel.by_descriptor(number));
        match (object, self.map_type) {
            (Some(Object::Socket(socket)), MapType::SK_STORAGE) => {
                Ok((socket.cookie, Owner::Socket(Arc::downgrade(&socket))))
            }
            (Some(Object::Cgroup(cgroup)), MapType::CGRP_STORAGE) => {
                Ok((cgroup.id, Owner::Cgroup(Arc::downgrade(&cgroup))))
            }
            (Some(_), MapType::SK_STORAGE) => Err(Errno::ENOTSOCK),
            _ => Err(Errno::EBADF),
        }
    }
}

impl Storage for LocalStorage {
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        if flags.0 & !LookupFlags::LOCK.0 != 0
            || (flags == LookupFlags::LOCK && !self.shape.has_lock())
        {
            return Err(Errno::EINVAL);
        }
        let (id, _) = self.owner(key)?;
        let owners = self.owners.lock();
        let owned = owners.get(&id).ok_or(Errno::ENOENT)?;
        self.shape.read(owned.value.words(), value);
        Ok(())
    }

    fn update(
        &self,
        _: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let locked = flags.contains(UpdateFlags::LOCK);
        let condition = UpdateFlags(flags.0 & !UpdateFlags::LOCK.0);
        let (id, owner) = self.owner(key)?;
        if condition.0 > UpdateFlags::EXIST.0 || (locked && !self.shape.has_lock()) {
            return Err(Errno::EINVAL);
        }
        let mut owners = self.owners.lock();
        owners.retain(|_, owned| !owned.owner.is_gone());
        match (owners.contains_key(&id), condition) {
            (true, UpdateFlags::NO_EXIST) => return Err(Errno::EEXIST),
            (false, UpdateFlags::EXIST) => return Err(Errno::ENOENT),
            _ => {}
        }
        let owned = owners.entry(id).or_insert_with(|| Owned {
            owner,
            value: Slab::contiguous(self.shape.slot_bytes(), 1),
        });
        self.shape.write(owned.value.words(), value);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let (id, _) = self.owner(key)?;
        self.owners
            .lock()
            .remove(&id)
            .map(drop)
            .ok_or(Errno::ENOENT)
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn charge(&self) -> u64 {
        // What an owner has is charged to the owner.
        4096
    }
}
