//! A map of events and programs that write numbered records into it; and what both kinds of map have in common.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::Errno;
use crate::conformance::{FRAME, Testbed, get_bytes, map, program, put, spec};
use crate::event::{Event, EventError, EventOptions, EventSource, EventSourceExt, Wait, Wake};
use crate::map::{Map, MapType};
use crate::program::{Program, ProgramType, RunFlags, RunInput, RunOutput};

/// Long enough for everything that must come.
pub(super) const LONG: Duration = Duration::from_secs(20);

/// Which kind of map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Perf,
    Ring,
}

/// A map of events.
pub(super) fn events(t: &dyn Testbed, kind: Kind) -> Arc<dyn Map> {
    match kind {
        Kind::Perf => {
            let slots = t.system().cpus().expect("CPUs").possible.slots();
            map(t, &spec(MapType::PERF_EVENT_ARRAY, 4, 4, slots))
        }
        Kind::Ring => ring(t, 16),
    }
}

/// A ring buffer of so many pages.
pub(super) fn ring(t: &dyn Testbed, pages: u32) -> Arc<dyn Map> {
    map(
        t,
        &spec(
            MapType::RINGBUF,
            0,
            0,
            pages * t.system().facts().page_size(),
        ),
    )
}

/// The source of a map with options that are right for most.
pub(super) fn open(map: &dyn Map) -> Box<dyn EventSource> {
    map.open_events(&EventOptions::new()).expect("open events")
}

/// Stops waiting for a source where what is waited for fails.
pub(super) struct StopOnPanic(pub(super) Arc<dyn Wake>);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// A program that writes records numbered from 1, each with its number in front and then 0x5a; what was refused it counts.
pub(super) struct Writer {
    program: Arc<dyn Program>,
    payload: Arc<dyn Map>,
    kind: ProgramType,
}

impl Writer {
    /// Writes records of `size` bytes into a map of this kind.
    pub(super) fn new(t: &dyn Testbed, kind: Kind, events: &dyn Map, size: u32) -> Writer {
        Writer::with_flags(t, kind, events, size, 0)
    }

    /// The same with flags for a ring buffer's helper.
    pub(super) fn with_flags(
        t: &dyn Testbed,
        kind: Kind,
        events: &dyn Map,
        size: u32,
        flags: u32,
    ) -> Writer {
        Writer::of(t, ProgramType::XDP, kind, events, size, flags)
    }

    /// One that runs on a CPU of choice.
    pub(super) fn on_cpus(t: &dyn Testbed, kind: Kind, events: &dyn Map, size: u32) -> Writer {
        Writer::of(t, ProgramType::RAW_TRACEPOINT, kind, events, size, 0)
    }

    fn of(
        t: &dyn Testbed,
        program_type: ProgramType,
        kind: Kind,
        events: &dyn Map,
        size: u32,
        flags: u32,
    ) -> Writer {
        let bytes = size.max(16).next_multiple_of(8);
        let payload = map(t, &spec(MapType::ARRAY, 4, bytes, 1));
        let mut value = vec![0x5a; bytes as usize];
        value[..16].fill(0);
        put(&payload, &0u32, &value);
        let call = match kind {
            Kind::Perf => format!(
                "r1 = r6\nr2 = map_by_idx(0)\nw3 = -1\nr4 = r7\nr5 = {size}\ncall bpf_perf_event_output"
            ),
            Kind::Ring => format!(
                "r1 = map_by_idx(0)\nr2 = r7\nr3 = {size}\nr4 = {flags}\ncall bpf_ringbuf_output"
            ),
        };
        let text = format!(
            "   r6 = r1
                *(u32 *)(r10 - 4) = 0
                r1 = map_by_idx(1)
                r2 = r10
                r2 += -4
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                r7 = r0
                r1 = 1
                lock *(u64 *)(r7 + 0) += r1
                {call}
                if r0 == 0 goto out
                r1 = 1
                lock *(u64 *)(r7 + 8) += r1
            out:
                exit"
        );
        Writer {
            program: program(t, program_type, &text, &[events, &payload]),
            payload,
            kind: program_type,
        }
    }

    /// Writes so many records.
    pub(super) fn write(&self, count: u32) {
        let input = match self.kind {
            ProgramType::RAW_TRACEPOINT => RunInput::context(&[]),
            _ => RunInput::data(&FRAME),
        };
        if count != 0 {
            self.program
                .run(&input.repeat(count), &mut RunOutput::none())
                .expect("run");
        }
    }

    /// Writes a record on this CPU.
    pub(super) fn write_on(&self, cpu: u32) {
        let mut input = RunInput::context(&[]).with_flags(RunFlags::ON_CPU);
        input.cpu = cpu;
        self.program
            .run(&input, &mut RunOutput::none())
            .expect("run");
    }

    /// How many records were refused.
    pub(super) fn refused(&self) -> u64 {
        let value = get_bytes(&self.payload, &0u32).expect("the payload");
        number(&value[8..16])
    }
}

/// The number in front of a record.
pub(super) fn number(data: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = data.len().min(8);
    bytes[..length].copy_from_slice(&data[..length]);
    u64::from_ne_bytes(bytes)
}

/// Everything that is there now: numbers by CPU, and how many were lost.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) numbers: BTreeMap<Option<u32>, Vec<u64>>,
    pub(super) lost: u64,
}

impl Found {
    /// Drains the source once.
    pub(super) fn add(&mut self, source: &mut dyn EventSource) -> usize {
        let drained = source.drain(&mut |event| {
            match event {
                Event::Sample { cpu, data } => {
                    self.numbers.entry(cpu).or_default().push(number(data))
                }
                Event::Lost { count, .. } => self.lost += count,
                Event::Unknown { kind, .. } => panic!("a record of type {kind}"),
            }
            ControlFlow::Continue(())
        });
        drained.expect("drain")
    }

    pub(super) fn in_source(source: &mut dyn EventSource) -> Found {
        let mut found = Found::default();
        found.add(source);
        found
    }

    /// All numbers, ascending.
    ///
    /// # Panics
    /// Where those of one ring are out of order.
    pub(super) fn sorted(&self) -> Vec<u64> {
        for numbers in self.numbers.values() {
            assert!(numbers.is_sorted(), "out of order: {numbers:?}");
        }
        let mut all: Vec<u64> = self.numbers.values().flatten().copied().collect();
        all.sort_unstable();
        all
    }

    pub(super) fn count(&self) -> u64 {
        self.numbers
            .values()
            .map(|numbers| numbers.len() as u64)
            .sum()
    }
}

/// The samples that are there now.
pub(super) fn samples(source: &mut dyn EventSource) -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    let drained = source.drain(&mut |event| {
        if let Event::Sample { data, .. } = event {
            samples.push(data.to_vec());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(drained.expect("drain"), samples.len());
    samples
}

pub(super) fn wait(source: &mut dyn EventSource, timeout: Duration) -> Wait {
    source.wait(Some(timeout)).expect("wait")
}

/// Goes on until the source says that nothing is there: one that was busy may say first that something may be.
pub(super) fn rests(source: &mut dyn EventSource) {
    let mut said = wait(source, Duration::ZERO);
    while said == Wait::Ready {
        assert_eq!(samples(source), [[0u8; 0]; 0], "nothing is left");
        said = wait(source, Duration::ZERO);
    }
    assert_eq!(said, Wait::TimedOut);
}

/// Why a source cannot be opened.
pub(super) fn refused(map: &dyn Map, options: &EventOptions) -> EventError {
    map.open_events(options).expect_err("a refusal")
}

pub(super) fn comes_in_order(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    let mut source = open(&map);
    let writer = Writer::new(t, kind, &map, 64);
    assert_eq!(wait(&mut source, Duration::ZERO), Wait::TimedOut);
    writer.write(100);
    assert_eq!(wait(&mut source, LONG), Wait::Ready);
    let found = Found::in_source(&mut source);
    assert_eq!(found.sorted(), (1..=100).collect::<Vec<_>>());
    assert!(
        found
            .numbers
            .keys()
            .all(|cpu| cpu.is_some() == (kind == Kind::Perf))
    );
    let counters = source.counters();
    assert_eq!(
        (counters.received(), counters.lost(), counters.unknown()),
        (100, 0, 0)
    );
    assert_eq!(
        Found::in_source(&mut source).count(),
        0,
        "each is given once"
    );
    assert_eq!(wait(&mut source, Duration::from_millis(1)), Wait::TimedOut);
    writer.write(1);
    assert_eq!(Found::in_source(&mut source).sorted(), [101]);
    assert_eq!(counters.received(), 101, "counted while the source is open");
}

pub(super) fn wraps(t: &dyn Testbed, kind: Kind) {
    let (map, options) = match kind {
        Kind::Perf => (events(t, kind), EventOptions::new().buffer_bytes(1)),
        Kind::Ring => (ring(t, 1), EventOptions::new()),
    };
    let mut source = map.open_events(&options).expect("open events");
    // Of every length a little, so that records end everywhere.
    for size in [1, 52, 100, 333, 1000] {
        let writer = Writer::new(t, kind, &map, size);
        let mut found = Found::default();
        for _ in 0..40 {
            writer.write(3);
            for sample in samples(&mut source) {
                let expected = vec![0x5a; (size as usize).saturating_sub(16)];
                assert_eq!(sample.get(16..size as usize).unwrap_or_default(), expected);
                found
                    .numbers
                    .entry(None)
                    .or_default()
                    .push(number(&sample[..sample.len().min(size as usize)]));
            }
            rests(&mut source);
        }
        assert_eq!(
            (found.count(), writer.refused()),
            (120, 0),
            "records of {size} bytes"
        );
    }
}

pub(super) fn stops(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    let mut source = open(&map);
    let waker = source.waker();
    waker.stop();
    waker.stop();
    assert!(waker.is_stopped());
    assert_eq!(source.wait(None).expect("wait"), Wait::Stopped);
    assert_eq!(source.wait(None).expect("wait"), Wait::Stopped, "for good");
    drop(source);
    waker.stop();
    drop(open(&map));
}

pub(super) fn is_drained_after_a_stop(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    let mut source = open(&map);
    let writer = Writer::new(t, kind, &map, 32);
    writer.write(5);
    source.waker().stop();
    assert_eq!(wait(&mut source, LONG), Wait::Stopped);
    assert_eq!(Found::in_source(&mut source).sorted(), [1, 2, 3, 4, 5]);
    writer.write(1);
    source.waker().stop();
    drop(source);
}

pub(super) fn is_stopped_from_elsewhere(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    for wake in [false, true] {
        let mut source = open(&map);
        let waker = source.waker();
        let waiting = std::thread::spawn(move || (source.wait(None), source));
        // Sometimes before it waits, sometimes after.
        std::thread::yield_now();
        if wake {
            waker.wake();
        } else {
            waker.stop();
        }
        let (said, mut source) = waiting.join().expect("no panic");
        let expected = if wake { Wait::Woken } else { Wait::Stopped };
        assert_eq!(said.expect("wait"), expected);
        let expected = if wake { Wait::TimedOut } else { Wait::Stopped };
        assert_eq!(
            wait(&mut source, Duration::from_millis(1)),
            expected,
            "a wake is for one wait"
        );
    }
}

pub(super) fn rest_stays_after_a_break(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    let mut source = open(&map);
    let writer = Writer::new(t, kind, &map, 24);
    writer.write(10);
    let mut all = Vec::new();
    for expected in [1, 3, 6] {
        let mut left = expected;
        let drained = source.drain(&mut |event| {
            if let Event::Sample { data, .. } = event {
                all.push(number(data));
            }
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(drained.expect("drain"), expected);
        if all.len() < 10 {
            assert_eq!(wait(&mut source, Duration::ZERO), Wait::Ready);
        }
    }
    all.sort_unstable();
    assert_eq!(all, (1..=10).collect::<Vec<_>>());
    rests(&mut source);
}

pub(super) fn has_one_reader(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    let source = open(&map);
    let error = refused(&map, &EventOptions::new());
    assert_eq!(error.errno(), Some(Errno::EBUSY), "{error}");
    let same = t.system().map_by_id(map.info().id).expect("by id");
    assert_eq!(
        refused(&same, &EventOptions::new()).errno(),
        Some(Errno::EBUSY)
    );
    drop(source);
    drop(open(&same));
}

pub(super) fn keeps_up(t: &dyn Testbed, kind: Kind) {
    const ROUNDS: u32 = 30;
    const EACH: u32 = 2000;
    let map = events(t, kind);
    let options = EventOptions::new().buffer_bytes(1 << 20);
    let mut source = map.open_events(&options).expect("open events");
    // No XDP programs: each run of one rewrites code of the kernel, which Linux 5.10 under emulation does not survive when
    // several do so at once.
    let writer = || Writer::of(t, ProgramType::SCHED_CLS, kind, &map, 64, 0);
    let writers: Vec<Writer> = (0..3).map(|_| writer()).collect();
    let mut found = Found::default();
    std::thread::scope(|scope| {
        let writing: Vec<_> = writers
            .iter()
            .map(|writer| scope.spawn(|| (0..ROUNDS).for_each(|_| writer.write(EACH))))
            .collect();
        while !writing.iter().all(|thread| thread.is_finished()) {
            source.wait(Some(Duration::from_millis(50))).expect("wait");
            found.add(&mut source);
        }
    });
    // One more of each CPU tells what was lost before, once there is room for it.
    while found.add(&mut source) != 0 {}
    let last = Writer::on_cpus(t, kind, &map, 64);
    let cpus = t.system().cpus().expect("CPUs").online;
    let more = match kind {
        Kind::Perf => cpus.iter().inspect(|cpu| last.write_on(*cpu)).count() as u64,
        Kind::Ring => 0,
    };
    while found.add(&mut source) != 0 {}
    let refused: u64 = writers.iter().map(Writer::refused).sum();
    let written = u64::from(3 * ROUNDS * EACH) + more;
    let (lost, unseen) = match kind {
        Kind::Perf => (found.lost, 0),
        Kind::Ring => (0, refused),
    };
    assert_eq!(found.count() + lost + unseen, written);
    assert_eq!(source.counters().received(), found.count());
    assert_eq!(source.counters().lost(), found.lost);
    // And then one at a time finds the reader idle, and wakes it.
    for round in 0..20 {
        let waker = source.waker();
        let next = std::thread::scope(|scope| {
            let _stop = StopOnPanic(waker);
            let waiting = scope.spawn(|| source.next(None));
            if round % 2 == 0 {
                std::thread::sleep(Duration::from_millis(3));
            }
            writers[0].write(1);
            waiting.join().expect("no panic")
        });
        assert!(next.expect("next").is_some());
    }
}

pub(super) fn comes_through_a_queue(t: &dyn Testbed, kind: Kind) {
    let map = events(t, kind);
    let writer = Writer::new(t, kind, &map, 32);
    let mut receiver = open(&map).into_receiver(4).expect("a thread");
    let counters = receiver.counters();
    assert_eq!(receiver.try_recv(), None);
    writer.write(3);
    for _ in 0..3 {
        assert!(receiver.recv_timeout(LONG).is_some());
    }
    // More than the queue holds, and nobody takes them out.
    writer.write(20);
    receiver.stop().expect("stop");
    receiver.stop().expect("again");
    assert!(receiver.is_ended());
    assert_eq!(receiver.iter().count(), 20, "drained on stop");
    assert_eq!(
        (receiver.recv(), receiver.try_recv()),
        (None, None),
        "the end"
    );
    assert_eq!(counters.received(), 23);
    // Dropped with records that nobody took.
    let receiver = open(&map).into_receiver(1).expect("a thread");
    writer.write(20);
    drop(receiver);
    // Stopped from elsewhere while someone waits.
    let receiver = open(&map).into_receiver(1).expect("a thread");
    let stop = receiver.stopper();
    std::thread::scope(|scope| {
        scope.spawn(|| receiver.iter().count());
        stop();
    });
}
