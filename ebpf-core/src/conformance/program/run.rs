//! Running programs on packets: `bpf_prog_test_run_xdp()` and `bpf_prog_test_run_skb()` in net/bpf/test_run.c.

use crate::Errno;
use crate::conformance::{
    FRAME, code, errno_of, get, load, map, program, put, requires, run, spec, suite, verdict,
};
use crate::hook::XdpAction;
use crate::map::MapType;
use crate::program::{AttachType, Program, ProgramExt, ProgramType, RunFlags, RunInput, RunOutput};
use crate::system::Feature;

/// Returns the packet's length.
const LENGTH: &str = "r2 = *(u32 *)(r1 + 0)
    r0 = *(u32 *)(r1 + 4)
    r0 -= r2
    exit";

/// Writes 7 into the packet's first byte.
const MARK: &str = "r2 = *(u32 *)(r1 + 0)
    r3 = *(u32 *)(r1 + 4)
    r4 = r2
    r4 += 1
    r0 = 0
    if r4 > r3 goto out
    *(u8 *)(r2 + 0) = 7
    r0 = 2
out: exit";

/// Counts its runs in an array.
const COUNT: &str = "*(u32 *)(r10 - 4) = 0
    r1 = map_by_idx(0)
    r2 = r10
    r2 += -4
    call bpf_map_lookup_elem
    if r0 == 0 goto out
    r1 = 1
    lock *(u64 *)(r0 + 0) += r1
    r0 = 2
out: exit";

/// An XDP program that moves the packet's end or start by so many bytes, and says what the helper said.
fn moving(helper: &str, delta: i32) -> String {
    format!("r2 = {delta}\ncall {helper}\nexit")
}

suite! { ($) run, __conformance_run;
    fn every_verdict_comes_back(t) {
        for action in XdpAction::ALL {
            assert_eq!(run(&verdict(t, action.0)), action.0, "{action}");
        }
        assert_eq!(run(&verdict(t, 100)), 100);
    }

    fn a_negative_verdict_comes_back_as_32_bits(t) {
        assert_eq!(run(&program(t, ProgramType::SCHED_CLS, "r0 = -1\nexit", &[])), u32::MAX);
    }

    fn an_unchanged_packet_comes_back(t) {
        let (result, after) = verdict(t, 2).run_once(&FRAME, 0).expect("run");
        assert_eq!((result.return_value, result.data_len), (2, FRAME.len()));
        assert_eq!(after, FRAME);
    }

    fn a_changed_packet_comes_back(t) {
        let (result, after) = program(t, ProgramType::XDP, MARK, &[]).run_once(&FRAME, 0).expect("run");
        assert_eq!(result.return_value, 2);
        assert_eq!((after[0], &after[1..]), (7, &FRAME[1..]));
    }

    fn a_packet_has_its_length(t) {
        let program = program(t, ProgramType::XDP, LENGTH, &[]);
        for length in [14, 15, 60, 1500, 3000] {
            let result = program.run(&RunInput::data(&vec![0; length]), &mut RunOutput::none()).expect("run");
            assert_eq!(result.return_value as usize, length);
            assert_eq!(result.data_len, length, "the length is told even where the packet is not wanted");
        }
    }

    // A system runs packets that are too short for an Ethernet header (older Linux does), or refuses them.
    fn a_packet_shorter_than_its_ethernet_header_is_einval_or_run(t) {
        let program = verdict(t, 2);
        let run = |length: usize| program.run(&RunInput::data(&vec![0; length]), &mut RunOutput::none());
        let refuses = run(13).is_err();
        for length in [0, 1, 13] {
            if refuses {
                assert_eq!(errno_of(run(length)), Errno::EINVAL, "{length} bytes");
            } else {
                assert_eq!(run(length).expect("run").data_len, length);
            }
        }
    }

    fn an_output_buffer_that_is_too_small_is_enospc(t) {
        let program = verdict(t, 2);
        let mut small = [0; 20];
        let run = program.run(&RunInput::data(&FRAME), &mut RunOutput::data(&mut small));
        assert_eq!(errno_of(run), Errno::ENOSPC);
        assert_eq!(small, FRAME[..20], "what fits is copied");
    }

    fn a_packet_may_grow_and_shrink_at_its_end(t) {
        for delta in [10, 100, -10, -46] {
            let program = program(t, ProgramType::XDP, &moving("bpf_xdp_adjust_tail", delta), &[]);
            let (result, after) = program.run_once(&FRAME, 200).expect("run");
            let length = (60 + delta) as usize;
            assert_eq!((result.return_value, after.len()), (0, length));
            let kept = length.min(60);
            assert_eq!(after[..kept], FRAME[..kept]);
            assert!(after[kept..].iter().all(|byte| *byte == 0), "new bytes are zeros");
        }
    }

    fn a_packet_may_grow_and_shrink_at_its_start(t) {
        for delta in [-14, -64, 14, 46] {
            let program = program(t, ProgramType::XDP, &moving("bpf_xdp_adjust_head", delta), &[]);
            let (result, after) = program.run_once(&FRAME, 200).expect("run");
            assert_eq!((result.return_value, after.len()), (0, (60 - delta) as usize));
            let kept = after.len().min(60);
            assert_eq!(after[after.len() - kept..], FRAME[60 - kept..]);
        }
    }

    fn a_packet_does_not_move_beyond_its_memory(t) {
        for (helper, delta) in [("bpf_xdp_adjust_tail", 100_000), ("bpf_xdp_adjust_tail", -60), ("bpf_xdp_adjust_head", -257), ("bpf_xdp_adjust_head", 60)] {
            let (result, after) = program(t, ProgramType::XDP, &moving(helper, delta), &[]).run_once(&FRAME, 0).expect("run");
            assert_eq!(result.return_value as i32, -Errno::EINVAL.0, "{helper} by {delta}");
            assert_eq!(after, FRAME, "{helper} by {delta}");
        }
    }

    fn it_runs_as_often_as_asked(t) {
        let counter = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let program = program(t, ProgramType::XDP, COUNT, &[&counter]);
        for (repeat, runs) in [(0, 1), (1, 1), (25, 25)] {
            put(&counter, &0, &0u64);
            program.run(&RunInput::data(&FRAME).repeat(repeat), &mut RunOutput::none()).expect("run");
            assert_eq!(get(&counter, &0), Some(runs as u64), "repeat {repeat}");
        }
    }

    fn a_packet_is_kept_from_run_to_run(t) {
        let shrink = program(t, ProgramType::XDP, &moving("bpf_xdp_adjust_tail", 0), &[]);
        let (result, _) = shrink.run_once(&FRAME, 0).expect("run");
        assert_eq!(result.return_value, 0);
        let mut after = [0; 60];
        let mark = program(t, ProgramType::XDP, MARK, &[]);
        mark.run(&RunInput::data(&FRAME).repeat(3), &mut RunOutput::data(&mut after)).expect("run");
        assert_eq!(after[0], 7);
    }

    fn unknown_flags_are_einval(t) {
        let input = RunInput::data(&FRAME).with_flags(RunFlags(1 << 31));
        let program = program(t, ProgramType::SCHED_CLS, "r0 = 0\nexit", &[]);
        assert_eq!(errno_of(program.run(&input, &mut RunOutput::none())), Errno::EINVAL);
    }

    fn a_cpu_may_not_be_chosen_for_packets(t) {
        let input = RunInput::data(&FRAME).with_flags(RunFlags::ON_CPU);
        let program = program(t, ProgramType::SCHED_CLS, "r0 = 0\nexit", &[]);
        assert_eq!(errno_of(program.run(&input, &mut RunOutput::none())), Errno::EINVAL);
    }

    fn tracing_types_are_enotsupp(t) {
        for program_type in [ProgramType::KPROBE, ProgramType::TRACEPOINT, ProgramType::PERF_EVENT] {
            if t.system().probe(Feature::ProgramType(program_type)) != Ok(crate::system::Support::Yes) {
                continue;
            }
            let program = program(t, program_type, "r0 = 0\nexit", &[]);
            let run = program.run(&RunInput::data(&FRAME), &mut RunOutput::none());
            assert_eq!(errno_of(run), Errno::ENOTSUPP, "{program_type}");
        }
    }

    fn programs_for_devices_and_cpus_behind_maps_are_einval(t, case) {
        for attach_type in [AttachType::XDP_DEVMAP, AttachType::XDP_CPUMAP] {
            requires!(t, case, Feature::AttachType(ProgramType::XDP, attach_type));
            let mut spec = code(ProgramType::XDP, "r0 = 2\nexit");
            spec.expected_attach_type = Some(attach_type);
            let program = load(t, &spec, &[]).expect("load");
            match program.run(&RunInput::data(&FRAME), &mut RunOutput::none()) {
                Ok(_) => t.skip(case, "this system runs them, as older releases of Linux do"),
                run => assert_eq!(errno_of(run), Errno::EINVAL, "{attach_type}"),
            }
        }
    }

    fn a_socket_filter_sees_what_follows_the_ethernet_header(t) {
        let length = program(t, ProgramType::SOCKET_FILTER, "r0 = *(u32 *)(r1 + 0)\nexit", &[]);
        assert_eq!(run(&length), 46);
        let mut frame = FRAME;
        frame[14] = 0x45;
        let first = program(t, ProgramType::SOCKET_FILTER, "r6 = r1\nr0 = *(u8 *)skb[0]\nexit", &[]);
        assert_eq!(first.run_once(&frame, 0).expect("run").0.return_value, 0x45);
    }

    fn a_packet_load_out_of_range_ends_the_program_with_0(t) {
        let program = program(t, ProgramType::SOCKET_FILTER, "r6 = r1\nr0 = *(u32 *)skb[2000]\nr0 = 9\nexit", &[]);
        assert_eq!(run(&program), 0);
    }

    fn packet_loads_are_in_network_order(t) {
        let mut frame = FRAME;
        frame[14..18].copy_from_slice(&[1, 2, 3, 4]);
        let program = program(t, ProgramType::SOCKET_FILTER, "r6 = r1\nr0 = *(u32 *)skb[0]\nexit", &[]);
        assert_eq!(program.run_once(&frame, 0).expect("run").0.return_value, 0x0102_0304);
    }

    fn a_classifier_sees_the_whole_frame(t) {
        let length = program(t, ProgramType::SCHED_CLS, "r0 = *(u32 *)(r1 + 0)\nexit", &[]);
        assert_eq!(run(&length), 60);
    }

    fn one_program_runs_in_many_threads(t) {
        let counter = map(t, &spec(MapType::ARRAY, 4, 8, 1));
        let program = program(t, ProgramType::XDP, COUNT, &[&counter]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        run(&program);
                    }
                });
            }
        });
        assert_eq!(get(&counter, &0), Some(200u64), "atomic additions are not lost");
    }
}
