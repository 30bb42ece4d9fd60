// SPDX-License-Identifier: MIT OR Apache-2.0
// Seven maps in section `maps`, with inner maps and paths, and five XDP programs in one section.
// build: no-debug

#include "fixture.h"

struct bpf_map_def {
	__u32 map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	void *inner_map_def;
	const char *persistent_path;
};

SEC("maps") struct bpf_map_def packets = {
	.map_type = 6,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 4,
	.persistent_path = "/sys/fs/bpf/packets",
};

SEC("maps") struct bpf_map_def lengths = {
	.map_type = 2,
	.value_size = 4,
	.max_entries = 10,
};

SEC("maps") struct bpf_map_def rules = {
	.map_type = 11,
	.key_size = 8,
	.value_size = 4,
	.max_entries = 16,
};

SEC("maps") struct bpf_map_def per_rule = {
	.map_type = 12,
	.max_entries = 5,
	.inner_map_def = &lengths,
};

SEC("maps") struct bpf_map_def last_seen = {
	.map_type = 1,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1024,
	.map_flags = 1,
};

SEC("maps") struct bpf_map_def by_source = {
	.map_type = 13,
	.key_size = 4,
	.max_entries = 20,
	.inner_map_def = &last_seen,
	.persistent_path = "/sys/fs/bpf/by_source",
};

SEC("maps") struct bpf_map_def stages = {
	.map_type = 3,
	.max_entries = 3,
};

// Counts under key 1 and passes.
SEC("xdp") int count(struct xdp_md *context)
{
	__u32 key = 1;
	__u64 *packets_seen = bpf_map_lookup_elem(&packets, &key);

	if (packets_seen)
		*packets_seen += 1;
	return 2;
}

// Keeps the packet's length under index 3.
SEC("xdp") int measure(struct xdp_md *context)
{
	__u32 index = 3;
	__u32 length = context->data_end - context->data;

	bpf_map_update_elem(&lengths, &index, &length, 0);
	return 2;
}

// The address of IPv4's source is looked up in the rules, which say the verdict.
SEC("xdp") int filter(struct xdp_md *context)
{
	const __u8 *data = (void *)(long)context->data;
	struct {
		__u32 bits;
		__u8 address[4];
	} key = { .bits = 32 };
	const __u32 *rule;

	if (data + 34 > (const __u8 *)(long)context->data_end)
		return 0;
	__builtin_memcpy(key.address, data + 26, 4);
	rule = bpf_map_lookup_elem(&rules, &key);
	return rule ? *rule : 2;
}

// Goes on with the program that the packet's first byte names; without one it is aborted.
SEC("xdp") int root(struct xdp_md *context)
{
	const __u8 *data = (void *)(long)context->data;

	if (data + 1 > (const __u8 *)(long)context->data_end)
		return 0;
	bpf_tail_call(context, &stages, *data);
	return 0;
}

// Looks into the maps in maps; 1 if nothing is found.
SEC("xdp") int inner(struct xdp_md *context)
{
	__u32 key = 2;
	void *lengths_of_rule = bpf_map_lookup_elem(&per_rule, &key);
	const __u32 *length;

	if (!lengths_of_rule)
		return 1;
	length = bpf_map_lookup_elem(lengths_of_rule, &key);
	if (!bpf_map_lookup_elem(&by_source, &key))
		return 1;
	return length ? *length : 1;
}

SEC("license") char _license[] = "Dual MIT/GPL";
