//! Tail calls: `bpf_tail_call()`, which `kernel/bpf/core.c` carries out as an instruction of its own.

use super::super::helper::{Argument, Flow, Helper, wrong};
use super::super::memory::CLOBBERED_ADDRESS;
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::Types;

const TAIL_CALL: u32 = 12;

pub(super) const HELPERS: &[Helper] = &[row(
    TAIL_CALL,
    "tail_call",
    Types::ALL,
    &[Argument::Context, Argument::Map, Argument::Anything],
    tail_call,
)];

/// Goes on with the program at an index; where there is none, with the next instruction. It returns nothing then.
#[doc(alias = "bpf_tail_call")]
fn tail_call(run: &mut Run, [_, map, index, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let region = run
        .memory
        .map(map)
        .ok_or_else(|| wrong(TAIL_CALL, 1, "map"))?;
    let program = region.map.storage.program(&(index as u32).to_ne_bytes());
    Ok(match program {
        Some(program) => Flow::TailCall(program),
        None => Flow::Return(CLOBBERED_ADDRESS),
    })
}
