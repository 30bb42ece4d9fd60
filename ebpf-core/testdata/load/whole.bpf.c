// SPDX-License-Identifier: MIT OR Apache-2.0
// What a load goes through: global variables, constants, text, the kernel's configuration, maps in maps, tail calls, and
// programs that are optional or of no type.

#include "fixture.h"

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_SURELY_NOT_THERE __kconfig __weak;

const volatile __u32 verdict = 2;
volatile __u64 seen;
volatile __u32 version = 7;
volatile __u32 missing = 7;

struct inner {
	__uint(type, 2);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, 12);
	__type(key, __u32);
	__uint(max_entries, 2);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { &first, &second },
};

int tail(struct xdp_md *context);
int asked_for(struct xdp_md *context);

struct {
	__uint(type, 3);
	__type(key, __u32);
	__uint(max_entries, 3);
	__array(values, int(struct xdp_md *));
} jumps SEC(".maps") = {
	.values = { [1] = &tail, [2] = &asked_for },
};

struct {
	__uint(type, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, 27);
	__uint(max_entries, 5000);
} ring SEC(".maps");

// Returns `verdict`, counts in `seen` and in the second inner map, and jumps to `tail` when the packet begins with 1.
SEC("xdp") int main_program(struct xdp_md *context)
{
	const __u8 *data = (void *)(long)context->data;
	__u32 one = 1;
	void *inner = bpf_map_lookup_elem(&outer, &one);

	version = LINUX_KERNEL_VERSION;
	missing = CONFIG_SURELY_NOT_THERE;
	__sync_fetch_and_add(&seen, 1);
	if (inner) {
		__u64 *count = bpf_map_lookup_elem(inner, &one);

		if (count)
			*count += 1;
	}
	if ((void *)(data + 1) <= (void *)(long)context->data_end && *data == 1)
		bpf_tail_call(context, &jumps, 1);
	return verdict;
}

// Writes a text constant and drops.
SEC("xdp/tail") int tail(struct xdp_md *context)
{
	bpf_trace_printk("a text constant", sizeof("a text constant"));
	return 1;
}

SEC("?xdp") int asked_for(struct xdp_md *context)
{
	return 3;
}

SEC("mystery") int of_no_type(struct xdp_md *context)
{
	return 2;
}

SEC("license") char _license[] = "Dual MIT/GPL";
