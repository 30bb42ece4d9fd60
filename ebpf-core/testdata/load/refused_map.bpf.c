// SPDX-License-Identifier: MIT OR Apache-2.0
// A map with values larger than any kernel takes.

#include "fixture.h"

struct huge {
	__u8 bytes[1 << 23];
};

struct {
	__uint(type, 1);
	__type(key, __u32);
	__type(value, struct huge);
	__uint(max_entries, 1);
} too_large SEC(".maps");

SEC("xdp") int pass(struct xdp_md *context)
{
	return 2;
}

SEC("license") char _license[] = "Dual MIT/GPL";
