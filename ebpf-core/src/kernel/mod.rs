//! The backend that talks to the running Linux kernel.
//!
//! | file | job |
//! |---|---|
//! | `sys/`, `mmap.rs` | every system call that needs `unsafe`, behind safe functions that check lengths |
//! | `attr.rs` | what bpf(2) is given |
//! | `system.rs` | [`KernelSystem`] |
//! | `map.rs`, `batch.rs`, `program.rs`, `load.rs`, `link.rs` | the kernel's objects behind the traits |
//! | `attach/`, `netlink/` | how each hook is attached |
//! | `tracefs.rs`, `binary.rs` | events of tracefs and what is left of them; functions and static probes of executables |
//! | `event/` | perf event arrays and ring buffers as sources, user ring buffers |
//! | `holders.rs`, `process.rs` | who has objects open, what is pinned where, addresses of processes |
//! | `feature.rs`, `facts.rs`, `symbols.rs`, `stats.rs` | what this kernel can do and what it says of itself |

mod attach;
mod attr;
mod batch;
mod binary;
mod bpffs;
mod btf;
mod create;
mod event;
mod facts;
mod feature;
mod gzip;
mod holders;
mod link;
mod load;
mod map;
mod memlock;
mod mmap;
mod netlink;
mod process;
mod program;
mod stats;
mod symbols;
mod sys;
mod system;
mod tracefs;

pub use holders::{Holder, Pin};
pub use link::KernelLink;
pub use map::KernelMap;
pub use netlink::XdpAttached;
pub use process::{FileSymbols, ProcessSymbols, UserLocation, UserSymbol};
pub use program::KernelProgram;
pub use system::KernelSystem;
pub use tracefs::{ProbeCleanup, ProbeKind, ProbeOwner, TracefsProbe};
