/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Types of fixed size, and what C gives on any machine: neither libc's headers nor the kernel's are needed. */
#ifndef __EBPF_TYPES_H__
#define __EBPF_TYPES_H__

/* The same types under the same names as in <linux/types.h> and vmlinux.h, so either may come before or after. */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;

/* Numbers in an order of bytes that is given, whatever the machine's. */
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;

/* Checksums: folded, and not yet folded. */
typedef __u16 __sum16;
typedef __u32 __wsum;

typedef __SIZE_TYPE__ size_t;

#ifndef __VMLINUX_H__

#ifndef __aligned_u64
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#endif

/* C has these as words of its own since C23. */
#if !defined(__bool_true_false_are_defined) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L)
#define bool _Bool
#define true 1
#define false 0
#define __bool_true_false_are_defined 1
#endif

#endif /* __VMLINUX_H__ */

#ifndef NULL
#define NULL ((void *)0)
#endif

/*
 * Where a member lies in its structure. With types out of BTF a plain subtraction of addresses is what the compiler
 * records, so that a loader can correct it for the running kernel.
 */
#ifdef __VMLINUX_H__
#undef offsetof
#define offsetof(type, member) ((unsigned long)&((type *)0)->member)
#elif !defined(offsetof)
#define offsetof(t, d) __builtin_offsetof(t, d)
#endif

/* The structure of type `type` whose `member` lies at `pointer`. */
#ifndef container_of
#define container_of(pointer, type, member) ((type *)((void *)(pointer) - offsetof(type, member)))
#endif

#endif /* __EBPF_TYPES_H__ */
