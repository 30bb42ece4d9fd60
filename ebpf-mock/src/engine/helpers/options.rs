//! What programs do with the socket that they run for: options, addresses, events. net/core/filter.c.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::{TC, Types};
use crate::engine::context::SockField;
use crate::world::{SocketObject, tcp};

use Argument::{Anything, Context, Memory, MemoryOut, Size, Special};

const OPTIONS: Types = Types::of(&[T::SOCK_OPS, T::CGROUP_SOCK_ADDR, T::CGROUP_SOCKOPT]);
const NAMESPACE: Types = TC.and(Types::of(&[
    T::SOCKET_FILTER,
    T::CGROUP_SKB,
    T::CGROUP_SOCK,
    T::CGROUP_SOCK_ADDR,
    T::CGROUP_SOCKOPT,
    T::SOCK_OPS,
    T::SK_MSG,
]));

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(49, "setsockopt", OPTIONS, &[Special, Anything, Anything, Memory, Size], setsockopt),
    row(57, "getsockopt", OPTIONS, &[Special, Anything, Anything, MemoryOut, Size], getsockopt),
    row(59, "sock_ops_cb_flags_set", Types::of(&[T::SOCK_OPS]), &[Context, Anything], cb_flags_set),
    row(64, "bind", Types::of(&[T::CGROUP_SOCK_ADDR]), &[Context, Memory, Size], bind),
    row(122, "get_netns_cookie", NAMESPACE, &[Special], get_netns_cookie),
];

impl Run {
    /// The socket of the world that an argument names: the context's, or one that the program has a pointer to.
    pub(super) fn world_sock(
        &self,
        helper: u32,
        index: u8,
        at: u64,
    ) -> Result<Option<Arc<SocketObject>>, Problem> {
        let sock = match at == Run::context_address() {
            true => self.own_sock(),
            false => Some(self.sock(helper, index, at)?),
        };
        Ok(sock.and_then(|sock| sock.of.as_ref()?.upgrade()))
    }

    /// The same, if it is a whole one.
    fn full_sock(&self, helper: u32, at: u64) -> Result<Result<Arc<SocketObject>, Errno>, Problem> {
        let socket = self.world_sock(helper, 0, at)?;
        let own = self.own_sock();
        let is_request = own.is_some_and(|sock| sock.get(SockField::State) == tcp::NEW_SYN_RECV);
        Ok(socket.filter(|_| !is_request).ok_or(Errno::EINVAL))
    }
}

/// Sets an option of a socket.
fn setsockopt(run: &mut Run, [at, level, name, from, size]: [u64; 5]) -> Result<Flow, Problem> {
    let value = run.memory.to_vec(from, size as u32 as usize)?;
    let option = (level as i32, name as i32);
    let set = run
        .full_sock(49, at)?
        .and_then(|socket| socket.set_option_by_program(option, &value));
    Ok(Flow::errno(set))
}

/// Reads an option of a socket. Where that is refused the memory has zeros.
fn getsockopt(run: &mut Run, [at, level, name, to, size]: [u64; 5]) -> Result<Flow, Problem> {
    let size = size as u32 as usize;
    run.memory.check(to, size, Access::Write)?;
    let option = (level as i32, name as i32);
    let got = run
        .full_sock(57, at)?
        .and_then(|socket| socket.option_for_program(option, size));
    let mut value = got.as_deref().unwrap_or_default().to_vec();
    value.resize(size, 0);
    run.memory.write(to, &value)?;
    Ok(Flow::errno(got.map(drop)))
}

/// Says at which events of a connection programs want to run; gives the flags that there are none of.
fn cb_flags_set(run: &mut Run, [context, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const KNOWN: u32 = 0x7f;
    /// Where the context has them.
    const AT: usize = 84;
    if context != Run::context_address() {
        return Err(wrong(59, 0, "context"));
    }
    let flags = flags as u32;
    let Ok(socket) = run.full_sock(59, context)? else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    socket.with(|state| state.stream.events = flags & KNOWN);
    run.context.put(AT, &(flags & KNOWN).to_le_bytes());
    Ok(Flow::Return(u64::from(flags & !KNOWN)))
}

/// Binds the socket before it connects.
fn bind(run: &mut Run, [context, at, size, ..]: [u64; 5]) -> Result<Flow, Problem> {
    const AF_INET: u16 = 2;
    const AF_INET6: u16 = 10;
    let size = size as u32 as usize;
    let bytes = run.memory.to_vec(at, size)?;
    let socket = run.world_sock(64, 0, context)?;
    let half = |at: usize| bytes.get(at..).and_then(<[u8]>::first_chunk).copied();
    let family = half(0).map(u16::from_ne_bytes);
    let port = half(2).map(u16::from_be_bytes);
    let v4 = || bytes.get(4..).and_then(<[u8]>::first_chunk::<4>);
    let v6 = || bytes.get(8..).and_then(<[u8]>::first_chunk::<16>);
    let ip: Result<IpAddr, Errno> = match family {
        Some(AF_INET) if size >= 16 => v4()
            .map(|ip| Ipv4Addr::from(*ip).into())
            .ok_or(Errno::EINVAL),
        Some(AF_INET6) => v6()
            .map(|ip| Ipv6Addr::from(*ip).into())
            .ok_or(Errno::EINVAL),
        Some(AF_INET) | None => Err(Errno::EINVAL),
        Some(_) => Err(Errno::EAFNOSUPPORT),
    };
    let bound = ip.and_then(|ip| {
        let socket = socket.ok_or(Errno::EINVAL)?;
        let to = SocketAddr::new(ip, port.unwrap_or(0));
        run.kernel.fits_family(&socket, to)?;
        let is_root = run.task().user == 0;
        run.kernel.bind_to(&socket, to, is_root).map(drop)
    });
    Ok(Flow::errno(bound))
}

/// A number of the network namespace of a socket, or of the first one.
fn get_netns_cookie(run: &mut Run, [at, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let socket = match at {
        0 => None,
        at => run.world_sock(122, 0, at)?,
    };
    let cookie = match socket {
        Some(socket) => socket.namespace.cookie(),
        None => run.kernel.world.namespaces.initial().cookie(),
    };
    Ok(Flow::Return(cookie))
}
