//! The responder: the interfaces that it may answer by, and the pings that it answers by the routing table.

use std::net::IpAddr;

use ebpf_core::Errno;
use ebpf_core::hook::{Interface, Xdp};
use ebpf_examples::bpf_redirect_map::{Outcomes, Responder, ResponderError};
use ebpf_mock::fault::FailEverySite;
use ebpf_mock::{Fate, MockSystem, Route};

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

/// A ping from 10.0.0.2 to 10.9.9.9, over IPv4.
fn ping() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    frame.extend([
        0x45, 0, 0, 32, 0, 1, 0, 0, 7, 1, 0, 0, 10, 0, 0, 2, 10, 9, 9, 9,
    ]);
    frame.extend([8, 0, 0, 0, 0, 77, 0, 1, b'p', b'i', b'n', b'g']);
    for (header, at) in [(14..34, 24), (34..46, 36)] {
        let sum = !sum(&frame[header]);
        frame[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    }
    frame
}

/// The sum that a checksum is made of: all ones if the checksum in the bytes is right.
fn sum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = words.sum();
    ((sum & 0xffff) + (sum >> 16)) as u16
}

#[test]
fn it_answers_pings_by_the_way_that_the_routing_table_says() {
    const NEIGHBOUR: [u8; 6] = [2, 0, 0, 0, 0, 9];
    let (system, [one, two]) = machine();
    let mut responder = Responder::load(&system).expect("it loads");
    responder.attach(Xdp::on(one)).expect("attached");
    let outcomes = |responder: &Responder| responder.outcomes().expect("outcomes");

    let fate = system.inject(one, &ping());
    assert_eq!(fate, Ok(Fate::Unclaimed), "without a route it passes");
    assert_eq!(outcomes(&responder).no_route, 1);

    // What comes in by the first interface is answered by the second.
    let asks: IpAddr = [10, 0, 0, 2].into();
    let way = Interface::Index(two);
    system
        .add_route(Route::to([10, 0, 0, 0].into(), 8), &way)
        .expect("a route");
    system.inject(one, &ping()).expect("injected");
    assert_eq!(outcomes(&responder).no_neighbour, 1);

    system
        .add_neighbour(asks, NEIGHBOUR, &way)
        .expect("a neighbour");
    system.inject(one, &ping()).expect("injected");
    assert_eq!(
        outcomes(&responder).other_interface,
        1,
        "it is not a chosen one"
    );

    responder.allow(two).expect("it is there");
    let fate = system.inject(one, &ping());
    assert_eq!(fate, Ok(Fate::Transmitted { ifindex: two }));
    assert_eq!(outcomes(&responder).answered_v4, 1);
    let sent = system.transmitted(two).expect("what it sent");
    let [answer] = &sent[..] else {
        panic!("{sent:?}");
    };
    let frame = &answer.frame;
    assert_eq!(frame[..6], NEIGHBOUR);
    assert_eq!(
        frame[26..34],
        [10, 9, 9, 9, 10, 0, 0, 2],
        "the other way round"
    );
    assert_eq!(
        (frame[22], frame[34]),
        (64, 0),
        "an answer, with hops of its own"
    );
    assert_eq!((sum(&frame[14..34]), sum(&frame[34..])), (0xffff, 0xffff));
    assert!(system.transmitted(one).expect("what it sent").is_empty());
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
