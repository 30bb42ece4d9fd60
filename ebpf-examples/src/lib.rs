//! Examples of ebpf-core. Each is a library function over a system, so that it can be tested on one that is simulated,
//! and a small program that runs it on the kernel.

pub mod basic_firewall;
pub mod bpf_redirect_map;
pub mod bpfobj;
#[cfg(target_os = "linux")]
pub mod cli;
pub mod counter;
pub mod exec_dump;
pub mod feed;
pub mod hex;
#[cfg(target_os = "linux")]
pub mod interrupt;
pub mod packet_counter;
pub mod screen;
pub mod xdp_dump;

/// The example of the first page, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
