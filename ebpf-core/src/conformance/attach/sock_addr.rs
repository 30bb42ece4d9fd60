//! Programs that see and change addresses: `__cgroup_bpf_run_filter_sock_addr()` in kernel/bpf/cgroup.c, and where it is
//! called: inet_bind_sk(), tcp_v4_pre_connect(), udp_sendmsg(), udp_recvmsg(), inet_getname() and their like of IPv6.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::cgroup_sock::loopback;
use super::record::{Record, program_at};
use crate::Errno;
use crate::conformance::{Speaks, Testbed, cgroup, requires, suite};
use crate::hook::Cgroup;
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

const ADDR: ProgramType = ProgramType::CGROUP_SOCK_ADDR;
const CONNECT: AttachType = AttachType::CGROUP_INET4_CONNECT;

/// Hooks of IPv4 and IPv6.
const BIND: [AttachType; 2] = [AttachType::CGROUP_INET4_BIND, AttachType::CGROUP_INET6_BIND];
const CONNECTS: [AttachType; 2] = [CONNECT, AttachType::CGROUP_INET6_CONNECT];
const SEND: [AttachType; 2] = [
    AttachType::CGROUP_UDP4_SENDMSG,
    AttachType::CGROUP_UDP6_SENDMSG,
];
const RECEIVE: [AttachType; 2] = [
    AttachType::CGROUP_UDP4_RECVMSG,
    AttachType::CGROUP_UDP6_RECVMSG,
];
const NAME: [AttachType; 2] = [
    AttachType::CGROUP_INET4_GETSOCKNAME,
    AttachType::CGROUP_INET6_GETSOCKNAME,
];
const PEER: [AttachType; 2] = [
    AttachType::CGROUP_INET4_GETPEERNAME,
    AttachType::CGROUP_INET6_GETPEERNAME,
];

/// Of networks for documentation: nobody is there.
fn nowhere(ipv6: bool) -> SocketAddr {
    match ipv6 {
        true => ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 4001).into(),
        false => ([192, 0, 2, 1], 4001).into(),
    }
}

/// Text that puts an address into the context in r1. It changes r2.
fn rewrite(to: SocketAddr) -> String {
    let words: Vec<(usize, u32)> = match to.ip() {
        IpAddr::V4(ip) => vec![(4, u32::from_ne_bytes(ip.octets()))],
        IpAddr::V6(ip) => {
            let words = ip
                .octets()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|word| u32::from_ne_bytes(*word))
                .collect::<Vec<_>>();
            (8..).step_by(4).zip(words).collect()
        }
    };
    let port = (24, u32::from(to.port().to_be()));
    let store =
        |(at, word): (usize, u32)| format!("r2 = {}\n*(u32 *)(r1 + {at}) = r2\n", word as i32);
    words.into_iter().chain([port]).map(store).collect()
}

fn returns(t: &dyn Testbed, at: AttachType, before: &str, value: u32) -> Arc<dyn Program> {
    program_at(t, ADDR, at, &format!("{before}\nr0 = {value}\nexit"), &[])
}

suite! { ($) sock_addr, __conformance_sock_addr;
    fn a_socket_is_bound_elsewhere(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        for (hook, ipv6) in BIND.into_iter().zip([false, true]) {
            for speaks in [Speaks::Tcp, Speaks::Udp] {
                // A port that is free.
                let free = group.endpoint(speaks, ipv6).expect("a socket");
                free.bind(loopback(ipv6)).expect("bind");
                let address = free.name().expect("a name");
                drop(free);
                let socket = group.endpoint(speaks, ipv6).expect("a socket");
                let moves = returns(t, hook, &rewrite(address), 1);
                let _link = moves.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
                socket.bind(nowhere(ipv6)).expect("bind");
                assert_eq!(socket.name(), Ok(address), "{hook} {speaks:?}");
            }
        }
    }

    fn it_sees_what_the_process_says(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let note = Record::note("r7");
        // What the process says its family is, the port, the socket's family, type and protocol.
        let fields: String = [0, 24, 28, 32, 36].map(|at| format!("r7 = *(u32 *)(r6 + {at})\n{note}\n")).concat();
        for (hook, ipv6) in BIND.into_iter().zip([false, true]) {
            let sees = program_at(t, ADDR, hook, &format!("r6 = r1\n{fields}r0 = 0\nexit"), &[record.map()]);
            let _link = sees.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            let socket = group.endpoint(Speaks::Udp, ipv6).expect("a socket");
            assert_eq!(socket.bind(nowhere(ipv6)), Err(Errno::EPERM));
            let family = if ipv6 { 10 } else { 2 };
            assert_eq!(record.take(), [family, u64::from(4001u16.to_be()), family, 2, 17], "{hook}");
        }
    }

    fn addresses_of_others_are_not_bound(t, case) {
        let Some(group) = cgroup(t, case) else { return };
        for ipv6 in [false, true] {
            for speaks in [Speaks::Tcp, Speaks::Udp] {
                let socket = group.endpoint(speaks, ipv6).expect("a socket");
                assert_eq!(socket.bind(nowhere(ipv6)), Err(Errno::EADDRNOTAVAIL));
            }
        }
    }

    fn an_address_of_another_family_is_refused(t, case) {
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Udp, false).expect("a socket");
        assert_eq!(socket.bind(loopback(true)), Err(Errno::EAFNOSUPPORT));
        assert_eq!(socket.connect(nowhere(true)), Err(Errno::EAFNOSUPPORT));
        let socket = group.endpoint(Speaks::Udp, true).expect("a socket");
        assert_eq!(socket.bind(loopback(false)), Err(Errno::EAFNOSUPPORT));
    }

    fn a_connection_goes_elsewhere(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        for (hook, ipv6) in CONNECTS.into_iter().zip([false, true]) {
            let listener = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            listener.bind(loopback(ipv6)).expect("bind");
            listener.listen().expect("listen");
            let real = listener.name().expect("a name");
            let moves = returns(t, hook, &rewrite(real), 1);
            let _link = moves.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            let socket = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            socket.connect(nowhere(ipv6)).expect("connect");
            assert_eq!(socket.peer_name(), Ok(real), "{hook}");
            let far = listener.accept();
            assert_eq!(far.peer_name(), socket.name());
            assert_eq!(far.name(), Ok(real));
            assert_eq!(socket.send(b"hello"), Ok(5));
            assert_eq!(far.receive(5).expect("receive"), b"hello");
        }
    }

    fn a_connection_is_denied(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        for (hook, ipv6) in CONNECTS.into_iter().zip([false, true]) {
            let link = returns(t, hook, "", 0).attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            for speaks in [Speaks::Tcp, Speaks::Udp] {
                let socket = group.endpoint(speaks, ipv6).expect("a socket");
                assert_eq!(socket.connect(nowhere(ipv6)), Err(Errno::EPERM), "{hook} {speaks:?}");
                assert_eq!(socket.peer_name(), Err(Errno::ENOTCONN), "{hook} {speaks:?}");
            }
            drop(link);
            let says = returns(t, hook, "r1 = -111\ncall bpf_set_retval", 0);
            let _link = says.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            let socket = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            assert_eq!(socket.connect(nowhere(ipv6)), Err(Errno::ECONNREFUSED), "{hook}");
        }
    }

    fn nobody_listens(t, case) {
        let Some(group) = cgroup(t, case) else { return };
        for ipv6 in [false, true] {
            let free = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            free.bind(loopback(ipv6)).expect("bind");
            let address = free.name().expect("a name");
            let socket = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            assert_eq!(socket.connect(address), Err(Errno::ECONNREFUSED), "bound, but it does not listen");
            assert_eq!(socket.connect(nowhere(ipv6)), Err(Errno::ENETUNREACH));
            assert_eq!(socket.send(b"x"), Err(Errno::EPIPE));
        }
    }

    fn it_binds_before_it_connects(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        let listener = group.endpoint(Speaks::Tcp, false).expect("a socket");
        listener.bind(loopback(false)).expect("bind");
        listener.listen().expect("listen");
        let real = listener.name().expect("a name");
        // A sockaddr_in of 127.0.0.9 and any port.
        let family = i32::from(2u16);
        let address = i32::from_ne_bytes(Ipv4Addr::new(127, 0, 0, 9).octets());
        let bind = |length: u32| format!(
            "*(u64 *)(r10 - 16) = {family}
             *(u64 *)(r10 - 8) = 0
             r2 = {address}
             *(u32 *)(r10 - 12) = r2
             r2 = r10
             r2 += -16
             r3 = {length}
             call bpf_bind
             r7 = r0
             {}
             r0 = 1
             exit", Record::note("r7"));
        let record = Record::new(t);
        for (length, said) in [(16, 0i64), (8, -22), (1, -22)] {
            let binds = program_at(t, ADDR, CONNECT, &bind(length), &[record.map()]);
            let _link = binds.attach_to(Cgroup::at(group.place(), CONNECT)).expect("attach");
            let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
            socket.connect(real).expect("connect");
            assert_eq!(record.take(), [said as u64]);
            let from = listener.accept().peer_name().expect("a peer").ip();
            let expected = if said == 0 { Ipv4Addr::new(127, 0, 0, 9) } else { Ipv4Addr::LOCALHOST };
            assert_eq!(from, expected, "{length}");
        }
    }

    fn datagrams_go_elsewhere(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        for (hook, ipv6) in SEND.into_iter().zip([false, true]) {
            let far = group.endpoint(Speaks::Udp, ipv6).expect("a socket");
            far.bind(loopback(ipv6)).expect("bind");
            let near = group.endpoint(Speaks::Udp, ipv6).expect("a socket");
            let moves = returns(t, hook, &rewrite(far.name().expect("a name")), 1);
            let link = moves.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            near.send_to(b"moved", nowhere(ipv6)).expect("send");
            assert_eq!(far.receive_from().expect("receive").0, b"moved", "{hook}");
            drop(link);
            let denies = returns(t, hook, "", 0).attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            let real = far.name().expect("a name");
            assert_eq!(near.send_to(b"denied", real), Err(Errno::EPERM), "{hook}");
            // A socket that is connected says no address.
            near.connect(real).expect("connect");
            assert_eq!(near.send(b"not asked"), Ok(9));
            assert_eq!(far.receive_from().expect("receive").0, b"not asked", "{hook}");
            assert_eq!(near.send_to(b"asked", real), Err(Errno::EPERM), "{hook}");
            drop(denies);
            let none = returns(t, hook, &rewrite(SocketAddr::new(real.ip(), 0)), 1);
            let _link = none.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            assert_eq!(near.send_to(b"no port", real), Err(Errno::EINVAL), "{hook}");
        }
    }

    fn datagrams_come_from_elsewhere(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        let hook = SEND[0];
        let far = group.endpoint(Speaks::Udp, false).expect("a socket");
        far.bind(loopback(false)).expect("bind");
        let near = group.endpoint(Speaks::Udp, false).expect("a socket");
        for (source, sent) in [([127, 0, 0, 7], Ok(())), ([192, 0, 2, 1], Err(Errno::ENETUNREACH))] {
            let source = i32::from_ne_bytes(source);
            let moves = returns(t, hook, &format!("r2 = {source}\n*(u32 *)(r1 + 40) = r2"), 1);
            let _link = moves.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            assert_eq!(near.send_to(b"x", far.name().expect("a name")), sent);
            if sent.is_ok() {
                assert_eq!(far.receive_from().expect("receive").1.ip(), Ipv4Addr::new(127, 0, 0, 7));
            }
        }
    }

    fn who_sent_a_datagram_is_said_otherwise(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        for (hook, ipv6) in RECEIVE.into_iter().zip([false, true]) {
            let far = group.endpoint(Speaks::Udp, ipv6).expect("a socket");
            far.bind(loopback(ipv6)).expect("bind");
            let near = group.endpoint(Speaks::Udp, ipv6).expect("a socket");
            let moves = returns(t, hook, &rewrite(nowhere(ipv6)), 1);
            let _link = moves.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            near.send_to(b"hello", far.name().expect("a name")).expect("send");
            assert_eq!(far.receive_from(), Ok((b"hello".to_vec(), nowhere(ipv6))), "{hook}");
        }
    }

    fn names_are_said_otherwise(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        for (index, ipv6) in [false, true].into_iter().enumerate() {
            for speaks in [Speaks::Tcp, Speaks::Udp] {
                let far = group.endpoint(speaks, ipv6).expect("a socket");
                far.bind(loopback(ipv6)).expect("bind");
                if speaks == Speaks::Tcp {
                    far.listen().expect("listen");
                }
                let near = group.endpoint(speaks, ipv6).expect("a socket");
                let (own, peer) = (returns(t, NAME[index], &rewrite(nowhere(ipv6)), 1), returns(t, PEER[index], &rewrite(nowhere(ipv6)), 1));
                let own = own.attach_to(Cgroup::at(group.place(), NAME[index])).expect("attach");
                let peer = peer.attach_to(Cgroup::at(group.place(), PEER[index])).expect("attach");
                assert_eq!(near.peer_name(), Err(Errno::ENOTCONN), "{speaks:?}");
                assert_eq!(near.name(), Ok(nowhere(ipv6)), "{speaks:?}");
                let named = far.name();
                assert_eq!(named, Ok(nowhere(ipv6)));
                drop(own);
                near.connect(far.name().expect("a name")).expect("connect");
                assert_eq!(near.peer_name(), Ok(nowhere(ipv6)), "{speaks:?}");
                drop(peer);
                assert_eq!(near.peer_name(), far.name(), "{speaks:?}");
            }
        }
    }

    fn ports_of_root_are_bound_by_leave(t, case) {
        requires!(t, case, Feature::ProgramType(ADDR));
        let Some(group) = cgroup(t, case) else { return };
        // Whoever is root may anyway: this says that both values allow it.
        for verdict in [1, 3] {
            let _link = returns(t, BIND[0], "", verdict).attach_to(Cgroup::at(group.place(), BIND[0])).expect("attach");
            let socket = group.endpoint(Speaks::Udp, false).expect("a socket");
            socket.bind((Ipv4Addr::LOCALHOST, 81).into()).expect("bind");
        }
        let _link = returns(t, BIND[0], "", 2).attach_to(Cgroup::at(group.place(), BIND[0])).expect("attach");
        let socket = group.endpoint(Speaks::Udp, false).expect("a socket");
        assert_eq!(socket.bind((Ipv4Addr::LOCALHOST, 81).into()), Err(Errno::EPERM));
    }
}
