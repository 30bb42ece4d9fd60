// SPDX-License-Identifier: MIT OR Apache-2.0
// Storage that lives with the current task, its control group, and the sockets of packets.

#include "fixture.h"

#define BPF_LOCAL_STORAGE_CREATE 1

struct task_struct;
struct css_set;
struct cgroup;

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;

struct value {
	__u64 number;
	__u64 other;
};

struct request {
	__u64 flags;
	__s32 pid;
	__u32 starts;
};

// What a helper gave: whether there was a value, and which number was in it before it was counted up.
__u64 found;
__u64 before;
__u64 socket_flags;
__s64 deleted;

struct {
	__uint(type, 29);
	__uint(map_flags, 1);
	__type(key, int);
	__type(value, struct value);
} tasks SEC(".maps");

struct {
	__uint(type, 32);
	__uint(map_flags, 1);
	__type(key, int);
	__type(value, struct value);
} groups SEC(".maps");

struct {
	__uint(type, 24);
	__uint(map_flags, 1);
	__type(key, int);
	__type(value, struct value);
} sockets SEC(".maps");

static void report(struct value *value)
{
	found = value != 0;
	if (value)
		before = value->number++;
}

SEC("syscall") int current_get(struct request *request)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct value first = { .number = request->starts, .other = 77 };

	if (request->starts)
		report(bpf_task_storage_get(&tasks, task, &first, request->flags));
	else
		report(bpf_task_storage_get(&tasks, task, 0, request->flags));
	return 0;
}

SEC("syscall") int current_delete(struct request *request)
{
	return bpf_task_storage_delete(&tasks, bpf_get_current_task_btf());
}

SEC("syscall") int task_get(struct request *request)
{
	struct task_struct *task = bpf_task_from_pid(request->pid);

	if (!task)
		return 1;
	report(bpf_task_storage_get(&tasks, task, 0, request->flags));
	bpf_task_release(task);
	return 0;
}

SEC("syscall") int group_get(struct request *request)
{
	struct cgroup *group = bpf_cgroup_from_id(bpf_get_current_cgroup_id());

	if (!group)
		return 1;
	report(bpf_cgrp_storage_get(&groups, group, 0, request->flags));
	bpf_cgroup_release(group);
	return 0;
}

SEC("syscall") int group_delete(struct request *request)
{
	struct cgroup *group = bpf_cgroup_from_id(bpf_get_current_cgroup_id());
	int result;

	if (!group)
		return 1;
	result = bpf_cgrp_storage_delete(&groups, group);
	bpf_cgroup_release(group);
	return result;
}

// A packet of the test's has a socket of nobody's behind it.
SEC("tc") int socket_get(struct __sk_buff *skb)
{
	struct bpf_sock *sock = skb->sk;

	if (!sock)
		return 1;
	sock = bpf_sk_fullsock(sock);
	if (!sock)
		return 2;
	report(bpf_sk_storage_get(&sockets, sock, 0, socket_flags));
	return 0;
}

SEC("tc") int socket_delete(struct __sk_buff *skb)
{
	struct bpf_sock *sock = skb->sk;

	if (!sock)
		return 1;
	sock = bpf_sk_fullsock(sock);
	if (!sock)
		return 2;
	deleted = bpf_sk_storage_delete(&sockets, sock);
	return 0;
}

SEC("license") char _license[] = "GPL";
