//! Random operations on maps, and on pins and ids, done on the kernel and on a simulated system at once: both have to say the same.
//!
//! `cargo xtask fuzz maps` runs it at full speed. `EBPF_FUZZ_COUNT` says how many operations, `EBPF_FUZZ_SECONDS` how long,
//! `EBPF_FUZZ_TYPES` on maps of which types, `TEST_SEED` repeats a run.
#![cfg(target_os = "linux")]

mod episode;
mod generate;
mod judge;
mod known;
mod op;
mod pins;
mod random;
mod run;
mod side;
mod world;
