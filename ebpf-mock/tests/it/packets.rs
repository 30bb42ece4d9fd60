//! Packets that `etherparse` builds are what programs on both systems take them for, and their checksums hold.

use ebpf_core::conformance::code;
use ebpf_core::program::{ProgramExt, ProgramType};
use ebpf_core::system::Bindings;
use ebpf_core::{Map, System};
use ebpf_mock::MockSystem;
use etherparse::{IcmpEchoHeader, Icmpv4Type, Icmpv6Type, PacketBuilder, VlanId};

/// A packet, and where in it what a checksum is of begins and ends.
struct Built {
    name: &'static str,
    bytes: Vec<u8>,
    /// The header of IPv4.
    header: Option<usize>,
    /// What IP carries: where, and the sum of the pseudo header.
    payload: usize,
    pseudo: u32,
}

const FROM: [u8; 4] = [192, 0, 2, 2];
const TO: [u8; 4] = [192, 0, 2, 1];
const FROM6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
const TO6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const PAYLOAD: &[u8] = b"an odd number of bytes!";

/// All packets by their names.
#[cfg(target_os = "linux")]
pub(crate) fn packets() -> Vec<(&'static str, Vec<u8>)> {
    let built = built().into_iter();
    built.map(|built| (built.name, built.bytes)).collect()
}

/// The sum of the pseudo header: addresses, protocol and length, as 16-bit numbers in network order.
fn pseudo(addresses: &[u8], protocol: u8, length: usize) -> u32 {
    let words = addresses.chunks_exact(2);
    let sum: u32 = words
        .map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])))
        .sum();
    sum + u32::from(protocol) + length as u32
}

/// Which bytes a checksum is of: the header of IPv4 begins there, what IP carries there; what it carries.
struct Layers {
    header: Option<usize>,
    payload: usize,
    pseudo: Option<(Vec<u8>, u8)>,
}

fn built() -> Vec<Built> {
    let ethernet = || PacketBuilder::ethernet2([2; 6], [4; 6]);
    let v4 = || ethernet().ipv4(FROM, TO, 64);
    let v6 = || ethernet().ipv6(FROM6, TO6, 64);
    let tagged = || {
        let vlan = VlanId::try_new(9).expect("a VLAN");
        ethernet().single_vlan(vlan).ipv4(FROM, TO, 64)
    };
    let echo = || IcmpEchoHeader { id: 7, seq: 1 };
    let of_v4 = |protocol: u8| Layers {
        header: Some(14),
        payload: 34,
        pseudo: Some(([FROM, TO].concat(), protocol)),
    };
    let of_v6 = |protocol: u8| Layers {
        header: None,
        payload: 54,
        pseudo: Some(([FROM6, TO6].concat(), protocol)),
    };
    let mut all = Vec::new();
    let mut add = |name, layers: Layers, write: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut bytes);
        let length = bytes.len() - layers.payload;
        let sum = |(addresses, protocol): (Vec<u8>, u8)| pseudo(&addresses, protocol, length);
        all.push(Built {
            name,
            header: layers.header,
            payload: layers.payload,
            pseudo: layers.pseudo.map_or(0, sum),
            bytes,
        });
    };
    let good = "room for the packet";
    add("UDP", of_v4(17), &|to| {
        v4().udp(7, 9).write(to, PAYLOAD).expect(good)
    });
    add("TCP", of_v4(6), &|to| {
        v4().tcp(7, 9, 1, 1024)
            .syn()
            .write(to, PAYLOAD)
            .expect(good);
    });
    let icmp = Layers {
        pseudo: None,
        ..of_v4(1)
    };
    add("ICMP", icmp, &|to| {
        let request = Icmpv4Type::EchoRequest(echo());
        v4().icmpv4(request).write(to, PAYLOAD).expect(good);
    });
    let in_vlan = Layers {
        header: Some(18),
        payload: 38,
        ..of_v4(17)
    };
    add("UDP in a VLAN", in_vlan, &|to| {
        tagged().udp(7, 9).write(to, PAYLOAD).expect(good);
    });
    add("UDP of IPv6", of_v6(17), &|to| {
        v6().udp(7, 9).write(to, PAYLOAD).expect(good);
    });
    add("TCP of IPv6", of_v6(6), &|to| {
        v6().tcp(7, 9, 1, 1024).write(to, PAYLOAD).expect(good);
    });
    add("ICMPv6", of_v6(58), &|to| {
        let request = Icmpv6Type::EchoRequest(echo());
        v6().icmpv6(request).write(to, PAYLOAD).expect(good);
    });
    all
}

/// What a system's `bpf_csum_diff` makes of bytes of a packet, folded: 0xffff for what carries a right checksum.
fn sum(system: &dyn System, packet: &[u8], from: usize, to: usize, seed: u32) -> u16 {
    // Read in words of 4 bytes; what is left over is zeros.
    let length = (to - from).next_multiple_of(4);
    let seed = (seed & 0xffff) + (seed >> 16);
    let seed = ((seed & 0xffff) + (seed >> 16)) as u16;
    let text = format!(
        "r6 = r1
        r7 = r10
        r7 += -128
        {clear}
        r2 = {from}
        r3 = r7
        r4 = {have}
        call bpf_skb_load_bytes
        if r0 != 0 goto out
        r1 = 0
        r2 = 0
        r3 = r7
        r4 = {length}
        r5 = {seed}
        call bpf_csum_diff
        r1 = r0
        r1 &= 65535
        r0 >>= 16
        r0 &= 65535
        r0 += r1
        r1 = r0
        r1 &= 65535
        r0 >>= 16
        r0 += r1
        exit
        out: r0 = -1
        exit",
        clear = (1..=16)
            .map(|word| format!("*(u64 *)(r10 - {}) = 0\n", 8 * word))
            .collect::<String>(),
        have = to - from,
        seed = seed.to_be(),
    );
    let maps: [&dyn Map; 0] = [];
    let bindings = Bindings {
        maps: &maps,
        ..Bindings::default()
    };
    let program = system.load_program(&code(ProgramType::SCHED_CLS, &text), &bindings);
    let program = program.expect("the program is taken");
    let (result, _) = program.run_once(packet, 0).expect("it runs");
    result.return_value as u16
}

fn check(system: &dyn System) {
    for packet in built() {
        let Built {
            name,
            bytes,
            header,
            payload,
            pseudo,
        } = &packet;
        if let Some(header) = header {
            assert_eq!(
                sum(system, bytes, *header, header + 20, 0),
                0xffff,
                "the header of {name}"
            );
        }
        let whole = sum(system, bytes, *payload, bytes.len(), *pseudo);
        assert_eq!(whole, 0xffff, "{name}");
        let mut wrong = bytes.clone();
        wrong[payload + 1] ^= 1;
        let wrong = sum(system, &wrong, *payload, bytes.len(), *pseudo);
        assert_ne!(wrong, 0xffff, "{name} with another byte");
    }
}

#[test]
fn checksums_of_built_packets_hold() {
    check(&MockSystem::new());
    #[cfg(target_os = "linux")]
    if ebpf_testbed::require("kernel") {
        check(&ebpf_core::KernelSystem::new());
    }
}
