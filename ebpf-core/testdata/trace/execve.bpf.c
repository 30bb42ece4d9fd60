// SPDX-License-Identifier: MIT OR Apache-2.0
// What a process is called when it enters execve and when it comes back, by process; sections as goebpf's users write
// them, and programs whose sections do not say where to attach.

#include "fixture.h"

struct name {
	char bytes[16];
};

struct {
	__uint(type, 1);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct name);
} entered SEC(".maps"), returned SEC(".maps");

SEC("kprobe/guess_execve") int enters(void *registers)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	struct name name = {};

	bpf_get_current_comm(&name, sizeof(name));
	bpf_map_update_elem(&entered, &process, &name, 0);
	return 0;
}

SEC("kretprobe/guess_execve") int returns(void *registers)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	struct name name = {};

	bpf_get_current_comm(&name, sizeof(name));
	bpf_map_update_elem(&returned, &process, &name, 0);
	return 0;
}

SEC("kprobe") int anywhere(void *registers)
{
	return 0;
}

SEC("xdp") int elsewhere(struct xdp_md *context)
{
	return 2;
}

SEC("license") char _license[] = "Dual MIT/GPL";
