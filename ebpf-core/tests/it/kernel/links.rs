//! What the kernel tells of the links of tracing, asked by their ids.

use std::path::Path;

use ebpf_core::btf::{Kind, TypeId};
use ebpf_core::hook::{
    Iter, Kprobe, KprobeMulti, PerfEvent, RawTracepoint, Sampling, SoftwareEvent, Tracepoint,
    Uprobe, UprobeMulti,
};
use ebpf_core::insn::{Insn, Reg};
use ebpf_core::kernel::FileSymbols;
use ebpf_core::link::{IterOver, Link, LinkInfo, LinkTarget, LinkType, ProbedPlace};
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{AttachType, Program, ProgramExt, ProgramSpec, ProgramType};
use ebpf_core::system::{Bindings, BtfTarget, Feature, KernelVersion, Support};
use ebpf_core::{KernelSystem, System};
use ebpf_testbed::require;

use super::programs::{load, returns};

/// The kernel, if it has all of these features and is at least of this release, before which it tells less.
fn kernel(features: &[Feature], told_since: KernelVersion) -> Option<KernelSystem> {
    if !require("kernel") {
        return None;
    }
    let system = KernelSystem::new();
    for feature in features {
        if system.probe(*feature).expect("an answer") != Support::Yes {
            ebpf_testbed::skip(&format!("this kernel has no {feature}"));
            return None;
        }
    }
    let release = system.facts().release().expect("a release");
    if release < told_since {
        ebpf_testbed::skip(&format!("Linux {release} does not tell of such links"));
        return None;
    }
    Some(system)
}

/// What the kernel tells of a link, opened anew.
fn told(system: &KernelSystem, link: &dyn Link) -> LinkInfo {
    let id = link.info().id.expect("a link object");
    let again = system.link_by_id(id).expect("by id");
    let state = again.query().expect("its state");
    assert_eq!(state.target, again.info().target);
    assert!(state.program.is_some(), "{state:?}");
    again.info().clone()
}

/// A function of this executable, and where it is in the file.
#[inline(never)]
extern "C" fn probed_by_links() -> u32 {
    std::hint::black_box(7)
}

fn own_place() -> (std::path::PathBuf, u64) {
    assert_eq!(probed_by_links(), 7);
    let own = std::env::current_exe().expect("a path");
    let symbols = ebpf_core::kernel::ProcessSymbols::of(0).expect("our own");
    let found = symbols.at(probed_by_links as extern "C" fn() -> u32 as usize as u64);
    (own, found.expect("mapped").offset)
}

#[test]
fn a_raw_tracepoint_is_told_by_its_name() {
    let needs = [Feature::Link(LinkType::RAW_TRACEPOINT)];
    let Some(system) = kernel(&needs, KernelVersion::new(5, 8, 0)) else {
        return;
    };
    let program = load(&returns(0, ProgramType::RAW_TRACEPOINT)).expect("load");
    let release = system.facts().release().expect("a release");
    // The kernel has cookies there since 6.10, and tells of them since 6.17.
    let cookie = u64::from(release >= KernelVersion::new(6, 17, 0)) * 13;
    let target = RawTracepoint::new("sched_process_exec");
    let link = match cookie {
        0 => program.attach_to(target),
        cookie => program.attach_to(target.cookie(cookie)),
    }
    .expect("attach");
    let info = told(&system, &*link);
    assert_eq!(info.cookie, cookie);
    assert_eq!(info.link_type, LinkType::RAW_TRACEPOINT);
    let name = "sched_process_exec".into();
    assert_eq!(info.target, LinkTarget::RawTracepoint { name });
}

#[test]
fn a_software_event_is_told_with_its_cookie() {
    let needs = [Feature::Link(LinkType::PERF_EVENT)];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 9, 0)) else {
        return;
    };
    let program = load(&returns(0, ProgramType::PERF_EVENT)).expect("load");
    // Not a clock: those have become PMUs of their own, whose type the kernel tells instead.
    let event = PerfEvent::software(SoftwareEvent::PAGE_FAULTS, Sampling::Period(1 << 40));
    let link = program.attach_to(event.pid(0).cookie(77)).expect("attach");
    let info = told(&system, &*link);
    assert_eq!((info.link_type, info.cookie), (LinkType::PERF_EVENT, 77));
    let expected = LinkTarget::PerfEvent {
        event_type: 1,
        config: SoftwareEvent::PAGE_FAULTS.0.into(),
    };
    assert_eq!(info.target, expected);
}

#[test]
fn a_tracepoint_is_told_by_its_name() {
    let needs = [Feature::Link(LinkType::PERF_EVENT)];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 9, 0)) else {
        return;
    };
    let program = load(&returns(0, ProgramType::TRACEPOINT)).expect("load");
    let target = Tracepoint::new("sched", "sched_process_exec").cookie(5);
    let link = program.attach_to(target).expect("attach");
    let info = told(&system, &*link);
    let name = "sched_process_exec".into();
    assert_eq!(
        (info.target, info.cookie),
        (LinkTarget::Tracepoint { name }, 5)
    );
}

#[test]
fn a_uprobe_is_told_by_its_place() {
    let needs = [Feature::Uprobes, Feature::Link(LinkType::PERF_EVENT)];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 9, 0)) else {
        return;
    };
    let (own, place) = own_place();
    let program = load(&returns(0, ProgramType::KPROBE)).expect("load");
    let link = program
        .attach_to(Uprobe::at(&own, place).cookie(9))
        .expect("attach");
    let info = told(&system, &*link);
    let LinkTarget::Uprobe {
        file,
        offset,
        at_return,
        ..
    } = &info.target
    else {
        panic!("{info:?}")
    };
    assert_eq!((Path::new(&**file), *offset), (&*own, place));
    assert_eq!((*at_return, info.cookie), (false, 9));
}

#[test]
fn many_uprobes_are_told_by_their_places() {
    let needs = [Feature::UprobeMulti];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 8, 0)) else {
        return;
    };
    let (own, place) = own_place();
    let mut spec = returns(0, ProgramType::KPROBE);
    spec.expected_attach_type = Some(AttachType::TRACE_UPROBE_MULTI);
    let program = load(&spec).expect("load");
    let target = UprobeMulti::at(&own, [place]).cookies([11]).ret();
    let link = program.attach_to(target).expect("attach");
    let info = told(&system, &*link);
    let expected = LinkTarget::UprobeMulti {
        file: own.display().to_string().into(),
        places: [ProbedPlace::new(place, 0, 11)].into(),
        pid: 0,
        at_return: true,
    };
    assert_eq!(info.target, expected);
    assert!(
        FileSymbols::open(&own)
            .expect("symbols")
            .at(place)
            .is_some()
    );
}

#[test]
fn a_kprobe_is_told_by_its_function() {
    let needs = [Feature::Kprobes, Feature::Link(LinkType::PERF_EVENT)];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 9, 0)) else {
        return;
    };
    let program = load(&returns(0, ProgramType::KPROBE)).expect("load");
    let target = Kprobe::ret("do_exit").cookie(3);
    let link = program.attach_to(target).expect("attach");
    let info = told(&system, &*link);
    let LinkTarget::Kprobe {
        function,
        at_return: true,
        address,
        ..
    } = &info.target
    else {
        panic!("{info:?}")
    };
    assert_eq!((&**function, info.cookie), ("do_exit", 3));
    let symbol = system.facts().symbol_at(*address).expect("an answer");
    assert_eq!(
        symbol.map(|symbol| symbol.name.to_string()).as_deref(),
        Some("do_exit")
    );
}

#[test]
fn many_kprobes_are_told_by_their_addresses() {
    let needs = [Feature::KprobeMulti];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 9, 0)) else {
        return;
    };
    let mut spec = returns(0, ProgramType::KPROBE);
    spec.expected_attach_type = Some(AttachType::TRACE_KPROBE_MULTI);
    let program = load(&spec).expect("load");
    let names = ["do_exit", "bpf_prog_put"];
    let link = program
        .attach_to(KprobeMulti::symbols(names).cookies([1, 2]))
        .expect("attach");
    let info = told(&system, &*link);
    let LinkTarget::KprobeMulti {
        functions,
        at_return: false,
    } = &info.target
    else {
        panic!("{info:?}")
    };
    for function in functions.iter() {
        let symbol = system
            .facts()
            .symbol_at(function.address)
            .expect("an answer");
        let name = symbol.expect("a symbol").name.to_string();
        // The kernel sorts them by address.
        let place = names.iter().position(|known| *known == name);
        assert_eq!(place.map(|place| place as u64 + 1), Some(function.cookie));
    }
    assert_eq!(functions.len(), 2);
}

/// A program that walks over what the kernel calls so, and prints nothing.
fn iterator(system: &KernelSystem, name: &str) -> Option<std::sync::Arc<dyn Program>> {
    let btf = system.target_btf().expect("types")?;
    let type_id: TypeId = btf.find(&format!("bpf_iter_{name}"), Kind::FUNC)?;
    let instructions = vec![Insn::mov_imm(Reg::R0, 0), Insn::exit()];
    let mut spec =
        ProgramSpec::new("walker", ProgramType::TRACING, instructions).with_license("GPL");
    spec.expected_attach_type = Some(AttachType::TRACE_ITER);
    let target = BtfTarget {
        type_id,
        module: None,
    };
    let bindings = Bindings {
        attach_btf: Some(&target),
        ..Bindings::default()
    };
    Some(system.load_program(&spec, &bindings).expect("load"))
}

#[test]
fn iterators_are_told_with_what_they_walk_over() {
    let needs = [Feature::Link(LinkType::ITER), Feature::KernelBtf];
    let Some(system) = kernel(&needs, KernelVersion::new(6, 1, 0)) else {
        return;
    };
    let over = |link: &dyn Link| match told(&system, link).target {
        LinkTarget::Iter { name, over } => (name.to_string(), over),
        other => panic!("{other:?}"),
    };
    let tasks = iterator(&system, "task").expect("an iterator of tasks");
    let all = tasks.attach_to(Iter::new()).expect("attach");
    assert_eq!(over(&*all), ("task".to_owned(), IterOver::All));
    let pid = std::process::id();
    let ours = tasks.attach_to(Iter::process(pid)).expect("attach");
    assert_eq!(over(&*ours).1, IterOver::Task { tid: 0, pid });

    let map = system
        .create_map(&MapSpec::new("walked", MapType::HASH, 4, 8, 4), None)
        .expect("create");
    let elements = iterator(&system, "bpf_map_elem").expect("an iterator of elements");
    let link = elements.attach_to(Iter::map(&map)).expect("attach");
    let map_id = map.info().id.0;
    assert_eq!(
        over(&*link),
        ("bpf_map_elem".to_owned(), IterOver::Map { map_id })
    );
    assert_eq!(elements.info().attach_btf.1, {
        let btf = system.target_btf().expect("types").expect("of the kernel");
        btf.find("bpf_iter_bpf_map_elem", Kind::FUNC)
            .expect("a function")
    });
}
