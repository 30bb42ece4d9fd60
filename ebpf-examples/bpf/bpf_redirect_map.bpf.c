// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Answers pings in XDP, for whatever address they ask: the kernel's routing table says by which interface and to which
 * Ethernet address the answer goes, and a map of interfaces redirects it there. What it cannot answer it passes on.
 */
#include "packet.h"

#define HOPS 64

/* The interfaces that answers may leave by, by their indexes. A hash, as an index may be any number. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} interfaces SEC(".maps");

/* What became of a frame: the entries of `outcomes`. */
enum outcome {
	OUTCOME_ANSWERED_V4,
	OUTCOME_ANSWERED_V6,
	/* No ping. */
	OUTCOME_OTHER,
	/* The interface's packets are not to be forwarded (sysctl net.ipv4.ip_forward and its like). */
	OUTCOME_NO_FORWARDING,
	OUTCOME_NO_ROUTE,
	/* The Ethernet address of the next hop is not known (yet). */
	OUTCOME_NO_NEIGHBOUR,
	/* The answer would leave by an interface that is not in the map. */
	OUTCOME_OTHER_INTERFACE,
	OUTCOMES,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} outcomes SEC(".maps");

/* How messages of ICMP and ICMPv6 begin. */
struct echo {
	__u8 type;
	__u8 code;
	__sum16 checksum;
};

/* A checksum of the internet's after a word that it covers has changed (RFC 1624). */
static __always_inline __sum16 adjusted(__sum16 checksum, __be16 before, __be16 after)
{
	__u32 sum = (__u16)~checksum + (__u16)~before + after;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Its type is the first byte of its first word. */
static __always_inline void turn(struct echo *echo, __u8 reply)
{
	echo->checksum = adjusted(echo->checksum, bpf_htons(echo->type << 8), bpf_htons(reply << 8));
	echo->type = reply;
}

/* Asks by where a packet to `route`'s destination leaves; fills in interface and Ethernet addresses. */
static __always_inline enum outcome find_route(struct xdp_md *frame, struct bpf_fib_lookup *route, enum outcome success)
{
	route->ifindex = frame->ingress_ifindex;
	switch (bpf_fib_lookup(frame, route, sizeof(*route), 0)) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		return bpf_map_lookup_elem(&interfaces, &route->ifindex) ? success : OUTCOME_OTHER_INTERFACE;
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		return OUTCOME_NO_NEIGHBOUR;
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		return OUTCOME_NO_FORWARDING;
	default:
		return OUTCOME_NO_ROUTE;
	}
}

static __always_inline enum outcome answer_ipv4(struct xdp_md *frame, void *at, void *end, struct bpf_fib_lookup *route)
{
	struct iphdr *ip = at;
	struct echo *echo = (void *)(ip + 1);
	enum outcome outcome;

	/* With options or in fragments it is for the network stack. */
	if ((void *)(echo + 1) > end || ip->version != 4 || ip->ihl != 5 || ip->protocol != IPPROTO_ICMP ||
	    ip->frag_off & bpf_htons(IP_MF | IP_OFFSET) || echo->type != ICMP_ECHO || echo->code)
		return OUTCOME_OTHER;
	route->family = AF_INET;
	route->ipv4_src = ip->daddr;
	route->ipv4_dst = ip->saddr;
	outcome = find_route(frame, route, OUTCOME_ANSWERED_V4);
	if (outcome != OUTCOME_ANSWERED_V4)
		return outcome;
	ip->saddr = route->ipv4_src;
	ip->daddr = route->ipv4_dst;
	ip->check = adjusted(ip->check, bpf_htons(ip->ttl << 8), bpf_htons(HOPS << 8));
	ip->ttl = HOPS;
	turn(echo, ICMP_ECHOREPLY);
	return outcome;
}

static __always_inline enum outcome answer_ipv6(struct xdp_md *frame, void *at, void *end, struct bpf_fib_lookup *route)
{
	struct ipv6hdr *ip = at;
	struct echo *echo = (void *)(ip + 1);
	enum outcome outcome;

	if ((void *)(echo + 1) > end || ip->version != 6 || ip->nexthdr != IPPROTO_ICMPV6 ||
	    echo->type != ICMPV6_ECHO_REQUEST || echo->code)
		return OUTCOME_OTHER;
	route->family = AF_INET6;
	__builtin_memcpy(route->ipv6_src, &ip->daddr, sizeof(ip->daddr));
	__builtin_memcpy(route->ipv6_dst, &ip->saddr, sizeof(ip->saddr));
	outcome = find_route(frame, route, OUTCOME_ANSWERED_V6);
	if (outcome != OUTCOME_ANSWERED_V6)
		return outcome;
	__builtin_memcpy(&ip->saddr, route->ipv6_src, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, route->ipv6_dst, sizeof(ip->daddr));
	ip->hop_limit = HOPS;
	turn(echo, ICMPV6_ECHO_REPLY);
	return outcome;
}

SEC("xdp")
int answer(struct xdp_md *frame)
{
	void *end = (void *)(long)frame->data_end;
	struct ethhdr *ethernet = (void *)(long)frame->data;
	struct bpf_fib_lookup route = {};
	__u32 outcome = OUTCOME_OTHER;
	__u64 *counter;

	if ((void *)(ethernet + 1) <= end && ethernet->h_proto == bpf_htons(ETH_P_IP))
		outcome = answer_ipv4(frame, ethernet + 1, end, &route);
	else if ((void *)(ethernet + 1) <= end && ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		outcome = answer_ipv6(frame, ethernet + 1, end, &route);
	counter = bpf_map_lookup_elem(&outcomes, &outcome);
	if (counter)
		*counter += 1;
	if (outcome != OUTCOME_ANSWERED_V4 && outcome != OUTCOME_ANSWERED_V6)
		return XDP_PASS;
	if ((void *)(ethernet + 1) > end)
		return XDP_PASS;
	__builtin_memcpy(ethernet->h_source, route.smac, sizeof(ethernet->h_source));
	__builtin_memcpy(ethernet->h_dest, route.dmac, sizeof(ethernet->h_dest));
	return bpf_redirect_map(&interfaces, route.ifindex, 0);
}

char _license[] SEC("license") = "Dual MIT/GPL";
