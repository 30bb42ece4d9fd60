// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Gives packets of an interface to user space as events, in XDP: those of TCP with one of the wanted flags, or all. An
 * event is a header that says what the packet is, and behind it the packet itself, as far as it is wanted.
 */
#include "packet.h"

/* Where the flags lie in a header of TCP. */
#define TCP_FLAGS 13

/* The flags of TCP of which a packet must have one. */
const volatile __u8 wanted_flags = 0x02;
/* Whether packets are wanted whatever they are. */
const volatile __u8 all_packets = 0;
/* How many bytes of a packet are wanted. */
const volatile __u32 snapshot_length = 0xff00;

/* Ports are in the host's order; an IPv4 address fills the first four bytes of its place. */
struct event {
	/* Nanoseconds of the monotonic clock. */
	__u64 time;
	/* Bytes of the packet, and how many of them are behind this header. What follows those is padding. */
	__u32 length;
	__u32 captured;
	__u16 ethertype;
	__u16 source_port;
	__u16 destination_port;
	__u8 protocol;
	__u8 tcp_flags;
	__u8 source[16];
	__u8 destination[16];
	/* Whether there are ports: TCP, UDP, and not a later fragment. */
	__u8 has_ports;
	/* Whether it was cut short, or not what its header says. */
	__u8 malformed;
	__u8 _unused[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

static __always_inline void describe(const struct packet *packet, struct event *event)
{
	struct layers layers = {};
	struct ports ports;

	event->malformed = !packet_walk(packet, &layers);
	event->ethertype = layers.ethertype;
	if (event->malformed || !is_ip(&layers))
		return;
	event->protocol = layers.protocol;
	if (layers.ethertype == ETH_P_IP) {
		__u32 at = layers.network + __builtin_offsetof(struct iphdr, saddr);

		packet_read(packet, at, event->source, 4);
		packet_read(packet, at + 4, event->destination, 4);
	} else {
		__u32 at = layers.network + __builtin_offsetof(struct ipv6hdr, saddr);

		packet_read(packet, at, event->source, 16);
		packet_read(packet, at + 16, event->destination, 16);
	}
	if (layers.later_fragment)
		return;
	if (layers.protocol == IPPROTO_TCP) {
		struct tcphdr tcp;

		event->malformed = !packet_read(packet, layers.transport, &tcp, sizeof(tcp));
		if (event->malformed)
			return;
		event->tcp_flags = ((__u8 *)&tcp)[TCP_FLAGS];
		ports.source = tcp.source;
		ports.destination = tcp.dest;
	} else if (layers.protocol == IPPROTO_UDP) {
		event->malformed = !packet_read(packet, layers.transport, &ports, sizeof(ports));
		if (event->malformed)
			return;
	} else {
		return;
	}
	event->has_ports = 1;
	event->source_port = bpf_ntohs(ports.source);
	event->destination_port = bpf_ntohs(ports.destination);
}

SEC("xdp")
int dump(struct xdp_md *frame)
{
	struct packet packet = {
		.data = (void *)(long)frame->data,
		.end = (void *)(long)frame->data_end,
	};
	struct event event = {};
	__u64 captured;

	describe(&packet, &event);
	if (!all_packets && !(event.tcp_flags & wanted_flags))
		return XDP_PASS;
	event.time = bpf_ktime_get_ns();
	event.length = packet.end - packet.data;
	captured = event.length < snapshot_length ? event.length : snapshot_length;
	event.captured = captured;
	/* The upper half of the flags says how many bytes of the packet to add. */
	bpf_perf_event_output(frame, &events, BPF_F_CURRENT_CPU | captured << 32, &event, sizeof(event));
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
