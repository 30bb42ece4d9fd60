//! Examples of ebpf-core. Each is a library function over a system, so that it can be tested on one that is simulated,
//! and a small program that runs it on the kernel.

pub mod basic_firewall;
pub mod bpfobj;
#[cfg(target_os = "linux")]
pub mod interrupt;
pub mod screen;

/// The example of the first page, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
