//! Programs that load: types, names, licences, flags, and what they are joined with. `bpf_prog_load()` in
//! kernel/bpf/syscall.c.

use crate::Errno;
use crate::conformance::{
    Foreign, code, errno_of, get, load, map, program, put, requires, run, spec, suite, verdict,
};
use crate::insn::Insn;
use crate::map::{MapFlags, MapType};
use crate::program::{
    AttachType, LogLevel, ProgramError, ProgramFlags, ProgramSpec, ProgramType, Reference, Referent,
};
use crate::system::{Bindings, Feature, Support};

/// Types whose programs load without a target, with the attach type they need.
const SIMPLE: [(ProgramType, Option<AttachType>); 17] = [
    (ProgramType::SOCKET_FILTER, None),
    (ProgramType::KPROBE, None),
    (ProgramType::SCHED_CLS, None),
    (ProgramType::SCHED_ACT, None),
    (ProgramType::TRACEPOINT, None),
    (ProgramType::XDP, None),
    (ProgramType::PERF_EVENT, None),
    (ProgramType::CGROUP_SKB, None),
    (ProgramType::CGROUP_SOCK, None),
    (ProgramType::LWT_IN, None),
    (ProgramType::SOCK_OPS, None),
    (ProgramType::SK_SKB, None),
    (ProgramType::CGROUP_DEVICE, None),
    (ProgramType::SK_MSG, None),
    (ProgramType::RAW_TRACEPOINT, None),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        Some(AttachType::CGROUP_INET4_CONNECT),
    ),
    (ProgramType::SK_LOOKUP, Some(AttachType::SK_LOOKUP)),
];

const ZERO: &str = "r0 = 0\nexit";

suite! { ($) load, __conformance_load;
    fn every_simple_type_loads(t) {
        for (program_type, attach_type) in SIMPLE {
            if t.system().probe(Feature::ProgramType(program_type)) == Ok(Support::No) {
                continue;
            }
            let mut spec = code(program_type, ZERO);
            spec.expected_attach_type = attach_type;
            let program = load(t, &spec, &[]).unwrap_or_else(|error| panic!("{program_type}: {error:#}"));
            assert_eq!(program.info().program_type, program_type);
        }
    }

    fn a_type_that_wants_an_attach_type_refuses_others(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::CGROUP_SOCK_ADDR));
        let mut spec = code(ProgramType::CGROUP_SOCK_ADDR, "r0 = 1\nexit");
        for wrong in [None, Some(AttachType::XDP), Some(AttachType::CGROUP_DEVICE)] {
            spec.expected_attach_type = wrong;
            assert_eq!(errno_of(load(t, &spec, &[])), Errno::EINVAL, "{wrong:?}");
        }
    }

    fn xdp_takes_its_attach_type_or_none(t, case) {
        requires!(t, case, Feature::AttachType(ProgramType::XDP, AttachType::XDP));
        for attach_type in [None, Some(AttachType::XDP)] {
            let mut spec = code(ProgramType::XDP, "r0 = 2\nexit");
            spec.expected_attach_type = attach_type;
            assert_eq!(run(&load(t, &spec, &[]).expect("load")), 2);
        }
    }

    fn a_long_name_is_kept_in_full_here_and_cut_there(t) {
        let mut spec = code(ProgramType::XDP, ZERO);
        spec.name = "a_name_of_more_than_fifteen_bytes".to_owned();
        let program = load(t, &spec, &[]).expect("load");
        assert_eq!(*program.info().name, spec.name);
        let again = t.system().program_by_id(program.info().id).expect("by id");
        assert_eq!(*again.info().name, spec.name[..15]);
    }

    fn a_name_may_have_any_characters(t) {
        for name in ["", "with space", "ümlaut", "a-b", "x.y_z9"] {
            let mut spec = code(ProgramType::XDP, ZERO);
            spec.name = name.to_owned();
            assert_eq!(&*load(t, &spec, &[]).expect("load").info().name, name);
        }
    }

    fn a_nul_in_name_or_licence_is_refused(t) {
        let mut named = code(ProgramType::XDP, ZERO);
        named.name = "a\0b".to_owned();
        for spec in [named, code(ProgramType::XDP, ZERO).with_license("GPL\0")] {
            let error = load(t, &spec, &[]).expect_err("a NUL");
            assert!(error.to_string().contains("NUL byte"), "{error}");
        }
    }

    fn no_instructions_are_refused(t) {
        let error = load(t, &ProgramSpec::new("empty", ProgramType::XDP, Vec::new()), &[]).expect_err("empty");
        assert_eq!(error.to_string(), "load program `empty`: it has no instructions");
    }

    fn no_type_is_refused(t) {
        let mut spec = code(ProgramType::UNSPEC, ZERO);
        spec.section = "custom/part".to_owned();
        let error = load(t, &spec, &[]).expect_err("no type");
        assert!(error.to_string().contains("section `custom/part` tells no program type"), "{error}");
    }

    fn an_unknown_type_is_einval(t) {
        assert_eq!(errno_of(load(t, &code(ProgramType(9999), ZERO), &[])), Errno::EINVAL);
    }

    fn unknown_flags_are_einval(t) {
        let mut spec = code(ProgramType::XDP, ZERO);
        spec.flags = ProgramFlags(1 << 31);
        assert_eq!(errno_of(load(t, &spec, &[])), Errno::EINVAL);
    }

    fn only_some_types_may_sleep(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SYSCALL));
        for (program_type, flags, loads) in [
            (ProgramType::SYSCALL, ProgramFlags::SLEEPABLE, true),
            (ProgramType::SYSCALL, ProgramFlags::NONE, false),
            (ProgramType::XDP, ProgramFlags::SLEEPABLE, false),
        ] {
            let mut spec = code(program_type, ZERO);
            spec.flags = flags;
            let loaded = load(t, &spec, &[]);
            assert_eq!(loaded.is_ok(), loads, "{program_type} {flags}: {loaded:?}");
        }
    }

    fn strict_alignment_refuses_what_is_otherwise_allowed(t) {
        let text = "r2 = *(u32 *)(r1 + 0)
                    r3 = *(u32 *)(r1 + 4)
                    r4 = r2
                    r4 += 8
                    r0 = 2
                    if r4 > r3 goto out
                    r0 = *(u32 *)(r2 + 1)
                    r0 = 2
               out: exit";
        let mut spec = code(ProgramType::XDP, text);
        spec.flags = ProgramFlags::ANY_ALIGNMENT;
        load(t, &spec, &[]).expect("any alignment");
        spec.flags = ProgramFlags::STRICT_ALIGNMENT;
        assert_eq!(errno_of(load(t, &spec, &[])), Errno::EACCES);
    }

    fn every_log_level_loads(t) {
        for level in [LogLevel::OnRefusal, LogLevel::Stats, LogLevel::Instructions, LogLevel::States] {
            let mut spec = code(ProgramType::XDP, "r0 = 2\nexit");
            spec.log_level = level;
            assert_eq!(run(&load(t, &spec, &[]).unwrap_or_else(|error| panic!("{level:?}: {error}"))), 2);
        }
    }

    fn functions_are_called(t, case) {
        requires!(t, case, Feature::BpfToBpfCalls);
        let text = "r1 = 5
                    call twice
                    r0 += 1
                    exit
             twice: r0 = r1
                    r0 += r1
                    exit";
        assert_eq!(run(&program(t, ProgramType::XDP, text, &[])), 11);
    }

    fn loops_with_a_bound_end(t, case) {
        requires!(t, case, Feature::BoundedLoops);
        let text = "r0 = 0
             again: r0 += 3
                    if r0 < 30 goto again
                    exit";
        assert_eq!(run(&program(t, ProgramType::XDP, text, &[])), 30);
    }

    fn more_than_4096_instructions(t, case) {
        requires!(t, case, Feature::LargePrograms);
        let mut instructions = vec![Insn::mov_imm(crate::insn::Reg::R0, 7); 5000];
        instructions.push(Insn::exit());
        let program = load(t, &ProgramSpec::new("large", ProgramType::XDP, instructions), &[]).expect("load");
        assert_eq!(run(&program), 7);
    }

    fn maps_are_joined_in_the_order_of_the_spec(t) {
        let (one, two) = (map(t, &spec(MapType::ARRAY, 4, 8, 1)), map(t, &spec(MapType::ARRAY, 4, 8, 1)));
        put(&one, &0, &11u64);
        put(&two, &0, &22u64);
        let text = "*(u32 *)(r10 - 4) = 0
                    r1 = map_by_idx(1)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto out
                    r0 = *(u64 *)(r0 + 0)
               out: exit";
        let load = |maps| run(&program(t, ProgramType::XDP, text, maps));
        assert_eq!((load(&[&one, &two]), load(&[&two, &one])), (22, 11));
    }

    fn a_global_variable_is_a_place_in_an_array(t, case) {
        requires!(t, case, Feature::GlobalData);
        let globals = map(t, &spec(MapType::ARRAY, 4, 24, 1));
        let text = "r1 = map_val(map_by_idx(0)) + 16
                    r0 = *(u64 *)(r1 + 0)
                    r2 = r0
                    r2 += 1
                    *(u64 *)(r1 + 0) = r2
                    exit";
        put(&globals, &0, &[0; 24]);
        let program = program(t, ProgramType::XDP, text, &[&globals]);
        assert_eq!([run(&program), run(&program), run(&program)], [0, 1, 2]);
        let value: [u8; 24] = get(&globals, &0).expect("element 0");
        assert_eq!(value[16..], 3u64.to_ne_bytes());
    }

    fn a_program_keeps_its_maps(t) {
        let counter = map(t, &spec(MapType::ARRAY, 4, 8, 1).with_flags(MapFlags::NONE));
        let text = "*(u32 *)(r10 - 4) = 0
                    r1 = map_by_idx(0)
                    r2 = r10
                    r2 += -4
                    call bpf_map_lookup_elem
                    if r0 == 0 goto out
                    *(u64 *)(r0 + 0) = 77
                    r0 = 1
               out: exit";
        let program = program(t, ProgramType::XDP, text, &[&counter]);
        let id = counter.info().id;
        drop(counter);
        assert_eq!(run(&program), 1);
        assert_eq!(get(&t.system().map_by_id(id).expect("the program has it"), &0), Some(77u64));
        drop(program);
    }

    fn too_few_maps_are_refused(t) {
        let spec = code(ProgramType::XDP, "r1 = map_by_idx(0)\nr0 = 0\nexit");
        let error = load(t, &spec, &[]).expect_err("no map");
        assert!(matches!(error, ProgramError::Spec { .. }), "{error}");
        assert!(error.to_string().contains("refers to map 0, but 0 were given"), "{error}");
    }

    fn a_reference_to_no_instruction_is_refused(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        for instruction in [1, 2, u32::MAX] {
            let mut spec = code(ProgramType::XDP, ZERO);
            spec.maps = vec!["map".into()];
            spec.references = vec![Reference { instruction, referent: Referent::Map { map: 0 } }];
            let error = load(t, &spec, &[&map]).expect_err("a wrong reference");
            assert_eq!(error.errno(), None, "{error}");
        }
    }

    fn a_map_of_another_system_is_refused(t) {
        let foreign = Foreign(map(t, &spec(MapType::ARRAY, 4, 8, 1)));
        let spec = code(ProgramType::XDP, "r1 = map_by_idx(0)\nr0 = 0\nexit");
        let error = load(t, &spec, &[&foreign]).expect_err("foreign");
        assert!(matches!(error, ProgramError::Foreign { .. }), "{error}");
    }

    fn one_spec_makes_many_programs(t) {
        let spec = code(ProgramType::XDP, "r0 = 2\nexit");
        let programs = [load(t, &spec, &[]).expect("one"), load(t, &spec, &[]).expect("two")];
        assert_ne!(programs[0].info().id, programs[1].info().id);
        assert_eq!([run(&programs[0]), run(&programs[1])], [2, 2]);
        assert_eq!(run(&verdict(t, 1)), 1);
        let none = t.system().load_program(&spec, &Bindings::default()).expect("no bindings are needed");
        assert_eq!(run(&none), 2);
    }
}
