/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Between the machine's order of bytes and the network's, and little-endian. Constants stay constants: the results may
 * label a `case` or initialise a variable. libbpf's <bpf/bpf_endian.h>, included before, is taken in place of this.
 */
#ifndef __EBPF_ENDIAN_H__
#define __EBPF_ENDIAN_H__

#include "ebpf/types.h"

#ifndef __BPF_ENDIAN__
#define __BPF_ENDIAN__

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define bpf_htons(x) ((__be16)__builtin_bswap16(x))
#define bpf_htonl(x) ((__be32)__builtin_bswap32(x))
#define bpf_cpu_to_be64(x) ((__be64)__builtin_bswap64(x))
#define bpf_cpu_to_le16(x) ((__le16)(x))
#define bpf_cpu_to_le32(x) ((__le32)(x))
#define bpf_cpu_to_le64(x) ((__le64)(x))
#else
#define bpf_htons(x) ((__be16)(x))
#define bpf_htonl(x) ((__be32)(x))
#define bpf_cpu_to_be64(x) ((__be64)(x))
#define bpf_cpu_to_le16(x) ((__le16)__builtin_bswap16(x))
#define bpf_cpu_to_le32(x) ((__le32)__builtin_bswap32(x))
#define bpf_cpu_to_le64(x) ((__le64)__builtin_bswap64(x))
#endif

/* The way back is the way there. */
#define bpf_ntohs(x) bpf_htons(x)
#define bpf_ntohl(x) bpf_htonl(x)
#define bpf_be64_to_cpu(x) bpf_cpu_to_be64(x)
#define bpf_le16_to_cpu(x) bpf_cpu_to_le16(x)
#define bpf_le32_to_cpu(x) bpf_cpu_to_le32(x)
#define bpf_le64_to_cpu(x) bpf_cpu_to_le64(x)
#define bpf_cpu_to_be16(x) bpf_htons(x)
#define bpf_be16_to_cpu(x) bpf_htons(x)
#define bpf_cpu_to_be32(x) bpf_htonl(x)
#define bpf_be32_to_cpu(x) bpf_htonl(x)

#endif /* libbpf's header */
#endif /* __EBPF_ENDIAN_H__ */
