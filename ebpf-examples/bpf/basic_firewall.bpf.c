// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A firewall by source address, in XDP: the longest prefix of a trie that holds a packet's source decides, a packet
 * that none holds passes. Every frame is counted once in `totals`, and under its rule if it has one.
 */
#include "bpf_helpers.h"

#define MAX_RULES 1024
/* An outer and an inner tag (802.1ad); a frame with more is malformed, or it could hide its source. */
#define MAX_VLAN_TAGS 2

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_SERVICE_VLAN 0x88a8

#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_IGMP 2
#define PROTOCOL_ICMPV6 58

struct ethernet_header {
	__u8 destination[6];
	__u8 source[6];
	__u16 type;
};

struct vlan_tag {
	__u16 control;
	__u16 type;
};

struct ipv4_header {
	__u8 version_and_words;
	__u8 service;
	__u16 length;
	__u16 id;
	__u16 fragment;
	__u8 time_to_live;
	__u8 protocol;
	__u16 checksum;
	__u8 source[4];
	__u8 destination[4];
};

struct ipv6_header {
	__u8 version_and_class;
	__u8 class_and_flow[3];
	__u16 length;
	__u8 protocol;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
};

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
	struct ipv4_header *ip = at;
	struct ipv4_prefix key = { .bits = 32 };

	if ((void *)(ip + 1) > end || ip->version_and_words >> 4 != 4)
		return OUTCOME_MALFORMED;
	/* A multicast report never leaves the link. */
	if (ip->protocol == PROTOCOL_IGMP && ip->time_to_live == 1)
		return OUTCOME_OTHER;
	__builtin_memcpy(key.address, ip->source, sizeof(key.address));
	return obey(bpf_map_lookup_elem(&ipv4_rules, &key), bytes);
}

/* Neighbour discovery, for which the hop limit is 255, and reports of multicast listeners, for which it is 1. */
static __always_inline int runs_the_link(struct ipv6_header *ip, void *end)
{
	__u8 protocol = ip->protocol;
	__u8 *type = (void *)(ip + 1);

	if (protocol == PROTOCOL_HOP_BY_HOP) {
		struct hop_by_hop_header *options = (void *)(ip + 1);

		if ((void *)(options + 1) > end || options->more_words != 0)
			return 0;
		protocol = options->protocol;
		type = (void *)(options + 1);
	}
	if (protocol != PROTOCOL_ICMPV6 || (void *)(type + 1) > end)
		return 0;
	if (ip->hop_limit == 255)
		return *type >= 133 && *type <= 137;
	return ip->hop_limit == 1 && ((*type >= 130 && *type <= 132) || *type == 143);
}

static __always_inline enum outcome judge_ipv6(void *at, void *end, __u64 bytes)
{
	struct ipv6_header *ip = at;
	struct ipv6_prefix key = { .bits = 128 };

	if ((void *)(ip + 1) > end || ip->version_and_class >> 4 != 6)
		return OUTCOME_MALFORMED;
	if (runs_the_link(ip, end))
		return OUTCOME_OTHER;
	__builtin_memcpy(key.address, ip->source, sizeof(key.address));
	return obey(bpf_map_lookup_elem(&ipv6_rules, &key), bytes);
}

static __always_inline enum outcome judge(void *at, void *end)
{
	struct ethernet_header *ethernet = at;
	__u64 bytes = end - at;
	__u16 type;

	if ((void *)(ethernet + 1) > end)
		return OUTCOME_MALFORMED;
	type = ethernet->type;
	at = ethernet + 1;
	for (int tags = 0; type == bpf_htons(ETHERTYPE_VLAN) || type == bpf_htons(ETHERTYPE_SERVICE_VLAN); tags++) {
		struct vlan_tag *tag = at;

		if (tags == MAX_VLAN_TAGS || (void *)(tag + 1) > end)
			return OUTCOME_MALFORMED;
		type = tag->type;
		at = tag + 1;
	}
	if (type == bpf_htons(ETHERTYPE_IPV4))
		return judge_ipv4(at, end, bytes);
	if (type == bpf_htons(ETHERTYPE_IPV6))
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
