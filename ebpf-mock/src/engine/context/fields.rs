//! The fields of every context: where they lie (include/uapi/linux/bpf.h) and in which widths they are accessed, which
//! the `*_is_valid_access()` functions in net/core/filter.c and kernel/bpf/cgroup.c say.

use super::layout::layout;

layout! {
    /// `struct xdp_md`.
    XdpMd "struct xdp_md" 24 {
        0..4 Data "data" WORD NONE;
        4..8 DataEnd "data_end" WORD NONE;
        8..12 DataMeta "data_meta" WORD NONE;
        12..16 IngressIfindex "ingress_ifindex" WORD NONE;
        16..20 RxQueueIndex "rx_queue_index" WORD NONE;
        20..24 EgressIfindex "egress_ifindex" WORD NONE;
    }
}

layout! {
    /// `struct __sk_buff`.
    SkBuffField "struct __sk_buff" 192 {
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
    /// `struct bpf_sock`.
    SockField "struct bpf_sock" 80 {
        0..4 BoundDevIf "bound_dev_if" WORD WORD;
        4..8 Family "family" FROM_START NONE;
        8..12 Type "type" FROM_START NONE;
        12..16 Protocol "protocol" FROM_START NONE;
        16..20 Mark "mark" WORD WORD;
        20..24 Priority "priority" WORD WORD;
        24..28 SrcIp4 "src_ip4" UP_TO_WORD NONE;
        28..44 SrcIp6 "src_ip6" UP_TO_WORD NONE;
        44..48 SrcPort "src_port" FROM_START NONE;
        48..50 DstPort "dst_port" UP_TO_WORD NONE;
        52..56 DstIp4 "dst_ip4" UP_TO_WORD NONE;
        56..72 DstIp6 "dst_ip6" UP_TO_WORD NONE;
        72..76 State "state" FROM_START NONE;
        76..80 RxQueueMapping "rx_queue_mapping" FROM_START NONE;
    }
}

layout! {
    /// `struct bpf_sock_addr`.
    SockAddrField "struct bpf_sock_addr" 72 {
        0..4 UserFamily "user_family" WORD NONE;
        4..8 UserIp4 "user_ip4" UP_TO_WORD WORD;
        8..24 UserIp6 "user_ip6" ANY WORD_OR_DOUBLE;
        24..28 UserPort "user_port" UP_TO_WORD WORD;
        28..32 Family "family" WORD NONE;
        32..36 Type "type" WORD NONE;
        36..40 Protocol "protocol" WORD NONE;
        40..44 MsgSrcIp4 "msg_src_ip4" UP_TO_WORD WORD;
        44..60 MsgSrcIp6 "msg_src_ip6" ANY WORD_OR_DOUBLE;
        64..72 Sk "sk" DOUBLE NONE;
    }
}

layout! {
    /// `struct bpf_sock_ops`.
    SockOpsField "struct bpf_sock_ops" 224 {
        0..4 Op "op" WORD NONE;
        4..8 Reply "reply" WORD WORD;
        8..20 Args "args" WORD NONE;
        20..24 Family "family" WORD NONE;
        24..28 RemoteIp4 "remote_ip4" WORD NONE;
        28..32 LocalIp4 "local_ip4" WORD NONE;
        32..48 RemoteIp6 "remote_ip6" WORD NONE;
        48..64 LocalIp6 "local_ip6" WORD NONE;
        64..68 RemotePort "remote_port" WORD NONE;
        68..72 LocalPort "local_port" WORD NONE;
        72..76 IsFullsock "is_fullsock" WORD NONE;
        76..80 SndCwnd "snd_cwnd" WORD NONE;
        80..84 SrttUs "srtt_us" WORD NONE;
        84..88 CbFlags "bpf_sock_ops_cb_flags" WORD NONE;
        88..92 State "state" WORD NONE;
        92..96 RttMin "rtt_min" WORD NONE;
        96..100 SndSsthresh "snd_ssthresh" WORD NONE;
        100..104 RcvNxt "rcv_nxt" WORD NONE;
        104..108 SndNxt "snd_nxt" WORD NONE;
        108..112 SndUna "snd_una" WORD NONE;
        112..116 MssCache "mss_cache" WORD NONE;
        116..120 EcnFlags "ecn_flags" WORD NONE;
        120..124 RateDelivered "rate_delivered" WORD NONE;
        124..128 RateIntervalUs "rate_interval_us" WORD NONE;
        128..132 PacketsOut "packets_out" WORD NONE;
        132..136 RetransOut "retrans_out" WORD NONE;
        136..140 TotalRetrans "total_retrans" WORD NONE;
        140..144 SegsIn "segs_in" WORD NONE;
        144..148 DataSegsIn "data_segs_in" WORD NONE;
        148..152 SegsOut "segs_out" WORD NONE;
        152..156 DataSegsOut "data_segs_out" WORD NONE;
        156..160 LostOut "lost_out" WORD NONE;
        160..164 SackedOut "sacked_out" WORD NONE;
        164..168 SkTxhash "sk_txhash" WORD WORD;
        168..176 BytesReceived "bytes_received" DOUBLE NONE;
        176..184 BytesAcked "bytes_acked" DOUBLE NONE;
        184..192 Sk "sk" DOUBLE NONE;
        192..200 SkbData "skb_data" DOUBLE NONE;
        200..208 SkbDataEnd "skb_data_end" DOUBLE NONE;
        208..212 SkbLen "skb_len" WORD NONE;
        212..216 SkbTcpFlags "skb_tcp_flags" FROM_START NONE;
        216..224 SkbHwtstamp "skb_hwtstamp" DOUBLE NONE;
    }
}

layout! {
    /// `struct sk_msg_md`.
    SkMsgField "struct sk_msg_md" 80 {
        0..8 Data "data" DOUBLE NONE;
        8..16 DataEnd "data_end" DOUBLE NONE;
        16..20 Family "family" WORD NONE;
        20..24 RemoteIp4 "remote_ip4" WORD NONE;
        24..28 LocalIp4 "local_ip4" WORD NONE;
        28..44 RemoteIp6 "remote_ip6" WORD NONE;
        44..60 LocalIp6 "local_ip6" WORD NONE;
        60..64 RemotePort "remote_port" WORD NONE;
        64..68 LocalPort "local_port" WORD NONE;
        68..72 Size "size" WORD NONE;
        72..80 Sk "sk" DOUBLE NONE;
    }
}

layout! {
    /// `struct sk_reuseport_md`.
    SkReuseportField "struct sk_reuseport_md" 56 {
        0..8 Data "data" DOUBLE NONE;
        8..16 DataEnd "data_end" DOUBLE NONE;
        16..20 Len "len" UP_TO_WORD NONE;
        20..24 EthProtocol "eth_protocol" HALF_OR_WORD NONE;
        24..28 IpProtocol "ip_protocol" UP_TO_WORD NONE;
        28..32 BindInany "bind_inany" UP_TO_WORD NONE;
        32..36 Hash "hash" WORD NONE;
        40..48 Sk "sk" DOUBLE NONE;
        48..56 MigratingSk "migrating_sk" DOUBLE NONE;
    }
}

layout! {
    /// `struct bpf_sk_lookup`.
    SkLookupField "struct bpf_sk_lookup" 72 {
        0..8 Sk "sk" DOUBLE NONE;
        8..12 Family "family" UP_TO_WORD NONE;
        12..16 Protocol "protocol" UP_TO_WORD NONE;
        16..20 RemoteIp4 "remote_ip4" UP_TO_WORD NONE;
        20..36 RemoteIp6 "remote_ip6" UP_TO_WORD NONE;
        36..40 RemotePort "remote_port" UP_TO_WORD NONE;
        40..44 LocalIp4 "local_ip4" UP_TO_WORD NONE;
        44..60 LocalIp6 "local_ip6" UP_TO_WORD NONE;
        60..64 LocalPort "local_port" UP_TO_WORD NONE;
        64..68 IngressIfindex "ingress_ifindex" UP_TO_WORD NONE;
    }
}

layout! {
    /// `struct bpf_sockopt`.
    SockoptField "struct bpf_sockopt" 40 {
        0..8 Sk "sk" DOUBLE NONE;
        8..16 Optval "optval" DOUBLE NONE;
        16..24 OptvalEnd "optval_end" DOUBLE NONE;
        24..28 Level "level" WORD WORD;
        28..32 Optname "optname" WORD WORD;
        32..36 Optlen "optlen" WORD WORD;
        36..40 Retval "retval" WORD WORD;
    }
}

layout! {
    /// `struct bpf_sysctl`.
    SysctlField "struct bpf_sysctl" 8 {
        0..4 Write "write" UP_TO_WORD NONE;
        4..8 FilePos "file_pos" UP_TO_WORD WORD;
    }
}

layout! {
    /// `struct bpf_cgroup_dev_ctx`.
    DeviceField "struct bpf_cgroup_dev_ctx" 12 {
        0..4 AccessType "access_type" UP_TO_WORD NONE;
        4..8 Major "major" WORD NONE;
        8..12 Minor "minor" WORD NONE;
    }
}

layout! {
    /// `struct bpf_nf_ctx`.
    NetfilterField "struct bpf_nf_ctx" 16 {
        0..8 State "state" DOUBLE NONE;
        8..16 Skb "skb" DOUBLE NONE;
    }
}

layout! {
    /// `struct bpf_perf_event_data` with the registers of x86-64.
    PerfEventField "struct bpf_perf_event_data" 184 {
        0..168 Regs "regs" DOUBLE NONE;
        168..176 SamplePeriod "sample_period" ANY NONE;
        176..184 Addr "addr" ANY NONE;
    }
}

layout! {
    /// `struct pt_regs` of x86-64.
    PtRegs "struct pt_regs" 168 {
        0..168 Regs "regs" ANY NONE;
    }
}
