// SPDX-License-Identifier: MIT OR Apache-2.0
// Sections `maps` and `maps/NAME` with definitions of 28 bytes, as the kernel's samples and aya have them, and of 16
// and 280 bytes, as older ones have.
// build: no-debug, bpfeb

#include "fixture.h"

struct samples_def {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 inner_map_idx;
	__u32 numa_node;
};

struct old_def {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
};

struct long_def {
	struct old_def old;
	__u32 map_flags;
	char rest[260];
};

SEC("maps") struct samples_def inner = { 2, 4, 4, 1 };
SEC("maps") struct samples_def outer = { 12, 4, 4, 8, .inner_map_idx = 0 };
SEC("maps") struct samples_def on_node = { 1, 4, 4, 8, .map_flags = 4 };
SEC("maps") struct samples_def by_name = { 1, 4, 4, 8, .numa_node = 1 };
SEC("maps/old") struct old_def old = { 1, 8, 8, 64 };
SEC("maps/long") struct long_def longer = { { 1, 8, 8, 64 }, 1 };

SEC("kprobe/do_unlinkat") int unlink(void *context)
{
	__u64 key = 0;

	return bpf_map_lookup_elem(&old, &key) && bpf_map_lookup_elem(&longer, &key) &&
	       bpf_map_lookup_elem(&by_name, &key) && bpf_map_lookup_elem(&on_node, &key);
}

SEC("license") char _license[] = "GPL";
SEC("version") __u32 _version = 0x040f12;
