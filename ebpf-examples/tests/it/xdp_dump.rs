//! The dump of packets, on an interface of a sandbox.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::process::Command;
use std::time::{Duration, SystemTime};

use ebpf_core::KernelSystem;
use ebpf_core::hook::Xdp;
use ebpf_core::kernel::XdpAttached;
use ebpf_examples::xdp_dump::{Dump, DumpOptions, Summary};
use ebpf_testbed::{Unprivileged, require};
use etherparse::{PacketBuilderStep, TcpHeader};
use nix::sys::signal::Signal;
use pcap_file::pcap::PcapReader;

use crate::process::{Running, alone, stay_on_one_cpu, told};
use crate::wire::{HERE, HERE6, THERE, THERE6, Wire, identified, ipv4, ipv6};

const DUMP: &str = env!("CARGO_BIN_EXE_xdp_dump");

/// A segment from port 7 to port 9.
fn tcp(
    builder: PacketBuilderStep<etherparse::IpHeaders>,
    set: fn(&mut TcpHeader),
    payload: &[u8],
) -> Vec<u8> {
    let mut header = TcpHeader::new(7, 9, 1, 1024);
    set(&mut header);
    let mut packet = Vec::new();
    builder
        .tcp_header(header)
        .write(&mut packet, payload)
        .unwrap();
    match packet[0] >> 4 {
        4 => identified(packet, 4711),
        _ => packet,
    }
}

fn syn(header: &mut TcpHeader) {
    header.syn = true;
}

fn ack(header: &mut TcpHeader) {
    header.ack = true;
}

fn syn_ack(header: &mut TcpHeader) {
    header.syn = true;
    header.ack = true;
}

/// Segments with and without SYN, of both families, and what is expected of those with it: of all lengths modulo 8, so
/// that the events need from 0 to 7 bytes of padding.
#[test]
fn syn_packets_are_shown_byte_for_byte_until_it_is_interrupted() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("dump0");
    let file = std::env::temp_dir().join(format!("ebpf-dump-{}.pcap", std::process::id()));
    let mut command = Command::new(DUMP);
    command.args(["--iface", "dump0", "--write"]).arg(&file);
    let started = SystemTime::now();
    let mut dump = Running::start(&mut command);
    dump.wait_for("listening on dump0");

    let mut frames = Vec::new();
    let mut lines = Vec::new();
    let payload: Vec<u8> = (0xa0..0xa9).collect();
    for length in 0..9 {
        let payload = &payload[..length];
        wire.send(&tcp(ipv4(), ack, payload));
        for (packet, from, to, flags) in [
            (
                tcp(ipv4(), syn, payload),
                format!("{THERE}:7"),
                format!("{HERE}:9"),
                "SYN",
            ),
            (
                tcp(ipv6(), syn_ack, payload),
                format!("[{THERE6}]:7"),
                format!("[{HERE6}]:9"),
                "SYN ACK",
            ),
        ] {
            wire.send(&packet);
            let frame = wire.framed(&packet);
            lines.push(format!(
                "TCP: {from} -> {to}, {flags}, {} bytes",
                frame.len()
            ));
            frames.push(frame);
        }
    }
    for line in &lines {
        dump.wait_for(line);
    }
    dump.signal(Signal::SIGINT);
    let output = dump.end();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert!(
        stdout.ends_with("detached from dump0: 18 packets received, 0 lost\n"),
        "{stdout}"
    );
    assert_eq!(
        KernelSystem::new().xdp_attached("dump0"),
        Ok(XdpAttached::default())
    );

    // Each line is followed by the packet and by nothing else.
    let mut blocks = stdout.split("TCP: ").skip(1);
    for (frame, line) in frames.iter().zip(&lines) {
        let block = blocks.next().unwrap();
        let (title, dump) = block.split_once('\n').unwrap();
        assert_eq!(format!("TCP: {title}"), *line);
        let dump = dump.split("\n\n").next().unwrap();
        let bytes = dump.lines().flat_map(|line| {
            let bytes = line.get(5..55).unwrap();
            bytes
                .split_whitespace()
                .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        });
        assert_eq!(bytes.collect::<Vec<_>>(), *frame);
    }
    assert_eq!(blocks.next(), None);

    let mut reader = PcapReader::new(File::open(&file).unwrap()).unwrap();
    let now = SystemTime::now();
    for frame in &frames {
        let packet = reader.next_packet().unwrap().unwrap();
        assert_eq!(
            (packet.orig_len as usize, &*packet.data),
            (frame.len(), &frame[..])
        );
        // The clocks are read one after the other.
        let (time, slack) = (
            SystemTime::UNIX_EPOCH + packet.timestamp,
            Duration::from_secs(1),
        );
        assert!(started - slack <= time && time <= now + slack, "{time:?}");
    }
    assert!(reader.next_packet().is_none());
    fs::remove_file(file).unwrap();
}

#[test]
fn other_packets_are_shown_as_they_are_asked_for() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("dump0");
    let shown = |arguments: &[&str], packets: &[&[u8]]| {
        let mut command = Command::new(DUMP);
        let mut dump = Running::start(
            command
                .args(["--iface", "dump0", "--no-hex"])
                .args(arguments),
        );
        dump.wait_for("listening on dump0");
        for packet in packets {
            wire.send(packet);
        }
        let output = dump.end();
        assert_eq!(output.status.code(), Some(0));
        let stdout = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<String> = stdout.lines().skip(1).map(str::to_owned).collect();
        let last = lines.pop().unwrap();
        assert!(last.starts_with("detached from dump0: "), "{stdout}");
        lines
    };
    let mut datagram = Vec::new();
    ipv6().udp(7, 9).write(&mut datagram, &[0; 100]).unwrap();
    let [plain, connect, reset] = [ack, syn, |header: &mut TcpHeader| {
        header.rst = true;
        header.psh = true;
        header.urg = true;
    }]
    .map(|set: fn(&mut TcpHeader)| tcp(ipv4(), set, b"data"));

    // `--count` ends each of them: no more is shown, no less is waited for.
    assert_eq!(
        shown(
            &["--flags", "rst,fin", "--count", "1"],
            &[&plain, &connect, &reset]
        ),
        ["TCP: 192.0.2.2:7 -> 192.0.2.1:9, RST PSH URG, 58 bytes"]
    );
    assert_eq!(
        shown(
            &["--flags", "any", "--count", "2", "--mode", "skb"],
            &[&datagram, &plain, &connect, &reset]
        ),
        [
            "TCP: 192.0.2.2:7 -> 192.0.2.1:9, ACK, 58 bytes",
            "TCP: 192.0.2.2:7 -> 192.0.2.1:9, SYN, 58 bytes"
        ]
    );
    assert_eq!(
        shown(&["--snaplen", "20", "--count", "1"], &[&plain, &connect]),
        ["TCP: 192.0.2.2:7 -> 192.0.2.1:9, SYN, 58 bytes (the first 20)"]
    );
    // What the interfaces send by themselves may come in between.
    let mut command = Command::new(DUMP);
    let mut dump = Running::start(command.args(["--iface", "dump0", "--no-hex", "--all"]));
    dump.wait_for("listening on dump0");
    wire.send(&datagram);
    wire.send(&plain);
    dump.wait_for("UDP: [2001:db8::2]:7 -> [2001:db8::1]:9, 162 bytes");
    dump.wait_for("TCP: 192.0.2.2:7 -> 192.0.2.1:9, ACK, 58 bytes");
    dump.signal(Signal::SIGTERM);
    assert_eq!(dump.end().status.code(), Some(0));
}

/// Every packet is either received or lost, and each is counted once.
#[test]
fn what_finds_no_room_is_counted_as_lost() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let wire = Wire::new("dump0");
    stay_on_one_cpu();
    // One page.
    let options = DumpOptions {
        buffer_bytes: 1,
        ..DumpOptions::default()
    };
    let mut dump = Dump::load(&KernelSystem::new(), &options).unwrap();
    dump.attach(Xdp::on("dump0")).unwrap();
    let packet = tcp(ipv4(), syn, &[0; 1000]);
    let (mut sent, mut drained) = (0, 0);
    loop {
        // That some were lost is told by the next one that finds room, so there is one more when the ring is empty.
        let burst = if dump.summary().lost == 0 { 100 } else { 1 };
        for _ in 0..burst {
            wire.send(&packet);
            sent += 1;
        }
        dump.drain(|packet| {
            assert_eq!(packet.length(), 1054);
            drained += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        let Summary { received, lost } = dump.summary();
        assert_eq!(received, drained);
        assert!(received + lost <= sent);
        if lost > 0 && received + lost == sent {
            break;
        }
    }
    dump.detach().unwrap();
}

#[test]
fn what_it_cannot_do_it_says() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let _wire = Wire::new("dump0");
    told(
        DUMP,
        &["--iface", "dump0", "--write", "/absent/file.pcap"],
        1,
        "error: create `/absent/file.pcap`: No such file or directory",
    );
    told(
        DUMP,
        &["--iface", "dump0", "--flags", "syn,xyz"],
        2,
        "error: invalid value 'xyz' for '--flags <FLAG>'",
    );
    told(
        DUMP,
        &["--iface", "dump0", "--snaplen", "65281"],
        2,
        "error: invalid value '65281' for '--snaplen <BYTES>': 65281 is not in 1..=65280",
    );
    let absent = Command::new(DUMP).args(["--iface", "absent0"]).output();
    let absent = absent.unwrap();
    assert_eq!(
        String::from_utf8(absent.stderr).unwrap(),
        "error: attach program `dump` to XDP of interface `absent0`: ENODEV: no such device \
         (there is no such interface in this network namespace)\n"
    );
    assert_eq!(absent.status.code(), Some(1));
    let copy = Unprivileged::of(DUMP).unwrap();
    let output = copy.command().args(["--iface", "lo"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(": EPERM: operation not permitted (CAP_BPF (or root) is needed"),
        "{stderr}"
    );
}
