//! Objects by id and by path, and BTF.

use std::ffi::CString;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

use ebpf_sys::{bpf_cmd, bpf_stats_type};

use super::{address, address_mut, bpf, bpf_open, len32, raw};
use crate::Errno;
use crate::kernel::attr;

/// `BPF_*_GET_NEXT_ID`: the id after `after`.
pub(in crate::kernel) fn next_id(command: NextId, after: u32) -> Result<u32, Errno> {
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
pub(in crate::kernel) struct NextId(bpf_cmd);

impl NextId {
    pub(in crate::kernel) const MAP: NextId = NextId(bpf_cmd::BPF_MAP_GET_NEXT_ID);
    pub(in crate::kernel) const PROGRAM: NextId = NextId(bpf_cmd::BPF_PROG_GET_NEXT_ID);
    pub(in crate::kernel) const LINK: NextId = NextId(bpf_cmd::BPF_LINK_GET_NEXT_ID);
    pub(in crate::kernel) const BTF: NextId = NextId(bpf_cmd::BPF_BTF_GET_NEXT_ID);
}

/// `BPF_*_GET_FD_BY_ID`.
pub(in crate::kernel) fn open_id(command: OpenId, id: u32) -> Result<OwnedFd, Errno> {
    let mut attr = attr::Ids {
        id,
        ..attr::Ids::default()
    };
    // SAFETY: these commands take nothing but numbers and return a new descriptor.
    unsafe { bpf_open(command.0, &mut attr) }
}

/// One of the commands that open an object by its id.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct OpenId(bpf_cmd);

impl OpenId {
    pub(in crate::kernel) const MAP: OpenId = OpenId(bpf_cmd::BPF_MAP_GET_FD_BY_ID);
    pub(in crate::kernel) const PROGRAM: OpenId = OpenId(bpf_cmd::BPF_PROG_GET_FD_BY_ID);
    pub(in crate::kernel) const LINK: OpenId = OpenId(bpf_cmd::BPF_LINK_GET_FD_BY_ID);
    pub(in crate::kernel) const BTF: OpenId = OpenId(bpf_cmd::BPF_BTF_GET_FD_BY_ID);
}

pub(super) fn c_path(path: &Path) -> Result<CString, Errno> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::EINVAL)
}

/// `BPF_OBJ_PIN`.
pub(in crate::kernel) fn pin(fd: BorrowedFd<'_>, path: &Path) -> Result<(), Errno> {
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
pub(in crate::kernel) fn open_pinned(path: &Path) -> Result<OwnedFd, Errno> {
    let path = c_path(path)?;
    let mut attr = attr::Obj {
        pathname: address(path.to_bytes_with_nul()),
        ..attr::Obj::default()
    };
    // SAFETY: the kernel reads the path up to its NUL and returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_OBJ_GET, &mut attr) }
}

/// `BPF_ENABLE_STATS`: runs of programs are counted while the descriptor is open.
pub(in crate::kernel) fn enable_stats() -> Result<OwnedFd, Errno> {
    let mut attr = attr::EnableStats {
        stats_type: bpf_stats_type::BPF_STATS_RUN_TIME.0,
    };
    // SAFETY: the command takes nothing but a number and returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_ENABLE_STATS, &mut attr) }
}

/// `BPF_BTF_LOAD`, with the log in `log` where it has room.
pub(in crate::kernel) fn load_btf(btf: &[u8], log: &mut [u8]) -> Result<OwnedFd, Errno> {
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
