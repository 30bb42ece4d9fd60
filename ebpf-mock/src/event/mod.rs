//! Events of a simulated system: what programs write into ring buffers and perf event arrays as sources, samples of user
//! space for programs, and both without any program, for tests.

mod perf;
#[cfg(unix)]
mod pipe;
mod ring_buffer;
mod signal;
mod source;
#[cfg(test)]
mod tests;
mod user_ring;
mod writer;

use ebpf_core::Errno;
use ebpf_core::event::{EventError, EventOptions, EventProducer, EventSource};

use crate::map::{ForPrograms, MockMap};

pub(crate) use signal::{Bell, Listener, Signal};
pub use writer::{MockRecord, MockWriter};

/// Opens the source of a map.
pub(crate) fn open(
    map: &MockMap,
    options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    match map.object().storage.for_programs() {
        ForPrograms::Ring(ring) => ring_buffer::open(map, ring, options),
        ForPrograms::Perf(events) => perf::open(map, events, options),
        _ => Err(map.unsupported("open_events").into()),
    }
}

/// Opens a user ring buffer for writing.
pub(crate) fn open_producer(map: &MockMap) -> Result<Box<dyn EventProducer>, EventError> {
    match map.object().storage.for_programs() {
        ForPrograms::UserRing(ring) => user_ring::open(map, ring),
        _ => Err(map.unsupported("open_producer").into()),
    }
}

/// The error for a ring that is open already.
fn busy(map: &MockMap, cpu: Option<u32>) -> EventError {
    os_error(
        map,
        "open events",
        cpu,
        Errno::EBUSY,
        Some("it is open already: a second reader or writer would disturb the first"),
    )
}

#[cold]
fn os_error(
    map: &MockMap,
    op: &'static str,
    cpu: Option<u32>,
    errno: Errno,
    hint: Option<&'static str>,
) -> EventError {
    EventError::Os {
        op,
        map: map.object().info.name.clone(),
        cpu,
        errno,
        hint,
    }
}
