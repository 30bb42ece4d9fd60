//! Loading, refusing and running programs.

use std::sync::Arc;

use ebpf_core::insn::{Insn, Reg, Size};
use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{
    Extern, ExternKind, LogLevel, ProgramError, ProgramExt, ProgramSpec, ProgramType, Reference,
    Referent, RunInput, RunOutput,
};
use ebpf_core::system::{Bindings, ExternValue, Feature, Support};
use ebpf_core::{Errno, KernelSystem, Map, Program, System};
use ebpf_testbed::require;

pub(crate) fn returns(value: i32, program_type: ProgramType) -> ProgramSpec {
    let instructions = vec![Insn::mov_imm(Reg::R0, value), Insn::exit()];
    ProgramSpec::new("returns", program_type, instructions).with_license("Dual MIT/GPL")
}

pub(crate) fn load(spec: &ProgramSpec) -> Result<Arc<dyn Program>, ProgramError> {
    KernelSystem::new().load_program(spec, &Bindings::default())
}

#[test]
fn a_loaded_program_tells_of_itself() {
    if !require("kernel") {
        return;
    }
    let mut spec = returns(2, ProgramType::XDP);
    spec.name = "a_name_longer_than_the_kernel_keeps".to_owned();
    let program = load(&spec).expect("load");
    let info = program.info();
    assert_eq!(&*info.name, spec.name);
    assert_eq!(info.program_type, ProgramType::XDP);
    assert!(info.id.0 > 0 && info.gpl_compatible);
    assert_eq!(info.tag.to_string().len(), 16);
    assert!(info.translated_bytes >= 16);
    // Told since Linux 5.16.
    assert!(matches!(info.verified_instructions, 0 | 2));
    assert!(info.map_ids.is_empty() && info.verifier_log.is_empty());

    let again = KernelSystem::new().program_by_id(info.id).expect("by id");
    assert_eq!(&*again.info().name, "a_name_longer_t");
    assert_eq!(again.info().tag, info.tag);
    assert_eq!(again.info().loaded_at, info.loaded_at);
    assert_eq!(program.query().expect("query").run_count, 0);
}

#[test]
fn a_refusal_has_the_log_and_the_number() {
    if !require("kernel") {
        return;
    }
    // Returns without having set r0.
    let spec =
        ProgramSpec::new("bad", ProgramType::SOCKET_FILTER, vec![Insn::exit()]).with_license("GPL");
    let error = load(&spec).expect_err("refused");
    assert_eq!(error.errno(), Some(Errno::EACCES));
    let ProgramError::Verifier(refusal) = &error else {
        panic!("{error:?}")
    };
    assert!(
        refusal.log.text().contains("R0 !read_ok"),
        "{}",
        refusal.log.text()
    );
    assert!(!refusal.log.truncated());
    assert_eq!(
        error.to_string(),
        "verifier refused program `bad`: EACCES: permission denied: R0 !read_ok"
    );
}

#[test]
fn a_log_larger_than_the_first_buffer_is_whole() {
    if !require("kernel") {
        return;
    }
    let mut instructions = vec![Insn::mov_imm(Reg::R1, 0); 8000];
    instructions.push(Insn::exit());
    let spec =
        ProgramSpec::new("long", ProgramType::SOCKET_FILTER, instructions).with_license("GPL");
    let ProgramError::Verifier(refusal) = load(&spec).expect_err("refused") else {
        panic!("no log")
    };
    assert!(refusal.log.text().len() > 64 << 10);
    assert!(!refusal.log.truncated());
    assert!(
        refusal.log.lines().any(|line| line.starts_with("0: ")),
        "the beginning is there"
    );
    assert_eq!(refusal.log.cause(), Some("R0 !read_ok"));
}

#[test]
fn a_log_may_be_asked_for() {
    if !require("kernel") {
        return;
    }
    for (level, words) in [
        (LogLevel::Stats, "processed 2 insns"),
        (LogLevel::Instructions, "processed 2 insns"),
        (LogLevel::States, "exit"),
    ] {
        let mut spec = returns(0, ProgramType::SOCKET_FILTER);
        spec.log_level = level;
        let program = load(&spec).expect("load");
        assert!(
            program.info().verifier_log.text().contains(words),
            "{level:?}"
        );
    }
}

#[test]
fn a_spec_that_cannot_be_loaded_says_why() {
    let message = |spec: &ProgramSpec| load(spec).expect_err("refused").to_string();
    let mut spec = returns(0, ProgramType::UNSPEC);
    spec.section = "mystery".to_owned();
    assert_eq!(
        message(&spec),
        "load program `returns`: section `mystery` tells no program type: set ProgramSpec::program_type"
    );
    spec = ProgramSpec::new("empty", ProgramType::XDP, Vec::new());
    assert_eq!(
        message(&spec),
        "load program `empty`: it has no instructions"
    );
    spec = returns(0, ProgramType::XDP).with_license("G\0L");
    assert_eq!(
        message(&spec),
        "load program `returns`: the name or the licence has a NUL byte"
    );
    spec = returns(0, ProgramType::TRACING);
    spec.attach_to = Some("vfs_read".to_owned());
    assert!(message(&spec).ends_with("programs of type tracing need a target: `vfs_read` in the BTF of the kernel or of another program"));
    spec = returns(0, ProgramType::XDP);
    spec.references = vec![Reference {
        instruction: 0,
        referent: Referent::Map { map: 0 },
    }];
    assert_eq!(
        message(&spec),
        "load program `returns`: it refers to map 0, but 0 were given"
    );
}

#[test]
fn a_licence_that_is_missing_is_named() {
    if !require("kernel") {
        return;
    }
    // bpf_trace_printk, for GPL-compatible programs only.
    let instructions = vec![Insn::call_helper(6), Insn::exit()];
    let spec = ProgramSpec::new("printer", ProgramType::KPROBE, instructions);
    let error = load(&spec).expect_err("refused").to_string();
    assert!(
        error.contains("give the object a GPL-compatible licence"),
        "{error}"
    );
}

#[test]
fn a_program_reads_a_map() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let map = system
        .create_map(&MapSpec::new("numbers", MapType::ARRAY, 4, 8, 1), None)
        .expect("map");
    map.update_elem(&0u32.to_ne_bytes(), &77u64.to_ne_bytes(), UpdateFlags::ANY)
        .expect("update");

    let [first, second] = Insn::ld_map_value(Reg::R1, 0, 0);
    let instructions = vec![
        first,
        second,
        Insn::load(Size::W, Reg::R0, Reg::R1, 0),
        Insn::exit(),
    ];
    let mut spec =
        ProgramSpec::new("reader", ProgramType::SOCKET_FILTER, instructions).with_license("GPL");
    let index = spec.map_index("numbers");
    spec.references = vec![Reference {
        instruction: 0,
        referent: Referent::MapValue {
            map: index,
            offset: 0,
        },
    }];
    let bindings = Bindings {
        maps: &[&*map],
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings).expect("load");
    assert_eq!(program.info().map_ids, [map.info().id]);
    let result = program
        .run(&RunInput::data(&[0; 64]), &mut RunOutput::none())
        .expect("run");
    assert_eq!(result.return_value, 77);
}

#[test]
fn a_missing_weak_symbol_is_zero_and_its_call_is_refused_where_it_is_reached() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let weak = |kind| Extern {
        name: "no_such_symbol".into(),
        kind,
        weak: true,
        type_id: None,
    };
    let bindings = Bindings {
        externs: &[ExternValue::Missing],
        ..Bindings::default()
    };
    let reference = |instruction| Reference {
        instruction,
        referent: Referent::Extern { index: 0 },
    };

    let [first, second] = Insn::ld_imm64(Reg::R0, 99);
    let mut spec = ProgramSpec::new(
        "weak",
        ProgramType::SOCKET_FILTER,
        vec![first, second, Insn::exit()],
    );
    spec.externs = vec![weak(ExternKind::Variable)];
    spec.references = vec![reference(0)];
    let program = system.load_program(&spec, &bindings).expect("load");
    let result = program
        .run(&RunInput::data(&[0; 64]), &mut RunOutput::none())
        .expect("run");
    assert_eq!(result.return_value, 0);

    let call = Insn::call_kfunc(0, 0);
    let mut spec = ProgramSpec::new("weak", ProgramType::SOCKET_FILTER, vec![call, Insn::exit()]);
    spec.externs = vec![weak(ExternKind::Function)];
    spec.references = vec![reference(0)];
    let error = system
        .load_program(&spec, &bindings)
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("it calls a weak function that this kernel lacks"),
        "{error}"
    );
}

#[test]
fn runs_repeat_and_cut_off_what_does_not_fit() {
    if !require("kernel") {
        return;
    }
    let program = load(&returns(2, ProgramType::XDP)).expect("load");
    let packet: Vec<u8> = (0..64).collect();
    let (result, after) = program.run_once(&packet, 0).expect("run");
    assert_eq!((result.return_value, result.data_len), (2, 64));
    assert_eq!(after, packet);

    let mut short = [0xee; 16];
    let error = program
        .run(&RunInput::data(&packet), &mut RunOutput::data(&mut short))
        .expect_err("cut off");
    assert_eq!(error.errno(), Some(Errno::ENOSPC));
    assert_eq!(short, packet[..16]);

    let input = RunInput::data(&packet).repeat(1000);
    let result = program.run(&input, &mut RunOutput::none()).expect("run");
    assert_eq!((result.return_value, result.data_len), (2, 64));

    // Old kernels take packets shorter than an Ethernet header.
    if let Err(error) = program.run(&RunInput::data(&[0; 4]), &mut RunOutput::none()) {
        assert_eq!(
            error.to_string(),
            "run program `returns`: EINVAL: invalid argument (the type may not take such input: packets want 14 bytes at \
             least, other types no packet)"
        );
    }
}

#[test]
fn a_type_that_takes_no_packet_runs_on_a_context() {
    if !require("kernel") {
        return;
    }
    let mut spec = returns(7, ProgramType::SYSCALL);
    if KernelSystem::new().probe(Feature::ProgramType(ProgramType::SYSCALL)) == Ok(Support::No) {
        ebpf_testbed::skip("this kernel has no programs of type syscall");
        return;
    }
    spec.flags = ebpf_core::program::ProgramFlags::SLEEPABLE;
    let program = load(&spec).expect("load");
    let result = program
        .run(&RunInput::context(&[0; 8]), &mut RunOutput::none())
        .expect("run");
    assert_eq!((result.return_value, result.context_len), (7, 8));
}
