// SPDX-License-Identifier: MIT OR Apache-2.0
// What an object leaves open: configuration values, and variables and functions of the kernel.
// build: bpfeb

#include "fixture.h"

// enum libbpf_tristate is of the header.

extern _Bool CONFIG_BPF __kconfig;
extern enum libbpf_tristate CONFIG_VETH __kconfig;
extern int CONFIG_HZ __kconfig;
extern char CONFIG_ONE __kconfig __weak;
extern const char CONFIG_CC_VERSION_TEXT[16] __kconfig __weak;
extern unsigned long long CONFIG_PHYSICAL_START __kconfig __weak;
extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern _Bool LINUX_HAS_BPF_COOKIE __kconfig;
extern _Bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern unsigned int CONFIG_NOT_USED __kconfig __weak;

struct rq {
	int cpu;
};

struct task_struct;

extern const struct rq runqueues __ksym;
extern const void schedule __ksym;
extern const int missing_variable __ksym __weak;
extern const void missing_address __ksym __weak;
extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern int bpf_missing___v2(void *) __ksym __weak;

static __u64 sum;

SEC("tp_btf/sched_switch") int switched(void *context)
{
	struct task_struct *task;

	sum += CONFIG_BPF + CONFIG_VETH + CONFIG_HZ + CONFIG_ONE + CONFIG_CC_VERSION_TEXT[3] + CONFIG_PHYSICAL_START;
	sum += LINUX_KERNEL_VERSION + LINUX_HAS_BPF_COOKIE + LINUX_HAS_SYSCALL_WRAPPER;
	sum += runqueues.cpu + (__u64)&schedule;
	if (&missing_variable)
		sum += missing_variable;
	if (&missing_address)
		sum += 1;
	if (bpf_missing___v2)
		sum += bpf_missing___v2(context);
	task = bpf_task_from_pid(1);
	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("license") char _license[] = "GPL";
