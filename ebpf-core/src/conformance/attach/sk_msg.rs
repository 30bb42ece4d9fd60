//! Programs of maps of sockets that see what is sent: net/ipv4/tcp_bpf.c, net/core/skmsg.c.

use std::sync::Arc;

use super::cgroup_sock::loopback;
use super::record::Record;
use crate::Errno;
use crate::conformance::{
    Speaks, TestCgroup, TestEndpoint, Testbed, cgroup, errno_of, map, program, requires, spec, suite,
};
use crate::hook::Sockmap;
use crate::link::Link;
use crate::map::{Map, MapType, SocketMap};
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

const MSG: ProgramType = ProgramType::SK_MSG;
const VERDICT: AttachType = AttachType::SK_MSG_VERDICT;

/// Two sockets that are connected; the second one was accepted.
pub(super) struct Pair<'g> {
    pub(super) near: Box<dyn TestEndpoint + 'g>,
    pub(super) far: Box<dyn TestEndpoint + 'g>,
}

/// Sockets that are connected to each other.
pub(super) fn pair<'g>(group: &'g dyn TestCgroup, listener: &'g dyn TestEndpoint) -> Pair<'g> {
    let near = group.endpoint(Speaks::Tcp, false).expect("a socket");
    near.connect(listener.name().expect("a name")).expect("connect");
    Pair { near, far: listener.accept() }
}

pub(super) fn listener(group: &dyn TestCgroup) -> Box<dyn TestEndpoint + '_> {
    let listener = group.endpoint(Speaks::Tcp, false).expect("a socket");
    listener.bind(loopback(false)).expect("bind");
    listener.listen().expect("listen");
    listener
}

/// A map of sockets with a program at it.
struct Stage {
    sockets: SocketMap<u32>,
    _link: Box<dyn Link>,
}

/// A program that does what `text` does, at a map of sockets that it has as its second map: the first one is for what it
/// notes. The context is in r6.
fn stage(t: &dyn Testbed, map_type: MapType, record: &Record, text: &str) -> Stage {
    let map = map(t, &spec(map_type, 4, 8, 4));
    let text = format!("r6 = r1\n{text}\nexit");
    // Keeps both maps.
    let text = format!("r2 = map_by_idx(0)\nr2 = map_by_idx(1)\n{text}");
    let program: Arc<dyn Program> = program(t, MSG, &text, &[record.map(), &*map]);
    let link = program.attach_to(Sockmap::of(&map, VERDICT)).expect("attach");
    Stage { sockets: SocketMap::new(map).expect("a map of sockets"), _link: link }
}

suite! { ($) sk_msg, __conformance_sk_msg;
    fn connected_and_listening_sockets_are_taken(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let pair = pair(&*group, &*listener);
        let fresh = group.endpoint(Speaks::Tcp, false).expect("a socket");
        for map_type in [MapType::SOCKMAP, MapType::SOCKHASH] {
            let sockets = SocketMap::<u32>::new(map(t, &spec(map_type, 4, 8, 4))).expect("a map of sockets");
            sockets.upsert(&0, pair.near.descriptor()).expect("connected");
            sockets.upsert(&1, listener.descriptor()).expect("listening");
            assert_eq!(errno_of(sockets.upsert(&2, fresh.descriptor())), Errno::EOPNOTSUPP);
        }
    }

    fn what_is_sent_passes_or_is_dropped(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let note = Record::note("r7");
        // Drops what begins with 'x'.
        let text = format!(
            "r7 = *(u32 *)(r6 + 68)
             {note}
             r2 = *(u64 *)(r6 + 0)
             r3 = *(u64 *)(r6 + 8)
             r0 = 1
             r4 = r2
             r4 += 1
             if r4 > r3 goto out
             r5 = *(u8 *)(r2 + 0)
             if r5 != 0x78 goto out
             r0 = 0
             out: r0 = r0");
        let stage = stage(t, MapType::SOCKMAP, &record, &text);
        let pair = pair(&*group, &*listener);
        pair.near.send(b"before").expect("send");
        stage.sockets.upsert(&0, pair.near.descriptor()).expect("insert");
        assert_eq!(pair.near.send(b"passes"), Ok(6));
        assert_eq!(pair.near.send(b"x is dropped"), Err(Errno::EACCES));
        assert_eq!(pair.near.send(b"passes again"), Ok(12));
        assert_eq!(record.take(), [6, 12, 12]);
        assert_eq!(pair.far.receive(24).expect("receive"), b"beforepassespasses again");
        // Nobody looks at what the other side sends.
        assert_eq!(pair.far.send(b"x"), Ok(1));
        stage.sockets.remove(&0).expect("remove");
        assert_eq!(pair.near.send(b"x"), Ok(1));
        assert_eq!(record.take(), []);
    }
}
