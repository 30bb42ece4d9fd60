//! What the docs promise is what there is. `EBPF_BLESS=1` writes it down anew.

use std::collections::BTreeSet;

use ebpf_core::conformance::typed;
use ebpf_core::insn::{assemble, helper_name};
use ebpf_core::map::{KeyRule, MapFlags, MapSpec, MapType, ValueRule};
use ebpf_core::program::{AttachType, ProgramFlags, ProgramSpec, ProgramType, RunInput, RunOutput};
use ebpf_core::system::{Bindings, KernelVersion};
use ebpf_core::{Errno, Program as _, System as _};

use crate::MockSystem;
use crate::engine::helpers;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/promises.md");
const PROMISES: &str = include_str!("../docs/promises.md");

/// A kernel newer than all features.
fn newest() -> MockSystem {
    MockSystem::builder()
        .release(KernelVersion::new(9, 0, 0))
        .build()
}

/// Demands that the row of this name promises these and nothing else; `EBPF_BLESS=1` writes all of them down, and what is
/// not there.
fn check(name: &str, simulated: &[String], not: &str) {
    let start = format!("| **{name}**");
    let is_row = |line: &&str| line.starts_with(&start);
    let row = PROMISES.lines().find(is_row).expect("a row");
    let mut cells = row.split(" | ");
    let (title, promised) = (
        cells.next().unwrap_or(row),
        cells.next().unwrap_or_default(),
    );
    if std::env::var_os("EBPF_BLESS").is_some() {
        let expected = format!("{title} | {} | {} |", list(simulated), not);
        let now = std::fs::read_to_string(FILE).expect("the file");
        std::fs::write(FILE, now.replace(row, &expected)).expect("written");
        return;
    }
    let promised: BTreeSet<&str> = promised.split('`').skip(1).step_by(2).collect();
    let kept: BTreeSet<&str> = simulated.iter().map(|name| &name[..]).collect();
    assert_eq!(promised, kept, "docs/promises.md, row {name}");
}

fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// A spec that obeys the rules of a type, with these flags.
fn spec(map_type: MapType, flags: MapFlags) -> Option<MapSpec> {
    let row = map_type.row()?;
    let key = match row.key {
        KeyRule::None => 0,
        KeyRule::Lpm => 8,
        KeyRule::CgroupStorage => 16,
        _ => 4,
    };
    let value = match row.value {
        ValueRule::None => 0,
        ValueRule::U32 | ValueRule::U32OrWider => 4,
        _ if map_type == MapType::INSN_ARRAY => 16,
        _ => 8,
    };
    let rings = [MapType::RINGBUF, MapType::USER_RINGBUF, MapType::ARENA];
    let no_entries = [
        MapType::SK_STORAGE,
        MapType::INODE_STORAGE,
        MapType::TASK_STORAGE,
        MapType::CGRP_STORAGE,
        MapType::CGROUP_STORAGE,
        MapType::PERCPU_CGROUP_STORAGE,
    ];
    let entries = match map_type {
        ring if rings.contains(&ring) => 4096,
        storage if no_entries.contains(&storage) => 0,
        _ => 4,
    };
    let mut spec = MapSpec::new("map", map_type, key, value, entries);
    spec.flags = flags;
    if map_type.holds_maps() {
        spec.inner = Some(Box::new(MapSpec::new("inner", MapType::ARRAY, 4, 4, 1)));
    }
    Some(match value {
        8 => typed(spec, false),
        _ => spec,
    })
}

fn is_simulated(map_type: MapType) -> bool {
    // A structure of callbacks has to be among the kernel's types, which are the test's to give.
    if map_type == MapType::STRUCT_OPS {
        return true;
    }
    let flags = [MapFlags::NONE, MapFlags::NO_PREALLOC, MapFlags::MMAPABLE];
    flags.into_iter().any(|flags| {
        let Some(spec) = spec(map_type, flags) else {
            return false;
        };
        newest().create_map(&spec, None).is_ok()
    })
}

#[test]
fn map_types() {
    let all = (1..128).map(MapType).filter(|one| one.row().is_some());
    let (simulated, not): (Vec<MapType>, Vec<MapType>) = all.partition(|one| is_simulated(*one));
    let not: Vec<String> = not.iter().map(MapType::to_string).collect();
    let simulated: Vec<String> = simulated.iter().map(MapType::to_string).collect();
    check("map types", &simulated, &list(&not));
}

/// Whether a program of a type runs on input that a test gives.
fn runs(program_type: ProgramType) -> bool {
    let system = newest();
    let code = assemble("r0 = 0\nexit").expect("code");
    let hooks = (0..64).map(|hook| Some(AttachType(hook)));
    for hook in std::iter::once(None).chain(hooks) {
        let mut spec = ProgramSpec::new("program", program_type, code.clone());
        spec.license = "GPL".into();
        spec.expected_attach_type = hook;
        if program_type == ProgramType::SYSCALL {
            spec.flags = ProgramFlags::SLEEPABLE;
        }
        let Ok(program) = system.load_program(&spec, &Bindings::default()) else {
            continue;
        };
        let packet = [0; 64];
        let ran = program.run(&RunInput::data(&packet), &mut RunOutput::default());
        if !ran.is_err_and(|error| error.errno() == Some(Errno::ENOTSUPP)) {
            return true;
        }
    }
    false
}

#[test]
fn program_types() {
    let all = (1..128)
        .map(ProgramType)
        .filter(|one| one.since().is_some());
    let (simulated, not): (Vec<ProgramType>, Vec<ProgramType>) = all.partition(|one| runs(*one));
    let not: Vec<String> = not.iter().map(ProgramType::to_string).collect();
    let simulated: Vec<String> = simulated.iter().map(ProgramType::to_string).collect();
    check("programs that run on given input", &simulated, &list(&not));
}

#[test]
fn helpers_and_kernel_functions() {
    let all = (1..1024).filter_map(|id| Some((id, helper_name(id)?)));
    let (simulated, not): (Vec<_>, Vec<_>) = all.partition(|(id, _)| helpers::find(*id).is_some());
    let names = |helpers: &[(u32, &str)]| -> Vec<String> {
        let names = helpers
            .iter()
            .map(|(_, name)| name.trim_start_matches("bpf_").to_owned());
        names.collect()
    };
    check("helpers", &names(&simulated), &list(&names(&not)));

    let kfuncs: Vec<String> = helpers::kfuncs()
        .map(|kfunc| kfunc.name.to_owned())
        .collect();
    check("kernel functions", &kfuncs, "all others");
}
