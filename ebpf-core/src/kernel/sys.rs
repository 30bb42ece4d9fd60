//! System calls: bpf(2) and the few others that need `unsafe`, behind safe functions.
//!
//! One of the two files with `unsafe` code. The kernel reads and writes as many bytes as it knows a map's keys and
//! values to have, whatever buffer it is given, so [`MapFd`] keeps the kernel's own sizes beside the descriptor and
//! compares every buffer with them.
#![expect(unsafe_code, reason = "system calls")]

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use ebpf_sys::{
    BPF_F_REPLACE, bpf_btf_info, bpf_cmd, bpf_func_info, bpf_line_info, bpf_link_info,
    bpf_link_type, bpf_map_info, bpf_prog_info,
};
use zerocopy::IntoBytes;

use super::attr::{self, Attr};
use crate::Errno;
use crate::codec::{c_bytes, c_str};
use crate::map::MapType;
use crate::system::CpuSet;

/// What the C library's last failed call said.
pub(super) fn last_errno() -> Errno {
    Errno(
        std::io::Error::last_os_error()
            .raw_os_error()
            .unwrap_or(libc::EIO),
    )
}

/// What the kernel said in a failed operation of the standard library.
pub(super) fn errno_of(error: &std::io::Error) -> Errno {
    Errno(error.raw_os_error().unwrap_or(libc::EIO))
}

/// The system call itself, with nothing between the caller's loop and the kernel.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[inline(always)]
unsafe fn bpf_call(command: u32, attr: *mut u8, size: usize) -> isize {
    let result: isize;
    // SAFETY: the instruction changes rax, rcx and r11 and what the kernel writes for the command, which the caller
    // vouches for; memory is clobbered by default.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") libc::SYS_bpf as isize => result,
            in("rdi") command as usize,
            in("rsi") attr,
            in("rdx") size,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}

/// The system call itself.
#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64")))]
#[inline(always)]
unsafe fn bpf_call(command: u32, attr: *mut u8, size: usize) -> isize {
    // SAFETY: the caller vouches for what the kernel reads and writes for the command.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command as usize, attr, size) };
    if result < 0 {
        -(last_errno().0 as isize)
    } else {
        result as isize
    }
}

/// bpf(2): what it returns, or its error.
///
/// # Safety
/// Every address in `attr` must be valid for what the kernel reads from it or writes to it for `command`.
#[inline(always)]
unsafe fn bpf<A: Attr>(command: bpf_cmd, attr: &mut A) -> Result<u32, Errno> {
    // SAFETY: `attr` is live, initialised throughout and borrowed exclusively for the call; `Attr` says that any bytes
    // the kernel writes back are valid; the addresses inside are the caller's to vouch for.
    let result = unsafe { bpf_call(command.0, std::ptr::from_mut(attr).cast(), size_of::<A>()) };
    if result < 0 {
        Err(Errno(-result as i32))
    } else {
        Ok(result as u32)
    }
}

/// bpf(2) for the commands that return a new descriptor, which the kernel opens with `O_CLOEXEC`.
///
/// # Safety
/// As [`bpf`], and `command` must be one of them.
unsafe fn bpf_open<A: Attr>(command: bpf_cmd, attr: &mut A) -> Result<OwnedFd, Errno> {
    // SAFETY: passed on.
    let raw = unsafe { bpf(command, attr) }?;
    // SAFETY: the command returned a new descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(raw as i32) })
}

fn address(bytes: &[u8]) -> u64 {
    if bytes.is_empty() {
        0
    } else {
        bytes.as_ptr().expose_provenance() as u64
    }
}

fn address_mut(bytes: &mut [u8]) -> u64 {
    if bytes.is_empty() {
        0
    } else {
        bytes.as_mut_ptr().expose_provenance() as u64
    }
}

fn raw(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd() as u32
}

fn len32(bytes: &[u8]) -> Result<u32, Errno> {
    u32::try_from(bytes.len()).map_err(|_| Errno::E2BIG)
}

/// How many CPUs the kernel has values for in per-CPU maps. Only [`possible_cpus`] makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct PossibleCpus(u32);

impl PossibleCpus {
    pub(super) fn count(self) -> u32 {
        self.0
    }
}

pub(super) const POSSIBLE_CPUS: &str = "/sys/devices/system/cpu/possible";

/// Asks the kernel which CPUs are possible.
pub(super) fn possible_cpus() -> Result<PossibleCpus, Errno> {
    let list = std::fs::read_to_string(POSSIBLE_CPUS).map_err(|error| errno_of(&error))?;
    let set = CpuSet::parse(&list)
        .filter(|set| !set.is_empty())
        .ok_or(Errno::EINVAL)?;
    Ok(PossibleCpus(set.len() as u32))
}

/// A map's descriptor and how many bytes the kernel moves for a key and a value of it.
#[derive(Debug)]
pub(super) struct MapFd {
    fd: OwnedFd,
    key: usize,
    /// One value, as it is.
    value: usize,
    /// What an operation moves: for per-CPU maps the values of all CPUs.
    transfer: usize,
}

impl MapFd {
    /// `BPF_MAP_CREATE`. The sizes are the kernel's where it tells (since Linux 4.13), else those that it accepted.
    pub(super) fn create(
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
    pub(super) fn open(
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

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
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
    pub(super) fn lookup(&self, key: &[u8], value: &mut [u8], flags: u64) -> Result<(), Errno> {
        // SAFETY: the command is one that `take` is for.
        unsafe { self.take(bpf_cmd::BPF_MAP_LOOKUP_ELEM, key, value, flags) }
    }

    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM`.
    pub(super) fn lookup_and_delete(
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
    pub(super) fn update(&self, key: &[u8], value: &[u8], flags: u64) -> Result<(), Errno> {
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
    pub(super) fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        if key.len() != self.key {
            return Err(Errno::EINVAL);
        }
        let mut attr = self.elem(key, 0, 0);
        // SAFETY: the kernel reads `self.key` bytes of `key`, whose length was just compared.
        unsafe { bpf(bpf_cmd::BPF_MAP_DELETE_ELEM, &mut attr) }.map(drop)
    }

    /// `BPF_MAP_GET_NEXT_KEY`; `None` asks for the first key (since Linux 4.12).
    #[inline(always)]
    pub(super) fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        if after.is_some_and(|key| key.len() != self.key) || next.len() != self.key {
            return Err(Errno::EINVAL);
        }
        let mut attr = self.elem(after.unwrap_or_default(), address_mut(next), 0);
        // SAFETY: the kernel reads `self.key` bytes of `after` unless it is null, and writes as many to `next`; both
        // lengths were just compared.
        unsafe { bpf(bpf_cmd::BPF_MAP_GET_NEXT_KEY, &mut attr) }.map(drop)
    }

    /// `BPF_MAP_FREEZE`.
    pub(super) fn freeze(&self) -> Result<(), Errno> {
        let mut attr = attr::LinkDetach {
            link_fd: raw(self.fd.as_fd()),
        };
        // SAFETY: the command reads nothing but the descriptor, which is the first field of both structures.
        unsafe { bpf(bpf_cmd::BPF_MAP_FREEZE, &mut attr) }.map(drop)
    }

    /// Bytes that a batch's token may have: a hash keeps a bucket's number there, other types a key.
    pub(super) fn token_size(&self) -> usize {
        self.key.max(size_of::<u32>())
    }

    /// `BPF_MAP_LOOKUP_BATCH`, `BPF_MAP_LOOKUP_AND_DELETE_BATCH`: how many elements were read, beside what was said.
    pub(super) fn take_batch(
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
    pub(super) fn update_batch(
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
    pub(super) fn delete_batch(&self, keys: &[u8], flags: u64) -> (usize, Result<(), Errno>) {
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

/// `BPF_OBJ_GET_INFO_BY_FD` into `info`, which is all that the kernel may write. The size that it filled in.
///
/// # Safety
/// Any bytes must be a valid `T`, and addresses inside `info` valid for what the kernel writes there.
unsafe fn info_into<T>(fd: BorrowedFd<'_>, info: &mut T) -> Result<usize, Errno> {
    let mut attr = attr::Info {
        bpf_fd: raw(fd),
        info_len: size_of::<T>() as u32,
        info: std::ptr::from_mut(info).expose_provenance() as u64,
    };
    // SAFETY: the kernel writes at most `info_len` bytes to `info`, which is borrowed exclusively; what is inside is
    // the caller's to vouch for.
    unsafe { bpf(bpf_cmd::BPF_OBJ_GET_INFO_BY_FD, &mut attr) }?;
    Ok(attr.info_len as usize)
}

/// What the kernel says of a map.
pub(super) fn map_info(fd: BorrowedFd<'_>) -> Result<bpf_map_info, Errno> {
    let mut info = bpf_map_info::default();
    // SAFETY: the structure is of integers only, and its addresses are null.
    unsafe { info_into(fd, &mut info) }?;
    Ok(info)
}

/// What the kernel says of a program; `map_ids` gets the first of its maps' ids.
pub(super) fn program_info(
    fd: BorrowedFd<'_>,
    map_ids: &mut [u32],
) -> Result<bpf_prog_info, Errno> {
    let mut info = bpf_prog_info {
        nr_map_ids: map_ids.len() as u32,
        ..bpf_prog_info::default()
    };
    info.map_ids = address_mut(map_ids.as_mut_bytes());
    // SAFETY: the structure is of integers only; the kernel writes at most `nr_map_ids` numbers to `map_ids`, which
    // are as many as there is room for, and the other addresses are null with counts of zero.
    unsafe { info_into(fd, &mut info) }?;
    Ok(info)
}

/// What the kernel says of a link, in the layout of `struct bpf_link_info`, and the name of its target for the types
/// that have one: raw tracepoints and iterators.
pub(super) fn link_info(
    fd: BorrowedFd<'_>,
) -> Result<([u32; LINK_INFO_WORDS], Option<String>), Errno> {
    let mut info = LinkWords([0; LINK_INFO_WORDS]);
    // SAFETY: the buffer is of integers only and zero, so that every address in it is null.
    unsafe { info_into(fd, &mut info) }?;
    let named = [
        bpf_link_type::BPF_LINK_TYPE_RAW_TRACEPOINT,
        bpf_link_type::BPF_LINK_TYPE_ITER,
    ];
    if !info
        .0
        .first()
        .is_some_and(|kind| named.contains(&bpf_link_type(*kind)))
    {
        return Ok((info.0, None));
    }
    let mut name = vec![0u8; 128];
    let mut question = LinkWords([0; LINK_INFO_WORDS]);
    let address = address_mut(&mut name).to_ne_bytes();
    let words = question.0.as_mut_bytes();
    // Both types begin with the address and the length of a buffer for the name.
    if let Some(place) = words.get_mut(LINK_NAME..LINK_NAME + 12) {
        place[..8].copy_from_slice(&address);
        place[8..].copy_from_slice(&(name.len() as u32).to_ne_bytes());
    }
    // SAFETY: the buffer is of integers only; it is of a type whose only address is that of `name`, with its length,
    // and the type of a link does not change.
    unsafe { info_into(fd, &mut question) }?;
    Ok((info.0, Some(c_str(&name).into_owned())))
}

/// 32-bit words of `struct bpf_link_info`, newer and longer ones included.
pub(super) const LINK_INFO_WORDS: usize = 32;

/// Where what depends on the type begins in `struct bpf_link_info`, in bytes.
const LINK_NAME: usize = std::mem::offset_of!(bpf_link_info, __bindgen_anon_1);

/// A buffer as aligned as the structure.
#[repr(C, align(8))]
struct LinkWords([u32; LINK_INFO_WORDS]);

/// The name of a BTF object of the kernel, `vmlinux` or a module's; empty for one that a process loaded.
pub(super) fn kernel_btf_name(fd: BorrowedFd<'_>) -> Result<Vec<u8>, Errno> {
    let mut name = vec![0u8; 128];
    let mut info = bpf_btf_info {
        name: address_mut(&mut name),
        name_len: len32(&name)?,
        ..bpf_btf_info::default()
    };
    // SAFETY: the structure is of integers only; the kernel writes at most `name_len` bytes to `name`, and the other
    // addresses are null.
    unsafe { info_into(fd, &mut info) }?;
    if info.kernel_btf == 0 {
        return Ok(Vec::new());
    }
    Ok(c_bytes(&name).to_vec())
}

/// `BPF_*_GET_NEXT_ID`: the id after `after`.
pub(super) fn next_id(command: NextId, after: u32) -> Result<u32, Errno> {
    let mut attr = attr::Ids {
        id: after,
        ..attr::Ids::default()
    };
    // SAFETY: these commands take nothing but numbers.
    unsafe { bpf(command.0, &mut attr) }?;
    Ok(attr.next_id)
}

/// One of the commands that walk over ids.
#[derive(Clone, Copy)]
pub(super) struct NextId(bpf_cmd);

impl NextId {
    pub(super) const MAP: NextId = NextId(bpf_cmd::BPF_MAP_GET_NEXT_ID);
    pub(super) const PROGRAM: NextId = NextId(bpf_cmd::BPF_PROG_GET_NEXT_ID);
    pub(super) const LINK: NextId = NextId(bpf_cmd::BPF_LINK_GET_NEXT_ID);
    pub(super) const BTF: NextId = NextId(bpf_cmd::BPF_BTF_GET_NEXT_ID);
}

/// `BPF_*_GET_FD_BY_ID`.
pub(super) fn open_id(command: OpenId, id: u32) -> Result<OwnedFd, Errno> {
    let mut attr = attr::Ids {
        id,
        ..attr::Ids::default()
    };
    // SAFETY: these commands take nothing but numbers and return a new descriptor.
    unsafe { bpf_open(command.0, &mut attr) }
}

/// One of the commands that open an object by its id.
#[derive(Clone, Copy)]
pub(super) struct OpenId(bpf_cmd);

impl OpenId {
    pub(super) const MAP: OpenId = OpenId(bpf_cmd::BPF_MAP_GET_FD_BY_ID);
    pub(super) const PROGRAM: OpenId = OpenId(bpf_cmd::BPF_PROG_GET_FD_BY_ID);
    pub(super) const LINK: OpenId = OpenId(bpf_cmd::BPF_LINK_GET_FD_BY_ID);
    pub(super) const BTF: OpenId = OpenId(bpf_cmd::BPF_BTF_GET_FD_BY_ID);
}

fn c_path(path: &Path) -> Result<CString, Errno> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::EINVAL)
}

/// `BPF_OBJ_PIN`.
pub(super) fn pin(fd: BorrowedFd<'_>, path: &Path) -> Result<(), Errno> {
    let path = c_path(path)?;
    let mut attr = attr::Obj {
        pathname: address(path.to_bytes_with_nul()),
        bpf_fd: raw(fd),
        file_flags: 0,
    };
    // SAFETY: the kernel reads the path up to its NUL.
    unsafe { bpf(bpf_cmd::BPF_OBJ_PIN, &mut attr) }.map(drop)
}

/// `BPF_OBJ_GET`.
pub(super) fn open_pinned(path: &Path) -> Result<OwnedFd, Errno> {
    let path = c_path(path)?;
    let mut attr = attr::Obj {
        pathname: address(path.to_bytes_with_nul()),
        ..attr::Obj::default()
    };
    // SAFETY: the kernel reads the path up to its NUL and returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_OBJ_GET, &mut attr) }
}

/// `BPF_BTF_LOAD`, with the log in `log` where it has room.
pub(super) fn load_btf(btf: &[u8], log: &mut [u8]) -> Result<OwnedFd, Errno> {
    let mut attr = attr::BtfLoad {
        btf: address(btf),
        btf_log_buf: address_mut(log),
        btf_size: len32(btf)?,
        btf_log_size: len32(log)?,
        btf_log_level: u32::from(!log.is_empty()),
        btf_log_true_size: 0,
    };
    // SAFETY: the kernel reads `btf` and writes `log`, as long as they are, and returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_BTF_LOAD, &mut attr) }
}

/// What a program is loaded from, but for the numbers in [`attr::ProgLoad`].
#[derive(Clone, Copy, Default)]
pub(super) struct ProgramSource<'a> {
    /// Instructions of 8 bytes.
    pub(super) instructions: &'a [u8],
    pub(super) license: &'a CStr,
    /// Records of `struct bpf_func_info`.
    pub(super) functions: &'a [u8],
    /// Records of `struct bpf_line_info`.
    pub(super) lines: &'a [u8],
    /// Descriptors of BTF that calls refer to by their place.
    pub(super) btfs: &'a [i32],
}

/// `BPF_PROG_LOAD` of `source` with the numbers in `attr`. How much the log would have taken, where the kernel tells
/// (since Linux 6.4), is left in `attr`.
pub(super) fn load_program(
    attr: &mut attr::ProgLoad,
    source: &ProgramSource<'_>,
    log: &mut [u8],
) -> Result<OwnedFd, Errno> {
    let records =
        |bytes: &[u8], size: usize| u32::try_from(bytes.len() / size).map_err(|_| Errno::E2BIG);
    let (function, line) = (size_of::<bpf_func_info>(), size_of::<bpf_line_info>());
    attr.insns = address(source.instructions);
    attr.insn_cnt = records(source.instructions, 8)?;
    attr.license = address(source.license.to_bytes_with_nul());
    attr.func_info = address(source.functions);
    attr.func_info_cnt = records(source.functions, function)?;
    attr.func_info_rec_size = if source.functions.is_empty() {
        0
    } else {
        function as u32
    };
    attr.line_info = address(source.lines);
    attr.line_info_cnt = records(source.lines, line)?;
    attr.line_info_rec_size = if source.lines.is_empty() {
        0
    } else {
        line as u32
    };
    attr.fd_array = address(source.btfs.as_bytes());
    attr.core_relos = 0;
    attr.core_relo_cnt = 0;
    attr.core_relo_rec_size = 0;
    attr.log_buf = address_mut(log);
    attr.log_size = len32(log)?;
    attr.log_true_size = 0;
    // SAFETY: the kernel reads as many instructions and records as were counted here, the licence up to its NUL, and
    // writes at most `log_size` bytes of `log`. Of `btfs` it reads the places that calls name: past the end that
    // gives a number that is no descriptor of BTF or EFAULT, and nothing is written.
    unsafe { bpf_open(bpf_cmd::BPF_PROG_LOAD, attr) }
}

/// `BPF_PROG_TEST_RUN` with the numbers in `attr`, which gets what the kernel answers also when it says `ENOSPC`.
/// Programs of type syscall leave their context in `context_in`.
#[inline]
pub(super) fn test_run(
    fd: BorrowedFd<'_>,
    attr: &mut attr::TestRun,
    data_in: &[u8],
    context_in: &mut [u8],
    [data_out, context_out]: [&mut [u8]; 2],
) -> Result<(), Errno> {
    attr.prog_fd = raw(fd);
    (attr.data_size_in, attr.data_in) = (len32(data_in)?, address(data_in));
    (attr.ctx_size_in, attr.ctx_in) = (len32(context_in)?, address_mut(context_in));
    (attr.data_size_out, attr.data_out) = (len32(data_out)?, address_mut(data_out));
    (attr.ctx_size_out, attr.ctx_out) = (len32(context_out)?, address_mut(context_out));
    // SAFETY: the kernel reads `data_in`, reads and for some types writes `context_in`, and writes the two outputs, each
    // as long as it is; an empty one is null, because a size of 0 with an address would mean no limit.
    unsafe { bpf(bpf_cmd::BPF_PROG_TEST_RUN, attr) }.map(drop)
}

/// `BPF_LINK_CREATE` for types that take nothing but numbers.
pub(super) fn create_link(
    program: BorrowedFd<'_>,
    target: u32,
    attach_type: u32,
    flags: u32,
) -> Result<OwnedFd, Errno> {
    let mut attr = attr::LinkCreate {
        prog_fd: raw(program),
        target,
        attach_type,
        flags,
    };
    // SAFETY: everything the kernel reads beyond these numbers is zero, so null; it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// `BPF_LINK_UPDATE`.
pub(super) fn update_link(
    link: BorrowedFd<'_>,
    new: BorrowedFd<'_>,
    expected: Option<BorrowedFd<'_>>,
) -> Result<(), Errno> {
    let mut attr = attr::LinkUpdate {
        link_fd: raw(link),
        new_prog_fd: raw(new),
        flags: if expected.is_some() { BPF_F_REPLACE } else { 0 },
        old_prog_fd: expected.map_or(0, raw),
    };
    // SAFETY: the command takes nothing but numbers.
    unsafe { bpf(bpf_cmd::BPF_LINK_UPDATE, &mut attr) }.map(drop)
}

/// `BPF_LINK_DETACH`.
pub(super) fn detach_link(link: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut attr = attr::LinkDetach { link_fd: raw(link) };
    // SAFETY: the command takes nothing but a number.
    unsafe { bpf(bpf_cmd::BPF_LINK_DETACH, &mut attr) }.map(drop)
}

/// `BPF_ITER_CREATE`: a file that reads what the iterator prints.
pub(super) fn create_iterator(link: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let mut attr = attr::IterCreate {
        link_fd: raw(link),
        flags: 0,
    };
    // SAFETY: the command takes nothing but numbers and returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_ITER_CREATE, &mut attr) }
}

/// What the kernel says to a command with the descriptor -1 and zeros: `EINVAL` if it does not know the command,
/// `EBADF` most often if it does.
pub(super) fn try_command(command: bpf_cmd) -> Errno {
    let mut attr = attr::Batch {
        map_fd: u32::MAX,
        ..attr::Batch::default()
    };
    // SAFETY: every address is null and every count is 0.
    unsafe { bpf(command, &mut attr) }.err().unwrap_or(Errno(0))
}

/// The index of an interface, by its name, in the network namespace of the calling thread.
pub(super) fn interface_index(name: &str) -> Result<u32, Errno> {
    let name = CString::new(name).map_err(|_| Errno::ENODEV)?;
    // SAFETY: the function reads the name up to its NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(last_errno()),
        index => Ok(index),
    }
}

/// Lifts the limit of locked memory, which kernels before 5.11 charge maps and programs to.
pub(super) fn raise_memlock() -> Result<(), Errno> {
    let infinite = libc::rlimit {
        rlim_cur: libc::RLIM_INFINITY,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: the function reads the structure it is given.
    if unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &infinite) } == 0 {
        return Ok(());
    }
    let refused = last_errno();
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the function writes the structure it is given.
    if unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut limit) } != 0
        || limit.rlim_cur >= limit.rlim_max
    {
        return Err(refused);
    }
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: as the first call.
    if unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit) } == 0 {
        Ok(())
    } else {
        Err(refused)
    }
}

/// A clock's reading.
pub(super) fn read_clock(clock: libc::clockid_t) -> Result<Duration, Errno> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the function writes the structure it is given.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return Err(last_errno());
    }
    Ok(Duration::new(
        time.tv_sec.max(0) as u64,
        time.tv_nsec as u32,
    ))
}

/// Whether `path` lies in a BPF file system.
pub(super) fn is_bpffs(path: &Path) -> Result<bool, Errno> {
    const BPF_FS_MAGIC: u32 = 0xcafe_4a11;
    let path = c_path(path)?;
    let mut stat = std::mem::MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: the function reads the path up to its NUL and writes the structure.
    if unsafe { libc::statfs(path.as_ptr(), stat.as_mut_ptr()) } != 0 {
        return Err(last_errno());
    }
    // SAFETY: the structure is of integers only and was zero before it was written.
    Ok(unsafe { stat.assume_init() }.f_type as u32 == BPF_FS_MAGIC)
}

/// Bytes of a page of memory.
pub(super) fn page_size() -> u32 {
    // SAFETY: the function takes and returns a number.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u32::try_from(size).unwrap_or(4096)
}
