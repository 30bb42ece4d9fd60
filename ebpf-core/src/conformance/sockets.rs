//! Sockets and cgroups that a test bed brings, if its system has any.

use std::net::SocketAddr;

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

/// What a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Streams.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A socket of IP of the system under test, with the system calls that a process does with it, and their results.
pub trait TestEndpoint {
    /// Names it.
    fn descriptor(&self) -> Descriptor<'_>;

    /// `bind(2)`
    ///
    /// # Errors
    /// What the call says.
    fn bind(&self, to: SocketAddr) -> Result<(), Errno>;

    /// `listen(2)`
    ///
    /// # Errors
    /// What the call says.
    fn listen(&self) -> Result<(), Errno>;

    /// `connect(2)`
    ///
    /// # Errors
    /// What the call says.
    fn connect(&self, to: SocketAddr) -> Result<(), Errno>;

    /// `accept(2)`, after the other side has connected.
    ///
    /// # Panics
    /// Where there is nothing to accept.
    fn accept(&self) -> Box<dyn TestEndpoint + '_>;

    /// `getsockname(2)`
    ///
    /// # Errors
    /// What the call says.
    fn name(&self) -> Result<SocketAddr, Errno>;

    /// `getpeername(2)`
    ///
    /// # Errors
    /// What the call says.
    fn peer_name(&self) -> Result<SocketAddr, Errno>;

    /// `send(2)`: how many bytes it took.
    ///
    /// # Errors
    /// What the call says.
    fn send(&self, bytes: &[u8]) -> Result<usize, Errno>;

    /// `sendto(2)`
    ///
    /// # Errors
    /// What the call says.
    fn send_to(&self, payload: &[u8], to: SocketAddr) -> Result<(), Errno>;

    /// `recv(2)`, until so many bytes are there, or the end of the stream.
    ///
    /// # Errors
    /// What the call says.
    ///
    /// # Panics
    /// Where nothing comes.
    fn receive(&self, bytes: usize) -> Result<Vec<u8>, Errno>;

    /// `recvfrom(2)`: a datagram, and who sent it.
    ///
    /// # Errors
    /// What the call says.
    ///
    /// # Panics
    /// Where nothing comes.
    fn receive_from(&self) -> Result<(Vec<u8>, SocketAddr), Errno>;

    /// `setsockopt(2)`
    ///
    /// # Errors
    /// What the call says.
    fn set_option(&self, option: SocketOption, value: &[u8]) -> Result<(), Errno>;

    /// `getsockopt(2)`, with room for 16 bytes or for [`SocketOption::MUCH`]: what it gives, without the zeros at its end.
    ///
    /// # Errors
    /// What the call says.
    fn option(&self, option: SocketOption, much: bool) -> Result<Vec<u8>, Errno>;
}

/// An option of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOption {
    /// `SO_PRIORITY`
    Priority,
    /// `SO_MARK`
    Mark,
    /// `SO_KEEPALIVE`
    KeepAlive,
    /// `TCP_CONGESTION`
    Congestion,
    /// One that Linux does not have.
    Unknown,
}

impl SocketOption {
    /// More than a page.
    pub const MUCH: usize = 8192;

    /// Its level and its name.
    pub const fn numbers(self) -> (i32, i32) {
        match self {
            SocketOption::Priority => (1, 12),
            SocketOption::Mark => (1, 36),
            SocketOption::KeepAlive => (1, 9),
            SocketOption::Congestion => (6, 13),
            SocketOption::Unknown => (1, 0xdead),
        }
    }
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

    /// A socket of a task of the cgroup, neither bound nor connected: `socket(2)`.
    ///
    /// # Errors
    /// `EPERM` when a program forbids it.
    fn endpoint(&self, speaks: Speaks, ipv6: bool) -> Result<Box<dyn TestEndpoint + '_>, Errno>;

    /// What a task of the cgroup reads of a file below `/proc/sys`.
    ///
    /// # Errors
    /// What the call says.
    fn read_sysctl(&self, name: &str) -> Result<Vec<u8>, Errno>;

    /// A task of the cgroup writes to a file below `/proc/sys`.
    ///
    /// # Errors
    /// What the call says.
    fn write_sysctl(&self, name: &str, value: &[u8]) -> Result<(), Errno>;

    /// A task of the cgroup opens `/dev/zero`, to read or to write.
    ///
    /// # Errors
    /// What the call says.
    fn open_zero(&self, write: bool) -> Result<(), Errno>;
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
