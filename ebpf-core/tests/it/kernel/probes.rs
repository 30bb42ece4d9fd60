//! What this kernel can do and what it says of itself.

use ebpf_core::link::LinkType;
use ebpf_core::map::MapType;
use ebpf_core::program::{AttachType, ProgramType};
use ebpf_core::system::{Feature, KernelVersion, Support};
use ebpf_core::{Errno, KernelSystem, System};
use ebpf_testbed::require;

fn release(since: &str) -> Option<KernelVersion> {
    KernelVersion::parse(since)
}

/// Every answer about a type agrees with the release in which it came, on a kernel that has everything configured.
#[test]
fn types_are_there_since_their_release() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let running = system.facts().release().expect("release");
    for map_type in MapType::ALL {
        let Some(since) = map_type.row().and_then(|row| release(row.since)) else {
            continue;
        };
        let answer = system.probe(Feature::MapType(*map_type)).expect("probe");
        if running < since {
            assert_eq!(answer, Support::No, "{map_type}");
        } else {
            assert!(
                !matches!(answer, Support::Inconclusive(_)),
                "{map_type}: {answer:?}"
            );
        }
    }
    for program_type in ProgramType::ALL {
        let answer = system
            .probe(Feature::ProgramType(*program_type))
            .expect("probe");
        // A security policy may forbid a type even to root.
        let asked = !matches!(answer, Support::Inconclusive(errno) if errno != Errno::EPERM);
        assert!(asked, "{program_type}: {answer:?}");
    }
    assert_eq!(
        system.probe(Feature::MapType(MapType(9999))),
        Ok(Support::No)
    );
    assert_eq!(
        system.probe(Feature::ProgramType(ProgramType(9999))),
        Ok(Support::No)
    );
}

#[test]
fn features_agree_with_the_release() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let running = system.facts().release().expect("release");
    for (feature, major, minor) in [
        (Feature::Bpf, 3, 18),
        (Feature::Btf, 4, 18),
        (Feature::ObjectNames, 4, 15),
        (Feature::BatchOperations, 5, 6),
        (Feature::MmapableArrays, 5, 5),
        (Feature::GlobalData, 5, 2),
        (Feature::BpfToBpfCalls, 4, 16),
        (Feature::BoundedLoops, 5, 3),
        (Feature::LargePrograms, 5, 2),
        (Feature::TestRun, 4, 12),
        (Feature::MemcgAccounting, 5, 11),
        (Feature::IsaV2, 4, 14),
        (Feature::IsaV3, 5, 1),
        (Feature::IsaV4, 6, 6),
        (Feature::Link(LinkType::XDP), 5, 9),
        (Feature::Link(LinkType::TCX), 6, 6),
        (Feature::Helper(ProgramType::XDP, 1), 4, 8),
        (Feature::Helper(ProgramType::SOCKET_FILTER, 5), 4, 1),
        (
            Feature::AttachType(
                ProgramType::CGROUP_SOCK,
                AttachType::CGROUP_INET_SOCK_CREATE,
            ),
            4,
            17,
        ),
        (
            Feature::AttachType(ProgramType::CGROUP_SOCK_ADDR, AttachType::CGROUP_INET6_BIND),
            4,
            17,
        ),
    ] {
        let expected = if running >= KernelVersion::new(major, minor, 0) {
            Support::Yes
        } else {
            Support::No
        };
        assert_eq!(system.probe(feature), Ok(expected), "{feature}");
        assert_eq!(system.probe(feature), Ok(expected), "{feature}, remembered");
    }
}

/// Every type and every feature with a name of its own.
fn features() -> impl Iterator<Item = Feature> {
    let maps = MapType::ALL.iter().copied().map(Feature::MapType);
    let programs = ProgramType::ALL.iter().copied().map(Feature::ProgramType);
    let links = LinkType::ALL.iter().copied().map(Feature::Link);
    let unspecified = [
        Feature::MapType(MapType::UNSPEC),
        Feature::ProgramType(ProgramType::UNSPEC),
        Feature::Link(LinkType::UNSPEC),
    ];
    let named = [
        Feature::Bpf,
        Feature::Btf,
        Feature::KernelBtf,
        Feature::ObjectNames,
        Feature::BatchOperations,
        Feature::MmapableArrays,
        Feature::GlobalData,
        Feature::BpfToBpfCalls,
        Feature::BoundedLoops,
        Feature::LargePrograms,
        Feature::TestRun,
        Feature::RunStatistics,
        Feature::MemcgAccounting,
        Feature::Kprobes,
        Feature::Uprobes,
        Feature::KprobeMulti,
        Feature::UprobeMulti,
        Feature::Fentry,
        Feature::Lsm,
        Feature::IsaV2,
        Feature::IsaV3,
        Feature::IsaV4,
    ];
    let types = maps.chain(programs).chain(links);
    types
        .filter(move |feature| !unspecified.contains(feature))
        .chain(named)
}

/// The answers go to the file that `EBPF_PROBE_LOG` names: `cargo xtask vm` looks for features that no kernel has.
#[test]
fn every_probe_has_an_answer() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let mut lines = String::new();
    for feature in features() {
        let answer = system.probe(feature).expect("probe");
        // A security policy may forbid a type even to root.
        let asked = !matches!(answer, Support::Inconclusive(errno) if errno != Errno::EPERM);
        assert!(asked, "{feature}: {answer:?}");
        let word = if answer.is_yes() { "yes" } else { "no" };
        lines += &format!("{feature}: {word}\n");
    }
    if let Some(path) = std::env::var_os("EBPF_PROBE_LOG") {
        std::fs::write(path, lines).expect("write the answers");
    }
}

#[test]
fn what_is_not_there_is_told() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    // bpf_override_return and a number far beyond the last helper.
    assert_eq!(
        system.probe(Feature::Helper(ProgramType::SOCKET_FILTER, 58)),
        Ok(Support::No)
    );
    assert_eq!(
        system.probe(Feature::Helper(ProgramType::XDP, 100_000)),
        Ok(Support::No)
    );
    let wrong = Feature::AttachType(ProgramType::CGROUP_SOCK_ADDR, AttachType::CGROUP_SYSCTL);
    assert_eq!(system.probe(wrong), Ok(Support::No));
    assert_eq!(system.probe(Feature::Link(LinkType(9999))), Ok(Support::No));
}

#[test]
fn the_kernel_tells_of_itself() {
    let system = KernelSystem::new();
    let cpus = system.cpus().expect("cpus");
    assert!(!cpus.possible.is_empty() && cpus.online.iter().all(|cpu| cpus.possible.contains(cpu)));
    assert!(system.facts().page_size().is_power_of_two());
    let clock = system.clock().expect("clock");
    assert!(clock.boot >= clock.monotonic);
    let later = system.clock().expect("clock");
    assert!(later.monotonic >= clock.monotonic);
    // Nothing is read twice differently.
    let facts = system.facts();
    assert_eq!(facts.release(), KernelSystem::new().facts().release());
    match facts.config("CONFIG_BPF_SYSCALL") {
        Ok(value) => assert_eq!(value.as_deref(), Some("y")),
        Err(error) => assert!(
            error
                .to_string()
                .starts_with("read the kernel's configuration: ENOENT"),
            "{error}"
        ),
    }
    if facts.config("CONFIG_BPF").is_ok() {
        assert_eq!(facts.config("CONFIG_NO_SUCH_OPTION"), Ok(None));
    }
}

#[test]
fn symbols_and_types_of_the_kernel() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let facts = system.facts();
    let address = facts.symbol("bpf_prog_put").expect("symbols");
    assert!(address.is_some_and(|address| address != 0));
    assert_eq!(facts.symbol("bpf_prog_put"), Ok(address));
    assert_eq!(facts.symbol("no_such_symbol_anywhere"), Ok(None));
    assert_eq!(
        facts.module_btf("no_such_module"),
        Ok(None).map(|none: Option<()>| none.map(|()| unreachable!()))
    );
    assert!(
        facts
            .module_btf("../../etc/passwd")
            .expect("no file")
            .is_none()
    );
    if let Some(btf) = system.target_btf().expect("types") {
        assert!(
            btf.find("task_struct", ebpf_core::btf::Kind::STRUCT)
                .is_some()
        );
        let again = system.target_btf().expect("types").expect("still");
        assert!(std::sync::Arc::ptr_eq(&btf, &again));
    }
    for module in facts.modules().expect("modules") {
        assert!(
            facts.module_btf(&module).expect("its types").is_some(),
            "{module}"
        );
    }
}
