//! The examples on a simulated system: no root, no kernel, any operating system. Copy what you need.

mod bpf_redirect_map;
mod bpfobj;
#[path = "../both/counted.rs"]
mod counted;
mod demo;
mod exec_dump;
mod firewall;
#[path = "../both/frames.rs"]
mod frames;
mod packet_counter;
mod readme;
mod run;
#[path = "../both/runs.rs"]
mod runs;
mod xdp_dump;
