//! Events: the records that programs write into perf event arrays and ring buffers, as a source to wait for and to drain;
//! and samples that user space gives to programs.
//!
//! [`Map::open_events`](crate::Map::open_events) opens the source of a map, [`EventSourceExt`] has the
//! conveniences, and [`Sources`] makes one of several.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//! use std::time::Duration;
//!
//! use ebpf_core::Map;
//! use ebpf_core::event::{Event, EventError, EventOptions, Wait};
//!
//! fn dump(map: &dyn Map) -> Result<(), EventError> {
//!     let mut source = map.open_events(&EventOptions::default())?;
//!     let counters = source.counters(); // readable from any thread, while this one waits
//!     while source.wait(Some(Duration::from_secs(10)))? == Wait::Ready {
//!         source.drain(&mut |event| {
//!             match event {
//!                 Event::Sample { cpu, data, .. } => println!("{cpu:?}: {} bytes", data.len()),
//!                 Event::Lost { count, .. } => println!("{count} lost"),
//!                 other => println!("{other:?}"),
//!             }
//!             ControlFlow::Continue(())
//!         })?;
//!     }
//!     println!("{} received, {} lost", counters.received(), counters.lost());
//!     Ok(())
//! }
//! ```
//!
//! # What is lost, and who counts it
//!
//! A perf ring that is full makes the kernel drop what programs write and count it: the source reports
//! [`Event::Lost`] at that place of the stream, and [`EventCounters::lost`] adds up. A ring buffer refuses instead: its
//! helpers (`bpf_ringbuf_reserve`, `bpf_ringbuf_output`) fail, nothing is in the stream, and only the program can count:
//!
//! ```c
//! struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
//! if (!event) {
//!     __sync_fetch_and_add(&lost, 1);   /* a global variable, which user space reads */
//!     return 0;
//! }
//! ```

#[cfg(all(unix, feature = "tokio"))]
mod async_events;
mod counters;
mod error;
mod ext;
mod options;
pub(crate) mod pace;
pub mod perf;
mod producer;
mod receiver;
pub mod ring_buffer;
mod sources;
#[cfg(test)]
mod tests;
mod typed;

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

#[cfg(all(unix, feature = "tokio"))]
pub use async_events::AsyncEvents;
pub use counters::EventCounters;
pub use error::{EventError, OptionsProblem, RingProblem};
pub use ext::{EventSourceExt, OwnedEvent};
pub use options::{EventOptions, Wakeup};
pub use producer::{EventProducer, EventProducerExt};
pub use receiver::EventReceiver;
pub use sources::Sources;
pub use typed::{TypedEvent, TypedSource};

/// Records from a perf event array or a ring buffer.
///
/// # Contract
/// - Records of one ring come in the order in which they were written. A ring buffer is one ring; a perf event array has
///   one for each CPU, drained CPU by CPU.
/// - Nothing is skipped: what [`drain`](EventSource::drain) does not reach stays for the next one, also after
///   [`Wake::stop`].
/// - Dropping the source ends it: programs can then no longer write to a perf event array, and what was not drained is
///   gone (a ring buffer keeps it for the next consumer).
#[doc(alias = "perf_buffer")]
#[doc(alias = "ring_buffer")]
pub trait EventSource: fmt::Debug + Send {
    /// Waits until there may be something to drain; `None` waits for as long as it takes.
    ///
    /// Records that are there already are [`Wait::Ready`] at once. A source that was busy may nap for some tens of
    /// microseconds instead of asking to be woken, unless [`Wakeup`] says otherwise.
    ///
    /// With a timeout of zero it never sleeps, and after it said [`Wait::TimedOut`] the descriptor of
    /// [`fd`](EventSource::fd) becomes readable as soon as there is something: that is how a source is used with epoll.
    fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError>;

    /// Waits for this source or any of `others`, all in one system call. [`Sources`] is the convenient form.
    ///
    /// # Errors
    /// [`EventError::Mixed`] if one of `others` is not of the same system, or is itself several.
    fn wait_any(
        &mut self,
        others: &mut [Box<dyn EventSource>],
        timeout: Option<Duration>,
    ) -> Result<Wait, EventError>;

    /// Gives what is there to `sink`, record by record, and returns how many samples that were. It does not wait.
    ///
    /// The bytes of a sample are borrowed, most often from the ring itself, and free for reuse after the sink returned.
    /// [`ControlFlow::Break`] ends the drain after this record; the rest stays. A drain takes at most what fits the
    /// buffer, so that it ends also when programs write faster than it reads.
    ///
    /// # Errors
    /// [`EventError::Ring`] where the ring holds what no kernel writes; the rest of that ring is skipped.
    fn drain<'f>(
        &mut self,
        sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f),
    ) -> Result<usize, EventError>;

    /// What came so far, readable from any thread while the source works.
    fn counters(&self) -> Arc<EventCounters>;

    /// Wakes or stops a wait, from any thread.
    fn waker(&self) -> Arc<dyn Wake>;

    /// A descriptor for epoll, poll and select, where the system has any; see [`wait`](EventSource::wait).
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

macro_rules! forward_source {
    ($($target:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<S: EventSource + ?Sized> EventSource for $target {
            fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError> { (**self).wait(timeout) }
            fn wait_any(&mut self, others: &mut [Box<dyn EventSource>], timeout: Option<Duration>) -> Result<Wait, EventError> {
                (**self).wait_any(others, timeout)
            }
            fn drain<'f>(&mut self, sink: &'f mut (dyn for<'e> FnMut(Event<'e>) -> ControlFlow<()> + 'f)) -> Result<usize, EventError> {
                (**self).drain(sink)
            }
            fn counters(&self) -> Arc<EventCounters> { (**self).counters() }
            fn waker(&self) -> Arc<dyn Wake> { (**self).waker() }
            #[cfg(unix)]
            fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> { (**self).fd() }
        }
    )*};
}
forward_source!(&mut S, Box<S>);

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// There may be something to drain.
    Ready,
    /// The time was over, and there was nothing.
    TimedOut,
    /// Someone called [`Wake::wake`].
    Woken,
    /// Someone called [`Wake::stop`]. What was written before can still be drained.
    Stopped,
}

/// Wakes a wait from another thread.
pub trait Wake: fmt::Debug + Send + Sync {
    /// Ends the wait that is under way, or else the next one, with [`Wait::Woken`].
    fn wake(&self);

    /// Ends this wait and all later ones at once with [`Wait::Stopped`]. Again is fine, and so is after the source is gone.
    fn stop(&self);

    /// Whether it was stopped.
    fn is_stopped(&self) -> bool;
}

/// What a source has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A record that a program wrote.
    #[doc(alias = "PERF_RECORD_SAMPLE")]
    #[non_exhaustive]
    Sample {
        /// The CPU whose ring it was in; `None` for ring buffers, which all CPUs share.
        cpu: Option<u32>,
        /// The bytes. In a perf ring the kernel adds 0 to 7 bytes of padding, so that `data.len() + 4` is a multiple of 8:
        /// a program's 32 bytes arrive as 36. [`Event::read`] and [`Event::split`] know that.
        data: &'a [u8],
    },
    /// So many records did not fit the ring, since the last time it was said.
    #[doc(alias = "PERF_RECORD_LOST")]
    #[non_exhaustive]
    Lost {
        /// The CPU whose ring was full.
        cpu: Option<u32>,
        /// How many.
        count: u64,
    },
    /// A record of another kind.
    #[non_exhaustive]
    Unknown {
        /// The CPU whose ring it was in.
        cpu: Option<u32>,
        /// Its type, `PERF_RECORD_…`.
        kind: u32,
        /// What follows its header.
        data: &'a [u8],
    },
}

impl<'a> Event<'a> {
    /// A sample. For implementors.
    pub fn sample(cpu: Option<u32>, data: &'a [u8]) -> Event<'a> {
        Event::Sample { cpu, data }
    }

    /// Lost records. For implementors.
    pub fn lost(cpu: Option<u32>, count: u64) -> Event<'a> {
        Event::Lost { cpu, count }
    }

    /// A record of another kind. For implementors.
    pub fn unknown(cpu: Option<u32>, kind: u32, data: &'a [u8]) -> Event<'a> {
        Event::Unknown { cpu, kind, data }
    }

    /// The CPU whose ring it was in; `None` for ring buffers.
    pub fn cpu(&self) -> Option<u32> {
        match *self {
            Event::Sample { cpu, .. } | Event::Lost { cpu, .. } | Event::Unknown { cpu, .. } => cpu,
        }
    }
}
