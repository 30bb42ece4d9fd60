//! Which programs an attach type is for: `attach_type_to_prog_type()` in kernel/bpf/syscall.c.

use ebpf_core::program::{AttachType, ProgramType};

use crate::program::ProgramObject;

/// The type of the programs of a hook that is told by its attach type alone.
pub(crate) fn program_type_of(attach_type: AttachType) -> Option<ProgramType> {
    use AttachType as A;
    use ProgramType as P;
    Some(match attach_type {
        A::CGROUP_INET_INGRESS | A::CGROUP_INET_EGRESS => P::CGROUP_SKB,
        A::CGROUP_INET_SOCK_CREATE
        | A::CGROUP_INET_SOCK_RELEASE
        | A::CGROUP_INET4_POST_BIND
        | A::CGROUP_INET6_POST_BIND => P::CGROUP_SOCK,
        A::CGROUP_INET4_BIND
        | A::CGROUP_INET6_BIND
        | A::CGROUP_INET4_CONNECT
        | A::CGROUP_INET6_CONNECT
        | A::CGROUP_UNIX_CONNECT
        | A::CGROUP_INET4_GETPEERNAME
        | A::CGROUP_INET6_GETPEERNAME
        | A::CGROUP_UNIX_GETPEERNAME
        | A::CGROUP_INET4_GETSOCKNAME
        | A::CGROUP_INET6_GETSOCKNAME
        | A::CGROUP_UNIX_GETSOCKNAME
        | A::CGROUP_UDP4_SENDMSG
        | A::CGROUP_UDP6_SENDMSG
        | A::CGROUP_UNIX_SENDMSG
        | A::CGROUP_UDP4_RECVMSG
        | A::CGROUP_UDP6_RECVMSG
        | A::CGROUP_UNIX_RECVMSG => P::CGROUP_SOCK_ADDR,
        A::CGROUP_SOCK_OPS => P::SOCK_OPS,
        A::CGROUP_DEVICE => P::CGROUP_DEVICE,
        A::CGROUP_SYSCTL => P::CGROUP_SYSCTL,
        A::CGROUP_GETSOCKOPT | A::CGROUP_SETSOCKOPT => P::CGROUP_SOCKOPT,
        A::LSM_CGROUP => P::LSM,
        A::SK_MSG_VERDICT => P::SK_MSG,
        A::SK_SKB_STREAM_PARSER | A::SK_SKB_STREAM_VERDICT | A::SK_SKB_VERDICT => P::SK_SKB,
        A::FLOW_DISSECTOR => P::FLOW_DISSECTOR,
        A::SK_LOOKUP => P::SK_LOOKUP,
        A::XDP => P::XDP,
        A::NETFILTER => P::NETFILTER,
        A::TCX_INGRESS | A::TCX_EGRESS | A::NETKIT_PRIMARY | A::NETKIT_PEER => P::SCHED_CLS,
        _ => return None,
    })
}

/// Whether it is a hook of control groups.
pub(crate) fn is_of_cgroups(attach_type: AttachType) -> bool {
    use ProgramType as P;
    matches!(
        program_type_of(attach_type),
        Some(
            P::CGROUP_SKB
                | P::CGROUP_SOCK
                | P::CGROUP_SOCK_ADDR
                | P::SOCK_OPS
                | P::CGROUP_DEVICE
                | P::CGROUP_SYSCTL
                | P::CGROUP_SOCKOPT
                | P::LSM
        )
    )
}

/// Whether a program may be attached as this attach type: `bpf_prog_attach_check_attach_type()`.
pub(super) fn fits(program: &ProgramObject, attach_type: AttachType) -> bool {
    use ProgramType as P;
    let program_type = program.spec.program_type;
    if program_type_of(attach_type) != Some(program_type) {
        return false;
    }
    let told_apart = matches!(
        program_type,
        P::CGROUP_SOCK | P::CGROUP_SOCK_ADDR | P::CGROUP_SOCKOPT | P::SK_LOOKUP
    );
    // What is not said when a program is loaded is the first attach type, and of sockets' programs that they are made.
    let meant = program.spec.expected_attach_type;
    let meant = meant.unwrap_or(match program_type {
        P::CGROUP_SOCK => AttachType::CGROUP_INET_SOCK_CREATE,
        _ => AttachType(0),
    });
    !told_apart || meant == attach_type
}
