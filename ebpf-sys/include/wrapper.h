/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel headers that bindgen reads. build.rs says which of their names are kept. */
#include <linux/bpf.h>
#include <linux/bpf_common.h>
#include <linux/btf.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
