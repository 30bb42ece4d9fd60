//! The table of program types.

macro_rules! program_types {
    ($($value:literal $CONST:ident $alias:literal $text:literal since $since:literal; $doc:literal)*) => {
        open_enum! {
            /// What kind of program it is: its context, its helpers, where it may be attached.
            ///
            /// `enum bpf_prog_type` in include/uapi/linux/bpf.h.
            #[doc(alias = "bpf_prog_type")]
            pub struct ProgramType: "program type" {
                $(#[doc = concat!($doc, "\n\nSince Linux ", $since, ".")] $CONST = $value, $alias, $text;)*
            }
        }

        impl ProgramType {
            /// The first Linux release that has the type, where this crate knows it.
            pub const fn since(self) -> Option<&'static str> {
                match self.0 { $($value => Some($since),)* _ => None }
            }
        }
    };
}

#[rustfmt::skip]
program_types! {
    0 UNSPEC "BPF_PROG_TYPE_UNSPEC" "unspec" since "—"; "No type yet: a section name that tells none."
    1 SOCKET_FILTER "BPF_PROG_TYPE_SOCKET_FILTER" "socket_filter" since "3.19"; "Filters the packets of a socket; returns how many bytes to keep."
    2 KPROBE "BPF_PROG_TYPE_KPROBE" "kprobe" since "4.1"; "Runs at a kprobe, kretprobe, uprobe or uretprobe."
    3 SCHED_CLS "BPF_PROG_TYPE_SCHED_CLS" "sched_cls" since "4.1"; "Traffic-control classifier, also TCX and netkit."
    4 SCHED_ACT "BPF_PROG_TYPE_SCHED_ACT" "sched_act" since "4.1"; "Traffic-control action."
    5 TRACEPOINT "BPF_PROG_TYPE_TRACEPOINT" "tracepoint" since "4.7"; "Runs at a static tracepoint."
    6 XDP "BPF_PROG_TYPE_XDP" "xdp" since "4.8"; "Runs for each packet that an interface receives, before the network stack."
    7 PERF_EVENT "BPF_PROG_TYPE_PERF_EVENT" "perf_event" since "4.9"; "Runs at a perf event's samples."
    8 CGROUP_SKB "BPF_PROG_TYPE_CGROUP_SKB" "cgroup_skb" since "4.10"; "Runs for packets of a cgroup's sockets."
    9 CGROUP_SOCK "BPF_PROG_TYPE_CGROUP_SOCK" "cgroup_sock" since "4.10"; "Runs when a cgroup's sockets are created, bound or released."
    10 LWT_IN "BPF_PROG_TYPE_LWT_IN" "lwt_in" since "4.10"; "Lightweight tunnel, input."
    11 LWT_OUT "BPF_PROG_TYPE_LWT_OUT" "lwt_out" since "4.10"; "Lightweight tunnel, output."
    12 LWT_XMIT "BPF_PROG_TYPE_LWT_XMIT" "lwt_xmit" since "4.10"; "Lightweight tunnel, transmission."
    13 SOCK_OPS "BPF_PROG_TYPE_SOCK_OPS" "sock_ops" since "4.13"; "Runs at events of TCP connections of a cgroup."
    14 SK_SKB "BPF_PROG_TYPE_SK_SKB" "sk_skb" since "4.14"; "Parses and redirects streams of a sockmap."
    15 CGROUP_DEVICE "BPF_PROG_TYPE_CGROUP_DEVICE" "cgroup_device" since "4.15"; "Decides which devices a cgroup may use."
    16 SK_MSG "BPF_PROG_TYPE_SK_MSG" "sk_msg" since "4.17"; "Runs for messages sent by sockets of a sockmap."
    17 RAW_TRACEPOINT "BPF_PROG_TYPE_RAW_TRACEPOINT" "raw_tracepoint" since "4.17"; "Runs at a tracepoint with its raw arguments."
    18 CGROUP_SOCK_ADDR "BPF_PROG_TYPE_CGROUP_SOCK_ADDR" "cgroup_sock_addr" since "4.17"; "Runs when a cgroup's sockets bind, connect, send or receive, and may change addresses."
    19 LWT_SEG6LOCAL "BPF_PROG_TYPE_LWT_SEG6LOCAL" "lwt_seg6local" since "4.18"; "Lightweight tunnel, IPv6 segment routing."
    20 LIRC_MODE2 "BPF_PROG_TYPE_LIRC_MODE2" "lirc_mode2" since "4.18"; "Decodes infrared signals."
    21 SK_REUSEPORT "BPF_PROG_TYPE_SK_REUSEPORT" "sk_reuseport" since "4.19"; "Chooses a socket of a reuseport group."
    22 FLOW_DISSECTOR "BPF_PROG_TYPE_FLOW_DISSECTOR" "flow_dissector" since "4.20"; "Extracts a packet's flow keys."
    23 CGROUP_SYSCTL "BPF_PROG_TYPE_CGROUP_SYSCTL" "cgroup_sysctl" since "5.2"; "Runs when a cgroup's task reads or writes a sysctl."
    24 RAW_TRACEPOINT_WRITABLE "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE" "raw_tracepoint_writable" since "5.2"; "Raw tracepoint that may write one of its arguments."
    25 CGROUP_SOCKOPT "BPF_PROG_TYPE_CGROUP_SOCKOPT" "cgroup_sockopt" since "5.3"; "Runs when a cgroup's task gets or sets a socket option."
    26 TRACING "BPF_PROG_TYPE_TRACING" "tracing" since "5.5"; "fentry, fexit, fmod_ret, BTF-typed raw tracepoints and iterators."
    27 STRUCT_OPS "BPF_PROG_TYPE_STRUCT_OPS" "struct_ops" since "5.6"; "One callback of a kernel structure."
    28 EXT "BPF_PROG_TYPE_EXT" "ext" since "5.6"; "Replaces a global function of another program (freplace)."
    29 LSM "BPF_PROG_TYPE_LSM" "lsm" since "5.7"; "Runs at a security hook."
    30 SK_LOOKUP "BPF_PROG_TYPE_SK_LOOKUP" "sk_lookup" since "5.9"; "Chooses the socket of an incoming packet in a network namespace."
    31 SYSCALL "BPF_PROG_TYPE_SYSCALL" "syscall" since "5.14"; "Called from user space; may make bpf(2) calls."
    32 NETFILTER "BPF_PROG_TYPE_NETFILTER" "netfilter" since "6.4"; "Runs at a netfilter hook."
}

impl ProgramType {
    /// Whether loading a program of this type takes CAP_NET_ADMIN besides CAP_BPF: `is_net_admin_prog_type()` in
    /// kernel/bpf/syscall.c. Before Linux 5.8 CAP_SYS_ADMIN is what it takes.
    pub const fn needs_net_admin(self) -> bool {
        matches!(
            self,
            ProgramType::SCHED_CLS
                | ProgramType::SCHED_ACT
                | ProgramType::XDP
                | ProgramType::LWT_IN
                | ProgramType::LWT_OUT
                | ProgramType::LWT_XMIT
                | ProgramType::LWT_SEG6LOCAL
                | ProgramType::SK_SKB
                | ProgramType::SK_MSG
                | ProgramType::FLOW_DISSECTOR
                | ProgramType::CGROUP_DEVICE
                | ProgramType::CGROUP_SOCK
                | ProgramType::CGROUP_SOCK_ADDR
                | ProgramType::CGROUP_SOCKOPT
                | ProgramType::CGROUP_SYSCTL
                | ProgramType::SOCK_OPS
                | ProgramType::EXT
                | ProgramType::NETFILTER
        )
    }

    /// Whether loading a program of this type takes CAP_PERFMON besides CAP_BPF: `is_perfmon_prog_type()` in
    /// kernel/bpf/syscall.c. Before Linux 5.8 CAP_SYS_ADMIN is what it takes.
    pub const fn needs_perfmon(self) -> bool {
        matches!(
            self,
            ProgramType::KPROBE
                | ProgramType::TRACEPOINT
                | ProgramType::PERF_EVENT
                | ProgramType::RAW_TRACEPOINT
                | ProgramType::RAW_TRACEPOINT_WRITABLE
                | ProgramType::TRACING
                | ProgramType::LSM
                | ProgramType::STRUCT_OPS
                | ProgramType::EXT
        )
    }
}
