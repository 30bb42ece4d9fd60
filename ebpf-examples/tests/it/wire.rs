//! A wire from a namespace of its own into a sandbox, over which any IP packet can be sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd as _, OwnedFd};

use ebpf_testbed::{Direction, Interface, Mac, Namespace, Sandbox, Tap, Veth};
use etherparse::{Ipv4HeaderSlice, PacketBuilder, PacketBuilderStep};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrIn6, sendto,
    socket,
};

pub(crate) const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(crate) const THERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
pub(crate) const HERE6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
pub(crate) const THERE6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

/// A packet of IPv4 from `THERE` to `HERE`.
pub(crate) fn ipv4() -> PacketBuilderStep<etherparse::IpHeaders> {
    PacketBuilder::ipv4(THERE.octets(), HERE.octets(), 64)
}

/// The same of IPv6.
pub(crate) fn ipv6() -> PacketBuilderStep<etherparse::IpHeaders> {
    PacketBuilder::ipv6(THERE6.octets(), HERE6.octets(), 64)
}

/// Sends IP packets just as they are given, to where their headers say.
pub(crate) struct RawIp {
    v4: OwnedFd,
    v6: OwnedFd,
}

impl RawIp {
    pub(crate) fn open(namespace: &Namespace) -> Self {
        let open = |family| {
            let flags = SockFlag::SOCK_CLOEXEC;
            socket(family, SockType::Raw, flags, SockProtocol::Raw).unwrap()
        };
        namespace
            .run(|| Self {
                v4: open(AddressFamily::Inet),
                v6: open(AddressFamily::Inet6),
            })
            .unwrap()
    }

    pub(crate) fn send(&self, packet: &[u8]) {
        let flags = MsgFlags::empty();
        let sent = if packet[0] >> 4 == 4 {
            let to: [u8; 4] = packet[16..20].try_into().unwrap();
            let to = SockaddrIn::from(std::net::SocketAddrV4::new(to.into(), 0));
            sendto(self.v4.as_raw_fd(), packet, &to, flags)
        } else {
            let to: [u8; 16] = packet[24..40].try_into().unwrap();
            let to = SockaddrIn6::from(std::net::SocketAddrV6::new(to.into(), 0, 0, 0));
            sendto(self.v6.as_raw_fd(), packet, &to, flags)
        };
        assert_eq!(sent.unwrap(), packet.len());
    }
}

/// The packet of IPv4 with an identification, which the kernel would otherwise choose, and the checksum of its header.
pub(crate) fn identified(mut packet: Vec<u8>, id: u16) -> Vec<u8> {
    packet[4..6].copy_from_slice(&id.to_be_bytes());
    let header = Ipv4HeaderSlice::from_slice(&packet).unwrap().to_header();
    packet[10..12].copy_from_slice(&header.calc_header_checksum().to_be_bytes());
    packet
}

/// The wire; both ends have addresses of both families and know where the other's are.
pub(crate) struct Wire {
    veth: Veth,
    sender: RawIp,
    there: Namespace,
    _sandbox: Sandbox,
}

impl Wire {
    /// With an end of this name in the sandbox, which the calling thread is moved into.
    pub(crate) fn new(name: &str) -> Self {
        let sandbox = Sandbox::new().unwrap();
        let there = Namespace::new().unwrap();
        let veth = Veth::pair_across(name, "there0", &there).unwrap();
        veth.set_up().unwrap();
        for (owner, other, address, prefix_len) in [
            (veth.near(), veth.far(), IpAddr::from(HERE), 24),
            (veth.far(), veth.near(), IpAddr::from(THERE), 24),
            (veth.near(), veth.far(), IpAddr::from(HERE6), 64),
            (veth.far(), veth.near(), IpAddr::from(THERE6), 64),
        ] {
            owner.add_address(address, prefix_len).unwrap();
            other.add_neighbour(address, owner.mac().unwrap()).unwrap();
        }
        Self {
            sender: RawIp::open(&there),
            veth,
            there,
            _sandbox: sandbox,
        }
    }

    /// Sends a packet of IP from there.
    pub(crate) fn send(&self, packet: &[u8]) {
        self.sender.send(packet);
    }

    /// The frame in which a packet from there comes.
    pub(crate) fn framed(&self, packet: &[u8]) -> Vec<u8> {
        let [from, to] = [self.veth.far(), self.near()].map(|end| end.mac().unwrap());
        framed(from, to, packet)
    }

    pub(crate) fn near(&self) -> &Interface {
        self.veth.near()
    }

    /// Sees what arrives there.
    pub(crate) fn tap_there(&self) -> Tap {
        let index = self.veth.far().index();
        self.there.run(|| Tap::open(index)).unwrap().unwrap()
    }
}

/// A frame around a packet of IP.
pub(crate) fn framed(from: Mac, to: Mac, packet: &[u8]) -> Vec<u8> {
    let ethertype: [u8; 2] = if packet[0] >> 4 == 4 {
        [0x08, 0x00]
    } else {
        [0x86, 0xdd]
    };
    [&to.0[..], &from.0, &ethertype, packet].concat()
}

/// Waits for the next frame that arrives and that is `wanted`.
pub(crate) fn arrival(tap: &mut Tap, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    loop {
        match tap.next_frame().unwrap() {
            Some(frame) if frame.direction == Direction::In && wanted(frame.bytes) => {
                return frame.bytes.to_vec();
            }
            Some(_) => {}
            None => std::thread::yield_now(),
        }
    }
}
