//! Private namespaces, interfaces and traffic for tests and the demo.
//!
//! Nothing here touches the machine's own interfaces or mounts: [`Sandbox`] gives the calling thread a network and a
//! mount namespace of its own, [`Veth`] makes interfaces in it, [`Tap`] sees what really crosses one of
//! them, and [`require`] turns a missing privilege into a spoken skip. Every namespace is held by threads and
//! descriptors only, so all of it is gone when they are, however the process ends.
//!
//! Linux only; elsewhere the crate is empty.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod cgroup;
mod error;
mod interface;
mod namespace;
mod netlink;
mod privilege;
mod qdisc;
mod sandbox;
mod tap;
#[cfg(test)]
mod tests;
mod unprivileged;

pub use cgroup::Cgroup;
pub use error::Error;
pub use interface::{Interface, LinkStats, Mac, Veth};
pub use namespace::Namespace;
pub use privilege::{Missing, Privileges, require, skip, skip_test};
pub use sandbox::Sandbox;
pub use tap::{Direction, Frame, Tap};
pub use unprivileged::Unprivileged;
