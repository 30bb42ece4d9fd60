//! Integration tests of the simulated system.

mod allocations;
mod bad_input;
mod conformance;
mod every_type;
mod guide;
mod hostile;
mod injected;
mod interleavings;
mod isa;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod known_programs;
mod machines;
mod motion;
#[cfg(target_os = "linux")]
mod objects;
mod owners;
mod packets;
mod privileges;
mod random;
#[cfg(target_os = "linux")]
mod random_helpers;
#[cfg(target_os = "linux")]
mod random_programs;
mod recorded;
#[cfg(target_os = "linux")]
mod refusals;
mod releases;
mod sockets;
mod stress;
mod typed;
mod watch;
mod watchdog;
mod world;
