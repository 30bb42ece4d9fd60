//! The machine around a simulated kernel: what programs are attached to, and what descriptors name besides its objects.

mod cgroup;
mod interface;
mod socket;

pub use cgroup::MockCgroup;
pub(crate) use cgroup::{CgroupObject, Cgroups};
pub(crate) use interface::{Interfaces, XdpExpected, XdpPlace};
pub(crate) use socket::SocketObject;
pub use socket::{MockSocket, SocketKind};
