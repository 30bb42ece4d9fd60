// SPDX-License-Identifier: MIT OR Apache-2.0
// Section `.maps` with every member that there is.
// build: bpfeb

#include "fixture.h"

struct key {
	__u32 a;
	__u16 b;
	__u16 c;
};

struct value {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, 1);
	__type(key, struct key);
	__type(value, struct value);
	__uint(max_entries, 1000);
	__uint(map_flags, 1);
	__uint(pinning, 1);
	__uint(numa_node, 0);
} everything SEC(".maps");

struct {
	__uint(type, 30);
	__uint(key_size, 0);
	__uint(value_size, 8);
	__uint(max_entries, 100);
	__ulong(map_extra, 3);
} bloom SEC(".maps");

// A static map, and a map whose type has a name.
typedef struct {
	__uint(type, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(max_entries, 3);
} small_array;

static small_array hidden_away SEC(".maps");

struct inner_hash {
	__uint(type, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
};

// The outer map is declared before the maps that it starts with.
extern struct inner_hash early, late;

struct {
	__uint(type, 12);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner_hash);
} outer SEC(".maps") = {
	.values = { [1] = &late, [3] = &early },
};

struct inner_hash early SEC(".maps");
struct inner_hash late SEC(".maps");

struct {
	__uint(type, 13);
	__uint(max_entries, 2);
	__uint(key_size, 8);
	__array(values, struct {
		__uint(type, 6);
		__uint(key_size, 4);
		__uint(value_size, 12);
		__uint(max_entries, 1);
	});
} anonymous SEC(".maps");

int tail_one(struct xdp_md *context);
static int tail_two(struct xdp_md *context);

struct {
	__uint(type, 3);
	__uint(max_entries, 5);
	__uint(key_size, 4);
	__array(values, int(void *));
} jumps SEC(".maps") = {
	.values = { [0] = (void *)&tail_one, [4] = (void *)&tail_two },
};

// A size that is no power of two, and a value type that no ring buffer has.
struct {
	__uint(type, 27);
	__uint(max_entries, 5000);
	__type(value, struct value);
} events SEC(".maps");

struct {
	__uint(type, 4);
} perf SEC(".maps");

SEC("xdp") int tail_one(struct xdp_md *context)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&hidden_away, &key) != NULL;
}

SEC("xdp") static int tail_two(struct xdp_md *context)
{
	struct key key = {};

	return bpf_map_lookup_elem(&everything, &key) != NULL;
}

SEC("xdp") int start(struct xdp_md *context)
{
	__u32 key = 1;
	void *inner;

	bpf_tail_call(context, &jumps, 0);
	inner = bpf_map_lookup_elem(&outer, &key);
	return inner && bpf_map_lookup_elem(inner, &key);
}

SEC("license") char _license[] = "GPL";
