//! A descriptor of a map: what user space may do with it, and what it is told.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::Errno;
use ebpf_core::event::{EventError, EventOptions, EventProducer, EventSource};
use ebpf_core::map::{
    Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapFlags, MapInfo,
    MapSpec, MapState, MapType, Memory, UpdateFlags, Words,
};
use ebpf_core::system::{Handle, hint};

use super::batch::Lacks;
use super::{MapObject, Storage};
use crate::event;
use crate::interleave::{Access, By, Stopped, Want};
use crate::kernel::{Descriptor, Kernel, Object};
use crate::profile::Change;

/// A map of a simulated system.
#[derive(Debug)]
pub struct MockMap {
    object: Arc<MapObject>,
    /// As the object's, but with the full name where this process made the map.
    info: MapInfo,
    descriptor: Descriptor,
    /// Bytes of the values that user space gives and takes.
    transfer_size: usize,
    readable: bool,
    writable: bool,
    /// Which batch commands it turned out not to have, as a backend notes it.
    pub(super) lacks: Lacks,
}

impl MockMap {
    /// A descriptor to read and write.
    pub(crate) fn open(kernel: &Arc<Kernel>, object: Arc<MapObject>) -> MockMap {
        MockMap {
            info: object.info.clone(),
            transfer_size: object.info.transfer_size(),
            descriptor: kernel.open(Object::Map(object.clone())),
            object,
            readable: true,
            writable: true,
            lacks: Lacks::default(),
        }
    }

    /// The descriptor that its maker gets, who may have said that it is to read or to write only.
    pub(crate) fn created(kernel: &Arc<Kernel>, object: Arc<MapObject>, spec: &MapSpec) -> MockMap {
        let mut map = MockMap::open(kernel, object);
        map.info.name = spec.name.as_str().into();
        map.readable = !spec.flags.contains(MapFlags::WRONLY);
        map.writable = !spec.flags.contains(MapFlags::RDONLY);
        map
    }

    pub(crate) fn object(&self) -> &Arc<MapObject> {
        &self.object
    }

    pub(crate) fn kernel(&self) -> &Arc<Kernel> {
        &self.descriptor.kernel
    }

    #[cold]
    pub(crate) fn refused(&self, op: &'static str, errno: Errno) -> MapError {
        MapError::os(op, &self.info.name, self.info.map_type, errno)
    }

    #[cold]
    pub(crate) fn unsupported(&self, op: &'static str) -> MapError {
        MapError::Unsupported {
            op,
            map: self.info.name.clone(),
            map_type: self.info.map_type,
        }
    }

    pub(super) fn may_read(&self) -> Result<(), Errno> {
        if self.readable {
            Ok(())
        } else {
            Err(Errno::EPERM)
        }
    }

    pub(crate) fn may_write(&self) -> Result<(), Errno> {
        if self.writable && !self.object.is_frozen() {
            Ok(())
        } else {
            Err(Errno::EPERM)
        }
    }

    fn check_value(&self, value: &[u8], one_cpu: bool) -> Result<(), MapError> {
        let expected = if one_cpu {
            self.info.value_size as usize
        } else {
            self.transfer_size
        };
        self.info.check("value", expected, value.len())
    }

    /// Refuses to take a lock that values do not have.
    #[inline]
    pub(super) fn check_lock(&self, flags: u64) -> Result<(), Errno> {
        let asked = flags & UpdateFlags::LOCK.0 != 0;
        if asked && !(self.object.has_lock && self.kernel().machine.has(Change::Locks)) {
            Err(Errno::EINVAL)
        } else {
            Ok(())
        }
    }

    /// Refuses flags that are not allowed, that are for other types, or for CPUs that are not there.
    /// `bpf_map_check_op_flags()` in kernel/bpf/syscall.c.
    fn check_flags(&self, flags: u64, allowed: u64) -> Result<(), Errno> {
        let (low, cpu) = (flags & u64::from(u32::MAX), (flags >> 32) as u32);
        if low & !allowed != 0 {
            return Err(Errno::EINVAL);
        }
        self.check_lock(flags)?;
        match low & (UpdateFlags::CPU | UpdateFlags::ALL_CPUS).0 {
            0 if cpu == 0 => Ok(()),
            0 => Err(Errno::EINVAL),
            _ if !self.info.map_type.is_per_cpu() => Err(Errno::EINVAL),
            one if one == UpdateFlags::CPU.0 && cpu < self.kernel().possible_cpus() => Ok(()),
            one if one == UpdateFlags::CPU.0 => Err(Errno::ERANGE),
            all if all == UpdateFlags::ALL_CPUS.0 && cpu == 0 => Ok(()),
            _ => Err(Errno::EINVAL),
        }
    }

    #[inline]
    pub(super) fn lookup(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<(), Errno> {
        if flags == LookupFlags::NONE {
            self.may_read()?;
        } else {
            self.may_look_up(flags)?;
        }
        self.pass("looks up in", false, flags.0)?;
        self.object.storage.lookup(key, value, flags)
    }

    #[cold]
    fn may_look_up(&self, flags: LookupFlags) -> Result<(), Errno> {
        if self.kernel().machine.has(Change::OneCpu) {
            self.may_read()?;
            return self.check_flags(flags.0, (LookupFlags::LOCK | LookupFlags::CPU).0);
        }
        only_lock(flags.0)?;
        if !self.kernel().machine.has(Change::Locks) {
            return Err(Errno::EINVAL);
        }
        self.may_read()?;
        self.check_lock(flags.0)
    }

    pub(super) fn update(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), Errno> {
        self.may_write()?;
        let kernel = &self.descriptor.kernel;
        if flags != UpdateFlags::ANY {
            self.check_update(flags)?;
        }
        self.pass("updates", true, flags.0)?;
        self.object.storage.update(kernel, key, value, flags)?;
        if self.info.map_type == MapType::STRUCT_OPS {
            kernel.callbacks.keep(&self.object);
        }
        Ok(())
    }

    #[cold]
    fn check_update(&self, flags: UpdateFlags) -> Result<(), Errno> {
        if self.kernel().machine.has(Change::OneCpu) {
            // The last flag that there is, and those below it.
            return self.check_flags(flags.0, (UpdateFlags::ALL_CPUS.0 << 1) - 1);
        }
        let one = flags.contains(UpdateFlags::CPU) || flags.contains(UpdateFlags::ALL_CPUS);
        if one && self.info.map_type.is_per_cpu() {
            return Err(Errno::EINVAL);
        }
        self.check_lock(flags.0)
    }

    pub(super) fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        self.may_write()?;
        self.pass("deletes from", true, 0)?;
        self.object.storage.delete(key)?;
        if self.info.map_type == MapType::STRUCT_OPS {
            self.descriptor.kernel.callbacks.release(&self.object);
        }
        Ok(())
    }

    pub(super) fn take(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<(), Errno> {
        only_lock(flags.0)?;
        let machine = &self.kernel().machine;
        let from_hashes = machine.has(Change::TakingFromHashes);
        if !machine.has(Change::Taking) || (flags != LookupFlags::NONE && !from_hashes) {
            return Err(Errno::EINVAL);
        }
        self.may_read().and(self.may_write())?;
        if self.info.map_type.is_keyless() && flags != LookupFlags::NONE {
            return Err(Errno::EINVAL);
        }
        let known = match self.info.map_type {
            MapType::QUEUE | MapType::STACK => true,
            MapType::STACK_TRACE => machine.has(Change::TakingStacks),
            _ => from_hashes,
        };
        if !known {
            return Err(Errno::ENOTSUPP);
        }
        self.check_lock(flags.0)?;
        self.pass("takes from", true, flags.0)?;
        self.object.storage.take(key, value, flags)
    }

    pub(super) fn following(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        self.may_read()?;
        self.pass("walks", false, 0)?;
        self.object.storage.next_key(after, next)
    }

    /// Waits until it is the turn of what calls, while interleavings are explored.
    #[inline]
    fn pass(&self, verb: &'static str, write: bool, flags: u64) -> Result<(), Errno> {
        match self.descriptor.kernel.gate() {
            None => Ok(()),
            Some(gate) => {
                let access = match write {
                    true => Access::elements(&self.object, true),
                    false => Access::all(&self.object),
                };
                let locked = UpdateFlags(flags).contains(UpdateFlags::LOCK);
                let want = locked.then_some(Want::Free(self.info.id.0));
                let passed = gate.pass(&[access], want, || By::Call(verb));
                passed.map_err(|Stopped| Errno::EINTR)
            }
        }
    }

    pub(super) fn storage(&self) -> &dyn Storage {
        &*self.object.storage
    }
}

/// Refuses every flag but the one for locks.
pub(super) fn only_lock(flags: u64) -> Result<(), Errno> {
    if flags & !LookupFlags::LOCK.0 == 0 {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

/// Absence is an answer.
fn present(result: Result<(), Errno>) -> Result<bool, Errno> {
    match result {
        Ok(()) => Ok(true),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

impl Map for MockMap {
    fn info(&self) -> &MapInfo {
        &self.info
    }

    fn query(&self) -> Result<MapState, MapError> {
        let mut state = MapState::new();
        state.frozen = Some(self.object.is_frozen());
        state.memory_bytes = Some(self.object.charge.bytes);
        state.kernel_value_type = self.object.kernel_value_type;
        if let Some((object, types)) = &self.object.types {
            state.btf_id = Some(object.id);
            (state.key_type, state.value_type) = (types.key, types.value);
        }
        state.owner_type = self.object.storage.owner();
        Ok(state)
    }

    fn handle(&self) -> Handle {
        Handle::new(self.descriptor.kernel.id, self.descriptor.number)
    }

    #[inline]
    fn lookup_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        self.check_value(value, flags.contains(LookupFlags::CPU))?;
        present(self.lookup(key, value, flags)).map_err(|errno| self.refused("lookup", errno))
    }

    #[inline]
    fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError> {
        self.info.check_key(key)?;
        self.check_value(
            value,
            flags.contains(UpdateFlags::CPU) || flags.contains(UpdateFlags::ALL_CPUS),
        )?;
        self.update(key, value, flags)
            .map_err(|errno| self.refused("update", errno))
    }

    fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        present(self.delete(key)).map_err(|errno| self.refused("delete", errno))
    }

    fn lookup_and_delete_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        self.check_value(value, flags.contains(LookupFlags::CPU))?;
        present(self.take(key, value, flags))
            .map_err(|errno| self.refused("lookup_and_delete", errno))
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError> {
        after.map_or(Ok(()), |key| self.info.check_key(key))?;
        self.info
            .check("next key", self.info.key_size as usize, next.len())?;
        present(self.following(after, next)).map_err(|errno| self.refused("next_key", errno))
    }

    fn lookup_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.read_batch(false, cursor, keys, values, flags)
    }

    fn lookup_and_delete_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.read_batch(true, cursor, keys, values, flags)
    }

    fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        self.write_batch(keys, values, flags)
    }

    fn delete_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError> {
        self.drop_batch(keys, flags)
    }

    fn lookup_many(
        &self,
        keys: &[u8],
        values: &mut [u8],
        found: &mut [bool],
    ) -> Result<(), MapError> {
        let count = self.elements("lookup_many", keys.len(), Some(values.len()))?;
        self.info.check("found", count, found.len())?;
        let keys = keys.chunks_exact(self.info.key_size as usize);
        let values = values.chunks_exact_mut(self.info.transfer_size());
        for ((key, value), found) in keys.zip(values).zip(found) {
            *found = present(self.lookup(key, value, LookupFlags::NONE))
                .map_err(|errno| self.refused("lookup", errno))?;
        }
        Ok(())
    }

    fn memory(&self) -> Result<Arc<dyn Memory>, MapError> {
        if self.object.storage.shared().is_none() {
            return Err(self.unsupported("memory"));
        }
        let allowed = match (self.readable, !self.object.fields.is_empty(), self.writable) {
            (false, _, _) => Err(Errno::EACCES),
            (true, true, _) => Err(Errno::ENOTSUPP),
            (true, false, false) => Err(Errno::EINVAL),
            (true, false, true) => Ok(()),
        };
        allowed.map_err(|errno| self.refused("memory", errno))?;
        let writable = self.object.start_writing();
        Ok(Arc::new(MappedMemory {
            object: self.object.clone(),
            writable,
        }))
    }

    fn open_events(&self, options: &EventOptions) -> Result<Box<dyn EventSource>, EventError> {
        event::open(self, options)
    }

    fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError> {
        event::open_producer(self)
    }

    fn freeze(&self) -> Result<(), MapError> {
        let known = match self.kernel().machine.has(Change::Freezing) {
            true => Ok(()),
            false => Err(Errno::EINVAL),
        };
        known
            .and_then(|()| self.object.check_freezable())
            .and_then(|()| self.may_write())
            .and_then(|()| self.object.freeze())
            .map_err(|errno| self.refused("freeze", errno))
    }

    fn pin(&self, path: &Path) -> Result<(), MapError> {
        let kernel = &self.descriptor.kernel;
        kernel
            .bpffs
            .pin(path, Object::Map(self.object.clone()))
            .map_err(|errno| MapError::Path {
                op: "pin",
                map: self.info.name.clone(),
                path: path.into(),
                errno,
                hint: hint::pin(
                    path,
                    errno,
                    kernel.bpffs.covers(path.parent().unwrap_or(path)),
                ),
            })
    }
}

/// A map's memory, mapped.
#[derive(Debug)]
struct MappedMemory {
    object: Arc<MapObject>,
    writable: bool,
}

impl Memory for MappedMemory {
    fn words(&self) -> Words<'_> {
        let words: &[AtomicU64] = self.object.storage.shared().unwrap_or(&[]);
        if self.writable {
            Words::writable(words)
        } else {
            Words::read_only(words)
        }
    }
}

impl Drop for MappedMemory {
    fn drop(&mut self) {
        if self.writable {
            self.object.stop_writing();
        }
    }
}
