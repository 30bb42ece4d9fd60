//! The examples' programs as users run them.
#![cfg(target_os = "linux")]

mod bpf_redirect_map;
mod bpfobj;
#[path = "../both/counted.rs"]
mod counted;
mod demo;
mod exec_dump;
mod firewall;
#[path = "../both/frames.rs"]
mod frames;
mod live;
mod packet_counter;
mod process;
mod readme;
mod rules;
mod run;
#[path = "../both/runs.rs"]
mod runs;
mod vmlinux;
mod wire;
mod xdp_dump;
