//! The stack that a program runs on: `bpf_get_stackid()` and `bpf_get_stack()` in kernel/bpf/stackmap.c.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::Types;
use crate::map::{BUILD_ID_BYTES, ForPrograms, encode_frames};

use Argument::{Anything, Context, Map, MemoryOut, SizeOrZero};

/// What has the registers of what was interrupted.
const PROBES: Types = Types::of(&[
    T::KPROBE,
    T::TRACEPOINT,
    T::PERF_EVENT,
    T::RAW_TRACEPOINT,
    T::RAW_TRACEPOINT_WRITABLE,
    T::TRACING,
    T::LSM,
    T::SYSCALL,
]);

/// How many frames are left out: `BPF_F_SKIP_FIELD_MASK`.
const SKIP: u64 = 0xff;
/// The stack of the task in user space: `BPF_F_USER_STACK`.
const USER: u64 = 1 << 8;
/// Frames as build id and offset: `BPF_F_USER_BUILD_ID`.
const BUILD_ID: u64 = 1 << 11;

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(27, "get_stackid", PROBES, &[Context, Map, Anything], get_stackid),
    row(67, "get_stack", PROBES, &[Context, MemoryOut, SizeOrZero, Anything], get_stack),
];

/// Stores the stack in a map, and gives the id it has there.
fn get_stackid(run: &mut Run, [_, map, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(27, 1, map)?;
    let ForPrograms::Stacks(stacks) = map.storage.for_programs() else {
        return Err(wrong(27, 1, "map of stack traces"));
    };
    let frames = run.kernel.world.call_stacks.frames(flags & USER != 0);
    let stored = stacks.store(&frames, flags);
    Ok(Flow::Return(stored.map_or_else(Errno::negative, u64::from)))
}

/// Copies the stack into a buffer, and gives how many bytes it has.
fn get_stack(run: &mut Run, [_, buffer, size, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(buffer, size, Access::Write)?;
    let (user, build_ids) = (flags & USER != 0, flags & BUILD_ID != 0);
    let each = if build_ids { BUILD_ID_BYTES } else { 8 };
    let known = flags & !(SKIP | USER | BUILD_ID) == 0;
    if !known || (build_ids && !user) || !size.is_multiple_of(each) {
        run.memory.write(buffer, &vec![0; size])?;
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let frames = run.kernel.world.call_stacks.frames(user);
    let frames = frames.get((flags & SKIP) as usize..).unwrap_or_default();
    if frames.is_empty() {
        run.memory.write(buffer, &vec![0; size])?;
        return Ok(Flow::Return(Errno::EFAULT.negative()));
    }
    let mut bytes = encode_frames(&frames[..frames.len().min(size / each)], build_ids);
    let length = bytes.len() as u64;
    bytes.resize(size, 0);
    run.memory.write(buffer, &bytes)?;
    Ok(Flow::Return(length))
}
