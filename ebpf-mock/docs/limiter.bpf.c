// SPDX-License-Identifier: MIT OR GPL-2.0
/* Lets each address send so many packets a second; drops what is more, and says so once a second. */
#include "bpf_helpers.h"
#include "bpf_packet.h"

#define SECOND 1000000000ULL

/* Packets of an address in a second. */
const volatile __u32 allowed = 3;
/* How often nobody could be told, because the ring was full. */
__u64 untold = 0;

struct sent {
	__u64 since;
	__u64 packets;
};

struct limited {
	__u8 address[4];
	__u32 allowed;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __be32);
	__type(value, struct sent);
} senders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} limited SEC(".maps");

SEC("xdp")
int limiter(struct xdp_md *frame)
{
	void *end = (void *)(long)frame->data_end;
	struct ethhdr *ethernet = (void *)(long)frame->data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct sent first = { .since = bpf_ktime_get_ns(), .packets = 1 };
	struct limited event = { .allowed = allowed };
	struct sent *sent;

	if ((void *)(ethernet + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	sent = bpf_map_lookup_elem(&senders, &ip->saddr);
	if (!sent || first.since - sent->since >= SECOND) {
		bpf_map_update_elem(&senders, &ip->saddr, &first, BPF_ANY);
		return XDP_PASS;
	}
	sent->packets += 1;
	if (sent->packets <= allowed)
		return XDP_PASS;
	if (sent->packets == allowed + 1) {
		__builtin_memcpy(event.address, &ip->saddr, sizeof(event.address));
		if (bpf_ringbuf_output(&limited, &event, sizeof(event), 0))
			untold += 1;
	}
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
