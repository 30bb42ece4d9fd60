//! The machine around a simulated kernel: what programs are attached to, and what descriptors name besides its objects.
//!
//! Everything here is settable by a test. What runs programs is in [`crate::hook`] and in the engine.

mod arena;
mod binary;
mod call_stack;
mod cgroup;
mod device;
mod endpoint;
mod file;
mod interface;
mod namespace;
mod option;
mod order;
mod probe;
mod psock;
mod socket;
mod stream;
mod sysctl;
mod task;
mod tracepoint;
mod traffic_control;
mod udp;
mod xdp;

pub use binary::MockBinary;
pub(crate) use binary::{Binaries, Found as FoundSymbol};
pub(crate) use call_stack::{CallStacks, TEST_RUN};
pub use cgroup::MockCgroup;
pub(crate) use cgroup::{CgroupObject, CgroupPut, Cgroups};
pub use device::{DeviceAccess, DeviceKind};
pub(crate) use file::FileObject;
pub use file::MockFile;
pub(crate) use interface::Interfaces;
pub use interface::{InterfaceKind, InterfaceSpec, Transmitted};
pub use namespace::MockNetns;
pub(crate) use namespace::{Namespaces, NetfilterAt, NetnsObject, Unfound};
pub(crate) use order::{Anchored, Side, Where};
pub(crate) use probe::{Probe, Probes, Site};
pub(crate) use psock::{Cutting, Message, Receiving, Sending, Verdict};
pub use socket::{Datagram, MockSocket, SocketKind};
pub(crate) use socket::{Group, SocketHook, SocketObject, Sockets};
pub(crate) use stream::{take, tcp};
pub(crate) use sysctl::Sysctls;
pub use task::{MockTask, TaskSpec};
pub(crate) use task::{TaskObject, Tasks};
pub(crate) use tracepoint::Tracepoints;
pub use tracepoint::{TracepointField, TracepointSpec};
pub(crate) use traffic_control::{Clsact, Existing, FilterAt, NewFilter, Obstacle, Runs};
pub(crate) use udp::unspecified;
pub(crate) use xdp::{XdpExpected, XdpPlace};

/// The machine around a simulated kernel.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) namespaces: Namespaces,
    pub(crate) interfaces: Interfaces,
    pub(crate) cgroups: Cgroups,
    pub(crate) sockets: Sockets,
    pub(crate) sysctls: Sysctls,
    pub(crate) tasks: Tasks,
    pub(crate) tracepoints: Tracepoints,
    pub(crate) binaries: Binaries,
    pub(crate) probes: Probes,
    pub(crate) call_stacks: CallStacks,
}

impl World {
    pub(crate) fn new() -> World {
        let namespaces = Namespaces::default();
        let cgroups = Cgroups::default();
        let tasks = Tasks::new(namespaces.initial(), cgroups.root());
        World {
            interfaces: Interfaces::default(),
            sockets: Sockets::default(),
            sysctls: Sysctls::default(),
            tracepoints: Tracepoints::default(),
            binaries: Binaries::default(),
            probes: Probes::default(),
            call_stacks: CallStacks::default(),
            namespaces,
            cgroups,
            tasks,
        }
    }
}
