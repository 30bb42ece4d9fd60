//! Objects by descriptor, id and path; pins; enumeration.

use std::os::fd::OwnedFd;

use ebpf_core::map::{MapFlags, MapId, MapSpec, MapType};
use ebpf_core::program::{ProgramId, ProgramType};
use ebpf_core::system::{Kind, Pinned};
use ebpf_core::{Errno, KernelSystem, Map, Program, System};
use ebpf_testbed::{Sandbox, require};

use super::programs::{load, returns};

fn map(name: &str) -> std::sync::Arc<dyn Map> {
    KernelSystem::new()
        .create_map(&MapSpec::new(name, MapType::HASH, 4, 8, 16), None)
        .expect("create")
}

fn owned(fd: Option<std::os::fd::BorrowedFd<'_>>) -> OwnedFd {
    fd.expect("a descriptor").try_clone_to_owned().expect("dup")
}

#[test]
fn a_descriptor_opens_what_it_is_of_and_nothing_else() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let map = map("by_descriptor");
    let program = load(&returns(0, ProgramType::SOCKET_FILTER)).expect("load");
    let same = system.map_from_fd(owned(map.fd())).expect("the map");
    assert_eq!(same.info().id, map.info().id);
    assert_eq!((same.info().key_size, same.info().value_size), (4, 8));
    assert_eq!(
        system
            .program_from_fd(owned(program.fd()))
            .expect("the program")
            .info()
            .id,
        program.info().id
    );
    assert_eq!(
        system
            .map_from_fd(owned(program.fd()))
            .expect_err("a program")
            .to_string(),
        "open a map by its descriptor, which is a program: EINVAL: invalid argument"
    );
    let file = std::fs::File::open("/dev/null").expect("a file");
    assert_eq!(
        system
            .link_from_fd(file.into())
            .expect_err("a file")
            .to_string(),
        "open a link by its descriptor, which is no object of bpf(2): EINVAL: invalid argument"
    );
}

#[test]
fn ids_are_listed_and_opened() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let map = map("listed");
    let mut after = None;
    let mut found = false;
    while let Some(id) = system.next_id(Kind::Map, after).expect("next id") {
        assert!(after.is_none_or(|after| after < id));
        found |= MapId(id) == map.info().id;
        after = Some(id);
    }
    assert!(found);
    assert_eq!(
        &*system.map_by_id(map.info().id).expect("by id").info().name,
        "listed"
    );
    let gone = map.info().id;
    drop(map);
    let error = system
        .map_by_id(MapId(u32::MAX - 1))
        .expect_err("no such map");
    assert_eq!(
        error.to_string(),
        format!(
            "open map {}: ENOENT: no such file or directory",
            u32::MAX - 1
        )
    );
    let _ = gone;
    assert_eq!(
        system
            .program_by_id(ProgramId(u32::MAX - 1))
            .expect_err("none")
            .errno(),
        Some(Errno::ENOENT)
    );
}

#[test]
fn pins_are_made_listed_opened_and_removed() {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    // Not the root: some kernels put pins of their own there.
    let pins = sandbox.bpffs().join("pins");
    std::fs::create_dir(&pins).expect("mkdir");
    let (map_pin, program_pin) = (pins.join("a_map"), pins.join("b_program"));
    let map = map("pinned");
    map.pin(&map_pin).expect("pin");
    let program = load(&returns(0, ProgramType::XDP)).expect("load");
    program.pin(&program_pin).expect("pin");
    std::fs::create_dir(pins.join("directory")).expect("mkdir");
    assert_eq!(
        system.pinned(&pins).expect("list"),
        [map_pin.clone(), program_pin.clone()]
    );

    let id = map.info().id;
    drop((map, program));
    let Pinned::Map(map) = system.open_pinned(&map_pin).expect("open") else {
        panic!("no map")
    };
    assert_eq!(map.info().id, id);
    assert_eq!(
        system.open_pinned(&program_pin).expect("open").kind(),
        Kind::Program
    );

    let taken = map.pin(&program_pin).expect_err("taken");
    assert_eq!(
        taken.to_string(),
        format!(
            "pin map `pinned` at {}: EEXIST: file exists (something is pinned there already)",
            program_pin.display()
        )
    );
    let missing = map
        .pin(&sandbox.bpffs().join("no/such"))
        .expect_err("no directory");
    assert!(
        missing
            .to_string()
            .ends_with("(its directory does not exist: create it first)"),
        "{missing}"
    );
    let elsewhere = map
        .pin("/tmp/no_bpffs_here".as_ref())
        .expect_err("no bpffs");
    assert_eq!(
        elsewhere.to_string(),
        "pin map `pinned` at /tmp/no_bpffs_here: EPERM: operation not permitted (the path must be in a bpffs (mount -t bpf))"
    );

    system.unpin(&map_pin).expect("unpin");
    assert_eq!(
        system.open_pinned(&map_pin).expect_err("gone").to_string(),
        format!(
            "open pin {}: ENOENT: no such file or directory (nothing is pinned there)",
            map_pin.display()
        )
    );
    assert_eq!(
        system.unpin(&map_pin).expect_err("gone").errno(),
        Some(Errno::ENOENT)
    );
}

#[test]
fn unpin_removes_nothing_but_pins() {
    let system = KernelSystem::new();
    let file = std::env::temp_dir().join(format!("no-pin-{}", std::process::id()));
    std::fs::write(&file, "precious").expect("write");
    let error = system.unpin(&file).expect_err("no pin");
    assert!(
        error
            .to_string()
            .ends_with("EINVAL: invalid argument (the path must be in a bpffs (mount -t bpf))"),
        "{error}"
    );
    assert!(system.pinned(&std::env::temp_dir()).is_err());
    assert!(system.open_pinned(&file).is_err());
    std::fs::remove_file(&file).expect("still there");
}

#[test]
fn an_object_of_a_map_of_maps_is_opened_by_the_id_that_is_read() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let inner = MapSpec::new("inner", MapType::HASH, 4, 8, 16);
    let spec = MapSpec::new("outer", MapType::ARRAY_OF_MAPS, 4, 4, 2).with_inner(inner);
    let outer = system.create_map(&spec, None).expect("create");
    let inner = map("another");
    let raw = inner.handle().raw_in(system.id()).expect("ours");
    outer
        .update_elem(&0u32.to_ne_bytes(), &raw.to_ne_bytes(), Default::default())
        .expect("update");
    let mut id = [0; 4];
    assert_eq!(
        outer.lookup_elem(&0u32.to_ne_bytes(), &mut id, Default::default()),
        Ok(true)
    );
    assert_eq!(MapId(u32::from_ne_bytes(id)), inner.info().id);
}

#[test]
fn a_name_the_kernel_does_not_take_is_adapted() {
    if !require("kernel") {
        return;
    }
    let map = map(".rodata-with/odd chars");
    assert_eq!(&*map.info().name, ".rodata-with/odd chars");
    let again = KernelSystem::new().map_by_id(map.info().id).expect("by id");
    assert_eq!(&*again.info().name, ".rodata_with_od");
}

#[test]
fn memory_counts_and_state() {
    if !require("kernel") {
        return;
    }
    let map = map("state");
    let state = map.query().expect("query");
    assert_eq!(state.frozen, Some(false));
    assert!(state.memory_bytes.is_some_and(|bytes| bytes > 0));
    assert_eq!(state.btf_id, None);
    let flags = MapFlags::RDONLY | MapFlags::MMAPABLE;
    let read_only = MapSpec::new("ro", MapType::ARRAY, 4, 8, 1).with_flags(flags);
    let map = KernelSystem::new()
        .create_map(&read_only, None)
        .expect("create");
    let error = map
        .update_elem(&[0; 4], &[0; 8], Default::default())
        .expect_err("read only");
    assert_eq!(error.errno(), Some(Errno::EPERM));
    assert_eq!(
        map.memory().expect_err("not mapped").to_string(),
        "memory on map `ro`: EINVAL: invalid argument (a map opened for reading only cannot be mapped)"
    );
}

#[test]
fn memory_of_an_array_that_programs_only_read_is_read_only() {
    if !require("kernel") {
        return;
    }
    let flags = MapFlags::RDONLY_PROG | MapFlags::MMAPABLE;
    let spec = MapSpec::new("constants", MapType::ARRAY, 4, 12, 3).with_flags(flags);
    let map = KernelSystem::new().create_map(&spec, None).expect("create");
    map.update_elem(&2u32.to_ne_bytes(), &[7; 12], Default::default())
        .expect("update");
    let memory = map.memory().expect("memory");
    let words = memory.words();
    assert!(!words.is_writable() && words.atomic(0).is_none());
    assert_eq!(words.len(), 6, "elements are 16 bytes apart");
    assert_eq!(words.load(4), Some(u64::from_ne_bytes([7; 8])));
    assert_eq!(words.load(6), None);
    drop(map);
    assert_eq!(
        words.load(4),
        Some(u64::from_ne_bytes([7; 8])),
        "the mapping keeps the map"
    );
}

#[test]
fn a_map_of_callbacks_takes_the_size_of_the_kernel() {
    if !require("kernel") {
        return;
    }
    let mut spec = MapSpec::new("ops", MapType::STRUCT_OPS, 4, 1, 1);
    spec.struct_ops = Some("tcp_congestion_ops___mine".to_owned());
    let map = KernelSystem::new().create_map(&spec, None).expect("create");
    assert!(map.info().value_size > 64, "{:?}", map.info());
    spec.struct_ops = Some("no_such_structure".to_owned());
    assert_eq!(
        KernelSystem::new()
            .create_map(&spec, None)
            .expect_err("unknown")
            .errno(),
        Some(Errno::ENOENT)
    );
}

#[test]
fn a_map_of_maps_needs_a_template() {
    let system = KernelSystem::new();
    let spec = MapSpec::new("outer", MapType::ARRAY_OF_MAPS, 4, 4, 2);
    let error = system.create_map(&spec, None).expect_err("no template");
    assert!(
        error.to_string().contains("a map of maps needs a template"),
        "{error}"
    );
}
