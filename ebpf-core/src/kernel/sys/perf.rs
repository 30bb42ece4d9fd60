//! Perf events: perf_event_open(2) and its ioctls.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use ebpf_sys::{
    PERF_EVENT_IOC_DISABLE, PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_PAUSE_OUTPUT,
    PERF_EVENT_IOC_SET_BPF, PERF_EVENT_IOC_SET_OUTPUT,
};
use zerocopy::{Immutable, IntoBytes};

use super::last_errno;
use crate::Errno;

/// `struct perf_event_attr` as Linux 2.6.33 had it (`PERF_ATTR_SIZE_VER1`): later fields are 0.
#[derive(Clone, Copy, Debug, Default, IntoBytes, Immutable)]
#[repr(C)]
pub(in crate::kernel) struct PerfEventAttr {
    pub(in crate::kernel) event_type: u32,
    /// Set when it is opened.
    pub(in crate::kernel) size: u32,
    pub(in crate::kernel) config: u64,
    /// A period, or a frequency with [`PerfFlags::FREQUENCY`].
    pub(in crate::kernel) sample_period: u64,
    pub(in crate::kernel) sample_type: u64,
    pub(in crate::kernel) read_format: u64,
    pub(in crate::kernel) flags: PerfFlags,
    /// A count of events, or of bytes with [`PerfFlags::WATERMARK`].
    pub(in crate::kernel) wakeup: u32,
    pub(in crate::kernel) bp_type: u32,
    pub(in crate::kernel) config1: u64,
    pub(in crate::kernel) config2: u64,
}

/// The bit field of `struct perf_event_attr`.
#[derive(Clone, Copy, Debug, Default, IntoBytes, Immutable)]
#[repr(transparent)]
pub(in crate::kernel) struct PerfFlags(u64);

impl PerfFlags {
    pub(in crate::kernel) const DISABLED: PerfFlags = PerfFlags::bit(0);
    pub(in crate::kernel) const INHERIT: PerfFlags = PerfFlags::bit(1);
    pub(in crate::kernel) const FREQUENCY: PerfFlags = PerfFlags::bit(10);
    pub(in crate::kernel) const WATERMARK: PerfFlags = PerfFlags::bit(14);
    pub(in crate::kernel) const WRITE_BACKWARD: PerfFlags = PerfFlags::bit(27);

    /// C puts the first bit field at the end of the word where it begins in memory.
    const fn bit(place: u32) -> PerfFlags {
        PerfFlags(if cfg!(target_endian = "big") {
            1 << (63 - place)
        } else {
            1 << place
        })
    }

    pub(in crate::kernel) const fn with(self, other: PerfFlags) -> PerfFlags {
        PerfFlags(self.0 | other.0)
    }
}

#[cfg(test)]
const _: () = {
    use ebpf_sys::{PERF_ATTR_SIZE_VER1, perf_event_attr};
    use std::mem::offset_of;
    assert!(size_of::<PerfEventAttr>() == PERF_ATTR_SIZE_VER1 as usize);
    assert!(offset_of!(PerfEventAttr, config) == offset_of!(perf_event_attr, config));
    assert!(offset_of!(PerfEventAttr, sample_type) == offset_of!(perf_event_attr, sample_type));
    assert!(offset_of!(PerfEventAttr, flags) == offset_of!(perf_event_attr, _bitfield_1));
    assert!(offset_of!(PerfEventAttr, bp_type) == offset_of!(perf_event_attr, bp_type));
};

/// Whose events are counted where; -1 is all, as perf_event_open(2) has it.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) struct PerfScope {
    /// A process or thread; 0 is the calling thread.
    pub(in crate::kernel) pid: i32,
    pub(in crate::kernel) cpu: i32,
}

/// perf_event_open(2).
pub(in crate::kernel) fn open_perf_event(
    attr: &PerfEventAttr,
    scope: PerfScope,
) -> Result<OwnedFd, Errno> {
    const PERF_FLAG_FD_CLOEXEC: libc::c_ulong = 8;
    let attr = PerfEventAttr {
        size: size_of::<PerfEventAttr>() as u32,
        ..*attr
    };
    // SAFETY: the kernel reads `attr`, as long as its size says; what an address inside points to is at most read, with
    // EFAULT where nothing is.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attr,
            scope.pid,
            scope.cpu,
            -1,
            PERF_FLAG_FD_CLOEXEC,
        )
    };
    if fd < 0 {
        return Err(last_errno());
    }
    // SAFETY: the call returned a new descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// perf_event_open(2) of a kprobe or uprobe, whose attributes have the name of its function or file by address.
pub(in crate::kernel) fn open_named_perf_event(
    attr: &PerfEventAttr,
    name: &CStr,
    scope: PerfScope,
) -> Result<OwnedFd, Errno> {
    let attr = PerfEventAttr {
        config1: name.as_ptr().expose_provenance() as u64,
        ..*attr
    };
    open_perf_event(&attr, scope)
}

/// Begins to count.
pub(in crate::kernel) fn enable_perf_event(event: BorrowedFd<'_>) -> Result<(), Errno> {
    perf_ioctl(event, PERF_EVENT_IOC_ENABLE, 0)
}

/// Stops to count.
pub(in crate::kernel) fn disable_perf_event(event: BorrowedFd<'_>) -> Result<(), Errno> {
    perf_ioctl(event, PERF_EVENT_IOC_DISABLE, 0)
}

/// Runs a program at the event, until its last descriptor is closed.
pub(in crate::kernel) fn set_perf_event_program(
    event: BorrowedFd<'_>,
    program: BorrowedFd<'_>,
) -> Result<(), Errno> {
    perf_ioctl(event, PERF_EVENT_IOC_SET_BPF, program.as_raw_fd())
}

/// Makes an event write into the ring of another one of the same CPU.
pub(in crate::kernel) fn set_perf_event_output(
    event: BorrowedFd<'_>,
    ring: BorrowedFd<'_>,
) -> Result<(), Errno> {
    perf_ioctl(event, PERF_EVENT_IOC_SET_OUTPUT, ring.as_raw_fd())
}

/// Stops what is written into the ring of an event, or lets it go on. Since Linux 4.7.
pub(in crate::kernel) fn pause_perf_event_output(
    event: BorrowedFd<'_>,
    pause: bool,
) -> Result<(), Errno> {
    perf_ioctl(event, PERF_EVENT_IOC_PAUSE_OUTPUT, i32::from(pause))
}

fn perf_ioctl(event: BorrowedFd<'_>, request: u32, argument: i32) -> Result<(), Errno> {
    // SAFETY: these requests take nothing but a number.
    let result = unsafe { libc::ioctl(event.as_raw_fd(), request as _, argument) };
    if result < 0 {
        Err(last_errno())
    } else {
        Ok(())
    }
}
