/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A walk from a frame's Ethernet header to what IP carries, for frames in memory (XDP) and in socket buffers alike.
 */
#pragma once

#include "bpf_helpers.h"
#include "bpf_packet.h"

/* An outer and an inner tag (802.1ad); a frame with more is malformed, or it could hide what it carries. */
#define MAX_VLAN_TAGS 2
/* Each extension header of IPv6 may come once, the one for the destination twice. */
#define MAX_EXTENSION_HEADERS 7

/* The bits of an IPv6 fragment header that say how far from the packet's start the fragment lies. */
#define IPV6_FRAGMENT_OFFSET 0xfff8

/* How extension headers of IPv6 begin; `fragment` is what one of a fragment has there. */
struct extension_header {
	__u8 next;
	__u8 more_words;
	__be16 fragment;
};

/* How headers of TCP and UDP begin. */
struct ports {
	__be16 source;
	__be16 destination;
};

/* A frame: between two addresses, or in a socket buffer. */
struct packet {
	void *data;
	void *end;
	struct __sk_buff *buffer;
};

/* Copies bytes of the frame. Their number is a constant. Whether there were that many. */
static __always_inline int packet_read(const struct packet *packet, __u32 at, void *to, __u32 length)
{
	void *from;

	if (packet->buffer)
		return bpf_skb_load_bytes(packet->buffer, at, to, length) == 0;
	from = packet->data + at;
	if (from + length > packet->end)
		return 0;
	__builtin_memcpy(to, from, length);
	return 1;
}

/* What a frame carries. */
struct layers {
	/* In the host's order, behind VLAN tags. */
	__u16 ethertype;
	/* What IP carries. */
	__u8 protocol;
	/* A later fragment of a packet: the headers of what IP carries are in the first. */
	__u8 later_fragment;
	/* Where IP and what it carries start. */
	__u32 network;
	__u32 transport;
};

static __always_inline int is_vlan(__be16 ethertype)
{
	return ethertype == bpf_htons(ETH_P_8021Q) || ethertype == bpf_htons(ETH_P_8021AD);
}

static __always_inline int is_ip(const struct layers *layers)
{
	return layers->ethertype == ETH_P_IP || layers->ethertype == ETH_P_IPV6;
}

static __always_inline int walk_ipv4(const struct packet *packet, struct layers *layers)
{
	struct iphdr ip;

	if (!packet_read(packet, layers->network, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return 0;
	layers->protocol = ip.protocol;
	layers->later_fragment = (ip.frag_off & bpf_htons(IP_OFFSET)) != 0;
	layers->transport = layers->network + ip.ihl * 4;
	return 1;
}

static __always_inline int walk_ipv6(const struct packet *packet, struct layers *layers)
{
	struct ipv6hdr ip;
	__u32 at = layers->network + sizeof(ip);

	if (!packet_read(packet, layers->network, &ip, sizeof(ip)) || ip.version != 6)
		return 0;
	layers->protocol = ip.nexthdr;
	for (int i = 0; i < MAX_EXTENSION_HEADERS && !layers->later_fragment; i++) {
		struct extension_header header;
		__u8 protocol = layers->protocol;

		if (protocol != IPPROTO_HOPOPTS && protocol != IPPROTO_ROUTING && protocol != IPPROTO_FRAGMENT &&
		    protocol != IPPROTO_AH && protocol != IPPROTO_DSTOPTS)
			break;
		if (!packet_read(packet, at, &header, sizeof(header)))
			return 0;
		layers->protocol = header.next;
		if (protocol == IPPROTO_FRAGMENT) {
			layers->later_fragment = (header.fragment & bpf_htons(IPV6_FRAGMENT_OFFSET)) != 0;
			at += 8;
		} else if (protocol == IPPROTO_AH) {
			at += (header.more_words + 2) * 4;
		} else {
			at += (header.more_words + 1) * 8;
		}
	}
	layers->transport = at;
	return 1;
}

/* Finds out what the frame carries. Whether it is whole as far as that. */
static __always_inline int packet_walk(const struct packet *packet, struct layers *layers)
{
	struct ethhdr ethernet;
	__u32 at = sizeof(ethernet);
	__be16 type;

	if (!packet_read(packet, 0, &ethernet, sizeof(ethernet)))
		return 0;
	type = ethernet.h_proto;
	for (int tags = 0; is_vlan(type); tags++) {
		struct vlan_hdr tag;

		if (tags == MAX_VLAN_TAGS || !packet_read(packet, at, &tag, sizeof(tag)))
			return 0;
		type = tag.h_vlan_encapsulated_proto;
		at += sizeof(tag);
	}
	layers->ethertype = bpf_ntohs(type);
	layers->network = at;
	if (layers->ethertype == ETH_P_IP)
		return walk_ipv4(packet, layers);
	if (layers->ethertype == ETH_P_IPV6)
		return walk_ipv6(packet, layers);
	return 1;
}
