//! The stacks of all functions of a chain of calls together: `check_max_stack_depth()` in kernel/bpf/verifier.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType;

use super::functions::called;
use super::state::STACK;
use super::walk::{Walk, calls_function};
use super::{Functions, Refusal, Subject};

/// The most functions of a chain of calls.
const FRAMES: usize = 8;

/// Where a function of the chain is left, to go on with its calls.
struct Level {
    function: usize,
    at: usize,
    depth: i64,
}

/// Refuses what is certain to be too deep. Functions of which not all ways are known may be deeper than it seems.
pub(super) fn check(
    subject: &Subject<'_>,
    functions: &Functions,
    walk: &Walk,
) -> Result<(), Refusal> {
    // Tracing programs have stacks of their own, which are not counted together.
    let apart = matches!(
        subject.spec.program_type,
        ProgramType::KPROBE
            | ProgramType::TRACEPOINT
            | ProgramType::PERF_EVENT
            | ProgramType::RAW_TRACEPOINT
            | ProgramType::TRACING
            | ProgramType::LSM
            | ProgramType::STRUCT_OPS
    );
    let callbacks = subject.instructions().iter().any(|insn| insn.is_func_ref());
    if functions.len() < 2 || apart || callbacks || !walk.complete {
        return Ok(());
    }
    let bytes = |function: usize| (walk.stack_of(function).max(1) + 15) / 16 * 16;
    let mut levels = vec![Level {
        function: 0,
        at: 0,
        depth: bytes(0),
    }];
    // Each function is looked at once for each chain of calls that leads to it, of which there may be many.
    let mut left = 100_000;
    while let Some(level) = levels.last_mut() {
        left -= 1;
        if left == 0 {
            return Ok(());
        }
        let (at, depth) = (level.at, level.depth);
        level.at += 1;
        let (number, _) = functions.around(at);
        let Some(insn) = subject.insn(at).filter(|_| number == level.function) else {
            levels.pop();
            continue;
        };
        let target = called(insn, at).filter(|_| calls_function(insn));
        let Some(start) = target.and_then(|start| usize::try_from(start).ok()) else {
            continue;
        };
        let (function, _) = functions.around(start);
        let frames = levels.len() + 1;
        if frames > FRAMES {
            return Err(Refusal::new(
                Errno::E2BIG,
                format_args!("the call stack of {frames} frames is too deep !"),
            ));
        }
        let depth = depth + bytes(function);
        if depth > STACK {
            return Err(Refusal::new(
                Errno::EACCES,
                format_args!("combined stack size of {frames} calls is {depth}. Too large"),
            ));
        }
        levels.push(Level {
            function,
            at: start,
            depth,
        });
    }
    Ok(())
}
