/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Headers of packets, under the kernel's names. Multi-byte members are in the network's order.
 *
 * What vmlinux.h or one of <linux/if_ether.h>, <linux/ip.h>, … declared before is left out here. Included after this,
 * <linux/if_ether.h>, <linux/in.h> and <linux/in6.h> add what they have besides; <linux/ip.h>, <linux/ipv6.h>,
 * <linux/tcp.h>, <linux/udp.h>, <linux/icmp.h>, <linux/icmpv6.h> and <linux/if_arp.h> add nothing, so who needs more
 * of these than is here includes them first. Where headers of glibc are read too, <linux/in.h> has to come first.
 */
#ifndef __EBPF_PACKET_H__
#define __EBPF_PACKET_H__

#include "ebpf/types.h"

/* Ethernet. */

#ifndef ETH_ALEN
#define ETH_ALEN	6
#endif
#ifndef ETH_HLEN
#define ETH_HLEN	14
#endif
#ifndef ETH_P_IP
#define ETH_P_IP	0x0800
#define ETH_P_ARP	0x0806
#define ETH_P_8021Q	0x8100
#define ETH_P_IPV6	0x86DD
#define ETH_P_PPP_SES	0x8864
#define ETH_P_MPLS_UC	0x8847
#define ETH_P_8021AD	0x88A8
#define ETH_P_LLDP	0x88CC
#define ETH_P_ALL	0x0003
#endif

#ifndef __VMLINUX_H__

#if !defined(_LINUX_IF_ETHER_H) && !defined(_UAPI_LINUX_IF_ETHER_H)
#undef __UAPI_DEF_ETHHDR
#define __UAPI_DEF_ETHHDR 0
struct ethhdr {
	__u8 h_dest[ETH_ALEN];
	__u8 h_source[ETH_ALEN];
	__be16 h_proto;
} __attribute__((packed));
#endif

/* What follows the addresses where h_proto says ETH_P_8021Q or ETH_P_8021AD. No header that programs get has it. */
struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
};

#endif /* __VMLINUX_H__ */

#define VLAN_VID_MASK 0x0fff
#define VLAN_PRIO_SHIFT 13

/* ARP, whose addresses follow: those of Ethernet and IPv4 are in struct arp_ipv4. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_IF_ARP_H) && !defined(_UAPI_LINUX_IF_ARP_H)
#define _LINUX_IF_ARP_H
#define _UAPI_LINUX_IF_ARP_H
struct arphdr {
	__be16 ar_hrd;
	__be16 ar_pro;
	__u8 ar_hln;
	__u8 ar_pln;
	__be16 ar_op;
};
#endif
#ifndef ARPOP_REQUEST
#define ARPHRD_ETHER	1
#define ARPOP_REQUEST	1
#define ARPOP_REPLY	2
#endif

struct arp_ipv4 {
	__u8 sender_mac[ETH_ALEN];
	__u8 sender_ip[4];
	__u8 target_mac[ETH_ALEN];
	__u8 target_ip[4];
};

/* Protocols above IP: `protocol` of IPv4, `nexthdr` of IPv6. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_IN_H) && !defined(_UAPI_LINUX_IN_H)
#undef __UAPI_DEF_IN_IPPROTO
#define __UAPI_DEF_IN_IPPROTO 0
enum {
	IPPROTO_IP = 0,
	IPPROTO_ICMP = 1,
	IPPROTO_IGMP = 2,
	IPPROTO_IPIP = 4,
	IPPROTO_TCP = 6,
	IPPROTO_UDP = 17,
	IPPROTO_DCCP = 33,
	IPPROTO_IPV6 = 41,
	IPPROTO_GRE = 47,
	IPPROTO_ESP = 50,
	IPPROTO_AH = 51,
	IPPROTO_SCTP = 132,
	IPPROTO_UDPLITE = 136,
	IPPROTO_RAW = 255,
};
#endif
#ifndef IPPROTO_HOPOPTS
#define IPPROTO_HOPOPTS		0
#define IPPROTO_ROUTING		43
#define IPPROTO_FRAGMENT	44
#define IPPROTO_ICMPV6		58
#define IPPROTO_NONE		59
#define IPPROTO_DSTOPTS		60
#endif

/* Families of addresses. */
#ifndef AF_INET
#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#endif

/* IPv4. `ihl` is the header's length in words of 32 bits, at least 5. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_IP_H) && !defined(_UAPI_LINUX_IP_H)
#define _LINUX_IP_H
#define _UAPI_LINUX_IP_H
struct iphdr {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__u8 ihl : 4;
	__u8 version : 4;
#else
	__u8 version : 4;
	__u8 ihl : 4;
#endif
	__u8 tos;
	__be16 tot_len;
	__be16 id;
	__be16 frag_off;
	__u8 ttl;
	__u8 protocol;
	__sum16 check;
	__be32 saddr;
	__be32 daddr;
};
#endif

/* Of `frag_off`, in the machine's order: two flags, and where the fragment lies in units of 8 bytes. */
#ifndef IP_DF
#define IP_DF 0x4000
#define IP_MF 0x2000
#define IP_OFFSET 0x1fff
#endif

/* IPv6. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_IN6_H) && !defined(_UAPI_LINUX_IN6_H)
#undef __UAPI_DEF_IN6_ADDR
#define __UAPI_DEF_IN6_ADDR 0
struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be16 u6_addr16[8];
		__be32 u6_addr32[4];
	} in6_u;
};
#undef __UAPI_DEF_IN6_ADDR_ALT
#define __UAPI_DEF_IN6_ADDR_ALT 0
#endif
#ifndef s6_addr
#define s6_addr in6_u.u6_addr8
#define s6_addr16 in6_u.u6_addr16
#define s6_addr32 in6_u.u6_addr32
#endif

#if !defined(__VMLINUX_H__) && !defined(_IPV6_H) && !defined(_UAPI_IPV6_H)
#define _IPV6_H
#define _UAPI_IPV6_H
struct ipv6hdr {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__u8 priority : 4;
	__u8 version : 4;
#else
	__u8 version : 4;
	__u8 priority : 4;
#endif
	__u8 flow_lbl[3];
	__be16 payload_len;
	__u8 nexthdr;
	__u8 hop_limit;
	struct in6_addr saddr;
	struct in6_addr daddr;
};

/* How an extension begins; it is (hdrlen + 1) × 8 bytes long. */
struct ipv6_opt_hdr {
	__u8 nexthdr;
	__u8 hdrlen;
};
#endif

/* TCP. `doff` is the header's length in words of 32 bits, at least 5. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_TCP_H) && !defined(_UAPI_LINUX_TCP_H)
#define _LINUX_TCP_H
#define _UAPI_LINUX_TCP_H
struct tcphdr {
	__be16 source;
	__be16 dest;
	__be32 seq;
	__be32 ack_seq;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__u16 ae : 1;
	__u16 res1 : 3;
	__u16 doff : 4;
	__u16 fin : 1;
	__u16 syn : 1;
	__u16 rst : 1;
	__u16 psh : 1;
	__u16 ack : 1;
	__u16 urg : 1;
	__u16 ece : 1;
	__u16 cwr : 1;
#else
	__u16 doff : 4;
	__u16 res1 : 3;
	__u16 ae : 1;
	__u16 cwr : 1;
	__u16 ece : 1;
	__u16 urg : 1;
	__u16 ack : 1;
	__u16 psh : 1;
	__u16 rst : 1;
	__u16 syn : 1;
	__u16 fin : 1;
#endif
	__be16 window;
	__sum16 check;
	__be16 urg_ptr;
};
#endif

/* UDP. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_UDP_H) && !defined(_UAPI_LINUX_UDP_H)
#define _LINUX_UDP_H
#define _UAPI_LINUX_UDP_H
struct udphdr {
	__be16 source;
	__be16 dest;
	__be16 len;
	__sum16 check;
};
#endif

/* ICMP, and ICMPv6 below. What the last word is depends on the type. */

#if !defined(__VMLINUX_H__) && !defined(_LINUX_ICMP_H) && !defined(_UAPI_LINUX_ICMP_H)
#define _LINUX_ICMP_H
#define _UAPI_LINUX_ICMP_H
struct icmphdr {
	__u8 type;
	__u8 code;
	__sum16 checksum;
	union {
		struct {
			__be16 id;
			__be16 sequence;
		} echo;
		__be32 gateway;
		struct {
			__be16 __unused;
			__be16 mtu;
		} frag;
		__u8 reserved[4];
	} un;
};
#endif
#ifndef ICMP_ECHO
#define ICMP_ECHOREPLY		0
#define ICMP_DEST_UNREACH	3
#define ICMP_REDIRECT		5
#define ICMP_ECHO		8
#define ICMP_TIME_EXCEEDED	11
#endif

#if !defined(__VMLINUX_H__) && !defined(_LINUX_ICMPV6_H) && !defined(_UAPI_LINUX_ICMPV6_H)
#define _LINUX_ICMPV6_H
#define _UAPI_LINUX_ICMPV6_H
struct icmp6hdr {
	__u8 icmp6_type;
	__u8 icmp6_code;
	__sum16 icmp6_cksum;
	union {
		__be32 un_data32[1];
		__be16 un_data16[2];
		__u8 un_data8[4];
		struct {
			__be16 identifier;
			__be16 sequence;
		} u_echo;
	} icmp6_dataun;
};
#endif
#ifndef icmp6_identifier
#define icmp6_identifier icmp6_dataun.u_echo.identifier
#define icmp6_sequence icmp6_dataun.u_echo.sequence
#define icmp6_mtu icmp6_dataun.un_data32[0]
#endif
#ifndef ICMPV6_ECHO_REQUEST
#define ICMPV6_DEST_UNREACH	1
#define ICMPV6_PKT_TOOBIG	2
#define ICMPV6_TIME_EXCEED	3
#define ICMPV6_ECHO_REQUEST	128
#define ICMPV6_ECHO_REPLY	129
#endif

#endif /* __EBPF_PACKET_H__ */
