//! Attach types: which of a program type's hooks a program is meant for.

open_enum! {
    /// Which hook a program is meant for, where its type has several.
    ///
    /// `enum bpf_attach_type` in include/uapi/linux/bpf.h.
    #[doc(alias = "bpf_attach_type")]
    pub struct AttachType: "attach type" {
        /// `BPF_CGROUP_INET_INGRESS`.
        CGROUP_INET_INGRESS = 0, "BPF_CGROUP_INET_INGRESS", "cgroup_inet_ingress";
        /// `BPF_CGROUP_INET_EGRESS`.
        CGROUP_INET_EGRESS = 1, "BPF_CGROUP_INET_EGRESS", "cgroup_inet_egress";
        /// `BPF_CGROUP_INET_SOCK_CREATE`.
        CGROUP_INET_SOCK_CREATE = 2, "BPF_CGROUP_INET_SOCK_CREATE", "cgroup_inet_sock_create";
        /// `BPF_CGROUP_SOCK_OPS`.
        CGROUP_SOCK_OPS = 3, "BPF_CGROUP_SOCK_OPS", "cgroup_sock_ops";
        /// `BPF_SK_SKB_STREAM_PARSER`.
        SK_SKB_STREAM_PARSER = 4, "BPF_SK_SKB_STREAM_PARSER", "sk_skb_stream_parser";
        /// `BPF_SK_SKB_STREAM_VERDICT`.
        SK_SKB_STREAM_VERDICT = 5, "BPF_SK_SKB_STREAM_VERDICT", "sk_skb_stream_verdict";
        /// `BPF_CGROUP_DEVICE`.
        CGROUP_DEVICE = 6, "BPF_CGROUP_DEVICE", "cgroup_device";
        /// `BPF_SK_MSG_VERDICT`.
        SK_MSG_VERDICT = 7, "BPF_SK_MSG_VERDICT", "sk_msg_verdict";
        /// `BPF_CGROUP_INET4_BIND`.
        CGROUP_INET4_BIND = 8, "BPF_CGROUP_INET4_BIND", "cgroup_inet4_bind";
        /// `BPF_CGROUP_INET6_BIND`.
        CGROUP_INET6_BIND = 9, "BPF_CGROUP_INET6_BIND", "cgroup_inet6_bind";
        /// `BPF_CGROUP_INET4_CONNECT`.
        CGROUP_INET4_CONNECT = 10, "BPF_CGROUP_INET4_CONNECT", "cgroup_inet4_connect";
        /// `BPF_CGROUP_INET6_CONNECT`.
        CGROUP_INET6_CONNECT = 11, "BPF_CGROUP_INET6_CONNECT", "cgroup_inet6_connect";
        /// `BPF_CGROUP_INET4_POST_BIND`.
        CGROUP_INET4_POST_BIND = 12, "BPF_CGROUP_INET4_POST_BIND", "cgroup_inet4_post_bind";
        /// `BPF_CGROUP_INET6_POST_BIND`.
        CGROUP_INET6_POST_BIND = 13, "BPF_CGROUP_INET6_POST_BIND", "cgroup_inet6_post_bind";
        /// `BPF_CGROUP_UDP4_SENDMSG`.
        CGROUP_UDP4_SENDMSG = 14, "BPF_CGROUP_UDP4_SENDMSG", "cgroup_udp4_sendmsg";
        /// `BPF_CGROUP_UDP6_SENDMSG`.
        CGROUP_UDP6_SENDMSG = 15, "BPF_CGROUP_UDP6_SENDMSG", "cgroup_udp6_sendmsg";
        /// `BPF_LIRC_MODE2`.
        LIRC_MODE2 = 16, "BPF_LIRC_MODE2", "lirc_mode2";
        /// `BPF_FLOW_DISSECTOR`.
        FLOW_DISSECTOR = 17, "BPF_FLOW_DISSECTOR", "flow_dissector";
        /// `BPF_CGROUP_SYSCTL`.
        CGROUP_SYSCTL = 18, "BPF_CGROUP_SYSCTL", "cgroup_sysctl";
        /// `BPF_CGROUP_UDP4_RECVMSG`.
        CGROUP_UDP4_RECVMSG = 19, "BPF_CGROUP_UDP4_RECVMSG", "cgroup_udp4_recvmsg";
        /// `BPF_CGROUP_UDP6_RECVMSG`.
        CGROUP_UDP6_RECVMSG = 20, "BPF_CGROUP_UDP6_RECVMSG", "cgroup_udp6_recvmsg";
        /// `BPF_CGROUP_GETSOCKOPT`.
        CGROUP_GETSOCKOPT = 21, "BPF_CGROUP_GETSOCKOPT", "cgroup_getsockopt";
        /// `BPF_CGROUP_SETSOCKOPT`.
        CGROUP_SETSOCKOPT = 22, "BPF_CGROUP_SETSOCKOPT", "cgroup_setsockopt";
        /// `BPF_TRACE_RAW_TP`.
        TRACE_RAW_TP = 23, "BPF_TRACE_RAW_TP", "trace_raw_tp";
        /// `BPF_TRACE_FENTRY`.
        TRACE_FENTRY = 24, "BPF_TRACE_FENTRY", "trace_fentry";
        /// `BPF_TRACE_FEXIT`.
        TRACE_FEXIT = 25, "BPF_TRACE_FEXIT", "trace_fexit";
        /// `BPF_MODIFY_RETURN`.
        MODIFY_RETURN = 26, "BPF_MODIFY_RETURN", "modify_return";
        /// `BPF_LSM_MAC`.
        LSM_MAC = 27, "BPF_LSM_MAC", "lsm_mac";
        /// `BPF_TRACE_ITER`.
        TRACE_ITER = 28, "BPF_TRACE_ITER", "trace_iter";
        /// `BPF_CGROUP_INET4_GETPEERNAME`.
        CGROUP_INET4_GETPEERNAME = 29, "BPF_CGROUP_INET4_GETPEERNAME", "cgroup_inet4_getpeername";
        /// `BPF_CGROUP_INET6_GETPEERNAME`.
        CGROUP_INET6_GETPEERNAME = 30, "BPF_CGROUP_INET6_GETPEERNAME", "cgroup_inet6_getpeername";
        /// `BPF_CGROUP_INET4_GETSOCKNAME`.
        CGROUP_INET4_GETSOCKNAME = 31, "BPF_CGROUP_INET4_GETSOCKNAME", "cgroup_inet4_getsockname";
        /// `BPF_CGROUP_INET6_GETSOCKNAME`.
        CGROUP_INET6_GETSOCKNAME = 32, "BPF_CGROUP_INET6_GETSOCKNAME", "cgroup_inet6_getsockname";
        /// `BPF_XDP_DEVMAP`.
        XDP_DEVMAP = 33, "BPF_XDP_DEVMAP", "xdp_devmap";
        /// `BPF_CGROUP_INET_SOCK_RELEASE`.
        CGROUP_INET_SOCK_RELEASE = 34, "BPF_CGROUP_INET_SOCK_RELEASE", "cgroup_inet_sock_release";
        /// `BPF_XDP_CPUMAP`.
        XDP_CPUMAP = 35, "BPF_XDP_CPUMAP", "xdp_cpumap";
        /// `BPF_SK_LOOKUP`.
        SK_LOOKUP = 36, "BPF_SK_LOOKUP", "sk_lookup";
        /// `BPF_XDP`.
        XDP = 37, "BPF_XDP", "xdp";
        /// `BPF_SK_SKB_VERDICT`.
        SK_SKB_VERDICT = 38, "BPF_SK_SKB_VERDICT", "sk_skb_verdict";
        /// `BPF_SK_REUSEPORT_SELECT`.
        SK_REUSEPORT_SELECT = 39, "BPF_SK_REUSEPORT_SELECT", "sk_reuseport_select";
        /// `BPF_SK_REUSEPORT_SELECT_OR_MIGRATE`.
        SK_REUSEPORT_SELECT_OR_MIGRATE = 40, "BPF_SK_REUSEPORT_SELECT_OR_MIGRATE", "sk_reuseport_select_or_migrate";
        /// `BPF_PERF_EVENT`.
        PERF_EVENT = 41, "BPF_PERF_EVENT", "perf_event";
        /// `BPF_TRACE_KPROBE_MULTI`.
        TRACE_KPROBE_MULTI = 42, "BPF_TRACE_KPROBE_MULTI", "trace_kprobe_multi";
        /// `BPF_LSM_CGROUP`.
        LSM_CGROUP = 43, "BPF_LSM_CGROUP", "lsm_cgroup";
        /// `BPF_STRUCT_OPS`.
        STRUCT_OPS = 44, "BPF_STRUCT_OPS", "struct_ops";
        /// `BPF_NETFILTER`.
        NETFILTER = 45, "BPF_NETFILTER", "netfilter";
        /// `BPF_TCX_INGRESS`.
        TCX_INGRESS = 46, "BPF_TCX_INGRESS", "tcx_ingress";
        /// `BPF_TCX_EGRESS`.
        TCX_EGRESS = 47, "BPF_TCX_EGRESS", "tcx_egress";
        /// `BPF_TRACE_UPROBE_MULTI`.
        TRACE_UPROBE_MULTI = 48, "BPF_TRACE_UPROBE_MULTI", "trace_uprobe_multi";
        /// `BPF_CGROUP_UNIX_CONNECT`.
        CGROUP_UNIX_CONNECT = 49, "BPF_CGROUP_UNIX_CONNECT", "cgroup_unix_connect";
        /// `BPF_CGROUP_UNIX_SENDMSG`.
        CGROUP_UNIX_SENDMSG = 50, "BPF_CGROUP_UNIX_SENDMSG", "cgroup_unix_sendmsg";
        /// `BPF_CGROUP_UNIX_RECVMSG`.
        CGROUP_UNIX_RECVMSG = 51, "BPF_CGROUP_UNIX_RECVMSG", "cgroup_unix_recvmsg";
        /// `BPF_CGROUP_UNIX_GETPEERNAME`.
        CGROUP_UNIX_GETPEERNAME = 52, "BPF_CGROUP_UNIX_GETPEERNAME", "cgroup_unix_getpeername";
        /// `BPF_CGROUP_UNIX_GETSOCKNAME`.
        CGROUP_UNIX_GETSOCKNAME = 53, "BPF_CGROUP_UNIX_GETSOCKNAME", "cgroup_unix_getsockname";
        /// `BPF_NETKIT_PRIMARY`.
        NETKIT_PRIMARY = 54, "BPF_NETKIT_PRIMARY", "netkit_primary";
        /// `BPF_NETKIT_PEER`.
        NETKIT_PEER = 55, "BPF_NETKIT_PEER", "netkit_peer";
        /// `BPF_TRACE_KPROBE_SESSION`.
        TRACE_KPROBE_SESSION = 56, "BPF_TRACE_KPROBE_SESSION", "trace_kprobe_session";
        /// `BPF_TRACE_UPROBE_SESSION`.
        TRACE_UPROBE_SESSION = 57, "BPF_TRACE_UPROBE_SESSION", "trace_uprobe_session";
        /// `BPF_TRACE_FSESSION`.
        TRACE_FSESSION = 58, "BPF_TRACE_FSESSION", "trace_fsession";
        /// `BPF_TRACE_FENTRY_MULTI`.
        TRACE_FENTRY_MULTI = 59, "BPF_TRACE_FENTRY_MULTI", "trace_fentry_multi";
        /// `BPF_TRACE_FEXIT_MULTI`.
        TRACE_FEXIT_MULTI = 60, "BPF_TRACE_FEXIT_MULTI", "trace_fexit_multi";
        /// `BPF_TRACE_FSESSION_MULTI`.
        TRACE_FSESSION_MULTI = 61, "BPF_TRACE_FSESSION_MULTI", "trace_fsession_multi";
    }
}
