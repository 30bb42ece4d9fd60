//! System calls other than bpf(2).

use std::ffi::CString;
use std::path::Path;
use std::time::Duration;

use super::last_errno;
use super::object::c_path;
use crate::Errno;

/// The index of an interface, by its name, in the network namespace of the calling thread.
pub(in crate::kernel) fn interface_index(name: &str) -> Result<u32, Errno> {
    let name = CString::new(name).map_err(|_| Errno::ENODEV)?;
    // SAFETY: the function reads the name up to its NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(last_errno()),
        index => Ok(index),
    }
}

/// Lifts the limit of locked memory, which kernels before 5.11 charge maps and programs to.
pub(in crate::kernel) fn raise_memlock() -> Result<(), Errno> {
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
pub(in crate::kernel) fn read_clock(clock: libc::clockid_t) -> Result<Duration, Errno> {
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
pub(in crate::kernel) fn is_bpffs(path: &Path) -> Result<bool, Errno> {
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
pub(in crate::kernel) fn page_size() -> u32 {
    // SAFETY: the function takes and returns a number.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u32::try_from(size).unwrap_or(4096)
}
