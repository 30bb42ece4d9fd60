//! BTF of objects in the kernel: attached where it is taken, left out where it is not.

use ebpf_core::btf::{Btf, Kind, TypeId};
use ebpf_core::map::{MapSpec, MapType, MapTypes};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{LineRecord, LogLevel, ProgramSpec};
use ebpf_core::system::Kind as ObjectKind;
use ebpf_core::{KernelSystem, System};
use ebpf_testbed::require;

use std::path::Path;
use std::sync::Arc;

fn object() -> ObjectSpec {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/object/btf_maps.bpf.o");
    ObjectSpec::parse(&std::fs::read(path).expect("read")).expect("parse")
}

/// A program without maps, with the types of its object.
fn program() -> ProgramSpec {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/object/calls.bpf.o");
    let object = ObjectSpec::parse(&std::fs::read(path).expect("read")).expect("parse");
    object
        .program("lonely")
        .expect("a program without maps")
        .clone()
}

#[test]
fn functions_and_lines_go_with_a_program() {
    if !require("kernel") {
        return;
    }
    let mut spec = program();
    spec.log_level = LogLevel::States;
    let program = KernelSystem::new()
        .load_program(&spec, &Default::default())
        .expect("load");
    assert_ne!(program.info().btf_id, 0);
    let log = program.info().verifier_log.text();
    assert!(
        log.lines().any(|line| line.starts_with("; ")),
        "source lines: {log}"
    );
}

#[test]
fn lines_that_the_kernel_refuses_are_left_out() {
    if !require("kernel") {
        return;
    }
    let mut spec = program();
    // Far beyond the last instruction.
    spec.lines.push(LineRecord {
        instruction: 1 << 20,
        file_name: 0,
        text: 0,
        line: 1,
        column: 1,
    });
    for level in [LogLevel::OnRefusal, LogLevel::States] {
        spec.log_level = level;
        let program = KernelSystem::new()
            .load_program(&spec, &Default::default())
            .expect("load");
        assert_ne!(program.info().btf_id, 0, "the functions are there");
    }
    // No such type: the functions are refused too.
    for function in &mut spec.functions {
        function.type_id = Some(TypeId(1 << 18));
    }
    let program = KernelSystem::new()
        .load_program(&spec, &Default::default())
        .expect("load");
    assert_eq!(program.info().btf_id, 0);
}

#[test]
fn types_go_with_a_map_and_are_loaded_once() {
    if !require("kernel") {
        return;
    }
    let object = object();
    let btf = object.btf.clone().expect("types");
    let int = btf.find("__u32", Kind::TYPEDEF).expect("__u32");
    let spec = |key, value| {
        let mut spec = MapSpec::new("typed", MapType::HASH, 4, 4, 8);
        spec.types = Some(MapTypes {
            btf: btf.clone(),
            key,
            value,
        });
        spec
    };
    let system = KernelSystem::new();
    let first = system.create_map(&spec(int, int), None).expect("create");
    let second = system.create_map(&spec(int, int), None).expect("create");
    let id = first.query().expect("query").btf_id;
    assert!(id.is_some());
    assert_eq!(
        id,
        second.query().expect("query").btf_id,
        "one object of types in the kernel"
    );

    let wrong = TypeId(btf.type_count() + 7);
    let map = system
        .create_map(&spec(wrong, wrong), None)
        .expect("created without types");
    assert_eq!(map.query().expect("query").btf_id, None);
}

#[test]
fn types_that_the_kernel_refuses_do_not_matter() {
    if !require("kernel") {
        return;
    }
    // A pointer to a type that is not there: well-formed, and refused.
    let pointer = [0u32, 2 << 24, 99];
    let mut bytes = vec![0x9f, 0xeb, 1, 0];
    if cfg!(target_endian = "big") {
        bytes.swap(0, 1);
    }
    bytes.extend(
        [24u32, 0, 12, 12, 1]
            .iter()
            .chain(&pointer)
            .flat_map(|word| word.to_ne_bytes()),
    );
    bytes.push(0);
    let btf = Arc::new(Btf::parse(bytes).expect("well-formed"));
    let mut spec = MapSpec::new("odd", MapType::ARRAY, 4, 4, 8);
    spec.types = Some(MapTypes {
        btf,
        key: TypeId(1),
        value: TypeId(1),
    });
    KernelSystem::new()
        .create_map(&spec, None)
        .expect("created without types");
}

#[test]
fn what_was_loaded_is_gone_with_its_user() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let ids = || {
        let next = |after: &Option<u32>| system.next_id(ObjectKind::Btf, *after).expect("ids");
        std::iter::successors(next(&None), |id| next(&Some(*id))).collect::<Vec<_>>()
    };
    let id = {
        let spec = program();
        let program = system
            .load_program(&spec, &Default::default())
            .expect("load");
        let id = program.info().btf_id;
        assert!(ids().contains(&id));
        id
    };
    // The next use of types forgets those whose source is gone.
    let spec = program();
    let _program = system
        .load_program(&spec, &Default::default())
        .expect("load");
    assert!(!ids().contains(&id));
}
