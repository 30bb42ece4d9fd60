//! Which view of which context the programs of each type have.

use ebpf_core::program::{AttachType, ProgramType};

use super::fields::{
    DEVICE, NETFILTER, PERF_EVENT, PT_REGS, SK_BUFF, SK_LOOKUP, SK_MSG, SK_REUSEPORT, SOCK,
    SOCK_ADDR, SOCK_OPS, SOCKOPT, SYSCTL, XDP_MD,
};
use super::layout::View;

/// The most that a record of a tracepoint has.
const TRACE_RECORD: u16 = 8192;

/// Arguments that a raw tracepoint may have.
const RAW_ARGUMENTS: u16 = 12;

/// What a program may do with its context.
#[derive(Debug)]
pub(crate) enum ContextRules {
    /// It has fields, each with rules.
    Fields(View),
    /// It is memory, of which at most these bytes are accessed, aligned.
    Memory {
        start: u16,
        end: u16,
        writable: bool,
    },
}

impl ContextRules {
    /// Whether a program may access so many bytes at a constant offset.
    pub(crate) fn allows(&self, offset: i64, width: u8, write: bool) -> bool {
        let Ok(offset) = u64::try_from(offset) else {
            return false;
        };
        match self {
            ContextRules::Fields(view) => view.access(offset, width, write).is_some(),
            ContextRules::Memory {
                start,
                end,
                writable,
            } => {
                let range = u64::from(*start)..u64::from(*end);
                range.contains(&offset)
                    && offset.is_multiple_of(u64::from(width.max(1)))
                    && (*writable || !write)
            }
        }
    }

    /// The context of programs of a type, to be attached in one way; `None` where it is described by the kernel's types.
    pub(crate) fn of(
        program_type: ProgramType,
        attach: Option<AttachType>,
    ) -> Option<ContextRules> {
        let attach = attach.unwrap_or(AttachType(u32::MAX));
        let fields = |layout, hidden: &[&str], written: &[&str]| {
            Some(ContextRules::Fields(View::new(layout, hidden, written)))
        };
        let memory = |start, end, writable| {
            Some(ContextRules::Memory {
                start,
                end,
                writable,
            })
        };
        match program_type {
            ProgramType::XDP if attach == AttachType::XDP_DEVMAP => fields(&XDP_MD, &[], &[]),
            ProgramType::XDP => fields(&XDP_MD, &["egress_ifindex"], &[]),
            ProgramType::SOCKET_FILTER => {
                let hidden = [
                    &SOCKET_OF_PACKET[..],
                    &["tc_classid", "data", "data_meta", "data_end", "flow_keys"],
                    &["tstamp", "tstamp_type", "wire_len", "hwtstamp"],
                ];
                fields(&SK_BUFF, &hidden.concat(), &["cb"])
            }
            ProgramType::CGROUP_SKB => fields(
                &SK_BUFF,
                &[
                    "tc_classid",
                    "data_meta",
                    "wire_len",
                    "flow_keys",
                    "tstamp_type",
                ],
                &["mark", "priority", "cb", "tstamp"],
            ),
            ProgramType::LWT_IN
            | ProgramType::LWT_OUT
            | ProgramType::LWT_XMIT
            | ProgramType::LWT_SEG6LOCAL => {
                let hidden = [
                    &SOCKET_OF_PACKET[..],
                    &["tc_classid", "data_meta", "flow_keys"],
                    &["tstamp", "tstamp_type", "wire_len", "hwtstamp"],
                ];
                fields(&SK_BUFF, &hidden.concat(), &["mark", "priority", "cb"])
            }
            ProgramType::SCHED_CLS | ProgramType::SCHED_ACT => {
                let hidden = [&SOCKET_OF_PACKET[..], &["flow_keys"]];
                let written = [
                    "mark",
                    "tc_index",
                    "priority",
                    "tc_classid",
                    "cb",
                    "tstamp",
                    "queue_mapping",
                ];
                fields(&SK_BUFF, &hidden.concat(), &written)
            }
            ProgramType::SK_SKB => fields(
                &SK_BUFF,
                &[
                    "tc_classid",
                    "data_meta",
                    "tstamp",
                    "tstamp_type",
                    "wire_len",
                    "hwtstamp",
                    "mark",
                    "flow_keys",
                ],
                &["tc_index", "priority"],
            ),
            ProgramType::FLOW_DISSECTOR => {
                let kept = ["data", "data_end", "flow_keys"];
                let hidden: Vec<&str> = SK_BUFF
                    .fields
                    .iter()
                    .map(|field| field.name)
                    .filter(|name| !kept.contains(name))
                    .collect();
                fields(&SK_BUFF, &hidden, &[])
            }
            ProgramType::CGROUP_SOCK => {
                let (hidden, written): (&[&str], &[&str]) = match attach {
                    AttachType::CGROUP_INET4_POST_BIND => {
                        (&["bound_dev_if", "mark", "priority", "src_ip6"], &[])
                    }
                    AttachType::CGROUP_INET6_POST_BIND => {
                        (&["bound_dev_if", "mark", "priority", "src_ip4"], &[])
                    }
                    _ => (
                        &["src_ip4", "src_ip6", "src_port"],
                        &["bound_dev_if", "mark", "priority"],
                    ),
                };
                fields(&SOCK, hidden, written)
            }
            ProgramType::CGROUP_SOCK_ADDR => {
                let mut hidden = vec![];
                if !IPV4_ADDRESSES.contains(&attach) {
                    hidden.push("user_ip4");
                }
                if !IPV6_ADDRESSES.contains(&attach) {
                    hidden.push("user_ip6");
                }
                if attach != AttachType::CGROUP_UDP4_SENDMSG {
                    hidden.push("msg_src_ip4");
                }
                if attach != AttachType::CGROUP_UDP6_SENDMSG {
                    hidden.push("msg_src_ip6");
                }
                let written = [
                    "user_ip4",
                    "user_ip6",
                    "user_port",
                    "msg_src_ip4",
                    "msg_src_ip6",
                ];
                fields(&SOCK_ADDR, &hidden, &written)
            }
            ProgramType::SOCK_OPS => fields(&SOCK_OPS, &[], &["reply", "sk_txhash"]),
            ProgramType::SK_MSG => fields(&SK_MSG, &[], &[]),
            ProgramType::SK_REUSEPORT => fields(&SK_REUSEPORT, &[], &[]),
            ProgramType::SK_LOOKUP => fields(&SK_LOOKUP, &[], &[]),
            ProgramType::CGROUP_SOCKOPT if attach == AttachType::CGROUP_GETSOCKOPT => {
                fields(&SOCKOPT, &[], &["optlen", "retval"])
            }
            ProgramType::CGROUP_SOCKOPT => {
                fields(&SOCKOPT, &["retval"], &["level", "optname", "optlen"])
            }
            ProgramType::CGROUP_SYSCTL => fields(&SYSCTL, &[], &["file_pos"]),
            ProgramType::CGROUP_DEVICE => fields(&DEVICE, &[], &[]),
            ProgramType::NETFILTER => fields(&NETFILTER, &[], &[]),
            ProgramType::PERF_EVENT => fields(&PERF_EVENT, &[], &[]),
            ProgramType::KPROBE => fields(&PT_REGS, &[], &[]),
            ProgramType::TRACEPOINT => memory(8, TRACE_RECORD, false),
            ProgramType::RAW_TRACEPOINT | ProgramType::RAW_TRACEPOINT_WRITABLE => {
                memory(0, RAW_ARGUMENTS * 8, false)
            }
            ProgramType::SYSCALL => memory(0, u16::MAX, true),
            _ => None,
        }
    }
}

/// What a packet's socket tells, which programs that run before there is one do not see.
const SOCKET_OF_PACKET: [&str; 7] = [
    "family",
    "remote_ip4",
    "local_ip4",
    "remote_ip6",
    "local_ip6",
    "remote_port",
    "local_port",
];

const IPV4_ADDRESSES: [AttachType; 6] = [
    AttachType::CGROUP_INET4_BIND,
    AttachType::CGROUP_INET4_CONNECT,
    AttachType::CGROUP_INET4_GETPEERNAME,
    AttachType::CGROUP_INET4_GETSOCKNAME,
    AttachType::CGROUP_UDP4_SENDMSG,
    AttachType::CGROUP_UDP4_RECVMSG,
];

const IPV6_ADDRESSES: [AttachType; 6] = [
    AttachType::CGROUP_INET6_BIND,
    AttachType::CGROUP_INET6_CONNECT,
    AttachType::CGROUP_INET6_GETPEERNAME,
    AttachType::CGROUP_INET6_GETSOCKNAME,
    AttachType::CGROUP_UDP6_SENDMSG,
    AttachType::CGROUP_UDP6_RECVMSG,
];
