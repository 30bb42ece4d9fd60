// SPDX-License-Identifier: MIT OR GPL-2.0
/* What the limiter began as: packets that have come to the end of their way are dropped. */
#include "bpf_helpers.h"
#include "bpf_packet.h"

SEC("xdp")
int limiter(struct xdp_md *frame)
{
	void *end = (void *)(long)frame->data_end;
	struct ethhdr *ethernet = (void *)(long)frame->data;
	struct iphdr *ip = (void *)(ethernet + 1);

	if ((void *)(ethernet + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return ip->ttl > 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
