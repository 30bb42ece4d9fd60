// SPDX-License-Identifier: MIT OR Apache-2.0
// Calls a helper for GPL-compatible programs, and has no licence.

#include "fixture.h"

SEC("xdp") int talks(struct xdp_md *context)
{
	bpf_trace_printk("hello", sizeof("hello"));
	return 2;
}
