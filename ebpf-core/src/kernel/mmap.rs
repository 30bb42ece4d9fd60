//! Memory of maps, mapped into this process.
//!
//! One of the two files with `unsafe` code.
#![expect(unsafe_code, reason = "mapping the kernel's memory")]

use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU64;

use super::sys::last_errno;
use crate::Errno;
use crate::map::{Memory, Words};

/// The memory of a map, shared with running programs until this is dropped. The mapping keeps the map alive.
#[derive(Debug)]
pub(super) struct Mmap {
    start: NonNull<AtomicU64>,
    words: usize,
    writable: bool,
}

// SAFETY: the memory belongs to no thread, and what is shared of it are atomic words.
unsafe impl Send for Mmap {}
// SAFETY: as above; the fields never change.
unsafe impl Sync for Mmap {}

impl Mmap {
    /// Maps the first `words` 64-bit words behind `fd`, to read or to read and write.
    pub(super) fn new(fd: BorrowedFd<'_>, words: usize, writable: bool) -> Result<Mmap, Errno> {
        let bytes = words
            .checked_mul(size_of::<u64>())
            .filter(|bytes| *bytes > 0);
        let bytes = bytes.ok_or(Errno::EINVAL)?;
        let protection = if writable {
            libc::PROT_READ | libc::PROT_WRITE
        } else {
            libc::PROT_READ
        };
        // SAFETY: a null address lets the kernel choose a place where nothing is mapped, so no memory of this process
        // is touched; `fd` is open for the call.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                protection,
                libc::MAP_SHARED,
                fd.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(last_errno());
        }
        let start = NonNull::new(start.cast()).ok_or(Errno::ENOMEM)?;
        Ok(Mmap {
            start,
            words,
            writable,
        })
    }
}

impl Memory for Mmap {
    fn words(&self) -> Words<'_> {
        // SAFETY: `new` mapped this many words from here, page-aligned and readable, and only `drop` unmaps them. The
        // kernel backs all of them: it refuses to map more than the pages of the array. Others write them at any time,
        // which atomic words allow.
        let words = unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.words) };
        if self.writable {
            Words::writable(words)
        } else {
            Words::read_only(words)
        }
    }
}

impl Drop for Mmap {
    fn drop(&mut self) {
        // SAFETY: `new` mapped this range, nobody else unmaps it, and no borrow of it outlives `self`. Failing would
        // only leave it mapped.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.words * size_of::<u64>()) };
    }
}
