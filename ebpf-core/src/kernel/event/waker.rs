//! Waking a wait from another thread: an eventfd beside the rings.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::Errno;
use crate::event::{Wait, Wake};
use crate::kernel::sys::EventFd;

const WOKEN: u8 = 1;
const STOPPED: u8 = 2;

/// Wakes the wait of one source. It outlives the source.
#[derive(Debug)]
pub(super) struct KernelWaker {
    event: EventFd,
    said: AtomicU8,
}

impl KernelWaker {
    pub(super) fn new() -> Result<KernelWaker, Errno> {
        Ok(KernelWaker {
            event: EventFd::new()?,
            said: AtomicU8::new(0),
        })
    }

    /// What someone said since the last time, if anything.
    #[inline]
    pub(super) fn take(&self) -> Option<Wait> {
        if self.said.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.take_said()
    }

    #[cold]
    fn take_said(&self) -> Option<Wait> {
        if self.is_stopped() {
            return Some(Wait::Stopped);
        }
        // In this order: what is said in between is either taken here or signals anew.
        self.event.clear();
        let said = self.said.fetch_and(!WOKEN, Ordering::AcqRel);
        (said & WOKEN != 0).then_some(Wait::Woken)
    }

    /// Makes the descriptor unreadable where it is readable for nothing.
    pub(super) fn quieten(&self) {
        if self.said.load(Ordering::Acquire) == 0 {
            self.event.clear();
            // Said in between: the signal may be what was just cleared.
            if self.said.load(Ordering::Acquire) != 0 {
                self.event.signal();
            }
        }
    }

    fn say(&self, what: u8) {
        self.said.fetch_or(what, Ordering::AcqRel);
        self.event.signal();
    }
}

impl Wake for KernelWaker {
    fn wake(&self) {
        self.say(WOKEN);
    }

    fn stop(&self) {
        self.say(STOPPED);
    }

    fn is_stopped(&self) -> bool {
        self.said.load(Ordering::Acquire) & STOPPED != 0
    }
}

impl AsFd for KernelWaker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
