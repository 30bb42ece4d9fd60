//! Links of tracing programs, and tracefs where nobody has mounted it.

use std::ffi::CString;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use ebpf_sys::bpf_cmd;
use zerocopy::IntoBytes;

use super::{address, bpf_open, last_errno, len32, raw};
use crate::Errno;
use crate::kernel::attr;

/// `BPF_LINK_CREATE` on a perf event. Since Linux 5.15.
pub(in crate::kernel) fn create_perf_link(
    program: BorrowedFd<'_>,
    event: BorrowedFd<'_>,
    cookie: u64,
) -> Result<OwnedFd, Errno> {
    let mut attr = attr::LinkCreatePerf {
        prog_fd: raw(program),
        target: raw(event),
        attach_type: crate::program::AttachType::PERF_EVENT.0,
        flags: 0,
        bpf_cookie: cookie,
    };
    // SAFETY: the command takes nothing but numbers for this attach type; it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// `BPF_RAW_TRACEPOINT_OPEN`; without a name it is the target that the program was loaded for. The cookie is for raw
/// tracepoints, since Linux 6.10.
pub(in crate::kernel) fn open_raw_tracepoint(
    program: BorrowedFd<'_>,
    name: Option<&str>,
    cookie: u64,
) -> Result<OwnedFd, Errno> {
    let name = name.map(CString::new).transpose();
    let name = name.map_err(|_| Errno::ENOENT)?;
    let mut attr = attr::RawTracepointOpen {
        name: name
            .as_ref()
            .map_or(0, |name| address(name.as_bytes_with_nul())),
        prog_fd: raw(program),
        hole: 0,
        cookie,
    };
    // SAFETY: the kernel reads the name up to its NUL; it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_RAW_TRACEPOINT_OPEN, &mut attr) }
}

/// `BPF_LINK_CREATE` of a tracing program: with a cookie since Linux 5.19, with another target since 5.10.
pub(in crate::kernel) fn create_tracing_link(
    program: BorrowedFd<'_>,
    attach_type: u32,
    target: Option<(BorrowedFd<'_>, u32)>,
    cookie: u64,
) -> Result<OwnedFd, Errno> {
    let mut attr = attr::LinkCreateTracing {
        prog_fd: raw(program),
        target: target.map_or(0, |(program, _)| raw(program)),
        attach_type,
        flags: 0,
        target_btf_id: target.map_or(0, |(_, function)| function),
        hole: 0,
        cookie,
    };
    // SAFETY: the command takes nothing but numbers for programs of these types, the only ones with these attach types;
    // it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// `union bpf_iter_link_info`.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) enum IterInfo<'m> {
    All,
    Map(BorrowedFd<'m>),
    Cgroup { order: u32, id: u64 },
    Task { tid: u32, pid: u32 },
}

/// `BPF_LINK_CREATE` of an iterator.
pub(in crate::kernel) fn create_iter_link(
    program: BorrowedFd<'_>,
    over: IterInfo<'_>,
) -> Result<OwnedFd, Errno> {
    // The words of the union, as long as the oldest kernel that knows them takes.
    let words: [u32; 4] = match over {
        IterInfo::All => [0; 4],
        IterInfo::Map(map) => [raw(map), 0, 0, 0],
        IterInfo::Cgroup { order, id } => {
            let [low, high] = [id as u32, (id >> 32) as u32];
            if cfg!(target_endian = "big") {
                [order, 0, high, low]
            } else {
                [order, 0, low, high]
            }
        }
        IterInfo::Task { tid, pid } => [tid, pid, 0, 0],
    };
    let used = match over {
        IterInfo::All => 0,
        IterInfo::Map(_) => 1,
        IterInfo::Cgroup { .. } => 4,
        IterInfo::Task { .. } => 3,
    };
    let info = words.get(..used).unwrap_or_default().as_bytes();
    let mut attr = attr::LinkCreateIter {
        prog_fd: raw(program),
        target: 0,
        attach_type: crate::program::AttachType::TRACE_ITER.0,
        flags: 0,
        iter_info: address(info),
        iter_info_len: len32(info)?,
        hole: 0,
    };
    // SAFETY: for this attach type the kernel reads as many bytes of the words as their length says; it returns a new
    // descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// Functions of the kernel, for a link.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) enum Functions<'f> {
    Names(&'f [CString]),
    Addresses(&'f [u64]),
}

/// `BPF_LINK_CREATE` of many kprobes; `cookies` has one for each function or none.
pub(in crate::kernel) fn create_kprobe_multi_link(
    program: BorrowedFd<'_>,
    attach_type: u32,
    functions: Functions<'_>,
    flags: u32,
    cookies: &[u64],
) -> Result<OwnedFd, Errno> {
    let names: Vec<u64> = match functions {
        Functions::Names(names) => names
            .iter()
            .map(|name| address(name.as_bytes_with_nul()))
            .collect(),
        Functions::Addresses(_) => Vec::new(),
    };
    let addresses = match functions {
        Functions::Names(_) => &[],
        Functions::Addresses(addresses) => addresses,
    };
    let count = names.len().max(addresses.len());
    if !cookies.is_empty() && cookies.len() != count {
        return Err(Errno::EINVAL);
    }
    let mut attr = attr::LinkCreateKprobeMulti {
        prog_fd: raw(program),
        target: 0,
        attach_type,
        flags: 0,
        multi_flags: flags,
        count: u32::try_from(count).map_err(|_| Errno::E2BIG)?,
        symbols: address(names.as_bytes()),
        addresses: address(addresses.as_bytes()),
        cookies: address(cookies.as_bytes()),
    };
    // SAFETY: for these attach types the kernel reads `count` words of each array that is there, and each name up to
    // its NUL; one of the two first arrays is there and has as many, and the cookies too, as was checked. It returns a
    // new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// Places in a file, for a link; `counters` and `cookies` have one for each or none.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) struct Places<'p> {
    pub(in crate::kernel) path: &'p CString,
    pub(in crate::kernel) offsets: &'p [u64],
    pub(in crate::kernel) counters: &'p [u64],
    pub(in crate::kernel) cookies: &'p [u64],
    /// 0 for all processes.
    pub(in crate::kernel) pid: u32,
}

/// `BPF_LINK_CREATE` of many uprobes.
pub(in crate::kernel) fn create_uprobe_multi_link(
    program: BorrowedFd<'_>,
    attach_type: u32,
    places: Places<'_>,
    flags: u32,
) -> Result<OwnedFd, Errno> {
    let count = places.offsets.len();
    let fits = |array: &[u64]| array.is_empty() || array.len() == count;
    if !fits(places.counters) || !fits(places.cookies) {
        return Err(Errno::EINVAL);
    }
    let mut attr = attr::LinkCreateUprobeMulti {
        prog_fd: raw(program),
        target: 0,
        attach_type,
        flags: 0,
        path: address(places.path.as_bytes_with_nul()),
        offsets: address(places.offsets.as_bytes()),
        ref_ctr_offsets: address(places.counters.as_bytes()),
        cookies: address(places.cookies.as_bytes()),
        count: u32::try_from(count).map_err(|_| Errno::E2BIG)?,
        multi_flags: flags,
        pid: places.pid,
        hole: 0,
    };
    // SAFETY: for these attach types the kernel reads the path up to its NUL and `count` words of each array that is
    // there, which all have as many, as was checked; it returns a new descriptor.
    unsafe { bpf_open(bpf_cmd::BPF_LINK_CREATE, &mut attr) }
}

/// A mount of tracefs that is in no directory and ends with the descriptor. Since Linux 5.2, with CAP_SYS_ADMIN.
pub(in crate::kernel) fn mount_tracefs() -> Result<OwnedFd, Errno> {
    const FSCONFIG_CMD_CREATE: libc::c_uint = 6;
    const CLOEXEC: libc::c_uint = 1;
    let descriptor = |result: libc::c_long| {
        if result < 0 {
            return Err(last_errno());
        }
        // SAFETY: each of the two calls returned a new descriptor, which nobody else owns.
        Ok(unsafe { OwnedFd::from_raw_fd(result as i32) })
    };
    // SAFETY: the call reads the name up to its NUL.
    let context =
        descriptor(unsafe { libc::syscall(libc::SYS_fsopen, c"tracefs".as_ptr(), CLOEXEC) })?;
    let null = std::ptr::null::<u8>();
    // SAFETY: this command takes neither key nor value.
    let made = unsafe {
        libc::syscall(
            libc::SYS_fsconfig,
            context.as_raw_fd(),
            FSCONFIG_CMD_CREATE,
            null,
            null,
            0,
        )
    };
    if made < 0 {
        return Err(last_errno());
    }
    // SAFETY: the call takes nothing but numbers.
    descriptor(unsafe { libc::syscall(libc::SYS_fsmount, context.as_raw_fd(), CLOEXEC, 0) })
}
