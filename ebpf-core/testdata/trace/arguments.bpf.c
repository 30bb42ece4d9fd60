// SPDX-License-Identifier: MIT OR Apache-2.0
// The first argument of the system call kill, as the kernel passes it: in a register before Linux 4.17, in registers that
// the first argument points to after. x86-64 has both; the loader of the test says which.

#include "fixture.h"

/* The kernel's registers of x86-64 up to the one of the first argument. */
struct registers {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
};

volatile const __u32 wrapped = 1;
volatile const __u64 task = 0;
__u64 first_argument = 0;
__u64 second_argument = 0;

SEC("ksyscall/kill") int kills(struct registers *registers)
{
	struct registers *user = (struct registers *)registers->di;
	unsigned long first = registers->di, second = registers->si;

	if (bpf_get_current_pid_tgid() != task)
		return 0;
	if (wrapped) {
		bpf_probe_read(&first, sizeof(first), &user->di);
		bpf_probe_read(&second, sizeof(second), &user->si);
	}
	first_argument = first;
	second_argument = second;
	return 0;
}

SEC("license") char _license[] = "GPL";
