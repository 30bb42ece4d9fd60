//! The machine around a simulated kernel: what programs are attached to, and what descriptors name besides its objects.

mod cgroup;
mod file;
mod interface;
mod socket;
mod task;

pub use cgroup::MockCgroup;
pub(crate) use cgroup::{CgroupObject, Cgroups};
pub(crate) use file::FileObject;
pub use file::MockFile;
pub(crate) use interface::{Interfaces, XdpExpected, XdpPlace};
pub(crate) use socket::SocketObject;
pub use socket::{MockSocket, SocketKind};
pub use task::MockTask;
pub(crate) use task::{TaskObject, Tasks};
