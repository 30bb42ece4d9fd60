//! Several sources in one wait.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Event, EventCounters, EventError, EventSource, Wait, Wake, Wakeup};

/// Several sources, waited for together and drained in turns; itself a source.
///
/// ```no_run
/// use std::ops::ControlFlow;
///
/// use ebpf_core::Map;
/// use ebpf_core::event::{EventError, EventOptions, EventSource, Sources};
///
/// fn follow(opened: &dyn Map, closed: &dyn Map) -> Result<(), EventError> {
///     let mut sources = Sources::new();
///     for map in [opened, closed] {
///         sources.push(map.open_events(&EventOptions::default())?);
///     }
///     loop {
///         sources.wait(None)?;
///         sources.drain_each(|index, event| {
///             println!("{}: {event:?}", if index == 0 { "opened" } else { "closed" });
///             ControlFlow::Continue(())
///         })?;
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Sources {
    sources: Vec<Box<dyn EventSource>>,
    counters: Arc<EventCounters>,
    pace: Pace,
    /// The source to begin with: all get their turn.
    first: usize,
}

impl Sources {
    /// None yet. While records come fast it looks by itself instead of being woken, as [`Wakeup::Adaptive`] says.
    pub fn new() -> Sources {
        Sources::with_wakeup(Wakeup::Adaptive)
    }

    /// None yet; with [`Wakeup::EachRecord`] it always waits to be woken. The sources have options of their own besides.
    pub fn with_wakeup(wakeup: Wakeup) -> Sources {
        Sources {
            sources: Vec::new(),
            counters: Arc::default(),
            pace: Pace::new(wakeup == Wakeup::Adaptive, Instant::now()),
            first: 0,
        }
    }

    /// Adds a source, whose index is returned.
    pub fn push(&mut self, source: Box<dyn EventSource>) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The sources, in order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn EventSource> {
        self.sources.iter().map(|source| &**source)
    }

    /// As [`EventSource::drain`], with the index of the source of each record.
    pub fn drain_each(
        &mut self,
        mut sink: impl FnMut(usize, Event<'_>) -> ControlFlow<()>,
    ) -> Result<usize, EventError> {
        let count = self.sources.len();
        let (mut samples, mut records) = (0, 0);
        let mut result = Ok(());
        for turn in 0..count {
            let index = (self.first + turn) % count;
            let Some(source) = self.sources.get_mut(index) else {
                continue;
            };
            let mut flow = ControlFlow::Continue(());
            let (mut lost, mut unknown) = (0u64, 0);
            let drained = source.drain(&mut |event| {
                records += 1;
                match event {
                    Event::Sample { .. } => {}
                    Event::Lost { count, .. } => lost = lost.saturating_add(count),
                    Event::Unknown { .. } => unknown += 1,
                }
                flow = sink(index, event);
                flow
            });
            match drained {
                Ok(more) => {
                    samples += more;
                    self.counters.add(more as u64, lost, unknown);
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
            if flow.is_break() {
                break;
            }
        }
        self.first = (self.first + 1) % count.max(1);
        self.pace.found(Instant::now(), records, 0, 1);
        result.map(|()| samples)
    }
}

impl Default for Sources {
    fn default() -> Sources {
        Sources::new()
    }
}

impl Extend<Box<dyn EventSource>> for Sources {
    fn extend<I: IntoIterator<Item = Box<dyn EventSource>>>(&mut self, sources: I) {
        self.sources.extend(sources);
    }
}

impl FromIterator<Box<dyn EventSource>> for Sources {
    fn from_iter<I: IntoIterator<Item = Box<dyn EventSource>>>(sources: I) -> Sources {
        let mut all = Sources::new();
        all.extend(sources);
        all
    }
}

impl EventSource for Sources {
    /// With no source at all, [`Wait::Stopped`]: nothing will ever come.
    fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError> {
        self.wait_any(&mut [], timeout)
    }

    fn wait_any(
        &mut self,
        others: &mut [Box<dyn EventSource>],
        timeout: Option<Duration>,
    ) -> Result<Wait, EventError> {
        if !others.is_empty() {
            return Err(EventError::Mixed);
        }
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        if timeout != Some(Duration::ZERO) && self.pace.take_rest(deadline).is_some() {
            // Whoever rests does not ask whether something is there: the drain will tell.
            let stopped = self.iter().any(|source| source.waker().is_stopped());
            return Ok(if stopped { Wait::Stopped } else { Wait::Ready });
        }
        match self.sources.split_first_mut() {
            Some((first, rest)) => {
                let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
                first.wait_any(
                    rest,
                    if timeout.is_some() {
                        left.or(timeout)
                    } else {
                        None
                    },
                )
            }
            None => Ok(Wait::Stopped),
        }
    }

    fn drain<'f>(
        &mut self,
        sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f),
    ) -> Result<usize, EventError> {
        self.drain_each(|_, event| sink(event))
    }

    /// What came through this, of all sources; each counts for itself as well.
    fn counters(&self) -> Arc<EventCounters> {
        self.counters.clone()
    }

    /// Of the sources that there are now: waking wakes the wait, stopping stops all of them.
    fn waker(&self) -> Arc<dyn Wake> {
        let wakers = self.sources.iter().map(|source| source.waker()).collect();
        Arc::new(Wakers(wakers))
    }
}

/// The wakers of several sources.
#[derive(Debug)]
struct Wakers(Vec<Arc<dyn Wake>>);

impl Wake for Wakers {
    fn wake(&self) {
        if let Some(first) = self.0.first() {
            first.wake();
        }
    }

    fn stop(&self) {
        for waker in &self.0 {
            waker.stop();
        }
    }

    fn is_stopped(&self) -> bool {
        self.0.iter().all(|waker| waker.is_stopped())
    }
}
