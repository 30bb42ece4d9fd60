//! Events of a map in a list.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use ebpf_core::event::{EventError, EventOptions, EventSource, OwnedEvent, Wait};
use ebpf_core::map::{Map, Plain};

/// Keeps what programs write into a ring buffer or a perf event array, from when it is opened on.
///
/// ```no_run
/// # use ebpf_mock::testing::EventCapture;
/// # fn f(map: &dyn ebpf_core::Map, set_off: fn()) -> Result<(), ebpf_core::event::EventError> {
/// let mut events = EventCapture::of(map)?;
/// set_off();
/// assert_eq!(events.collect()?.len(), 2);
/// assert_eq!(events.values::<u32>(), [Some(7), Some(8)]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct EventCapture {
    source: Box<dyn EventSource>,
    events: Vec<OwnedEvent>,
}

impl EventCapture {
    /// Opens the events of a map.
    ///
    /// # Errors
    /// As [`Map::open_events`].
    pub fn of(map: &dyn Map) -> Result<EventCapture, EventError> {
        EventCapture::with(map, &EventOptions::default())
    }

    /// Opens the events of a map with options.
    ///
    /// # Errors
    /// As [`Map::open_events`].
    pub fn with(map: &dyn Map, options: &EventOptions) -> Result<EventCapture, EventError> {
        Ok(EventCapture {
            source: map.open_events(options)?,
            events: Vec::new(),
        })
    }

    /// Takes what is there, without waiting, and gives all events so far.
    ///
    /// # Errors
    /// As [`EventSource::drain`].
    pub fn collect(&mut self) -> Result<&[OwnedEvent], EventError> {
        let events = &mut self.events;
        self.source.drain(&mut |event| {
            events.push(event.into());
            ControlFlow::Continue(())
        })?;
        Ok(&self.events)
    }

    /// Waits until there are so many events in all, or the time is over, and gives those that there are.
    ///
    /// # Errors
    /// As [`EventSource::wait`] and [`EventSource::drain`].
    pub fn wait_for(
        &mut self,
        count: usize,
        timeout: Duration,
    ) -> Result<&[OwnedEvent], EventError> {
        let end = Instant::now().checked_add(timeout);
        loop {
            if self.collect()?.len() >= count {
                break;
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) || self.source.wait(left)? == Wait::Stopped {
                break;
            }
        }
        Ok(&self.events)
    }

    /// All events so far.
    pub fn events(&self) -> &[OwnedEvent] {
        &self.events
    }

    /// The samples so far, each as a value of a type; `None` for one of another size.
    pub fn values<T: Plain>(&self) -> Vec<Option<T>> {
        let samples = self.events.iter().map(OwnedEvent::as_event);
        samples
            .filter(|event| matches!(event, ebpf_core::event::Event::Sample { .. }))
            .map(|event| event.read::<T>())
            .collect()
    }

    /// The bytes of the samples so far; those of a perf event array have the kernel's padding behind them.
    pub fn samples(&self) -> impl Iterator<Item = &[u8]> {
        self.events.iter().filter_map(|event| match event {
            OwnedEvent::Sample { data, .. } => Some(&**data),
            _ => None,
        })
    }

    /// How many records were lost so far.
    pub fn lost(&self) -> u64 {
        let lost = self.events.iter().map(|event| match event {
            OwnedEvent::Lost { count, .. } => *count,
            _ => 0,
        });
        lost.fold(0, u64::saturating_add)
    }

    /// Takes the events out, so that only those that come later are there.
    pub fn take(&mut self) -> Vec<OwnedEvent> {
        std::mem::take(&mut self.events)
    }
}
