//! Programs and packets that are wrong in ways that a user meets: each has an error that says so, on both systems.

use std::sync::Arc;

use ebpf_core::conformance::code;
use ebpf_core::insn::{Insn, Reg};
use ebpf_core::map::{Map, MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{
    Function, Program, ProgramError, ProgramExt, ProgramSpec, ProgramType, RunInput, RunOutput,
};
use ebpf_core::system::Bindings;
use ebpf_core::{Errno, System};
use ebpf_mock::MockSystem;

/// The systems that there are here, by their names.
fn systems() -> Vec<(&'static str, Box<dyn System>)> {
    let mut systems: Vec<(_, Box<dyn System>)> = vec![("mock", Box::new(MockSystem::new()))];
    #[cfg(target_os = "linux")]
    if ebpf_testbed::require("kernel") {
        systems.push(("kernel", Box::new(ebpf_core::KernelSystem::new())));
    }
    systems
}

fn load(system: &dyn System, spec: &ProgramSpec) -> Result<Arc<dyn Program>, ProgramError> {
    system.load_program(spec, &Bindings::default())
}

/// What both systems say of a program that they refuse: the same error number, and both of these words.
#[track_caller]
fn refused(spec: &ProgramSpec, errno: Errno, words: &str) {
    for (name, system) in systems() {
        let error = match load(&*system, spec) {
            Ok(_) => panic!("the {name} takes it"),
            Err(error) => error,
        };
        assert_eq!(error.errno(), Some(errno), "{name}: {error:#}");
        let text = format!("{error:#}");
        assert!(text.contains(words), "{name}: no `{words}` in {text}");
    }
}

/// What the simulated system says of a program that it stops.
#[track_caller]
fn stopped(program: &dyn Program) -> String {
    let ran = program.run(&RunInput::data(&[0; 64]), &mut RunOutput::none());
    match ran {
        Err(ProgramError::Fault { report, .. }) => report.to_string(),
        other => panic!("it should be stopped: {other:?}"),
    }
}

fn xdp(text: &str) -> ProgramSpec {
    code(ProgramType::XDP, text)
}

fn unchecked() -> MockSystem {
    MockSystem::builder()
        .static_checks(false)
        .instruction_budget(100_000)
        .build()
}

#[test]
fn an_endless_loop_is_stopped() {
    let system = unchecked();
    for text in [
        "r0 = 0\nagain: goto again\nexit",
        "r0 = 0\nagain: r0 += 1\nif r0 != 0 goto again\nexit",
        "r6 = 0\nagain: call bpf_ktime_get_ns\ngoto again\nexit",
    ] {
        let program = load(&system, &xdp(text)).expect("it loads unchecked");
        let report = stopped(&*program);
        assert!(report.contains("100000 instructions"), "{report}");
        assert!(report.contains("instruction "), "{report}");
    }
}

#[test]
fn loops_that_helpers_turn_are_stopped_too() {
    const LOOP: u32 = 181;
    let mut insns = vec![Insn::mov_imm(Reg::R1, 8 << 20)];
    // The function after the program's own.
    insns.extend(Insn::ld_func(Reg::R2, 5));
    insns.push(Insn::mov_imm(Reg::R3, 0));
    insns.push(Insn::mov_imm(Reg::R4, 0));
    insns.push(Insn::call_helper(LOOP));
    insns.push(Insn::exit());
    insns.push(Insn::mov_imm(Reg::R0, 0));
    insns.push(Insn::exit());
    let mut spec = ProgramSpec::new("turns", ProgramType::XDP, insns);
    spec.functions = [("turns", 0), ("turn", 7)]
        .map(|(name, start)| Function {
            name: name.into(),
            start,
            type_id: None,
        })
        .to_vec();
    let system = unchecked();
    let program = load(&system, &spec).expect("it loads");
    let report = stopped(&*program);
    assert!(report.contains("100000 instructions"), "{report}");
    assert!(report.contains("in `turn`"), "{report}");
}

#[test]
fn a_million_instructions_run() {
    let mut insns = vec![Insn::mov_imm(Reg::R0, 1); 999_999];
    insns.push(Insn::exit());
    let spec = ProgramSpec::new("long", ProgramType::XDP, insns.clone());
    let program = load(&MockSystem::new(), &spec).expect("as many as there may be");
    let (result, _) = program.run_once(&[0; 64], 0).expect("it runs");
    assert_eq!(result.return_value, 1);
    insns.insert(0, Insn::mov_imm(Reg::R0, 0));
    refused(
        &ProgramSpec::new("longer", ProgramType::XDP, insns),
        Errno::E2BIG,
        "",
    );
    for (name, system) in systems() {
        let empty = ProgramSpec::new("empty", ProgramType::XDP, Vec::new());
        let error = load(&*system, &empty).expect_err("there is nothing to run");
        let text = error.to_string();
        assert_eq!(
            text, "load program `empty`: it has no instructions",
            "{name}"
        );
    }
}

#[test]
fn jumps_outside_are_refused() {
    for (insns, words) in [
        (
            vec![Insn::goto(7), Insn::exit()],
            "jump out of range from insn 0 to 8",
        ),
        (
            vec![Insn::goto(-2), Insn::exit()],
            "jump out of range from insn 0 to -1",
        ),
        (vec![Insn::call_local(5), Insn::exit()], ""),
        (vec![Insn::mov_imm(Reg::R0, 0)], ""),
    ] {
        refused(
            &ProgramSpec::new("jumps", ProgramType::XDP, insns),
            Errno::EINVAL,
            words,
        );
    }
    // Unchecked, they are stopped where they get to.
    let system = unchecked();
    for insns in [
        vec![Insn::goto(7), Insn::exit()],
        vec![Insn::goto(i16::MIN), Insn::exit()],
        vec![Insn::mov_imm(Reg::R0, 0)],
        vec![Insn::call_local(i32::MAX), Insn::exit()],
    ] {
        let program = load(&system, &ProgramSpec::new("jumps", ProgramType::XDP, insns));
        match program {
            Ok(program) => assert!(!stopped(&*program).is_empty()),
            Err(error) => assert_eq!(error.errno(), Some(Errno::EINVAL)),
        }
    }
}

#[test]
fn half_a_wide_immediate_is_refused() {
    let [first, second] = Insn::ld_imm64(Reg::R0, 1 << 40);
    for insns in [vec![first], vec![first, Insn::exit()]] {
        refused(
            &ProgramSpec::new("half", ProgramType::XDP, insns),
            Errno::EINVAL,
            "",
        );
    }
    // A jump into its middle.
    let insns = vec![Insn::goto(1), first, second, Insn::exit()];
    refused(
        &ProgramSpec::new("middle", ProgramType::XDP, insns),
        Errno::EINVAL,
        "",
    );
}

#[test]
fn recursion_is_refused_and_stopped() {
    let insns = vec![
        Insn::call_local(1),
        Insn::exit(),
        Insn::call_local(-1),
        Insn::exit(),
    ];
    let mut spec = ProgramSpec::new("recursion", ProgramType::XDP, insns);
    spec.license = "GPL".into();
    for (name, system) in systems() {
        let error = load(&*system, &spec).expect_err("it calls itself");
        let errno = error.errno();
        assert!(
            errno == Some(Errno::EINVAL) || errno == Some(Errno::E2BIG),
            "{name}: {error:#}"
        );
    }
    let system = unchecked();
    let program = load(&system, &spec).expect("it loads unchecked");
    let report = stopped(&*program);
    assert!(report.contains("8 frames"), "{report}");
    assert!(report.contains("called by"), "{report}");
}

#[test]
fn packets_of_no_bytes_and_of_many() {
    let cases = [
        (ProgramType::XDP, 0, Err(Errno::EINVAL)),
        (ProgramType::XDP, 13, Err(Errno::EINVAL)),
        (ProgramType::XDP, 14, Ok(2)),
        (ProgramType::XDP, 1 << 16, Ok(2)),
        (ProgramType::XDP, 1 << 20, Err(Errno::ENOMEM)),
        (ProgramType::SCHED_CLS, 0, Err(Errno::EINVAL)),
        (ProgramType::SCHED_CLS, 1 << 16, Err(Errno::EINVAL)),
        (ProgramType::SOCKET_FILTER, 0, Err(Errno::EINVAL)),
        (ProgramType::SOCKET_FILTER, 1 << 16, Err(Errno::EINVAL)),
        (ProgramType::FLOW_DISSECTOR, 0, Err(Errno::EINVAL)),
        (ProgramType::FLOW_DISSECTOR, 1 << 16, Err(Errno::EINVAL)),
    ];
    for (name, system) in systems() {
        for (program_type, length, expected) in cases {
            let program = load(&*system, &code(program_type, "r0 = 2\nexit"));
            let program = program.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            let packet = vec![0; length];
            let ran = program.run(&RunInput::data(&packet), &mut RunOutput::none());
            let ran = ran.map(|result| result.return_value);
            let ran = ran.map_err(|error| error.errno().expect("a number"));
            assert_eq!(ran, expected, "{name}: {program_type} on {length} bytes");
        }
    }
}

/// A packet of 64 KiB is more than a program sees at once.
#[test]
fn reading_past_the_first_part_is_stopped() {
    let text = "r2 = *(u32 *)(r1 + 0)
        r2 += 60000
        r0 = *(u8 *)(r2 + 0)
        exit";
    let system = unchecked();
    let program = load(&system, &xdp(text)).expect("it loads unchecked");
    let packet = vec![0; 1 << 16];
    let error = program.run(&RunInput::data(&packet), &mut RunOutput::none());
    let text = error.expect_err("it is stopped").to_string();
    assert!(text.contains("offset 60000 of the packet"), "{text}");
}

/// A program that calls itself in the end goes on as often as there are tail calls.
#[test]
fn tail_calls_end() {
    for (name, system) in systems() {
        let slots = MapSpec::new("slots", MapType::PROG_ARRAY, 4, 4, 1);
        let slots = system.create_map(&slots, None).expect("a map");
        let text = "r2 = map_by_idx(0)
            r3 = 0
            call bpf_tail_call
            r0 = 1
            exit";
        let maps: [&dyn Map; 1] = [&*slots];
        let bindings = Bindings {
            maps: &maps,
            ..Bindings::default()
        };
        let program = system.load_program(&xdp(text), &bindings);
        let program = program.expect("it loads");
        let handle = program.handle();
        let number = handle
            .raw_in(system.id())
            .expect("a program of the system's");
        let put = slots.update_elem(&[0; 4], &number.to_ne_bytes(), UpdateFlags::ANY);
        put.expect("a program in the slot");
        let (result, _) = program.run_once(&[0; 64], 0).expect("it ends");
        assert_eq!(result.return_value, 1, "{name}");
    }
}
