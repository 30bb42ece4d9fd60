// SPDX-License-Identifier: MIT OR Apache-2.0
// Functions that call themselves and each other. It is for the kernel to refuse them.

#include "fixture.h"

static __u64 total;

static __noinline int down(int value)
{
	if (value <= 0)
		return 0;
	total += value;
	return down(value - 2) + down(value - 1);
}

__noinline int ping(int value);

__noinline int pong(int value)
{
	return value ? ping(value - 1) ^ 3 : 0;
}

__noinline int ping(int value)
{
	return value ? pong(value - 1) ^ 5 : 1;
}

SEC("xdp") int start(struct xdp_md *context)
{
	return down(4) + ping(3);
}

SEC("license") char _license[] = "GPL";
