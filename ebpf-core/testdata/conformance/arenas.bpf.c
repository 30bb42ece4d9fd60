// SPDX-License-Identifier: MIT OR Apache-2.0
// An arena: pages that programs ask for, and pointers into them.

#include "fixture.h"

#define __arena __attribute__((address_space(1)))

extern void __arena *bpf_arena_alloc_pages(void *map, void __arena *address, __u32 pages, int node,
					   __u64 flags) __ksym;
extern void bpf_arena_free_pages(void *map, void __arena *address, __u32 pages) __ksym;

struct {
	__uint(type, 33);
	__uint(map_flags, 1024);
	__uint(max_entries, 8);
} arena SEC(".maps");

struct item {
	struct item __arena *next;
	__u64 number;
};

// What programs are asked, and what they say.
__u64 address;
__u64 number;
__u32 pages;
__u64 flags;
__u64 result;

SEC("syscall") int allocate(void *context)
{
	result = (__u64)bpf_arena_alloc_pages(&arena, (void __arena *)address, pages, -1, flags);
	return 0;
}

SEC("syscall") int release(void *context)
{
	bpf_arena_free_pages(&arena, (void __arena *)address, pages);
	return 0;
}

SEC("syscall") int store(void *context)
{
	volatile __u64 __arena *place = (void __arena *)address;
	void *used = &arena;

	asm volatile("" ::"r"(used));
	*place = number;
	return 0;
}

SEC("syscall") int fetch(void *context)
{
	volatile __u64 __arena *place = (void __arena *)address;
	void *used = &arena;

	asm volatile("" ::"r"(used));
	result = *place;
	return 0;
}

SEC("syscall") int increment(void *context)
{
	__u64 __arena *place = (void __arena *)address;
	void *used = &arena;

	asm volatile("" ::"r"(used));
	result = __sync_fetch_and_add(place, number);
	return 0;
}

// Makes a list of three items in the page at `address`, and adds its numbers up.
SEC("syscall") int chain(void *context)
{
	struct item __arena *items = (void __arena *)address;
	volatile struct item __arena *item;
	void *used = &arena;
	__u64 sum = 0;
	int count;

	asm volatile("" ::"r"(used));
	items[0].number = 1;
	items[0].next = &items[2];
	items[2].number = 20;
	items[2].next = &items[1];
	items[1].number = 300;
	items[1].next = 0;
	item = items;
	for (count = 0; count < 8 && item; count++) {
		sum += item->number;
		item = item->next;
	}
	result = sum;
	return 0;
}

SEC("license") char _license[] = "GPL";
