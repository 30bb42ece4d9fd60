//! What the verifier refuses, with its number and its words: `bpf_check()` in kernel/bpf/verifier.c. Only words that have
//! stayed the same since Linux 5.10 are asked for.

use crate::Errno;
use crate::conformance::{Testbed, code, load, map, spec, suite};
use crate::insn::{Insn, Reg};
use crate::map::{Map, MapFlags, MapType};
use crate::program::{LogLevel, ProgramError, ProgramSpec, ProgramType, VerifierError};

/// Why the verifier refuses a spec.
#[track_caller]
fn refusal(t: &dyn Testbed, spec: &ProgramSpec, maps: &[&dyn Map]) -> VerifierError {
    match load(t, spec, maps) {
        Err(ProgramError::Verifier(error)) => *error,
        other => panic!("expected a refusal by the verifier, got {other:?}"),
    }
}

/// The verifier refuses the XDP program with this number, and its log has these words.
#[track_caller]
fn refuses(t: &dyn Testbed, text: &str, maps: &[&dyn Map], errno: Errno, words: &str) {
    let error = refusal(t, &code(ProgramType::XDP, text), maps);
    assert_eq!(error.errno, errno, "{error:#}");
    assert!(
        error.log.text().contains(words),
        "`{words}` is not in {error:#}"
    );
    assert!(error.log.cause().is_some(), "{error:#}");
    assert!(
        error
            .to_string()
            .starts_with("verifier refused program `case`: "),
        "{error}"
    );
}

const LOOKUP: &str = "*(u32 *)(r10 - 4) = 0
    r1 = map_by_idx(0)
    r2 = r10
    r2 += -4
    call bpf_map_lookup_elem\n";

suite! { ($) refuse, __conformance_refuse;
    fn a_register_that_was_never_written(t) {
        refuses(t, "exit", &[], Errno::EACCES, "R0 !read_ok");
        refuses(t, "r0 = r7\nexit", &[], Errno::EACCES, "R7 !read_ok");
    }

    fn falling_off_the_end(t) {
        refuses(t, "r0 = 0", &[], Errno::EINVAL, "last insn is not an exit or jmp");
    }

    fn instructions_that_are_never_reached(t) {
        refuses(t, "r0 = 0\nexit\nr0 = 1\nexit", &[], Errno::EINVAL, "unreachable insn");
    }

    fn a_jump_out_of_the_program(t) {
        refuses(t, "r0 = 0\ngoto +100\nexit", &[], Errno::EINVAL, "jump out of range");
    }

    fn a_loop_without_end(t) {
        let error = refusal(t, &code(ProgramType::XDP, "again: r0 = 0\ngoto again\nexit"), &[]);
        assert_eq!(error.errno, Errno::EINVAL, "{error:#}");
    }

    fn the_stack_beyond_its_end(t) {
        for text in ["*(u64 *)(r10 - 520) = 0\nr0 = 0\nexit", "*(u64 *)(r10 + 0) = 0\nr0 = 0\nexit"] {
            refuses(t, text, &[], Errno::EACCES, "stack");
        }
    }

    fn a_packet_whose_length_was_not_checked(t) {
        refuses(t, "r2 = *(u32 *)(r1 + 0)\nr0 = *(u8 *)(r2 + 0)\nexit", &[], Errno::EACCES, "invalid access to packet");
    }

    fn a_context_field_that_is_not_there(t) {
        refuses(t, "r0 = *(u32 *)(r1 + 200)\nexit", &[], Errno::EACCES, "invalid bpf_context access");
    }

    fn a_lookup_that_may_have_found_nothing(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 1));
        let text = format!("{LOOKUP}r0 = *(u64 *)(r0 + 0)\nexit");
        refuses(t, &text, &[&map], Errno::EACCES, "invalid mem access 'map_value_or_null'");
    }

    fn a_value_beyond_its_end(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 1));
        let text = format!("{LOOKUP}if r0 == 0 goto +1\nr0 = *(u64 *)(r0 + 8)\nr0 = 0\nexit");
        refuses(t, &text, &[&map], Errno::EACCES, "invalid access to map value");
    }

    fn writing_into_a_map_that_programs_only_read(t) {
        let map = map(t, &spec(MapType::ARRAY, 4, 8, 1).with_flags(MapFlags::RDONLY_PROG));
        let text = format!("{LOOKUP}if r0 == 0 goto +1\n*(u64 *)(r0 + 0) = 1\nr0 = 0\nexit");
        refuses(t, &text, &[&map], Errno::EACCES, "write into map forbidden");
    }

    fn a_map_that_the_helper_does_not_take(t) {
        let programs = map(t, &spec(MapType::PROG_ARRAY, 4, 4, 1));
        let text = format!("{LOOKUP}r0 = 0\nexit");
        refuses(t, &text, &[&programs], Errno::EINVAL, "cannot pass map_type");
    }

    fn a_pointer_where_a_map_is_wanted(t) {
        refuses(t, "r1 = r10\nr2 = r10\ncall bpf_map_lookup_elem\nr0 = 0\nexit", &[], Errno::EACCES, "expected=map_ptr");
    }

    fn dividing_by_the_constant_zero(t) {
        refuses(t, "r0 = 1\nr0 /= 0\nexit", &[], Errno::EINVAL, "div by zero");
    }

    fn shifting_by_more_than_there_is(t) {
        refuses(t, "r0 = 1\nr0 <<= 64\nexit", &[], Errno::EINVAL, "invalid shift 64");
    }

    fn writing_the_frame_pointer(t) {
        refuses(t, "r10 = 1\nr0 = 0\nexit", &[], Errno::EACCES, "frame pointer is read only");
    }

    fn half_of_a_wide_instruction(t) {
        let half = vec![Insn::ld_imm64(Reg::R0, 1)[0], Insn::exit()];
        let error = refusal(t, &ProgramSpec::new("case", ProgramType::XDP, half), &[]);
        assert_eq!(error.errno, Errno::EINVAL, "{error:#}");
    }

    fn a_helper_that_does_not_exist(t) {
        let error = refusal(t, &code(ProgramType::XDP, "call 99999\nexit"), &[]);
        assert_eq!(error.errno, Errno::EINVAL, "{error:#}");
        assert_eq!(error.hint, Some("this kernel or program type lacks the helper"), "{error:#}");
    }

    fn a_helper_of_another_program_type(t) {
        let adjust = code(ProgramType::SOCKET_FILTER, "r2 = 0\ncall bpf_xdp_adjust_head\nr0 = 0\nexit");
        let error = refusal(t, &adjust, &[]);
        assert_eq!(error.errno, Errno::EINVAL, "{error:#}");
        assert_eq!(error.hint, Some("this kernel or program type lacks the helper"), "{error:#}");
    }

    fn a_gpl_helper_without_the_licence(t) {
        let text = "*(u64 *)(r10 - 8) = 0
                    r1 = r10
                    r1 += -8
                    r2 = 8
                    call bpf_trace_printk
                    r0 = 2
                    exit";
        for license in ["", "MIT", "GPLv2"] {
            let error = refusal(t, &code(ProgramType::XDP, text).with_license(license), &[]);
            assert_eq!(error.errno, Errno::EINVAL, "{error:#}");
            assert!(error.hint.is_some_and(|hint| hint.contains("Dual MIT/GPL")), "{license}: {error:#}");
        }
        for license in ["GPL", "GPL v2", "Dual MIT/GPL", "Dual BSD/GPL"] {
            load(t, &code(ProgramType::XDP, text).with_license(license), &[])
                .unwrap_or_else(|error| panic!("{license}: {error:#}"));
        }
    }

    fn a_verdict_out_of_range(t) {
        let error = refusal(t, &code(ProgramType::CGROUP_SOCK, "r0 = 5\nexit"), &[]);
        assert_eq!(error.errno, Errno::EINVAL, "{error:#}");
        load(t, &code(ProgramType::XDP, "r0 = 100\nexit"), &[]).expect("XDP may return anything");
    }

    fn a_million_instructions_and_one(t) {
        let mut long = vec![Insn::mov_imm(Reg::R0, 0); 1_000_000];
        long.push(Insn::exit());
        let error = load(t, &ProgramSpec::new("long", ProgramType::XDP, long), &[]).expect_err("too long");
        assert_eq!(error.errno(), Some(Errno::E2BIG), "{error}");
    }

    fn the_log_is_kept_at_every_level(t) {
        for level in [LogLevel::OnRefusal, LogLevel::Instructions, LogLevel::States] {
            let mut spec = code(ProgramType::XDP, "r0 = r7\nexit");
            spec.log_level = level;
            let error = refusal(t, &spec, &[]);
            assert!(error.log.text().contains("R7 !read_ok"), "{level:?}: {error:#}");
            assert!(!error.log.truncated(), "{level:?}");
        }
    }

    fn a_long_log_is_kept_whole(t) {
        // Each branch is walked on its own, and says so.
        let mut text = String::new();
        for n in 0..3000 {
            text += &format!("r0 = {n}\n");
        }
        text += "r0 = r7\nexit";
        let mut spec = code(ProgramType::XDP, &text);
        spec.log_level = LogLevel::States;
        let error = refusal(t, &spec, &[]);
        assert!(error.log.text().contains("R7 !read_ok") && !error.log.truncated());
        assert!(error.log.lines().count() > 3000, "{} lines", error.log.lines().count());
    }

    fn after_a_refusal_the_same_spec_may_be_mended(t) {
        let mut spec = code(ProgramType::XDP, "r0 = r7\nexit");
        refusal(t, &spec, &[]);
        spec.instructions[0] = Insn::mov_imm(Reg::R0, 1);
        load(t, &spec, &[]).expect("mended");
    }
}
