//! Byte layout helpers: byte order, C strings, per-CPU buffers, flexible integers and LPM keys.
//!
//! Everything here is plain arithmetic on slices: no descriptor, no operating system, no panic.

mod endian;

pub use endian::Endian;
