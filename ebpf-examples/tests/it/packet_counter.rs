//! The packet counter, on an interface of a sandbox and asked about single frames.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::process::Command;

use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_core::kernel::KernelSystem;
use ebpf_examples::packet_counter::PacketCounter;
use ebpf_testbed::{Sandbox, Unprivileged, Veth, require};
use etherparse::IpNumber;
use nix::sys::signal::Signal;

use crate::counted;
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
    let system = KernelSystem::new();
    let in_xdp = PacketCounter::in_xdp(&system, Xdp::on(interface)).unwrap();
    let in_tc = PacketCounter::in_tc(&system, interface).unwrap();
    counted::check(
        &in_xdp,
        in_xdp.programs().next().unwrap(),
        XdpAction::PASS.0,
    );
    counted::check(&in_tc, in_tc.programs().next().unwrap(), u32::MAX);
}
