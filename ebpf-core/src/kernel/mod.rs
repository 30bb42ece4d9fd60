//! The backend that talks to the running Linux kernel.
//!
//! | file | job |
//! |---|---|
//! | `sys.rs`, `mmap.rs` | every system call that needs `unsafe`, behind safe functions that check lengths |
//! | `attr.rs` | what bpf(2) is given |
//! | `system.rs` | [`KernelSystem`] |
//! | `map.rs`, `batch.rs`, `program.rs`, `load.rs`, `link.rs` | the kernel's objects behind the traits |
//! | `attach/`, `netlink.rs` | how each hook is attached |
//! | `feature.rs`, `facts.rs` | what this kernel can do and what it says of itself |

#![allow(dead_code, reason = "programs and links follow")]

mod attr;
mod batch;
mod bpffs;
mod btf;
mod create;
mod facts;
mod inflate;
mod map;
mod memlock;
mod mmap;
mod sys;
mod system;

pub use map::KernelMap;
pub use system::KernelSystem;
