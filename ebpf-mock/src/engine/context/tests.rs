//! The rules of contexts, as the kernel has them.

use ebpf_core::insn::assemble;
use ebpf_core::program::{AttachType, ProgramSpec, ProgramType};
use ebpf_core::system::Bindings;
use ebpf_core::{Errno, KernelSystem, System};

use super::ContextRules;

/// Types whose programs a kernel loads without anything to attach them to, with what each has to return.
const TYPES: &[(ProgramType, Option<AttachType>)] = &[
    (ProgramType::SOCKET_FILTER, None),
    (ProgramType::KPROBE, None),
    (ProgramType::SCHED_CLS, None),
    (ProgramType::TRACEPOINT, None),
    (ProgramType::XDP, None),
    (ProgramType::XDP, Some(AttachType::XDP_DEVMAP)),
    (ProgramType::PERF_EVENT, None),
    (ProgramType::CGROUP_SKB, None),
    (ProgramType::CGROUP_SOCK, None),
    (
        ProgramType::CGROUP_SOCK,
        Some(AttachType::CGROUP_INET4_POST_BIND),
    ),
    (
        ProgramType::CGROUP_SOCK,
        Some(AttachType::CGROUP_INET6_POST_BIND),
    ),
    (ProgramType::LWT_XMIT, None),
    (ProgramType::SOCK_OPS, Some(AttachType::CGROUP_SOCK_OPS)),
    (ProgramType::SK_SKB, None),
    (ProgramType::CGROUP_DEVICE, None),
    (ProgramType::SK_MSG, None),
    (ProgramType::RAW_TRACEPOINT, None),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        Some(AttachType::CGROUP_INET4_CONNECT),
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        Some(AttachType::CGROUP_INET6_BIND),
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        Some(AttachType::CGROUP_UDP4_SENDMSG),
    ),
    (
        ProgramType::CGROUP_SOCK_ADDR,
        Some(AttachType::CGROUP_UDP6_SENDMSG),
    ),
    (ProgramType::SK_REUSEPORT, None),
    (ProgramType::FLOW_DISSECTOR, None),
    (ProgramType::CGROUP_SYSCTL, Some(AttachType::CGROUP_SYSCTL)),
    (
        ProgramType::CGROUP_SOCKOPT,
        Some(AttachType::CGROUP_GETSOCKOPT),
    ),
    (
        ProgramType::CGROUP_SOCKOPT,
        Some(AttachType::CGROUP_SETSOCKOPT),
    ),
    (ProgramType::SK_LOOKUP, Some(AttachType::SK_LOOKUP)),
];

/// Asks the kernel about every access to every context.
#[test]
fn accesses_are_allowed_as_the_kernel_allows_them() {
    let system = KernelSystem::new();
    let bindings = Bindings::default();
    let load = |program_type, attach, text: &str| {
        let instructions = assemble(text).expect("a program");
        let mut spec = ProgramSpec::new("access", program_type, instructions).with_license("GPL");
        spec.expected_attach_type = attach;
        system.load_program(&spec, &bindings).map(drop)
    };
    if !ebpf_testbed::require("kernel") {
        return;
    }
    let mut wrong = Vec::new();
    for (program_type, attach) in TYPES {
        let rules = ContextRules::of(*program_type, *attach).expect("a context");
        if load(*program_type, *attach, "r0 = 1\nexit").is_err() {
            eprintln!("skipped: {program_type} is not known here");
            continue;
        }
        let end = match &rules {
            ContextRules::Fields(view) => view.layout.size + 8,
            ContextRules::Memory { .. } => 112,
        };
        for offset in 0..end as i16 {
            for width in [1u8, 2, 4, 8] {
                // No context allows what is not aligned: a few of those will do.
                if offset % i16::from(width) != 0 && offset > 12 {
                    continue;
                }
                for write in [false, true] {
                    let bits = width * 8;
                    let text = if write {
                        format!("r2 = 0\n*(u{bits} *)(r1 + {offset}) = r2\nr0 = 1\nexit")
                    } else {
                        format!("r2 = *(u{bits} *)(r1 + {offset})\nr0 = 1\nexit")
                    };
                    let allowed = match load(*program_type, *attach, &text) {
                        Ok(()) => true,
                        Err(error) if error.errno() == Some(Errno::EACCES) => false,
                        Err(error) if error.errno() == Some(Errno::EINVAL) => false,
                        Err(error) => panic!("{error:#}"),
                    };
                    if rules.allows(offset.into(), width, write) != allowed {
                        wrong.push(format!(
                            "{program_type} {attach:?}: {} of {width} at {offset} is {}",
                            if write { "write" } else { "read" },
                            if allowed { "allowed" } else { "refused" }
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
