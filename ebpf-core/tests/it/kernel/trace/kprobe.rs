//! Programs at functions of the kernel, from objects.

use std::path::Path;
use std::process::{Command, Stdio};

use ebpf_core::conformance::Counter;
use ebpf_core::hook::{Kprobe, KprobeMulti, NoSectionTarget};
use ebpf_core::link::{LinkTarget, LinkType};
use ebpf_core::map::TypedMap;
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{AttachType, Program, ProgramExt, ProgramType};
use ebpf_core::system::Feature;
use ebpf_core::{Collection, Errno, KernelSystem, Link, LoadError, System, SystemExt};
use ebpf_testbed::{Sandbox, require};

use super::{calls, has};
use crate::conformance::current_task;

fn object(name: &str) -> ObjectSpec {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/trace")
        .join(name);
    ObjectSpec::parse(&std::fs::read(path).expect("read")).expect("parse")
}

fn ready() -> bool {
    require("kernel") && has(Feature::Kprobes)
}

/// Starts a process and gives its number, once it is done.
fn starts_a_process() -> u32 {
    let mut child = Command::new("/proc/self/exe")
        .arg("--version-of-nothing")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    child.wait().expect("wait");
    child.id()
}

fn name_in(objects: &Collection, map: &str, process: u32) -> Option<String> {
    let names: TypedMap<u32, [u8; 16]> =
        TypedMap::new(objects.map(map).expect("map").clone()).expect("names");
    let name = names.get(&process).expect("lookup")?;
    Some(ebpf_core::codec::c_str(&name).into_owned())
}

#[test]
fn an_object_attaches_by_its_sections() {
    if !ready() {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    let objects = system.load(&object("execve.bpf.o")).expect("load");
    let program = objects.program("enters").expect("program");
    program.pin(&sandbox.bpffs().join("enters")).expect("pin");

    let by_section = || objects.attach("enters").expect("attach");
    let by_name = || {
        let target = Kprobe::entry("guess_execve");
        program.attach_to(target).expect("attach")
    };
    for attach in [&by_section as &dyn Fn() -> Box<dyn Link>, &by_name] {
        let link = attach();
        let process = starts_a_process();
        assert!(name_in(&objects, "entered", process).is_some());
        link.detach().expect("detach");
        let process = starts_a_process();
        assert_eq!(name_in(&objects, "entered", process), None, "detached");
    }
    let error = program
        .attach_to(Kprobe::entry("sys_does_not_exist"))
        .expect_err("no such function");
    assert_eq!(error.errno(), Some(Errno::ENOENT));
}

#[test]
fn a_process_has_another_name_when_execve_returns() {
    if !ready() {
        return;
    }
    let objects = KernelSystem::new()
        .load(&object("execve.bpf.o"))
        .expect("load");
    let links = objects.attach_all().expect("attach");
    let names: Vec<&str> = links.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["enters", "returns"]);
    let process = starts_a_process();
    let before = std::fs::read_to_string("/proc/thread-self/comm").expect("this thread's name");
    assert_eq!(
        name_in(&objects, "entered", process).as_deref(),
        Some(before.trim_end())
    );
    // The last part of the path that it was started by.
    assert_eq!(
        name_in(&objects, "returned", process).as_deref(),
        Some("exe")
    );
}

#[test]
fn a_section_that_is_not_enough_says_why() {
    if !require("kernel") {
        return;
    }
    let objects = KernelSystem::new()
        .load(&object("execve.bpf.o"))
        .expect("load");
    for (program, words) in [
        (
            "anywhere",
            "attach program `anywhere`: section `kprobe` does not say which function: write `kprobe/FUNCTION`",
        ),
        (
            "elsewhere",
            "attach program `elsewhere`: section `xdp`: programs of type xdp are attached to an interface",
        ),
        ("nobody", "there is no program `nobody`"),
    ] {
        let error = objects.attach(program).expect_err("no place").to_string();
        assert!(error.starts_with(words), "{error}");
    }
    let why = objects.section_target("anywhere").expect_err("no place");
    assert!(
        matches!(&why, LoadError::NoSectionTarget { source, .. } if matches!(**source, NoSectionTarget::NotSaid { .. })),
        "{why}"
    );
}

#[test]
#[cfg(target_arch = "x86_64")]
fn arguments_of_a_system_call_are_read() {
    if !ready() {
        return;
    }
    let system = KernelSystem::new();
    let mut spec = object("arguments.bpf.o");
    let wrapped = system
        .facts()
        .symbol("__x64_sys_kill")
        .expect("symbols")
        .is_some();
    for (name, value) in [("wrapped", u64::from(wrapped)), ("task", current_task())] {
        let bytes = value.to_ne_bytes();
        let size = spec.variable(name).expect("variable").size as usize;
        spec.set_variable(name, &bytes[..size]).expect("set");
    }
    let objects = system.load(&spec).expect("load");
    let link = objects.attach("kills").expect("attach");
    assert!(
        matches!(&link.info().target, LinkTarget::Kprobe { function, .. } if function.ends_with("sys_kill"))
    );
    // No such process, and no signal.
    let process = nix::unistd::Pid::from_raw(0x3fff_fff0);
    assert!(nix::sys::signal::kill(process, None).is_err());
    assert_eq!(
        objects
            .global::<u64>("first_argument")
            .expect("a variable")
            .get(),
        0x3fff_fff0
    );
    assert_eq!(
        objects
            .global::<u64>("second_argument")
            .expect("a variable")
            .get(),
        0
    );
}

#[test]
fn many_functions_with_one_link() {
    if !require("kernel") || !has(Feature::KprobeMulti) {
        return;
    }
    let system = KernelSystem::new();
    let mut spec = Counter::spec(ProgramType::KPROBE, true);
    spec.expected_attach_type = Some(AttachType::TRACE_KPROBE_MULTI);
    let load = || Counter::load(&system, &spec, current_task(), None).expect("load");
    let names = ["getppid", "getpgrp"].map(|call| {
        let own = format!("__x64_sys_{call}");
        let known = system
            .facts()
            .symbol(&own)
            .is_ok_and(|address| address.is_some());
        if known {
            own
        } else {
            format!("__arm64_sys_{call}")
        }
    });
    // One with arguments: functions of calls without any are listed by another of their names on some kernels.
    let pattern = names[0].replace("getppid", "getpgi?");
    for (probes, expected) in [
        (KprobeMulti::symbols(&names).cookies([5, 6]), 4),
        (KprobeMulti::symbols(&names).ret(), 4),
        (KprobeMulti::pattern(pattern), 2),
    ] {
        let counter = load();
        let link = counter
            .program
            .attach_to(probes.clone())
            .unwrap_or_else(|error| panic!("{probes}: {error}"));
        calls(2);
        nix::unistd::getpgrp();
        nix::unistd::getpgrp();
        for _ in 0..2 {
            nix::unistd::getpgid(None).expect("of this process");
        }
        assert_eq!(counter.hits(), expected, "{probes}");
        if !probes.cookies.is_empty() {
            assert_eq!(counter.cookie(), 6);
        }
        assert_eq!(link.info().link_type, LinkType::KPROBE_MULTI);
        link.detach().expect("detach");
        calls(2);
        assert_eq!(counter.hits(), expected, "{probes}, detached");
    }
    let counter = load();
    for (probes, words) in [
        (
            KprobeMulti::symbols([format!("{}d", names[0])]),
            "did you mean `",
        ),
        (
            KprobeMulti::pattern("no_such_function_*"),
            "no function that can be traced has such a name",
        ),
        (
            KprobeMulti::symbols(&names).cookies([1]),
            "a cookie for each function",
        ),
        (KprobeMulti::pattern("x").cookies([1]), "a pattern has not"),
    ] {
        let error = counter
            .program
            .attach_to(probes.clone())
            .expect_err("refused");
        assert!(error.to_string().contains(words), "{probes}: {error}");
    }
}
