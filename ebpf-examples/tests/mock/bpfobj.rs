//! `bpfobj`: objects that load, and what it tells of them.

use ebpf_core::object::ObjectSpec;
use ebpf_core::{Errno, MapExt, System, SystemExt};
use ebpf_examples::bpfobj::live::{Surroundings, Which, elements, maps, programs};
use ebpf_examples::bpfobj::{Failure, load};
use ebpf_examples::{basic_firewall, bpf_redirect_map, exec_dump, packet_counter, xdp_dump};
use ebpf_mock::MockSystem;
use ebpf_mock::fault::{Fault, FaultInjector, Operation};

const OBJECTS: [(&str, &[u8]); 5] = [
    ("basic_firewall", basic_firewall::OBJECT),
    ("bpf_redirect_map", bpf_redirect_map::OBJECT),
    ("exec_dump", exec_dump::OBJECT),
    ("packet_counter", packet_counter::OBJECT),
    ("xdp_dump", xdp_dump::OBJECT),
];

fn object(bytes: &[u8]) -> ObjectSpec {
    ObjectSpec::parse(bytes).expect("an object")
}

#[test]
fn every_object_loads() {
    for (name, bytes) in OBJECTS {
        let system = MockSystem::new();
        let loaded = load(&system, object(bytes), &[], true);
        let loaded = loaded.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert!(loaded.programs > 0 && loaded.maps > 0, "{name}");
        assert!(
            system.inventory().is_empty(),
            "{name}: all of it is released"
        );
    }
}

#[test]
fn a_map_that_is_refused_is_named() {
    let system = FaultInjector::new(MockSystem::new());
    system.inject(
        Fault::at(Operation::CreateMap)
            .on("ipv6_rules")
            .errno(Errno::EPERM),
    );
    let refused = load(&system, object(basic_firewall::OBJECT), &[], false).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("create on map `ipv6_rules`: EPERM"),
        "{refused}"
    );
    assert!(matches!(refused, Failure::Load(_)));
}

#[test]
fn the_log_of_a_refusal_is_kept() {
    let system = FaultInjector::new(MockSystem::new());
    system.inject(Fault::refusal("0: (95) exit\nR0 !read_ok\n"));
    let refused = load(&system, object(basic_firewall::OBJECT), &[], false).unwrap_err();
    let log = refused.log().map(|log| log.text().to_owned());
    assert_eq!(log.as_deref(), Some("0: (95) exit\nR0 !read_ok\n"));
}

#[test]
fn what_is_loaded_is_told() {
    let system = MockSystem::new();
    let firewall = system.load_bytes(basic_firewall::OBJECT).expect("it loads");
    let around = Surroundings {
        clock: system.clock().ok(),
        ..Surroundings::default()
    };
    assert_eq!(programs(&system, &around, None).expect("told").len(), 1);
    let count = firewall.maps().len();
    assert_eq!(maps(&system, &around, None).expect("told").len(), count);

    let rules = firewall.map("ipv4_rules").expect("the map");
    let key = rules.key(
        "10.0.0.0/8"
            .parse::<ebpf_core::codec::Cidr>()
            .expect("a network"),
    );
    rules
        .insert(&key.expect("a key"), &[7, 0, 0, 0, 1, 0, 0, 0])
        .expect("written");
    let shown = elements(&system, &Which::Id(rules.info().id.0)).expect("elements");
    assert!(
        shown.to_string().contains("{ index: 7, action: 1 }"),
        "{shown}"
    );
    let missing = elements(&system, &Which::Id(999)).unwrap_err();
    assert_eq!(missing.errno(), Some(Errno::ENOENT));
}
