//! Programs that are tied to their target when they are loaded.

use std::fs::File;
use std::path::Path;

use ebpf_core::btf::Kind;
use ebpf_core::conformance::Counter;
use ebpf_core::hook::{Iter, RawTracepoint, Tracing};
use ebpf_core::link::{LinkTarget, LinkType};
use ebpf_core::loader::LoadOptions;
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{AttachType, Program, ProgramExt, ProgramType, RunInput, RunOutput};
use ebpf_core::system::{BtfTarget, Feature, KernelVersion};
use ebpf_core::{Errno, KernelSystem, System, SystemExt};
use ebpf_testbed::require;

use super::{calls, has};
use crate::conformance::current_task;

/// A counting program that is tied to a function of the kernel.
fn tied(
    program_type: ProgramType,
    attach_type: AttachType,
    function: &str,
    cookie: bool,
) -> Option<Counter> {
    let system = KernelSystem::new();
    let types = system.target_btf().expect("types")?;
    let target = BtfTarget {
        type_id: types.find(function, Kind::FUNC)?,
        module: None,
    };
    let mut spec = Counter::spec(program_type, cookie);
    spec.expected_attach_type = Some(attach_type);
    Some(Counter::load(&system, &spec, current_task(), Some(&target)).expect("load"))
}

/// The function of the system call getppid on this machine: where it takes no argument its name may be an alias, of
/// which there is no type.
fn getppid() -> &'static str {
    let types = KernelSystem::new().target_btf().expect("types");
    let names = [
        "__x64_sys_getppid",
        "__arm64_sys_getppid",
        "__do_sys_getppid",
    ];
    let typed = |name: &&str| {
        types
            .as_ref()
            .is_some_and(|types| types.find(name, Kind::FUNC).is_some())
    };
    names
        .into_iter()
        .find(typed)
        .expect("a function with a type")
}

#[test]
fn entry_and_return_are_seen_while_it_is_attached() {
    if !require("kernel") || !has(Feature::Fentry) {
        return;
    }
    for attach_type in [AttachType::TRACE_FENTRY, AttachType::TRACE_FEXIT] {
        let counter =
            tied(ProgramType::TRACING, attach_type, getppid(), false).expect("a function");
        let link = counter.program.attach_to(Tracing::new()).expect("attach");
        calls(5);
        assert_eq!(counter.hits(), 5, "{attach_type}");
        assert_eq!(link.info().link_type, LinkType::TRACING);
        if let LinkTarget::Tracing {
            attach_type: told, ..
        } = link.info().target
        {
            assert_eq!(told, attach_type);
        }
        let again = counter.program.attach_to(Tracing::new());
        let again = again.expect_err("twice").errno();
        // Before Linux 5.13 what it was loaded for is forgotten once it is attached.
        assert!(
            matches!(again, Some(Errno::EBUSY | Errno::ENOENT)),
            "{again:?}"
        );
        link.detach().expect("detach");
        calls(3);
        assert_eq!(counter.hits(), 5, "{attach_type}, detached");
        let release = KernelSystem::new().facts().release().expect("release");
        if release >= KernelVersion::new(5, 13, 0) {
            let again = counter.program.attach_to(Tracing::new());
            drop(again.expect("attach again"));
        }
    }
}

#[test]
fn a_cookie_tells_attachments_apart() {
    let cookies = Feature::Helper(ProgramType::KPROBE, 174);
    if !require("kernel") || !has(Feature::Fentry) || !has(cookies) {
        return;
    }
    let release = KernelSystem::new().facts().release().expect("release");
    if release < KernelVersion::new(5, 19, 0) {
        ebpf_testbed::skip("this kernel has no cookies of trampolines");
        return;
    }
    let counter = tied(
        ProgramType::TRACING,
        AttachType::TRACE_FENTRY,
        getppid(),
        true,
    )
    .expect("a function");
    let _link = counter
        .program
        .attach_to(Tracing::new().cookie(77))
        .expect("attach");
    calls(1);
    assert_eq!((counter.hits(), counter.cookie()), (1, 77));
}

#[test]
fn security_hooks_are_seen() {
    if !require("kernel") || !has(Feature::Lsm) {
        return;
    }
    let counter = tied(
        ProgramType::LSM,
        AttachType::LSM_MAC,
        "bpf_lsm_file_open",
        false,
    )
    .expect("a hook");
    let link = counter.program.attach_to(Tracing::new()).expect("attach");
    let opens = |count| {
        for _ in 0..count {
            File::open("/proc/self/comm").expect("open");
        }
    };
    opens(4);
    assert_eq!(counter.hits(), 4);
    link.detach().expect("detach");
    opens(2);
    assert_eq!(counter.hits(), 4);
}

#[test]
fn typed_tracepoints_are_seen() {
    if !require("kernel") || !has(Feature::KernelBtf) {
        return;
    }
    let system = KernelSystem::new();
    let types = system.target_btf().expect("types").expect("types");
    let target = BtfTarget {
        type_id: types
            .find("btf_trace_sys_enter", Kind::TYPEDEF)
            .expect("a tracepoint"),
        module: None,
    };
    let mut spec = Counter::spec(ProgramType::TRACING, false);
    spec.expected_attach_type = Some(AttachType::TRACE_RAW_TP);
    let counter = Counter::load(&system, &spec, current_task(), Some(&target)).expect("load");
    let link = counter.program.attach_to(Tracing::new()).expect("attach");
    calls(5);
    assert!(counter.hits() >= 5);
    link.detach().expect("detach");
    let end = counter.hits();
    calls(5);
    assert_eq!(counter.hits(), end);
    // It is no raw tracepoint, and no iterator.
    let error = counter
        .program
        .attach_to(RawTracepoint::new("sys_enter"))
        .expect_err("typed");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    let error = counter
        .program
        .attach_to(Iter::new())
        .expect_err("no iterator");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
}

#[test]
fn a_function_of_a_program_is_replaced_while_it_is_attached() {
    if !require("kernel") || !has(Feature::Fentry) {
        return;
    }
    let system = KernelSystem::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/load/replaces.bpf.o");
    let object = ObjectSpec::parse(&std::fs::read(path).expect("read")).expect("parse");
    let first = system.load(&object).expect("load");
    let outer = first.program("outer").expect("program").clone();
    let types = object.btf.as_ref().expect("types");
    let options = LoadOptions::new()
        .enable("inner")
        .target("inner", outer.clone(), types);
    let second = system.load_with(&object, &options).expect("load");
    let verdict = || {
        let result = outer.run(&RunInput::data(&[0; 64]), &mut RunOutput::none());
        result.expect("run").return_value
    };
    assert_eq!(verdict(), 2);
    let link = second.attach("inner").expect("attach by its section");
    assert_eq!(verdict(), 1);
    link.detach().expect("detach");
    assert_eq!(verdict(), 2);

    // The same function of another program.
    let third = system.load(&object).expect("load");
    let another = third.program("outer").expect("program");
    let function = types.find("replaceable", Kind::FUNC).expect("a function");
    let inner = second.program("inner").expect("program");
    let link = inner
        .attach_to(Tracing::new().instead_of(&**another, function))
        .expect("attach");
    let result = another.run(&RunInput::data(&[0; 64]), &mut RunOutput::none());
    assert_eq!((verdict(), result.expect("run").return_value), (2, 1));
    drop(link);
}
