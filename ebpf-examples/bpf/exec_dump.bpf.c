// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Tells user space of every execve(2): who asked for which file with which arguments, whether it then worked or not.
 * Three programs do the same from different places, because not every kernel has each: one of them is attached.
 *
 * Nothing here depends on the machine: where a processor's registers lie is said by whoever loads it.
 */
#include "bpf_helpers.h"

/* Of so many arguments besides the program's name, as many bytes each, the NUL at the end among them. */
#define MAX_ARGUMENTS 20
#define MAX_STRING 256
/* The file's name is the first string. */
#define MAX_STRINGS (MAX_ARGUMENTS + 1)

/* Where the registers of the first and second argument lie in `struct pt_regs`, in bytes. */
const volatile __u32 first_register = 112;
const volatile __u32 second_register = 104;
/* The number of execve(2). */
const volatile __s32 execve_number = 59;

/* Executions that found no room in `executions`. */
__u64 lost = 0;

/* The strings follow, each with the NUL at its end. */
struct execution {
	/* Nanoseconds of the monotonic clock. */
	__u64 time;
	__u32 pid;
	__u32 uid;
	__u32 gid;
	/* Of which strings, from the lowest bit on, the end is missing. */
	__u32 cut;
	/* Which strings could not be read, because their memory was not there at the moment: they are empty. */
	__u32 unread;
	/* Bytes of all strings. */
	__u32 length;
	__u16 strings;
	/* Whether there were more arguments. */
	__u8 more;
	__u8 _unused[5];
	/* Of the thread that asked. */
	char name[16];
};

struct record {
	struct execution execution;
	/* A byte more, to tell a string that just fits from one that does not. */
	char strings[MAX_STRINGS * MAX_STRING + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} executions SEC(".maps");

/* A record is larger than the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct record);
} records SEC(".maps");

/*
 * Appends a string of the process. How far the record is filled stands in the record: as the verifier knows nothing of
 * what is there, one string is like the other to it.
 */
static __always_inline void append(struct record *record, const char *string)
{
	struct execution *execution = &record->execution;
	__u32 bit = 1u << execution->strings, at = execution->length;
	long length;

	if (at > sizeof(record->strings) - (MAX_STRING + 1))
		return;
	length = bpf_probe_read_user_str(&record->strings[at], MAX_STRING + 1, string);
	/* Older kernels (5.10) do not count the NUL of a string that is empty. */
	if (length <= 0) {
		if (length < 0)
			execution->unread |= bit;
		record->strings[at] = 0;
		length = 1;
	} else if (length > MAX_STRING) {
		execution->cut |= bit;
		record->strings[at + MAX_STRING - 1] = 0;
		length = MAX_STRING;
	}
	execution->strings += 1;
	execution->length = at + length;
}

static __always_inline const char *argument(const char *const *arguments, __u32 index)
{
	const char *string = NULL;

	/* NULL ends the list, and so does memory that is not there. */
	bpf_probe_read_user(&string, sizeof(string), &arguments[index]);
	return string;
}

static __always_inline int tell(const char *file, const char *const *arguments)
{
	__u64 user, length;
	__u32 zero = 0;
	struct record *record = bpf_map_lookup_elem(&records, &zero);
	struct execution *execution;

	if (!record)
		return 0;
	execution = &record->execution;
	__builtin_memset(execution, 0, sizeof(*execution));
	execution->time = bpf_ktime_get_ns();
	execution->pid = bpf_get_current_pid_tgid() >> 32;
	/* The user is the lower half, the group the upper. */
	user = bpf_get_current_uid_gid();
	execution->uid = (__u32)user;
	execution->gid = user >> 32;
	bpf_get_current_comm(execution->name, sizeof(execution->name));
	append(record, file);
	for (__u32 i = 1; arguments && i <= MAX_ARGUMENTS + 1; i++) {
		const char *string = argument(arguments, i);

		/* The program's name for itself is left out: where it is NULL, there are no arguments behind it. */
		if (!string || (i == 1 && !argument(arguments, 0)))
			break;
		if (i > MAX_ARGUMENTS)
			execution->more = 1;
		else
			append(record, string);
	}
	length = execution->length;
	/* Or the compiler compares one copy of it and uses another. */
	barrier_var(length);
	if (length > sizeof(record->strings))
		return 0;
	if (bpf_ringbuf_output(&executions, record, sizeof(*execution) + length, 0))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

static __always_inline void *saved_register(const void *registers, __u32 offset)
{
	void *value = NULL;

	bpf_probe_read_kernel(&value, sizeof(value), registers + offset);
	return value;
}

SEC("ksyscall/execve")
int execve_kprobe(void *registers)
{
	void *first = saved_register(registers, first_register);

	/*
	 * Since Linux 4.17 (on RISC-V 6.6) the function has one argument: the registers with which the process called.
	 * Addresses of the kernel have their highest bit set, those of processes never.
	 */
	if ((long)first < 0) {
		registers = first;
		first = saved_register(registers, first_register);
	}
	return tell(first, saved_register(registers, second_register));
}

/* What a tracepoint at a system call's start gives. */
struct call {
	__u64 common;
	__s64 number;
	__u64 arguments[6];
};

SEC("tracepoint/syscalls/sys_enter_execve")
int execve_tracepoint(struct call *call)
{
	return tell((const char *)call->arguments[0], (const char *const *)call->arguments[1]);
}

struct any_call {
	__u64 registers;
	__u64 number;
};

/* Runs at every system call, and needs no file of tracefs to be attached. */
SEC("raw_tp/sys_enter")
int execve_raw(struct any_call *call)
{
	void *registers = (void *)call->registers;

	if ((__s64)call->number != execve_number)
		return 0;
	return tell(saved_register(registers, first_register), saved_register(registers, second_register));
}

char _license[] SEC("license") = "Dual MIT/GPL";
