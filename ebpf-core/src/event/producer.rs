//! Samples from user space to programs.

use std::fmt;
use std::time::Duration;

use super::EventError;

/// Gives samples to the programs that read a user ring buffer.
///
/// Since Linux 6.1. `bpf_user_ringbuf_drain()` in kernel/bpf/ringbuf.c is the reading side.
#[doc(alias = "BPF_MAP_TYPE_USER_RINGBUF")]
#[doc(alias = "user_ring_buffer")]
pub trait EventProducer: fmt::Debug + Send {
    /// Writes a sample of `len` bytes in place: `fill` gets them, zeroed, and returns whether the sample is to be sent.
    ///
    /// `Ok(false)` if nothing was sent, because the ring is full (`fill` is then not called) or `fill` said so.
    ///
    /// # Errors
    /// [`EventError::TooLarge`] for a sample that never fits.
    fn fill<'f>(
        &mut self,
        len: usize,
        fill: &'f mut (dyn FnMut(&mut [u8]) -> bool + 'f),
    ) -> Result<bool, EventError>;

    /// Waits until a sample of `len` bytes fits; `false` if the time was over before. `None` waits for as long as it takes.
    ///
    /// Programs make room as they read. One that reads with `BPF_RB_NO_WAKEUP` is noticed within milliseconds.
    ///
    /// # Errors
    /// [`EventError::TooLarge`] for a sample that never fits.
    fn wait(&mut self, len: usize, timeout: Option<Duration>) -> Result<bool, EventError>;

    /// Bytes of the largest sample that fits the empty ring.
    fn largest(&self) -> usize;

    /// A descriptor for epoll that is writable while the ring is not full, where the system has any.
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// Conveniences of every producer.
pub trait EventProducerExt: EventProducer {
    /// Sends a sample; `Ok(false)` when the ring is full.
    ///
    /// # Errors
    /// As [`EventProducer::fill`].
    fn send(&mut self, sample: &[u8]) -> Result<bool, EventError> {
        self.fill(sample.len(), &mut |room| {
            room.copy_from_slice(sample);
            true
        })
    }
}

impl<P: EventProducer + ?Sized> EventProducerExt for P {}
