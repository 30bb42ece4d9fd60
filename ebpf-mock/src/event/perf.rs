//! Perf event arrays as sources: a ring for each CPU.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::event::perf::{Written, data_pages};
use ebpf_core::event::{
    EventError, EventOptions, EventSource, OptionsProblem, RingProblem, Wakeup,
};
use ebpf_core::system::Cpus;

use super::source::{Rings, Sink, Source, Tally};
use super::{Signal, busy, os_error};
use crate::kernel::{Charge, Kernel};
use crate::map::{MapObject, MockMap, PerfEvents, PerfRing, Wakes};

/// Bytes of a page.
const PAGE: usize = 4096;

/// What a drain reads before it gives the room back: a part of this size.
const CHUNK: usize = 8;

/// The rings of a map.
#[derive(Debug)]
struct PerfRings {
    map: Arc<MapObject>,
    events: Arc<PerfEvents>,
    slots: Vec<u32>,
    rings: Vec<Ring>,
    /// The ring to begin with: all get their turn.
    first: usize,
    /// How many bytes are worth a drain.
    enough: u64,
    _charge: Charge,
}

/// The ring of one CPU.
#[derive(Debug)]
struct Ring {
    ring: Arc<PerfRing>,
    overwritten: bool,
    copy: Vec<u8>,
    /// Of an overwritten ring: the places of records in the copy that were not drained, oldest first.
    copied: VecDeque<usize>,
}

pub(super) fn open(
    map: &MockMap,
    events: &Arc<PerfEvents>,
    options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    let refused = |problem| EventError::Options {
        map: map.object().info.name.clone(),
        problem,
    };
    let bytes = options.buffer_bytes;
    let pages = data_pages(bytes, PAGE).ok_or(refused(OptionsProblem::BufferBytes(bytes)))?;
    let kernel = map.kernel();
    let cpus = options.cpus.as_ref().unwrap_or(&kernel.machine.cpus.online);
    if cpus.is_empty() {
        return Err(refused(OptionsProblem::NoCpu));
    }
    let slots = events.len();
    if let Some(cpu) = cpus.iter().find(|cpu| *cpu >= slots) {
        return Err(refused(OptionsProblem::NoSlot { cpu, slots }));
    }
    let charge = check(map, kernel, cpus.iter(), pages as u64)?;
    let slots: Vec<u32> = cpus.iter().collect();
    events.take(&slots).map_err(|cpu| busy(map, Some(cpu)))?;
    let signal = kernel.bell.signal();
    let rings = PerfRings {
        map: map.object().clone(),
        events: events.clone(),
        rings: fill(events, &slots, pages * PAGE, options, &signal),
        slots,
        first: 0,
        enough: match options.wakeup {
            Wakeup::Watermark(bytes) => u64::from(bytes).clamp(1, (pages * PAGE / 2) as u64),
            _ => 1,
        },
        _charge: charge,
    };
    Ok(Box::new(Source::new(&kernel.bell, signal, rings)))
}

/// Whether the kernel makes such rings, whose memory is then set aside, and lets them into the slots.
fn check(
    map: &MockMap,
    kernel: &Kernel,
    cpus: impl Iterator<Item = u32>,
    pages: u64,
) -> Result<Charge, EventError> {
    let Cpus { possible, online } = &kernel.machine.cpus;
    let mut count = 0;
    for cpu in cpus {
        let (errno, hint) = match (possible.slots() > cpu, online.contains(cpu)) {
            (false, _) => (Errno::EINVAL, None),
            (true, false) => (Errno::ENODEV, Some("the CPU is not online")),
            (true, true) => {
                count += 1;
                continue;
            }
        };
        return Err(os_error(map, "open the ring", Some(cpu), errno, hint));
    }
    // The page of positions comes first.
    let bytes = (pages + 1)
        .saturating_mul(PAGE as u64)
        .saturating_mul(count);
    let charge = kernel.charge(bytes).map_err(|errno| {
        let hint = Some("not enough memory for rings of this size");
        os_error(map, "map the ring", None, errno, hint)
    })?;
    map.may_write()
        .map_err(|errno| map.refused("update", errno))?;
    Ok(charge)
}

/// Puts a new ring into each slot.
fn fill(
    events: &PerfEvents,
    slots: &[u32],
    size: usize,
    options: &EventOptions,
    signal: &Arc<Signal>,
) -> Vec<Ring> {
    let overwritten = options.overwritable;
    let wakes = match options.wakeup {
        Wakeup::Watermark(bytes) => Wakes::Bytes(bytes),
        _ => Wakes::EachRecord,
    };
    let ring = |cpu: &u32| {
        let ring = Arc::new(PerfRing::new(
            *cpu,
            size,
            overwritten,
            wakes,
            signal.clone(),
        ));
        events.fill(ring.clone());
        Ring {
            ring,
            overwritten,
            copy: Vec::new(),
            copied: VecDeque::new(),
        }
    };
    slots.iter().map(ring).collect()
}

impl Ring {
    fn available(&self) -> u64 {
        self.copied.len() as u64 + self.ring.available()
    }

    /// Gives what is there to `sink`.
    fn drain(
        &mut self,
        sink: &mut Sink<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<ControlFlow<()>, RingProblem> {
        let mut taken = 0;
        while taken < self.ring.size() {
            self.ring.copy(self.ring.size() / CHUNK, &mut self.copy);
            let written = Written {
                first: &self.copy,
                second: &[],
            };
            if written.is_empty() {
                break;
            }
            let (mut at, mut flow) = (0, ControlFlow::Continue(()));
            let mut scratch = Vec::new();
            while flow.is_continue() {
                let record = written.record(at, Some(self.ring.cpu), &mut scratch);
                let Some(record) = record.inspect_err(|_| self.ring.consume(usize::MAX))? else {
                    break;
                };
                at += record.length;
                tally.count(&record.event);
                flow = sink(record.event);
            }
            self.ring.consume(at);
            taken += at;
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The same of a ring that is overwritten: what was copied and not drained, and then what is there now.
    fn drain_backward(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> ControlFlow<()> {
        for look in [false, true] {
            if look {
                self.ring.take_backward(&mut self.copy);
            }
            let written = Written {
                first: &self.copy,
                second: &[],
            };
            let mut at = 0;
            // The last one may be cut by newer ones.
            while let (true, Ok(length)) = (look, written.record_len(at)) {
                self.copied.push_front(at);
                at += length;
            }
            let mut scratch = Vec::new();
            while let Some(at) = self.copied.pop_front() {
                let record = written.record(at, Some(self.ring.cpu), &mut scratch);
                if let Ok(Some(record)) = record {
                    tally.count(&record.event);
                    sink(record.event)?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

impl Rings for PerfRings {
    fn is_ready(&self, any: bool) -> bool {
        let enough = if any { 1 } else { self.enough };
        self.rings.iter().any(|ring| ring.available() >= enough)
    }

    fn drain(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> Result<(), EventError> {
        let begin = self.first % self.rings.len().max(1);
        self.first = begin + 1;
        let (before, after) = self.rings.split_at_mut(begin);
        for ring in after.iter_mut().chain(before) {
            let flow = if ring.overwritten {
                ring.drain_backward(sink, tally)
            } else {
                let position = ring.ring.position();
                let drained = ring.drain(sink, tally);
                drained.map_err(|problem| EventError::Ring {
                    map: self.map.info.name.clone(),
                    cpu: Some(ring.ring.cpu),
                    position,
                    problem,
                })?
            };
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Drop for PerfRings {
    fn drop(&mut self) {
        self.events.leave(&self.slots);
    }
}
