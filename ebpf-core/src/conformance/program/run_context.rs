//! Running programs on a context given by the caller.

use crate::Errno;
use crate::conformance::{FRAME, code, errno_of, load, program, requires, suite, verdict};
use crate::program::{Program, ProgramFlags, ProgramType, RunFlags, RunInput, RunOutput};
use crate::system::Feature;

/// A `struct __sk_buff` of so many bytes with its mark (at byte 8) set.
fn sk_buff(mark: u32, size: usize) -> Vec<u8> {
    let mut context = vec![0; size];
    context[8..12].copy_from_slice(&mark.to_ne_bytes());
    context
}

/// Bytes of `struct __sk_buff` up to and with `gso_size`, as Linux 5.10 has it.
const SK_BUFF: usize = 180;

/// A syscall program of this text: the only type whose context is just memory.
fn syscall(t: &dyn crate::conformance::Testbed, text: &str) -> std::sync::Arc<dyn Program> {
    let mut spec = code(ProgramType::SYSCALL, text);
    spec.flags = ProgramFlags::SLEEPABLE;
    load(t, &spec, &[]).unwrap_or_else(|error| panic!("{error:#}"))
}

suite! { ($) run_context, __conformance_run_context;
    fn a_packet_has_the_mark_of_its_context(t) {
        let mark = program(t, ProgramType::SCHED_CLS, "r0 = *(u32 *)(r1 + 8)\nexit", &[]);
        let context = sk_buff(77, SK_BUFF);
        let input = RunInput::data(&FRAME).with_context(&context);
        assert_eq!(mark.run(&input, &mut RunOutput::none()).expect("run").return_value, 77);
    }

    fn a_changed_context_comes_back(t) {
        let mark = program(t, ProgramType::SCHED_CLS, "r2 = 99\n*(u32 *)(r1 + 8) = r2\nr0 = 0\nexit", &[]);
        let context = sk_buff(77, SK_BUFF);
        let mut after = sk_buff(0, 256);
        let mut packet = FRAME;
        let mut output = RunOutput::new(&mut packet, &mut after);
        let result = mark.run(&RunInput::data(&FRAME).with_context(&context), &mut output).expect("run");
        assert!(result.context_len >= SK_BUFF.min(12), "{result:?}");
        assert_eq!(after[8..12], 99u32.to_ne_bytes());
    }

    fn a_context_field_that_cannot_be_set_is_einval(t) {
        let program = program(t, ProgramType::SCHED_CLS, "r0 = 0\nexit", &[]);
        let mut context = sk_buff(0, SK_BUFF);
        // The length follows from the packet.
        context[0..4].copy_from_slice(&1u32.to_ne_bytes());
        let input = RunInput::data(&FRAME).with_context(&context);
        assert_eq!(errno_of(program.run(&input, &mut RunOutput::none())), Errno::EINVAL);
    }

    fn bytes_beyond_the_known_context_must_be_zero(t) {
        let program = program(t, ProgramType::SCHED_CLS, "r0 = 0\nexit", &[]);
        let mut context = sk_buff(0, 600);
        let run = |context: &[u8]| program.run(&RunInput::data(&FRAME).with_context(context), &mut RunOutput::none());
        run(&context).expect("zeros are what an older system would mean");
        context[599] = 1;
        assert_eq!(errno_of(run(&context)), Errno::E2BIG);
    }

    fn an_xdp_context_ends_with_the_packet(t, case) {
        // struct xdp_md: data, data_end, data_meta, three numbers of the interface.
        let context: Vec<u8> = [0u32, 60, 0, 0, 0, 0].into_iter().flat_map(u32::to_ne_bytes).collect();
        let program = verdict(t, 2);
        let mut after = vec![0; 24];
        let mut packet = FRAME;
        let run = program.run(
            &RunInput::data(&FRAME).with_context(&context),
            &mut RunOutput::new(&mut packet, &mut after),
        );
        match run {
            Err(error) if error.errno() == Some(Errno::EINVAL) => {
                return t.skip(case, "this system takes no contexts of XDP programs (Linux before 5.15)");
            }
            result => assert_eq!(result.expect("run").return_value, 2),
        }
        assert_eq!(after[..8], context[..8]);
        for end in [61u32, 4096] {
            let mut wrong = context.clone();
            wrong[4..8].copy_from_slice(&end.to_ne_bytes());
            let run = program.run(&RunInput::data(&FRAME).with_context(&wrong), &mut RunOutput::none());
            assert_eq!(errno_of(run), Errno::EINVAL, "data_end {end}");
        }
    }

    fn metadata_lies_before_the_packet(t, case) {
        let mut input = vec![0xcc; 8];
        input.extend_from_slice(&FRAME);
        let context: Vec<u8> = [8u32, 68, 0, 0, 0, 0].into_iter().flat_map(u32::to_ne_bytes).collect();
        let text = "r2 = *(u32 *)(r1 + 8)
                    r3 = *(u32 *)(r1 + 0)
                    r0 = r3
                    r0 -= r2
                    exit";
        let program = program(t, ProgramType::XDP, text, &[]);
        match program.run(&RunInput::data(&input).with_context(&context), &mut RunOutput::none()) {
            Err(error) if error.errno() == Some(Errno::EINVAL) => {
                t.skip(case, "this system takes no contexts of XDP programs (Linux before 5.15)");
            }
            result => assert_eq!(result.expect("run").return_value, 8),
        }
    }

    fn a_syscall_program_works_on_its_context(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SYSCALL));
        let program = syscall(t, "r2 = *(u64 *)(r1 + 0)\nr2 += 1\n*(u64 *)(r1 + 8) = r2\nr0 = 5\nexit");
        let context = [41u64.to_ne_bytes(), [0; 8]].concat();
        let mut after = vec![0; 16];
        let result = program
            .run(&RunInput::context(&context), &mut RunOutput::new(&mut [], &mut after))
            .expect("run");
        assert_eq!(result.return_value, 5);
        // The context is written in place where a system gives none back.
        if result.context_len != 0 {
            assert_eq!(after[8..], 42u64.to_ne_bytes());
        }
    }

    fn a_syscall_program_takes_no_packet(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SYSCALL));
        let program = syscall(t, "r0 = 0\nexit");
        assert_eq!(errno_of(program.run(&RunInput::data(&FRAME), &mut RunOutput::none())), Errno::EINVAL);
    }

    fn a_context_shorter_than_a_syscall_program_reads_is_einval(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SYSCALL));
        let program = syscall(t, "r0 = *(u64 *)(r1 + 56)\nexit");
        assert_eq!(errno_of(program.run(&RunInput::context(&[0; 32]), &mut RunOutput::none())), Errno::EINVAL);
        program.run(&RunInput::context(&[0; 64]), &mut RunOutput::none()).expect("long enough");
    }

    fn a_raw_tracepoint_has_its_arguments(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::RAW_TRACEPOINT));
        let program = program(t, ProgramType::RAW_TRACEPOINT, "r0 = *(u64 *)(r1 + 8)\nexit", &[]);
        let arguments = [1u64.to_ne_bytes(), 23u64.to_ne_bytes()].concat();
        let result = program.run(&RunInput::context(&arguments), &mut RunOutput::none()).expect("run");
        assert_eq!(result.return_value, 23);
        let short = program.run(&RunInput::context(&arguments[..8]), &mut RunOutput::none());
        assert_eq!(errno_of(short), Errno::EINVAL, "it reads the second argument");
    }

    fn a_raw_tracepoint_runs_on_the_cpu_that_is_asked_for(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::RAW_TRACEPOINT));
        let program = program(t, ProgramType::RAW_TRACEPOINT, "call bpf_get_smp_processor_id\nexit", &[]);
        let cpus = t.system().cpus().expect("CPUs");
        for cpu in cpus.online.iter() {
            let mut input = RunInput::context(&[]).with_flags(RunFlags::ON_CPU);
            input.cpu = cpu;
            assert_eq!(program.run(&input, &mut RunOutput::none()).expect("run").return_value, cpu);
        }
        let mut input = RunInput::context(&[]).with_flags(RunFlags::ON_CPU);
        input.cpu = 100_000;
        assert_eq!(errno_of(program.run(&input, &mut RunOutput::none())), Errno::ENXIO);
    }
}
