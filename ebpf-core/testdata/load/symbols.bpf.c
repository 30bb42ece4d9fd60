// SPDX-License-Identifier: MIT OR Apache-2.0
// Symbols of the kernel: one that every kernel has, and two that none has and the program can do without.

#include "fixture.h"

extern const void vfs_open __ksym;
extern const void surely_missing __ksym __weak;
extern int bpf_surely_missing(void) __ksym __weak;

volatile __u64 address;

SEC("xdp") int asks(struct xdp_md *context)
{
	address = (__u64)&vfs_open;
	if (&surely_missing)
		return 0;
	if (bpf_surely_missing)
		return bpf_surely_missing();
	return 2;
}

SEC("license") char _license[] = "GPL";
