//! The engine: executes the bytecode of loaded programs.
//!
//! | what | where |
//! |---|---|
//! | addresses of programs: `region:24 \| offset:40` | `address` |
//! | what an address reaches, every kind of access | `memory` ([`memory::Memory`]) |
//! | the decoded program | `code`, made by `decode` |
//! | the state of a running program, its frames, callbacks and tail calls | `run` ([`run::Run`]) |
//! | the loop over operations | `exec` |
//! | what a helper is, what it is given and may ask for | `helper`; the helpers themselves in `helpers/` |
//! | what an instruction touches of what others reach too | `shared` |
//! | timers, work queues, objects: what values of maps keep besides bytes | `kept/` |
//! | structures of the kernel, as its types lay them out | `structure` |
//! | contexts whose fields are converted | `context/` |
//! | what a program can do wrong, and the report of it | `problem`, `fault` |
//!
//! **To run a program**: [`run::Run::new`] takes a kernel and a program. Set [`run::Run::context`] and fill
//! [`memory::Memory::packet`], or add a block for a context of plain bytes; call [`run::Run::call`] with what r1 and the
//! following registers are to have; look at the packet and the context afterwards. Dropping the run gives its memory back to the
//! program, so that the next run asks for none.
//!
//! **To add a helper**: a row in a table of `helpers/TOPIC.rs`, and a function `fn(&mut Run, [u64; 5]) -> Result<Flow,
//! Problem>`. `helpers/map.rs` is the model. Guest memory is reached with [`memory::Memory::view`], `read`, `write`,
//! `read_number` and `write_number`. Results are [`helper::Flow::Return`] or [`helper::Flow::errno`]; a helper that calls
//! functions of the program returns [`helper::Flow::Callback`] with a closure, one that replaces the program
//! [`helper::Flow::TailCall`]. Memory that a helper gives out is a block ([`memory::Memory::add_block`]) and dies with
//! [`memory::Memory::end_block`]; a packet that was changed calls [`memory::Block::moved`], which kills all pointers into it.
//!
//! **To add a context**: its fields in `context/fields.rs`, who may do what with them in `context/rules.rs`.

pub(crate) mod address;
mod code;
pub(crate) mod context;
pub(crate) mod coverage;
mod decode;
mod exec;
pub(crate) mod fault;
pub(crate) mod helper;
pub(crate) mod helpers;
pub(crate) mod kept;
pub(crate) mod memory;
mod number;
pub(crate) mod problem;
mod registers;
mod report;
pub(crate) mod run;
pub(crate) mod shared;
pub(crate) mod structure;
#[cfg(test)]
mod tests;
pub(crate) mod trace;

pub(crate) use code::Code;
