//! The memory of ring buffers: records one behind the other, the writers' position and the reader's. `kernel/bpf/ringbuf.c`.
//!
//! Who writes reserves a record, which is busy until it is finished; who reads stops at a busy one. Positions only grow; a
//! record lies at its position modulo the size.

use ebpf_core::event::RingProblem;
use ebpf_core::event::ring_buffer::{self, HEADER, Header};

use crate::memory::{self, Slab};
use crate::sync::{AtomicU64, Mutex, Ordering, fence};

/// Bytes of a page.
const PAGE: u64 = 4096;

/// The pages before the data, which count in the second half of a header.
const PAGES_BEFORE: u64 = 3;

/// The largest sample that any ring takes (`RINGBUF_MAX_RECORD_SZ`).
const LARGEST: u64 = u32::MAX as u64 / 4;

const BUSY: u32 = 1 << 31;
const DISCARDED: u32 = 1 << 30;

/// A record that is reserved or that was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it begins.
    pub(crate) position: u64,
    /// Bytes of its sample.
    pub(crate) len: u32,
}

/// What a reader finds at a position.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Bytes of the sample.
    pub(crate) len: usize,
    /// Whether it is to be skipped.
    pub(crate) discarded: bool,
    /// Where the next record begins.
    pub(crate) next: u64,
}

/// A ring.
#[derive(Debug)]
pub(crate) struct Ring {
    pages: Slab,
    size: u64,
    producer: AtomicU64,
    consumer: AtomicU64,
    /// Up to where all records were finished when someone reserved last. Whoever holds it reserves.
    pending: Mutex<u64>,
}

impl Ring {
    /// An empty ring of so many bytes, a power of two.
    pub(crate) fn new(size: u32) -> Ring {
        let size = u64::from(size);
        Ring {
            pages: Slab::new(PAGE.min(size) as usize, size.div_ceil(PAGE)),
            size,
            producer: AtomicU64::new(0),
            consumer: AtomicU64::new(0),
            pending: Mutex::new(0),
        }
    }

    /// Bytes of the ring.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Up to where records are reserved.
    pub(crate) fn producer(&self) -> u64 {
        self.producer.load(Ordering::Acquire)
    }

    /// Up to where records were read.
    pub(crate) fn consumer(&self) -> u64 {
        self.consumer.load(Ordering::Acquire)
    }

    /// Bytes from the reader's position to the writers', as the kernel counts them: the reader's is looked at first.
    pub(crate) fn available(&self) -> u64 {
        let consumer = self.consumer();
        self.producer().wrapping_sub(consumer)
    }

    /// Bytes that the kernel has allocated for the ring.
    pub(crate) fn charge(&self) -> u64 {
        let data = self.size.div_ceil(PAGE);
        (PAGES_BEFORE + data) * PAGE + (PAGES_BEFORE + 2 * data) * 8
    }

    /// Reserves a record for a sample of so many bytes; `None` while it does not fit, or if it never does.
    ///
    /// One byte at least stays free, between the reader's position and the writers', and from the oldest record that is not
    /// finished: who writes for long holds up the others even when the reader is far ahead.
    pub(crate) fn reserve(&self, len: u64) -> Option<Record> {
        let len = u32::try_from(len)
            .ok()
            .filter(|len| u64::from(*len) <= LARGEST)?;
        let whole = Header(len).record_len() as u64;
        if whole > self.size {
            return None;
        }
        let consumer = self.consumer();
        let mut pending = self.pending.lock();
        let position = self.producer.load(Ordering::Relaxed);
        while *pending != position {
            let header = self.header(*pending);
            if header.is_busy() {
                break;
            }
            *pending = pending.wrapping_add(header.record_len() as u64);
        }
        let end = position.wrapping_add(whole);
        let span = |from: u64| end.wrapping_sub(from);
        if span(consumer) >= self.size || span(*pending) >= self.size {
            return None;
        }
        self.set_header(position, len | BUSY);
        // Release: who sees the position sees that the record is busy.
        self.producer.store(end, Ordering::Release);
        Some(Record { position, len })
    }

    /// Finishes a record that was reserved, or throws it away. Whether the reader had read everything before it, so that it
    /// may be waiting.
    pub(crate) fn finish(&self, record: Record, discard: bool) -> bool {
        let flag = if discard { DISCARDED } else { 0 };
        self.set_header(record.position, record.len | flag);
        // Between this and the reader's position: a reader that published its position and then found the record busy is
        // seen to be there. `consume` has the other half.
        fence(Ordering::SeqCst);
        self.consumer() & (self.size - 1) == record.position & (self.size - 1)
    }

    /// Appends a record that is finished already, for the one writer of a ring that programs read; false if it does not fit.
    /// Such a ring may be filled to the last byte.
    pub(crate) fn append(&self, sample: &[u8]) -> Result<bool, RingProblem> {
        let Some(header) = Header::of(sample.len()) else {
            return Ok(false);
        };
        if !self.has_room(sample.len())? {
            return Ok(false);
        }
        let position = self.producer.load(Ordering::Relaxed);
        self.write(position, 0, sample);
        self.set_header(position, header.0);
        let end = position.wrapping_add(header.record_len() as u64);
        // Release: the record is whole before anyone sees it.
        self.producer.store(end, Ordering::Release);
        Ok(true)
    }

    /// Whether [`Ring::append`] takes so many bytes now.
    pub(crate) fn has_room(&self, len: usize) -> Result<bool, RingProblem> {
        let used = self.between(self.consumer(), self.producer())?;
        let whole = Header::of(len).map(Header::record_len);
        Ok(whole.is_some_and(|whole| whole as u64 <= self.size - used))
    }

    /// The finished record at `position`; `None` while there is none.
    ///
    /// # Errors
    /// Where the ring holds what no writer leaves.
    pub(crate) fn peek(&self, position: u64) -> Result<Option<Found>, RingProblem> {
        let available = self.between(position, self.producer())?;
        if available == 0 {
            return Ok(None);
        }
        let header = self.header(position);
        if header.is_busy() {
            return Ok(None);
        }
        let whole = ring_buffer::record_len(header, available as usize)?;
        Ok(Some(Found {
            len: header.len(),
            discarded: header.is_discarded(),
            next: position.wrapping_add(whole as u64),
        }))
    }

    /// Gives the room before `position` back to the writers: what was read of it was read before. What is looked at next is
    /// looked at later, as [`Ring::finish`] needs.
    pub(crate) fn consume(&self, position: u64) {
        self.consumer.store(position, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// Copies out of the sample of the record at `position`, from its byte `at` on.
    pub(crate) fn read(&self, position: u64, at: usize, out: &mut [u8]) {
        let mut rest = out;
        self.each_page(position, at, rest.len(), |words, offset, length| {
            let (now, later) = std::mem::take(&mut rest).split_at_mut(length);
            memory::read(words, offset, now);
            rest = later;
        });
    }

    /// Copies into the sample of the record at `position`, from its byte `at` on.
    pub(crate) fn write(&self, position: u64, at: usize, bytes: &[u8]) {
        let mut rest = bytes;
        self.each_page(position, at, rest.len(), |words, offset, length| {
            let (now, later) = rest.split_at(length);
            memory::write(words, offset, now);
            rest = later;
        });
    }

    /// The pages, with offset and length, of so many bytes of the sample of the record at `position`.
    fn each_page(
        &self,
        position: u64,
        at: usize,
        length: usize,
        mut each: impl FnMut(&[AtomicU64], usize, usize),
    ) {
        let mut position = position.wrapping_add((HEADER + at) as u64);
        let mut left = length as u64;
        while left > 0 {
            let (words, offset) = self.page(position);
            let length = left.min(PAGE.min(self.size) - offset);
            each(words, offset as usize, length as usize);
            position = position.wrapping_add(length);
            left -= length;
        }
    }

    /// The page of a position, and its place in it.
    fn page(&self, position: u64) -> (&[AtomicU64], u64) {
        let place = position & (self.size - 1);
        (self.pages.slot((place / PAGE) as u32), place % PAGE)
    }

    fn between(&self, reader: u64, writer: u64) -> Result<u64, RingProblem> {
        let [reader, writer, size] = [reader, writer, self.size].map(|number| number as usize);
        ring_buffer::available(reader, writer, size).map(|bytes| bytes as u64)
    }

    fn header(&self, position: u64) -> Header {
        let (words, offset) = self.page(position);
        let word = words.get(offset as usize / 8);
        // Acquire: a finished record is whole.
        let word = word.map_or(0, |word| word.load(Ordering::Acquire));
        let [a, b, c, d, ..] = word.to_ne_bytes();
        Header(u32::from_ne_bytes([a, b, c, d]))
    }

    fn set_header(&self, position: u64, header: u32) {
        let (words, offset) = self.page(position);
        let page = PAGES_BEFORE + (position & (self.size - 1)) / PAGE;
        let [[a, b, c, d], [e, f, g, h]] = [header, page as u32].map(u32::to_ne_bytes);
        if let Some(word) = words.get(offset as usize / 8) {
            // Release: what was written into the record comes before.
            word.store(
                u64::from_ne_bytes([a, b, c, d, e, f, g, h]),
                Ordering::Release,
            );
        }
    }
}
