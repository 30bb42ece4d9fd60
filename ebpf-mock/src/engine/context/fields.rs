//! The fields of every context: where they lie (include/uapi/linux/bpf.h) and in which widths they are accessed, which
//! the `*_is_valid_access()` functions in net/core/filter.c and kernel/bpf/cgroup.c say.

use super::layout::{fields, layout};

fields! {
    XDP_MD XdpMd "struct xdp_md" 24 {
        0..4 Data "data" WORD NONE;
        4..8 DataEnd "data_end" WORD NONE;
        8..12 DataMeta "data_meta" WORD NONE;
        12..16 IngressIfindex "ingress_ifindex" WORD NONE;
        16..20 RxQueueIndex "rx_queue_index" WORD NONE;
        20..24 EgressIfindex "egress_ifindex" WORD NONE;
    }
}

fields! {
    SK_BUFF SkBuffField "struct __sk_buff" 192 {
        0..4 Len "len" UP_TO_WORD NONE;
        4..8 PktType "pkt_type" UP_TO_WORD NONE;
        8..12 Mark "mark" UP_TO_WORD WORD;
        12..16 QueueMapping "queue_mapping" UP_TO_WORD WORD;
        16..20 Protocol "protocol" UP_TO_WORD NONE;
        20..24 VlanPresent "vlan_present" UP_TO_WORD NONE;
        24..28 VlanTci "vlan_tci" UP_TO_WORD NONE;
        28..32 VlanProto "vlan_proto" UP_TO_WORD NONE;
        32..36 Priority "priority" UP_TO_WORD WORD;
        36..40 IngressIfindex "ingress_ifindex" UP_TO_WORD NONE;
        40..44 Ifindex "ifindex" UP_TO_WORD NONE;
        44..48 TcIndex "tc_index" UP_TO_WORD WORD;
        48..68 Cb "cb" ANY ANY;
        68..72 Hash "hash" UP_TO_WORD NONE;
        72..76 TcClassid "tc_classid" UP_TO_WORD WORD;
        76..80 Data "data" WORD NONE;
        80..84 DataEnd "data_end" WORD NONE;
        84..88 NapiId "napi_id" UP_TO_WORD NONE;
        88..92 Family "family" UP_TO_WORD NONE;
        92..96 RemoteIp4 "remote_ip4" WORD NONE;
        96..100 LocalIp4 "local_ip4" WORD NONE;
        100..116 RemoteIp6 "remote_ip6" WORD NONE;
        116..132 LocalIp6 "local_ip6" WORD NONE;
        132..136 RemotePort "remote_port" UP_TO_WORD NONE;
        136..140 LocalPort "local_port" UP_TO_WORD NONE;
        140..144 DataMeta "data_meta" WORD NONE;
        144..152 FlowKeys "flow_keys" DOUBLE NONE;
        152..160 Tstamp "tstamp" DOUBLE DOUBLE;
        160..164 WireLen "wire_len" UP_TO_WORD NONE;
        164..168 GsoSegs "gso_segs" UP_TO_WORD NONE;
        168..176 Sk "sk" DOUBLE NONE;
        176..180 GsoSize "gso_size" UP_TO_WORD NONE;
        180..181 TstampType "tstamp_type" BYTE NONE;
        184..192 Hwtstamp "hwtstamp" DOUBLE NONE;
    }
}

layout! {
    SOCK "struct bpf_sock" 80 {
        0..4 "bound_dev_if" WORD WORD;
        4..8 "family" FROM_START NONE;
        8..12 "type" FROM_START NONE;
        12..16 "protocol" FROM_START NONE;
        16..20 "mark" WORD WORD;
        20..24 "priority" WORD WORD;
        24..28 "src_ip4" UP_TO_WORD NONE;
        28..44 "src_ip6" UP_TO_WORD NONE;
        44..48 "src_port" FROM_START NONE;
        48..50 "dst_port" UP_TO_WORD NONE;
        52..56 "dst_ip4" UP_TO_WORD NONE;
        56..72 "dst_ip6" UP_TO_WORD NONE;
        72..76 "state" FROM_START NONE;
        76..80 "rx_queue_mapping" FROM_START NONE;
    }
}

layout! {
    SOCK_ADDR "struct bpf_sock_addr" 72 {
        0..4 "user_family" WORD NONE;
        4..8 "user_ip4" UP_TO_WORD WORD;
        8..24 "user_ip6" ANY WORD_OR_DOUBLE;
        24..28 "user_port" UP_TO_WORD WORD;
        28..32 "family" WORD NONE;
        32..36 "type" WORD NONE;
        36..40 "protocol" WORD NONE;
        40..44 "msg_src_ip4" UP_TO_WORD WORD;
        44..60 "msg_src_ip6" ANY WORD_OR_DOUBLE;
        64..72 "sk" DOUBLE NONE;
    }
}

layout! {
    SOCK_OPS "struct bpf_sock_ops" 224 {
        0..4 "op" WORD NONE;
        4..8 "reply" WORD WORD;
        8..20 "args" WORD NONE;
        20..24 "family" WORD NONE;
        24..28 "remote_ip4" WORD NONE;
        28..32 "local_ip4" WORD NONE;
        32..48 "remote_ip6" WORD NONE;
        48..64 "local_ip6" WORD NONE;
        64..68 "remote_port" WORD NONE;
        68..72 "local_port" WORD NONE;
        72..76 "is_fullsock" WORD NONE;
        76..80 "snd_cwnd" WORD NONE;
        80..84 "srtt_us" WORD NONE;
        84..88 "bpf_sock_ops_cb_flags" WORD NONE;
        88..92 "state" WORD NONE;
        92..96 "rtt_min" WORD NONE;
        96..100 "snd_ssthresh" WORD NONE;
        100..104 "rcv_nxt" WORD NONE;
        104..108 "snd_nxt" WORD NONE;
        108..112 "snd_una" WORD NONE;
        112..116 "mss_cache" WORD NONE;
        116..120 "ecn_flags" WORD NONE;
        120..124 "rate_delivered" WORD NONE;
        124..128 "rate_interval_us" WORD NONE;
        128..132 "packets_out" WORD NONE;
        132..136 "retrans_out" WORD NONE;
        136..140 "total_retrans" WORD NONE;
        140..144 "segs_in" WORD NONE;
        144..148 "data_segs_in" WORD NONE;
        148..152 "segs_out" WORD NONE;
        152..156 "data_segs_out" WORD NONE;
        156..160 "lost_out" WORD NONE;
        160..164 "sacked_out" WORD NONE;
        164..168 "sk_txhash" WORD WORD;
        168..176 "bytes_received" DOUBLE NONE;
        176..184 "bytes_acked" DOUBLE NONE;
        184..192 "sk" DOUBLE NONE;
        192..200 "skb_data" DOUBLE NONE;
        200..208 "skb_data_end" DOUBLE NONE;
        208..212 "skb_len" WORD NONE;
        212..216 "skb_tcp_flags" FROM_START NONE;
        216..224 "skb_hwtstamp" DOUBLE NONE;
    }
}

layout! {
    SK_MSG "struct sk_msg_md" 80 {
        0..8 "data" DOUBLE NONE;
        8..16 "data_end" DOUBLE NONE;
        16..20 "family" WORD NONE;
        20..24 "remote_ip4" WORD NONE;
        24..28 "local_ip4" WORD NONE;
        28..44 "remote_ip6" WORD NONE;
        44..60 "local_ip6" WORD NONE;
        60..64 "remote_port" WORD NONE;
        64..68 "local_port" WORD NONE;
        68..72 "size" WORD NONE;
        72..80 "sk" DOUBLE NONE;
    }
}

layout! {
    SK_REUSEPORT "struct sk_reuseport_md" 56 {
        0..8 "data" DOUBLE NONE;
        8..16 "data_end" DOUBLE NONE;
        16..20 "len" UP_TO_WORD NONE;
        20..24 "eth_protocol" HALF_OR_WORD NONE;
        24..28 "ip_protocol" UP_TO_WORD NONE;
        28..32 "bind_inany" UP_TO_WORD NONE;
        32..36 "hash" WORD NONE;
        40..48 "sk" DOUBLE NONE;
        48..56 "migrating_sk" DOUBLE NONE;
    }
}

layout! {
    SK_LOOKUP "struct bpf_sk_lookup" 72 {
        0..8 "sk" DOUBLE NONE;
        8..12 "family" UP_TO_WORD NONE;
        12..16 "protocol" UP_TO_WORD NONE;
        16..20 "remote_ip4" UP_TO_WORD NONE;
        20..36 "remote_ip6" UP_TO_WORD NONE;
        36..40 "remote_port" UP_TO_WORD NONE;
        40..44 "local_ip4" UP_TO_WORD NONE;
        44..60 "local_ip6" UP_TO_WORD NONE;
        60..64 "local_port" UP_TO_WORD NONE;
        64..68 "ingress_ifindex" UP_TO_WORD NONE;
    }
}

layout! {
    SOCKOPT "struct bpf_sockopt" 40 {
        0..8 "sk" DOUBLE NONE;
        8..16 "optval" DOUBLE NONE;
        16..24 "optval_end" DOUBLE NONE;
        24..28 "level" WORD WORD;
        28..32 "optname" WORD WORD;
        32..36 "optlen" WORD WORD;
        36..40 "retval" WORD WORD;
    }
}

layout! {
    SYSCTL "struct bpf_sysctl" 8 {
        0..4 "write" UP_TO_WORD NONE;
        4..8 "file_pos" UP_TO_WORD WORD;
    }
}

layout! {
    DEVICE "struct bpf_cgroup_dev_ctx" 12 {
        0..4 "access_type" UP_TO_WORD NONE;
        4..8 "major" WORD NONE;
        8..12 "minor" WORD NONE;
    }
}

layout! {
    NETFILTER "struct bpf_nf_ctx" 16 {
        0..8 "state" DOUBLE NONE;
        8..16 "skb" DOUBLE NONE;
    }
}

layout! {
    /// Of x86-64.
    PERF_EVENT "struct bpf_perf_event_data" 184 {
        0..168 "regs" DOUBLE NONE;
        168..176 "sample_period" ANY NONE;
        176..184 "addr" ANY NONE;
    }
}

layout! {
    /// Of x86-64.
    PT_REGS "struct pt_regs" 168 {
        0..168 "regs" ANY NONE;
    }
}
