// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A firewall by source address, in XDP: the longest prefix of a trie that holds a packet's source decides, a packet
 * that none holds passes. Every frame is counted once in `totals`, and under its rule if it has one.
 */
#include "packet.h"

#define MAX_RULES 1024

struct hop_by_hop_header {
	__u8 protocol;
	__u8 more_words;
	__u8 options[6];
};

/* Keys of the tries: how many leading bits count, then the address in network order. */
struct ipv4_prefix {
	__u32 bits;
	__u8 address[4];
};

struct ipv6_prefix {
	__u32 bits;
	__u8 address[16];
};

/* What to do with packets from a prefix: XDP_DROP or XDP_PASS, and the entry of `rule_counters` to count them in. */
struct rule {
	__u32 index;
	__u32 action;
};

/* Bytes are those of the frame, link header included. */
struct counter {
	__u64 packets;
	__u64 bytes;
};

/* What became of a frame: the entries of `totals`. */
enum outcome {
	OUTCOME_PASSED,
	OUTCOME_DROPPED,
	/* Passed without asking the rules: no IP, or what IP needs on a link: neighbour discovery, multicast reports. */
	OUTCOME_OTHER,
	/* Dropped: cut short, or not what its header says. */
	OUTCOME_MALFORMED,
	OUTCOMES,
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MAX_RULES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ipv4_prefix);
	__type(value, struct rule);
} ipv4_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MAX_RULES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ipv6_prefix);
	__type(value, struct rule);
} ipv6_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_RULES);
	__type(key, __u32);
	__type(value, struct counter);
} rule_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, struct counter);
} totals SEC(".maps");

static __always_inline void count(void *counters, __u32 index, __u64 bytes)
{
	struct counter *counter = bpf_map_lookup_elem(counters, &index);

	if (counter) {
		counter->packets += 1;
		counter->bytes += bytes;
	}
}

static __always_inline enum outcome obey(const struct rule *rule, __u64 bytes)
{
	if (!rule)
		return OUTCOME_PASSED;
	count(&rule_counters, rule->index, bytes);
	return rule->action == XDP_PASS ? OUTCOME_PASSED : OUTCOME_DROPPED;
}

static __always_inline enum outcome judge_ipv4(void *at, void *end, __u64 bytes)
{
	struct iphdr *ip = at;
	struct ipv4_prefix key = { .bits = 32 };

	if ((void *)(ip + 1) > end || ip->version != 4)
		return OUTCOME_MALFORMED;
	/* A multicast report never leaves the link. */
	if (ip->protocol == IPPROTO_IGMP && ip->ttl == 1)
		return OUTCOME_OTHER;
	__builtin_memcpy(key.address, &ip->saddr, sizeof(key.address));
	return obey(bpf_map_lookup_elem(&ipv4_rules, &key), bytes);
}

/* Neighbour discovery, for which the hop limit is 255, and reports of multicast listeners, for which it is 1. */
static __always_inline int runs_the_link(struct ipv6hdr *ip, void *end)
{
	__u8 protocol = ip->nexthdr;
	__u8 *type = (void *)(ip + 1);

	if (protocol == IPPROTO_HOPOPTS) {
		struct hop_by_hop_header *options = (void *)(ip + 1);

		if ((void *)(options + 1) > end || options->more_words != 0)
			return 0;
		protocol = options->protocol;
		type = (void *)(options + 1);
	}
	if (protocol != IPPROTO_ICMPV6 || (void *)(type + 1) > end)
		return 0;
	if (ip->hop_limit == 255)
		return *type >= 133 && *type <= 137;
	return ip->hop_limit == 1 && ((*type >= 130 && *type <= 132) || *type == 143);
}

static __always_inline enum outcome judge_ipv6(void *at, void *end, __u64 bytes)
{
	struct ipv6hdr *ip = at;
	struct ipv6_prefix key = { .bits = 128 };

	if ((void *)(ip + 1) > end || ip->version != 6)
		return OUTCOME_MALFORMED;
	if (runs_the_link(ip, end))
		return OUTCOME_OTHER;
	__builtin_memcpy(key.address, &ip->saddr, sizeof(key.address));
	return obey(bpf_map_lookup_elem(&ipv6_rules, &key), bytes);
}

static __always_inline enum outcome judge(void *at, void *end)
{
	struct ethhdr *ethernet = at;
	__u64 bytes = end - at;
	__be16 type;

	if ((void *)(ethernet + 1) > end)
		return OUTCOME_MALFORMED;
	type = ethernet->h_proto;
	at = ethernet + 1;
	for (int tags = 0; is_vlan(type); tags++) {
		struct vlan_hdr *tag = at;

		if (tags == MAX_VLAN_TAGS || (void *)(tag + 1) > end)
			return OUTCOME_MALFORMED;
		type = tag->h_vlan_encapsulated_proto;
		at = tag + 1;
	}
	if (type == bpf_htons(ETH_P_IP))
		return judge_ipv4(at, end, bytes);
	if (type == bpf_htons(ETH_P_IPV6))
		return judge_ipv6(at, end, bytes);
	return OUTCOME_OTHER;
}

SEC("xdp")
int firewall(struct xdp_md *frame)
{
	void *data = (void *)(long)frame->data;
	void *end = (void *)(long)frame->data_end;
	enum outcome outcome = judge(data, end);

	count(&totals, outcome, end - data);
	return outcome == OUTCOME_PASSED || outcome == OUTCOME_OTHER ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
