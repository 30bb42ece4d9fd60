//! Addresses that processes say and are told, and the programs of control groups that change them:
//! `__cgroup_bpf_run_filter_sock_addr()` in kernel/bpf/cgroup.c.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::AttachType;

use super::Stop;
use super::group::{Answer, Talk};
use crate::engine::context::{Sock, SockField};
use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::world::{Datagram, NetnsObject, SocketKind, SocketObject, tcp, unspecified};

/// The hook of IPv4 and that of IPv6.
type Hooks = [AttachType; 2];

const BIND: Hooks = [AttachType::CGROUP_INET4_BIND, AttachType::CGROUP_INET6_BIND];
const POST_BIND: Hooks = [
    AttachType::CGROUP_INET4_POST_BIND,
    AttachType::CGROUP_INET6_POST_BIND,
];
const CONNECT: Hooks = [
    AttachType::CGROUP_INET4_CONNECT,
    AttachType::CGROUP_INET6_CONNECT,
];
const SEND: Hooks = [
    AttachType::CGROUP_UDP4_SENDMSG,
    AttachType::CGROUP_UDP6_SENDMSG,
];
const RECEIVE: Hooks = [
    AttachType::CGROUP_UDP4_RECVMSG,
    AttachType::CGROUP_UDP6_RECVMSG,
];
const NAME: Hooks = [
    AttachType::CGROUP_INET4_GETSOCKNAME,
    AttachType::CGROUP_INET6_GETSOCKNAME,
];
const PEER_NAME: Hooks = [
    AttachType::CGROUP_INET4_GETPEERNAME,
    AttachType::CGROUP_INET6_GETPEERNAME,
];

/// That a program lets anybody bind a port of root's.
const NO_CAPABILITY: u32 = 1;
/// The ports of root's end here.
const FIRST_OF_ALL: u16 = 1024;

fn of_family(hooks: Hooks, ipv6: bool) -> AttachType {
    let [v4, v6] = hooks;
    if ipv6 { v6 } else { v4 }
}

/// A `struct bpf_sock_addr`.
struct OfAddress<'s> {
    socket: &'s Arc<SocketObject>,
    address: SocketAddr,
    /// Whence a datagram is sent.
    source: Option<IpAddr>,
}

/// Where the context has its fields.
const USER_FAMILY: usize = 0;
const USER_IP4: usize = 4;
const USER_IP6: usize = 8;
const USER_PORT: usize = 24;
const FAMILY: usize = 28;
const SOURCE_IP4: usize = 40;
const SOURCE_IP6: usize = 44;
const SK: usize = 64;
const SIZE: usize = 72;

impl Talk for OfAddress<'_> {
    fn before(&mut self, run: &mut Run) -> Vec<u8> {
        let sock = Arc::new(Sock::of(self.socket));
        let mut bytes = vec![0; SIZE];
        let mut put = |at: usize, value: &[u8]| {
            for (to, from) in bytes.iter_mut().skip(at).zip(value) {
                *to = *from;
            }
        };
        let family = if self.address.is_ipv6() { 10u32 } else { 2 };
        put(USER_FAMILY, &family.to_le_bytes());
        put(USER_PORT, &self.address.port().to_be_bytes());
        for (ip, v4, v6) in [
            (Some(self.address.ip()), USER_IP4, USER_IP6),
            (self.source, SOURCE_IP4, SOURCE_IP6),
        ] {
            match ip {
                Some(IpAddr::V4(ip)) => put(v4, &ip.octets()),
                Some(IpAddr::V6(ip)) => put(v6, &ip.octets()),
                None => {}
            }
        }
        let of_socket = [SockField::Family, SockField::Type, SockField::Protocol];
        for (index, field) in of_socket.into_iter().enumerate() {
            put(FAMILY + 4 * index, &sock.get(field).to_le_bytes());
        }
        let at = run.give_sock(sock.clone());
        put(SK, &at.to_le_bytes());
        run.state.sock = Some(sock);
        bytes
    }

    fn after(&mut self, run: &mut Run) {
        let ip = |v4: usize, v6: usize, like: IpAddr| -> IpAddr {
            match like {
                IpAddr::V4(_) => Ipv4Addr::from(run.context.word(v4).to_le_bytes()).into(),
                IpAddr::V6(_) => {
                    let words = [0, 4, 8, 12].map(|at| run.context.word(v6 + at).to_le_bytes());
                    let mut octets = [0; 16];
                    for (to, from) in octets.iter_mut().zip(words.as_flattened()) {
                        *to = *from;
                    }
                    Ipv6Addr::from(octets).into()
                }
            }
        };
        let port = u16::from_be(run.context.word(USER_PORT) as u16);
        self.source = self.source.map(|like| ip(SOURCE_IP4, SOURCE_IP6, like));
        self.address = SocketAddr::new(ip(USER_IP4, USER_IP6, self.address.ip()), port);
    }
}

impl Kernel {
    /// Asks the programs of its control group of an address: what they make of it, of the source, and what they say besides.
    fn ask_of_address(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        hooks: Hooks,
        address: SocketAddr,
        source: Option<IpAddr>,
    ) -> Result<(SocketAddr, Option<IpAddr>, u32), Stop> {
        let hook = of_family(hooks, address.is_ipv6());
        let mut talk = OfAddress {
            socket,
            address,
            source,
        };
        let flags = hooks == BIND;
        let answer = self.ask_group(&socket.cgroup, hook, Answer::default(), flags, &mut talk)?;
        answer.outcome()?;
        Ok((talk.address, talk.source, answer.flags))
    }

    /// Whether an address is of the family that a socket speaks; one that speaks none yet does from now on.
    pub(crate) fn fits_family(&self, socket: &SocketObject, to: SocketAddr) -> Result<(), Errno> {
        socket.with(|state| {
            let decided = state.ipv6.is_some() || state.local.or(state.peer).is_some();
            match decided && state.is_ipv6() != to.is_ipv6() {
                true => Err(Errno::EAFNOSUPPORT),
                false => {
                    state.ipv6 = Some(to.is_ipv6());
                    Ok(())
                }
            }
        })
    }

    /// Whether an address is the machine's own, as seen in a namespace.
    pub(super) fn is_own_address(&self, namespace: &Arc<NetnsObject>, ip: IpAddr) -> bool {
        let ways = self.world.interfaces.addresses(namespace);
        ip.is_loopback() || ways.iter().any(|(_, own, _)| *own == ip)
    }

    /// The address of a socket, which is given one like this if it has none: `inet_autobind()`.
    pub(crate) fn bound(
        &self,
        socket: &Arc<SocketObject>,
        like: SocketAddr,
    ) -> Result<SocketAddr, Errno> {
        match socket.with(|state| state.local) {
            Some(local) => Ok(local),
            None => self.world.sockets.bind(socket, like),
        }
    }

    /// A process binds a socket: `inet_bind_sk()`.
    pub(crate) fn bind_socket(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        to: SocketAddr,
    ) -> Result<SocketAddr, Stop> {
        self.fits_family(socket, to)?;
        let (to, _, flags) = self.ask_of_address(socket, BIND, to, None)?;
        let is_root = self.world.tasks.current().task.user == 0 || flags & NO_CAPABILITY != 0;
        let bound = self.bind_to(socket, to, is_root)?;
        let hook = of_family(POST_BIND, to.is_ipv6());
        let allowed = self.ask_of_socket(socket, hook)?.outcome();
        if allowed.is_err() {
            self.world.sockets.unbind(socket);
        }
        allowed.map(|()| bound)
    }

    /// Binds a socket: `__inet_bind()`.
    pub(crate) fn bind_to(
        &self,
        socket: &Arc<SocketObject>,
        to: SocketAddr,
        is_root: bool,
    ) -> Result<SocketAddr, Errno> {
        if !to.ip().is_unspecified() && !self.is_own_address(&socket.namespace, to.ip()) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        if to.port() != 0 && to.port() < FIRST_OF_ALL && !is_root {
            return Err(Errno::EACCES);
        }
        self.world.sockets.bind(socket, to)
    }

    /// A process connects a socket: `inet_stream_connect()`, `inet_dgram_connect()`.
    pub(crate) fn connect_socket(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        to: SocketAddr,
    ) -> Result<(), Stop> {
        let is_stream = socket.kind == SocketKind::Tcp;
        if is_stream && socket.with(|state| state.stream.state) != tcp::CLOSE {
            return Err(Errno::EISCONN.into());
        }
        self.fits_family(socket, to)?;
        let (to, ..) = self.ask_of_address(socket, CONNECT, to, None)?;
        if is_stream {
            return self.connect_stream(socket, to);
        }
        let local = self.bound(socket, unspecified(to))?;
        let (_, _, from) = self.route(socket, local, to)?;
        socket.with(|state| (state.local, state.peer) = (Some(from), Some(to)));
        Ok(())
    }

    /// Where a datagram goes that a process sends to an address, and whence: `udp_sendmsg()`.
    pub(crate) fn ask_whither(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
        to: SocketAddr,
        source: IpAddr,
    ) -> Result<(SocketAddr, IpAddr), Stop> {
        let (to, changed, _) = self.ask_of_address(socket, SEND, to, Some(source))?;
        if to.port() == 0 {
            return Err(Errno::EINVAL.into());
        }
        let from = changed.unwrap_or(source);
        let is_known = from == source || from.is_unspecified();
        if !is_known && !self.is_own_address(&socket.namespace, from) {
            return Err(Errno::ENETUNREACH.into());
        }
        Ok((to, from))
    }

    /// A process takes the next datagram: `udp_recvmsg()`.
    pub(crate) fn receive_datagram(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
    ) -> Result<Datagram, Stop> {
        let next = socket.with(|state| state.received.pop_front());
        let mut datagram = next.ok_or(Errno::EAGAIN)?;
        if let Some(from) = datagram.from {
            let (from, ..) = self.ask_of_address(socket, RECEIVE, from, None)?;
            datagram.from = Some(from);
        }
        Ok(datagram)
    }

    /// What a process is told that a socket's address is: `inet_getname()`.
    pub(crate) fn name_of(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
    ) -> Result<SocketAddr, Stop> {
        let (local, ipv6) = socket.with(|state| (state.local, state.is_ipv6()));
        let none = match ipv6 {
            true => (Ipv6Addr::UNSPECIFIED, 0).into(),
            false => (Ipv4Addr::UNSPECIFIED, 0).into(),
        };
        let (told, ..) = self.ask_of_address(socket, NAME, local.unwrap_or(none), None)?;
        Ok(told)
    }

    /// What a process is told that it is connected to.
    pub(crate) fn peer_name_of(
        self: &Arc<Kernel>,
        socket: &Arc<SocketObject>,
    ) -> Result<SocketAddr, Stop> {
        let is_stream = socket.kind == SocketKind::Tcp;
        let peer = socket.with(|state| {
            let over = is_stream && state.stream.state == tcp::CLOSE;
            state.peer.filter(|_| !over)
        });
        let peer = peer.ok_or(Errno::ENOTCONN)?;
        let (told, ..) = self.ask_of_address(socket, PEER_NAME, peer, None)?;
        Ok(told)
    }
}
