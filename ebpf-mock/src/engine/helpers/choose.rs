//! Sockets that programs find: in maps, among those that are open, or for a packet of a group that shares a port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::{LOOKS_UP_SOCKETS, Types};
use crate::engine::context::{Sock, SockField};
use crate::world::{SocketKind, SocketObject, tcp};

use Argument::{Anything, Context, Map, MapKey, Memory, Size};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(82, "sk_select_reuseport", Types::of(&[T::SK_REUSEPORT]), &[Context, Map, MapKey, Anything], select_reuseport),
    row(84, "sk_lookup_tcp", LOOKS_UP_SOCKETS, &[Context, Memory, Size, Anything, Anything], lookup_tcp),
    row(85, "sk_lookup_udp", LOOKS_UP_SOCKETS, &[Context, Memory, Size, Anything, Anything], lookup_udp),
    row(99, "skc_lookup_tcp", LOOKS_UP_SOCKETS, &[Context, Memory, Size, Anything, Anything], lookup_tcp),
];

impl Sock {
    /// A socket of the world, as it is now.
    pub(crate) fn of(socket: &Arc<SocketObject>) -> Sock {
        let (local, peer, mark, priority, interface) = socket.with(|state| {
            (
                state.local,
                state.peer,
                state.mark,
                state.priority,
                state.interface,
            )
        });
        let mut sock = Sock {
            cookie: socket.cookie,
            uid: socket.user,
            of: Some(Arc::downgrade(socket)),
            ..Sock::default()
        };
        let (kind, protocol) = match socket.kind {
            SocketKind::Tcp => (1u32, 6u32),
            SocketKind::Udp => (2, 17),
            SocketKind::Unix => (1, 0),
            _ => (3, 0),
        };
        let family = match socket.kind {
            SocketKind::Tcp | SocketKind::Udp if socket.is_ipv6() => 10u32,
            SocketKind::Tcp | SocketKind::Udp => 2,
            SocketKind::Unix => 1,
            SocketKind::Packet => 17,
            _ => 44,
        };
        let state = match (socket.kind, peer) {
            (SocketKind::Tcp, _) => socket.with(|state| state.stream.state),
            (_, Some(_)) => tcp::ESTABLISHED,
            _ => tcp::CLOSE,
        };
        let words = [
            (SockField::BoundDevIf, interface.unwrap_or(0)),
            (SockField::Family, family),
            (SockField::Type, kind),
            (SockField::Protocol, protocol),
            (SockField::Mark, mark),
            (SockField::Priority, priority),
            (SockField::State, state),
            (SockField::RxQueueMapping, u32::MAX),
            (
                SockField::SrcPort,
                local.map_or(0, |local| local.port().into()),
            ),
        ];
        for (field, word) in words {
            sock.set(field, &word.to_ne_bytes());
        }
        let port = peer.map_or(0, |peer| peer.port());
        sock.set(SockField::DstPort, &port.to_be_bytes());
        for (address, v4, v6) in [
            (local, SockField::SrcIp4, SockField::SrcIp6),
            (peer, SockField::DstIp4, SockField::DstIp6),
        ] {
            match address.map(|address| address.ip()) {
                Some(IpAddr::V4(address)) => sock.set(v4, &address.octets()),
                Some(IpAddr::V6(address)) => sock.set(v6, &address.octets()),
                None => {}
            }
        }
        sock
    }
}

impl Run {
    /// Gives the program a socket of the world, which it has to give back.
    pub(super) fn lend_sock(&mut self, socket: &Arc<SocketObject>) -> u64 {
        let at = self.give_sock(Arc::new(Sock::of(socket)));
        if at != 0 {
            self.state.hold(at, "a socket that was looked up");
        }
        at
    }
}

/// Chooses which of the sockets that share a port gets the packet.
fn select_reuseport(run: &mut Run, [_, map, key, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(82, 1, map)?;
    let key = run.memory.to_vec(key, map.info.key_size as usize)?;
    if flags != 0 {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    }
    let socket = map.storage.socket(&key);
    let Some(socket) = socket.filter(|socket| socket.is_in_group()) else {
        return Ok(Flow::Return(Errno::ENOENT.negative()));
    };
    let group = run.state.group.clone();
    let same = match (&group, socket.group()) {
        (Some(group), Some(other)) => Arc::ptr_eq(group, &other),
        _ => true,
    };
    if !same {
        return Ok(Flow::Return(Errno::EBADFD.negative()));
    }
    run.state.selected = Some(Arc::new(Sock::of(&socket)));
    Ok(Flow::Return(0))
}

fn lookup_tcp(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    lookup(run, 84, SocketKind::Tcp, arguments)
}

fn lookup_udp(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    lookup(run, 85, SocketKind::Udp, arguments)
}

/// The socket that a packet with these addresses would get: one that is connected so, or else one that is bound so.
fn lookup(
    run: &mut Run,
    helper: u32,
    kind: SocketKind,
    [context, tuple, size, namespace, flags]: [u64; 5],
) -> Result<Flow, Problem> {
    if context != Run::context_address() {
        return Err(wrong(helper, 0, "context"));
    }
    let tuple = run.memory.to_vec(tuple, size as u32 as usize)?;
    let known_namespace = (namespace as i32) < 0 || namespace <= i32::MAX as u64;
    let addresses = addresses(&tuple).filter(|_| flags == 0 && known_namespace);
    let Some((from, to)) = addresses else {
        return Ok(Flow::Return(0));
    };
    let here = run.task().namespace.clone();
    let sockets = run.kernel.world.sockets.of(kind, &here);
    let rank = |socket: &Arc<SocketObject>| {
        let (local, peer) = socket.with(|state| (state.local, state.peer));
        let local = local.filter(|local| local.port() == to.port())?;
        let exact = local.ip() == to.ip();
        let fits = exact || local.ip().is_unspecified();
        match peer {
            _ if !fits => None,
            Some(peer) if peer == from => Some((2, exact)),
            Some(_) => None,
            None => Some((1, exact)),
        }
    };
    let ranked = sockets
        .iter()
        .filter_map(|socket| Some((rank(socket)?, socket)));
    let best = ranked
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, socket)| socket.clone());
    Ok(Flow::Return(match best {
        Some(socket) => run.lend_sock(&socket),
        None => 0,
    }))
}

/// The addresses in a `struct bpf_sock_tuple`: whence, and whither.
fn addresses(tuple: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    const V4: usize = 12;
    const V6: usize = 36;
    let port = |at: usize| Some(u16::from_be_bytes(*tuple.get(at..)?.first_chunk()?));
    match tuple.len() {
        V4 => {
            let ip = |at: usize| Some(Ipv4Addr::from(*tuple.get(at..)?.first_chunk::<4>()?));
            let from = SocketAddr::new(ip(0)?.into(), port(8)?);
            Some((from, SocketAddr::new(ip(4)?.into(), port(10)?)))
        }
        V6 => {
            let ip = |at: usize| Some(Ipv6Addr::from(*tuple.get(at..)?.first_chunk::<16>()?));
            let from = SocketAddr::new(ip(0)?.into(), port(32)?);
            Some((from, SocketAddr::new(ip(16)?.into(), port(34)?)))
        }
        _ => None,
    }
}
