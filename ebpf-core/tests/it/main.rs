//! Integration tests.
//!
//! What needs the kernel needs root, and makes network and mount namespaces of its own.

#[cfg(all(target_os = "linux", feature = "kernel"))]
mod conformance;
#[cfg(all(target_os = "linux", feature = "kernel"))]
mod kernel;
#[cfg(all(target_os = "linux", feature = "kernel"))]
mod load;
mod object_golden;
#[cfg(all(target_os = "linux", feature = "kernel"))]
mod object_kernel;
mod object_mutations;
#[cfg(all(target_os = "linux", feature = "kernel"))]
mod views;
