//! Maps: creating them and moving their elements.
//!
//! The kernel reads and writes as many bytes as it knows a map's keys and values to have, whatever buffer it is given, so
//! [`MapFd`] keeps the kernel's own sizes beside the descriptor and compares every buffer with them.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use ebpf_sys::{bpf_cmd, bpf_map_info};

use super::{address, address_mut, bpf, bpf_open, errno_of, map_info, raw};
use crate::Errno;
use crate::kernel::attr;
use crate::map::MapType;
use crate::system::CpuSet;

/// How many CPUs the kernel has values for in per-CPU maps. Only [`possible_cpus`] makes one.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) struct PossibleCpus(u32);

impl PossibleCpus {
    pub(in crate::kernel) fn count(self) -> u32 {
        self.0
    }
}

pub(in crate::kernel) const POSSIBLE_CPUS: &str = "/sys/devices/system/cpu/possible";

pub(in crate::kernel) const ONLINE_CPUS: &str = "/sys/devices/system/cpu/online";

/// Asks the kernel which CPUs are online.
pub(in crate::kernel) fn online_cpus() -> Result<CpuSet, Errno> {
    read_cpus(ONLINE_CPUS)
}

fn read_cpus(path: &str) -> Result<CpuSet, Errno> {
    let list = std::fs::read_to_string(path).map_err(|error| errno_of(&error))?;
    CpuSet::parse(&list).ok_or(Errno::EINVAL)
}

/// Asks the kernel which CPUs are possible.
pub(in crate::kernel) fn possible_cpus() -> Result<PossibleCpus, Errno> {
    match read_cpus(POSSIBLE_CPUS)?.len() {
        0 => Err(Errno::EINVAL),
        count => Ok(PossibleCpus(count as u32)),
    }
}

/// A map's descriptor and how many bytes the kernel moves for a key and a value of it.
#[derive(Debug)]
pub(in crate::kernel) struct MapFd {
    fd: OwnedFd,
    key: usize,
    /// One value, as it is.
    value: usize,
    /// What an operation moves: for per-CPU maps the values of all CPUs.
    transfer: usize,
}

impl MapFd {
    /// `BPF_MAP_CREATE`. The sizes are the kernel's where it tells (since Linux 4.13), else those that it accepted.
    pub(in crate::kernel) fn create(
        attr: &mut attr::MapCreate,
        cpus: Option<PossibleCpus>,
    ) -> Result<(MapFd, Option<bpf_map_info>), Errno> {
        // SAFETY: the command reads no memory but the attributes; a descriptor in them that is none of ours is
        // refused by the kernel or names another object, which is no matter of memory.
        let fd = unsafe { bpf_open(bpf_cmd::BPF_MAP_CREATE, attr) }?;
        match map_info(fd.as_fd()) {
            Ok(info) => Ok((MapFd::of(fd, &info, cpus)?, Some(info))),
            Err(Errno::EINVAL) => {
                let info = bpf_map_info {
                    type_: attr.map_type,
                    key_size: attr.key_size,
                    value_size: attr.value_size,
                    ..bpf_map_info::default()
                };
                Ok((MapFd::of(fd, &info, cpus)?, None))
            }
            Err(errno) => Err(errno),
        }
    }

    /// Takes a descriptor that someone says is a map's. `EINVAL` if it is something else.
    pub(in crate::kernel) fn open(
        fd: OwnedFd,
        cpus: Option<PossibleCpus>,
    ) -> Result<(MapFd, bpf_map_info), Errno> {
        let info = map_info(fd.as_fd())?;
        Ok((MapFd::of(fd, &info, cpus)?, info))
    }

    fn of(fd: OwnedFd, info: &bpf_map_info, cpus: Option<PossibleCpus>) -> Result<MapFd, Errno> {
        let value = info.value_size as usize;
        let transfer = if MapType(info.type_).is_per_cpu() {
            // Without the number the sizes are unknown and nothing can be moved safely.
            let cpus = cpus.ok_or(Errno::ENODATA)?.0 as usize;
            value
                .checked_next_multiple_of(8)
                .and_then(|stride| stride.checked_mul(cpus))
                .ok_or(Errno::E2BIG)?
        } else {
            value
        };
        Ok(MapFd {
            fd,
            key: info.key_size as usize,
            value,
            transfer,
        })
    }

    pub(in crate::kernel) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    #[inline(always)]
    fn elem(&self, key: &[u8], value: u64, flags: u64) -> attr::Elem {
        attr::Elem {
            map_fd: raw(self.fd.as_fd()),
            hole: 0,
            key: address(key),
            value,
            flags,
        }
    }

    /// What the kernel writes for a lookup with these flags.
    #[inline(always)]
    fn answer(&self, flags: u64) -> usize {
        if flags & CPU_FLAGS == 0 {
            self.transfer
        } else {
            self.value
        }
    }

    /// `BPF_MAP_LOOKUP_ELEM`.
    #[inline(always)]
    pub(in crate::kernel) fn lookup(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: u64,
    ) -> Result<(), Errno> {
        // SAFETY: the command is one that `take` is for.
        unsafe { self.take(bpf_cmd::BPF_MAP_LOOKUP_ELEM, key, value, flags) }
    }

    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM`.
    pub(in crate::kernel) fn lookup_and_delete(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: u64,
    ) -> Result<(), Errno> {
        // SAFETY: the command is one that `take` is for.
        unsafe { self.take(bpf_cmd::BPF_MAP_LOOKUP_AND_DELETE_ELEM, key, value, flags) }
    }

    /// # Safety
    /// `command` must read a key and write a value (and for Bloom filters read one), no more.
    #[inline(always)]
    unsafe fn take(
        &self,
        command: bpf_cmd,
        key: &[u8],
        value: &mut [u8],
        flags: u64,
    ) -> Result<(), Errno> {
        if key.len() != self.key || value.len() != self.answer(flags) {
            return Err(Errno::EINVAL);
        }
        let mut attr = self.elem(key, address_mut(value), flags);
        // SAFETY: the kernel reads `self.key` bytes of `key` and writes as many to `value` as `answer` says (a kernel
        // that does not know the flags for one CPU refuses them before it writes); both lengths were just compared.
        unsafe { bpf(command, &mut attr) }.map(drop)
    }

    /// `BPF_MAP_UPDATE_ELEM`.
    #[inline(always)]
    pub(in crate::kernel) fn update(
        &self,
        key: &[u8],
        value: &[u8],
        flags: u64,
    ) -> Result<(), Errno> {
        if key.len() != self.key || value.len() != self.answer(flags) {
            return Err(Errno::EINVAL);
        }
        if value.len() < self.transfer {
            return self.update_one_cpu(key, value, flags);
        }
        let mut attr = self.elem(key, address(value), flags);
        // SAFETY: the kernel reads `self.key` bytes of `key` and at most `self.transfer` of `value`; `key` was just
        // compared and `value` is not shorter than that.
        unsafe { bpf(bpf_cmd::BPF_MAP_UPDATE_ELEM, &mut attr) }.map(drop)
    }

    /// An update of one CPU's value. A kernel before 7.0 reads the values of all CPUs before it refuses the flag, so it
    /// is given as many bytes.
    #[cold]
    fn update_one_cpu(&self, key: &[u8], value: &[u8], flags: u64) -> Result<(), Errno> {
        let mut padded = vec![0; self.transfer];
        if let Some(start) = padded.get_mut(..value.len()) {
            start.copy_from_slice(value);
        }
        let mut attr = self.elem(key, address(&padded), flags);
        // SAFETY: `update` compared `key`; `padded` has `self.transfer` bytes, the most that the kernel reads.
        unsafe { bpf(bpf_cmd::BPF_MAP_UPDATE_ELEM, &mut attr) }.map(drop)
    }

    /// `BPF_MAP_DELETE_ELEM`.
    #[inline(always)]
    pub(in crate::kernel) fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        if key.len() != self.key {
            return Err(Errno::EINVAL);
        }
        let mut attr = self.elem(key, 0, 0);
        // SAFETY: the kernel reads `self.key` bytes of `key`, whose length was just compared.
        unsafe { bpf(bpf_cmd::BPF_MAP_DELETE_ELEM, &mut attr) }.map(drop)
    }

    /// `BPF_MAP_GET_NEXT_KEY`; `None` asks for the first key (since Linux 4.12).
    #[inline(always)]
    pub(in crate::kernel) fn next_key(
        &self,
        after: Option<&[u8]>,
        next: &mut [u8],
    ) -> Result<(), Errno> {
        if after.is_some_and(|key| key.len() != self.key) || next.len() != self.key {
            return Err(Errno::EINVAL);
        }
        let mut attr = self.elem(after.unwrap_or_default(), address_mut(next), 0);
        // SAFETY: the kernel reads `self.key` bytes of `after` unless it is null, and writes as many to `next`; both
        // lengths were just compared.
        unsafe { bpf(bpf_cmd::BPF_MAP_GET_NEXT_KEY, &mut attr) }.map(drop)
    }

    /// `BPF_MAP_FREEZE`.
    pub(in crate::kernel) fn freeze(&self) -> Result<(), Errno> {
        let mut attr = attr::LinkDetach {
            link_fd: raw(self.fd.as_fd()),
        };
        // SAFETY: the command reads nothing but the descriptor, which is the first field of both structures.
        unsafe { bpf(bpf_cmd::BPF_MAP_FREEZE, &mut attr) }.map(drop)
    }

    /// Bytes that a batch's token may have: a hash keeps a bucket's number there, other types a key.
    pub(in crate::kernel) fn token_size(&self) -> usize {
        self.key.max(size_of::<u32>())
    }

    /// `BPF_MAP_LOOKUP_BATCH`, `BPF_MAP_LOOKUP_AND_DELETE_BATCH`: how many elements were read, beside what was said.
    pub(in crate::kernel) fn take_batch(
        &self,
        delete: bool,
        from: Option<&[u8]>,
        token: &mut [u8],
        keys: &mut [u8],
        values: &mut [u8],
        flags: u64,
    ) -> (usize, Result<(), Errno>) {
        let enough = |bytes: &[u8]| bytes.len() >= self.token_size();
        let Some(count) = self.elements(keys.len(), Some(values.len())) else {
            return (0, Err(Errno::EINVAL));
        };
        if !from.is_none_or(enough) || !enough(token) {
            return (0, Err(Errno::EINVAL));
        }
        let mut attr = attr::Batch {
            in_batch: address(from.unwrap_or_default()),
            out_batch: address_mut(token),
            keys: address_mut(keys),
            values: address_mut(values),
            count,
            map_fd: raw(self.fd.as_fd()),
            elem_flags: flags,
            flags: 0,
        };
        let command = if delete {
            bpf_cmd::BPF_MAP_LOOKUP_AND_DELETE_BATCH
        } else {
            bpf_cmd::BPF_MAP_LOOKUP_BATCH
        };
        // SAFETY: the kernel reads a token from `from` unless it is null and writes one to `token`, both at least
        // `token_size` bytes; it writes at most `count` keys and values, and `elements` found that many in each.
        let result = unsafe { bpf(command, &mut attr) }.map(drop);
        (attr.count.min(count) as usize, result)
    }

    /// `BPF_MAP_UPDATE_BATCH`: how many elements were written, beside what was said.
    pub(in crate::kernel) fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: u64,
    ) -> (usize, Result<(), Errno>) {
        let Some(count) = self.elements(keys.len(), Some(values.len())) else {
            return (0, Err(Errno::EINVAL));
        };
        // SAFETY: the kernel reads `count` keys and values, and `elements` found that many in each.
        unsafe { self.put_batch(bpf_cmd::BPF_MAP_UPDATE_BATCH, keys, values, count, flags) }
    }

    /// `BPF_MAP_DELETE_BATCH`: how many elements were deleted, beside what was said.
    pub(in crate::kernel) fn delete_batch(
        &self,
        keys: &[u8],
        flags: u64,
    ) -> (usize, Result<(), Errno>) {
        let Some(count) = self.elements(keys.len(), None) else {
            return (0, Err(Errno::EINVAL));
        };
        // SAFETY: the kernel reads `count` keys and no values, and `elements` found that many.
        unsafe { self.put_batch(bpf_cmd::BPF_MAP_DELETE_BATCH, keys, &[], count, flags) }
    }

    /// # Safety
    /// `command` must read no more than `count` keys and values from `keys` and `values`.
    unsafe fn put_batch(
        &self,
        command: bpf_cmd,
        keys: &[u8],
        values: &[u8],
        count: u32,
        flags: u64,
    ) -> (usize, Result<(), Errno>) {
        let mut attr = attr::Batch {
            keys: address(keys),
            values: address(values),
            count,
            map_fd: raw(self.fd.as_fd()),
            elem_flags: flags,
            ..attr::Batch::default()
        };
        // SAFETY: passed on.
        let result = unsafe { bpf(command, &mut attr) }.map(drop);
        (attr.count.min(count) as usize, result)
    }

    /// How many keys lie in `keys` bytes, if as many values lie in `values` bytes.
    fn elements(&self, keys: usize, values: Option<usize>) -> Option<u32> {
        let count = keys.checked_div(self.key)?;
        let whole = count * self.key == keys;
        let matched = values.is_none_or(|values| count.checked_mul(self.transfer) == Some(values));
        (whole && matched)
            .then(|| u32::try_from(count).ok())
            .flatten()
    }
}

/// `BPF_F_CPU` and `BPF_F_ALL_CPUS`: the buffer holds one value.
const CPU_FLAGS: u64 = (1 << 3) | (1 << 4);
