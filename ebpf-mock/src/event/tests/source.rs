//! What sources of both kinds have in common: waiting, stopping, descriptors, queues.

use std::ops::ControlFlow;
use std::time::Duration;

use ebpf_core::event::{
    Event, EventError, EventOptions, EventProducer, EventProducerExt, EventSource, EventSourceExt,
    OwnedEvent, Sources, Wait,
};
use ebpf_core::map::MapType;

use super::{
    FORCE_WAKEUP, NO_WAKEUP, found, now, open, perf, ring, system_signal, user_ring, writer,
};
use crate::MockSystem;

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
