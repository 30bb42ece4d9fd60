//! A machine in motion: frames that interfaces receive, and what the programs on their way do to them.

use std::sync::Arc;

use ebpf_core::Program;
use ebpf_core::conformance::code;
use ebpf_core::hook::{Interface, Tc, TcAction, TcVia, Xdp, XdpAction};
use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{ProgramExt, ProgramType};
use ebpf_core::system::{Bindings, System};
use ebpf_mock::{Fate, InterfaceSpec, MockSystem, SocketKind};
use etherparse::PacketBuilder;

fn load(system: &MockSystem, program_type: ProgramType, text: &str) -> Arc<dyn Program> {
    let program = system.load_program(&code(program_type, text), &Bindings::default());
    program.unwrap_or_else(|error| panic!("{error:#}"))
}

fn xdp(system: &MockSystem, action: XdpAction) -> Arc<dyn Program> {
    load(
        system,
        ProgramType::XDP,
        &format!("r0 = {}\nexit", action.0),
    )
}

fn classifier(system: &MockSystem, text: &str) -> Arc<dyn Program> {
    load(system, ProgramType::SCHED_CLS, text)
}

fn returning(system: &MockSystem, action: TcAction) -> Arc<dyn Program> {
    classifier(system, &format!("r0 = {}\nexit", action.0 as i32))
}

/// A datagram from another machine to a port of this one.
fn frame(port: u16, payload: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 9], [2, 0, 0, 0, 0, 2])
        .ipv4([192, 0, 2, 9], [192, 0, 2, 1], 64)
        .udp(4000, port);
    let mut frame = Vec::new();
    builder.write(&mut frame, payload).expect("a frame");
    frame
}

fn machine() -> (MockSystem, Interface) {
    let system = MockSystem::new();
    let eth0 = InterfaceSpec::new("eth0")
        .queues(4)
        .address([192, 0, 2, 1].into(), 24);
    let eth0 = system.add_interface(eth0).expect("an interface");
    (system, eth0)
}

fn index(interface: &Interface) -> u32 {
    match interface {
        Interface::Index(index) => *index,
        Interface::Name(name) => panic!("{name}"),
    }
}

#[test]
fn a_datagram_reaches_its_socket() {
    let (system, eth0) = machine();
    let socket = system.socket(SocketKind::Udp);
    socket.bind(([0, 0, 0, 0], 7)).expect("bind");
    let fate = system
        .inject(eth0.clone(), &frame(7, b"hello"))
        .expect("inject");
    assert_eq!(
        fate,
        Fate::Delivered {
            sockets: vec![socket.cookie()]
        }
    );
    let datagram = socket.receive().expect("a datagram");
    assert_eq!(datagram.payload, b"hello");
    assert_eq!(datagram.from, Some(([192, 0, 2, 9], 4000).into()));
    assert_eq!(
        system.inject(eth0, &frame(8, b"hello")),
        Ok(Fate::Unclaimed)
    );
}

#[test]
fn xdp_decides_first() {
    let (system, eth0) = machine();
    let bounces = frame(7, b"x");
    for (action, fate) in [
        (XdpAction::DROP, Fate::XdpDropped(XdpAction::DROP)),
        (XdpAction::PASS, Fate::Unclaimed),
        (
            XdpAction::TX,
            Fate::Transmitted {
                ifindex: index(&eth0),
            },
        ),
        (XdpAction(77), Fate::XdpDropped(XdpAction(77))),
    ] {
        let _link = xdp(&system, action)
            .attach_to(Xdp::on(eth0.clone()))
            .expect("attach");
        assert_eq!(
            system.inject_on(eth0.clone(), 3, &bounces),
            Ok(fate),
            "{action}"
        );
    }
    let sent = system.transmitted(eth0.clone()).expect("transmitted");
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].queue, &sent[0].frame), (3, &bounces));
    assert_eq!(system.transmitted(eth0), Ok(Vec::new()));
}

#[test]
fn a_map_of_devices_says_where_to() {
    let (system, eth0) = machine();
    let eth1 = system.add_interface("eth1").expect("an interface");
    let devices = MapSpec::new("devices", MapType::DEVMAP, 4, 4, 4);
    let devices = system.create_map(&devices, None).expect("a map");
    let to = index(&eth1).to_ne_bytes();
    devices
        .update_elem(&2u32.to_ne_bytes(), &to, UpdateFlags::ANY)
        .expect("update");
    let text = "r1 = map_by_idx(0)
                r2 = 2
                r3 = 0
                call bpf_redirect_map
                exit";
    let bindings = Bindings {
        maps: &[&*devices],
        ..Bindings::default()
    };
    let program = system
        .load_program(&code(ProgramType::XDP, text), &bindings)
        .expect("load");
    let _link = program.attach_to(Xdp::on(eth0.clone())).expect("attach");
    let fate = system.inject(eth0, &frame(7, b"x")).expect("inject");
    assert_eq!(
        fate,
        Fate::Transmitted {
            ifindex: index(&eth1)
        }
    );
    assert_eq!(system.transmitted(eth1).expect("transmitted").len(), 1);
}

#[test]
fn tcx_comes_before_filters() {
    let (system, eth0) = machine();
    let shoots = returning(&system, TcAction::SHOT);
    let by_netlink = shoots
        .attach_to(Tc::ingress(eth0.clone()).via(TcVia::Netlink))
        .expect("attach");
    assert_eq!(
        system.inject(eth0.clone(), &frame(7, b"x")),
        Ok(Fate::TcDropped)
    );
    let says_nothing = returning(&system, TcAction::UNSPEC);
    let _next = says_nothing
        .attach_to(Tc::ingress(eth0.clone()))
        .expect("attach");
    assert_eq!(
        system.inject(eth0.clone(), &frame(7, b"x")),
        Ok(Fate::TcDropped)
    );
    let accepts = returning(&system, TcAction::OK);
    let _last = accepts
        .attach_to(Tc::ingress(eth0.clone()))
        .expect("attach");
    assert_eq!(
        system.inject(eth0.clone(), &frame(7, b"x")),
        Ok(Fate::Unclaimed)
    );
    by_netlink.detach().expect("detach");
}

#[test]
fn packets_are_redirected_and_copied() {
    let (system, eth0) = machine();
    let eth1 = system.add_interface("eth1").expect("an interface");
    let text = format!(
        "r6 = r1
         r2 = {eth1}
         r3 = 0
         call bpf_clone_redirect
         r1 = {eth1}
         r2 = 0
         call bpf_redirect
         exit",
        eth1 = index(&eth1)
    );
    let _link = classifier(&system, &text)
        .attach_to(Tc::ingress(eth0.clone()))
        .expect("attach");
    let fate = system.inject(eth0, &frame(7, b"x")).expect("inject");
    assert_eq!(
        fate,
        Fate::Transmitted {
            ifindex: index(&eth1)
        }
    );
    assert_eq!(system.transmitted(eth1).expect("transmitted").len(), 2);
}

#[test]
fn endless_ways_end() {
    let (system, eth0) = machine();
    let [near, far] = system.add_veth("near", "far").expect("a pair");
    let bounces = xdp(&system, XdpAction::TX);
    let _links = [&near, &far].map(|end| bounces.attach_to(Xdp::on(end.clone())).expect("attach"));
    assert_eq!(system.inject(near, &frame(7, b"x")), Ok(Fate::Lost));
    for wrong in [&[][..], &[0; 13], &[0; 70_000]] {
        system.inject(eth0.clone(), wrong).expect_err("no frame");
    }
    system
        .inject_on(eth0, 4, &frame(7, b"x"))
        .expect_err("no such queue");
}
