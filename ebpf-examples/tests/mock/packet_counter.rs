//! The packet counter: in XDP.

use ebpf_core::Errno;
use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_examples::packet_counter::{CounterError, Counts, PacketCounter};
use ebpf_mock::MockSystem;
use ebpf_mock::fault::FailEverySite;
use ebpf_mock::testing::SystemSnapshot;

fn machine() -> MockSystem {
    let system = MockSystem::builder().cpus(2).build();
    system.add_interface("eth0").expect("an interface");
    system
}

#[test]
fn what_each_cpu_counts_is_added_up() {
    let system = machine();
    let counter = PacketCounter::in_xdp(&system, Xdp::on("eth0")).expect("at work");
    assert_eq!(counter.counts().expect("counts"), Counts::default());
    let maps = SystemSnapshot::of(&system).expect("a snapshot");
    let counters = maps.map("counters").expect("the map");
    // For each direction 256 protocols, what is not IP and what is malformed; for each of them a value of each CPU.
    assert_eq!(counters.len(), 2 * 258);
    let value = counters.elements().values().next().cloned().flatten();
    assert_eq!(value.map(|value| value.len()), Some(2 * 16));
}

#[test]
fn an_interface_has_one_counter() {
    let system = machine();
    let counter = PacketCounter::in_xdp(&system, Xdp::on("eth0")).expect("at work");
    let busy = PacketCounter::in_xdp(&system, Xdp::on("eth0")).unwrap_err();
    let CounterError::Attach(error) = &busy else {
        panic!("{busy}");
    };
    assert_eq!(error.errno(), Some(Errno::EBUSY));
    counter.detach().expect("detached");
    assert!(
        system.inventory().is_empty(),
        "left: {}",
        system.inventory()
    );
}

#[test]
fn only_the_program_that_is_wanted_is_loaded() {
    let system = machine();
    let _counter = PacketCounter::in_xdp(&system, Xdp::on("eth0")).expect("at work");
    let inventory = system.inventory();
    let programs = inventory
        .lines()
        .iter()
        .filter(|line| line.starts_with("program"));
    assert_eq!(programs.collect::<Vec<_>>(), ["program 1 `count_xdp`"]);
}

#[test]
fn whatever_fails_nothing_is_left_behind() {
    let report = FailEverySite::of(machine).run(|system| {
        let counter = PacketCounter::in_xdp(system, Xdp::on("eth0"))?;
        counter.counts()?;
        counter.detach()
    });
    report.assert_sound();
    assert!(report.runs().len() > 5, "{report}");
}

/// The very test that runs on the kernel: `tests/it/packet_counter.rs`.
#[test]
fn every_frame_is_counted_as_what_it_is() {
    let counter = PacketCounter::in_xdp(&machine(), Xdp::on("eth0")).expect("at work");
    let program = counter.programs().next().expect("its program");
    crate::counted::check(&counter, program, XdpAction::PASS.0);
}

#[test]
fn in_traffic_control_every_frame_is_counted_too() {
    let system = machine();
    let counter = PacketCounter::in_tc(&system, "eth0").expect("at work");
    let program = counter.programs().next().expect("its program");
    crate::counted::check(&counter, program, u32::MAX);
    counter.detach().expect("detached");
    assert!(
        system.inventory().is_empty(),
        "left: {}",
        system.inventory()
    );
}
