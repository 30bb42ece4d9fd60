//! Events: what programs write and a source reads, and what user space writes and programs read.

pub mod perf_events;
pub mod ring_buffer;
mod stage;
pub mod user_ring;
