//! Raw bindings of the Linux eBPF user-space API: the types and constants of `linux/bpf.h`, `linux/btf.h`, `linux/perf_event.h`, and what
//! attaching needs of `linux/if_link.h`, `linux/rtnetlink.h`, `linux/pkt_cls.h` and `linux/pkt_sched.h`.
//!
//! Data only: there is no function in here, no `unsafe` and no dependency. Names are those of the headers. [`UAPI_VERSION`] names the
//! headers, which may be newer or older than the kernel that a program meets, so values the headers lack must be expected:
//!
//! * an `enum` of C with a name is an open newtype with the names as associated constants, as [`bpf_map_type::BPF_MAP_TYPE_HASH`], and
//!   holds every other number as well;
//! * constants of nameless enums and of macros are plain integers, as [`BPF_ANY`];
//! * integers have the same Rust type on every target, and `char` is [`u8`];
//! * a group of bit fields is one array of bytes, named `_bitfield_1`, laid out as C does on the machine: the first bit declared is the
//!   least significant one on little-endian machines and the most significant one on big-endian machines.
//!
//! ```
//! use ebpf_sys::{BPF_ALU64, BPF_F_MMAPABLE, BPF_K, BPF_MOV, bpf_insn, bpf_map_type};
//!
//! // r0 = 1, whose register numbers are two groups of four bits.
//! let insn = bpf_insn { code: (BPF_ALU64 | BPF_MOV | BPF_K) as u8, imm: 1, ..Default::default() };
//! assert_eq!((insn.code, size_of_val(&insn)), (0xb7, 8));
//!
//! let unknown = bpf_map_type(0xffff);
//! assert_ne!(unknown, bpf_map_type::BPF_MAP_TYPE_HASH);
//! assert_eq!(BPF_F_MMAPABLE, 1 << 10);
//! ```
//!
//! Sizes, alignments and field offsets are checked when the crate is compiled, against those of 64-bit Linux.
//!
//! # Licence
//!
//! The numbers, names and layouts are facts taken from headers under GPL-2.0 WITH Linux-syscall-note, the exception for programs that use
//! the kernel; no text of theirs is in here.
//!
//! # Feature `bindgen`
//!
//! Makes the bindings anew while compiling, from the headers in `/usr/include/linux` (needs libclang). They are then as old as those.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(not(feature = "bindgen"))]
#[rustfmt::skip]
#[allow(clippy::all, missing_docs, reason = "generated; the kernel's headers document the names, in words that are not ours to copy")]
#[allow(non_camel_case_types, non_snake_case, non_upper_case_globals, reason = "the names are those of the kernel's headers")]
mod bindings;

#[cfg(feature = "bindgen")]
#[allow(
    clippy::all,
    missing_docs,
    reason = "generated; the kernel's headers document the names, in words that are not ours to copy"
)]
#[allow(
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    reason = "the names are those of the kernel's headers"
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

pub use bindings::*;

/// A 16-bit number in network byte order.
#[allow(
    non_camel_case_types,
    reason = "the name is that of the kernel's headers"
)]
pub type __be16 = u16;

/// A 32-bit number in network byte order.
#[allow(
    non_camel_case_types,
    reason = "the name is that of the kernel's headers"
)]
pub type __be32 = u32;
