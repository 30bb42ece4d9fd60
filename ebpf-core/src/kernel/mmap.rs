//! Memory that the kernel shares with this process: of arrays, and of rings.
//!
//! One of the places with `unsafe` code.
#![expect(unsafe_code, reason = "mapping the kernel's memory")]

use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};

use super::sys::last_errno;
use crate::Errno;
use crate::event::RingProblem;
use crate::event::perf::Written;
use crate::event::ring_buffer::{self, Header};
use crate::map::{Memory, Words};

/// Pages shared with the kernel until this is dropped. The mapping keeps alive what is mapped.
#[derive(Debug)]
struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the memory belongs to no thread. What is shared of a `Mapping` itself are atomic words; the slices that the
// types below hand out follow the protocols that they name.
unsafe impl Send for Mapping {}
// SAFETY: as above; the fields never change.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `bytes` bytes from `offset` on of what `fd` is, to read or to read and write.
    fn new(
        fd: BorrowedFd<'_>,
        offset: usize,
        bytes: usize,
        writable: bool,
    ) -> Result<Mapping, Errno> {
        if bytes == 0 {
            return Err(Errno::EINVAL);
        }
        let offset = libc::off_t::try_from(offset).map_err(|_| Errno::EINVAL)?;
        let protection = if writable {
            libc::PROT_READ | libc::PROT_WRITE
        } else {
            libc::PROT_READ
        };
        // SAFETY: a null address lets the kernel choose a place where nothing is mapped, so no memory of this process
        // is touched; `fd` is open for the call.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                protection,
                libc::MAP_SHARED,
                fd.as_raw_fd(),
                offset,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(last_errno());
        }
        let start = NonNull::new(start.cast()).ok_or(Errno::ENOMEM)?;
        Ok(Mapping { start, bytes })
    }

    /// The address of `len` bytes at `at`, which is a multiple of their alignment of 8 or less.
    ///
    /// # Panics
    /// Where they do not lie inside: only a mistake in this file can ask for that.
    #[inline]
    fn place(&self, at: usize, len: usize, align: usize) -> *mut u8 {
        assert!(at.is_multiple_of(align) && at <= self.bytes && len <= self.bytes - at);
        // SAFETY: `at` is not past the end of the mapping, as was just compared.
        unsafe { self.start.as_ptr().add(at) }
    }

    /// A position of a ring: a word of the machine's size, as the kernel's `unsigned long`.
    #[inline]
    fn position(&self, at: usize) -> &AtomicUsize {
        let place = self.place(at, size_of::<AtomicUsize>(), align_of::<AtomicUsize>());
        // SAFETY: the place is mapped for as long as `self` is borrowed, and aligned, because mappings begin at pages.
        // Everybody else who touches it does so by whole words at any time, which an atomic word allows.
        unsafe { &*place.cast() }
    }

    #[inline]
    fn word(&self, at: usize) -> &AtomicU64 {
        let place = self.place(at, size_of::<AtomicU64>(), align_of::<AtomicU64>());
        // SAFETY: as `position`.
        unsafe { &*place.cast() }
    }

    #[inline]
    fn half_word(&self, at: usize) -> &AtomicU32 {
        let place = self.place(at, size_of::<AtomicU32>(), align_of::<AtomicU32>());
        // SAFETY: as `position`.
        unsafe { &*place.cast() }
    }

    /// # Safety
    /// Nobody may write these bytes while the slice lives.
    #[inline]
    unsafe fn bytes(&self, at: usize, len: usize) -> &[u8] {
        let place = self.place(at, len, 1);
        // SAFETY: the bytes are mapped and readable for as long as `self` is borrowed; that nobody writes them is the
        // caller's word.
        unsafe { std::slice::from_raw_parts(place, len) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: `new` mapped this range, nobody else unmaps it, and no borrow of it outlives `self`. Failing would
        // only leave it mapped.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
    }
}

/// The memory of a map, shared with running programs.
#[derive(Debug)]
pub(super) struct Mmap {
    mapping: Mapping,
    words: usize,
    writable: bool,
}

impl Mmap {
    /// Maps the first `words` 64-bit words behind `fd`, to read or to read and write.
    pub(super) fn new(fd: BorrowedFd<'_>, words: usize, writable: bool) -> Result<Mmap, Errno> {
        let bytes = words.checked_mul(size_of::<u64>()).ok_or(Errno::EINVAL)?;
        Ok(Mmap {
            mapping: Mapping::new(fd, 0, bytes, writable)?,
            words,
            writable,
        })
    }
}

impl Memory for Mmap {
    fn words(&self) -> Words<'_> {
        let start = self.mapping.start.as_ptr().cast();
        // SAFETY: `new` mapped this many words from here, page-aligned and readable, and only `drop` unmaps them. The
        // kernel backs all of them: it refuses to map more than the pages of the array. Others write them at any time,
        // which atomic words allow.
        let words = unsafe { std::slice::from_raw_parts(start, self.words) };
        if self.writable {
            Words::writable(words)
        } else {
            Words::read_only(words)
        }
    }
}

/// The reading end of a ring buffer.
///
/// Its pages: the reader's position; the writers' position; the data, twice in a row, so that a record that goes on at
/// the start of the ring lies in one piece.
#[derive(Debug)]
pub(super) struct RingReader {
    consumer: Mapping,
    producer: Mapping,
    page: usize,
    size: usize,
    /// Up to where it was read; the kernel knows an earlier position.
    position: usize,
    published: usize,
    /// The writers' position when it was last looked at.
    written: usize,
    /// Behind the record that was looked at last.
    next: usize,
}

/// The record at a reader's position.
#[derive(Debug)]
pub(super) struct Peeked<'r> {
    /// The sample; `None` if the program threw it away.
    pub(super) sample: Option<&'r [u8]>,
    /// Bytes of the whole record.
    pub(super) length: usize,
}

impl RingReader {
    /// Maps the ring buffer behind `fd`, of `size` bytes.
    pub(super) fn new(fd: BorrowedFd<'_>, size: usize, page: usize) -> Result<RingReader, Errno> {
        if !size.is_power_of_two() || !size.is_multiple_of(page) || page < 4096 {
            return Err(Errno::EINVAL);
        }
        let both = size.checked_mul(2).and_then(|data| data.checked_add(page));
        let consumer = Mapping::new(fd, 0, page, true)?;
        let producer = Mapping::new(fd, page, both.ok_or(Errno::EINVAL)?, false)?;
        let position = consumer.position(0).load(Ordering::Relaxed);
        Ok(RingReader {
            consumer,
            producer,
            page,
            size,
            position,
            published: position,
            written: position,
            next: position,
        })
    }

    /// The record at the reader's position; `None` while there is none that is finished.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<Peeked<'_>>, RingProblem> {
        let Some((header, length)) = self.header()? else {
            return Ok(None);
        };
        self.next = self.position.wrapping_add(length);
        let sample = if header.is_discarded() {
            None
        } else {
            let at = self.page + (self.position & (self.size - 1)) + ring_buffer::HEADER;
            // SAFETY: the header was read with acquire and is neither busy nor past the writers' position, so that the
            // program has finished the record, and the verifier lets it touch it no more. The kernel uses the place anew
            // only after the published position of the reader is behind it, which needs `&mut self`, and nobody else
            // publishes: user space can write nothing but that position, and a ring has one reader (`event::CLAIMS`
            // keeps a second one of this process away; one of another process is as if a file were changed by others
            // while it is mapped). A record is not longer than the ring, and the data is mapped twice.
            Some(unsafe { self.producer.bytes(at, header.len()) })
        };
        Ok(Some(Peeked { sample, length }))
    }

    /// The header of the record at the reader's position, if it is finished.
    #[inline]
    fn header(&mut self) -> Result<Option<(Header, usize)>, RingProblem> {
        if self.position == self.written {
            self.written = self.producer.position(0).load(Ordering::Acquire);
            if self.position == self.written {
                return Ok(None);
            }
        }
        let available = ring_buffer::available(self.position, self.written, self.size)?;
        let at = self.page + (self.position & (self.size - 1));
        let header = Header(self.producer.half_word(at).load(Ordering::Acquire));
        if header.is_busy() {
            return Ok(None);
        }
        let length = ring_buffer::record_len(header, available)?;
        Ok(Some((header, length)))
    }

    /// Whether there is a finished record at the reader's position (or something that no kernel writes).
    #[inline]
    pub(super) fn is_ready(&mut self) -> bool {
        !matches!(self.header(), Ok(None))
    }

    /// Goes behind the record that was looked at last.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.position = self.next;
    }

    /// Goes to the writers' position, whatever lies in between.
    pub(super) fn skip(&mut self) {
        self.written = self.producer.position(0).load(Ordering::Acquire) & !7;
        self.position = self.written;
        self.next = self.position;
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Bytes that were read and that writers cannot use yet.
    #[inline]
    pub(super) fn unpublished(&self) -> usize {
        self.position.wrapping_sub(self.published)
    }

    /// Gives what was read back to the writers, but for the last `keep` bytes of it.
    #[inline]
    pub(super) fn publish(&mut self, keep: usize) {
        let to = self.position.wrapping_sub(keep.min(self.unpublished()));
        if to != self.published {
            self.published = to;
            // Release: what was read of the records was read before.
            self.consumer.position(0).store(to, Ordering::Release);
        }
    }

    /// Gives everything back and orders that before whatever is read next: a writer that then finishes a record sees it,
    /// and wakes who waits.
    pub(super) fn publish_all(&mut self) {
        self.publish(0);
        fence(Ordering::SeqCst);
    }
}

/// Where `struct perf_event_mmap_page` has its positions.
const DATA_HEAD: usize = std::mem::offset_of!(ebpf_sys::perf_event_mmap_page, data_head);
const DATA_TAIL: usize = std::mem::offset_of!(ebpf_sys::perf_event_mmap_page, data_tail);

/// The reading end of a perf ring: a page of positions, and the data.
#[derive(Debug)]
pub(super) struct PerfReader {
    mapping: Mapping,
    page: usize,
    /// Bytes of data, a power of two.
    size: usize,
    /// Up to where it was read.
    tail: u64,
    /// The writers' position when it was last looked at.
    head: u64,
}

impl PerfReader {
    /// Maps the ring of the event behind `fd`, which makes it: of `pages` pages of data. One that is only read is
    /// overwritten when it is full.
    pub(super) fn new(
        fd: BorrowedFd<'_>,
        pages: usize,
        page: usize,
        overwritten: bool,
    ) -> Result<PerfReader, Errno> {
        if !pages.is_power_of_two() || page < 4096 {
            return Err(Errno::EINVAL);
        }
        let whole = pages.checked_add(1).and_then(|all| all.checked_mul(page));
        let mapping = Mapping::new(fd, 0, whole.ok_or(Errno::EINVAL)?, !overwritten)?;
        let size = pages * page;
        Ok(PerfReader {
            mapping,
            page,
            size,
            tail: 0,
            head: 0,
        })
    }

    /// Bytes that were written and not yet read.
    #[inline]
    pub(super) fn available(&mut self) -> u64 {
        // Acquire: the records up to there are whole.
        self.head = self.mapping.word(DATA_HEAD).load(Ordering::Acquire);
        self.head.wrapping_sub(self.tail)
    }

    /// Bytes of the data.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn position(&self) -> u64 {
        self.tail
    }

    /// What was written and not yet read when [`available`](PerfReader::available) looked last.
    ///
    /// # Errors
    /// Where that is more than the ring is long.
    #[inline]
    pub(super) fn written(&mut self) -> Result<Written<'_>, RingProblem> {
        let available = self.head.wrapping_sub(self.tail);
        let size = self.size as u64;
        if available > size {
            return Err(RingProblem::Positions { available, size });
        }
        // Both are not more than `size`.
        let (start, available) = ((self.tail % size) as usize, available as usize);
        let first = available.min(self.size - start);
        // SAFETY: the kernel wrote these bytes before the head that was read with acquire, and writes no byte between
        // the tail that it knows and its head. The tail that it knows moves only by `publish`, which needs `&mut self`:
        // nobody else has this ring, because the event was opened for it alone.
        let (first, second) = unsafe {
            (
                self.mapping.bytes(self.page + start, first),
                self.mapping.bytes(self.page, available - first),
            )
        };
        Ok(Written { first, second })
    }

    /// Takes `bytes` bytes of what is written as read, at most all of it.
    #[inline]
    pub(super) fn consume(&mut self, bytes: usize) {
        let available = self.head.wrapping_sub(self.tail);
        self.tail = self.tail.wrapping_add((bytes as u64).min(available));
    }

    /// Takes everything as read.
    pub(super) fn skip(&mut self) {
        self.tail = self.head;
    }

    /// Gives what was read back to the writers.
    #[inline]
    pub(super) fn publish(&mut self) {
        // Release: what was read of the records was read before.
        let tail = self.mapping.word(DATA_TAIL);
        tail.store(self.tail, Ordering::Release);
    }

    /// Copies what an overwritten ring holds and was not yet read, newest record first, and takes it as read.
    ///
    /// Such a ring grows downwards: the newest record is at the head. Writing should be paused, but one that was under way
    /// then may still write, so that the bytes may be no records.
    pub(super) fn take_backward(&mut self, copy: &mut Vec<u8>) {
        self.head = self.mapping.word(DATA_HEAD).load(Ordering::Acquire);
        let size = self.size as u64;
        let available = self.tail.wrapping_sub(self.head).min(size);
        copy.clear();
        for at in (0..available).step_by(8) {
            let place = (self.head.wrapping_add(at) % size) as usize & !7;
            let word = self.mapping.word(self.page + place);
            copy.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
        }
        self.tail = self.head;
    }

    /// Whether an overwritten ring has something that was not yet read.
    pub(super) fn has_backward(&self) -> bool {
        self.mapping.word(DATA_HEAD).load(Ordering::Relaxed) != self.tail
    }
}

/// The writing end of a user ring buffer: the pages of a ring buffer, of which user space may write all but the reader's
/// position.
#[derive(Debug)]
pub(super) struct RingWriter {
    consumer: Mapping,
    producer: Mapping,
    page: usize,
    size: usize,
    position: usize,
}

impl RingWriter {
    /// Maps the user ring buffer behind `fd`, of `size` bytes.
    pub(super) fn new(fd: BorrowedFd<'_>, size: usize, page: usize) -> Result<RingWriter, Errno> {
        if !size.is_power_of_two() || !size.is_multiple_of(page) || page < 4096 {
            return Err(Errno::EINVAL);
        }
        let both = size.checked_mul(2).and_then(|data| data.checked_add(page));
        let consumer = Mapping::new(fd, 0, page, false)?;
        let producer = Mapping::new(fd, page, both.ok_or(Errno::EINVAL)?, true)?;
        let position = producer.position(0).load(Ordering::Relaxed);
        Ok(RingWriter {
            consumer,
            producer,
            page,
            size,
            position,
        })
    }

    /// Bytes of the largest sample.
    pub(super) fn largest(&self) -> usize {
        self.size - ring_buffer::HEADER
    }

    /// Whether a sample of `len` bytes fits now.
    pub(super) fn fits(&self, len: usize) -> Result<bool, RingProblem> {
        // Acquire: the programs have read what lay before.
        let consumer = self.consumer.position(0).load(Ordering::Acquire);
        let used = ring_buffer::available(consumer, self.position, self.size)?;
        let record = Header::of(len).map(Header::record_len);
        Ok(record.is_some_and(|record| record <= self.size - used))
    }

    /// Writes a sample of `len` bytes, zeroed and then what `fill` makes of them, and sends it if `fill` says so. It must
    /// fit: false if it does not.
    pub(super) fn write(
        &mut self,
        len: usize,
        fill: &mut dyn FnMut(&mut [u8]) -> bool,
    ) -> Result<bool, RingProblem> {
        let (true, Some(header)) = (self.fits(len)?, Header::of(len)) else {
            return Ok(false);
        };
        let at = self.page + (self.position & (self.size - 1));
        let place = self.producer.place(at + ring_buffer::HEADER, len, 1);
        // SAFETY: the place is mapped for writing for as long as `self` is borrowed. It lies between the writer's
        // position and the reader's, which `fits` has compared, and there the kernel neither reads nor writes; nobody
        // else has a writer (`event::CLAIMS`). The data is mapped twice, so that it is in one piece, and this is the only
        // slice of it.
        let sample = unsafe {
            ptr::write_bytes(place, 0, len);
            std::slice::from_raw_parts_mut(place, len)
        };
        if !fill(sample) {
            return Ok(false);
        }
        let word = self.producer.half_word(at);
        word.store(header.0, Ordering::Relaxed);
        self.position = self.position.wrapping_add(header.record_len());
        // Release: the record is whole before the kernel sees it.
        let position = self.producer.position(0);
        position.store(self.position, Ordering::Release);
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
