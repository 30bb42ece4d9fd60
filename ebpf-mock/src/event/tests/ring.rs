//! Ring buffers, written by programs and by user space.

use std::time::Duration;

use ebpf_core::Errno;
use ebpf_core::event::{EventOptions, EventProducerExt, EventSource, Wait};

use super::super::MockWriter;
use super::{FORCE_WAKEUP, NO_WAKEUP, found, now, open, ring, user_ring, writer};
use crate::MockSystem;

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
