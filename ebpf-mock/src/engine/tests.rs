//! The engine in small, without a system around it.

use std::sync::Arc;

use ebpf_core::insn::assemble;
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{
    ProgramError, ProgramFlags, ProgramSpec, ProgramType, Reference, Referent, RunInput, RunOutput,
};
use ebpf_core::system::Bindings;
use ebpf_core::{Map, MapExt, Program, System};

use crate::MockSystem;

fn run(text: &str, maps: &[&dyn Map], system: &MockSystem) -> Result<u32, ProgramError> {
    let mut spec = ProgramSpec::new(
        "test",
        ProgramType::SYSCALL,
        assemble(text).expect("a program"),
    );
    spec.flags = ProgramFlags::SLEEPABLE;
    // Every wide load of 0 is of the first map.
    for (index, insn) in spec.instructions.iter().enumerate() {
        if insn.is_wide() && insn.imm == 0 {
            let referent = Referent::Map { map: 0 };
            spec.references.push(Reference {
                instruction: index as u32,
                referent,
            });
        }
    }
    spec.maps = maps.iter().map(|map| map.info().name.clone()).collect();
    let bindings = Bindings {
        maps,
        ..Bindings::default()
    };
    let program: Arc<dyn Program> = system.load_program(&spec, &bindings)?;
    let result = program.run(
        &RunInput::context(&[1, 2, 3, 4, 5, 6, 7, 8]),
        &mut RunOutput::none(),
    );
    result.map(|result| result.return_value)
}

fn report(text: &str) -> String {
    let error = run(
        text,
        &[],
        &MockSystem::builder()
            .instruction_budget(1000)
            .static_checks(false)
            .build(),
    )
    .expect_err("a fault");
    error.to_string()
}

#[test]
fn a_loop_ends() {
    let text = "r0 = 0
        r1 = 10
    again:
        r0 += r1
        r1 -= 1
        if r1 != 0 goto again
        exit";
    assert_eq!(run(text, &[], &MockSystem::new()), Ok(55));
}

#[test]
fn functions_have_stacks_and_registers_of_their_own() {
    let text = "r6 = 1
        *(u64 *)(r10 - 8) = 40
        r1 = r10
        r1 += -8
        call add
        r0 += r6
        exit
    add:
        r6 = *(u64 *)(r1 + 0)
        *(u64 *)(r10 - 8) = 7
        r0 = r6
        r0 += 1
        exit";
    assert_eq!(run(text, &[], &MockSystem::new()), Ok(42));
}

#[test]
fn maps_are_written_and_read() {
    let system = MockSystem::new();
    let spec = MapSpec::new("counts", MapType::HASH, 4, 8, 4);
    let map = system.create_map(&spec, None).expect("a map");
    let text = "*(u32 *)(r10 - 4) = 7
        *(u64 *)(r10 - 16) = 41
        r1 = 0 ll
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call bpf_map_update_elem
        r1 = 0 ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
        r0 = *(u32 *)(r0 + 0)
    out:
        exit";
    assert_eq!(run(text, &[&*map], &system), Ok(42));
    let value = map.get(&7u32.to_ne_bytes()).expect("a lookup");
    assert_eq!(value, Some(42u64.to_ne_bytes().to_vec()));
}

#[test]
fn what_goes_wrong_is_said() {
    for (text, said) in [
        ("r0 = *(u64 *)(r10 - 8)\nexit", "where nothing was written"),
        (
            "r2 = r1\nr2 += 8\nr0 = *(u64 *)(r2 + 0)\nexit",
            "offset 8 of the context, which has 8 bytes",
        ),
        ("r1 = 0\nr0 = *(u8 *)(r1 + 0)\nexit", "which is NULL"),
        ("call bpf_get_branch_snapshot\nexit", "does not have"),
        ("again: goto again\nexit", "instructions were executed"),
        (
            "f: call f\nexit",
            "the call stack of more than 8 frames is too deep",
        ),
    ] {
        let report = report(text);
        assert!(report.contains(said), "{report}");
    }
}

#[test]
fn a_program_runs_again_and_again() {
    let system = MockSystem::new();
    let text = "*(u64 *)(r10 - 8) = 1\nr0 = *(u64 *)(r10 - 8)\nexit";
    for _ in 0..3 {
        assert_eq!(run(text, &[], &system), Ok(1));
    }
}
