//! The examples' programs as users run them.
#![cfg(target_os = "linux")]

mod bpf_redirect_map;
mod bpfobj;
mod demo;
mod exec_dump;
mod firewall;
mod frames;
mod live;
mod packet_counter;
mod process;
mod rules;
mod vmlinux;
mod wire;
mod xdp_dump;
