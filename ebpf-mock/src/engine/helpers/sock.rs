//! Sockets as programs have them: of the packet, of the context, or chosen.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::memory::Block;
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::{LOOKS_UP_SOCKETS, SOCKETS, TC, Types};
use crate::engine::context::{Context as RunContext, Sock, SockField};

use Argument::{Anything, Context, Special};

const COOKIE: Types = TC.and(Types::of(&[
    T::SOCKET_FILTER,
    T::CGROUP_SKB,
    T::CGROUP_SOCK,
    T::SOCK_OPS,
    T::SK_SKB,
    T::CGROUP_SOCK_ADDR,
    T::SK_REUSEPORT,
    T::SYSCALL,
    T::TRACING,
]));
const UID: Types = TC.and(Types::of(&[T::SOCKET_FILTER, T::CGROUP_SKB, T::SK_SKB]));
const FULL: Types = TC.and(Types::of(&[T::CGROUP_SKB]));
const TCP: Types = FULL.and(Types::of(&[T::SOCK_OPS, T::CGROUP_SOCKOPT]));
const RELEASE: Types = LOOKS_UP_SOCKETS.and(Types::of(&[T::SK_LOOKUP]));
const ASSIGN: Types = TC.and(Types::of(&[T::SK_LOOKUP]));

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(46, "get_socket_cookie", COOKIE, &[Special], get_socket_cookie),
    row(47, "get_socket_uid", UID, &[Context], get_socket_uid),
    row(86, "sk_release", RELEASE, &[Special], sk_release),
    row(95, "sk_fullsock", FULL, &[Special], sk_fullsock),
    row(96, "tcp_sock", TCP, &[Special], tcp_sock),
    row(98, "get_listener_sock", FULL, &[Special], get_listener_sock),
    row(124, "sk_assign", ASSIGN, &[Context, Special, Anything], sk_assign),
    row(136, "skc_to_tcp6_sock", SOCKETS, &[Special], skc_to_other),
    row(137, "skc_to_tcp_sock", SOCKETS, &[Special], skc_to_other),
    row(138, "skc_to_tcp_timewait_sock", SOCKETS, &[Special], skc_to_other),
    row(139, "skc_to_tcp_request_sock", SOCKETS, &[Special], skc_to_other),
    row(140, "skc_to_udp6_sock", SOCKETS, &[Special], skc_to_other),
    row(178, "skc_to_unix_sock", SOCKETS, &[Special], skc_to_other),
    row(196, "skc_to_mptcp_sock", SOCKETS, &[Special], skc_to_other),
];

/// States of sockets: `enum tcp_ca_state`'s neighbour in include/net/tcp_states.h.
const TIME_WAIT: u32 = 6;
const LISTEN: u32 = 10;
const NEW_SYN_RECV: u32 = 12;
/// Protocols.
const IPPROTO_TCP: u32 = 6;

impl Run {
    /// Gives the program a socket to look at, and its address.
    pub(crate) fn give_sock(&mut self, sock: Arc<Sock>) -> u64 {
        let known = self
            .state
            .socks
            .iter()
            .find(|(_, known)| Arc::ptr_eq(known, &sock));
        if let Some((at, _)) = known {
            return *at;
        }
        let block = Block::new(sock.bytes.to_vec(), false);
        let Some(at) = self.memory.add_block("socket", block) else {
            return 0;
        };
        self.state.socks.push((at, sock));
        at
    }

    /// The socket at an address.
    pub(super) fn sock(&self, helper: u32, index: u8, at: u64) -> Result<Arc<Sock>, Problem> {
        let found = self.state.socks.iter().find(|(known, _)| *known == at);
        found
            .map(|(_, sock)| sock.clone())
            .ok_or_else(|| wrong(helper, index, "socket"))
    }

    /// The socket that the program runs for: that of its packet, or the one that its context is of.
    pub(super) fn own_sock(&self) -> Option<Arc<Sock>> {
        match &self.context {
            RunContext::SkBuff(_, skb) => skb.sock.clone(),
            _ => self.state.sock.clone(),
        }
    }
}

/// A number that no other socket has; 0 where there is no socket.
fn get_socket_cookie(run: &mut Run, [of, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let sock = if of == Run::context_address() {
        run.own_sock()
    } else if of == 0 {
        None
    } else {
        Some(run.sock(46, 0, of)?)
    };
    Ok(Flow::Return(sock.map_or(0, |sock| sock.cookie)))
}

/// Whose the packet's socket is.
fn get_socket_uid(run: &mut Run, [context, ..]: [u64; 5]) -> Result<Flow, Problem> {
    /// Stands for a user that there is no number for.
    const OVERFLOW: u32 = 65_534;
    run.skb(47, context)?;
    let uid = run.own_sock().map_or(OVERFLOW, |sock| sock.uid);
    Ok(Flow::Return(u64::from(uid)))
}

/// Gives a socket back that was looked up.
fn sk_release(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let held = run.state.give_back(at);
    held.ok_or_else(|| wrong(86, 0, "socket that has to be given back"))?;
    Ok(Flow::Return(0))
}

/// The same socket, if it is a whole one.
fn sk_fullsock(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let state = run.sock(95, 0, at)?.get(SockField::State);
    let is_full = state != TIME_WAIT && state != NEW_SYN_RECV;
    Ok(Flow::Return(if is_full { at } else { 0 }))
}

/// What is known of a TCP connection: nothing but zeros, of a socket that speaks it.
fn tcp_sock(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    /// Bytes of `struct bpf_tcp_sock`.
    const SIZE: usize = 116;
    let sock = run.sock(96, 0, at)?;
    if sock.get(SockField::Protocol) != IPPROTO_TCP {
        return Ok(Flow::Return(0));
    }
    let block = Block::new(vec![0; SIZE], false);
    let at = run.memory.add_block("TCP socket", block);
    Ok(Flow::Return(at.unwrap_or(0)))
}

fn get_listener_sock(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let state = run.sock(98, 0, at)?.get(SockField::State);
    Ok(Flow::Return(if state == LISTEN { at } else { 0 }))
}

/// The kernel's own view of a socket: there is none here, so no socket is of the kind.
fn skc_to_other(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    if at != 0 {
        run.sock(137, 0, at)?;
    }
    Err(Problem::NotSimulated(
        "the kernel's own structures of sockets".into(),
    ))
}

/// Chooses the socket of a lookup, or of a packet that comes in.
fn sk_assign(run: &mut Run, [context, at, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const REPLACE: u64 = 1;
    const NO_REUSEPORT: u64 = 2;
    if context != Run::context_address() {
        return Err(wrong(124, 0, "context"));
    }
    let sock = if at == 0 {
        None
    } else {
        Some(run.sock(124, 1, at)?)
    };
    let refuse = |errno: Errno| Ok(Flow::Return(errno.negative()));
    let RunContext::Fields(_, bytes) = &run.context else {
        if sock.is_none() || flags != 0 {
            return refuse(Errno::EINVAL);
        }
        run.state.selected = sock;
        return Ok(Flow::Return(0));
    };
    let word = |at: usize| {
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_ne_bytes(*word))
    };
    let (family, protocol) = (word(8), word(12));
    if flags & !(REPLACE | NO_REUSEPORT) != 0 {
        return refuse(Errno::EINVAL);
    }
    if let Some(sock) = &sock {
        if sock.get(SockField::Protocol) == IPPROTO_TCP && sock.get(SockField::State) != LISTEN {
            return refuse(Errno::ESOCKTNOSUPPORT);
        }
        if sock.get(SockField::Protocol) != protocol {
            return refuse(Errno::EPROTOTYPE);
        }
        // One of IPv6 takes packets of IPv4 too.
        let own = sock.get(SockField::Family);
        if own != family && own == 2 {
            return refuse(Errno::EAFNOSUPPORT);
        }
    }
    if run.state.selected.is_some() && flags & REPLACE == 0 {
        return refuse(Errno::EEXIST);
    }
    run.state.selected = sock;
    run.state.alone = flags & NO_REUSEPORT != 0;
    Ok(Flow::Return(0))
}
