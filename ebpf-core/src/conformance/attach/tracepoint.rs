//! Tracepoints: `perf_event_set_bpf_prog()` in kernel/events/core.c, `bpf_raw_tracepoint_open()` in kernel/bpf/syscall.c.

use crate::Errno;
use crate::conformance::{Counter, Testbed, requires, suite};
use crate::hook::{AttachTarget, RawTracepoint, Tracepoint, TracepointVia};
use crate::link::{Link, LinkError, LinkTarget, LinkType};
use crate::program::{Program, ProgramExt, ProgramType};
use crate::system::Feature;

const GET_COOKIE: u32 = 174;

fn counter(t: &dyn Testbed, program_type: ProgramType) -> Counter {
    let spec = Counter::spec(program_type, false);
    Counter::load(t.system(), &spec, t.current_task(), None).expect("load")
}

fn getppid() -> Tracepoint {
    Tracepoint::new("syscalls", "sys_enter_getppid")
}

/// The ways to attach that the system has.
fn ways(t: &dyn Testbed) -> Vec<TracepointVia> {
    let mut ways = vec![TracepointVia::Auto, TracepointVia::Ioctl];
    let links = t.system().probe(Feature::Link(LinkType::PERF_EVENT));
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(TracepointVia::Link);
    }
    ways
}

fn calls(t: &dyn Testbed, count: usize) {
    for _ in 0..count {
        t.system_call();
    }
}

suite! { ($) tracepoint, __conformance_tracepoint;
    fn every_event_is_seen_while_it_is_attached(t) {
        for via in ways(t) {
            let counter = counter(t, ProgramType::TRACEPOINT);
            calls(t, 2);
            let link = counter.program.attach_to(getppid().via(via)).unwrap_or_else(|error| panic!("{via:?}: {error}"));
            calls(t, 5);
            assert_eq!(counter.hits(), 5, "{via:?}");
            link.detach().expect("detach");
            calls(t, 3);
            assert_eq!(counter.hits(), 5, "{via:?}, detached");
            drop(counter.program.attach_to(getppid().via(via)).expect("attach again"));
            calls(t, 3);
            assert_eq!(counter.hits(), 5, "{via:?}, dropped");
        }
    }

    fn several_programs_see_the_same_event(t) {
        let counters = [0; 3].map(|_| counter(t, ProgramType::TRACEPOINT));
        let mut links: Vec<Box<dyn Link>> =
            counters.iter().map(|counter| counter.program.attach_to(getppid()).expect("attach")).collect();
        calls(t, 2);
        links.remove(0).detach().expect("detach");
        calls(t, 1);
        assert_eq!(counters.map(|counter| counter.hits()), [2, 3, 3]);
    }

    fn one_program_at_several_events(t) {
        let counter = counter(t, ProgramType::TRACEPOINT);
        let _enter = counter.program.attach_to(getppid()).expect("attach");
        let _exit = counter.program.attach_to(Tracepoint::new("syscalls", "sys_exit_getppid")).expect("attach");
        calls(t, 4);
        assert_eq!(counter.hits(), 8);
    }

    fn a_link_says_where_it_is(t) {
        let counter = counter(t, ProgramType::TRACEPOINT);
        for via in ways(t) {
            let link = counter.program.attach_to(getppid().via(via)).expect("attach");
            assert_eq!(link.info().target, LinkTarget::Tracepoint { name: "sys_enter_getppid".into() }, "{via:?}");
            assert_eq!(link.query().expect("query").program, Some(counter.program.info().id), "{via:?}");
        }
    }

    fn what_there_is_not_is_enoent(t) {
        let counter = counter(t, ProgramType::TRACEPOINT);
        for (category, name) in [("syscalls", "sys_enter_nonsense"), ("nonsense", "sys_enter_getppid"), ("", ""), ("..", "events"), ("syscalls", "a/b"), ("sys\0calls", "x")] {
            let error = counter.program.attach_to(Tracepoint::new(category, name)).expect_err("nothing");
            assert_eq!(error.errno(), Some(Errno::ENOENT), "{category:?} {name:?}: {error}");
        }
        let error = counter.program.attach_to(Tracepoint::new("syscalls", "sys_enter_getpid1")).expect_err("nothing");
        assert!(error.to_string().contains("did you mean `sys_enter_getp"), "{error}");
    }

    fn a_program_of_another_type_is_einval(t) {
        let counter = counter(t, ProgramType::RAW_TRACEPOINT);
        for via in ways(t) {
            let error = counter.program.attach_to(getppid().via(via)).expect_err("another type");
            assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
        }
    }

    fn a_cookie_tells_attachments_apart(t, case) {
        requires!(t, case, Feature::Link(LinkType::PERF_EVENT), Feature::Helper(ProgramType::TRACEPOINT, GET_COOKIE));
        let spec = Counter::spec(ProgramType::TRACEPOINT, true);
        let counter = Counter::load(t.system(), &spec, t.current_task(), None).expect("load");
        for cookie in [1, u64::MAX] {
            let _link = counter.program.attach_to(getppid().cookie(cookie)).expect("attach");
            calls(t, 1);
            assert_eq!(counter.cookie(), cookie);
        }
        let error = counter.program.attach_to(getppid().cookie(1).via(TracepointVia::Ioctl)).expect_err("no cookies");
        assert_eq!(error.errno(), Some(Errno::EOPNOTSUPP), "{error}");
    }

    fn a_link_takes_another_program(t, case) {
        requires!(t, case, Feature::Link(LinkType::PERF_EVENT));
        let [first, second] = [0; 2].map(|_| counter(t, ProgramType::TRACEPOINT));
        let link = first.program.attach_to(getppid().via(TracepointVia::Link)).expect("attach");
        calls(t, 1);
        // Kernels can or cannot update links of perf events; either way the old program runs or the new one.
        match link.update(&*second.program, None) {
            Ok(()) => {
                calls(t, 2);
                assert_eq!((first.hits(), second.hits()), (1, 2));
            }
            Err(_) => {
                calls(t, 2);
                assert_eq!((first.hits(), second.hits()), (3, 0));
            }
        }
    }

    fn an_attachment_by_ioctl_is_no_object(t) {
        let counter = counter(t, ProgramType::TRACEPOINT);
        let link = counter.program.attach_to(getppid().via(TracepointVia::Ioctl)).expect("attach");
        assert!(link.handle().is_none() && link.info().id.is_none());
        assert_eq!(link.info().link_type, LinkType::UNSPEC);
        for refused in [
            link.pin(&t.pins().join("link")),
            link.read().map(drop),
            link.update(&*counter.program, None),
        ] {
            assert!(matches!(refused, Err(LinkError::Unsupported { .. })), "{refused:?}");
        }
    }

    fn a_pinned_link_goes_on(t, case) {
        requires!(t, case, Feature::Link(LinkType::PERF_EVENT));
        let counter = counter(t, ProgramType::TRACEPOINT);
        let link = counter.program.attach_to(getppid()).expect("attach");
        let path = t.pins().join("link");
        link.pin(&path).expect("pin");
        drop(link);
        calls(t, 2);
        assert_eq!(counter.hits(), 2);
        t.system().unpin(&path).expect("unpin");
        // It ends a moment later: the last reference is dropped after a grace period.
        let ended = (0..100_000).any(|_| {
            let before = counter.hits();
            std::thread::yield_now();
            calls(t, 1);
            counter.hits() == before
        });
        assert!(ended, "the program runs still");
    }

    fn its_section_says_where(t) {
        let mut spec = Counter::spec(ProgramType::TRACEPOINT, false);
        spec.section = "tp/syscalls/sys_enter_getppid".to_owned();
        let counter = Counter::load(t.system(), &spec, t.current_task(), None).expect("load");
        let target = AttachTarget::by_section(&spec).expect("a place");
        let _link = counter.program.attach(&target).expect("attach");
        calls(t, 2);
        assert_eq!(counter.hits(), 2);
    }
}

/// Raw tracepoints.
pub mod raw {
    use super::*;

    suite! { ($) raw_tracepoint, __conformance_raw_tracepoint;
        fn every_event_is_seen_while_it_is_attached(t) {
            let counter = counter(t, ProgramType::RAW_TRACEPOINT);
            let link = counter.program.attach_to(RawTracepoint::new("sys_enter")).expect("attach");
            let before = counter.hits();
            calls(t, 5);
            let after = counter.hits();
            // Looking does system calls too.
            assert!(after >= before + 5, "{before} {after}");
            assert_eq!(link.info().link_type, LinkType::RAW_TRACEPOINT);
            link.detach().expect("detach");
            let end = counter.hits();
            calls(t, 5);
            assert_eq!(counter.hits(), end);
        }

        fn a_link_says_where_it_is(t) {
            let counter = counter(t, ProgramType::RAW_TRACEPOINT);
            let link = counter.program.attach_to(RawTracepoint::new("sys_enter")).expect("attach");
            assert_eq!(link.info().target, LinkTarget::RawTracepoint { name: "sys_enter".into() });
        }

        fn what_there_is_not_is_enoent(t) {
            let counter = counter(t, ProgramType::RAW_TRACEPOINT);
            for name in ["no_such_tracepoint", "syscalls/sys_enter", "", "a\0b"] {
                let error = counter.program.attach_to(RawTracepoint::new(name)).expect_err("nothing");
                assert_eq!(error.errno(), Some(Errno::ENOENT), "{name:?}: {error}");
            }
        }

        fn a_program_of_another_type_is_refused(t) {
            let counter = counter(t, ProgramType::TRACEPOINT);
            let error = counter.program.attach_to(RawTracepoint::new("sys_enter")).expect_err("another type");
            assert!(matches!(error.errno(), Some(Errno::EINVAL)), "{error}");
        }
    }
}
