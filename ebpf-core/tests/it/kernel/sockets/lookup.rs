//! Programs of network namespaces: which socket a packet is for, and how packets are taken apart.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use ebpf_core::hook::{FlowVerdict, Netns, SkAction};
use ebpf_core::link::{LinkTarget, LinkType};
use ebpf_core::map::{MapType, SocketMap};
use ebpf_core::program::{AttachType, ProgramExt, ProgramType};
use ebpf_core::system::Feature;
use ebpf_core::{Errno, KernelSystem, Program};
use ebpf_testbed::Namespace;

use super::{address, has, map, program, receive, sandbox, send, udp};

const LOOKUP: AttachType = AttachType::SK_LOOKUP;
const OWN: &str = "/proc/thread-self/ns/net";

/// Gives what is sent to `port` to the socket in the map, with a verdict.
fn steering(port: u16, verdict: SkAction, sockets: &SocketMap<u32>) -> Arc<dyn Program> {
    let text = format!(
        "r6 = r1
         r2 = *(u32 *)(r1 + 60)
         r0 = 1
         if r2 != {port} goto out
         *(u32 *)(r10 - 4) = 0
         r1 = map_by_idx(0)
         r2 = r10
         r2 += -4
         call bpf_map_lookup_elem
         r7 = r0
         r0 = 1
         if r7 == 0 goto out
         r1 = r6
         r2 = r7
         r3 = 0
         call bpf_sk_assign
         r1 = r7
         call bpf_sk_release
         r0 = {}
    out: exit",
        verdict.0
    );
    program(
        ProgramType::SK_LOOKUP,
        Some(LOOKUP),
        &text,
        &[sockets.map()],
    )
}

fn passing() -> Arc<dyn Program> {
    program(ProgramType::SK_LOOKUP, Some(LOOKUP), "r0 = 1\nexit", &[])
}

fn sockets() -> SocketMap<u32> {
    SocketMap::new(map(MapType::SOCKMAP, 4, 8, 2)).expect("a map of sockets")
}

fn attached() -> Vec<ebpf_core::program::ProgramId> {
    KernelSystem::new()
        .netns_attached(OWN, LOOKUP)
        .expect("query")
}

#[test]
fn a_port_is_steered_to_a_socket_of_another() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_LOOKUP)) {
        return;
    }
    let (target, steered, sockets) = (udp(), udp(), sockets());
    let old = SocketAddr::from((Ipv4Addr::LOCALHOST, address(&steered).port()));
    sockets.insert(&0, &target).expect("insert");
    let program = steering(old.port(), SkAction::PASS, &sockets);
    let link = program.attach_to(Netns::current(LOOKUP)).expect("attach");
    assert_eq!(attached(), [program.info().id]);
    assert_eq!(link.info().link_type, LinkType::NETNS);
    assert!(
        matches!(link.info().target, LinkTarget::Netns { inode, attach_type: LOOKUP } if inode != 0)
    );
    send(b"steered", old);
    assert_eq!(receive(&target), b"steered");
    link.detach().expect("detach");
    assert!(attached().is_empty());
    send(b"straight", old);
    assert_eq!(receive(&steered), b"straight");
}

#[test]
fn a_connection_to_any_port_finds_one_listener() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_LOOKUP)) {
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let sockets = sockets();
    sockets.insert(&0, &listener).expect("insert");
    let _link = steering(7, SkAction::PASS, &sockets)
        .attach_to(Netns::current(LOOKUP))
        .expect("attach");
    let near = TcpStream::connect((Ipv4Addr::LOCALHOST, 7)).expect("connect");
    let (far, _) = listener.accept().expect("accept");
    assert_eq!(far.local_addr().expect("bound").port(), 7);
    drop(near);
    TcpStream::connect((Ipv4Addr::LOCALHOST, 9)).expect_err("nobody listens there");
}

#[test]
fn programs_share_a_namespace_in_order() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_LOOKUP)) {
        return;
    }
    let programs = [passing(), passing(), passing()];
    let mut links: Vec<_> = programs
        .iter()
        .map(|program| program.attach_to(Netns::current(LOOKUP)).expect("attach"))
        .collect();
    let ids = programs.map(|program| program.info().id);
    assert_eq!(attached(), ids);
    drop(links.remove(1));
    assert_eq!(attached(), [ids[0], ids[2]]);
    let newer = passing();
    links[0].update(&*newer, None).expect("update");
    assert_eq!(attached(), [newer.info().id, ids[2]]);
}

#[test]
fn a_dropped_packet_reaches_nobody() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_LOOKUP)) {
        return;
    }
    let (socket, other) = (udp(), udp());
    let sockets = sockets();
    sockets.insert(&0, &other).expect("insert");
    let drops = steering(address(&socket).port(), SkAction::DROP, &sockets);
    let link = drops.attach_to(Netns::current(LOOKUP)).expect("attach");
    send(b"dropped", address(&socket));
    link.detach().expect("detach");
    send(b"kept", address(&socket));
    assert_eq!(receive(&socket), b"kept");
}

#[test]
fn another_namespace_is_named_by_path_or_descriptor() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_LOOKUP)) {
        return;
    }
    let elsewhere = Namespace::new().expect("a namespace");
    let program = passing();
    let (file, path) = elsewhere
        .run(|| {
            let file = std::fs::File::open(OWN).expect("open");
            let link = passing()
                .attach_to(Netns::at(OWN, LOOKUP))
                .expect("by path");
            (file, link)
        })
        .expect("enter");
    let by_descriptor = program
        .attach_to(Netns::at(&file, LOOKUP))
        .expect("by descriptor");
    assert_eq!(by_descriptor.info().target, path.info().target);
    assert!(attached().is_empty(), "not here");
    let there = KernelSystem::new()
        .netns_attached(&file, LOOKUP)
        .expect("query");
    assert_eq!(there.len(), 2);
    drop((file, elsewhere));
    // The namespace goes some time after its last user.
    let gone = |link: &dyn ebpf_core::Link| link.query().expect("query").program.is_none();
    let start = std::time::Instant::now();
    while !gone(&*path) || !gone(&*by_descriptor) {
        assert!(start.elapsed().as_secs() < 60, "the namespace does not go");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let error = by_descriptor.update(&*program, None).expect_err("gone");
    assert_eq!(error.errno(), Some(Errno::ENOLINK), "{error}");
    by_descriptor.detach().expect("nothing to do");
}

#[test]
fn what_is_no_namespace_is_said_to_be_none() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_LOOKUP)) {
        return;
    }
    let program = passing();
    let file = std::fs::File::open("/proc/self/maps").expect("a file");
    let error = program
        .attach_to(Netns::at(&file, LOOKUP))
        .expect_err("no namespace");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    assert!(
        error.to_string().contains("may be no network namespace"),
        "{error}"
    );
    let error = program
        .attach_to(Netns::at(Path::new("/run/netns/no-such"), LOOKUP))
        .expect_err("no such file");
    assert!(
        error.to_string().starts_with(
            "attach program `case` to network namespace `/run/netns/no-such` (sk_lookup): ENOENT"
        ),
        "{error}"
    );
    let error = program
        .attach_to(Netns::current(AttachType::XDP))
        .expect_err("no hook of a namespace");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
}

#[test]
fn a_namespace_has_one_flow_dissector() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::Link(LinkType::NETNS)) {
        return;
    }
    let text = format!("r0 = {}\nexit", FlowVerdict::OK.0);
    let kind = AttachType::FLOW_DISSECTOR;
    let dissector = program(ProgramType::FLOW_DISSECTOR, None, &text, &[]);
    let link = match dissector.attach_to(Netns::current(kind)) {
        Err(error) if error.errno() == Some(Errno::EEXIST) => {
            return ebpf_testbed::skip("the initial namespace has a flow dissector");
        }
        attached => attached.expect("attach"),
    };
    let found = KernelSystem::new().netns_attached(OWN, kind);
    assert_eq!(found, Ok(vec![dissector.info().id]));
    let error = dissector
        .attach_to(Netns::current(kind))
        .expect_err("there is one");
    assert_eq!(error.errno(), Some(Errno::E2BIG), "{error}");
    assert!(
        error.to_string().contains("another flow dissector"),
        "{error}"
    );
    link.detach().expect("detach");
    assert_eq!(
        KernelSystem::new().netns_attached(OWN, kind),
        Ok(Vec::new())
    );
}
