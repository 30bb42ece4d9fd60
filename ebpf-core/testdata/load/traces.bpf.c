// SPDX-License-Identifier: MIT OR Apache-2.0
// Programs that are tied to a function, a tracepoint and an iterator of the kernel.

#include "fixture.h"

SEC("fentry/vfs_open") int entry(__u64 *context)
{
	return 0;
}

SEC("tp_btf/sched_switch") int switched(__u64 *context)
{
	return 0;
}

SEC("iter/task") int opens(void *context)
{
	return 0;
}

SEC("license") char _license[] = "GPL";
