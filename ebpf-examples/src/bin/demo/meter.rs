//! Measures what is sent: every frame, told apart by the demo's own addresses and ports.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};

use etherparse::{NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use serde::Serialize;

use crate::plan;

/// Frames and their bytes, link headers included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

impl Tally {
    fn add(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
    }
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            packets: self.packets + other.packets,
            bytes: self.bytes + other.bytes,
        }
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), std::ops::Add::add)
    }
}

/// What was sent from the addresses of one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) udp: Tally,
    pub(crate) tcp: Tally,
    /// Of `tcp`, requests to connect that the sender's kernel repeated because nobody answered.
    pub(crate) retransmitted: u64,
}

impl Sent {
    pub(crate) fn total(&self) -> Tally {
        self.udp + self.tcp
    }
}

/// What was sent so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// One for each rule of [`plan::RULES`].
    pub(crate) rules: Vec<Sent>,
    /// What an interface sends of itself: ARP, neighbour discovery, multicast reports.
    pub(crate) other: Tally,
    /// What nobody expected.
    pub(crate) stray: Tally,
}

impl Reading {
    /// All datagrams of the demo's.
    pub(crate) fn datagrams(&self) -> u64 {
        self.rules.iter().map(|sent| sent.udp.packets).sum()
    }

    pub(crate) fn total(&self) -> Tally {
        self.rules.iter().map(Sent::total).sum::<Tally>() + self.other + self.stray
    }
}

/// What an interface says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interface {
    /// Frames that it sent.
    pub(crate) sent: u64,
    /// Frames that it had no room for.
    pub(crate) lost: u64,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Udp(usize),
    Tcp(usize, Option<Opening>),
    Other,
    Stray,
}

/// A request to connect, by what its repetitions have in common: source, port and sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Opening(IpAddr, u16, u32);

/// Types of ICMPv6 that an interface sends of itself: reports of multicast listeners (RFC 2710, RFC 3810) and neighbour
/// discovery (RFC 4861).
const RUN_THE_LINK: [u8; 9] = [130, 131, 132, 133, 134, 135, 136, 137, 143];

/// What was sent, and what it takes to go on counting.
#[derive(Debug)]
pub(crate) struct Counts {
    rule_of: HashMap<IpAddr, usize>,
    openings: HashSet<Opening>,
    reading: Reading,
}

impl Counts {
    pub(crate) fn new() -> Self {
        Self {
            rule_of: plan::sources()
                .map(|(rule, source)| (source, rule))
                .collect(),
            openings: HashSet::new(),
            reading: Reading {
                rules: vec![Sent::default(); plan::RULES.len()],
                ..Reading::default()
            },
        }
    }

    /// What was sent until now.
    pub(crate) fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Counts a frame that was sent.
    pub(crate) fn add(&mut self, frame: &[u8]) {
        let class = self.classify(frame);
        let reading = &mut self.reading;
        match class {
            Class::Udp(rule) => {
                if let Some(sent) = reading.rules.get_mut(rule) {
                    sent.udp.add(frame.len());
                }
            }
            Class::Tcp(rule, opening) => {
                if let Some(sent) = reading.rules.get_mut(rule) {
                    sent.tcp.add(frame.len());
                    let again = opening.is_some_and(|opening| !self.openings.insert(opening));
                    sent.retransmitted += u64::from(again);
                }
            }
            Class::Other => reading.other.add(frame.len()),
            Class::Stray => reading.stray.add(frame.len()),
        }
    }

    fn classify(&self, frame: &[u8]) -> Class {
        let Ok(packet) = SlicedPacket::from_ethernet(frame) else {
            return Class::Stray;
        };
        let (source, destination) = match &packet.net {
            None | Some(NetSlice::Arp(_)) => return Class::Other,
            Some(NetSlice::Ipv4(ip)) => (
                IpAddr::from(ip.header().source_addr()),
                IpAddr::from(ip.header().destination_addr()),
            ),
            Some(NetSlice::Ipv6(ip)) => (
                ip.header().source_addr().into(),
                ip.header().destination_addr().into(),
            ),
        };
        let rule = |port, expected| {
            let ours = port == expected
                && plan::server_for(source, port) == SocketAddr::new(destination, port);
            self.rule_of.get(&source).copied().filter(|_| ours)
        };
        match &packet.transport {
            Some(TransportSlice::Udp(udp)) => {
                rule(udp.destination_port(), plan::UDP_PORT).map_or(Class::Stray, Class::Udp)
            }
            Some(TransportSlice::Tcp(tcp)) => rule(tcp.destination_port(), plan::TCP_PORT)
                .map_or(Class::Stray, |rule| Class::Tcp(rule, opening(source, tcp))),
            Some(TransportSlice::Icmpv6(icmp)) if RUN_THE_LINK.contains(&icmp.type_u8()) => {
                Class::Other
            }
            Some(TransportSlice::Igmp(_)) => Class::Other,
            _ => Class::Stray,
        }
    }
}

fn opening(source: IpAddr, tcp: &TcpSlice<'_>) -> Option<Opening> {
    (tcp.syn() && !tcp.ack()).then(|| Opening(source, tcp.source_port(), tcp.sequence_number()))
}

#[cfg(test)]
mod tests {
    use etherparse::{Icmpv6Type, PacketBuilder};

    use super::*;

    /// An Ethernet frame from `source`, with what `build` puts behind the addresses.
    fn frame(source: &str, destination: &str, port: Option<(u8, u16)>) -> Vec<u8> {
        let ethernet = PacketBuilder::ethernet2([2; 6], [4; 6]);
        let ip = match (source.parse().unwrap(), destination.parse().unwrap()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => ethernet.ipv4(from.octets(), to.octets(), 64),
            (IpAddr::V6(from), IpAddr::V6(to)) => ethernet.ipv6(from.octets(), to.octets(), 255),
            _ => unreachable!(),
        };
        let mut bytes = Vec::new();
        match port {
            Some((17, port)) => ip.udp(5000, port).write(&mut bytes, b"x").unwrap(),
            Some((_, port)) => ip
                .tcp(5000, port, 77, 1000)
                .syn()
                .write(&mut bytes, &[])
                .unwrap(),
            None => ip
                .icmpv6(Icmpv6Type::Unknown {
                    type_u8: 135,
                    code_u8: 0,
                    bytes5to8: [0; 4],
                })
                .write(&mut bytes, &[0; 16])
                .unwrap(),
        }
        bytes
    }

    const UDP: Option<(u8, u16)> = Some((17, plan::UDP_PORT));
    const TCP: Option<(u8, u16)> = Some((6, plan::TCP_PORT));

    #[test]
    fn frames_are_told_apart_by_the_demos_own_addresses_and_ports() {
        let mut counts = Counts::new();
        for source in ["198.51.100.7", "198.51.100.200", "192.0.2.10"] {
            counts.add(&frame(source, "192.0.2.1", UDP));
            counts.add(&frame(source, "192.0.2.1", TCP));
        }
        counts.add(&frame("2001:db8:bad::42", "2001:db8:1::1", UDP));
        let reading = &counts.reading;
        let numbers: Vec<_> = reading
            .rules
            .iter()
            .map(|sent| (sent.udp.packets, sent.tcp.packets))
            .collect();
        assert_eq!(
            numbers,
            [(2, 2), (0, 0), (0, 0), (1, 1), (0, 0), (1, 0), (0, 0)]
        );
        assert_eq!(
            (reading.other, reading.stray),
            (Tally::default(), Tally::default())
        );
        assert_eq!(reading.total().packets, 7);
    }

    #[test]
    fn requests_to_connect_that_come_again_are_retransmissions() {
        let mut counts = Counts::new();
        let syn = frame("203.0.113.9", "192.0.2.1", TCP);
        for _ in 0..3 {
            counts.add(&syn);
        }
        let sent = counts.reading.rules[2];
        assert_eq!(
            (sent.tcp.packets, sent.tcp.bytes, sent.retransmitted),
            (3, 3 * syn.len() as u64, 2)
        );
    }

    #[test]
    fn neighbour_discovery_is_other_and_the_unexpected_is_stray() {
        let mut counts = Counts::new();
        counts.add(&frame("2001:db8:bad::7", "2001:db8:1::1", None));
        counts.add(&[0xff; 14]);
        assert_eq!(counts.reading.other.packets, 2);
        let strays = [
            frame("192.0.2.99", "192.0.2.1", UDP),
            frame("192.0.2.10", "192.0.2.2", UDP),
            frame("192.0.2.10", "192.0.2.1", Some((17, plan::TCP_PORT))),
            vec![0; 3],
        ];
        for stray in &strays {
            counts.add(stray);
        }
        assert_eq!(counts.reading.stray.packets, strays.len() as u64);
        assert!(
            counts
                .reading
                .rules
                .iter()
                .all(|sent| *sent == Sent::default())
        );
    }
}
