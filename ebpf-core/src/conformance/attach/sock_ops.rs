//! Programs that see a TCP connection's events: `tcp_call_bpf()` in include/net/tcp.h and where it is called in
//! net/ipv4/tcp*.c.

use std::sync::Arc;

use super::cgroup_sock::loopback;
use super::record::Record;
use crate::conformance::{
    SocketOption, Speaks, TestCgroup, TestEndpoint, Testbed, cgroup, map, program, requires, spec,
    suite,
};
use crate::hook::Cgroup;
use crate::map::{Map, MapType, SocketMap};
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

const OPS: ProgramType = ProgramType::SOCK_OPS;
const AT: AttachType = AttachType::CGROUP_SOCK_OPS;

const CONNECT: u64 = 3;
const ACTIVE: u64 = 4;
const PASSIVE: u64 = 5;
const STATE: u64 = 10;
const LISTEN: u64 = 11;

/// A program that does what `text` does, with its context in r6 and the event in r8.
fn does(t: &dyn Testbed, text: &str, maps: &[&dyn Map]) -> Arc<dyn Program> {
    let text = format!("r6 = r1\nr8 = *(u32 *)(r6 + 0)\n{text}\nout: r0 = 1\nexit");
    program(t, OPS, &text, maps)
}

/// Text that ends the program but at these events.
fn only(events: &[u64]) -> String {
    let jumps: String = events
        .iter()
        .map(|event| format!("if r8 == {event} goto on\n"))
        .collect();
    format!("{jumps}goto out\non: r0 = 0\n")
}

/// Text that notes a word of the context.
fn note(at: u32) -> String {
    format!("r7 = *(u32 *)(r6 + {at})\n{}\n", Record::note("r7"))
}

fn listener(group: &dyn TestCgroup, ipv6: bool) -> Box<dyn TestEndpoint + '_> {
    let listener = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
    listener.bind(loopback(ipv6)).expect("bind");
    listener.listen().expect("listen");
    listener
}

suite! { ($) sock_ops, __conformance_sock_ops;
    fn a_connection_has_its_events(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        // The event, and the state.
        let sees = does(t, &[note(0), note(88)].concat(), &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        for ipv6 in [false, true] {
            let far = listener(&*group, ipv6);
            assert_eq!(record.take(), [LISTEN, 10]);
            let near = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            near.connect(far.name().expect("a name")).expect("connect");
            let accepted = far.accept();
            // How much it takes, how long it waits, whether it marks congestion: 2, 1 and 6 are asked of both sides.
            let events = [[CONNECT, 2], [2, 2], [1, 2], [6, 2], [2, 12], [1, 12], [6, 12], [ACTIVE, 1], [PASSIVE, 3]];
            assert_eq!(record.take(), events.concat());
            near.send(b"hello").expect("send");
            accepted.receive(5).expect("receive");
            assert_eq!(record.take(), []);
        }
    }

    fn states_are_told_to_who_asks(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let set = "r1 = r6\nr2 = 4\ncall bpf_sock_ops_cb_flags_set\n";
        // The port, the state that was, the state that is to be. What listens passes its wish on.
        let text = format!(
            "if r8 == {LISTEN} goto set
             if r8 == {CONNECT} goto set
             goto see
             set: {set}
             see: if r8 != {STATE} goto out
             {}{}{}", note(68), note(4), note(8));
        let sees = does(t, &text, &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        let far = listener(&*group, false);
        let port = u64::from(far.name().expect("a name").port());
        let states = || {
            let words = record.take();
            let words = words.as_chunks::<3>().0.iter();
            let (own, others): (Vec<_>, Vec<_>) = words.partition(|[own, ..]| *own == port);
            let steps = |of: Vec<&[u64; 3]>| of.iter().map(|[_, from, to]| (*from, *to)).collect::<Vec<_>>();
            (steps(others), steps(own))
        };
        for near_first in [true, false] {
            let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
            near.connect(far.name().expect("a name")).expect("connect");
            assert_eq!(states(), (vec![(2, 1)], vec![(3, 1)]));
            let accepted = far.accept();
            let (first, second) = if near_first { (near, accepted) } else { (accepted, near) };
            drop(first);
            drop(second);
            let (near, far) = states();
            let (first, second) = if near_first { (near, far) } else { (far, near) };
            assert_eq!(first, [(1, 4), (4, 5), (5, 7)], "who closes first");
            assert_eq!(second, [(1, 8), (8, 9), (9, 7)], "who closes then");
        }
        let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let bound = group.endpoint(Speaks::Tcp, false).expect("a socket");
        bound.bind(loopback(false)).expect("bind");
        near.connect(bound.name().expect("a name")).expect_err("it does not listen");
        assert_eq!(states(), (vec![(2, 7)], vec![]));
        drop(far);
        assert_eq!(states(), (vec![], vec![(10, 7)]));
    }

    fn it_sees_both_ends(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        // Family, addresses, ports, whether it is a whole socket.
        let fields: String = [20, 24, 28, 64, 68, 72].map(note).concat();
        let sees = does(t, &format!("{}{fields}", only(&[ACTIVE, PASSIVE])), &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        let far = listener(&*group, false);
        let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
        near.connect(far.name().expect("a name")).expect("connect");
        let ip = u64::from(u32::from_ne_bytes([127, 0, 0, 1]));
        let [own, other] = [near.name(), far.name()].map(|name| name.expect("a name").port());
        let seen = |remote: u16, local: u16| [2, ip, ip, u64::from(u32::from(remote.to_be()) << 16), u64::from(local), 1];
        assert_eq!(record.take(), [seen(other, own), seen(own, other)].concat());
    }

    fn flags_that_there_are_none_of_are_said(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let text = format!(
            "{}{}r1 = r6
             r2 = 0x1ff
             call bpf_sock_ops_cb_flags_set
             r7 = r0
             {}
             {}", only(&[LISTEN]), note(84), Record::note("r7"), note(84));
        let sets = does(t, &text, &[record.map()]);
        let _link = sets.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        let _far = listener(&*group, false);
        assert_eq!(record.take(), [0, 0x180, 0x7f]);
    }

    fn options_are_set_on_the_way(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let set = |level: u32, name: u32, bytes: u32| format!(
            "r1 = r6
             r2 = {level}
             r3 = {name}
             r4 = r10
             r4 += -8
             r5 = {bytes}
             call bpf_setsockopt
             r7 = r0
             {}\n", Record::note("r7"));
        let text = format!(
            "{}*(u64 *)(r10 - 8) = 3
             {}r2 = {}
             *(u64 *)(r10 - 8) = r2
             {}{}", only(&[ACTIVE]), set(1, 12, 4), i32::from_ne_bytes(*b"reno"), set(6, 13, 4), set(6, 4242, 4));
        let sets = does(t, &text, &[record.map()]);
        let _link = sets.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        let far = listener(&*group, false);
        let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
        near.connect(far.name().expect("a name")).expect("connect");
        assert_eq!(record.take(), [0, 0, -22i64 as u64]);
        assert_eq!(near.option(SocketOption::Priority, false), Ok(vec![3]));
        assert_eq!(near.option(SocketOption::Congestion, false), Ok(b"reno".to_vec()));
        assert_ne!(far.accept().option(SocketOption::Congestion, false), Ok(b"reno".to_vec()));
    }

    fn sockets_are_put_into_maps(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        for (map_type, helper) in [(MapType::SOCKMAP, "sock_map_update"), (MapType::SOCKHASH, "sock_hash_update")] {
            let record = Record::new(t);
            let sockets = map(t, &spec(map_type, 4, 8, 64));
            // The key is the event; a flag that there is none of is refused.
            let put = |flags: u32| format!(
                "*(u32 *)(r10 - 4) = r8
                 r1 = r6
                 r2 = map_by_idx(1)
                 r3 = r10
                 r3 += -4
                 r4 = {flags}
                 call bpf_{helper}
                 r7 = r0
                 {}\n", Record::note("r7"));
            let text = format!("{}{}{}", only(&[CONNECT, ACTIVE, PASSIVE]), put(8), put(0));
            let puts = does(t, &text, &[record.map(), &*sockets]);
            let link = puts.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
            let sockets = SocketMap::<u32>::new(sockets).expect("a map of sockets");
            let far = listener(&*group, false);
            let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
            near.connect(far.name().expect("a name")).expect("connect");
            let [unsupported, invalid] = [-95i64 as u64, -22i64 as u64];
            assert_eq!(record.take(), [unsupported, unsupported, invalid, 0, invalid, 0], "{map_type}");
            drop(link);
            let one = sockets.cookie(&(ACTIVE as u32)).expect("cookie").expect("a socket");
            let two = sockets.cookie(&(PASSIVE as u32)).expect("cookie").expect("a socket");
            assert_ne!(one, two);
            assert_eq!(sockets.cookie(&(CONNECT as u32)), Ok(None));
            drop(near);
            assert_eq!(sockets.cookie(&(ACTIVE as u32)), Ok(None), "it is closed");
        }
    }
}
