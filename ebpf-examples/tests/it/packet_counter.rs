//! The packet counter, on an interface of a sandbox and asked about single frames.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::process::Command;

use ebpf_core::Errno;
use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_core::kernel::KernelSystem;
use ebpf_core::program::{Program, ProgramExt as _};
use ebpf_examples::counter::Counter;
use ebpf_examples::packet_counter::{Kind, PacketCounter};
use ebpf_testbed::{Sandbox, Unprivileged, Veth, require};
use etherparse::{IpNumber, PacketBuilder};
use nix::sys::signal::Signal;

use crate::process::{Running, alone, told};
use crate::wire::{HERE, HERE6, Wire, arrival, ipv4, ipv6};

const COUNTER: &str = env!("CARGO_BIN_EXE_packet_counter");

/// The cells of the row that begins with `name`.
fn row<'o>(output: &'o str, name: &str) -> Vec<&'o str> {
    let table = output.split("packets in").last().unwrap();
    let row = table.lines().find(|line| line.starts_with(name));
    row.unwrap_or_else(|| panic!("no row `{name}` in\n{output}"))
        .split_whitespace()
        .collect()
}

/// Every place counts the same of the same traffic: 8 datagrams and 4 pings that come in, the 4 answers that go out.
#[test]
fn every_place_counts_every_packet_once_by_protocol_and_direction() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("count0");
    let receivers = [IpAddr::from(HERE), IpAddr::from(HERE6)]
        .map(|address| UdpSocket::bind((address, 9)).unwrap());
    // On another interface, where nobody counts.
    let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut tap = wire.tap_there();
    let mut udp4 = Vec::new();
    ipv4().udp(7, 9).write(&mut udp4, &[1; 100]).unwrap();
    let mut udp6 = Vec::new();
    ipv6().udp(7, 9).write(&mut udp6, &[2; 50]).unwrap();
    let mut ping = Vec::new();
    let builder = ipv4().icmpv4_echo_request(1, 2);
    builder.write(&mut ping, &[3; 56]).unwrap();

    for place in [
        &["--xdp"][..],
        &["--xdp", "--mode", "skb"],
        &["--tc"],
        &["--socket"],
    ] {
        let mut command = Command::new(COUNTER);
        let mut counter = Running::start(command.args(["--iface", "count0"]).args(place));
        counter.wait_for(" s: ");
        let address = elsewhere.local_addr().unwrap();
        elsewhere.send_to(b"not counted", address).unwrap();
        for packet in [&udp4, &udp4, &udp4, &udp4, &udp4, &udp6, &udp6, &udp6] {
            wire.send(packet);
        }
        for _ in 0..4 {
            wire.send(&ping);
            arrival(&mut tap, |frame| frame.len() == 98 && frame[23] == 1);
        }
        for (receiver, datagrams) in receivers.iter().zip([5, 3]) {
            for _ in 0..datagrams {
                receiver.recv(&mut [0; 100]).unwrap();
            }
        }
        counter.signal(Signal::SIGINT);
        let output = counter.end();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{place:?}: {stdout}");
        assert!(stdout.ends_with(" of count0\n"), "{place:?}: {stdout}");
        let (udp, icmp) = (row(&stdout, "UDP "), row(&stdout, "ICMP "));
        if place.contains(&"--xdp") {
            assert_eq!(udp, ["UDP", "8", "1046"], "{place:?}");
            assert_eq!(icmp, ["ICMP", "4", "392"], "{place:?}");
        } else {
            assert_eq!(udp, ["UDP", "8", "1046", "0", "0"], "{place:?}");
            assert_eq!(icmp, ["ICMP", "4", "392", "4", "392"], "{place:?}");
        }
    }
}

#[test]
fn it_ends_by_itself_and_says_what_it_cannot_do() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("count0");
    let mut counter =
        Running::start(Command::new(COUNTER).args(["--iface=count0", "--xdp", "--count=100"]));
    counter.wait_for(" s: ");
    let mut packet = Vec::new();
    let builder = ipv4();
    builder.write(&mut packet, IpNumber(253), &[0; 8]).unwrap();
    for _ in 0..100 {
        wire.send(&packet);
    }
    let output = counter.end();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    // What the interfaces send by themselves is counted too, but that is not much.
    let cells = row(&stdout, "protocol 253");
    let [packets, bytes]: [u32; 2] = [2, 3].map(|cell: usize| cells[cell].parse().unwrap());
    assert!(packets > 50, "{stdout}");
    assert_eq!(bytes, packets * 42);

    let counter = Command::new(COUNTER)
        .args(["--iface", "count0", "--xdp", "--duration", "0.01"])
        .output();
    assert_eq!(counter.unwrap().status.code(), Some(0));

    let refused = |arguments: &[&str], code, message: &str| {
        told(COUNTER, arguments, code, message);
    };
    refused(
        &["--iface", "absent0", "--xdp"],
        1,
        "error: attach program `count_xdp` to XDP of interface `absent0`: ENODEV: no such device \
         (there is no such interface in this network namespace)\n",
    );
    refused(
        &["--iface", "absent0", "--socket"],
        1,
        "error: look up interface `absent0`: ENODEV: No such device\n",
    );
    refused(
        &["--iface", "absent0", "--tc"],
        1,
        "error: attach program `count_ingress` to TC ingress of interface `absent0`: ENODEV: no such device \
         (there is no such interface in this network namespace)\n",
    );
    refused(
        &["--iface", "count0", "--xdp", "--tc"],
        2,
        "error: the argument '--xdp' cannot be used with '--tc'",
    );
    refused(
        &["--iface", "count0"],
        2,
        "error: the following required arguments were not provided:\n  <--xdp|--tc|--socket>",
    );
    refused(
        &["--iface", "count0", "--xdp", "--duration", "soon"],
        2,
        "error: invalid value 'soon' for '--duration <SECONDS>': a number of seconds is wanted, such as 10 or 0.5",
    );
    refused(
        &["--iface", "count0", "--xdp", "--duration=-1"],
        2,
        "error: invalid value '-1' for '--duration <SECONDS>': ",
    );
    let copy = Unprivileged::of(COUNTER).unwrap();
    for place in ["--xdp", "--tc"] {
        let output = copy.command().args(["--iface", "lo", place]).output();
        let stderr = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(
            stderr.contains(": EPERM: operation not permitted (CAP_BPF (or root) is needed"),
            "{stderr}"
        );
    }
    let output = copy.command().args(["--iface", "lo", "--socket"]).output();
    assert_eq!(
        String::from_utf8(output.unwrap().stderr).unwrap(),
        "error: open a packet socket (CAP_NET_RAW or root is needed): EPERM: Operation not permitted\n"
    );
}

/// Puts bytes between the Ethernet header and what follows it.
fn behind_tags(mut frame: Vec<u8>, tags: &[[u8; 4]]) -> Vec<u8> {
    frame.splice(12..12, tags.concat());
    frame
}

/// Frames that no real interface would send, through the programs of XDP and of traffic control.
#[test]
fn frames_of_every_kind_are_told_apart() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let _sandbox = Sandbox::new().unwrap();
    // Down, so that nothing else is counted.
    let veth = Veth::pair("count0", "there0").unwrap();
    let interface = veth.near().index();
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
    let system = KernelSystem::new();
    let in_xdp = PacketCounter::in_xdp(&system, Xdp::on(interface)).unwrap();
    let in_tc = PacketCounter::in_tc(&system, interface).unwrap();
    let check = |counter: &PacketCounter, program: &dyn Program, verdict: u32| {
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
    };
    check(
        &in_xdp,
        in_xdp.programs().next().unwrap(),
        XdpAction::PASS.0,
    );
    check(&in_tc, in_tc.programs().next().unwrap(), u32::MAX);
}
