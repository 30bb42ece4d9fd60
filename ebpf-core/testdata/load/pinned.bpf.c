// SPDX-License-Identifier: MIT OR Apache-2.0
// A map that is shared by its name, and the same program under two names: an alias and a weak function.

#include "fixture.h"

struct {
	__uint(type, 2);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
	__uint(pinning, 1);
} shared SEC(".maps");

SEC("xdp") int count(struct xdp_md *context)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&shared, &zero);

	if (value)
		*value += 1;
	return 2;
}

int same(struct xdp_md *context) __attribute__((alias("count")));

SEC("xdp") __weak int weakly(struct xdp_md *context)
{
	return 1;
}

SEC("license") char _license[] = "Dual MIT/GPL";
