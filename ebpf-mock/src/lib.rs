//! The kernel's maps, programs and attachments in memory, behind the traits of `ebpf-core`.
//!
//! ```
//! use ebpf_core::map::{MapSpec, MapType};
//! use ebpf_core::{Map, MapExt, System};
//! use ebpf_mock::MockSystem;
//!
//! fn count(system: &dyn System) -> Result<(), ebpf_core::map::MapError> {
//!     let map = system.create_map(&MapSpec::new("counts", MapType::HASH, 4, 8, 1024), None)?;
//!     map.insert(&1u32.to_ne_bytes(), &7u64.to_ne_bytes())
//! }
//!
//! count(&MockSystem::new()).expect("no kernel, no root");
//! ```
//!
//! The pages: [`guide`] (test your loader without root), [`programs`] (test your XDP program like any Rust function),
//! [`promised`] (what is simulated and what is not), [`compared`] (what other simulations of eBPF do). For tests there are
//! [`testing`] (snapshots, differences, events in a list) and [`fault`] (failures on purpose).
#![forbid(unsafe_code)]

mod bpffs;
mod builder;
mod dispatch;
mod engine;
mod event;
mod facts;
pub mod fault;
#[doc = include_str!("../docs/compared.md")]
#[doc = include_str!("../docs/compared_programs.md")]
pub mod compared {}
#[doc = include_str!("../docs/testing.md")]
pub mod guide {}
#[doc = include_str!("../docs/programs.md")]
pub mod programs {}
#[doc = include_str!("../docs/promises.md")]
pub mod promised {}
mod hook;
mod interleave;
mod inventory;
mod kernel;
mod kernel_types;
mod link;
mod map;
mod memory;
#[cfg(test)]
mod memory_tests;
mod privileges;
mod profile;
mod program;
#[cfg(test)]
mod promises;
#[cfg(feature = "scripted")]
pub mod scripted;
mod symbols;
mod sync;
mod system;
mod table;
pub mod testing;
mod world;

pub use builder::MockSystemBuilder;
pub use dispatch::{Fate, Registers};
pub use engine::coverage::Coverage;
pub use engine::fault::{Call, Origin, Position, ProgramFault};
pub use engine::helpers::{HelperCall, Route, RouteKind};
pub use engine::problem::{Access, Place, Problem};
pub use engine::trace::Traced;
pub use event::{MockRecord, MockWriter};
pub use inventory::Inventory;
pub use kernel_types::KernelTypes;
pub use link::MockLink;
pub use map::{MockMap, NOT_SIMULATED, NotSimulated};
pub use privileges::Privileges;
pub use program::MockProgram;
pub use system::MockSystem;
pub use world::{
    Datagram, DeviceAccess, DeviceKind, InterfaceKind, InterfaceSpec, MockBinary, MockCgroup,
    MockFile, MockNetns, MockSocket, MockTask, SocketKind, TaskSpec, TracepointField,
    TracepointSpec, Transmitted,
};
