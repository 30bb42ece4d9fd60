//! Cases about attached programs, a file for each hook.

pub mod act_bpf;
pub mod link;
pub mod tc;
pub mod tcx;
pub mod xdp;
