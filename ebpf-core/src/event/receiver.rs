//! A source behind a queue, read by a thread of its own.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{EventCounters, EventError, EventSource, OwnedEvent, Wait, Wake};
use crate::Errno;

/// Events of a source, read by a thread: what [`EventSourceExt::into_receiver`](super::EventSourceExt::into_receiver)
/// gives.
///
/// The queue has a bound: when nobody takes events out the thread waits, the rings fill up, and what is then lost is
/// counted as ever. Stopping works at any moment, also then; what was read or still is in the rings can be taken out
/// afterwards, and then comes the end. Dropping stops, and ends the thread.
#[derive(Debug)]
pub struct EventReceiver {
    queue: Arc<Queue>,
    counters: Arc<EventCounters>,
    waker: Arc<dyn Wake>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Queue {
    inside: Mutex<Inside>,
    /// There is something, or the end.
    filled: Condvar,
    /// There is room, or it was stopped.
    emptied: Condvar,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Inside {
    events: VecDeque<OwnedEvent>,
    stopped: bool,
    ended: bool,
    /// Why it ended, where it was not stopped.
    failed: Option<EventError>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Whoever holds the lock leaves the queue whole, come what may.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room; how many events fit. After a stop everything does: it is no more than the rings hold.
    fn room(&self) -> usize {
        let mut inside = self.lock();
        while inside.events.len() >= self.capacity && !inside.stopped {
            inside = self
                .emptied
                .wait(inside)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if inside.stopped {
            return usize::MAX;
        }
        self.capacity - inside.events.len()
    }

    fn put(&self, events: &mut Vec<OwnedEvent>) {
        if !events.is_empty() {
            self.lock().events.extend(events.drain(..));
            self.filled.notify_all();
        }
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.emptied.notify_all();
    }

    fn end(&self, failed: Option<EventError>) {
        let mut inside = self.lock();
        inside.ended = true;
        inside.failed = failed;
        drop(inside);
        self.filled.notify_all();
    }
}

/// Ends the queue also where the thread panics.
struct End(Arc<Queue>, Option<EventError>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.end(self.1.take());
    }
}

impl EventReceiver {
    pub(super) fn new(
        source: Box<dyn EventSource>,
        capacity: usize,
    ) -> Result<EventReceiver, EventError> {
        let (counters, waker) = (source.counters(), source.waker());
        let queue = Arc::new(Queue {
            inside: Mutex::default(),
            filled: Condvar::new(),
            emptied: Condvar::new(),
            capacity: capacity.max(1),
        });
        let mut end = End(queue.clone(), None);
        let thread = std::thread::Builder::new()
            .name("ebpf-events".into())
            .spawn(move || {
                end.1 = read(source, &end.0).err();
                drop(end);
            });
        let thread = thread.map_err(|error| EventError::Thread {
            errno: Errno(error.raw_os_error().unwrap_or(Errno::EAGAIN.0)),
        })?;
        Ok(EventReceiver {
            queue,
            counters,
            waker,
            thread: Some(thread),
        })
    }

    /// The next event; waits for it. `None` at the end: it was stopped and everything was taken out, or reading failed,
    /// which [`stop`](EventReceiver::stop) tells.
    pub fn recv(&self) -> Option<OwnedEvent> {
        self.take(None)
    }

    /// The next event, if it comes within this time.
    pub fn recv_timeout(&self, timeout: Duration) -> Option<OwnedEvent> {
        // A time beyond all clocks is for as long as it takes.
        self.take(Instant::now().checked_add(timeout))
    }

    /// The next event, if there is one.
    pub fn try_recv(&self) -> Option<OwnedEvent> {
        self.take(Some(Instant::now()))
    }

    /// All events, to the end.
    pub fn iter(&self) -> impl Iterator<Item = OwnedEvent> + '_ {
        std::iter::from_fn(|| self.recv())
    }

    fn take(&self, deadline: Option<Instant>) -> Option<OwnedEvent> {
        let mut inside = self.queue.lock();
        loop {
            if let Some(event) = inside.events.pop_front() {
                drop(inside);
                self.queue.emptied.notify_all();
                return Some(event);
            }
            if inside.ended {
                return None;
            }
            let filled = &self.queue.filled;
            inside = match deadline {
                None => filled.wait(inside).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    let waited = filled.wait_timeout(inside, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Whether the thread has ended: what is in the queue is all that comes.
    pub fn is_ended(&self) -> bool {
        self.queue.lock().ended
    }

    /// What came so far, readable from any thread.
    pub fn counters(&self) -> Arc<EventCounters> {
        self.counters.clone()
    }

    /// Stops it from any thread; [`stop`](EventReceiver::stop) also waits for the thread.
    pub fn stopper(&self) -> impl Fn() + Send + Sync + 'static {
        let (queue, waker) = (self.queue.clone(), self.waker.clone());
        move || {
            queue.stop();
            waker.stop();
        }
    }

    /// Stops reading and ends the thread, after it has put what the rings hold into the queue. Again is fine.
    ///
    /// # Errors
    /// What made reading fail before, if anything did; once.
    pub fn stop(&mut self) -> Result<(), EventError> {
        self.stopper()();
        if let Some(thread) = self.thread.take() {
            // It panics only where a backend does; what it read is in the queue.
            let _ = thread.join();
        }
        self.queue.lock().failed.take().map_or(Ok(()), Err)
    }
}

impl Drop for EventReceiver {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure.
        let _ = self.stop();
    }
}

/// Moves events into the queue until it is stopped.
fn read(mut source: Box<dyn EventSource>, queue: &Queue) -> Result<(), EventError> {
    let mut events = Vec::new();
    loop {
        let said = source.wait(None)?;
        loop {
            let room = queue.room();
            let drained = source.drain(&mut |event| {
                events.push(OwnedEvent::from(event));
                if events.len() < room {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            });
            let full = events.len() >= room;
            queue.put(&mut events);
            drained?;
            // Once more after a stop, for what a drain left because the queue was full.
            if !full {
                break;
            }
        }
        if said == Wait::Stopped {
            return Ok(());
        }
    }
}
