//! The firewall's program on an interface of a sandbox.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::process::Command;

use ebpf_testbed::{Namespace, Sandbox, Unprivileged, Veth, require};
use etherparse::PacketBuilder;
use nix::sys::signal::Signal;

use crate::process::{Running, alone, told};
use crate::wire::{HERE6, Wire};

const FIREWALL: &str = env!("CARGO_BIN_EXE_basic_firewall");

#[test]
fn it_drops_until_it_is_interrupted() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let _sandbox = Sandbox::new().unwrap();
    let there = Namespace::new().unwrap();
    let veth = Veth::pair_across("wall0", "there0", &there).unwrap();
    veth.set_up().unwrap();
    let [here, friend, foe] = [1, 2, 3].map(|host| IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)));
    veth.near().add_address(here, 24).unwrap();
    for sender in [friend, foe] {
        veth.far().add_address(sender, 24).unwrap();
    }
    let receiver = UdpSocket::bind((here, 9)).unwrap();
    let [friend, foe] =
        [friend, foe].map(|sender| there.run(|| UdpSocket::bind((sender, 0))).unwrap().unwrap());

    for mode in ["default", "skb", "drv"] {
        let arguments = [
            "--iface",
            "wall0",
            "--drop",
            "192.0.2.3",
            "--drop",
            "2001:db8::/32",
            "--mode",
            mode,
        ];
        let mut firewall = Running::start(Command::new(FIREWALL).args(arguments));
        firewall.wait_for(" s: dropped ");
        for _ in 0..3 {
            foe.send_to(b"foe", (here, 9)).unwrap();
        }
        friend.send_to(b"friend", (here, 9)).unwrap();
        let mut buffer = [0; 16];
        let (length, _) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"friend");

        firewall.signal(Signal::SIGINT);
        let output = firewall.end();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stdout}");
        let dropped = stdout
            .lines()
            .find(|line| line.starts_with("drop 192.0.2.3/32"))
            .unwrap();
        assert_eq!(
            dropped.split_whitespace().collect::<Vec<_>>(),
            ["drop", "192.0.2.3/32", "3", "135"]
        );
        assert!(stdout.ends_with("detached from wall0\n"), "{stdout}");
        foe.send_to(b"foe", (here, 9)).unwrap();
        let (length, _) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!(
            &buffer[..length],
            b"foe",
            "nothing is dropped once it is detached"
        );
    }
}

/// goebpf's firewall knows IPv4 alone (its issue 77).
#[test]
fn networks_of_ipv6_are_dropped_too() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("wall0");
    let receiver = UdpSocket::bind((HERE6, 9)).unwrap();
    let arguments = ["--iface", "wall0", "--drop", "2001:db8:f::/48", "--count=3"];
    let mut firewall = Running::start(Command::new(FIREWALL).args(arguments));
    firewall.wait_for(" s: dropped ");
    let send = |from: &str, payload: &[u8]| {
        let from: Ipv6Addr = from.parse().unwrap();
        let packet = PacketBuilder::ipv6(from.octets(), HERE6.octets(), 64).udp(7, 9);
        let mut bytes = Vec::new();
        packet.write(&mut bytes, payload).unwrap();
        wire.send(&bytes);
    };
    send("2001:db8::3", b"friend");
    for host in ["2001:db8:f::1", "2001:db8:f::2", "2001:db8:f:ffff::3"] {
        send(host, b"foe");
    }
    // It ends by itself then.
    let output = firewall.end();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    let dropped = stdout.lines().find(|line| line.starts_with("drop "));
    assert_eq!(
        dropped.unwrap().split_whitespace().collect::<Vec<_>>(),
        ["drop", "2001:db8:f::/48", "3", "195"]
    );
    send("2001:db8:f::1", b"foe no more");
    for expected in [&b"friend"[..], b"foe no more"] {
        let mut buffer = [0; 16];
        let length = receiver.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], expected);
    }
}

#[test]
fn what_it_cannot_do_it_says() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let _sandbox = Sandbox::new().unwrap();
    let _veth = Veth::pair("wall0", "there0").unwrap();
    let told = |code, arguments: &[&str], message| told(FIREWALL, arguments, code, message);
    told(
        1,
        &["--iface", "absent0"],
        "error: attach program `firewall` to XDP of interface `absent0`: ENODEV: no such device \
         (there is no such interface in this network namespace)\n",
    );
    told(
        1,
        &["--iface", "lo", "--mode", "drv"],
        "error: attach program `firewall` to XDP (drv) of interface `lo`: EOPNOTSUPP: operation not supported \
         (the driver cannot: try XdpMode::Skb)\n",
    );
    told(
        1,
        &[
            "--iface",
            "wall0",
            "--drop",
            "10.0.0.0/8",
            "--pass",
            "10.0.0.0/8",
        ],
        "error: add the rule `pass 10.0.0.0/8`: `10.0.0.0/8` has a rule already\n",
    );
    told(
        2,
        &["--iface", "wall0", "--drop", "10.0.0.0/33"],
        "error: invalid value '10.0.0.0/33' for '--drop <CIDR>': \
         prefix length 33 is more than the 32 bits of the address\n\nFor more information, try '--help'.\n",
    );

    let mut first = Running::start(Command::new(FIREWALL).args(["--iface", "wall0"]));
    first.wait_for(" s: dropped ");
    told(
        1,
        &["--iface", "wall0"],
        "error: attach program `firewall` to XDP of interface `wall0`: EBUSY: device or resource busy \
         (another program is attached: detach or replace it first)\n",
    );
    first.signal(Signal::SIGTERM);
    assert_eq!(first.end().status.code(), Some(0));
}

#[test]
fn without_privileges_it_says_what_the_kernel_said() {
    if !require("kernel") {
        return;
    }
    let firewall = Unprivileged::of(FIREWALL).unwrap();
    let output = Running::start(firewall.command().args(["--iface", "lo"])).end();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(": EPERM: operation not permitted (CAP_BPF (or root) is needed"),
        "{stderr}"
    );
}
