//! The responder to pings between two namespaces, with a sandbox as the router in between.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;
use std::thread;

use ebpf_core::KernelSystem;
use ebpf_core::hook::{Xdp, XdpMode};
use ebpf_core::kernel::XdpAttached;
use ebpf_core::program::ProgramExt as _;
use ebpf_core::system::System as _;
use ebpf_examples::bpf_redirect_map::{Outcomes, Responder};
use ebpf_testbed::{Namespace, Sandbox, Tap, Unprivileged, Veth, require};
use etherparse::{Icmpv4Type, Icmpv6Type, NetSlice, PacketBuilder, SlicedPacket, TransportSlice};
use nix::sys::signal::Signal;

use crate::process::{Running, alone, told};
use crate::wire::{RawIp, arrival, framed, identified};

const RESPONDER: &str = env!("CARGO_BIN_EXE_bpf_redirect_map");

/// Who pings, on the right, and whom: nobody has that address, on the left.
const PINGER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);
const PINGER6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 2, 0, 0, 0, 0, 2);
const NOBODY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);
const NOBODY6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x99);

const PAYLOAD: [u8; 57] = [0x5a; 57];

/// A router with a network on each side, each behind a wire of its own. Pings come from the left, in the name of someone
/// on the right.
struct Router {
    left: Veth,
    right: Veth,
    sender: RawIp,
    tap: Tap,
    _namespaces: [Namespace; 2],
    _sandbox: Sandbox,
}

impl Router {
    fn new() -> Self {
        let sandbox = Sandbox::new().unwrap();
        let namespaces = [Namespace::new().unwrap(), Namespace::new().unwrap()];
        let left = Veth::pair_across("left0", "host0", &namespaces[0]).unwrap();
        let right = Veth::pair_across("right0", "host0", &namespaces[1]).unwrap();
        for veth in [&left, &right] {
            veth.set_up().unwrap();
        }
        let router = left.near().mac().unwrap();
        for (end, address, prefix_len) in [
            (left.near(), IpAddr::from([192, 0, 2, 1]), 24),
            (left.far(), IpAddr::from([192, 0, 2, 2]), 24),
            (right.near(), IpAddr::from([198, 51, 100, 1]), 24),
            (left.near(), "2001:db8:1::1".parse().unwrap(), 64),
            (left.far(), "2001:db8:1::2".parse().unwrap(), 64),
            (right.near(), "2001:db8:2::1".parse().unwrap(), 64),
        ] {
            end.add_address(address, prefix_len).unwrap();
        }
        for nobody in [IpAddr::from(NOBODY), IpAddr::from(NOBODY6)] {
            left.far().add_neighbour(nobody, router).unwrap();
        }
        let index = right.far().index();
        Self {
            sender: RawIp::open(&namespaces[0]),
            tap: namespaces[1].run(|| Tap::open(index)).unwrap().unwrap(),
            left,
            right,
            _namespaces: namespaces,
            _sandbox: sandbox,
        }
    }

    /// Whether packets are forwarded.
    fn forward(&self, on: bool) {
        let value = if on { "1" } else { "0" };
        fs::write("/proc/sys/net/ipv4/ip_forward", value).unwrap();
        fs::write("/proc/sys/net/ipv6/conf/all/forwarding", value).unwrap();
    }

    /// Tells the router where whoever pings is.
    fn introduce(&self) {
        for pinger in [IpAddr::from(PINGER), IpAddr::from(PINGER6)] {
            let mac = self.right.far().mac().unwrap();
            self.right.near().add_neighbour(pinger, mac).unwrap();
        }
    }

    fn ping(&self) {
        self.sender.send(&ping(PINGER, NOBODY));
        self.sender.send(&ping6(PINGER6, NOBODY6));
    }

    /// The answers to both pings arrive on the right, and each byte of them is right.
    fn expect_answers(&mut self) {
        let [from, to] = [self.right.near(), self.right.far()].map(|end| end.mac().unwrap());
        let answer = arrival(&mut self.tap, |frame| carries(frame, 1));
        let expected = PacketBuilder::ipv4(NOBODY.octets(), PINGER.octets(), 64);
        let mut packet = Vec::new();
        let expected = expected.icmpv4(Icmpv4Type::EchoReply(etherparse::IcmpEchoHeader {
            id: 77,
            seq: 3,
        }));
        expected.write(&mut packet, &PAYLOAD).unwrap();
        assert_eq!(answer, framed(from, to, &identified(packet, 4711)));

        let answer = arrival(&mut self.tap, |frame| carries(frame, 129));
        let expected = PacketBuilder::ipv6(NOBODY6.octets(), PINGER6.octets(), 64);
        let mut packet = Vec::new();
        let expected = expected.icmpv6(Icmpv6Type::EchoReply(etherparse::IcmpEchoHeader {
            id: 78,
            seq: 4,
        }));
        expected.write(&mut packet, &PAYLOAD).unwrap();
        assert_eq!(answer, framed(from, to, &packet));
    }
}

/// Whether a frame is ICMP, or ICMPv6 of this type.
fn carries(frame: &[u8], type_of_v6: u8) -> bool {
    let packet = SlicedPacket::from_ethernet(frame).unwrap();
    match (packet.net, packet.transport) {
        (Some(NetSlice::Ipv4(_)), Some(TransportSlice::Icmpv4(_))) => type_of_v6 == 1,
        (Some(NetSlice::Ipv6(_)), Some(TransportSlice::Icmpv6(icmp))) => {
            icmp.type_u8() == type_of_v6
        }
        _ => false,
    }
}

/// Its hop count is not the answer's.
fn ping(from: Ipv4Addr, to: Ipv4Addr) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv4(from.octets(), to.octets(), 9)
        .icmpv4_echo_request(77, 3)
        .write(&mut packet, &PAYLOAD)
        .unwrap();
    identified(packet, 4711)
}

fn ping6(from: Ipv6Addr, to: Ipv6Addr) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv6(from.octets(), to.octets(), 9)
        .icmpv6_echo_request(78, 4)
        .write(&mut packet, &PAYLOAD)
        .unwrap();
    packet
}

#[test]
fn pings_are_answered_by_way_of_another_interface_until_it_is_interrupted() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let mut router = Router::new();
    router.forward(true);
    router.introduce();
    let system = KernelSystem::new();

    let mut responder =
        Running::start(Command::new(RESPONDER).args(["--iface", "left0,right0", "-i", "left0"]));
    responder.wait_for(" s: answered 0");
    for _ in 0..3 {
        router.ping();
        router.expect_answers();
    }
    responder.signal(Signal::SIGINT);
    let output = responder.end();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    for row in ["pings answered, IPv4", "pings answered, IPv6"] {
        let row = stdout.lines().find(|line| line.starts_with(row)).unwrap();
        assert!(row.ends_with(" 3"), "{stdout}");
    }
    assert!(
        stdout.ends_with("detached from left0, right0\n"),
        "{stdout}"
    );
    for name in ["left0", "right0"] {
        assert_eq!(system.xdp_attached(name), Ok(XdpAttached::default()));
    }
}

/// The original of this example left its program behind; here one has to ask for that.
#[test]
fn it_stays_attached_only_when_told_to() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let mut router = Router::new();
    router.forward(true);
    router.introduce();
    let system = KernelSystem::new();
    let attached = |name| system.xdp_attached(name).unwrap().program(XdpMode::Skb);

    let interfaces = ["--iface", "left0", "--iface", "right0"];
    for limit in ["--duration=0.01", "--count=0"] {
        let mut command = Command::new(RESPONDER);
        let output = command.args(interfaces).arg(limit).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!((attached("left0"), attached("right0")), (None, None));
    }

    let mut command = Command::new(RESPONDER);
    let output = command.args(interfaces).arg("--keep").output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "left attached to left0, right0\n"
    );
    assert!(attached("left0").is_some() && attached("left0") == attached("right0"));
    router.ping();
    router.expect_answers();
    told(
        RESPONDER,
        &["--iface", "left0"],
        1,
        "error: attach program `answer` to XDP (skb) of interface `left0`: EBUSY: device or resource busy \
         (another program is attached: detach or replace it first)\n",
    );

    let kept = system.program_by_id(attached("left0").unwrap()).unwrap();
    for name in ["left0", "right0"] {
        let target = Xdp::on(name).mode(XdpMode::Skb).replacing(&*kept);
        kept.attach_to(target).unwrap().detach().unwrap();
        assert_eq!(attached(name), None);
    }
}

#[test]
fn what_cannot_be_answered_passes_and_is_counted_by_its_reason() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let mut router = Router::new();
    let left = router.left.near().index();
    let mut responder = Responder::load(&KernelSystem::new()).unwrap();
    responder.allow(left).unwrap();
    responder.attach(Xdp::on(left).mode(XdpMode::Skb)).unwrap();
    let step = |responder: &Responder, before: Outcomes, look: fn(&Outcomes) -> u64, more| {
        // The kernel may look at packets a moment after they were sent.
        let after = loop {
            let after = responder.outcomes().unwrap();
            if look(&after) >= look(&before) + more {
                break after;
            }
            thread::yield_now();
        };
        assert_eq!(look(&after), look(&before) + more);
        // What the interfaces send by themselves comes on top.
        let silent = Outcomes { other: 0, ..after };
        let reasons = [
            silent.no_forwarding,
            silent.no_neighbour,
            silent.no_route,
            silent.other_interface,
        ];
        (after, reasons)
    };

    let start = responder.outcomes().unwrap();
    router.forward(false);
    router.ping();
    let (now, _) = step(&responder, start, |now| now.no_forwarding, 2);
    router.forward(true);
    router.ping();
    let (now, _) = step(&responder, now, |now| now.no_neighbour, 2);
    let far = (
        Ipv4Addr::new(203, 0, 113, 7),
        "2001:db8:9::7".parse().unwrap(),
    );
    router.sender.send(&ping(far.0, NOBODY));
    router.sender.send(&ping6(far.1, NOBODY6));
    let (now, _) = step(&responder, now, |now| now.no_route, 2);
    router.introduce();
    router.ping();
    let (now, reasons) = step(&responder, now, |now| now.other_interface, 2);
    assert_eq!((now.answered(), reasons), (0, [2; 4]));
    responder.allow(router.right.near().index()).unwrap();
    router.ping();
    router.expect_answers();
    let (now, reasons) = step(&responder, now, |now| now.answered_v4, 1);
    assert_eq!((now.answered_v6, reasons), (1, [2; 4]));
    responder.detach().unwrap();
}

/// The original's map had 64 entries, so an interface of a larger index could not be entered.
#[test]
fn interfaces_of_any_index_take_part() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let sandbox = Sandbox::new().unwrap();
    // Indexes are given out one after the other, and only once.
    let mut many = Vec::new();
    let large = loop {
        let number = many.len();
        let veth = Veth::pair(&format!("many{number}"), &format!("peer{number}")).unwrap();
        if veth.near().index() >= 64 {
            break veth;
        }
        many.push(veth);
    };
    let mut responder = Responder::load(&KernelSystem::new()).unwrap();
    for interface in [large.near(), large.far()] {
        responder.allow(interface.index()).unwrap();
        responder
            .attach(Xdp::on(interface.index()).mode(XdpMode::Skb))
            .unwrap();
    }
    responder.detach().unwrap();
    let absent = Responder::load(&KernelSystem::new())
        .unwrap()
        .allow(4_000_000)
        .unwrap_err();
    assert!(absent.to_string().contains("EINVAL"), "{absent}");
    drop(sandbox);
}

#[test]
fn what_it_cannot_do_it_says() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let _sandbox = Sandbox::new().unwrap();
    told(
        RESPONDER,
        &["--iface", "lo,absent0"],
        1,
        "error: look up interface `absent0`: ENODEV: No such device\n",
    );
    told(
        RESPONDER,
        &[],
        2,
        "error: the following required arguments were not provided:\n  --iface <NAME>",
    );
    told(
        RESPONDER,
        &["--iface", "lo", "--keep", "--count", "1"],
        2,
        "error: the argument '--keep' cannot be used with '--count <NUMBER>'",
    );
    let copy = Unprivileged::of(RESPONDER).unwrap();
    let output = copy.command().args(["--iface", "lo"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(": EPERM: operation not permitted (CAP_BPF (or root) is needed"),
        "{stderr}"
    );
    assert_eq!(output.status.code(), Some(1));
}
