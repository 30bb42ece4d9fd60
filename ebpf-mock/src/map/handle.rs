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

use super::MapObject;
use crate::event;
use crate::kernel::{Descriptor, Kernel, Object};

/// How often a read by single operations passes over elements that are gone before it gives up.
const RETRIES: u32 = 64;

/// A map of a simulated system.
#[derive(Debug)]
pub struct MockMap {
    object: Arc<MapObject>,
    /// As the object's, but with the full name where this process made the map.
    info: MapInfo,
    descriptor: Descriptor,
    readable: bool,
    writable: bool,
}

impl MockMap {
    /// A descriptor to read and write.
    pub(crate) fn open(kernel: &Arc<Kernel>, object: Arc<MapObject>) -> MockMap {
        MockMap {
            info: object.info.clone(),
            descriptor: kernel.open(Object::Map(object.clone())),
            object,
            readable: true,
            writable: true,
        }
    }

    /// The descriptor that its maker gets, who may have said that it is to read or to write only.
    pub(crate) fn created(kernel: &Arc<Kernel>, object: Arc<MapObject>, spec: &MapSpec) -> MockMap {
        let mut map = MockMap::open(kernel, object);
        map.info.name = spec.name.as_str().into();
        map.readable = !map.info.flags.contains(MapFlags::WRONLY);
        map.writable = !map.info.flags.contains(MapFlags::RDONLY);
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

    fn may_read(&self) -> Result<(), Errno> {
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
            self.info.transfer_size()
        };
        self.info.check("value", expected, value.len())
    }

    /// Refuses to take a lock that values do not have. `bpf_map_check_op_flags()` in kernel/bpf/syscall.c.
    #[inline]
    fn check_lock(&self, flags: u64) -> Result<(), Errno> {
        if flags & UpdateFlags::LOCK.0 != 0 && !self.object.has_lock {
            Err(Errno::EINVAL)
        } else {
            Ok(())
        }
    }

    #[inline]
    fn lookup(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        self.check_lock(flags.0)?;
        if flags.0 & !LookupFlags::LOCK.0 != 0 {
            return Err(Errno::EINVAL);
        }
        self.may_read()?;
        self.object.storage.lookup(key, value, flags)
    }

    fn update(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), Errno> {
        self.may_write()?;
        self.check_lock(flags.0)?;
        let kernel = &self.descriptor.kernel;
        self.object.storage.update(kernel, key, value, flags)?;
        if self.info.map_type == MapType::STRUCT_OPS {
            kernel.callbacks.keep(&self.object);
        }
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        self.may_write()?;
        self.object.storage.delete(key)?;
        if self.info.map_type == MapType::STRUCT_OPS {
            self.descriptor.kernel.callbacks.release(&self.object);
        }
        Ok(())
    }

    fn take(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        self.may_read().and(self.may_write())?;
        self.object.storage.take(key, value, flags)
    }

    fn following(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        self.may_read()?;
        self.object.storage.next_key(after, next)
    }

    /// How many keys are in a buffer of so many bytes, if the buffers match.
    fn elements(
        &self,
        op: &'static str,
        keys: usize,
        values: Option<usize>,
    ) -> Result<usize, MapError> {
        let key_size = self.info.key_size as usize;
        let count = keys
            .checked_div(key_size)
            .ok_or_else(|| self.unsupported(op))?;
        self.info.check("keys", count * key_size, keys)?;
        if let Some(values) = values {
            let expected = count.saturating_mul(self.info.transfer_size());
            self.info.check("values", expected, values)?;
        }
        Ok(count)
    }

    fn read_batch(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        let op = if delete {
            "lookup_and_delete_batch"
        } else {
            "lookup_batch"
        };
        if self.elements(op, keys.len(), Some(values.len()))? == 0 {
            return Ok(Batch {
                count: 0,
                done: false,
            });
        }
        let refused = |errno| self.refused(op, errno);
        self.may_read().map_err(refused)?;
        if delete {
            self.may_write().map_err(refused)?;
        }
        let number = |token: &[u8]| token.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes));
        let from = match cursor.token() {
            None => 0,
            Some(token) => number(token).ok_or_else(|| refused(Errno::EFAULT))?,
        };
        match self.object.storage.read_buckets(from, delete, keys, values) {
            None => self
                .read_singly(delete, cursor, keys, values, flags)
                .map_err(refused),
            Some(read) => {
                let read = read.map_err(refused)?;
                if let Some(next) = read.next {
                    cursor.set_token(&next.to_ne_bytes());
                }
                Ok(Batch {
                    count: read.count,
                    done: read.next.is_none(),
                })
            }
        }
    }

    /// A batch by single operations. The cursor's token is the last key that was read.
    fn read_singly(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, Errno> {
        let lookup = LookupFlags(flags.0 & LookupFlags::LOCK.0);
        let mut last = cursor.token().map(<[u8]>::to_vec);
        let (mut count, mut done, mut retries) = (0, false, RETRIES);
        let mut values = values.chunks_mut(self.info.transfer_size().max(1));
        let mut keys = keys.chunks_exact_mut(self.info.key_size as usize);
        let (mut key, mut value) = (keys.next(), values.next());
        while let Some(place) = key.take() {
            let room = value.take().unwrap_or_default();
            let after = last.as_deref().filter(|_| !delete);
            let read = self.following(after, place).and_then(|()| match delete {
                false => self.lookup(place, room, lookup),
                true => match self.take(place, room, lookup) {
                    Err(Errno::ENOTSUPP) => self
                        .lookup(place, room, lookup)
                        .and_then(|()| self.delete(place)),
                    taken => taken,
                },
            });
            match read {
                Ok(()) => {
                    last = Some(place.to_vec());
                    (count, retries) = (count + 1, RETRIES);
                    (key, value) = (keys.next(), values.next());
                }
                // The walk is at its end, or the element went meanwhile or is an empty place: the next one then.
                Err(Errno::ENOENT) if self.following(after, &mut place.to_vec()).is_err() => {
                    done = true;
                    break;
                }
                Err(Errno::ENOENT) if retries > 0 => {
                    retries -= 1;
                    last = Some(place.to_vec());
                    (key, value) = (Some(place), Some(room));
                }
                Err(errno) if count == 0 => return Err(errno),
                Err(_) => break,
            }
        }
        if let Some(last) = last {
            cursor.set_token(&last);
        }
        Ok(Batch { count, done })
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
        state.btf_id = self.object.types.as_ref().map(|types| types.id);
        state.kernel_value_type = self.object.kernel_value_type;
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
        let op = "update_batch";
        let count = self.elements(op, keys.len(), Some(values.len()))?;
        let keys = keys.chunks_exact(self.info.key_size as usize);
        let values = values.chunks_exact(self.info.transfer_size().max(1));
        for (done, (key, value)) in keys.zip(values).enumerate() {
            self.update(key, value, UpdateFlags(flags.0))
                .map_err(|errno| BatchError {
                    done,
                    error: self.refused(op, errno),
                })?;
        }
        Ok(count)
    }

    fn delete_batch(&self, keys: &[u8], _: BatchFlags) -> Result<usize, BatchError> {
        let op = "delete_batch";
        let count = self.elements(op, keys.len(), None)?;
        for (done, key) in keys.chunks_exact(self.info.key_size as usize).enumerate() {
            self.delete(key).map_err(|errno| BatchError {
                done,
                error: self.refused(op, errno),
            })?;
        }
        Ok(count)
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
        let writable = self.writable && self.object.start_writing();
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
        self.may_write()
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
