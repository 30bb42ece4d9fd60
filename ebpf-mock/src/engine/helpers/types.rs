//! Which program types may call a helper: the `*_func_proto()` functions in net/core/filter.c, kernel/bpf/helpers.c,
//! kernel/bpf/cgroup.c and kernel/trace/bpf_trace.c.

use ebpf_core::program::ProgramType as T;

/// Program types, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u64);

impl Types {
    /// Every type.
    pub(crate) const ALL: Types = Types(u64::MAX);

    /// These types.
    pub(crate) const fn of(types: &[T]) -> Types {
        let mut bits = 0;
        let mut at = 0;
        while at < types.len() {
            bits |= 1 << types[at].0;
            at += 1;
        }
        Types(bits)
    }

    /// These and those of another set.
    pub(crate) const fn and(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// All but these.
    pub(crate) const fn but(self, types: &[T]) -> Types {
        Types(self.0 & !Types::of(types).0)
    }

    /// Whether a type is one of them.
    pub(crate) fn allow(self, program_type: T) -> bool {
        program_type.0 < 64 && self.0 >> program_type.0 & 1 != 0
    }
}

/// What runs at events of the kernel: `bpf_tracing_func_proto()`.
pub(crate) const TRACING: Types = Types::of(&[
    T::KPROBE,
    T::TRACEPOINT,
    T::PERF_EVENT,
    T::RAW_TRACEPOINT,
    T::RAW_TRACEPOINT_WRITABLE,
    T::TRACING,
    T::LSM,
]);

/// The same with programs that user space calls: `syscall_prog_func_proto()`.
pub(crate) const TRACING_OR_SYSCALL: Types = TRACING.and(Types::of(&[T::SYSCALL]));

/// Classifiers and actions: `tc_cls_act_func_proto()`.
pub(crate) const TC: Types = Types::of(&[T::SCHED_CLS, T::SCHED_ACT]);

/// Lightweight tunnels: `lwt_out_func_proto()`.
pub(crate) const LWT: Types = Types::of(&[T::LWT_IN, T::LWT_OUT, T::LWT_XMIT, T::LWT_SEG6LOCAL]);

/// Where packets are changed on their way out: [`TC`] and `lwt_xmit_func_proto()`.
pub(crate) const TC_OR_XMIT: Types = TC.and(Types::of(&[T::LWT_XMIT]));

/// [`TC`] and [`LWT`].
pub(crate) const TC_OR_LWT: Types = TC.and(LWT);

/// [`TC`] and XDP.
pub(crate) const TC_OR_XDP: Types = TC.and(Types::of(&[T::XDP]));

/// XDP.
pub(crate) const XDP: Types = Types::of(&[T::XDP]);

/// What has a `struct sk_buff` to read.
pub(crate) const PACKETS: Types = TC_OR_LWT.and(Types::of(&[
    T::SOCKET_FILTER,
    T::CGROUP_SKB,
    T::SK_SKB,
    T::SK_REUSEPORT,
    T::FLOW_DISSECTOR,
]));

/// What has a `struct sk_buff` to change.
pub(crate) const CHANGES_PACKETS: Types = TC_OR_XMIT.and(Types::of(&[T::SK_SKB]));

/// What is attached to control groups for something else than packets: `cgroup_common_func_proto()`.
pub(crate) const CGROUP: Types = Types::of(&[
    T::CGROUP_SOCK,
    T::CGROUP_SOCK_ADDR,
    T::CGROUP_SOCKOPT,
    T::CGROUP_DEVICE,
    T::CGROUP_SYSCTL,
]);

/// What looks sockets up.
pub(crate) const LOOKS_UP_SOCKETS: Types =
    TC_OR_XDP.and(Types::of(&[T::CGROUP_SKB, T::SK_SKB, T::CGROUP_SOCK_ADDR]));

/// `bpf_sk_base_func_proto()`.
pub(crate) const SOCKETS: Types = Types::of(&[
    T::SOCKET_FILTER,
    T::SCHED_CLS,
    T::SCHED_ACT,
    T::XDP,
    T::CGROUP_SKB,
    T::LWT_IN,
    T::LWT_OUT,
    T::LWT_XMIT,
    T::SOCK_OPS,
    T::SK_SKB,
    T::SK_MSG,
    T::CGROUP_SOCK_ADDR,
    T::LWT_SEG6LOCAL,
    T::FLOW_DISSECTOR,
    T::SK_LOOKUP,
    T::SYSCALL,
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_their_members() {
        assert!(TC.allow(T::SCHED_CLS) && !TC.allow(T::XDP) && Types::ALL.allow(T::NETFILTER));
        assert!(!Types::ALL.but(&[T::XDP]).allow(T::XDP));
        assert!(!Types::ALL.allow(T(64)));
    }
}
