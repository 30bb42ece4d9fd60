/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Words that say where things go and how they are compiled. */
#ifndef __EBPF_ATTRIBUTES_H__
#define __EBPF_ATTRIBUTES_H__

#include "types.h"

/* Puts a function or a variable into the section that tells a loader what it is, and keeps it though nothing uses it. */
#ifndef SEC
#define SEC(name) __attribute__((section(name), used))
#endif

/* Has the body copied into each caller. Headers of the kernel define this word too, without `inline`. */
#ifndef __BPF_HELPERS__
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* What a program calls that must not become part of it: functions of their own for the verifier. */
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

/* Another definition may take the place of this one; an `extern` may be missing from the running kernel. */
#ifndef __weak
#define __weak __attribute__((weak))
#endif

/* Of this object only: the verifier judges it together with its callers. */
#ifndef __hidden
#define __hidden __attribute__((visibility("hidden")))
#endif

/* An `extern` that is a symbol, or a function, of the kernel. */
#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

/* An `extern` that is an option the kernel was configured with, such as `extern int CONFIG_HZ __kconfig`. */
#ifndef __kconfig
#define __kconfig __attribute__((section(".kconfig")))
#endif

/* Pointers in values of maps, as the verifier knows them. */
#ifndef __kptr
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))
#define __percpu_kptr __attribute__((btf_type_tag("percpu_kptr")))
#define __uptr __attribute__((btf_type_tag("uptr")))
#endif

/* What the verifier may take for granted of an argument of a function that is not static. */
#ifndef __arg_ctx
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
#define __arg_nullable __attribute__((btf_decl_tag("arg:nullable")))
#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))
#define __arg_untrusted __attribute__((btf_decl_tag("arg:untrusted")))
#define __arg_arena __attribute__((btf_decl_tag("arg:arena")))
#endif

#ifndef likely
#define likely(condition) __builtin_expect(!!(condition), 1)
#endif
#ifndef unlikely
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#endif

#if !defined(static_assert) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L)
#define static_assert _Static_assert
#endif

/* Nothing moves across this in the order that the compiler gives to instructions. */
#ifndef barrier
#define barrier() __asm__ volatile("" ::: "memory")
#endif

/* Makes the compiler forget what it knows of the variable, such as that it was compared already. */
#ifndef barrier_var
#define barrier_var(variable) __asm__ volatile("" : "+r"(variable))
#endif

/* One read, and one write, exactly where it is written. */
#ifndef READ_ONCE
#define READ_ONCE(from) (*(const volatile __typeof__(from) *)&(from))
#endif
#ifndef WRITE_ONCE
#define WRITE_ONCE(to, value) (*(volatile __typeof__(to) *)&(to) = (value))
#endif

/* The number by which the kernel compares releases. */
#ifndef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#endif

/* What programs written for goebpf say. */
#ifndef INLINE
#define INLINE __attribute__((always_inline))
#endif
#ifndef UNUSED
#define UNUSED __attribute__((unused))
#endif
#ifndef bpf_likely
#define bpf_likely(condition) likely(condition)
#define bpf_unlikely(condition) unlikely(condition)
#endif

/* There is no libc: with a size that is constant the compiler makes instructions of these. */
#ifndef memset
void *memset(void *to, int byte, size_t size);
#endif
#ifndef memcpy
void *memcpy(void *to, const void *from, size_t size);
#endif
#ifndef memmove
void *memmove(void *to, const void *from, size_t size);
#endif

#endif /* __EBPF_ATTRIBUTES_H__ */
