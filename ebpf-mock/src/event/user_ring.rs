//! User ring buffers: samples for programs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ebpf_core::Errno;
use ebpf_core::event::ring_buffer::HEADER;
use ebpf_core::event::{EventError, EventProducer, RingProblem};

use super::busy;
use super::signal::{Bell, Signal};
use crate::map::{MapObject, MockMap, UserRing};

/// The writing end of a user ring buffer.
#[derive(Debug)]
struct Producer {
    map: Arc<MapObject>,
    ring: Arc<UserRing>,
    bell: Arc<Bell>,
    signal: Arc<Signal>,
    sample: Vec<u8>,
}

pub(super) fn open(
    map: &MockMap,
    ring: &Arc<UserRing>,
) -> Result<Box<dyn EventProducer>, EventError> {
    let bell = &map.kernel().bell;
    let signal = bell.signal();
    if !ring.writer.take(&signal) {
        return Err(busy(map, None));
    }
    // The writer's position and the data are mapped to be written.
    if !map.object().start_writing() {
        ring.writer.leave();
        return Err(map.refused("open_producer", Errno::EPERM).into());
    }
    let producer = Producer {
        map: map.object().clone(),
        ring: ring.clone(),
        bell: bell.clone(),
        signal,
        sample: Vec::new(),
    };
    producer.settle();
    Ok(Box::new(producer))
}

impl Producer {
    fn fits(&self, len: usize) -> Result<bool, EventError> {
        let most = self.largest();
        if len > most {
            return Err(EventError::TooLarge {
                map: self.map.info.name.clone(),
                most,
                got: len,
            });
        }
        self.ring
            .ring
            .has_room(len)
            .map_err(|problem| self.broken(problem))
    }

    /// Makes the descriptor say whether the ring is full. A program that makes room later says so itself.
    fn settle(&self) {
        #[cfg(unix)]
        if self.is_full() {
            self.signal.set_room(false);
            // Room that was made meanwhile may have been said before.
            if !self.is_full() {
                self.signal.set_room(true);
            }
        }
    }

    #[cfg(unix)]
    fn is_full(&self) -> bool {
        self.ring.ring.available() >= self.ring.ring.size()
    }

    #[cold]
    fn broken(&self, problem: RingProblem) -> EventError {
        EventError::Ring {
            map: self.map.info.name.clone(),
            cpu: None,
            position: self.ring.ring.producer(),
            problem,
        }
    }
}

impl EventProducer for Producer {
    fn fill<'f>(
        &mut self,
        len: usize,
        fill: &'f mut (dyn FnMut(&mut [u8]) -> bool + 'f),
    ) -> Result<bool, EventError> {
        if !self.fits(len)? {
            return Ok(false);
        }
        self.sample.clear();
        self.sample.resize(len, 0);
        if !fill(&mut self.sample) {
            return Ok(false);
        }
        let sent = self.ring.ring.append(&self.sample);
        self.settle();
        sent.map_err(|problem| self.broken(problem))
    }

    fn wait(&mut self, len: usize, timeout: Option<Duration>) -> Result<bool, EventError> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            // Room that comes after this raises it.
            self.signal.lower();
            if self.fits(len)? {
                return Ok(true);
            }
            if !self.bell.wait(std::slice::from_ref(&self.signal), deadline) {
                return self.fits(len);
            }
        }
    }

    fn largest(&self) -> usize {
        self.ring.ring.size() as usize - HEADER
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.signal.room_fd()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.map.stop_writing();
        self.ring.writer.leave();
    }
}
