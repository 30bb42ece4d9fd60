//! Running a program outside of any hook: `bpf_prog_test_run_*()` in net/bpf/test_run.c and their like.

mod packet;
mod plain;
mod xdp;

use std::sync::atomic::Ordering;
use std::time::Duration;

use ebpf_core::Errno;
use ebpf_core::program::{ProgramError, ProgramType, RunInput, RunOutput, RunResult};
use ebpf_core::system::hint;

use super::{MockProgram, ProgramObject};
use crate::engine::fault::ProgramFault;
use crate::engine::run::Run;

/// Why a run came to nothing.
enum Refusal {
    /// What the kernel says.
    Errno(Errno),
    /// The program was stopped.
    Fault(Box<ProgramFault>),
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Refusal {
        Refusal::Errno(errno)
    }
}

impl From<Box<ProgramFault>> for Refusal {
    fn from(fault: Box<ProgramFault>) -> Refusal {
        Refusal::Fault(fault)
    }
}

/// What a type's runs come to.
type Ran = Result<RunResult, Refusal>;

/// Runs a program on what a user gives.
pub(super) fn run(
    program: &MockProgram,
    input: &RunInput<'_>,
    output: &mut RunOutput<'_>,
) -> Result<RunResult, ProgramError> {
    let mut run = Run::new(program.kernel(), program.object());
    let ran = match program.object().spec.program_type {
        ProgramType::SOCKET_FILTER
        | ProgramType::SCHED_CLS
        | ProgramType::SCHED_ACT
        | ProgramType::CGROUP_SKB
        | ProgramType::LWT_IN
        | ProgramType::LWT_OUT
        | ProgramType::LWT_XMIT => packet::run(&mut run, input, output),
        ProgramType::XDP => xdp::run(&mut run, input, output),
        ProgramType::FLOW_DISSECTOR => plain::flow_dissector(&mut run, input, output),
        ProgramType::RAW_TRACEPOINT => plain::raw_tracepoint(&mut run, input, output),
        ProgramType::SYSCALL => plain::syscall(&mut run, input, output),
        ProgramType::SK_LOOKUP => plain::sk_lookup(&mut run, input, output),
        ProgramType::NETFILTER => plain::netfilter(&mut run, input),
        _ => Err(Refusal::Errno(Errno::ENOTSUPP)),
    };
    ran.map_err(|refusal| match refusal {
        Refusal::Errno(errno) => ProgramError::Os {
            op: "run",
            program: program.info.name.clone(),
            errno,
            hint: hint::run_program(errno),
        },
        Refusal::Fault(fault) => ProgramError::Fault {
            program: program.info.name.clone(),
            report: fault.to_string().into(),
        },
    })
}

/// Runs of a program one after the other.
struct Runs {
    /// What the last one returned.
    verdict: u32,
    /// How long one took, in the mean: an instruction counts as a nanosecond.
    duration: Duration,
}

/// Runs a program as often as the input says, each time with what `arguments` gives for r1 and on.
fn repeat(
    run: &mut Run,
    input: &RunInput<'_>,
    mut arguments: impl FnMut(&mut Run) -> u64,
) -> Result<Runs, Refusal> {
    let times = input.repeat.max(1);
    let (mut verdict, mut executed) = (0, 0u64);
    for _ in 0..times {
        let context = arguments(run);
        verdict = once(run, context)?;
        executed = executed.saturating_add(run.executed());
    }
    let mean = executed / u64::from(times);
    Ok(Runs {
        verdict,
        duration: Duration::from_nanos(mean.min(u32::MAX.into())),
    })
}

/// Runs a program once, and counts that where somebody wants to know.
fn once(run: &mut Run, context: u64) -> Result<u32, Refusal> {
    let result = run.call(&[context]);
    run.program.clone().count(run);
    Ok(result? as u32)
}

/// Runs a program that something in the machine set off, and counts that where somebody wants to know.
pub(crate) fn set_off(run: &mut Run, context: u64) -> Result<u64, ProgramError> {
    set_off_function(run, 0, &[context])
}

/// The same of one of its functions, by the first instruction.
pub(crate) fn set_off_function(
    run: &mut Run,
    start: usize,
    arguments: &[u64],
) -> Result<u64, ProgramError> {
    let result = run.call_function(start, arguments);
    run.program.clone().count(run);
    result.map_err(|fault| ProgramError::Fault {
        program: run.program.info.name.clone(),
        report: fault.to_string().into(),
    })
}

impl ProgramObject {
    /// Counts a run, while somebody wants runs to be counted.
    fn count(&self, run: &Run) {
        if run.kernel.counts_runs() {
            self.runs.fetch_add(1, Ordering::Relaxed);
            self.run_nanos.fetch_add(run.executed(), Ordering::Relaxed);
        }
    }
}

/// Gives as much of what a run left behind as fits.
///
/// # Errors
/// `ENOSPC` where something is wanted and does not fit.
fn copy_out(out: &mut [u8], bytes: &[u8]) -> Result<(), Errno> {
    if out.is_empty() {
        return Ok(());
    }
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    if out.len() < bytes.len() {
        return Err(Errno::ENOSPC);
    }
    Ok(())
}

/// The context that a user gives, of `size` bytes; `None` if neither one is given nor wanted. `bpf_ctx_init()`.
///
/// # Errors
/// `E2BIG` where there are more bytes and they are not zeros.
fn context_of(
    input: &RunInput<'_>,
    output: &RunOutput<'_>,
    size: usize,
) -> Result<Option<Vec<u8>>, Errno> {
    const LONGEST: usize = 4096;
    if input.context.is_empty() && output.context.is_empty() {
        return Ok(None);
    }
    let beyond = input.context.get(size..).unwrap_or_default();
    if input.context.len() > LONGEST || beyond.iter().any(|byte| *byte != 0) {
        return Err(Errno::E2BIG);
    }
    let mut context = vec![0; size];
    for (to, from) in context.iter_mut().zip(input.context) {
        *to = *from;
    }
    Ok(Some(context))
}

/// A word of a context.
fn word_at(context: &[u8], at: usize) -> u32 {
    let word = context.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_ne_bytes(*word))
}

/// Two words of a context.
fn double_at(context: &[u8], at: usize) -> u64 {
    let double = context.get(at..).and_then(<[u8]>::first_chunk);
    double.map_or(0, |double| u64::from_ne_bytes(*double))
}

fn put(context: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = context.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
