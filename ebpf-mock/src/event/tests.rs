//! Events of a simulated system, written without programs.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use ebpf_core::event::{
    Event, EventError, EventOptions, EventProducer, EventProducerExt, EventSource, EventSourceExt,
    OwnedEvent, Sources, Wait, Wakeup,
};
use ebpf_core::map::{Map, MapSpec, MapType};
use ebpf_core::system::{CpuSet, Cpus};
use ebpf_core::{Errno, System};

use super::MockWriter;
use crate::MockSystem;

const NO_WAKEUP: u64 = 1;
const FORCE_WAKEUP: u64 = 2;

fn ring(system: &MockSystem, bytes: u32) -> Arc<dyn Map> {
    let spec = MapSpec::new("ring", MapType::RINGBUF, 0, 0, bytes);
    system.create_map(&spec, None).expect("a ring buffer")
}

fn perf(system: &MockSystem) -> Arc<dyn Map> {
    let spec = MapSpec::new("perf", MapType::PERF_EVENT_ARRAY, 4, 4, 4);
    system.create_map(&spec, None).expect("a perf event array")
}

fn user_ring(system: &MockSystem) -> Arc<dyn Map> {
    let spec = MapSpec::new("user", MapType::USER_RINGBUF, 0, 0, 4096);
    system.create_map(&spec, None).expect("a user ring buffer")
}

fn writer(system: &MockSystem, map: &dyn Map) -> MockWriter {
    system.event_writer(map).expect("a map of events")
}

fn open(map: &dyn Map) -> Box<dyn EventSource> {
    map.open_events(&EventOptions::new()).expect("open events")
}

/// The samples that are there, and how many were lost.
fn found(source: &mut dyn EventSource) -> (Vec<Vec<u8>>, u64) {
    let (mut samples, mut missing) = (Vec::new(), 0);
    let drained = source.drain(&mut |event| {
        match event {
            Event::Sample { data, .. } => samples.push(data.to_vec()),
            Event::Lost { count, .. } => missing += count,
            other => panic!("{other:?}"),
        }
        ControlFlow::Continue(())
    });
    assert_eq!(drained.expect("drain"), samples.len());
    (samples, missing)
}

fn now(source: &mut dyn EventSource) -> Wait {
    source.wait(Some(Duration::ZERO)).expect("wait")
}

#[test]
fn a_ring_keeps_one_byte_free_and_every_record() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let mut source = open(&map);
    for round in 0..100u8 {
        let mut written = Vec::new();
        while writer.write(&[round; 56]).is_ok() {
            written.push(vec![round; 56]);
        }
        assert_eq!(written.len(), 63, "64 would fill it");
        assert_eq!(
            writer.write(&[0; 56]).expect_err("full").errno(),
            Some(Errno::EAGAIN)
        );
        assert_eq!(found(&mut source), (written, 0));
    }
    assert_eq!(
        writer
            .write(&[0; 4088])
            .expect_err("the whole ring")
            .errno(),
        Some(Errno::EAGAIN)
    );
    writer.write(&[7; 4080]).expect("all but 8 bytes");
    assert_eq!(found(&mut source).0, [[7; 4080]]);
    for len in [4089, 1 << 30, usize::MAX] {
        assert_eq!(
            writer.reserve(len).expect_err("too long").errno(),
            Some(Errno::EAGAIN)
        );
    }
    writer.write(&[]).expect("an empty sample");
    assert_eq!(found(&mut source).0, [[0u8; 0]]);
}

#[test]
fn a_reserved_record_holds_up_those_behind_it() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let mut source = open(&map);
    let mut first = writer.reserve(4).expect("room");
    writer.write(b"second").expect("room");
    let third = writer.reserve(100).expect("room");
    assert_eq!(
        (now(&mut source), found(&mut source)),
        (Wait::TimedOut, (vec![], 0))
    );
    first.put(0, b"first and more");
    assert_eq!(first.bytes(), b"firs");
    first.submit();
    assert_eq!(now(&mut source), Wait::Ready);
    assert_eq!(found(&mut source).0, [&b"firs"[..], b"second"]);
    third.discard();
    assert_eq!(found(&mut source).0, [[0u8; 0]; 0]);
    assert_eq!(source.counters().received(), 2);
}

#[test]
fn a_busy_record_limits_writers_though_the_reader_is_ahead() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let oldest = writer.reserve(1000).expect("room");
    writer.write(&[1; 1000]).expect("room");
    writer.write(&[2; 1000]).expect("room");
    // The reader's position is at the start, and what it may not pass is there as well.
    assert!(writer.write(&[3; 1100]).is_err());
    oldest.submit();
    assert!(writer.write(&[3; 1100]).is_err(), "nobody has read");
    let mut source = open(&map);
    assert_eq!(found(&mut source).0.len(), 3);
    writer.write(&[3; 1100]).expect("room again");
}

#[test]
fn queries_tell_positions() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let queries = |writer: &MockWriter| [0, 1, 2, 3, 4, u64::MAX].map(|what| writer.query(what));
    writer.write(&[0; 20]).expect("room");
    let reserved = writer.reserve(1).expect("room");
    assert_eq!(queries(&writer), [48, 4096, 0, 48, 0, 0].map(Ok));
    let mut source = open(&map);
    assert_eq!(found(&mut source).0.len(), 1);
    assert_eq!(queries(&writer), [16, 4096, 32, 48, 0, 0].map(Ok));
    drop(reserved);
    found(&mut source);
    assert_eq!(queries(&writer), [0, 4096, 48, 48, 0, 0].map(Ok));
}

#[test]
fn records_show_what_was_there_before() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let mut source = open(&map);
    assert_eq!(writer.reserve(16).expect("room").bytes(), [0; 16]);
    writer.write(&[0xaa; 4000]).expect("room");
    found(&mut source);
    writer.write(&[1; 100]).expect("room");
    let record = writer.reserve(16).expect("room");
    assert_eq!(
        record.bytes(),
        [0xaa; 16],
        "programs must write what they send"
    );
}

#[test]
fn flags_decide_whether_a_record_wakes() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let mut source = open(&map);
    assert_eq!(
        writer
            .clone()
            .flags(4)
            .write(&[1])
            .expect_err("a flag")
            .errno(),
        Some(Errno::EINVAL)
    );
    let waits = |source: &mut dyn EventSource| source.wait(Some(Duration::from_millis(1)));
    // One that is there is seen, whatever its flags.
    writer.clone().flags(NO_WAKEUP).write(&[1]).expect("room");
    assert_eq!(waits(&mut source), Ok(Wait::Ready));
    found(&mut source);
    // And at the end of a wait as well.
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| source.wait(None));
        writer.clone().flags(NO_WAKEUP).write(&[1]).expect("room");
        writer
            .clone()
            .flags(FORCE_WAKEUP)
            .write(&[2])
            .expect("room");
        assert_eq!(waiting.join().expect("no panic"), Ok(Wait::Ready));
    });
    assert_eq!(found(&mut source).0.len(), 2);
    // The second does not: the reader has not read the first.
    writer.write(&[1]).expect("room");
    writer.write(&[2]).expect("room");
    assert_eq!(waits(&mut source), Ok(Wait::Ready));
    assert_eq!(found(&mut source).0.len(), 2);
    assert_eq!(waits(&mut source), Ok(Wait::TimedOut));
}

#[test]
fn a_frozen_ring_is_not_read() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let source = open(&map);
    assert_eq!(
        map.freeze().expect_err("it is open").errno(),
        Some(Errno::EBUSY)
    );
    drop(source);
    map.freeze().expect("freeze");
    let refused = map.open_events(&EventOptions::new()).expect_err("frozen");
    assert_eq!(refused.errno(), Some(Errno::EPERM));
}

#[test]
fn perf_rings_answer_like_the_helper() {
    let system = MockSystem::new();
    let map = perf(&system);
    let writer = writer(&system, &map);
    let errno = |writer: &MockWriter| writer.write(b"0123").err().and_then(|error| error.errno());
    assert_eq!(errno(&writer), Some(Errno::ENOENT));
    assert_eq!(errno(&writer.clone().on_cpu(4)), Some(Errno::E2BIG));
    let options = EventOptions::new().on_cpus([1]);
    let mut source = map.open_events(&options).expect("open events");
    assert_eq!(errno(&writer), Some(Errno::ENOENT));
    assert_eq!(errno(&writer.clone().on_cpu(1)), None);
    let next = source.next(None).expect("next").expect("a record");
    assert_eq!(next.as_event().cpu(), Some(1));
    assert_eq!(next.as_event().read::<[u8; 4]>(), Some(*b"0123"));
    let object = system.map_object(&map).expect("of this system");
    let crate::map::ForPrograms::Perf(events) = object.storage.for_programs() else {
        panic!("a perf event array");
    };
    assert_eq!(
        events.output(0, 1, &[b"x"]),
        Err(Errno::EOPNOTSUPP),
        "the ring of another CPU"
    );
    assert_eq!(events.output(1, 1, &[b"a", b"", b"bc"]), Ok(()));
    assert_eq!(events.output(1, 1 << 32, &[b"x"]), Err(Errno::EINVAL));
    assert_eq!(
        found(&mut source).0,
        [b"abc\0".to_vec()],
        "4 bytes of size, and 4 of sample"
    );
}

#[test]
fn perf_rings_count_what_they_lose() {
    let system = MockSystem::new();
    let map = perf(&system);
    let options = EventOptions::new().buffer_bytes(1).on_cpus([2]);
    let mut source = map.open_events(&options).expect("open events");
    let writer = writer(&system, &map).on_cpu(2);
    let mut kept = 0;
    while writer.write(&[9; 52]).is_ok() {
        kept += 1;
    }
    assert_eq!(kept, 63, "records of 64 bytes, and one byte free");
    for _ in 0..9 {
        assert_eq!(
            writer.write(&[9; 52]).expect_err("full").errno(),
            Some(Errno::ENOSPC)
        );
    }
    assert_eq!(
        found(&mut source),
        (vec![vec![9; 52]; 63], 0),
        "nobody has said so yet"
    );
    writer.write(&[8; 52]).expect("room");
    assert_eq!(found(&mut source), (vec![vec![8; 52]], 10));
    assert_eq!(
        (source.counters().received(), source.counters().lost()),
        (64, 10)
    );
}

#[test]
fn overwritten_rings_give_each_record_once() {
    let system = MockSystem::new();
    let map = perf(&system);
    let options = EventOptions::new()
        .buffer_bytes(1)
        .overwritable(true)
        .on_cpus([0]);
    let mut source = map.open_events(&options).expect("open events");
    let writer = writer(&system, &map);
    for number in 1..=200u8 {
        writer.write(&[number; 52]).expect("never full");
    }
    let mut numbers = Vec::new();
    let drained = source.drain(&mut |event| {
        if let Event::Sample { data, .. } = event {
            numbers.push(data[0]);
        }
        if numbers.len() < 5 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert_eq!((drained, numbers), (Ok(5), (137..=141).collect()));
    writer.write(&[201; 52]).expect("never full");
    assert_eq!(now(&mut source), Wait::Ready);
    let rest: Vec<u8> = found(&mut source)
        .0
        .iter()
        .map(|sample| sample[0])
        .collect();
    assert_eq!(rest, (142..=201).collect::<Vec<_>>());
    assert_eq!(now(&mut source), Wait::TimedOut);
    // One that is longer than the ring leaves nothing that can be read.
    writer.write(&[1; 10_000]).expect("never full");
    assert_eq!(found(&mut source).0.len(), 0);
}

#[test]
fn a_watermark_counts_bytes() {
    let system = MockSystem::new();
    let map = perf(&system);
    let options = EventOptions::new()
        .wakeup(Wakeup::Watermark(1000))
        .on_cpus([0]);
    let mut source = map.open_events(&options).expect("open events");
    let writer = writer(&system, &map);
    for _ in 0..15 {
        writer.write(&[0; 52]).expect("room");
    }
    assert_eq!(
        source.wait(Some(Duration::from_millis(1))),
        Ok(Wait::Ready),
        "at the end"
    );
    assert!(!super::Signal::is_raised(&system_signal(&system, &*source)));
    writer.write(&[0; 52]).expect("room");
    assert!(super::Signal::is_raised(&system_signal(&system, &*source)));
    assert_eq!(source.wait(None), Ok(Wait::Ready));
}

fn system_signal(system: &MockSystem, source: &dyn EventSource) -> Arc<super::Signal> {
    let signal = system.kernel().bell.signal_of(&source.waker());
    signal.expect("of this system")
}

#[test]
fn rings_are_of_cpus_that_are_online() {
    let cpus = Cpus {
        possible: CpuSet::new(0..3),
        online: CpuSet::new([0, 2]),
    };
    let system = MockSystem::builder().cpu_sets(cpus).memory(1 << 20).build();
    let map = perf(&system);
    let open = |options: &EventOptions| {
        map.open_events(options)
            .map(drop)
            .map_err(|error| error.errno())
    };
    let on = |cpu| EventOptions::new().on_cpus([cpu]);
    assert_eq!(open(&on(1)), Err(Some(Errno::ENODEV)));
    assert_eq!(open(&on(3)), Err(Some(Errno::EINVAL)));
    assert_eq!(open(&EventOptions::new()), Ok(()));
    assert_eq!(
        open(&EventOptions::new().buffer_bytes(1 << 30)),
        Err(Some(Errno::ENOMEM))
    );
    map.freeze().expect("freeze");
    assert_eq!(open(&EventOptions::new()), Err(Some(Errno::EPERM)));
}

#[test]
fn programs_read_what_user_space_sends() {
    let system = MockSystem::new();
    let map = user_ring(&system);
    let writer = writer(&system, &map);
    assert_eq!(writer.take_samples(), Ok(vec![]));
    let mut producer = map.open_producer().expect("open");
    for round in 0..50u8 {
        let mut sent = 0;
        while producer.send(&[round; 1016]).expect("send") {
            sent += 1;
        }
        assert_eq!(sent, 4, "to the last byte");
        assert_eq!(writer.take_samples(), Ok(vec![vec![round; 1016]; 4]));
    }
    assert_eq!(producer.wait(8, None), Ok(true));
    let thrown = producer.fill(8, &mut |_| false);
    assert_eq!((thrown, writer.take_samples()), (Ok(false), Ok(vec![])));
}

#[test]
fn a_drain_is_one_programs_and_may_be_broken_off() {
    let system = MockSystem::new();
    let map = user_ring(&system);
    let writer = writer(&system, &map);
    let mut producer = map.open_producer().expect("open");
    for byte in 1..=3 {
        assert_eq!(producer.send(&[byte]), Ok(true));
    }
    let object = system.map_object(&map).expect("of this system");
    let crate::map::ForPrograms::UserRing(ring) = object.storage.for_programs() else {
        panic!("a user ring buffer");
    };
    assert_eq!(ring.drain(4).expect_err("a flag"), Errno::EINVAL);
    let mut drain = ring.drain(0).expect("nobody drains");
    assert_eq!(ring.drain(0).expect_err("another one"), Errno::EBUSY);
    assert_eq!((drain.next(), drain.result()), (Some(1), Ok(0)));
    let mut bytes = [9; 3];
    drain.read(0, &mut bytes);
    assert_eq!(bytes, [1, 0, 0]);
    drain.returned(1);
    assert_eq!((drain.next(), drain.result()), (None, Ok(1)));
    drop(drain);
    // A callback that never returned leaves its sample.
    let mut faulted = ring.drain(0).expect("nobody drains");
    assert_eq!(faulted.next(), Some(1));
    drop(faulted);
    assert_eq!(writer.take_samples(), Ok(vec![vec![2], vec![3]]));
}

#[test]
fn sources_of_two_systems_do_not_wait_together() {
    let (here, there) = (MockSystem::new(), MockSystem::new());
    let mut source = open(&ring(&here, 4096));
    let other = open(&ring(&there, 4096));
    let mixed = source.wait_any(&mut [other], Some(Duration::ZERO));
    assert_eq!(mixed, Err(EventError::Mixed));
    let several: Sources = [open(&ring(&here, 4096))].into_iter().collect();
    let mixed = source.wait_any(&mut [Box::new(several)], Some(Duration::ZERO));
    assert_eq!(mixed, Err(EventError::Mixed));
}

#[test]
fn several_sources_wake_one_wait() {
    let system = MockSystem::new();
    let maps = [ring(&system, 4096), perf(&system), ring(&system, 4096)];
    let mut sources: Sources = maps.iter().map(|map| open(map)).collect();
    for (index, map) in maps.iter().enumerate() {
        let writer = writer(&system, map).on_cpu(3);
        std::thread::scope(|scope| {
            scope.spawn(|| writer.write(&[1; 12]).expect("room"));
            let mut seen = Vec::new();
            while seen.is_empty() {
                assert_eq!(sources.wait(None), Ok(Wait::Ready));
                let drained = sources.drain_each(|index, event| {
                    seen.push((index, event.cpu()));
                    ControlFlow::Continue(())
                });
                drained.expect("drain");
            }
            assert_eq!(seen, [(index, (index == 1).then_some(3))]);
        });
    }
    sources.waker().wake();
    assert_eq!(sources.wait(None), Ok(Wait::Woken));
    sources.iter().last().expect("three").waker().stop();
    assert_eq!(sources.wait(None), Ok(Wait::Stopped));
}

#[test]
fn several_writers_lose_nothing_unseen() {
    const EACH: u64 = 20_000;
    for map_type in [MapType::RINGBUF, MapType::PERF_EVENT_ARRAY] {
        let system = MockSystem::new();
        let map = if map_type == MapType::RINGBUF {
            ring(&system, 8192)
        } else {
            perf(&system)
        };
        let mut source = map
            .open_events(&EventOptions::new().buffer_bytes(8192))
            .expect("open events");
        let (mut next, mut missing, mut refused) = ([0; 4], 0, 0);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4u32)
                .map(|cpu| {
                    let writer = writer(&system, &map).on_cpu(cpu);
                    scope.spawn(move || {
                        let record = |number: u64| [u64::from(cpu), number, number * 3];
                        let bytes = |record: [u64; 3]| record.map(u64::to_ne_bytes).concat();
                        let fails = |number: &u64| writer.write(&bytes(record(*number))).is_err();
                        let refused = (0..EACH).filter(fails).count() as u64;
                        (refused, writer)
                    })
                })
                .collect();
            let take = |source: &mut dyn EventSource, next: &mut [u64; 4], missing: &mut u64| {
                let drained = source.drain(&mut |event| {
                    if let Event::Lost { count, .. } = event {
                        *missing += count;
                    }
                    if let Some(([cpu, number, check], _)) = event.split::<[u64; 3]>() {
                        let next = &mut next[cpu as usize];
                        assert!(
                            number >= *next && check == number * 3,
                            "{number} after {next}"
                        );
                        *next = number + 1;
                    }
                    ControlFlow::Continue(())
                });
                drained.expect("drain")
            };
            while !writers.iter().all(|writer| writer.is_finished()) {
                source.wait(Some(Duration::from_millis(20))).expect("wait");
                take(&mut source, &mut next, &mut missing);
            }
            take(&mut source, &mut next, &mut missing);
            for thread in writers {
                let (more, writer) = thread.join().expect("no panic");
                refused += more;
                writer.write(&[0; 4]).expect("the ring is empty");
            }
            take(&mut source, &mut next, &mut missing);
        });
        let received = source.counters().received() - 4;
        assert_eq!(received + refused, 4 * EACH, "{map_type}");
        if map_type == MapType::PERF_EVENT_ARRAY {
            assert_eq!(missing, refused);
        }
    }
}

#[test]
fn events_come_through_a_queue_and_typed() {
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let mut receiver = open(&map).into_receiver(2).expect("a thread");
    for byte in 0..5 {
        writer.write(&[byte]).expect("room");
    }
    let first = receiver.recv();
    assert!(
        matches!(first, Some(OwnedEvent::Sample { ref data, .. }) if data == &[0]),
        "{first:?}"
    );
    receiver.stop().expect("stop");
    assert_eq!(receiver.iter().count(), 4);
}

#[cfg(unix)]
#[test]
fn the_descriptor_is_readable_while_records_wait() {
    use std::io::Read;
    use std::os::fd::OwnedFd;

    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let readable = |source: &mut dyn EventSource| {
        // The level is what a pipe says; how many bytes are in it shows only who takes them.
        system_signal(&system, source).is_raised()
    };
    writer.write(&[1]).expect("room");
    let mut source = open(&map);
    assert!(readable(&mut source), "what is there when it is opened");
    let fd: OwnedFd = source
        .fd()
        .expect("a descriptor")
        .try_clone_to_owned()
        .expect("dup");
    found(&mut source);
    assert!(!readable(&mut source));
    assert_eq!(now(&mut source), Wait::TimedOut);
    writer.clone().flags(NO_WAKEUP).write(&[1]).expect("room");
    assert!(!readable(&mut source), "it woke nobody");
    writer
        .clone()
        .flags(FORCE_WAKEUP)
        .write(&[2])
        .expect("room");
    assert!(readable(&mut source));
    let drained = source.drain(&mut |_| ControlFlow::Break(()));
    assert!(
        drained == Ok(1) && readable(&mut source),
        "the second is left"
    );
    found(&mut source);
    source.waker().wake();
    assert!(readable(&mut source));
    assert_eq!(
        (now(&mut source), readable(&mut source)),
        (Wait::Woken, false)
    );
    source.waker().stop();
    found(&mut source);
    assert!(readable(&mut source), "for good");
    // There is the one byte that says so, and then the end.
    drop(source);
    let mut bytes = Vec::new();
    std::io::PipeReader::from(fd)
        .read_to_end(&mut bytes)
        .expect("read");
    assert_eq!(bytes, [1]);
}

#[cfg(unix)]
#[test]
fn a_producers_descriptor_is_writable_while_the_ring_is_not_full() {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    let system = MockSystem::new();
    let map = user_ring(&system);
    let writable = |producer: &dyn EventProducer| {
        let fd = producer.fd().expect("a descriptor").try_clone_to_owned();
        let mut socket = UnixStream::from(fd.expect("dup"));
        socket.write(&[0]).is_ok()
    };
    let mut producer = map.open_producer().expect("open");
    assert!(writable(&*producer));
    while producer.send(&[1; 1016]).expect("send") {}
    assert!(!writable(&*producer), "to the last byte");
    let writer = writer(&system, &map);
    let taken = writer.take_samples().map(|samples| samples.len());
    assert_eq!((taken, writable(&*producer)), (Ok(4), true));
    while producer.send(&[1; 1016]).expect("send") {}
    drop(producer);
    let producer = map.open_producer().expect("open");
    assert!(!writable(&*producer), "as it was left");
}

#[test]
fn what_comes_just_before_a_stop_is_given() {
    for _ in 0..200 {
        let system = MockSystem::new();
        let map = ring(&system, 4096);
        let writer = writer(&system, &map);
        let mut source = open(&map);
        let waker = source.waker();
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| source.next(None).expect("next").is_some());
            std::thread::yield_now();
            writer.write(&[1]).expect("room");
            waker.stop();
            assert!(reading.join().expect("no panic"));
        });
    }
}

#[cfg(unix)]
#[test]
fn an_event_loop_waits_for_the_descriptor() {
    use ebpf_core::event::AsyncEvents;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let system = MockSystem::new();
    let map = ring(&system, 4096);
    let writer = writer(&system, &map);
    let mut events = runtime.block_on(async { AsyncEvents::new(open(&map)).expect("in the loop") });
    let waker = events.waker();
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            runtime.block_on(async {
                let mut bytes = Vec::new();
                while let Some(event) = events.next().await.expect("next") {
                    bytes.extend(event.as_event().read::<u8>());
                }
                bytes
            })
        });
        for byte in 0..100 {
            writer.write(&[byte]).expect("room");
            if byte % 10 == 0 {
                std::thread::yield_now();
            }
        }
        waker.stop();
        assert_eq!(
            reading.join().expect("no panic"),
            (0..100).collect::<Vec<u8>>()
        );
    });
}
