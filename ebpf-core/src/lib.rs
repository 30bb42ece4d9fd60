//! eBPF objects, maps, programs and links behind traits that the Linux kernel and a simulation both implement.
//!
//! | layer | modules | job |
//! |---|---|---|
//! | words | [`errno`] [`codec`] [`insn`] [`btf`] | numbers, bytes, instructions, types |
//! | contracts | [`map`] [`program`] [`hook`] [`link`] [`system`] | traits, specs, tables, errors |
//! | plan | [`object`] [`needs`] | bytes in, an editable plan of maps and programs out, and what it needs of a kernel |
//! | joining | [`loader`] [`collection`] | a plan meets a system |

// Lets macros name this crate the same way inside it as outside.
extern crate self as ebpf_core;

#[macro_use]
mod words;

pub mod btf;
pub mod codec;
pub mod collection;
#[cfg(feature = "conformance")]
pub mod conformance;

pub mod errno;
pub mod hook;
pub mod insn;
#[cfg(all(target_os = "linux", feature = "kernel"))]
pub mod kernel;
pub mod link;
pub mod loader;
pub mod map;
pub mod needs;
pub mod object;
pub mod program;
pub mod system;

pub use collection::Collection;
pub use errno::Errno;
#[cfg(all(target_os = "linux", feature = "kernel"))]
pub use kernel::KernelSystem;
pub use link::Link;
pub use loader::{LoadError, LoadOptions, SystemExt};
pub use map::{Map, MapExt};
pub use program::Program;
pub use system::System;
pub use zerocopy;
