// SPDX-License-Identifier: MIT OR Apache-2.0
// Section `maps` with two definitions of 20 bytes, together as long as one of goebpf's; and a map in section `.maps`.
// build: bpfeb

#include "fixture.h"

struct bpf_map_def {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
};

SEC("maps") struct bpf_map_def one = { 1, 4, 8, 100, 1 };
SEC("maps") struct bpf_map_def two = { 2, 4, 16, 7 };

struct {
	__uint(type, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 5);
} three SEC(".maps");

struct pair {
	__u32 key;
	__u64 value;
};

// How objects told the types of legacy maps before there was `.maps`.
struct ____btf_map_one {
	__u32 key;
	__u64 value;
};
SEC(".maps.one") struct ____btf_map_one ____btf_map_one = {};

SEC("xdp") int count(struct xdp_md *context)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&one, &key) && bpf_map_lookup_elem(&two, &key) && bpf_map_lookup_elem(&three, &key);
}

SEC("license") char _license[] = "Dual MIT/GPL";
