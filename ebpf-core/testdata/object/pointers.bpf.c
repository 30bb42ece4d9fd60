// SPDX-License-Identifier: MIT OR Apache-2.0
// Data that holds addresses of data. A program that reads these reads nonsense, and the kernel refuses to follow them.

#include "fixture.h"

const char *volatile names[] = { "one", "two" };

SEC("xdp") int follow(struct xdp_md *context)
{
	return names[context->rx_queue_index & 1][0];
}

SEC("license") char _license[] = "GPL";
