//! Sources in tokio's event loop.

use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::pace::{Pace, Rest};
use super::{Event, EventCounters, EventError, EventSource, OwnedEvent, Wait, Wake, Wakeup};

/// The shortest time that tokio's timers know.
const TICK: Duration = Duration::from_millis(1);

/// A source in tokio's event loop.
///
/// While records come fast it looks every millisecond or two instead of being woken, unless it was made for
/// [`Wakeup::EachRecord`]. Waiting may be dropped at any moment: nothing is lost.
///
/// ```no_run
/// use std::ops::ControlFlow;
///
/// use ebpf_core::Map;
/// use ebpf_core::event::{AsyncEvents, EventError, EventOptions, Wait};
///
/// async fn follow(map: &dyn Map) -> Result<(), EventError> {
///     let mut events = AsyncEvents::new(map.open_events(&EventOptions::default())?)?;
///     while events.ready().await? == Wait::Ready {
///         events.drain(&mut |event| {
///             println!("{event:?}");
///             ControlFlow::Continue(())
///         })?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct AsyncEvents {
    /// A descriptor of its own for what the source's is.
    fd: AsyncFd<OwnedFd>,
    source: Box<dyn EventSource>,
    pace: Pace,
}

impl AsyncEvents {
    /// The source in the event loop of the running task.
    ///
    /// # Errors
    /// [`EventError::Loop`] for a source without a descriptor, and where the loop does not take it.
    ///
    /// # Panics
    /// Outside of a runtime of tokio with its I/O and time enabled, as everything of tokio.
    pub fn new(source: Box<dyn EventSource>) -> Result<AsyncEvents, EventError> {
        AsyncEvents::with_wakeup(source, Wakeup::Adaptive)
    }

    /// The same; with [`Wakeup::EachRecord`] it always waits to be woken. The source has an option of its own besides.
    ///
    /// # Errors
    /// As [`new`](AsyncEvents::new).
    pub fn with_wakeup(
        source: Box<dyn EventSource>,
        wakeup: Wakeup,
    ) -> Result<AsyncEvents, EventError> {
        let fd = source.fd().ok_or(io::ErrorKind::Unsupported.into());
        let fd = fd.and_then(|fd| fd.try_clone_to_owned());
        Ok(AsyncEvents {
            fd: fd.and_then(in_runtime).map_err(in_loop)?,
            source,
            pace: Pace::new(wakeup == Wakeup::Adaptive, Instant::now()),
        })
    }

    /// Waits until there may be something to drain, or the source was woken or stopped.
    pub async fn ready(&mut self) -> Result<Wait, EventError> {
        match self.pace.rest() {
            Rest::Block => loop {
                let said = self.source.wait(Some(Duration::ZERO))?;
                if said != Wait::TimedOut {
                    return Ok(said);
                }
                let mut ready = self.fd.readable().await.map_err(in_loop)?;
                ready.clear_ready();
            },
            Rest::Yield => tokio::task::yield_now().await,
            Rest::Nap(_) => {
                let begun = Instant::now();
                tokio::time::sleep(TICK).await;
                self.pace.napped(begun.elapsed());
            }
        }
        let stopped = self.source.waker().is_stopped();
        Ok(if stopped { Wait::Stopped } else { Wait::Ready })
    }

    /// As [`EventSource::drain`]; it does not wait.
    pub fn drain(
        &mut self,
        sink: &mut dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()>,
    ) -> Result<usize, EventError> {
        let mut records = 0;
        let drained = self.source.drain(&mut |event| {
            records += 1;
            sink(event)
        });
        self.pace.found(Instant::now(), records, 0, 1);
        drained
    }

    /// The next event; `None` when the source was woken, or stopped and everything was taken out.
    pub async fn next(&mut self) -> Result<Option<OwnedEvent>, EventError> {
        let mut stopped = false;
        loop {
            let mut next = None;
            self.drain(&mut |event| {
                next = Some(OwnedEvent::from(event));
                ControlFlow::Break(())
            })?;
            if next.is_some() || stopped {
                return Ok(next);
            }
            match self.ready().await? {
                Wait::Ready => {}
                // Something may have come between the look and the stop.
                Wait::Stopped => stopped = true,
                _ => return Ok(None),
            }
        }
    }

    /// As [`EventSource::counters`].
    pub fn counters(&self) -> Arc<EventCounters> {
        self.source.counters()
    }

    /// As [`EventSource::waker`].
    pub fn waker(&self) -> Arc<dyn Wake> {
        self.source.waker()
    }

    /// The source itself, out of the event loop.
    pub fn into_source(self) -> Box<dyn EventSource> {
        self.source
    }
}

#[allow(
    deprecated,
    reason = "what replaces it is unsafe, for things that may lose their descriptor: an `OwnedFd` does not"
)]
fn in_runtime(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(fd, Interest::READABLE)
}

fn in_loop(error: io::Error) -> EventError {
    EventError::Loop { kind: error.kind() }
}
