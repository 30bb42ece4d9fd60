//! Who runs: the current task, and its control group.

use std::sync::Arc;

use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::Types;
use crate::world::TaskObject;

use Argument::{Anything, Context, MemoryOut, Size};

const COOKIE: Types = Types::of(&[
    T::KPROBE,
    T::TRACEPOINT,
    T::PERF_EVENT,
    T::RAW_TRACEPOINT,
    T::RAW_TRACEPOINT_WRITABLE,
    T::TRACING,
    T::LSM,
]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(14, "get_current_pid_tgid", Types::ALL, &[], pid_tgid),
    row(15, "get_current_uid_gid", Types::ALL, &[], uid_gid),
    row(16, "get_current_comm", Types::ALL, &[MemoryOut, Size], comm),
    row(80, "get_current_cgroup_id", Types::ALL, &[], cgroup_id),
    row(123, "get_current_ancestor_cgroup_id", Types::ALL, &[Anything], ancestor_cgroup_id),
    row(174, "get_attach_cookie", COOKIE, &[Context], attach_cookie),
];

fn current(run: &Run) -> Arc<TaskObject> {
    run.kernel.world.tasks.current().task
}

fn pid_tgid(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(current(run).pid_tgid()))
}

fn uid_gid(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    let task = current(run);
    Ok(Flow::Return(
        u64::from(task.group) << 32 | u64::from(task.user),
    ))
}

/// The name of the task, cut where it does not fit, and always with a NUL byte.
fn comm(run: &mut Run, [at, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    let task = current(run);
    let mut name = vec![0; size];
    let most = size.saturating_sub(1);
    for (to, from) in name.iter_mut().take(most).zip(task.comm.bytes()) {
        *to = from;
    }
    run.memory.write(at, &name)?;
    Ok(Flow::Return(0))
}

fn cgroup_id(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(current(run).cgroup.id))
}

/// The id of the control group at a level, from the root, which has 0; 0 where there is none.
fn ancestor_cgroup_id(run: &mut Run, [level, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let group = current(run).cgroup.clone();
    let above = group.level().checked_sub(level as i32 as usize);
    let ancestor = above.and_then(|above| group.and_above().nth(above));
    Ok(Flow::Return(ancestor.map_or(0, |ancestor| ancestor.id)))
}

/// What the program was attached with.
fn attach_cookie(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(run.state.cookie))
}
