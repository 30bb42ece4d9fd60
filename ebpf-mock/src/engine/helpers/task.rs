//! Who runs: the current task, and its control group.

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{TRACING_OR_SYSCALL, Types};

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
    row(35, "get_current_task", Types::ALL, &[], task),
    row(80, "get_current_cgroup_id", Types::ALL, &[], cgroup_id),
    row(109, "send_signal", Types::ALL, &[Anything], send_signal),
    row(117, "send_signal_thread", Types::ALL, &[Anything], send_signal),
    row(120, "get_ns_current_pid_tgid", Types::ALL, &[Anything, Anything, MemoryOut, Size], ns_pid_tgid),
    row(123, "get_current_ancestor_cgroup_id", Types::ALL, &[Anything], ancestor_cgroup_id),
    row(174, "get_attach_cookie", COOKIE, &[Context], attach_cookie),
];
