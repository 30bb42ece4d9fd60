//! Ring buffers: kernel/bpf/ringbuf.c.

use std::time::Duration;

use super::stage::{
    self, Found, Kind, LONG, StopOnPanic, Writer, events, open, refused, ring, samples, wait,
};
use crate::conformance::{Testbed, program, requires, run, suite};
use crate::event::{
    EventError, EventOptions, EventSource, EventSourceExt, OptionsProblem, TypedEvent, Wait, Wakeup,
};
use crate::map::{Map, MapType};
use crate::program::ProgramType;
use crate::system::Feature;

const RING: Feature = Feature::MapType(MapType::RINGBUF);

/// Flags of the helpers.
const NO_WAKEUP: u32 = 1;
const FORCE_WAKEUP: u32 = 2;

/// Reserves a record of 16 bytes and throws it away.
fn discard(t: &dyn Testbed, map: &dyn Map) {
    let text = "r1 = map_by_idx(0)
                r2 = 16
                r3 = 0
                call bpf_ringbuf_reserve
                if r0 == 0 goto out
                r1 = r0
                r2 = 0
                call bpf_ringbuf_discard
                r0 = 7
            out:
                exit";
    assert_eq!(run(&program(t, ProgramType::XDP, text, &[map])), 7);
}

suite! { ($) ring_buffer, __conformance_ring_buffer;
    fn records_come_in_order(t, case) {
        requires!(t, case, RING);
        stage::comes_in_order(t, Kind::Ring);
    }

    fn samples_have_exactly_their_size(t, case) {
        requires!(t, case, RING);
        let map = events(t, Kind::Ring);
        let mut source = open(&map);
        for size in [1, 7, 8, 9, 32, 100, 4000] {
            Writer::new(t, Kind::Ring, &map, size).write(1);
            assert_eq!(samples(&mut source).concat().len(), size as usize);
        }
    }

    fn typed_samples_are_of_one_size(t, case) {
        requires!(t, case, RING);
        let map = events(t, Kind::Ring);
        let mut source = open(&map).typed::<[u64; 3]>();
        for size in [24, 28, 20] {
            Writer::new(t, Kind::Ring, &map, size).write(1);
        }
        let mut sizes = Vec::new();
        let drained = source.drain(|event| {
            sizes.push(matches!(event, TypedEvent::Sample { value: [1, 0, _], cpu: None }));
            std::ops::ControlFlow::Continue(())
        });
        assert_eq!((drained.expect("drain"), sizes), (3, vec![true, false, false]), "there is no padding to forgive");
    }

    fn records_wrap_around(t, case) {
        requires!(t, case, RING);
        stage::wraps(t, Kind::Ring);
    }

    fn discarded_records_are_skipped(t, case) {
        requires!(t, case, RING);
        let map = events(t, Kind::Ring);
        let mut source = open(&map);
        let writer = Writer::new(t, Kind::Ring, &map, 32);
        for number in 1..=3 {
            discard(t, &map);
            writer.write(1);
            discard(t, &map);
            assert_eq!(Found::in_source(&mut source).sorted(), [number]);
        }
        discard(t, &map);
        // It may wake, and then there is nothing.
        wait(&mut source, Duration::ZERO);
        assert_eq!(Found::in_source(&mut source).count(), 0);
        assert_eq!((wait(&mut source, Duration::from_millis(1)), source.counters().received()), (Wait::TimedOut, 3));
    }

    fn a_full_ring_refuses_and_the_program_counts(t, case) {
        requires!(t, case, RING);
        let map = ring(t, 1);
        let mut source = open(&map);
        let writer = Writer::new(t, Kind::Ring, &map, 56);
        let fits = t.system().facts().page_size() / 64;
        for _ in 0..3 {
            let before = writer.refused();
            writer.write(fits + 20);
            assert_eq!(wait(&mut source, LONG), Wait::Ready);
            let found = Found::in_source(&mut source);
            // A kernel may keep the last place free.
            assert!(found.count() == u64::from(fits) || found.count() == u64::from(fits) - 1, "{}", found.count());
            assert_eq!(found.count() + writer.refused() - before, u64::from(fits) + 20);
            // And all of the room is given back.
stage::rests(&mut source);
        }
        assert_eq!(source.counters().lost(), 0, "the kernel does not tell");
    }

    fn programs_decide_whether_a_record_wakes(t, case) {
        requires!(t, case, RING);
        let map = events(t, Kind::Ring);
        let mut source = open(&map);
        let quiet = Writer::with_flags(t, Kind::Ring, &map, 32, NO_WAKEUP);
        let loud = Writer::with_flags(t, Kind::Ring, &map, 32, FORCE_WAKEUP);
        let waker = source.waker();
        let found = std::thread::scope(|scope| {
            let _stop = StopOnPanic(waker);
            let waiting = scope.spawn(|| {
                assert_eq!(source.wait(None).expect("wait"), Wait::Ready);
                let mut found = Found::default();
                while found.count() < 6 {
                    found.add(&mut source);
                }
                found
            });
            quiet.write(5);
            loud.write(1);
            waiting.join().expect("no panic")
        });
        assert_eq!(found.count(), 6);
        quiet.write(1);
        assert_eq!(wait(&mut source, LONG), Wait::Ready, "what is there is seen all the same");
    }

    fn records_are_kept_for_the_next_reader(t, case) {
        requires!(t, case, RING);
        let map = events(t, Kind::Ring);
        let writer = Writer::new(t, Kind::Ring, &map, 32);
        writer.write(3);
        let mut source = open(&map);
        assert_eq!(source.wait(None).expect("wait"), Wait::Ready);
        let next = source.next(None).expect("next").expect("a record");
        assert_eq!(next.as_event().split::<u64>().map(|(number, _)| number), Some(1));
        assert_eq!(wait(&mut source, Duration::ZERO), Wait::Ready);
        drop(source);
        assert_eq!(Found::in_source(&mut open(&map)).sorted(), [2, 3]);
    }

    fn stopping_is_for_good_and_may_be_repeated(t, case) {
        requires!(t, case, RING);
        stage::stops(t, Kind::Ring);
    }

    fn what_was_written_is_drained_after_a_stop(t, case) {
        requires!(t, case, RING);
        stage::is_drained_after_a_stop(t, Kind::Ring);
    }

    fn a_wait_ends_from_another_thread(t, case) {
        requires!(t, case, RING);
        stage::is_stopped_from_elsewhere(t, Kind::Ring);
    }

    fn a_drain_that_is_broken_off_leaves_the_rest(t, case) {
        requires!(t, case, RING);
        stage::rest_stays_after_a_break(t, Kind::Ring);
    }

    fn a_second_reader_is_ebusy(t, case) {
        requires!(t, case, RING);
        stage::has_one_reader(t, Kind::Ring);
    }

    fn a_reader_keeps_up_with_several_writers(t, case) {
        requires!(t, case, RING, Feature::ProgramType(ProgramType::RAW_TRACEPOINT));
        stage::keeps_up(t, Kind::Ring);
    }

    fn events_come_through_a_queue(t, case) {
        requires!(t, case, RING);
        stage::comes_through_a_queue(t, Kind::Ring);
    }

    fn options_of_perf_events_are_refused(t, case) {
        requires!(t, case, RING);
        let map = events(t, Kind::Ring);
        for options in [
            EventOptions::new().overwritable(true),
            EventOptions::new().on_cpus([0]),
            EventOptions::new().wakeup(Wakeup::Watermark(100)),
        ] {
            let error = refused(&map, &options);
            assert!(matches!(error, EventError::Options { problem: OptionsProblem::PerfOnly(_), .. }), "{error}");
        }
        drop(map.open_events(&EventOptions::new().wakeup(Wakeup::EachRecord)).expect("open events"));
    }
}
