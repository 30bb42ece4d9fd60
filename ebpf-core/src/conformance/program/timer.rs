//! Timers in the values of maps, and work queues beside them: `bpf_timer_*()` and `bpf_wq_*()` in kernel/bpf/helpers.c.
//! The programs are those of `testdata/conformance/timers.bpf.c` and `work_queues.bpf.c`.

#[path = "work_queue.rs"]
pub mod work_queue;

use std::time::Duration;

use crate::conformance::{Testbed, delete, get_bytes, put, requires, suite};
use crate::loader::SystemExt;
use crate::map::Map;
use crate::object::ObjectSpec;
use crate::program::{Program, ProgramType, RunInput, RunOutput};
use crate::system::Feature;
use crate::{Collection, Errno};

const TIMERS: &[u8] = include_bytes!("../../../testdata/conformance/timers.bpf.o");

/// The maps whose values have timers.
const MAPS: [&str; 2] = ["hash", "array"];

/// Where things are in a value.
const CALLS: usize = 0;
const LAST_KEY: usize = 8;
const SEEN_AT: usize = 16;
const AGAIN: usize = 24;
const CANCELS: usize = 28;
const PERIOD: usize = 32;
const RESULT: usize = 40;
const TIMER: usize = 48;
const AFTER: usize = 64;
const SIZE: usize = 72;

/// The clocks that timers may go by, and one that they may not.
const MONOTONIC: u32 = 1;
const REALTIME: u32 = 0;
const BOOTTIME: u32 = 7;
const THREAD: u32 = 3;

/// The time is of the clock, not from now on.
const ABSOLUTE: u32 = 1;
/// The timer stays on its CPU.
const PINNED: u32 = 2;

/// An hour, in which no test runs.
const LATER: u64 = 3600 * 1_000_000_000;

pub(super) const HERE: Feature = Feature::Helper(ProgramType::SYSCALL, 169);

/// The objects' collection; `None`, said aloud, on a machine of the other byte order.
pub(super) fn loaded(t: &dyn Testbed, case: &str, bytes: &[u8]) -> Option<Collection> {
    let object = ObjectSpec::parse(bytes).expect("parse");
    if !object.endian.is_native() {
        t.skip(case, "the object is of the other byte order");
        return None;
    }
    Some(t.system().load(&object).expect("load"))
}

/// What a system-call program returns for a request.
pub(super) fn ask(loaded: &Collection, program: &str, request: &[u8]) -> i32 {
    let program = loaded.program(program).expect("program");
    let ran = program.run(&RunInput::context(request), &mut RunOutput::none());
    ran.expect("run").return_value as i32
}

/// Waits until something is so, or long enough.
pub(super) fn wait(t: &dyn Testbed, what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if is_so() {
            return;
        }
        t.pass(Duration::from_millis(1));
    }
    panic!("waited in vain: {what}");
}

/// A timer of the object: what is asked of it is done by programs.
struct Timer<'l> {
    loaded: &'l Collection,
    map: &'static str,
    key: u32,
}

impl Timer<'_> {
    fn ask(&self, what: &str, flags: u32, nanoseconds: u64) -> i32 {
        let mut request = Vec::new();
        request.extend_from_slice(&self.key.to_ne_bytes());
        request.extend_from_slice(&flags.to_ne_bytes());
        request.extend_from_slice(&nanoseconds.to_ne_bytes());
        ask(self.loaded, &format!("{what}_{}", self.map), &request)
    }

    fn map(&self) -> &dyn Map {
        self.loaded.map(self.map).expect("map")
    }

    /// Writes the element with these numbers, the others 0.
    fn write(&self, numbers: &[(usize, u64)]) {
        let mut value = vec![0; SIZE];
        for (at, number) in numbers {
            let place = &mut value[*at..at + if *at == AGAIN || *at == CANCELS { 4 } else { 8 }];
            place.copy_from_slice(&number.to_ne_bytes()[..place.len()]);
        }
        put(self.map(), &self.key, &value);
    }

    fn number(&self, at: usize) -> u64 {
        let value = get_bytes(self.map(), &self.key).expect("the element");
        u64::from_ne_bytes(value[at..at + 8].try_into().expect("8 bytes"))
    }

    /// Has a function that is to be called.
    fn ready(&self) {
        assert_eq!(self.ask("init", MONOTONIC, 0), 0);
        assert_eq!(self.ask("call", 0, 0), 0);
    }
}

fn timers<'l>(loaded: &'l Collection, key: u32) -> impl Iterator<Item = Timer<'l>> {
    let of = move |map| Timer { loaded, map, key };
    MAPS.into_iter().map(of).inspect(|timer| timer.write(&[]))
}

fn number(errno: Errno) -> i32 {
    -errno.0
}

suite! { ($) timer, __conformance_timer;
    fn it_fires_once(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 3) {
            timer.ready();
            assert_eq!(timer.ask("start", 0, 1000), 0);
            wait(t, "the timer", || timer.number(CALLS) > 0);
            t.pass(Duration::from_millis(5));
            assert_eq!((timer.number(CALLS), timer.number(LAST_KEY)), (1, 3), "{}", timer.map);
            assert_eq!(timer.ask("start", 0, 1000), 0, "it can be started again");
            wait(t, "the timer again", || timer.number(CALLS) == 2);
        }
    }

    fn it_does_not_fire_early(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            timer.ready();
            ask(&loaded, "look", &[0; 16]);
            let before: u64 = loaded.global("now").expect("now").get();
            assert_eq!(timer.ask("start", 0, 3_000_000), 0);
            wait(t, "the timer", || timer.number(CALLS) > 0);
            assert!(timer.number(SEEN_AT) >= before + 3_000_000, "{}", timer.map);
        }
    }

    fn it_starts_itself_again(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 0) {
            timer.write(&[(AGAIN, 4), (PERIOD, 100_000)]);
            timer.ready();
            assert_eq!(timer.ask("start", 0, 0), 0);
            wait(t, "five calls", || timer.number(CALLS) == 5);
            t.pass(Duration::from_millis(3));
            assert_eq!(timer.number(CALLS), 5, "{}", timer.map);
        }
    }

    fn its_time_may_be_of_the_clock(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 2) {
            timer.ready();
            ask(&loaded, "look", &[0; 16]);
            let now: u64 = loaded.global("now").expect("now").get();
            assert_eq!(timer.ask("start", ABSOLUTE, now + 2_000_000), 0);
            wait(t, "the timer", || timer.number(CALLS) > 0);
            assert!(timer.number(SEEN_AT) >= now + 2_000_000, "{}", timer.map);
            assert_eq!(timer.ask("start", ABSOLUTE | PINNED, 1), 0, "long ago is now");
            wait(t, "the timer", || timer.number(CALLS) == 2);
        }
    }

    fn clocks_are_three(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for clock in [MONOTONIC, REALTIME, BOOTTIME] {
            for timer in timers(&loaded, 1) {
                assert_eq!(timer.ask("init", clock, 0), 0, "{clock} {}", timer.map);
                timer.write(&[]);
            }
        }
        for timer in timers(&loaded, 1) {
            for clock in [THREAD, 2, 16, 16 + MONOTONIC, u32::MAX] {
                assert_eq!(timer.ask("init", clock, 0), number(Errno::EINVAL), "{clock} {}", timer.map);
            }
        }
    }

    fn it_is_initialized_once(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            for what in ["call", "start", "cancel"] {
                assert_eq!(timer.ask(what, 0, LATER), number(Errno::EINVAL), "{what} {}", timer.map);
            }
            assert_eq!(timer.ask("init", MONOTONIC, 0), 0);
            assert_eq!(timer.ask("init", MONOTONIC, 0), number(Errno::EBUSY));
            assert_eq!(timer.ask("init", THREAD, 0), number(Errno::EINVAL));
            assert_eq!(timer.ask("start", 0, LATER), number(Errno::EINVAL), "nothing is to be called");
            assert_eq!(timer.ask("call", 0, 0), 0);
            assert_eq!(timer.ask("start", 4, LATER), number(Errno::EINVAL), "no such flag");
            assert_eq!(timer.ask("start", 0, LATER), 0);
        }
    }

    fn cancelling_says_whether_it_was_to_fire(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            timer.ready();
            assert_eq!(timer.ask("start", 0, LATER), 0);
            assert_eq!(timer.ask("cancel", 0, 0), 1);
            assert_eq!(timer.ask("cancel", 0, 0), 0);
            assert_eq!(timer.ask("start", 0, 1), number(Errno::EINVAL), "its function is forgotten");
            assert_eq!(timer.ask("call", 0, 0), 0);
            assert_eq!(timer.ask("start", 0, 1), 0);
            wait(t, "the timer", || timer.number(CALLS) == 1);
            assert_eq!(timer.ask("cancel", 0, 0), 0);
        }
    }

    fn it_does_not_cancel_itself(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            timer.write(&[(CANCELS, 1)]);
            timer.ready();
            assert_eq!(timer.ask("start", 0, 1), 0);
            wait(t, "the timer", || timer.number(RESULT) != 0);
            assert_eq!(timer.number(RESULT) as i64, i64::from(number(Errno::EDEADLK)), "{}", timer.map);
        }
    }

    fn starting_again_moves_it(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            timer.ready();
            assert_eq!(timer.ask("start", 0, LATER), 0);
            assert_eq!(timer.ask("start", 0, 1), 0);
            wait(t, "the timer", || timer.number(CALLS) == 1);
            assert_eq!(timer.ask("cancel", 0, 0), 0, "it fires once");
        }
    }

    fn user_space_neither_sees_nor_writes_it(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            timer.ready();
            assert_eq!((timer.number(TIMER), timer.number(TIMER + 8)), (0, 0), "{}", timer.map);
            timer.write(&[(TIMER, 5), (TIMER + 8, 6), (AFTER, 7)]);
            assert_eq!((timer.number(TIMER), timer.number(TIMER + 8), timer.number(AFTER)), (0, 0, 7));
        }
    }

    fn writing_an_element_ends_its_timer(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        for timer in timers(&loaded, 1) {
            timer.ready();
            assert_eq!(timer.ask("start", 0, 3_000_000), 0);
            timer.write(&[]);
            assert_eq!(timer.ask("cancel", 0, 0), number(Errno::EINVAL), "{}", timer.map);
            t.pass(Duration::from_millis(10));
            assert_eq!(timer.number(CALLS), 0, "{}", timer.map);
            timer.ready();
        }
    }

    fn deleting_an_element_ends_its_timer(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        let timer = timers(&loaded, 1).next().expect("one of the hash table");
        timer.ready();
        assert_eq!(timer.ask("start", 0, 3_000_000), 0);
        delete(timer.map(), &timer.key).expect("delete");
        timer.write(&[]);
        assert_eq!(timer.ask("cancel", 0, 0), number(Errno::EINVAL));
        t.pass(Duration::from_millis(10));
        assert_eq!(timer.number(CALLS), 0);
    }

    fn a_call_may_delete_its_element(t, case) {
        requires!(t, case, HERE);
        let Some(loaded) = loaded(t, case, TIMERS) else { return };
        let timer = timers(&loaded, 1).next().expect("one of the hash table");
        assert_eq!(timer.ask("init", MONOTONIC, 0), 0);
        assert_eq!(timer.ask("delete", 0, 0), 0);
        assert_eq!(timer.ask("start", 0, 1), 0);
        wait(t, "the deletion", || get_bytes(timer.map(), &1u32).is_none());
    }

    fn without_a_user_the_map_has_no_timers(t, case) {
        requires!(t, case, HERE);
        let Some(mut loaded) = loaded(t, case, TIMERS) else { return };
        let map = loaded.take_map("hash").expect("the map");
        put(&map, &1u32, &vec![0; SIZE]);
        let started = |what: &str, flags: u32| {
            let request = [1u32.to_ne_bytes(), flags.to_ne_bytes(), 0u32.to_ne_bytes(), 1u32.to_ne_bytes()].concat();
            ask(&loaded, what, &request)
        };
        assert_eq!((started("init_hash", MONOTONIC), started("call_hash", 0)), (0, 0));
        assert_eq!(started("start_hash", 0), 0, "for some seconds from now");
        drop(map);
        assert_eq!(started("cancel_hash", 0), number(Errno::EINVAL), "it went with the last descriptor");
        assert_eq!(started("init_hash", MONOTONIC), number(Errno::EPERM));
    }
}
