//! The layout of perf rings: `kernel/events/ring_buffer.c` and `perf_event_output()` in `kernel/events/core.c`.
//!
//! Records lie one behind the other and may begin at the end of the ring and go on at its start. Each has a header of a
//! type (4 bytes), flags (2) and its whole length (2), which is a multiple of 8.

use ebpf_sys::perf_event_type;

use super::{Event, RingProblem};

/// Bytes in front of each record.
pub const HEADER: usize = 8;

const SAMPLE: u32 = perf_event_type::PERF_RECORD_SAMPLE.0;
const LOST: u32 = perf_event_type::PERF_RECORD_LOST.0;

/// Pages of data of a ring that holds `bytes` bytes: the next power of two of whole pages. `None` if that is more than
/// there can be: kernels count pages in an `int`, and some make an empty ring where that overflows.
pub fn data_pages(bytes: usize, page: usize) -> Option<usize> {
    let pages = bytes
        .div_ceil(page.max(1))
        .max(1)
        .checked_next_power_of_two()
        .filter(|pages| i32::try_from(*pages).is_ok())?;
    // The page of positions comes first.
    pages.checked_add(1)?.checked_mul(page).map(|_| pages)
}

/// Bytes of a sample as they arrive, of which the program gave `len`: the kernel pads the record to a multiple of 8, and
/// counts the padding.
pub const fn padded(len: usize) -> usize {
    len.saturating_add(4 + 7) / 8 * 8 - 4
}

/// The part of a ring that was written and not yet read: at most two runs of bytes, the second from the ring's start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written<'r> {
    /// From the reader's position on.
    pub first: &'r [u8],
    /// From the start of the ring on.
    pub second: &'r [u8],
}

/// What one record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it says.
    pub event: Event<'a>,
    /// Bytes of it, header included.
    pub length: usize,
}

impl<'r> Written<'r> {
    /// Bytes of both runs.
    #[inline]
    pub const fn len(&self) -> usize {
        // Both are of one ring, so that the sum fits.
        self.first.len().saturating_add(self.second.len())
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.first.is_empty() && self.second.is_empty()
    }

    /// The record at `at`, in host byte order, of the ring of `cpu`; `None` at the end. A record in two runs is put
    /// together in `scratch`.
    ///
    /// # Errors
    /// [`RingProblem::Record`] where no whole record is.
    #[inline]
    pub fn record<'s>(
        &self,
        at: usize,
        cpu: Option<u32>,
        scratch: &'s mut Vec<u8>,
    ) -> Result<Option<Record<'s>>, RingProblem>
    where
        'r: 's,
    {
        let available = self.len().saturating_sub(at);
        if available == 0 {
            return Ok(None);
        }
        let (kind, length) = self.header(at, available)?;
        let bytes = self.bytes(at, length, scratch);
        let record = bytes.ok_or(problem(length, available))?;
        let body = record.get(HEADER..).unwrap_or_default();
        Ok(Some(Record {
            event: event(kind, body, cpu),
            length,
        }))
    }

    /// Bytes of the record at `at`.
    ///
    /// # Errors
    /// [`RingProblem::Record`] where no whole record is.
    pub fn record_len(&self, at: usize) -> Result<usize, RingProblem> {
        let available = self.len().saturating_sub(at);
        self.header(at, available).map(|(_, length)| length)
    }

    /// The type and the whole length of the record at `at`.
    #[inline]
    fn header(&self, at: usize, available: usize) -> Result<(u32, usize), RingProblem> {
        // Records begin at multiples of 8 and so does the ring: no header is in two runs.
        let header: Option<&[u8; HEADER]> =
            self.run(at, HEADER).and_then(|run| run.try_into().ok());
        let header = *header.ok_or(problem(HEADER, available))?;
        let [k0, k1, k2, k3, _, _, l0, l1] = header;
        let kind = u32::from_ne_bytes([k0, k1, k2, k3]);
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        if length < HEADER || length % 8 != 0 || length > available {
            return Err(problem(length, available));
        }
        Ok((kind, length))
    }

    /// So many bytes at `at`, where they lie in one run.
    #[inline]
    fn run(&self, at: usize, len: usize) -> Option<&'r [u8]> {
        match at.checked_sub(self.first.len()) {
            None => self.first.get(at..at.checked_add(len)?),
            Some(at) => self.second.get(at..at.checked_add(len)?),
        }
    }

    #[inline]
    fn bytes<'s>(&self, at: usize, len: usize, scratch: &'s mut Vec<u8>) -> Option<&'s [u8]>
    where
        'r: 's,
    {
        if let Some(run) = self.run(at, len) {
            return Some(run);
        }
        let head = self.first.get(at..)?;
        let tail = self.second.get(..len.checked_sub(head.len())?)?;
        scratch.clear();
        scratch.extend_from_slice(head);
        scratch.extend_from_slice(tail);
        Some(scratch)
    }
}

#[cold]
fn problem(length: usize, available: usize) -> RingProblem {
    RingProblem::Record {
        length: length as u64,
        available: available as u64,
    }
}

/// What a record of this type says. The body of a sample is its length and its bytes, that of a loss an id and a count.
#[inline]
fn event(kind: u32, body: &[u8], cpu: Option<u32>) -> Event<'_> {
    let known = match kind {
        SAMPLE => sample(body).map(|data| Event::Sample { cpu, data }),
        LOST => count(body).map(|count| Event::Lost { cpu, count }),
        _ => None,
    };
    known.unwrap_or(Event::Unknown {
        cpu,
        kind,
        data: body,
    })
}

#[inline]
fn sample(body: &[u8]) -> Option<&[u8]> {
    let (size, data) = body.split_first_chunk()?;
    data.get(..u32::from_ne_bytes(*size) as usize)
}

fn count(body: &[u8]) -> Option<u64> {
    let (count, _) = body.get(8..)?.split_first_chunk()?;
    Some(u64::from_ne_bytes(*count))
}
