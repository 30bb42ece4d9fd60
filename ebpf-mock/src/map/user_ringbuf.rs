//! User ring buffers: user space writes samples, programs drain them. `bpf_user_ringbuf_drain()` in kernel/bpf/ringbuf.c.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ebpf_core::Errno;

use super::ForPrograms;
use super::ring::Ring;
use super::ringbuf::OverRing;
use crate::event::Listener;

/// The most samples of one drain (`BPF_MAX_USER_RINGBUF_SAMPLES`).
const MOST: u32 = 128 << 10;

/// The longest sample that fits a dynptr.
const LARGEST: usize = (1 << 24) - 1;

/// Flags of the helper, `BPF_RB_NO_WAKEUP` and `BPF_RB_FORCE_WAKEUP`.
const FLAGS: u64 = 3;

/// A ring that user space writes and programs read.
#[derive(Debug)]
pub(crate) struct UserRing {
    pub(crate) ring: Ring,
    /// Who writes.
    pub(crate) writer: Listener,
    /// Whether a program drains it.
    busy: AtomicBool,
}

impl OverRing for UserRing {
    fn over(ring: Ring) -> UserRing {
        UserRing {
            ring,
            writer: Listener::default(),
            busy: AtomicBool::new(false),
        }
    }

    fn ring(&self) -> &Ring {
        &self.ring
    }

    fn for_programs(this: &Arc<UserRing>) -> ForPrograms<'_> {
        ForPrograms::UserRing(this)
    }
}

impl UserRing {
    /// Begins `bpf_user_ringbuf_drain()`.
    ///
    /// # Errors
    /// `EINVAL` for flags that do not exist, `EBUSY` while another program drains.
    pub(crate) fn drain(self: &Arc<UserRing>, flags: u64) -> Result<Drain, Errno> {
        if flags & !FLAGS != 0 {
            return Err(Errno::EINVAL);
        }
        if self.busy.swap(true, Ordering::Acquire) {
            return Err(Errno::EBUSY);
        }
        Ok(Drain {
            ring: self.clone(),
            looked: 0,
            discarded: 0,
            under_way: None,
            ended: None,
        })
    }
}

/// A drain of a program: a sample, the callback for it, the next sample.
///
/// While it exists no other program drains the ring. [`Drain::next`] gives a sample to call back with, until there is none;
/// [`Drain::returned`] takes what the callback returned; then [`Drain::result`] is what the helper returns.
#[derive(Debug)]
pub(crate) struct Drain {
    ring: Arc<UserRing>,
    looked: u32,
    discarded: u32,
    /// The sample that the callback has: where it begins, its length, and where the next begins.
    under_way: Option<(u64, usize, u64)>,
    ended: Option<Result<(), Errno>>,
}

impl Drain {
    /// Bytes of the next sample; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<usize> {
        // A callback that did not return, which only a fault explains, has not read its sample.
        self.under_way = None;
        while self.ended.is_none() && self.looked < MOST {
            let position = self.ring.ring.consumer();
            let found = match self.ring.ring.peek(position) {
                Ok(Some(found)) => found,
                Ok(None) => {
                    self.ended = Some(Ok(()));
                    break;
                }
                Err(_) => {
                    self.ended = Some(Err(Errno::EINVAL));
                    break;
                }
            };
            if found.len > LARGEST {
                self.ended = Some(Err(Errno::E2BIG));
                break;
            }
            if found.discarded {
                self.ring.ring.consume(found.next);
                self.looked += 1;
                self.discarded += 1;
                continue;
            }
            self.under_way = Some((position, found.len, found.next));
            return Some(found.len);
        }
        None
    }

    /// Copies out of the sample, from its byte `at` on.
    pub(crate) fn read(&self, at: usize, out: &mut [u8]) {
        if let Some((position, length, _)) = self.under_way {
            let end = out.len().min(length.saturating_sub(at));
            let (inside, beyond) = out.split_at_mut(end);
            self.ring.ring.read(position, at, inside);
            beyond.fill(0);
        }
    }

    /// Takes what the callback returned: the sample is read, and anything but 0 ends the drain.
    pub(crate) fn returned(&mut self, value: u64) {
        if let Some((_, _, next)) = self.under_way.take() {
            self.ring.ring.consume(next);
            self.looked += 1;
            if value != 0 {
                self.ended = Some(Ok(()));
            }
        }
    }

    /// What the helper returns: how many samples there were, or why it could not go on.
    pub(crate) fn result(&self) -> Result<u32, Errno> {
        match self.ended {
            Some(Err(errno)) => Err(errno),
            _ => Ok(self.looked - self.discarded),
        }
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        self.ring.busy.store(false, Ordering::Release);
        // A writer notices room by itself before long where the program wakes nobody: here at once.
        self.ring.writer.wake();
    }
}
