//! Sockets.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::Descriptor as HookDescriptor;
use parking_lot::Mutex;

use crate::kernel::{Descriptor, Kernel, Object};

/// What a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SocketKind {
    /// A stream over IP, that is connected or listens.
    Tcp,
    /// Datagrams over IP.
    Udp,
    /// Frames, as they cross an interface.
    Packet,
    /// Frames that XDP programs redirect, without the network stack.
    #[doc(alias = "AF_XDP")]
    Xdp,
    /// A stream within the machine.
    Unix,
}

/// A socket as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct SocketObject {
    pub(crate) kind: SocketKind,
    /// A number that no other socket ever has.
    pub(crate) cookie: u64,
    user: Mutex<User>,
}

/// What has a socket for itself (`sk_user_data`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum User {
    Nobody,
    /// An array that shares a port.
    Array,
    /// So many places in maps that take data over.
    Maps(u32),
}

impl SocketObject {
    /// Takes the socket for a place in a map: alone, or with others of its kind.
    ///
    /// # Errors
    /// `EBUSY` when another has it.
    pub(crate) fn take(&self, alone: bool) -> Result<(), Errno> {
        let mut user = self.user.lock();
        *user = match (*user, alone) {
            (User::Nobody, true) => User::Array,
            (User::Nobody, false) => User::Maps(1),
            (User::Maps(places), false) => User::Maps(places.saturating_add(1)),
            _ => return Err(Errno::EBUSY),
        };
        Ok(())
    }

    /// Gives up a place that was taken.
    pub(crate) fn release(&self) {
        let mut user = self.user.lock();
        *user = match *user {
            User::Maps(places) if places > 1 => User::Maps(places - 1),
            _ => User::Nobody,
        };
    }
}

/// A socket of a simulated machine. It is closed when it is dropped.
#[derive(Debug)]
pub struct MockSocket {
    object: Arc<SocketObject>,
    descriptor: Descriptor,
}

impl MockSocket {
    pub(crate) fn open(kernel: &Arc<Kernel>, kind: SocketKind) -> MockSocket {
        let object = Arc::new(SocketObject {
            kind,
            cookie: kernel.next_cookie(),
            user: Mutex::new(User::Nobody),
        });
        MockSocket {
            descriptor: kernel.open(Object::Socket(object.clone())),
            object,
        }
    }

    /// The number by which programs and maps know the socket.
    #[doc(alias = "SO_COOKIE")]
    pub fn cookie(&self) -> u64 {
        self.object.cookie
    }

    /// What it speaks.
    pub fn kind(&self) -> SocketKind {
        self.object.kind
    }
}

impl<'s> From<&'s MockSocket> for HookDescriptor<'s> {
    fn from(socket: &'s MockSocket) -> HookDescriptor<'s> {
        socket.descriptor.of_hook()
    }
}
