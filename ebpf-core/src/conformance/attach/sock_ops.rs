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
    let jumps: String = events.iter().map(|event| format!("if r8 == {event} goto on\n")).collect();
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
        // The event and the state.
        let sees = does(t, &[note(0), note(88)].concat(), &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        for ipv6 in [false, true] {
            let far = listener(&*group, ipv6);
            eprintln!("listen {:?}", record.take());
            let near = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            near.connect(far.name().expect("a name")).expect("connect");
            let accepted = far.accept();
            eprintln!("connect {:?}", record.take().as_chunks::<2>().0);
            near.send(b"hello").expect("send");
            accepted.receive(5).expect("receive");
            eprintln!("sent {:?}", record.take());
        }
    }

    fn states_are_told_to_who_asks(t, case) {
        requires!(t, case, Feature::ProgramType(OPS));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let set = "r1 = r6\nr2 = 4\ncall bpf_sock_ops_cb_flags_set\n";
        // The event, which socket, from which state to which.
        let text = format!("if r8 == {LISTEN} goto set\nif r8 == {CONNECT} goto set\ngoto see\nset: {set}\nsee: if r8 != {STATE} goto out\n{}{}{}", note(68), note(4), note(8));
        let sees = does(t, &text, &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        let far = listener(&*group, false);
        let port = u64::from(far.name().expect("a name").port());
        let show = |what: &str| {
            let words = record.take();
            let words: Vec<_> = words.as_chunks::<3>().0.iter().map(|[own, from, to]| (if *own == port { "far" } else { "near" }, *from, *to)).collect();
            eprintln!("{what} {words:?}");
        };
        for near_first in [true, false] {
            show("listen");
            let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
            near.connect(far.name().expect("a name")).expect("connect");
            show("connect");
            let accepted = far.accept();
            show("accept");
            if near_first { drop(near); show("near closed"); drop(accepted); show("far closed"); }
            else { drop(accepted); show("far closed"); drop(near); show("near closed"); }
        }
        let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let free = group.endpoint(Speaks::Tcp, false).expect("a socket");
        free.bind(loopback(false)).expect("bind");
        let _ = near.connect(free.name().expect("name"));
        show("refused");
        drop(near);
        show("closed");
        drop(far);
        show("listener closed");
    }
}
