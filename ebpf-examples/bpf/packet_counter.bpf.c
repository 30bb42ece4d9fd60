// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Counts the packets of an interface by direction and by the protocol that IP carries, in one of three places: in XDP
 * (received packets only), in traffic control, or in a packet socket's filter. Every frame is counted once.
 */
#include "packet.h"

/* What a socket buffer's `pkt_type` says of one that is sent; of <linux/if_packet.h>. */
#define PACKET_OUTGOING 4

/* What is counted, by its place among the counters of a direction: a protocol of IP's, or one of these. */
enum kind {
	KIND_NOT_IP = 256,
	/* Cut short, or not what its header says. */
	KIND_MALFORMED,
	KINDS,
};

enum direction {
	RECEIVED,
	SENT,
	DIRECTIONS,
};

/* Bytes are those of the frame, link header included. */
struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DIRECTIONS * KINDS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

/* The interface whose packets the socket filter counts: the socket sees those of all. */
const volatile __u32 interface = 0;

static __always_inline void count(const struct packet *packet, enum direction direction, __u64 bytes)
{
	struct layers layers = {};
	struct counter *counter;
	__u32 index;

	if (!packet_walk(packet, &layers))
		index = KIND_MALFORMED;
	else if (is_ip(&layers))
		index = layers.protocol;
	else
		index = KIND_NOT_IP;
	index += direction * KINDS;
	counter = bpf_map_lookup_elem(&counters, &index);
	if (counter) {
		counter->packets += 1;
		counter->bytes += bytes;
	}
}

SEC("xdp")
int count_xdp(struct xdp_md *frame)
{
	struct packet packet = {
		.data = (void *)(long)frame->data,
		.end = (void *)(long)frame->data_end,
	};

	count(&packet, RECEIVED, packet.end - packet.data);
	return XDP_PASS;
}

SEC("tc")
int count_ingress(struct __sk_buff *buffer)
{
	struct packet packet = { .buffer = buffer };

	count(&packet, RECEIVED, buffer->len);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int count_egress(struct __sk_buff *buffer)
{
	struct packet packet = { .buffer = buffer };

	count(&packet, SENT, buffer->len);
	return TC_ACT_UNSPEC;
}

/* Keeps nothing for the socket to read. */
SEC("socket")
int count_socket(struct __sk_buff *buffer)
{
	struct packet packet = { .buffer = buffer };

	if (buffer->ifindex == interface)
		count(&packet, buffer->pkt_type == PACKET_OUTGOING ? SENT : RECEIVED, buffer->len);
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
