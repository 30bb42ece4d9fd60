/* A small XDP object: one map, one program, a global counter. */
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, type) type *name

typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md {
	u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

struct {
	__uint(type, 2);
	__uint(max_entries, 256);
	__type(key, u32);
	__type(value, u64);
} protocols SEC(".maps");

static void *(*const lookup)(void *map, const void *key) = (void *)1;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 34 > end)
		return 2;
	u32 protocol = data[23];
	u64 *value = lookup(&protocols, &protocol);
	if (value)
		__sync_fetch_and_add(value, 1);
	return 2;
}

char _license[] SEC("license") = "Dual MIT/GPL";
