// SPDX-License-Identifier: MIT OR Apache-2.0
// Global variables in every data section there is.
// build: bpfeb

#include "fixture.h"

struct settings {
	__u32 rate;
	__u8 name[12];
};

const volatile __u32 sample_rate = 7;
const volatile struct settings settings = { 3, "abc" };
static const volatile __u64 table[4] = { 1, 2, 3, 4 };
__u64 counter = 5;
static __u16 private = 6;
volatile __u8 zeroed[100];
static volatile __u32 private_zeroed;
__weak __u32 weak_one = 9;

SEC(".data.hot") __u64 hot = 0x1122334455667788;
SEC(".rodata.limits") const volatile __u32 limit = 10;
SEC(".bss.arena") __u32 cold[3];

SEC("xdp") int use_all(struct xdp_md *context)
{
	static const char format[] = "%d packets";

	counter += table[context->rx_queue_index & 3] + sample_rate + settings.rate;
	private += 1;
	private_zeroed += private;
	zeroed[3] = 1;
	hot += limit;
	cold[1] += weak_one;
	bpf_trace_printk(format, sizeof(format), counter);
	bpf_trace_printk("literal", 8);
	return 2;
}

SEC("license") char _license[] = "GPL";
