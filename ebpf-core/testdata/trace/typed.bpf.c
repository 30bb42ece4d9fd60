// SPDX-License-Identifier: MIT OR Apache-2.0
// Programs that follow pointers to structures of a kernel that there is none of: arguments, the current task, variables.

#include "fixture.h"

struct inner {
	__u64 number;
};

struct opened {
	__u32 mode;
	__u32 unused;
	struct inner *inner;
};

struct task_struct {
	__u64 first;
};

extern const int test_limit __ksym;
extern const int test_counter __ksym;

// What programs see.
__u64 mode;
__u64 number;
__u64 argument;
__u64 arguments;
__s64 past;
__s64 no_result;
__u64 result;
__u64 limit;
__u64 counters[3];
__u64 task_word;

SEC("fentry/test_open") int entry(__u64 *context)
{
	struct opened *opened = (void *)context[0];
	__u64 none;

	mode = opened->mode;
	number = opened->inner->number;
	bpf_get_func_arg(context, 1, &argument);
	arguments = bpf_get_func_arg_cnt(context);
	past = bpf_get_func_arg(context, 2, &none);
	no_result = bpf_get_func_ret(context, &none);
	return 0;
}

SEC("fexit/test_open") int leave(__u64 *context)
{
	bpf_get_func_ret(context, &result);
	return 0;
}

SEC("lsm/file_open") int guard(__u64 *context)
{
	struct opened *opened = (void *)context[0];

	return opened->mode == 7 ? -1 : 0;
}

SEC("syscall") int variables(void *context)
{
	const int *of_cpu;

	limit = test_limit;
	of_cpu = bpf_per_cpu_ptr(&test_counter, 2);
	counters[0] = of_cpu ? *of_cpu : 99;
	of_cpu = bpf_per_cpu_ptr(&test_counter, 4000);
	counters[1] = of_cpu ? *of_cpu : 99;
	counters[2] = *(const int *)bpf_this_cpu_ptr(&test_counter);
	return 0;
}

SEC("syscall") int current(void *context)
{
	struct task_struct *task = bpf_get_current_task_btf();

	task_word = task->first;
	return 0;
}

SEC("license") char _license[] = "GPL";
