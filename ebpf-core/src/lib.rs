//! eBPF objects, maps, programs and links behind traits that the Linux kernel and a simulation both implement.
//!
//! An object file becomes an [`ObjectSpec`](object::ObjectSpec): plain data that can be read and edited anywhere, without
//! privileges. A [`System`] makes it real: its maps are created, its programs verified and loaded, and the result is a
//! [`Collection`]. What holds a program at its hook is a [`Link`].
//!
//! # Look at an object, without privileges
//!
//! ```
//! use ebpf_core::object::ObjectSpec;
//!
//! # let bytes = include_bytes!("../testdata/load/pinned.bpf.o");
//! let mut object = ObjectSpec::parse(bytes)?;
//! for program in &object.programs {
//!     println!("{}: {} in `{}`", program.name, program.program_type, program.section);
//! }
//! // Everything may be edited before it is loaded.
//! for map in &mut object.maps {
//!     map.max_entries *= 2;
//! }
//! # assert_eq!((object.programs.len(), object.maps.len()), (3, 1));
//! # Ok::<(), ebpf_core::object::ParseError>(())
//! ```
//!
//! # Load it, attach a program, use a map
//!
//! ```no_run
//! use ebpf_core::hook::Xdp;
//! use ebpf_core::map::TypedMap;
//! use ebpf_core::program::ProgramExt;
//! use ebpf_core::{System, SystemExt};
//!
//! fn count(system: &dyn System) -> Result<u64, Box<dyn std::error::Error>> {
//!     let objects = system.load_file("counter.bpf.o")?;
//!     let _link = objects.program("count")?.attach_to(Xdp::on("eth0"))?;
//!     let counters: TypedMap<u32, u64> = TypedMap::new(objects.map("counters")?.clone())?;
//!     Ok(counters.get(&0)?.unwrap_or(0))
//! }
//! ```
//!
//! On Linux `count(&KernelSystem::new())` runs it in the kernel. Code that takes `&dyn System` does not know which system
//! it has.
//!
//! # Read and write instructions
//!
//! ```
//! use ebpf_core::insn;
//!
//! let program = insn::assemble("r0 = 2\nexit")?;
//! let text = insn::disassemble(&program, &insn::Annotations::default()).to_string();
//! assert_eq!(text, "   0: r0 = 2\n   1: exit\n");
//! # Ok::<(), insn::AsmError>(())
//! ```
//!
//! # Where things are
//!
//! | layer | modules | job |
//! |---|---|---|
//! | words | [`errno`] [`codec`] [`insn`] [`btf`] | numbers, bytes, instructions, types |
//! | contracts | [`map`] [`program`] [`hook`] [`link`] [`event`] [`system`] | traits, specs, tables, errors |
//! | plan | [`object`] [`needs`] | bytes in, an editable plan of maps and programs out, and what it needs of a kernel |
//! | joining | [`loader`] [`collection`] | a plan meets a system |
//! | backend | `kernel` (Linux, feature `kernel`) | the running kernel as a [`System`] |
//! | suite | `conformance` (feature of that name) | what every system does, as cases |

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
pub mod event;
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
