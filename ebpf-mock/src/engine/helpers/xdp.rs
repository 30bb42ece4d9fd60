//! The packets of XDP programs.

use ebpf_core::Errno;

use super::super::helper::{Argument, Flow, Helper};
use super::super::memory::Block;
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{Types, XDP};
use crate::engine::context::XdpBuff;
use crate::engine::helper::Negative;

const GET_BUFF_LEN: Types = XDP.and(Types::of(&[
    ebpf_core::program::ProgramType::SYSCALL,
    ebpf_core::program::ProgramType::TRACING,
]));

use Argument::{Anything, Context, Memory, MemoryOut, Size};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(44, "xdp_adjust_head", XDP, &[Context, Anything], adjust_head),
    row(54, "xdp_adjust_meta", XDP, &[Context, Anything], adjust_meta),
    row(65, "xdp_adjust_tail", XDP, &[Context, Anything], adjust_tail),
    row(188, "xdp_get_buff_len", GET_BUFF_LEN, &[Context], get_buff_len),
    row(189, "xdp_load_bytes", XDP, &[Context, Anything, MemoryOut, Size], load_bytes),
    row(190, "xdp_store_bytes", XDP, &[Context, Anything, Memory, Size], store_bytes),
];

/// Changes where a packet begins or ends. Pointers into it are dead afterwards, whether or not that worked.
fn adjust(
    run: &mut Run,
    helper: u32,
    [context, by, ..]: [u64; 5],
    how: fn(&mut XdpBuff, &mut Block, i32) -> Result<(), Errno>,
) -> Result<Flow, Problem> {
    let (xdp, packet) = run.xdp(helper, context)?;
    let done = how(xdp, packet, by as i32);
    packet.moved();
    Ok(Flow::errno(done))
}

fn adjust_head(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    adjust(run, 44, arguments, XdpBuff::adjust_head)
}

fn adjust_meta(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    adjust(run, 54, arguments, XdpBuff::adjust_meta)
}

fn adjust_tail(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    adjust(run, 65, arguments, XdpBuff::adjust_tail)
}

fn get_buff_len(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let (xdp, packet) = run.xdp(188, context)?;
    Ok(Flow::Return(xdp.len(packet) as u64))
}

fn load_bytes(run: &mut Run, [context, offset, to, length, _]: [u64; 5]) -> Result<Flow, Problem> {
    let length = length as u32 as usize;
    run.memory.check(to, length, Access::Write)?;
    let (xdp, packet) = run.xdp(189, context)?;
    let mut bytes = vec![0; length];
    let done = xdp.load_bytes(packet, offset as u32, &mut bytes);
    match done {
        Ok(()) => {
            run.memory.write(to, &bytes)?;
            Ok(Flow::Return(0))
        }
        Err(errno) => Ok(Flow::Return(errno.negative())),
    }
}

fn store_bytes(
    run: &mut Run,
    [context, offset, from, length, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let bytes = run.memory.to_vec(from, length as u32 as usize)?;
    let (xdp, packet) = run.xdp(190, context)?;
    Ok(Flow::errno(xdp.store_bytes(packet, offset as u32, &bytes)))
}
