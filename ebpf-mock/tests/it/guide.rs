//! What the guide shows is what comes out.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ebpf_mock::MockSystem;
use ebpf_mock::fault::FailEverySite;
use ebpf_mock::testing::{assert_map_eq, net};

use loader::{Blocker, Rule};

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "it is written for readers of the guide"
)]
mod loader {
    include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/loader.rs"));
}

const GUIDE: &str = include_str!("../../docs/testing.md");
const OBJECT: &[u8] = include_bytes!("../../../ebpf-examples/bpf/basic_firewall.bpf.o");

fn machine() -> MockSystem {
    let system = MockSystem::new();
    system.add_interface("eth0").expect("an interface");
    system
}

/// The block of output in the guide that begins so.
fn shown(start: &str) -> impl Iterator<Item = &'static str> {
    let blocks = GUIDE.split("```text\n").skip(1);
    let mut blocks = blocks.filter_map(|block| block.split("```").next());
    let block = blocks.find(|block| block.starts_with(start));
    block.expect("a block").lines()
}

/// Demands that what the guide shows is what came out, but for what it leaves out with `…`.
fn assert_shown(start: &str, output: &str) {
    for line in shown(start) {
        let mut parts = line.split('…');
        let begins = parts.next().unwrap_or_default();
        let ends = parts.next_back().unwrap_or_default();
        let found = output
            .lines()
            .any(|line| line.starts_with(begins) && line.ends_with(ends));
        assert!(found, "`{line}` is not in\n{output}");
    }
}

#[test]
fn the_loader_is_the_one_that_is_tested() {
    let loader = include_str!("../../docs/loader.rs");
    assert!(GUIDE.contains(loader), "docs/loader.rs has changed");
}

#[test]
fn the_report_is_the_one_that_is_shown() {
    let report = FailEverySite::of(machine).run(|system| {
        let blocker = Blocker::start(system, OBJECT, "eth0", &["192.0.2.0/24"])?;
        blocker.dropped()?;
        Ok::<(), Box<dyn Error>>(())
    });
    assert_shown("  failed", &report.to_string());
}

#[test]
fn the_difference_is_the_one_that_is_shown() {
    let system = machine();
    let blocker = Blocker::start(&system, OBJECT, "eth0", &["192.0.2.0/24", "10.1.2.3/8"]);
    let blocker = blocker.expect("it starts");
    let wrong = [
        (
            net("192.0.2.0/24"),
            Rule {
                index: 0,
                action: 1,
            },
        ),
        (
            net("10.0.0.0/8"),
            Rule {
                index: 1,
                action: 1,
            },
        ),
    ];
    let last = Rule {
        index: 0,
        action: 1,
    };
    let network = "10.0.0.0/8".parse().expect("a network");
    blocker.rules.upsert(&network, &last).expect("written");
    let failed = catch_unwind(AssertUnwindSafe(|| {
        assert_map_eq(blocker.rules.map(), wrong)
    }));
    let message = failed.expect_err("it differs");
    let message = message.downcast_ref::<String>().expect("text");
    assert_shown("map `ipv4_rules`", message);
}
