//! Ring buffers: programs write, one reader reads. `kernel/bpf/ringbuf.c`.

use std::fmt;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};

use super::ring::{Record, Ring};
use super::{ForPrograms, Storage};
use crate::event::Listener;
use crate::kernel::Kernel;

/// Nobody is woken: `BPF_RB_NO_WAKEUP`.
pub(crate) const NO_WAKEUP: u64 = 1;
/// The reader is woken, come what may: `BPF_RB_FORCE_WAKEUP`.
pub(crate) const FORCE_WAKEUP: u64 = 2;

/// A ring buffer.
#[derive(Debug)]
pub(crate) struct RingBuffer {
    pub(crate) ring: Ring,
    /// Who reads.
    pub(crate) reader: Listener,
}

/// A record that a program has reserved and not yet submitted or discarded. It is for exactly one of both; one that is
/// dropped stays busy for ever, as a record that is leaked.
#[derive(Debug)]
#[must_use = "a record that is not finished holds up everything behind it"]
pub(crate) struct Reserved(Record);

impl Reserved {
    /// Bytes of the sample.
    pub(crate) fn len(&self) -> usize {
        self.0.len as usize
    }
}

impl RingBuffer {
    /// `bpf_ringbuf_reserve()`: room for a sample of so many bytes. `None` is the helper's NULL.
    ///
    /// The helper's flags must be 0. (`bpf_ringbuf_reserve_dynptr()` answers `EINVAL` where this gives `None`.)
    pub(crate) fn reserve(&self, len: u64) -> Option<Reserved> {
        self.ring.reserve(len).map(Reserved)
    }

    /// What the memory of a record holds from byte `at` of the sample on: at first what older records left there.
    pub(crate) fn read(&self, record: &Reserved, at: usize, out: &mut [u8]) {
        let end = out.len().min(record.len().saturating_sub(at));
        let (inside, beyond) = out.split_at_mut(end);
        self.ring.read(record.0.position, at, inside);
        beyond.fill(0);
    }

    /// Writes into the memory of a record, from byte `at` of the sample on; what does not fit is not written.
    pub(crate) fn write(&self, record: &Reserved, at: usize, bytes: &[u8]) {
        let end = bytes.len().min(record.len().saturating_sub(at));
        self.ring
            .write(record.0.position, at, bytes.get(..end).unwrap_or(bytes));
    }

    /// `bpf_ringbuf_submit()`. Flags that do not exist are ignored, as in the kernel.
    pub(crate) fn submit(&self, record: Reserved, flags: u64) {
        self.finish(record, flags, false);
    }

    /// `bpf_ringbuf_discard()`.
    pub(crate) fn discard(&self, record: Reserved, flags: u64) {
        self.finish(record, flags, true);
    }

    fn finish(&self, record: Reserved, flags: u64, discard: bool) {
        let caught_up = self.ring.finish(record.0, discard);
        if flags & FORCE_WAKEUP != 0 || (caught_up && flags & NO_WAKEUP == 0) {
            self.reader.wake();
        }
    }

    /// `bpf_ringbuf_output()`.
    ///
    /// # Errors
    /// `EINVAL` for flags that do not exist, `EAGAIN` when it does not fit.
    pub(crate) fn output(&self, sample: &[u8], flags: u64) -> Result<(), Errno> {
        if flags & !(NO_WAKEUP | FORCE_WAKEUP) != 0 {
            return Err(Errno::EINVAL);
        }
        let record = self.reserve(sample.len() as u64).ok_or(Errno::EAGAIN)?;
        self.write(&record, 0, sample);
        self.submit(record, flags);
        Ok(())
    }

    /// `bpf_ringbuf_query()`: 0 for what it does not know.
    pub(crate) fn query(&self, what: u64) -> u64 {
        match what {
            // `BPF_RB_AVAIL_DATA`, `_RING_SIZE`, `_CONS_POS`, `_PROD_POS`
            0 => self.ring.available(),
            1 => self.ring.size(),
            2 => self.ring.consumer(),
            3 => self.ring.producer(),
            _ => 0,
        }
    }
}

/// What a map without elements is made of: a ring, and what is done with it.
pub(super) trait OverRing: fmt::Debug + Send + Sync + Sized {
    /// One of an empty ring.
    fn over(ring: Ring) -> Self;

    fn ring(&self) -> &Ring;

    fn for_programs(this: &Arc<Self>) -> ForPrograms<'_>;
}

impl OverRing for RingBuffer {
    fn over(ring: Ring) -> RingBuffer {
        RingBuffer {
            ring,
            reader: Listener::default(),
        }
    }

    fn ring(&self) -> &Ring {
        &self.ring
    }

    fn for_programs(this: &Arc<RingBuffer>) -> ForPrograms<'_> {
        ForPrograms::Ring(this)
    }
}

/// A ring as a map, which has no elements.
#[derive(Debug)]
pub(super) struct RingMap<R>(Arc<R>);

impl<R: OverRing> RingMap<R> {
    pub(super) fn new(spec: &MapSpec) -> RingMap<R> {
        RingMap(Arc::new(R::over(Ring::new(spec.max_entries))))
    }
}

impl<R: OverRing> Storage for RingMap<R> {
    fn lookup(&self, _: &[u8], _: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn update(&self, _: &Kernel, _: &[u8], _: &[u8], _: UpdateFlags) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn for_programs(&self) -> ForPrograms<'_> {
        R::for_programs(&self.0)
    }

    fn charge(&self) -> u64 {
        self.0.ring().charge()
    }
}
