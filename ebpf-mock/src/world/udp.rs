//! Datagrams between the sockets of a machine: `__udp4_lib_lookup()` and `udp_queue_rcv_skb()` in net/ipv4/udp.c.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::system::SystemError;

use super::namespace::NetnsObject;
use super::socket::{MockSocket, SocketKind, SocketObject, Sockets};
use crate::dispatch::Stop;

/// The most bytes that a datagram says.
const MOST: usize = 65507;

impl Sockets {
    /// The socket that a datagram is for, without a program that chooses.
    pub(crate) fn receiver(
        &self,
        namespace: &Arc<NetnsObject>,
        from: SocketAddr,
        to: SocketAddr,
    ) -> Option<Arc<SocketObject>> {
        let sockets = self.of(SocketKind::Udp, namespace).into_iter();
        // The more of it a socket asks for, the more it is its own; of several the first that was opened.
        let scored = sockets.filter_map(|socket| Some((score(&socket, from, to)?, socket)));
        let best = scored.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.map(|(_, socket)| socket)
    }
}

/// How well a socket fits a datagram: `compute_score()`.
fn score(socket: &SocketObject, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    let (local, peer) = socket.with(|state| (state.local, state.peer));
    let local = local?;
    if local.port() != to.port() {
        return None;
    }
    let bound = match local.ip() {
        ip if ip == to.ip() => 4,
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => 0,
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) if to.is_ipv4() => 1,
        _ => return None,
    };
    match peer {
        None => Some(bound),
        Some(peer) if peer == from => Some(bound + 8),
        Some(_) => None,
    }
}

impl MockSocket {
    /// Sends a datagram; a socket without an address is given one before.
    ///
    /// The programs of its control group see it, which may say another address, then those of the interface that it leaves
    /// by; where it goes to the machine itself, those that it meets there. To other machines it goes by the interface whose
    /// network they are in.
    ///
    /// # Errors
    /// `EPERM`, or what the program says, where one of the control group forbids it; `EMSGSIZE` for more than 65507 bytes;
    /// `ENETUNREACH` where no interface leads to; `EINVAL` for a port of 0; `EOPNOTSUPP` for sockets that are not of
    /// datagrams; what a program did wrong.
    #[doc(alias = "sendto")]
    #[doc(alias = "BPF_CGROUP_UDP4_SENDMSG")]
    #[doc(alias = "BPF_CGROUP_UDP6_SENDMSG")]
    pub fn send_to(&self, payload: &[u8], to: impl Into<SocketAddr>) -> Result<(), SystemError> {
        let to = to.into();
        self.send_datagram(payload, to)
            .map_err(|stop| stop.of("send", format!("a datagram to {to}")))
    }

    fn send_datagram(&self, payload: &[u8], to: SocketAddr) -> Result<(), Stop> {
        let socket = self.object();
        if socket.kind != SocketKind::Udp {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let local = self.prepare(payload, to)?;
        if to.port() == 0 {
            return Err(Errno::EINVAL.into());
        }
        let kernel = self.kernel();
        let (to, source) = kernel.ask_whither(socket, to, local.ip())?;
        let from = SocketAddr::new(source, local.port());
        kernel.send_datagram(socket, from, to, payload)
    }

    /// Sends a datagram to whom it is connected to: no program is asked of the address.
    pub(super) fn send_connected(&self, payload: &[u8]) -> Result<usize, Stop> {
        let socket = self.object();
        let peer = socket.with(|state| state.peer);
        let to = peer.ok_or(Errno::EDESTADDRREQ)?;
        let local = self.prepare(payload, to)?;
        self.kernel().send_datagram(socket, local, to, payload)?;
        Ok(payload.len())
    }

    /// The address that it sends from.
    fn prepare(&self, payload: &[u8], to: SocketAddr) -> Result<SocketAddr, Stop> {
        if payload.len() > MOST {
            return Err(Errno::EMSGSIZE.into());
        }
        let kernel = self.kernel();
        kernel.fits_family(self.object(), to)?;
        Ok(kernel.bound(self.object(), unspecified(to))?)
    }
}

/// Any address of the same family, and any port.
pub(crate) fn unspecified(like: SocketAddr) -> SocketAddr {
    match like {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}
