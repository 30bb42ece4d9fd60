//! `bpfobj run` on the kernel, compared with what it says in memory.

use std::process::Command;

use ebpf_core::object::ObjectSpec;
use ebpf_core::system::KernelVersion;
use ebpf_core::{KernelSystem, System};
use ebpf_examples::bpfobj::run;
use ebpf_examples::{basic_firewall, bpf_redirect_map, packet_counter};
use ebpf_mock::MockSystem;
use ebpf_testbed::require;
use etherparse::PacketBuilder;

use crate::process::{alone, stay_on_one_cpu};
use crate::runs;

/// The same program on the same packets, in the kernel and in memory.
#[test]
fn run_tells_the_same_of_both_systems() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let cpus = KernelSystem::new().cpus().expect("CPUs").possible.len() as u32;
    let mut segment = Vec::new();
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64)
        .tcp(7, 9, 1, 1024)
        .write(&mut segment, &[])
        .expect("a frame");
    let mut packets = vec![segment.clone(), vec![0; 14], segment.clone()];
    let release = KernelSystem::new().facts().release().expect("the release");
    // Older ones do not run classifiers on half an IP header.
    if release >= KernelVersion::new(6, 1, 0) {
        packets.push(segment[..30].to_vec());
    }
    let objects = [
        ("firewall", basic_firewall::OBJECT),
        ("answer", bpf_redirect_map::OBJECT),
        ("count_xdp", packet_counter::OBJECT),
        ("count_egress", packet_counter::OBJECT),
    ];
    // So that each count is in the same place.
    if stay_on_one_cpu() != 0 {
        return ebpf_testbed::skip("CPU 0 is not for this process");
    }
    for (name, bytes) in objects {
        let object = ObjectSpec::parse(bytes).expect("an object");
        let [kernel, mock] = [
            Box::new(KernelSystem::new()) as Box<dyn System>,
            Box::new(MockSystem::builder().cpus(cpus).build()),
        ]
        .map(|system| run(&*system, object.clone(), Some(name), &packets).expect("it runs"));
        assert_eq!(kernel.to_string(), mock.to_string());
    }
}

/// The command itself, with `--system kernel` and without.
#[test]
fn the_command_tells_the_same_of_both_systems() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let mut segment = Vec::new();
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv6([1; 16], [2; 16], 64)
        .udp(7, 53)
        .write(&mut segment, b"question")
        .expect("a frame");
    let segment: String = segment.iter().map(|byte| format!("{byte:02x}")).collect();
    if stay_on_one_cpu() != 0 {
        return ebpf_testbed::skip("CPU 0 is not for this process");
    }
    // Its map has no value for each CPU, so that nothing is told of how many there are; and what it would write for a frame
    // of TCP has the time in it.
    for json in [&[][..], &["--json"]] {
        let [kernel, mock] = ["kernel", "mock"].map(|system| {
            let output = Command::new(env!("CARGO_BIN_EXE_bpfobj"))
                .args(["run", "--program", "dump", "--system", system])
                .args(["--packet", &segment, "--packet", "00"])
                .args(json)
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/bpf/xdp_dump.bpf.o"))
                .output()
                .expect("it runs");
            let text = |bytes| String::from_utf8(bytes).expect("text");
            (text(output.stdout), text(output.stderr), output.status)
        });
        assert_eq!(kernel, mock);
        assert!(kernel.0.contains("pass"), "{}", kernel.0);
    }
}

/// What is kept of runs on a kernel, for machines where none may be asked. `EBPF_BLESS=1` writes it anew.
#[test]
fn the_kernel_still_does_what_it_did() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    if stay_on_one_cpu() != 0 {
        return ebpf_testbed::skip("CPU 0 is not for this process");
    }
    let kernel = KernelSystem::new();
    let cpus = kernel.cpus().expect("CPUs").possible.len();
    let told = runs::told(&kernel, cpus);
    if std::env::var_os("EBPF_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/both/runs.txt");
        return std::fs::write(path, told).expect("written");
    }
    if runs::RECORDED.starts_with(&format!("{cpus} CPUs")) {
        assert_eq!(told, runs::RECORDED);
    } else {
        // Maps have other values here: compared with what a simulated system of as many CPUs says.
        let mock = MockSystem::builder().cpus(cpus as u32).build();
        assert_eq!(told, runs::told(&mock, cpus));
    }
}
