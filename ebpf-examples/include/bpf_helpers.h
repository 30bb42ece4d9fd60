/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a BPF program in C needs to be compiled by clang alone:
 *
 *	clang --target=bpf -O2 -g -I DIR -c program.bpf.c
 *
 * Types, sections, declarations of maps, every helper, and what <linux/bpf.h> declares. No header of libc or of the
 * kernel is read, so the result does not depend on the machine. It includes bpf_endian.h and bpf_tracing.h (arguments of
 * probes); beside it are bpf_packet.h (headers of packets) and bpf_core_read.h (reading the kernel's structures).
 * README.md tells more.
 *
 * A vmlinux.h comes before this header; <linux/…> and libbpf's <bpf/…> may come before or after.
 */
#ifndef __EBPF_HELPERS_H__
#define __EBPF_HELPERS_H__

#include "ebpf/types.h"

#include "ebpf/attributes.h"
#include "ebpf/linux_bpf.h"

#include "ebpf/helper_defs.h"
#include "ebpf/maps.h"
#include "ebpf/output.h"
#include "ebpf/verdicts.h"

#include "bpf_endian.h"

/* libbpf's header of this name has been, or has nothing left to add. */
#ifndef __BPF_HELPERS__
#define __BPF_HELPERS__
#endif

/* Last, as it builds on all of the above. */
#include "bpf_tracing.h"

#endif /* __EBPF_HELPERS_H__ */
