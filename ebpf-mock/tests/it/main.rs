//! Integration tests of the simulated system.

mod conformance;
mod guide;
mod injected;
mod isa;
#[cfg(target_os = "linux")]
mod kernel;
mod machines;
mod owners;
