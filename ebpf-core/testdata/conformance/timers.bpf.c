// SPDX-License-Identifier: MIT OR Apache-2.0
// Timers in the values of a hash table and of an array: a program for each helper, and a function that timers call.

#include "fixture.h"

struct element {
	__u64 calls;
	__u64 last_key;
	__u64 seen_at;
	// What the function does besides counting.
	__u32 again;
	__u32 cancels;
	__u64 period;
	__s64 result;
	struct bpf_timer timer;
	__u64 after;
};

struct request {
	__u32 key;
	__u32 flags;
	__u64 nanoseconds;
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

static int fired(void *map, __u32 *key, struct element *element)
{
	__sync_fetch_and_add(&element->calls, 1);
	element->last_key = *key;
	element->seen_at = bpf_ktime_get_ns();
	if (element->cancels)
		element->result = bpf_timer_cancel(&element->timer);
	if (element->again) {
		element->again--;
		bpf_timer_start(&element->timer, element->period, 0);
	}
	return 0;
}

static int deleted(void *map, __u32 *key, struct element *element)
{
	__sync_fetch_and_add(&element->calls, 1);
	element->result = bpf_map_delete_elem(map, key);
	return 0;
}

#define PROGRAMS(MAP)                                                                      \
	SEC("syscall") int init_##MAP(struct request *request)                             \
	{                                                                                  \
		__u32 key = request->key;                                                  \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                 \
		return element ? bpf_timer_init(&element->timer, &MAP, request->flags) : 1; \
	}                                                                                  \
	SEC("syscall") int call_##MAP(struct request *request)                             \
	{                                                                                  \
		__u32 key = request->key;                                                  \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                 \
		return element ? bpf_timer_set_callback(&element->timer, fired) : 1;       \
	}                                                                                  \
	SEC("syscall") int delete_##MAP(struct request *request)                           \
	{                                                                                  \
		__u32 key = request->key;                                                  \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                 \
		return element ? bpf_timer_set_callback(&element->timer, deleted) : 1;     \
	}                                                                                  \
	SEC("syscall") int start_##MAP(struct request *request)                            \
	{                                                                                  \
		__u32 key = request->key;                                                  \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                 \
		if (!element)                                                              \
			return 1;                                                          \
		return bpf_timer_start(&element->timer, request->nanoseconds, request->flags); \
	}                                                                                  \
	SEC("syscall") int cancel_##MAP(struct request *request)                           \
	{                                                                                  \
		__u32 key = request->key;                                                  \
		struct element *element = bpf_map_lookup_elem(&MAP, &key);                 \
		return element ? bpf_timer_cancel(&element->timer) : 9;                    \
	}

PROGRAMS(hash)
PROGRAMS(array)

// What the clock of timers shows.
__u64 now;

SEC("syscall") int look(struct request *request)
{
	now = bpf_ktime_get_ns();
	return 0;
}

SEC("license") char _license[] = "GPL";
