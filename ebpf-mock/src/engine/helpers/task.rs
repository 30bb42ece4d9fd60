//! Who runs: the current task, and its control group.

use ebpf_core::Errno;
use ebpf_core::map::MapType;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{TC_OR_LWT, Types};

use Argument::{Anything, Context, Map, MemoryOut, Size};

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
    row(17, "get_cgroup_classid", Types::ALL, &[], classid),
    row(33, "skb_under_cgroup", TC_OR_LWT, &[Context, Map, Anything], skb_under_cgroup),
    row(37, "current_task_under_cgroup", Types::ALL, &[Map, Anything], task_under_cgroup),
    row(80, "get_current_cgroup_id", Types::ALL, &[], cgroup_id),
    row(109, "send_signal", Types::ALL, &[Anything], send_signal),
    row(117, "send_signal_thread", Types::ALL, &[Anything], send_signal),
    row(120, "get_ns_current_pid_tgid", Types::ALL, &[Anything, Anything, MemoryOut, Size], ns_pid_tgid),
    row(123, "get_current_ancestor_cgroup_id", Types::ALL, &[Anything], ancestor_cgroup_id),
    row(174, "get_attach_cookie", COOKIE, &[Context], attach_cookie),
];

/// The number of the process in the upper half, that of the thread in the lower.
fn pid_tgid(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(run.task().pid_tgid()))
}

/// The group of users in the upper half, the user in the lower.
fn uid_gid(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    let task = run.task();
    Ok(Flow::Return(
        u64::from(task.group) << 32 | u64::from(task.user),
    ))
}

/// The name of the task, with zeros behind it.
fn comm(run: &mut Run, [to, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let mut bytes = vec![0; size];
    let kept = size.saturating_sub(1);
    for (to, from) in bytes.iter_mut().take(kept).zip(run.task().comm.bytes()) {
        *to = from;
    }
    run.memory.write(to, &bytes)?;
    Ok(Flow::Return(0))
}

/// No control group has a class of its own.
fn classid(_: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(0))
}

fn cgroup_id(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(run.task().cgroup.id))
}

/// The id of a control group above that of the task, counted from the root; 0 if it is not so deep.
fn ancestor_cgroup_id(run: &mut Run, [level, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let task = run.task();
    let level = usize::try_from(level as i32).ok();
    let above = level.and_then(|level| task.cgroup.level().checked_sub(level));
    let group = above.and_then(|above| task.cgroup.and_above().nth(above));
    Ok(Flow::Return(group.map_or(0, |group| group.id)))
}

/// Whether a control group is that of a map's slot, or below it.
fn is_under(
    run: &Run,
    helper: u32,
    place: u8,
    map: u64,
    index: u64,
    id: Option<Vec<u64>>,
) -> Result<Flow, Problem> {
    let map = run.map(helper, place, map)?;
    if map.info.map_type != MapType::CGROUP_ARRAY {
        return Err(wrong(helper, place, "array of control groups"));
    }
    let index = index as u32;
    let answer = if index >= map.info.max_entries {
        Err(Errno::E2BIG)
    } else {
        map.storage
            .cgroup(&index.to_ne_bytes())
            .ok_or(Errno::EAGAIN)
    };
    Ok(Flow::Return(match (answer, id) {
        (Ok(group), Some(above)) => u64::from(above.contains(&group.id)),
        (Ok(_), None) => 0,
        (Err(errno), _) => errno.negative(),
    }))
}

fn task_under_cgroup(run: &mut Run, [map, index, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let task = run.task();
    let above = task.cgroup.and_above().map(|group| group.id).collect();
    is_under(run, 37, 0, map, index, Some(above))
}

/// The same of the packet's socket.
fn skb_under_cgroup(run: &mut Run, [context, map, index, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let (skb, _) = run.skb(33, context)?;
    let owner = skb
        .sock
        .as_ref()
        .and_then(|sock| sock.of.as_ref()?.upgrade());
    let above = owner.map(|socket| socket.cgroup.and_above().map(|group| group.id).collect());
    is_under(run, 33, 1, map, index, above)
}

/// Signals go nowhere: tasks are only numbers and names. What was sent is kept for who runs the program.
fn send_signal(run: &mut Run, [signal, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const LAST: u32 = 64;
    let signal = signal as u32;
    if signal > LAST {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    run.state.signals.push(signal);
    Ok(Flow::Return(0))
}

/// The numbers of the task in a namespace of numbers: there is only one, whatever the device and inode say of it.
fn ns_pid_tgid(run: &mut Run, [_, _, to, size, _]: [u64; 5]) -> Result<Flow, Problem> {
    const SIZE: u64 = 8;
    let length = size as u32 as usize;
    run.memory.check(to, length, Access::Write)?;
    if u64::from(size as u32) != SIZE {
        run.memory.write(to, &vec![0; length])?;
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let task = run.task();
    let bytes = [task.thread.to_ne_bytes(), task.process.to_ne_bytes()];
    run.memory.write(to, bytes.as_flattened())?;
    Ok(Flow::Return(0))
}

/// What the program was attached with.
fn attach_cookie(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(run.state.cookie))
}
