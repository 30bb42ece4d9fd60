//! Structures of the kernel that programs have pointers to: tasks, control groups, variables. `bpf_task_acquire()` and its
//! neighbours in kernel/bpf/helpers.c.
//!
//! They have addresses of a kernel. Reading through them reads what the test supplied at that address, and zeros where it
//! supplied nothing.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Kfunc, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::types::Types;
use super::{kfunc, row};
use crate::kernel::{Kernel, per_cpu};
use crate::world::{CgroupObject, TaskObject};

use Argument::{Anything, Context, Special};

/// Where a function was called with what: `bpf_prog_has_trampoline()`.
const TRAMPOLINES: Types = Types::of(&[T::TRACING, T::LSM]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(35, "get_current_task", Types::ALL, &[], current_task),
    row(153, "per_cpu_ptr", Types::ALL, &[Special, Anything], per_cpu_ptr),
    row(154, "this_cpu_ptr", Types::ALL, &[Special], this_cpu_ptr),
    row(158, "get_current_task_btf", Types::ALL, &[], current_task),
    row(183, "get_func_arg", TRAMPOLINES, &[Context, Anything, Special], get_func_arg),
    row(184, "get_func_ret", TRAMPOLINES, &[Context, Special], get_func_ret),
    row(185, "get_func_arg_cnt", TRAMPOLINES, &[Context], get_func_arg_cnt),
];

pub(super) const KFUNCS: &[Kfunc] = &[
    kfunc("bpf_task_acquire", "6.2", acquire),
    kfunc("bpf_task_release", "6.2", release_task),
    kfunc("bpf_task_from_pid", "6.2", task_from_pid),
    kfunc("bpf_task_from_vpid", "6.13", task_from_pid),
    kfunc("bpf_task_under_cgroup", "6.5", task_under_cgroup),
    kfunc("bpf_cgroup_acquire", "6.2", acquire),
    kfunc("bpf_cgroup_release", "6.2", release_group),
    kfunc("bpf_cgroup_ancestor", "6.2", cgroup_ancestor),
    kfunc("bpf_cgroup_from_id", "6.4", cgroup_from_id),
    kfunc("bpf_rcu_read_lock", "6.2", rcu_read_lock),
    kfunc("bpf_rcu_read_unlock", "6.2", rcu_read_unlock),
    kfunc("bpf_preempt_disable", "6.10", preempt_disable),
    kfunc("bpf_preempt_enable", "6.10", preempt_enable),
];

/// Where the structures of tasks and of control groups are, and how far apart.
const TASKS: u64 = 0xffff_c000_0000_0000;
const GROUPS: u64 = 0xffff_8800_0000_0000;
const APART: u64 = 1 << 12;

const TASK: &str = "a task";
const GROUP: &str = "a control group";

impl TaskObject {
    /// Where programs see its structure.
    pub(crate) fn address(&self) -> u64 {
        TASKS + u64::from(self.thread) * APART
    }
}

impl CgroupObject {
    /// Where programs see its structure.
    pub(crate) fn address(&self) -> u64 {
        GROUPS + u64::from(self.id as u32) * APART
    }
}

impl Kernel {
    /// The task whose structure is at an address.
    fn task_at(&self, at: u64) -> Option<Arc<TaskObject>> {
        let offset = at
            .checked_sub(TASKS)
            .filter(|offset| offset.is_multiple_of(APART))?;
        let thread = u32::try_from(offset / APART).ok()?;
        self.world.tasks.by_thread(thread)
    }

    /// The control group whose structure is at an address.
    fn group_at(&self, at: u64) -> Option<Arc<CgroupObject>> {
        let offset = at
            .checked_sub(GROUPS)
            .filter(|offset| offset.is_multiple_of(APART))?;
        let group = u32::try_from(offset / APART).ok()?;
        self.world.cgroups.by_id(group.into())
    }
}

impl Run {
    /// The task that an argument is.
    pub(super) fn task_at(
        &self,
        function: &str,
        index: u8,
        at: u64,
    ) -> Result<Arc<TaskObject>, Problem> {
        let current = self.task();
        if current.address() == at {
            return Ok(current);
        }
        self.kernel.task_at(at).ok_or_else(|| Problem::Argument {
            function: function.into(),
            index,
            expected: "task",
        })
    }

    /// The control group that an argument is.
    pub(super) fn group_at(
        &self,
        function: &str,
        index: u8,
        at: u64,
    ) -> Result<Arc<CgroupObject>, Problem> {
        self.kernel.group_at(at).ok_or_else(|| Problem::Argument {
            function: function.into(),
            index,
            expected: "control group",
        })
    }

    /// Lets the program read structures of the kernel from now on.
    fn reads_kernel(&mut self) {
        if let Some(outside) = &mut self.memory.outside {
            outside.typed = true;
        }
    }

    fn lend_task(&mut self, task: Option<Arc<TaskObject>>) -> Flow {
        self.lend(task.map(|task| task.address()), TASK)
    }

    fn lend_group(&mut self, group: Option<Arc<CgroupObject>>) -> Flow {
        self.lend(group.map(|group| group.address()), GROUP)
    }

    /// Gives the program a pointer, which it has to give back, or NULL.
    fn lend(&mut self, at: Option<u64>, what: &'static str) -> Flow {
        self.reads_kernel();
        if let Some(at) = at {
            self.state.hold(at, what);
        }
        Flow::Return(at.unwrap_or(0))
    }
}

fn current_task(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    run.reads_kernel();
    Ok(Flow::Return(run.task().address()))
}

fn acquire(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    if let Ok(task) = run.task_at("bpf_task_acquire", 0, at) {
        return Ok(run.lend_task(Some(task)));
    }
    let group = run.group_at("bpf_cgroup_acquire", 0, at)?;
    Ok(run.lend_group(Some(group)))
}

fn release(run: &mut Run, function: &str, at: u64, what: &'static str) -> Result<Flow, Problem> {
    match run.state.give_back(at) {
        Some(_) => Ok(Flow::Return(0)),
        None => Err(Problem::Argument {
            function: function.into(),
            index: 0,
            expected: match what {
                TASK => "task that has to be given back",
                _ => "control group that has to be given back",
            },
        }),
    }
}

fn release_task(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    release(run, "bpf_task_release", at, TASK)
}

fn release_group(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    release(run, "bpf_cgroup_release", at, GROUP)
}

fn task_from_pid(run: &mut Run, [number, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let task = run.kernel.world.tasks.by_thread(number as u32);
    Ok(run.lend_task(task))
}

fn cgroup_from_id(run: &mut Run, [id, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let group = run.kernel.world.cgroups.by_id(id);
    Ok(run.lend_group(group))
}

/// The group above one, at a level that is counted from the root.
fn cgroup_ancestor(run: &mut Run, [at, level, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let group = run.group_at("bpf_cgroup_ancestor", 0, at)?;
    let level = usize::try_from(level as i32).ok();
    let above = level.and_then(|level| group.level().checked_sub(level));
    let id = above
        .and_then(|above| group.and_above().nth(above))
        .map(|above| above.id);
    let found = id.and_then(|id| run.kernel.world.cgroups.by_id(id));
    Ok(run.lend_group(found))
}

fn task_under_cgroup(run: &mut Run, [task, group, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let task = run.task_at("bpf_task_under_cgroup", 0, task)?;
    let group = run.group_at("bpf_task_under_cgroup", 1, group)?;
    let is_under = task.cgroup.and_above().any(|above| above.id == group.id);
    Ok(Flow::Return(is_under.into()))
}

fn rcu_read_lock(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    run.state.hold(0, "bpf_rcu_read_lock");
    Ok(Flow::Return(0))
}

fn rcu_read_unlock(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    match run.state.leave("bpf_rcu_read_lock") {
        true => Ok(Flow::Return(0)),
        false => Err(Problem::Lock(
            "bpf_rcu_read_unlock without bpf_rcu_read_lock",
        )),
    }
}

fn preempt_disable(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    run.state.hold(0, "bpf_preempt_disable");
    Ok(Flow::Return(0))
}

fn preempt_enable(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    match run.state.leave("bpf_preempt_disable") {
        true => Ok(Flow::Return(0)),
        false => Err(Problem::Lock(
            "bpf_preempt_enable without bpf_preempt_disable",
        )),
    }
}

/// The copy of a variable that a CPU has.
fn per_cpu_ptr(run: &mut Run, [variable, cpu, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let cpu = cpu as u32;
    if cpu >= run.kernel.possible_cpus() {
        return Ok(Flow::Return(0));
    }
    run.reads_kernel();
    Ok(Flow::Return(per_cpu(variable, cpu)))
}

fn this_cpu_ptr(run: &mut Run, [variable, ..]: [u64; 5]) -> Result<Flow, Problem> {
    run.reads_kernel();
    Ok(Flow::Return(per_cpu(variable, run.cpu)))
}

/// What the function was called with that the program was set off by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced {
    /// How many arguments it has.
    pub(crate) arguments: u32,
    /// Whether its result follows them.
    pub(crate) has_result: bool,
}

fn traced(run: &Run, helper: u32) -> Result<Traced, Problem> {
    run.state
        .traced
        .ok_or_else(|| wrong(helper, 0, "context of a function's entry or return"))
}

fn get_func_arg(run: &mut Run, [context, number, to, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let traced = traced(run, 183)?;
    run.memory.check(to, 8, Access::Write)?;
    let number = number as u32;
    if number >= traced.arguments {
        return Ok(Flow::errno(Err(Errno::EINVAL)));
    }
    let argument = run
        .memory
        .read_number::<8>(context + u64::from(number) * 8)?;
    run.memory.write_number::<8>(to, argument)?;
    Ok(Flow::Return(0))
}

fn get_func_ret(run: &mut Run, [context, to, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let traced = traced(run, 184)?;
    run.memory.check(to, 8, Access::Write)?;
    if !traced.has_result {
        return Ok(Flow::errno(Err(Errno::EOPNOTSUPP)));
    }
    let at = context + u64::from(traced.arguments) * 8;
    let result = run.memory.read_number::<8>(at)?;
    run.memory.write_number::<8>(to, result)?;
    Ok(Flow::Return(0))
}

fn get_func_arg_cnt(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(traced(run, 185)?.arguments.into()))
}
