//! Perf event arrays: `bpf_perf_event_output()` in kernel/trace/bpf_trace.c, kernel/events/ring_buffer.c.

use std::time::Duration;

use super::stage::{
    self, Found, Kind, LONG, StopOnPanic, Writer, events, open, refused, samples, wait,
};
use crate::Errno;
use crate::conformance::{get_bytes, map, program, requires, spec, suite};
use crate::event::{
    Event, EventError, EventOptions, EventSource, EventSourceExt, OptionsProblem, OwnedEvent,
    Sources, TypedEvent, Wait, Wakeup, perf,
};
use crate::map::{Map, MapType};
use crate::program::{Program, ProgramType, RunFlags, RunInput, RunOutput};
use crate::system::Feature;

const RAW: Feature = Feature::ProgramType(ProgramType::RAW_TRACEPOINT);

suite! { ($) perf_events, __conformance_perf_events;
    fn records_come_in_order(t) {
        stage::comes_in_order(t, Kind::Perf);
    }

    fn rings_of_any_size_open(t) {
        let map = events(t, Kind::Perf);
        let writer = Writer::new(t, Kind::Perf, &map, 32);
        for bytes in [0, 1, 4096, 8192, 12_288, 16_384, 28_672, 32_768, 65_536, 100_000] {
            let options = EventOptions::new().buffer_bytes(bytes);
            let mut source = map.open_events(&options).unwrap_or_else(|error| panic!("{bytes} bytes: {error}"));
            writer.write(3);
            assert_eq!(samples(&mut source).len(), 3, "{bytes} bytes");
        }
        let huge = refused(&map, &EventOptions::new().buffer_bytes(usize::MAX));
        assert!(matches!(huge, EventError::Options { problem: OptionsProblem::BufferBytes(usize::MAX), .. }), "{huge}");
    }

    fn every_cpu_is_heard_after_the_others(t, case) {
        requires!(t, case, RAW);
        let map = events(t, Kind::Perf);
        let mut source = open(&map);
        let writer = Writer::on_cpus(t, Kind::Perf, &map, 32);
        let cpus = t.system().cpus().expect("CPUs").online;
        for _ in 0..4 {
            for cpu in cpus.iter() {
                let waker = source.waker();
                let next = std::thread::scope(|scope| {
                    let _stop = StopOnPanic(waker);
                    let waiting = scope.spawn(|| source.next(Some(LONG)));
                    writer.write_on(cpu);
                    waiting.join().expect("no panic")
                });
                let heard = next.expect("next").map(|event| event.as_event().cpu());
                assert_eq!(heard, Some(Some(cpu)));
            }
        }
    }

    fn records_wrap_around(t) {
        stage::wraps(t, Kind::Perf);
    }

    fn samples_carry_the_kernels_padding(t) {
        let map = events(t, Kind::Perf);
        let mut source = open(&map);
        for size in [1, 4, 5, 8, 12, 13, 32, 36, 60, 64] {
            Writer::new(t, Kind::Perf, &map, size).write(1);
            assert_eq!(samples(&mut source).concat().len(), perf::padded(size as usize), "{size} bytes");
        }
    }

    fn typed_samples_are_as_long_as_the_program_says(t) {
        let map = events(t, Kind::Perf);
        let mut source = open(&map).typed::<[u64; 4]>();
        Writer::new(t, Kind::Perf, &map, 32).write(1);
        Writer::new(t, Kind::Perf, &map, 40).write(1);
        let (mut values, mut others) = (Vec::new(), Vec::new());
        let drained = source.drain(|event| {
            match event {
                TypedEvent::Sample { value, cpu } => {
                    assert!(cpu.is_some());
                    values.push(value);
                }
                TypedEvent::Other(other) => others.push(OwnedEvent::from(other)),
            }
            std::ops::ControlFlow::Continue(())
        });
        assert_eq!(drained.expect("drain"), 2);
        let filler = u64::from_ne_bytes([0x5a; 8]);
        assert_eq!(values, [[1, 0, filler, filler]]);
        assert_eq!(others.len(), 1, "one of another size");
        let other = others[0].as_event();
        assert_eq!(other.read::<[u64; 5]>(), Some([1, 0, filler, filler, filler]));
        assert_eq!(other.split::<[u64; 2]>().map(|(front, rest)| (front, rest.len())), Some(([1, 0], 28)));
    }

    fn what_does_not_fit_is_counted(t, case) {
        requires!(t, case, RAW);
        let map = events(t, Kind::Perf);
        let mut source = map.open_events(&EventOptions::new().buffer_bytes(1)).expect("open events");
        let writer = Writer::on_cpus(t, Kind::Perf, &map, 100);
        let cpu = t.system().cpus().expect("CPUs").online.iter().next().expect("a CPU");
        for _ in 0..100 {
            writer.write_on(cpu);
        }
        let mut found = Found::in_source(&mut source);
        let kept = found.count();
        assert!(kept >= 30 && writer.refused() == 100 - kept, "{kept} kept, {} refused", writer.refused());
        writer.write_on(cpu);
        found.add(&mut source);
        assert_eq!((found.count(), found.lost), (kept + 1, 100 - kept));
        assert_eq!(source.counters().lost(), 100 - kept);
        let numbers = found.sorted();
        assert_eq!(numbers.last(), Some(&101), "the oldest are kept: {numbers:?}");
    }

    fn the_longest_samples_come(t) {
        let map = events(t, Kind::Perf);
        let mut source = map.open_events(&EventOptions::new().buffer_bytes(1 << 20)).expect("open events");
        // A record has a length of 16 bits, its header and the sample's own length included. Of a longer one the length
        // wraps, and what is read then is nothing to rely on.
        for size in [65_000, 65_508] {
            let writer = Writer::new(t, Kind::Perf, &map, size);
            writer.write(1);
            assert_eq!(writer.refused(), 0, "{size} bytes");
            let found: Vec<usize> = samples(&mut source).iter().map(Vec::len).collect();
            assert_eq!(found, [perf::padded(size as usize)], "{size} bytes");
        }
    }

    fn overwritten_rings_keep_the_newest(t, case) {
        requires!(t, case, RAW);
        let map = events(t, Kind::Perf);
        let options = EventOptions::new().buffer_bytes(1).overwritable(true);
        let mut source = map.open_events(&options).expect("open events");
        let writer = Writer::on_cpus(t, Kind::Perf, &map, 100);
        let cpu = t.system().cpus().expect("CPUs").online.iter().next().expect("a CPU");
        assert_eq!(wait(&mut source, Duration::ZERO), Wait::TimedOut);
        for _ in 0..100 {
            writer.write_on(cpu);
        }
        assert_eq!((wait(&mut source, LONG), writer.refused()), (Wait::Ready, 0));
        let first = source.next(Some(LONG)).expect("next").expect("the oldest of those that fit");
        let OwnedEvent::Sample { data, .. } = first else { panic!("{first:?}") };
        let oldest = stage::number(&data);
        assert!((50..=80).contains(&oldest), "the oldest is {oldest}");
        let mut found = Found::default();
        found.add(&mut source);
        assert_eq!(found.sorted(), (oldest + 1..=100).collect::<Vec<_>>());
        stage::rests(&mut source);
        writer.write_on(cpu);
        writer.write_on(cpu);
        assert_eq!(Found::in_source(&mut source).sorted(), [101, 102], "each once");
    }

    fn a_watermark_wakes_after_so_many_bytes(t, case) {
        requires!(t, case, RAW);
        let map = events(t, Kind::Perf);
        let options = EventOptions::new().wakeup(Wakeup::Watermark(1000));
        let mut source = map.open_events(&options).expect("open events");
        let writer = Writer::on_cpus(t, Kind::Perf, &map, 100);
        let cpu = t.system().cpus().expect("CPUs").online.iter().next().expect("a CPU");
        for _ in 0..20 {
            writer.write_on(cpu);
        }
        assert_eq!(source.wait(None).expect("wait"), Wait::Ready);
        assert_eq!(Found::in_source(&mut source).count(), 20);
        writer.write_on(cpu);
        assert_eq!(wait(&mut source, Duration::from_millis(1)), Wait::Ready, "a few are there when the time is over");
        assert_eq!(Found::in_source(&mut source).count(), 1);
        assert_eq!(wait(&mut source, Duration::from_millis(1)), Wait::TimedOut);
    }

    fn stopping_is_for_good_and_may_be_repeated(t) {
        stage::stops(t, Kind::Perf);
    }

    fn what_was_written_is_drained_after_a_stop(t) {
        stage::is_drained_after_a_stop(t, Kind::Perf);
    }

    fn a_wait_ends_from_another_thread(t) {
        stage::is_stopped_from_elsewhere(t, Kind::Perf);
    }

    fn a_drain_that_is_broken_off_leaves_the_rest(t) {
        stage::rest_stays_after_a_break(t, Kind::Perf);
    }

    fn a_second_reader_is_ebusy(t) {
        stage::has_one_reader(t, Kind::Perf);
    }

    fn a_map_without_a_reader_takes_nothing(t) {
        let map = events(t, Kind::Perf);
        let writer = Writer::new(t, Kind::Perf, &map, 32);
        writer.write(1);
        assert_eq!(writer.refused(), 1, "no slot is filled yet");
        let mut source = open(&map);
        writer.write(1);
        assert_eq!((writer.refused(), Found::in_source(&mut source).sorted()), (1, vec![2]));
        drop(source);
        writer.write(1);
        assert_eq!(writer.refused(), 2, "the slots are cleared");
    }

    fn cpus_may_be_chosen(t, case) {
        requires!(t, case, RAW);
        let map = events(t, Kind::Perf);
        let writer = Writer::on_cpus(t, Kind::Perf, &map, 32);
        let online: Vec<u32> = t.system().cpus().expect("CPUs").online.iter().collect();
        let (&last, others) = online.split_last().expect("a CPU");
        let mut source = map.open_events(&EventOptions::new().on_cpus([last])).expect("open events");
        for cpu in others.iter().chain([&last]) {
            writer.write_on(*cpu);
        }
        assert_eq!((Found::in_source(&mut source).count(), writer.refused()), (1, others.len() as u64));
        // The others are still to be had.
        if !others.is_empty() {
            let mut rest = map.open_events(&EventOptions::new().on_cpus(others.iter().copied())).expect("open events");
            writer.write_on(others[0]);
            assert_eq!((Found::in_source(&mut rest).count(), Found::in_source(&mut source).count()), (1, 0));
        }
        drop(source);
        let none = refused(&map, &EventOptions::new().on_cpus([]));
        assert!(matches!(none, EventError::Options { problem: OptionsProblem::NoCpu, .. }), "{none}");
    }

    fn each_cpu_needs_a_slot(t) {
        let map = map(t, &spec(MapType::PERF_EVENT_ARRAY, 4, 4, 1));
        let error = refused(&map, &EventOptions::new().on_cpus([0, 1]));
        assert!(matches!(error, EventError::Options { problem: OptionsProblem::NoSlot { cpu: 1, slots: 1 }, .. }), "{error}");
        map.open_events(&EventOptions::new().on_cpus([0])).expect("CPU 0 has one");
    }

    fn a_reader_keeps_up_with_several_writers(t, case) {
        requires!(t, case, RAW);
        stage::keeps_up(t, Kind::Perf);
    }

    fn every_record_may_wake(t) {
        let map = events(t, Kind::Perf);
        let options = EventOptions::new().wakeup(Wakeup::EachRecord);
        let mut source = map.open_events(&options).expect("open events");
        let writer = Writer::new(t, Kind::Perf, &map, 32);
        for number in 1..=100 {
            let waker = source.waker();
            let next = std::thread::scope(|scope| {
                let _stop = StopOnPanic(waker);
                let waiting = scope.spawn(|| source.next(None));
                writer.write(1);
                waiting.join().expect("no panic")
            });
            let event = next.expect("next").expect("a record");
            assert_eq!(event.as_event().split::<u64>().map(|(number, _)| number), Some(number));
        }
    }

    fn events_come_through_a_queue(t) {
        stage::comes_through_a_queue(t, Kind::Perf);
    }

    fn both_kinds_of_map_are_waited_for_together(t, case) {
        requires!(t, case, Feature::MapType(MapType::RINGBUF));
        let kinds = [Kind::Perf, Kind::Ring, Kind::Perf];
        let maps = kinds.map(|kind| events(t, kind));
        let mut sources: Sources = maps.iter().map(|map| open(map)).collect();
        assert_eq!(sources.wait(Some(Duration::from_millis(1))).expect("wait"), Wait::TimedOut);
        for round in 0..10 {
            for (index, (kind, map)) in kinds.into_iter().zip(&maps).enumerate() {
                let writer = Writer::new(t, kind, map, 32);
                let mut seen = Vec::new();
                let waker = sources.waker();
                std::thread::scope(|scope| {
                    scope.spawn(|| {
                        let _stop = StopOnPanic(waker);
                        writer.write(1);
                    });
                    while seen.is_empty() {
                        assert_eq!(sources.wait(Some(LONG)).expect("wait"), Wait::Ready, "round {round}");
                        let drained = sources.drain_each(|index, event| {
                            seen.push((index, matches!(event, Event::Sample { .. })));
                            std::ops::ControlFlow::Continue(())
                        });
                        drained.expect("drain");
                    }
                });
                assert_eq!(seen, [(index, true)]);
            }
        }
        assert_eq!(sources.counters().received(), 30);
        assert_eq!(sources.iter().map(|source| source.counters().received()).sum::<u64>(), 30);
        let waker = sources.waker();
        waker.wake();
        assert_eq!(sources.wait(None).expect("wait"), Wait::Woken);
        waker.stop();
        assert_eq!(sources.wait(None).expect("wait"), Wait::Stopped);
        assert_eq!(Sources::new().wait(None).expect("wait"), Wait::Stopped, "nothing will come of none");
    }

    fn other_maps_have_no_events(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        for error in [refused(&map, &EventOptions::new()), map.open_producer().expect_err("an array")] {
            assert!(matches!(error, EventError::Map(crate::map::MapError::Unsupported { .. })), "{error}");
            assert_eq!(error.errno(), None::<Errno>);
        }
    }

    fn the_helper_tells_what_cannot_be(t, case) {
        requires!(t, case, RAW);
        let cpus = t.system().cpus().expect("CPUs").online;
        let cpu = cpus.iter().next().expect("a CPU");
        let slots = t.system().cpus().expect("CPUs").possible.slots();
        let map = events(t, Kind::Perf);
        let out = crate::conformance::map(t, &spec(MapType::ARRAY, 4, 64, 1));
        let output = |flags: u64| {
            let text = format!(
                "   r6 = r1
                    *(u32 *)(r10 - 4) = 0
                    r1 = map_by_idx(1)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto out
                    r7 = r0
                    r1 = r6
                    r2 = map_by_idx(0)
                    r3 = {flags} ll
                    r4 = r7
                    r5 = 8
                    call bpf_perf_event_output
                    *(u64 *)(r7 + 8) = r0
                out:
                    r0 = 0
                    exit"
            );
            let program = program(t, ProgramType::RAW_TRACEPOINT, &text, &[&map, &out]);
            let mut input = RunInput::context(&[]).with_flags(RunFlags::ON_CPU);
            input.cpu = cpu;
            program.run(&input, &mut RunOutput::none()).expect("run");
            let value = get_bytes(&out, &0u32).expect("the answer");
            stage::number(&value[8..]) as i64
        };
        const CURRENT: u64 = 0xffff_ffff;
        assert_eq!(output(CURRENT), -2, "nobody listens");
        let mut source = open(&map);
        assert_eq!(output(CURRENT), 0);
        assert_eq!(output(u64::from(cpu)), 0);
        assert_eq!(output(1 << 32 | CURRENT), -22, "a flag that is not");
        assert_eq!(output(u64::from(slots)), -7, "no such slot");
        assert_eq!(output(CURRENT - 1), -7);
        if let Some(other) = cpus.iter().find(|other| *other != cpu) {
            assert_eq!(output(u64::from(other)), -95, "the ring of another CPU");
        }
        assert_eq!(Found::in_source(&mut source).count(), 2);
    }

    fn one_byte_of_a_ring_stays_free(t, case) {
        requires!(t, case, RAW);
        let map = events(t, Kind::Perf);
        let cpu = t.system().cpus().expect("CPUs").online.iter().next().expect("a CPU");
        let options = EventOptions::new().buffer_bytes(1).on_cpus([cpu]);
        let mut source = map.open_events(&options).expect("open events");
        let size = t.system().facts().page_size();
        // Of the header, the size, and the bytes.
        let whole = Writer::on_cpus(t, Kind::Perf, &map, size - 12);
        whole.write_on(cpu);
        assert_eq!(whole.refused(), 1);
        let most = Writer::on_cpus(t, Kind::Perf, &map, size - 12 - 24 - 8);
        most.write_on(cpu);
        assert_eq!(most.refused(), 0);
        let mut found = Found::in_source(&mut source);
        assert_eq!((found.count(), found.lost), (1, 1), "what was lost comes first");
        most.write_on(cpu);
        let small = Writer::on_cpus(t, Kind::Perf, &map, 12);
        small.write_on(cpu);
        // There are 32 - 1 bytes left, and 24 are needed.
        assert_eq!(small.refused(), 0);
        small.write_on(cpu);
        assert_eq!(small.refused(), 1);
        found.add(&mut source);
        assert_eq!(found.count(), 3);
    }
}
