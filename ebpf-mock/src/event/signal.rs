//! Waking who waits for events: a bell for each system, and for each source or producer whether it was rung for.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use ebpf_core::event::{Wait, Wake};
use parking_lot::{Condvar, Mutex};

#[cfg(unix)]
use super::pipe::{Level, Room};

const WOKEN: u8 = 1;
const STOPPED: u8 = 2;

/// Where all waits of a system sleep, and the signals that are rung with it.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    signals: Mutex<Vec<Weak<Signal>>>,
    rung: Condvar,
}

impl Bell {
    /// A signal that is rung with this bell.
    pub(crate) fn signal(self: &Arc<Bell>) -> Arc<Signal> {
        let signal = Arc::new(Signal {
            bell: self.clone(),
            said: AtomicU8::new(0),
            #[cfg(unix)]
            level: Level::default(),
            #[cfg(unix)]
            room: Room::default(),
            #[cfg(not(unix))]
            level: std::sync::atomic::AtomicBool::new(false),
        });
        let mut signals = self.signals.lock();
        signals.retain(|signal| signal.strong_count() > 0);
        signals.push(Arc::downgrade(&signal));
        signal
    }

    /// The signal that a waker of a source is, if the source is of this system.
    pub(crate) fn signal_of(&self, waker: &Arc<dyn Wake>) -> Option<Arc<Signal>> {
        let signals = self.signals.lock();
        let place = Arc::as_ptr(waker).cast::<()>();
        signals
            .iter()
            .filter_map(Weak::upgrade)
            .find(|signal| std::ptr::eq(Arc::as_ptr(signal).cast::<()>(), place))
    }

    /// Sleeps until one of the signals is raised; false when the time is over.
    pub(crate) fn wait(&self, signals: &[Arc<Signal>], deadline: Option<Instant>) -> bool {
        let raised = || signals.iter().any(|signal| signal.is_raised());
        let mut guard = self.signals.lock();
        while !raised() {
            match deadline {
                None => self.rung.wait(&mut guard),
                Some(deadline) => {
                    if self.rung.wait_until(&mut guard, deadline).timed_out() {
                        return raised();
                    }
                }
            }
        }
        true
    }
}

/// Whether there may be something for a source or a producer; also its waker. It outlives both.
#[derive(Debug)]
pub(crate) struct Signal {
    bell: Arc<Bell>,
    said: AtomicU8,
    #[cfg(unix)]
    level: Level,
    /// Of a producer: whether the ring is not full.
    #[cfg(unix)]
    room: Room,
    #[cfg(not(unix))]
    level: std::sync::atomic::AtomicBool,
}

impl Signal {
    /// Ends the wait that is under way, or the next one, to look again.
    pub(crate) fn ring(&self) {
        self.raise();
        // A wait looks at its signals with the lock and lets go of it only to sleep: no ring is missed.
        drop(self.bell.signals.lock());
        self.bell.rung.notify_all();
    }

    /// What someone said since the last time, if anything.
    pub(crate) fn take_said(&self) -> Option<Wait> {
        if self.is_stopped() {
            return Some(Wait::Stopped);
        }
        let said = self.said.fetch_and(!WOKEN, Ordering::AcqRel);
        (said & WOKEN != 0).then_some(Wait::Woken)
    }

    fn say(&self, what: u8) {
        self.said.fetch_or(what, Ordering::AcqRel);
        self.ring();
    }

    #[cfg(unix)]
    pub(crate) fn raise(&self) {
        self.level.set(true);
        self.room.set(true);
    }

    /// Nothing is there: until it is raised again. Whoever lowers it looks once more.
    #[cfg(unix)]
    pub(crate) fn lower(&self) {
        self.level.set(false);
        if self.said.load(Ordering::Acquire) != 0 {
            self.level.set(true);
        }
    }

    #[cfg(unix)]
    pub(crate) fn is_raised(&self) -> bool {
        self.level.is_high()
    }

    /// Says to who waits with the descriptor of [`Signal::room_fd`] whether there is room.
    #[cfg(unix)]
    pub(crate) fn set_room(&self, room: bool) {
        self.room.set(room);
    }

    /// A descriptor that is writable while there is room.
    #[cfg(unix)]
    pub(crate) fn room_fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.room.fd()
    }

    /// A descriptor that is readable while the signal is raised.
    #[cfg(unix)]
    pub(crate) fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.level.fd()
    }

    #[cfg(not(unix))]
    pub(crate) fn raise(&self) {
        self.level.store(true, Ordering::SeqCst);
    }

    #[cfg(not(unix))]
    pub(crate) fn lower(&self) {
        let said = self.said.load(Ordering::SeqCst) != 0;
        self.level.store(said, Ordering::SeqCst);
    }

    #[cfg(not(unix))]
    pub(crate) fn is_raised(&self) -> bool {
        self.level.load(Ordering::SeqCst)
    }
}

impl Wake for Signal {
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

/// Who has a ring open in user space, one at a time: to be woken by programs.
#[derive(Debug, Default)]
pub(crate) struct Listener(Mutex<Option<Arc<Signal>>>);

impl Listener {
    /// Takes the place; false if it is taken.
    pub(crate) fn take(&self, signal: &Arc<Signal>) -> bool {
        let mut place = self.0.lock();
        let free = place.is_none();
        if free {
            *place = Some(signal.clone());
        }
        free
    }

    /// Gives the place back.
    pub(crate) fn leave(&self) {
        *self.0.lock() = None;
    }

    /// Wakes who is there.
    pub(crate) fn wake(&self) {
        let signal = self.0.lock().clone();
        if let Some(signal) = signal {
            signal.ring();
        }
    }
}
