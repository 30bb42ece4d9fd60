//! Tests of failures on purpose.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::hook::{Netfilter, NetfilterFamily, NetfilterHook, Xdp};
use ebpf_core::insn::assemble;
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{AttachType, ProgramError, ProgramExt, ProgramSpec, ProgramType};
use ebpf_core::system::{Bindings, Feature, Kind, Pinned, Support};
use ebpf_core::{Errno, Map, MapExt, Program, System};

use super::{FailEverySite, Fault, FaultInjector, Operation, Outcome};
use crate::MockSystem;

fn injector() -> FaultInjector<MockSystem> {
    let system = MockSystem::new();
    system.add_interface("eth0").expect("an interface");
    FaultInjector::new(system)
}

fn hash(system: &dyn System, name: &str) -> Arc<dyn Map> {
    let spec = MapSpec::new(name, MapType::HASH, 4, 8, 4);
    system.create_map(&spec, None).expect("a map")
}

fn program(name: &str) -> ProgramSpec {
    let code = assemble("r0 = 2\nexit").expect("code");
    ProgramSpec::new(name, ProgramType::XDP, code)
}

fn load(system: &dyn System, name: &str) -> Result<Arc<dyn Program>, ProgramError> {
    system.load_program(&program(name), &Bindings::default())
}

#[test]
fn counts_only_what_a_fault_is_about() {
    let system = injector();
    let (one, two) = (hash(&system, "one"), hash(&system, "two"));
    system.inject(Fault::at(Operation::Update).on("two").nth(2));
    let write = |map: &Arc<dyn Map>, key: u8| map.upsert(&[key; 4], &[0; 8]);
    for key in 0..3 {
        assert!(write(&one, key).is_ok());
    }
    let answers: Vec<bool> = (0..4).map(|key| write(&two, key).is_ok()).collect();
    assert_eq!(answers, [true, false, true, true]);
    assert_eq!(system.injected().len(), 1);
    assert_eq!(system.injected()[0].to_string(), "update_elem `two` #2");
}

#[test]
fn counts_in_every_way() {
    let answers = |fault: Fault| -> Vec<bool> {
        let system = injector();
        let map = hash(&system, "map");
        system.inject(fault);
        (0..5).map(|_| map.get(&[0; 4]).is_ok()).collect()
    };
    let lookup = || Fault::at(Operation::Lookup);
    assert_eq!(answers(lookup()), [false; 5]);
    assert_eq!(answers(lookup().nth(1)), [false, true, true, true, true]);
    assert_eq!(
        answers(lookup().from_nth(4)),
        [true, true, true, false, false]
    );
    assert_eq!(answers(lookup().every(2)), [true, false, true, false, true]);
    assert_eq!(answers(lookup().every(0)), [true; 5]);
    assert_eq!(
        answers(Fault::anywhere().nth(5)),
        [true, true, true, true, false]
    );
}

#[test]
fn an_error_looks_as_the_real_one() {
    let system = injector();
    let map = hash(&system, "flows");
    let fill = |from: u8| (from..from + 4).try_for_each(|key| map.insert(&[key; 4], &[0; 8]));
    fill(0).expect("room for four");
    let real = map.insert(&[9; 4], &[0; 8]).expect_err("it is full");
    map.remove(&[0; 4]).expect("deleted");
    system.inject(Fault::at(Operation::Update).errno(Errno::E2BIG));
    assert_eq!(map.insert(&[9; 4], &[0; 8]).expect_err("injected"), real);

    system.clear();
    let program = load(&system, "filter").expect("loads");
    let link = program.attach_to(Xdp::on("eth0")).expect("attached");
    let real = program.attach_to(Xdp::on("eth0")).expect_err("busy");
    drop(link);
    system.inject(Fault::at(Operation::Attach).errno(real.errno().expect("a number")));
    let injected = program.attach_to(Xdp::on("eth0")).expect_err("injected");
    // Netlink may add words of its own.
    assert!(
        real.to_string()
            .starts_with(&injected.to_string().replace(')', "")[..40])
    );

    let netfilter = Netfilter::on(NetfilterFamily::IPV4, NetfilterHook::LOCAL_IN);
    let code = assemble("r0 = 1\nexit").expect("code");
    let mut spec = ProgramSpec::new("accept", ProgramType::NETFILTER, code).with_license("GPL");
    spec.expected_attach_type = Some(AttachType::NETFILTER);
    let program = system
        .load_program(&spec, &Bindings::default())
        .expect("loads");
    system.clear();
    let link = program.attach_to(netfilter.clone()).expect("attached");
    let real = program.attach_to(netfilter.clone()).expect_err("busy");
    drop(link);
    system.inject(Fault::at(Operation::Attach).errno(Errno::EBUSY));
    let injected = program.attach_to(netfilter).expect_err("injected");
    assert_eq!(injected.to_string(), real.to_string());

    let real = injector().open_pinned(Path::new("/sys/fs/bpf/nothing"));
    system.clear();
    system.inject(Fault::at(Operation::OpenPinned).errno(Errno::ENOENT));
    let injected = system.open_pinned(Path::new("/sys/fs/bpf/nothing"));
    assert_eq!(
        injected.expect_err("injected"),
        real.expect_err("nothing is there")
    );
}

#[test]
fn absence_is_an_answer() {
    let system = injector();
    let map = hash(&system, "map");
    map.insert(&[0; 4], &[0; 8]).expect("written");
    system.inject(Fault::anywhere().errno(Errno::ENOENT));
    assert_eq!(map.get(&[0; 4]), Ok(None));
    assert_eq!(map.remove(&[0; 4]), Ok(false));
    let mut found = [true];
    map.lookup_many(&[0; 4], &mut [0; 8], &mut found)
        .expect("an answer");
    assert_eq!(found, [false]);
    assert_eq!(system.next_id(Kind::Map, None), Ok(None));
    assert_eq!(system.target_btf().map(|btf| btf.is_none()), Ok(true));
    let probed = system.probe(Feature::Bpf).expect("an answer");
    assert_eq!(probed, Support::Inconclusive(Errno::ENOENT));
    system.clear();
    assert_eq!(map.get(&[0; 4]), Ok(Some(vec![0; 8])));
}

#[test]
fn a_refusal_has_its_log() {
    let system = injector();
    system.inject(Fault::refusal("0: (95) exit\nR0 !read_ok\n").on("filter"));
    assert!(load(&system, "other").is_ok());
    let error = load(&system, "filter").expect_err("refused");
    let ProgramError::Verifier(refusal) = &error else {
        panic!("{error}");
    };
    assert_eq!(refusal.log.cause(), Some("R0 !read_ok"));
    assert_eq!(error.errno(), Some(Errno::EACCES));
}

#[test]
fn objects_found_by_id_and_path_fail_too() {
    let system = injector();
    let map = hash(&system, "map");
    map.pin(Path::new("/sys/fs/bpf/map")).expect("pinned");
    let link = load(&system, "filter")
        .expect("loads")
        .attach_to(Xdp::on("eth0"))
        .expect("attached");
    system.inject(Fault::at(Operation::Lookup));
    system.inject(Fault::at(Operation::QueryLink).on("interface 2"));
    let by_id = system.map_by_id(map.info().id).expect("by its id");
    assert_eq!(by_id.get(&[0; 4]).unwrap_err().errno(), Some(Errno::ENOMEM));
    let pinned = system.open_pinned(Path::new("/sys/fs/bpf/map"));
    let Ok(Pinned::Map(pinned)) = pinned else {
        panic!("{pinned:?}");
    };
    assert_eq!(
        pinned.get(&[0; 4]).unwrap_err().errno(),
        Some(Errno::ENOMEM)
    );
    assert!(link.query().is_ok(), "it is called by its program");
    let found = system
        .link_by_id(link.info().id.expect("an id"))
        .expect("by its id");
    assert_eq!(found.query().unwrap_err().errno(), Some(Errno::EPERM));
    assert_eq!(
        found.handle().map(|handle| handle.system()),
        Some(system.id())
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut names: Vec<&str> = Operation::ALL.iter().map(|one| one.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Operation::ALL.len());
}

/// Loads two programs, pins a map, and cleans up unless it is careless.
fn start(system: &dyn System, careful: bool) -> Result<(), Box<dyn std::error::Error>> {
    let path = Path::new("/sys/fs/bpf/limits");
    let map = system.create_map(&MapSpec::new("limits", MapType::HASH, 4, 8, 4), None)?;
    map.pin(path)?;
    let result = load(system, "filter").map(drop);
    if careful || result.is_ok() {
        system.unpin(path)?;
    }
    result?;
    load(system, "optional").ok();
    Ok(())
}

#[test]
fn each_site_fails_once() {
    let report = FailEverySite::of(MockSystem::new).run(|system| start(system, true));
    let failed: Vec<String> = report
        .runs()
        .iter()
        .map(|run| run.failures[0].to_string())
        .collect();
    assert_eq!(
        failed,
        [
            "create_map `limits`",
            "pin_map `limits`",
            "load_program `filter`",
            "load_program `filter` (verifier)",
            "unpin `/sys/fs/bpf/limits`",
            "load_program `optional`",
            "load_program `optional` (verifier)",
        ]
    );
    assert_eq!(report.survivors().count(), 2);
    // Nothing can be done about a pin that cannot be removed, and the report says so.
    let left: Vec<&[String]> = report.leaks().map(|run| run.left.lines()).collect();
    assert_eq!(
        left,
        [["map 1 `limits`", "pin /sys/fs/bpf/limits of map 1"]]
    );
    assert!(
        report
            .to_string()
            .contains("7 calls made to fail, 2 survived, 0 panics, 1 left")
    );
    report_never_unpin().assert_sound();
}

fn report_never_unpin() -> super::SiteReport {
    FailEverySite::of(MockSystem::new)
        .never(Operation::Unpin)
        .run(|system| start(system, true))
}

#[test]
fn a_leak_is_found() {
    let report = FailEverySite::of(MockSystem::new)
        .never(Operation::Unpin)
        .run(|system| start(system, false));
    assert_eq!(report.leaks().count(), 2, "{report}");
    let failed = std::panic::catch_unwind(|| report.assert_sound()).expect_err("not sound");
    let table = failed.downcast_ref::<String>().expect("text");
    assert!(table.contains("pin /sys/fs/bpf/limits of map 1"), "{table}");
}

#[test]
fn a_panic_is_an_outcome() {
    let report = FailEverySite::of(MockSystem::new).run(|system| {
        let map = hash(system, "map");
        map.get(&[0; 4]).map(drop)
    });
    assert_eq!(report.panics().count(), 1);
    let Outcome::Panicked(why) = &report.runs()[0].outcome else {
        panic!("{report}");
    };
    assert!(why.starts_with("a map: "), "{why}");
    assert!(report.leaks().next().is_none());
}

#[test]
fn calls_that_only_a_failure_reaches_fail_too() {
    let body = |system: &FaultInjector<MockSystem>| {
        let small = MapSpec::new("small", MapType::HASH, 4, 8, 1);
        let large = MapSpec::new("large", MapType::HASH, 4, 8, 1 << 20);
        let created = system.create_map(&large, None);
        created
            .or_else(|_| system.create_map(&small, None))
            .map(drop)
    };
    let plain = FailEverySite::of(MockSystem::new).run(body);
    assert_eq!(plain.runs().len(), 1);
    let deep = FailEverySite::of(MockSystem::new)
        .after_failures()
        .run(body);
    assert_eq!(deep.runs().len(), 2);
    let last = &deep.runs()[1];
    assert_eq!(last.failures.len(), 2);
    assert!(matches!(last.outcome, Outcome::Failed(_)));
    assert!(
        deep.to_string()
            .contains("create_map `large`, then create_map `small`")
    );
}

#[test]
fn a_loop_is_cut_short_and_says_so() {
    let report = FailEverySite::of(MockSystem::new)
        .each_at_most(3)
        .run(|system| {
            let map = hash(system, "map");
            (0..10).try_for_each(|_| map.get(&[0; 4]).map(drop))
        });
    assert_eq!(report.runs().len(), 1 + 3);
    assert_eq!(report.untried(), 7);
    assert!(report.to_string().contains("7 more calls not tried"));
}
