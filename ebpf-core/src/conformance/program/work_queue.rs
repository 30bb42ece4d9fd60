//! Work that programs put off: it runs soon, on the system's own time.

use super::{ask, loaded, number, wait};
use crate::conformance::{Testbed, get_bytes, put, suite};
use crate::map::Map;
use crate::{Collection, Errno};

const WORK: &[u8] = include_bytes!("../../../testdata/conformance/work_queues.bpf.o");

/// Where things are in a value.
const CALLS: usize = 0;
const LAST_KEY: usize = 8;
const AGAIN: usize = 16;
const SIZE: usize = 40;

/// The programs, where the kernel has the functions that they call.
fn here(t: &dyn Testbed, case: &str) -> Option<Collection> {
    let btf = t.system().target_btf().expect("types");
    let has = btf.is_some_and(|btf| btf.find("bpf_wq_init", crate::btf::Kind::FUNC).is_some());
    if !has {
        t.skip(case, "this system has no bpf_wq_init");
        return None;
    }
    loaded(t, case, WORK)
}

struct Work<'l> {
    loaded: &'l Collection,
    map: &'static str,
}

impl Work<'_> {
    const KEY: u32 = 2;

    fn ask(&self, what: &str, flags: u32) -> i32 {
        let request = [Self::KEY.to_ne_bytes(), flags.to_ne_bytes()].concat();
        ask(self.loaded, &format!("{what}_{}", self.map), &request)
    }

    fn map(&self) -> &dyn Map {
        self.loaded.map(self.map).expect("map")
    }

    fn write(&self, again: u64) {
        let mut value = vec![0; SIZE];
        value[AGAIN..AGAIN + 8].copy_from_slice(&again.to_ne_bytes());
        put(self.map(), &Self::KEY, &value);
    }

    fn number(&self, at: usize) -> u64 {
        let value = get_bytes(self.map(), &Self::KEY).expect("the element");
        u64::from_ne_bytes(value[at..at + 8].try_into().expect("8 bytes"))
    }
}

fn queues(loaded: &Collection) -> impl Iterator<Item = Work<'_>> {
    let of = |map| Work { loaded, map };
    ["hash", "array"]
        .into_iter()
        .map(of)
        .inspect(|work| work.write(0))
}

suite! { ($) work_queue, __conformance_work_queue;
    fn work_runs_once(t, case) {
        let Some(loaded) = here(t, case) else { return };
        for work in queues(&loaded) {
            assert_eq!((work.ask("init", 0), work.ask("call", 0), work.ask("start", 0)), (0, 0, 0));
            wait(t, "the work", || work.number(CALLS) > 0);
            t.pass(std::time::Duration::from_millis(3));
            assert_eq!((work.number(CALLS), work.number(LAST_KEY)), (1, Work::KEY.into()), "{}", work.map);
        }
    }

    fn work_starts_itself_again(t, case) {
        let Some(loaded) = here(t, case) else { return };
        for work in queues(&loaded) {
            work.write(3);
            assert_eq!((work.ask("init", 0), work.ask("call", 0), work.ask("start", 0)), (0, 0, 0));
            wait(t, "the work", || work.number(CALLS) == 4);
        }
    }

    fn it_is_initialized_once(t, case) {
        let Some(loaded) = here(t, case) else { return };
        for work in queues(&loaded) {
            assert_eq!(work.ask("call", 0), number(Errno::EINVAL));
            assert_eq!(work.ask("start", 0), number(Errno::EINVAL));
            assert_eq!(work.ask("init", 1), number(Errno::EINVAL), "there are no flags");
            assert_eq!(work.ask("init", 0), 0);
            assert_eq!(work.ask("init", 0), number(Errno::EBUSY));
            assert_eq!(work.ask("start", 0), number(Errno::EINVAL), "nothing is to be called");
            assert_eq!(work.ask("call", 1), number(Errno::EINVAL));
            assert_eq!(work.ask("call", 0), 0);
            assert_eq!(work.ask("start", 1), number(Errno::EINVAL));
            work.write(0);
            assert_eq!(work.ask("start", 0), number(Errno::EINVAL), "it went with the element");
        }
    }
}
