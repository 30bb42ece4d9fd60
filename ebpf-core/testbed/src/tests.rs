//! The test bed against this machine's kernel.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::thread;

use nix::libc;

use super::*;

const NEAR: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 0, 1));
const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 0, 2));
const FAR6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd09, 0, 0, 0, 0, 0, 0, 2));
const NEAR6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd09, 0, 0, 0, 0, 0, 0, 1));

fn id(kind: &str) -> std::path::PathBuf {
    fs::read_link(format!("/proc/thread-self/ns/{kind}")).unwrap()
}

#[test]
fn a_sandbox_is_the_threads_own_and_ends_with_it() {
    if !require("kernel") {
        return;
    }
    let (network, mounts) = (id("net"), id("mnt"));
    let directory = std::env::current_dir().unwrap();
    {
        let sandbox = Sandbox::new().unwrap();
        assert_ne!(id("net"), network);
        assert_ne!(id("mnt"), mounts);
        let pins = sandbox.bpffs().join("pins");
        fs::create_dir(&pins).unwrap();
        let inside = thread::spawn(move || (id("net"), pins.exists()))
            .join()
            .unwrap();
        assert_eq!(inside, (id("net"), true));
    }
    assert_eq!((id("net"), id("mnt")), (network, mounts));
    assert_eq!(std::env::current_dir().unwrap(), directory);
}

#[test]
fn sandboxes_of_several_threads_do_not_meet() {
    if !require("kernel") {
        return;
    }
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let sandbox = Sandbox::new().unwrap();
                    fs::create_dir(sandbox.bpffs().join("same-name")).unwrap();
                    let veth = Veth::pair("same-name", "its-peer").unwrap();
                    assert_ne!(veth.near().index(), veth.far().index());
                }
            });
        }
    });
}

#[test]
fn what_one_end_sends_the_other_receives_and_both_count() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().unwrap();
    let there = Namespace::new().unwrap();
    let veth = Veth::pair_across("near", "far", &there).unwrap();
    assert_eq!(
        Interface::open("far").unwrap_err().raw_os_error(),
        Some(libc::ENODEV)
    );
    let mut tap = there
        .run(|| Tap::open(veth.far().index()))
        .unwrap()
        .unwrap();
    for (interface, addresses) in [(veth.near(), [NEAR, NEAR6]), (veth.far(), [FAR, FAR6])] {
        for address in addresses {
            interface
                .add_address(address, if address.is_ipv4() { 24 } else { 64 })
                .unwrap();
        }
        interface.set_mtu(1400).unwrap();
    }
    for address in [NEAR, NEAR6] {
        veth.far()
            .add_neighbour(address, veth.near().mac().unwrap())
            .unwrap();
    }
    veth.set_up().unwrap();

    for (from, to) in [(FAR, NEAR), (FAR6, NEAR6)] {
        let receiver = UdpSocket::bind((to, 0)).unwrap();
        let port = receiver.local_addr().unwrap().port();
        let sender = there.run(|| UdpSocket::bind((from, 0))).unwrap().unwrap();
        sender.send_to(b"over the wire", (to, port)).unwrap();
        let mut buffer = [0; 64];
        let (length, source) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!(
            (&buffer[..length], source.ip()),
            (&b"over the wire"[..], from)
        );
    }

    let (mut count, mut bytes, mut ours) = (0, 0, 0);
    let stats = loop {
        let stats = veth.far().stats().unwrap();
        while let Some(frame) = tap.next_frame().unwrap() {
            if frame.direction == Direction::Out {
                count += 1;
                bytes += frame.bytes.len() as u64;
                ours += usize::from(frame.bytes.ends_with(b"over the wire"));
            }
        }
        if stats.tx_packets == count {
            break stats;
        }
    };
    assert_eq!((stats.tx_bytes, stats.tx_dropped, ours), (bytes, 0, 2));
}

#[test]
fn refusals_say_what_was_tried() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().unwrap();
    let absent = Interface::open("absent0").unwrap_err();
    assert_eq!(
        absent.to_string(),
        "look up interface `absent0`: No such device (os error 19)"
    );
    let _veth = Veth::pair("taken", "far").unwrap();
    let taken = Veth::pair("taken", "other").unwrap_err();
    assert_eq!(
        taken.to_string(),
        "make the veth pair `taken` and `other`: File exists (os error 17)"
    );
    let long = Veth::pair("sixteen-letters-", "other").unwrap_err();
    assert!(
        long.to_string()
            .starts_with("make the veth pair `sixteen-letters-` and `other`: "),
        "{long}"
    );
}

#[test]
fn dropping_deletes() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().unwrap();
    drop(Veth::pair("gone", "gone-too").unwrap());
    for name in ["gone", "gone-too"] {
        assert_eq!(
            Interface::open(name).unwrap_err().raw_os_error(),
            Some(libc::ENODEV)
        );
    }
}
