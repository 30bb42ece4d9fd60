//! Sockets and cgroups that a test bed brings, if its system has any.

use super::Testbed;
use crate::Errno;
use crate::hook::{CgroupAttached, Descriptor, Place};
use crate::program::{AttachType, ProgramId};

/// A UDP socket of the system under test, bound to a port of the only address there is.
pub trait TestSocket {
    /// Names it.
    fn descriptor(&self) -> Descriptor<'_>;

    /// Its port.
    fn port(&self) -> u16;

    /// Sends a datagram to a port. It is there when a later one of this socket is.
    ///
    /// # Errors
    /// `EPERM` when a program forbids it.
    fn send(&self, port: u16, payload: &[u8]) -> Result<(), Errno>;

    /// Waits for the next datagram.
    ///
    /// # Panics
    /// Where none comes.
    fn receive(&self) -> Vec<u8>;
}

/// A cgroup of the system under test, with nothing attached to it.
pub trait TestCgroup {
    /// Names it.
    fn place(&self) -> Place<'_>;

    /// A new cgroup below it, which is dropped before.
    fn child(&self) -> Box<dyn TestCgroup + '_>;

    /// What is attached to a hook of the cgroup itself.
    fn attached(&self, hook: AttachType) -> CgroupAttached;

    /// The programs that run at a hook of the cgroup, in order, those of the cgroups above included.
    fn effective(&self, hook: AttachType) -> Vec<ProgramId>;

    /// A socket of a task of the cgroup.
    ///
    /// # Errors
    /// `EPERM` when a program forbids it.
    fn socket(&self) -> Result<Box<dyn TestSocket + '_>, Errno>;
}

/// A socket on a port of its own, or a spoken skip.
pub fn socket<'t>(testbed: &'t dyn Testbed, case: &str) -> Option<Box<dyn TestSocket + 't>> {
    sharing(testbed, case, 0, false)
}

/// A socket that others may share the port of (0 for a free one), or a spoken skip.
pub fn shared_socket<'t>(
    testbed: &'t dyn Testbed,
    case: &str,
    port: u16,
) -> Option<Box<dyn TestSocket + 't>> {
    sharing(testbed, case, port, true)
}

fn sharing<'t>(
    testbed: &'t dyn Testbed,
    case: &str,
    port: u16,
    shared: bool,
) -> Option<Box<dyn TestSocket + 't>> {
    let socket = testbed.socket(port, shared);
    if socket.is_none() {
        testbed.skip(case, "this test bed has no sockets");
    }
    socket
}

/// A cgroup, or a spoken skip.
pub fn cgroup<'t>(testbed: &'t dyn Testbed, case: &str) -> Option<Box<dyn TestCgroup + 't>> {
    match testbed.cgroup() {
        Ok(cgroup) => Some(cgroup),
        Err(why) => {
            testbed.skip(case, &why);
            None
        }
    }
}
