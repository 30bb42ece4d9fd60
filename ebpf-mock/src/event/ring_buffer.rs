//! Ring buffers as sources.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::event::{
    Event, EventError, EventOptions, EventSource, OptionsProblem, RingProblem, Wakeup,
};

use super::busy;
use super::source::{Rings, Sink, Source, Tally};
use crate::map::{MapObject, MockMap, RingBuffer};

/// What a reader keeps back of the ring at most: a part of this size.
const KEPT: u64 = 8;

/// The reading end of a ring buffer.
#[derive(Debug)]
struct Reader {
    map: Arc<MapObject>,
    ring: Arc<RingBuffer>,
    position: u64,
    sample: Vec<u8>,
}

pub(super) fn open(
    map: &MockMap,
    ring: &Arc<RingBuffer>,
    options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    let perf_only = match options {
        EventOptions {
            overwritable: true, ..
        } => Some("overwriting"),
        EventOptions { cpus: Some(_), .. } => Some("a choice of CPUs"),
        EventOptions {
            wakeup: Wakeup::Watermark(_),
            ..
        } => Some("a watermark"),
        _ => None,
    };
    if let Some(what) = perf_only {
        return Err(EventError::Options {
            map: map.object().info.name.clone(),
            problem: OptionsProblem::PerfOnly(what),
        });
    }
    let bell = &map.kernel().bell;
    let signal = bell.signal();
    if !ring.reader.take(&signal) {
        return Err(busy(map, None));
    }
    // The reader's position is a page that is mapped to be written.
    if !map.object().start_writing() {
        ring.reader.leave();
        return Err(map.refused("open_events", Errno::EPERM).into());
    }
    let reader = Reader {
        map: map.object().clone(),
        position: ring.ring.consumer(),
        ring: ring.clone(),
        sample: Vec::new(),
    };
    Ok(Box::new(Source::new(bell, signal, reader)))
}

impl Reader {
    /// Leaves what no writer leaves.
    #[cold]
    fn skip(&mut self, problem: RingProblem) -> EventError {
        let position = self.position;
        self.position = self.ring.ring.producer();
        self.ring.ring.consume(self.position);
        EventError::Ring {
            map: self.map.info.name.clone(),
            cpu: None,
            position,
            problem,
        }
    }
}

impl Rings for Reader {
    fn is_ready(&self, _: bool) -> bool {
        !matches!(self.ring.ring.peek(self.position), Ok(None))
    }

    fn drain(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> Result<(), EventError> {
        let ring = &self.ring.ring;
        let (begin, mut published) = (self.position, self.position);
        while self.position - begin < ring.size() {
            let found = match ring.peek(self.position) {
                Ok(Some(found)) => found,
                Ok(None) => break,
                Err(problem) => return Err(self.skip(problem)),
            };
            let mut ended = false;
            if !found.discarded {
                self.sample.resize(found.len, 0);
                ring.read(self.position, 0, &mut self.sample);
                let event = Event::sample(None, &self.sample);
                tally.count(&event);
                ended = sink(event).is_break();
            }
            self.position = found.next;
            if self.position - published >= ring.size() / KEPT {
                ring.consume(self.position);
                published = self.position;
            }
            if ended {
                break;
            }
        }
        ring.consume(self.position);
        Ok(())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.map.stop_writing();
        self.ring.reader.leave();
    }
}
