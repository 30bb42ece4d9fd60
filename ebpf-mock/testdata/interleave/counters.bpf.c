// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Ways to count packets on several CPUs at once. Some lose counts.
 */
#include "bpf_helpers.h"

struct locked {
	struct bpf_spin_lock lock;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} total SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked);
} guarded SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} each SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} by_length SEC(".maps");

static const __u32 only = 0;

/* Two CPUs may read the same number, and both write the next one. */
SEC("xdp")
int count_plain(struct xdp_md *frame)
{
	__u64 *packets = bpf_map_lookup_elem(&total, &only);

	if (packets)
		*packets += 1;
	return XDP_PASS;
}

SEC("xdp")
int count_atomic(struct xdp_md *frame)
{
	__u64 *packets = bpf_map_lookup_elem(&total, &only);

	if (packets)
		__sync_fetch_and_add(packets, 1);
	return XDP_PASS;
}

SEC("xdp")
int count_locked(struct xdp_md *frame)
{
	struct locked *value = bpf_map_lookup_elem(&guarded, &only);

	if (value) {
		bpf_spin_lock(&value->lock);
		value->packets += 1;
		bpf_spin_unlock(&value->lock);
	}
	return XDP_PASS;
}

/* Each CPU has a number of its own. */
SEC("xdp")
int count_each(struct xdp_md *frame)
{
	__u64 *packets = bpf_map_lookup_elem(&each, &only);

	if (packets)
		*packets += 1;
	return XDP_PASS;
}

static __always_inline void count_by_length(__u32 length, __u64 flags)
{
	__u64 *packets = bpf_map_lookup_elem(&by_length, &length);
	__u64 first = 1;

	if (!packets) {
		if (!bpf_map_update_elem(&by_length, &length, &first, flags))
			return;
		/* Another CPU was faster. */
		packets = bpf_map_lookup_elem(&by_length, &length);
	}
	if (packets)
		__sync_fetch_and_add(packets, 1);
}

/* Two CPUs may both find nothing, and the second writes over what the first has counted. */
SEC("xdp")
int count_careless(struct xdp_md *frame)
{
	count_by_length(frame->data_end - frame->data, BPF_ANY);
	return XDP_PASS;
}

SEC("xdp")
int count_careful(struct xdp_md *frame)
{
	count_by_length(frame->data_end - frame->data, BPF_NOEXIST);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
