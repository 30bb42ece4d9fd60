// SPDX-License-Identifier: MIT OR Apache-2.0
// Work queues in the values of a hash table and of an array.

#include "fixture.h"

extern int bpf_wq_init(struct bpf_wq *queue, void *map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *queue, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *queue, int (*call)(void *, int *, void *), unsigned int flags,
				    void *aux) __ksym;

struct element {
	__u64 calls;
	__u64 last_key;
	__u64 again;
	struct bpf_wq queue;
};

struct request {
	__u32 key;
	__u32 flags;
};

struct {
	__uint(type, 1);
	__type(key, __u32);
	__type(value, struct element);
	__uint(max_entries, 4);
} hash SEC(".maps");

struct {
	__uint(type, 2);
	__type(key, __u32);
	__type(value, struct element);
	__uint(max_entries, 4);
} array SEC(".maps");

static int work(void *map, int *key, void *value)
{
	struct element *element = value;

	__sync_fetch_and_add(&element->calls, 1);
	element->last_key = *key;
	if (element->again) {
		element->again--;
		bpf_wq_start(&element->queue, 0);
	}
	return 0;
}

#define PROGRAMS(MAP)                                                                       \
	SEC("syscall") int init_##MAP(struct request *request)                              \
	{                                                                                   \
		__u32 key = request->key;                                                   \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                  \
		return element ? bpf_wq_init(&element->queue, &MAP, request->flags) : 1;    \
	}                                                                                   \
	SEC("syscall") int call_##MAP(struct request *request)                              \
	{                                                                                   \
		__u32 key = request->key;                                                   \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                  \
		return element ? bpf_wq_set_callback_impl(&element->queue, work, request->flags, 0) : 1; \
	}                                                                                   \
	SEC("syscall") int start_##MAP(struct request *request)                             \
	{                                                                                   \
		__u32 key = request->key;                                                   \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                  \
		return element ? bpf_wq_start(&element->queue, request->flags) : 1;         \
	}

PROGRAMS(hash)
PROGRAMS(array)

SEC("license") char _license[] = "GPL";
