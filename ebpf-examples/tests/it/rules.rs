//! The firewall's rules.

use std::net::{IpAddr, Ipv4Addr};

use ebpf_core::kernel::KernelSystem;
use ebpf_examples::basic_firewall::{Action, Counter, Firewall, Totals};
use ebpf_testbed::require;

use crate::frames;
use crate::process::alone;

#[test]
fn a_new_firewall_has_counted_nothing() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let firewall = Firewall::load(&KernelSystem::new()).unwrap();
    assert_eq!(firewall.totals().unwrap(), Totals::default());
    assert_eq!(firewall.counters().unwrap(), []);
}

#[test]
fn a_network_has_one_rule() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let mut firewall = Firewall::load(&KernelSystem::new()).unwrap();
    assert_eq!(
        firewall
            .add("10.0.0.0/8".parse().unwrap(), Action::Drop)
            .unwrap(),
        0
    );
    // Bits behind the prefix do not make another network.
    let again = firewall
        .add("10.1.2.3/8".parse().unwrap(), Action::Pass)
        .unwrap_err();
    assert_eq!(
        again.to_string(),
        "add the rule `pass 10.0.0.0/8`: `10.0.0.0/8` has a rule already"
    );
    assert_eq!(
        firewall
            .add("10.0.0.0/9".parse().unwrap(), Action::Pass)
            .unwrap(),
        1
    );
    assert_eq!(
        firewall.add("::/8".parse().unwrap(), Action::Pass).unwrap(),
        2
    );
    let rules: Vec<_> = firewall
        .rules()
        .iter()
        .map(|rule| format!("{} {}", rule.action, rule.network))
        .collect();
    assert_eq!(rules, ["drop 10.0.0.0/8", "pass 10.0.0.0/9", "pass ::/8"]);
    assert_eq!(firewall.counters().unwrap(), [Counter::default(); 3]);
}

#[test]
fn there_are_no_more_rules_than_counters() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    let mut firewall = Firewall::load(&KernelSystem::new()).unwrap();
    for number in 0..1024 {
        let host = Ipv4Addr::from_bits(0x0a00_0000 + number);
        firewall
            .add(IpAddr::from(host).into(), Action::Drop)
            .unwrap();
    }
    let full = firewall
        .add("192.0.2.0/24".parse().unwrap(), Action::Drop)
        .unwrap_err();
    assert_eq!(
        full.to_string(),
        "add the rule `drop 192.0.2.0/24`: the firewall has 1024 rules already, which is all it counts"
    );
}

#[test]
fn every_frame_meets_its_fate_and_is_counted_once() {
    if !require("kernel") {
        return;
    }
    let _alone = alone();
    frames::check(&KernelSystem::new());
}
