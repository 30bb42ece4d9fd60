//! Ring buffers: kernel/bpf/ringbuf.c.

use std::time::Duration;

use super::stage::{
    self, Found, Kind, LONG, StopOnPanic, Writer, events, open, refused, ring, samples, wait,
};
use crate::conformance::{Testbed, get_bytes, map, program, requires, run, spec, suite};
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

/// Runs text that stores 8-byte numbers at r7 on an XDP frame, and gives the first `count` of them.
fn numbers(t: &dyn Testbed, events: &dyn Map, text: &str, count: u32) -> Vec<i64> {
    let out = map(t, &spec(MapType::ARRAY, 4, 8 * count, 1));
    let text = format!(
        "   *(u32 *)(r10 - 4) = 0
            r1 = map_by_idx(1)
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r7 = r0
            {text}
        out:
            r0 = 3
            exit"
    );
    assert_eq!(
        run(&program(t, ProgramType::XDP, &text, &[events, &out])),
        3
    );
    let value = get_bytes(&out, &0u32).expect("the numbers");
    let numbers = value
        .chunks_exact(8)
        .map(|chunk| chunk.try_into().map_or(0, i64::from_ne_bytes));
    numbers.collect()
}

/// Text that stores what `bpf_ringbuf_query` says, number `what` at `at`.
fn query(what: u64, at: u64) -> String {
    format!(
        "r1 = map_by_idx(0)
         r2 = {what}
         call bpf_ringbuf_query
         *(u64 *)(r7 + {at}) = r0
        "
    )
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

    fn one_byte_of_the_ring_stays_free(t, case) {
        requires!(t, case, RING);
        let map = ring(t, 1);
        let page = t.system().facts().page_size();
        // The whole ring, and then all but the 8 bytes at which records begin.
        let refused = |size: u32| {
            let writer = Writer::new(t, Kind::Ring, &map, size);
            writer.write(1);
            writer.refused()
        };
        assert_eq!(refused(page - 8), 1);
        assert_eq!(refused(page - 7), 1);
        assert_eq!(refused(page - 16), 0);
        assert_eq!(refused(1), 1, "it is full");
        let mut source = open(&map);
        assert_eq!(samples(&mut source).concat().len(), page as usize - 16);
        assert_eq!(refused(1), 0);
    }

    fn a_query_tells_positions(t, case) {
        requires!(t, case, RING);
        let map = ring(t, 2);
        let size = i64::from(2 * t.system().facts().page_size());
        let queries: String = (0..4).map(|what| query(what, 8 * what)).collect();
        let unknown = query(77, 32);
        let text = format!("{queries}{unknown}");
        assert_eq!(numbers(t, &map, &text, 5), [0, size, 0, 0, 0]);
        Writer::new(t, Kind::Ring, &map, 20).write(3);
        assert_eq!(numbers(t, &map, &text, 5), [96, size, 0, 96, 0]);
        let mut source = open(&map);
        source.next(None).expect("next").expect("a record");
        // A reader gives room back when it has looked around.
        while wait(&mut source, Duration::ZERO) == Wait::Ready {
            samples(&mut source);
        }
        assert_eq!(numbers(t, &map, &text, 5), [0, size, 96, 96, 0]);
    }

    fn a_reserved_record_counts_and_holds_up_those_behind_it(t, case) {
        requires!(t, case, RING);
        let map = ring(t, 1);
        let mut source = open(&map);
        let finish = |how: &str| format!(
            "r1 = map_by_idx(0)
             r2 = 16
             r3 = 0
             call bpf_ringbuf_reserve
             if r0 == 0 goto out
             r6 = r0
             *(u64 *)(r6 + 0) = 1
             *(u64 *)(r6 + 8) = 1
             *(u64 *)(r10 - 16) = 2
             r1 = map_by_idx(0)
             r2 = r10
             r2 += -16
             r3 = 8
             r4 = 0
             call bpf_ringbuf_output
             *(u64 *)(r7 + 0) = r0
             {}
             r1 = r6
             r2 = 0
             call bpf_ringbuf_{how}
            ", query(0, 8));
        assert_eq!(numbers(t, &map, &finish("submit"), 2), [0, 40]);
        let found = samples(&mut source);
        let ones: Vec<u8> = [1u64.to_ne_bytes(); 2].concat();
        assert_eq!(found, [ones, 2u64.to_ne_bytes().to_vec()]);
        assert_eq!(numbers(t, &map, &finish("discard"), 2)[0], 0);
        assert_eq!(samples(&mut source), [2u64.to_ne_bytes()]);
    }

    fn a_record_shows_what_was_there_before(t, case) {
        requires!(t, case, RING);
        let map = ring(t, 1);
        let page = t.system().facts().page_size();
        let mut source = open(&map);
        let text = "r1 = map_by_idx(0)
             r2 = 16
             r3 = 0
             call bpf_ringbuf_reserve
             if r0 == 0 goto out
             r1 = *(u64 *)(r0 + 0)
             *(u64 *)(r7 + 0) = r1
             r1 = *(u64 *)(r0 + 8)
             *(u64 *)(r7 + 8) = r1
             r1 = r0
             r2 = 0
             call bpf_ringbuf_discard
            ";
        assert_eq!(numbers(t, &map, text, 2), [0, 0]);
        samples(&mut source);
        Writer::new(t, Kind::Ring, &map, page - 100).write(1);
        assert_eq!(samples(&mut source).len(), 1);
        stage::rests(&mut source);
        Writer::new(t, Kind::Ring, &map, 100).write(1);
        assert_eq!(samples(&mut source).len(), 1);
        stage::rests(&mut source);
        assert_eq!(numbers(t, &map, text, 2), [0x5a5a_5a5a_5a5a_5a5a; 2], "not cleared");
    }

    fn helpers_answer_what_cannot_be(t, case) {
        requires!(t, case, RING);
        let map = ring(t, 1);
        let output = |size: u32, flags: u64, at: u32| format!(
            "r1 = map_by_idx(0)
             r2 = r7
             r3 = {size}
             r4 = {flags}
             call bpf_ringbuf_output
             *(u64 *)(r7 + {at}) = r0
            ");
        let reserve = |flags: u64| format!(
            "*(u64 *)(r7 + 16) = 7
             r1 = map_by_idx(0)
             r2 = 8
             r3 = {flags}
             call bpf_ringbuf_reserve
             if r0 == 0 goto out
             *(u64 *)(r7 + 16) = 9
             r1 = r0
             r2 = 0
             call bpf_ringbuf_discard
            ");
        let text = format!("{}{}{}", output(8, 4, 0), output(8, 1 << 30, 8), reserve(1));
        assert_eq!(numbers(t, &map, &text, 3), [-22, -22, 7], "flags that are not");
        assert_eq!(numbers(t, &map, &reserve(0), 3), [0, 0, 9]);
        let page = t.system().facts().page_size();
        assert_eq!(numbers(t, &map, &output(page, 0, 0), page / 8)[0], -11, "longer than the ring");
        assert_eq!(numbers(t, &map, &output(0, 0, 0), 1), [0], "an empty one");
        let mut source = open(&map);
        assert_eq!(samples(&mut source), [[0u8; 0]]);
    }
}
