//! Ring buffers as sources.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use super::source::{Rings, Sink, Source, Tally};
use super::{Claim, page_size};
use crate::event::{
    Event, EventError, EventOptions, EventSource, OptionsProblem, RingProblem, Wakeup,
};
use crate::kernel::map::KernelMap;
use crate::kernel::mmap::RingReader;
use crate::kernel::sys::Epoll;

/// What a reader keeps back of the ring at most: a part of this size.
const KEPT: usize = 8;

/// One ring, written by all CPUs.
#[derive(Debug)]
struct RingBuffer {
    map: Arc<str>,
    reader: RingReader,
    size: usize,
    /// Bytes of the last record that was read.
    last: usize,
    fd: OwnedFd,
    _claim: Claim,
}

pub(super) fn open(
    map: &KernelMap,
    options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    let name = &map.info.name;
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
            map: name.clone(),
            problem: OptionsProblem::PerfOnly(what),
        });
    }
    let claim = Claim::new(map, vec![0])?;
    let size = map.info.max_entries as usize;
    let fd = map.fd.fd().try_clone_to_owned();
    let fd =
        fd.map_err(|error| map.refused("open_events", crate::kernel::sys::errno_of(&error)))?;
    let reader = RingReader::new(fd.as_fd(), size, page_size())
        .map_err(|errno| map.refused("open_events", errno))?;
    let ring = RingBuffer {
        map: name.clone(),
        reader,
        size,
        last: 0,
        fd,
        _claim: claim,
    };
    let source = Source::new(name.clone(), options, ring, |ring| vec![ring.fd.as_fd()])?;
    Ok(Box::new(source))
}

impl RingBuffer {
    /// Leaves what no kernel writes.
    #[cold]
    fn skip(&mut self, problem: RingProblem) -> EventError {
        let position = self.reader.position() as u64;
        self.reader.skip();
        self.reader.publish_all();
        EventError::Ring {
            map: self.map.clone(),
            cpu: None,
            position,
            problem,
        }
    }
}

impl Rings for RingBuffer {
    fn is_ready(&mut self, _: bool) -> bool {
        self.reader.is_ready()
    }

    fn drain(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> Result<(), EventError> {
        let mut taken = 0;
        while taken < self.size {
            let record = match self.reader.peek() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(problem) => return Err(self.skip(problem)),
            };
            let length = record.length;
            let ended = record.sample.is_some_and(|data| {
                let event = Event::Sample { cpu: None, data };
                tally.count(&event);
                sink(event).is_break()
            });
            self.reader.advance();
            self.last = length;
            taken += length;
            if self.reader.unpublished() >= self.size / KEPT {
                self.reader.publish(0);
                tally.flush();
            }
            if ended {
                break;
            }
        }
        tally.filled(taken, self.size);
        Ok(())
    }

    /// The kernel wakes for a record that begins at the reader's position: a position that is behind makes it wake nobody.
    fn settle(&mut self, busy: bool) {
        let keep = if busy && self.last <= self.size / KEPT {
            self.last
        } else {
            0
        };
        self.reader.publish(keep);
    }

    fn arm(&mut self) -> Result<(), EventError> {
        self.reader.publish_all();
        Ok(())
    }

    // A map's descriptor never hangs up.
    fn hung_up(&mut self, _: &Epoll, _: u64) {}
}
