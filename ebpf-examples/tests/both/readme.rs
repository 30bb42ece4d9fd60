use std::error::Error;

use ebpf_core::codec::LpmKeyV4;
use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_core::map::{MapExt, PerCpuMap, TypedMap};
use ebpf_core::program::ProgramExt;
use ebpf_core::{KernelSystem, System, SystemExt};
use ebpf_mock::MockSystem;

ebpf_core::plain! {
    /// What the program is told to do with a network, as in its C source.
    pub struct Rule { pub index: u32, pub action: u32 }

    /// What it counts for each rule.
    pub struct Counter { pub packets: u64, pub bytes: u64 }
}

/// Drops what comes from a network until `end` returns, and gives how many packets that were.
fn block(system: &dyn System, network: &str, end: impl FnOnce()) -> Result<u64, Box<dyn Error>> {
    let objects = system.load_file("bpf/basic_firewall.bpf.o")?;
    let rules: TypedMap<LpmKeyV4, Rule> = objects.map("ipv4_rules")?.clone().typed()?;
    rules.insert(&network.parse()?, &Rule { index: 0, action: XdpAction::DROP.0 })?;
    let _link = objects.program("firewall")?.attach_to(Xdp::on("eth0"))?;
    end();
    let counters: PerCpuMap<u32, Counter> = objects.map("rule_counters")?.clone().per_cpu()?;
    let per_cpu = counters.get(&0)?.ok_or("there is no such rule")?;
    Ok(per_cpu.iter().map(|cpu| cpu.packets).sum()) // dropping the link detaches the program
}

/// In production, as root: the Linux kernel.
fn main() -> Result<(), Box<dyn Error>> {
    let minute = || std::thread::sleep(std::time::Duration::from_secs(60));
    println!("{} packets dropped", block(&KernelSystem::new(), "192.0.2.0/24", minute)?);
    Ok(())
}

/// In `cargo test`, as anyone, on any operating system: the same object runs in memory.
#[test]
fn a_blocked_network_is_dropped() -> Result<(), Box<dyn Error>> {
    let system = MockSystem::new();
    system.add_interface("eth0")?;
    let mut frame = [0; 42]; // Ethernet, IPv4, UDP
    frame[12..15].copy_from_slice(&[0x08, 0x00, 0x45]);
    frame[26..30].copy_from_slice(&[192, 0, 2, 7]);
    let dropped = block(&system, "192.0.2.0/24", || {
        for _ in 0..3 {
            system.inject("eth0", &frame).expect("the program does nothing wrong");
        }
    })?;
    assert_eq!(dropped, 3);
    Ok(())
}
