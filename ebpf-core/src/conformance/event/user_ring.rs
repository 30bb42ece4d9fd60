//! User ring buffers: `bpf_user_ringbuf_drain()` in kernel/bpf/ringbuf.c (`testdata/conformance/user_ring.bpf.c`).

use std::time::Duration;

use super::stage::LONG;
use crate::conformance::{Testbed, requires, run, suite};
use crate::event::{EventError, EventProducer, EventProducerExt};
use crate::loader::SystemExt;
use crate::map::{Map, MapType};
use crate::object::ObjectSpec;
use crate::system::Feature;
use crate::{Collection, Errno};

const BYTES: &[u8] = include_bytes!("../../../testdata/conformance/user_ring.bpf.o");
const USER_RING: Feature = Feature::MapType(MapType::USER_RINGBUF);

/// The object, loaded; `None`, said aloud, on a big-endian machine.
fn object(t: &dyn Testbed, case: &str) -> Option<Collection> {
    let object = ObjectSpec::parse(BYTES).expect("parse");
    if !object.endian.is_native() {
        t.skip(case, "the object is of the other byte order");
        return None;
    }
    Some(t.system().load(&object).expect("load"))
}

fn producer(object: &Collection) -> Box<dyn EventProducer> {
    object
        .map("samples")
        .expect("samples")
        .open_producer()
        .expect("open")
}

fn variable(object: &Collection, name: &str) -> u64 {
    object.global::<u64>(name).expect("a variable").get()
}

fn drain(object: &Collection, program: &str) -> u32 {
    run(object.program(program).expect("a program"))
}

suite! { ($) user_ring, __conformance_user_ring;
    fn programs_read_what_user_space_writes(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut producer = producer(&object);
        assert_eq!(drain(&object, "drain"), 0);
        for number in 1..=100u64 {
            assert!(producer.send(&number.to_ne_bytes()).expect("send"));
        }
        assert_eq!(drain(&object, "drain"), 100);
        assert_eq!((variable(&object, "count"), variable(&object, "sum")), (100, 5050));
    }

    fn a_sample_is_written_in_place_or_not_at_all(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut producer = producer(&object);
        let sent = producer.fill(8, &mut |sample| {
            assert_eq!(sample, [0; 8]);
            sample.copy_from_slice(&7u64.to_ne_bytes());
            true
        });
        assert!(sent.expect("fill"));
        let sent = producer.fill(8, &mut |sample| {
            sample.fill(0xff);
            false
        });
        assert!(!sent.expect("fill"), "thrown away");
        assert!(producer.send(&[]).expect("send"), "a sample may be empty");
        assert!(producer.send(&[5]).expect("send"));
        assert_eq!((drain(&object, "drain"), variable(&object, "sum")), (3, 12));
    }

    fn samples_wrap_around(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut producer = producer(&object);
        let mut sum = 0;
        for number in 0..600u64 {
            let mut sample = vec![0xee; 1000 + number as usize % 9];
            sample[..8].copy_from_slice(&number.to_ne_bytes());
            assert!(producer.send(&sample).expect("send"));
            sum += number;
            if number % 30 == 29 {
                assert_eq!(drain(&object, "drain"), 30);
            }
        }
        assert_eq!(variable(&object, "sum"), sum);
    }

    fn a_full_ring_takes_no_more_until_it_is_read(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut producer = producer(&object);
        let mut sent = 0;
        while producer.send(&[1; 1016]).expect("send") {
            sent += 1;
        }
        assert_eq!(sent, 64);
        let mut called = false;
        let full = producer.fill(8, &mut |_| {
            called = true;
            true
        });
        assert!(!full.expect("fill") && !called);
        assert!(!producer.wait(8, Some(Duration::from_millis(1))).expect("wait"));
        for program in ["drain", "drain_quietly"] {
            let waited = std::thread::scope(|scope| {
                let waiting = scope.spawn(|| producer.wait(1016, Some(LONG)));
                drain(&object, program);
                waiting.join().expect("no panic")
            });
            assert!(waited.expect("wait"), "{program} makes room");
            while producer.send(&[1; 1016]).expect("send") {}
        }
    }

    fn a_sample_that_never_fits_is_refused(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut producer = producer(&object);
        let most = producer.largest();
        assert_eq!(most, 65_536 - 8);
        for length in [most + 1, 1 << 30, usize::MAX] {
            for error in [
                producer.fill(length, &mut |_| true).expect_err("too large"),
                producer.wait(length, None).expect_err("too large"),
            ] {
                assert!(matches!(error, EventError::TooLarge { got, .. } if got == length), "{error}");
            }
        }
        assert!(producer.send(&vec![0; most]).expect("send"));
        assert_eq!(drain(&object, "drain"), 1);
    }

    fn programs_stop_where_they_like(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut producer = producer(&object);
        object.global::<u64>("enough").expect("a variable").set(&2).expect("write");
        for _ in 0..5 {
            assert!(producer.send(&1u64.to_ne_bytes()).expect("send"));
        }
        assert_eq!((drain(&object, "drain"), variable(&object, "count")), (2, 2));
    }

    fn a_second_writer_is_ebusy(t, case) {
        requires!(t, case, USER_RING);
        let Some(object) = object(t, case) else { return };
        let mut first = producer(&object);
        let map = object.map("samples").expect("samples");
        assert_eq!(map.open_producer().expect_err("a second one").errno(), Some(Errno::EBUSY));
        assert!(first.send(&3u64.to_ne_bytes()).expect("send"));
        drop(first);
        let mut second = producer(&object);
        assert!(second.send(&4u64.to_ne_bytes()).expect("send"));
        assert_eq!((drain(&object, "drain"), variable(&object, "sum")), (2, 7), "it goes on where the first ended");
    }
}
