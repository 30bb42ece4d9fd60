// SPDX-License-Identifier: MIT OR Apache-2.0
// A program with a function that another may replace, and one that replaces it.

#include "fixture.h"

__noinline int replaceable(struct xdp_md *context)
{
	volatile int verdict = 2;

	return verdict;
}

SEC("xdp") int outer(struct xdp_md *context)
{
	return replaceable(context);
}

SEC("?freplace/replaceable") int inner(struct xdp_md *context)
{
	return 1;
}

SEC("license") char _license[] = "Dual MIT/GPL";
