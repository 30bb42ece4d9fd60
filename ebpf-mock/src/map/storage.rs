//! Storage that lives with sockets, inodes, tasks and cgroups: `kernel/bpf/bpf_local_storage.c`. Keys are descriptors of
//! what it lives with; no walk finds it.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use parking_lot::Mutex;

use super::Storage;
use super::value::ValueShape;
use crate::engine::context::Sock;
use crate::engine::memory::ValueMemory;
use crate::kernel::{Kernel, Object};
use crate::memory::Slab;
use crate::world::{CgroupObject, FileObject, SocketObject, TaskObject};

/// A map of storage.
#[derive(Debug)]
pub(super) struct LocalStorage {
    map_type: MapType,
    shape: ValueShape,
    owners: Mutex<BTreeMap<OwnerId, Owned>>,
    kernel: Weak<Kernel>,
}

/// What one owner has.
#[derive(Debug)]
struct Owned {
    owner: Owner,
    value: Arc<Slab>,
}

/// Whose storage a program means.
#[derive(Clone, Debug)]
pub(crate) enum StorageOwner {
    Socket(Arc<SocketObject>),
    /// The socket of one run's packet.
    Sock(Arc<Sock>),
    Task(Arc<TaskObject>),
    Cgroup(Arc<CgroupObject>),
}

impl StorageOwner {
    fn as_owner(&self) -> Owner {
        match self {
            StorageOwner::Socket(socket) => Owner::Socket(Arc::downgrade(socket)),
            StorageOwner::Sock(sock) => Owner::Sock(Arc::downgrade(sock)),
            StorageOwner::Task(task) => Owner::Task(Arc::downgrade(task)),
            StorageOwner::Cgroup(group) => Owner::Cgroup(Arc::downgrade(group)),
        }
    }
}

/// Names an owner: its kind, and its number among those.
type OwnerId = (u8, u64);

/// What storage lives with.
#[derive(Clone, Debug)]
enum Owner {
    Socket(Weak<SocketObject>),
    Cgroup(Weak<CgroupObject>),
    Task(Weak<TaskObject>),
    File(Weak<FileObject>),
    /// The socket of one run's packet.
    Sock(Weak<Sock>),
    /// The inode that maps, programs and links have in common, which is always there.
    AnonymousInode,
}

impl Owner {
    fn id(&self) -> OwnerId {
        match self {
            Owner::AnonymousInode => (0, 0),
            Owner::Socket(socket) => (1, socket.upgrade().map_or(0, |socket| socket.cookie)),
            Owner::Cgroup(cgroup) => (2, cgroup.upgrade().map_or(0, |cgroup| cgroup.id)),
            Owner::Task(task) => (3, task.upgrade().map_or(0, |task| u64::from(task.thread))),
            Owner::File(file) => (4, file.upgrade().map_or(0, |file| file.inode)),
            Owner::Sock(sock) => (5, sock.as_ptr().addr() as u64),
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Owner::Socket(socket) => socket.strong_count() == 0,
            Owner::Cgroup(cgroup) => cgroup.strong_count() == 0,
            Owner::Task(task) => task.strong_count() == 0,
            Owner::File(file) => file.strong_count() == 0,
            Owner::Sock(sock) => sock.strong_count() == 0,
            Owner::AnonymousInode => false,
        }
    }
}

impl LocalStorage {
    pub(super) fn new(kernel: &Arc<Kernel>, spec: &MapSpec) -> LocalStorage {
        LocalStorage {
            map_type: spec.map_type,
            shape: ValueShape::of(spec, kernel),
            owners: Mutex::default(),
            kernel: Arc::downgrade(kernel),
        }
    }

    fn new_value(&self) -> Arc<Slab> {
        Arc::new(Slab::contiguous(self.shape.slot_bytes(), 1))
    }

    fn remove(&self, owner: &Owner) -> Result<(), Errno> {
        let removed = self.owners.lock().remove(&owner.id());
        let removed = removed.ok_or(Errno::ENOENT)?;
        self.shape.free(removed.value.words());
        Ok(())
    }

    /// What a descriptor names, if storage of this type lives with it. `ENOENT` for a task that has ended.
    fn owner(&self, key: &[u8]) -> Result<Owner, Errno> {
        let number = super::array::index(key).ok_or(Errno::EINVAL)?;
        let kernel = self.kernel.upgrade().ok_or(Errno::EBADF)?;
        let object = kernel.by_descriptor(number).ok_or(Errno::EBADF)?;
        let of_inode = self.map_type == MapType::INODE_STORAGE;
        Ok(match (object, self.map_type) {
            (Object::Task(task), MapType::TASK_STORAGE) if !kernel.world.tasks.is_alive(&task) => {
                return Err(Errno::ENOENT);
            }
            (Object::Task(task), MapType::TASK_STORAGE) => Owner::Task(Arc::downgrade(&task)),
            (Object::Socket(socket), MapType::SK_STORAGE) => Owner::Socket(Arc::downgrade(&socket)),
            (Object::Cgroup(cgroup), MapType::CGRP_STORAGE) => {
                Owner::Cgroup(Arc::downgrade(&cgroup))
            }
            // Whatever is open has an inode.
            (Object::File(file), _) if of_inode => Owner::File(Arc::downgrade(&file)),
            (Object::Socket(socket), _) if of_inode => Owner::Socket(Arc::downgrade(&socket)),
            (Object::Cgroup(cgroup), _) if of_inode => Owner::Cgroup(Arc::downgrade(&cgroup)),
            (Object::Task(task), _) if of_inode => Owner::Task(Arc::downgrade(&task)),
            (Object::Map(_) | Object::Program(_) | Object::Link(_), _) if of_inode => {
                Owner::AnonymousInode
            }
            (_, MapType::SK_STORAGE) => return Err(Errno::ENOTSOCK),
            _ => return Err(Errno::EBADF),
        })
    }
}

impl Drop for LocalStorage {
    fn drop(&mut self) {
        for owned in self.owners.get_mut().values() {
            self.shape.free(owned.value.words());
        }
    }
}

impl Storage for LocalStorage {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let owner = self.owner(key)?;
        let owners = self.owners.lock();
        let owned = owners.get(&owner.id()).ok_or(Errno::ENOENT)?;
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
        let condition = UpdateFlags(flags.0 & !UpdateFlags::LOCK.0);
        let owner = self.owner(key)?;
        if condition.0 > UpdateFlags::EXIST.0 {
            return Err(Errno::EINVAL);
        }
        let mut owners = self.owners.lock();
        owners.retain(|_, owned| !owned.owner.is_gone());
        match (owners.contains_key(&owner.id()), condition) {
            (true, UpdateFlags::NO_EXIST) => return Err(Errno::EEXIST),
            (false, UpdateFlags::EXIST) => return Err(Errno::ENOENT),
            _ => {}
        }
        let owned = owners.entry(owner.id()).or_insert_with(|| Owned {
            owner,
            value: self.new_value(),
        });
        self.shape.write(owned.value.words(), value);
        self.shape.free(owned.value.words());
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        self.remove(&self.owner(key)?)
    }

    fn owned(&self, owner: &StorageOwner, create: Option<Option<&[u8]>>) -> Option<ValueMemory> {
        let owner = owner.as_owner();
        let mut owners = self.owners.lock();
        owners.retain(|_, owned| !owned.owner.is_gone());
        if let Some(first) = create {
            owners.entry(owner.id()).or_insert_with(|| {
                let value = self.new_value();
                if let Some(first) = first {
                    self.shape.write(value.words(), first);
                }
                Owned {
                    owner: owner.clone(),
                    value,
                }
            });
        }
        let owned = owners.get(&owner.id())?;
        Some(self.shape.memory(&owned.value, 1))
    }

    fn disown(&self, owner: &StorageOwner) -> Result<(), Errno> {
        self.remove(&owner.as_owner())
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn charge(&self) -> u64 {
        // What an owner has is charged to the owner.
        4096
    }
}
