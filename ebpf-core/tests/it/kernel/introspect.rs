//! What the kernel tells of its objects.

use std::fs;
use std::path::{Path, PathBuf};

use ebpf_core::link::{LinkTarget, LinkType};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{ProgramExt, ProgramType};
use ebpf_core::system::{BtfId, Kind};
use ebpf_core::{Errno, KernelSystem, System, SystemExt};
use ebpf_testbed::require;

use super::programs::{load, returns};

pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

#[test]
fn a_dump_has_functions_lines_and_machine_code_with_their_names() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let object = ObjectSpec::parse(&fs::read(testdata("object/calls.bpf.o")).expect("read"));
    let object = object.expect("parse");
    let spec = object.program("lonely").expect("a program without maps");
    let program = system
        .load_program(spec, &Default::default())
        .expect("load");
    let dump = program.dump().expect("dump");
    assert_eq!(dump.functions.len(), spec.functions.len());
    assert!(!dump.lines.is_empty());
    let btf = system
        .btf_by_id(BtfId(program.info().btf_id))
        .expect("its types");
    let names: Vec<_> = dump.function_names(&btf).flatten().collect();
    let expected: Vec<_> = spec
        .functions
        .iter()
        .map(|function| &*function.name)
        .collect();
    assert_eq!(names, expected);
    assert_eq!(dump.functions[0].start, Some(0));
    assert_eq!(dump.functions[0].tag, program.info().tag);

    let jited: u32 = dump.functions.iter().map(|function| function.bytes).sum();
    assert_eq!(jited as usize, dump.machine_code.len());
    if jited > 0 {
        assert_eq!(dump.line_addresses.len(), dump.lines.len());
        let first = dump.functions[0];
        let range = first.address..first.address + u64::from(first.bytes);
        assert!(range.contains(&dump.line_addresses[0]), "{dump:x?}");
        let symbol = system.facts().symbol_at(first.address).expect("an answer");
        let symbol = symbol.expect("a symbol");
        assert_eq!(symbol.module.as_deref(), Some("bpf"));
        assert_eq!(
            &*symbol.name,
            format!("bpf_prog_{}_lonely", first.tag).as_str()
        );
    }

    let text = program.disassemble(&system).expect("dump").to_string();
    assert!(text.starts_with("lonely:\n; "), "{text}");
    assert!(text.contains(".bpf.c:"), "source lines: {text}");
}

#[test]
fn symbols_of_what_was_loaded_later_are_found_after_a_refresh() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let _ = system.facts().symbol("bpf_prog_put").expect("addresses");
    let program = load(&returns(1, ProgramType::XDP)).expect("load");
    let [function] = program.dump().expect("dump").functions[..] else {
        panic!("one function")
    };
    if function.address == 0 {
        ebpf_testbed::skip("this kernel interprets programs");
        return;
    }
    system.refresh_symbols();
    let symbol = system.facts().symbol_at(function.address).expect("answer");
    assert_eq!(
        symbol.expect("a symbol").to_string(),
        format!("bpf_prog_{}_returns [bpf]", function.tag)
    );
}

#[test]
fn the_kernels_types_are_listed_with_their_names() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let Some(target) = system.target_btf().expect("types") else {
        ebpf_testbed::skip("this kernel has no types of its own");
        return;
    };
    let all: Vec<_> = system.all_btfs().map(|btf| btf.expect("info")).collect();
    let Some(kernel) = all.iter().find(|btf| &*btf.name == "vmlinux") else {
        ebpf_testbed::skip("this kernel does not name its types (before Linux 5.11)");
        return;
    };
    assert!(kernel.of_kernel);
    assert_eq!(kernel.size as usize, target.to_bytes().len());
    let opened = system.btf_by_id(kernel.id).expect("types");
    assert_eq!(opened.type_count(), target.type_count());
    for name in system.facts().modules().expect("modules") {
        assert!(
            all.iter().any(|btf| btf.name == name && btf.of_kernel),
            "{name}"
        );
    }
}

#[test]
fn ids_past_the_last_are_said_to_be_too_large() {
    if !require("kernel") {
        return;
    }
    let error = KernelSystem::new()
        .next_id(Kind::Map, Some(u32::MAX))
        .expect_err("no id");
    assert_eq!(
        error.to_string(),
        "list ids of kind map after 4294967295: EINVAL: invalid argument (ids are less than 2147483648)"
    );
    let error = KernelSystem::new()
        .btf_info(BtfId(0x7fff_fff0))
        .expect_err("no types");
    assert_eq!(error.errno(), Some(Errno::ENOENT));
}

#[test]
fn every_link_of_the_machine_is_told() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    if !system
        .probe(ebpf_core::system::Feature::Link(LinkType::ITER))
        .expect("answer")
        .is_yes()
    {
        ebpf_testbed::skip("this kernel does not list links");
        return;
    }
    for link in system.all_links() {
        let link = link.expect("a link");
        assert_ne!(link.info().target, LinkTarget::Other, "{:?}", link.info());
        link.query().expect("its state");
    }
}
