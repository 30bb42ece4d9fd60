//! What perf rings and ring buffers have in common: waiting at the pace of the records, counting, stopping.

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::waker::KernelWaker;
use crate::Errno;
use crate::event::pace::Pace;
use crate::event::{
    Event, EventCounters, EventError, EventOptions, EventSource, Wait, Wake, Wakeup,
};
use crate::kernel::sys::{self, Epoll, Interest};

/// Where a drain gives records to.
pub(super) type Sink<'f> = dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f;

/// The token of the waker among the rings, which are numbered from 0.
const WAKER: u64 = u64::MAX;

/// After how many waits that were ended by nothing a wait sleeps a little, and how long: a program that has reserved a
/// record and not yet finished it makes a ring buffer readable with nothing to read.
const IN_VAIN: u32 = 2;
const BREATH: Duration = Duration::from_micros(50);

/// The rings of one map.
pub(super) trait Rings: Debug + Send {
    /// Whether there is something to drain; `any` is for the end of a wait, where few bytes are enough as well.
    fn is_ready(&mut self, any: bool) -> bool;

    /// Gives what is there to `sink`.
    fn drain(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> Result<(), EventError>;

    /// Gives room back to the writers after a drain; while they are busy they shall wake nobody.
    fn settle(&mut self, busy: bool);

    /// Makes the next record wake who waits.
    fn arm(&mut self) -> Result<(), EventError>;

    /// For how long to wait at most, because a record may just have come without waking anybody.
    fn recheck(&mut self) -> Option<Duration> {
        None
    }

    /// Whether every record from now on wakes who waits.
    fn is_settled(&mut self) -> bool {
        true
    }

    /// What the rings with these numbers hung up means: no more comes of them.
    fn hung_up(&mut self, epoll: &Epoll, ring: u64);
}

/// Counts what a drain finds.
pub(super) struct Tally<'c> {
    counters: &'c EventCounters,
    /// Samples, lost and unknown records that the counters do not have yet.
    pending: [u64; 3],
    samples: u64,
    records: u64,
    /// The ring that was fullest, and its size.
    fullest: (usize, usize),
}

impl<'c> Tally<'c> {
    fn new(counters: &'c EventCounters) -> Tally<'c> {
        Tally {
            counters,
            pending: [0; 3],
            samples: 0,
            records: 0,
            fullest: (0, 1),
        }
    }

    /// Takes note of a record.
    #[inline]
    pub(super) fn count(&mut self, event: &Event<'_>) {
        self.records += 1;
        let [samples, lost, unknown] = &mut self.pending;
        match event {
            Event::Sample { .. } => {
                *samples += 1;
                self.samples += 1;
            }
            Event::Lost { count, .. } => *lost = lost.saturating_add(*count),
            Event::Unknown { .. } => *unknown += 1,
        }
    }

    /// Takes note of how much of a ring was filled.
    pub(super) fn filled(&mut self, bytes: usize, size: usize) {
        let (most, of) = self.fullest;
        if bytes as u128 * of as u128 > most as u128 * size as u128 {
            self.fullest = (bytes, size);
        }
    }

    /// Tells the counters.
    pub(super) fn flush(&mut self) {
        let [samples, lost, unknown] = std::mem::take(&mut self.pending);
        self.counters.add(samples, lost, unknown);
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}

/// The source of a map.
#[derive(Debug)]
pub(super) struct Source<R> {
    // Dropped first: what is in the rings goes before the descriptors.
    rings: R,
    map: Arc<str>,
    epoll: Epoll,
    waker: Arc<KernelWaker>,
    counters: Arc<EventCounters>,
    pace: Pace,
}

impl<R: Rings> Source<R> {
    /// A source of `rings`, which are ready when `fds` are.
    pub(super) fn new(
        map: Arc<str>,
        options: &EventOptions,
        rings: R,
        fds: impl FnOnce(&R) -> Vec<BorrowedFd<'_>>,
    ) -> Result<Source<R>, EventError> {
        let made = || {
            let (epoll, waker) = (Epoll::new()?, KernelWaker::new()?);
            epoll.add(waker.as_fd(), WAKER)?;
            for (token, fd) in (0..).zip(fds(&rings)) {
                epoll.add(fd, token)?;
            }
            Ok((epoll, waker))
        };
        let (epoll, waker) = made().map_err(|errno| refused("wait for events", &map, errno))?;
        Ok(Source {
            rings,
            map,
            epoll,
            waker: Arc::new(waker),
            counters: Arc::default(),
            pace: Pace::new(options.wakeup == Wakeup::Adaptive, Instant::now()),
        })
    }

    /// What a wait comes to without waiting. With `arm` the next record then makes the descriptor readable, which may take
    /// a while: meanwhile it says that there may be something.
    fn look(&mut self, arm: bool) -> Result<Wait, EventError> {
        if let Some(said) = self.waker.take() {
            return Ok(said);
        }
        if self.rings.is_ready(true) {
            return Ok(Wait::Ready);
        }
        if arm {
            self.rings.arm()?;
            // One that came while the rings were armed woke nobody.
            if self.rings.is_ready(true) || !self.rings.is_settled() {
                std::thread::yield_now();
                return Ok(Wait::Ready);
            }
        }
        Ok(Wait::TimedOut)
    }

    /// Blocks until something is readable; false when the time is over.
    fn block(
        &self,
        others: &[Box<dyn EventSource>],
        limit: Option<Duration>,
    ) -> Result<bool, EventError> {
        let mut fds = vec![self.epoll.as_fd()];
        for other in others {
            fds.push(other.fd().ok_or(EventError::Mixed)?);
        }
        sys::poll(&fds, Interest::Readable, limit)
            .map_err(|errno| refused("wait for events", &self.map, errno))
    }

    /// After a wait that was ended by nothing: what is readable for nothing is made quiet.
    fn in_vain(&mut self, times: u32) {
        self.waker.quieten();
        // A failure only leaves them readable.
        for token in self.epoll.hung_up().unwrap_or_default() {
            if token != WAKER {
                self.rings.hung_up(&self.epoll, token);
            }
        }
        if times >= IN_VAIN {
            std::thread::sleep(BREATH);
        }
    }
}

#[cold]
fn refused(op: &'static str, map: &Arc<str>, errno: Errno) -> EventError {
    EventError::Os {
        op,
        map: map.clone(),
        cpu: None,
        errno,
        hint: None,
    }
}

/// The end of a wait; `None` for none.
fn deadline_of(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

fn left(deadline: Option<Instant>) -> Option<Duration> {
    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

/// The shorter of two limits.
fn shorter(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (limit, None) | (None, limit) => limit,
    }
}

impl<R: Rings> EventSource for Source<R> {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError> {
        if timeout == Some(Duration::ZERO) {
            return self.look(true);
        }
        let deadline = deadline_of(timeout);
        let mut in_vain = 0;
        loop {
            if let Some(said) = self.waker.take() {
                return Ok(said);
            }
            if self.rings.is_ready(false) {
                return Ok(Wait::Ready);
            }
            if self.pace.take_rest(deadline).is_some() {
                if !self.rings.is_ready(false) {
                    self.pace.found(Instant::now(), 0, 0, 1);
                }
            } else {
                self.rings.arm()?;
                if self.rings.is_ready(false) {
                    return Ok(Wait::Ready);
                }
                let limit = shorter(left(deadline), self.rings.recheck());
                if self.block(&[], limit)? {
                    if self.rings.is_ready(true) {
                        return Ok(Wait::Ready);
                    }
                    in_vain += 1;
                    self.in_vain(in_vain);
                }
            }
            if left(deadline) == Some(Duration::ZERO) {
                return self.look(false);
            }
        }
    }

    fn wait_any(
        &mut self,
        others: &mut [Box<dyn EventSource>],
        timeout: Option<Duration>,
    ) -> Result<Wait, EventError> {
        let deadline = deadline_of(timeout);
        let mut in_vain = 0;
        loop {
            let mut found = self.look(true)?;
            for other in &mut *others {
                if found != Wait::TimedOut {
                    return Ok(found);
                }
                found = other.wait(Some(Duration::ZERO))?;
            }
            let left = left(deadline);
            if found != Wait::TimedOut || left == Some(Duration::ZERO) {
                return Ok(found);
            }
            if self.block(others, left)? {
                in_vain += 1;
                if in_vain >= IN_VAIN {
                    self.in_vain(in_vain);
                }
            }
        }
    }

    fn drain<'f>(
        &mut self,
        sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f),
    ) -> Result<usize, EventError> {
        let mut tally = Tally::new(&self.counters);
        let result = self.rings.drain(sink, &mut tally);
        let (filled, size) = tally.fullest;
        self.pace.found(Instant::now(), tally.records, filled, size);
        self.rings.settle(self.pace.is_busy());
        result.map(|()| tally.samples as usize)
    }

    fn counters(&self) -> Arc<EventCounters> {
        self.counters.clone()
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.waker.clone()
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.epoll.as_fd())
    }
}
