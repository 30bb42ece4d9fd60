//! The packet counter's programs, asked about single frames, on any system.

use ebpf_core::Errno;
use ebpf_core::program::{Program, ProgramExt as _};
use ebpf_examples::counter::Counter;
use ebpf_examples::packet_counter::{Kind, PacketCounter};
use etherparse::{IpNumber, PacketBuilder};

/// Every frame is counted once, as what it is; `program` is the counter's and gives this verdict.
pub(crate) fn check(counter: &PacketCounter, program: &dyn Program, verdict: u32) {
    let v4 = |protocol| {
        let mut frame = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64)
            .write(&mut frame, IpNumber(protocol), &[0; 40])
            .unwrap();
        frame
    };
    // Extension headers as (protocol of the header, its bytes), and what is behind them.
    let v6 = |headers: &[(u8, &[u8])], last: u8| {
        let first = headers.first().map_or(last, |(protocol, _)| *protocol);
        let nexts = headers.iter().skip(1).map(|(protocol, _)| *protocol);
        let mut behind = Vec::new();
        for ((_, bytes), next) in headers.iter().zip(nexts.chain([last])) {
            behind.push(next);
            behind.extend_from_slice(bytes);
        }
        behind.extend_from_slice(&[0; 40]);
        let mut frame = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv6([1; 16], [2; 16], 64)
            .write(&mut frame, IpNumber::UDP, &behind)
            .unwrap();
        frame[20] = first;
        frame
    };
    let cut = |mut frame: Vec<u8>, length| {
        frame.truncate(length);
        frame
    };
    let with = |mut frame: Vec<u8>, at: usize, byte| {
        frame[at] = byte;
        frame
    };
    let (tag, service) = ([0x81, 0, 0, 7], [0x88, 0xa8, 0, 7]);
    let options: (u8, &[u8]) = (0, &[0, 1, 4, 0, 0, 0, 0]);
    let long_options: (u8, &[u8]) = (60, &[1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let routing: (u8, &[u8]) = (43, &[0; 7]);
    let fragment: (u8, &[u8]) = (44, &[0; 7]);
    let later_fragment: (u8, &[u8]) = (44, &[0, 1, 0, 0, 0, 0, 0]);
    // Its length is counted in words of 4 bytes, less two.
    let authentication: (u8, &[u8]) = (
        51,
        &[
            4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
    );

    let cases = [
        ("TCP", v4(6), Kind::Protocol(6)),
        ("the first number", v4(0), Kind::Protocol(0)),
        ("the last number", v4(255), Kind::Protocol(255)),
        ("IPv4 options", with(v4(17), 14, 0x46), Kind::Protocol(17)),
        ("a later fragment", with(v4(17), 21, 1), Kind::Protocol(17)),
        ("a tag", behind_tags(v4(17), &[tag]), Kind::Protocol(17)),
        (
            "two tags",
            behind_tags(v4(17), &[service, tag]),
            Kind::Protocol(17),
        ),
        (
            "three tags",
            behind_tags(v4(17), &[service, tag, tag]),
            Kind::Malformed,
        ),
        (
            "half a tag",
            cut(behind_tags(v4(17), &[tag]), 16),
            Kind::Malformed,
        ),
        ("half an IPv4 header", cut(v4(17), 33), Kind::Malformed),
        ("four words of it", with(v4(17), 14, 0x44), Kind::Malformed),
        ("version 5", with(v4(17), 14, 0x55), Kind::Malformed),
        ("ARP", with(v4(17), 13, 6), Kind::NotIp),
        ("ICMPv6", v6(&[], 58), Kind::Protocol(58)),
        ("half an IPv6 header", cut(v6(&[], 58), 53), Kind::Malformed),
        ("behind options", v6(&[options], 6), Kind::Protocol(6)),
        (
            "behind a chain",
            v6(
                &[options, long_options, routing, fragment, authentication],
                17,
            ),
            Kind::Protocol(17),
        ),
        (
            "a chain cut short",
            cut(v6(&[options, routing], 17), 65),
            Kind::Malformed,
        ),
        (
            "a fragment is not looked into",
            v6(&[later_fragment, options], 17),
            Kind::Protocol(0),
        ),
        (
            "a chain without end",
            v6(&[options; 8], 17),
            Kind::Protocol(0),
        ),
    ];
    for (name, frame, kind) in &cases {
        let (before, _) = counter.counts().unwrap().of(*kind);
        let (result, after) = match program.run_once(frame, 0) {
            Ok(run) => run,
            // Newer kernels make no socket buffer of half an IP header.
            Err(error) => {
                assert_eq!(
                    (error.errno(), *kind),
                    (Some(Errno::EINVAL), Kind::Malformed)
                );
                assert!(name.contains("half"), "{name}");
                continue;
            }
        };
        assert_eq!((result.return_value, &after), (verdict, frame), "{name}");
        let (now, _) = counter.counts().unwrap().of(*kind);
        let expected = Counter {
            packets: before.packets + 1,
            bytes: before.bytes + frame.len() as u64,
        };
        assert_eq!(now, expected, "{name}");
    }
}

/// Puts bytes between the Ethernet header and what follows it.
fn behind_tags(mut frame: Vec<u8>, tags: &[[u8; 4]]) -> Vec<u8> {
    frame.splice(12..12, tags.concat());
    frame
}
