//! Sockets.

use std::sync::Arc;

use ebpf_core::hook::Descriptor as HookDescriptor;

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
