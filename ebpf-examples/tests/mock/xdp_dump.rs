//! The dump of packets: what happens when something fails.

use std::ops::ControlFlow;

use ebpf_core::hook::Xdp;
use ebpf_examples::xdp_dump::{Dump, DumpOptions};
use ebpf_mock::MockSystem;
use ebpf_mock::fault::FailEverySite;

fn machine() -> MockSystem {
    let system = MockSystem::new();
    system.add_interface("eth0").expect("an interface");
    system
}

#[test]
fn whatever_fails_nothing_is_left_behind() {
    let report = FailEverySite::of(machine).run(|system| {
        let mut dump = Dump::load(system, &DumpOptions::default())?;
        dump.attach(Xdp::on("eth0"))?;
        dump.drain(|_| ControlFlow::Continue(()))?;
        dump.detach()
    });
    report.assert_sound();
    assert_eq!(report.survivors().count(), 0, "{report}");
}
