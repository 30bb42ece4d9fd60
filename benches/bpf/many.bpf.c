/* Fifty programs over twenty maps, each long enough that verifying it takes a while. */
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, type) type *name
#define NOINLINE __attribute__((noinline))

typedef unsigned int u32;
typedef unsigned long long u64;

struct xdp_md {
	u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

static void *(*const lookup)(void *map, const void *key) = (void *)1;

#define MAP(name)                       \
	struct {                        \
		__uint(type, 2);        \
		__uint(max_entries, 16);\
		__type(key, u32);       \
		__type(value, u64);     \
	} name SEC(".maps")

#define PROGRAM(name, map)                                                          \
	SEC("xdp") int name(struct xdp_md *ctx)                                     \
	{                                                                           \
		unsigned char *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end; \
		u64 sum = 0;                                                        \
		for (int i = 0; i < 48; i++) {                                      \
			if (at + 1 > end)                                           \
				break;                                              \
			sum = sum * 31 + *at++;                                     \
		}                                                                   \
		u32 key = sum & 15;                                                 \
		u64 *value = lookup(&map, &key);                                    \
		if (value)                                                          \
			*value += sum;                                              \
		return 2;                                                           \
	}

MAP(map_00);
MAP(map_01);
MAP(map_02);
MAP(map_03);
MAP(map_04);
MAP(map_05);
MAP(map_06);
MAP(map_07);
MAP(map_08);
MAP(map_09);
MAP(map_10);
MAP(map_11);
MAP(map_12);
MAP(map_13);
MAP(map_14);
MAP(map_15);
MAP(map_16);
MAP(map_17);
MAP(map_18);
MAP(map_19);

PROGRAM(program_00, map_00)
PROGRAM(program_01, map_01)
PROGRAM(program_02, map_02)
PROGRAM(program_03, map_03)
PROGRAM(program_04, map_04)
PROGRAM(program_05, map_05)
PROGRAM(program_06, map_06)
PROGRAM(program_07, map_07)
PROGRAM(program_08, map_08)
PROGRAM(program_09, map_09)
PROGRAM(program_10, map_10)
PROGRAM(program_11, map_11)
PROGRAM(program_12, map_12)
PROGRAM(program_13, map_13)
PROGRAM(program_14, map_14)
PROGRAM(program_15, map_15)
PROGRAM(program_16, map_16)
PROGRAM(program_17, map_17)
PROGRAM(program_18, map_18)
PROGRAM(program_19, map_19)
PROGRAM(program_20, map_00)
PROGRAM(program_21, map_01)
PROGRAM(program_22, map_02)
PROGRAM(program_23, map_03)
PROGRAM(program_24, map_04)
PROGRAM(program_25, map_05)
PROGRAM(program_26, map_06)
PROGRAM(program_27, map_07)
PROGRAM(program_28, map_08)
PROGRAM(program_29, map_09)
PROGRAM(program_30, map_10)
PROGRAM(program_31, map_11)
PROGRAM(program_32, map_12)
PROGRAM(program_33, map_13)
PROGRAM(program_34, map_14)
PROGRAM(program_35, map_15)
PROGRAM(program_36, map_16)
PROGRAM(program_37, map_17)
PROGRAM(program_38, map_18)
PROGRAM(program_39, map_19)
PROGRAM(program_40, map_00)
PROGRAM(program_41, map_01)
PROGRAM(program_42, map_02)
PROGRAM(program_43, map_03)
PROGRAM(program_44, map_04)
PROGRAM(program_45, map_05)
PROGRAM(program_46, map_06)
PROGRAM(program_47, map_07)
PROGRAM(program_48, map_08)
PROGRAM(program_49, map_09)

char _license[] SEC("license") = "Dual MIT/GPL";
