//! Programs of maps of sockets that see what is sent: net/ipv4/tcp_bpf.c, net/core/skmsg.c.

use std::sync::Arc;

use super::cgroup_sock::loopback;
use super::record::Record;
use crate::Errno;
use crate::conformance::{
    Speaks, TestCgroup, TestEndpoint, Testbed, cgroup, errno_of, map, program, requires, spec,
    suite,
};
use crate::hook::Sockmap;
use crate::link::Link;
use crate::map::{MapType, SocketMap};
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
    near.connect(listener.name().expect("a name"))
        .expect("connect");
    Pair {
        near,
        far: listener.accept(),
    }
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
    // It has both maps, whether or not it uses them.
    let text = format!("r2 = map_by_idx(0)\nr2 = map_by_idx(1)\nr6 = r1\n{text}\nexit");
    let program: Arc<dyn Program> = program(t, MSG, &text, &[record.map(), &*map]);
    let link = program
        .attach_to(Sockmap::of(&map, VERDICT))
        .expect("attach");
    Stage {
        sockets: SocketMap::new(map).expect("a map of sockets"),
        _link: link,
    }
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
        // What was said stays said: nobody is asked any more.
        assert_eq!(pair.near.send(b"is not asked of"), Err(Errno::EACCES));
        assert_eq!(record.take(), [6, 12]);
        assert_eq!(pair.far.receive(12).expect("receive"), b"beforepasses");
        // Nobody looks at what the other side sends.
        assert_eq!(pair.far.send(b"x"), Ok(1));
        stage.sockets.remove(&0).expect("remove");
        assert_eq!(pair.near.send(b"x"), Ok(1));
        assert_eq!(pair.far.receive(1).expect("receive"), b"x");
        assert_eq!(record.take(), []);
    }

    fn what_is_sent_goes_elsewhere(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        for (map_type, helper) in [(MapType::SOCKMAP, "map"), (MapType::SOCKHASH, "hash")] {
            let listener = listener(&*group);
            let record = Record::new(t);
            // What begins with 'i' is received by the second socket, all else is sent by it.
            let key = match map_type {
                MapType::SOCKMAP => "r3 = 1".to_owned(),
                _ => "*(u32 *)(r10 - 4) = 1\nr3 = r10\nr3 += -4".to_owned(),
            };
            let text = format!(
                "r2 = *(u64 *)(r6 + 0)
                 r3 = *(u64 *)(r6 + 8)
                 r4 = r2
                 r4 += 1
                 r8 = 0
                 if r4 > r3 goto go
                 r5 = *(u8 *)(r2 + 0)
                 if r5 != 0x69 goto go
                 r8 = 1
                 go: r1 = r6
                 r2 = map_by_idx(1)
                 {key}
                 r4 = r8
                 call bpf_msg_redirect_{helper}");
            let stage = stage(t, map_type, &record, &text);
            let (one, two) = (pair(&*group, &*listener), pair(&*group, &*listener));
            stage.sockets.upsert(&0, one.near.descriptor()).expect("insert");
            assert_eq!(one.near.send(b"nobody is there"), Err(Errno::EACCES), "{map_type}");
            // Anew, as what was said stays said.
            stage.sockets.remove(&0).expect("remove");
            let one_more = pair(&*group, &*listener);
            stage.sockets.upsert(&1, two.near.descriptor()).expect("insert");
            stage.sockets.upsert(&0, one_more.near.descriptor()).expect("insert");
            assert_eq!(one_more.near.send(b"out"), Ok(3), "{map_type}");
            assert_eq!(two.far.receive(3).expect("receive"), b"out", "{map_type}");
            assert_eq!(one_more.near.send(b"in"), Ok(2), "{map_type}");
            assert_eq!(two.near.receive(2).expect("receive"), b"in", "{map_type}");
            two.far.send(b"and so on").expect("send");
            assert_eq!(two.near.receive(9).expect("receive"), b"and so on", "{map_type}");
            one_more.far.send(b"back").expect("send");
            assert_eq!(one_more.near.receive(4).expect("receive"), b"back", "{map_type}");
        }
    }

    fn programs_act_on_sockets_that_come_after_them(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let pair = pair(&*group, &*listener);
        let sockets = map(t, &spec(MapType::SOCKMAP, 4, 8, 4));
        let drops = program(t, MSG, "r0 = 0\nexit", &[]);
        let map = SocketMap::<u32>::new(sockets.clone()).expect("a map of sockets");
        map.upsert(&0, pair.near.descriptor()).expect("insert");
        let link = drops.attach_to(Sockmap::of(&sockets, VERDICT)).expect("attach");
        assert_eq!(pair.near.send(b"was there before"), Ok(16));
        map.upsert(&0, pair.near.descriptor()).expect("insert again");
        assert_eq!(pair.near.send(b"came after"), Err(Errno::EACCES));
        link.detach().expect("detach");
        assert_eq!(pair.near.send(b"it is still the socket's"), Err(Errno::EACCES));
        map.remove(&0).expect("remove");
        assert_eq!(pair.near.send(b"free"), Ok(4));
        assert_eq!(pair.far.receive(20).expect("receive"), b"was there beforefree");
    }

    fn a_socket_has_one_program_of_a_kind(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let pair = pair(&*group, &*listener);
        let record = Record::new(t);
        let stages = [(); 2].map(|()| stage(t, MapType::SOCKMAP, &record, "r0 = 1"));
        stages[0].sockets.upsert(&0, pair.near.descriptor()).expect("insert");
        assert_eq!(errno_of(stages[1].sockets.upsert(&0, pair.near.descriptor())), Errno::EBUSY);
        assert_eq!(errno_of(stages[0].sockets.upsert(&1, pair.near.descriptor())), Errno::EBUSY);
        let plain = SocketMap::<u32>::new(map(t, &spec(MapType::SOCKMAP, 4, 8, 4))).expect("a map of sockets");
        plain.upsert(&0, pair.near.descriptor()).expect("insert");
    }

    fn a_verdict_is_for_so_many_bytes(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let text = format!(
            "r7 = *(u32 *)(r6 + 68)
             {}
             r1 = r6
             r2 = 4
             call bpf_msg_apply_bytes
             r0 = 1", Record::note("r7"));
        let stage = stage(t, MapType::SOCKMAP, &record, &text);
        let pair = pair(&*group, &*listener);
        stage.sockets.upsert(&0, pair.near.descriptor()).expect("insert");
        assert_eq!(pair.near.send(b"0123456789"), Ok(10));
        // What is left each time, until the last verdict is for more than there is.
        assert_eq!(record.take(), [10, 6, 2]);
        assert_eq!(pair.near.send(b"ab"), Ok(2));
        assert_eq!(record.take(), [], "of the 4 of the last verdict 2 were left");
        assert_eq!(pair.near.send(b"cd"), Ok(2));
        assert_eq!(record.take(), [2]);
        assert_eq!(pair.far.receive(14).expect("receive"), b"0123456789abcd");
    }

    fn bytes_are_kept_until_there_are_enough(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let text = format!(
            "r7 = *(u32 *)(r6 + 68)
             {}
             r1 = r6
             r2 = 8
             call bpf_msg_cork_bytes
             r0 = 1", Record::note("r7"));
        let stage = stage(t, MapType::SOCKMAP, &record, &text);
        let pair = pair(&*group, &*listener);
        stage.sockets.upsert(&0, pair.near.descriptor()).expect("insert");
        for (part, seen) in [(&b"012"[..], &[3][..]), (b"34", &[]), (b"5678", &[9])] {
            assert_eq!(pair.near.send(part), Ok(part.len()));
            assert_eq!(record.take(), seen);
        }
        assert_eq!(pair.far.receive(9).expect("receive"), b"012345678");
    }

    fn what_is_sent_is_changed(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let note = Record::note("r7");
        let call = |helper: &str, start: u32, length: u32, flags: u32| format!(
            "r1 = r6
             r2 = {start}
             r3 = {length}
             r4 = {flags}
             call bpf_msg_{helper}
             r7 = r0
             {note}
             r7 = *(u32 *)(r6 + 68)
             {note}
             r7 = *(u64 *)(r6 + 8)
             r4 = *(u64 *)(r6 + 0)
             r7 -= r4
             {note}\n");
        let write = |at: u32, byte: u8| format!(
            "r2 = *(u64 *)(r6 + 0)
             r3 = *(u64 *)(r6 + 8)
             r4 = r2
             r4 += {}
             if r4 > r3 goto +1
             *(u8 *)(r2 + {at}) = {byte}\n", at + 1);
        let text = [
            write(0, b'a'),
            call("push_data", 2, 2, 0),
            call("pull_data", 0, 6, 0),
            write(2, b'b'),
            write(3, b'c'),
            call("pop_data", 5, 2, 0),
            call("pull_data", 1, 3, 0),
            write(0, b'd'),
            // What cannot be.
            call("pull_data", 3, 3, 0),
            call("pull_data", 0, 99, 0),
            call("pull_data", 0, 2, 1),
            call("push_data", 99, 2, 0),
            call("push_data", 0, 0, 0),
            call("pop_data", 7, 2, 0),
            "r0 = 1".to_owned(),
        ].concat();
        let stage = stage(t, MapType::SOCKMAP, &record, &text);
        let pair = pair(&*group, &*listener);
        stage.sockets.upsert(&0, pair.near.descriptor()).expect("insert");
        assert_eq!(pair.near.send(b"01234567"), Ok(8));
        let invalid = -22i64 as u64;
        let expected = [
            [0, 10, 2],
            [0, 10, 6],
            [0, 8, 5],
            [0, 8, 2],
            [invalid, 8, 2],
            [invalid, 8, 2],
            [invalid, 8, 2],
            [invalid, 8, 2],
            [0, 8, 2],
            [invalid, 8, 2],
        ];
        assert_eq!(record.take(), expected.concat());
        assert_eq!(pair.far.receive(8).expect("receive"), b"adbc2567");
    }

    fn it_sees_both_ends(t, case) {
        requires!(t, case, Feature::ProgramType(MSG));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let fields: String = [16, 20, 24, 60, 64].map(|at| format!("r7 = *(u32 *)(r6 + {at})\n{}\n", Record::note("r7"))).concat();
        let stage = stage(t, MapType::SOCKMAP, &record, &format!("{fields}r0 = 1"));
        let pair = pair(&*group, &*listener);
        stage.sockets.upsert(&0, pair.near.descriptor()).expect("insert");
        pair.near.send(b"x").expect("send");
        let ip = u64::from(u32::from_ne_bytes([127, 0, 0, 1]));
        let [own, other] = [pair.near.name(), pair.near.peer_name()].map(|name| name.expect("a name").port());
        assert_eq!(record.take(), [2, ip, ip, u64::from(u32::from(other.to_be()) << 16), u64::from(own)]);
    }
}
