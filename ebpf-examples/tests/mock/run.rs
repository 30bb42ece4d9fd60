//! `bpfobj run`: a program on packets.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ebpf_core::object::ObjectSpec;
use ebpf_examples::bpfobj::{RunError, packet, packets, run};
use ebpf_examples::{basic_firewall, packet_counter, xdp_dump};
use ebpf_mock::{Coverage, MockSystem};
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

/// A directory of a test's own, which goes with this.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let name = format!("bpfobj-run-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory");
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left of a test that failed, is for a person to look at.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

fn path_of(name: &str) -> String {
    format!("{}/bpf/{name}.bpf.o", env!("CARGO_MANIFEST_DIR"))
}

/// `bpfobj run` with these words.
fn bpfobj<I: AsRef<OsStr>>(words: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(BPFOBJ);
    command.arg("run").args(words).env_remove("EBPF_COVERAGE");
    command
}

fn said(command: &mut Command) -> (String, String, Option<i32>) {
    let output = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code(),
    )
}

fn as_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_command_runs_without_privileges() {
    let directory = Directory::new("plain");
    let path = directory.0.join("packets.pcap");
    let mut file = PcapWriter::new(fs::File::create(&path).expect("a file")).expect("a header");
    for frame in [syn(), syn()] {
        let length = frame.len() as u32;
        let packet = PcapPacket::new(std::time::Duration::ZERO, length, &frame);
        file.write_packet(&packet).expect("written");
    }
    drop(file);
    let object = path_of("basic_firewall");
    let path = path.to_str().expect("text");
    let words = ["--json", "--packet", "00", "--pcap", path, &object];
    let (report, _, code) = said(&mut bpfobj(words));
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["verdicts"]["pass"], 2, "{report}");
    // No frame is a single byte.
    assert_eq!(report["failures"][0]["packet"], 0, "{report}");
    assert!(report.get("trace").is_none(), "{report}");
    assert_eq!(code, Some(1));
}

#[test]
fn executed_lines_are_told_for_each_packet() {
    let object = path_of("packet_counter");
    let frame = as_hex(&syn());
    let words = ["--program", "count_xdp", "--trace", "--packet", &frame];
    let words = words
        .into_iter()
        .chain(["--packet", "000000000000000000000000ffff"]);
    let words: Vec<&str> = words.chain([&*object]).collect();
    let (text, _, code) = said(&mut bpfobj(&words));
    assert_eq!(code, Some(0));
    let (first, rest) = text.split_once("packet 1 executed\n").expect("two runs");
    let (second, report) = rest.split_once("program `count_xdp`").expect("a report");
    let inside = |text: &str| text.contains("  counter->packets += 1;\n");
    assert!(
        first.starts_with("packet 0 executed\n  in `count_xdp`\n"),
        "{first}"
    );
    assert!(inside(first) && inside(second) && !inside(report), "{text}");
    // The second frame carries no IP.
    assert!(first.lines().count() > second.lines().count(), "{text}");

    let words = words.iter().chain(&["--json"]);
    let (text, ..) = said(&mut bpfobj(words));
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let lines = report["trace"][1]["lines"].as_array().expect("lines");
    let last = lines.last().expect("a line");
    assert_eq!(last["text"], "return XDP_PASS;");
    assert_eq!(last["function"], "count_xdp");
}

#[test]
fn coverage_is_written_for_lcov() {
    let directory = Directory::new("coverage");
    let path = directory.0.join("of_run.info");
    let path = path.to_str().expect("text");
    let object = path_of("packet_counter");
    let frame = as_hex(&syn());
    let words = ["--program", "count_xdp", "--coverage", path];
    let words = words
        .into_iter()
        .chain(["--packet", &frame, "--packet", &frame, &object]);
    let (_, _, code) = said(&mut bpfobj(words));
    assert_eq!(code, Some(0));
    let text = fs::read_to_string(path).expect("a file");
    for record in [
        "SF:",
        "FN:",
        "FNDA:2,count_xdp\n",
        "DA:",
        "BRDA:",
        "end_of_record\n",
    ] {
        assert!(text.contains(record), "no `{record}` in\n{text}");
    }
    let nowhere = directory.0.join("no/such/directory");
    let nowhere = nowhere.to_str().expect("text");
    let words = [
        "--program",
        "count_xdp",
        "--coverage",
        nowhere,
        "--packet",
        &frame,
        &object,
    ];
    let (_, complaint, code) = said(&mut bpfobj(words));
    assert!(
        complaint.contains(nowhere) && code == Some(1),
        "{complaint}"
    );
}

#[test]
fn a_kernel_tells_no_lines() {
    let object = path_of("basic_firewall");
    for words in [&["--trace"][..], &["--coverage", "/nowhere/at.all"]] {
        let words = words.iter().copied();
        let words = words.chain(["--system", "kernel", "--packet", "00", &*object]);
        let (out, complaint, code) = said(&mut bpfobj(words));
        assert_eq!((&*out, code), ("", Some(1)));
        assert!(complaint.contains("wants --system mock"), "{complaint}");
    }
}

/// Processes that count at the same time add up, each with several systems.
#[test]
fn coverage_of_processes_adds_up() {
    let directory = Directory::new("merged");
    let object = path_of("packet_counter");
    let frame = as_hex(&syn());
    let start = |packets: usize| {
        let mut words = vec!["--program", "count_xdp"];
        for _ in 0..packets {
            words.extend(["--packet", &frame]);
        }
        words.push(&object);
        let mut command = bpfobj(words);
        command.env("EBPF_COVERAGE", &directory.0);
        command.stdout(std::process::Stdio::null());
        command.spawn().expect("it runs")
    };
    let processes = [start(2), start(3), start(4)];
    for mut process in processes {
        assert!(process.wait().expect("it ends").success());
    }
    let files = fs::read_dir(&directory.0).expect("a directory").count();
    assert_eq!(files, 3, "one of each process");
    let merged = Coverage::read_dir(&directory.0).expect("coverage");
    assert_eq!(merged.function("count_xdp"), Some(9));
    let source = merged
        .files()
        .find(|file| file.ends_with("packet_counter.bpf.c"));
    let source = source.expect("the source").to_owned();
    let text = include_str!("../../bpf/packet_counter.bpf.c");
    let line = text
        .lines()
        .position(|line| line.contains("counter->packets += 1;"));
    let line = line.expect("a line") as u32 + 1;
    assert_eq!(merged.line(&source, line), Some(9));
    // Every frame was longer than a header: that branch was taken as often as there were frames, or never.
    let text = merged.to_string();
    let ways: Vec<u64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("BRDA:")?.rsplit(',').next()?.parse().ok())
        .collect();
    assert!(
        ways.contains(&9) && ways.iter().all(|ways| [0, 9].contains(ways)),
        "{text}"
    );
}

#[test]
fn packets_of_the_newer_format_are_read() {
    use pcap_file::DataLink;
    use pcap_file::pcapng::PcapNgWriter;
    use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
    use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;

    let mut bytes = Vec::new();
    let mut writer = PcapNgWriter::new(&mut bytes).expect("a header");
    let interface = InterfaceDescriptionBlock {
        linktype: DataLink::ETHERNET,
        snaplen: 0,
        options: Vec::new(),
    };
    writer.write_pcapng_block(interface).expect("written");
    let frame = syn();
    let packet = EnhancedPacketBlock {
        interface_id: 0,
        timestamp: std::time::Duration::ZERO,
        original_len: frame.len() as u32,
        data: frame.clone().into(),
        options: Vec::new(),
    };
    writer.write_pcapng_block(packet).expect("written");
    assert_eq!(packets(&bytes[..]).expect("packets"), [frame]);
}

#[test]
fn programs_do_what_a_kernel_was_seen_to_do() {
    let recorded = crate::runs::RECORDED;
    let cpus = recorded
        .split(' ')
        .next()
        .and_then(|cpus| cpus.parse().ok());
    let cpus: u32 = cpus.expect("a number of CPUs; EBPF_BLESS=1 writes it");
    let system = MockSystem::builder().cpus(cpus).build();
    assert_eq!(crate::runs::told(&system, cpus as usize), recorded);
}
