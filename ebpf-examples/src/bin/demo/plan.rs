//! Who sends what to whom, and what the firewall is told to do about it. All addresses are those set aside for
//! documentation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Result;
use ebpf_core::hook::{Interface, Xdp};
use ebpf_core::system::System;
use ebpf_examples::basic_firewall::Action::{self, Drop, Pass};
use ebpf_examples::basic_firewall::Firewall;

/// One rule of the firewall and the addresses that the demo sends from because of it.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) prefix: &'static str,
    pub(crate) action: Action,
    pub(crate) sources: &'static [IpAddr],
}

/// The rules, both families with a network that is dropped, an exception within it, and everyone else.
pub(crate) const RULES: [Rule; 7] = [
    Rule {
        prefix: "198.51.100.0/24",
        action: Drop,
        sources: &[v4(198, 51, 100, 7), v4(198, 51, 100, 200)],
    },
    Rule {
        prefix: "198.51.100.42/32",
        action: Pass,
        sources: &[v4(198, 51, 100, 42)],
    },
    Rule {
        prefix: "203.0.113.9/32",
        action: Drop,
        sources: &[v4(203, 0, 113, 9)],
    },
    Rule {
        prefix: "0.0.0.0/0",
        action: Pass,
        sources: &[v4(192, 0, 2, 10), v4(203, 0, 113, 10)],
    },
    Rule {
        prefix: "2001:db8:bad::/48",
        action: Drop,
        sources: &[v6(0xbad, 7), v6(0xbad, 0x200)],
    },
    Rule {
        prefix: "2001:db8:bad::42/128",
        action: Pass,
        sources: &[v6(0xbad, 0x42)],
    },
    Rule {
        prefix: "::/0",
        action: Pass,
        sources: &[v6(1, 0x10)],
    },
];

/// The receiver's addresses, one in each network so that its answers find their way. The sender's are in the same
/// networks; it talks to the first of each family.
pub(crate) const RECEIVER: [(IpAddr, u8); 5] = [
    (v4(192, 0, 2, 1), 24),
    (v6(1, 1), 48),
    (v4(198, 51, 100, 1), 24),
    (v4(203, 0, 113, 1), 24),
    (v6(0xbad, 1), 48),
];

/// Where the receiver takes datagrams.
pub(crate) const UDP_PORT: u16 = 9;
/// Where the receiver takes connections and sends back what it got.
pub(crate) const TCP_PORT: u16 = 7;

/// Payloads; their lengths make the byte counts differ from the packet counts.
pub(crate) const DATAGRAM: &[u8] = b"a datagram from the sender's end of the wire";
pub(crate) const SPEECH: &[u8] = &[b'x'; 700];
/// Connections tried at once from an address that is dropped; the kernel repeats each request until they are given up.
pub(crate) const ATTEMPTS: u16 = 3;

/// The firewall with its rules, at work on an interface.
pub(crate) fn firewall(system: &dyn System, interface: impl Into<Interface>) -> Result<Firewall> {
    let mut firewall = Firewall::load(system)?;
    for rule in &RULES {
        firewall.add(rule.prefix.parse()?, rule.action)?;
    }
    firewall.attach(Xdp::on(interface))?;
    Ok(firewall)
}

/// Every address that the demo sends from, with the number of its rule.
pub(crate) fn sources() -> impl Iterator<Item = (usize, IpAddr)> {
    RULES
        .iter()
        .enumerate()
        .flat_map(|(index, rule)| rule.sources.iter().map(move |source| (index, *source)))
}

/// Every address that the demo sends from and whose packets the firewall is told to treat so.
pub(crate) fn sources_to(action: Action) -> impl Iterator<Item = IpAddr> {
    let rules = RULES.iter().filter(move |rule| rule.action == action);
    rules.flat_map(|rule| rule.sources.iter().copied())
}

/// The receiver's address that packets from `source` go to.
pub(crate) fn server_for(source: IpAddr, port: u16) -> SocketAddr {
    let [(ipv4, _), (ipv6, _), ..] = RECEIVER;
    SocketAddr::new(if source.is_ipv4() { ipv4 } else { ipv6 }, port)
}

/// The length of the network prefix of an address on either interface.
pub(crate) fn network_len(address: IpAddr) -> u8 {
    if address.is_ipv4() { 24 } else { 48 }
}

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

/// An address of 2001:db8::/32.
const fn v6(network: u16, host: u16) -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, network, 0, 0, 0, 0, host))
}
