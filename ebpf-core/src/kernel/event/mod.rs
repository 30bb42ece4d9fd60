//! Events of the kernel: what perf event arrays and ring buffers hold as sources, and samples for user ring buffers.
//!
//! [`source`] waits and counts; what it waits for and drains is in [`ring_buffer`] and [`perf`].

mod perf;
mod ring_buffer;
mod source;
mod user_ring;
mod waker;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::map::KernelMap;
use super::sys;
use crate::Errno;
use crate::event::{EventError, EventOptions, EventProducer, EventSource};
use crate::map::{MapFlags, MapId, MapType};

/// Opens the source of a map.
pub(super) fn open(
    map: &KernelMap,
    options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    match map.info.map_type {
        MapType::PERF_EVENT_ARRAY => perf::open(map, options),
        // An overwriting ring buffer moves under its reader.
        MapType::RINGBUF if !map.info.flags.contains(MapFlags::RB_OVERWRITE) => {
            ring_buffer::open(map, options)
        }
        _ => Err(map.unsupported("open_events").into()),
    }
}

/// Opens a user ring buffer for writing.
pub(super) fn open_producer(map: &KernelMap) -> Result<Box<dyn EventProducer>, EventError> {
    match map.info.map_type {
        MapType::USER_RINGBUF => user_ring::open(map),
        _ => Err(map.unsupported("open_producer").into()),
    }
}

/// Which rings of which maps are in use: a ring has one reader or writer in a process, whatever system it was opened by,
/// because what the reader lends of the ring must stay as it is.
static CLAIMS: Mutex<BTreeSet<(MapId, u32)>> = Mutex::new(BTreeSet::new());

/// Rings of one map, in use until this is dropped.
#[derive(Debug)]
struct Claim {
    map: MapId,
    rings: Vec<u32>,
}

impl Claim {
    /// Takes these rings, or says that one of them is in use.
    fn new(map: &KernelMap, rings: Vec<u32>) -> Result<Claim, EventError> {
        let id = map.info.id;
        let mut taken = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cpu) = rings.iter().find(|ring| taken.contains(&(id, **ring))) {
            let per_cpu = map.info.map_type == MapType::PERF_EVENT_ARRAY;
            return Err(EventError::Os {
                op: "open events",
                map: map.info.name.clone(),
                cpu: per_cpu.then_some(*cpu),
                errno: Errno::EBUSY,
                hint: Some("it is open already: a second reader or writer would disturb the first"),
            });
        }
        taken.extend(rings.iter().map(|ring| (id, *ring)));
        Ok(Claim { map: id, rings })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut taken = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
        for ring in &self.rings {
            taken.remove(&(self.map, *ring));
        }
    }
}

/// Bytes of a page.
fn page_size() -> usize {
    sys::page_size() as usize
}
