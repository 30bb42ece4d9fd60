//! What a socket knows of its TCP connection. Data goes from socket to socket: there are no segments, no windows, no timers.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use ebpf_core::Errno;

use super::namespace::NetnsObject;
use super::socket::{SocketKind, SocketObject, Sockets};

/// States of a connection: include/net/tcp_states.h.
pub(crate) mod tcp {
    pub(crate) const ESTABLISHED: u32 = 1;
    pub(crate) const SYN_SENT: u32 = 2;
    pub(crate) const SYN_RECV: u32 = 3;
    pub(crate) const FIN_WAIT1: u32 = 4;
    pub(crate) const FIN_WAIT2: u32 = 5;
    pub(crate) const CLOSE: u32 = 7;
    pub(crate) const CLOSE_WAIT: u32 = 8;
    pub(crate) const LAST_ACK: u32 = 9;
    pub(crate) const LISTEN: u32 = 10;
    pub(crate) const NEW_SYN_RECV: u32 = 12;
}

/// How many bytes wait to be read at most.
const MOST: usize = 4 << 20;
/// How many connections wait to be accepted at most: `SOMAXCONN`.
const BACKLOG: usize = 4096;

/// The connection of a socket.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) state: u32,
    /// The other end.
    pub(crate) peer: Weak<SocketObject>,
    /// What was sent to it, piece by piece.
    pub(crate) queue: VecDeque<Vec<u8>>,
    /// Whether the other end sends no more.
    pub(crate) ended: bool,
    /// What the next call says.
    pub(crate) error: Option<Errno>,
    /// Connections that nobody has accepted.
    pub(crate) waiting: VecDeque<Arc<SocketObject>>,
    /// The other end, once it is closed: it is there until this one is closed too.
    pub(crate) orphan: Option<Arc<SocketObject>>,
    /// At which events programs want to run.
    pub(crate) events: u32,
}

impl Default for Stream {
    fn default() -> Stream {
        Stream {
            state: tcp::CLOSE,
            peer: Weak::new(),
            queue: VecDeque::new(),
            ended: false,
            error: None,
            waiting: VecDeque::new(),
            orphan: None,
            events: 0,
        }
    }
}

impl Stream {
    /// Takes what was sent, if there is room.
    pub(crate) fn push(&mut self, bytes: Vec<u8>) -> bool {
        let there: usize = self.queue.iter().map(Vec::len).sum();
        let fits = there.saturating_add(bytes.len()) <= MOST;
        if fits && !bytes.is_empty() {
            self.queue.push_back(bytes);
        }
        fits
    }

    /// Takes a connection that waits to be accepted, if there is room.
    pub(crate) fn wait(&mut self, child: Arc<SocketObject>) -> bool {
        let fits = self.waiting.len() < BACKLOG;
        if fits {
            self.waiting.push_back(child);
        }
        fits
    }
}

/// Takes up to so many bytes from pieces.
pub(crate) fn take(queue: &mut VecDeque<Vec<u8>>, most: usize) -> Vec<u8> {
    let mut taken = Vec::new();
    while let Some(mut piece) = queue.pop_front() {
        let rest = piece.split_off(piece.len().min(most - taken.len()));
        taken.append(&mut piece);
        if !rest.is_empty() {
            queue.push_front(rest);
        }
        if taken.len() == most {
            break;
        }
    }
    taken
}

impl Sockets {
    /// The socket that listens at an address: `__inet_lookup_listener()`.
    pub(crate) fn listener(
        &self,
        namespace: &Arc<NetnsObject>,
        to: SocketAddr,
    ) -> Option<Arc<SocketObject>> {
        let score = |socket: &SocketObject| {
            let (state, local) = socket.with(|state| (state.stream.state, state.local));
            let local = local.filter(|local| state == tcp::LISTEN && local.port() == to.port())?;
            let any = local.ip().is_unspecified();
            match local.ip() == to.ip() {
                true => Some(2),
                // Any address of IPv6 is any of IPv4 too.
                false => (any && (local.is_ipv6() || to.is_ipv4())).then_some(1),
            }
        };
        let sockets = self.of(SocketKind::Tcp, namespace).into_iter();
        let scored = sockets.filter_map(|socket| Some((score(&socket)?, socket)));
        let best = scored.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.map(|(_, socket)| socket)
    }
}
