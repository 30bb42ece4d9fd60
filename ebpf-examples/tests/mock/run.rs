//! `bpfobj run`: a program on packets.

use std::fs;
use std::process::Command;

use ebpf_core::object::ObjectSpec;
use ebpf_examples::bpfobj::{RunError, packet, packets, run};
use ebpf_examples::{basic_firewall, packet_counter, xdp_dump};
use ebpf_mock::MockSystem;
use etherparse::PacketBuilder;
use pcap_file::pcap::{PcapPacket, PcapWriter};
use serde_json::Value;

const BPFOBJ: &str = env!("CARGO_BIN_EXE_bpfobj");

fn object(bytes: &[u8]) -> ObjectSpec {
    ObjectSpec::parse(bytes).expect("an object")
}

/// A segment that opens a connection.
fn syn() -> Vec<u8> {
    let mut frame = Vec::new();
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64)
        .tcp(7, 9, 1, 1024)
        .syn()
        .write(&mut frame, &[])
        .expect("a frame");
    frame
}

#[test]
fn verdicts_and_counters_are_told() {
    let packets = [syn(), syn(), vec![0; 14]];
    let report = run(
        &MockSystem::new(),
        object(basic_firewall::OBJECT),
        None,
        &packets,
    );
    let report = report.expect("it runs");
    assert_eq!(report.verdicts.get("pass").copied(), Some(3), "{report}");
    assert!(report.is_good() && report.changed.is_empty());
    let [totals] = &report.maps[..] else {
        panic!("{report}");
    };
    assert_eq!((&totals.name[..], totals.elements.len()), ("totals", 2));
    let text = report.to_string();
    assert!(
        text.contains("program `firewall` (xdp) on 3 packets\n  pass: 3\n"),
        "{text}"
    );
    assert!(text.contains("{ packets: 2, bytes: 108 }"), "{text}");
}

#[test]
fn events_are_told() {
    let report = run(&MockSystem::new(), object(xdp_dump::OBJECT), None, &[syn()]);
    let report = report.expect("it runs");
    let [events] = &report.events[..] else {
        panic!("{report}");
    };
    assert_eq!(
        (&events.map[..], events.count, events.lost),
        ("events", 1, 0)
    );
    let frame: String = syn().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(events.samples[0].contains(&frame), "{report}");
}

#[test]
fn a_program_has_to_be_named_where_there_are_several() {
    let system = MockSystem::new();
    let run = |name| run(&system, object(packet_counter::OBJECT), name, &[syn()]);
    assert!(matches!(run(None), Err(RunError::Which(names)) if names.len() == 4));
    let missing = run(Some("count")).expect_err("there is none");
    assert!(
        missing.to_string().starts_with("no program `count` among "),
        "{missing}"
    );
    assert!(run(Some("count_xdp")).expect("it runs").is_good());
}

#[test]
fn packets_are_read_from_text_and_files() {
    assert_eq!(packet("0a:0B 0c").expect("a packet"), [10, 11, 12]);
    for text in ["0", "0x12", "gg", "é"] {
        assert!(matches!(packet(text), Err(RunError::Hex(_))), "{text}");
    }
    assert!(matches!(
        packets(&b"no pcap file"[..]),
        Err(RunError::Pcap(_))
    ));
}

#[test]
fn the_command_runs_without_privileges() {
    let directory = std::env::temp_dir().join(format!("bpfobj-run-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join("packets.pcap");
    let mut file = PcapWriter::new(fs::File::create(&path).expect("a file")).expect("a header");
    for frame in [syn(), syn()] {
        let length = frame.len() as u32;
        let packet = PcapPacket::new(std::time::Duration::ZERO, length, &frame);
        file.write_packet(&packet).expect("written");
    }
    drop(file);
    let object = concat!(env!("CARGO_MANIFEST_DIR"), "/bpf/basic_firewall.bpf.o");
    let output = Command::new(BPFOBJ)
        .args(["run", "--json", "--packet", "00", "--pcap"])
        .args([path.as_os_str(), object.as_ref()])
        .output()
        .expect("it runs");
    fs::remove_dir_all(&directory).expect("removed");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["verdicts"]["pass"], 2, "{report}");
    // No frame is a single byte.
    assert_eq!(report["failures"][0]["packet"], 0, "{report}");
    assert_eq!(output.status.code(), Some(1));
}
