//! Kprobes: `perf_kprobe_init()` in kernel/trace/trace_event_perf.c, `kprobe_events` in kernel/trace/trace_kprobe.c.

use crate::Errno;
use crate::conformance::{Counter, Testbed, requires, suite};
use crate::hook::{AttachTarget, Kprobe, ProbeVia};
use crate::link::{Link, LinkTarget, LinkType};
use crate::program::{Program, ProgramExt, ProgramType};
use crate::system::Feature;

const GET_COOKIE: u32 = 174;

fn counter(t: &dyn Testbed) -> Counter {
    let spec = Counter::spec(ProgramType::KPROBE, false);
    Counter::load(t.system(), &spec, t.current_task(), None).expect("load")
}

/// The ways to attach that the system has.
fn ways(t: &dyn Testbed) -> Vec<ProbeVia> {
    let mut ways = vec![ProbeVia::Auto, ProbeVia::PerfPmu, ProbeVia::Tracefs];
    let links = t.system().probe(Feature::Link(LinkType::PERF_EVENT));
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(ProbeVia::Link);
    }
    ways
}

fn calls(t: &dyn Testbed, count: usize) {
    for _ in 0..count {
        t.system_call();
    }
}

/// The name of the function of the system call, as its attachment says.
fn function(link: &dyn Link) -> String {
    match &link.info().target {
        LinkTarget::Kprobe { function, .. } => function.to_string(),
        other => panic!("{other:?}"),
    }
}

suite! { ($) kprobe, __conformance_kprobe;
    fn entry_and_return_are_seen_while_it_is_attached(t, case) {
        requires!(t, case, Feature::Kprobes);
        for via in ways(t) {
            for probe in [Kprobe::syscall("getppid"), Kprobe::ret_syscall("getppid")] {
                let counter = counter(t);
                calls(t, 2);
                let link = counter.program.attach_to(probe.clone().via(via)).unwrap_or_else(|error| panic!("{probe} {via:?}: {error}"));
                calls(t, 5);
                assert_eq!(counter.hits(), 5, "{probe} {via:?}");
                link.detach().expect("detach");
                calls(t, 3);
                assert_eq!(counter.hits(), 5, "{probe} {via:?}, detached");
                drop(counter.program.attach_to(probe.clone().via(via)).expect("attach again"));
                calls(t, 3);
                assert_eq!(counter.hits(), 5, "{probe} {via:?}, dropped");
            }
        }
    }

    fn the_name_of_a_system_call_is_guessed(t, case) {
        requires!(t, case, Feature::Kprobes);
        let counter = counter(t);
        let name = function(&*counter.program.attach_to(Kprobe::syscall("getppid")).expect("attach"));
        assert!(name.ends_with("getppid"), "{name}");
        for probe in [Kprobe::entry(name.as_str()), Kprobe::entry("guess_getppid"), Kprobe::ret("guess_getppid")] {
            let before = counter.hits();
            let link = counter.program.attach_to(probe.clone()).unwrap_or_else(|error| panic!("{probe}: {error}"));
            calls(t, 2);
            assert_eq!(counter.hits(), before + 2, "{probe}");
            assert_eq!(function(&*link), name, "{probe}");
        }
        for probe in [Kprobe::syscall("no_such_call"), Kprobe::entry("guess_no_such_call")] {
            let error = counter.program.attach_to(probe).expect_err("no such call");
            assert_eq!(error.errno(), Some(Errno::ENOENT));
            assert!(error.to_string().contains("sys_no_such_call`"), "{error}");
        }
    }

    fn several_programs_at_one_place_and_one_at_several(t, case) {
        requires!(t, case, Feature::Kprobes);
        for via in ways(t) {
            let [one, two] = [0; 2].map(|_| counter(t));
            let entry = || Kprobe::syscall("getppid").via(via);
            let first = one.program.attach_to(entry()).expect("attach");
            let _second = two.program.attach_to(entry()).expect("attach");
            let _third = two.program.attach_to(Kprobe::ret_syscall("getppid").via(via)).expect("attach");
            calls(t, 2);
            assert_eq!((one.hits(), two.hits()), (2, 4), "{via:?}");
            first.detach().expect("detach");
            calls(t, 1);
            assert_eq!((one.hits(), two.hits()), (2, 6), "{via:?}");
        }
    }

    fn what_there_is_not_is_enoent(t, case) {
        requires!(t, case, Feature::Kprobes);
        let counter = counter(t);
        for via in ways(t) {
            for name in ["sys_does_not_exist", "", "no such name", "module:no_such_function", "a\0b", "x\np:kprobes/y do_exit"] {
                let error = counter.program.attach_to(Kprobe::entry(name).via(via)).expect_err("nothing");
                assert_eq!(error.errno(), Some(Errno::ENOENT), "{name:?} {via:?}: {error}");
            }
        }
        let name = function(&*counter.program.attach_to(Kprobe::syscall("getppid")).expect("attach"));
        let error = counter.program.attach_to(Kprobe::entry(format!("{name}d"))).expect_err("nothing");
        assert!(error.to_string().contains(&format!("did you mean `{name}`")), "{error}");
    }

    fn places_where_no_instruction_begins_are_refused(t, case) {
        requires!(t, case, Feature::Kprobes);
        let counter = counter(t);
        let name = function(&*counter.program.attach_to(Kprobe::syscall("getppid")).expect("attach"));
        for via in ways(t) {
            let error = counter.program.attach_to(Kprobe::entry(name.as_str()).offset(1).via(via)).expect_err("no instruction");
            assert!(matches!(error.errno(), Some(Errno::EILSEQ | Errno::EINVAL)), "{via:?}: {error}");
            let error = counter.program.attach_to(Kprobe::entry(name.as_str()).offset(1 << 30).via(via)).expect_err("far away");
            assert!(error.errno().is_some(), "{via:?}: {error}");
        }
    }

    fn a_cookie_tells_attachments_apart(t, case) {
        requires!(t, case, Feature::Kprobes, Feature::Link(LinkType::PERF_EVENT), Feature::Helper(ProgramType::KPROBE, GET_COOKIE));
        let spec = Counter::spec(ProgramType::KPROBE, true);
        let counter = Counter::load(t.system(), &spec, t.current_task(), None).expect("load");
        for (cookie, probe) in [(7, Kprobe::syscall("getppid")), (8, Kprobe::ret_syscall("getppid")), (9, Kprobe::ret_syscall("getppid").max_active(5))] {
            let _link = counter.program.attach_to(probe.cookie(cookie)).expect("attach");
            calls(t, 1);
            assert_eq!(counter.cookie(), cookie);
        }
        for via in [ProbeVia::PerfPmu, ProbeVia::Tracefs] {
            let error = counter.program.attach_to(Kprobe::syscall("getppid").cookie(1).via(via)).expect_err("no cookies");
            assert_eq!(error.errno(), Some(Errno::EOPNOTSUPP), "{error}");
        }
    }

    fn returns_awaited_may_be_limited(t, case) {
        requires!(t, case, Feature::Kprobes);
        let counter = counter(t);
        let _link = counter.program.attach_to(Kprobe::ret_syscall("getppid").max_active(100)).expect("attach");
        calls(t, 3);
        assert_eq!(counter.hits(), 3);
        let error = counter.program.attach_to(Kprobe::ret_syscall("getppid").max_active(100).via(ProbeVia::PerfPmu)).expect_err("cannot say");
        assert_eq!(error.errno(), Some(Errno::EOPNOTSUPP), "{error}");
        let error = counter.program.attach_to(Kprobe::ret_syscall("getppid").max_active(5000)).expect_err("too many");
        assert!(matches!(error.errno(), Some(Errno::E2BIG | Errno::EINVAL)), "{error}");
        assert!(error.to_string().contains("at most 4096 returns may be awaited"), "{error}");
    }

    fn a_program_of_another_type_is_einval(t, case) {
        requires!(t, case, Feature::Kprobes);
        let spec = Counter::spec(ProgramType::TRACEPOINT, false);
        let counter = Counter::load(t.system(), &spec, t.current_task(), None).expect("load");
        for via in ways(t) {
            let error = counter.program.attach_to(Kprobe::syscall("getppid").via(via)).expect_err("another type");
            assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
        }
    }

    fn any_gpl_compatible_licence_will_do(t, case) {
        requires!(t, case, Feature::Kprobes);
        for license in ["GPL", "GPL v2", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL", "MIT"] {
            let spec = Counter::spec(ProgramType::KPROBE, false).with_license(license);
            let counter = Counter::load(t.system(), &spec, t.current_task(), None).expect("load");
            let _link = counter.program.attach_to(Kprobe::syscall("getppid")).unwrap_or_else(|error| panic!("{license}: {error}"));
            calls(t, 1);
            assert_eq!(counter.hits(), 1, "{license}");
        }
    }

    fn its_section_says_where(t, case) {
        requires!(t, case, Feature::Kprobes);
        for section in ["kprobe/guess_getppid", "kretprobe/guess_getppid", "ksyscall/getppid", "kretsyscall/getppid"] {
            let mut spec = Counter::spec(ProgramType::KPROBE, false);
            spec.section = section.to_owned();
            let counter = Counter::load(t.system(), &spec, t.current_task(), None).expect("load");
            let target = AttachTarget::by_section(&spec).expect("a place");
            let _link = counter.program.attach(&target).unwrap_or_else(|error| panic!("{section}: {error}"));
            calls(t, 2);
            assert_eq!(counter.hits(), 2, "{section}");
        }
    }
}
