/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading the kernel's structures as they are in the kernel that runs: the compiler records which member is meant, and
 * a loader that relocates puts in where the running kernel has it. The structures come from a vmlinux.h, or are declared
 * by the program with the members that it needs and `__attribute__((preserve_access_index))`.
 * libbpf's <bpf/bpf_core_read.h>, included before, is taken in place of this.
 */
#ifndef __EBPF_CORE_READ_H__
#define __EBPF_CORE_READ_H__

#include "bpf_helpers.h"

#ifndef __BPF_CORE_READ_H__
#define __BPF_CORE_READ_H__

/* Copies `size` bytes from `from`, an expression that names a place such as &task->pid. 0, or -EFAULT. Since Linux 5.5. */
#define bpf_core_read(to, size, from) \
	bpf_probe_read_kernel((to), (size), (const void *)__builtin_preserve_access_index(from))
#define bpf_core_read_user(to, size, from) \
	bpf_probe_read_user((to), (size), (const void *)__builtin_preserve_access_index(from))
/* The same up to a NUL: how many bytes were copied with it, or -EFAULT. */
#define bpf_core_read_str(to, size, from) \
	bpf_probe_read_kernel_str((to), (size), (const void *)__builtin_preserve_access_index(from))
#define bpf_core_read_user_str(to, size, from) \
	bpf_probe_read_user_str((to), (size), (const void *)__builtin_preserve_access_index(from))

/*
 * The member at the end of a way of pointers, each read in turn: BPF_CORE_READ(task, mm, exe_file, f_inode, i_ino) is
 * task->mm->exe_file->f_inode->i_ino. Up to 8 members. What cannot be read is 0.
 */
#define BPF_CORE_READ(from, ...) __ebpf_value(bpf_core_read, from, __VA_ARGS__)
/* The same in the memory of the running process. */
#define BPF_CORE_READ_USER(from, ...) __ebpf_value(bpf_core_read_user, from, __VA_ARGS__)
/* The same without a record: where the compiler saw the member, whatever kernel runs. */
#define BPF_PROBE_READ(from, ...) __ebpf_value(__ebpf_plain_read, from, __VA_ARGS__)
#define BPF_PROBE_READ_USER(from, ...) __ebpf_value(__ebpf_plain_read_user, from, __VA_ARGS__)

/* The same into `*to`, with the answer of the last read: 0 or -EFAULT, or how long the string is. */
#define BPF_CORE_READ_INTO(to, from, ...) __ebpf_follow(bpf_core_read, bpf_core_read, to, from, __VA_ARGS__)
#define BPF_CORE_READ_USER_INTO(to, from, ...) \
	__ebpf_follow(bpf_core_read_user, bpf_core_read_user, to, from, __VA_ARGS__)
#define BPF_CORE_READ_STR_INTO(to, from, ...) __ebpf_follow(bpf_core_read, bpf_core_read_str, to, from, __VA_ARGS__)
#define BPF_CORE_READ_USER_STR_INTO(to, from, ...) \
	__ebpf_follow(bpf_core_read_user, bpf_core_read_user_str, to, from, __VA_ARGS__)
#define BPF_PROBE_READ_INTO(to, from, ...) __ebpf_follow(__ebpf_plain_read, __ebpf_plain_read, to, from, __VA_ARGS__)
#define BPF_PROBE_READ_USER_INTO(to, from, ...) \
	__ebpf_follow(__ebpf_plain_read_user, __ebpf_plain_read_user, to, from, __VA_ARGS__)

#define __ebpf_plain_read(to, size, from) bpf_probe_read_kernel((to), (size), (const void *)(from))
#define __ebpf_plain_read_user(to, size, from) bpf_probe_read_user((to), (size), (const void *)(from))

/* The type of a place, without `const`, as something is to be put there. */
#if __clang_major__ >= 19
#define __ebpf_type_of(place) __typeof_unqual__(place)
#else
#define __ebpf_type_of(place) __typeof__(place)
#endif

#define __ebpf_value(read, from, ...)                                                    \
	({                                                                               \
		__ebpf_type_of(__ebpf_for(__ebpf_way, __VA_ARGS__)(from, __VA_ARGS__)) __value; \
		__ebpf_follow(read, read, &__value, from, __VA_ARGS__);                  \
		__value;                                                                 \
	})

#define __ebpf_way1(from, a) (from)->a
#define __ebpf_way2(from, a, ...) __ebpf_way1((from)->a, __VA_ARGS__)
#define __ebpf_way3(from, a, ...) __ebpf_way2((from)->a, __VA_ARGS__)
#define __ebpf_way4(from, a, ...) __ebpf_way3((from)->a, __VA_ARGS__)
#define __ebpf_way5(from, a, ...) __ebpf_way4((from)->a, __VA_ARGS__)
#define __ebpf_way6(from, a, ...) __ebpf_way5((from)->a, __VA_ARGS__)
#define __ebpf_way7(from, a, ...) __ebpf_way6((from)->a, __VA_ARGS__)
#define __ebpf_way8(from, a, ...) __ebpf_way7((from)->a, __VA_ARGS__)

/* Reads with `step` until the last member, which is read with `last`. */
#define __ebpf_follow(step, last, to, from, ...) \
	__ebpf_for(__ebpf_follow, __VA_ARGS__)(step, last, to, from, __VA_ARGS__)
#define __ebpf_step(step, next, from, a) \
	__typeof__((from)->a) next; \
	step((void *)&next, sizeof(next), &(from)->a)
#define __ebpf_follow1(step, last, to, from, a) last((void *)(to), sizeof(*(to)), &(from)->a)
#define __ebpf_follow2(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at2, from, a); __ebpf_follow1(step, last, to, __at2, __VA_ARGS__); })
#define __ebpf_follow3(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at3, from, a); __ebpf_follow2(step, last, to, __at3, __VA_ARGS__); })
#define __ebpf_follow4(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at4, from, a); __ebpf_follow3(step, last, to, __at4, __VA_ARGS__); })
#define __ebpf_follow5(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at5, from, a); __ebpf_follow4(step, last, to, __at5, __VA_ARGS__); })
#define __ebpf_follow6(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at6, from, a); __ebpf_follow5(step, last, to, __at6, __VA_ARGS__); })
#define __ebpf_follow7(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at7, from, a); __ebpf_follow6(step, last, to, __at7, __VA_ARGS__); })
#define __ebpf_follow8(step, last, to, from, a, ...) \
	({ __ebpf_step(step, __at8, from, a); __ebpf_follow7(step, last, to, __at8, __VA_ARGS__); })

/*
 * What the running kernel has of a member, named as `pointer->member` or as `struct type, member`: whether there is
 * one, how long it is, and how far from the beginning.
 */
#define bpf_core_field_exists(...) __builtin_preserve_field_info(__ebpf_field(__VA_ARGS__), 2)
#define bpf_core_field_size(...) __builtin_preserve_field_info(__ebpf_field(__VA_ARGS__), 1)
#define bpf_core_field_offset(...) __builtin_preserve_field_info(__ebpf_field(__VA_ARGS__), 0)
#define __ebpf_field(...) __ebpf_for(__ebpf_field, __VA_ARGS__)(__VA_ARGS__)
#define __ebpf_field1(place) (place)
#define __ebpf_field2(type, member) (((__typeof__(type) *)0)->member)

/* Of a type: whether there is one of this name, its size, whether its members fit, and its number in BTF. */
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(__typeof__(type) *)0, 0)
#define bpf_core_type_size(type) __builtin_preserve_type_info(*(__typeof__(type) *)0, 1)
#define bpf_core_type_matches(type) __builtin_preserve_type_info(*(__typeof__(type) *)0, 2)
#define bpf_core_type_id_local(type) __builtin_btf_type_id(*(__typeof__(type) *)0, 0)
#define bpf_core_type_id_kernel(type) __builtin_btf_type_id(*(__typeof__(type) *)0, 1)

/* Of a constant of an enum: whether there is one of this name, and its number. */
#define bpf_core_enum_value_exists(type, name) __builtin_preserve_enum_value(*(__typeof__(type) *)name, 0)
#define bpf_core_enum_value(type, name) __builtin_preserve_enum_value(*(__typeof__(type) *)name, 1)

/* A member of some bits of a structure in the kernel's memory, as a number of 64 bits with its sign. */
#define BPF_CORE_READ_BITFIELD_PROBED(from, member)                                                       \
	({                                                                                                \
		__u64 __bits = 0;                                                                         \
		__u32 __size = __builtin_preserve_field_info((from)->member, 1);                          \
		bpf_probe_read_kernel((void *)&__bits + __ebpf_low_end(__size), __size,                   \
				      (const void *)(from) + __builtin_preserve_field_info((from)->member, 0)); \
		__bits <<= __builtin_preserve_field_info((from)->member, 4);                              \
		__builtin_preserve_field_info((from)->member, 3) ?                                        \
			(__u64)((__s64)__bits >> __builtin_preserve_field_info((from)->member, 5)) :      \
			__bits >> __builtin_preserve_field_info((from)->member, 5);                       \
	})
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define __ebpf_low_end(size) 0
#else
#define __ebpf_low_end(size) (sizeof(__u64) - (size))
#endif

#endif /* libbpf's header */
#endif /* __EBPF_CORE_READ_H__ */
