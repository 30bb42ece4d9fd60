//! What `bpfobj run` tells of the examples' programs on packets, on any system.

use std::fmt::Write as _;

use ebpf_core::System;
use ebpf_core::object::ObjectSpec;
use ebpf_examples::bpfobj::run;
use ebpf_examples::{basic_firewall, packet_counter, xdp_dump};
use etherparse::{
    IcmpEchoHeader, Icmpv4Type, Icmpv6Type, IpNumber, PacketBuilder, PacketBuilderStep, VlanId,
};

/// What the kernel said. Its first line tells how many CPUs it had: maps have a value for each.
pub(crate) const RECORDED: &str = include_str!("runs.txt");

/// Without the one that answers pings: what it does depends on the machine's routes.
const PROGRAMS: [(&str, &[u8]); 5] = [
    ("firewall", basic_firewall::OBJECT),
    ("count_xdp", packet_counter::OBJECT),
    ("count_ingress", packet_counter::OBJECT),
    ("count_egress", packet_counter::OBJECT),
    ("dump", xdp_dump::OBJECT),
];

/// Frames of many kinds, whole and cut short.
fn packets() -> Vec<Vec<u8>> {
    let ethernet = || PacketBuilder::ethernet2([2; 6], [4; 6]);
    let v4 = || ethernet().ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64);
    let v6 = || ethernet().ipv6([1; 16], [2; 16], 64);
    let tagged = |tag| {
        let tag = VlanId::try_new(tag).expect("a VLAN");
        let builder = ethernet().single_vlan(tag);
        builder.ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64)
    };
    let echo = || IcmpEchoHeader { id: 7, seq: 1 };
    let payload = b"sixteen letters.";
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut add = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut frame = Vec::new();
        write(&mut frame);
        all.push(frame);
    };
    add(&|to| v4().tcp(7, 9, 1, 1024).syn().write(to, payload).unwrap());
    add(&|to| v4().udp(7, 53).write(to, payload).unwrap());
    add(&|to| {
        let request = Icmpv4Type::EchoRequest(echo());
        v4().icmpv4(request).write(to, payload).unwrap();
    });
    add(&|to| v6().udp(7, 53).write(to, payload).unwrap());
    add(&|to| {
        let request = Icmpv6Type::EchoRequest(echo());
        v6().icmpv6(request).write(to, payload).unwrap();
    });
    add(&|to| tagged(9).tcp(7, 9, 1, 1024).write(to, payload).unwrap());
    add(&|to| {
        let other: PacketBuilderStep<etherparse::IpHeaders> = v4();
        other.write(to, IpNumber(132), payload).unwrap();
    });
    let whole = all[0].clone();
    // Whether a frame with half a header of IP is run at all, kernels don't agree.
    for length in [34, 42] {
        all.push(whole[..length].to_vec());
    }
    // Not the version that the link says, and no protocol that anybody knows.
    for (at, byte) in [(14, 0x65), (12, 0x12)] {
        let mut wrong = whole.clone();
        wrong[at] = byte;
        all.push(wrong);
    }
    all
}

/// What a system of so many CPUs makes of all of them.
pub(crate) fn told(system: &dyn System, cpus: usize) -> String {
    let packets = packets();
    let mut text = format!("{cpus} CPUs\n");
    for (name, bytes) in PROGRAMS {
        let object = ObjectSpec::parse(bytes).expect("an object");
        let report = run(system, object, Some(name), &packets).expect("it runs");
        let _ = write!(text, "\n{}", timeless(&report.to_string()));
    }
    text
}

/// The text without the time at which events were written: their first eight bytes.
fn timeless(report: &str) -> String {
    let (before, events) = report.split_once("events of").unwrap_or((report, ""));
    let mut text = before.to_owned();
    for (at, line) in events.lines().enumerate() {
        let _ = match line.get(18..) {
            _ if at == 0 => writeln!(text, "events of{line}"),
            Some(rest) => writeln!(text, "  (time) {rest}"),
            None => writeln!(text, "{line}"),
        };
    }
    text
}
