// SPDX-License-Identifier: MIT OR Apache-2.0
// Every kind of type that clang writes for BPF, CO-RE relocations of every kind, and two program sections.
//
// `cargo xtask build` makes the objects of both byte orders.
// build: bpfeb

#define SEC(name) __attribute__((section(name)))
#define CORE __attribute__((preserve_access_index))

typedef unsigned int u32;
typedef unsigned long long u64;
typedef _Bool boolean;

enum color { RED, GREEN = 7, BLUE = 4000000000u };
enum level { LOW = -1, HIGH = 1 };
enum wide { NARROW = 1, WIDE = 0xfedcba9876543210ull };
enum deep { DEEP = -0x123456789ll };

struct opaque;
union cloudy;

struct bits {
	u32 first : 3;
	u32 second : 13;
	int third : 7;
	u64 whole;
};

struct event {
	u32 pid;
	char comm[16];
	union {
		u32 ipv4;
		unsigned short ipv6[8];
	};
	struct {
		boolean seen;
		enum color color;
	} inner;
	const volatile u64 *clock;
	struct opaque *opaque;
	union cloudy *cloudy;
	struct event *next;
	int (*compare)(const struct event *left, const struct event *right);
	u32 matrix[2][3];
	float ratio;
	u32 tail[];
};

struct task {
	int pid;
	struct event *restrict event;
	struct bits bits;
} CORE;

struct tagged {
	int plain;
	int tagged __attribute__((btf_decl_tag("member_tag")));
	int __attribute__((btf_type_tag("user"))) *user;
} __attribute__((btf_decl_tag("struct_tag")));

struct {
	int (*type)[2];
	u32 *key;
	struct event *value;
} table SEC(".maps");

struct event last_event;
struct tagged tagged_value = { .plain = 1 };
enum level level = HIGH;
enum wide wide = WIDE;
enum deep deep = DEEP;
volatile double precise = 1.5;
static volatile const u32 limit = 10;
extern u32 outside SEC(".ksyms");
extern int outside_function(struct task *task) SEC(".ksyms");

char _license[] SEC("license") = "Dual MIT/GPL";

static __attribute__((noinline)) int helper(struct task *task, u32 count)
{
	return task->pid + count + limit;
}

__attribute__((noinline)) int shared(u32 count)
{
	return count * 3 + (int)wide;
}

SEC("tracing")
int trace(struct task *task)
{
	struct bits *bits = &task->bits;
	u64 sum = helper(task, 1) + bits->first + bits->third;

	sum += __builtin_preserve_field_info(task->event, 0);
	sum += __builtin_preserve_field_info(task->event, 1);
	sum += __builtin_preserve_field_info(task->event, 2);
	sum += __builtin_preserve_field_info(bits->third, 3);
	sum += __builtin_preserve_field_info(bits->third, 4);
	sum += __builtin_preserve_field_info(bits->third, 5);
	sum += __builtin_btf_type_id(*(struct task *)0, 0);
	sum += __builtin_btf_type_id(*(struct task *)0, 1);
	sum += __builtin_preserve_type_info(*(struct task *)0, 0);
	sum += __builtin_preserve_type_info(*(struct task *)0, 1);
	sum += __builtin_preserve_type_info(*(struct task *)0, 2);
	sum += __builtin_preserve_enum_value(*(enum color *)GREEN, 0);
	sum += __builtin_preserve_enum_value(*(enum color *)GREEN, 1);
	return sum + outside_function(task);
}

SEC("xdp")
int drop(void *context)
{
	last_event.pid += shared(outside) + tagged_value.plain + level + deep;
	table.key = (u32 *)context;
	return *(volatile u64 *)&precise ? 1 : 2;
}
