// SPDX-License-Identifier: MIT OR Apache-2.0
// Section `maps` with definitions of goebpf's shape: 40 bytes, with pointers to an inner map and to a path.
// build: no-debug, bpfeb

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

// The outer map comes before its template, which is static.
static struct bpf_map_def template;

SEC("maps") struct bpf_map_def outer = {
	.map_type = 13,
	.key_size = 4,
	.max_entries = 20,
	.inner_map_def = &template,
	.persistent_path = "/sys/fs/bpf/outer",
};

SEC("maps") struct bpf_map_def counters = {
	.map_type = 6,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 10,
};

SEC("maps") static struct bpf_map_def template = {
	.map_type = 1,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 3,
	.map_flags = 1,
};

SEC("maps") struct bpf_map_def pinned = {
	.map_type = 2,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 1,
	.persistent_path = "/sys/fs/bpf/pinned",
};

SEC("maps") struct bpf_map_def shared_inner = {
	.map_type = 12,
	.key_size = 4,
	.value_size = 4,
	.max_entries = 2,
	.inner_map_def = &counters,
};

SEC("xdp") int first(struct xdp_md *context)
{
	__u32 key = 1;
	__u64 *count = bpf_map_lookup_elem(&counters, &key);

	if (count)
		*count += 1;
	return 2;
}

SEC("xdp") int second(struct xdp_md *context)
{
	__u32 key = 0;
	void *inner = bpf_map_lookup_elem(&outer, &key);

	return inner && bpf_map_lookup_elem(inner, &key) && bpf_map_lookup_elem(&template, &key);
}

SEC("socket_filter") int third(void *context)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&pinned, &key) != NULL;
}

SEC("license") char _license[] = "GPL";
