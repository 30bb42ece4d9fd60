//! Running a program outside of any hook: `bpf_prog_test_run_*()` in net/bpf/test_run.c and their like.

use std::time::Duration;

use ebpf_core::Errno;
use ebpf_core::program::{ProgramError, ProgramType, RunInput, RunOutput, RunResult};

use super::MockProgram;
use crate::engine::address::{CONTEXT, address};
use crate::engine::context::{Context, Xdp};
use crate::engine::fault::ProgramFault;
use crate::engine::memory::Block;
use crate::engine::run::Run;

/// Room before a packet: `XDP_PACKET_HEADROOM`.
const HEADROOM: usize = 256;

/// Room for a packet and what is around it.
const FRAME: usize = 4096;

/// Room that the kernel wants behind a packet: `struct skb_shared_info`.
const TAILROOM: usize = 320;

/// Runs a program on what a user gives.
pub(super) fn run(
    program: &MockProgram,
    input: &RunInput<'_>,
    output: &mut RunOutput<'_>,
) -> Result<RunResult, ProgramError> {
    let mut run = Run::new(program.kernel(), program.object());
    match program.object().spec.program_type {
        ProgramType::XDP => xdp(program, &mut run, input, output),
        ProgramType::SYSCALL => syscall(program, &mut run, input, output),
        ProgramType::RAW_TRACEPOINT => raw_tracepoint(program, &mut run, input),
        _ => Err(refused(program, Errno::ENOTSUPP)),
    }
}

fn xdp(
    program: &MockProgram,
    run: &mut Run,
    input: &RunInput<'_>,
    output: &mut RunOutput<'_>,
) -> Result<RunResult, ProgramError> {
    let room = FRAME - HEADROOM - TAILROOM;
    let tail = room.checked_sub(input.data.len());
    let tail = tail.filter(|_| input.data.len() >= 14);
    let tail = tail.ok_or_else(|| refused(program, Errno::EINVAL))?;
    let mut verdict = 0;
    for _ in 0..input.repeat.max(1) {
        run.memory.packet.refill(HEADROOM, input.data, tail);
        run.context = Context::Xdp(Xdp {
            ingress_ifindex: 1,
            data: HEADROOM,
            ..Xdp::default()
        });
        verdict = run
            .call(&[address(CONTEXT, 0)])
            .map_err(|fault| stopped(program, &fault))?;
    }
    let after = run.memory.packet.contents();
    let length = after.len().min(output.data.len());
    if let (Some(out), Some(after)) = (output.data.get_mut(..length), after.get(..length)) {
        out.copy_from_slice(after);
    }
    if !output.data.is_empty() && length < after.len() {
        return Err(refused(program, Errno::ENOSPC));
    }
    let duration = Duration::ZERO;
    Ok(RunResult::new(verdict as u32, duration, after.len(), 0))
}

fn syscall(
    program: &MockProgram,
    run: &mut Run,
    input: &RunInput<'_>,
    output: &mut RunOutput<'_>,
) -> Result<RunResult, ProgramError> {
    let block = Block::new(input.context.to_vec(), true);
    let context = run.memory.add_block("context", block).unwrap_or(0);
    let result = run
        .call(&[context])
        .map_err(|fault| stopped(program, &fault))?;
    let after = run
        .memory
        .block(context)
        .map(std::mem::take)
        .unwrap_or_default();
    let length = after.contents().len().min(output.context.len());
    if let (Some(out), Some(after)) = (
        output.context.get_mut(..length),
        after.contents().get(..length),
    ) {
        out.copy_from_slice(after);
    }
    Ok(RunResult::new(
        result as u32,
        Duration::ZERO,
        0,
        after.contents().len(),
    ))
}

fn raw_tracepoint(
    program: &MockProgram,
    run: &mut Run,
    input: &RunInput<'_>,
) -> Result<RunResult, ProgramError> {
    let block = Block::new(input.context.to_vec(), false);
    let context = run.memory.add_block("context", block).unwrap_or(0);
    let result = run
        .call(&[context])
        .map_err(|fault| stopped(program, &fault))?;
    Ok(RunResult::new(result as u32, Duration::ZERO, 0, 0))
}

fn refused(program: &MockProgram, errno: Errno) -> ProgramError {
    ProgramError::Os {
        op: "run",
        program: program.info.name.clone(),
        errno,
        hint: None,
    }
}

fn stopped(program: &MockProgram, fault: &ProgramFault) -> ProgramError {
    ProgramError::Fault {
        program: program.info.name.clone(),
        report: fault.to_string().into(),
    }
}
