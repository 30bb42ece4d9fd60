//! How the demo's threads learn that it is time to stop.

use std::sync::atomic::{AtomicBool, Ordering};

use ebpf_examples::interrupt::Interrupt;

/// Shared by all threads of the demo.
#[derive(Debug)]
pub(crate) struct Flags {
    interrupt: Interrupt,
    enough: AtomicBool,
    over: AtomicBool,
}

impl Flags {
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Self {
            interrupt,
            enough: AtomicBool::new(false),
            over: AtomicBool::new(false),
        }
    }

    /// Whether Ctrl-C was pressed, or the like.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupt.came()
    }

    /// Whether senders should send no more.
    pub(crate) fn enough(&self) -> bool {
        self.interrupted() || self.enough.load(Ordering::Relaxed)
    }

    /// Tells senders to send no more.
    pub(crate) fn set_enough(&self) {
        self.enough.store(true, Ordering::Relaxed);
    }

    /// Whether every thread should end.
    pub(crate) fn over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Ends every thread once the value goes, by whatever way: a return, an error, a panic.
    pub(crate) fn end_with(&self) -> EndWith<'_> {
        EndWith(self)
    }
}

/// Made by [`Flags::end_with`].
#[derive(Debug)]
pub(crate) struct EndWith<'a>(&'a Flags);

impl Drop for EndWith<'_> {
    fn drop(&mut self) {
        self.0.set_enough();
        self.0.over.store(true, Ordering::Relaxed);
    }
}
