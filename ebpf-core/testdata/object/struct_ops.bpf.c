// SPDX-License-Identifier: MIT OR Apache-2.0
// Implementations of a structure of callbacks of the kernel.
// build: bpfeb

#include "fixture.h"

struct sock;

struct tcp_congestion_ops___local {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	__u32 flags;
	char name[16];
};

SEC("struct_ops/ssthresh") __u32 half(__u64 *context)
{
	return 2;
}

SEC("struct_ops") void avoid(__u64 *context)
{
}

SEC(".struct_ops") struct tcp_congestion_ops___local ours = {
	.ssthresh = (void *)half,
	.cong_avoid = (void *)avoid,
	.flags = 6,
	.name = "bpf_ours",
};

SEC(".struct_ops.link") struct tcp_congestion_ops___local linked = {
	.undo_cwnd = (void *)half,
	.name = "bpf_linked",
};

SEC("?.struct_ops.link") struct tcp_congestion_ops___local if_asked = {
	.ssthresh = (void *)half,
	.name = "bpf_if_asked",
};

SEC("license") char _license[] = "GPL";
