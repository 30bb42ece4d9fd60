// SPDX-License-Identifier: MIT OR Apache-2.0
// Samples from user space: a program reads them with a callback, and adds up what they say.

#include "fixture.h"

struct {
	__uint(type, 31);
	__uint(max_entries, 65536);
} samples SEC(".maps");

volatile __u64 sum;
volatile __u64 count;
// Stops after so many samples, 0 for never.
volatile __u64 enough;

static long each(void *dynptr, void *context)
{
	__u64 number = 0;

	if (bpf_dynptr_read(&number, sizeof(number), dynptr, 0, 0))
		bpf_dynptr_read(&number, 1, dynptr, 0, 0);
	sum += number;
	count += 1;
	return enough && count >= enough;
}

SEC("xdp") int drain(struct xdp_md *context)
{
	return bpf_user_ringbuf_drain(&samples, each, NULL, 0);
}

SEC("xdp") int drain_quietly(struct xdp_md *context)
{
	return bpf_user_ringbuf_drain(&samples, each, NULL, 1);
}
