//! What sources of both kinds of map have in common: waiting, counting, stopping.

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ebpf_core::event::{Event, EventCounters, EventError, EventSource, Wait, Wake};

use super::signal::{Bell, Signal};

/// Where a drain gives records to.
pub(super) type Sink<'f> = dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f;

/// The rings of one map.
pub(super) trait Rings: Debug + Send {
    /// Whether there is something to drain; `any` is for the end of a wait, where few bytes are enough as well.
    fn is_ready(&self, any: bool) -> bool;

    /// Gives what is there to `sink`.
    fn drain(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> Result<(), EventError>;
}

/// Counts what a drain finds.
pub(super) struct Tally<'c> {
    counters: &'c EventCounters,
    samples: usize,
}

impl Tally<'_> {
    /// Takes note of a record.
    pub(super) fn count(&mut self, event: &Event<'_>) {
        match event {
            Event::Sample { .. } => {
                self.samples += 1;
                self.counters.add(1, 0, 0);
            }
            Event::Lost { count, .. } => self.counters.add(0, *count, 0),
            _ => self.counters.add(0, 0, 1),
        }
    }
}

/// The source of a map.
#[derive(Debug)]
pub(super) struct Source<R> {
    rings: R,
    bell: Arc<Bell>,
    signal: Arc<Signal>,
    counters: Arc<EventCounters>,
}

impl<R: Rings> Source<R> {
    /// A source of rings that ring this signal.
    pub(super) fn new(bell: &Arc<Bell>, signal: Arc<Signal>, rings: R) -> Source<R> {
        if rings.is_ready(true) {
            signal.raise();
        }
        Source {
            rings,
            bell: bell.clone(),
            signal,
            counters: Arc::default(),
        }
    }

    /// What a wait comes to without waiting. When there is nothing the signal is low until there is.
    fn look(&self, any: bool) -> Wait {
        if let Some(said) = self.signal.take_said() {
            self.settle(true);
            return said;
        }
        if self.settle(any) {
            Wait::TimedOut
        } else {
            Wait::Ready
        }
    }

    /// Lowers the signal if there is nothing to be ready for; whether that is so.
    fn settle(&self, any: bool) -> bool {
        if self.rings.is_ready(any) {
            return false;
        }
        self.signal.lower();
        // What came before that has raised nothing.
        let came = self.rings.is_ready(any);
        if came {
            self.signal.raise();
        }
        !came
    }
}

fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

impl<R: Rings> EventSource for Source<R> {
    fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut over = timeout == Some(Duration::ZERO);
        let mut any = over;
        loop {
            let found = self.look(any);
            if found != Wait::TimedOut || over {
                return Ok(found);
            }
            let signals = std::slice::from_ref(&self.signal);
            over = !self.bell.wait(signals, deadline) || is_over(deadline);
            any = true;
        }
    }

    fn wait_any(
        &mut self,
        others: &mut [Box<dyn EventSource>],
        timeout: Option<Duration>,
    ) -> Result<Wait, EventError> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut signals = vec![self.signal.clone()];
        for other in &*others {
            let signal = self.bell.signal_of(&other.waker());
            signals.push(signal.ok_or(EventError::Mixed)?);
        }
        loop {
            let mut found = self.look(true);
            for other in &mut *others {
                if found != Wait::TimedOut {
                    return Ok(found);
                }
                found = other.wait(Some(Duration::ZERO))?;
            }
            if found != Wait::TimedOut || is_over(deadline) {
                return Ok(found);
            }
            self.bell.wait(&signals, deadline);
        }
    }

    fn drain<'f>(
        &mut self,
        sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f),
    ) -> Result<usize, EventError> {
        let mut tally = Tally {
            counters: &self.counters,
            samples: 0,
        };
        let drained = self.rings.drain(sink, &mut tally);
        let samples = tally.samples;
        self.settle(true);
        drained.map(|()| samples)
    }

    fn counters(&self) -> Arc<EventCounters> {
        self.counters.clone()
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.signal.clone()
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.signal.fd()
    }
}
