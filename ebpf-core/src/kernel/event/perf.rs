//! Perf event arrays as sources: a ring for each CPU.
//!
//! Two events of each CPU write into its ring. One wakes for every record and stands in the map's slot while the reader
//! is idle; the other wakes for half a ring, and takes its place while records come fast and the reader looks by itself.
//! So an idle reader is woken at once, and a busy one costs the programs nothing.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ebpf_sys::{perf_event_sample_format, perf_sw_ids, perf_type_id};

use super::source::{Rings, Sink, Source, Tally};
use super::{Claim, page_size};
use crate::Errno;
use crate::event::perf::Written;
use crate::event::{
    EventError, EventOptions, EventSource, OptionsProblem, RingProblem, Wakeup, perf,
};
use crate::kernel::map::KernelMap;
use crate::kernel::mmap::PerfReader;
use crate::kernel::sys::{
    Epoll, MapFd, PerfEventAttr, PerfFlags, PerfScope, errno_of, online_cpus, open_perf_event,
    pause_perf_event_output, set_perf_event_output,
};
use crate::map::{MapError, MapType};

/// What a drain reads before it gives the room back: a part of this size.
const CHUNK: usize = 8;

/// For how long a program may still write through the event that was taken out of the slot, at least: it runs without
/// being interrupted.
const LINGERS: Duration = Duration::from_micros(200);

/// When a blocked reader looks again after a change of events, and how the times grow, in case a program lingered longer.
const FIRST_RECHECK: Duration = Duration::from_millis(1);
const RECHECK_GROWS: u32 = 10;
const LAST_RECHECK: Duration = Duration::from_secs(1);

/// When an event wakes.
#[derive(Clone, Copy)]
enum Wakes {
    EachRecord,
    Bytes(u32),
    HalfRing,
}

/// The ring of one CPU.
#[derive(Debug)]
struct Ring {
    cpu: u32,
    // The mapping goes before the events.
    reader: PerfReader,
    /// The event that wakes as the options say.
    event: OwnedFd,
    /// The one that hardly wakes, where there is one.
    quiet: Option<OwnedFd>,
    /// Whether the quiet one is in the slot.
    is_quiet: bool,
    /// Whether the last drain found something.
    active: bool,
    /// Of an overwritten ring: a copy of its end, and the places of records in it that were not drained, oldest first.
    copy: Vec<u8>,
    copied: VecDeque<usize>,
}

/// The rings of a map.
#[derive(Debug)]
struct PerfRings {
    map: Arc<str>,
    slots: Slots,
    rings: Vec<Ring>,
    /// The ring to begin with: all get their turn.
    first: usize,
    scratch: Vec<u8>,
    overwritten: bool,
    /// How many bytes are worth a drain.
    enough: u64,
    changed: Option<Instant>,
    recheck: Option<Duration>,
    _claim: Claim,
}

/// The slots of the map; those that were filled are cleared in the end.
#[derive(Debug)]
struct Slots {
    fd: MapFd,
    filled: Vec<u32>,
}

impl Slots {
    fn fill(&mut self, cpu: u32, event: &OwnedFd) -> Result<(), Errno> {
        let event = event.as_raw_fd().to_ne_bytes();
        self.fd.update(&cpu.to_ne_bytes(), &event, 0)?;
        if !self.filled.contains(&cpu) {
            self.filled.push(cpu);
        }
        Ok(())
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        for cpu in &self.filled {
            // Failing means that it is empty already.
            let _ = self.fd.delete(&cpu.to_ne_bytes());
        }
    }
}

pub(super) fn open(
    map: &KernelMap,
    options: &EventOptions,
) -> Result<Box<dyn EventSource>, EventError> {
    let name = &map.info.name;
    let refused = |problem| EventError::Options {
        map: name.clone(),
        problem,
    };
    let page = page_size();
    let pages = perf::data_pages(options.buffer_bytes, page)
        .ok_or(refused(OptionsProblem::BufferBytes(options.buffer_bytes)))?;
    let cpus = match &options.cpus {
        Some(cpus) => cpus.clone(),
        None => online_cpus().map_err(|errno| os_error(map, "list the CPUs", None, errno))?,
    };
    if cpus.is_empty() {
        return Err(refused(OptionsProblem::NoCpu));
    }
    let slots = map.info.max_entries;
    if let Some(cpu) = cpus.iter().find(|cpu| *cpu >= slots) {
        return Err(refused(OptionsProblem::NoSlot { cpu, slots }));
    }
    let claim = Claim::new(map, cpus.iter().collect())?;
    let opened = map.fd.fd().try_clone_to_owned();
    let opened = opened.map_err(|error| errno_of(&error));
    let opened = opened.and_then(|fd| MapFd::open(fd, map.system.possible_cpus().ok()));
    let (fd, _) = opened.map_err(|errno| map.refused("open_events", errno))?;
    let mut rings = PerfRings {
        map: name.clone(),
        slots: Slots {
            fd,
            filled: Vec::new(),
        },
        rings: Vec::with_capacity(cpus.len()),
        first: 0,
        scratch: Vec::new(),
        overwritten: options.overwritable,
        enough: match options.wakeup {
            Wakeup::Watermark(bytes) => u64::from(bytes).clamp(1, (pages * page / 2) as u64),
            _ => 1,
        },
        changed: None,
        recheck: None,
        _claim: claim,
    };
    for cpu in cpus.iter() {
        match Ring::open(map, cpu, pages, options) {
            Ok(ring) => {
                let filled = rings.slots.fill(cpu, &ring.event);
                filled.map_err(|errno| map.refused("update", errno))?;
                rings.rings.push(ring);
            }
            // It went offline since the CPUs were listed.
            Err(error) if error.errno() == Some(Errno::ENODEV) && options.cpus.is_none() => {}
            Err(error) => return Err(error),
        }
    }
    let source = Source::new(name.clone(), options, rings, |rings| {
        rings.rings.iter().map(|ring| ring.event.as_fd()).collect()
    })?;
    Ok(Box::new(source))
}

#[cold]
fn os_error(map: &KernelMap, op: &'static str, cpu: Option<u32>, errno: Errno) -> EventError {
    let hint = match (op, errno) {
        ("open the ring", Errno::EPERM | Errno::EACCES) => {
            Some("CAP_PERFMON (or root) is needed, or a lower kernel.perf_event_paranoid")
        }
        ("open the ring", Errno::ENODEV) => Some("the CPU is not online"),
        ("open the ring", Errno::EMFILE) => {
            Some("each CPU takes two descriptors: raise the limit of open files")
        }
        ("map the ring", Errno::EPERM) => {
            Some("it is more memory than kernel.perf_event_mlock_kb and RLIMIT_MEMLOCK allow")
        }
        ("map the ring", Errno::ENOMEM) => Some("not enough memory for rings of this size"),
        _ => None,
    };
    EventError::Os {
        op,
        map: map.info.name.clone(),
        cpu,
        errno,
        hint,
    }
}

/// An event through which programs write on `cpu`.
fn output_event(cpu: u32, wakes: Wakes, backward: bool) -> Result<OwnedFd, Errno> {
    let mut flags = PerfFlags::default();
    if backward {
        flags = flags.with(PerfFlags::WRITE_BACKWARD);
    }
    let wakeup = match wakes {
        Wakes::EachRecord => 1,
        // Not after records, and the ring's own mark is its half.
        Wakes::HalfRing => 0,
        Wakes::Bytes(bytes) => {
            flags = flags.with(PerfFlags::WATERMARK);
            bytes
        }
    };
    let attr = PerfEventAttr {
        event_type: perf_type_id::PERF_TYPE_SOFTWARE.0,
        config: u64::from(perf_sw_ids::PERF_COUNT_SW_BPF_OUTPUT.0),
        sample_type: u64::from(perf_event_sample_format::PERF_SAMPLE_RAW.0),
        sample_period: 1,
        flags,
        wakeup,
        ..PerfEventAttr::default()
    };
    let cpu = i32::try_from(cpu).map_err(|_| Errno::EINVAL)?;
    open_perf_event(&attr, PerfScope { pid: -1, cpu })
}

impl Ring {
    fn open(
        map: &KernelMap,
        cpu: u32,
        pages: usize,
        options: &EventOptions,
    ) -> Result<Ring, EventError> {
        let backward = options.overwritable;
        let wakes = match options.wakeup {
            Wakeup::Watermark(bytes) => Wakes::Bytes(bytes),
            _ => Wakes::EachRecord,
        };
        let event = output_event(cpu, wakes, backward)
            .map_err(|errno| os_error(map, "open the ring", Some(cpu), errno))?;
        let reader = PerfReader::new(event.as_fd(), pages, page_size(), backward)
            .map_err(|errno| os_error(map, "map the ring", Some(cpu), errno))?;
        let quiet = if options.wakeup == Wakeup::Adaptive {
            // Without it the ring works as well, and wakes for each record.
            let quiet = output_event(cpu, Wakes::HalfRing, backward).ok();
            quiet.filter(|quiet| set_perf_event_output(quiet.as_fd(), event.as_fd()).is_ok())
        } else {
            None
        };
        Ok(Ring {
            cpu,
            reader,
            event,
            quiet,
            is_quiet: false,
            active: false,
            copy: Vec::new(),
            copied: VecDeque::new(),
        })
    }

    /// Gives what is there to `sink`.
    fn drain(
        &mut self,
        scratch: &mut Vec<u8>,
        sink: &mut Sink<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<ControlFlow<()>, (u64, RingProblem)> {
        let size = self.reader.size();
        let available = self.reader.available();
        self.active = available != 0;
        tally.filled((available as usize).min(size), size);
        loop {
            let position = self.reader.position();
            let (mut at, mut flow) = (0, ControlFlow::Continue(()));
            let read = self.reader.written().and_then(|written| {
                while at < size / CHUNK && flow.is_continue() {
                    let Some(record) = written.record(at, Some(self.cpu), scratch)? else {
                        return Ok(true);
                    };
                    at += record.length;
                    tally.count(&record.event);
                    flow = sink(record.event);
                }
                Ok(flow.is_break())
            });
            match read {
                Ok(_) => self.reader.consume(at),
                Err(_) => self.reader.skip(),
            }
            self.reader.publish();
            tally.flush();
            if read.map_err(|problem| (position.wrapping_add(at as u64), problem))? {
                return Ok(flow);
            }
        }
    }

    /// The same of a ring that is overwritten.
    fn drain_backward(
        &mut self,
        scratch: &mut Vec<u8>,
        sink: &mut Sink<'_>,
        tally: &mut Tally<'_>,
    ) -> ControlFlow<()> {
        loop {
            let (first, second) = (self.copy.as_slice(), [].as_slice());
            let written = Written { first, second };
            while let Some(at) = self.copied.pop_front() {
                if let Ok(Some(record)) = written.record(at, Some(self.cpu), scratch) {
                    tally.count(&record.event);
                    sink(record.event)?;
                }
            }
            if !self.reader.has_backward() || self.active {
                return ControlFlow::Continue(());
            }
            // Once for each drain.
            self.active = true;
            let paused = pause_perf_event_output(self.event.as_fd(), true).is_ok();
            self.reader.take_backward(&mut self.copy);
            if paused {
                // What can be paused can be let go on.
                let _ = pause_perf_event_output(self.event.as_fd(), false);
            }
            let (first, second) = (self.copy.as_slice(), [].as_slice());
            let written = Written { first, second };
            let mut at = 0;
            // The last one may be cut by newer ones.
            while let Ok(length) = written.record_len(at) {
                self.copied.push_front(at);
                at += length;
            }
            tally.filled(at, self.reader.size());
        }
    }
}

impl Rings for PerfRings {
    fn is_ready(&mut self, any: bool) -> bool {
        let enough = if any { 1 } else { self.enough };
        let overwritten = self.overwritten;
        self.rings.iter_mut().any(|ring| {
            if overwritten {
                !ring.copied.is_empty() || ring.reader.has_backward()
            } else {
                ring.reader.available() >= enough
            }
        })
    }

    fn drain(&mut self, sink: &mut Sink<'_>, tally: &mut Tally<'_>) -> Result<(), EventError> {
        let count = self.rings.len().max(1);
        let begin = self.first % count;
        self.first = (begin + 1) % count;
        let (before, after) = self.rings.split_at_mut(begin);
        for ring in after.iter_mut().chain(before) {
            let flow = if self.overwritten {
                ring.active = false;
                ring.drain_backward(&mut self.scratch, sink, tally)
            } else {
                let drained = ring.drain(&mut self.scratch, sink, tally);
                drained.map_err(|(position, problem)| EventError::Ring {
                    map: self.map.clone(),
                    cpu: Some(ring.cpu),
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

    fn settle(&mut self, busy: bool) {
        if !busy {
            return;
        }
        for ring in &mut self.rings {
            let Some(quiet) = ring
                .quiet
                .as_ref()
                .filter(|_| ring.active && !ring.is_quiet)
            else {
                continue;
            };
            // Where it cannot be replaced the slot keeps the event that wakes.
            ring.is_quiet = self.slots.fill(ring.cpu, quiet).is_ok();
        }
    }

    fn arm(&mut self) -> Result<(), EventError> {
        let changes = self.rings.iter_mut().filter(|ring| ring.is_quiet);
        let mut changed = false;
        for ring in changes {
            self.slots.fill(ring.cpu, &ring.event).map_err(|errno| {
                MapError::os("update", &self.map, MapType::PERF_EVENT_ARRAY, errno)
            })?;
            ring.is_quiet = false;
            changed = true;
        }
        if changed {
            self.changed = Some(Instant::now());
            self.recheck = Some(FIRST_RECHECK);
        }
        Ok(())
    }

    fn recheck(&mut self) -> Option<Duration> {
        let recheck = self.recheck;
        self.recheck = recheck
            .map(|recheck| recheck * RECHECK_GROWS)
            .filter(|recheck| *recheck <= LAST_RECHECK);
        recheck
    }

    fn is_settled(&mut self) -> bool {
        let settled = self
            .changed
            .is_none_or(|changed| changed.elapsed() > LINGERS);
        if settled {
            self.changed = None;
        }
        settled
    }

    /// The CPU went offline; what its ring holds can still be drained.
    fn hung_up(&mut self, epoll: &Epoll, ring: u64) {
        if let Some(ring) = usize::try_from(ring)
            .ok()
            .and_then(|ring| self.rings.get(ring))
        {
            // It was there, or else it would not have hung up.
            let _ = epoll.remove(ring.event.as_fd());
        }
    }
}
