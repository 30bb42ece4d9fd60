//! The firewall's program, asked about frames that no real interface would send, on any system.

use ebpf_core::System;
use ebpf_core::hook::XdpAction;
use ebpf_core::program::ProgramExt as _;
use ebpf_examples::basic_firewall::{Action, Counter, Firewall};
use etherparse::{Icmpv6Type, PacketBuilder, PacketBuilderStep};

/// What becomes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    Dropped,
    Other,
    Malformed,
}

const FOE: [u8; 4] = [10, 9, 9, 9];
const FRIEND_AMONG_FOES: [u8; 4] = [10, 9, 9, 10];
const FOE6: [u8; 16] = [0xfd, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
const TO: [u8; 4] = [192, 0, 2, 1];
const TO6: [u8; 16] = [0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

fn ethernet() -> PacketBuilderStep<etherparse::Ethernet2Header> {
    PacketBuilder::ethernet2([2; 6], [4; 6])
}

/// A datagram from `source`.
fn udp(source: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    ethernet()
        .ipv4(source, TO, 64)
        .udp(1, 2)
        .write(&mut bytes, b"datagram")
        .unwrap();
    bytes
}

/// A message of ICMPv6 of this type and hop limit, from `FOE6`.
fn icmp6(type_u8: u8, hop_limit: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let message = Icmpv6Type::Unknown {
        type_u8,
        code_u8: 0,
        bytes5to8: [0; 4],
    };
    ethernet()
        .ipv6(FOE6, TO6, hop_limit)
        .icmpv6(message)
        .write(&mut bytes, &[0; 16])
        .unwrap();
    bytes
}

/// The same behind the option that has routers look at it.
fn icmp6_behind_an_option(type_u8: u8, hop_limit: u8) -> Vec<u8> {
    let mut bytes = icmp6(type_u8, hop_limit);
    let (length, next) = (18..20, 20);
    bytes[length].copy_from_slice(&32_u16.to_be_bytes());
    bytes[next] = 0;
    bytes.splice(54..54, [58, 0, 5, 2, 0, 0, 1, 0]);
    bytes
}

/// `udp(FOE)` behind `tags` VLAN tags.
fn tagged(tags: usize) -> Vec<u8> {
    let mut bytes = udp(FOE);
    for _ in 0..tags {
        bytes.splice(12..12, [0x81, 0x00, 0x00, 0x07]);
    }
    bytes
}

fn cut(mut frame: Vec<u8>, length: usize) -> Vec<u8> {
    frame.truncate(length);
    frame
}

fn with(mut frame: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    frame[at] = byte;
    frame
}

/// Every frame meets its fate and is counted once.
pub(crate) fn check(system: &dyn System) {
    let mut firewall = Firewall::load(system).unwrap();
    firewall
        .add("10.9.9.0/24".parse().unwrap(), Action::Drop)
        .unwrap();
    firewall
        .add("10.9.9.10/32".parse().unwrap(), Action::Pass)
        .unwrap();
    firewall
        .add("fd09::/16".parse().unwrap(), Action::Drop)
        .unwrap();
    let arp = with(with(udp(FOE), 12, 0x08), 13, 0x06);
    let igmp = |time_to_live| with(with(udp(FOE), 23, 2), 22, time_to_live);

    // What it is, the frame, its fate, the rule that counts it.
    let cases = [
        (
            "a friend's datagram",
            udp([10, 9, 8, 1]),
            Fate::Passed,
            None,
        ),
        ("a foe's datagram", udp(FOE), Fate::Dropped, Some(0)),
        (
            "the longer prefix",
            udp(FRIEND_AMONG_FOES),
            Fate::Passed,
            Some(1),
        ),
        ("one tag", tagged(1), Fate::Dropped, Some(0)),
        ("two tags", tagged(2), Fate::Dropped, Some(0)),
        ("three tags", tagged(3), Fate::Malformed, None),
        (
            "a service tag",
            with(with(tagged(2), 12, 0x88), 13, 0xa8),
            Fate::Dropped,
            Some(0),
        ),
        ("half a tag", cut(tagged(1), 16), Fate::Malformed, None),
        (
            "half an IPv4 header",
            cut(udp(FOE), 33),
            Fate::Malformed,
            None,
        ),
        (
            "an IPv4 header alone",
            cut(udp(FOE), 34),
            Fate::Dropped,
            Some(0),
        ),
        (
            "version 5 where 4 is announced",
            with(udp(FOE), 14, 0x55),
            Fate::Malformed,
            None,
        ),
        ("ARP", arp, Fate::Other, None),
        ("a multicast report", igmp(1), Fate::Other, None),
        (
            "a multicast report from afar",
            igmp(2),
            Fate::Dropped,
            Some(0),
        ),
        ("an echo request", icmp6(128, 64), Fate::Dropped, Some(2)),
        (
            "a neighbour solicitation",
            icmp6(135, 255),
            Fate::Other,
            None,
        ),
        (
            "a neighbour solicitation from afar",
            icmp6(135, 254),
            Fate::Dropped,
            Some(2),
        ),
        ("a redirect", icmp6(137, 255), Fate::Other, None),
        (
            "what follows the redirect",
            icmp6(138, 255),
            Fate::Dropped,
            Some(2),
        ),
        (
            "a listener report",
            icmp6_behind_an_option(143, 1),
            Fate::Other,
            None,
        ),
        (
            "a listener report without its option",
            icmp6(131, 1),
            Fate::Other,
            None,
        ),
        (
            "a listener report from afar",
            icmp6_behind_an_option(143, 2),
            Fate::Dropped,
            Some(2),
        ),
        (
            "an option before an echo request",
            icmp6_behind_an_option(128, 1),
            Fate::Dropped,
            Some(2),
        ),
        (
            "an option and nothing behind it",
            cut(icmp6_behind_an_option(143, 1), 62),
            Fate::Dropped,
            Some(2),
        ),
        (
            "half an option",
            cut(icmp6_behind_an_option(143, 1), 58),
            Fate::Dropped,
            Some(2),
        ),
        (
            "half an IPv6 header",
            cut(icmp6(128, 64), 53),
            Fate::Malformed,
            None,
        ),
        (
            "version 4 where 6 is announced",
            with(icmp6(128, 64), 14, 0x45),
            Fate::Malformed,
            None,
        ),
        (
            "nothing but an Ethernet header",
            cut(udp(FOE), 14),
            Fate::Malformed,
            None,
        ),
    ];
    for (name, frame, fate, rule) in cases {
        let (counters, totals) = (firewall.counters().unwrap(), firewall.totals().unwrap());
        let (result, after) = firewall.program().run_once(&frame, 0).unwrap();
        let verdict = match fate {
            Fate::Passed | Fate::Other => XdpAction::PASS,
            Fate::Dropped | Fate::Malformed => XdpAction::DROP,
        };
        assert_eq!(
            (XdpAction(result.return_value), after == frame),
            (verdict, true),
            "{name}"
        );

        let mut expected = totals;
        let outcome = match fate {
            Fate::Passed => &mut expected.passed,
            Fate::Dropped => &mut expected.dropped,
            Fate::Other => &mut expected.other,
            Fate::Malformed => &mut expected.malformed,
        };
        add(outcome, &frame);
        assert_eq!(firewall.totals().unwrap(), expected, "{name}");
        let mut expected = counters;
        if let Some(rule) = rule {
            add(&mut expected[rule], &frame);
        }
        assert_eq!(firewall.counters().unwrap(), expected, "{name}");
    }
}

fn add(counter: &mut Counter, frame: &[u8]) {
    counter.packets += 1;
    counter.bytes += frame.len() as u64;
}
