//! User ring buffers: samples for programs.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Claim, page_size};
use crate::event::{EventError, EventProducer, RingProblem};
use crate::kernel::map::KernelMap;
use crate::kernel::mmap::RingWriter;
use crate::kernel::sys::{self, Interest, errno_of};

/// How long a wait for room trusts that it is woken: a program may read without waking anybody.
const RECHECK: Duration = Duration::from_millis(5);

/// The writing end of a user ring buffer.
#[derive(Debug)]
struct UserRing {
    map: Arc<str>,
    writer: RingWriter,
    fd: OwnedFd,
    _claim: Claim,
}

pub(super) fn open(map: &KernelMap) -> Result<Box<dyn EventProducer>, EventError> {
    let claim = Claim::new(map, vec![0])?;
    let fd = map.fd.fd().try_clone_to_owned();
    let fd = fd.map_err(|error| map.refused("open_producer", errno_of(&error)))?;
    let size = map.info.max_entries as usize;
    let writer = RingWriter::new(fd.as_fd(), size, page_size())
        .map_err(|errno| map.refused("open_producer", errno))?;
    Ok(Box::new(UserRing {
        map: map.info.name.clone(),
        writer,
        fd,
        _claim: claim,
    }))
}

impl UserRing {
    fn check(&self, len: usize) -> Result<(), EventError> {
        let most = self.writer.largest();
        if len > most {
            return Err(EventError::TooLarge {
                map: self.map.clone(),
                most,
                got: len,
            });
        }
        Ok(())
    }

    #[cold]
    fn broken(&self, problem: RingProblem) -> EventError {
        EventError::Ring {
            map: self.map.clone(),
            cpu: None,
            position: 0,
            problem,
        }
    }
}

impl EventProducer for UserRing {
    fn fill<'f>(
        &mut self,
        len: usize,
        fill: &'f mut (dyn FnMut(&mut [u8]) -> bool + 'f),
    ) -> Result<bool, EventError> {
        self.check(len)?;
        let written = self.writer.write(len, fill);
        written.map_err(|problem| self.broken(problem))
    }

    fn wait(&mut self, len: usize, timeout: Option<Duration>) -> Result<bool, EventError> {
        self.check(len)?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            if self
                .writer
                .fits(len)
                .map_err(|problem| self.broken(problem))?
            {
                return Ok(true);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
            let limit = left.map_or(RECHECK, |left| left.min(RECHECK));
            let ready = sys::poll(&[self.fd.as_fd()], Interest::Writable, Some(limit));
            if ready.map_err(|errno| EventError::Os {
                op: "wait for room in the ring",
                map: self.map.clone(),
                cpu: None,
                errno,
                hint: None,
            })? {
                // There is room, if perhaps not enough.
                std::thread::sleep(limit.min(RECHECK / 50));
            }
        }
    }

    fn largest(&self) -> usize {
        self.writer.largest()
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.fd.as_fd())
    }
}
