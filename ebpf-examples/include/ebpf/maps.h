/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Two ways to declare a map: by a type that a loader reads, and by a structure that it reads. */
#ifndef __EBPF_MAPS_H__
#define __EBPF_MAPS_H__

#include "attributes.h"
#include "types.h"

/*
 * Members of a map in section `.maps`. The declaration is a type: a loader finds the numbers in lengths of arrays and
 * the types behind pointers. Needs `-g`.
 *
 *	struct {
 *		__uint(type, BPF_MAP_TYPE_HASH);
 *		__uint(max_entries, 1024);
 *		__type(key, __u32);
 *		__type(value, struct counter);
 *	} counters SEC(".maps");
 */
#ifndef __uint
#define __uint(name, number) int (*name)[number]
#endif
#ifndef __type
#define __type(name, of) __typeof__(of) *name
#endif
/* What the elements are of a map that holds maps or programs: `__array(values, struct inner)`. */
#ifndef __array
#define __array(name, of) __typeof__(of) *name[]
#endif
/* A number that may be longer than 32 bits, such as `map_extra` of an arena. */
#ifndef __ulong
#define __ulong(name, number) enum { __ebpf_unique(__ebpf_number_, __COUNTER__) = number } name
#define __ebpf_unique(prefix, number) __ebpf_paste(prefix, number)
#define __ebpf_paste(a, b) a##b
#endif

/* Values of the member `pinning`: by its name in the loader's directory, or not at all. */
#ifndef __BPF_HELPERS__
enum libbpf_pin_type {
	LIBBPF_PIN_NONE = 0,
	LIBBPF_PIN_BY_NAME = 1,
};

/* What an `extern enum libbpf_tristate CONFIG_… __kconfig` is. */
enum libbpf_tristate {
	TRI_NO = 0,
	TRI_YES = 1,
	TRI_MODULE = 2,
};
#endif
#define PIN_NONE 0
#define PIN_BY_NAME 1

/*
 * A map in section `maps`, in the form of goebpf: 40 bytes. Works without `-g`.
 *
 *	BPF_MAP_DEF(counters) = {
 *		.map_type = BPF_MAP_TYPE_PERCPU_ARRAY,
 *		.key_size = sizeof(__u32),
 *		.value_size = sizeof(__u64),
 *		.max_entries = 16,
 *	};
 *	BPF_MAP_ADD(counters);
 *
 * A program that brings a `struct bpf_map_def` of its own says `#define BPF_NO_MAP_DEF` before it includes this.
 */
#ifndef BPF_NO_MAP_DEF
struct bpf_map_def {
	__u32 map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	/* For a map of maps: the one that its elements are like. */
	void *inner_map_def;
	/* Where to pin it, or where it is pinned already. */
	const char *persistent_path;
};

#define BPF_MAP_DEF(name) struct bpf_map_def SEC("maps") name
/* Nothing is to be done here, where the section says it all. */
#define BPF_MAP_ADD(name) _Static_assert(sizeof(name) == 40, "a map of section `maps`")
#endif

#endif /* __EBPF_MAPS_H__ */
