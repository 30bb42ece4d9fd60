//! Integration tests.
//!
//! What needs the kernel needs root, and makes network and mount namespaces of its own.

#[cfg(all(target_os = "linux", feature = "kernel"))]
mod conformance;
mod object_golden;
#[cfg(all(target_os = "linux", feature = "kernel"))]
mod views;
