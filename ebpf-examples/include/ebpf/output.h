/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Words around helpers: text for people, events for programs, and values that are there from the first look. */
#ifndef __EBPF_OUTPUT_H__
#define __EBPF_OUTPUT_H__

#include "attributes.h"
#include "helper_defs.h"
#include "linux_bpf.h"

/* How many arguments follow, and the macro of a family that is for so many. */
#define __ebpf_count(...) __ebpf_count_(0, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define __ebpf_count_(z, a, b, c, d, e, f, g, h, i, j, k, l, count, ...) count
#define __ebpf_for(family, ...) __ebpf_for_(family, __ebpf_count(__VA_ARGS__))
#define __ebpf_for_(family, count) __ebpf_for__(family, count)
#define __ebpf_for__(family, count) family##count

#ifndef __BPF_HELPERS__

/*
 * A line for /sys/kernel/tracing/trace_pipe: `bpf_printk("%d of %s", number, name)`, with up to 12 arguments, since
 * Linux 5.16 where they are more than three. For programs of a GPL-compatible licence.
 *
 * The text is a constant of the object, which asks for Linux 5.2; with BPF_NO_GLOBAL_DATA defined it is put on the
 * stack each time, which needs nothing.
 */
#define bpf_printk(format, ...) __ebpf_for(__ebpf_print, ##__VA_ARGS__)(format, ##__VA_ARGS__)

#ifdef BPF_NO_GLOBAL_DATA
#define __ebpf_text
#else
#define __ebpf_text static const
#endif

#define __ebpf_print_short(format, ...)                                                  \
	({                                                                               \
		__ebpf_text char __text[] = format;                                      \
		bpf_trace_printk(__text, sizeof(__text), ##__VA_ARGS__);                 \
	})
#define __ebpf_print_long(format, ...)                                                   \
	({                                                                               \
		static const char __text[] = format;                                     \
		__u64 __values[] = { __ebpf_words(__VA_ARGS__) };                        \
		bpf_trace_vprintk(__text, sizeof(__text), __values, sizeof(__values));   \
	})
#define __ebpf_print0 __ebpf_print_short
#define __ebpf_print1 __ebpf_print_short
#define __ebpf_print2 __ebpf_print_short
#define __ebpf_print3 __ebpf_print_short
#define __ebpf_print4 __ebpf_print_long
#define __ebpf_print5 __ebpf_print_long
#define __ebpf_print6 __ebpf_print_long
#define __ebpf_print7 __ebpf_print_long
#define __ebpf_print8 __ebpf_print_long
#define __ebpf_print9 __ebpf_print_long
#define __ebpf_print10 __ebpf_print_long
#define __ebpf_print11 __ebpf_print_long
#define __ebpf_print12 __ebpf_print_long

/* The same into a buffer, since Linux 5.13: how many bytes it takes with its NUL, which may be more than fit. */
#define BPF_SNPRINTF(to, size, format, ...)                                              \
	({                                                                               \
		static const char __text[] = format;                                     \
		__u64 __values[] = { __ebpf_words(__VA_ARGS__) };                        \
		bpf_snprintf(to, size, __text, __values, sizeof(__values));              \
	})

/* The same into the text of an iterator, since Linux 5.8. */
#define BPF_SEQ_PRINTF(seq, format, ...)                                                 \
	({                                                                               \
		static const char __text[] = format;                                     \
		__u64 __values[] = { __ebpf_words(__VA_ARGS__) };                        \
		bpf_seq_printf(seq, __text, sizeof(__text), __values, sizeof(__values)); \
	})

/*
 * Jumps into the program at `slot`, a constant, of a program array. The three registers are set right before the call,
 * which lets the JIT make it a jump to a fixed place.
 */
#ifdef __bpf__
static __always_inline void bpf_tail_call_static(void *ctx, const void *map, const __u32 slot)
{
	if (!__builtin_constant_p(slot))
		__builtin_trap();
	__asm__ volatile("r1 = %[ctx]\n"
			 "r2 = %[map]\n"
			 "r3 = %[slot]\n"
			 "call 12"
			 :
			 : [ctx] "r"(ctx), [map] "r"(map), [slot] "i"(slot)
			 : "r0", "r1", "r2", "r3", "r4", "r5");
}
#endif

#endif /* __BPF_HELPERS__ */

/* Arguments of any kind, numbers or pointers, as words of 64 bits. */
#define __ebpf_word(value) (__u64)(value)
#define __ebpf_words(...) __ebpf_for(__ebpf_words, ##__VA_ARGS__)(__VA_ARGS__)
#define __ebpf_words0()
#define __ebpf_words1(a) __ebpf_word(a)
#define __ebpf_words2(a, ...) __ebpf_word(a), __ebpf_words1(__VA_ARGS__)
#define __ebpf_words3(a, ...) __ebpf_word(a), __ebpf_words2(__VA_ARGS__)
#define __ebpf_words4(a, ...) __ebpf_word(a), __ebpf_words3(__VA_ARGS__)
#define __ebpf_words5(a, ...) __ebpf_word(a), __ebpf_words4(__VA_ARGS__)
#define __ebpf_words6(a, ...) __ebpf_word(a), __ebpf_words5(__VA_ARGS__)
#define __ebpf_words7(a, ...) __ebpf_word(a), __ebpf_words6(__VA_ARGS__)
#define __ebpf_words8(a, ...) __ebpf_word(a), __ebpf_words7(__VA_ARGS__)
#define __ebpf_words9(a, ...) __ebpf_word(a), __ebpf_words8(__VA_ARGS__)
#define __ebpf_words10(a, ...) __ebpf_word(a), __ebpf_words9(__VA_ARGS__)
#define __ebpf_words11(a, ...) __ebpf_word(a), __ebpf_words10(__VA_ARGS__)
#define __ebpf_words12(a, ...) __ebpf_word(a), __ebpf_words11(__VA_ARGS__)

/*
 * Sends `*event`, whole, to the perf event array `map`, on the CPU that runs this. 0, or a negative error: -ENOENT
 * where nobody reads, -ENOSPC where the reader is too slow.
 */
#define BPF_PERF_OUTPUT(ctx, map, event) bpf_perf_event_output((ctx), (map), BPF_F_CURRENT_CPU, (event), sizeof(*(event)))

/* The same with the first `length` bytes of the packet behind it, for XDP and TC programs. */
#define BPF_PERF_OUTPUT_PACKET(ctx, map, event, length)                                                      \
	bpf_perf_event_output((ctx), (map), ((__u64)(length) << 32) | BPF_F_CURRENT_CPU, (event), sizeof(*(event)))

/* Sends a copy of `*event`, whole, to the ring buffer `map`: 0, or -EAGAIN where there is no room. Since Linux 5.8. */
#define BPF_RINGBUF_OUTPUT(map, event) bpf_ringbuf_output((map), (event), sizeof(*(event)), 0)

/*
 * Room for one `type` in the ring buffer `map`, or NULL where there is none; to be filled, then given to
 * bpf_ringbuf_submit() or bpf_ringbuf_discard() on every path. Since Linux 5.8.
 */
#define BPF_RINGBUF_RESERVE(map, type) ((type *)bpf_ringbuf_reserve((map), sizeof(type), 0))

/*
 * The value of a key of a hash, put there as `*initial` if there is none; NULL where the map is full. Another CPU may
 * put one at the same time: then theirs is the value.
 */
static __always_inline void *bpf_map_lookup_or_init(void *map, const void *key, const void *initial)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (value)
		return value;
	bpf_map_update_elem(map, key, initial, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

#endif /* __EBPF_OUTPUT_H__ */
