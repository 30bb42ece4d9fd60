// Made by `cargo xtask bindings`. Do not edit.
//
// Headers: Debian linux-libc-dev 7.2.13-1
//
// The facts in this file (names, numbers, layouts) come from kernel headers under GPL-2.0 WITH Linux-syscall-note.

use super::*;

/// The version of Linux whose headers these bindings were made from; `unknown` where they do not tell.
pub const UAPI_VERSION: &str = "7.2.13";
pub const BPF_LD: u32 = 0;
pub const BPF_LDX: u32 = 1;
pub const BPF_ST: u32 = 2;
pub const BPF_STX: u32 = 3;
pub const BPF_ALU: u32 = 4;
pub const BPF_JMP: u32 = 5;
pub const BPF_RET: u32 = 6;
pub const BPF_MISC: u32 = 7;
pub const BPF_W: u32 = 0;
pub const BPF_H: u32 = 8;
pub const BPF_B: u32 = 16;
pub const BPF_IMM: u32 = 0;
pub const BPF_ABS: u32 = 32;
pub const BPF_IND: u32 = 64;
pub const BPF_MEM: u32 = 96;
pub const BPF_LEN: u32 = 128;
pub const BPF_MSH: u32 = 160;
pub const BPF_ADD: u32 = 0;
pub const BPF_SUB: u32 = 16;
pub const BPF_MUL: u32 = 32;
pub const BPF_DIV: u32 = 48;
pub const BPF_OR: u32 = 64;
pub const BPF_AND: u32 = 80;
pub const BPF_LSH: u32 = 96;
pub const BPF_RSH: u32 = 112;
pub const BPF_NEG: u32 = 128;
pub const BPF_MOD: u32 = 144;
pub const BPF_XOR: u32 = 160;
pub const BPF_JA: u32 = 0;
pub const BPF_JEQ: u32 = 16;
pub const BPF_JGT: u32 = 32;
pub const BPF_JGE: u32 = 48;
pub const BPF_JSET: u32 = 64;
pub const BPF_K: u32 = 0;
pub const BPF_X: u32 = 8;
pub const BPF_MAXINSNS: u32 = 4096;
pub const BPF_JMP32: u32 = 6;
pub const BPF_ALU64: u32 = 7;
pub const BPF_DW: u32 = 24;
pub const BPF_MEMSX: u32 = 128;
pub const BPF_ATOMIC: u32 = 192;
pub const BPF_XADD: u32 = 192;
pub const BPF_MOV: u32 = 176;
pub const BPF_ARSH: u32 = 192;
pub const BPF_END: u32 = 208;
pub const BPF_TO_LE: u32 = 0;
pub const BPF_TO_BE: u32 = 8;
pub const BPF_FROM_LE: u32 = 0;
pub const BPF_FROM_BE: u32 = 8;
pub const BPF_JNE: u32 = 80;
pub const BPF_JLT: u32 = 160;
pub const BPF_JLE: u32 = 176;
pub const BPF_JSGT: u32 = 96;
pub const BPF_JSGE: u32 = 112;
pub const BPF_JSLT: u32 = 192;
pub const BPF_JSLE: u32 = 208;
pub const BPF_JCOND: u32 = 224;
pub const BPF_CALL: u32 = 128;
pub const BPF_EXIT: u32 = 144;
pub const BPF_FETCH: u32 = 1;
pub const BPF_XCHG: u32 = 225;
pub const BPF_CMPXCHG: u32 = 241;
pub const BPF_LOAD_ACQ: u32 = 256;
pub const BPF_STORE_REL: u32 = 272;
pub const MAX_BPF_REG: u32 = 11;
pub const MAX_BPF_ATTACH_TYPE: u32 = 62;
pub const MAX_BPF_LINK_TYPE: u32 = 16;
pub const BPF_F_ALLOW_OVERRIDE: u32 = 1;
pub const BPF_F_ALLOW_MULTI: u32 = 2;
pub const BPF_F_REPLACE: u32 = 4;
pub const BPF_F_BEFORE: u32 = 8;
pub const BPF_F_AFTER: u32 = 16;
pub const BPF_F_ID: u32 = 32;
pub const BPF_F_PREORDER: u32 = 64;
pub const BPF_F_LINK: u32 = 8192;
pub const BPF_F_STRICT_ALIGNMENT: u32 = 1;
pub const BPF_F_ANY_ALIGNMENT: u32 = 2;
pub const BPF_F_TEST_RND_HI32: u32 = 4;
pub const BPF_F_TEST_STATE_FREQ: u32 = 8;
pub const BPF_F_SLEEPABLE: u32 = 16;
pub const BPF_F_XDP_HAS_FRAGS: u32 = 32;
pub const BPF_F_XDP_DEV_BOUND_ONLY: u32 = 64;
pub const BPF_F_TEST_REG_INVARIANTS: u32 = 128;
pub const BPF_F_NETFILTER_IP_DEFRAG: u32 = 1;
pub const BPF_PSEUDO_MAP_FD: u32 = 1;
pub const BPF_PSEUDO_MAP_IDX: u32 = 5;
pub const BPF_PSEUDO_MAP_VALUE: u32 = 2;
pub const BPF_PSEUDO_MAP_IDX_VALUE: u32 = 6;
pub const BPF_PSEUDO_BTF_ID: u32 = 3;
pub const BPF_PSEUDO_FUNC: u32 = 4;
pub const BPF_PSEUDO_CALL: u32 = 1;
pub const BPF_PSEUDO_KFUNC_CALL: u32 = 2;
pub const BPF_F_QUERY_EFFECTIVE: u32 = 1;
pub const BPF_F_TEST_RUN_ON_CPU: u32 = 1;
pub const BPF_F_TEST_XDP_LIVE_FRAMES: u32 = 2;
pub const BPF_F_TEST_SKB_CHECKSUM_COMPLETE: u32 = 4;
pub const BPF_BUILD_ID_SIZE: u32 = 20;
pub const BPF_OBJ_NAME_LEN: u32 = 16;
pub const BPF_F_REDIRECT_FLAGS: u32 = 25;
pub const XDP_PACKET_HEADROOM: u32 = 256;
pub const BPF_TAG_SIZE: u32 = 8;
pub const BTF_MAGIC: u32 = 60319;
pub const BTF_VERSION: u32 = 1;
pub const BTF_INT_SIGNED: u32 = 1;
pub const BTF_INT_CHAR: u32 = 2;
pub const BTF_INT_BOOL: u32 = 4;
pub const NETLINK_ROUTE: u32 = 0;
pub const NLM_F_REQUEST: u32 = 1;
pub const NLM_F_MULTI: u32 = 2;
pub const NLM_F_ACK: u32 = 4;
pub const NLM_F_ECHO: u32 = 8;
pub const NLM_F_DUMP_INTR: u32 = 16;
pub const NLM_F_DUMP_FILTERED: u32 = 32;
pub const NLM_F_ROOT: u32 = 256;
pub const NLM_F_MATCH: u32 = 512;
pub const NLM_F_ATOMIC: u32 = 1024;
pub const NLM_F_DUMP: u32 = 768;
pub const NLM_F_REPLACE: u32 = 256;
pub const NLM_F_EXCL: u32 = 512;
pub const NLM_F_CREATE: u32 = 1024;
pub const NLM_F_APPEND: u32 = 2048;
pub const NLM_F_NONREC: u32 = 256;
pub const NLM_F_BULK: u32 = 512;
pub const NLM_F_CAPPED: u32 = 256;
pub const NLM_F_ACK_TLVS: u32 = 512;
pub const NLMSG_ALIGNTO: u32 = 4;
pub const NLMSG_HDRLEN: u32 = 16;
pub const NLMSG_NOOP: u32 = 1;
pub const NLMSG_ERROR: u32 = 2;
pub const NLMSG_DONE: u32 = 3;
pub const NLMSG_OVERRUN: u32 = 4;
pub const NLMSG_MIN_TYPE: u32 = 16;
pub const NETLINK_CAP_ACK: u32 = 10;
pub const NETLINK_EXT_ACK: u32 = 11;
pub const NETLINK_GET_STRICT_CHK: u32 = 12;
pub const NLA_F_NESTED: u32 = 32768;
pub const NLA_F_NET_BYTEORDER: u32 = 16384;
pub const NLA_TYPE_MASK: i32 = -49153;
pub const NLA_ALIGNTO: u32 = 4;
pub const NLA_HDRLEN: u32 = 4;
pub const IFLA_COST: u32 = 8;
pub const IFLA_PRIORITY: u32 = 9;
pub const IFLA_MASTER: u32 = 10;
pub const IFLA_WIRELESS: u32 = 11;
pub const IFLA_PROTINFO: u32 = 12;
pub const IFLA_TXQLEN: u32 = 13;
pub const IFLA_MAP: u32 = 14;
pub const IFLA_WEIGHT: u32 = 15;
pub const IFLA_LINKINFO: u32 = 18;
pub const IFLA_PROMISCUITY: u32 = 30;
pub const IFLA_MAX: u32 = 69;
pub const IFLA_INET_MAX: u32 = 1;
pub const IFLA_INET6_MAX: u32 = 9;
pub const IFLA_BR_MAX: u32 = 50;
pub const IFLA_BRPORT_MAX: u32 = 45;
pub const IFLA_INFO_MAX: u32 = 5;
pub const IFLA_VLAN_MAX: u32 = 5;
pub const IFLA_VLAN_QOS_MAX: u32 = 1;
pub const IFLA_MACVLAN_MAX: u32 = 9;
pub const IFLA_VRF_MAX: u32 = 1;
pub const IFLA_VRF_PORT_MAX: u32 = 1;
pub const IFLA_MACSEC_MAX: u32 = 15;
pub const IFLA_XFRM_MAX: u32 = 3;
pub const IFLA_IPVLAN_MAX: u32 = 2;
pub const IFLA_NETKIT_MAX: u32 = 10;
pub const IFLA_VXLAN_MAX: u32 = 34;
pub const IFLA_GENEVE_MAX: u32 = 18;
pub const IFLA_BAREUDP_MAX: u32 = 4;
pub const IFLA_PPP_MAX: u32 = 1;
pub const IFLA_GTP_MAX: u32 = 8;
pub const IFLA_BOND_MAX: u32 = 34;
pub const IFLA_BOND_AD_INFO_MAX: u32 = 5;
pub const IFLA_BOND_SLAVE_MAX: u32 = 12;
pub const IFLA_VF_INFO_MAX: u32 = 1;
pub const IFLA_VF_MAX: u32 = 13;
pub const IFLA_VF_VLAN_INFO_MAX: u32 = 1;
pub const IFLA_VF_STATS_MAX: u32 = 8;
pub const IFLA_VF_PORT_MAX: u32 = 1;
pub const IFLA_PORT_MAX: u32 = 7;
pub const IFLA_IPOIB_MAX: u32 = 3;
pub const IFLA_HSR_MAX: u32 = 8;
pub const IFLA_STATS_MAX: u32 = 5;
pub const IFLA_STATS_GETSET_MAX: u32 = 2;
pub const IFLA_OFFLOAD_XSTATS_MAX: u32 = 3;
pub const IFLA_OFFLOAD_XSTATS_HW_S_INFO_MAX: u32 = 2;
pub const XDP_FLAGS_UPDATE_IF_NOEXIST: u32 = 1;
pub const XDP_FLAGS_SKB_MODE: u32 = 2;
pub const XDP_FLAGS_DRV_MODE: u32 = 4;
pub const XDP_FLAGS_HW_MODE: u32 = 8;
pub const XDP_FLAGS_REPLACE: u32 = 16;
pub const XDP_FLAGS_MODES: u32 = 14;
pub const XDP_FLAGS_MASK: u32 = 31;
pub const IFLA_XDP_MAX: u32 = 8;
pub const IFLA_TUN_MAX: u32 = 9;
pub const IFLA_RMNET_MAX: u32 = 2;
pub const IFLA_MCTP_MAX: u32 = 2;
pub const IFLA_DSA_MAX: u32 = 1;
pub const IFLA_OVPN_MAX: u32 = 1;
pub const PERF_PMU_TYPE_SHIFT: u32 = 32;
pub const PERF_HW_EVENT_MASK: u32 = 4294967295;
pub const PERF_SAMPLE_WEIGHT_TYPE: u32 = 16793600;
pub const PERF_BR_ARM64_FIQ: u32 = 3;
pub const PERF_BR_ARM64_DEBUG_HALT: u32 = 4;
pub const PERF_BR_ARM64_DEBUG_EXIT: u32 = 5;
pub const PERF_BR_ARM64_DEBUG_INST: u32 = 6;
pub const PERF_BR_ARM64_DEBUG_DATA: u32 = 7;
pub const PERF_SAMPLE_BRANCH_PLM_ALL: u32 = 7;
pub const PERF_ATTR_SIZE_VER0: u32 = 64;
pub const PERF_ATTR_SIZE_VER1: u32 = 72;
pub const PERF_ATTR_SIZE_VER2: u32 = 80;
pub const PERF_ATTR_SIZE_VER3: u32 = 96;
pub const PERF_ATTR_SIZE_VER4: u32 = 104;
pub const PERF_ATTR_SIZE_VER5: u32 = 112;
pub const PERF_ATTR_SIZE_VER6: u32 = 120;
pub const PERF_ATTR_SIZE_VER7: u32 = 128;
pub const PERF_ATTR_SIZE_VER8: u32 = 136;
pub const PERF_ATTR_SIZE_VER9: u32 = 144;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_ENABLE: u32 = 9216;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_DISABLE: u32 = 9217;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_REFRESH: u32 = 9218;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_RESET: u32 = 9219;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_PERIOD: u32 = 1074275332;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_SET_OUTPUT: u32 = 9221;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_SET_FILTER: u32 = 1074275334;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_ID: u32 = 2148017159;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_SET_BPF: u32 = 1074013192;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_PAUSE_OUTPUT: u32 = 1074013193;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_QUERY_BPF: u32 = 3221758986;
#[cfg(
    not(any(target_arch = "mips64", target_arch = "powerpc64", target_arch = "sparc64"))
)]
pub const PERF_EVENT_IOC_MODIFY_ATTRIBUTES: u32 = 1074275339;
pub const PERF_RECORD_MISC_CPUMODE_MASK: u32 = 7;
pub const PERF_RECORD_MISC_CPUMODE_UNKNOWN: u32 = 0;
pub const PERF_RECORD_MISC_KERNEL: u32 = 1;
pub const PERF_RECORD_MISC_USER: u32 = 2;
pub const PERF_RECORD_MISC_HYPERVISOR: u32 = 3;
pub const PERF_RECORD_MISC_GUEST_KERNEL: u32 = 4;
pub const PERF_RECORD_MISC_GUEST_USER: u32 = 5;
pub const PERF_RECORD_MISC_PROC_MAP_PARSE_TIMEOUT: u32 = 4096;
pub const PERF_RECORD_MISC_MMAP_DATA: u32 = 8192;
pub const PERF_RECORD_MISC_COMM_EXEC: u32 = 8192;
pub const PERF_RECORD_MISC_FORK_EXEC: u32 = 8192;
pub const PERF_RECORD_MISC_SWITCH_OUT: u32 = 8192;
pub const PERF_RECORD_MISC_EXACT_IP: u32 = 16384;
pub const PERF_RECORD_MISC_SWITCH_OUT_PREEMPT: u32 = 16384;
pub const PERF_RECORD_MISC_MMAP_BUILD_ID: u32 = 16384;
pub const PERF_RECORD_MISC_EXT_RESERVED: u32 = 32768;
pub const PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER: u32 = 1;
pub const PERF_MAX_STACK_DEPTH: u32 = 127;
pub const PERF_MAX_CONTEXTS_PER_STACK: u32 = 8;
pub const PERF_AUX_FLAG_TRUNCATED: u32 = 1;
pub const PERF_AUX_FLAG_OVERWRITE: u32 = 2;
pub const PERF_AUX_FLAG_PARTIAL: u32 = 4;
pub const PERF_AUX_FLAG_COLLISION: u32 = 8;
pub const PERF_AUX_FLAG_PMU_FORMAT_TYPE_MASK: u32 = 65280;
pub const PERF_AUX_FLAG_CORESIGHT_FORMAT_CORESIGHT: u32 = 0;
pub const PERF_AUX_FLAG_CORESIGHT_FORMAT_RAW: u32 = 256;
pub const PERF_FLAG_FD_NO_GROUP: u32 = 1;
pub const PERF_FLAG_FD_OUTPUT: u32 = 2;
pub const PERF_FLAG_PID_CGROUP: u32 = 4;
pub const PERF_FLAG_FD_CLOEXEC: u32 = 8;
pub const PERF_MEM_OP_NA: u32 = 1;
pub const PERF_MEM_OP_LOAD: u32 = 2;
pub const PERF_MEM_OP_STORE: u32 = 4;
pub const PERF_MEM_OP_PFETCH: u32 = 8;
pub const PERF_MEM_OP_EXEC: u32 = 16;
pub const PERF_MEM_OP_SHIFT: u32 = 0;
pub const PERF_MEM_LVL_NA: u32 = 1;
pub const PERF_MEM_LVL_HIT: u32 = 2;
pub const PERF_MEM_LVL_MISS: u32 = 4;
pub const PERF_MEM_LVL_L1: u32 = 8;
pub const PERF_MEM_LVL_LFB: u32 = 16;
pub const PERF_MEM_LVL_L2: u32 = 32;
pub const PERF_MEM_LVL_L3: u32 = 64;
pub const PERF_MEM_LVL_LOC_RAM: u32 = 128;
pub const PERF_MEM_LVL_REM_RAM1: u32 = 256;
pub const PERF_MEM_LVL_REM_RAM2: u32 = 512;
pub const PERF_MEM_LVL_REM_CCE1: u32 = 1024;
pub const PERF_MEM_LVL_REM_CCE2: u32 = 2048;
pub const PERF_MEM_LVL_IO: u32 = 4096;
pub const PERF_MEM_LVL_UNC: u32 = 8192;
pub const PERF_MEM_LVL_SHIFT: u32 = 5;
pub const PERF_MEM_REMOTE_REMOTE: u32 = 1;
pub const PERF_MEM_REMOTE_SHIFT: u32 = 37;
pub const PERF_MEM_LVLNUM_L1: u32 = 1;
pub const PERF_MEM_LVLNUM_L2: u32 = 2;
pub const PERF_MEM_LVLNUM_L3: u32 = 3;
pub const PERF_MEM_LVLNUM_L4: u32 = 4;
pub const PERF_MEM_LVLNUM_L2_MHB: u32 = 5;
pub const PERF_MEM_LVLNUM_MSC: u32 = 6;
pub const PERF_MEM_LVLNUM_L0: u32 = 7;
pub const PERF_MEM_LVLNUM_UNC: u32 = 8;
pub const PERF_MEM_LVLNUM_CXL: u32 = 9;
pub const PERF_MEM_LVLNUM_IO: u32 = 10;
pub const PERF_MEM_LVLNUM_ANY_CACHE: u32 = 11;
pub const PERF_MEM_LVLNUM_LFB: u32 = 12;
pub const PERF_MEM_LVLNUM_RAM: u32 = 13;
pub const PERF_MEM_LVLNUM_PMEM: u32 = 14;
pub const PERF_MEM_LVLNUM_NA: u32 = 15;
pub const PERF_MEM_LVLNUM_SHIFT: u32 = 33;
pub const PERF_MEM_SNOOP_NA: u32 = 1;
pub const PERF_MEM_SNOOP_NONE: u32 = 2;
pub const PERF_MEM_SNOOP_HIT: u32 = 4;
pub const PERF_MEM_SNOOP_MISS: u32 = 8;
pub const PERF_MEM_SNOOP_HITM: u32 = 16;
pub const PERF_MEM_SNOOP_SHIFT: u32 = 19;
pub const PERF_MEM_SNOOPX_FWD: u32 = 1;
pub const PERF_MEM_SNOOPX_PEER: u32 = 2;
pub const PERF_MEM_SNOOPX_SHIFT: u32 = 38;
pub const PERF_MEM_LOCK_NA: u32 = 1;
pub const PERF_MEM_LOCK_LOCKED: u32 = 2;
pub const PERF_MEM_LOCK_SHIFT: u32 = 24;
pub const PERF_MEM_TLB_NA: u32 = 1;
pub const PERF_MEM_TLB_HIT: u32 = 2;
pub const PERF_MEM_TLB_MISS: u32 = 4;
pub const PERF_MEM_TLB_L1: u32 = 8;
pub const PERF_MEM_TLB_L2: u32 = 16;
pub const PERF_MEM_TLB_WK: u32 = 32;
pub const PERF_MEM_TLB_OS: u32 = 64;
pub const PERF_MEM_TLB_SHIFT: u32 = 26;
pub const PERF_MEM_BLK_NA: u32 = 1;
pub const PERF_MEM_BLK_DATA: u32 = 2;
pub const PERF_MEM_BLK_ADDR: u32 = 4;
pub const PERF_MEM_BLK_SHIFT: u32 = 40;
pub const PERF_MEM_HOPS_0: u32 = 1;
pub const PERF_MEM_HOPS_1: u32 = 2;
pub const PERF_MEM_HOPS_2: u32 = 3;
pub const PERF_MEM_HOPS_3: u32 = 4;
pub const PERF_MEM_HOPS_SHIFT: u32 = 43;
pub const PERF_MEM_REGION_NA: u32 = 0;
pub const PERF_MEM_REGION_RSVD: u32 = 1;
pub const PERF_MEM_REGION_L_SHARE: u32 = 2;
pub const PERF_MEM_REGION_L_NON_SHARE: u32 = 3;
pub const PERF_MEM_REGION_O_IO: u32 = 4;
pub const PERF_MEM_REGION_O_SHARE: u32 = 5;
pub const PERF_MEM_REGION_O_NON_SHARE: u32 = 6;
pub const PERF_MEM_REGION_MMIO: u32 = 7;
pub const PERF_MEM_REGION_MEM0: u32 = 8;
pub const PERF_MEM_REGION_MEM1: u32 = 9;
pub const PERF_MEM_REGION_MEM2: u32 = 10;
pub const PERF_MEM_REGION_MEM3: u32 = 11;
pub const PERF_MEM_REGION_MEM4: u32 = 12;
pub const PERF_MEM_REGION_MEM5: u32 = 13;
pub const PERF_MEM_REGION_MEM6: u32 = 14;
pub const PERF_MEM_REGION_MEM7: u32 = 15;
pub const PERF_MEM_REGION_SHIFT: u32 = 46;
pub const PERF_BRANCH_ENTRY_INFO_BITS_MAX: u32 = 33;
pub const TC_H_MAJ_MASK: u32 = 4294901760;
pub const TC_H_MIN_MASK: u32 = 65535;
pub const TC_H_UNSPEC: u32 = 0;
pub const TC_H_ROOT: u32 = 4294967295;
pub const TC_H_INGRESS: u32 = 4294967281;
pub const TC_H_CLSACT: u32 = 4294967281;
pub const TC_H_MIN_PRIORITY: u32 = 65504;
pub const TC_H_MIN_INGRESS: u32 = 65522;
pub const TC_H_MIN_EGRESS: u32 = 65523;
pub const TCA_STAB_MAX: u32 = 2;
pub const TCA_TBF_MAX: u32 = 8;
pub const TCA_RED_MAX: u32 = 6;
pub const TCA_GRED_MAX: u32 = 6;
pub const TCA_GRED_VQ_ENTRY_MAX: u32 = 1;
pub const TCA_GRED_VQ_MAX: u32 = 12;
pub const TCA_CHOKE_MAX: u32 = 3;
pub const TCA_HTB_MAX: u32 = 9;
pub const TCA_HFSC_MAX: u32 = 3;
pub const TCA_NETEM_MAX: u32 = 14;
pub const TCA_DRR_MAX: u32 = 1;
pub const TCA_MQPRIO_MAX: u32 = 5;
pub const TCA_SFB_MAX: u32 = 1;
pub const TCA_QFQ_MAX: u32 = 2;
pub const TCA_CODEL_MAX: u32 = 5;
pub const TCA_FQ_CODEL_MAX: u32 = 11;
pub const TCA_FQ_MAX: u32 = 18;
pub const TCA_HHF_MAX: u32 = 7;
pub const TCA_PIE_MAX: u32 = 8;
pub const TCA_FQ_PIE_MAX: u32 = 12;
pub const TCA_CBS_MAX: u32 = 1;
pub const TCA_ETF_MAX: u32 = 1;
pub const TCA_CAKE_MAX: u32 = 18;
pub const TCA_CAKE_STATS_MAX: u32 = 17;
pub const TCA_CAKE_TIN_STATS_MAX: u32 = 25;
pub const TCA_TAPRIO_SCHED_ENTRY_MAX: u32 = 4;
pub const TCA_TAPRIO_SCHED_MAX: u32 = 1;
pub const TCA_TAPRIO_ATTR_FLAG_TXTIME_ASSIST: u32 = 1;
pub const TCA_TAPRIO_ATTR_FLAG_FULL_OFFLOAD: u32 = 2;
pub const TCA_TAPRIO_ATTR_MAX: u32 = 12;
pub const TCA_ETS_MAX: u32 = 6;
pub const TCA_DUALPI2_DROP_OVERLOAD_MAX: u32 = 1;
pub const TCA_DUALPI2_DROP_EARLY_MAX: u32 = 1;
pub const TCA_DUALPI2_ECN_MASK_MAX: u32 = 3;
pub const TCA_DUALPI2_SPLIT_GSO_MAX: u32 = 1;
pub const TCA_DUALPI2_MAX: u32 = 16;
pub const TCA_ACT_FLAGS_NO_PERCPU_STATS: u32 = 1;
pub const TCA_ACT_FLAGS_SKIP_HW: u32 = 2;
pub const TCA_ACT_FLAGS_SKIP_SW: u32 = 4;
pub const TCA_ACT_HW_STATS_IMMEDIATE: u32 = 1;
pub const TCA_ACT_HW_STATS_DELAYED: u32 = 2;
pub const TCA_ACT_MAX: u32 = 11;
pub const TCA_OLD_COMPAT: u32 = 12;
pub const TCA_ACT_MAX_PRIO: u32 = 32;
pub const TCA_ACT_BIND: u32 = 1;
pub const TCA_ACT_NOBIND: u32 = 0;
pub const TCA_ACT_UNBIND: u32 = 1;
pub const TCA_ACT_NOUNBIND: u32 = 0;
pub const TCA_ACT_REPLACE: u32 = 1;
pub const TCA_ACT_NOREPLACE: u32 = 0;
pub const TC_ACT_UNSPEC: i32 = -1;
pub const TC_ACT_OK: u32 = 0;
pub const TC_ACT_RECLASSIFY: u32 = 1;
pub const TC_ACT_SHOT: u32 = 2;
pub const TC_ACT_PIPE: u32 = 3;
pub const TC_ACT_STOLEN: u32 = 4;
pub const TC_ACT_QUEUED: u32 = 5;
pub const TC_ACT_REPEAT: u32 = 6;
pub const TC_ACT_REDIRECT: u32 = 7;
pub const TC_ACT_TRAP: u32 = 8;
pub const TC_ACT_VALUE_MAX: u32 = 8;
pub const TC_ACT_EXT_VAL_MASK: u32 = 268435455;
pub const TC_ACT_JUMP: u32 = 268435456;
pub const TC_ACT_GOTO_CHAIN: u32 = 536870912;
pub const TC_ACT_EXT_OPCODE_MAX: u32 = 536870912;
pub const TCA_ACT_GACT: u32 = 5;
pub const TCA_ACT_IPT: u32 = 6;
pub const TCA_ACT_PEDIT: u32 = 7;
pub const TCA_ACT_MIRRED: u32 = 8;
pub const TCA_ACT_NAT: u32 = 9;
pub const TCA_ACT_XT: u32 = 10;
pub const TCA_ACT_SKBEDIT: u32 = 11;
pub const TCA_ACT_VLAN: u32 = 12;
pub const TCA_ACT_BPF: u32 = 13;
pub const TCA_ACT_CONNMARK: u32 = 14;
pub const TCA_ACT_SKBMOD: u32 = 15;
pub const TCA_ACT_CSUM: u32 = 16;
pub const TCA_ACT_TUNNEL_KEY: u32 = 17;
pub const TCA_ACT_SIMP: u32 = 22;
pub const TCA_ACT_IFE: u32 = 25;
pub const TCA_ACT_SAMPLE: u32 = 26;
pub const TCA_ID_MAX: u32 = 255;
pub const TCA_POLICE_RESULT: u32 = 5;
pub const TCA_POLICE_MAX: u32 = 11;
pub const TCA_CLS_FLAGS_SKIP_HW: u32 = 1;
pub const TCA_CLS_FLAGS_SKIP_SW: u32 = 2;
pub const TCA_CLS_FLAGS_IN_HW: u32 = 4;
pub const TCA_CLS_FLAGS_NOT_IN_HW: u32 = 8;
pub const TCA_CLS_FLAGS_VERBOSE: u32 = 16;
pub const TCA_U32_MAX: u32 = 12;
pub const TCA_ROUTE4_MAX: u32 = 6;
pub const TCA_FW_MAX: u32 = 5;
pub const TCA_FLOW_MAX: u32 = 12;
pub const TCA_BASIC_MAX: u32 = 6;
pub const TCA_CGROUP_MAX: u32 = 3;
pub const TCA_BPF_FLAG_ACT_DIRECT: u32 = 1;
pub const TCA_BPF_MAX: u32 = 11;
pub const TCA_FLOWER_MAX: u32 = 111;
pub const TCA_FLOWER_KEY_ENC_OPTS_MAX: u32 = 5;
pub const TCA_FLOWER_KEY_ENC_OPT_GENEVE_MAX: u32 = 3;
pub const TCA_FLOWER_KEY_ENC_OPT_VXLAN_MAX: u32 = 1;
pub const TCA_FLOWER_KEY_ENC_OPT_ERSPAN_MAX: u32 = 4;
pub const TCA_FLOWER_KEY_ENC_OPT_GTP_MAX: u32 = 2;
pub const TCA_FLOWER_KEY_ENC_OPT_PFCP_MAX: u32 = 2;
pub const TCA_FLOWER_KEY_MPLS_OPTS_MAX: u32 = 1;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_MAX: u32 = 5;
pub const TCA_FLOWER_KEY_FLAGS_MAX: u32 = 32;
pub const TCA_FLOWER_KEY_CFM_OPT_MAX: u32 = 2;
pub const TCA_FLOWER_KEY_CFM_MAX: u32 = 2;
pub const TCA_FLOWER_MASK_FLAGS_RANGE: u32 = 1;
pub const TCA_MATCHALL_MAX: u32 = 5;
pub const TCA_EMATCH_TREE_MAX: u32 = 2;
pub const RTM_NEWLINK: u32 = 16;
pub const RTM_DELLINK: u32 = 17;
pub const RTM_GETLINK: u32 = 18;
pub const RTM_SETLINK: u32 = 19;
pub const RTM_NEWADDR: u32 = 20;
pub const RTM_DELADDR: u32 = 21;
pub const RTM_GETADDR: u32 = 22;
pub const RTM_NEWROUTE: u32 = 24;
pub const RTM_DELROUTE: u32 = 25;
pub const RTM_GETROUTE: u32 = 26;
pub const RTM_NEWNEIGH: u32 = 28;
pub const RTM_DELNEIGH: u32 = 29;
pub const RTM_GETNEIGH: u32 = 30;
pub const RTM_NEWQDISC: u32 = 36;
pub const RTM_DELQDISC: u32 = 37;
pub const RTM_GETQDISC: u32 = 38;
pub const RTM_NEWTCLASS: u32 = 40;
pub const RTM_DELTCLASS: u32 = 41;
pub const RTM_GETTCLASS: u32 = 42;
pub const RTM_NEWTFILTER: u32 = 44;
pub const RTM_DELTFILTER: u32 = 45;
pub const RTM_GETTFILTER: u32 = 46;
pub const RTM_NEWACTION: u32 = 48;
pub const RTM_DELACTION: u32 = 49;
pub const RTM_GETACTION: u32 = 50;
pub const RTM_NEWCHAIN: u32 = 100;
pub const RTM_DELCHAIN: u32 = 101;
pub const RTM_GETCHAIN: u32 = 102;
pub const TCA_MAX: u32 = 16;
pub const TCA_DUMP_FLAGS_TERSE: u32 = 1;
pub const RTNLGRP_LINK: u32 = 1;
pub const RTNLGRP_TC: u32 = 4;
pub const TCA_ACT_TAB: u32 = 1;
pub const TCA_ROOT_MAX: u32 = 5;
pub const TCA_FLAG_LARGE_DUMP_ON: u32 = 1;
pub const TCA_ACT_FLAG_LARGE_DUMP_ON: u32 = 1;
pub const TCA_ACT_FLAG_TERSE_DUMP: u32 = 2;
pub const VETH_INFO_MAX: u32 = 1;
impl bpf_cond_pseudo_jmp {
    pub const BPF_MAY_GOTO: bpf_cond_pseudo_jmp = bpf_cond_pseudo_jmp(0);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_cond_pseudo_jmp(pub u32);
pub const BPF_REG_0: u32 = 0;
pub const BPF_REG_1: u32 = 1;
pub const BPF_REG_2: u32 = 2;
pub const BPF_REG_3: u32 = 3;
pub const BPF_REG_4: u32 = 4;
pub const BPF_REG_5: u32 = 5;
pub const BPF_REG_6: u32 = 6;
pub const BPF_REG_7: u32 = 7;
pub const BPF_REG_8: u32 = 8;
pub const BPF_REG_9: u32 = 9;
pub const BPF_REG_10: u32 = 10;
pub const __MAX_BPF_REG: u32 = 11;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_insn {
    pub code: u8,
    pub _bitfield_1: [u8; 1usize],
    pub off: i16,
    pub imm: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_insn"][::core::mem::size_of::<bpf_insn>() - 8usize];
    ["Alignment of bpf_insn"][::core::mem::align_of::<bpf_insn>() - 4usize];
    [
        "Offset of field: bpf_insn::code",
    ][::core::mem::offset_of!(bpf_insn, code) - 0usize];
    ["Offset of field: bpf_insn::off"][::core::mem::offset_of!(bpf_insn, off) - 2usize];
    ["Offset of field: bpf_insn::imm"][::core::mem::offset_of!(bpf_insn, imm) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct bpf_lpm_trie_key {
    pub prefixlen: u32,
    pub data: [u8; 0],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_lpm_trie_key"][::core::mem::size_of::<bpf_lpm_trie_key>() - 4usize];
    [
        "Alignment of bpf_lpm_trie_key",
    ][::core::mem::align_of::<bpf_lpm_trie_key>() - 4usize];
    [
        "Offset of field: bpf_lpm_trie_key::prefixlen",
    ][::core::mem::offset_of!(bpf_lpm_trie_key, prefixlen) - 0usize];
    [
        "Offset of field: bpf_lpm_trie_key::data",
    ][::core::mem::offset_of!(bpf_lpm_trie_key, data) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_lpm_trie_key_hdr {
    pub prefixlen: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_lpm_trie_key_hdr",
    ][::core::mem::size_of::<bpf_lpm_trie_key_hdr>() - 4usize];
    [
        "Alignment of bpf_lpm_trie_key_hdr",
    ][::core::mem::align_of::<bpf_lpm_trie_key_hdr>() - 4usize];
    [
        "Offset of field: bpf_lpm_trie_key_hdr::prefixlen",
    ][::core::mem::offset_of!(bpf_lpm_trie_key_hdr, prefixlen) - 0usize];
};
#[repr(C)]
pub struct bpf_lpm_trie_key_u8 {
    pub __bindgen_anon_1: bpf_lpm_trie_key_u8__bindgen_ty_1,
    pub data: [u8; 0],
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_lpm_trie_key_u8__bindgen_ty_1 {
    pub hdr: bpf_lpm_trie_key_hdr,
    pub prefixlen: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_lpm_trie_key_u8__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_lpm_trie_key_u8__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_lpm_trie_key_u8__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_lpm_trie_key_u8__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_lpm_trie_key_u8__bindgen_ty_1::hdr",
    ][::core::mem::offset_of!(bpf_lpm_trie_key_u8__bindgen_ty_1, hdr) - 0usize];
    [
        "Offset of field: bpf_lpm_trie_key_u8__bindgen_ty_1::prefixlen",
    ][::core::mem::offset_of!(bpf_lpm_trie_key_u8__bindgen_ty_1, prefixlen) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_lpm_trie_key_u8",
    ][::core::mem::size_of::<bpf_lpm_trie_key_u8>() - 4usize];
    [
        "Alignment of bpf_lpm_trie_key_u8",
    ][::core::mem::align_of::<bpf_lpm_trie_key_u8>() - 4usize];
    [
        "Offset of field: bpf_lpm_trie_key_u8::data",
    ][::core::mem::offset_of!(bpf_lpm_trie_key_u8, data) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_cgroup_storage_key {
    pub cgroup_inode_id: u64,
    pub attach_type: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_cgroup_storage_key",
    ][::core::mem::size_of::<bpf_cgroup_storage_key>() - 16usize];
    [
        "Alignment of bpf_cgroup_storage_key",
    ][::core::mem::align_of::<bpf_cgroup_storage_key>() - 8usize];
    [
        "Offset of field: bpf_cgroup_storage_key::cgroup_inode_id",
    ][::core::mem::offset_of!(bpf_cgroup_storage_key, cgroup_inode_id) - 0usize];
    [
        "Offset of field: bpf_cgroup_storage_key::attach_type",
    ][::core::mem::offset_of!(bpf_cgroup_storage_key, attach_type) - 8usize];
};
impl bpf_cgroup_iter_order {
    pub const BPF_CGROUP_ITER_ORDER_UNSPEC: bpf_cgroup_iter_order = bpf_cgroup_iter_order(
        0,
    );
    pub const BPF_CGROUP_ITER_SELF_ONLY: bpf_cgroup_iter_order = bpf_cgroup_iter_order(
        1,
    );
    pub const BPF_CGROUP_ITER_DESCENDANTS_PRE: bpf_cgroup_iter_order = bpf_cgroup_iter_order(
        2,
    );
    pub const BPF_CGROUP_ITER_DESCENDANTS_POST: bpf_cgroup_iter_order = bpf_cgroup_iter_order(
        3,
    );
    pub const BPF_CGROUP_ITER_ANCESTORS_UP: bpf_cgroup_iter_order = bpf_cgroup_iter_order(
        4,
    );
    pub const BPF_CGROUP_ITER_CHILDREN: bpf_cgroup_iter_order = bpf_cgroup_iter_order(5);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_cgroup_iter_order(pub u32);
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_iter_link_info {
    pub map: bpf_iter_link_info__bindgen_ty_1,
    pub cgroup: bpf_iter_link_info__bindgen_ty_2,
    pub task: bpf_iter_link_info__bindgen_ty_3,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_iter_link_info__bindgen_ty_1 {
    pub map_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_iter_link_info__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_iter_link_info__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_iter_link_info__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_iter_link_info__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_1::map_fd",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_1, map_fd) - 0usize];
};
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_iter_link_info__bindgen_ty_2 {
    pub order: bpf_cgroup_iter_order,
    pub cgroup_fd: u32,
    pub cgroup_id: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_iter_link_info__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_iter_link_info__bindgen_ty_2>() - 16usize];
    [
        "Alignment of bpf_iter_link_info__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_iter_link_info__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_2::order",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_2, order) - 0usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_2::cgroup_fd",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_2, cgroup_fd) - 4usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_2::cgroup_id",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_2, cgroup_id) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_iter_link_info__bindgen_ty_3 {
    pub tid: u32,
    pub pid: u32,
    pub pid_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_iter_link_info__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_iter_link_info__bindgen_ty_3>() - 12usize];
    [
        "Alignment of bpf_iter_link_info__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_iter_link_info__bindgen_ty_3>() - 4usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_3::tid",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_3, tid) - 0usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_3::pid",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_3, pid) - 4usize];
    [
        "Offset of field: bpf_iter_link_info__bindgen_ty_3::pid_fd",
    ][::core::mem::offset_of!(bpf_iter_link_info__bindgen_ty_3, pid_fd) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_iter_link_info",
    ][::core::mem::size_of::<bpf_iter_link_info>() - 16usize];
    [
        "Alignment of bpf_iter_link_info",
    ][::core::mem::align_of::<bpf_iter_link_info>() - 8usize];
    [
        "Offset of field: bpf_iter_link_info::map",
    ][::core::mem::offset_of!(bpf_iter_link_info, map) - 0usize];
    [
        "Offset of field: bpf_iter_link_info::cgroup",
    ][::core::mem::offset_of!(bpf_iter_link_info, cgroup) - 0usize];
    [
        "Offset of field: bpf_iter_link_info::task",
    ][::core::mem::offset_of!(bpf_iter_link_info, task) - 0usize];
};
impl bpf_cmd {
    pub const BPF_MAP_CREATE: bpf_cmd = bpf_cmd(0);
    pub const BPF_MAP_LOOKUP_ELEM: bpf_cmd = bpf_cmd(1);
    pub const BPF_MAP_UPDATE_ELEM: bpf_cmd = bpf_cmd(2);
    pub const BPF_MAP_DELETE_ELEM: bpf_cmd = bpf_cmd(3);
    pub const BPF_MAP_GET_NEXT_KEY: bpf_cmd = bpf_cmd(4);
    pub const BPF_PROG_LOAD: bpf_cmd = bpf_cmd(5);
    pub const BPF_OBJ_PIN: bpf_cmd = bpf_cmd(6);
    pub const BPF_OBJ_GET: bpf_cmd = bpf_cmd(7);
    pub const BPF_PROG_ATTACH: bpf_cmd = bpf_cmd(8);
    pub const BPF_PROG_DETACH: bpf_cmd = bpf_cmd(9);
    pub const BPF_PROG_TEST_RUN: bpf_cmd = bpf_cmd(10);
    pub const BPF_PROG_RUN: bpf_cmd = bpf_cmd(10);
    pub const BPF_PROG_GET_NEXT_ID: bpf_cmd = bpf_cmd(11);
    pub const BPF_MAP_GET_NEXT_ID: bpf_cmd = bpf_cmd(12);
    pub const BPF_PROG_GET_FD_BY_ID: bpf_cmd = bpf_cmd(13);
    pub const BPF_MAP_GET_FD_BY_ID: bpf_cmd = bpf_cmd(14);
    pub const BPF_OBJ_GET_INFO_BY_FD: bpf_cmd = bpf_cmd(15);
    pub const BPF_PROG_QUERY: bpf_cmd = bpf_cmd(16);
    pub const BPF_RAW_TRACEPOINT_OPEN: bpf_cmd = bpf_cmd(17);
    pub const BPF_BTF_LOAD: bpf_cmd = bpf_cmd(18);
    pub const BPF_BTF_GET_FD_BY_ID: bpf_cmd = bpf_cmd(19);
    pub const BPF_TASK_FD_QUERY: bpf_cmd = bpf_cmd(20);
    pub const BPF_MAP_LOOKUP_AND_DELETE_ELEM: bpf_cmd = bpf_cmd(21);
    pub const BPF_MAP_FREEZE: bpf_cmd = bpf_cmd(22);
    pub const BPF_BTF_GET_NEXT_ID: bpf_cmd = bpf_cmd(23);
    pub const BPF_MAP_LOOKUP_BATCH: bpf_cmd = bpf_cmd(24);
    pub const BPF_MAP_LOOKUP_AND_DELETE_BATCH: bpf_cmd = bpf_cmd(25);
    pub const BPF_MAP_UPDATE_BATCH: bpf_cmd = bpf_cmd(26);
    pub const BPF_MAP_DELETE_BATCH: bpf_cmd = bpf_cmd(27);
    pub const BPF_LINK_CREATE: bpf_cmd = bpf_cmd(28);
    pub const BPF_LINK_UPDATE: bpf_cmd = bpf_cmd(29);
    pub const BPF_LINK_GET_FD_BY_ID: bpf_cmd = bpf_cmd(30);
    pub const BPF_LINK_GET_NEXT_ID: bpf_cmd = bpf_cmd(31);
    pub const BPF_ENABLE_STATS: bpf_cmd = bpf_cmd(32);
    pub const BPF_ITER_CREATE: bpf_cmd = bpf_cmd(33);
    pub const BPF_LINK_DETACH: bpf_cmd = bpf_cmd(34);
    pub const BPF_PROG_BIND_MAP: bpf_cmd = bpf_cmd(35);
    pub const BPF_TOKEN_CREATE: bpf_cmd = bpf_cmd(36);
    pub const BPF_PROG_STREAM_READ_BY_FD: bpf_cmd = bpf_cmd(37);
    pub const BPF_PROG_ASSOC_STRUCT_OPS: bpf_cmd = bpf_cmd(38);
    pub const __MAX_BPF_CMD: bpf_cmd = bpf_cmd(39);
    pub const BPF_COMMON_ATTRS: bpf_cmd = bpf_cmd(65536);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_cmd(pub u32);
impl bpf_map_type {
    pub const BPF_MAP_TYPE_UNSPEC: bpf_map_type = bpf_map_type(0);
    pub const BPF_MAP_TYPE_HASH: bpf_map_type = bpf_map_type(1);
    pub const BPF_MAP_TYPE_ARRAY: bpf_map_type = bpf_map_type(2);
    pub const BPF_MAP_TYPE_PROG_ARRAY: bpf_map_type = bpf_map_type(3);
    pub const BPF_MAP_TYPE_PERF_EVENT_ARRAY: bpf_map_type = bpf_map_type(4);
    pub const BPF_MAP_TYPE_PERCPU_HASH: bpf_map_type = bpf_map_type(5);
    pub const BPF_MAP_TYPE_PERCPU_ARRAY: bpf_map_type = bpf_map_type(6);
    pub const BPF_MAP_TYPE_STACK_TRACE: bpf_map_type = bpf_map_type(7);
    pub const BPF_MAP_TYPE_CGROUP_ARRAY: bpf_map_type = bpf_map_type(8);
    pub const BPF_MAP_TYPE_LRU_HASH: bpf_map_type = bpf_map_type(9);
    pub const BPF_MAP_TYPE_LRU_PERCPU_HASH: bpf_map_type = bpf_map_type(10);
    pub const BPF_MAP_TYPE_LPM_TRIE: bpf_map_type = bpf_map_type(11);
    pub const BPF_MAP_TYPE_ARRAY_OF_MAPS: bpf_map_type = bpf_map_type(12);
    pub const BPF_MAP_TYPE_HASH_OF_MAPS: bpf_map_type = bpf_map_type(13);
    pub const BPF_MAP_TYPE_DEVMAP: bpf_map_type = bpf_map_type(14);
    pub const BPF_MAP_TYPE_SOCKMAP: bpf_map_type = bpf_map_type(15);
    pub const BPF_MAP_TYPE_CPUMAP: bpf_map_type = bpf_map_type(16);
    pub const BPF_MAP_TYPE_XSKMAP: bpf_map_type = bpf_map_type(17);
    pub const BPF_MAP_TYPE_SOCKHASH: bpf_map_type = bpf_map_type(18);
    pub const BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED: bpf_map_type = bpf_map_type(19);
    pub const BPF_MAP_TYPE_CGROUP_STORAGE: bpf_map_type = bpf_map_type(19);
    pub const BPF_MAP_TYPE_REUSEPORT_SOCKARRAY: bpf_map_type = bpf_map_type(20);
    pub const BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED: bpf_map_type = bpf_map_type(
        21,
    );
    pub const BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE: bpf_map_type = bpf_map_type(21);
    pub const BPF_MAP_TYPE_QUEUE: bpf_map_type = bpf_map_type(22);
    pub const BPF_MAP_TYPE_STACK: bpf_map_type = bpf_map_type(23);
    pub const BPF_MAP_TYPE_SK_STORAGE: bpf_map_type = bpf_map_type(24);
    pub const BPF_MAP_TYPE_DEVMAP_HASH: bpf_map_type = bpf_map_type(25);
    pub const BPF_MAP_TYPE_STRUCT_OPS: bpf_map_type = bpf_map_type(26);
    pub const BPF_MAP_TYPE_RINGBUF: bpf_map_type = bpf_map_type(27);
    pub const BPF_MAP_TYPE_INODE_STORAGE: bpf_map_type = bpf_map_type(28);
    pub const BPF_MAP_TYPE_TASK_STORAGE: bpf_map_type = bpf_map_type(29);
    pub const BPF_MAP_TYPE_BLOOM_FILTER: bpf_map_type = bpf_map_type(30);
    pub const BPF_MAP_TYPE_USER_RINGBUF: bpf_map_type = bpf_map_type(31);
    pub const BPF_MAP_TYPE_CGRP_STORAGE: bpf_map_type = bpf_map_type(32);
    pub const BPF_MAP_TYPE_ARENA: bpf_map_type = bpf_map_type(33);
    pub const BPF_MAP_TYPE_INSN_ARRAY: bpf_map_type = bpf_map_type(34);
    pub const BPF_MAP_TYPE_RHASH: bpf_map_type = bpf_map_type(35);
    pub const __MAX_BPF_MAP_TYPE: bpf_map_type = bpf_map_type(36);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_map_type(pub u32);
impl bpf_prog_type {
    pub const BPF_PROG_TYPE_UNSPEC: bpf_prog_type = bpf_prog_type(0);
    pub const BPF_PROG_TYPE_SOCKET_FILTER: bpf_prog_type = bpf_prog_type(1);
    pub const BPF_PROG_TYPE_KPROBE: bpf_prog_type = bpf_prog_type(2);
    pub const BPF_PROG_TYPE_SCHED_CLS: bpf_prog_type = bpf_prog_type(3);
    pub const BPF_PROG_TYPE_SCHED_ACT: bpf_prog_type = bpf_prog_type(4);
    pub const BPF_PROG_TYPE_TRACEPOINT: bpf_prog_type = bpf_prog_type(5);
    pub const BPF_PROG_TYPE_XDP: bpf_prog_type = bpf_prog_type(6);
    pub const BPF_PROG_TYPE_PERF_EVENT: bpf_prog_type = bpf_prog_type(7);
    pub const BPF_PROG_TYPE_CGROUP_SKB: bpf_prog_type = bpf_prog_type(8);
    pub const BPF_PROG_TYPE_CGROUP_SOCK: bpf_prog_type = bpf_prog_type(9);
    pub const BPF_PROG_TYPE_LWT_IN: bpf_prog_type = bpf_prog_type(10);
    pub const BPF_PROG_TYPE_LWT_OUT: bpf_prog_type = bpf_prog_type(11);
    pub const BPF_PROG_TYPE_LWT_XMIT: bpf_prog_type = bpf_prog_type(12);
    pub const BPF_PROG_TYPE_SOCK_OPS: bpf_prog_type = bpf_prog_type(13);
    pub const BPF_PROG_TYPE_SK_SKB: bpf_prog_type = bpf_prog_type(14);
    pub const BPF_PROG_TYPE_CGROUP_DEVICE: bpf_prog_type = bpf_prog_type(15);
    pub const BPF_PROG_TYPE_SK_MSG: bpf_prog_type = bpf_prog_type(16);
    pub const BPF_PROG_TYPE_RAW_TRACEPOINT: bpf_prog_type = bpf_prog_type(17);
    pub const BPF_PROG_TYPE_CGROUP_SOCK_ADDR: bpf_prog_type = bpf_prog_type(18);
    pub const BPF_PROG_TYPE_LWT_SEG6LOCAL: bpf_prog_type = bpf_prog_type(19);
    pub const BPF_PROG_TYPE_LIRC_MODE2: bpf_prog_type = bpf_prog_type(20);
    pub const BPF_PROG_TYPE_SK_REUSEPORT: bpf_prog_type = bpf_prog_type(21);
    pub const BPF_PROG_TYPE_FLOW_DISSECTOR: bpf_prog_type = bpf_prog_type(22);
    pub const BPF_PROG_TYPE_CGROUP_SYSCTL: bpf_prog_type = bpf_prog_type(23);
    pub const BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE: bpf_prog_type = bpf_prog_type(24);
    pub const BPF_PROG_TYPE_CGROUP_SOCKOPT: bpf_prog_type = bpf_prog_type(25);
    pub const BPF_PROG_TYPE_TRACING: bpf_prog_type = bpf_prog_type(26);
    pub const BPF_PROG_TYPE_STRUCT_OPS: bpf_prog_type = bpf_prog_type(27);
    pub const BPF_PROG_TYPE_EXT: bpf_prog_type = bpf_prog_type(28);
    pub const BPF_PROG_TYPE_LSM: bpf_prog_type = bpf_prog_type(29);
    pub const BPF_PROG_TYPE_SK_LOOKUP: bpf_prog_type = bpf_prog_type(30);
    pub const BPF_PROG_TYPE_SYSCALL: bpf_prog_type = bpf_prog_type(31);
    pub const BPF_PROG_TYPE_NETFILTER: bpf_prog_type = bpf_prog_type(32);
    pub const __MAX_BPF_PROG_TYPE: bpf_prog_type = bpf_prog_type(33);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_prog_type(pub u32);
impl bpf_attach_type {
    pub const BPF_CGROUP_INET_INGRESS: bpf_attach_type = bpf_attach_type(0);
    pub const BPF_CGROUP_INET_EGRESS: bpf_attach_type = bpf_attach_type(1);
    pub const BPF_CGROUP_INET_SOCK_CREATE: bpf_attach_type = bpf_attach_type(2);
    pub const BPF_CGROUP_SOCK_OPS: bpf_attach_type = bpf_attach_type(3);
    pub const BPF_SK_SKB_STREAM_PARSER: bpf_attach_type = bpf_attach_type(4);
    pub const BPF_SK_SKB_STREAM_VERDICT: bpf_attach_type = bpf_attach_type(5);
    pub const BPF_CGROUP_DEVICE: bpf_attach_type = bpf_attach_type(6);
    pub const BPF_SK_MSG_VERDICT: bpf_attach_type = bpf_attach_type(7);
    pub const BPF_CGROUP_INET4_BIND: bpf_attach_type = bpf_attach_type(8);
    pub const BPF_CGROUP_INET6_BIND: bpf_attach_type = bpf_attach_type(9);
    pub const BPF_CGROUP_INET4_CONNECT: bpf_attach_type = bpf_attach_type(10);
    pub const BPF_CGROUP_INET6_CONNECT: bpf_attach_type = bpf_attach_type(11);
    pub const BPF_CGROUP_INET4_POST_BIND: bpf_attach_type = bpf_attach_type(12);
    pub const BPF_CGROUP_INET6_POST_BIND: bpf_attach_type = bpf_attach_type(13);
    pub const BPF_CGROUP_UDP4_SENDMSG: bpf_attach_type = bpf_attach_type(14);
    pub const BPF_CGROUP_UDP6_SENDMSG: bpf_attach_type = bpf_attach_type(15);
    pub const BPF_LIRC_MODE2: bpf_attach_type = bpf_attach_type(16);
    pub const BPF_FLOW_DISSECTOR: bpf_attach_type = bpf_attach_type(17);
    pub const BPF_CGROUP_SYSCTL: bpf_attach_type = bpf_attach_type(18);
    pub const BPF_CGROUP_UDP4_RECVMSG: bpf_attach_type = bpf_attach_type(19);
    pub const BPF_CGROUP_UDP6_RECVMSG: bpf_attach_type = bpf_attach_type(20);
    pub const BPF_CGROUP_GETSOCKOPT: bpf_attach_type = bpf_attach_type(21);
    pub const BPF_CGROUP_SETSOCKOPT: bpf_attach_type = bpf_attach_type(22);
    pub const BPF_TRACE_RAW_TP: bpf_attach_type = bpf_attach_type(23);
    pub const BPF_TRACE_FENTRY: bpf_attach_type = bpf_attach_type(24);
    pub const BPF_TRACE_FEXIT: bpf_attach_type = bpf_attach_type(25);
    pub const BPF_MODIFY_RETURN: bpf_attach_type = bpf_attach_type(26);
    pub const BPF_LSM_MAC: bpf_attach_type = bpf_attach_type(27);
    pub const BPF_TRACE_ITER: bpf_attach_type = bpf_attach_type(28);
    pub const BPF_CGROUP_INET4_GETPEERNAME: bpf_attach_type = bpf_attach_type(29);
    pub const BPF_CGROUP_INET6_GETPEERNAME: bpf_attach_type = bpf_attach_type(30);
    pub const BPF_CGROUP_INET4_GETSOCKNAME: bpf_attach_type = bpf_attach_type(31);
    pub const BPF_CGROUP_INET6_GETSOCKNAME: bpf_attach_type = bpf_attach_type(32);
    pub const BPF_XDP_DEVMAP: bpf_attach_type = bpf_attach_type(33);
    pub const BPF_CGROUP_INET_SOCK_RELEASE: bpf_attach_type = bpf_attach_type(34);
    pub const BPF_XDP_CPUMAP: bpf_attach_type = bpf_attach_type(35);
    pub const BPF_SK_LOOKUP: bpf_attach_type = bpf_attach_type(36);
    pub const BPF_XDP: bpf_attach_type = bpf_attach_type(37);
    pub const BPF_SK_SKB_VERDICT: bpf_attach_type = bpf_attach_type(38);
    pub const BPF_SK_REUSEPORT_SELECT: bpf_attach_type = bpf_attach_type(39);
    pub const BPF_SK_REUSEPORT_SELECT_OR_MIGRATE: bpf_attach_type = bpf_attach_type(40);
    pub const BPF_PERF_EVENT: bpf_attach_type = bpf_attach_type(41);
    pub const BPF_TRACE_KPROBE_MULTI: bpf_attach_type = bpf_attach_type(42);
    pub const BPF_LSM_CGROUP: bpf_attach_type = bpf_attach_type(43);
    pub const BPF_STRUCT_OPS: bpf_attach_type = bpf_attach_type(44);
    pub const BPF_NETFILTER: bpf_attach_type = bpf_attach_type(45);
    pub const BPF_TCX_INGRESS: bpf_attach_type = bpf_attach_type(46);
    pub const BPF_TCX_EGRESS: bpf_attach_type = bpf_attach_type(47);
    pub const BPF_TRACE_UPROBE_MULTI: bpf_attach_type = bpf_attach_type(48);
    pub const BPF_CGROUP_UNIX_CONNECT: bpf_attach_type = bpf_attach_type(49);
    pub const BPF_CGROUP_UNIX_SENDMSG: bpf_attach_type = bpf_attach_type(50);
    pub const BPF_CGROUP_UNIX_RECVMSG: bpf_attach_type = bpf_attach_type(51);
    pub const BPF_CGROUP_UNIX_GETPEERNAME: bpf_attach_type = bpf_attach_type(52);
    pub const BPF_CGROUP_UNIX_GETSOCKNAME: bpf_attach_type = bpf_attach_type(53);
    pub const BPF_NETKIT_PRIMARY: bpf_attach_type = bpf_attach_type(54);
    pub const BPF_NETKIT_PEER: bpf_attach_type = bpf_attach_type(55);
    pub const BPF_TRACE_KPROBE_SESSION: bpf_attach_type = bpf_attach_type(56);
    pub const BPF_TRACE_UPROBE_SESSION: bpf_attach_type = bpf_attach_type(57);
    pub const BPF_TRACE_FSESSION: bpf_attach_type = bpf_attach_type(58);
    pub const BPF_TRACE_FENTRY_MULTI: bpf_attach_type = bpf_attach_type(59);
    pub const BPF_TRACE_FEXIT_MULTI: bpf_attach_type = bpf_attach_type(60);
    pub const BPF_TRACE_FSESSION_MULTI: bpf_attach_type = bpf_attach_type(61);
    pub const __MAX_BPF_ATTACH_TYPE: bpf_attach_type = bpf_attach_type(62);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_attach_type(pub u32);
impl bpf_link_type {
    pub const BPF_LINK_TYPE_UNSPEC: bpf_link_type = bpf_link_type(0);
    pub const BPF_LINK_TYPE_RAW_TRACEPOINT: bpf_link_type = bpf_link_type(1);
    pub const BPF_LINK_TYPE_TRACING: bpf_link_type = bpf_link_type(2);
    pub const BPF_LINK_TYPE_CGROUP: bpf_link_type = bpf_link_type(3);
    pub const BPF_LINK_TYPE_ITER: bpf_link_type = bpf_link_type(4);
    pub const BPF_LINK_TYPE_NETNS: bpf_link_type = bpf_link_type(5);
    pub const BPF_LINK_TYPE_XDP: bpf_link_type = bpf_link_type(6);
    pub const BPF_LINK_TYPE_PERF_EVENT: bpf_link_type = bpf_link_type(7);
    pub const BPF_LINK_TYPE_KPROBE_MULTI: bpf_link_type = bpf_link_type(8);
    pub const BPF_LINK_TYPE_STRUCT_OPS: bpf_link_type = bpf_link_type(9);
    pub const BPF_LINK_TYPE_NETFILTER: bpf_link_type = bpf_link_type(10);
    pub const BPF_LINK_TYPE_TCX: bpf_link_type = bpf_link_type(11);
    pub const BPF_LINK_TYPE_UPROBE_MULTI: bpf_link_type = bpf_link_type(12);
    pub const BPF_LINK_TYPE_NETKIT: bpf_link_type = bpf_link_type(13);
    pub const BPF_LINK_TYPE_SOCKMAP: bpf_link_type = bpf_link_type(14);
    pub const BPF_LINK_TYPE_TRACING_MULTI: bpf_link_type = bpf_link_type(15);
    pub const __MAX_BPF_LINK_TYPE: bpf_link_type = bpf_link_type(16);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_link_type(pub u32);
impl bpf_perf_event_type {
    pub const BPF_PERF_EVENT_UNSPEC: bpf_perf_event_type = bpf_perf_event_type(0);
    pub const BPF_PERF_EVENT_UPROBE: bpf_perf_event_type = bpf_perf_event_type(1);
    pub const BPF_PERF_EVENT_URETPROBE: bpf_perf_event_type = bpf_perf_event_type(2);
    pub const BPF_PERF_EVENT_KPROBE: bpf_perf_event_type = bpf_perf_event_type(3);
    pub const BPF_PERF_EVENT_KRETPROBE: bpf_perf_event_type = bpf_perf_event_type(4);
    pub const BPF_PERF_EVENT_TRACEPOINT: bpf_perf_event_type = bpf_perf_event_type(5);
    pub const BPF_PERF_EVENT_EVENT: bpf_perf_event_type = bpf_perf_event_type(6);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_perf_event_type(pub u32);
pub const BPF_F_KPROBE_MULTI_RETURN: u32 = 1;
pub const BPF_F_UPROBE_MULTI_RETURN: u32 = 1;
pub const BPF_F_UPROBE_MULTI_PATH_FD: u32 = 2;
impl bpf_addr_space_cast {
    pub const BPF_ADDR_SPACE_CAST: bpf_addr_space_cast = bpf_addr_space_cast(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_addr_space_cast(pub u32);
pub const BPF_ANY: u32 = 0;
pub const BPF_NOEXIST: u32 = 1;
pub const BPF_EXIST: u32 = 2;
pub const BPF_F_LOCK: u32 = 4;
pub const BPF_F_CPU: u32 = 8;
pub const BPF_F_ALL_CPUS: u32 = 16;
pub const BPF_F_NO_PREALLOC: u32 = 1;
pub const BPF_F_NO_COMMON_LRU: u32 = 2;
pub const BPF_F_NUMA_NODE: u32 = 4;
pub const BPF_F_RDONLY: u32 = 8;
pub const BPF_F_WRONLY: u32 = 16;
pub const BPF_F_STACK_BUILD_ID: u32 = 32;
pub const BPF_F_ZERO_SEED: u32 = 64;
pub const BPF_F_RDONLY_PROG: u32 = 128;
pub const BPF_F_WRONLY_PROG: u32 = 256;
pub const BPF_F_CLONE: u32 = 512;
pub const BPF_F_MMAPABLE: u32 = 1024;
pub const BPF_F_PRESERVE_ELEMS: u32 = 2048;
pub const BPF_F_INNER_MAP: u32 = 4096;
pub const BPF_F_PATH_FD: u32 = 16384;
pub const BPF_F_VTYPE_BTF_OBJ_FD: u32 = 32768;
pub const BPF_F_TOKEN_FD: u32 = 65536;
pub const BPF_F_SEGV_ON_FAULT: u32 = 131072;
pub const BPF_F_NO_USER_CONV: u32 = 262144;
pub const BPF_F_RB_OVERWRITE: u32 = 524288;
impl bpf_stats_type {
    pub const BPF_STATS_RUN_TIME: bpf_stats_type = bpf_stats_type(0);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_stats_type(pub u32);
impl bpf_stack_build_id_status {
    pub const BPF_STACK_BUILD_ID_EMPTY: bpf_stack_build_id_status = bpf_stack_build_id_status(
        0,
    );
    pub const BPF_STACK_BUILD_ID_VALID: bpf_stack_build_id_status = bpf_stack_build_id_status(
        1,
    );
    pub const BPF_STACK_BUILD_ID_IP: bpf_stack_build_id_status = bpf_stack_build_id_status(
        2,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_stack_build_id_status(pub u32);
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_stack_build_id {
    pub status: i32,
    pub build_id: [u8; 20usize],
    pub __bindgen_anon_1: bpf_stack_build_id__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_stack_build_id__bindgen_ty_1 {
    pub offset: u64,
    pub ip: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_stack_build_id__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_stack_build_id__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_stack_build_id__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_stack_build_id__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_stack_build_id__bindgen_ty_1::offset",
    ][::core::mem::offset_of!(bpf_stack_build_id__bindgen_ty_1, offset) - 0usize];
    [
        "Offset of field: bpf_stack_build_id__bindgen_ty_1::ip",
    ][::core::mem::offset_of!(bpf_stack_build_id__bindgen_ty_1, ip) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_stack_build_id",
    ][::core::mem::size_of::<bpf_stack_build_id>() - 32usize];
    [
        "Alignment of bpf_stack_build_id",
    ][::core::mem::align_of::<bpf_stack_build_id>() - 8usize];
    [
        "Offset of field: bpf_stack_build_id::status",
    ][::core::mem::offset_of!(bpf_stack_build_id, status) - 0usize];
    [
        "Offset of field: bpf_stack_build_id::build_id",
    ][::core::mem::offset_of!(bpf_stack_build_id, build_id) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_common_attr {
    pub log_buf: u64,
    pub log_size: u32,
    pub log_level: u32,
    pub log_true_size: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_common_attr"][::core::mem::size_of::<bpf_common_attr>() - 24usize];
    [
        "Alignment of bpf_common_attr",
    ][::core::mem::align_of::<bpf_common_attr>() - 8usize];
    [
        "Offset of field: bpf_common_attr::log_buf",
    ][::core::mem::offset_of!(bpf_common_attr, log_buf) - 0usize];
    [
        "Offset of field: bpf_common_attr::log_size",
    ][::core::mem::offset_of!(bpf_common_attr, log_size) - 8usize];
    [
        "Offset of field: bpf_common_attr::log_level",
    ][::core::mem::offset_of!(bpf_common_attr, log_level) - 12usize];
    [
        "Offset of field: bpf_common_attr::log_true_size",
    ][::core::mem::offset_of!(bpf_common_attr, log_true_size) - 16usize];
};
pub const BPF_STREAM_STDOUT: u32 = 1;
pub const BPF_STREAM_STDERR: u32 = 2;
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_1,
    pub __bindgen_anon_2: bpf_attr__bindgen_ty_2,
    pub batch: bpf_attr__bindgen_ty_3,
    pub __bindgen_anon_3: bpf_attr__bindgen_ty_4,
    pub __bindgen_anon_4: bpf_attr__bindgen_ty_5,
    pub __bindgen_anon_5: bpf_attr__bindgen_ty_6,
    pub test: bpf_attr__bindgen_ty_7,
    pub __bindgen_anon_6: bpf_attr__bindgen_ty_8,
    pub info: bpf_attr__bindgen_ty_9,
    pub query: bpf_attr__bindgen_ty_10,
    pub raw_tracepoint: bpf_attr__bindgen_ty_11,
    pub __bindgen_anon_7: bpf_attr__bindgen_ty_12,
    pub task_fd_query: bpf_attr__bindgen_ty_13,
    pub link_create: bpf_attr__bindgen_ty_14,
    pub link_update: bpf_attr__bindgen_ty_15,
    pub link_detach: bpf_attr__bindgen_ty_16,
    pub enable_stats: bpf_attr__bindgen_ty_17,
    pub iter_create: bpf_attr__bindgen_ty_18,
    pub prog_bind_map: bpf_attr__bindgen_ty_19,
    pub token_create: bpf_attr__bindgen_ty_20,
    pub prog_stream_read: bpf_attr__bindgen_ty_21,
    pub prog_assoc_struct_ops: bpf_attr__bindgen_ty_22,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_1 {
    pub map_type: u32,
    pub key_size: u32,
    pub value_size: u32,
    pub max_entries: u32,
    pub map_flags: u32,
    pub inner_map_fd: u32,
    pub numa_node: u32,
    pub map_name: [u8; 16usize],
    pub map_ifindex: u32,
    pub btf_fd: u32,
    pub btf_key_type_id: u32,
    pub btf_value_type_id: u32,
    pub btf_vmlinux_value_type_id: u32,
    pub map_extra: u64,
    pub value_type_btf_obj_fd: i32,
    pub map_token_fd: i32,
    pub excl_prog_hash: u64,
    pub excl_prog_hash_size: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_1>() - 96usize];
    [
        "Alignment of bpf_attr__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::map_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, map_type) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::key_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, key_size) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::value_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, value_size) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::max_entries",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, max_entries) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::map_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, map_flags) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::inner_map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, inner_map_fd) - 20usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::numa_node",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, numa_node) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::map_name",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, map_name) - 28usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::map_ifindex",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, map_ifindex) - 44usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::btf_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, btf_fd) - 48usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::btf_key_type_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, btf_key_type_id) - 52usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::btf_value_type_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, btf_value_type_id) - 56usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::btf_vmlinux_value_type_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, btf_vmlinux_value_type_id)
        - 60usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::map_extra",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, map_extra) - 64usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::value_type_btf_obj_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, value_type_btf_obj_fd) - 72usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::map_token_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, map_token_fd) - 76usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::excl_prog_hash",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, excl_prog_hash) - 80usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_1::excl_prog_hash_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_1, excl_prog_hash_size) - 88usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_2 {
    pub map_fd: u32,
    pub key: u64,
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_2__bindgen_ty_1,
    pub flags: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_2__bindgen_ty_1 {
    pub value: u64,
    pub next_key: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_2__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_attr__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_2__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_2__bindgen_ty_1::value",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_2__bindgen_ty_1, value) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_2__bindgen_ty_1::next_key",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_2__bindgen_ty_1, next_key) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_2>() - 32usize];
    [
        "Alignment of bpf_attr__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_2::map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_2, map_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_2::key",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_2, key) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_2::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_2, flags) - 24usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_3 {
    pub in_batch: u64,
    pub out_batch: u64,
    pub keys: u64,
    pub values: u64,
    pub count: u32,
    pub map_fd: u32,
    pub elem_flags: u64,
    pub flags: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_3>() - 56usize];
    [
        "Alignment of bpf_attr__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::in_batch",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, in_batch) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::out_batch",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, out_batch) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::keys",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, keys) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::values",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, values) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::count",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, count) - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, map_fd) - 36usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::elem_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, elem_flags) - 40usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_3::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_3, flags) - 48usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_4 {
    pub prog_type: u32,
    pub insn_cnt: u32,
    pub insns: u64,
    pub license: u64,
    pub log_level: u32,
    pub log_size: u32,
    pub log_buf: u64,
    pub kern_version: u32,
    pub prog_flags: u32,
    pub prog_name: [u8; 16usize],
    pub prog_ifindex: u32,
    pub expected_attach_type: u32,
    pub prog_btf_fd: u32,
    pub func_info_rec_size: u32,
    pub func_info: u64,
    pub func_info_cnt: u32,
    pub line_info_rec_size: u32,
    pub line_info: u64,
    pub line_info_cnt: u32,
    pub attach_btf_id: u32,
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_4__bindgen_ty_1,
    pub core_relo_cnt: u32,
    pub fd_array: u64,
    pub core_relos: u64,
    pub core_relo_rec_size: u32,
    pub log_true_size: u32,
    pub prog_token_fd: i32,
    pub fd_array_cnt: u32,
    pub signature: u64,
    pub signature_size: u32,
    pub keyring_id: i32,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_4__bindgen_ty_1 {
    pub attach_prog_fd: u32,
    pub attach_btf_obj_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_4__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_4__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_4__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_4__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4__bindgen_ty_1::attach_prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4__bindgen_ty_1, attach_prog_fd)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4__bindgen_ty_1::attach_btf_obj_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4__bindgen_ty_1, attach_btf_obj_fd)
        - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_4",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_4>() - 168usize];
    [
        "Alignment of bpf_attr__bindgen_ty_4",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::prog_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, prog_type) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::insn_cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, insn_cnt) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::insns",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, insns) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::license",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, license) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::log_level",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, log_level) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::log_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, log_size) - 28usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::log_buf",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, log_buf) - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::kern_version",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, kern_version) - 40usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::prog_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, prog_flags) - 44usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::prog_name",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, prog_name) - 48usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::prog_ifindex",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, prog_ifindex) - 64usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::expected_attach_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, expected_attach_type) - 68usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::prog_btf_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, prog_btf_fd) - 72usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::func_info_rec_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, func_info_rec_size) - 76usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::func_info",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, func_info) - 80usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::func_info_cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, func_info_cnt) - 88usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::line_info_rec_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, line_info_rec_size) - 92usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::line_info",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, line_info) - 96usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::line_info_cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, line_info_cnt) - 104usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::attach_btf_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, attach_btf_id) - 108usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::core_relo_cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, core_relo_cnt) - 116usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::fd_array",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, fd_array) - 120usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::core_relos",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, core_relos) - 128usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::core_relo_rec_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, core_relo_rec_size) - 136usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::log_true_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, log_true_size) - 140usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::prog_token_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, prog_token_fd) - 144usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::fd_array_cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, fd_array_cnt) - 148usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::signature",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, signature) - 152usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::signature_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, signature_size) - 160usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_4::keyring_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_4, keyring_id) - 164usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_5 {
    pub pathname: u64,
    pub bpf_fd: u32,
    pub file_flags: u32,
    pub path_fd: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_5",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_5>() - 24usize];
    [
        "Alignment of bpf_attr__bindgen_ty_5",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_5>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_5::pathname",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_5, pathname) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_5::bpf_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_5, bpf_fd) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_5::file_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_5, file_flags) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_5::path_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_5, path_fd) - 16usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_6 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_6__bindgen_ty_1,
    pub attach_bpf_fd: u32,
    pub attach_type: u32,
    pub attach_flags: u32,
    pub replace_bpf_fd: u32,
    pub __bindgen_anon_2: bpf_attr__bindgen_ty_6__bindgen_ty_2,
    pub expected_revision: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_6__bindgen_ty_1 {
    pub target_fd: u32,
    pub target_ifindex: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_6__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_6__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_6__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_6__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6__bindgen_ty_1::target_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6__bindgen_ty_1, target_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6__bindgen_ty_1::target_ifindex",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6__bindgen_ty_1, target_ifindex)
        - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_6__bindgen_ty_2 {
    pub relative_fd: u32,
    pub relative_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_6__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_6__bindgen_ty_2>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_6__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_6__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6__bindgen_ty_2::relative_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6__bindgen_ty_2, relative_fd)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6__bindgen_ty_2::relative_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6__bindgen_ty_2, relative_id)
        - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_6",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_6>() - 32usize];
    [
        "Alignment of bpf_attr__bindgen_ty_6",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_6>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6::attach_bpf_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6, attach_bpf_fd) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6::attach_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6, attach_type) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6::attach_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6, attach_flags) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6::replace_bpf_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6, replace_bpf_fd) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_6::expected_revision",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_6, expected_revision) - 24usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_7 {
    pub prog_fd: u32,
    pub retval: u32,
    pub data_size_in: u32,
    pub data_size_out: u32,
    pub data_in: u64,
    pub data_out: u64,
    pub repeat: u32,
    pub duration: u32,
    pub ctx_size_in: u32,
    pub ctx_size_out: u32,
    pub ctx_in: u64,
    pub ctx_out: u64,
    pub flags: u32,
    pub cpu: u32,
    pub batch_size: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_7",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_7>() - 80usize];
    [
        "Alignment of bpf_attr__bindgen_ty_7",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_7>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, prog_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::retval",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, retval) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::data_size_in",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, data_size_in) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::data_size_out",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, data_size_out) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::data_in",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, data_in) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::data_out",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, data_out) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::repeat",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, repeat) - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::duration",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, duration) - 36usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::ctx_size_in",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, ctx_size_in) - 40usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::ctx_size_out",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, ctx_size_out) - 44usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::ctx_in",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, ctx_in) - 48usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::ctx_out",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, ctx_out) - 56usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, flags) - 64usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::cpu",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, cpu) - 68usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_7::batch_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_7, batch_size) - 72usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_8 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_8__bindgen_ty_1,
    pub next_id: u32,
    pub open_flags: u32,
    pub fd_by_id_token_fd: i32,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_8__bindgen_ty_1 {
    pub start_id: u32,
    pub prog_id: u32,
    pub map_id: u32,
    pub btf_id: u32,
    pub link_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_8__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_8__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_8__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_8__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8__bindgen_ty_1::start_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8__bindgen_ty_1, start_id) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8__bindgen_ty_1::prog_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8__bindgen_ty_1, prog_id) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8__bindgen_ty_1::map_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8__bindgen_ty_1, map_id) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8__bindgen_ty_1::btf_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8__bindgen_ty_1, btf_id) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8__bindgen_ty_1::link_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8__bindgen_ty_1, link_id) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_8",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_8>() - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_8",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_8>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8::next_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8, next_id) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8::open_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8, open_flags) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_8::fd_by_id_token_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_8, fd_by_id_token_fd) - 12usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_9 {
    pub bpf_fd: u32,
    pub info_len: u32,
    pub info: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_9",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_9>() - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_9",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_9>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_9::bpf_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_9, bpf_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_9::info_len",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_9, info_len) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_9::info",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_9, info) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_10 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_10__bindgen_ty_1,
    pub attach_type: u32,
    pub query_flags: u32,
    pub attach_flags: u32,
    pub prog_ids: u64,
    pub __bindgen_anon_2: bpf_attr__bindgen_ty_10__bindgen_ty_2,
    pub _bitfield_1: [u8; 4usize],
    pub prog_attach_flags: u64,
    pub link_ids: u64,
    pub link_attach_flags: u64,
    pub revision: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_10__bindgen_ty_1 {
    pub target_fd: u32,
    pub target_ifindex: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_10__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_10__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_10__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_10__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10__bindgen_ty_1::target_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10__bindgen_ty_1, target_fd)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10__bindgen_ty_1::target_ifindex",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10__bindgen_ty_1, target_ifindex)
        - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_10__bindgen_ty_2 {
    pub prog_cnt: u32,
    pub count: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_10__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_10__bindgen_ty_2>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_10__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_10__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10__bindgen_ty_2::prog_cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10__bindgen_ty_2, prog_cnt) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10__bindgen_ty_2::count",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10__bindgen_ty_2, count) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_10",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_10>() - 64usize];
    [
        "Alignment of bpf_attr__bindgen_ty_10",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_10>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::attach_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, attach_type) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::query_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, query_flags) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::attach_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, attach_flags) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::prog_ids",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, prog_ids) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::prog_attach_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, prog_attach_flags) - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::link_ids",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, link_ids) - 40usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::link_attach_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, link_attach_flags) - 48usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_10::revision",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_10, revision) - 56usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_11 {
    pub name: u64,
    pub prog_fd: u32,
    pub _bitfield_1: [u8; 4usize],
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_11",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_11>() - 24usize];
    [
        "Alignment of bpf_attr__bindgen_ty_11",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_11>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_11::name",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_11, name) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_11::prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_11, prog_fd) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_11::cookie",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_11, cookie) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_12 {
    pub btf: u64,
    pub btf_log_buf: u64,
    pub btf_size: u32,
    pub btf_log_size: u32,
    pub btf_log_level: u32,
    pub btf_log_true_size: u32,
    pub btf_flags: u32,
    pub btf_token_fd: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_12",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_12>() - 40usize];
    [
        "Alignment of bpf_attr__bindgen_ty_12",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_12>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_log_buf",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_log_buf) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_size) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_log_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_log_size) - 20usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_log_level",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_log_level) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_log_true_size",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_log_true_size) - 28usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_flags) - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_12::btf_token_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_12, btf_token_fd) - 36usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_13 {
    pub pid: u32,
    pub fd: u32,
    pub flags: u32,
    pub buf_len: u32,
    pub buf: u64,
    pub prog_id: u32,
    pub fd_type: u32,
    pub probe_offset: u64,
    pub probe_addr: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_13",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_13>() - 48usize];
    [
        "Alignment of bpf_attr__bindgen_ty_13",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_13>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::pid",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, pid) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, fd) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, flags) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::buf_len",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, buf_len) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::buf",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, buf) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::prog_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, prog_id) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::fd_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, fd_type) - 28usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::probe_offset",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, probe_offset) - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_13::probe_addr",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_13, probe_addr) - 40usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_14__bindgen_ty_1,
    pub __bindgen_anon_2: bpf_attr__bindgen_ty_14__bindgen_ty_2,
    pub attach_type: u32,
    pub flags: u32,
    pub __bindgen_anon_3: bpf_attr__bindgen_ty_14__bindgen_ty_3,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_14__bindgen_ty_1 {
    pub prog_fd: u32,
    pub map_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_1::prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_1, prog_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_1::map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_1, map_fd) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_14__bindgen_ty_2 {
    pub target_fd: u32,
    pub target_ifindex: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_2>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_2::target_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_2, target_fd)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_2::target_ifindex",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_2, target_ifindex)
        - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_14__bindgen_ty_3 {
    pub target_btf_id: u32,
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1,
    pub perf_event: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2,
    pub kprobe_multi: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3,
    pub tracing: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4,
    pub netfilter: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5,
    pub tcx: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6,
    pub uprobe_multi: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7,
    pub netkit: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8,
    pub cgroup: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9,
    pub tracing_multi: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1 {
    pub iter_info: u64,
    pub iter_info_len: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1>()
        - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1::iter_info",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1, iter_info
    ) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1::iter_info_len",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_1, iter_info_len
    ) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2 {
    pub bpf_cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2>()
        - 8usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2::bpf_cookie",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_2, bpf_cookie
    ) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3 {
    pub flags: u32,
    pub cnt: u32,
    pub syms: u64,
    pub addrs: u64,
    pub cookies: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3>()
        - 32usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3, flags)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3::cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3, cnt)
        - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3::syms",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3, syms)
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3::addrs",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3, addrs)
        - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3::cookies",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_3, cookies
    ) - 24usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4 {
    pub target_btf_id: u32,
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4>()
        - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4::target_btf_id",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4, target_btf_id
    ) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4::cookie",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_4, cookie
    ) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5 {
    pub pf: u32,
    pub hooknum: u32,
    pub priority: i32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5>()
        - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5>()
        - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5::pf",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5, pf)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5::hooknum",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5, hooknum
    ) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5::priority",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5, priority
    ) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_5, flags)
        - 12usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1,
    pub expected_revision: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1 {
    pub relative_fd: u32,
    pub relative_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1",
    ][::core::mem::size_of::<
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1,
    >() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1",
    ][::core::mem::align_of::<
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1,
    >() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1::relative_fd",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1, relative_fd
    ) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1::relative_id",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6__bindgen_ty_1, relative_id
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6>()
        - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6::expected_revision",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_6, expected_revision
    ) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7 {
    pub path: u64,
    pub offsets: u64,
    pub ref_ctr_offsets: u64,
    pub cookies: u64,
    pub cnt: u32,
    pub flags: u32,
    pub pid: u32,
    pub path_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7>()
        - 48usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::path",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, path)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::offsets",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, offsets
    ) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::ref_ctr_offsets",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, ref_ctr_offsets
    ) - 16usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::cookies",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, cookies
    ) - 24usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, cnt)
        - 32usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, flags)
        - 36usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::pid",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, pid)
        - 40usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7::path_fd",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_7, path_fd
    ) - 44usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1,
    pub expected_revision: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1 {
    pub relative_fd: u32,
    pub relative_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1",
    ][::core::mem::size_of::<
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1,
    >() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1",
    ][::core::mem::align_of::<
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1,
    >() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1::relative_fd",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1, relative_fd
    ) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1::relative_id",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8__bindgen_ty_1, relative_id
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8>()
        - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8::expected_revision",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_8, expected_revision
    ) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9 {
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1,
    pub expected_revision: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1 {
    pub relative_fd: u32,
    pub relative_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1",
    ][::core::mem::size_of::<
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1,
    >() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1",
    ][::core::mem::align_of::<
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1,
    >() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1::relative_fd",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1, relative_fd
    ) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1::relative_id",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9__bindgen_ty_1, relative_id
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9>()
        - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9::expected_revision",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_9, expected_revision
    ) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10 {
    pub ids: u64,
    pub cookies: u64,
    pub cnt: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10>()
        - 24usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10>()
        - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10::ids",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10, ids)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10::cookies",
    ][::core::mem::offset_of!(
        bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10, cookies
    ) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10::cnt",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3__bindgen_ty_10, cnt)
        - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3>() - 48usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::target_btf_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, target_btf_id)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::perf_event",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, perf_event)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::kprobe_multi",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, kprobe_multi)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::tracing",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, tracing) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::netfilter",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, netfilter)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::tcx",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, tcx) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::uprobe_multi",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, uprobe_multi)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::netkit",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, netkit) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::cgroup",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, cgroup) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14__bindgen_ty_3::tracing_multi",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14__bindgen_ty_3, tracing_multi)
        - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_14",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_14>() - 64usize];
    [
        "Alignment of bpf_attr__bindgen_ty_14",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_14>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14::attach_type",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14, attach_type) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_14::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_14, flags) - 12usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_attr__bindgen_ty_15 {
    pub link_fd: u32,
    pub __bindgen_anon_1: bpf_attr__bindgen_ty_15__bindgen_ty_1,
    pub flags: u32,
    pub __bindgen_anon_2: bpf_attr__bindgen_ty_15__bindgen_ty_2,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_15__bindgen_ty_1 {
    pub new_prog_fd: u32,
    pub new_map_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_15__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_15__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_15__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_15__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_15__bindgen_ty_1::new_prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_15__bindgen_ty_1, new_prog_fd)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_15__bindgen_ty_1::new_map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_15__bindgen_ty_1, new_map_fd)
        - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_attr__bindgen_ty_15__bindgen_ty_2 {
    pub old_prog_fd: u32,
    pub old_map_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_15__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_15__bindgen_ty_2>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_15__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_15__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_15__bindgen_ty_2::old_prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_15__bindgen_ty_2, old_prog_fd)
        - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_15__bindgen_ty_2::old_map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_15__bindgen_ty_2, old_map_fd)
        - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_15",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_15>() - 16usize];
    [
        "Alignment of bpf_attr__bindgen_ty_15",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_15>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_15::link_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_15, link_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_15::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_15, flags) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_16 {
    pub link_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_16",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_16>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_16",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_16>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_16::link_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_16, link_fd) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_17 {
    pub type_: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_17",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_17>() - 4usize];
    [
        "Alignment of bpf_attr__bindgen_ty_17",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_17>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_17::type_",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_17, type_) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_18 {
    pub link_fd: u32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_18",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_18>() - 8usize];
    [
        "Alignment of bpf_attr__bindgen_ty_18",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_18>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_18::link_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_18, link_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_18::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_18, flags) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_19 {
    pub prog_fd: u32,
    pub map_fd: u32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_19",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_19>() - 12usize];
    [
        "Alignment of bpf_attr__bindgen_ty_19",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_19>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_19::prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_19, prog_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_19::map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_19, map_fd) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_19::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_19, flags) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_20 {
    pub flags: u32,
    pub bpffs_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_20",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_20>() - 8usize];
    [
        "Alignment of bpf_attr__bindgen_ty_20",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_20>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_20::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_20, flags) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_20::bpffs_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_20, bpffs_fd) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_21 {
    pub stream_buf: u64,
    pub stream_buf_len: u32,
    pub stream_id: u32,
    pub prog_fd: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_21",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_21>() - 24usize];
    [
        "Alignment of bpf_attr__bindgen_ty_21",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_21>() - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_21::stream_buf",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_21, stream_buf) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_21::stream_buf_len",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_21, stream_buf_len) - 8usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_21::stream_id",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_21, stream_id) - 12usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_21::prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_21, prog_fd) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_attr__bindgen_ty_22 {
    pub map_fd: u32,
    pub prog_fd: u32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_attr__bindgen_ty_22",
    ][::core::mem::size_of::<bpf_attr__bindgen_ty_22>() - 12usize];
    [
        "Alignment of bpf_attr__bindgen_ty_22",
    ][::core::mem::align_of::<bpf_attr__bindgen_ty_22>() - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_22::map_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_22, map_fd) - 0usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_22::prog_fd",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_22, prog_fd) - 4usize];
    [
        "Offset of field: bpf_attr__bindgen_ty_22::flags",
    ][::core::mem::offset_of!(bpf_attr__bindgen_ty_22, flags) - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_attr"][::core::mem::size_of::<bpf_attr>() - 168usize];
    ["Alignment of bpf_attr"][::core::mem::align_of::<bpf_attr>() - 8usize];
    [
        "Offset of field: bpf_attr::batch",
    ][::core::mem::offset_of!(bpf_attr, batch) - 0usize];
    [
        "Offset of field: bpf_attr::test",
    ][::core::mem::offset_of!(bpf_attr, test) - 0usize];
    [
        "Offset of field: bpf_attr::info",
    ][::core::mem::offset_of!(bpf_attr, info) - 0usize];
    [
        "Offset of field: bpf_attr::query",
    ][::core::mem::offset_of!(bpf_attr, query) - 0usize];
    [
        "Offset of field: bpf_attr::raw_tracepoint",
    ][::core::mem::offset_of!(bpf_attr, raw_tracepoint) - 0usize];
    [
        "Offset of field: bpf_attr::task_fd_query",
    ][::core::mem::offset_of!(bpf_attr, task_fd_query) - 0usize];
    [
        "Offset of field: bpf_attr::link_create",
    ][::core::mem::offset_of!(bpf_attr, link_create) - 0usize];
    [
        "Offset of field: bpf_attr::link_update",
    ][::core::mem::offset_of!(bpf_attr, link_update) - 0usize];
    [
        "Offset of field: bpf_attr::link_detach",
    ][::core::mem::offset_of!(bpf_attr, link_detach) - 0usize];
    [
        "Offset of field: bpf_attr::enable_stats",
    ][::core::mem::offset_of!(bpf_attr, enable_stats) - 0usize];
    [
        "Offset of field: bpf_attr::iter_create",
    ][::core::mem::offset_of!(bpf_attr, iter_create) - 0usize];
    [
        "Offset of field: bpf_attr::prog_bind_map",
    ][::core::mem::offset_of!(bpf_attr, prog_bind_map) - 0usize];
    [
        "Offset of field: bpf_attr::token_create",
    ][::core::mem::offset_of!(bpf_attr, token_create) - 0usize];
    [
        "Offset of field: bpf_attr::prog_stream_read",
    ][::core::mem::offset_of!(bpf_attr, prog_stream_read) - 0usize];
    [
        "Offset of field: bpf_attr::prog_assoc_struct_ops",
    ][::core::mem::offset_of!(bpf_attr, prog_assoc_struct_ops) - 0usize];
};
impl bpf_func_id {
    pub const BPF_FUNC_unspec: bpf_func_id = bpf_func_id(0);
    pub const BPF_FUNC_map_lookup_elem: bpf_func_id = bpf_func_id(1);
    pub const BPF_FUNC_map_update_elem: bpf_func_id = bpf_func_id(2);
    pub const BPF_FUNC_map_delete_elem: bpf_func_id = bpf_func_id(3);
    pub const BPF_FUNC_probe_read: bpf_func_id = bpf_func_id(4);
    pub const BPF_FUNC_ktime_get_ns: bpf_func_id = bpf_func_id(5);
    pub const BPF_FUNC_trace_printk: bpf_func_id = bpf_func_id(6);
    pub const BPF_FUNC_get_prandom_u32: bpf_func_id = bpf_func_id(7);
    pub const BPF_FUNC_get_smp_processor_id: bpf_func_id = bpf_func_id(8);
    pub const BPF_FUNC_skb_store_bytes: bpf_func_id = bpf_func_id(9);
    pub const BPF_FUNC_l3_csum_replace: bpf_func_id = bpf_func_id(10);
    pub const BPF_FUNC_l4_csum_replace: bpf_func_id = bpf_func_id(11);
    pub const BPF_FUNC_tail_call: bpf_func_id = bpf_func_id(12);
    pub const BPF_FUNC_clone_redirect: bpf_func_id = bpf_func_id(13);
    pub const BPF_FUNC_get_current_pid_tgid: bpf_func_id = bpf_func_id(14);
    pub const BPF_FUNC_get_current_uid_gid: bpf_func_id = bpf_func_id(15);
    pub const BPF_FUNC_get_current_comm: bpf_func_id = bpf_func_id(16);
    pub const BPF_FUNC_get_cgroup_classid: bpf_func_id = bpf_func_id(17);
    pub const BPF_FUNC_skb_vlan_push: bpf_func_id = bpf_func_id(18);
    pub const BPF_FUNC_skb_vlan_pop: bpf_func_id = bpf_func_id(19);
    pub const BPF_FUNC_skb_get_tunnel_key: bpf_func_id = bpf_func_id(20);
    pub const BPF_FUNC_skb_set_tunnel_key: bpf_func_id = bpf_func_id(21);
    pub const BPF_FUNC_perf_event_read: bpf_func_id = bpf_func_id(22);
    pub const BPF_FUNC_redirect: bpf_func_id = bpf_func_id(23);
    pub const BPF_FUNC_get_route_realm: bpf_func_id = bpf_func_id(24);
    pub const BPF_FUNC_perf_event_output: bpf_func_id = bpf_func_id(25);
    pub const BPF_FUNC_skb_load_bytes: bpf_func_id = bpf_func_id(26);
    pub const BPF_FUNC_get_stackid: bpf_func_id = bpf_func_id(27);
    pub const BPF_FUNC_csum_diff: bpf_func_id = bpf_func_id(28);
    pub const BPF_FUNC_skb_get_tunnel_opt: bpf_func_id = bpf_func_id(29);
    pub const BPF_FUNC_skb_set_tunnel_opt: bpf_func_id = bpf_func_id(30);
    pub const BPF_FUNC_skb_change_proto: bpf_func_id = bpf_func_id(31);
    pub const BPF_FUNC_skb_change_type: bpf_func_id = bpf_func_id(32);
    pub const BPF_FUNC_skb_under_cgroup: bpf_func_id = bpf_func_id(33);
    pub const BPF_FUNC_get_hash_recalc: bpf_func_id = bpf_func_id(34);
    pub const BPF_FUNC_get_current_task: bpf_func_id = bpf_func_id(35);
    pub const BPF_FUNC_probe_write_user: bpf_func_id = bpf_func_id(36);
    pub const BPF_FUNC_current_task_under_cgroup: bpf_func_id = bpf_func_id(37);
    pub const BPF_FUNC_skb_change_tail: bpf_func_id = bpf_func_id(38);
    pub const BPF_FUNC_skb_pull_data: bpf_func_id = bpf_func_id(39);
    pub const BPF_FUNC_csum_update: bpf_func_id = bpf_func_id(40);
    pub const BPF_FUNC_set_hash_invalid: bpf_func_id = bpf_func_id(41);
    pub const BPF_FUNC_get_numa_node_id: bpf_func_id = bpf_func_id(42);
    pub const BPF_FUNC_skb_change_head: bpf_func_id = bpf_func_id(43);
    pub const BPF_FUNC_xdp_adjust_head: bpf_func_id = bpf_func_id(44);
    pub const BPF_FUNC_probe_read_str: bpf_func_id = bpf_func_id(45);
    pub const BPF_FUNC_get_socket_cookie: bpf_func_id = bpf_func_id(46);
    pub const BPF_FUNC_get_socket_uid: bpf_func_id = bpf_func_id(47);
    pub const BPF_FUNC_set_hash: bpf_func_id = bpf_func_id(48);
    pub const BPF_FUNC_setsockopt: bpf_func_id = bpf_func_id(49);
    pub const BPF_FUNC_skb_adjust_room: bpf_func_id = bpf_func_id(50);
    pub const BPF_FUNC_redirect_map: bpf_func_id = bpf_func_id(51);
    pub const BPF_FUNC_sk_redirect_map: bpf_func_id = bpf_func_id(52);
    pub const BPF_FUNC_sock_map_update: bpf_func_id = bpf_func_id(53);
    pub const BPF_FUNC_xdp_adjust_meta: bpf_func_id = bpf_func_id(54);
    pub const BPF_FUNC_perf_event_read_value: bpf_func_id = bpf_func_id(55);
    pub const BPF_FUNC_perf_prog_read_value: bpf_func_id = bpf_func_id(56);
    pub const BPF_FUNC_getsockopt: bpf_func_id = bpf_func_id(57);
    pub const BPF_FUNC_override_return: bpf_func_id = bpf_func_id(58);
    pub const BPF_FUNC_sock_ops_cb_flags_set: bpf_func_id = bpf_func_id(59);
    pub const BPF_FUNC_msg_redirect_map: bpf_func_id = bpf_func_id(60);
    pub const BPF_FUNC_msg_apply_bytes: bpf_func_id = bpf_func_id(61);
    pub const BPF_FUNC_msg_cork_bytes: bpf_func_id = bpf_func_id(62);
    pub const BPF_FUNC_msg_pull_data: bpf_func_id = bpf_func_id(63);
    pub const BPF_FUNC_bind: bpf_func_id = bpf_func_id(64);
    pub const BPF_FUNC_xdp_adjust_tail: bpf_func_id = bpf_func_id(65);
    pub const BPF_FUNC_skb_get_xfrm_state: bpf_func_id = bpf_func_id(66);
    pub const BPF_FUNC_get_stack: bpf_func_id = bpf_func_id(67);
    pub const BPF_FUNC_skb_load_bytes_relative: bpf_func_id = bpf_func_id(68);
    pub const BPF_FUNC_fib_lookup: bpf_func_id = bpf_func_id(69);
    pub const BPF_FUNC_sock_hash_update: bpf_func_id = bpf_func_id(70);
    pub const BPF_FUNC_msg_redirect_hash: bpf_func_id = bpf_func_id(71);
    pub const BPF_FUNC_sk_redirect_hash: bpf_func_id = bpf_func_id(72);
    pub const BPF_FUNC_lwt_push_encap: bpf_func_id = bpf_func_id(73);
    pub const BPF_FUNC_lwt_seg6_store_bytes: bpf_func_id = bpf_func_id(74);
    pub const BPF_FUNC_lwt_seg6_adjust_srh: bpf_func_id = bpf_func_id(75);
    pub const BPF_FUNC_lwt_seg6_action: bpf_func_id = bpf_func_id(76);
    pub const BPF_FUNC_rc_repeat: bpf_func_id = bpf_func_id(77);
    pub const BPF_FUNC_rc_keydown: bpf_func_id = bpf_func_id(78);
    pub const BPF_FUNC_skb_cgroup_id: bpf_func_id = bpf_func_id(79);
    pub const BPF_FUNC_get_current_cgroup_id: bpf_func_id = bpf_func_id(80);
    pub const BPF_FUNC_get_local_storage: bpf_func_id = bpf_func_id(81);
    pub const BPF_FUNC_sk_select_reuseport: bpf_func_id = bpf_func_id(82);
    pub const BPF_FUNC_skb_ancestor_cgroup_id: bpf_func_id = bpf_func_id(83);
    pub const BPF_FUNC_sk_lookup_tcp: bpf_func_id = bpf_func_id(84);
    pub const BPF_FUNC_sk_lookup_udp: bpf_func_id = bpf_func_id(85);
    pub const BPF_FUNC_sk_release: bpf_func_id = bpf_func_id(86);
    pub const BPF_FUNC_map_push_elem: bpf_func_id = bpf_func_id(87);
    pub const BPF_FUNC_map_pop_elem: bpf_func_id = bpf_func_id(88);
    pub const BPF_FUNC_map_peek_elem: bpf_func_id = bpf_func_id(89);
    pub const BPF_FUNC_msg_push_data: bpf_func_id = bpf_func_id(90);
    pub const BPF_FUNC_msg_pop_data: bpf_func_id = bpf_func_id(91);
    pub const BPF_FUNC_rc_pointer_rel: bpf_func_id = bpf_func_id(92);
    pub const BPF_FUNC_spin_lock: bpf_func_id = bpf_func_id(93);
    pub const BPF_FUNC_spin_unlock: bpf_func_id = bpf_func_id(94);
    pub const BPF_FUNC_sk_fullsock: bpf_func_id = bpf_func_id(95);
    pub const BPF_FUNC_tcp_sock: bpf_func_id = bpf_func_id(96);
    pub const BPF_FUNC_skb_ecn_set_ce: bpf_func_id = bpf_func_id(97);
    pub const BPF_FUNC_get_listener_sock: bpf_func_id = bpf_func_id(98);
    pub const BPF_FUNC_skc_lookup_tcp: bpf_func_id = bpf_func_id(99);
    pub const BPF_FUNC_tcp_check_syncookie: bpf_func_id = bpf_func_id(100);
    pub const BPF_FUNC_sysctl_get_name: bpf_func_id = bpf_func_id(101);
    pub const BPF_FUNC_sysctl_get_current_value: bpf_func_id = bpf_func_id(102);
    pub const BPF_FUNC_sysctl_get_new_value: bpf_func_id = bpf_func_id(103);
    pub const BPF_FUNC_sysctl_set_new_value: bpf_func_id = bpf_func_id(104);
    pub const BPF_FUNC_strtol: bpf_func_id = bpf_func_id(105);
    pub const BPF_FUNC_strtoul: bpf_func_id = bpf_func_id(106);
    pub const BPF_FUNC_sk_storage_get: bpf_func_id = bpf_func_id(107);
    pub const BPF_FUNC_sk_storage_delete: bpf_func_id = bpf_func_id(108);
    pub const BPF_FUNC_send_signal: bpf_func_id = bpf_func_id(109);
    pub const BPF_FUNC_tcp_gen_syncookie: bpf_func_id = bpf_func_id(110);
    pub const BPF_FUNC_skb_output: bpf_func_id = bpf_func_id(111);
    pub const BPF_FUNC_probe_read_user: bpf_func_id = bpf_func_id(112);
    pub const BPF_FUNC_probe_read_kernel: bpf_func_id = bpf_func_id(113);
    pub const BPF_FUNC_probe_read_user_str: bpf_func_id = bpf_func_id(114);
    pub const BPF_FUNC_probe_read_kernel_str: bpf_func_id = bpf_func_id(115);
    pub const BPF_FUNC_tcp_send_ack: bpf_func_id = bpf_func_id(116);
    pub const BPF_FUNC_send_signal_thread: bpf_func_id = bpf_func_id(117);
    pub const BPF_FUNC_jiffies64: bpf_func_id = bpf_func_id(118);
    pub const BPF_FUNC_read_branch_records: bpf_func_id = bpf_func_id(119);
    pub const BPF_FUNC_get_ns_current_pid_tgid: bpf_func_id = bpf_func_id(120);
    pub const BPF_FUNC_xdp_output: bpf_func_id = bpf_func_id(121);
    pub const BPF_FUNC_get_netns_cookie: bpf_func_id = bpf_func_id(122);
    pub const BPF_FUNC_get_current_ancestor_cgroup_id: bpf_func_id = bpf_func_id(123);
    pub const BPF_FUNC_sk_assign: bpf_func_id = bpf_func_id(124);
    pub const BPF_FUNC_ktime_get_boot_ns: bpf_func_id = bpf_func_id(125);
    pub const BPF_FUNC_seq_printf: bpf_func_id = bpf_func_id(126);
    pub const BPF_FUNC_seq_write: bpf_func_id = bpf_func_id(127);
    pub const BPF_FUNC_sk_cgroup_id: bpf_func_id = bpf_func_id(128);
    pub const BPF_FUNC_sk_ancestor_cgroup_id: bpf_func_id = bpf_func_id(129);
    pub const BPF_FUNC_ringbuf_output: bpf_func_id = bpf_func_id(130);
    pub const BPF_FUNC_ringbuf_reserve: bpf_func_id = bpf_func_id(131);
    pub const BPF_FUNC_ringbuf_submit: bpf_func_id = bpf_func_id(132);
    pub const BPF_FUNC_ringbuf_discard: bpf_func_id = bpf_func_id(133);
    pub const BPF_FUNC_ringbuf_query: bpf_func_id = bpf_func_id(134);
    pub const BPF_FUNC_csum_level: bpf_func_id = bpf_func_id(135);
    pub const BPF_FUNC_skc_to_tcp6_sock: bpf_func_id = bpf_func_id(136);
    pub const BPF_FUNC_skc_to_tcp_sock: bpf_func_id = bpf_func_id(137);
    pub const BPF_FUNC_skc_to_tcp_timewait_sock: bpf_func_id = bpf_func_id(138);
    pub const BPF_FUNC_skc_to_tcp_request_sock: bpf_func_id = bpf_func_id(139);
    pub const BPF_FUNC_skc_to_udp6_sock: bpf_func_id = bpf_func_id(140);
    pub const BPF_FUNC_get_task_stack: bpf_func_id = bpf_func_id(141);
    pub const BPF_FUNC_load_hdr_opt: bpf_func_id = bpf_func_id(142);
    pub const BPF_FUNC_store_hdr_opt: bpf_func_id = bpf_func_id(143);
    pub const BPF_FUNC_reserve_hdr_opt: bpf_func_id = bpf_func_id(144);
    pub const BPF_FUNC_inode_storage_get: bpf_func_id = bpf_func_id(145);
    pub const BPF_FUNC_inode_storage_delete: bpf_func_id = bpf_func_id(146);
    pub const BPF_FUNC_d_path: bpf_func_id = bpf_func_id(147);
    pub const BPF_FUNC_copy_from_user: bpf_func_id = bpf_func_id(148);
    pub const BPF_FUNC_snprintf_btf: bpf_func_id = bpf_func_id(149);
    pub const BPF_FUNC_seq_printf_btf: bpf_func_id = bpf_func_id(150);
    pub const BPF_FUNC_skb_cgroup_classid: bpf_func_id = bpf_func_id(151);
    pub const BPF_FUNC_redirect_neigh: bpf_func_id = bpf_func_id(152);
    pub const BPF_FUNC_per_cpu_ptr: bpf_func_id = bpf_func_id(153);
    pub const BPF_FUNC_this_cpu_ptr: bpf_func_id = bpf_func_id(154);
    pub const BPF_FUNC_redirect_peer: bpf_func_id = bpf_func_id(155);
    pub const BPF_FUNC_task_storage_get: bpf_func_id = bpf_func_id(156);
    pub const BPF_FUNC_task_storage_delete: bpf_func_id = bpf_func_id(157);
    pub const BPF_FUNC_get_current_task_btf: bpf_func_id = bpf_func_id(158);
    pub const BPF_FUNC_bprm_opts_set: bpf_func_id = bpf_func_id(159);
    pub const BPF_FUNC_ktime_get_coarse_ns: bpf_func_id = bpf_func_id(160);
    pub const BPF_FUNC_ima_inode_hash: bpf_func_id = bpf_func_id(161);
    pub const BPF_FUNC_sock_from_file: bpf_func_id = bpf_func_id(162);
    pub const BPF_FUNC_check_mtu: bpf_func_id = bpf_func_id(163);
    pub const BPF_FUNC_for_each_map_elem: bpf_func_id = bpf_func_id(164);
    pub const BPF_FUNC_snprintf: bpf_func_id = bpf_func_id(165);
    pub const BPF_FUNC_sys_bpf: bpf_func_id = bpf_func_id(166);
    pub const BPF_FUNC_btf_find_by_name_kind: bpf_func_id = bpf_func_id(167);
    pub const BPF_FUNC_sys_close: bpf_func_id = bpf_func_id(168);
    pub const BPF_FUNC_timer_init: bpf_func_id = bpf_func_id(169);
    pub const BPF_FUNC_timer_set_callback: bpf_func_id = bpf_func_id(170);
    pub const BPF_FUNC_timer_start: bpf_func_id = bpf_func_id(171);
    pub const BPF_FUNC_timer_cancel: bpf_func_id = bpf_func_id(172);
    pub const BPF_FUNC_get_func_ip: bpf_func_id = bpf_func_id(173);
    pub const BPF_FUNC_get_attach_cookie: bpf_func_id = bpf_func_id(174);
    pub const BPF_FUNC_task_pt_regs: bpf_func_id = bpf_func_id(175);
    pub const BPF_FUNC_get_branch_snapshot: bpf_func_id = bpf_func_id(176);
    pub const BPF_FUNC_trace_vprintk: bpf_func_id = bpf_func_id(177);
    pub const BPF_FUNC_skc_to_unix_sock: bpf_func_id = bpf_func_id(178);
    pub const BPF_FUNC_kallsyms_lookup_name: bpf_func_id = bpf_func_id(179);
    pub const BPF_FUNC_find_vma: bpf_func_id = bpf_func_id(180);
    pub const BPF_FUNC_loop: bpf_func_id = bpf_func_id(181);
    pub const BPF_FUNC_strncmp: bpf_func_id = bpf_func_id(182);
    pub const BPF_FUNC_get_func_arg: bpf_func_id = bpf_func_id(183);
    pub const BPF_FUNC_get_func_ret: bpf_func_id = bpf_func_id(184);
    pub const BPF_FUNC_get_func_arg_cnt: bpf_func_id = bpf_func_id(185);
    pub const BPF_FUNC_get_retval: bpf_func_id = bpf_func_id(186);
    pub const BPF_FUNC_set_retval: bpf_func_id = bpf_func_id(187);
    pub const BPF_FUNC_xdp_get_buff_len: bpf_func_id = bpf_func_id(188);
    pub const BPF_FUNC_xdp_load_bytes: bpf_func_id = bpf_func_id(189);
    pub const BPF_FUNC_xdp_store_bytes: bpf_func_id = bpf_func_id(190);
    pub const BPF_FUNC_copy_from_user_task: bpf_func_id = bpf_func_id(191);
    pub const BPF_FUNC_skb_set_tstamp: bpf_func_id = bpf_func_id(192);
    pub const BPF_FUNC_ima_file_hash: bpf_func_id = bpf_func_id(193);
    pub const BPF_FUNC_kptr_xchg: bpf_func_id = bpf_func_id(194);
    pub const BPF_FUNC_map_lookup_percpu_elem: bpf_func_id = bpf_func_id(195);
    pub const BPF_FUNC_skc_to_mptcp_sock: bpf_func_id = bpf_func_id(196);
    pub const BPF_FUNC_dynptr_from_mem: bpf_func_id = bpf_func_id(197);
    pub const BPF_FUNC_ringbuf_reserve_dynptr: bpf_func_id = bpf_func_id(198);
    pub const BPF_FUNC_ringbuf_submit_dynptr: bpf_func_id = bpf_func_id(199);
    pub const BPF_FUNC_ringbuf_discard_dynptr: bpf_func_id = bpf_func_id(200);
    pub const BPF_FUNC_dynptr_read: bpf_func_id = bpf_func_id(201);
    pub const BPF_FUNC_dynptr_write: bpf_func_id = bpf_func_id(202);
    pub const BPF_FUNC_dynptr_data: bpf_func_id = bpf_func_id(203);
    pub const BPF_FUNC_tcp_raw_gen_syncookie_ipv4: bpf_func_id = bpf_func_id(204);
    pub const BPF_FUNC_tcp_raw_gen_syncookie_ipv6: bpf_func_id = bpf_func_id(205);
    pub const BPF_FUNC_tcp_raw_check_syncookie_ipv4: bpf_func_id = bpf_func_id(206);
    pub const BPF_FUNC_tcp_raw_check_syncookie_ipv6: bpf_func_id = bpf_func_id(207);
    pub const BPF_FUNC_ktime_get_tai_ns: bpf_func_id = bpf_func_id(208);
    pub const BPF_FUNC_user_ringbuf_drain: bpf_func_id = bpf_func_id(209);
    pub const BPF_FUNC_cgrp_storage_get: bpf_func_id = bpf_func_id(210);
    pub const BPF_FUNC_cgrp_storage_delete: bpf_func_id = bpf_func_id(211);
    pub const __BPF_FUNC_MAX_ID: bpf_func_id = bpf_func_id(212);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_func_id(pub u32);
pub const BPF_F_RECOMPUTE_CSUM: u32 = 1;
pub const BPF_F_INVALIDATE_HASH: u32 = 2;
pub const BPF_F_HDR_FIELD_MASK: u32 = 15;
pub const BPF_F_PSEUDO_HDR: u32 = 16;
pub const BPF_F_MARK_MANGLED_0: u32 = 32;
pub const BPF_F_MARK_ENFORCE: u32 = 64;
pub const BPF_F_IPV6: u32 = 128;
pub const BPF_F_TUNINFO_IPV6: u32 = 1;
pub const BPF_F_SKIP_FIELD_MASK: u32 = 255;
pub const BPF_F_USER_STACK: u32 = 256;
pub const BPF_F_FAST_STACK_CMP: u32 = 512;
pub const BPF_F_REUSE_STACKID: u32 = 1024;
pub const BPF_F_USER_BUILD_ID: u32 = 2048;
pub const BPF_F_ZERO_CSUM_TX: u32 = 2;
pub const BPF_F_DONT_FRAGMENT: u32 = 4;
pub const BPF_F_SEQ_NUMBER: u32 = 8;
pub const BPF_F_NO_TUNNEL_KEY: u32 = 16;
pub const BPF_F_TUNINFO_FLAGS: u32 = 16;
pub const BPF_F_INDEX_MASK: u64 = 4294967295;
pub const BPF_F_CURRENT_CPU: u64 = 4294967295;
pub const BPF_F_CTXLEN_MASK: u64 = 4503595332403200;
pub const BPF_F_CURRENT_NETNS: i32 = -1;
pub const BPF_CSUM_LEVEL_QUERY: u32 = 0;
pub const BPF_CSUM_LEVEL_INC: u32 = 1;
pub const BPF_CSUM_LEVEL_DEC: u32 = 2;
pub const BPF_CSUM_LEVEL_RESET: u32 = 3;
pub const BPF_F_ADJ_ROOM_FIXED_GSO: u32 = 1;
pub const BPF_F_ADJ_ROOM_ENCAP_L3_IPV4: u32 = 2;
pub const BPF_F_ADJ_ROOM_ENCAP_L3_IPV6: u32 = 4;
pub const BPF_F_ADJ_ROOM_ENCAP_L4_GRE: u32 = 8;
pub const BPF_F_ADJ_ROOM_ENCAP_L4_UDP: u32 = 16;
pub const BPF_F_ADJ_ROOM_NO_CSUM_RESET: u32 = 32;
pub const BPF_F_ADJ_ROOM_ENCAP_L2_ETH: u32 = 64;
pub const BPF_F_ADJ_ROOM_DECAP_L3_IPV4: u32 = 128;
pub const BPF_F_ADJ_ROOM_DECAP_L3_IPV6: u32 = 256;
pub const BPF_ADJ_ROOM_ENCAP_L2_MASK: u32 = 255;
pub const BPF_ADJ_ROOM_ENCAP_L2_SHIFT: u32 = 56;
pub const BPF_F_SYSCTL_BASE_NAME: u32 = 1;
pub const BPF_LOCAL_STORAGE_GET_F_CREATE: u32 = 1;
pub const BPF_SK_STORAGE_GET_F_CREATE: u32 = 1;
pub const BPF_F_GET_BRANCH_RECORDS_SIZE: u32 = 1;
pub const BPF_RB_NO_WAKEUP: u32 = 1;
pub const BPF_RB_FORCE_WAKEUP: u32 = 2;
pub const BPF_RB_AVAIL_DATA: u32 = 0;
pub const BPF_RB_RING_SIZE: u32 = 1;
pub const BPF_RB_CONS_POS: u32 = 2;
pub const BPF_RB_PROD_POS: u32 = 3;
pub const BPF_RB_OVERWRITE_POS: u32 = 4;
pub const BPF_RINGBUF_BUSY_BIT: u32 = 2147483648;
pub const BPF_RINGBUF_DISCARD_BIT: u32 = 1073741824;
pub const BPF_RINGBUF_HDR_SZ: u32 = 8;
pub const BPF_SK_LOOKUP_F_REPLACE: u32 = 1;
pub const BPF_SK_LOOKUP_F_NO_REUSEPORT: u32 = 2;
impl bpf_adj_room_mode {
    pub const BPF_ADJ_ROOM_NET: bpf_adj_room_mode = bpf_adj_room_mode(0);
    pub const BPF_ADJ_ROOM_MAC: bpf_adj_room_mode = bpf_adj_room_mode(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_adj_room_mode(pub u32);
impl bpf_hdr_start_off {
    pub const BPF_HDR_START_MAC: bpf_hdr_start_off = bpf_hdr_start_off(0);
    pub const BPF_HDR_START_NET: bpf_hdr_start_off = bpf_hdr_start_off(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_hdr_start_off(pub u32);
impl bpf_lwt_encap_mode {
    pub const BPF_LWT_ENCAP_SEG6: bpf_lwt_encap_mode = bpf_lwt_encap_mode(0);
    pub const BPF_LWT_ENCAP_SEG6_INLINE: bpf_lwt_encap_mode = bpf_lwt_encap_mode(1);
    pub const BPF_LWT_ENCAP_IP: bpf_lwt_encap_mode = bpf_lwt_encap_mode(2);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_lwt_encap_mode(pub u32);
pub const BPF_F_BPRM_SECUREEXEC: u32 = 1;
pub const BPF_F_INGRESS: u32 = 1;
pub const BPF_F_BROADCAST: u32 = 8;
pub const BPF_F_EXCLUDE_INGRESS: u32 = 16;
pub const BPF_SKB_TSTAMP_UNSPEC: u32 = 0;
pub const BPF_SKB_TSTAMP_DELIVERY_MONO: u32 = 1;
pub const BPF_SKB_CLOCK_REALTIME: u32 = 0;
pub const BPF_SKB_CLOCK_MONOTONIC: u32 = 1;
pub const BPF_SKB_CLOCK_TAI: u32 = 2;
#[repr(C)]
#[derive(Copy, Clone)]
pub struct __sk_buff {
    pub len: u32,
    pub pkt_type: u32,
    pub mark: u32,
    pub queue_mapping: u32,
    pub protocol: u32,
    pub vlan_present: u32,
    pub vlan_tci: u32,
    pub vlan_proto: u32,
    pub priority: u32,
    pub ingress_ifindex: u32,
    pub ifindex: u32,
    pub tc_index: u32,
    pub cb: [u32; 5usize],
    pub hash: u32,
    pub tc_classid: u32,
    pub data: u32,
    pub data_end: u32,
    pub napi_id: u32,
    pub family: u32,
    pub remote_ip4: u32,
    pub local_ip4: u32,
    pub remote_ip6: [u32; 4usize],
    pub local_ip6: [u32; 4usize],
    pub remote_port: u32,
    pub local_port: u32,
    pub data_meta: u32,
    pub __bindgen_anon_1: __sk_buff__bindgen_ty_1,
    pub tstamp: u64,
    pub wire_len: u32,
    pub gso_segs: u32,
    pub __bindgen_anon_2: __sk_buff__bindgen_ty_2,
    pub gso_size: u32,
    pub tstamp_type: u8,
    pub _bitfield_1: [u8; 3usize],
    pub hwtstamp: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union __sk_buff__bindgen_ty_1 {
    pub flow_keys: *mut bpf_flow_keys,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of __sk_buff__bindgen_ty_1",
    ][::core::mem::size_of::<__sk_buff__bindgen_ty_1>() - 8usize];
    [
        "Alignment of __sk_buff__bindgen_ty_1",
    ][::core::mem::align_of::<__sk_buff__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: __sk_buff__bindgen_ty_1::flow_keys",
    ][::core::mem::offset_of!(__sk_buff__bindgen_ty_1, flow_keys) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union __sk_buff__bindgen_ty_2 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of __sk_buff__bindgen_ty_2",
    ][::core::mem::size_of::<__sk_buff__bindgen_ty_2>() - 8usize];
    [
        "Alignment of __sk_buff__bindgen_ty_2",
    ][::core::mem::align_of::<__sk_buff__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: __sk_buff__bindgen_ty_2::sk",
    ][::core::mem::offset_of!(__sk_buff__bindgen_ty_2, sk) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __sk_buff"][::core::mem::size_of::<__sk_buff>() - 192usize];
    ["Alignment of __sk_buff"][::core::mem::align_of::<__sk_buff>() - 8usize];
    [
        "Offset of field: __sk_buff::len",
    ][::core::mem::offset_of!(__sk_buff, len) - 0usize];
    [
        "Offset of field: __sk_buff::pkt_type",
    ][::core::mem::offset_of!(__sk_buff, pkt_type) - 4usize];
    [
        "Offset of field: __sk_buff::mark",
    ][::core::mem::offset_of!(__sk_buff, mark) - 8usize];
    [
        "Offset of field: __sk_buff::queue_mapping",
    ][::core::mem::offset_of!(__sk_buff, queue_mapping) - 12usize];
    [
        "Offset of field: __sk_buff::protocol",
    ][::core::mem::offset_of!(__sk_buff, protocol) - 16usize];
    [
        "Offset of field: __sk_buff::vlan_present",
    ][::core::mem::offset_of!(__sk_buff, vlan_present) - 20usize];
    [
        "Offset of field: __sk_buff::vlan_tci",
    ][::core::mem::offset_of!(__sk_buff, vlan_tci) - 24usize];
    [
        "Offset of field: __sk_buff::vlan_proto",
    ][::core::mem::offset_of!(__sk_buff, vlan_proto) - 28usize];
    [
        "Offset of field: __sk_buff::priority",
    ][::core::mem::offset_of!(__sk_buff, priority) - 32usize];
    [
        "Offset of field: __sk_buff::ingress_ifindex",
    ][::core::mem::offset_of!(__sk_buff, ingress_ifindex) - 36usize];
    [
        "Offset of field: __sk_buff::ifindex",
    ][::core::mem::offset_of!(__sk_buff, ifindex) - 40usize];
    [
        "Offset of field: __sk_buff::tc_index",
    ][::core::mem::offset_of!(__sk_buff, tc_index) - 44usize];
    ["Offset of field: __sk_buff::cb"][::core::mem::offset_of!(__sk_buff, cb) - 48usize];
    [
        "Offset of field: __sk_buff::hash",
    ][::core::mem::offset_of!(__sk_buff, hash) - 68usize];
    [
        "Offset of field: __sk_buff::tc_classid",
    ][::core::mem::offset_of!(__sk_buff, tc_classid) - 72usize];
    [
        "Offset of field: __sk_buff::data",
    ][::core::mem::offset_of!(__sk_buff, data) - 76usize];
    [
        "Offset of field: __sk_buff::data_end",
    ][::core::mem::offset_of!(__sk_buff, data_end) - 80usize];
    [
        "Offset of field: __sk_buff::napi_id",
    ][::core::mem::offset_of!(__sk_buff, napi_id) - 84usize];
    [
        "Offset of field: __sk_buff::family",
    ][::core::mem::offset_of!(__sk_buff, family) - 88usize];
    [
        "Offset of field: __sk_buff::remote_ip4",
    ][::core::mem::offset_of!(__sk_buff, remote_ip4) - 92usize];
    [
        "Offset of field: __sk_buff::local_ip4",
    ][::core::mem::offset_of!(__sk_buff, local_ip4) - 96usize];
    [
        "Offset of field: __sk_buff::remote_ip6",
    ][::core::mem::offset_of!(__sk_buff, remote_ip6) - 100usize];
    [
        "Offset of field: __sk_buff::local_ip6",
    ][::core::mem::offset_of!(__sk_buff, local_ip6) - 116usize];
    [
        "Offset of field: __sk_buff::remote_port",
    ][::core::mem::offset_of!(__sk_buff, remote_port) - 132usize];
    [
        "Offset of field: __sk_buff::local_port",
    ][::core::mem::offset_of!(__sk_buff, local_port) - 136usize];
    [
        "Offset of field: __sk_buff::data_meta",
    ][::core::mem::offset_of!(__sk_buff, data_meta) - 140usize];
    [
        "Offset of field: __sk_buff::tstamp",
    ][::core::mem::offset_of!(__sk_buff, tstamp) - 152usize];
    [
        "Offset of field: __sk_buff::wire_len",
    ][::core::mem::offset_of!(__sk_buff, wire_len) - 160usize];
    [
        "Offset of field: __sk_buff::gso_segs",
    ][::core::mem::offset_of!(__sk_buff, gso_segs) - 164usize];
    [
        "Offset of field: __sk_buff::gso_size",
    ][::core::mem::offset_of!(__sk_buff, gso_size) - 176usize];
    [
        "Offset of field: __sk_buff::tstamp_type",
    ][::core::mem::offset_of!(__sk_buff, tstamp_type) - 180usize];
    [
        "Offset of field: __sk_buff::hwtstamp",
    ][::core::mem::offset_of!(__sk_buff, hwtstamp) - 184usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_tunnel_key {
    pub tunnel_id: u32,
    pub __bindgen_anon_1: bpf_tunnel_key__bindgen_ty_1,
    pub tunnel_tos: u8,
    pub tunnel_ttl: u8,
    pub __bindgen_anon_2: bpf_tunnel_key__bindgen_ty_2,
    pub tunnel_label: u32,
    pub __bindgen_anon_3: bpf_tunnel_key__bindgen_ty_3,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_tunnel_key__bindgen_ty_1 {
    pub remote_ipv4: u32,
    pub remote_ipv6: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_tunnel_key__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_tunnel_key__bindgen_ty_1>() - 16usize];
    [
        "Alignment of bpf_tunnel_key__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_tunnel_key__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_tunnel_key__bindgen_ty_1::remote_ipv4",
    ][::core::mem::offset_of!(bpf_tunnel_key__bindgen_ty_1, remote_ipv4) - 0usize];
    [
        "Offset of field: bpf_tunnel_key__bindgen_ty_1::remote_ipv6",
    ][::core::mem::offset_of!(bpf_tunnel_key__bindgen_ty_1, remote_ipv6) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_tunnel_key__bindgen_ty_2 {
    pub tunnel_ext: u16,
    pub tunnel_flags: __be16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_tunnel_key__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_tunnel_key__bindgen_ty_2>() - 2usize];
    [
        "Alignment of bpf_tunnel_key__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_tunnel_key__bindgen_ty_2>() - 2usize];
    [
        "Offset of field: bpf_tunnel_key__bindgen_ty_2::tunnel_ext",
    ][::core::mem::offset_of!(bpf_tunnel_key__bindgen_ty_2, tunnel_ext) - 0usize];
    [
        "Offset of field: bpf_tunnel_key__bindgen_ty_2::tunnel_flags",
    ][::core::mem::offset_of!(bpf_tunnel_key__bindgen_ty_2, tunnel_flags) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_tunnel_key__bindgen_ty_3 {
    pub local_ipv4: u32,
    pub local_ipv6: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_tunnel_key__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_tunnel_key__bindgen_ty_3>() - 16usize];
    [
        "Alignment of bpf_tunnel_key__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_tunnel_key__bindgen_ty_3>() - 4usize];
    [
        "Offset of field: bpf_tunnel_key__bindgen_ty_3::local_ipv4",
    ][::core::mem::offset_of!(bpf_tunnel_key__bindgen_ty_3, local_ipv4) - 0usize];
    [
        "Offset of field: bpf_tunnel_key__bindgen_ty_3::local_ipv6",
    ][::core::mem::offset_of!(bpf_tunnel_key__bindgen_ty_3, local_ipv6) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_tunnel_key"][::core::mem::size_of::<bpf_tunnel_key>() - 44usize];
    ["Alignment of bpf_tunnel_key"][::core::mem::align_of::<bpf_tunnel_key>() - 4usize];
    [
        "Offset of field: bpf_tunnel_key::tunnel_id",
    ][::core::mem::offset_of!(bpf_tunnel_key, tunnel_id) - 0usize];
    [
        "Offset of field: bpf_tunnel_key::tunnel_tos",
    ][::core::mem::offset_of!(bpf_tunnel_key, tunnel_tos) - 20usize];
    [
        "Offset of field: bpf_tunnel_key::tunnel_ttl",
    ][::core::mem::offset_of!(bpf_tunnel_key, tunnel_ttl) - 21usize];
    [
        "Offset of field: bpf_tunnel_key::tunnel_label",
    ][::core::mem::offset_of!(bpf_tunnel_key, tunnel_label) - 24usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_xfrm_state {
    pub reqid: u32,
    pub spi: u32,
    pub family: u16,
    pub ext: u16,
    pub __bindgen_anon_1: bpf_xfrm_state__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_xfrm_state__bindgen_ty_1 {
    pub remote_ipv4: u32,
    pub remote_ipv6: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_xfrm_state__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_xfrm_state__bindgen_ty_1>() - 16usize];
    [
        "Alignment of bpf_xfrm_state__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_xfrm_state__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_xfrm_state__bindgen_ty_1::remote_ipv4",
    ][::core::mem::offset_of!(bpf_xfrm_state__bindgen_ty_1, remote_ipv4) - 0usize];
    [
        "Offset of field: bpf_xfrm_state__bindgen_ty_1::remote_ipv6",
    ][::core::mem::offset_of!(bpf_xfrm_state__bindgen_ty_1, remote_ipv6) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_xfrm_state"][::core::mem::size_of::<bpf_xfrm_state>() - 28usize];
    ["Alignment of bpf_xfrm_state"][::core::mem::align_of::<bpf_xfrm_state>() - 4usize];
    [
        "Offset of field: bpf_xfrm_state::reqid",
    ][::core::mem::offset_of!(bpf_xfrm_state, reqid) - 0usize];
    [
        "Offset of field: bpf_xfrm_state::spi",
    ][::core::mem::offset_of!(bpf_xfrm_state, spi) - 4usize];
    [
        "Offset of field: bpf_xfrm_state::family",
    ][::core::mem::offset_of!(bpf_xfrm_state, family) - 8usize];
    [
        "Offset of field: bpf_xfrm_state::ext",
    ][::core::mem::offset_of!(bpf_xfrm_state, ext) - 10usize];
};
impl bpf_ret_code {
    pub const BPF_OK: bpf_ret_code = bpf_ret_code(0);
    pub const BPF_DROP: bpf_ret_code = bpf_ret_code(2);
    pub const BPF_REDIRECT: bpf_ret_code = bpf_ret_code(7);
    pub const BPF_LWT_REROUTE: bpf_ret_code = bpf_ret_code(128);
    pub const BPF_FLOW_DISSECTOR_CONTINUE: bpf_ret_code = bpf_ret_code(129);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_ret_code(pub u32);
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_sock {
    pub bound_dev_if: u32,
    pub family: u32,
    pub type_: u32,
    pub protocol: u32,
    pub mark: u32,
    pub priority: u32,
    pub src_ip4: u32,
    pub src_ip6: [u32; 4usize],
    pub src_port: u32,
    pub dst_port: __be16,
    pub _bitfield_1: [u8; 2usize],
    pub dst_ip4: u32,
    pub dst_ip6: [u32; 4usize],
    pub state: u32,
    pub rx_queue_mapping: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sock"][::core::mem::size_of::<bpf_sock>() - 80usize];
    ["Alignment of bpf_sock"][::core::mem::align_of::<bpf_sock>() - 4usize];
    [
        "Offset of field: bpf_sock::bound_dev_if",
    ][::core::mem::offset_of!(bpf_sock, bound_dev_if) - 0usize];
    [
        "Offset of field: bpf_sock::family",
    ][::core::mem::offset_of!(bpf_sock, family) - 4usize];
    [
        "Offset of field: bpf_sock::type_",
    ][::core::mem::offset_of!(bpf_sock, type_) - 8usize];
    [
        "Offset of field: bpf_sock::protocol",
    ][::core::mem::offset_of!(bpf_sock, protocol) - 12usize];
    [
        "Offset of field: bpf_sock::mark",
    ][::core::mem::offset_of!(bpf_sock, mark) - 16usize];
    [
        "Offset of field: bpf_sock::priority",
    ][::core::mem::offset_of!(bpf_sock, priority) - 20usize];
    [
        "Offset of field: bpf_sock::src_ip4",
    ][::core::mem::offset_of!(bpf_sock, src_ip4) - 24usize];
    [
        "Offset of field: bpf_sock::src_ip6",
    ][::core::mem::offset_of!(bpf_sock, src_ip6) - 28usize];
    [
        "Offset of field: bpf_sock::src_port",
    ][::core::mem::offset_of!(bpf_sock, src_port) - 44usize];
    [
        "Offset of field: bpf_sock::dst_port",
    ][::core::mem::offset_of!(bpf_sock, dst_port) - 48usize];
    [
        "Offset of field: bpf_sock::dst_ip4",
    ][::core::mem::offset_of!(bpf_sock, dst_ip4) - 52usize];
    [
        "Offset of field: bpf_sock::dst_ip6",
    ][::core::mem::offset_of!(bpf_sock, dst_ip6) - 56usize];
    [
        "Offset of field: bpf_sock::state",
    ][::core::mem::offset_of!(bpf_sock, state) - 72usize];
    [
        "Offset of field: bpf_sock::rx_queue_mapping",
    ][::core::mem::offset_of!(bpf_sock, rx_queue_mapping) - 76usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_tcp_sock {
    pub snd_cwnd: u32,
    pub srtt_us: u32,
    pub rtt_min: u32,
    pub snd_ssthresh: u32,
    pub rcv_nxt: u32,
    pub snd_nxt: u32,
    pub snd_una: u32,
    pub mss_cache: u32,
    pub ecn_flags: u32,
    pub rate_delivered: u32,
    pub rate_interval_us: u32,
    pub packets_out: u32,
    pub retrans_out: u32,
    pub total_retrans: u32,
    pub segs_in: u32,
    pub data_segs_in: u32,
    pub segs_out: u32,
    pub data_segs_out: u32,
    pub lost_out: u32,
    pub sacked_out: u32,
    pub bytes_received: u64,
    pub bytes_acked: u64,
    pub dsack_dups: u32,
    pub delivered: u32,
    pub delivered_ce: u32,
    pub icsk_retransmits: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_tcp_sock"][::core::mem::size_of::<bpf_tcp_sock>() - 112usize];
    ["Alignment of bpf_tcp_sock"][::core::mem::align_of::<bpf_tcp_sock>() - 8usize];
    [
        "Offset of field: bpf_tcp_sock::snd_cwnd",
    ][::core::mem::offset_of!(bpf_tcp_sock, snd_cwnd) - 0usize];
    [
        "Offset of field: bpf_tcp_sock::srtt_us",
    ][::core::mem::offset_of!(bpf_tcp_sock, srtt_us) - 4usize];
    [
        "Offset of field: bpf_tcp_sock::rtt_min",
    ][::core::mem::offset_of!(bpf_tcp_sock, rtt_min) - 8usize];
    [
        "Offset of field: bpf_tcp_sock::snd_ssthresh",
    ][::core::mem::offset_of!(bpf_tcp_sock, snd_ssthresh) - 12usize];
    [
        "Offset of field: bpf_tcp_sock::rcv_nxt",
    ][::core::mem::offset_of!(bpf_tcp_sock, rcv_nxt) - 16usize];
    [
        "Offset of field: bpf_tcp_sock::snd_nxt",
    ][::core::mem::offset_of!(bpf_tcp_sock, snd_nxt) - 20usize];
    [
        "Offset of field: bpf_tcp_sock::snd_una",
    ][::core::mem::offset_of!(bpf_tcp_sock, snd_una) - 24usize];
    [
        "Offset of field: bpf_tcp_sock::mss_cache",
    ][::core::mem::offset_of!(bpf_tcp_sock, mss_cache) - 28usize];
    [
        "Offset of field: bpf_tcp_sock::ecn_flags",
    ][::core::mem::offset_of!(bpf_tcp_sock, ecn_flags) - 32usize];
    [
        "Offset of field: bpf_tcp_sock::rate_delivered",
    ][::core::mem::offset_of!(bpf_tcp_sock, rate_delivered) - 36usize];
    [
        "Offset of field: bpf_tcp_sock::rate_interval_us",
    ][::core::mem::offset_of!(bpf_tcp_sock, rate_interval_us) - 40usize];
    [
        "Offset of field: bpf_tcp_sock::packets_out",
    ][::core::mem::offset_of!(bpf_tcp_sock, packets_out) - 44usize];
    [
        "Offset of field: bpf_tcp_sock::retrans_out",
    ][::core::mem::offset_of!(bpf_tcp_sock, retrans_out) - 48usize];
    [
        "Offset of field: bpf_tcp_sock::total_retrans",
    ][::core::mem::offset_of!(bpf_tcp_sock, total_retrans) - 52usize];
    [
        "Offset of field: bpf_tcp_sock::segs_in",
    ][::core::mem::offset_of!(bpf_tcp_sock, segs_in) - 56usize];
    [
        "Offset of field: bpf_tcp_sock::data_segs_in",
    ][::core::mem::offset_of!(bpf_tcp_sock, data_segs_in) - 60usize];
    [
        "Offset of field: bpf_tcp_sock::segs_out",
    ][::core::mem::offset_of!(bpf_tcp_sock, segs_out) - 64usize];
    [
        "Offset of field: bpf_tcp_sock::data_segs_out",
    ][::core::mem::offset_of!(bpf_tcp_sock, data_segs_out) - 68usize];
    [
        "Offset of field: bpf_tcp_sock::lost_out",
    ][::core::mem::offset_of!(bpf_tcp_sock, lost_out) - 72usize];
    [
        "Offset of field: bpf_tcp_sock::sacked_out",
    ][::core::mem::offset_of!(bpf_tcp_sock, sacked_out) - 76usize];
    [
        "Offset of field: bpf_tcp_sock::bytes_received",
    ][::core::mem::offset_of!(bpf_tcp_sock, bytes_received) - 80usize];
    [
        "Offset of field: bpf_tcp_sock::bytes_acked",
    ][::core::mem::offset_of!(bpf_tcp_sock, bytes_acked) - 88usize];
    [
        "Offset of field: bpf_tcp_sock::dsack_dups",
    ][::core::mem::offset_of!(bpf_tcp_sock, dsack_dups) - 96usize];
    [
        "Offset of field: bpf_tcp_sock::delivered",
    ][::core::mem::offset_of!(bpf_tcp_sock, delivered) - 100usize];
    [
        "Offset of field: bpf_tcp_sock::delivered_ce",
    ][::core::mem::offset_of!(bpf_tcp_sock, delivered_ce) - 104usize];
    [
        "Offset of field: bpf_tcp_sock::icsk_retransmits",
    ][::core::mem::offset_of!(bpf_tcp_sock, icsk_retransmits) - 108usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_sock_tuple {
    pub __bindgen_anon_1: bpf_sock_tuple__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sock_tuple__bindgen_ty_1 {
    pub ipv4: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1,
    pub ipv6: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1 {
    pub saddr: __be32,
    pub daddr: __be32,
    pub sport: __be16,
    pub dport: __be16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1>() - 12usize];
    [
        "Alignment of bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1::saddr",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1, saddr)
        - 0usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1::daddr",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1, daddr)
        - 4usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1::sport",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1, sport)
        - 8usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1::dport",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_1, dport)
        - 10usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2 {
    pub saddr: [__be32; 4usize],
    pub daddr: [__be32; 4usize],
    pub sport: __be16,
    pub dport: __be16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2>() - 36usize];
    [
        "Alignment of bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2::saddr",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2, saddr)
        - 0usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2::daddr",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2, daddr)
        - 16usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2::sport",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2, sport)
        - 32usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2::dport",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1__bindgen_ty_2, dport)
        - 34usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_tuple__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sock_tuple__bindgen_ty_1>() - 36usize];
    [
        "Alignment of bpf_sock_tuple__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sock_tuple__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1::ipv4",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1, ipv4) - 0usize];
    [
        "Offset of field: bpf_sock_tuple__bindgen_ty_1::ipv6",
    ][::core::mem::offset_of!(bpf_sock_tuple__bindgen_ty_1, ipv6) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sock_tuple"][::core::mem::size_of::<bpf_sock_tuple>() - 36usize];
    ["Alignment of bpf_sock_tuple"][::core::mem::align_of::<bpf_sock_tuple>() - 4usize];
};
impl tcx_action_base {
    pub const TCX_NEXT: tcx_action_base = tcx_action_base(-1);
    pub const TCX_PASS: tcx_action_base = tcx_action_base(0);
    pub const TCX_DROP: tcx_action_base = tcx_action_base(2);
    pub const TCX_REDIRECT: tcx_action_base = tcx_action_base(7);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct tcx_action_base(pub i32);
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_xdp_sock {
    pub queue_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_xdp_sock"][::core::mem::size_of::<bpf_xdp_sock>() - 4usize];
    ["Alignment of bpf_xdp_sock"][::core::mem::align_of::<bpf_xdp_sock>() - 4usize];
    [
        "Offset of field: bpf_xdp_sock::queue_id",
    ][::core::mem::offset_of!(bpf_xdp_sock, queue_id) - 0usize];
};
impl xdp_action {
    pub const XDP_ABORTED: xdp_action = xdp_action(0);
    pub const XDP_DROP: xdp_action = xdp_action(1);
    pub const XDP_PASS: xdp_action = xdp_action(2);
    pub const XDP_TX: xdp_action = xdp_action(3);
    pub const XDP_REDIRECT: xdp_action = xdp_action(4);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct xdp_action(pub u32);
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct xdp_md {
    pub data: u32,
    pub data_end: u32,
    pub data_meta: u32,
    pub ingress_ifindex: u32,
    pub rx_queue_index: u32,
    pub egress_ifindex: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of xdp_md"][::core::mem::size_of::<xdp_md>() - 24usize];
    ["Alignment of xdp_md"][::core::mem::align_of::<xdp_md>() - 4usize];
    ["Offset of field: xdp_md::data"][::core::mem::offset_of!(xdp_md, data) - 0usize];
    [
        "Offset of field: xdp_md::data_end",
    ][::core::mem::offset_of!(xdp_md, data_end) - 4usize];
    [
        "Offset of field: xdp_md::data_meta",
    ][::core::mem::offset_of!(xdp_md, data_meta) - 8usize];
    [
        "Offset of field: xdp_md::ingress_ifindex",
    ][::core::mem::offset_of!(xdp_md, ingress_ifindex) - 12usize];
    [
        "Offset of field: xdp_md::rx_queue_index",
    ][::core::mem::offset_of!(xdp_md, rx_queue_index) - 16usize];
    [
        "Offset of field: xdp_md::egress_ifindex",
    ][::core::mem::offset_of!(xdp_md, egress_ifindex) - 20usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_devmap_val {
    pub ifindex: u32,
    pub bpf_prog: bpf_devmap_val__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_devmap_val__bindgen_ty_1 {
    pub fd: i32,
    pub id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_devmap_val__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_devmap_val__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_devmap_val__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_devmap_val__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_devmap_val__bindgen_ty_1::fd",
    ][::core::mem::offset_of!(bpf_devmap_val__bindgen_ty_1, fd) - 0usize];
    [
        "Offset of field: bpf_devmap_val__bindgen_ty_1::id",
    ][::core::mem::offset_of!(bpf_devmap_val__bindgen_ty_1, id) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_devmap_val"][::core::mem::size_of::<bpf_devmap_val>() - 8usize];
    ["Alignment of bpf_devmap_val"][::core::mem::align_of::<bpf_devmap_val>() - 4usize];
    [
        "Offset of field: bpf_devmap_val::ifindex",
    ][::core::mem::offset_of!(bpf_devmap_val, ifindex) - 0usize];
    [
        "Offset of field: bpf_devmap_val::bpf_prog",
    ][::core::mem::offset_of!(bpf_devmap_val, bpf_prog) - 4usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_cpumap_val {
    pub qsize: u32,
    pub bpf_prog: bpf_cpumap_val__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_cpumap_val__bindgen_ty_1 {
    pub fd: i32,
    pub id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_cpumap_val__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_cpumap_val__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_cpumap_val__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_cpumap_val__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_cpumap_val__bindgen_ty_1::fd",
    ][::core::mem::offset_of!(bpf_cpumap_val__bindgen_ty_1, fd) - 0usize];
    [
        "Offset of field: bpf_cpumap_val__bindgen_ty_1::id",
    ][::core::mem::offset_of!(bpf_cpumap_val__bindgen_ty_1, id) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_cpumap_val"][::core::mem::size_of::<bpf_cpumap_val>() - 8usize];
    ["Alignment of bpf_cpumap_val"][::core::mem::align_of::<bpf_cpumap_val>() - 4usize];
    [
        "Offset of field: bpf_cpumap_val::qsize",
    ][::core::mem::offset_of!(bpf_cpumap_val, qsize) - 0usize];
    [
        "Offset of field: bpf_cpumap_val::bpf_prog",
    ][::core::mem::offset_of!(bpf_cpumap_val, bpf_prog) - 4usize];
};
impl sk_action {
    pub const SK_DROP: sk_action = sk_action(0);
    pub const SK_PASS: sk_action = sk_action(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct sk_action(pub u32);
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sk_msg_md {
    pub __bindgen_anon_1: sk_msg_md__bindgen_ty_1,
    pub __bindgen_anon_2: sk_msg_md__bindgen_ty_2,
    pub family: u32,
    pub remote_ip4: u32,
    pub local_ip4: u32,
    pub remote_ip6: [u32; 4usize],
    pub local_ip6: [u32; 4usize],
    pub remote_port: u32,
    pub local_port: u32,
    pub size: u32,
    pub __bindgen_anon_3: sk_msg_md__bindgen_ty_3,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_msg_md__bindgen_ty_1 {
    pub data: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_msg_md__bindgen_ty_1",
    ][::core::mem::size_of::<sk_msg_md__bindgen_ty_1>() - 8usize];
    [
        "Alignment of sk_msg_md__bindgen_ty_1",
    ][::core::mem::align_of::<sk_msg_md__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: sk_msg_md__bindgen_ty_1::data",
    ][::core::mem::offset_of!(sk_msg_md__bindgen_ty_1, data) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_msg_md__bindgen_ty_2 {
    pub data_end: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_msg_md__bindgen_ty_2",
    ][::core::mem::size_of::<sk_msg_md__bindgen_ty_2>() - 8usize];
    [
        "Alignment of sk_msg_md__bindgen_ty_2",
    ][::core::mem::align_of::<sk_msg_md__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: sk_msg_md__bindgen_ty_2::data_end",
    ][::core::mem::offset_of!(sk_msg_md__bindgen_ty_2, data_end) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_msg_md__bindgen_ty_3 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_msg_md__bindgen_ty_3",
    ][::core::mem::size_of::<sk_msg_md__bindgen_ty_3>() - 8usize];
    [
        "Alignment of sk_msg_md__bindgen_ty_3",
    ][::core::mem::align_of::<sk_msg_md__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: sk_msg_md__bindgen_ty_3::sk",
    ][::core::mem::offset_of!(sk_msg_md__bindgen_ty_3, sk) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sk_msg_md"][::core::mem::size_of::<sk_msg_md>() - 80usize];
    ["Alignment of sk_msg_md"][::core::mem::align_of::<sk_msg_md>() - 8usize];
    [
        "Offset of field: sk_msg_md::family",
    ][::core::mem::offset_of!(sk_msg_md, family) - 16usize];
    [
        "Offset of field: sk_msg_md::remote_ip4",
    ][::core::mem::offset_of!(sk_msg_md, remote_ip4) - 20usize];
    [
        "Offset of field: sk_msg_md::local_ip4",
    ][::core::mem::offset_of!(sk_msg_md, local_ip4) - 24usize];
    [
        "Offset of field: sk_msg_md::remote_ip6",
    ][::core::mem::offset_of!(sk_msg_md, remote_ip6) - 28usize];
    [
        "Offset of field: sk_msg_md::local_ip6",
    ][::core::mem::offset_of!(sk_msg_md, local_ip6) - 44usize];
    [
        "Offset of field: sk_msg_md::remote_port",
    ][::core::mem::offset_of!(sk_msg_md, remote_port) - 60usize];
    [
        "Offset of field: sk_msg_md::local_port",
    ][::core::mem::offset_of!(sk_msg_md, local_port) - 64usize];
    [
        "Offset of field: sk_msg_md::size",
    ][::core::mem::offset_of!(sk_msg_md, size) - 68usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct sk_reuseport_md {
    pub __bindgen_anon_1: sk_reuseport_md__bindgen_ty_1,
    pub __bindgen_anon_2: sk_reuseport_md__bindgen_ty_2,
    pub len: u32,
    pub eth_protocol: u32,
    pub ip_protocol: u32,
    pub bind_inany: u32,
    pub hash: u32,
    pub __bindgen_anon_3: sk_reuseport_md__bindgen_ty_3,
    pub __bindgen_anon_4: sk_reuseport_md__bindgen_ty_4,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_reuseport_md__bindgen_ty_1 {
    pub data: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_reuseport_md__bindgen_ty_1",
    ][::core::mem::size_of::<sk_reuseport_md__bindgen_ty_1>() - 8usize];
    [
        "Alignment of sk_reuseport_md__bindgen_ty_1",
    ][::core::mem::align_of::<sk_reuseport_md__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: sk_reuseport_md__bindgen_ty_1::data",
    ][::core::mem::offset_of!(sk_reuseport_md__bindgen_ty_1, data) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_reuseport_md__bindgen_ty_2 {
    pub data_end: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_reuseport_md__bindgen_ty_2",
    ][::core::mem::size_of::<sk_reuseport_md__bindgen_ty_2>() - 8usize];
    [
        "Alignment of sk_reuseport_md__bindgen_ty_2",
    ][::core::mem::align_of::<sk_reuseport_md__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: sk_reuseport_md__bindgen_ty_2::data_end",
    ][::core::mem::offset_of!(sk_reuseport_md__bindgen_ty_2, data_end) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_reuseport_md__bindgen_ty_3 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_reuseport_md__bindgen_ty_3",
    ][::core::mem::size_of::<sk_reuseport_md__bindgen_ty_3>() - 8usize];
    [
        "Alignment of sk_reuseport_md__bindgen_ty_3",
    ][::core::mem::align_of::<sk_reuseport_md__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: sk_reuseport_md__bindgen_ty_3::sk",
    ][::core::mem::offset_of!(sk_reuseport_md__bindgen_ty_3, sk) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union sk_reuseport_md__bindgen_ty_4 {
    pub migrating_sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of sk_reuseport_md__bindgen_ty_4",
    ][::core::mem::size_of::<sk_reuseport_md__bindgen_ty_4>() - 8usize];
    [
        "Alignment of sk_reuseport_md__bindgen_ty_4",
    ][::core::mem::align_of::<sk_reuseport_md__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: sk_reuseport_md__bindgen_ty_4::migrating_sk",
    ][::core::mem::offset_of!(sk_reuseport_md__bindgen_ty_4, migrating_sk) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sk_reuseport_md"][::core::mem::size_of::<sk_reuseport_md>() - 56usize];
    [
        "Alignment of sk_reuseport_md",
    ][::core::mem::align_of::<sk_reuseport_md>() - 8usize];
    [
        "Offset of field: sk_reuseport_md::len",
    ][::core::mem::offset_of!(sk_reuseport_md, len) - 16usize];
    [
        "Offset of field: sk_reuseport_md::eth_protocol",
    ][::core::mem::offset_of!(sk_reuseport_md, eth_protocol) - 20usize];
    [
        "Offset of field: sk_reuseport_md::ip_protocol",
    ][::core::mem::offset_of!(sk_reuseport_md, ip_protocol) - 24usize];
    [
        "Offset of field: sk_reuseport_md::bind_inany",
    ][::core::mem::offset_of!(sk_reuseport_md, bind_inany) - 28usize];
    [
        "Offset of field: sk_reuseport_md::hash",
    ][::core::mem::offset_of!(sk_reuseport_md, hash) - 32usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_prog_info {
    pub type_: u32,
    pub id: u32,
    pub tag: [u8; 8usize],
    pub jited_prog_len: u32,
    pub xlated_prog_len: u32,
    pub jited_prog_insns: u64,
    pub xlated_prog_insns: u64,
    pub load_time: u64,
    pub created_by_uid: u32,
    pub nr_map_ids: u32,
    pub map_ids: u64,
    pub name: [u8; 16usize],
    pub ifindex: u32,
    pub _bitfield_1: [u8; 4usize],
    pub netns_dev: u64,
    pub netns_ino: u64,
    pub nr_jited_ksyms: u32,
    pub nr_jited_func_lens: u32,
    pub jited_ksyms: u64,
    pub jited_func_lens: u64,
    pub btf_id: u32,
    pub func_info_rec_size: u32,
    pub func_info: u64,
    pub nr_func_info: u32,
    pub nr_line_info: u32,
    pub line_info: u64,
    pub jited_line_info: u64,
    pub nr_jited_line_info: u32,
    pub line_info_rec_size: u32,
    pub jited_line_info_rec_size: u32,
    pub nr_prog_tags: u32,
    pub prog_tags: u64,
    pub run_time_ns: u64,
    pub run_cnt: u64,
    pub recursion_misses: u64,
    pub verified_insns: u32,
    pub attach_btf_obj_id: u32,
    pub attach_btf_id: u32,
    pub _bitfield_2: [u8; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_prog_info"][::core::mem::size_of::<bpf_prog_info>() - 232usize];
    ["Alignment of bpf_prog_info"][::core::mem::align_of::<bpf_prog_info>() - 8usize];
    [
        "Offset of field: bpf_prog_info::type_",
    ][::core::mem::offset_of!(bpf_prog_info, type_) - 0usize];
    [
        "Offset of field: bpf_prog_info::id",
    ][::core::mem::offset_of!(bpf_prog_info, id) - 4usize];
    [
        "Offset of field: bpf_prog_info::tag",
    ][::core::mem::offset_of!(bpf_prog_info, tag) - 8usize];
    [
        "Offset of field: bpf_prog_info::jited_prog_len",
    ][::core::mem::offset_of!(bpf_prog_info, jited_prog_len) - 16usize];
    [
        "Offset of field: bpf_prog_info::xlated_prog_len",
    ][::core::mem::offset_of!(bpf_prog_info, xlated_prog_len) - 20usize];
    [
        "Offset of field: bpf_prog_info::jited_prog_insns",
    ][::core::mem::offset_of!(bpf_prog_info, jited_prog_insns) - 24usize];
    [
        "Offset of field: bpf_prog_info::xlated_prog_insns",
    ][::core::mem::offset_of!(bpf_prog_info, xlated_prog_insns) - 32usize];
    [
        "Offset of field: bpf_prog_info::load_time",
    ][::core::mem::offset_of!(bpf_prog_info, load_time) - 40usize];
    [
        "Offset of field: bpf_prog_info::created_by_uid",
    ][::core::mem::offset_of!(bpf_prog_info, created_by_uid) - 48usize];
    [
        "Offset of field: bpf_prog_info::nr_map_ids",
    ][::core::mem::offset_of!(bpf_prog_info, nr_map_ids) - 52usize];
    [
        "Offset of field: bpf_prog_info::map_ids",
    ][::core::mem::offset_of!(bpf_prog_info, map_ids) - 56usize];
    [
        "Offset of field: bpf_prog_info::name",
    ][::core::mem::offset_of!(bpf_prog_info, name) - 64usize];
    [
        "Offset of field: bpf_prog_info::ifindex",
    ][::core::mem::offset_of!(bpf_prog_info, ifindex) - 80usize];
    [
        "Offset of field: bpf_prog_info::netns_dev",
    ][::core::mem::offset_of!(bpf_prog_info, netns_dev) - 88usize];
    [
        "Offset of field: bpf_prog_info::netns_ino",
    ][::core::mem::offset_of!(bpf_prog_info, netns_ino) - 96usize];
    [
        "Offset of field: bpf_prog_info::nr_jited_ksyms",
    ][::core::mem::offset_of!(bpf_prog_info, nr_jited_ksyms) - 104usize];
    [
        "Offset of field: bpf_prog_info::nr_jited_func_lens",
    ][::core::mem::offset_of!(bpf_prog_info, nr_jited_func_lens) - 108usize];
    [
        "Offset of field: bpf_prog_info::jited_ksyms",
    ][::core::mem::offset_of!(bpf_prog_info, jited_ksyms) - 112usize];
    [
        "Offset of field: bpf_prog_info::jited_func_lens",
    ][::core::mem::offset_of!(bpf_prog_info, jited_func_lens) - 120usize];
    [
        "Offset of field: bpf_prog_info::btf_id",
    ][::core::mem::offset_of!(bpf_prog_info, btf_id) - 128usize];
    [
        "Offset of field: bpf_prog_info::func_info_rec_size",
    ][::core::mem::offset_of!(bpf_prog_info, func_info_rec_size) - 132usize];
    [
        "Offset of field: bpf_prog_info::func_info",
    ][::core::mem::offset_of!(bpf_prog_info, func_info) - 136usize];
    [
        "Offset of field: bpf_prog_info::nr_func_info",
    ][::core::mem::offset_of!(bpf_prog_info, nr_func_info) - 144usize];
    [
        "Offset of field: bpf_prog_info::nr_line_info",
    ][::core::mem::offset_of!(bpf_prog_info, nr_line_info) - 148usize];
    [
        "Offset of field: bpf_prog_info::line_info",
    ][::core::mem::offset_of!(bpf_prog_info, line_info) - 152usize];
    [
        "Offset of field: bpf_prog_info::jited_line_info",
    ][::core::mem::offset_of!(bpf_prog_info, jited_line_info) - 160usize];
    [
        "Offset of field: bpf_prog_info::nr_jited_line_info",
    ][::core::mem::offset_of!(bpf_prog_info, nr_jited_line_info) - 168usize];
    [
        "Offset of field: bpf_prog_info::line_info_rec_size",
    ][::core::mem::offset_of!(bpf_prog_info, line_info_rec_size) - 172usize];
    [
        "Offset of field: bpf_prog_info::jited_line_info_rec_size",
    ][::core::mem::offset_of!(bpf_prog_info, jited_line_info_rec_size) - 176usize];
    [
        "Offset of field: bpf_prog_info::nr_prog_tags",
    ][::core::mem::offset_of!(bpf_prog_info, nr_prog_tags) - 180usize];
    [
        "Offset of field: bpf_prog_info::prog_tags",
    ][::core::mem::offset_of!(bpf_prog_info, prog_tags) - 184usize];
    [
        "Offset of field: bpf_prog_info::run_time_ns",
    ][::core::mem::offset_of!(bpf_prog_info, run_time_ns) - 192usize];
    [
        "Offset of field: bpf_prog_info::run_cnt",
    ][::core::mem::offset_of!(bpf_prog_info, run_cnt) - 200usize];
    [
        "Offset of field: bpf_prog_info::recursion_misses",
    ][::core::mem::offset_of!(bpf_prog_info, recursion_misses) - 208usize];
    [
        "Offset of field: bpf_prog_info::verified_insns",
    ][::core::mem::offset_of!(bpf_prog_info, verified_insns) - 216usize];
    [
        "Offset of field: bpf_prog_info::attach_btf_obj_id",
    ][::core::mem::offset_of!(bpf_prog_info, attach_btf_obj_id) - 220usize];
    [
        "Offset of field: bpf_prog_info::attach_btf_id",
    ][::core::mem::offset_of!(bpf_prog_info, attach_btf_id) - 224usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_map_info {
    pub type_: u32,
    pub id: u32,
    pub key_size: u32,
    pub value_size: u32,
    pub max_entries: u32,
    pub map_flags: u32,
    pub name: [u8; 16usize],
    pub ifindex: u32,
    pub btf_vmlinux_value_type_id: u32,
    pub netns_dev: u64,
    pub netns_ino: u64,
    pub btf_id: u32,
    pub btf_key_type_id: u32,
    pub btf_value_type_id: u32,
    pub btf_vmlinux_id: u32,
    pub map_extra: u64,
    pub hash: u64,
    pub hash_size: u32,
    pub _bitfield_1: [u8; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_map_info"][::core::mem::size_of::<bpf_map_info>() - 104usize];
    ["Alignment of bpf_map_info"][::core::mem::align_of::<bpf_map_info>() - 8usize];
    [
        "Offset of field: bpf_map_info::type_",
    ][::core::mem::offset_of!(bpf_map_info, type_) - 0usize];
    [
        "Offset of field: bpf_map_info::id",
    ][::core::mem::offset_of!(bpf_map_info, id) - 4usize];
    [
        "Offset of field: bpf_map_info::key_size",
    ][::core::mem::offset_of!(bpf_map_info, key_size) - 8usize];
    [
        "Offset of field: bpf_map_info::value_size",
    ][::core::mem::offset_of!(bpf_map_info, value_size) - 12usize];
    [
        "Offset of field: bpf_map_info::max_entries",
    ][::core::mem::offset_of!(bpf_map_info, max_entries) - 16usize];
    [
        "Offset of field: bpf_map_info::map_flags",
    ][::core::mem::offset_of!(bpf_map_info, map_flags) - 20usize];
    [
        "Offset of field: bpf_map_info::name",
    ][::core::mem::offset_of!(bpf_map_info, name) - 24usize];
    [
        "Offset of field: bpf_map_info::ifindex",
    ][::core::mem::offset_of!(bpf_map_info, ifindex) - 40usize];
    [
        "Offset of field: bpf_map_info::btf_vmlinux_value_type_id",
    ][::core::mem::offset_of!(bpf_map_info, btf_vmlinux_value_type_id) - 44usize];
    [
        "Offset of field: bpf_map_info::netns_dev",
    ][::core::mem::offset_of!(bpf_map_info, netns_dev) - 48usize];
    [
        "Offset of field: bpf_map_info::netns_ino",
    ][::core::mem::offset_of!(bpf_map_info, netns_ino) - 56usize];
    [
        "Offset of field: bpf_map_info::btf_id",
    ][::core::mem::offset_of!(bpf_map_info, btf_id) - 64usize];
    [
        "Offset of field: bpf_map_info::btf_key_type_id",
    ][::core::mem::offset_of!(bpf_map_info, btf_key_type_id) - 68usize];
    [
        "Offset of field: bpf_map_info::btf_value_type_id",
    ][::core::mem::offset_of!(bpf_map_info, btf_value_type_id) - 72usize];
    [
        "Offset of field: bpf_map_info::btf_vmlinux_id",
    ][::core::mem::offset_of!(bpf_map_info, btf_vmlinux_id) - 76usize];
    [
        "Offset of field: bpf_map_info::map_extra",
    ][::core::mem::offset_of!(bpf_map_info, map_extra) - 80usize];
    [
        "Offset of field: bpf_map_info::hash",
    ][::core::mem::offset_of!(bpf_map_info, hash) - 88usize];
    [
        "Offset of field: bpf_map_info::hash_size",
    ][::core::mem::offset_of!(bpf_map_info, hash_size) - 96usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_btf_info {
    pub btf: u64,
    pub btf_size: u32,
    pub id: u32,
    pub name: u64,
    pub name_len: u32,
    pub kernel_btf: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_btf_info"][::core::mem::size_of::<bpf_btf_info>() - 32usize];
    ["Alignment of bpf_btf_info"][::core::mem::align_of::<bpf_btf_info>() - 8usize];
    [
        "Offset of field: bpf_btf_info::btf",
    ][::core::mem::offset_of!(bpf_btf_info, btf) - 0usize];
    [
        "Offset of field: bpf_btf_info::btf_size",
    ][::core::mem::offset_of!(bpf_btf_info, btf_size) - 8usize];
    [
        "Offset of field: bpf_btf_info::id",
    ][::core::mem::offset_of!(bpf_btf_info, id) - 12usize];
    [
        "Offset of field: bpf_btf_info::name",
    ][::core::mem::offset_of!(bpf_btf_info, name) - 16usize];
    [
        "Offset of field: bpf_btf_info::name_len",
    ][::core::mem::offset_of!(bpf_btf_info, name_len) - 24usize];
    [
        "Offset of field: bpf_btf_info::kernel_btf",
    ][::core::mem::offset_of!(bpf_btf_info, kernel_btf) - 28usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_link_info {
    pub type_: u32,
    pub id: u32,
    pub prog_id: u32,
    pub __bindgen_anon_1: bpf_link_info__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_link_info__bindgen_ty_1 {
    pub raw_tracepoint: bpf_link_info__bindgen_ty_1__bindgen_ty_1,
    pub tracing: bpf_link_info__bindgen_ty_1__bindgen_ty_2,
    pub cgroup: bpf_link_info__bindgen_ty_1__bindgen_ty_3,
    pub iter: bpf_link_info__bindgen_ty_1__bindgen_ty_4,
    pub netns: bpf_link_info__bindgen_ty_1__bindgen_ty_5,
    pub xdp: bpf_link_info__bindgen_ty_1__bindgen_ty_6,
    pub struct_ops: bpf_link_info__bindgen_ty_1__bindgen_ty_7,
    pub netfilter: bpf_link_info__bindgen_ty_1__bindgen_ty_8,
    pub kprobe_multi: bpf_link_info__bindgen_ty_1__bindgen_ty_9,
    pub uprobe_multi: bpf_link_info__bindgen_ty_1__bindgen_ty_10,
    pub perf_event: bpf_link_info__bindgen_ty_1__bindgen_ty_11,
    pub tcx: bpf_link_info__bindgen_ty_1__bindgen_ty_12,
    pub netkit: bpf_link_info__bindgen_ty_1__bindgen_ty_13,
    pub sockmap: bpf_link_info__bindgen_ty_1__bindgen_ty_14,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_1 {
    pub tp_name: u64,
    pub tp_name_len: u32,
    pub _bitfield_1: [u8; 4usize],
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_1>() - 24usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_1::tp_name",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_1, tp_name)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_1::tp_name_len",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_1, tp_name_len)
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_1::cookie",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_1, cookie)
        - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_2 {
    pub attach_type: u32,
    pub target_obj_id: u32,
    pub target_btf_id: u32,
    pub _bitfield_1: [u8; 4usize],
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_2>() - 24usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_2::attach_type",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_2, attach_type)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_2::target_obj_id",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_2, target_obj_id)
        - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_2::target_btf_id",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_2, target_btf_id)
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_2::cookie",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_2, cookie)
        - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_3 {
    pub cgroup_id: u64,
    pub attach_type: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_3>() - 16usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_3::cgroup_id",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_3, cgroup_id)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_3::attach_type",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_3, attach_type)
        - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_4 {
    pub target_name: u64,
    pub target_name_len: u32,
    pub __bindgen_anon_1: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1,
    pub __bindgen_anon_2: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1 {
    pub map: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1 {
    pub map_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1,
    >() - 4usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1,
    >() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1::map_id",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1__bindgen_ty_1, map_id
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1>()
        - 4usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1>()
        - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1::map",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_1, map
    ) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2 {
    pub cgroup: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1,
    pub task: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1 {
    pub cgroup_id: u64,
    pub order: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1,
    >() - 16usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1,
    >() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1::cgroup_id",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1, cgroup_id
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1::order",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_1, order
    ) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2 {
    pub tid: u32,
    pub pid: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2,
    >() - 8usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2,
    >() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2::tid",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2, tid
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2::pid",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2__bindgen_ty_2, pid
    ) - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2>()
        - 16usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2>()
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2::cgroup",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2, cgroup
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2::task",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_4__bindgen_ty_2, task
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_4>() - 32usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4::target_name",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_4, target_name)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_4::target_name_len",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_4, target_name_len)
        - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_5 {
    pub netns_ino: u32,
    pub attach_type: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_5",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_5>() - 8usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_5",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_5>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_5::netns_ino",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_5, netns_ino)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_5::attach_type",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_5, attach_type)
        - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_6 {
    pub ifindex: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_6",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_6>() - 4usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_6",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_6>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_6::ifindex",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_6, ifindex)
        - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_7 {
    pub map_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_7",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_7>() - 4usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_7",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_7>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_7::map_id",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_7, map_id)
        - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_8 {
    pub pf: u32,
    pub hooknum: u32,
    pub priority: i32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_8",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_8>() - 16usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_8",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_8>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_8::pf",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_8, pf) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_8::hooknum",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_8, hooknum)
        - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_8::priority",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_8, priority)
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_8::flags",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_8, flags)
        - 12usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_9 {
    pub addrs: u64,
    pub count: u32,
    pub flags: u32,
    pub missed: u64,
    pub cookies: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_9",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_9>() - 32usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_9",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_9>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_9::addrs",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_9, addrs)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_9::count",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_9, count)
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_9::flags",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_9, flags)
        - 12usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_9::missed",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_9, missed)
        - 16usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_9::cookies",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_9, cookies)
        - 24usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_10 {
    pub path: u64,
    pub offsets: u64,
    pub ref_ctr_offsets: u64,
    pub cookies: u64,
    pub path_size: u32,
    pub count: u32,
    pub flags: u32,
    pub pid: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_10",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_10>() - 48usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_10",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_10>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::path",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, path)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::offsets",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, offsets)
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::ref_ctr_offsets",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_10, ref_ctr_offsets
    ) - 16usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::cookies",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, cookies)
        - 24usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::path_size",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, path_size)
        - 32usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::count",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, count)
        - 36usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::flags",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, flags)
        - 40usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_10::pid",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_10, pid)
        - 44usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_11 {
    pub type_: u32,
    pub _bitfield_1: [u8; 4usize],
    pub __bindgen_anon_1: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1 {
    pub uprobe: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1,
    pub kprobe: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2,
    pub tracepoint: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3,
    pub event: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1 {
    pub file_name: u64,
    pub name_len: u32,
    pub offset: u32,
    pub cookie: u64,
    pub ref_ctr_offset: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1,
    >() - 32usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1,
    >() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1::file_name",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1, file_name
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1::name_len",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1, name_len
    ) - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1::offset",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1, offset
    ) - 12usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1::cookie",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1, cookie
    ) - 16usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1::ref_ctr_offset",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_1,
        ref_ctr_offset
    ) - 24usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2 {
    pub func_name: u64,
    pub name_len: u32,
    pub offset: u32,
    pub addr: u64,
    pub missed: u64,
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2,
    >() - 40usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2,
    >() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2::func_name",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2, func_name
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2::name_len",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2, name_len
    ) - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2::offset",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2, offset
    ) - 12usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2::addr",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2, addr
    ) - 16usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2::missed",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2, missed
    ) - 24usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2::cookie",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_2, cookie
    ) - 32usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3 {
    pub tp_name: u64,
    pub name_len: u32,
    pub _bitfield_1: [u8; 4usize],
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3,
    >() - 24usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3,
    >() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3::tp_name",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3, tp_name
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3::name_len",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3, name_len
    ) - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3::cookie",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_3, cookie
    ) - 16usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4 {
    pub config: u64,
    pub type_: u32,
    pub _bitfield_1: [u8; 4usize],
    pub cookie: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::size_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4,
    >() - 24usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4",
    ][::core::mem::align_of::<
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4,
    >() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4::config",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4, config
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4::type_",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4, type_
    ) - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4::cookie",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1__bindgen_ty_4, cookie
    ) - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1>()
        - 40usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1>()
        - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1::uprobe",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1, uprobe
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1::kprobe",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1, kprobe
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1::tracepoint",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1, tracepoint
    ) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1::event",
    ][::core::mem::offset_of!(
        bpf_link_info__bindgen_ty_1__bindgen_ty_11__bindgen_ty_1, event
    ) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_11",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_11>() - 48usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_11",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_11>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_11::type_",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_11, type_)
        - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_12 {
    pub ifindex: u32,
    pub attach_type: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_12",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_12>() - 8usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_12",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_12>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_12::ifindex",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_12, ifindex)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_12::attach_type",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_12, attach_type)
        - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_13 {
    pub ifindex: u32,
    pub attach_type: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_13",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_13>() - 8usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_13",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_13>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_13::ifindex",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_13, ifindex)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_13::attach_type",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_13, attach_type)
        - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_link_info__bindgen_ty_1__bindgen_ty_14 {
    pub map_id: u32,
    pub attach_type: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1__bindgen_ty_14",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_14>() - 8usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1__bindgen_ty_14",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1__bindgen_ty_14>() - 4usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_14::map_id",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_14, map_id)
        - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1__bindgen_ty_14::attach_type",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1__bindgen_ty_14, attach_type)
        - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_link_info__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_link_info__bindgen_ty_1>() - 48usize];
    [
        "Alignment of bpf_link_info__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_link_info__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::raw_tracepoint",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, raw_tracepoint) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::tracing",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, tracing) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::cgroup",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, cgroup) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::iter",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, iter) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::netns",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, netns) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::xdp",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, xdp) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::struct_ops",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, struct_ops) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::netfilter",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, netfilter) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::kprobe_multi",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, kprobe_multi) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::uprobe_multi",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, uprobe_multi) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::perf_event",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, perf_event) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::tcx",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, tcx) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::netkit",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, netkit) - 0usize];
    [
        "Offset of field: bpf_link_info__bindgen_ty_1::sockmap",
    ][::core::mem::offset_of!(bpf_link_info__bindgen_ty_1, sockmap) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_link_info"][::core::mem::size_of::<bpf_link_info>() - 64usize];
    ["Alignment of bpf_link_info"][::core::mem::align_of::<bpf_link_info>() - 8usize];
    [
        "Offset of field: bpf_link_info::type_",
    ][::core::mem::offset_of!(bpf_link_info, type_) - 0usize];
    [
        "Offset of field: bpf_link_info::id",
    ][::core::mem::offset_of!(bpf_link_info, id) - 4usize];
    [
        "Offset of field: bpf_link_info::prog_id",
    ][::core::mem::offset_of!(bpf_link_info, prog_id) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_token_info {
    pub allowed_cmds: u64,
    pub allowed_maps: u64,
    pub allowed_progs: u64,
    pub allowed_attachs: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_token_info"][::core::mem::size_of::<bpf_token_info>() - 32usize];
    ["Alignment of bpf_token_info"][::core::mem::align_of::<bpf_token_info>() - 8usize];
    [
        "Offset of field: bpf_token_info::allowed_cmds",
    ][::core::mem::offset_of!(bpf_token_info, allowed_cmds) - 0usize];
    [
        "Offset of field: bpf_token_info::allowed_maps",
    ][::core::mem::offset_of!(bpf_token_info, allowed_maps) - 8usize];
    [
        "Offset of field: bpf_token_info::allowed_progs",
    ][::core::mem::offset_of!(bpf_token_info, allowed_progs) - 16usize];
    [
        "Offset of field: bpf_token_info::allowed_attachs",
    ][::core::mem::offset_of!(bpf_token_info, allowed_attachs) - 24usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_sock_addr {
    pub user_family: u32,
    pub user_ip4: u32,
    pub user_ip6: [u32; 4usize],
    pub user_port: u32,
    pub family: u32,
    pub type_: u32,
    pub protocol: u32,
    pub msg_src_ip4: u32,
    pub msg_src_ip6: [u32; 4usize],
    pub __bindgen_anon_1: bpf_sock_addr__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sock_addr__bindgen_ty_1 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_addr__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sock_addr__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_sock_addr__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sock_addr__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_sock_addr__bindgen_ty_1::sk",
    ][::core::mem::offset_of!(bpf_sock_addr__bindgen_ty_1, sk) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sock_addr"][::core::mem::size_of::<bpf_sock_addr>() - 72usize];
    ["Alignment of bpf_sock_addr"][::core::mem::align_of::<bpf_sock_addr>() - 8usize];
    [
        "Offset of field: bpf_sock_addr::user_family",
    ][::core::mem::offset_of!(bpf_sock_addr, user_family) - 0usize];
    [
        "Offset of field: bpf_sock_addr::user_ip4",
    ][::core::mem::offset_of!(bpf_sock_addr, user_ip4) - 4usize];
    [
        "Offset of field: bpf_sock_addr::user_ip6",
    ][::core::mem::offset_of!(bpf_sock_addr, user_ip6) - 8usize];
    [
        "Offset of field: bpf_sock_addr::user_port",
    ][::core::mem::offset_of!(bpf_sock_addr, user_port) - 24usize];
    [
        "Offset of field: bpf_sock_addr::family",
    ][::core::mem::offset_of!(bpf_sock_addr, family) - 28usize];
    [
        "Offset of field: bpf_sock_addr::type_",
    ][::core::mem::offset_of!(bpf_sock_addr, type_) - 32usize];
    [
        "Offset of field: bpf_sock_addr::protocol",
    ][::core::mem::offset_of!(bpf_sock_addr, protocol) - 36usize];
    [
        "Offset of field: bpf_sock_addr::msg_src_ip4",
    ][::core::mem::offset_of!(bpf_sock_addr, msg_src_ip4) - 40usize];
    [
        "Offset of field: bpf_sock_addr::msg_src_ip6",
    ][::core::mem::offset_of!(bpf_sock_addr, msg_src_ip6) - 44usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_sock_ops {
    pub op: u32,
    pub __bindgen_anon_1: bpf_sock_ops__bindgen_ty_1,
    pub family: u32,
    pub remote_ip4: u32,
    pub local_ip4: u32,
    pub remote_ip6: [u32; 4usize],
    pub local_ip6: [u32; 4usize],
    pub remote_port: u32,
    pub local_port: u32,
    pub is_fullsock: u32,
    pub snd_cwnd: u32,
    pub srtt_us: u32,
    pub bpf_sock_ops_cb_flags: u32,
    pub state: u32,
    pub rtt_min: u32,
    pub snd_ssthresh: u32,
    pub rcv_nxt: u32,
    pub snd_nxt: u32,
    pub snd_una: u32,
    pub mss_cache: u32,
    pub ecn_flags: u32,
    pub rate_delivered: u32,
    pub rate_interval_us: u32,
    pub packets_out: u32,
    pub retrans_out: u32,
    pub total_retrans: u32,
    pub segs_in: u32,
    pub data_segs_in: u32,
    pub segs_out: u32,
    pub data_segs_out: u32,
    pub lost_out: u32,
    pub sacked_out: u32,
    pub sk_txhash: u32,
    pub bytes_received: u64,
    pub bytes_acked: u64,
    pub __bindgen_anon_2: bpf_sock_ops__bindgen_ty_2,
    pub __bindgen_anon_3: bpf_sock_ops__bindgen_ty_3,
    pub __bindgen_anon_4: bpf_sock_ops__bindgen_ty_4,
    pub skb_len: u32,
    pub skb_tcp_flags: u32,
    pub skb_hwtstamp: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sock_ops__bindgen_ty_1 {
    pub args: [u32; 4usize],
    pub reply: u32,
    pub replylong: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_ops__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sock_ops__bindgen_ty_1>() - 16usize];
    [
        "Alignment of bpf_sock_ops__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sock_ops__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_sock_ops__bindgen_ty_1::args",
    ][::core::mem::offset_of!(bpf_sock_ops__bindgen_ty_1, args) - 0usize];
    [
        "Offset of field: bpf_sock_ops__bindgen_ty_1::reply",
    ][::core::mem::offset_of!(bpf_sock_ops__bindgen_ty_1, reply) - 0usize];
    [
        "Offset of field: bpf_sock_ops__bindgen_ty_1::replylong",
    ][::core::mem::offset_of!(bpf_sock_ops__bindgen_ty_1, replylong) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sock_ops__bindgen_ty_2 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_ops__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_sock_ops__bindgen_ty_2>() - 8usize];
    [
        "Alignment of bpf_sock_ops__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_sock_ops__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: bpf_sock_ops__bindgen_ty_2::sk",
    ][::core::mem::offset_of!(bpf_sock_ops__bindgen_ty_2, sk) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sock_ops__bindgen_ty_3 {
    pub skb_data: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_ops__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_sock_ops__bindgen_ty_3>() - 8usize];
    [
        "Alignment of bpf_sock_ops__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_sock_ops__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: bpf_sock_ops__bindgen_ty_3::skb_data",
    ][::core::mem::offset_of!(bpf_sock_ops__bindgen_ty_3, skb_data) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sock_ops__bindgen_ty_4 {
    pub skb_data_end: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sock_ops__bindgen_ty_4",
    ][::core::mem::size_of::<bpf_sock_ops__bindgen_ty_4>() - 8usize];
    [
        "Alignment of bpf_sock_ops__bindgen_ty_4",
    ][::core::mem::align_of::<bpf_sock_ops__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: bpf_sock_ops__bindgen_ty_4::skb_data_end",
    ][::core::mem::offset_of!(bpf_sock_ops__bindgen_ty_4, skb_data_end) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sock_ops"][::core::mem::size_of::<bpf_sock_ops>() - 224usize];
    ["Alignment of bpf_sock_ops"][::core::mem::align_of::<bpf_sock_ops>() - 8usize];
    [
        "Offset of field: bpf_sock_ops::op",
    ][::core::mem::offset_of!(bpf_sock_ops, op) - 0usize];
    [
        "Offset of field: bpf_sock_ops::family",
    ][::core::mem::offset_of!(bpf_sock_ops, family) - 20usize];
    [
        "Offset of field: bpf_sock_ops::remote_ip4",
    ][::core::mem::offset_of!(bpf_sock_ops, remote_ip4) - 24usize];
    [
        "Offset of field: bpf_sock_ops::local_ip4",
    ][::core::mem::offset_of!(bpf_sock_ops, local_ip4) - 28usize];
    [
        "Offset of field: bpf_sock_ops::remote_ip6",
    ][::core::mem::offset_of!(bpf_sock_ops, remote_ip6) - 32usize];
    [
        "Offset of field: bpf_sock_ops::local_ip6",
    ][::core::mem::offset_of!(bpf_sock_ops, local_ip6) - 48usize];
    [
        "Offset of field: bpf_sock_ops::remote_port",
    ][::core::mem::offset_of!(bpf_sock_ops, remote_port) - 64usize];
    [
        "Offset of field: bpf_sock_ops::local_port",
    ][::core::mem::offset_of!(bpf_sock_ops, local_port) - 68usize];
    [
        "Offset of field: bpf_sock_ops::is_fullsock",
    ][::core::mem::offset_of!(bpf_sock_ops, is_fullsock) - 72usize];
    [
        "Offset of field: bpf_sock_ops::snd_cwnd",
    ][::core::mem::offset_of!(bpf_sock_ops, snd_cwnd) - 76usize];
    [
        "Offset of field: bpf_sock_ops::srtt_us",
    ][::core::mem::offset_of!(bpf_sock_ops, srtt_us) - 80usize];
    [
        "Offset of field: bpf_sock_ops::bpf_sock_ops_cb_flags",
    ][::core::mem::offset_of!(bpf_sock_ops, bpf_sock_ops_cb_flags) - 84usize];
    [
        "Offset of field: bpf_sock_ops::state",
    ][::core::mem::offset_of!(bpf_sock_ops, state) - 88usize];
    [
        "Offset of field: bpf_sock_ops::rtt_min",
    ][::core::mem::offset_of!(bpf_sock_ops, rtt_min) - 92usize];
    [
        "Offset of field: bpf_sock_ops::snd_ssthresh",
    ][::core::mem::offset_of!(bpf_sock_ops, snd_ssthresh) - 96usize];
    [
        "Offset of field: bpf_sock_ops::rcv_nxt",
    ][::core::mem::offset_of!(bpf_sock_ops, rcv_nxt) - 100usize];
    [
        "Offset of field: bpf_sock_ops::snd_nxt",
    ][::core::mem::offset_of!(bpf_sock_ops, snd_nxt) - 104usize];
    [
        "Offset of field: bpf_sock_ops::snd_una",
    ][::core::mem::offset_of!(bpf_sock_ops, snd_una) - 108usize];
    [
        "Offset of field: bpf_sock_ops::mss_cache",
    ][::core::mem::offset_of!(bpf_sock_ops, mss_cache) - 112usize];
    [
        "Offset of field: bpf_sock_ops::ecn_flags",
    ][::core::mem::offset_of!(bpf_sock_ops, ecn_flags) - 116usize];
    [
        "Offset of field: bpf_sock_ops::rate_delivered",
    ][::core::mem::offset_of!(bpf_sock_ops, rate_delivered) - 120usize];
    [
        "Offset of field: bpf_sock_ops::rate_interval_us",
    ][::core::mem::offset_of!(bpf_sock_ops, rate_interval_us) - 124usize];
    [
        "Offset of field: bpf_sock_ops::packets_out",
    ][::core::mem::offset_of!(bpf_sock_ops, packets_out) - 128usize];
    [
        "Offset of field: bpf_sock_ops::retrans_out",
    ][::core::mem::offset_of!(bpf_sock_ops, retrans_out) - 132usize];
    [
        "Offset of field: bpf_sock_ops::total_retrans",
    ][::core::mem::offset_of!(bpf_sock_ops, total_retrans) - 136usize];
    [
        "Offset of field: bpf_sock_ops::segs_in",
    ][::core::mem::offset_of!(bpf_sock_ops, segs_in) - 140usize];
    [
        "Offset of field: bpf_sock_ops::data_segs_in",
    ][::core::mem::offset_of!(bpf_sock_ops, data_segs_in) - 144usize];
    [
        "Offset of field: bpf_sock_ops::segs_out",
    ][::core::mem::offset_of!(bpf_sock_ops, segs_out) - 148usize];
    [
        "Offset of field: bpf_sock_ops::data_segs_out",
    ][::core::mem::offset_of!(bpf_sock_ops, data_segs_out) - 152usize];
    [
        "Offset of field: bpf_sock_ops::lost_out",
    ][::core::mem::offset_of!(bpf_sock_ops, lost_out) - 156usize];
    [
        "Offset of field: bpf_sock_ops::sacked_out",
    ][::core::mem::offset_of!(bpf_sock_ops, sacked_out) - 160usize];
    [
        "Offset of field: bpf_sock_ops::sk_txhash",
    ][::core::mem::offset_of!(bpf_sock_ops, sk_txhash) - 164usize];
    [
        "Offset of field: bpf_sock_ops::bytes_received",
    ][::core::mem::offset_of!(bpf_sock_ops, bytes_received) - 168usize];
    [
        "Offset of field: bpf_sock_ops::bytes_acked",
    ][::core::mem::offset_of!(bpf_sock_ops, bytes_acked) - 176usize];
    [
        "Offset of field: bpf_sock_ops::skb_len",
    ][::core::mem::offset_of!(bpf_sock_ops, skb_len) - 208usize];
    [
        "Offset of field: bpf_sock_ops::skb_tcp_flags",
    ][::core::mem::offset_of!(bpf_sock_ops, skb_tcp_flags) - 212usize];
    [
        "Offset of field: bpf_sock_ops::skb_hwtstamp",
    ][::core::mem::offset_of!(bpf_sock_ops, skb_hwtstamp) - 216usize];
};
pub const BPF_SOCK_OPS_RTO_CB_FLAG: u32 = 1;
pub const BPF_SOCK_OPS_RETRANS_CB_FLAG: u32 = 2;
pub const BPF_SOCK_OPS_STATE_CB_FLAG: u32 = 4;
pub const BPF_SOCK_OPS_RTT_CB_FLAG: u32 = 8;
pub const BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG: u32 = 16;
pub const BPF_SOCK_OPS_PARSE_UNKNOWN_HDR_OPT_CB_FLAG: u32 = 32;
pub const BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG: u32 = 64;
pub const BPF_SOCK_OPS_ALL_CB_FLAGS: u32 = 127;
pub const SK_BPF_CB_TX_TIMESTAMPING: u32 = 1;
pub const SK_BPF_CB_MASK: u32 = 1;
pub const BPF_SOCK_OPS_VOID: u32 = 0;
pub const BPF_SOCK_OPS_TIMEOUT_INIT: u32 = 1;
pub const BPF_SOCK_OPS_RWND_INIT: u32 = 2;
pub const BPF_SOCK_OPS_TCP_CONNECT_CB: u32 = 3;
pub const BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB: u32 = 4;
pub const BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB: u32 = 5;
pub const BPF_SOCK_OPS_NEEDS_ECN: u32 = 6;
pub const BPF_SOCK_OPS_BASE_RTT: u32 = 7;
pub const BPF_SOCK_OPS_RTO_CB: u32 = 8;
pub const BPF_SOCK_OPS_RETRANS_CB: u32 = 9;
pub const BPF_SOCK_OPS_STATE_CB: u32 = 10;
pub const BPF_SOCK_OPS_TCP_LISTEN_CB: u32 = 11;
pub const BPF_SOCK_OPS_RTT_CB: u32 = 12;
pub const BPF_SOCK_OPS_PARSE_HDR_OPT_CB: u32 = 13;
pub const BPF_SOCK_OPS_HDR_OPT_LEN_CB: u32 = 14;
pub const BPF_SOCK_OPS_WRITE_HDR_OPT_CB: u32 = 15;
pub const BPF_SOCK_OPS_TSTAMP_SCHED_CB: u32 = 16;
pub const BPF_SOCK_OPS_TSTAMP_SND_SW_CB: u32 = 17;
pub const BPF_SOCK_OPS_TSTAMP_SND_HW_CB: u32 = 18;
pub const BPF_SOCK_OPS_TSTAMP_ACK_CB: u32 = 19;
pub const BPF_SOCK_OPS_TSTAMP_SENDMSG_CB: u32 = 20;
pub const BPF_TCP_ESTABLISHED: u32 = 1;
pub const BPF_TCP_SYN_SENT: u32 = 2;
pub const BPF_TCP_SYN_RECV: u32 = 3;
pub const BPF_TCP_FIN_WAIT1: u32 = 4;
pub const BPF_TCP_FIN_WAIT2: u32 = 5;
pub const BPF_TCP_TIME_WAIT: u32 = 6;
pub const BPF_TCP_CLOSE: u32 = 7;
pub const BPF_TCP_CLOSE_WAIT: u32 = 8;
pub const BPF_TCP_LAST_ACK: u32 = 9;
pub const BPF_TCP_LISTEN: u32 = 10;
pub const BPF_TCP_CLOSING: u32 = 11;
pub const BPF_TCP_NEW_SYN_RECV: u32 = 12;
pub const BPF_TCP_BOUND_INACTIVE: u32 = 13;
pub const BPF_TCP_MAX_STATES: u32 = 14;
pub const TCP_BPF_IW: u32 = 1001;
pub const TCP_BPF_SNDCWND_CLAMP: u32 = 1002;
pub const TCP_BPF_DELACK_MAX: u32 = 1003;
pub const TCP_BPF_RTO_MIN: u32 = 1004;
pub const TCP_BPF_SYN: u32 = 1005;
pub const TCP_BPF_SYN_IP: u32 = 1006;
pub const TCP_BPF_SYN_MAC: u32 = 1007;
pub const TCP_BPF_SOCK_OPS_CB_FLAGS: u32 = 1008;
pub const SK_BPF_CB_FLAGS: u32 = 1009;
pub const SK_BPF_BYPASS_PROT_MEM: u32 = 1010;
pub const BPF_LOAD_HDR_OPT_TCP_SYN: u32 = 1;
pub const BPF_WRITE_HDR_TCP_CURRENT_MSS: u32 = 1;
pub const BPF_WRITE_HDR_TCP_SYNACK_COOKIE: u32 = 2;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_perf_event_value {
    pub counter: u64,
    pub enabled: u64,
    pub running: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_perf_event_value",
    ][::core::mem::size_of::<bpf_perf_event_value>() - 24usize];
    [
        "Alignment of bpf_perf_event_value",
    ][::core::mem::align_of::<bpf_perf_event_value>() - 8usize];
    [
        "Offset of field: bpf_perf_event_value::counter",
    ][::core::mem::offset_of!(bpf_perf_event_value, counter) - 0usize];
    [
        "Offset of field: bpf_perf_event_value::enabled",
    ][::core::mem::offset_of!(bpf_perf_event_value, enabled) - 8usize];
    [
        "Offset of field: bpf_perf_event_value::running",
    ][::core::mem::offset_of!(bpf_perf_event_value, running) - 16usize];
};
pub const BPF_DEVCG_ACC_MKNOD: u32 = 1;
pub const BPF_DEVCG_ACC_READ: u32 = 2;
pub const BPF_DEVCG_ACC_WRITE: u32 = 4;
pub const BPF_DEVCG_DEV_BLOCK: u32 = 1;
pub const BPF_DEVCG_DEV_CHAR: u32 = 2;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_cgroup_dev_ctx {
    pub access_type: u32,
    pub major: u32,
    pub minor: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_cgroup_dev_ctx",
    ][::core::mem::size_of::<bpf_cgroup_dev_ctx>() - 12usize];
    [
        "Alignment of bpf_cgroup_dev_ctx",
    ][::core::mem::align_of::<bpf_cgroup_dev_ctx>() - 4usize];
    [
        "Offset of field: bpf_cgroup_dev_ctx::access_type",
    ][::core::mem::offset_of!(bpf_cgroup_dev_ctx, access_type) - 0usize];
    [
        "Offset of field: bpf_cgroup_dev_ctx::major",
    ][::core::mem::offset_of!(bpf_cgroup_dev_ctx, major) - 4usize];
    [
        "Offset of field: bpf_cgroup_dev_ctx::minor",
    ][::core::mem::offset_of!(bpf_cgroup_dev_ctx, minor) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct bpf_raw_tracepoint_args {
    pub args: [u64; 0],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_raw_tracepoint_args",
    ][::core::mem::size_of::<bpf_raw_tracepoint_args>() - 0usize];
    [
        "Alignment of bpf_raw_tracepoint_args",
    ][::core::mem::align_of::<bpf_raw_tracepoint_args>() - 8usize];
    [
        "Offset of field: bpf_raw_tracepoint_args::args",
    ][::core::mem::offset_of!(bpf_raw_tracepoint_args, args) - 0usize];
};
pub const BPF_FIB_LOOKUP_DIRECT: u32 = 1;
pub const BPF_FIB_LOOKUP_OUTPUT: u32 = 2;
pub const BPF_FIB_LOOKUP_SKIP_NEIGH: u32 = 4;
pub const BPF_FIB_LOOKUP_TBID: u32 = 8;
pub const BPF_FIB_LOOKUP_SRC: u32 = 16;
pub const BPF_FIB_LOOKUP_MARK: u32 = 32;
pub const BPF_FIB_LKUP_RET_SUCCESS: u32 = 0;
pub const BPF_FIB_LKUP_RET_BLACKHOLE: u32 = 1;
pub const BPF_FIB_LKUP_RET_UNREACHABLE: u32 = 2;
pub const BPF_FIB_LKUP_RET_PROHIBIT: u32 = 3;
pub const BPF_FIB_LKUP_RET_NOT_FWDED: u32 = 4;
pub const BPF_FIB_LKUP_RET_FWD_DISABLED: u32 = 5;
pub const BPF_FIB_LKUP_RET_UNSUPP_LWT: u32 = 6;
pub const BPF_FIB_LKUP_RET_NO_NEIGH: u32 = 7;
pub const BPF_FIB_LKUP_RET_FRAG_NEEDED: u32 = 8;
pub const BPF_FIB_LKUP_RET_NO_SRC_ADDR: u32 = 9;
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_fib_lookup {
    pub family: u8,
    pub l4_protocol: u8,
    pub sport: __be16,
    pub dport: __be16,
    pub __bindgen_anon_1: bpf_fib_lookup__bindgen_ty_1,
    pub ifindex: u32,
    pub __bindgen_anon_2: bpf_fib_lookup__bindgen_ty_2,
    pub __bindgen_anon_3: bpf_fib_lookup__bindgen_ty_3,
    pub __bindgen_anon_4: bpf_fib_lookup__bindgen_ty_4,
    pub __bindgen_anon_5: bpf_fib_lookup__bindgen_ty_5,
    pub __bindgen_anon_6: bpf_fib_lookup__bindgen_ty_6,
}
#[repr(C, packed(2))]
#[derive(Copy, Clone)]
pub union bpf_fib_lookup__bindgen_ty_1 {
    pub tot_len: u16,
    pub mtu_result: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_1>() - 2usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_1>() - 2usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_1::tot_len",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_1, tot_len) - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_1::mtu_result",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_1, mtu_result) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_fib_lookup__bindgen_ty_2 {
    pub tos: u8,
    pub flowinfo: __be32,
    pub rt_metric: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_2>() - 4usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_2::tos",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_2, tos) - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_2::flowinfo",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_2, flowinfo) - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_2::rt_metric",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_2, rt_metric) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_fib_lookup__bindgen_ty_3 {
    pub ipv4_src: __be32,
    pub ipv6_src: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_3>() - 16usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_3>() - 4usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_3::ipv4_src",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_3, ipv4_src) - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_3::ipv6_src",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_3, ipv6_src) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_fib_lookup__bindgen_ty_4 {
    pub ipv4_dst: __be32,
    pub ipv6_dst: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_4",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_4>() - 16usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_4",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_4>() - 4usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_4::ipv4_dst",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_4, ipv4_dst) - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_4::ipv6_dst",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_4, ipv6_dst) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_fib_lookup__bindgen_ty_5 {
    pub __bindgen_anon_1: bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1,
    pub tbid: u32,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1 {
    pub h_vlan_proto: __be16,
    pub h_vlan_TCI: __be16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1>() - 2usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1::h_vlan_proto",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1, h_vlan_proto)
        - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1::h_vlan_TCI",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_5__bindgen_ty_1, h_vlan_TCI)
        - 2usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_5",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_5>() - 4usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_5",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_5>() - 4usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_5::tbid",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_5, tbid) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_fib_lookup__bindgen_ty_6 {
    pub __bindgen_anon_1: bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1,
    pub __bindgen_anon_2: bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1 {
    pub mark: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1>() - 4usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1::mark",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_6__bindgen_ty_1, mark)
        - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2 {
    pub smac: [u8; 6usize],
    pub dmac: [u8; 6usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2>() - 12usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2>() - 1usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2::smac",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2, smac)
        - 0usize];
    [
        "Offset of field: bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2::dmac",
    ][::core::mem::offset_of!(bpf_fib_lookup__bindgen_ty_6__bindgen_ty_2, dmac)
        - 6usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_fib_lookup__bindgen_ty_6",
    ][::core::mem::size_of::<bpf_fib_lookup__bindgen_ty_6>() - 12usize];
    [
        "Alignment of bpf_fib_lookup__bindgen_ty_6",
    ][::core::mem::align_of::<bpf_fib_lookup__bindgen_ty_6>() - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_fib_lookup"][::core::mem::size_of::<bpf_fib_lookup>() - 64usize];
    ["Alignment of bpf_fib_lookup"][::core::mem::align_of::<bpf_fib_lookup>() - 4usize];
    [
        "Offset of field: bpf_fib_lookup::family",
    ][::core::mem::offset_of!(bpf_fib_lookup, family) - 0usize];
    [
        "Offset of field: bpf_fib_lookup::l4_protocol",
    ][::core::mem::offset_of!(bpf_fib_lookup, l4_protocol) - 1usize];
    [
        "Offset of field: bpf_fib_lookup::sport",
    ][::core::mem::offset_of!(bpf_fib_lookup, sport) - 2usize];
    [
        "Offset of field: bpf_fib_lookup::dport",
    ][::core::mem::offset_of!(bpf_fib_lookup, dport) - 4usize];
    [
        "Offset of field: bpf_fib_lookup::ifindex",
    ][::core::mem::offset_of!(bpf_fib_lookup, ifindex) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_redir_neigh {
    pub nh_family: u32,
    pub __bindgen_anon_1: bpf_redir_neigh__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_redir_neigh__bindgen_ty_1 {
    pub ipv4_nh: __be32,
    pub ipv6_nh: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_redir_neigh__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_redir_neigh__bindgen_ty_1>() - 16usize];
    [
        "Alignment of bpf_redir_neigh__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_redir_neigh__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_redir_neigh__bindgen_ty_1::ipv4_nh",
    ][::core::mem::offset_of!(bpf_redir_neigh__bindgen_ty_1, ipv4_nh) - 0usize];
    [
        "Offset of field: bpf_redir_neigh__bindgen_ty_1::ipv6_nh",
    ][::core::mem::offset_of!(bpf_redir_neigh__bindgen_ty_1, ipv6_nh) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_redir_neigh"][::core::mem::size_of::<bpf_redir_neigh>() - 20usize];
    [
        "Alignment of bpf_redir_neigh",
    ][::core::mem::align_of::<bpf_redir_neigh>() - 4usize];
    [
        "Offset of field: bpf_redir_neigh::nh_family",
    ][::core::mem::offset_of!(bpf_redir_neigh, nh_family) - 0usize];
};
impl bpf_check_mtu_flags {
    pub const BPF_MTU_CHK_SEGS: bpf_check_mtu_flags = bpf_check_mtu_flags(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_check_mtu_flags(pub u32);
impl bpf_check_mtu_ret {
    pub const BPF_MTU_CHK_RET_SUCCESS: bpf_check_mtu_ret = bpf_check_mtu_ret(0);
    pub const BPF_MTU_CHK_RET_FRAG_NEEDED: bpf_check_mtu_ret = bpf_check_mtu_ret(1);
    pub const BPF_MTU_CHK_RET_SEGS_TOOBIG: bpf_check_mtu_ret = bpf_check_mtu_ret(2);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_check_mtu_ret(pub u32);
impl bpf_task_fd_type {
    pub const BPF_FD_TYPE_RAW_TRACEPOINT: bpf_task_fd_type = bpf_task_fd_type(0);
    pub const BPF_FD_TYPE_TRACEPOINT: bpf_task_fd_type = bpf_task_fd_type(1);
    pub const BPF_FD_TYPE_KPROBE: bpf_task_fd_type = bpf_task_fd_type(2);
    pub const BPF_FD_TYPE_KRETPROBE: bpf_task_fd_type = bpf_task_fd_type(3);
    pub const BPF_FD_TYPE_UPROBE: bpf_task_fd_type = bpf_task_fd_type(4);
    pub const BPF_FD_TYPE_URETPROBE: bpf_task_fd_type = bpf_task_fd_type(5);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_task_fd_type(pub u32);
pub const BPF_FLOW_DISSECTOR_F_PARSE_1ST_FRAG: u32 = 1;
pub const BPF_FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL: u32 = 2;
pub const BPF_FLOW_DISSECTOR_F_STOP_AT_ENCAP: u32 = 4;
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_flow_keys {
    pub nhoff: u16,
    pub thoff: u16,
    pub addr_proto: u16,
    pub is_frag: u8,
    pub is_first_frag: u8,
    pub is_encap: u8,
    pub ip_proto: u8,
    pub n_proto: __be16,
    pub sport: __be16,
    pub dport: __be16,
    pub __bindgen_anon_1: bpf_flow_keys__bindgen_ty_1,
    pub flags: u32,
    pub flow_label: __be32,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_flow_keys__bindgen_ty_1 {
    pub __bindgen_anon_1: bpf_flow_keys__bindgen_ty_1__bindgen_ty_1,
    pub __bindgen_anon_2: bpf_flow_keys__bindgen_ty_1__bindgen_ty_2,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_flow_keys__bindgen_ty_1__bindgen_ty_1 {
    pub ipv4_src: __be32,
    pub ipv4_dst: __be32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_flow_keys__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_flow_keys__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_flow_keys__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_flow_keys__bindgen_ty_1__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: bpf_flow_keys__bindgen_ty_1__bindgen_ty_1::ipv4_src",
    ][::core::mem::offset_of!(bpf_flow_keys__bindgen_ty_1__bindgen_ty_1, ipv4_src)
        - 0usize];
    [
        "Offset of field: bpf_flow_keys__bindgen_ty_1__bindgen_ty_1::ipv4_dst",
    ][::core::mem::offset_of!(bpf_flow_keys__bindgen_ty_1__bindgen_ty_1, ipv4_dst)
        - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_flow_keys__bindgen_ty_1__bindgen_ty_2 {
    pub ipv6_src: [u32; 4usize],
    pub ipv6_dst: [u32; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_flow_keys__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_flow_keys__bindgen_ty_1__bindgen_ty_2>() - 32usize];
    [
        "Alignment of bpf_flow_keys__bindgen_ty_1__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_flow_keys__bindgen_ty_1__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: bpf_flow_keys__bindgen_ty_1__bindgen_ty_2::ipv6_src",
    ][::core::mem::offset_of!(bpf_flow_keys__bindgen_ty_1__bindgen_ty_2, ipv6_src)
        - 0usize];
    [
        "Offset of field: bpf_flow_keys__bindgen_ty_1__bindgen_ty_2::ipv6_dst",
    ][::core::mem::offset_of!(bpf_flow_keys__bindgen_ty_1__bindgen_ty_2, ipv6_dst)
        - 16usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_flow_keys__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_flow_keys__bindgen_ty_1>() - 32usize];
    [
        "Alignment of bpf_flow_keys__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_flow_keys__bindgen_ty_1>() - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_flow_keys"][::core::mem::size_of::<bpf_flow_keys>() - 56usize];
    ["Alignment of bpf_flow_keys"][::core::mem::align_of::<bpf_flow_keys>() - 4usize];
    [
        "Offset of field: bpf_flow_keys::nhoff",
    ][::core::mem::offset_of!(bpf_flow_keys, nhoff) - 0usize];
    [
        "Offset of field: bpf_flow_keys::thoff",
    ][::core::mem::offset_of!(bpf_flow_keys, thoff) - 2usize];
    [
        "Offset of field: bpf_flow_keys::addr_proto",
    ][::core::mem::offset_of!(bpf_flow_keys, addr_proto) - 4usize];
    [
        "Offset of field: bpf_flow_keys::is_frag",
    ][::core::mem::offset_of!(bpf_flow_keys, is_frag) - 6usize];
    [
        "Offset of field: bpf_flow_keys::is_first_frag",
    ][::core::mem::offset_of!(bpf_flow_keys, is_first_frag) - 7usize];
    [
        "Offset of field: bpf_flow_keys::is_encap",
    ][::core::mem::offset_of!(bpf_flow_keys, is_encap) - 8usize];
    [
        "Offset of field: bpf_flow_keys::ip_proto",
    ][::core::mem::offset_of!(bpf_flow_keys, ip_proto) - 9usize];
    [
        "Offset of field: bpf_flow_keys::n_proto",
    ][::core::mem::offset_of!(bpf_flow_keys, n_proto) - 10usize];
    [
        "Offset of field: bpf_flow_keys::sport",
    ][::core::mem::offset_of!(bpf_flow_keys, sport) - 12usize];
    [
        "Offset of field: bpf_flow_keys::dport",
    ][::core::mem::offset_of!(bpf_flow_keys, dport) - 14usize];
    [
        "Offset of field: bpf_flow_keys::flags",
    ][::core::mem::offset_of!(bpf_flow_keys, flags) - 48usize];
    [
        "Offset of field: bpf_flow_keys::flow_label",
    ][::core::mem::offset_of!(bpf_flow_keys, flow_label) - 52usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_func_info {
    pub insn_off: u32,
    pub type_id: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_func_info"][::core::mem::size_of::<bpf_func_info>() - 8usize];
    ["Alignment of bpf_func_info"][::core::mem::align_of::<bpf_func_info>() - 4usize];
    [
        "Offset of field: bpf_func_info::insn_off",
    ][::core::mem::offset_of!(bpf_func_info, insn_off) - 0usize];
    [
        "Offset of field: bpf_func_info::type_id",
    ][::core::mem::offset_of!(bpf_func_info, type_id) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_line_info {
    pub insn_off: u32,
    pub file_name_off: u32,
    pub line_off: u32,
    pub line_col: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_line_info"][::core::mem::size_of::<bpf_line_info>() - 16usize];
    ["Alignment of bpf_line_info"][::core::mem::align_of::<bpf_line_info>() - 4usize];
    [
        "Offset of field: bpf_line_info::insn_off",
    ][::core::mem::offset_of!(bpf_line_info, insn_off) - 0usize];
    [
        "Offset of field: bpf_line_info::file_name_off",
    ][::core::mem::offset_of!(bpf_line_info, file_name_off) - 4usize];
    [
        "Offset of field: bpf_line_info::line_off",
    ][::core::mem::offset_of!(bpf_line_info, line_off) - 8usize];
    [
        "Offset of field: bpf_line_info::line_col",
    ][::core::mem::offset_of!(bpf_line_info, line_col) - 12usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_spin_lock {
    pub val: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_spin_lock"][::core::mem::size_of::<bpf_spin_lock>() - 4usize];
    ["Alignment of bpf_spin_lock"][::core::mem::align_of::<bpf_spin_lock>() - 4usize];
    [
        "Offset of field: bpf_spin_lock::val",
    ][::core::mem::offset_of!(bpf_spin_lock, val) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_timer {
    pub __opaque: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_timer"][::core::mem::size_of::<bpf_timer>() - 16usize];
    ["Alignment of bpf_timer"][::core::mem::align_of::<bpf_timer>() - 8usize];
    [
        "Offset of field: bpf_timer::__opaque",
    ][::core::mem::offset_of!(bpf_timer, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_task_work {
    pub __opaque: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_task_work"][::core::mem::size_of::<bpf_task_work>() - 8usize];
    ["Alignment of bpf_task_work"][::core::mem::align_of::<bpf_task_work>() - 8usize];
    [
        "Offset of field: bpf_task_work::__opaque",
    ][::core::mem::offset_of!(bpf_task_work, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_wq {
    pub __opaque: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_wq"][::core::mem::size_of::<bpf_wq>() - 16usize];
    ["Alignment of bpf_wq"][::core::mem::align_of::<bpf_wq>() - 8usize];
    [
        "Offset of field: bpf_wq::__opaque",
    ][::core::mem::offset_of!(bpf_wq, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_dynptr {
    pub __opaque: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_dynptr"][::core::mem::size_of::<bpf_dynptr>() - 16usize];
    ["Alignment of bpf_dynptr"][::core::mem::align_of::<bpf_dynptr>() - 8usize];
    [
        "Offset of field: bpf_dynptr::__opaque",
    ][::core::mem::offset_of!(bpf_dynptr, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_list_head {
    pub __opaque: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_list_head"][::core::mem::size_of::<bpf_list_head>() - 16usize];
    ["Alignment of bpf_list_head"][::core::mem::align_of::<bpf_list_head>() - 8usize];
    [
        "Offset of field: bpf_list_head::__opaque",
    ][::core::mem::offset_of!(bpf_list_head, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_list_node {
    pub __opaque: [u64; 3usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_list_node"][::core::mem::size_of::<bpf_list_node>() - 24usize];
    ["Alignment of bpf_list_node"][::core::mem::align_of::<bpf_list_node>() - 8usize];
    [
        "Offset of field: bpf_list_node::__opaque",
    ][::core::mem::offset_of!(bpf_list_node, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_rb_root {
    pub __opaque: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_rb_root"][::core::mem::size_of::<bpf_rb_root>() - 16usize];
    ["Alignment of bpf_rb_root"][::core::mem::align_of::<bpf_rb_root>() - 8usize];
    [
        "Offset of field: bpf_rb_root::__opaque",
    ][::core::mem::offset_of!(bpf_rb_root, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_rb_node {
    pub __opaque: [u64; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_rb_node"][::core::mem::size_of::<bpf_rb_node>() - 32usize];
    ["Alignment of bpf_rb_node"][::core::mem::align_of::<bpf_rb_node>() - 8usize];
    [
        "Offset of field: bpf_rb_node::__opaque",
    ][::core::mem::offset_of!(bpf_rb_node, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_refcount {
    pub __opaque: [u32; 1usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_refcount"][::core::mem::size_of::<bpf_refcount>() - 4usize];
    ["Alignment of bpf_refcount"][::core::mem::align_of::<bpf_refcount>() - 4usize];
    [
        "Offset of field: bpf_refcount::__opaque",
    ][::core::mem::offset_of!(bpf_refcount, __opaque) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_sysctl {
    pub write: u32,
    pub file_pos: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sysctl"][::core::mem::size_of::<bpf_sysctl>() - 8usize];
    ["Alignment of bpf_sysctl"][::core::mem::align_of::<bpf_sysctl>() - 4usize];
    [
        "Offset of field: bpf_sysctl::write",
    ][::core::mem::offset_of!(bpf_sysctl, write) - 0usize];
    [
        "Offset of field: bpf_sysctl::file_pos",
    ][::core::mem::offset_of!(bpf_sysctl, file_pos) - 4usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_sockopt {
    pub __bindgen_anon_1: bpf_sockopt__bindgen_ty_1,
    pub __bindgen_anon_2: bpf_sockopt__bindgen_ty_2,
    pub __bindgen_anon_3: bpf_sockopt__bindgen_ty_3,
    pub level: i32,
    pub optname: i32,
    pub optlen: i32,
    pub retval: i32,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sockopt__bindgen_ty_1 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sockopt__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sockopt__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_sockopt__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sockopt__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_sockopt__bindgen_ty_1::sk",
    ][::core::mem::offset_of!(bpf_sockopt__bindgen_ty_1, sk) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sockopt__bindgen_ty_2 {
    pub optval: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sockopt__bindgen_ty_2",
    ][::core::mem::size_of::<bpf_sockopt__bindgen_ty_2>() - 8usize];
    [
        "Alignment of bpf_sockopt__bindgen_ty_2",
    ][::core::mem::align_of::<bpf_sockopt__bindgen_ty_2>() - 8usize];
    [
        "Offset of field: bpf_sockopt__bindgen_ty_2::optval",
    ][::core::mem::offset_of!(bpf_sockopt__bindgen_ty_2, optval) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sockopt__bindgen_ty_3 {
    pub optval_end: *mut ::core::ffi::c_void,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sockopt__bindgen_ty_3",
    ][::core::mem::size_of::<bpf_sockopt__bindgen_ty_3>() - 8usize];
    [
        "Alignment of bpf_sockopt__bindgen_ty_3",
    ][::core::mem::align_of::<bpf_sockopt__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: bpf_sockopt__bindgen_ty_3::optval_end",
    ][::core::mem::offset_of!(bpf_sockopt__bindgen_ty_3, optval_end) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sockopt"][::core::mem::size_of::<bpf_sockopt>() - 40usize];
    ["Alignment of bpf_sockopt"][::core::mem::align_of::<bpf_sockopt>() - 8usize];
    [
        "Offset of field: bpf_sockopt::level",
    ][::core::mem::offset_of!(bpf_sockopt, level) - 24usize];
    [
        "Offset of field: bpf_sockopt::optname",
    ][::core::mem::offset_of!(bpf_sockopt, optname) - 28usize];
    [
        "Offset of field: bpf_sockopt::optlen",
    ][::core::mem::offset_of!(bpf_sockopt, optlen) - 32usize];
    [
        "Offset of field: bpf_sockopt::retval",
    ][::core::mem::offset_of!(bpf_sockopt, retval) - 36usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_pidns_info {
    pub pid: u32,
    pub tgid: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_pidns_info"][::core::mem::size_of::<bpf_pidns_info>() - 8usize];
    ["Alignment of bpf_pidns_info"][::core::mem::align_of::<bpf_pidns_info>() - 4usize];
    [
        "Offset of field: bpf_pidns_info::pid",
    ][::core::mem::offset_of!(bpf_pidns_info, pid) - 0usize];
    [
        "Offset of field: bpf_pidns_info::tgid",
    ][::core::mem::offset_of!(bpf_pidns_info, tgid) - 4usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct bpf_sk_lookup {
    pub __bindgen_anon_1: bpf_sk_lookup__bindgen_ty_1,
    pub family: u32,
    pub protocol: u32,
    pub remote_ip4: u32,
    pub remote_ip6: [u32; 4usize],
    pub remote_port: __be16,
    pub _bitfield_1: [u8; 2usize],
    pub local_ip4: u32,
    pub local_ip6: [u32; 4usize],
    pub local_port: u32,
    pub ingress_ifindex: u32,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sk_lookup__bindgen_ty_1 {
    pub __bindgen_anon_1: bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1,
    pub cookie: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1 {
    pub sk: *mut bpf_sock,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1::sk",
    ][::core::mem::offset_of!(bpf_sk_lookup__bindgen_ty_1__bindgen_ty_1, sk) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_sk_lookup__bindgen_ty_1",
    ][::core::mem::size_of::<bpf_sk_lookup__bindgen_ty_1>() - 8usize];
    [
        "Alignment of bpf_sk_lookup__bindgen_ty_1",
    ][::core::mem::align_of::<bpf_sk_lookup__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: bpf_sk_lookup__bindgen_ty_1::cookie",
    ][::core::mem::offset_of!(bpf_sk_lookup__bindgen_ty_1, cookie) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_sk_lookup"][::core::mem::size_of::<bpf_sk_lookup>() - 72usize];
    ["Alignment of bpf_sk_lookup"][::core::mem::align_of::<bpf_sk_lookup>() - 8usize];
    [
        "Offset of field: bpf_sk_lookup::family",
    ][::core::mem::offset_of!(bpf_sk_lookup, family) - 8usize];
    [
        "Offset of field: bpf_sk_lookup::protocol",
    ][::core::mem::offset_of!(bpf_sk_lookup, protocol) - 12usize];
    [
        "Offset of field: bpf_sk_lookup::remote_ip4",
    ][::core::mem::offset_of!(bpf_sk_lookup, remote_ip4) - 16usize];
    [
        "Offset of field: bpf_sk_lookup::remote_ip6",
    ][::core::mem::offset_of!(bpf_sk_lookup, remote_ip6) - 20usize];
    [
        "Offset of field: bpf_sk_lookup::remote_port",
    ][::core::mem::offset_of!(bpf_sk_lookup, remote_port) - 36usize];
    [
        "Offset of field: bpf_sk_lookup::local_ip4",
    ][::core::mem::offset_of!(bpf_sk_lookup, local_ip4) - 40usize];
    [
        "Offset of field: bpf_sk_lookup::local_ip6",
    ][::core::mem::offset_of!(bpf_sk_lookup, local_ip6) - 44usize];
    [
        "Offset of field: bpf_sk_lookup::local_port",
    ][::core::mem::offset_of!(bpf_sk_lookup, local_port) - 60usize];
    [
        "Offset of field: bpf_sk_lookup::ingress_ifindex",
    ][::core::mem::offset_of!(bpf_sk_lookup, ingress_ifindex) - 64usize];
};
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct btf_ptr {
    pub ptr: *mut ::core::ffi::c_void,
    pub type_id: u32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_ptr"][::core::mem::size_of::<btf_ptr>() - 16usize];
    ["Alignment of btf_ptr"][::core::mem::align_of::<btf_ptr>() - 8usize];
    ["Offset of field: btf_ptr::ptr"][::core::mem::offset_of!(btf_ptr, ptr) - 0usize];
    [
        "Offset of field: btf_ptr::type_id",
    ][::core::mem::offset_of!(btf_ptr, type_id) - 8usize];
    [
        "Offset of field: btf_ptr::flags",
    ][::core::mem::offset_of!(btf_ptr, flags) - 12usize];
};
pub const BTF_F_COMPACT: u32 = 1;
pub const BTF_F_NONAME: u32 = 2;
pub const BTF_F_PTR_RAW: u32 = 4;
pub const BTF_F_ZERO: u32 = 8;
impl bpf_core_relo_kind {
    pub const BPF_CORE_FIELD_BYTE_OFFSET: bpf_core_relo_kind = bpf_core_relo_kind(0);
    pub const BPF_CORE_FIELD_BYTE_SIZE: bpf_core_relo_kind = bpf_core_relo_kind(1);
    pub const BPF_CORE_FIELD_EXISTS: bpf_core_relo_kind = bpf_core_relo_kind(2);
    pub const BPF_CORE_FIELD_SIGNED: bpf_core_relo_kind = bpf_core_relo_kind(3);
    pub const BPF_CORE_FIELD_LSHIFT_U64: bpf_core_relo_kind = bpf_core_relo_kind(4);
    pub const BPF_CORE_FIELD_RSHIFT_U64: bpf_core_relo_kind = bpf_core_relo_kind(5);
    pub const BPF_CORE_TYPE_ID_LOCAL: bpf_core_relo_kind = bpf_core_relo_kind(6);
    pub const BPF_CORE_TYPE_ID_TARGET: bpf_core_relo_kind = bpf_core_relo_kind(7);
    pub const BPF_CORE_TYPE_EXISTS: bpf_core_relo_kind = bpf_core_relo_kind(8);
    pub const BPF_CORE_TYPE_SIZE: bpf_core_relo_kind = bpf_core_relo_kind(9);
    pub const BPF_CORE_ENUMVAL_EXISTS: bpf_core_relo_kind = bpf_core_relo_kind(10);
    pub const BPF_CORE_ENUMVAL_VALUE: bpf_core_relo_kind = bpf_core_relo_kind(11);
    pub const BPF_CORE_TYPE_MATCHES: bpf_core_relo_kind = bpf_core_relo_kind(12);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_core_relo_kind(pub u32);
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct bpf_core_relo {
    pub insn_off: u32,
    pub type_id: u32,
    pub access_str_off: u32,
    pub kind: bpf_core_relo_kind,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_core_relo"][::core::mem::size_of::<bpf_core_relo>() - 16usize];
    ["Alignment of bpf_core_relo"][::core::mem::align_of::<bpf_core_relo>() - 4usize];
    [
        "Offset of field: bpf_core_relo::insn_off",
    ][::core::mem::offset_of!(bpf_core_relo, insn_off) - 0usize];
    [
        "Offset of field: bpf_core_relo::type_id",
    ][::core::mem::offset_of!(bpf_core_relo, type_id) - 4usize];
    [
        "Offset of field: bpf_core_relo::access_str_off",
    ][::core::mem::offset_of!(bpf_core_relo, access_str_off) - 8usize];
    [
        "Offset of field: bpf_core_relo::kind",
    ][::core::mem::offset_of!(bpf_core_relo, kind) - 12usize];
};
pub const BPF_F_TIMER_ABS: u32 = 1;
pub const BPF_F_TIMER_CPU_PIN: u32 = 2;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_iter_num {
    pub __opaque: [u64; 1usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of bpf_iter_num"][::core::mem::size_of::<bpf_iter_num>() - 8usize];
    ["Alignment of bpf_iter_num"][::core::mem::align_of::<bpf_iter_num>() - 8usize];
    [
        "Offset of field: bpf_iter_num::__opaque",
    ][::core::mem::offset_of!(bpf_iter_num, __opaque) - 0usize];
};
impl bpf_kfunc_flags {
    pub const BPF_F_PAD_ZEROS: bpf_kfunc_flags = bpf_kfunc_flags(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct bpf_kfunc_flags(pub u32);
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct bpf_insn_array_value {
    pub orig_off: u32,
    pub xlated_off: u32,
    pub jitted_off: u32,
    pub _bitfield_1: [u8; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of bpf_insn_array_value",
    ][::core::mem::size_of::<bpf_insn_array_value>() - 16usize];
    [
        "Alignment of bpf_insn_array_value",
    ][::core::mem::align_of::<bpf_insn_array_value>() - 4usize];
    [
        "Offset of field: bpf_insn_array_value::orig_off",
    ][::core::mem::offset_of!(bpf_insn_array_value, orig_off) - 0usize];
    [
        "Offset of field: bpf_insn_array_value::xlated_off",
    ][::core::mem::offset_of!(bpf_insn_array_value, xlated_off) - 4usize];
    [
        "Offset of field: bpf_insn_array_value::jitted_off",
    ][::core::mem::offset_of!(bpf_insn_array_value, jitted_off) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_layout {
    pub info_sz: u8,
    pub elem_sz: u8,
    pub flags: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_layout"][::core::mem::size_of::<btf_layout>() - 4usize];
    ["Alignment of btf_layout"][::core::mem::align_of::<btf_layout>() - 2usize];
    [
        "Offset of field: btf_layout::info_sz",
    ][::core::mem::offset_of!(btf_layout, info_sz) - 0usize];
    [
        "Offset of field: btf_layout::elem_sz",
    ][::core::mem::offset_of!(btf_layout, elem_sz) - 1usize];
    [
        "Offset of field: btf_layout::flags",
    ][::core::mem::offset_of!(btf_layout, flags) - 2usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_header {
    pub magic: u16,
    pub version: u8,
    pub flags: u8,
    pub hdr_len: u32,
    pub type_off: u32,
    pub type_len: u32,
    pub str_off: u32,
    pub str_len: u32,
    pub layout_off: u32,
    pub layout_len: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_header"][::core::mem::size_of::<btf_header>() - 32usize];
    ["Alignment of btf_header"][::core::mem::align_of::<btf_header>() - 4usize];
    [
        "Offset of field: btf_header::magic",
    ][::core::mem::offset_of!(btf_header, magic) - 0usize];
    [
        "Offset of field: btf_header::version",
    ][::core::mem::offset_of!(btf_header, version) - 2usize];
    [
        "Offset of field: btf_header::flags",
    ][::core::mem::offset_of!(btf_header, flags) - 3usize];
    [
        "Offset of field: btf_header::hdr_len",
    ][::core::mem::offset_of!(btf_header, hdr_len) - 4usize];
    [
        "Offset of field: btf_header::type_off",
    ][::core::mem::offset_of!(btf_header, type_off) - 8usize];
    [
        "Offset of field: btf_header::type_len",
    ][::core::mem::offset_of!(btf_header, type_len) - 12usize];
    [
        "Offset of field: btf_header::str_off",
    ][::core::mem::offset_of!(btf_header, str_off) - 16usize];
    [
        "Offset of field: btf_header::str_len",
    ][::core::mem::offset_of!(btf_header, str_len) - 20usize];
    [
        "Offset of field: btf_header::layout_off",
    ][::core::mem::offset_of!(btf_header, layout_off) - 24usize];
    [
        "Offset of field: btf_header::layout_len",
    ][::core::mem::offset_of!(btf_header, layout_len) - 28usize];
};
impl btf_max {
    pub const BTF_MAX_KIND: btf_max = btf_max(127);
    pub const BTF_MAX_TYPE: btf_max = btf_max(1048575);
    pub const BTF_MAX_NAME_OFFSET: btf_max = btf_max(16777215);
    pub const BTF_MAX_VLEN: btf_max = btf_max(16777215);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct btf_max(pub u32);
#[repr(C)]
#[derive(Copy, Clone)]
pub struct btf_type {
    pub name_off: u32,
    pub info: u32,
    pub __bindgen_anon_1: btf_type__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union btf_type__bindgen_ty_1 {
    pub size: u32,
    pub type_: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of btf_type__bindgen_ty_1",
    ][::core::mem::size_of::<btf_type__bindgen_ty_1>() - 4usize];
    [
        "Alignment of btf_type__bindgen_ty_1",
    ][::core::mem::align_of::<btf_type__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: btf_type__bindgen_ty_1::size",
    ][::core::mem::offset_of!(btf_type__bindgen_ty_1, size) - 0usize];
    [
        "Offset of field: btf_type__bindgen_ty_1::type_",
    ][::core::mem::offset_of!(btf_type__bindgen_ty_1, type_) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_type"][::core::mem::size_of::<btf_type>() - 12usize];
    ["Alignment of btf_type"][::core::mem::align_of::<btf_type>() - 4usize];
    [
        "Offset of field: btf_type::name_off",
    ][::core::mem::offset_of!(btf_type, name_off) - 0usize];
    [
        "Offset of field: btf_type::info",
    ][::core::mem::offset_of!(btf_type, info) - 4usize];
};
pub const BTF_KIND_UNKN: u32 = 0;
pub const BTF_KIND_INT: u32 = 1;
pub const BTF_KIND_PTR: u32 = 2;
pub const BTF_KIND_ARRAY: u32 = 3;
pub const BTF_KIND_STRUCT: u32 = 4;
pub const BTF_KIND_UNION: u32 = 5;
pub const BTF_KIND_ENUM: u32 = 6;
pub const BTF_KIND_FWD: u32 = 7;
pub const BTF_KIND_TYPEDEF: u32 = 8;
pub const BTF_KIND_VOLATILE: u32 = 9;
pub const BTF_KIND_CONST: u32 = 10;
pub const BTF_KIND_RESTRICT: u32 = 11;
pub const BTF_KIND_FUNC: u32 = 12;
pub const BTF_KIND_FUNC_PROTO: u32 = 13;
pub const BTF_KIND_VAR: u32 = 14;
pub const BTF_KIND_DATASEC: u32 = 15;
pub const BTF_KIND_FLOAT: u32 = 16;
pub const BTF_KIND_DECL_TAG: u32 = 17;
pub const BTF_KIND_TYPE_TAG: u32 = 18;
pub const BTF_KIND_ENUM64: u32 = 19;
pub const NR_BTF_KINDS: u32 = 20;
pub const BTF_KIND_MAX: u32 = 19;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_enum {
    pub name_off: u32,
    pub val: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_enum"][::core::mem::size_of::<btf_enum>() - 8usize];
    ["Alignment of btf_enum"][::core::mem::align_of::<btf_enum>() - 4usize];
    [
        "Offset of field: btf_enum::name_off",
    ][::core::mem::offset_of!(btf_enum, name_off) - 0usize];
    ["Offset of field: btf_enum::val"][::core::mem::offset_of!(btf_enum, val) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_array {
    pub type_: u32,
    pub index_type: u32,
    pub nelems: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_array"][::core::mem::size_of::<btf_array>() - 12usize];
    ["Alignment of btf_array"][::core::mem::align_of::<btf_array>() - 4usize];
    [
        "Offset of field: btf_array::type_",
    ][::core::mem::offset_of!(btf_array, type_) - 0usize];
    [
        "Offset of field: btf_array::index_type",
    ][::core::mem::offset_of!(btf_array, index_type) - 4usize];
    [
        "Offset of field: btf_array::nelems",
    ][::core::mem::offset_of!(btf_array, nelems) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_member {
    pub name_off: u32,
    pub type_: u32,
    pub offset: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_member"][::core::mem::size_of::<btf_member>() - 12usize];
    ["Alignment of btf_member"][::core::mem::align_of::<btf_member>() - 4usize];
    [
        "Offset of field: btf_member::name_off",
    ][::core::mem::offset_of!(btf_member, name_off) - 0usize];
    [
        "Offset of field: btf_member::type_",
    ][::core::mem::offset_of!(btf_member, type_) - 4usize];
    [
        "Offset of field: btf_member::offset",
    ][::core::mem::offset_of!(btf_member, offset) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_param {
    pub name_off: u32,
    pub type_: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_param"][::core::mem::size_of::<btf_param>() - 8usize];
    ["Alignment of btf_param"][::core::mem::align_of::<btf_param>() - 4usize];
    [
        "Offset of field: btf_param::name_off",
    ][::core::mem::offset_of!(btf_param, name_off) - 0usize];
    [
        "Offset of field: btf_param::type_",
    ][::core::mem::offset_of!(btf_param, type_) - 4usize];
};
pub const BTF_VAR_STATIC: u32 = 0;
pub const BTF_VAR_GLOBAL_ALLOCATED: u32 = 1;
pub const BTF_VAR_GLOBAL_EXTERN: u32 = 2;
impl btf_func_linkage {
    pub const BTF_FUNC_STATIC: btf_func_linkage = btf_func_linkage(0);
    pub const BTF_FUNC_GLOBAL: btf_func_linkage = btf_func_linkage(1);
    pub const BTF_FUNC_EXTERN: btf_func_linkage = btf_func_linkage(2);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct btf_func_linkage(pub u32);
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_var {
    pub linkage: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_var"][::core::mem::size_of::<btf_var>() - 4usize];
    ["Alignment of btf_var"][::core::mem::align_of::<btf_var>() - 4usize];
    [
        "Offset of field: btf_var::linkage",
    ][::core::mem::offset_of!(btf_var, linkage) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_var_secinfo {
    pub type_: u32,
    pub offset: u32,
    pub size: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_var_secinfo"][::core::mem::size_of::<btf_var_secinfo>() - 12usize];
    [
        "Alignment of btf_var_secinfo",
    ][::core::mem::align_of::<btf_var_secinfo>() - 4usize];
    [
        "Offset of field: btf_var_secinfo::type_",
    ][::core::mem::offset_of!(btf_var_secinfo, type_) - 0usize];
    [
        "Offset of field: btf_var_secinfo::offset",
    ][::core::mem::offset_of!(btf_var_secinfo, offset) - 4usize];
    [
        "Offset of field: btf_var_secinfo::size",
    ][::core::mem::offset_of!(btf_var_secinfo, size) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_decl_tag {
    pub component_idx: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_decl_tag"][::core::mem::size_of::<btf_decl_tag>() - 4usize];
    ["Alignment of btf_decl_tag"][::core::mem::align_of::<btf_decl_tag>() - 4usize];
    [
        "Offset of field: btf_decl_tag::component_idx",
    ][::core::mem::offset_of!(btf_decl_tag, component_idx) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct btf_enum64 {
    pub name_off: u32,
    pub val_lo32: u32,
    pub val_hi32: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of btf_enum64"][::core::mem::size_of::<btf_enum64>() - 12usize];
    ["Alignment of btf_enum64"][::core::mem::align_of::<btf_enum64>() - 4usize];
    [
        "Offset of field: btf_enum64::name_off",
    ][::core::mem::offset_of!(btf_enum64, name_off) - 0usize];
    [
        "Offset of field: btf_enum64::val_lo32",
    ][::core::mem::offset_of!(btf_enum64, val_lo32) - 4usize];
    [
        "Offset of field: btf_enum64::val_hi32",
    ][::core::mem::offset_of!(btf_enum64, val_hi32) - 8usize];
};
pub type __kernel_sa_family_t = u16;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct sockaddr_nl {
    pub nl_family: __kernel_sa_family_t,
    pub nl_pad: u16,
    pub nl_pid: u32,
    pub nl_groups: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of sockaddr_nl"][::core::mem::size_of::<sockaddr_nl>() - 12usize];
    ["Alignment of sockaddr_nl"][::core::mem::align_of::<sockaddr_nl>() - 4usize];
    [
        "Offset of field: sockaddr_nl::nl_family",
    ][::core::mem::offset_of!(sockaddr_nl, nl_family) - 0usize];
    [
        "Offset of field: sockaddr_nl::nl_pad",
    ][::core::mem::offset_of!(sockaddr_nl, nl_pad) - 2usize];
    [
        "Offset of field: sockaddr_nl::nl_pid",
    ][::core::mem::offset_of!(sockaddr_nl, nl_pid) - 4usize];
    [
        "Offset of field: sockaddr_nl::nl_groups",
    ][::core::mem::offset_of!(sockaddr_nl, nl_groups) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct nlmsghdr {
    pub nlmsg_len: u32,
    pub nlmsg_type: u16,
    pub nlmsg_flags: u16,
    pub nlmsg_seq: u32,
    pub nlmsg_pid: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of nlmsghdr"][::core::mem::size_of::<nlmsghdr>() - 16usize];
    ["Alignment of nlmsghdr"][::core::mem::align_of::<nlmsghdr>() - 4usize];
    [
        "Offset of field: nlmsghdr::nlmsg_len",
    ][::core::mem::offset_of!(nlmsghdr, nlmsg_len) - 0usize];
    [
        "Offset of field: nlmsghdr::nlmsg_type",
    ][::core::mem::offset_of!(nlmsghdr, nlmsg_type) - 4usize];
    [
        "Offset of field: nlmsghdr::nlmsg_flags",
    ][::core::mem::offset_of!(nlmsghdr, nlmsg_flags) - 6usize];
    [
        "Offset of field: nlmsghdr::nlmsg_seq",
    ][::core::mem::offset_of!(nlmsghdr, nlmsg_seq) - 8usize];
    [
        "Offset of field: nlmsghdr::nlmsg_pid",
    ][::core::mem::offset_of!(nlmsghdr, nlmsg_pid) - 12usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct nlmsgerr {
    pub error: i32,
    pub msg: nlmsghdr,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of nlmsgerr"][::core::mem::size_of::<nlmsgerr>() - 20usize];
    ["Alignment of nlmsgerr"][::core::mem::align_of::<nlmsgerr>() - 4usize];
    [
        "Offset of field: nlmsgerr::error",
    ][::core::mem::offset_of!(nlmsgerr, error) - 0usize];
    ["Offset of field: nlmsgerr::msg"][::core::mem::offset_of!(nlmsgerr, msg) - 4usize];
};
impl nlmsgerr_attrs {
    pub const NLMSGERR_ATTR_UNUSED: nlmsgerr_attrs = nlmsgerr_attrs(0);
    pub const NLMSGERR_ATTR_MSG: nlmsgerr_attrs = nlmsgerr_attrs(1);
    pub const NLMSGERR_ATTR_OFFS: nlmsgerr_attrs = nlmsgerr_attrs(2);
    pub const NLMSGERR_ATTR_COOKIE: nlmsgerr_attrs = nlmsgerr_attrs(3);
    pub const NLMSGERR_ATTR_POLICY: nlmsgerr_attrs = nlmsgerr_attrs(4);
    pub const NLMSGERR_ATTR_MISS_TYPE: nlmsgerr_attrs = nlmsgerr_attrs(5);
    pub const NLMSGERR_ATTR_MISS_NEST: nlmsgerr_attrs = nlmsgerr_attrs(6);
    pub const __NLMSGERR_ATTR_MAX: nlmsgerr_attrs = nlmsgerr_attrs(7);
    pub const NLMSGERR_ATTR_MAX: nlmsgerr_attrs = nlmsgerr_attrs(6);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct nlmsgerr_attrs(pub u32);
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct nlattr {
    pub nla_len: u16,
    pub nla_type: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of nlattr"][::core::mem::size_of::<nlattr>() - 4usize];
    ["Alignment of nlattr"][::core::mem::align_of::<nlattr>() - 2usize];
    [
        "Offset of field: nlattr::nla_len",
    ][::core::mem::offset_of!(nlattr, nla_len) - 0usize];
    [
        "Offset of field: nlattr::nla_type",
    ][::core::mem::offset_of!(nlattr, nla_type) - 2usize];
};
pub const IFLA_UNSPEC: u32 = 0;
pub const IFLA_ADDRESS: u32 = 1;
pub const IFLA_BROADCAST: u32 = 2;
pub const IFLA_IFNAME: u32 = 3;
pub const IFLA_MTU: u32 = 4;
pub const IFLA_LINK: u32 = 5;
pub const IFLA_QDISC: u32 = 6;
pub const IFLA_STATS: u32 = 7;
pub const IFLA_OPERSTATE: u32 = 16;
pub const IFLA_LINKMODE: u32 = 17;
pub const IFLA_NET_NS_PID: u32 = 19;
pub const IFLA_IFALIAS: u32 = 20;
pub const IFLA_NUM_VF: u32 = 21;
pub const IFLA_VFINFO_LIST: u32 = 22;
pub const IFLA_STATS64: u32 = 23;
pub const IFLA_VF_PORTS: u32 = 24;
pub const IFLA_PORT_SELF: u32 = 25;
pub const IFLA_AF_SPEC: u32 = 26;
pub const IFLA_GROUP: u32 = 27;
pub const IFLA_NET_NS_FD: u32 = 28;
pub const IFLA_EXT_MASK: u32 = 29;
pub const IFLA_NUM_TX_QUEUES: u32 = 31;
pub const IFLA_NUM_RX_QUEUES: u32 = 32;
pub const IFLA_CARRIER: u32 = 33;
pub const IFLA_PHYS_PORT_ID: u32 = 34;
pub const IFLA_CARRIER_CHANGES: u32 = 35;
pub const IFLA_PHYS_SWITCH_ID: u32 = 36;
pub const IFLA_LINK_NETNSID: u32 = 37;
pub const IFLA_PHYS_PORT_NAME: u32 = 38;
pub const IFLA_PROTO_DOWN: u32 = 39;
pub const IFLA_GSO_MAX_SEGS: u32 = 40;
pub const IFLA_GSO_MAX_SIZE: u32 = 41;
pub const IFLA_PAD: u32 = 42;
pub const IFLA_XDP: u32 = 43;
pub const IFLA_EVENT: u32 = 44;
pub const IFLA_NEW_NETNSID: u32 = 45;
pub const IFLA_IF_NETNSID: u32 = 46;
pub const IFLA_TARGET_NETNSID: u32 = 46;
pub const IFLA_CARRIER_UP_COUNT: u32 = 47;
pub const IFLA_CARRIER_DOWN_COUNT: u32 = 48;
pub const IFLA_NEW_IFINDEX: u32 = 49;
pub const IFLA_MIN_MTU: u32 = 50;
pub const IFLA_MAX_MTU: u32 = 51;
pub const IFLA_PROP_LIST: u32 = 52;
pub const IFLA_ALT_IFNAME: u32 = 53;
pub const IFLA_PERM_ADDRESS: u32 = 54;
pub const IFLA_PROTO_DOWN_REASON: u32 = 55;
pub const IFLA_PARENT_DEV_NAME: u32 = 56;
pub const IFLA_PARENT_DEV_BUS_NAME: u32 = 57;
pub const IFLA_GRO_MAX_SIZE: u32 = 58;
pub const IFLA_TSO_MAX_SIZE: u32 = 59;
pub const IFLA_TSO_MAX_SEGS: u32 = 60;
pub const IFLA_ALLMULTI: u32 = 61;
pub const IFLA_DEVLINK_PORT: u32 = 62;
pub const IFLA_GSO_IPV4_MAX_SIZE: u32 = 63;
pub const IFLA_GRO_IPV4_MAX_SIZE: u32 = 64;
pub const IFLA_DPLL_PIN: u32 = 65;
pub const IFLA_MAX_PACING_OFFLOAD_HORIZON: u32 = 66;
pub const IFLA_NETNS_IMMUTABLE: u32 = 67;
pub const IFLA_HEADROOM: u32 = 68;
pub const IFLA_TAILROOM: u32 = 69;
pub const __IFLA_MAX: u32 = 70;
pub const IFLA_PROTO_DOWN_REASON_UNSPEC: u32 = 0;
pub const IFLA_PROTO_DOWN_REASON_MASK: u32 = 1;
pub const IFLA_PROTO_DOWN_REASON_VALUE: u32 = 2;
pub const __IFLA_PROTO_DOWN_REASON_CNT: u32 = 3;
pub const IFLA_PROTO_DOWN_REASON_MAX: u32 = 2;
pub const IFLA_INET_UNSPEC: u32 = 0;
pub const IFLA_INET_CONF: u32 = 1;
pub const __IFLA_INET_MAX: u32 = 2;
pub const IFLA_INET6_UNSPEC: u32 = 0;
pub const IFLA_INET6_FLAGS: u32 = 1;
pub const IFLA_INET6_CONF: u32 = 2;
pub const IFLA_INET6_STATS: u32 = 3;
pub const IFLA_INET6_MCAST: u32 = 4;
pub const IFLA_INET6_CACHEINFO: u32 = 5;
pub const IFLA_INET6_ICMP6STATS: u32 = 6;
pub const IFLA_INET6_TOKEN: u32 = 7;
pub const IFLA_INET6_ADDR_GEN_MODE: u32 = 8;
pub const IFLA_INET6_RA_MTU: u32 = 9;
pub const __IFLA_INET6_MAX: u32 = 10;
pub const IFLA_BR_UNSPEC: u32 = 0;
pub const IFLA_BR_FORWARD_DELAY: u32 = 1;
pub const IFLA_BR_HELLO_TIME: u32 = 2;
pub const IFLA_BR_MAX_AGE: u32 = 3;
pub const IFLA_BR_AGEING_TIME: u32 = 4;
pub const IFLA_BR_STP_STATE: u32 = 5;
pub const IFLA_BR_PRIORITY: u32 = 6;
pub const IFLA_BR_VLAN_FILTERING: u32 = 7;
pub const IFLA_BR_VLAN_PROTOCOL: u32 = 8;
pub const IFLA_BR_GROUP_FWD_MASK: u32 = 9;
pub const IFLA_BR_ROOT_ID: u32 = 10;
pub const IFLA_BR_BRIDGE_ID: u32 = 11;
pub const IFLA_BR_ROOT_PORT: u32 = 12;
pub const IFLA_BR_ROOT_PATH_COST: u32 = 13;
pub const IFLA_BR_TOPOLOGY_CHANGE: u32 = 14;
pub const IFLA_BR_TOPOLOGY_CHANGE_DETECTED: u32 = 15;
pub const IFLA_BR_HELLO_TIMER: u32 = 16;
pub const IFLA_BR_TCN_TIMER: u32 = 17;
pub const IFLA_BR_TOPOLOGY_CHANGE_TIMER: u32 = 18;
pub const IFLA_BR_GC_TIMER: u32 = 19;
pub const IFLA_BR_GROUP_ADDR: u32 = 20;
pub const IFLA_BR_FDB_FLUSH: u32 = 21;
pub const IFLA_BR_MCAST_ROUTER: u32 = 22;
pub const IFLA_BR_MCAST_SNOOPING: u32 = 23;
pub const IFLA_BR_MCAST_QUERY_USE_IFADDR: u32 = 24;
pub const IFLA_BR_MCAST_QUERIER: u32 = 25;
pub const IFLA_BR_MCAST_HASH_ELASTICITY: u32 = 26;
pub const IFLA_BR_MCAST_HASH_MAX: u32 = 27;
pub const IFLA_BR_MCAST_LAST_MEMBER_CNT: u32 = 28;
pub const IFLA_BR_MCAST_STARTUP_QUERY_CNT: u32 = 29;
pub const IFLA_BR_MCAST_LAST_MEMBER_INTVL: u32 = 30;
pub const IFLA_BR_MCAST_MEMBERSHIP_INTVL: u32 = 31;
pub const IFLA_BR_MCAST_QUERIER_INTVL: u32 = 32;
pub const IFLA_BR_MCAST_QUERY_INTVL: u32 = 33;
pub const IFLA_BR_MCAST_QUERY_RESPONSE_INTVL: u32 = 34;
pub const IFLA_BR_MCAST_STARTUP_QUERY_INTVL: u32 = 35;
pub const IFLA_BR_NF_CALL_IPTABLES: u32 = 36;
pub const IFLA_BR_NF_CALL_IP6TABLES: u32 = 37;
pub const IFLA_BR_NF_CALL_ARPTABLES: u32 = 38;
pub const IFLA_BR_VLAN_DEFAULT_PVID: u32 = 39;
pub const IFLA_BR_PAD: u32 = 40;
pub const IFLA_BR_VLAN_STATS_ENABLED: u32 = 41;
pub const IFLA_BR_MCAST_STATS_ENABLED: u32 = 42;
pub const IFLA_BR_MCAST_IGMP_VERSION: u32 = 43;
pub const IFLA_BR_MCAST_MLD_VERSION: u32 = 44;
pub const IFLA_BR_VLAN_STATS_PER_PORT: u32 = 45;
pub const IFLA_BR_MULTI_BOOLOPT: u32 = 46;
pub const IFLA_BR_MCAST_QUERIER_STATE: u32 = 47;
pub const IFLA_BR_FDB_N_LEARNED: u32 = 48;
pub const IFLA_BR_FDB_MAX_LEARNED: u32 = 49;
pub const IFLA_BR_STP_MODE: u32 = 50;
pub const __IFLA_BR_MAX: u32 = 51;
pub const IFLA_BRPORT_UNSPEC: u32 = 0;
pub const IFLA_BRPORT_STATE: u32 = 1;
pub const IFLA_BRPORT_PRIORITY: u32 = 2;
pub const IFLA_BRPORT_COST: u32 = 3;
pub const IFLA_BRPORT_MODE: u32 = 4;
pub const IFLA_BRPORT_GUARD: u32 = 5;
pub const IFLA_BRPORT_PROTECT: u32 = 6;
pub const IFLA_BRPORT_FAST_LEAVE: u32 = 7;
pub const IFLA_BRPORT_LEARNING: u32 = 8;
pub const IFLA_BRPORT_UNICAST_FLOOD: u32 = 9;
pub const IFLA_BRPORT_PROXYARP: u32 = 10;
pub const IFLA_BRPORT_LEARNING_SYNC: u32 = 11;
pub const IFLA_BRPORT_PROXYARP_WIFI: u32 = 12;
pub const IFLA_BRPORT_ROOT_ID: u32 = 13;
pub const IFLA_BRPORT_BRIDGE_ID: u32 = 14;
pub const IFLA_BRPORT_DESIGNATED_PORT: u32 = 15;
pub const IFLA_BRPORT_DESIGNATED_COST: u32 = 16;
pub const IFLA_BRPORT_ID: u32 = 17;
pub const IFLA_BRPORT_NO: u32 = 18;
pub const IFLA_BRPORT_TOPOLOGY_CHANGE_ACK: u32 = 19;
pub const IFLA_BRPORT_CONFIG_PENDING: u32 = 20;
pub const IFLA_BRPORT_MESSAGE_AGE_TIMER: u32 = 21;
pub const IFLA_BRPORT_FORWARD_DELAY_TIMER: u32 = 22;
pub const IFLA_BRPORT_HOLD_TIMER: u32 = 23;
pub const IFLA_BRPORT_FLUSH: u32 = 24;
pub const IFLA_BRPORT_MULTICAST_ROUTER: u32 = 25;
pub const IFLA_BRPORT_PAD: u32 = 26;
pub const IFLA_BRPORT_MCAST_FLOOD: u32 = 27;
pub const IFLA_BRPORT_MCAST_TO_UCAST: u32 = 28;
pub const IFLA_BRPORT_VLAN_TUNNEL: u32 = 29;
pub const IFLA_BRPORT_BCAST_FLOOD: u32 = 30;
pub const IFLA_BRPORT_GROUP_FWD_MASK: u32 = 31;
pub const IFLA_BRPORT_NEIGH_SUPPRESS: u32 = 32;
pub const IFLA_BRPORT_ISOLATED: u32 = 33;
pub const IFLA_BRPORT_BACKUP_PORT: u32 = 34;
pub const IFLA_BRPORT_MRP_RING_OPEN: u32 = 35;
pub const IFLA_BRPORT_MRP_IN_OPEN: u32 = 36;
pub const IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT: u32 = 37;
pub const IFLA_BRPORT_MCAST_EHT_HOSTS_CNT: u32 = 38;
pub const IFLA_BRPORT_LOCKED: u32 = 39;
pub const IFLA_BRPORT_MAB: u32 = 40;
pub const IFLA_BRPORT_MCAST_N_GROUPS: u32 = 41;
pub const IFLA_BRPORT_MCAST_MAX_GROUPS: u32 = 42;
pub const IFLA_BRPORT_NEIGH_VLAN_SUPPRESS: u32 = 43;
pub const IFLA_BRPORT_BACKUP_NHID: u32 = 44;
pub const IFLA_BRPORT_NEIGH_FORWARD_GRAT: u32 = 45;
pub const __IFLA_BRPORT_MAX: u32 = 46;
pub const IFLA_INFO_UNSPEC: u32 = 0;
pub const IFLA_INFO_KIND: u32 = 1;
pub const IFLA_INFO_DATA: u32 = 2;
pub const IFLA_INFO_XSTATS: u32 = 3;
pub const IFLA_INFO_SLAVE_KIND: u32 = 4;
pub const IFLA_INFO_SLAVE_DATA: u32 = 5;
pub const __IFLA_INFO_MAX: u32 = 6;
pub const IFLA_VLAN_UNSPEC: u32 = 0;
pub const IFLA_VLAN_ID: u32 = 1;
pub const IFLA_VLAN_FLAGS: u32 = 2;
pub const IFLA_VLAN_EGRESS_QOS: u32 = 3;
pub const IFLA_VLAN_INGRESS_QOS: u32 = 4;
pub const IFLA_VLAN_PROTOCOL: u32 = 5;
pub const __IFLA_VLAN_MAX: u32 = 6;
pub const IFLA_VLAN_QOS_UNSPEC: u32 = 0;
pub const IFLA_VLAN_QOS_MAPPING: u32 = 1;
pub const __IFLA_VLAN_QOS_MAX: u32 = 2;
pub const IFLA_MACVLAN_UNSPEC: u32 = 0;
pub const IFLA_MACVLAN_MODE: u32 = 1;
pub const IFLA_MACVLAN_FLAGS: u32 = 2;
pub const IFLA_MACVLAN_MACADDR_MODE: u32 = 3;
pub const IFLA_MACVLAN_MACADDR: u32 = 4;
pub const IFLA_MACVLAN_MACADDR_DATA: u32 = 5;
pub const IFLA_MACVLAN_MACADDR_COUNT: u32 = 6;
pub const IFLA_MACVLAN_BC_QUEUE_LEN: u32 = 7;
pub const IFLA_MACVLAN_BC_QUEUE_LEN_USED: u32 = 8;
pub const IFLA_MACVLAN_BC_CUTOFF: u32 = 9;
pub const __IFLA_MACVLAN_MAX: u32 = 10;
pub const IFLA_VRF_UNSPEC: u32 = 0;
pub const IFLA_VRF_TABLE: u32 = 1;
pub const __IFLA_VRF_MAX: u32 = 2;
pub const IFLA_VRF_PORT_UNSPEC: u32 = 0;
pub const IFLA_VRF_PORT_TABLE: u32 = 1;
pub const __IFLA_VRF_PORT_MAX: u32 = 2;
pub const IFLA_MACSEC_UNSPEC: u32 = 0;
pub const IFLA_MACSEC_SCI: u32 = 1;
pub const IFLA_MACSEC_PORT: u32 = 2;
pub const IFLA_MACSEC_ICV_LEN: u32 = 3;
pub const IFLA_MACSEC_CIPHER_SUITE: u32 = 4;
pub const IFLA_MACSEC_WINDOW: u32 = 5;
pub const IFLA_MACSEC_ENCODING_SA: u32 = 6;
pub const IFLA_MACSEC_ENCRYPT: u32 = 7;
pub const IFLA_MACSEC_PROTECT: u32 = 8;
pub const IFLA_MACSEC_INC_SCI: u32 = 9;
pub const IFLA_MACSEC_ES: u32 = 10;
pub const IFLA_MACSEC_SCB: u32 = 11;
pub const IFLA_MACSEC_REPLAY_PROTECT: u32 = 12;
pub const IFLA_MACSEC_VALIDATION: u32 = 13;
pub const IFLA_MACSEC_PAD: u32 = 14;
pub const IFLA_MACSEC_OFFLOAD: u32 = 15;
pub const __IFLA_MACSEC_MAX: u32 = 16;
pub const IFLA_XFRM_UNSPEC: u32 = 0;
pub const IFLA_XFRM_LINK: u32 = 1;
pub const IFLA_XFRM_IF_ID: u32 = 2;
pub const IFLA_XFRM_COLLECT_METADATA: u32 = 3;
pub const __IFLA_XFRM_MAX: u32 = 4;
pub const IFLA_IPVLAN_UNSPEC: u32 = 0;
pub const IFLA_IPVLAN_MODE: u32 = 1;
pub const IFLA_IPVLAN_FLAGS: u32 = 2;
pub const __IFLA_IPVLAN_MAX: u32 = 3;
impl netkit_action {
    pub const NETKIT_NEXT: netkit_action = netkit_action(-1);
    pub const NETKIT_PASS: netkit_action = netkit_action(0);
    pub const NETKIT_DROP: netkit_action = netkit_action(2);
    pub const NETKIT_REDIRECT: netkit_action = netkit_action(7);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct netkit_action(pub i32);
impl netkit_mode {
    pub const NETKIT_L2: netkit_mode = netkit_mode(0);
    pub const NETKIT_L3: netkit_mode = netkit_mode(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct netkit_mode(pub u32);
impl netkit_pairing {
    pub const NETKIT_DEVICE_PAIR: netkit_pairing = netkit_pairing(0);
    pub const NETKIT_DEVICE_SINGLE: netkit_pairing = netkit_pairing(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct netkit_pairing(pub u32);
impl netkit_scrub {
    pub const NETKIT_SCRUB_NONE: netkit_scrub = netkit_scrub(0);
    pub const NETKIT_SCRUB_DEFAULT: netkit_scrub = netkit_scrub(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct netkit_scrub(pub u32);
pub const IFLA_NETKIT_UNSPEC: u32 = 0;
pub const IFLA_NETKIT_PEER_INFO: u32 = 1;
pub const IFLA_NETKIT_PRIMARY: u32 = 2;
pub const IFLA_NETKIT_POLICY: u32 = 3;
pub const IFLA_NETKIT_PEER_POLICY: u32 = 4;
pub const IFLA_NETKIT_MODE: u32 = 5;
pub const IFLA_NETKIT_SCRUB: u32 = 6;
pub const IFLA_NETKIT_PEER_SCRUB: u32 = 7;
pub const IFLA_NETKIT_HEADROOM: u32 = 8;
pub const IFLA_NETKIT_TAILROOM: u32 = 9;
pub const IFLA_NETKIT_PAIRING: u32 = 10;
pub const __IFLA_NETKIT_MAX: u32 = 11;
pub const IFLA_VXLAN_UNSPEC: u32 = 0;
pub const IFLA_VXLAN_ID: u32 = 1;
pub const IFLA_VXLAN_GROUP: u32 = 2;
pub const IFLA_VXLAN_LINK: u32 = 3;
pub const IFLA_VXLAN_LOCAL: u32 = 4;
pub const IFLA_VXLAN_TTL: u32 = 5;
pub const IFLA_VXLAN_TOS: u32 = 6;
pub const IFLA_VXLAN_LEARNING: u32 = 7;
pub const IFLA_VXLAN_AGEING: u32 = 8;
pub const IFLA_VXLAN_LIMIT: u32 = 9;
pub const IFLA_VXLAN_PORT_RANGE: u32 = 10;
pub const IFLA_VXLAN_PROXY: u32 = 11;
pub const IFLA_VXLAN_RSC: u32 = 12;
pub const IFLA_VXLAN_L2MISS: u32 = 13;
pub const IFLA_VXLAN_L3MISS: u32 = 14;
pub const IFLA_VXLAN_PORT: u32 = 15;
pub const IFLA_VXLAN_GROUP6: u32 = 16;
pub const IFLA_VXLAN_LOCAL6: u32 = 17;
pub const IFLA_VXLAN_UDP_CSUM: u32 = 18;
pub const IFLA_VXLAN_UDP_ZERO_CSUM6_TX: u32 = 19;
pub const IFLA_VXLAN_UDP_ZERO_CSUM6_RX: u32 = 20;
pub const IFLA_VXLAN_REMCSUM_TX: u32 = 21;
pub const IFLA_VXLAN_REMCSUM_RX: u32 = 22;
pub const IFLA_VXLAN_GBP: u32 = 23;
pub const IFLA_VXLAN_REMCSUM_NOPARTIAL: u32 = 24;
pub const IFLA_VXLAN_COLLECT_METADATA: u32 = 25;
pub const IFLA_VXLAN_LABEL: u32 = 26;
pub const IFLA_VXLAN_GPE: u32 = 27;
pub const IFLA_VXLAN_TTL_INHERIT: u32 = 28;
pub const IFLA_VXLAN_DF: u32 = 29;
pub const IFLA_VXLAN_VNIFILTER: u32 = 30;
pub const IFLA_VXLAN_LOCALBYPASS: u32 = 31;
pub const IFLA_VXLAN_LABEL_POLICY: u32 = 32;
pub const IFLA_VXLAN_RESERVED_BITS: u32 = 33;
pub const IFLA_VXLAN_MC_ROUTE: u32 = 34;
pub const __IFLA_VXLAN_MAX: u32 = 35;
pub const IFLA_GENEVE_UNSPEC: u32 = 0;
pub const IFLA_GENEVE_ID: u32 = 1;
pub const IFLA_GENEVE_REMOTE: u32 = 2;
pub const IFLA_GENEVE_TTL: u32 = 3;
pub const IFLA_GENEVE_TOS: u32 = 4;
pub const IFLA_GENEVE_PORT: u32 = 5;
pub const IFLA_GENEVE_COLLECT_METADATA: u32 = 6;
pub const IFLA_GENEVE_REMOTE6: u32 = 7;
pub const IFLA_GENEVE_UDP_CSUM: u32 = 8;
pub const IFLA_GENEVE_UDP_ZERO_CSUM6_TX: u32 = 9;
pub const IFLA_GENEVE_UDP_ZERO_CSUM6_RX: u32 = 10;
pub const IFLA_GENEVE_LABEL: u32 = 11;
pub const IFLA_GENEVE_TTL_INHERIT: u32 = 12;
pub const IFLA_GENEVE_DF: u32 = 13;
pub const IFLA_GENEVE_INNER_PROTO_INHERIT: u32 = 14;
pub const IFLA_GENEVE_PORT_RANGE: u32 = 15;
pub const IFLA_GENEVE_GRO_HINT: u32 = 16;
pub const IFLA_GENEVE_LOCAL: u32 = 17;
pub const IFLA_GENEVE_LOCAL6: u32 = 18;
pub const __IFLA_GENEVE_MAX: u32 = 19;
pub const IFLA_BAREUDP_UNSPEC: u32 = 0;
pub const IFLA_BAREUDP_PORT: u32 = 1;
pub const IFLA_BAREUDP_ETHERTYPE: u32 = 2;
pub const IFLA_BAREUDP_SRCPORT_MIN: u32 = 3;
pub const IFLA_BAREUDP_MULTIPROTO_MODE: u32 = 4;
pub const __IFLA_BAREUDP_MAX: u32 = 5;
pub const IFLA_PPP_UNSPEC: u32 = 0;
pub const IFLA_PPP_DEV_FD: u32 = 1;
pub const __IFLA_PPP_MAX: u32 = 2;
pub const IFLA_GTP_UNSPEC: u32 = 0;
pub const IFLA_GTP_FD0: u32 = 1;
pub const IFLA_GTP_FD1: u32 = 2;
pub const IFLA_GTP_PDP_HASHSIZE: u32 = 3;
pub const IFLA_GTP_ROLE: u32 = 4;
pub const IFLA_GTP_CREATE_SOCKETS: u32 = 5;
pub const IFLA_GTP_RESTART_COUNT: u32 = 6;
pub const IFLA_GTP_LOCAL: u32 = 7;
pub const IFLA_GTP_LOCAL6: u32 = 8;
pub const __IFLA_GTP_MAX: u32 = 9;
pub const IFLA_BOND_UNSPEC: u32 = 0;
pub const IFLA_BOND_MODE: u32 = 1;
pub const IFLA_BOND_ACTIVE_SLAVE: u32 = 2;
pub const IFLA_BOND_MIIMON: u32 = 3;
pub const IFLA_BOND_UPDELAY: u32 = 4;
pub const IFLA_BOND_DOWNDELAY: u32 = 5;
pub const IFLA_BOND_USE_CARRIER: u32 = 6;
pub const IFLA_BOND_ARP_INTERVAL: u32 = 7;
pub const IFLA_BOND_ARP_IP_TARGET: u32 = 8;
pub const IFLA_BOND_ARP_VALIDATE: u32 = 9;
pub const IFLA_BOND_ARP_ALL_TARGETS: u32 = 10;
pub const IFLA_BOND_PRIMARY: u32 = 11;
pub const IFLA_BOND_PRIMARY_RESELECT: u32 = 12;
pub const IFLA_BOND_FAIL_OVER_MAC: u32 = 13;
pub const IFLA_BOND_XMIT_HASH_POLICY: u32 = 14;
pub const IFLA_BOND_RESEND_IGMP: u32 = 15;
pub const IFLA_BOND_NUM_PEER_NOTIF: u32 = 16;
pub const IFLA_BOND_ALL_SLAVES_ACTIVE: u32 = 17;
pub const IFLA_BOND_MIN_LINKS: u32 = 18;
pub const IFLA_BOND_LP_INTERVAL: u32 = 19;
pub const IFLA_BOND_PACKETS_PER_SLAVE: u32 = 20;
pub const IFLA_BOND_AD_LACP_RATE: u32 = 21;
pub const IFLA_BOND_AD_SELECT: u32 = 22;
pub const IFLA_BOND_AD_INFO: u32 = 23;
pub const IFLA_BOND_AD_ACTOR_SYS_PRIO: u32 = 24;
pub const IFLA_BOND_AD_USER_PORT_KEY: u32 = 25;
pub const IFLA_BOND_AD_ACTOR_SYSTEM: u32 = 26;
pub const IFLA_BOND_TLB_DYNAMIC_LB: u32 = 27;
pub const IFLA_BOND_PEER_NOTIF_DELAY: u32 = 28;
pub const IFLA_BOND_AD_LACP_ACTIVE: u32 = 29;
pub const IFLA_BOND_MISSED_MAX: u32 = 30;
pub const IFLA_BOND_NS_IP6_TARGET: u32 = 31;
pub const IFLA_BOND_COUPLED_CONTROL: u32 = 32;
pub const IFLA_BOND_BROADCAST_NEIGH: u32 = 33;
pub const IFLA_BOND_LACP_STRICT: u32 = 34;
pub const __IFLA_BOND_MAX: u32 = 35;
pub const IFLA_BOND_AD_INFO_UNSPEC: u32 = 0;
pub const IFLA_BOND_AD_INFO_AGGREGATOR: u32 = 1;
pub const IFLA_BOND_AD_INFO_NUM_PORTS: u32 = 2;
pub const IFLA_BOND_AD_INFO_ACTOR_KEY: u32 = 3;
pub const IFLA_BOND_AD_INFO_PARTNER_KEY: u32 = 4;
pub const IFLA_BOND_AD_INFO_PARTNER_MAC: u32 = 5;
pub const __IFLA_BOND_AD_INFO_MAX: u32 = 6;
pub const IFLA_BOND_SLAVE_UNSPEC: u32 = 0;
pub const IFLA_BOND_SLAVE_STATE: u32 = 1;
pub const IFLA_BOND_SLAVE_MII_STATUS: u32 = 2;
pub const IFLA_BOND_SLAVE_LINK_FAILURE_COUNT: u32 = 3;
pub const IFLA_BOND_SLAVE_PERM_HWADDR: u32 = 4;
pub const IFLA_BOND_SLAVE_QUEUE_ID: u32 = 5;
pub const IFLA_BOND_SLAVE_AD_AGGREGATOR_ID: u32 = 6;
pub const IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE: u32 = 7;
pub const IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE: u32 = 8;
pub const IFLA_BOND_SLAVE_PRIO: u32 = 9;
pub const IFLA_BOND_SLAVE_ACTOR_PORT_PRIO: u32 = 10;
pub const IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE: u32 = 11;
pub const IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE: u32 = 12;
pub const __IFLA_BOND_SLAVE_MAX: u32 = 13;
pub const IFLA_VF_INFO_UNSPEC: u32 = 0;
pub const IFLA_VF_INFO: u32 = 1;
pub const __IFLA_VF_INFO_MAX: u32 = 2;
pub const IFLA_VF_UNSPEC: u32 = 0;
pub const IFLA_VF_MAC: u32 = 1;
pub const IFLA_VF_VLAN: u32 = 2;
pub const IFLA_VF_TX_RATE: u32 = 3;
pub const IFLA_VF_SPOOFCHK: u32 = 4;
pub const IFLA_VF_LINK_STATE: u32 = 5;
pub const IFLA_VF_RATE: u32 = 6;
pub const IFLA_VF_RSS_QUERY_EN: u32 = 7;
pub const IFLA_VF_STATS: u32 = 8;
pub const IFLA_VF_TRUST: u32 = 9;
pub const IFLA_VF_IB_NODE_GUID: u32 = 10;
pub const IFLA_VF_IB_PORT_GUID: u32 = 11;
pub const IFLA_VF_VLAN_LIST: u32 = 12;
pub const IFLA_VF_BROADCAST: u32 = 13;
pub const __IFLA_VF_MAX: u32 = 14;
pub const IFLA_VF_VLAN_INFO_UNSPEC: u32 = 0;
pub const IFLA_VF_VLAN_INFO: u32 = 1;
pub const __IFLA_VF_VLAN_INFO_MAX: u32 = 2;
pub const IFLA_VF_LINK_STATE_AUTO: u32 = 0;
pub const IFLA_VF_LINK_STATE_ENABLE: u32 = 1;
pub const IFLA_VF_LINK_STATE_DISABLE: u32 = 2;
pub const __IFLA_VF_LINK_STATE_MAX: u32 = 3;
pub const IFLA_VF_STATS_RX_PACKETS: u32 = 0;
pub const IFLA_VF_STATS_TX_PACKETS: u32 = 1;
pub const IFLA_VF_STATS_RX_BYTES: u32 = 2;
pub const IFLA_VF_STATS_TX_BYTES: u32 = 3;
pub const IFLA_VF_STATS_BROADCAST: u32 = 4;
pub const IFLA_VF_STATS_MULTICAST: u32 = 5;
pub const IFLA_VF_STATS_PAD: u32 = 6;
pub const IFLA_VF_STATS_RX_DROPPED: u32 = 7;
pub const IFLA_VF_STATS_TX_DROPPED: u32 = 8;
pub const __IFLA_VF_STATS_MAX: u32 = 9;
pub const IFLA_VF_PORT_UNSPEC: u32 = 0;
pub const IFLA_VF_PORT: u32 = 1;
pub const __IFLA_VF_PORT_MAX: u32 = 2;
pub const IFLA_PORT_UNSPEC: u32 = 0;
pub const IFLA_PORT_VF: u32 = 1;
pub const IFLA_PORT_PROFILE: u32 = 2;
pub const IFLA_PORT_VSI_TYPE: u32 = 3;
pub const IFLA_PORT_INSTANCE_UUID: u32 = 4;
pub const IFLA_PORT_HOST_UUID: u32 = 5;
pub const IFLA_PORT_REQUEST: u32 = 6;
pub const IFLA_PORT_RESPONSE: u32 = 7;
pub const __IFLA_PORT_MAX: u32 = 8;
pub const IFLA_IPOIB_UNSPEC: u32 = 0;
pub const IFLA_IPOIB_PKEY: u32 = 1;
pub const IFLA_IPOIB_MODE: u32 = 2;
pub const IFLA_IPOIB_UMCAST: u32 = 3;
pub const __IFLA_IPOIB_MAX: u32 = 4;
pub const IFLA_HSR_UNSPEC: u32 = 0;
pub const IFLA_HSR_SLAVE1: u32 = 1;
pub const IFLA_HSR_SLAVE2: u32 = 2;
pub const IFLA_HSR_MULTICAST_SPEC: u32 = 3;
pub const IFLA_HSR_SUPERVISION_ADDR: u32 = 4;
pub const IFLA_HSR_SEQ_NR: u32 = 5;
pub const IFLA_HSR_VERSION: u32 = 6;
pub const IFLA_HSR_PROTOCOL: u32 = 7;
pub const IFLA_HSR_INTERLINK: u32 = 8;
pub const __IFLA_HSR_MAX: u32 = 9;
pub const IFLA_STATS_UNSPEC: u32 = 0;
pub const IFLA_STATS_LINK_64: u32 = 1;
pub const IFLA_STATS_LINK_XSTATS: u32 = 2;
pub const IFLA_STATS_LINK_XSTATS_SLAVE: u32 = 3;
pub const IFLA_STATS_LINK_OFFLOAD_XSTATS: u32 = 4;
pub const IFLA_STATS_AF_SPEC: u32 = 5;
pub const __IFLA_STATS_MAX: u32 = 6;
pub const IFLA_STATS_GETSET_UNSPEC: u32 = 0;
pub const IFLA_STATS_GET_FILTERS: u32 = 1;
pub const IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS: u32 = 2;
pub const __IFLA_STATS_GETSET_MAX: u32 = 3;
pub const IFLA_OFFLOAD_XSTATS_UNSPEC: u32 = 0;
pub const IFLA_OFFLOAD_XSTATS_CPU_HIT: u32 = 1;
pub const IFLA_OFFLOAD_XSTATS_HW_S_INFO: u32 = 2;
pub const IFLA_OFFLOAD_XSTATS_L3_STATS: u32 = 3;
pub const __IFLA_OFFLOAD_XSTATS_MAX: u32 = 4;
pub const IFLA_OFFLOAD_XSTATS_HW_S_INFO_UNSPEC: u32 = 0;
pub const IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST: u32 = 1;
pub const IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED: u32 = 2;
pub const __IFLA_OFFLOAD_XSTATS_HW_S_INFO_MAX: u32 = 3;
pub const XDP_ATTACHED_NONE: u32 = 0;
pub const XDP_ATTACHED_DRV: u32 = 1;
pub const XDP_ATTACHED_SKB: u32 = 2;
pub const XDP_ATTACHED_HW: u32 = 3;
pub const XDP_ATTACHED_MULTI: u32 = 4;
pub const IFLA_XDP_UNSPEC: u32 = 0;
pub const IFLA_XDP_FD: u32 = 1;
pub const IFLA_XDP_ATTACHED: u32 = 2;
pub const IFLA_XDP_FLAGS: u32 = 3;
pub const IFLA_XDP_PROG_ID: u32 = 4;
pub const IFLA_XDP_DRV_PROG_ID: u32 = 5;
pub const IFLA_XDP_SKB_PROG_ID: u32 = 6;
pub const IFLA_XDP_HW_PROG_ID: u32 = 7;
pub const IFLA_XDP_EXPECTED_FD: u32 = 8;
pub const __IFLA_XDP_MAX: u32 = 9;
pub const IFLA_EVENT_NONE: u32 = 0;
pub const IFLA_EVENT_REBOOT: u32 = 1;
pub const IFLA_EVENT_FEATURES: u32 = 2;
pub const IFLA_EVENT_BONDING_FAILOVER: u32 = 3;
pub const IFLA_EVENT_NOTIFY_PEERS: u32 = 4;
pub const IFLA_EVENT_IGMP_RESEND: u32 = 5;
pub const IFLA_EVENT_BONDING_OPTIONS: u32 = 6;
pub const IFLA_TUN_UNSPEC: u32 = 0;
pub const IFLA_TUN_OWNER: u32 = 1;
pub const IFLA_TUN_GROUP: u32 = 2;
pub const IFLA_TUN_TYPE: u32 = 3;
pub const IFLA_TUN_PI: u32 = 4;
pub const IFLA_TUN_VNET_HDR: u32 = 5;
pub const IFLA_TUN_PERSIST: u32 = 6;
pub const IFLA_TUN_MULTI_QUEUE: u32 = 7;
pub const IFLA_TUN_NUM_QUEUES: u32 = 8;
pub const IFLA_TUN_NUM_DISABLED_QUEUES: u32 = 9;
pub const __IFLA_TUN_MAX: u32 = 10;
pub const IFLA_RMNET_UNSPEC: u32 = 0;
pub const IFLA_RMNET_MUX_ID: u32 = 1;
pub const IFLA_RMNET_FLAGS: u32 = 2;
pub const __IFLA_RMNET_MAX: u32 = 3;
pub const IFLA_MCTP_UNSPEC: u32 = 0;
pub const IFLA_MCTP_NET: u32 = 1;
pub const IFLA_MCTP_PHYS_BINDING: u32 = 2;
pub const __IFLA_MCTP_MAX: u32 = 3;
pub const IFLA_DSA_UNSPEC: u32 = 0;
pub const IFLA_DSA_CONDUIT: u32 = 1;
pub const IFLA_DSA_MASTER: u32 = 1;
pub const __IFLA_DSA_MAX: u32 = 2;
pub const IFLA_OVPN_UNSPEC: u32 = 0;
pub const IFLA_OVPN_MODE: u32 = 1;
pub const __IFLA_OVPN_MAX: u32 = 2;
impl perf_type_id {
    pub const PERF_TYPE_HARDWARE: perf_type_id = perf_type_id(0);
    pub const PERF_TYPE_SOFTWARE: perf_type_id = perf_type_id(1);
    pub const PERF_TYPE_TRACEPOINT: perf_type_id = perf_type_id(2);
    pub const PERF_TYPE_HW_CACHE: perf_type_id = perf_type_id(3);
    pub const PERF_TYPE_RAW: perf_type_id = perf_type_id(4);
    pub const PERF_TYPE_BREAKPOINT: perf_type_id = perf_type_id(5);
    pub const PERF_TYPE_MAX: perf_type_id = perf_type_id(6);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_type_id(pub u32);
impl perf_hw_id {
    pub const PERF_COUNT_HW_CPU_CYCLES: perf_hw_id = perf_hw_id(0);
    pub const PERF_COUNT_HW_INSTRUCTIONS: perf_hw_id = perf_hw_id(1);
    pub const PERF_COUNT_HW_CACHE_REFERENCES: perf_hw_id = perf_hw_id(2);
    pub const PERF_COUNT_HW_CACHE_MISSES: perf_hw_id = perf_hw_id(3);
    pub const PERF_COUNT_HW_BRANCH_INSTRUCTIONS: perf_hw_id = perf_hw_id(4);
    pub const PERF_COUNT_HW_BRANCH_MISSES: perf_hw_id = perf_hw_id(5);
    pub const PERF_COUNT_HW_BUS_CYCLES: perf_hw_id = perf_hw_id(6);
    pub const PERF_COUNT_HW_STALLED_CYCLES_FRONTEND: perf_hw_id = perf_hw_id(7);
    pub const PERF_COUNT_HW_STALLED_CYCLES_BACKEND: perf_hw_id = perf_hw_id(8);
    pub const PERF_COUNT_HW_REF_CPU_CYCLES: perf_hw_id = perf_hw_id(9);
    pub const PERF_COUNT_HW_MAX: perf_hw_id = perf_hw_id(10);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_hw_id(pub u32);
impl perf_hw_cache_id {
    pub const PERF_COUNT_HW_CACHE_L1D: perf_hw_cache_id = perf_hw_cache_id(0);
    pub const PERF_COUNT_HW_CACHE_L1I: perf_hw_cache_id = perf_hw_cache_id(1);
    pub const PERF_COUNT_HW_CACHE_LL: perf_hw_cache_id = perf_hw_cache_id(2);
    pub const PERF_COUNT_HW_CACHE_DTLB: perf_hw_cache_id = perf_hw_cache_id(3);
    pub const PERF_COUNT_HW_CACHE_ITLB: perf_hw_cache_id = perf_hw_cache_id(4);
    pub const PERF_COUNT_HW_CACHE_BPU: perf_hw_cache_id = perf_hw_cache_id(5);
    pub const PERF_COUNT_HW_CACHE_NODE: perf_hw_cache_id = perf_hw_cache_id(6);
    pub const PERF_COUNT_HW_CACHE_MAX: perf_hw_cache_id = perf_hw_cache_id(7);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_hw_cache_id(pub u32);
impl perf_hw_cache_op_id {
    pub const PERF_COUNT_HW_CACHE_OP_READ: perf_hw_cache_op_id = perf_hw_cache_op_id(0);
    pub const PERF_COUNT_HW_CACHE_OP_WRITE: perf_hw_cache_op_id = perf_hw_cache_op_id(1);
    pub const PERF_COUNT_HW_CACHE_OP_PREFETCH: perf_hw_cache_op_id = perf_hw_cache_op_id(
        2,
    );
    pub const PERF_COUNT_HW_CACHE_OP_MAX: perf_hw_cache_op_id = perf_hw_cache_op_id(3);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_hw_cache_op_id(pub u32);
impl perf_hw_cache_op_result_id {
    pub const PERF_COUNT_HW_CACHE_RESULT_ACCESS: perf_hw_cache_op_result_id = perf_hw_cache_op_result_id(
        0,
    );
    pub const PERF_COUNT_HW_CACHE_RESULT_MISS: perf_hw_cache_op_result_id = perf_hw_cache_op_result_id(
        1,
    );
    pub const PERF_COUNT_HW_CACHE_RESULT_MAX: perf_hw_cache_op_result_id = perf_hw_cache_op_result_id(
        2,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_hw_cache_op_result_id(pub u32);
impl perf_sw_ids {
    pub const PERF_COUNT_SW_CPU_CLOCK: perf_sw_ids = perf_sw_ids(0);
    pub const PERF_COUNT_SW_TASK_CLOCK: perf_sw_ids = perf_sw_ids(1);
    pub const PERF_COUNT_SW_PAGE_FAULTS: perf_sw_ids = perf_sw_ids(2);
    pub const PERF_COUNT_SW_CONTEXT_SWITCHES: perf_sw_ids = perf_sw_ids(3);
    pub const PERF_COUNT_SW_CPU_MIGRATIONS: perf_sw_ids = perf_sw_ids(4);
    pub const PERF_COUNT_SW_PAGE_FAULTS_MIN: perf_sw_ids = perf_sw_ids(5);
    pub const PERF_COUNT_SW_PAGE_FAULTS_MAJ: perf_sw_ids = perf_sw_ids(6);
    pub const PERF_COUNT_SW_ALIGNMENT_FAULTS: perf_sw_ids = perf_sw_ids(7);
    pub const PERF_COUNT_SW_EMULATION_FAULTS: perf_sw_ids = perf_sw_ids(8);
    pub const PERF_COUNT_SW_DUMMY: perf_sw_ids = perf_sw_ids(9);
    pub const PERF_COUNT_SW_BPF_OUTPUT: perf_sw_ids = perf_sw_ids(10);
    pub const PERF_COUNT_SW_CGROUP_SWITCHES: perf_sw_ids = perf_sw_ids(11);
    pub const PERF_COUNT_SW_MAX: perf_sw_ids = perf_sw_ids(12);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_sw_ids(pub u32);
impl perf_event_sample_format {
    pub const PERF_SAMPLE_IP: perf_event_sample_format = perf_event_sample_format(1);
    pub const PERF_SAMPLE_TID: perf_event_sample_format = perf_event_sample_format(2);
    pub const PERF_SAMPLE_TIME: perf_event_sample_format = perf_event_sample_format(4);
    pub const PERF_SAMPLE_ADDR: perf_event_sample_format = perf_event_sample_format(8);
    pub const PERF_SAMPLE_READ: perf_event_sample_format = perf_event_sample_format(16);
    pub const PERF_SAMPLE_CALLCHAIN: perf_event_sample_format = perf_event_sample_format(
        32,
    );
    pub const PERF_SAMPLE_ID: perf_event_sample_format = perf_event_sample_format(64);
    pub const PERF_SAMPLE_CPU: perf_event_sample_format = perf_event_sample_format(128);
    pub const PERF_SAMPLE_PERIOD: perf_event_sample_format = perf_event_sample_format(
        256,
    );
    pub const PERF_SAMPLE_STREAM_ID: perf_event_sample_format = perf_event_sample_format(
        512,
    );
    pub const PERF_SAMPLE_RAW: perf_event_sample_format = perf_event_sample_format(1024);
    pub const PERF_SAMPLE_BRANCH_STACK: perf_event_sample_format = perf_event_sample_format(
        2048,
    );
    pub const PERF_SAMPLE_REGS_USER: perf_event_sample_format = perf_event_sample_format(
        4096,
    );
    pub const PERF_SAMPLE_STACK_USER: perf_event_sample_format = perf_event_sample_format(
        8192,
    );
    pub const PERF_SAMPLE_WEIGHT: perf_event_sample_format = perf_event_sample_format(
        16384,
    );
    pub const PERF_SAMPLE_DATA_SRC: perf_event_sample_format = perf_event_sample_format(
        32768,
    );
    pub const PERF_SAMPLE_IDENTIFIER: perf_event_sample_format = perf_event_sample_format(
        65536,
    );
    pub const PERF_SAMPLE_TRANSACTION: perf_event_sample_format = perf_event_sample_format(
        131072,
    );
    pub const PERF_SAMPLE_REGS_INTR: perf_event_sample_format = perf_event_sample_format(
        262144,
    );
    pub const PERF_SAMPLE_PHYS_ADDR: perf_event_sample_format = perf_event_sample_format(
        524288,
    );
    pub const PERF_SAMPLE_AUX: perf_event_sample_format = perf_event_sample_format(
        1048576,
    );
    pub const PERF_SAMPLE_CGROUP: perf_event_sample_format = perf_event_sample_format(
        2097152,
    );
    pub const PERF_SAMPLE_DATA_PAGE_SIZE: perf_event_sample_format = perf_event_sample_format(
        4194304,
    );
    pub const PERF_SAMPLE_CODE_PAGE_SIZE: perf_event_sample_format = perf_event_sample_format(
        8388608,
    );
    pub const PERF_SAMPLE_WEIGHT_STRUCT: perf_event_sample_format = perf_event_sample_format(
        16777216,
    );
    pub const PERF_SAMPLE_MAX: perf_event_sample_format = perf_event_sample_format(
        33554432,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_event_sample_format(pub u32);
impl perf_branch_sample_type_shift {
    pub const PERF_SAMPLE_BRANCH_USER_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        0,
    );
    pub const PERF_SAMPLE_BRANCH_KERNEL_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        1,
    );
    pub const PERF_SAMPLE_BRANCH_HV_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        2,
    );
    pub const PERF_SAMPLE_BRANCH_ANY_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        3,
    );
    pub const PERF_SAMPLE_BRANCH_ANY_CALL_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        4,
    );
    pub const PERF_SAMPLE_BRANCH_ANY_RETURN_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        5,
    );
    pub const PERF_SAMPLE_BRANCH_IND_CALL_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        6,
    );
    pub const PERF_SAMPLE_BRANCH_ABORT_TX_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        7,
    );
    pub const PERF_SAMPLE_BRANCH_IN_TX_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        8,
    );
    pub const PERF_SAMPLE_BRANCH_NO_TX_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        9,
    );
    pub const PERF_SAMPLE_BRANCH_COND_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        10,
    );
    pub const PERF_SAMPLE_BRANCH_CALL_STACK_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        11,
    );
    pub const PERF_SAMPLE_BRANCH_IND_JUMP_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        12,
    );
    pub const PERF_SAMPLE_BRANCH_CALL_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        13,
    );
    pub const PERF_SAMPLE_BRANCH_NO_FLAGS_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        14,
    );
    pub const PERF_SAMPLE_BRANCH_NO_CYCLES_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        15,
    );
    pub const PERF_SAMPLE_BRANCH_TYPE_SAVE_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        16,
    );
    pub const PERF_SAMPLE_BRANCH_HW_INDEX_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        17,
    );
    pub const PERF_SAMPLE_BRANCH_PRIV_SAVE_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        18,
    );
    pub const PERF_SAMPLE_BRANCH_COUNTERS_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        19,
    );
    pub const PERF_SAMPLE_BRANCH_MAX_SHIFT: perf_branch_sample_type_shift = perf_branch_sample_type_shift(
        20,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_branch_sample_type_shift(pub u32);
impl perf_branch_sample_type {
    pub const PERF_SAMPLE_BRANCH_USER: perf_branch_sample_type = perf_branch_sample_type(
        1,
    );
    pub const PERF_SAMPLE_BRANCH_KERNEL: perf_branch_sample_type = perf_branch_sample_type(
        2,
    );
    pub const PERF_SAMPLE_BRANCH_HV: perf_branch_sample_type = perf_branch_sample_type(
        4,
    );
    pub const PERF_SAMPLE_BRANCH_ANY: perf_branch_sample_type = perf_branch_sample_type(
        8,
    );
    pub const PERF_SAMPLE_BRANCH_ANY_CALL: perf_branch_sample_type = perf_branch_sample_type(
        16,
    );
    pub const PERF_SAMPLE_BRANCH_ANY_RETURN: perf_branch_sample_type = perf_branch_sample_type(
        32,
    );
    pub const PERF_SAMPLE_BRANCH_IND_CALL: perf_branch_sample_type = perf_branch_sample_type(
        64,
    );
    pub const PERF_SAMPLE_BRANCH_ABORT_TX: perf_branch_sample_type = perf_branch_sample_type(
        128,
    );
    pub const PERF_SAMPLE_BRANCH_IN_TX: perf_branch_sample_type = perf_branch_sample_type(
        256,
    );
    pub const PERF_SAMPLE_BRANCH_NO_TX: perf_branch_sample_type = perf_branch_sample_type(
        512,
    );
    pub const PERF_SAMPLE_BRANCH_COND: perf_branch_sample_type = perf_branch_sample_type(
        1024,
    );
    pub const PERF_SAMPLE_BRANCH_CALL_STACK: perf_branch_sample_type = perf_branch_sample_type(
        2048,
    );
    pub const PERF_SAMPLE_BRANCH_IND_JUMP: perf_branch_sample_type = perf_branch_sample_type(
        4096,
    );
    pub const PERF_SAMPLE_BRANCH_CALL: perf_branch_sample_type = perf_branch_sample_type(
        8192,
    );
    pub const PERF_SAMPLE_BRANCH_NO_FLAGS: perf_branch_sample_type = perf_branch_sample_type(
        16384,
    );
    pub const PERF_SAMPLE_BRANCH_NO_CYCLES: perf_branch_sample_type = perf_branch_sample_type(
        32768,
    );
    pub const PERF_SAMPLE_BRANCH_TYPE_SAVE: perf_branch_sample_type = perf_branch_sample_type(
        65536,
    );
    pub const PERF_SAMPLE_BRANCH_HW_INDEX: perf_branch_sample_type = perf_branch_sample_type(
        131072,
    );
    pub const PERF_SAMPLE_BRANCH_PRIV_SAVE: perf_branch_sample_type = perf_branch_sample_type(
        262144,
    );
    pub const PERF_SAMPLE_BRANCH_COUNTERS: perf_branch_sample_type = perf_branch_sample_type(
        524288,
    );
    pub const PERF_SAMPLE_BRANCH_MAX: perf_branch_sample_type = perf_branch_sample_type(
        1048576,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_branch_sample_type(pub u32);
pub const PERF_BR_UNKNOWN: u32 = 0;
pub const PERF_BR_COND: u32 = 1;
pub const PERF_BR_UNCOND: u32 = 2;
pub const PERF_BR_IND: u32 = 3;
pub const PERF_BR_CALL: u32 = 4;
pub const PERF_BR_IND_CALL: u32 = 5;
pub const PERF_BR_RET: u32 = 6;
pub const PERF_BR_SYSCALL: u32 = 7;
pub const PERF_BR_SYSRET: u32 = 8;
pub const PERF_BR_COND_CALL: u32 = 9;
pub const PERF_BR_COND_RET: u32 = 10;
pub const PERF_BR_ERET: u32 = 11;
pub const PERF_BR_IRQ: u32 = 12;
pub const PERF_BR_SERROR: u32 = 13;
pub const PERF_BR_NO_TX: u32 = 14;
pub const PERF_BR_EXTEND_ABI: u32 = 15;
pub const PERF_BR_MAX: u32 = 16;
pub const PERF_BR_SPEC_NA: u32 = 0;
pub const PERF_BR_SPEC_WRONG_PATH: u32 = 1;
pub const PERF_BR_NON_SPEC_CORRECT_PATH: u32 = 2;
pub const PERF_BR_SPEC_CORRECT_PATH: u32 = 3;
pub const PERF_BR_SPEC_MAX: u32 = 4;
pub const PERF_BR_NEW_FAULT_ALGN: u32 = 0;
pub const PERF_BR_NEW_FAULT_DATA: u32 = 1;
pub const PERF_BR_NEW_FAULT_INST: u32 = 2;
pub const PERF_BR_NEW_ARCH_1: u32 = 3;
pub const PERF_BR_NEW_ARCH_2: u32 = 4;
pub const PERF_BR_NEW_ARCH_3: u32 = 5;
pub const PERF_BR_NEW_ARCH_4: u32 = 6;
pub const PERF_BR_NEW_ARCH_5: u32 = 7;
pub const PERF_BR_NEW_MAX: u32 = 8;
pub const PERF_BR_PRIV_UNKNOWN: u32 = 0;
pub const PERF_BR_PRIV_USER: u32 = 1;
pub const PERF_BR_PRIV_KERNEL: u32 = 2;
pub const PERF_BR_PRIV_HV: u32 = 3;
impl perf_sample_regs_abi {
    pub const PERF_SAMPLE_REGS_ABI_NONE: perf_sample_regs_abi = perf_sample_regs_abi(0);
    pub const PERF_SAMPLE_REGS_ABI_32: perf_sample_regs_abi = perf_sample_regs_abi(1);
    pub const PERF_SAMPLE_REGS_ABI_64: perf_sample_regs_abi = perf_sample_regs_abi(2);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_sample_regs_abi(pub u32);
pub const PERF_TXN_ELISION: u64 = 1;
pub const PERF_TXN_TRANSACTION: u64 = 2;
pub const PERF_TXN_SYNC: u64 = 4;
pub const PERF_TXN_ASYNC: u64 = 8;
pub const PERF_TXN_RETRY: u64 = 16;
pub const PERF_TXN_CONFLICT: u64 = 32;
pub const PERF_TXN_CAPACITY_WRITE: u64 = 64;
pub const PERF_TXN_CAPACITY_READ: u64 = 128;
pub const PERF_TXN_MAX: u64 = 256;
pub const PERF_TXN_ABORT_MASK: u64 = 18446744069414584320;
pub const PERF_TXN_ABORT_SHIFT: u64 = 32;
impl perf_event_read_format {
    pub const PERF_FORMAT_TOTAL_TIME_ENABLED: perf_event_read_format = perf_event_read_format(
        1,
    );
    pub const PERF_FORMAT_TOTAL_TIME_RUNNING: perf_event_read_format = perf_event_read_format(
        2,
    );
    pub const PERF_FORMAT_ID: perf_event_read_format = perf_event_read_format(4);
    pub const PERF_FORMAT_GROUP: perf_event_read_format = perf_event_read_format(8);
    pub const PERF_FORMAT_LOST: perf_event_read_format = perf_event_read_format(16);
    pub const PERF_FORMAT_MAX: perf_event_read_format = perf_event_read_format(32);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_event_read_format(pub u32);
#[repr(C)]
#[derive(Copy, Clone)]
pub struct perf_event_attr {
    pub type_: u32,
    pub size: u32,
    pub config: u64,
    pub __bindgen_anon_1: perf_event_attr__bindgen_ty_1,
    pub sample_type: u64,
    pub read_format: u64,
    pub _bitfield_1: [u8; 8usize],
    pub __bindgen_anon_2: perf_event_attr__bindgen_ty_2,
    pub bp_type: u32,
    pub __bindgen_anon_3: perf_event_attr__bindgen_ty_3,
    pub __bindgen_anon_4: perf_event_attr__bindgen_ty_4,
    pub branch_sample_type: u64,
    pub sample_regs_user: u64,
    pub sample_stack_user: u32,
    pub clockid: i32,
    pub sample_regs_intr: u64,
    pub aux_watermark: u32,
    pub sample_max_stack: u16,
    pub __reserved_2: u16,
    pub aux_sample_size: u32,
    pub __bindgen_anon_5: perf_event_attr__bindgen_ty_5,
    pub sig_data: u64,
    pub config3: u64,
    pub config4: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_event_attr__bindgen_ty_1 {
    pub sample_period: u64,
    pub sample_freq: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_attr__bindgen_ty_1",
    ][::core::mem::size_of::<perf_event_attr__bindgen_ty_1>() - 8usize];
    [
        "Alignment of perf_event_attr__bindgen_ty_1",
    ][::core::mem::align_of::<perf_event_attr__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_1::sample_period",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_1, sample_period) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_1::sample_freq",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_1, sample_freq) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_event_attr__bindgen_ty_2 {
    pub wakeup_events: u32,
    pub wakeup_watermark: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_attr__bindgen_ty_2",
    ][::core::mem::size_of::<perf_event_attr__bindgen_ty_2>() - 4usize];
    [
        "Alignment of perf_event_attr__bindgen_ty_2",
    ][::core::mem::align_of::<perf_event_attr__bindgen_ty_2>() - 4usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_2::wakeup_events",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_2, wakeup_events) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_2::wakeup_watermark",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_2, wakeup_watermark) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_event_attr__bindgen_ty_3 {
    pub bp_addr: u64,
    pub kprobe_func: u64,
    pub uprobe_path: u64,
    pub config1: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_attr__bindgen_ty_3",
    ][::core::mem::size_of::<perf_event_attr__bindgen_ty_3>() - 8usize];
    [
        "Alignment of perf_event_attr__bindgen_ty_3",
    ][::core::mem::align_of::<perf_event_attr__bindgen_ty_3>() - 8usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_3::bp_addr",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_3, bp_addr) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_3::kprobe_func",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_3, kprobe_func) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_3::uprobe_path",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_3, uprobe_path) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_3::config1",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_3, config1) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_event_attr__bindgen_ty_4 {
    pub bp_len: u64,
    pub kprobe_addr: u64,
    pub probe_offset: u64,
    pub config2: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_attr__bindgen_ty_4",
    ][::core::mem::size_of::<perf_event_attr__bindgen_ty_4>() - 8usize];
    [
        "Alignment of perf_event_attr__bindgen_ty_4",
    ][::core::mem::align_of::<perf_event_attr__bindgen_ty_4>() - 8usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_4::bp_len",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_4, bp_len) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_4::kprobe_addr",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_4, kprobe_addr) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_4::probe_offset",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_4, probe_offset) - 0usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_4::config2",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_4, config2) - 0usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_event_attr__bindgen_ty_5 {
    pub aux_action: u32,
    pub __bindgen_anon_1: perf_event_attr__bindgen_ty_5__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_event_attr__bindgen_ty_5__bindgen_ty_1 {
    pub _bindgen_align: [u32; 0],
    pub _bitfield_1: [u8; 4usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_attr__bindgen_ty_5__bindgen_ty_1",
    ][::core::mem::size_of::<perf_event_attr__bindgen_ty_5__bindgen_ty_1>() - 4usize];
    [
        "Alignment of perf_event_attr__bindgen_ty_5__bindgen_ty_1",
    ][::core::mem::align_of::<perf_event_attr__bindgen_ty_5__bindgen_ty_1>() - 4usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_attr__bindgen_ty_5",
    ][::core::mem::size_of::<perf_event_attr__bindgen_ty_5>() - 4usize];
    [
        "Alignment of perf_event_attr__bindgen_ty_5",
    ][::core::mem::align_of::<perf_event_attr__bindgen_ty_5>() - 4usize];
    [
        "Offset of field: perf_event_attr__bindgen_ty_5::aux_action",
    ][::core::mem::offset_of!(perf_event_attr__bindgen_ty_5, aux_action) - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of perf_event_attr"][::core::mem::size_of::<perf_event_attr>() - 144usize];
    [
        "Alignment of perf_event_attr",
    ][::core::mem::align_of::<perf_event_attr>() - 8usize];
    [
        "Offset of field: perf_event_attr::type_",
    ][::core::mem::offset_of!(perf_event_attr, type_) - 0usize];
    [
        "Offset of field: perf_event_attr::size",
    ][::core::mem::offset_of!(perf_event_attr, size) - 4usize];
    [
        "Offset of field: perf_event_attr::config",
    ][::core::mem::offset_of!(perf_event_attr, config) - 8usize];
    [
        "Offset of field: perf_event_attr::sample_type",
    ][::core::mem::offset_of!(perf_event_attr, sample_type) - 24usize];
    [
        "Offset of field: perf_event_attr::read_format",
    ][::core::mem::offset_of!(perf_event_attr, read_format) - 32usize];
    [
        "Offset of field: perf_event_attr::bp_type",
    ][::core::mem::offset_of!(perf_event_attr, bp_type) - 52usize];
    [
        "Offset of field: perf_event_attr::branch_sample_type",
    ][::core::mem::offset_of!(perf_event_attr, branch_sample_type) - 72usize];
    [
        "Offset of field: perf_event_attr::sample_regs_user",
    ][::core::mem::offset_of!(perf_event_attr, sample_regs_user) - 80usize];
    [
        "Offset of field: perf_event_attr::sample_stack_user",
    ][::core::mem::offset_of!(perf_event_attr, sample_stack_user) - 88usize];
    [
        "Offset of field: perf_event_attr::clockid",
    ][::core::mem::offset_of!(perf_event_attr, clockid) - 92usize];
    [
        "Offset of field: perf_event_attr::sample_regs_intr",
    ][::core::mem::offset_of!(perf_event_attr, sample_regs_intr) - 96usize];
    [
        "Offset of field: perf_event_attr::aux_watermark",
    ][::core::mem::offset_of!(perf_event_attr, aux_watermark) - 104usize];
    [
        "Offset of field: perf_event_attr::sample_max_stack",
    ][::core::mem::offset_of!(perf_event_attr, sample_max_stack) - 108usize];
    [
        "Offset of field: perf_event_attr::__reserved_2",
    ][::core::mem::offset_of!(perf_event_attr, __reserved_2) - 110usize];
    [
        "Offset of field: perf_event_attr::aux_sample_size",
    ][::core::mem::offset_of!(perf_event_attr, aux_sample_size) - 112usize];
    [
        "Offset of field: perf_event_attr::sig_data",
    ][::core::mem::offset_of!(perf_event_attr, sig_data) - 120usize];
    [
        "Offset of field: perf_event_attr::config3",
    ][::core::mem::offset_of!(perf_event_attr, config3) - 128usize];
    [
        "Offset of field: perf_event_attr::config4",
    ][::core::mem::offset_of!(perf_event_attr, config4) - 136usize];
};
#[repr(C)]
#[derive(Debug, Default)]
pub struct perf_event_query_bpf {
    pub ids_len: u32,
    pub prog_cnt: u32,
    pub ids: [u32; 0],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_query_bpf",
    ][::core::mem::size_of::<perf_event_query_bpf>() - 8usize];
    [
        "Alignment of perf_event_query_bpf",
    ][::core::mem::align_of::<perf_event_query_bpf>() - 4usize];
    [
        "Offset of field: perf_event_query_bpf::ids_len",
    ][::core::mem::offset_of!(perf_event_query_bpf, ids_len) - 0usize];
    [
        "Offset of field: perf_event_query_bpf::prog_cnt",
    ][::core::mem::offset_of!(perf_event_query_bpf, prog_cnt) - 4usize];
    [
        "Offset of field: perf_event_query_bpf::ids",
    ][::core::mem::offset_of!(perf_event_query_bpf, ids) - 8usize];
};
impl perf_event_ioc_flags {
    pub const PERF_IOC_FLAG_GROUP: perf_event_ioc_flags = perf_event_ioc_flags(1);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_event_ioc_flags(pub u32);
#[repr(C)]
#[derive(Copy, Clone)]
pub struct perf_event_mmap_page {
    pub version: u32,
    pub compat_version: u32,
    pub lock: u32,
    pub index: u32,
    pub offset: i64,
    pub time_enabled: u64,
    pub time_running: u64,
    pub __bindgen_anon_1: perf_event_mmap_page__bindgen_ty_1,
    pub pmc_width: u16,
    pub time_shift: u16,
    pub time_mult: u32,
    pub time_offset: u64,
    pub time_zero: u64,
    pub size: u32,
    pub __reserved_1: u32,
    pub time_cycles: u64,
    pub time_mask: u64,
    pub __reserved: [u8; 928usize],
    pub data_head: u64,
    pub data_tail: u64,
    pub data_offset: u64,
    pub data_size: u64,
    pub aux_head: u64,
    pub aux_tail: u64,
    pub aux_offset: u64,
    pub aux_size: u64,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_event_mmap_page__bindgen_ty_1 {
    pub capabilities: u64,
    pub __bindgen_anon_1: perf_event_mmap_page__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_event_mmap_page__bindgen_ty_1__bindgen_ty_1 {
    pub _bindgen_align: [u64; 0],
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_mmap_page__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::size_of::<perf_event_mmap_page__bindgen_ty_1__bindgen_ty_1>()
        - 8usize];
    [
        "Alignment of perf_event_mmap_page__bindgen_ty_1__bindgen_ty_1",
    ][::core::mem::align_of::<perf_event_mmap_page__bindgen_ty_1__bindgen_ty_1>()
        - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_mmap_page__bindgen_ty_1",
    ][::core::mem::size_of::<perf_event_mmap_page__bindgen_ty_1>() - 8usize];
    [
        "Alignment of perf_event_mmap_page__bindgen_ty_1",
    ][::core::mem::align_of::<perf_event_mmap_page__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: perf_event_mmap_page__bindgen_ty_1::capabilities",
    ][::core::mem::offset_of!(perf_event_mmap_page__bindgen_ty_1, capabilities)
        - 0usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_event_mmap_page",
    ][::core::mem::size_of::<perf_event_mmap_page>() - 1088usize];
    [
        "Alignment of perf_event_mmap_page",
    ][::core::mem::align_of::<perf_event_mmap_page>() - 8usize];
    [
        "Offset of field: perf_event_mmap_page::version",
    ][::core::mem::offset_of!(perf_event_mmap_page, version) - 0usize];
    [
        "Offset of field: perf_event_mmap_page::compat_version",
    ][::core::mem::offset_of!(perf_event_mmap_page, compat_version) - 4usize];
    [
        "Offset of field: perf_event_mmap_page::lock",
    ][::core::mem::offset_of!(perf_event_mmap_page, lock) - 8usize];
    [
        "Offset of field: perf_event_mmap_page::index",
    ][::core::mem::offset_of!(perf_event_mmap_page, index) - 12usize];
    [
        "Offset of field: perf_event_mmap_page::offset",
    ][::core::mem::offset_of!(perf_event_mmap_page, offset) - 16usize];
    [
        "Offset of field: perf_event_mmap_page::time_enabled",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_enabled) - 24usize];
    [
        "Offset of field: perf_event_mmap_page::time_running",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_running) - 32usize];
    [
        "Offset of field: perf_event_mmap_page::pmc_width",
    ][::core::mem::offset_of!(perf_event_mmap_page, pmc_width) - 48usize];
    [
        "Offset of field: perf_event_mmap_page::time_shift",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_shift) - 50usize];
    [
        "Offset of field: perf_event_mmap_page::time_mult",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_mult) - 52usize];
    [
        "Offset of field: perf_event_mmap_page::time_offset",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_offset) - 56usize];
    [
        "Offset of field: perf_event_mmap_page::time_zero",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_zero) - 64usize];
    [
        "Offset of field: perf_event_mmap_page::size",
    ][::core::mem::offset_of!(perf_event_mmap_page, size) - 72usize];
    [
        "Offset of field: perf_event_mmap_page::__reserved_1",
    ][::core::mem::offset_of!(perf_event_mmap_page, __reserved_1) - 76usize];
    [
        "Offset of field: perf_event_mmap_page::time_cycles",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_cycles) - 80usize];
    [
        "Offset of field: perf_event_mmap_page::time_mask",
    ][::core::mem::offset_of!(perf_event_mmap_page, time_mask) - 88usize];
    [
        "Offset of field: perf_event_mmap_page::__reserved",
    ][::core::mem::offset_of!(perf_event_mmap_page, __reserved) - 96usize];
    [
        "Offset of field: perf_event_mmap_page::data_head",
    ][::core::mem::offset_of!(perf_event_mmap_page, data_head) - 1024usize];
    [
        "Offset of field: perf_event_mmap_page::data_tail",
    ][::core::mem::offset_of!(perf_event_mmap_page, data_tail) - 1032usize];
    [
        "Offset of field: perf_event_mmap_page::data_offset",
    ][::core::mem::offset_of!(perf_event_mmap_page, data_offset) - 1040usize];
    [
        "Offset of field: perf_event_mmap_page::data_size",
    ][::core::mem::offset_of!(perf_event_mmap_page, data_size) - 1048usize];
    [
        "Offset of field: perf_event_mmap_page::aux_head",
    ][::core::mem::offset_of!(perf_event_mmap_page, aux_head) - 1056usize];
    [
        "Offset of field: perf_event_mmap_page::aux_tail",
    ][::core::mem::offset_of!(perf_event_mmap_page, aux_tail) - 1064usize];
    [
        "Offset of field: perf_event_mmap_page::aux_offset",
    ][::core::mem::offset_of!(perf_event_mmap_page, aux_offset) - 1072usize];
    [
        "Offset of field: perf_event_mmap_page::aux_size",
    ][::core::mem::offset_of!(perf_event_mmap_page, aux_size) - 1080usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_event_header {
    pub type_: u32,
    pub misc: u16,
    pub size: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of perf_event_header"][::core::mem::size_of::<perf_event_header>() - 8usize];
    [
        "Alignment of perf_event_header",
    ][::core::mem::align_of::<perf_event_header>() - 4usize];
    [
        "Offset of field: perf_event_header::type_",
    ][::core::mem::offset_of!(perf_event_header, type_) - 0usize];
    [
        "Offset of field: perf_event_header::misc",
    ][::core::mem::offset_of!(perf_event_header, misc) - 4usize];
    [
        "Offset of field: perf_event_header::size",
    ][::core::mem::offset_of!(perf_event_header, size) - 6usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_ns_link_info {
    pub dev: u64,
    pub ino: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of perf_ns_link_info"][::core::mem::size_of::<perf_ns_link_info>() - 16usize];
    [
        "Alignment of perf_ns_link_info",
    ][::core::mem::align_of::<perf_ns_link_info>() - 8usize];
    [
        "Offset of field: perf_ns_link_info::dev",
    ][::core::mem::offset_of!(perf_ns_link_info, dev) - 0usize];
    [
        "Offset of field: perf_ns_link_info::ino",
    ][::core::mem::offset_of!(perf_ns_link_info, ino) - 8usize];
};
pub const NET_NS_INDEX: u32 = 0;
pub const UTS_NS_INDEX: u32 = 1;
pub const IPC_NS_INDEX: u32 = 2;
pub const PID_NS_INDEX: u32 = 3;
pub const USER_NS_INDEX: u32 = 4;
pub const MNT_NS_INDEX: u32 = 5;
pub const CGROUP_NS_INDEX: u32 = 6;
pub const NR_NAMESPACES: u32 = 7;
impl perf_event_type {
    pub const PERF_RECORD_MMAP: perf_event_type = perf_event_type(1);
    pub const PERF_RECORD_LOST: perf_event_type = perf_event_type(2);
    pub const PERF_RECORD_COMM: perf_event_type = perf_event_type(3);
    pub const PERF_RECORD_EXIT: perf_event_type = perf_event_type(4);
    pub const PERF_RECORD_THROTTLE: perf_event_type = perf_event_type(5);
    pub const PERF_RECORD_UNTHROTTLE: perf_event_type = perf_event_type(6);
    pub const PERF_RECORD_FORK: perf_event_type = perf_event_type(7);
    pub const PERF_RECORD_READ: perf_event_type = perf_event_type(8);
    pub const PERF_RECORD_SAMPLE: perf_event_type = perf_event_type(9);
    pub const PERF_RECORD_MMAP2: perf_event_type = perf_event_type(10);
    pub const PERF_RECORD_AUX: perf_event_type = perf_event_type(11);
    pub const PERF_RECORD_ITRACE_START: perf_event_type = perf_event_type(12);
    pub const PERF_RECORD_LOST_SAMPLES: perf_event_type = perf_event_type(13);
    pub const PERF_RECORD_SWITCH: perf_event_type = perf_event_type(14);
    pub const PERF_RECORD_SWITCH_CPU_WIDE: perf_event_type = perf_event_type(15);
    pub const PERF_RECORD_NAMESPACES: perf_event_type = perf_event_type(16);
    pub const PERF_RECORD_KSYMBOL: perf_event_type = perf_event_type(17);
    pub const PERF_RECORD_BPF_EVENT: perf_event_type = perf_event_type(18);
    pub const PERF_RECORD_CGROUP: perf_event_type = perf_event_type(19);
    pub const PERF_RECORD_TEXT_POKE: perf_event_type = perf_event_type(20);
    pub const PERF_RECORD_AUX_OUTPUT_HW_ID: perf_event_type = perf_event_type(21);
    pub const PERF_RECORD_CALLCHAIN_DEFERRED: perf_event_type = perf_event_type(22);
    pub const PERF_RECORD_MAX: perf_event_type = perf_event_type(23);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_event_type(pub u32);
impl perf_record_ksymbol_type {
    pub const PERF_RECORD_KSYMBOL_TYPE_UNKNOWN: perf_record_ksymbol_type = perf_record_ksymbol_type(
        0,
    );
    pub const PERF_RECORD_KSYMBOL_TYPE_BPF: perf_record_ksymbol_type = perf_record_ksymbol_type(
        1,
    );
    pub const PERF_RECORD_KSYMBOL_TYPE_OOL: perf_record_ksymbol_type = perf_record_ksymbol_type(
        2,
    );
    pub const PERF_RECORD_KSYMBOL_TYPE_MAX: perf_record_ksymbol_type = perf_record_ksymbol_type(
        3,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_record_ksymbol_type(pub u32);
impl perf_bpf_event_type {
    pub const PERF_BPF_EVENT_UNKNOWN: perf_bpf_event_type = perf_bpf_event_type(0);
    pub const PERF_BPF_EVENT_PROG_LOAD: perf_bpf_event_type = perf_bpf_event_type(1);
    pub const PERF_BPF_EVENT_PROG_UNLOAD: perf_bpf_event_type = perf_bpf_event_type(2);
    pub const PERF_BPF_EVENT_MAX: perf_bpf_event_type = perf_bpf_event_type(3);
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_bpf_event_type(pub u32);
impl perf_callchain_context {
    pub const PERF_CONTEXT_HV: perf_callchain_context = perf_callchain_context(
        18446744073709551584,
    );
    pub const PERF_CONTEXT_KERNEL: perf_callchain_context = perf_callchain_context(
        18446744073709551488,
    );
    pub const PERF_CONTEXT_USER: perf_callchain_context = perf_callchain_context(
        18446744073709551104,
    );
    pub const PERF_CONTEXT_USER_DEFERRED: perf_callchain_context = perf_callchain_context(
        18446744073709550976,
    );
    pub const PERF_CONTEXT_GUEST: perf_callchain_context = perf_callchain_context(
        18446744073709549568,
    );
    pub const PERF_CONTEXT_GUEST_KERNEL: perf_callchain_context = perf_callchain_context(
        18446744073709549440,
    );
    pub const PERF_CONTEXT_GUEST_USER: perf_callchain_context = perf_callchain_context(
        18446744073709549056,
    );
    pub const PERF_CONTEXT_MAX: perf_callchain_context = perf_callchain_context(
        18446744073709547521,
    );
}
#[repr(transparent)]
#[derive(Debug, Copy, Clone, Hash, PartialEq, Eq)]
pub struct perf_callchain_context(pub u64);
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_mem_data_src {
    pub val: u64,
    pub __bindgen_anon_1: perf_mem_data_src__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_mem_data_src__bindgen_ty_1 {
    pub _bindgen_align: [u64; 0],
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_mem_data_src__bindgen_ty_1",
    ][::core::mem::size_of::<perf_mem_data_src__bindgen_ty_1>() - 8usize];
    [
        "Alignment of perf_mem_data_src__bindgen_ty_1",
    ][::core::mem::align_of::<perf_mem_data_src__bindgen_ty_1>() - 8usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of perf_mem_data_src"][::core::mem::size_of::<perf_mem_data_src>() - 8usize];
    [
        "Alignment of perf_mem_data_src",
    ][::core::mem::align_of::<perf_mem_data_src>() - 8usize];
    [
        "Offset of field: perf_mem_data_src::val",
    ][::core::mem::offset_of!(perf_mem_data_src, val) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_branch_entry {
    pub from: u64,
    pub to: u64,
    pub _bitfield_1: [u8; 8usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of perf_branch_entry"][::core::mem::size_of::<perf_branch_entry>() - 24usize];
    [
        "Alignment of perf_branch_entry",
    ][::core::mem::align_of::<perf_branch_entry>() - 8usize];
    [
        "Offset of field: perf_branch_entry::from",
    ][::core::mem::offset_of!(perf_branch_entry, from) - 0usize];
    [
        "Offset of field: perf_branch_entry::to",
    ][::core::mem::offset_of!(perf_branch_entry, to) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union perf_sample_weight {
    pub full: u64,
    pub __bindgen_anon_1: perf_sample_weight__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct perf_sample_weight__bindgen_ty_1 {
    pub var1_dw: u32,
    pub var2_w: u16,
    pub var3_w: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_sample_weight__bindgen_ty_1",
    ][::core::mem::size_of::<perf_sample_weight__bindgen_ty_1>() - 8usize];
    [
        "Alignment of perf_sample_weight__bindgen_ty_1",
    ][::core::mem::align_of::<perf_sample_weight__bindgen_ty_1>() - 4usize];
    [
        "Offset of field: perf_sample_weight__bindgen_ty_1::var1_dw",
    ][::core::mem::offset_of!(perf_sample_weight__bindgen_ty_1, var1_dw) - 0usize];
    [
        "Offset of field: perf_sample_weight__bindgen_ty_1::var2_w",
    ][::core::mem::offset_of!(perf_sample_weight__bindgen_ty_1, var2_w) - 4usize];
    [
        "Offset of field: perf_sample_weight__bindgen_ty_1::var3_w",
    ][::core::mem::offset_of!(perf_sample_weight__bindgen_ty_1, var3_w) - 6usize];
};
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of perf_sample_weight",
    ][::core::mem::size_of::<perf_sample_weight>() - 8usize];
    [
        "Alignment of perf_sample_weight",
    ][::core::mem::align_of::<perf_sample_weight>() - 8usize];
    [
        "Offset of field: perf_sample_weight::full",
    ][::core::mem::offset_of!(perf_sample_weight, full) - 0usize];
};
pub const TCA_STAB_UNSPEC: u32 = 0;
pub const TCA_STAB_BASE: u32 = 1;
pub const TCA_STAB_DATA: u32 = 2;
pub const __TCA_STAB_MAX: u32 = 3;
pub const TCA_TBF_UNSPEC: u32 = 0;
pub const TCA_TBF_PARMS: u32 = 1;
pub const TCA_TBF_RTAB: u32 = 2;
pub const TCA_TBF_PTAB: u32 = 3;
pub const TCA_TBF_RATE64: u32 = 4;
pub const TCA_TBF_PRATE64: u32 = 5;
pub const TCA_TBF_BURST: u32 = 6;
pub const TCA_TBF_PBURST: u32 = 7;
pub const TCA_TBF_PAD: u32 = 8;
pub const __TCA_TBF_MAX: u32 = 9;
pub const TCA_RED_UNSPEC: u32 = 0;
pub const TCA_RED_PARMS: u32 = 1;
pub const TCA_RED_STAB: u32 = 2;
pub const TCA_RED_MAX_P: u32 = 3;
pub const TCA_RED_FLAGS: u32 = 4;
pub const TCA_RED_EARLY_DROP_BLOCK: u32 = 5;
pub const TCA_RED_MARK_BLOCK: u32 = 6;
pub const __TCA_RED_MAX: u32 = 7;
pub const TCA_GRED_UNSPEC: u32 = 0;
pub const TCA_GRED_PARMS: u32 = 1;
pub const TCA_GRED_STAB: u32 = 2;
pub const TCA_GRED_DPS: u32 = 3;
pub const TCA_GRED_MAX_P: u32 = 4;
pub const TCA_GRED_LIMIT: u32 = 5;
pub const TCA_GRED_VQ_LIST: u32 = 6;
pub const __TCA_GRED_MAX: u32 = 7;
pub const TCA_GRED_VQ_ENTRY_UNSPEC: u32 = 0;
pub const TCA_GRED_VQ_ENTRY: u32 = 1;
pub const __TCA_GRED_VQ_ENTRY_MAX: u32 = 2;
pub const TCA_GRED_VQ_UNSPEC: u32 = 0;
pub const TCA_GRED_VQ_PAD: u32 = 1;
pub const TCA_GRED_VQ_DP: u32 = 2;
pub const TCA_GRED_VQ_STAT_BYTES: u32 = 3;
pub const TCA_GRED_VQ_STAT_PACKETS: u32 = 4;
pub const TCA_GRED_VQ_STAT_BACKLOG: u32 = 5;
pub const TCA_GRED_VQ_STAT_PROB_DROP: u32 = 6;
pub const TCA_GRED_VQ_STAT_PROB_MARK: u32 = 7;
pub const TCA_GRED_VQ_STAT_FORCED_DROP: u32 = 8;
pub const TCA_GRED_VQ_STAT_FORCED_MARK: u32 = 9;
pub const TCA_GRED_VQ_STAT_PDROP: u32 = 10;
pub const TCA_GRED_VQ_STAT_OTHER: u32 = 11;
pub const TCA_GRED_VQ_FLAGS: u32 = 12;
pub const __TCA_GRED_VQ_MAX: u32 = 13;
pub const TCA_CHOKE_UNSPEC: u32 = 0;
pub const TCA_CHOKE_PARMS: u32 = 1;
pub const TCA_CHOKE_STAB: u32 = 2;
pub const TCA_CHOKE_MAX_P: u32 = 3;
pub const __TCA_CHOKE_MAX: u32 = 4;
pub const TCA_HTB_UNSPEC: u32 = 0;
pub const TCA_HTB_PARMS: u32 = 1;
pub const TCA_HTB_INIT: u32 = 2;
pub const TCA_HTB_CTAB: u32 = 3;
pub const TCA_HTB_RTAB: u32 = 4;
pub const TCA_HTB_DIRECT_QLEN: u32 = 5;
pub const TCA_HTB_RATE64: u32 = 6;
pub const TCA_HTB_CEIL64: u32 = 7;
pub const TCA_HTB_PAD: u32 = 8;
pub const TCA_HTB_OFFLOAD: u32 = 9;
pub const __TCA_HTB_MAX: u32 = 10;
pub const TCA_HFSC_UNSPEC: u32 = 0;
pub const TCA_HFSC_RSC: u32 = 1;
pub const TCA_HFSC_FSC: u32 = 2;
pub const TCA_HFSC_USC: u32 = 3;
pub const __TCA_HFSC_MAX: u32 = 4;
pub const TCA_NETEM_UNSPEC: u32 = 0;
pub const TCA_NETEM_CORR: u32 = 1;
pub const TCA_NETEM_DELAY_DIST: u32 = 2;
pub const TCA_NETEM_REORDER: u32 = 3;
pub const TCA_NETEM_CORRUPT: u32 = 4;
pub const TCA_NETEM_LOSS: u32 = 5;
pub const TCA_NETEM_RATE: u32 = 6;
pub const TCA_NETEM_ECN: u32 = 7;
pub const TCA_NETEM_RATE64: u32 = 8;
pub const TCA_NETEM_PAD: u32 = 9;
pub const TCA_NETEM_LATENCY64: u32 = 10;
pub const TCA_NETEM_JITTER64: u32 = 11;
pub const TCA_NETEM_SLOT: u32 = 12;
pub const TCA_NETEM_SLOT_DIST: u32 = 13;
pub const TCA_NETEM_PRNG_SEED: u32 = 14;
pub const __TCA_NETEM_MAX: u32 = 15;
pub const TCA_DRR_UNSPEC: u32 = 0;
pub const TCA_DRR_QUANTUM: u32 = 1;
pub const __TCA_DRR_MAX: u32 = 2;
pub const TCA_MQPRIO_TC_ENTRY_UNSPEC: u32 = 0;
pub const TCA_MQPRIO_TC_ENTRY_INDEX: u32 = 1;
pub const TCA_MQPRIO_TC_ENTRY_FP: u32 = 2;
pub const __TCA_MQPRIO_TC_ENTRY_CNT: u32 = 3;
pub const TCA_MQPRIO_TC_ENTRY_MAX: u32 = 2;
pub const TCA_MQPRIO_UNSPEC: u32 = 0;
pub const TCA_MQPRIO_MODE: u32 = 1;
pub const TCA_MQPRIO_SHAPER: u32 = 2;
pub const TCA_MQPRIO_MIN_RATE64: u32 = 3;
pub const TCA_MQPRIO_MAX_RATE64: u32 = 4;
pub const TCA_MQPRIO_TC_ENTRY: u32 = 5;
pub const __TCA_MQPRIO_MAX: u32 = 6;
pub const TCA_SFB_UNSPEC: u32 = 0;
pub const TCA_SFB_PARMS: u32 = 1;
pub const __TCA_SFB_MAX: u32 = 2;
pub const TCA_QFQ_UNSPEC: u32 = 0;
pub const TCA_QFQ_WEIGHT: u32 = 1;
pub const TCA_QFQ_LMAX: u32 = 2;
pub const __TCA_QFQ_MAX: u32 = 3;
pub const TCA_CODEL_UNSPEC: u32 = 0;
pub const TCA_CODEL_TARGET: u32 = 1;
pub const TCA_CODEL_LIMIT: u32 = 2;
pub const TCA_CODEL_INTERVAL: u32 = 3;
pub const TCA_CODEL_ECN: u32 = 4;
pub const TCA_CODEL_CE_THRESHOLD: u32 = 5;
pub const __TCA_CODEL_MAX: u32 = 6;
pub const TCA_FQ_CODEL_UNSPEC: u32 = 0;
pub const TCA_FQ_CODEL_TARGET: u32 = 1;
pub const TCA_FQ_CODEL_LIMIT: u32 = 2;
pub const TCA_FQ_CODEL_INTERVAL: u32 = 3;
pub const TCA_FQ_CODEL_ECN: u32 = 4;
pub const TCA_FQ_CODEL_FLOWS: u32 = 5;
pub const TCA_FQ_CODEL_QUANTUM: u32 = 6;
pub const TCA_FQ_CODEL_CE_THRESHOLD: u32 = 7;
pub const TCA_FQ_CODEL_DROP_BATCH_SIZE: u32 = 8;
pub const TCA_FQ_CODEL_MEMORY_LIMIT: u32 = 9;
pub const TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR: u32 = 10;
pub const TCA_FQ_CODEL_CE_THRESHOLD_MASK: u32 = 11;
pub const __TCA_FQ_CODEL_MAX: u32 = 12;
pub const TCA_FQ_CODEL_XSTATS_QDISC: u32 = 0;
pub const TCA_FQ_CODEL_XSTATS_CLASS: u32 = 1;
pub const TCA_FQ_UNSPEC: u32 = 0;
pub const TCA_FQ_PLIMIT: u32 = 1;
pub const TCA_FQ_FLOW_PLIMIT: u32 = 2;
pub const TCA_FQ_QUANTUM: u32 = 3;
pub const TCA_FQ_INITIAL_QUANTUM: u32 = 4;
pub const TCA_FQ_RATE_ENABLE: u32 = 5;
pub const TCA_FQ_FLOW_DEFAULT_RATE: u32 = 6;
pub const TCA_FQ_FLOW_MAX_RATE: u32 = 7;
pub const TCA_FQ_BUCKETS_LOG: u32 = 8;
pub const TCA_FQ_FLOW_REFILL_DELAY: u32 = 9;
pub const TCA_FQ_ORPHAN_MASK: u32 = 10;
pub const TCA_FQ_LOW_RATE_THRESHOLD: u32 = 11;
pub const TCA_FQ_CE_THRESHOLD: u32 = 12;
pub const TCA_FQ_TIMER_SLACK: u32 = 13;
pub const TCA_FQ_HORIZON: u32 = 14;
pub const TCA_FQ_HORIZON_DROP: u32 = 15;
pub const TCA_FQ_PRIOMAP: u32 = 16;
pub const TCA_FQ_WEIGHTS: u32 = 17;
pub const TCA_FQ_OFFLOAD_HORIZON: u32 = 18;
pub const __TCA_FQ_MAX: u32 = 19;
pub const TCA_HHF_UNSPEC: u32 = 0;
pub const TCA_HHF_BACKLOG_LIMIT: u32 = 1;
pub const TCA_HHF_QUANTUM: u32 = 2;
pub const TCA_HHF_HH_FLOWS_LIMIT: u32 = 3;
pub const TCA_HHF_RESET_TIMEOUT: u32 = 4;
pub const TCA_HHF_ADMIT_BYTES: u32 = 5;
pub const TCA_HHF_EVICT_TIMEOUT: u32 = 6;
pub const TCA_HHF_NON_HH_WEIGHT: u32 = 7;
pub const __TCA_HHF_MAX: u32 = 8;
pub const TCA_PIE_UNSPEC: u32 = 0;
pub const TCA_PIE_TARGET: u32 = 1;
pub const TCA_PIE_LIMIT: u32 = 2;
pub const TCA_PIE_TUPDATE: u32 = 3;
pub const TCA_PIE_ALPHA: u32 = 4;
pub const TCA_PIE_BETA: u32 = 5;
pub const TCA_PIE_ECN: u32 = 6;
pub const TCA_PIE_BYTEMODE: u32 = 7;
pub const TCA_PIE_DQ_RATE_ESTIMATOR: u32 = 8;
pub const __TCA_PIE_MAX: u32 = 9;
pub const TCA_FQ_PIE_UNSPEC: u32 = 0;
pub const TCA_FQ_PIE_LIMIT: u32 = 1;
pub const TCA_FQ_PIE_FLOWS: u32 = 2;
pub const TCA_FQ_PIE_TARGET: u32 = 3;
pub const TCA_FQ_PIE_TUPDATE: u32 = 4;
pub const TCA_FQ_PIE_ALPHA: u32 = 5;
pub const TCA_FQ_PIE_BETA: u32 = 6;
pub const TCA_FQ_PIE_QUANTUM: u32 = 7;
pub const TCA_FQ_PIE_MEMORY_LIMIT: u32 = 8;
pub const TCA_FQ_PIE_ECN_PROB: u32 = 9;
pub const TCA_FQ_PIE_ECN: u32 = 10;
pub const TCA_FQ_PIE_BYTEMODE: u32 = 11;
pub const TCA_FQ_PIE_DQ_RATE_ESTIMATOR: u32 = 12;
pub const __TCA_FQ_PIE_MAX: u32 = 13;
pub const TCA_CBS_UNSPEC: u32 = 0;
pub const TCA_CBS_PARMS: u32 = 1;
pub const __TCA_CBS_MAX: u32 = 2;
pub const TCA_ETF_UNSPEC: u32 = 0;
pub const TCA_ETF_PARMS: u32 = 1;
pub const __TCA_ETF_MAX: u32 = 2;
pub const TCA_CAKE_UNSPEC: u32 = 0;
pub const TCA_CAKE_PAD: u32 = 1;
pub const TCA_CAKE_BASE_RATE64: u32 = 2;
pub const TCA_CAKE_DIFFSERV_MODE: u32 = 3;
pub const TCA_CAKE_ATM: u32 = 4;
pub const TCA_CAKE_FLOW_MODE: u32 = 5;
pub const TCA_CAKE_OVERHEAD: u32 = 6;
pub const TCA_CAKE_RTT: u32 = 7;
pub const TCA_CAKE_TARGET: u32 = 8;
pub const TCA_CAKE_AUTORATE: u32 = 9;
pub const TCA_CAKE_MEMORY: u32 = 10;
pub const TCA_CAKE_NAT: u32 = 11;
pub const TCA_CAKE_RAW: u32 = 12;
pub const TCA_CAKE_WASH: u32 = 13;
pub const TCA_CAKE_MPU: u32 = 14;
pub const TCA_CAKE_INGRESS: u32 = 15;
pub const TCA_CAKE_ACK_FILTER: u32 = 16;
pub const TCA_CAKE_SPLIT_GSO: u32 = 17;
pub const TCA_CAKE_FWMARK: u32 = 18;
pub const __TCA_CAKE_MAX: u32 = 19;
pub const __TCA_CAKE_STATS_INVALID: u32 = 0;
pub const TCA_CAKE_STATS_PAD: u32 = 1;
pub const TCA_CAKE_STATS_CAPACITY_ESTIMATE64: u32 = 2;
pub const TCA_CAKE_STATS_MEMORY_LIMIT: u32 = 3;
pub const TCA_CAKE_STATS_MEMORY_USED: u32 = 4;
pub const TCA_CAKE_STATS_AVG_NETOFF: u32 = 5;
pub const TCA_CAKE_STATS_MIN_NETLEN: u32 = 6;
pub const TCA_CAKE_STATS_MAX_NETLEN: u32 = 7;
pub const TCA_CAKE_STATS_MIN_ADJLEN: u32 = 8;
pub const TCA_CAKE_STATS_MAX_ADJLEN: u32 = 9;
pub const TCA_CAKE_STATS_TIN_STATS: u32 = 10;
pub const TCA_CAKE_STATS_DEFICIT: u32 = 11;
pub const TCA_CAKE_STATS_COBALT_COUNT: u32 = 12;
pub const TCA_CAKE_STATS_DROPPING: u32 = 13;
pub const TCA_CAKE_STATS_DROP_NEXT_US: u32 = 14;
pub const TCA_CAKE_STATS_P_DROP: u32 = 15;
pub const TCA_CAKE_STATS_BLUE_TIMER_US: u32 = 16;
pub const TCA_CAKE_STATS_ACTIVE_QUEUES: u32 = 17;
pub const __TCA_CAKE_STATS_MAX: u32 = 18;
pub const __TCA_CAKE_TIN_STATS_INVALID: u32 = 0;
pub const TCA_CAKE_TIN_STATS_PAD: u32 = 1;
pub const TCA_CAKE_TIN_STATS_SENT_PACKETS: u32 = 2;
pub const TCA_CAKE_TIN_STATS_SENT_BYTES64: u32 = 3;
pub const TCA_CAKE_TIN_STATS_DROPPED_PACKETS: u32 = 4;
pub const TCA_CAKE_TIN_STATS_DROPPED_BYTES64: u32 = 5;
pub const TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS: u32 = 6;
pub const TCA_CAKE_TIN_STATS_ACKS_DROPPED_BYTES64: u32 = 7;
pub const TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS: u32 = 8;
pub const TCA_CAKE_TIN_STATS_ECN_MARKED_BYTES64: u32 = 9;
pub const TCA_CAKE_TIN_STATS_BACKLOG_PACKETS: u32 = 10;
pub const TCA_CAKE_TIN_STATS_BACKLOG_BYTES: u32 = 11;
pub const TCA_CAKE_TIN_STATS_THRESHOLD_RATE64: u32 = 12;
pub const TCA_CAKE_TIN_STATS_TARGET_US: u32 = 13;
pub const TCA_CAKE_TIN_STATS_INTERVAL_US: u32 = 14;
pub const TCA_CAKE_TIN_STATS_WAY_INDIRECT_HITS: u32 = 15;
pub const TCA_CAKE_TIN_STATS_WAY_MISSES: u32 = 16;
pub const TCA_CAKE_TIN_STATS_WAY_COLLISIONS: u32 = 17;
pub const TCA_CAKE_TIN_STATS_PEAK_DELAY_US: u32 = 18;
pub const TCA_CAKE_TIN_STATS_AVG_DELAY_US: u32 = 19;
pub const TCA_CAKE_TIN_STATS_BASE_DELAY_US: u32 = 20;
pub const TCA_CAKE_TIN_STATS_SPARSE_FLOWS: u32 = 21;
pub const TCA_CAKE_TIN_STATS_BULK_FLOWS: u32 = 22;
pub const TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS: u32 = 23;
pub const TCA_CAKE_TIN_STATS_MAX_SKBLEN: u32 = 24;
pub const TCA_CAKE_TIN_STATS_FLOW_QUANTUM: u32 = 25;
pub const __TCA_CAKE_TIN_STATS_MAX: u32 = 26;
pub const TCA_TAPRIO_SCHED_ENTRY_UNSPEC: u32 = 0;
pub const TCA_TAPRIO_SCHED_ENTRY_INDEX: u32 = 1;
pub const TCA_TAPRIO_SCHED_ENTRY_CMD: u32 = 2;
pub const TCA_TAPRIO_SCHED_ENTRY_GATE_MASK: u32 = 3;
pub const TCA_TAPRIO_SCHED_ENTRY_INTERVAL: u32 = 4;
pub const __TCA_TAPRIO_SCHED_ENTRY_MAX: u32 = 5;
pub const TCA_TAPRIO_SCHED_UNSPEC: u32 = 0;
pub const TCA_TAPRIO_SCHED_ENTRY: u32 = 1;
pub const __TCA_TAPRIO_SCHED_MAX: u32 = 2;
pub const TCA_TAPRIO_TC_ENTRY_UNSPEC: u32 = 0;
pub const TCA_TAPRIO_TC_ENTRY_INDEX: u32 = 1;
pub const TCA_TAPRIO_TC_ENTRY_MAX_SDU: u32 = 2;
pub const TCA_TAPRIO_TC_ENTRY_FP: u32 = 3;
pub const __TCA_TAPRIO_TC_ENTRY_CNT: u32 = 4;
pub const TCA_TAPRIO_TC_ENTRY_MAX: u32 = 3;
pub const TCA_TAPRIO_OFFLOAD_STATS_PAD: u32 = 1;
pub const TCA_TAPRIO_OFFLOAD_STATS_WINDOW_DROPS: u32 = 2;
pub const TCA_TAPRIO_OFFLOAD_STATS_TX_OVERRUNS: u32 = 3;
pub const __TCA_TAPRIO_OFFLOAD_STATS_CNT: u32 = 4;
pub const TCA_TAPRIO_OFFLOAD_STATS_MAX: u32 = 3;
pub const TCA_TAPRIO_ATTR_UNSPEC: u32 = 0;
pub const TCA_TAPRIO_ATTR_PRIOMAP: u32 = 1;
pub const TCA_TAPRIO_ATTR_SCHED_ENTRY_LIST: u32 = 2;
pub const TCA_TAPRIO_ATTR_SCHED_BASE_TIME: u32 = 3;
pub const TCA_TAPRIO_ATTR_SCHED_SINGLE_ENTRY: u32 = 4;
pub const TCA_TAPRIO_ATTR_SCHED_CLOCKID: u32 = 5;
pub const TCA_TAPRIO_PAD: u32 = 6;
pub const TCA_TAPRIO_ATTR_PAD: u32 = 6;
pub const TCA_TAPRIO_ATTR_ADMIN_SCHED: u32 = 7;
pub const TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME: u32 = 8;
pub const TCA_TAPRIO_ATTR_SCHED_CYCLE_TIME_EXTENSION: u32 = 9;
pub const TCA_TAPRIO_ATTR_FLAGS: u32 = 10;
pub const TCA_TAPRIO_ATTR_TXTIME_DELAY: u32 = 11;
pub const TCA_TAPRIO_ATTR_TC_ENTRY: u32 = 12;
pub const __TCA_TAPRIO_ATTR_MAX: u32 = 13;
pub const TCA_ETS_UNSPEC: u32 = 0;
pub const TCA_ETS_NBANDS: u32 = 1;
pub const TCA_ETS_NSTRICT: u32 = 2;
pub const TCA_ETS_QUANTA: u32 = 3;
pub const TCA_ETS_QUANTA_BAND: u32 = 4;
pub const TCA_ETS_PRIOMAP: u32 = 5;
pub const TCA_ETS_PRIOMAP_BAND: u32 = 6;
pub const __TCA_ETS_MAX: u32 = 7;
pub const TCA_DUALPI2_UNSPEC: u32 = 0;
pub const TCA_DUALPI2_LIMIT: u32 = 1;
pub const TCA_DUALPI2_MEMORY_LIMIT: u32 = 2;
pub const TCA_DUALPI2_TARGET: u32 = 3;
pub const TCA_DUALPI2_TUPDATE: u32 = 4;
pub const TCA_DUALPI2_ALPHA: u32 = 5;
pub const TCA_DUALPI2_BETA: u32 = 6;
pub const TCA_DUALPI2_STEP_THRESH_PKTS: u32 = 7;
pub const TCA_DUALPI2_STEP_THRESH_US: u32 = 8;
pub const TCA_DUALPI2_MIN_QLEN_STEP: u32 = 9;
pub const TCA_DUALPI2_COUPLING: u32 = 10;
pub const TCA_DUALPI2_DROP_OVERLOAD: u32 = 11;
pub const TCA_DUALPI2_DROP_EARLY: u32 = 12;
pub const TCA_DUALPI2_C_PROTECTION: u32 = 13;
pub const TCA_DUALPI2_ECN_MASK: u32 = 14;
pub const TCA_DUALPI2_SPLIT_GSO: u32 = 15;
pub const TCA_DUALPI2_PAD: u32 = 16;
pub const __TCA_DUALPI2_MAX: u32 = 17;
pub const TCA_ACT_UNSPEC: u32 = 0;
pub const TCA_ACT_KIND: u32 = 1;
pub const TCA_ACT_OPTIONS: u32 = 2;
pub const TCA_ACT_INDEX: u32 = 3;
pub const TCA_ACT_STATS: u32 = 4;
pub const TCA_ACT_PAD: u32 = 5;
pub const TCA_ACT_COOKIE: u32 = 6;
pub const TCA_ACT_FLAGS: u32 = 7;
pub const TCA_ACT_HW_STATS: u32 = 8;
pub const TCA_ACT_USED_HW_STATS: u32 = 9;
pub const TCA_ACT_IN_HW_COUNT: u32 = 10;
pub const __TCA_ACT_MAX: u32 = 11;
pub const TCA_POLICE_UNSPEC: u32 = 0;
pub const TCA_POLICE_TBF: u32 = 1;
pub const TCA_POLICE_RATE: u32 = 2;
pub const TCA_POLICE_PEAKRATE: u32 = 3;
pub const TCA_POLICE_AVRATE: u32 = 4;
pub const TCA_POLICE_TM: u32 = 6;
pub const TCA_POLICE_PAD: u32 = 7;
pub const TCA_POLICE_RATE64: u32 = 8;
pub const TCA_POLICE_PEAKRATE64: u32 = 9;
pub const TCA_POLICE_PKTRATE64: u32 = 10;
pub const TCA_POLICE_PKTBURST64: u32 = 11;
pub const __TCA_POLICE_MAX: u32 = 12;
pub const TCA_U32_UNSPEC: u32 = 0;
pub const TCA_U32_CLASSID: u32 = 1;
pub const TCA_U32_HASH: u32 = 2;
pub const TCA_U32_LINK: u32 = 3;
pub const TCA_U32_DIVISOR: u32 = 4;
pub const TCA_U32_SEL: u32 = 5;
pub const TCA_U32_POLICE: u32 = 6;
pub const TCA_U32_ACT: u32 = 7;
pub const TCA_U32_INDEV: u32 = 8;
pub const TCA_U32_PCNT: u32 = 9;
pub const TCA_U32_MARK: u32 = 10;
pub const TCA_U32_FLAGS: u32 = 11;
pub const TCA_U32_PAD: u32 = 12;
pub const __TCA_U32_MAX: u32 = 13;
pub const TCA_ROUTE4_UNSPEC: u32 = 0;
pub const TCA_ROUTE4_CLASSID: u32 = 1;
pub const TCA_ROUTE4_TO: u32 = 2;
pub const TCA_ROUTE4_FROM: u32 = 3;
pub const TCA_ROUTE4_IIF: u32 = 4;
pub const TCA_ROUTE4_POLICE: u32 = 5;
pub const TCA_ROUTE4_ACT: u32 = 6;
pub const __TCA_ROUTE4_MAX: u32 = 7;
pub const TCA_FW_UNSPEC: u32 = 0;
pub const TCA_FW_CLASSID: u32 = 1;
pub const TCA_FW_POLICE: u32 = 2;
pub const TCA_FW_INDEV: u32 = 3;
pub const TCA_FW_ACT: u32 = 4;
pub const TCA_FW_MASK: u32 = 5;
pub const __TCA_FW_MAX: u32 = 6;
pub const TCA_FLOW_UNSPEC: u32 = 0;
pub const TCA_FLOW_KEYS: u32 = 1;
pub const TCA_FLOW_MODE: u32 = 2;
pub const TCA_FLOW_BASECLASS: u32 = 3;
pub const TCA_FLOW_RSHIFT: u32 = 4;
pub const TCA_FLOW_ADDEND: u32 = 5;
pub const TCA_FLOW_MASK: u32 = 6;
pub const TCA_FLOW_XOR: u32 = 7;
pub const TCA_FLOW_DIVISOR: u32 = 8;
pub const TCA_FLOW_ACT: u32 = 9;
pub const TCA_FLOW_POLICE: u32 = 10;
pub const TCA_FLOW_EMATCHES: u32 = 11;
pub const TCA_FLOW_PERTURB: u32 = 12;
pub const __TCA_FLOW_MAX: u32 = 13;
pub const TCA_BASIC_UNSPEC: u32 = 0;
pub const TCA_BASIC_CLASSID: u32 = 1;
pub const TCA_BASIC_EMATCHES: u32 = 2;
pub const TCA_BASIC_ACT: u32 = 3;
pub const TCA_BASIC_POLICE: u32 = 4;
pub const TCA_BASIC_PCNT: u32 = 5;
pub const TCA_BASIC_PAD: u32 = 6;
pub const __TCA_BASIC_MAX: u32 = 7;
pub const TCA_CGROUP_UNSPEC: u32 = 0;
pub const TCA_CGROUP_ACT: u32 = 1;
pub const TCA_CGROUP_POLICE: u32 = 2;
pub const TCA_CGROUP_EMATCHES: u32 = 3;
pub const __TCA_CGROUP_MAX: u32 = 4;
pub const TCA_BPF_UNSPEC: u32 = 0;
pub const TCA_BPF_ACT: u32 = 1;
pub const TCA_BPF_POLICE: u32 = 2;
pub const TCA_BPF_CLASSID: u32 = 3;
pub const TCA_BPF_OPS_LEN: u32 = 4;
pub const TCA_BPF_OPS: u32 = 5;
pub const TCA_BPF_FD: u32 = 6;
pub const TCA_BPF_NAME: u32 = 7;
pub const TCA_BPF_FLAGS: u32 = 8;
pub const TCA_BPF_FLAGS_GEN: u32 = 9;
pub const TCA_BPF_TAG: u32 = 10;
pub const TCA_BPF_ID: u32 = 11;
pub const __TCA_BPF_MAX: u32 = 12;
pub const TCA_FLOWER_UNSPEC: u32 = 0;
pub const TCA_FLOWER_CLASSID: u32 = 1;
pub const TCA_FLOWER_INDEV: u32 = 2;
pub const TCA_FLOWER_ACT: u32 = 3;
pub const TCA_FLOWER_KEY_ETH_DST: u32 = 4;
pub const TCA_FLOWER_KEY_ETH_DST_MASK: u32 = 5;
pub const TCA_FLOWER_KEY_ETH_SRC: u32 = 6;
pub const TCA_FLOWER_KEY_ETH_SRC_MASK: u32 = 7;
pub const TCA_FLOWER_KEY_ETH_TYPE: u32 = 8;
pub const TCA_FLOWER_KEY_IP_PROTO: u32 = 9;
pub const TCA_FLOWER_KEY_IPV4_SRC: u32 = 10;
pub const TCA_FLOWER_KEY_IPV4_SRC_MASK: u32 = 11;
pub const TCA_FLOWER_KEY_IPV4_DST: u32 = 12;
pub const TCA_FLOWER_KEY_IPV4_DST_MASK: u32 = 13;
pub const TCA_FLOWER_KEY_IPV6_SRC: u32 = 14;
pub const TCA_FLOWER_KEY_IPV6_SRC_MASK: u32 = 15;
pub const TCA_FLOWER_KEY_IPV6_DST: u32 = 16;
pub const TCA_FLOWER_KEY_IPV6_DST_MASK: u32 = 17;
pub const TCA_FLOWER_KEY_TCP_SRC: u32 = 18;
pub const TCA_FLOWER_KEY_TCP_DST: u32 = 19;
pub const TCA_FLOWER_KEY_UDP_SRC: u32 = 20;
pub const TCA_FLOWER_KEY_UDP_DST: u32 = 21;
pub const TCA_FLOWER_FLAGS: u32 = 22;
pub const TCA_FLOWER_KEY_VLAN_ID: u32 = 23;
pub const TCA_FLOWER_KEY_VLAN_PRIO: u32 = 24;
pub const TCA_FLOWER_KEY_VLAN_ETH_TYPE: u32 = 25;
pub const TCA_FLOWER_KEY_ENC_KEY_ID: u32 = 26;
pub const TCA_FLOWER_KEY_ENC_IPV4_SRC: u32 = 27;
pub const TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK: u32 = 28;
pub const TCA_FLOWER_KEY_ENC_IPV4_DST: u32 = 29;
pub const TCA_FLOWER_KEY_ENC_IPV4_DST_MASK: u32 = 30;
pub const TCA_FLOWER_KEY_ENC_IPV6_SRC: u32 = 31;
pub const TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK: u32 = 32;
pub const TCA_FLOWER_KEY_ENC_IPV6_DST: u32 = 33;
pub const TCA_FLOWER_KEY_ENC_IPV6_DST_MASK: u32 = 34;
pub const TCA_FLOWER_KEY_TCP_SRC_MASK: u32 = 35;
pub const TCA_FLOWER_KEY_TCP_DST_MASK: u32 = 36;
pub const TCA_FLOWER_KEY_UDP_SRC_MASK: u32 = 37;
pub const TCA_FLOWER_KEY_UDP_DST_MASK: u32 = 38;
pub const TCA_FLOWER_KEY_SCTP_SRC_MASK: u32 = 39;
pub const TCA_FLOWER_KEY_SCTP_DST_MASK: u32 = 40;
pub const TCA_FLOWER_KEY_SCTP_SRC: u32 = 41;
pub const TCA_FLOWER_KEY_SCTP_DST: u32 = 42;
pub const TCA_FLOWER_KEY_ENC_UDP_SRC_PORT: u32 = 43;
pub const TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK: u32 = 44;
pub const TCA_FLOWER_KEY_ENC_UDP_DST_PORT: u32 = 45;
pub const TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK: u32 = 46;
pub const TCA_FLOWER_KEY_FLAGS: u32 = 47;
pub const TCA_FLOWER_KEY_FLAGS_MASK: u32 = 48;
pub const TCA_FLOWER_KEY_ICMPV4_CODE: u32 = 49;
pub const TCA_FLOWER_KEY_ICMPV4_CODE_MASK: u32 = 50;
pub const TCA_FLOWER_KEY_ICMPV4_TYPE: u32 = 51;
pub const TCA_FLOWER_KEY_ICMPV4_TYPE_MASK: u32 = 52;
pub const TCA_FLOWER_KEY_ICMPV6_CODE: u32 = 53;
pub const TCA_FLOWER_KEY_ICMPV6_CODE_MASK: u32 = 54;
pub const TCA_FLOWER_KEY_ICMPV6_TYPE: u32 = 55;
pub const TCA_FLOWER_KEY_ICMPV6_TYPE_MASK: u32 = 56;
pub const TCA_FLOWER_KEY_ARP_SIP: u32 = 57;
pub const TCA_FLOWER_KEY_ARP_SIP_MASK: u32 = 58;
pub const TCA_FLOWER_KEY_ARP_TIP: u32 = 59;
pub const TCA_FLOWER_KEY_ARP_TIP_MASK: u32 = 60;
pub const TCA_FLOWER_KEY_ARP_OP: u32 = 61;
pub const TCA_FLOWER_KEY_ARP_OP_MASK: u32 = 62;
pub const TCA_FLOWER_KEY_ARP_SHA: u32 = 63;
pub const TCA_FLOWER_KEY_ARP_SHA_MASK: u32 = 64;
pub const TCA_FLOWER_KEY_ARP_THA: u32 = 65;
pub const TCA_FLOWER_KEY_ARP_THA_MASK: u32 = 66;
pub const TCA_FLOWER_KEY_MPLS_TTL: u32 = 67;
pub const TCA_FLOWER_KEY_MPLS_BOS: u32 = 68;
pub const TCA_FLOWER_KEY_MPLS_TC: u32 = 69;
pub const TCA_FLOWER_KEY_MPLS_LABEL: u32 = 70;
pub const TCA_FLOWER_KEY_TCP_FLAGS: u32 = 71;
pub const TCA_FLOWER_KEY_TCP_FLAGS_MASK: u32 = 72;
pub const TCA_FLOWER_KEY_IP_TOS: u32 = 73;
pub const TCA_FLOWER_KEY_IP_TOS_MASK: u32 = 74;
pub const TCA_FLOWER_KEY_IP_TTL: u32 = 75;
pub const TCA_FLOWER_KEY_IP_TTL_MASK: u32 = 76;
pub const TCA_FLOWER_KEY_CVLAN_ID: u32 = 77;
pub const TCA_FLOWER_KEY_CVLAN_PRIO: u32 = 78;
pub const TCA_FLOWER_KEY_CVLAN_ETH_TYPE: u32 = 79;
pub const TCA_FLOWER_KEY_ENC_IP_TOS: u32 = 80;
pub const TCA_FLOWER_KEY_ENC_IP_TOS_MASK: u32 = 81;
pub const TCA_FLOWER_KEY_ENC_IP_TTL: u32 = 82;
pub const TCA_FLOWER_KEY_ENC_IP_TTL_MASK: u32 = 83;
pub const TCA_FLOWER_KEY_ENC_OPTS: u32 = 84;
pub const TCA_FLOWER_KEY_ENC_OPTS_MASK: u32 = 85;
pub const TCA_FLOWER_IN_HW_COUNT: u32 = 86;
pub const TCA_FLOWER_KEY_PORT_SRC_MIN: u32 = 87;
pub const TCA_FLOWER_KEY_PORT_SRC_MAX: u32 = 88;
pub const TCA_FLOWER_KEY_PORT_DST_MIN: u32 = 89;
pub const TCA_FLOWER_KEY_PORT_DST_MAX: u32 = 90;
pub const TCA_FLOWER_KEY_CT_STATE: u32 = 91;
pub const TCA_FLOWER_KEY_CT_STATE_MASK: u32 = 92;
pub const TCA_FLOWER_KEY_CT_ZONE: u32 = 93;
pub const TCA_FLOWER_KEY_CT_ZONE_MASK: u32 = 94;
pub const TCA_FLOWER_KEY_CT_MARK: u32 = 95;
pub const TCA_FLOWER_KEY_CT_MARK_MASK: u32 = 96;
pub const TCA_FLOWER_KEY_CT_LABELS: u32 = 97;
pub const TCA_FLOWER_KEY_CT_LABELS_MASK: u32 = 98;
pub const TCA_FLOWER_KEY_MPLS_OPTS: u32 = 99;
pub const TCA_FLOWER_KEY_HASH: u32 = 100;
pub const TCA_FLOWER_KEY_HASH_MASK: u32 = 101;
pub const TCA_FLOWER_KEY_NUM_OF_VLANS: u32 = 102;
pub const TCA_FLOWER_KEY_PPPOE_SID: u32 = 103;
pub const TCA_FLOWER_KEY_PPP_PROTO: u32 = 104;
pub const TCA_FLOWER_KEY_L2TPV3_SID: u32 = 105;
pub const TCA_FLOWER_L2_MISS: u32 = 106;
pub const TCA_FLOWER_KEY_CFM: u32 = 107;
pub const TCA_FLOWER_KEY_SPI: u32 = 108;
pub const TCA_FLOWER_KEY_SPI_MASK: u32 = 109;
pub const TCA_FLOWER_KEY_ENC_FLAGS: u32 = 110;
pub const TCA_FLOWER_KEY_ENC_FLAGS_MASK: u32 = 111;
pub const __TCA_FLOWER_MAX: u32 = 112;
pub const TCA_FLOWER_KEY_CT_FLAGS_NEW: u32 = 1;
pub const TCA_FLOWER_KEY_CT_FLAGS_ESTABLISHED: u32 = 2;
pub const TCA_FLOWER_KEY_CT_FLAGS_RELATED: u32 = 4;
pub const TCA_FLOWER_KEY_CT_FLAGS_TRACKED: u32 = 8;
pub const TCA_FLOWER_KEY_CT_FLAGS_INVALID: u32 = 16;
pub const TCA_FLOWER_KEY_CT_FLAGS_REPLY: u32 = 32;
pub const __TCA_FLOWER_KEY_CT_FLAGS_MAX: u32 = 33;
pub const TCA_FLOWER_KEY_ENC_OPTS_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_ENC_OPTS_GENEVE: u32 = 1;
pub const TCA_FLOWER_KEY_ENC_OPTS_VXLAN: u32 = 2;
pub const TCA_FLOWER_KEY_ENC_OPTS_ERSPAN: u32 = 3;
pub const TCA_FLOWER_KEY_ENC_OPTS_GTP: u32 = 4;
pub const TCA_FLOWER_KEY_ENC_OPTS_PFCP: u32 = 5;
pub const __TCA_FLOWER_KEY_ENC_OPTS_MAX: u32 = 6;
pub const TCA_FLOWER_KEY_ENC_OPT_GENEVE_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_ENC_OPT_GENEVE_CLASS: u32 = 1;
pub const TCA_FLOWER_KEY_ENC_OPT_GENEVE_TYPE: u32 = 2;
pub const TCA_FLOWER_KEY_ENC_OPT_GENEVE_DATA: u32 = 3;
pub const __TCA_FLOWER_KEY_ENC_OPT_GENEVE_MAX: u32 = 4;
pub const TCA_FLOWER_KEY_ENC_OPT_VXLAN_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_ENC_OPT_VXLAN_GBP: u32 = 1;
pub const __TCA_FLOWER_KEY_ENC_OPT_VXLAN_MAX: u32 = 2;
pub const TCA_FLOWER_KEY_ENC_OPT_ERSPAN_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_ENC_OPT_ERSPAN_VER: u32 = 1;
pub const TCA_FLOWER_KEY_ENC_OPT_ERSPAN_INDEX: u32 = 2;
pub const TCA_FLOWER_KEY_ENC_OPT_ERSPAN_DIR: u32 = 3;
pub const TCA_FLOWER_KEY_ENC_OPT_ERSPAN_HWID: u32 = 4;
pub const __TCA_FLOWER_KEY_ENC_OPT_ERSPAN_MAX: u32 = 5;
pub const TCA_FLOWER_KEY_ENC_OPT_GTP_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_ENC_OPT_GTP_PDU_TYPE: u32 = 1;
pub const TCA_FLOWER_KEY_ENC_OPT_GTP_QFI: u32 = 2;
pub const __TCA_FLOWER_KEY_ENC_OPT_GTP_MAX: u32 = 3;
pub const TCA_FLOWER_KEY_ENC_OPT_PFCP_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_ENC_OPT_PFCP_TYPE: u32 = 1;
pub const TCA_FLOWER_KEY_ENC_OPT_PFCP_SEID: u32 = 2;
pub const __TCA_FLOWER_KEY_ENC_OPT_PFCP_MAX: u32 = 3;
pub const TCA_FLOWER_KEY_MPLS_OPTS_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_MPLS_OPTS_LSE: u32 = 1;
pub const __TCA_FLOWER_KEY_MPLS_OPTS_MAX: u32 = 2;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_DEPTH: u32 = 1;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_TTL: u32 = 2;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_BOS: u32 = 3;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_TC: u32 = 4;
pub const TCA_FLOWER_KEY_MPLS_OPT_LSE_LABEL: u32 = 5;
pub const __TCA_FLOWER_KEY_MPLS_OPT_LSE_MAX: u32 = 6;
pub const TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT: u32 = 1;
pub const TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST: u32 = 2;
pub const TCA_FLOWER_KEY_FLAGS_TUNNEL_CSUM: u32 = 4;
pub const TCA_FLOWER_KEY_FLAGS_TUNNEL_DONT_FRAGMENT: u32 = 8;
pub const TCA_FLOWER_KEY_FLAGS_TUNNEL_OAM: u32 = 16;
pub const TCA_FLOWER_KEY_FLAGS_TUNNEL_CRIT_OPT: u32 = 32;
pub const __TCA_FLOWER_KEY_FLAGS_MAX: u32 = 33;
pub const TCA_FLOWER_KEY_CFM_OPT_UNSPEC: u32 = 0;
pub const TCA_FLOWER_KEY_CFM_MD_LEVEL: u32 = 1;
pub const TCA_FLOWER_KEY_CFM_OPCODE: u32 = 2;
pub const __TCA_FLOWER_KEY_CFM_OPT_MAX: u32 = 3;
pub const TCA_MATCHALL_UNSPEC: u32 = 0;
pub const TCA_MATCHALL_CLASSID: u32 = 1;
pub const TCA_MATCHALL_ACT: u32 = 2;
pub const TCA_MATCHALL_FLAGS: u32 = 3;
pub const TCA_MATCHALL_PCNT: u32 = 4;
pub const TCA_MATCHALL_PAD: u32 = 5;
pub const __TCA_MATCHALL_MAX: u32 = 6;
pub const TCA_EMATCH_TREE_UNSPEC: u32 = 0;
pub const TCA_EMATCH_TREE_HDR: u32 = 1;
pub const TCA_EMATCH_TREE_LIST: u32 = 2;
pub const __TCA_EMATCH_TREE_MAX: u32 = 3;
pub const RTM_BASE: u32 = 16;
pub const RTM_NEWRULE: u32 = 32;
pub const RTM_DELRULE: u32 = 33;
pub const RTM_GETRULE: u32 = 34;
pub const RTM_NEWPREFIX: u32 = 52;
pub const RTM_NEWMULTICAST: u32 = 56;
pub const RTM_DELMULTICAST: u32 = 57;
pub const RTM_GETMULTICAST: u32 = 58;
pub const RTM_NEWANYCAST: u32 = 60;
pub const RTM_DELANYCAST: u32 = 61;
pub const RTM_GETANYCAST: u32 = 62;
pub const RTM_NEWNEIGHTBL: u32 = 64;
pub const RTM_GETNEIGHTBL: u32 = 66;
pub const RTM_SETNEIGHTBL: u32 = 67;
pub const RTM_NEWNDUSEROPT: u32 = 68;
pub const RTM_NEWADDRLABEL: u32 = 72;
pub const RTM_DELADDRLABEL: u32 = 73;
pub const RTM_GETADDRLABEL: u32 = 74;
pub const RTM_GETDCB: u32 = 78;
pub const RTM_SETDCB: u32 = 79;
pub const RTM_NEWNETCONF: u32 = 80;
pub const RTM_DELNETCONF: u32 = 81;
pub const RTM_GETNETCONF: u32 = 82;
pub const RTM_NEWMDB: u32 = 84;
pub const RTM_DELMDB: u32 = 85;
pub const RTM_GETMDB: u32 = 86;
pub const RTM_NEWNSID: u32 = 88;
pub const RTM_DELNSID: u32 = 89;
pub const RTM_GETNSID: u32 = 90;
pub const RTM_NEWSTATS: u32 = 92;
pub const RTM_GETSTATS: u32 = 94;
pub const RTM_SETSTATS: u32 = 95;
pub const RTM_NEWCACHEREPORT: u32 = 96;
pub const RTM_NEWNEXTHOP: u32 = 104;
pub const RTM_DELNEXTHOP: u32 = 105;
pub const RTM_GETNEXTHOP: u32 = 106;
pub const RTM_NEWLINKPROP: u32 = 108;
pub const RTM_DELLINKPROP: u32 = 109;
pub const RTM_GETLINKPROP: u32 = 110;
pub const RTM_NEWVLAN: u32 = 112;
pub const RTM_DELVLAN: u32 = 113;
pub const RTM_GETVLAN: u32 = 114;
pub const RTM_NEWNEXTHOPBUCKET: u32 = 116;
pub const RTM_DELNEXTHOPBUCKET: u32 = 117;
pub const RTM_GETNEXTHOPBUCKET: u32 = 118;
pub const RTM_NEWTUNNEL: u32 = 120;
pub const RTM_DELTUNNEL: u32 = 121;
pub const RTM_GETTUNNEL: u32 = 122;
pub const __RTM_MAX: u32 = 123;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct rtattr {
    pub rta_len: u16,
    pub rta_type: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of rtattr"][::core::mem::size_of::<rtattr>() - 4usize];
    ["Alignment of rtattr"][::core::mem::align_of::<rtattr>() - 2usize];
    [
        "Offset of field: rtattr::rta_len",
    ][::core::mem::offset_of!(rtattr, rta_len) - 0usize];
    [
        "Offset of field: rtattr::rta_type",
    ][::core::mem::offset_of!(rtattr, rta_type) - 2usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct rtgenmsg {
    pub rtgen_family: u8,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of rtgenmsg"][::core::mem::size_of::<rtgenmsg>() - 1usize];
    ["Alignment of rtgenmsg"][::core::mem::align_of::<rtgenmsg>() - 1usize];
    [
        "Offset of field: rtgenmsg::rtgen_family",
    ][::core::mem::offset_of!(rtgenmsg, rtgen_family) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct ifinfomsg {
    pub ifi_family: u8,
    pub __ifi_pad: u8,
    pub ifi_type: u16,
    pub ifi_index: i32,
    pub ifi_flags: u32,
    pub ifi_change: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ifinfomsg"][::core::mem::size_of::<ifinfomsg>() - 16usize];
    ["Alignment of ifinfomsg"][::core::mem::align_of::<ifinfomsg>() - 4usize];
    [
        "Offset of field: ifinfomsg::ifi_family",
    ][::core::mem::offset_of!(ifinfomsg, ifi_family) - 0usize];
    [
        "Offset of field: ifinfomsg::__ifi_pad",
    ][::core::mem::offset_of!(ifinfomsg, __ifi_pad) - 1usize];
    [
        "Offset of field: ifinfomsg::ifi_type",
    ][::core::mem::offset_of!(ifinfomsg, ifi_type) - 2usize];
    [
        "Offset of field: ifinfomsg::ifi_index",
    ][::core::mem::offset_of!(ifinfomsg, ifi_index) - 4usize];
    [
        "Offset of field: ifinfomsg::ifi_flags",
    ][::core::mem::offset_of!(ifinfomsg, ifi_flags) - 8usize];
    [
        "Offset of field: ifinfomsg::ifi_change",
    ][::core::mem::offset_of!(ifinfomsg, ifi_change) - 12usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct tcmsg {
    pub tcm_family: u8,
    pub tcm__pad1: u8,
    pub tcm__pad2: u16,
    pub tcm_ifindex: i32,
    pub tcm_handle: u32,
    pub tcm_parent: u32,
    pub tcm_info: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of tcmsg"][::core::mem::size_of::<tcmsg>() - 20usize];
    ["Alignment of tcmsg"][::core::mem::align_of::<tcmsg>() - 4usize];
    [
        "Offset of field: tcmsg::tcm_family",
    ][::core::mem::offset_of!(tcmsg, tcm_family) - 0usize];
    [
        "Offset of field: tcmsg::tcm__pad1",
    ][::core::mem::offset_of!(tcmsg, tcm__pad1) - 1usize];
    [
        "Offset of field: tcmsg::tcm__pad2",
    ][::core::mem::offset_of!(tcmsg, tcm__pad2) - 2usize];
    [
        "Offset of field: tcmsg::tcm_ifindex",
    ][::core::mem::offset_of!(tcmsg, tcm_ifindex) - 4usize];
    [
        "Offset of field: tcmsg::tcm_handle",
    ][::core::mem::offset_of!(tcmsg, tcm_handle) - 8usize];
    [
        "Offset of field: tcmsg::tcm_parent",
    ][::core::mem::offset_of!(tcmsg, tcm_parent) - 12usize];
    [
        "Offset of field: tcmsg::tcm_info",
    ][::core::mem::offset_of!(tcmsg, tcm_info) - 16usize];
};
pub const TCA_UNSPEC: u32 = 0;
pub const TCA_KIND: u32 = 1;
pub const TCA_OPTIONS: u32 = 2;
pub const TCA_STATS: u32 = 3;
pub const TCA_XSTATS: u32 = 4;
pub const TCA_RATE: u32 = 5;
pub const TCA_FCNT: u32 = 6;
pub const TCA_STATS2: u32 = 7;
pub const TCA_STAB: u32 = 8;
pub const TCA_PAD: u32 = 9;
pub const TCA_DUMP_INVISIBLE: u32 = 10;
pub const TCA_CHAIN: u32 = 11;
pub const TCA_HW_OFFLOAD: u32 = 12;
pub const TCA_INGRESS_BLOCK: u32 = 13;
pub const TCA_EGRESS_BLOCK: u32 = 14;
pub const TCA_DUMP_FLAGS: u32 = 15;
pub const TCA_EXT_WARN_MSG: u32 = 16;
pub const __TCA_MAX: u32 = 17;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct tcamsg {
    pub tca_family: u8,
    pub tca__pad1: u8,
    pub tca__pad2: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of tcamsg"][::core::mem::size_of::<tcamsg>() - 4usize];
    ["Alignment of tcamsg"][::core::mem::align_of::<tcamsg>() - 2usize];
    [
        "Offset of field: tcamsg::tca_family",
    ][::core::mem::offset_of!(tcamsg, tca_family) - 0usize];
    [
        "Offset of field: tcamsg::tca__pad1",
    ][::core::mem::offset_of!(tcamsg, tca__pad1) - 1usize];
    [
        "Offset of field: tcamsg::tca__pad2",
    ][::core::mem::offset_of!(tcamsg, tca__pad2) - 2usize];
};
pub const TCA_ROOT_UNSPEC: u32 = 0;
pub const TCA_ROOT_TAB: u32 = 1;
pub const TCA_ROOT_FLAGS: u32 = 2;
pub const TCA_ROOT_COUNT: u32 = 3;
pub const TCA_ROOT_TIME_DELTA: u32 = 4;
pub const TCA_ROOT_EXT_WARN_MSG: u32 = 5;
pub const __TCA_ROOT_MAX: u32 = 6;
pub const VETH_INFO_UNSPEC: u32 = 0;
pub const VETH_INFO_PEER: u32 = 1;
pub const __VETH_INFO_MAX: u32 = 2;
