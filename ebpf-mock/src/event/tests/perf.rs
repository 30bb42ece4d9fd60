//! Perf event arrays.

use std::ops::ControlFlow;
use std::time::Duration;

use ebpf_core::Errno;
use ebpf_core::event::{Event, EventOptions, EventSource, EventSourceExt, Wait, Wakeup};
use ebpf_core::system::{CpuSet, Cpus};

use super::super::MockWriter;
use super::{found, now, perf, system_signal, writer};
use crate::MockSystem;

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
    assert!(!super::super::Signal::is_raised(&system_signal(
        &system, &*source
    )));
    writer.write(&[0; 52]).expect("room");
    assert!(super::super::Signal::is_raised(&system_signal(
        &system, &*source
    )));
    assert_eq!(source.wait(None), Ok(Wait::Ready));
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
