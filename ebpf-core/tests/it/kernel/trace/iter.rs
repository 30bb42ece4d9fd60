//! Iterators, read as files.

use std::io::Read;
use std::sync::Arc;

use ebpf_core::btf::Kind;
use ebpf_core::conformance::code;
use ebpf_core::hook::{CgroupOrder, Iter, Xdp};
use ebpf_core::link::{IterOver, LinkTarget, LinkType};
use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{AttachType, Program, ProgramExt, ProgramType};
use ebpf_core::system::{Bindings, BtfTarget, Feature, KernelVersion};
use ebpf_core::{Errno, KernelSystem, Link, System};
use ebpf_testbed::{Sandbox, require};

/// A program that writes a byte about each object, which is at this place of its context.
fn walker(kind: &str, object: usize) -> Option<Arc<dyn Program>> {
    let text = format!(
        "r2 = *(u64 *)(r1 + {object})
         if r2 == 0 goto out
         r1 = *(u64 *)(r1 + 0)
         r1 = *(u64 *)(r1 + 0)
         *(u8 *)(r10 - 1) = 120
         r2 = r10
         r2 += -1
         r3 = 1
         call bpf_seq_write
         out: r0 = 0
         exit"
    );
    iterator(kind, &text)
}

/// A program that reads the last byte of values of this size.
fn reads_value(size: u32) -> Option<Arc<dyn Program>> {
    let text = format!(
        "r2 = *(u64 *)(r1 + 24)
         if r2 == 0 goto out
         r2 = *(u8 *)(r2 + {})
         out: r0 = 0
         exit",
        size - 1
    );
    iterator("bpf_map_elem", &text)
}

fn iterator(kind: &str, text: &str) -> Option<Arc<dyn Program>> {
    let system = KernelSystem::new();
    let name = format!("bpf_iter_{kind}");
    let function = system
        .target_btf()
        .expect("types")
        .and_then(|types| types.find(&name, Kind::FUNC));
    let Some(function) = function else {
        ebpf_testbed::skip(&format!("this kernel has no iterator of {kind}"));
        return None;
    };
    let target = BtfTarget {
        type_id: function,
        module: None,
    };
    let mut spec = code(ProgramType::TRACING, text);
    spec.expected_attach_type = Some(AttachType::TRACE_ITER);
    let bindings = Bindings {
        attach_btf: Some(&target),
        ..Bindings::default()
    };
    Some(
        system
            .load_program(&spec, &bindings)
            .unwrap_or_else(|error| panic!("{error:#}")),
    )
}

fn read(link: &dyn Link) -> String {
    let mut text = String::new();
    link.read()
        .expect("open")
        .read_to_string(&mut text)
        .expect("read");
    text
}

fn ready() -> bool {
    require("kernel") && super::has(Feature::Link(LinkType::ITER))
}

#[test]
fn each_read_is_a_new_walk() {
    if !ready() {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let Some(program) = walker("task", 8) else {
        return;
    };
    let link = program.attach_to(Iter::new()).expect("attach");
    assert_eq!(link.info().link_type, LinkType::ITER);
    assert_eq!(
        link.info().target,
        LinkTarget::Iter {
            name: "task".into(),
            over: IterOver::All
        }
    );
    for _ in 0..2 {
        let text = read(&*link);
        assert!(
            !text.is_empty() && text.bytes().all(|byte| byte == b'x'),
            "{text}"
        );
    }
    // A pin of it is a file that can be read.
    let path = sandbox.bpffs().join("tasks");
    link.pin(&path).expect("pin");
    drop(link);
    assert!(!std::fs::read_to_string(path).expect("read").is_empty());
}

#[test]
fn a_walk_may_be_of_one_process_or_thread() {
    if !ready() {
        return;
    }
    let release = KernelSystem::new().facts().release().expect("release");
    if release < KernelVersion::new(6, 1, 0) {
        ebpf_testbed::skip("iterators of this kernel are of all tasks");
        return;
    }
    let Some(program) = walker("task", 8) else {
        return;
    };
    let tid = nix::unistd::gettid().as_raw() as u32;
    let link = program.attach_to(Iter::thread(tid)).expect("attach");
    assert_eq!(read(&*link), "x");
    assert!(
        matches!(&link.info().target, LinkTarget::Iter { over: IterOver::Task { tid: told, .. }, .. } if *told == tid)
    );
    let threads = program
        .attach_to(Iter::process(std::process::id()))
        .expect("attach");
    assert!(!read(&*threads).is_empty());
    let error = program
        .attach_to(Iter::thread(u32::MAX >> 1))
        .map(|link| read(&*link).len());
    assert!(!matches!(error, Ok(1..)), "{error:?}");
}

#[test]
fn a_walk_over_a_map_sees_each_element() {
    if !ready() {
        return;
    }
    let Some(program) = walker("bpf_map_elem", 24) else {
        return;
    };
    let system = KernelSystem::new();
    let map = system
        .create_map(&MapSpec::new("walked", MapType::HASH, 4, 4, 16), None)
        .expect("create");
    let link = program.attach_to(Iter::map(&*map)).expect("attach");
    assert_eq!(read(&*link), "");
    for key in 0..5u32 {
        map.update_elem(&key.to_ne_bytes(), &[0; 4], UpdateFlags::ANY)
            .expect("update");
    }
    assert_eq!(read(&*link), "xxxxx");
    let expected = IterOver::Map {
        map_id: map.info().id.0,
    };
    assert_eq!(
        link.info().target,
        LinkTarget::Iter {
            name: "bpf_map_elem".into(),
            over: expected
        }
    );
    let error = program.attach_to(Iter::new()).expect_err("which map?");
    assert!(error.to_string().contains("say which map"), "{error}");
}

#[test]
fn programs_must_not_reach_beyond_values() {
    if !ready() {
        return;
    }
    let system = KernelSystem::new();
    let map = |value_size| {
        let spec = MapSpec::new("walked", MapType::HASH, 4, value_size, 4);
        system.create_map(&spec, None).expect("create")
    };
    let Some(program) = reads_value(8) else {
        return;
    };
    let _link = program.attach_to(Iter::map(&*map(8))).expect("attach");
    let error = program
        .attach_to(Iter::map(&*map(4)))
        .expect_err("too short");
    assert_eq!(error.errno(), Some(Errno::EACCES), "{error}");
}

#[test]
fn a_walk_over_cgroups_has_an_order() {
    if !ready() {
        return;
    }
    let Some(program) = walker("cgroup", 8) else {
        return;
    };
    let link = program
        .attach_to(Iter::cgroup(0, CgroupOrder::SELF_ONLY))
        .expect("attach");
    assert_eq!(read(&*link), "x", "the root");
    let all = program
        .attach_to(Iter::cgroup(0, CgroupOrder::DESCENDANTS_PRE))
        .expect("attach");
    assert!(!read(&*all).is_empty());
    let error = program
        .attach_to(Iter::cgroup(u64::MAX, CgroupOrder::SELF_ONLY))
        .expect_err("no such group");
    assert!(error.errno().is_some(), "{error}");
}

#[test]
fn other_links_cannot_be_read() {
    if !ready() {
        return;
    }
    let Some(program) = walker("task", 8) else {
        return;
    };
    let error = program.attach_to(Xdp::on(1)).expect_err("no XDP program");
    assert!(matches!(error.errno(), Some(Errno::EINVAL)), "{error}");
}
