//! Perf event arrays: a slot for each CPU, and behind it the ring that programs on this CPU write into.
//! `__bpf_perf_event_output()` in kernel/trace/bpf_trace.c, `perf_output_begin()` in kernel/events/ring_buffer.c.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};
use parking_lot::{Mutex, RwLock};

use super::array::{index, next_index};
use super::{ForPrograms, Storage};
use crate::event::Signal;
use crate::kernel::Kernel;

/// The part of the helper's flags that is an index, and the index that means the CPU that the program runs on.
/// `BPF_F_INDEX_MASK`, `BPF_F_CURRENT_CPU`.
const INDEX: u64 = 0xffff_ffff;

/// The types of records, `PERF_RECORD_LOST` and `PERF_RECORD_SAMPLE`.
const LOST: u32 = 2;
const SAMPLE: u32 = 9;

/// Bytes of a record's header, and of a whole record of lost ones.
const HEADER: usize = 8;
const LOST_LEN: usize = 24;

/// The events of an array, by slot.
#[derive(Debug)]
pub(crate) struct PerfEvents {
    slots: RwLock<BTreeMap<u32, Arc<PerfRing>>>,
    /// The slots that sources have.
    taken: Mutex<BTreeSet<u32>>,
    length: u32,
}

impl PerfEvents {
    /// `bpf_perf_event_output()` of a program that runs on `cpu`: a sample whose bytes are those of all `parts`. A helper
    /// that takes more flags than an index has checked and cleared them.
    ///
    /// # Errors
    /// `EINVAL` for other flags, `E2BIG` for a slot that the array does not have, `ENOENT` for an empty one, `EOPNOTSUPP`
    /// where the ring in it is of another CPU, `ENOSPC` when the ring is full.
    pub(crate) fn output(&self, cpu: u32, flags: u64, parts: &[&[u8]]) -> Result<(), Errno> {
        if flags & !INDEX != 0 {
            return Err(Errno::EINVAL);
        }
        let slot = if flags == INDEX { cpu } else { flags as u32 };
        if slot >= self.length {
            return Err(Errno::E2BIG);
        }
        let ring = self.slots.read().get(&slot).cloned();
        let ring = ring.ok_or(Errno::ENOENT)?;
        if ring.cpu != cpu {
            return Err(Errno::EOPNOTSUPP);
        }
        ring.output(parts)
    }

    /// Slots.
    pub(crate) fn len(&self) -> u32 {
        self.length
    }

    /// Takes slots for a source, or says which of them another one has.
    pub(crate) fn take(&self, slots: &[u32]) -> Result<(), u32> {
        let mut taken = self.taken.lock();
        match slots.iter().find(|slot| taken.contains(slot)) {
            Some(slot) => Err(*slot),
            None => {
                taken.extend(slots);
                Ok(())
            }
        }
    }

    /// Gives slots back, emptied.
    pub(crate) fn leave(&self, slots: &[u32]) {
        for slot in slots {
            self.clear(*slot);
        }
        self.taken.lock().retain(|slot| !slots.contains(slot));
    }

    /// Puts a ring into the slot of its CPU.
    pub(crate) fn fill(&self, ring: Arc<PerfRing>) {
        self.slots.write().insert(ring.cpu, ring);
    }

    /// Empties a slot.
    fn clear(&self, slot: u32) -> Option<Arc<PerfRing>> {
        self.slots.write().remove(&slot)
    }
}

/// When a ring wakes its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wakes {
    /// With each record.
    EachRecord,
    /// Each time so many bytes were written.
    Bytes(u32),
}

/// An event that programs of one CPU write to, and its ring.
#[derive(Debug)]
pub(crate) struct PerfRing {
    pub(crate) cpu: u32,
    /// Bytes of the ring, a power of two.
    size: u64,
    /// Whether new records take the place of the oldest.
    overwritten: bool,
    /// Bytes after which the reader is woken, and whether each record wakes it anyway.
    watermark: u64,
    each: bool,
    state: Mutex<State>,
    reader: Arc<Signal>,
}

/// Where writing and reading are. Of a ring that is overwritten the head goes down from 0, in front of what it wrote last.
#[derive(Debug, Default)]
struct State {
    /// Allocated with the first record.
    data: Vec<u8>,
    head: u64,
    tail: u64,
    /// Records that did not fit since that was last said.
    lost: u64,
    /// The position from which the next `watermark` bytes are counted.
    woken: u64,
}

impl PerfRing {
    /// An empty ring of so many bytes, a power of two.
    pub(crate) fn new(
        cpu: u32,
        size: usize,
        overwritten: bool,
        wakes: Wakes,
        reader: Arc<Signal>,
    ) -> PerfRing {
        let half = (size as u64 / 2).max(1);
        PerfRing {
            cpu,
            size: size as u64,
            overwritten,
            watermark: match wakes {
                Wakes::EachRecord => half,
                Wakes::Bytes(bytes) => match u64::from(bytes) {
                    0 => half,
                    bytes => bytes.min(size as u64),
                },
            },
            each: wakes == Wakes::EachRecord,
            state: Mutex::default(),
            reader,
        }
    }

    /// Writes a sample, and before it how many were lost, if any were.
    fn output(&self, parts: &[&[u8]]) -> Result<(), Errno> {
        let sample: usize = parts.iter().map(|part| part.len()).sum();
        // The size of the sample and its bytes, filled up to a multiple of 8.
        let body = (4 + sample).next_multiple_of(8);
        // In Linux the length of a longer one wraps, and its readers lose their place.
        let length = u16::try_from(HEADER + body).map_err(|_| Errno::E2BIG)?;
        let mut state = self.state.lock();
        let lost = std::mem::take(&mut state.lost);
        let before = if lost == 0 { 0 } else { LOST_LEN };
        let all = (before + usize::from(length)) as u64;
        if !self.overwritten && state.head - state.tail + all >= self.size {
            state.lost = lost + 1;
            return Err(Errno::ENOSPC);
        }
        if state.data.is_empty() {
            state.data = vec![0; self.size()];
        }
        let mut at = if self.overwritten {
            state.head.wrapping_sub(all)
        } else {
            state.head
        };
        let mut put = |bytes: &[u8]| {
            put(&mut state.data, at, bytes);
            at = at.wrapping_add(bytes.len() as u64);
        };
        if lost != 0 {
            put(&header(LOST, LOST_LEN as u16));
            put(&0u64.to_ne_bytes());
            put(&lost.to_ne_bytes());
        }
        put(&header(SAMPLE, length));
        put(&((body - 4) as u32).to_ne_bytes());
        for part in parts {
            put(part);
        }
        put([0; 8].get(..body - 4 - sample).unwrap_or_default());
        let written = if self.overwritten {
            state.head = state.head.wrapping_sub(all);
            state.head.wrapping_neg()
        } else {
            state.head += all;
            state.head
        };
        let mut wakes = self.each;
        if written.wrapping_sub(state.woken) > self.watermark {
            state.woken = state.woken.wrapping_add(self.watermark);
            wakes = true;
        }
        drop(state);
        if wakes {
            self.reader.ring();
        }
        Ok(())
    }

    /// Where the next record to read begins.
    pub(crate) fn position(&self) -> u64 {
        self.state.lock().tail
    }

    /// Bytes of the ring.
    pub(crate) fn size(&self) -> usize {
        self.size as usize
    }

    /// Bytes that were written and not yet read.
    pub(crate) fn available(&self) -> u64 {
        let state = self.state.lock();
        if self.overwritten {
            state.tail.wrapping_sub(state.head)
        } else {
            state.head - state.tail
        }
    }

    /// Copies the records that begin within the next `bytes` bytes that were not read. None of them is taken as read.
    pub(crate) fn copy(&self, bytes: usize, copy: &mut Vec<u8>) {
        copy.clear();
        let state = self.state.lock();
        let available = (state.head - state.tail) as usize;
        let (mut end, mut length) = (0, [0; 2]);
        while end < available.min(bytes) {
            get(&state.data, state.tail + end as u64 + 6, &mut length);
            end += usize::from(u16::from_ne_bytes(length)).max(HEADER);
        }
        copy.resize(end.min(available), 0);
        get(&state.data, state.tail, copy);
    }

    /// Takes the next `bytes` bytes as read.
    pub(crate) fn consume(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.tail = state.tail.saturating_add(bytes as u64).min(state.head);
    }

    /// Copies what a ring that is overwritten holds and was not read, the newest record first, and takes it as read. The
    /// last one may be cut.
    pub(crate) fn take_backward(&self, copy: &mut Vec<u8>) {
        copy.clear();
        let mut state = self.state.lock();
        let available = state.tail.wrapping_sub(state.head).min(self.size);
        copy.resize(available as usize, 0);
        get(&state.data, state.head, copy);
        state.tail = state.head;
    }
}

fn header(kind: u32, length: u16) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&kind.to_ne_bytes());
    header[6..].copy_from_slice(&length.to_ne_bytes());
    header
}

/// Copies into a ring, from a position on, round its end.
fn put(ring: &mut [u8], at: u64, mut bytes: &[u8]) {
    let mut start = place(ring, at);
    while let Some(room) = ring.get_mut(start..).filter(|_| !bytes.is_empty()) {
        let (now, later) = bytes.split_at(bytes.len().min(room.len()));
        room[..now.len()].copy_from_slice(now);
        (bytes, start) = (later, 0);
    }
}

/// Copies out of a ring, from a position on, round its end.
fn get(ring: &[u8], at: u64, mut out: &mut [u8]) {
    let mut start = place(ring, at);
    while let Some(run) = ring
        .get(start..)
        .filter(|run| !run.is_empty() && !out.is_empty())
    {
        let (now, later) = out.split_at_mut(out.len().min(run.len()));
        now.copy_from_slice(&run[..now.len()]);
        (out, start) = (later, 0);
    }
}

/// Where a position lies in a ring.
fn place(ring: &[u8], at: u64) -> usize {
    (at % ring.len().max(1) as u64) as usize
}

/// A perf event array as a map. Descriptors of events are not among those that a simulated system has, so that only sources
/// fill the slots.
#[derive(Debug)]
pub(super) struct PerfEventArray(Arc<PerfEvents>);

impl PerfEventArray {
    pub(super) fn new(spec: &MapSpec) -> PerfEventArray {
        PerfEventArray(Arc::new(PerfEvents {
            slots: RwLock::default(),
            taken: Mutex::default(),
            length: spec.max_entries,
        }))
    }

    fn slot(&self, key: &[u8]) -> Result<u32, Errno> {
        index(key)
            .filter(|index| *index < self.0.length)
            .ok_or(Errno::E2BIG)
    }
}

impl Storage for PerfEventArray {
    fn lookup(&self, _: &[u8], _: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        Err(Errno::ENOTSUPP)
    }

    fn update(&self, _: &Kernel, key: &[u8], _: &[u8], flags: UpdateFlags) -> Result<(), Errno> {
        if flags != UpdateFlags::ANY {
            return Err(Errno::EINVAL);
        }
        self.slot(key)?;
        Err(Errno::EBADF)
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let slot = self.slot(key)?;
        self.0.clear(slot).map(drop).ok_or(Errno::ENOENT)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.0.length, after, next)
    }

    fn for_programs(&self) -> ForPrograms<'_> {
        ForPrograms::Perf(&self.0)
    }

    fn charge(&self) -> u64 {
        u64::from(self.0.length) * 8
    }
}
