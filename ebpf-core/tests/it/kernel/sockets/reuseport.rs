//! Reuseport groups: who gets what, and that detaching works.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};

use ebpf_core::hook::{Reuseport, SkAction};
use ebpf_core::link::LinkTarget;
use ebpf_core::map::{MapType, SocketMap};
use ebpf_core::program::{AttachType, ProgramExt, ProgramType};
use ebpf_core::system::Feature;
use ebpf_core::{Errno, Program};
use nix::sys::socket::sockopt::ReusePort;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrIn, bind, getsockname, listen, setsockopt,
    socket,
};

use super::{PATIENCE, address, filter, has, map, program, receive, sandbox, send, udp};

/// A socket bound to a port of the loopback that it shares.
fn sharing(kind: SockType, port: u16) -> OwnedFd {
    let socket = socket(AddressFamily::Inet, kind, SockFlag::SOCK_CLOEXEC, None).expect("a socket");
    setsockopt(&socket, ReusePort, &true).expect("share the port");
    let place = SockaddrIn::new(127, 0, 0, 1, port);
    bind(socket.as_raw_fd(), &place).expect("bind");
    socket
}

/// Sockets of one group, in the order of binding.
fn group(size: usize) -> Vec<UdpSocket> {
    let first = UdpSocket::from(sharing(SockType::Datagram, 0));
    let port = address(&first).port();
    let mut group = vec![first];
    group.resize_with(size, || UdpSocket::from(sharing(SockType::Datagram, port)));
    for socket in &group {
        socket.set_read_timeout(PATIENCE).expect("a timeout");
    }
    group
}

/// The places in the group of the sockets that get packets, of many sent from different ports.
fn receivers(group: &[UdpSocket]) -> BTreeSet<usize> {
    const PACKETS: usize = 64;
    for number in 0..PACKETS {
        send(&[number as u8], address(&group[0]));
    }
    let mut buffer = [0; 8];
    let mut found = BTreeSet::new();
    let mut left = PACKETS;
    let start = std::time::Instant::now();
    for socket in group {
        socket.set_nonblocking(true).expect("no waiting");
    }
    while left > 0 {
        assert!(
            PATIENCE.is_some_and(|limit| start.elapsed() < limit),
            "{left} did not arrive"
        );
        for (place, socket) in group.iter().enumerate() {
            if socket.recv(&mut buffer).is_ok() {
                found.insert(place);
                left -= 1;
            }
        }
    }
    for socket in group {
        socket.set_nonblocking(false).expect("waiting again");
    }
    found
}

#[test]
fn the_program_chooses_until_it_is_detached() {
    let Some(_sandbox) = sandbox() else { return };
    let group = group(3);
    for chosen in [2, 0, 1] {
        let program = filter(chosen);
        let link = program.attach_to(Reuseport::on(&group[0])).expect("attach");
        assert_eq!(receivers(&group), BTreeSet::from([chosen as usize]));
        assert_eq!(
            link.query().expect("query").program,
            Some(program.info().id)
        );
        assert!(matches!(link.info().target, LinkTarget::Reuseport { cookie } if cookie != 0));
        link.detach().expect("detach");
        assert!(receivers(&group).len() > 1, "the kernel spreads them again");
    }
    drop(
        filter(1)
            .attach_to(Reuseport::on(&group[2]))
            .expect("attach"),
    );
    assert!(receivers(&group).len() > 1, "dropping detaches too");
}

#[test]
fn a_number_that_no_socket_has_leaves_it_to_the_kernel() {
    let Some(_sandbox) = sandbox() else { return };
    let group = group(3);
    let _link = filter(3)
        .attach_to(Reuseport::on(&group[1]))
        .expect("attach");
    assert!(receivers(&group).len() > 1);
}

#[test]
fn updating_and_forgetting() {
    let Some(_sandbox) = sandbox() else { return };
    let group = group(2);
    let link = filter(0)
        .attach_to(Reuseport::on(&group[0]))
        .expect("attach");
    link.update(&*filter(1), None).expect("update");
    assert_eq!(receivers(&group), BTreeSet::from([1]));
    link.forget();
    assert_eq!(receivers(&group), BTreeSet::from([1]), "it stays");
    let link = filter(0)
        .attach_to(Reuseport::on(&group[1]))
        .expect("take over");
    assert_eq!(receivers(&group), BTreeSet::from([0]));
    link.detach().expect("detach");
}

/// Chooses the socket under a key, and gives a verdict.
fn selecting(
    key: u32,
    verdict: SkAction,
    maps: &dyn ebpf_core::Map,
) -> std::sync::Arc<dyn Program> {
    let text = format!(
        "*(u32 *)(r10 - 4) = {key}
         r2 = map_by_idx(0)
         r3 = r10
         r3 += -4
         r4 = 0
         call bpf_sk_select_reuseport
         r0 = {}
         exit",
        verdict.0
    );
    program(
        ProgramType::SK_REUSEPORT,
        Some(AttachType::SK_REUSEPORT_SELECT),
        &text,
        &[maps],
    )
}

#[test]
fn a_program_chooses_from_a_map_of_sockets() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_REUSEPORT)) {
        return;
    }
    for value_size in [4, 8] {
        let sockets = SocketMap::<u32>::new(map(MapType::REUSEPORT_SOCKARRAY, 4, value_size, 4))
            .expect("a map of sockets");
        let group = group(3);
        sockets.insert(&2, &group[1]).expect("insert");
        let again = sockets.insert(&2, &group[2]).expect_err("there is one");
        assert_eq!(again.errno(), Some(Errno::EEXIST));
        if value_size == 8 {
            assert!(matches!(sockets.cookie(&2), Ok(Some(cookie)) if cookie != 0));
            assert_eq!(sockets.cookie(&1), Ok(None));
        }
        let program = selecting(2, SkAction::PASS, sockets.map());
        let link = program.attach_to(Reuseport::on(&group[0])).expect("attach");
        assert_eq!(receivers(&group), BTreeSet::from([1]));
        let drops = selecting(2, SkAction::DROP, sockets.map());
        link.update(&*drops, None).expect("update");
        send(b"dropped", address(&group[0]));
        link.detach().expect("detach");
        assert_eq!(sockets.remove(&2), Ok(true));
        assert_eq!(sockets.remove(&2), Ok(false));
        assert!(receivers(&group).len() > 1);
    }
}

#[test]
fn only_sockets_of_a_group_are_in_a_map_of_one() {
    let Some(_sandbox) = sandbox() else { return };
    if !has(Feature::ProgramType(ProgramType::SK_REUSEPORT)) {
        return;
    }
    let map = map(MapType::REUSEPORT_SOCKARRAY, 4, 4, 4);
    let sockets = SocketMap::<u32>::new(map).expect("a map of sockets");
    let alone = sockets.insert(&0, &udp()).expect_err("it shares nothing");
    assert_eq!(alone.errno(), Some(Errno::EINVAL), "{alone}");
    let group = group(2);
    sockets.upsert(&0, &group[0]).expect("insert");
    let twice = sockets.upsert(&1, &group[0]).expect_err("it is in the map");
    assert_eq!(twice.errno(), Some(Errno::EBUSY), "{twice}");
    drop(group);
    assert_eq!(
        sockets.remove(&0),
        Ok(false),
        "a closed socket leaves by itself"
    );
}

#[test]
fn connections_are_chosen_for_too() {
    let Some(_sandbox) = sandbox() else { return };
    let first = sharing(SockType::Stream, 0);
    let bound: SockaddrIn = getsockname(first.as_raw_fd()).expect("bound");
    let second = sharing(SockType::Stream, bound.port());
    for socket in [&first, &second] {
        listen(socket, Backlog::new(64).expect("a number")).expect("listen");
    }
    let listeners = [first, second].map(TcpListener::from);
    let link = filter(1)
        .attach_to(Reuseport::on(&listeners[0]))
        .expect("attach");
    let place = SocketAddr::from((Ipv4Addr::LOCALHOST, bound.port()));
    for _ in 0..8 {
        let near = TcpStream::connect(place).expect("connect");
        let (_far, from) = listeners[1].accept().expect("accept");
        assert_eq!(from, near.local_addr().expect("bound"));
    }
    link.detach().expect("detach");
}

#[test]
fn sockets_that_share_nothing_are_refused() {
    let Some(_sandbox) = sandbox() else { return };
    let error = filter(0)
        .attach_to(Reuseport::on(&udp()))
        .expect_err("not shared");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    assert!(
        error
            .to_string()
            .contains("SO_REUSEPORT must be set before"),
        "{error}"
    );
    let file = std::fs::File::open("/proc/self/maps").expect("a file");
    let error = filter(0)
        .attach_to(Reuseport::on(&file))
        .expect_err("no socket");
    assert_eq!(error.errno(), Some(Errno::ENOTSOCK), "{error}");
}

#[test]
fn the_link_keeps_its_socket_in_the_group() {
    let Some(_sandbox) = sandbox() else { return };
    let mut group = group(2);
    let place = address(&group[0]);
    let link = filter(0)
        .attach_to(Reuseport::on(&group[0]))
        .expect("attach");
    drop(group.remove(0));
    link.detach().expect("detach though the socket was closed");
    send(b"to the other", place);
    assert_eq!(receive(&group[0]), b"to the other");
}
