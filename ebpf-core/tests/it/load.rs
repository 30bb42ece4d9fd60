//! Loading whole objects into the kernel.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use ebpf_core::hook::XdpAction;
use ebpf_core::loader::{LoadNote, SkipReason};
use ebpf_core::map::{LookupFlags, MapExt, MapFlags, MapSpec, MapType};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{ProgramError, ProgramExt, ProgramProblem};
use ebpf_core::{
    Collection, Errno, KernelSystem, LoadError, LoadOptions, Map, Program, System, SystemExt,
};
use ebpf_testbed::{Sandbox, require};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

fn object(name: &str) -> ObjectSpec {
    let bytes = std::fs::read(path(name)).expect("a test object");
    ObjectSpec::parse(&bytes).expect("a good object")
}

/// A packet that begins with this byte.
fn packet(first: u8) -> [u8; 64] {
    let mut packet = [0; 64];
    packet[0] = first;
    packet
}

fn verdict(program: &dyn Program, first: u8) -> u32 {
    let (result, _) = program.run_once(&packet(first), 0).expect("run");
    result.return_value
}

fn u64_at(map: &dyn Map, index: u32) -> u64 {
    let mut value = [0; 8];
    let found = map.lookup_elem(&index.to_ne_bytes(), &mut value, LookupFlags::NONE);
    assert!(found.expect("lookup"), "no element {index}");
    u64::from_ne_bytes(value)
}

#[track_caller]
fn refusal(result: Result<Collection, LoadError>) -> String {
    result.expect_err("this must be refused").to_string()
}

/// What was loaded; `None` where the machine's policy forbids tracing even to root.
fn loaded_if_allowed(result: Result<Collection, LoadError>) -> Option<Collection> {
    match result {
        Err(error) if error.errno() == Some(Errno::EPERM) => {
            ebpf_testbed::skip(&format!(
                "this machine forbids programs of this kind: {error}"
            ));
            None
        }
        result => Some(result.expect("load")),
    }
}

#[test]
fn a_whole_object_runs() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let loaded = system.load(&object("load/whole.bpf.o")).expect("load");
    let program = loaded.program("main_program").expect("the program");

    assert_eq!(verdict(program, 0), XdpAction::PASS.0);
    assert_eq!(verdict(program, 0), XdpAction::PASS.0);
    assert_eq!(loaded.global::<u64>("seen").expect("seen").get(), 2);
    let release = system.facts().release().expect("a release").code();
    assert_eq!(
        loaded.global::<u32>("version").expect("version").get(),
        release
    );
    assert_eq!(loaded.global::<u32>("missing").expect("missing").get(), 0);
    // The second inner map is where the object says: at index 1 of the outer one.
    assert_eq!(u64_at(loaded.map("second").expect("map"), 1), 2);
    assert_eq!(u64_at(loaded.map("first").expect("map"), 1), 0);
    // A packet that begins with 1 makes it jump to `tail`, which has a text constant (which goebpf could not load).
    assert_eq!(verdict(program, 1), XdpAction::DROP.0);

    // Constants are frozen, and programs may only read them.
    let constants = loaded.map(".rodata").expect("map");
    assert_eq!(constants.query().expect("state").frozen, Some(true));
    assert!(constants.info().flags.contains(MapFlags::RDONLY_PROG));
    assert!(
        loaded
            .global::<u32>("verdict")
            .expect("verdict")
            .set(&1)
            .is_err()
    );
}

#[test]
fn what_is_optional_or_untyped_is_skipped_and_said() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let object = object("load/whole.bpf.o");
    let loaded = system.load(&object).expect("load");
    let skipped: Vec<(&str, &SkipReason)> = loaded
        .skipped()
        .iter()
        .map(|skip| (&*skip.name, &skip.reason))
        .collect();
    let no_type = SkipReason::NoType {
        section: "mystery".into(),
    };
    assert_eq!(
        skipped,
        [
            ("asked_for", &SkipReason::Optional),
            ("of_no_type", &no_type)
        ]
    );
    let programs: Vec<&str> = loaded.programs().map(|(name, _)| name).collect();
    assert_eq!(programs, ["tail", "main_program"]);
    let missing = loaded
        .program("asked_for")
        .expect_err("skipped")
        .to_string();
    assert_eq!(
        missing,
        "there is no program `asked_for`: there are `tail`, `main_program`"
    );
    let cpus = system.cpus().expect("cpus").possible.slots();
    assert_eq!(
        loaded.notes(),
        [
            LoadNote::EntriesFromCpus {
                map: "events".into(),
                cpus
            },
            LoadNote::SlotEmpty {
                map: "jumps".into(),
                program: "asked_for".into()
            },
        ]
    );

    let options = LoadOptions::new()
        .enable("asked_for")
        .section_type("mystery", "xdp")
        .disable("main_program");
    let loaded = system.load_with(&object, &options).expect("load");
    let programs: Vec<&str> = loaded.programs().map(|(name, _)| name).collect();
    assert_eq!(programs, ["tail", "asked_for", "of_no_type"]);
    assert_eq!(
        verdict(loaded.program("asked_for").expect("program"), 0),
        XdpAction::TX.0
    );

    let strict = system.load_with(&object, &LoadOptions::new().strict());
    assert_eq!(
        refusal(strict),
        "load program `of_no_type`: section `mystery` tells no program type: set ProgramSpec::program_type"
    );
    let wrong = LoadOptions::new().section_type("mystery", "xpd");
    assert_eq!(
        refusal(system.load_with(&object, &wrong)),
        "section `mystery`: `xpd` is no program type and no section name that tells one (try `xdp`, `tc`, `kprobe`, …)"
    );
    for (options, what) in [
        (LoadOptions::new().enable("x"), "program"),
        (LoadOptions::new().disable("x"), "program"),
        (LoadOptions::new().max_entries("x", 1), "map"),
        (LoadOptions::new().section_type("x", "xdp"), "section"),
    ] {
        let text = refusal(system.load_with(&object, &options));
        assert!(
            text.starts_with(&format!("there is no {what} `x`: there are ")),
            "{text}"
        );
    }
}

#[test]
fn values_are_set_before_the_load() {
    if !require("kernel") {
        return;
    }
    let mut object = object("load/whole.bpf.o");
    object
        .set_variable("verdict", &XdpAction::TX.0)
        .expect("set a constant");
    object.set_variable("seen", &40u64).expect("set a variable");
    let loaded = KernelSystem::new().load(&object).expect("load");
    assert_eq!(
        verdict(loaded.program("main_program").expect("program"), 0),
        XdpAction::TX.0
    );
    let seen = loaded.global::<u64>("seen").expect("seen");
    assert_eq!(seen.get(), 41);
    seen.set(&100).expect("set");
    verdict(loaded.program("main_program").expect("program"), 0);
    assert_eq!(seen.get(), 101);
    let narrow = loaded
        .global::<u32>("seen")
        .expect_err("of another size")
        .to_string();
    assert_eq!(
        narrow,
        "map `.bss`: variable `u32` (Rust) has 4 bytes, the map wants 8"
    );
}

/// Seed: an alias became a program without instructions, weak functions were not found.
#[test]
fn aliases_and_weak_functions_are_programs() {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let options = LoadOptions::new().pin_root(sandbox.bpffs());
    let loaded = KernelSystem::new()
        .load_with(&object("load/pinned.bpf.o"), &options)
        .expect("load");
    for (name, expected) in [
        ("count", XdpAction::PASS),
        ("same", XdpAction::PASS),
        ("weakly", XdpAction::DROP),
    ] {
        assert_eq!(
            verdict(loaded.program(name).expect(name), 0),
            expected.0,
            "{name}"
        );
    }
}

/// Where all code is in `.text`, what nothing calls is a program; its type is for the user to say.
#[test]
fn programs_without_sections_are_given_a_type() {
    if !require("kernel") {
        return;
    }
    let object = object("load/text.bpf.o");
    let names: Vec<&str> = object
        .programs
        .iter()
        .map(|program| program.name.as_str())
        .collect();
    assert_eq!(names, ["first", "second"]);
    let options = LoadOptions::new().section_type(".text", "xdp");
    let loaded = KernelSystem::new()
        .load_with(&object, &options)
        .expect("load");
    assert_eq!(loaded.programs().len(), 2);
    assert_eq!(
        verdict(loaded.program("first").expect("program"), 0),
        XdpAction::PASS.0
    );
}

/// Two objects, or one twice, share a map that is pinned by name.
#[test]
fn pinned_maps_are_shared() {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    let object = object("load/pinned.bpf.o");
    let options = LoadOptions::new().pin_root(sandbox.bpffs());
    let one = system.load_with(&object, &options).expect("load");
    let two = system.load_with(&object, &options).expect("load again");
    assert_eq!(one.pins(), [sandbox.bpffs().join("shared")]);
    assert!(two.pins().is_empty());
    let id = |loaded: &Collection| loaded.map("shared").expect("map").info().id;
    assert_eq!(id(&one), id(&two));
    verdict(one.program("count").expect("program"), 0);
    verdict(two.program("count").expect("program"), 0);
    assert_eq!(u64_at(two.map("shared").expect("map"), 0), 2);

    // The map outlives both, and its contents stay.
    drop((one, two));
    let three = system
        .load_with(&object, &options)
        .expect("load a third time");
    assert_eq!(u64_at(three.map("shared").expect("map"), 0), 2);
    system
        .unpin(&sandbox.bpffs().join("shared"))
        .expect("unpin");
}

/// Seed: whatever was pinned was taken, a map of other sizes and even a program.
#[test]
fn what_is_pinned_must_fit() {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    let place = sandbox.bpffs().join("shared");
    let options = LoadOptions::new().pin_root(sandbox.bpffs());
    let object = object("load/pinned.bpf.o");

    let other = MapSpec::new("other", MapType::HASH, 16, 64, 10);
    system
        .create_map(&other, None)
        .expect("a map")
        .pin(&place)
        .expect("pin");
    assert_eq!(
        refusal(system.load_with(&object, &options)),
        format!(
            "map `shared` pinned at {} does not fit the object: its map_type is hash, the object wants array, its \
             key_size is 16, the object wants 4, its value_size is 64, the object wants 8, its max_entries is 10, the \
             object wants 1 (unpin it, or change the object)",
            place.display()
        )
    );
    system.unpin(&place).expect("unpin");

    let mut program = object.clone();
    for map in &mut program.maps {
        map.pinning = ebpf_core::map::Pinning::None;
    }
    let loaded = system.load(&program).expect("load");
    loaded
        .program("weakly")
        .expect("program")
        .pin(&place)
        .expect("pin");
    assert_eq!(
        refusal(system.load_with(&object, &options)),
        format!(
            "open map `shared` pinned at {}: a program is pinned there (unpin it, or use another directory)",
            place.display()
        )
    );
}

#[test]
fn a_failed_load_leaves_nothing_behind() {
    if !require("kernel") {
        return;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let system = KernelSystem::new();
    let mut object = object("load/pinned.bpf.o");
    let broken = object.program_mut("weakly").expect("program");
    broken.instructions.truncate(1);
    let options = LoadOptions::new().pin_root(sandbox.bpffs());
    let text = refusal(system.load_with(&object, &options));
    assert!(
        text.starts_with("verifier refused program `weakly`: EINVAL"),
        "{text}"
    );
    let left = system
        .open_pinned(&sandbox.bpffs().join("shared"))
        .expect_err("the pin is gone");
    assert_eq!(left.errno(), Some(Errno::ENOENT));
}

#[test]
fn maps_are_replaced_by_those_that_are_given() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let object = object("load/pinned.bpf.o");
    let mine = system
        .create_map(&MapSpec::new("mine", MapType::ARRAY, 4, 8, 1), None)
        .expect("a map");
    mine.upsert(&0u32.to_ne_bytes(), &7u64.to_ne_bytes())
        .expect("write");
    let options = LoadOptions::new().replace_map("shared", mine.clone());
    let loaded = system.load_with(&object, &options).expect("load");
    assert!(loaded.pins().is_empty());
    verdict(loaded.program("count").expect("program"), 0);
    assert_eq!(u64_at(&mine, 0), 8);

    let other = system
        .create_map(&MapSpec::new("other", MapType::ARRAY, 4, 8, 2), None)
        .expect("a map");
    let options = LoadOptions::new().replace_map("shared", other);
    assert_eq!(
        refusal(system.load_with(&object, &options)),
        "map `shared` given in its place does not fit the object: its max_entries is 2, the object wants 1 (unpin it, \
         or change the object)"
    );
}

#[test]
fn a_size_that_is_open_is_asked_for_and_taken() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let object = object("load/no_entries.bpf.o");
    assert_eq!(
        refusal(system.load(&object)),
        "create map `sized_later` (hash): max_entries is 0: set it before the map is created"
    );
    let options = LoadOptions::new().max_entries("sized_later", 3);
    let loaded = system.load_with(&object, &options).expect("load");
    assert_eq!(
        loaded.map("sized_later").expect("map").info().max_entries,
        3
    );
}

#[test]
fn sizes_that_a_type_dictates_are_put_right() {
    if !require("kernel") {
        return;
    }
    let mut object = object("load/no_entries.bpf.o");
    let map = object.map_mut("sized_later").expect("map");
    map.max_entries = 5;
    object
        .maps
        .push(MapSpec::new("ring", MapType::RINGBUF, 0, 8, 4097));
    object
        .maps
        .push(MapSpec::new("slots", MapType::PROG_ARRAY, 0, 8, 1));
    let loaded = KernelSystem::new().load(&object).expect("load");
    let ring = loaded.map("ring").expect("map").info();
    assert_eq!((ring.max_entries, ring.value_size), (8192, 0));
    let slots = loaded.map("slots").expect("map").info();
    assert_eq!((slots.key_size, slots.value_size), (4, 4));
    let notes: Vec<String> = loaded.notes().iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "map `ring` has a value size of 0 instead of 8, as its type demands",
            "ring buffer `ring` has 8192 bytes instead of 4097: a power of two, whole pages",
            "map `slots` has a value size of 4 instead of 8, as its type demands",
        ]
    );
}

#[test]
fn refusals_of_the_kernel_name_what_and_why() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    // "offset is outside of the packet", and since Linux 7.3 "min value is outside of the allowed memory range".
    let text = refusal(system.load(&object("load/refused_program.bpf.o")));
    let start = "verifier refused program `careless`: EACCES: permission denied: R1 ";
    assert!(
        text.starts_with(start) && text.contains(" is outside of the "),
        "{text}"
    );
    assert_eq!(
        refusal(system.load(&object("load/refused_map.bpf.o"))),
        "create on map `too_large`: E2BIG: argument list too long (the map is larger than the kernel allows)"
    );
    assert_eq!(
        refusal(system.load(&object("load/no_license.bpf.o"))),
        "verifier refused program `talks`: EINVAL: invalid argument (give the object a GPL-compatible licence: \
         SEC(\"license\") = \"GPL\" or \"Dual MIT/GPL\"): cannot call GPL-restricted function from non-GPL compatible \
         program"
    );
}

#[test]
fn files_are_named_in_errors() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let missing = path("load/no_such.bpf.o");
    let text = refusal(system.load_file(&missing));
    assert!(
        text.starts_with(&format!(
            "{}: read the object: No such file",
            missing.display()
        )),
        "{text}"
    );
    let other_order = path("object/calls.eb.bpf.o");
    let text = refusal(system.load_file(&other_order));
    if cfg!(target_endian = "little") {
        assert_eq!(
            text,
            format!(
                "{}: the object is big-endian, this machine is little-endian: compile it with -target bpfel",
                other_order.display()
            )
        );
    }
}

#[test]
fn functions_of_loaded_programs_are_replaced() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let object = object("load/replaces.bpf.o");
    let first = system.load(&object).expect("load");
    let outer = first.program("outer").expect("program").clone();
    assert_eq!(verdict(&outer, 0), XdpAction::PASS.0);

    let alone = LoadOptions::new().enable("inner");
    assert_eq!(
        refusal(system.load_with(&object, &alone)),
        "load program `inner`: programs of type ext need a target: a loaded program, given by LoadOptions::target"
    );
    let types = object.btf.as_ref().expect("types");
    let tied = alone.target("inner", outer, types);
    if let Some(second) = loaded_if_allowed(system.load_with(&object, &tied)) {
        assert!(second.program("inner").is_ok());
    }

    let mut wrong = object.clone();
    wrong.program_mut("inner").expect("program").attach_to = Some("nowhere".to_owned());
    assert_eq!(
        refusal(system.load_with(&wrong, &tied)),
        "program `inner`: there is no function of a loaded program `nowhere` to attach to"
    );
}

#[test]
fn kernel_functions_and_hooks_are_found_by_name() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let mut object = object("load/traces.bpf.o");
    if let Some(loaded) = loaded_if_allowed(system.load(&object)) {
        let names: Vec<&str> = loaded.programs().map(|(name, _)| name).collect();
        assert_eq!(names, ["entry", "switched", "opens"]);
    }

    object.program_mut("entry").expect("program").attach_to = Some("no_such_function".to_owned());
    assert_eq!(
        refusal(system.load(&object)),
        "program `entry`: there is no kernel function `no_such_function` to attach to"
    );
    object.program_mut("entry").expect("program").attach_to = None;
    assert_eq!(
        refusal(system.load(&object)),
        "load program `entry`: programs of type tracing need a target: the name of a kernel function, in the section \
         name or ProgramSpec::attach_to"
    );
}

#[test]
fn kernel_symbols_are_found_and_the_missing_named() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let mut object = object("load/symbols.bpf.o");
    let loaded = system.load(&object).expect("load");
    let program = loaded.program("asks").expect("program");
    assert_eq!(verdict(program, 0), XdpAction::PASS.0);
    assert_ne!(loaded.global::<u64>("address").expect("variable").get(), 0);

    for symbol in &mut object.program_mut("asks").expect("program").externs {
        symbol.weak = false;
    }
    assert_eq!(
        refusal(system.load(&object)),
        "program `asks` needs what the kernel does not provide: surely_missing, bpf_surely_missing"
    );
}

#[test]
fn callbacks_of_kernel_structures_load() {
    if !require("kernel") {
        return;
    }
    let mut object = object("object/struct_ops.bpf.o");
    let system = KernelSystem::new();
    let loaded = system.load(&object).or_else(|error| {
        // Structures that a link puts in force came with Linux 6.4.
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
        object.map_mut("linked").expect("map").optional = true;
        system.load(&object)
    });
    let loaded = loaded.expect("load");
    assert_eq!(
        loaded.map("ours").expect("map").info().map_type,
        MapType::STRUCT_OPS
    );
    assert!(loaded.program("half").is_ok());
}

#[test]
fn many_programs_load_alike_on_one_thread_and_on_several() {
    if !require("kernel") {
        return;
    }
    let mut object = object("load/replaces.bpf.o");
    let model = object.program("outer").expect("program").clone();
    for number in 0..40 {
        let mut program = model.clone();
        program.name = format!("copy_{number}");
        object.programs.push(program);
    }
    let system = KernelSystem::new();
    for threads in [1, 2, 7] {
        let options = LoadOptions::new().threads(NonZeroUsize::new(threads).expect("not zero"));
        let loaded = system.load_with(&object, &options).expect("load");
        let names: Vec<&str> = loaded.programs().map(|(name, _)| name).collect();
        let expected: Vec<&str> = object
            .programs
            .iter()
            .filter(|program| !program.optional)
            .map(|program| program.name.as_str())
            .collect();
        assert_eq!(names, expected);
        assert!(
            loaded
                .programs()
                .all(|(name, program)| *program.info().name == *name)
        );
    }
    // Of several that fail, the first is told.
    for name in ["copy_30", "copy_9"] {
        object
            .program_mut(name)
            .expect("program")
            .instructions
            .truncate(1);
    }
    let options = LoadOptions::new().threads(NonZeroUsize::new(4).expect("not zero"));
    let text = refusal(system.load_with(&object, &options));
    assert!(text.contains("`copy_9`"), "{text}");
}

#[test]
fn programs_that_need_adapting_say_so() {
    if !require("kernel") {
        return;
    }
    let mut object = object("load/no_entries.bpf.o");
    object.map_mut("sized_later").expect("map").max_entries = 1;
    let program = object.program_mut("pass").expect("program");
    program
        .core_relocations
        .push(ebpf_core::program::CoreReference {
            instruction: 3,
            type_id: ebpf_core::btf::TypeId(1),
            access: 0,
            kind: 0,
        });
    let error = KernelSystem::new().load(&object).expect_err("refused");
    assert!(matches!(
        &error,
        LoadError::Program(ProgramError::Spec {
            problem: ProgramProblem::NeedsCoRe { count: 1, first: 3 },
            ..
        })
    ));
}
