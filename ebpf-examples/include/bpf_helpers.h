/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the example programs need to be compiled by clang alone: types, sections, map declarations, the contexts and
 * the helpers that they use. No other header is read, so the result does not depend on the machine.
 */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;

/* Puts a function or a variable into the section that tells a loader what it is. */
#define SEC(name) __attribute__((section(name), used))
/* Has the body copied into each caller. */
#define __always_inline inline __attribute__((always_inline))

/*
 * Members of a map declared in section `.maps`. A loader reads them from the type of the variable: a number is the
 * length of an array type, a type is what a pointer points to.
 */
#define __uint(name, value) int (*name)[value]
#define __type(name, of) of *name

/* Map types, by their numbers in the kernel's interface. */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LPM_TRIE = 11,
};

/* Map flag: memory is taken as elements come. A trie must have it. */
#define BPF_F_NO_PREALLOC 1u

/* Helpers, called by number. */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;

/* What an XDP program says is to become of the frame. */
enum xdp_action {
	XDP_ABORTED = 0,
	XDP_DROP = 1,
	XDP_PASS = 2,
	XDP_TX = 3,
	XDP_REDIRECT = 4,
};

/* What an XDP program is called with. The verifier turns the first three members into pointers. */
struct xdp_md {
	__u32 data;
	__u32 data_end;
	__u32 data_meta;
	__u32 ingress_ifindex;
	__u32 rx_queue_index;
	__u32 egress_ifindex;
};

/* Between the machine's byte order and the network's. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define bpf_htons(x) ((__u16)__builtin_bswap16(x))
#define bpf_htonl(x) ((__u32)__builtin_bswap32(x))
#else
#define bpf_htons(x) ((__u16)(x))
#define bpf_htonl(x) ((__u32)(x))
#endif
#define bpf_ntohs(x) bpf_htons(x)
#define bpf_ntohl(x) bpf_htonl(x)
