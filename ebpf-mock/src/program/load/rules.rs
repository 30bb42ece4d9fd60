//! What is asked of a program before its instructions are looked at: `bpf_prog_load()` and
//! `bpf_prog_load_check_attach()` in kernel/bpf/syscall.c, `bpf_prog_dev_bound_init()` in kernel/bpf/offload.c.

use ebpf_core::Errno;
use ebpf_core::program::{AttachType, ProgramFlags, ProgramSpec, ProgramType};
use ebpf_core::system::{BtfTarget, Feature, KernelVersion, Support};

use crate::kernel::Kernel;
use crate::privileges::Privileges;
use crate::profile;
use crate::program::ProgramObject;

/// The most instructions that the kernel takes: of who may load any program, and of others or before Linux 5.2.
const MOST: usize = 1_000_000;
const MOST_OF_OTHERS: usize = 4096;

/// Types in BTF have numbers below this.
const TYPES: u32 = 0x000f_ffff;

/// Refuses what the kernel refuses, with its number.
pub(super) fn check(
    kernel: &Kernel,
    spec: &ProgramSpec,
    aim: Option<&BtfTarget>,
    target: Option<&ProgramObject>,
) -> Result<(), Errno> {
    let machine = &kernel.machine;
    if spec.flags.0 & !known_flags(machine.release).0 != 0 {
        return Err(Errno::EINVAL);
    }
    privileges(kernel, spec)?;
    // The kernel's types are wanted before the type of the program is looked at.
    if aim.is_some() && target.is_none() && machine.target_btf.is_none() {
        return Err(Errno::EINVAL);
    }
    attach_type(kernel, spec, aim, target)?;
    device(kernel, spec)?;
    match profile::probe(machine, Feature::ProgramType(spec.program_type)) {
        Support::Yes => Ok(()),
        _ => Err(Errno::EINVAL),
    }
}

/// The flags that a release knows.
fn known_flags(release: KernelVersion) -> ProgramFlags {
    let since = [
        (ProgramFlags::STRICT_ALIGNMENT, (4, 12)),
        (ProgramFlags::ANY_ALIGNMENT, (5, 0)),
        (ProgramFlags::TEST_RND_HI32, (5, 3)),
        (ProgramFlags::TEST_STATE_FREQ, (5, 4)),
        (ProgramFlags::SLEEPABLE, (5, 10)),
        (ProgramFlags::XDP_HAS_FRAGS, (5, 18)),
        (ProgramFlags::XDP_DEV_BOUND_ONLY, (6, 3)),
        (ProgramFlags::TEST_REG_INVARIANTS, (6, 8)),
    ];
    since
        .into_iter()
        .filter(|(_, (major, minor))| release >= KernelVersion::new(*major, *minor, 0))
        .fold(ProgramFlags::NONE, |known, (flag, _)| known | flag)
}

fn privileges(kernel: &Kernel, spec: &ProgramSpec) -> Result<(), Errno> {
    let machine = &kernel.machine;
    let may = |what| machine.privileges.include(what);
    if !may(Privileges::BPF) && machine.unprivileged_bpf_disabled {
        return Err(Errno::EPERM);
    }
    let most = if may(Privileges::BPF) && machine.release >= KernelVersion::new(5, 2, 0) {
        MOST
    } else {
        MOST_OF_OTHERS
    };
    if spec.instructions.len() > most {
        return Err(Errno::E2BIG);
    }
    let of = spec.program_type;
    let wanted = match of {
        ProgramType::SOCKET_FILTER | ProgramType::CGROUP_SKB => Privileges::NONE,
        _ => Privileges::BPF,
    };
    let wanted = [
        (of.needs_net_admin(), Privileges::NET_ADMIN),
        (of.needs_perfmon(), Privileges::PERFMON),
    ]
    .into_iter()
    .filter(|(needed, _)| *needed)
    .fold(wanted, |wanted, (_, privilege)| wanted | privilege);
    if may(wanted) {
        Ok(())
    } else {
        Err(Errno::EPERM)
    }
}

/// Which attach types and targets go with the type.
fn attach_type(
    kernel: &Kernel,
    spec: &ProgramSpec,
    aim: Option<&BtfTarget>,
    target: Option<&ProgramObject>,
) -> Result<(), Errno> {
    let program_type = spec.program_type;
    let bound = matches!(
        program_type,
        ProgramType::TRACING | ProgramType::LSM | ProgramType::STRUCT_OPS | ProgramType::EXT
    );
    if let Some(aim) = aim
        && (aim.type_id.0 > TYPES || !bound)
    {
        return Err(Errno::EINVAL);
    }
    if target.is_some() && !matches!(program_type, ProgramType::TRACING | ProgramType::EXT) {
        return Err(Errno::EINVAL);
    }
    let none = AttachType(0);
    let attach = spec.expected_attach_type.unwrap_or(none);
    let fits = match program_type {
        ProgramType::CGROUP_SOCK => matches!(
            attach,
            // What is not said is the first.
            AttachType(0)
                | AttachType::CGROUP_INET_SOCK_CREATE
                | AttachType::CGROUP_INET_SOCK_RELEASE
                | AttachType::CGROUP_INET4_POST_BIND
                | AttachType::CGROUP_INET6_POST_BIND
        ),
        ProgramType::CGROUP_SOCK_ADDR => matches!(
            attach,
            AttachType::CGROUP_INET4_BIND
                | AttachType::CGROUP_INET6_BIND
                | AttachType::CGROUP_INET4_CONNECT
                | AttachType::CGROUP_INET6_CONNECT
                | AttachType::CGROUP_UNIX_CONNECT
                | AttachType::CGROUP_INET4_GETPEERNAME
                | AttachType::CGROUP_INET6_GETPEERNAME
                | AttachType::CGROUP_UNIX_GETPEERNAME
                | AttachType::CGROUP_INET4_GETSOCKNAME
                | AttachType::CGROUP_INET6_GETSOCKNAME
                | AttachType::CGROUP_UNIX_GETSOCKNAME
                | AttachType::CGROUP_UDP4_SENDMSG
                | AttachType::CGROUP_UDP6_SENDMSG
                | AttachType::CGROUP_UNIX_SENDMSG
                | AttachType::CGROUP_UDP4_RECVMSG
                | AttachType::CGROUP_UDP6_RECVMSG
                | AttachType::CGROUP_UNIX_RECVMSG
        ),
        ProgramType::CGROUP_SKB => matches!(
            attach,
            AttachType::CGROUP_INET_INGRESS | AttachType::CGROUP_INET_EGRESS
        ),
        ProgramType::CGROUP_SOCKOPT => matches!(
            attach,
            AttachType::CGROUP_SETSOCKOPT | AttachType::CGROUP_GETSOCKOPT
        ),
        ProgramType::SK_LOOKUP => attach == AttachType::SK_LOOKUP,
        ProgramType::SK_REUSEPORT => matches!(
            attach,
            AttachType(0)
                | AttachType::SK_REUSEPORT_SELECT
                | AttachType::SK_REUSEPORT_SELECT_OR_MIGRATE
        ),
        ProgramType::NETFILTER => attach == AttachType::NETFILTER,
        ProgramType::SYSCALL | ProgramType::EXT => attach == none,
        _ => true,
    };
    // Of other types it is not looked at yet, or is as old as they are.
    let looked_at = matches!(
        program_type,
        ProgramType::CGROUP_SOCK
            | ProgramType::CGROUP_SOCK_ADDR
            | ProgramType::CGROUP_SOCKOPT
            | ProgramType::SK_LOOKUP
            | ProgramType::NETFILTER
    );
    if fits && (!looked_at || kernel.machine.knows(attach)) {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

/// Programs of one device.
fn device(kernel: &Kernel, spec: &ProgramSpec) -> Result<(), Errno> {
    let bound = spec.flags.contains(ProgramFlags::XDP_DEV_BOUND_ONLY);
    if spec.ifindex == 0 {
        return Ok(());
    }
    let known = match spec.program_type {
        ProgramType::XDP => true,
        ProgramType::SCHED_CLS => !bound,
        _ => false,
    };
    let other = spec.flags.0 & !ProgramFlags::XDP_DEV_BOUND_ONLY.0 != 0;
    if !known || other || !kernel.world.interfaces.exists(spec.ifindex) {
        return Err(Errno::EINVAL);
    }
    if bound {
        Ok(())
    } else {
        // No simulated device runs programs itself.
        Err(Errno::EOPNOTSUPP)
    }
}
