//! System calls: bpf(2) and the few others that need `unsafe`, behind safe functions.
//!
//! With `mmap.rs` the only place of `unsafe` code. Here is the call itself; beside it, one file for each kind of object
//! makes it safe: lengths are compared before an address is handed out.
#![expect(unsafe_code, reason = "system calls")]

mod attach;
mod info;
mod link;
mod map;
mod object;
mod os;
mod perf;
mod poll;
mod program;
mod socket;
mod tracing;

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use ebpf_sys::bpf_cmd;

pub(super) use attach::*;
pub(super) use info::*;
pub(super) use link::*;
pub(super) use map::*;
pub(super) use object::*;
pub(super) use os::*;
pub(super) use perf::*;
pub(super) use poll::*;
pub(super) use program::*;
pub(super) use socket::*;
pub(super) use tracing::*;

use super::attr::{self, Attr};
use crate::Errno;

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
