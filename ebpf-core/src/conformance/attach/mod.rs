//! Cases about attached programs, a file for each hook.

pub mod act_bpf;
pub mod cgroup;
pub mod cgroup_order;
mod counter;
pub mod iter;
pub mod kprobe;
pub mod link;
pub mod netfilter;
pub mod replace;
pub mod reuseport;
pub mod sk_lookup;
pub mod socket_filter;
pub mod sockmap;
pub mod tc;
pub mod tcx;
pub mod tracepoint;
pub mod xdp;

pub use counter::Counter;
