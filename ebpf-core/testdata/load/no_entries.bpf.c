// SPDX-License-Identifier: MIT OR Apache-2.0
// A map whose size is to be set before it is loaded.

#include "fixture.h"

struct {
	__uint(type, 1);
	__type(key, __u32);
	__type(value, __u64);
} sized_later SEC(".maps");

SEC("xdp") int pass(struct xdp_md *context)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sized_later, &zero) ? 1 : 2;
}

SEC("license") char _license[] = "Dual MIT/GPL";
