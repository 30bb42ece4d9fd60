/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What programs return, where <linux/bpf.h> has no names for it. Those of XDP are `enum xdp_action` there. */
#ifndef __EBPF_VERDICTS_H__
#define __EBPF_VERDICTS_H__

#include "types.h"

/* Classifiers and actions of traffic control; TCX has TCX_NEXT, TCX_PASS, TCX_DROP, TCX_REDIRECT with these numbers. */
#ifndef TC_ACT_OK
#define TC_ACT_UNSPEC	(-1)
#define TC_ACT_OK		0
#define TC_ACT_RECLASSIFY	1
#define TC_ACT_SHOT		2
#define TC_ACT_PIPE		3
#define TC_ACT_STOLEN		4
#define TC_ACT_QUEUED		5
#define TC_ACT_REPEAT		6
#define TC_ACT_REDIRECT		7
#define TC_ACT_TRAP		8
#endif

/*
 * A socket filter returns how many bytes of the packet to keep: 0 drops it, and 1, which is what ALLOW meant in
 * goebpf, would cut it to one byte. Whole packets are the largest number.
 */
enum socket_filter_action {
	SOCKET_FILTER_DENY = 0,
	SOCKET_FILTER_ALLOW = -1,
	SOCKET_FILTER_KEEP_ALL = -1,
};

/* Programs at a cgroup refuse or permit. */
enum cgroup_verdict {
	CGROUP_DENY = 0,
	CGROUP_ALLOW = 1,
};

/* Netfilter hooks. */
#ifndef NF_ACCEPT
#define NF_DROP 0
#define NF_ACCEPT 1
#endif

#endif /* __EBPF_VERDICTS_H__ */
