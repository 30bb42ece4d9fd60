// SPDX-License-Identifier: MIT OR Apache-2.0
// Functions: called across sections, static, weak, hidden, under several names, and by their address.
// build: bpfeb

#include "fixture.h"

#ifdef PLAIN
SEC("maps") struct {
	__u32 type, key_size, value_size, max_entries, map_flags;
} table = { 1, 4, 8, 5 };
#else
struct {
	__uint(type, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 5);
} table SEC(".maps");
#endif

static __u64 total;

// In `.text`: called by programs of two sections.
__noinline int shared(int value)
{
	__u32 key = value;
	__u64 *found = bpf_map_lookup_elem(&table, &key);

	return found ? *found : value;
}

static __noinline int local_one(int value)
{
	total += value;
	return shared(value + 1) * 3;
}

static __noinline int local_two(int value)
{
	return local_one(value) + total;
}

__hidden __noinline int hidden(int value)
{
	return local_two(value) ^ 5;
}

__weak __noinline int weak(int value)
{
	asm volatile("" ::: "memory");
	return value + 1;
}

#ifndef PLAIN
static int each(void *map, __u32 *key, __u64 *value, __u64 *sum)
{
	*sum += *value + shared(*key);
	return 0;
}

static int step(__u32 index, __u64 *sum)
{
	*sum += index;
	return 0;
}

#endif

SEC("xdp") int main_one(struct xdp_md *context)
{
	return local_two(context->ingress_ifindex) + weak(1);
}

#ifndef PLAIN
// The kernel takes callbacks only of functions with types.
SEC("xdp") int main_two(struct xdp_md *context)
{
	__u64 sum = 0;

	bpf_for_each_map_elem(&table, each, &sum, 0);
	bpf_loop(10, step, &sum, 0);
	return sum;
}

#endif

// A static function in the section of programs is none when programs call it.
SEC("xdp") static __noinline int beside(int value)
{
	total ^= value;
	return hidden(value);
}

// Two names of one program.
SEC("xdp") int main_three(struct xdp_md *context)
{
	return beside(context->rx_queue_index);
}
int main_alias(struct xdp_md *context) __attribute__((alias("main_three")));

// A program that a program of another section calls as well.
SEC("tc") __noinline int classify(struct __sk_buff *context)
{
	return shared(context->len);
}

SEC("tc/ingress") int ingress(struct __sk_buff *context)
{
	return classify(context);
}

// A static function as a program.
SEC("socket") static int lonely(void *context)
{
	return 0;
}

SEC("license") char _license[] = "GPL";
