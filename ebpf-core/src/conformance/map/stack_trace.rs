//! Stack traces that programs collect: `bpf_get_stackid()` in kernel/bpf/stackmap.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, get_bytes, map, program, requires, spec, suite};
use crate::map::{Frame, LookupFlags, Map, MapFlags, MapType, StackTraces};
use crate::program::{Program, ProgramType, RunInput, RunOutput};
use crate::system::Feature;

/// `bpf_get_stackid` in raw tracepoints.
const GET_STACKID: Feature = Feature::Helper(ProgramType::RAW_TRACEPOINT, 27);

/// Stores the stack that it runs on, with these flags, and returns the id.
fn collector(t: &dyn Testbed, stacks: &dyn Map, flags: u32) -> Arc<dyn Program> {
    let text = format!("r2 = map_by_idx(0)\nr3 = {flags}\ncall bpf_get_stackid\nexit");
    program(t, ProgramType::RAW_TRACEPOINT, &text, &[stacks])
}

/// The id of the stack of this call, if it can be run outside of tracing.
fn collect(t: &dyn Testbed, case: &str, program: &dyn Program) -> Option<u32> {
    match program.run(&RunInput::context(&[]), &mut RunOutput::none()) {
        Ok(result) => {
            let id = result.return_value as i32;
            assert!(id >= 0, "bpf_get_stackid: {id}");
            Some(id as u32)
        }
        Err(error) => {
            t.skip(
                case,
                &format!("this system does not run such programs: {error}"),
            );
            None
        }
    }
}

fn stacks(t: &dyn Testbed, depth: u32) -> StackTraces {
    let stacks = map(t, &spec(MapType::STACK_TRACE, 4, 8 * depth, 16));
    StackTraces::new(stacks).expect("stack traces")
}

suite! { ($) stack_trace, __conformance_stack_trace;
    fn a_program_stores_the_stack_it_runs_on(t, case) {
        requires!(t, case, GET_STACKID);
        let stacks = stacks(t, 32);
        assert_eq!((stacks.depth(), stacks.get(3)), (32, Ok(None)));
        let Some(id) = collect(t, case, &collector(t, stacks.map(), 0)) else { return };
        let trace = stacks.get(id).expect("lookup").expect("a trace");
        let frames = trace.frames().len();
        assert!((1..=32).contains(&frames), "{trace:?}");
        assert!(trace.frames().iter().all(|frame| matches!(frame, Frame::Address(_))), "{trace:?}");
        assert_eq!(stacks.ids().collect::<Result<Vec<_>, _>>(), Ok(vec![id]));
        assert_eq!((stacks.remove(id), stacks.get(id), stacks.remove(id)), (Ok(true), Ok(None), Ok(false)));
    }

    fn a_trace_is_taken_out(t, case) {
        requires!(t, case, GET_STACKID);
        let stacks = stacks(t, 32);
        let Some(id) = collect(t, case, &collector(t, stacks.map(), 0)) else { return };
        let there = get_bytes(stacks.map(), &id).expect("a trace");
        let mut taken = vec![0; there.len()];
        match stacks.map().lookup_and_delete_elem(&id.to_ne_bytes(), &mut taken, LookupFlags::NONE) {
            Err(error) if error.errno() == Some(Errno::ENOTSUPP) => {
                return t.skip(case, "stack traces of this system are not taken out (Linux before 6.18)");
            }
            result => assert_eq!(result, Ok(true)),
        }
        assert_eq!(taken, there);
        assert_eq!(stacks.get(id), Ok(None));
        assert_eq!(stacks.map().lookup_and_delete_elem(&id.to_ne_bytes(), &mut taken, LookupFlags::NONE), Ok(false));
    }

    fn a_trace_is_cut_off_at_the_depth(t, case) {
        requires!(t, case, GET_STACKID);
        let stacks = stacks(t, 1);
        let Some(id) = collect(t, case, &collector(t, stacks.map(), 0)) else { return };
        assert_eq!(stacks.get(id).expect("lookup").expect("a trace").frames().len(), 1);
    }

    fn frames_of_the_kernel_have_symbols(t, case) {
        requires!(t, case, GET_STACKID);
        let stacks = stacks(t, 64);
        let Some(id) = collect(t, case, &collector(t, stacks.map(), 0)) else { return };
        let trace = stacks.get(id).expect("lookup").expect("a trace");
        match trace.kernel_symbols(t.system().facts()) {
            Err(error) => t.skip(case, &format!("this system shows no addresses: {error}")),
            Ok(symbols) => {
                let names: Vec<_> = symbols.iter().flatten().map(|symbol| &*symbol.name).collect();
                assert!(names.iter().any(|name| name.contains("test_run")), "{names:?}");
                assert_eq!(symbols.len(), trace.frames().len());
            }
        }
    }

    fn build_ids_are_of_user_space(t, case) {
        requires!(t, case, GET_STACKID);
        let spec = spec(MapType::STACK_TRACE, 4, 32 * 8, 16).with_flags(MapFlags::STACK_BUILD_ID);
        let stacks = StackTraces::new(map(t, &spec)).expect("stack traces");
        assert_eq!(stacks.depth(), 8);
        // `BPF_F_USER_STACK`
        let Some(id) = collect(t, case, &collector(t, stacks.map(), 1 << 8)) else { return };
        let trace = stacks.get(id).expect("lookup").expect("a trace");
        // Where the executable has no build id, or could not be looked at, it is an address.
        assert!((1..=8).contains(&trace.frames().len()), "{trace:?}");
    }

    fn other_maps_hold_no_stacks(t) {
        let error = StackTraces::new(map(t, &spec(MapType::HASH, 4, 8, 1))).expect_err("a hash");
        assert_eq!(error.to_string(), "map `case` is of type hash: `StackTraces` is for maps of stack traces");
    }
}
