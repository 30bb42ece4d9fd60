/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arguments and results of functions that are probed.
 *
 * Registers are a machine's own, so the compiler has to be told which: __TARGET_ARCH_x86, __TARGET_ARCH_arm64,
 * __TARGET_ARCH_riscv or __TARGET_ARCH_s390, all of 64 bits (`cargo xtask build` tells the running machine's).
 * libbpf's <bpf/bpf_tracing.h>, included before, is taken in place of the macros here.
 */
#ifndef __EBPF_TRACING_H__
#define __EBPF_TRACING_H__

#include "bpf_helpers.h"

/*
 * Registers as a program of a probe gets them. The layouts are the kernel's and do not change; the macros below have
 * structures of their own, so it does not matter who declares `struct pt_regs`.
 */
#if defined(__TARGET_ARCH_x86)

/* By the kernel's names and by those of the interface to user space. */
#define __ebpf_registers                              \
	unsigned long r15, r14, r13, r12;             \
	union { unsigned long bp, rbp; };             \
	union { unsigned long bx, rbx; };             \
	unsigned long r11, r10, r9, r8;               \
	union { unsigned long ax, rax; };             \
	union { unsigned long cx, rcx; };             \
	union { unsigned long dx, rdx; };             \
	union { unsigned long si, rsi; };             \
	union { unsigned long di, rdi; };             \
	union { unsigned long orig_ax, orig_rax; };   \
	union { unsigned long ip, rip; };             \
	unsigned long cs;                             \
	union { unsigned long flags, eflags; };       \
	union { unsigned long sp, rsp; };             \
	unsigned long ss;
#define __ebpf_user_registers __ebpf_registers

/* The fourth argument: in rcx for a function, in r10 for a system call, whose instruction overwrites rcx. */
#define __ebpf_parm1 di
#define __ebpf_parm2 si
#define __ebpf_parm3 dx
#define __ebpf_parm4 cx
#define __ebpf_parm5 r8
#define __ebpf_parm6 r9
#define __ebpf_syscall_parm1 di
#define __ebpf_syscall_parm4 r10
#define __ebpf_syscall_parm6 r9
#define __ebpf_rc ax
#define __ebpf_sp sp
#define __ebpf_fp bp
#define __ebpf_ip ip
/* The return address is on the stack, and this is where. */
#define __ebpf_ret sp

#elif defined(__TARGET_ARCH_arm64)

#define __ebpf_user_registers         \
	unsigned long regs[31];       \
	unsigned long sp;             \
	unsigned long pc;             \
	unsigned long pstate;
#define __ebpf_registers              \
	__ebpf_user_registers         \
	unsigned long orig_x0;

#define __ebpf_parm1 regs[0]
#define __ebpf_parm2 regs[1]
#define __ebpf_parm3 regs[2]
#define __ebpf_parm4 regs[3]
#define __ebpf_parm5 regs[4]
#define __ebpf_parm6 regs[5]
#define __ebpf_syscall_parm1 orig_x0
#define __ebpf_syscall_parm4 regs[3]
#define __ebpf_syscall_parm6 regs[5]
#define __ebpf_rc regs[0]
#define __ebpf_sp sp
#define __ebpf_fp regs[29]
#define __ebpf_ip pc
#define __ebpf_ret regs[30]

#elif defined(__TARGET_ARCH_riscv)

#define __ebpf_user_registers                                            \
	union { unsigned long epc, pc; };                                \
	unsigned long ra, sp, gp, tp, t0, t1, t2, s0, s1;                \
	unsigned long a0, a1, a2, a3, a4, a5, a6, a7;                    \
	unsigned long s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;          \
	unsigned long t3, t4, t5, t6;
#define __ebpf_registers                                                 \
	__ebpf_user_registers                                            \
	unsigned long status, badaddr, cause, orig_a0;

#define __ebpf_parm1 a0
#define __ebpf_parm2 a1
#define __ebpf_parm3 a2
#define __ebpf_parm4 a3
#define __ebpf_parm5 a4
#define __ebpf_parm6 a5
#define __ebpf_syscall_parm1 orig_a0
#define __ebpf_syscall_parm4 a3
#define __ebpf_syscall_parm6 a5
#define __ebpf_rc a0
#define __ebpf_sp sp
#define __ebpf_fp s0
#define __ebpf_ip epc
#define __ebpf_ret ra

#elif defined(__TARGET_ARCH_s390)

#define __ebpf_user_registers                        \
	unsigned long args[1];                       \
	struct { unsigned long mask, addr; } psw;    \
	unsigned long gprs[16];
#define __ebpf_registers                             \
	__ebpf_user_registers                        \
	unsigned long orig_gpr2;

/* The sixth argument of a function is on the stack. */
#define __ebpf_parm1 gprs[2]
#define __ebpf_parm2 gprs[3]
#define __ebpf_parm3 gprs[4]
#define __ebpf_parm4 gprs[5]
#define __ebpf_parm5 gprs[6]
#define __ebpf_syscall_parm1 orig_gpr2
#define __ebpf_syscall_parm4 gprs[5]
#define __ebpf_syscall_parm6 gprs[7]
#define __ebpf_rc gprs[2]
#define __ebpf_sp gprs[15]
#define __ebpf_fp gprs[11]
#define __ebpf_ip psw.addr
#define __ebpf_ret gprs[14]

#endif

#ifdef __ebpf_registers

struct __ebpf_pt_regs {
	__ebpf_registers
};

#if !defined(__VMLINUX_H__) && !defined(_ASM_X86_PTRACE_H) && !defined(_UAPI_ASM_X86_PTRACE_H)
#ifdef __TARGET_ARCH_x86
#define _ASM_X86_PTRACE_H
#define _UAPI_ASM_X86_PTRACE_H
#endif
struct pt_regs {
	__ebpf_registers
};
#endif

/* The context of a program of type perf_event. */
#if !defined(__VMLINUX_H__) && !defined(__LINUX_BPF_PERF_EVENT_H__) && !defined(_UAPI__LINUX_BPF_PERF_EVENT_H__)
#define __LINUX_BPF_PERF_EVENT_H__
#define _UAPI__LINUX_BPF_PERF_EVENT_H__
typedef struct {
	__ebpf_user_registers
} bpf_user_pt_regs_t;

struct bpf_perf_event_data {
	bpf_user_pt_regs_t regs;
	__u64 sample_period;
	__u64 addr;
};
#endif

#define __ebpf_register(regs, which) (((const struct __ebpf_pt_regs *)(regs))->which)

#else /* no machine is named */

#define __ebpf_register(regs, which)                                                                           \
	(*({                                                                                                   \
		_Static_assert(0, "whose registers? say -D__TARGET_ARCH_x86, _arm64, _riscv or _s390");        \
		(const unsigned long *)(regs);                                                                 \
	}))

#endif

#ifndef __BPF_TRACING_H__
#define __BPF_TRACING_H__

/* At the entry of a function: its arguments, as unsigned long. */
#define PT_REGS_PARM1(regs) __ebpf_register(regs, __ebpf_parm1)
#define PT_REGS_PARM2(regs) __ebpf_register(regs, __ebpf_parm2)
#define PT_REGS_PARM3(regs) __ebpf_register(regs, __ebpf_parm3)
#define PT_REGS_PARM4(regs) __ebpf_register(regs, __ebpf_parm4)
#define PT_REGS_PARM5(regs) __ebpf_register(regs, __ebpf_parm5)
#define PT_REGS_PARM6(regs) __ebpf_register(regs, __ebpf_parm6)

/* At its return: what it returns. */
#define PT_REGS_RC(regs) __ebpf_register(regs, __ebpf_rc)

#define PT_REGS_SP(regs) __ebpf_register(regs, __ebpf_sp)
#define PT_REGS_FP(regs) __ebpf_register(regs, __ebpf_fp)
#define PT_REGS_IP(regs) __ebpf_register(regs, __ebpf_ip)
/* The return address; on x86 where it lies in memory. */
#define PT_REGS_RET(regs) __ebpf_register(regs, __ebpf_ret)

/* Registers as user space left them for a system call: its arguments. */
#define PT_REGS_PARM1_SYSCALL(regs) __ebpf_register(regs, __ebpf_syscall_parm1)
#define PT_REGS_PARM2_SYSCALL(regs) __ebpf_register(regs, __ebpf_parm2)
#define PT_REGS_PARM3_SYSCALL(regs) __ebpf_register(regs, __ebpf_parm3)
#define PT_REGS_PARM4_SYSCALL(regs) __ebpf_register(regs, __ebpf_syscall_parm4)
#define PT_REGS_PARM5_SYSCALL(regs) __ebpf_register(regs, __ebpf_parm5)
#define PT_REGS_PARM6_SYSCALL(regs) __ebpf_register(regs, __ebpf_syscall_parm6)

/*
 * In a probe of __x64_sys_NAME and the like: those registers. Since Linux 4.17 (riscv: 6.6) the function behind a
 * system call gets them as its one argument.
 */
#define PT_REGS_SYSCALL_REGS(ctx) ((struct pt_regs *)PT_REGS_PARM1(ctx))

/* The same of registers that are not the context but somewhere in the kernel's memory. Since Linux 5.5. */
#define __ebpf_read(place)                                                   \
	({                                                                   \
		unsigned long __value = 0;                                   \
		bpf_probe_read_kernel(&__value, sizeof(__value), &(place));  \
		__value;                                                     \
	})
#define PT_REGS_PARM1_CORE(regs) __ebpf_read(PT_REGS_PARM1(regs))
#define PT_REGS_PARM2_CORE(regs) __ebpf_read(PT_REGS_PARM2(regs))
#define PT_REGS_PARM3_CORE(regs) __ebpf_read(PT_REGS_PARM3(regs))
#define PT_REGS_PARM4_CORE(regs) __ebpf_read(PT_REGS_PARM4(regs))
#define PT_REGS_PARM5_CORE(regs) __ebpf_read(PT_REGS_PARM5(regs))
#define PT_REGS_PARM6_CORE(regs) __ebpf_read(PT_REGS_PARM6(regs))
#define PT_REGS_RC_CORE(regs) __ebpf_read(PT_REGS_RC(regs))
#define PT_REGS_SP_CORE(regs) __ebpf_read(PT_REGS_SP(regs))
#define PT_REGS_FP_CORE(regs) __ebpf_read(PT_REGS_FP(regs))
#define PT_REGS_IP_CORE(regs) __ebpf_read(PT_REGS_IP(regs))
#define PT_REGS_RET_CORE(regs) __ebpf_read(PT_REGS_RET(regs))
#define PT_REGS_PARM1_CORE_SYSCALL(regs) __ebpf_read(PT_REGS_PARM1_SYSCALL(regs))
#define PT_REGS_PARM2_CORE_SYSCALL(regs) __ebpf_read(PT_REGS_PARM2_SYSCALL(regs))
#define PT_REGS_PARM3_CORE_SYSCALL(regs) __ebpf_read(PT_REGS_PARM3_SYSCALL(regs))
#define PT_REGS_PARM4_CORE_SYSCALL(regs) __ebpf_read(PT_REGS_PARM4_SYSCALL(regs))
#define PT_REGS_PARM5_CORE_SYSCALL(regs) __ebpf_read(PT_REGS_PARM5_SYSCALL(regs))
#define PT_REGS_PARM6_CORE_SYSCALL(regs) __ebpf_read(PT_REGS_PARM6_SYSCALL(regs))

/*
 * A program whose arguments have names and types; `ctx` is the context as it was.
 *
 *	SEC("kprobe/do_unlinkat")
 *	int BPF_KPROBE(unlinked, int directory, struct filename *name)
 *	{
 *		…
 *	}
 */
#define BPF_KPROBE(name, ...) \
	__ebpf_program(name, struct pt_regs *ctx, __ebpf_for(__ebpf_parms, ##__VA_ARGS__), ##__VA_ARGS__)
#define BPF_UPROBE(name, ...) BPF_KPROBE(name, ##__VA_ARGS__)

/* At the return of a function: `int BPF_KRETPROBE(name, long result)`, or without the result. */
#define BPF_KRETPROBE(name, ...) \
	__ebpf_program(name, struct pt_regs *ctx, __ebpf_for(__ebpf_result, ##__VA_ARGS__), ##__VA_ARGS__)
#define BPF_URETPROBE(name, ...) BPF_KRETPROBE(name, ##__VA_ARGS__)

/* At the entry of a system call's function, such as "kprobe/__x64_sys_execve": the arguments of the system call. */
#define BPF_KSYSCALL(name, ...) \
	__ebpf_program(name, struct pt_regs *ctx, __ebpf_for(__ebpf_syscall, ##__VA_ARGS__), ##__VA_ARGS__)
#define BPF_KPROBE_SYSCALL(name, ...) BPF_KSYSCALL(name, ##__VA_ARGS__)

/* fentry, fexit (the result is the last), fmod_ret, lsm, tp_btf, raw tracepoints: what lies in an array of words. */
#define BPF_PROG(name, ...) \
	__ebpf_program(name, unsigned long long *ctx, __ebpf_for(__ebpf_ctx, ##__VA_ARGS__), ##__VA_ARGS__)

/* Declares the program, and defines it as a call of what follows the macro. Words become pointers where those are asked for. */
#define __ebpf_program(name, context, words, ...)                                          \
	name(context);                                                                     \
	static __always_inline __typeof__(name(0)) __body_of_##name(context, ##__VA_ARGS__); \
	__typeof__(name(0)) name(context)                                                  \
	{                                                                                  \
		_Pragma("clang diagnostic push")                                           \
		_Pragma("clang diagnostic ignored \"-Wint-conversion\"")                   \
		return __body_of_##name(words);                                            \
		_Pragma("clang diagnostic pop")                                            \
	}                                                                                  \
	static __always_inline __typeof__(name(0)) __body_of_##name(context, ##__VA_ARGS__)

#define __ebpf_parms0 ctx
#define __ebpf_parms1 __ebpf_parms0, PT_REGS_PARM1(ctx)
#define __ebpf_parms2 __ebpf_parms1, PT_REGS_PARM2(ctx)
#define __ebpf_parms3 __ebpf_parms2, PT_REGS_PARM3(ctx)
#define __ebpf_parms4 __ebpf_parms3, PT_REGS_PARM4(ctx)
#define __ebpf_parms5 __ebpf_parms4, PT_REGS_PARM5(ctx)
#define __ebpf_parms6 __ebpf_parms5, PT_REGS_PARM6(ctx)

#define __ebpf_result0 ctx
#define __ebpf_result1 ctx, PT_REGS_RC(ctx)

#define __ebpf_syscall0 ctx
#define __ebpf_syscall1 __ebpf_syscall0, PT_REGS_PARM1_CORE_SYSCALL(PT_REGS_SYSCALL_REGS(ctx))
#define __ebpf_syscall2 __ebpf_syscall1, PT_REGS_PARM2_CORE_SYSCALL(PT_REGS_SYSCALL_REGS(ctx))
#define __ebpf_syscall3 __ebpf_syscall2, PT_REGS_PARM3_CORE_SYSCALL(PT_REGS_SYSCALL_REGS(ctx))
#define __ebpf_syscall4 __ebpf_syscall3, PT_REGS_PARM4_CORE_SYSCALL(PT_REGS_SYSCALL_REGS(ctx))
#define __ebpf_syscall5 __ebpf_syscall4, PT_REGS_PARM5_CORE_SYSCALL(PT_REGS_SYSCALL_REGS(ctx))
#define __ebpf_syscall6 __ebpf_syscall5, PT_REGS_PARM6_CORE_SYSCALL(PT_REGS_SYSCALL_REGS(ctx))

#define __ebpf_ctx0 ctx
#define __ebpf_ctx1 __ebpf_ctx0, ctx[0]
#define __ebpf_ctx2 __ebpf_ctx1, ctx[1]
#define __ebpf_ctx3 __ebpf_ctx2, ctx[2]
#define __ebpf_ctx4 __ebpf_ctx3, ctx[3]
#define __ebpf_ctx5 __ebpf_ctx4, ctx[4]
#define __ebpf_ctx6 __ebpf_ctx5, ctx[5]
#define __ebpf_ctx7 __ebpf_ctx6, ctx[6]
#define __ebpf_ctx8 __ebpf_ctx7, ctx[7]
#define __ebpf_ctx9 __ebpf_ctx8, ctx[8]
#define __ebpf_ctx10 __ebpf_ctx9, ctx[9]
#define __ebpf_ctx11 __ebpf_ctx10, ctx[10]
#define __ebpf_ctx12 __ebpf_ctx11, ctx[11]

#endif /* libbpf's header */
#endif /* __EBPF_TRACING_H__ */
