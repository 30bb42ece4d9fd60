//! Cases about attached programs, a file for each hook.

pub mod act_bpf;
pub mod cgroup;
pub mod cgroup_order;
pub mod cgroup_sock;
mod counter;
pub mod iter;
pub mod kprobe;
pub mod link;
pub mod netfilter;
mod record;
pub mod replace;
pub mod reuseport;
pub mod sk_lookup;
pub mod sk_msg;
pub mod sk_skb;
pub mod sock_addr;
pub mod sock_ops;
pub mod socket_filter;
pub mod sockmap;
pub mod sockopt;
pub mod sysctl;
pub mod tc;
pub mod tcx;
pub mod tracepoint;
pub mod xdp;

pub use counter::Counter;
