//! The layout of ring buffers: `kernel/bpf/ringbuf.c`.
//!
//! A record is a word of length and two flags, a word that is the kernel's own, and the sample, rounded up to 8 bytes.

use ebpf_sys::{BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ};

use super::RingProblem;

/// Bytes in front of each sample.
#[doc(alias = "BPF_RINGBUF_HDR_SZ")]
pub const HEADER: usize = BPF_RINGBUF_HDR_SZ as usize;

/// The first word of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header(pub u32);

impl Header {
    /// The header of a finished record of so many bytes; `None` if no header can say it.
    pub fn of(len: usize) -> Option<Header> {
        u32::try_from(len)
            .ok()
            .filter(|len| len & (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT) == 0)
            .map(Header)
    }

    /// The program has reserved the record and still writes it: neither it nor what follows can be read yet.
    #[doc(alias = "BPF_RINGBUF_BUSY_BIT")]
    #[inline]
    pub const fn is_busy(self) -> bool {
        self.0 & BPF_RINGBUF_BUSY_BIT != 0
    }

    /// The program has thrown the record away: it is to be skipped.
    #[doc(alias = "BPF_RINGBUF_DISCARD_BIT")]
    #[inline]
    pub const fn is_discarded(self) -> bool {
        self.0 & BPF_RINGBUF_DISCARD_BIT != 0
    }

    /// Bytes of the sample.
    #[inline]
    pub const fn len(self) -> usize {
        (self.0 & !(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)) as usize
    }

    /// Whether the sample has no bytes.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Bytes of the whole record.
    #[inline]
    pub const fn record_len(self) -> usize {
        // Of 30 bits, so that nothing overflows.
        (self.len() + HEADER).next_multiple_of(8)
    }
}

/// Bytes from the reader's position to the writer's in a ring of `size` bytes.
///
/// # Errors
/// [`RingProblem::Positions`] where they cannot be those of a ring.
#[inline]
pub const fn available(
    consumer: usize,
    producer: usize,
    size: usize,
) -> Result<usize, RingProblem> {
    let available = producer.wrapping_sub(consumer);
    if available > size || !consumer.is_multiple_of(8) || !producer.is_multiple_of(8) {
        return Err(RingProblem::Positions {
            available: available as u64,
            size: size as u64,
        });
    }
    Ok(available)
}

/// Bytes of the record with this header, of which `available` bytes were written.
///
/// # Errors
/// [`RingProblem::Record`] if it says that it is longer.
#[inline]
pub const fn record_len(header: Header, available: usize) -> Result<usize, RingProblem> {
    let length = header.record_len();
    if length > available {
        return Err(RingProblem::Record {
            length: length as u64,
            available: available as u64,
        });
    }
    Ok(length)
}
