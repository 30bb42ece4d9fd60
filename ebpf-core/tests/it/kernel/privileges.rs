//! What is said without privileges. The tests run again as another user, in a process of their own.

use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::ProgramType;
use ebpf_core::system::{Feature, Kind, Support};
use ebpf_core::{Errno, KernelSystem, System};
use ebpf_testbed::{Unprivileged, require};

use super::programs::{load, returns};

const INSIDE: &str = "EBPF_TEST_AS_NOBODY";

/// Whether this is the process of the other user. If not, starts it for the test `name`.
fn as_nobody(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !require("kernel") {
        return false;
    }
    let program = std::env::current_exe().expect("this program");
    let program = Unprivileged::of(program).expect("open it");
    let output = program
        .command()
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("run it");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    false
}

/// Runs in a process of its own, whose limit is low.
#[test]
fn a_low_limit_of_locked_memory_is_raised() {
    if !require("kernel") {
        return;
    }
    const CHILD: &str = "EBPF_TEST_LOW_LIMIT";
    if std::env::var_os(CHILD).is_some() {
        let map = MapSpec::new("large", MapType::ARRAY, 4, 4096, 256);
        KernelSystem::new()
            .create_map(&map, None)
            .expect("a map of a megabyte");
        return;
    }
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -l 64 && exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().expect("a path"))
        .args([
            "--exact",
            "kernel::privileges::a_low_limit_of_locked_memory_is_raised",
        ])
        .env(CHILD, "1")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn refusals_say_what_is_missing() {
    if !as_nobody("kernel::privileges::refusals_say_what_is_missing") {
        return;
    }
    let system = KernelSystem::new();
    let error = system
        .create_map(&MapSpec::new("m", MapType::HASH, 4, 4, 1), None)
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "create on map `m`: EPERM: operation not permitted (CAP_BPF (or root) is needed, before Linux 5.11 also enough \
         RLIMIT_MEMLOCK)"
    );
    let error = load(&returns(0, ProgramType::XDP)).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "load program `returns`: EPERM: operation not permitted (CAP_BPF and the capability of the program's type \
         (CAP_NET_ADMIN, CAP_PERFMON), or root)"
    );
    let error = system.next_id(Kind::Map, None).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "list ids of kind map: EPERM: operation not permitted (CAP_SYS_ADMIN (or root) is needed)"
    );
}

#[test]
fn probes_that_cannot_be_made_are_inconclusive() {
    if !as_nobody("kernel::privileges::probes_that_cannot_be_made_are_inconclusive") {
        return;
    }
    let system = KernelSystem::new();
    for feature in [
        Feature::MapType(MapType::HASH),
        Feature::ProgramType(ProgramType::XDP),
        Feature::Helper(ProgramType::XDP, 1),
        Feature::Btf,
        Feature::ObjectNames,
        Feature::GlobalData,
        Feature::TestRun,
        Feature::MemcgAccounting,
        Feature::IsaV4,
    ] {
        assert_eq!(
            system.probe(feature),
            Ok(Support::Inconclusive(Errno::EPERM)),
            "{feature}"
        );
    }
    // Kernels before 5.14 refuse every command to those whom they refuse any.
    assert_ne!(system.probe(Feature::Bpf), Ok(Support::No));
    assert!(system.cpus().is_ok() && system.clock().is_ok() && system.facts().release().is_ok());
}
