//! What a program may return: `check_return_code()` in kernel/bpf/verifier.c.

use std::ops::RangeInclusive;

use ebpf_core::program::{AttachType, ProgramSpec, ProgramType};

use super::state::Value;
use super::walk::{Outcome, refuse};

/// Which numbers programs return; `None` for any value at all.
fn range(spec: &ProgramSpec) -> Option<RangeInclusive<i64>> {
    let attach = spec.expected_attach_type.unwrap_or(AttachType(0));
    Some(match spec.program_type {
        ProgramType::CGROUP_SOCK_ADDR => match attach {
            AttachType::CGROUP_UDP4_RECVMSG
            | AttachType::CGROUP_UDP6_RECVMSG
            | AttachType::CGROUP_UNIX_RECVMSG
            | AttachType::CGROUP_INET4_GETPEERNAME
            | AttachType::CGROUP_INET6_GETPEERNAME
            | AttachType::CGROUP_UNIX_GETPEERNAME
            | AttachType::CGROUP_INET4_GETSOCKNAME
            | AttachType::CGROUP_INET6_GETSOCKNAME
            | AttachType::CGROUP_UNIX_GETSOCKNAME => 1..=1,
            AttachType::CGROUP_INET4_BIND | AttachType::CGROUP_INET6_BIND => 0..=3,
            _ => 0..=1,
        },
        ProgramType::CGROUP_SKB if attach == AttachType::CGROUP_INET_EGRESS => 0..=3,
        ProgramType::CGROUP_SKB
        | ProgramType::CGROUP_SOCK
        | ProgramType::SOCK_OPS
        | ProgramType::CGROUP_DEVICE
        | ProgramType::CGROUP_SYSCTL
        | ProgramType::CGROUP_SOCKOPT
        | ProgramType::SK_LOOKUP
        | ProgramType::NETFILTER => 0..=1,
        ProgramType::TRACING => match attach {
            AttachType::TRACE_FENTRY | AttachType::TRACE_FEXIT => 0..=0,
            AttachType::TRACE_ITER => 0..=1,
            _ => return None,
        },
        _ => return None,
    })
}

/// Checks what is in r0 at the end of a program.
pub(super) fn check(spec: &ProgramSpec, value: Value) -> Outcome<()> {
    let Some(range) = range(spec) else {
        return Ok(());
    };
    if let Value::Pointer(pointer) = value {
        return refuse(format_args!(
            "At program exit the register R0 is not a known value ({})",
            pointer.name()
        ));
    }
    let wanted = format!("should have been in [{}, {}]", range.start(), range.end());
    let (least, most) = match value {
        Value::Known(value) => (value as i64, value as i64),
        Value::Fresh { bits: 64, .. } => {
            return refuse(format_args!(
                "At program exit the register R0 has unknown scalar value {wanted}"
            ));
        }
        Value::Fresh { bits, .. } => (0, (1i64 << bits.min(62)) - 1),
        _ => return Ok(()),
    };
    if range.contains(&least) && range.contains(&most) {
        return Ok(());
    }
    refuse(format_args!(
        "At program exit the register R0 has smin={least} smax={most} {wanted}"
    ))
}
