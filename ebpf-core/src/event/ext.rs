//! Conveniences of every source.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use zerocopy::FromBytes;

use super::{Event, EventError, EventReceiver, EventSource, TypedSource, Wait};

/// An event that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedEvent {
    /// As [`Event::Sample`].
    #[non_exhaustive]
    Sample {
        /// The CPU whose ring it was in; `None` for ring buffers.
        cpu: Option<u32>,
        /// The bytes.
        data: Vec<u8>,
    },
    /// As [`Event::Lost`].
    #[non_exhaustive]
    Lost {
        /// The CPU whose ring was full.
        cpu: Option<u32>,
        /// How many.
        count: u64,
    },
    /// As [`Event::Unknown`].
    #[non_exhaustive]
    Unknown {
        /// The CPU whose ring it was in.
        cpu: Option<u32>,
        /// Its type, `PERF_RECORD_…`.
        kind: u32,
        /// What follows its header.
        data: Vec<u8>,
    },
}

impl OwnedEvent {
    /// The event, borrowed, with all that an [`Event`] can do.
    pub fn as_event(&self) -> Event<'_> {
        match self {
            OwnedEvent::Sample { cpu, data } => Event::sample(*cpu, data),
            OwnedEvent::Lost { cpu, count } => Event::lost(*cpu, *count),
            OwnedEvent::Unknown { cpu, kind, data } => Event::unknown(*cpu, *kind, data),
        }
    }
}

impl From<Event<'_>> for OwnedEvent {
    fn from(event: Event<'_>) -> OwnedEvent {
        match event {
            Event::Sample { cpu, data } => OwnedEvent::Sample {
                cpu,
                data: data.to_vec(),
            },
            Event::Lost { cpu, count } => OwnedEvent::Lost { cpu, count },
            Event::Unknown { cpu, kind, data } => OwnedEvent::Unknown {
                cpu,
                kind,
                data: data.to_vec(),
            },
        }
    }
}

/// Conveniences of every source.
pub trait EventSourceExt: EventSource {
    /// The next event; waits for it if there is none, `None` for as long as it takes.
    ///
    /// `Ok(None)` when the time was over, or when the wait was woken or stopped; after a stop it first gives what is
    /// there. [`drain`](EventSource::drain) takes many at once and copies nothing.
    fn next(&mut self, timeout: Option<Duration>) -> Result<Option<OwnedEvent>, EventError> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
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
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.wait(left)? {
                Wait::Ready => {}
                // Something may have come between the look and the stop.
                Wait::Stopped => stopped = true,
                _ => return Ok(None),
            }
        }
    }

    /// The source with its samples as `T`: those of a perf ring without the kernel's padding.
    ///
    /// ```no_run
    /// use std::ops::ControlFlow;
    ///
    /// use ebpf_core::event::{EventError, EventOptions, EventSourceExt, TypedEvent};
    ///
    /// ebpf_core::plain! {
    ///     /// `struct exec` of the program.
    ///     pub struct Exec { pub pid: u32, pub uid: u32 }
    /// }
    ///
    /// fn watch(map: &dyn ebpf_core::Map) -> Result<(), EventError> {
    ///     let mut source = map.open_events(&EventOptions::default())?.typed::<Exec>();
    ///     loop {
    ///         source.wait(None)?;
    ///         source.drain(|event| {
    ///             if let TypedEvent::Sample { value, .. } = event {
    ///                 println!("{} by {}", value.pid, value.uid);
    ///             }
    ///             ControlFlow::Continue(())
    ///         })?;
    ///     }
    /// }
    /// ```
    fn typed<T: FromBytes>(self) -> TypedSource<T, Self>
    where
        Self: Sized,
    {
        TypedSource::new(self)
    }

    /// Reads the source in a thread of its own and gives the events through a queue of at most `capacity` of them, as
    /// channels do.
    ///
    /// # Errors
    /// [`EventError::Thread`] if no thread can be started.
    fn into_receiver(self, capacity: usize) -> Result<EventReceiver, EventError>
    where
        Self: Sized + 'static,
    {
        EventReceiver::new(Box::new(self), capacity)
    }
}

impl<S: EventSource + ?Sized> EventSourceExt for S {}
