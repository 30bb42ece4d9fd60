//! The responder: the interfaces that it may answer by.

use ebpf_core::Errno;
use ebpf_core::hook::{Interface, Xdp};
use ebpf_examples::bpf_redirect_map::{Outcomes, Responder, ResponderError};
use ebpf_mock::MockSystem;
use ebpf_mock::fault::FailEverySite;

/// A machine with two interfaces, and their indexes.
fn machine() -> (MockSystem, [u32; 2]) {
    let system = MockSystem::new();
    let indexes = ["eth0", "eth1"].map(|name| match system.add_interface(name) {
        Ok(Interface::Index(index)) => index,
        other => panic!("{other:?}"),
    });
    (system, indexes)
}

#[test]
fn it_answers_by_interfaces_that_are_there() {
    let (system, [one, two]) = machine();
    let mut responder = Responder::load(&system).expect("it loads");
    for index in [one, two] {
        responder.allow(index).expect("it is there");
        responder.attach(Xdp::on(index)).expect("attached");
    }
    let missing = responder.allow(two + 1).unwrap_err();
    let ResponderError::Map(error) = &missing else {
        panic!("{missing}");
    };
    assert_eq!(error.errno(), Some(Errno::EINVAL));
    assert_eq!(responder.outcomes().expect("outcomes"), Outcomes::default());
    responder.detach().expect("detached");
    assert!(
        system.inventory().is_empty(),
        "left: {}",
        system.inventory()
    );
}

#[test]
fn kept_it_stays() {
    let (system, [one, _]) = machine();
    let mut responder = Responder::load(&system).expect("it loads");
    responder.attach(Xdp::on(one)).expect("attached");
    responder.keep();
    let mut other = Responder::load(&system).expect("it loads");
    assert!(
        other.attach(Xdp::on(one)).is_err(),
        "the first one is still there"
    );
}

#[test]
fn whatever_fails_nothing_is_left_behind() {
    let report = FailEverySite::of(|| machine().0).run(|system| {
        let mut responder = Responder::load(system)?;
        responder.allow(2)?;
        responder.attach(Xdp::on(2))?;
        responder.detach()
    });
    report.assert_sound();
    assert_eq!(report.survivors().count(), 0, "{report}");
}
