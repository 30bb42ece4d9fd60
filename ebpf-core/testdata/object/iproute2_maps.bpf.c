// SPDX-License-Identifier: MIT OR Apache-2.0
// Section `maps` with definitions of iproute2's shape: 36 bytes, with numbers by which maps find each other.
// build: no-debug, bpfeb

#include "fixture.h"

struct bpf_elf_map {
	__u32 type;
	__u32 size_key;
	__u32 size_value;
	__u32 max_elem;
	__u32 flags;
	__u32 id;
	__u32 pinning;
	__u32 inner_id;
	__u32 inner_idx;
};

SEC("maps") struct bpf_elf_map outer = { 12, 4, 4, 4, .inner_id = 42, .pinning = 2 };
SEC("maps") struct bpf_elf_map inner = { 2, 4, 8, 1, .id = 42, .inner_idx = 3 };
SEC("maps") struct bpf_elf_map jumps = { 3, 4, 4, 2, .id = 1, .inner_idx = -1, .pinning = 1 };

SEC("classifier") int classify(void *context)
{
	__u32 key = 0;

	bpf_tail_call(context, &jumps, 1);
	return bpf_map_lookup_elem(&outer, &key) && bpf_map_lookup_elem(&inner, &key);
}

SEC("license") char _license[] = "GPL";
