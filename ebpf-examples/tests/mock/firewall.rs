//! The firewall: loading, rules, interfaces, and what it does when something fails.

use ebpf_core::codec::Cidr;
use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_core::{Errno, System};
use ebpf_examples::basic_firewall::{Action, Counter, Firewall, FirewallError, Totals};
use ebpf_mock::fault::{FailEverySite, Fault, FaultInjector, Operation};
use ebpf_mock::testing::{MapSnapshot, SystemSnapshot, net};
use ebpf_mock::{MockSystem, Privileges};

/// A machine with an interface.
fn machine() -> MockSystem {
    let system = MockSystem::new();
    system.add_interface("eth0").expect("an interface");
    system
}

fn network(text: &str) -> Cidr {
    net(text)
}

#[test]
fn a_new_firewall_has_counted_nothing() {
    let firewall = Firewall::load(&machine()).expect("it loads");
    assert_eq!(firewall.totals().expect("totals"), Totals::default());
    assert_eq!(firewall.counters().expect("counters"), []);
}

#[test]
fn a_rule_is_an_entry_of_the_trie_of_its_family() {
    let system = machine();
    let mut firewall = Firewall::load(&system).expect("it loads");
    let before = SystemSnapshot::of(&system).expect("a snapshot");
    firewall
        .add(network("10.1.2.3/8"), Action::Drop)
        .expect("a rule");
    firewall
        .add(network("2001:db8::/32"), Action::Pass)
        .expect("a rule");
    let after = SystemSnapshot::of(&system).expect("a snapshot");

    // The whole difference, by the types of the C source.
    let diff = before.diff(&after).to_string();
    let (drop, pass) = (XdpAction::DROP.0, XdpAction::PASS.0);
    assert!(diff.contains("10.0.0.0/8"), "{diff}");
    assert!(
        diff.contains(&format!("{{ index: 0, action: {drop} }}")),
        "{diff}"
    );
    assert!(diff.contains("2001:db8::/32"), "{diff}");
    assert!(
        diff.contains(&format!("{{ index: 1, action: {pass} }}")),
        "{diff}"
    );
    assert_eq!(before.diff(&after).changed().len(), 2);
}

#[test]
fn a_network_has_one_rule() {
    let mut firewall = Firewall::load(&machine()).expect("it loads");
    assert_eq!(
        firewall
            .add(network("10.0.0.0/8"), Action::Drop)
            .expect("a rule"),
        0
    );
    let again = firewall
        .add(network("10.1.2.3/8"), Action::Pass)
        .unwrap_err();
    assert_eq!(
        again.to_string(),
        "add the rule `pass 10.0.0.0/8`: `10.0.0.0/8` has a rule already"
    );
    assert_eq!(firewall.counters().expect("counters"), [Counter::default()]);
}

#[test]
fn there_are_no_more_rules_than_counters() {
    let mut firewall = Firewall::load(&machine()).expect("it loads");
    for host in 0..1024u32 {
        let host = std::net::Ipv4Addr::from_bits(0x0a00_0000 + host);
        let network = std::net::IpAddr::from(host).into();
        firewall.add(network, Action::Drop).expect("a rule");
    }
    let full = firewall
        .add(network("192.0.2.0/24"), Action::Drop)
        .unwrap_err();
    assert!(
        matches!(full, FirewallError::Full { max: 1024, .. }),
        "{full}"
    );
}

#[test]
fn it_works_on_its_interfaces_until_it_is_dropped() {
    let system = machine();
    let mut firewall = Firewall::load(&system).expect("it loads");
    firewall.attach(Xdp::on("eth0")).expect("attached");
    let mut second = Firewall::load(&system).expect("it loads");
    let busy = second.attach(Xdp::on("eth0")).unwrap_err();
    assert!(
        matches!(&busy, FirewallError::Attach(error) if error.errno() == Some(Errno::EBUSY)),
        "{busy}"
    );
    let missing = second.attach(Xdp::on("eth7")).unwrap_err();
    assert!(
        matches!(&missing, FirewallError::Attach(error) if error.errno() == Some(Errno::ENODEV)),
        "{missing}"
    );
    firewall.detach().expect("detached");
    second
        .attach(Xdp::on("eth0"))
        .expect("nothing is there any more");
    drop(second);
    assert!(
        system.inventory().is_empty(),
        "left: {}",
        system.inventory()
    );
}

/// What a firewall does from its start to its end.
fn life(system: &dyn System) -> Result<(), FirewallError> {
    let mut firewall = Firewall::load(system)?;
    firewall.add(network("10.0.0.0/8"), Action::Drop)?;
    firewall.add(network("fd00::/8"), Action::Drop)?;
    firewall.attach(Xdp::on("eth0"))?;
    firewall.totals()?;
    firewall.detach()
}

#[test]
fn whatever_fails_it_says_so_and_leaves_nothing_behind() {
    let report = FailEverySite::of(machine).run(|system| life(system));
    report.assert_sound();
    assert!(report.runs().len() > 10, "{report}");
    assert_eq!(
        report.survivors().count(),
        0,
        "no failure is hidden\n{report}"
    );
}

#[test]
fn a_rule_that_the_kernel_refuses_is_none() {
    let system = FaultInjector::new(machine());
    let mut firewall = Firewall::load(&system).expect("it loads");
    let full = Fault::at(Operation::Update).on("ipv4_rules").nth(2);
    system.inject(full.errno(Errno::ENOSPC));
    firewall
        .add(network("10.0.0.0/8"), Action::Drop)
        .expect("a rule");
    let refused = firewall
        .add(network("10.0.0.0/9"), Action::Drop)
        .unwrap_err();
    assert!(matches!(refused, FirewallError::Map(_)), "{refused}");
    assert_eq!(firewall.rules().len(), 1);
    firewall
        .add(network("10.0.0.0/9"), Action::Drop)
        .expect("the second time it works");
    let map = system.inner().inventory();
    assert!(map.to_string().contains("ipv4_rules"), "{map}");
}

#[test]
fn a_refusal_of_the_verifier_comes_with_its_reason() {
    let system = FaultInjector::new(machine());
    system.inject(Fault::refusal(
        "12: (71) r1 = *(u8 *)(r2 +14)\ninvalid access to packet, off=14\n",
    ));
    let refused = Firewall::load(&system).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("invalid access to packet, off=14"),
        "{refused}"
    );
    assert!(system.inner().inventory().is_empty());
}

#[test]
fn two_firewalls_do_not_share_rules() {
    let system = machine();
    let mut one = Firewall::load(&system).expect("it loads");
    let _two = Firewall::load(&system).expect("it loads");
    one.add(network("10.0.0.0/8"), Action::Drop)
        .expect("a rule");
    let snapshot = SystemSnapshot::of(&system).expect("a snapshot");
    let tries = snapshot
        .maps()
        .values()
        .filter(|map| map.name() == "ipv4_rules");
    let lengths: Vec<usize> = tries.map(MapSnapshot::len).collect();
    assert_eq!(lengths, [1, 0]);
}

/// The very test that runs on the kernel: `tests/it/rules.rs`.
#[test]
fn every_frame_meets_its_fate_and_is_counted_once() {
    crate::frames::check(&machine());
}

#[test]
fn without_privileges_it_says_which_are_missing() {
    let system = MockSystem::builder().privileges(Privileges::NONE).build();
    let refused = Firewall::load(&system).unwrap_err().to_string();
    assert!(
        refused.contains("EPERM") && refused.contains("CAP_BPF"),
        "{refused}"
    );
}

#[test]
fn frames_that_interfaces_receive_are_filtered_and_counted_together() {
    let system = machine();
    system.add_interface("eth1").expect("an interface");
    let mut firewall = Firewall::load(&system).expect("it loads");
    firewall
        .add(network("10.0.0.0/8"), Action::Drop)
        .expect("a rule");
    firewall.attach(Xdp::on("eth0")).expect("attached");
    firewall.attach(Xdp::on("eth1")).expect("attached");
    let frame = |source: [u8; 4]| {
        let mut frame = Vec::new();
        etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4(source, [192, 0, 2, 1], 64)
            .udp(7, 9)
            .write(&mut frame, b"datagram")
            .expect("a frame");
        frame
    };
    for interface in ["eth0", "eth1"] {
        system
            .inject(interface, &frame([10, 1, 2, 3]))
            .expect("received");
    }
    system
        .inject("eth0", &frame([192, 0, 2, 7]))
        .expect("received");
    let totals = firewall.totals().expect("totals");
    assert_eq!((totals.dropped.packets, totals.passed.packets), (2, 1));
    assert_eq!(firewall.counters().expect("counters")[0].packets, 2);

    firewall.detach().expect("detached");
    system
        .inject("eth0", &frame([10, 1, 2, 3]))
        .expect("received, and nobody counts");
}
