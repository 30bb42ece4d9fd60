//! The test objects in the kernel: its verifier follows every call and every reference that the parser resolved.

use std::path::Path;

use ebpf_core::map::{LookupFlags, Pinning};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{ProgramExt, ProgramType};
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Collection, KernelSystem, System, SystemExt};
use ebpf_testbed::{Sandbox, require};

/// bpf_loop(). A kernel that has it takes addresses of functions (since Linux 5.13) too.
const LOOP: Feature = Feature::Helper(ProgramType::XDP, 181);

fn has(feature: Feature) -> bool {
    KernelSystem::new().probe(feature) == Ok(Support::Yes)
}

/// Loads an object without sharing its maps, and without those of types that the kernel does not have.
fn load(name: &str) -> Collection {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/object");
    let bytes = std::fs::read(path.join(name)).expect("a test object");
    let mut object = ObjectSpec::parse(&bytes).expect(name);
    for map in &mut object.maps {
        map.pinning = Pinning::None;
        map.optional |= !has(Feature::MapType(map.map_type));
    }
    if let Some(program) = object.program_mut("main_two") {
        program.optional = !has(LOOP);
    }
    let loaded = KernelSystem::new().load(&object);
    loaded.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn verdict(objects: &Collection, program: &str) -> u32 {
    let program = objects.program(program).expect("a program");
    let (result, _) = program.run_once(&[0; 64], 0).expect("run");
    result.return_value
}

#[test]
fn the_kernel_takes_every_definition_of_maps() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    for name in [
        "btf_maps.bpf.o",
        "goebpf_maps.bpf.o",
        "iproute2_maps.bpf.o",
        "libbpf_maps.bpf.o",
        "samples_maps.bpf.o",
        "untyped_symbols.bpf.o",
        "only_bss.bpf.o",
        "old/btf_maps.clang13.o",
        "old/goebpf_maps.clang13.o",
        "old/goebpf_maps.clang16.o",
        "old/libbpf_maps.clang13.o",
    ] {
        load(name);
    }
}

#[test]
fn linked_functions_compute_what_the_source_says() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    for name in [
        "calls.bpf.o",
        "calls_plain.bpf.o",
        "old/calls.clang13.o",
        "old/calls.clang16.o",
    ] {
        let objects = load(name);
        // hidden(0): (0 + 1) * 3 + 0, then ^ 5.
        assert_eq!(verdict(&objects, "main_three"), 6, "{name}");
        assert_eq!(verdict(&objects, "main_alias"), 6, "{name}");
        // local_two(1): (1 + 1) * 3 and the total of 1, and weak(1).
        assert_eq!(verdict(&objects, "main_one"), 9, "{name}");
        if !name.contains("plain") && has(LOOP) {
            assert_eq!(verdict(&objects, "main_two"), 45, "{name}");
        }
    }
}

#[test]
fn variables_are_where_programs_look_for_them() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    for name in [
        "data.bpf.o",
        "data_plain.bpf.o",
        "old/data.clang13.o",
        "old/data.clang16.o",
    ] {
        let objects = load(name);
        assert_eq!(verdict(&objects, "use_all"), 2, "{name}");
        let bytes = |map: &str, offset: usize, size: usize| -> Vec<u8> {
            let map = objects.map(map).expect("a map");
            let mut value = vec![0; map.info().value_size as usize];
            let found = map.lookup_elem(&[0; 4], &mut value, LookupFlags::NONE);
            assert!(found.expect("lookup"));
            value[offset..offset + size].to_vec()
        };
        let place = |name: &str| objects.variable(name).expect("a variable");
        let value = |name: &str| {
            let variable = place(name);
            bytes(
                &variable.map,
                variable.offset as usize,
                variable.size as usize,
            )
        };
        // 5 and table[0], sample_rate and settings.rate.
        assert_eq!(value("counter"), 16u64.to_ne_bytes(), "{name}");
        assert_eq!(value("private"), 7u16.to_ne_bytes(), "{name}");
        assert_eq!(value("private_zeroed"), 7u32.to_ne_bytes(), "{name}");
        assert_eq!(
            value("hot"),
            (0x1122_3344_5566_7788u64 + 10).to_ne_bytes(),
            "{name}"
        );
        assert_eq!(value("zeroed")[..5], [0, 0, 0, 1, 0], "{name}");
        assert_eq!(value("cold")[4..8], 9u32.to_ne_bytes(), "{name}");
    }
}
