//! The examples on a simulated system: no root, no kernel, any operating system. Copy what you need.

mod bpf_redirect_map;
mod bpfobj;
mod firewall;
mod packet_counter;
