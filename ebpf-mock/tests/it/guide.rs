//! What the guides show is what comes out.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ebpf_core::SystemExt;
use ebpf_core::program::ProgramExt;
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
const PROGRAMS: &str = include_str!("../../docs/programs.md");
const OBJECT: &[u8] = include_bytes!("../../../ebpf-examples/bpf/basic_firewall.bpf.o");

fn machine() -> MockSystem {
    let system = MockSystem::new();
    system.add_interface("eth0").expect("an interface");
    system
}

/// The block of output in a guide that begins so.
fn shown(guide: &'static str, start: &str) -> impl Iterator<Item = &'static str> {
    let blocks = guide.split("```text\n").skip(1);
    let mut blocks = blocks.filter_map(|block| block.split("```").next());
    let block = blocks.find(|block| block.starts_with(start));
    block.expect("a block").lines()
}

/// Demands that what a guide shows is what came out, but for what it leaves out with `…`.
fn assert_shown(guide: &'static str, start: &str, output: &str) {
    for line in shown(guide, start) {
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
    assert_shown(GUIDE, "  failed", &report.to_string());
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
    assert_shown(GUIDE, "map `ipv4_rules`", message);
}

#[test]
fn the_program_is_the_one_that_is_tested() {
    let tests = include_str!("../../docs/limiter.rs");
    let parts = tests.split("\n\n").skip(1);
    for part in parts.map(str::trim) {
        assert!(
            PROGRAMS.contains(part),
            "docs/limiter.rs has changed:\n{part}"
        );
    }
    for source in [
        include_str!("../../docs/draft.bpf.c"),
        include_str!("../../docs/limiter.bpf.c"),
    ] {
        let begin = source.find("#include").expect("an include");
        let end = source.find("\nchar _license").expect("a licence");
        let program = &source[begin..end];
        assert!(PROGRAMS.contains(program), "it has changed:\n{program}");
    }
}

#[test]
fn the_fault_is_the_one_that_is_shown() {
    let objects = MockSystem::new().load_bytes(include_bytes!("../../docs/draft.bpf.o"));
    let objects = objects.expect("it loads");
    let program = objects.program("limiter").expect("the program");
    let mut frame = [0; 20];
    frame[12] = 8;
    let fault = program
        .run_once(&frame, 0)
        .expect_err("it reads behind the end");
    let output = fault.to_string();
    assert_shown(PROGRAMS, "run program `limiter`", &output);
    assert_eq!(
        output.lines().count(),
        shown(PROGRAMS, "run program").count()
    );
}
