//! Cases about attached programs, a file for each hook.

pub mod link;
pub mod xdp;
