//! Maps of the kernel.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

use ebpf_sys::bpf_map_info;

use super::batch::BatchSupport;
use super::mmap::Mmap;
use super::sys::MapFd;
use super::system::Shared;
use super::{bpffs, event, sys};
use crate::Errno;
use crate::btf::TypeId;
use crate::codec::c_str;
use crate::event::{EventError, EventOptions, EventProducer, EventSource};
use crate::map::{
    Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapFlags, MapId,
    MapInfo, MapState, MapType, Memory, UpdateFlags,
};
use crate::program::ProgramType;
use crate::system::{Handle, SystemId};

/// A map of the running kernel. Dropping it closes its descriptor; the map lives as long as anything refers to it.
#[derive(Debug)]
pub struct KernelMap {
    pub(super) fd: MapFd,
    pub(super) info: MapInfo,
    pub(super) system: Arc<Shared>,
    pub(super) batches: BatchSupport,
}

impl KernelMap {
    pub(super) fn new(fd: MapFd, info: MapInfo, system: Arc<Shared>) -> KernelMap {
        KernelMap {
            fd,
            info,
            system,
            batches: BatchSupport::default(),
        }
    }

    /// The map behind a descriptor that is known to be one.
    pub(super) fn open(system: &Arc<Shared>, fd: OwnedFd) -> Result<KernelMap, Errno> {
        let (fd, info) = MapFd::open(fd, system.possible_cpus().ok())?;
        let info = map_info(&info, name_of(&info.name), system);
        Ok(KernelMap::new(fd, info, system.clone()))
    }

    #[cold]
    pub(super) fn refused(&self, op: &'static str, errno: Errno) -> MapError {
        MapError::os(op, &self.info.name, self.info.map_type, errno)
    }

    #[cold]
    pub(super) fn unsupported(&self, op: &'static str) -> MapError {
        MapError::Unsupported {
            op,
            map: self.info.name.clone(),
            map_type: self.info.map_type,
        }
    }

    /// Refuses a value buffer of the wrong length for these flags.
    #[inline]
    fn check_value(&self, value: &[u8], one_cpu: bool) -> Result<(), MapError> {
        let expected = if one_cpu {
            self.info.value_size as usize
        } else {
            self.info.transfer_size()
        };
        self.info.check("value", expected, value.len())
    }

    /// The first key, on kernels before 4.12, which do not take "no key": the one after a key that is not there.
    pub(super) fn first_key_of_old(&self, next: &mut [u8]) -> Result<(), Errno> {
        let mut value = vec![0; self.info.transfer_size()];
        for filler in [0xff, 0x00, 0x55, 0xaa] {
            let key = vec![filler; next.len()];
            if self.fd.lookup(&key, &mut value, 0) == Err(Errno::ENOENT) {
                return self.fd.next_key(Some(&key), next);
            }
        }
        Err(Errno::EFAULT)
    }
}

/// What the kernel tells of a map, with a name that may be longer than the kernel's.
pub(super) fn map_info(info: &bpf_map_info, name: Arc<str>, system: &Shared) -> MapInfo {
    MapInfo {
        id: MapId(info.id),
        name,
        map_type: MapType(info.type_),
        key_size: info.key_size,
        value_size: info.value_size,
        max_entries: info.max_entries,
        flags: MapFlags(info.map_flags),
        map_extra: info.map_extra,
        ifindex: info.ifindex,
        possible_cpus: system.possible_cpus().map_or(0, |cpus| cpus.count()),
        types: None,
    }
}

/// A name as the kernel keeps it: up to a NUL.
pub(super) fn name_of(name: &[u8]) -> Arc<str> {
    c_str(name).into()
}

/// Absence is an answer.
#[inline(always)]
pub(super) fn present(result: Result<(), Errno>) -> Result<bool, Errno> {
    match result {
        Ok(()) => Ok(true),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

impl Map for KernelMap {
    fn info(&self) -> &MapInfo {
        &self.info
    }

    fn query(&self) -> Result<MapState, MapError> {
        let info = sys::map_info(self.fd.fd()).map_err(|errno| self.refused("query", errno))?;
        let text = bpffs::fdinfo(self.fd.fd()).unwrap_or_default();
        let number = |field| bpffs::field(&text, field).and_then(|value| value.parse::<u64>().ok());
        let mut state = MapState::new();
        state.frozen = number("frozen").map(|frozen| frozen != 0);
        state.memory_bytes = number("memlock");
        state.btf_id = Some(info.btf_id).filter(|id| *id != 0);
        state.key_type = TypeId(info.btf_key_type_id);
        state.value_type = TypeId(info.btf_value_type_id);
        state.kernel_value_type = TypeId(info.btf_vmlinux_value_type_id);
        state.owner_type = number("owner_prog_type").map(|number| ProgramType(number as u32));
        state.owner_jited = number("owner_jited").map(|jited| jited != 0);
        Ok(state)
    }

    fn handle(&self) -> Handle {
        use std::os::fd::AsRawFd;
        Handle::new(SystemId::KERNEL, self.fd.fd().as_raw_fd() as u32)
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
        present(self.fd.lookup(key, value, flags.0)).map_err(|errno| self.refused("lookup", errno))
    }

    #[inline]
    fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError> {
        self.info.check_key(key)?;
        self.check_value(
            value,
            flags.contains(UpdateFlags::CPU) || flags.contains(UpdateFlags::ALL_CPUS),
        )?;
        self.fd
            .update(key, value, flags.0)
            .map_err(|errno| self.refused("update", errno))
    }

    #[inline]
    fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        present(self.fd.delete(key)).map_err(|errno| self.refused("delete", errno))
    }

    fn lookup_and_delete_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        self.check_value(value, flags.contains(LookupFlags::CPU))?;
        present(self.fd.lookup_and_delete(key, value, flags.0))
            .map_err(|errno| self.refused("lookup_and_delete", errno))
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError> {
        after.map_or(Ok(()), |key| self.info.check_key(key))?;
        self.info
            .check("next key", self.info.key_size as usize, next.len())?;
        let result = match self.fd.next_key(after, next) {
            Err(Errno::EFAULT) if after.is_none() => self.first_key_of_old(next),
            result => result,
        };
        present(result).map_err(|errno| self.refused("next_key", errno))
    }

    fn lookup_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.take_batch(false, cursor, keys, values, flags)
    }

    fn lookup_and_delete_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.take_batch(true, cursor, keys, values, flags)
    }

    fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        self.put_batch(keys, values, flags)
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
        let (key_size, value_size) = (self.info.key_size as usize, self.info.transfer_size());
        let values = values.chunks_exact_mut(value_size);
        for ((key, value), found) in keys.chunks_exact(key_size).zip(values).zip(found) {
            *found = present(self.fd.lookup(key, value, 0))
                .map_err(|errno| self.refused("lookup", errno))?;
        }
        Ok(())
    }

    fn memory(&self) -> Result<Arc<dyn Memory>, MapError> {
        if self.info.map_type != MapType::ARRAY || !self.info.flags.contains(MapFlags::MMAPABLE) {
            return Err(self.unsupported("memory"));
        }
        let stride = (self.info.value_size as usize).div_ceil(size_of::<u64>());
        let words = stride.checked_mul(self.info.max_entries as usize);
        let words = words.ok_or_else(|| self.refused("memory", Errno::E2BIG))?;
        let mapped = match Mmap::new(self.fd.fd(), words, true) {
            // Frozen, opened for reading only, or read-only to programs.
            Err(Errno::EPERM | Errno::EACCES) => Mmap::new(self.fd.fd(), words, false),
            result => result,
        };
        Ok(Arc::new(
            mapped.map_err(|errno| self.refused("memory", errno))?,
        ))
    }

    fn open_events(&self, options: &EventOptions) -> Result<Box<dyn EventSource>, EventError> {
        event::open(self, options)
    }

    fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError> {
        event::open_producer(self)
    }

    fn freeze(&self) -> Result<(), MapError> {
        self.fd
            .freeze()
            .map_err(|errno| self.refused("freeze", errno))
    }

    fn pin(&self, path: &Path) -> Result<(), MapError> {
        sys::pin(self.fd.fd(), path).map_err(|errno| MapError::Path {
            op: "pin",
            map: self.info.name.clone(),
            path: path.into(),
            errno,
            hint: bpffs::pin_hint(path, errno),
        })
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.fd.fd())
    }
}
