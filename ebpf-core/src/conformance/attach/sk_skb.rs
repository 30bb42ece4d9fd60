//! Programs of maps of sockets that see what is received: net/core/skmsg.c, net/strparser/strparser.c.

use super::record::{Record, program_at};
use super::sk_msg::{Pair, listener, pair};
use crate::conformance::{Testbed, cgroup, map, requires, spec, suite};
use crate::hook::Sockmap;
use crate::link::Link;
use crate::map::{MapType, SocketMap};
use crate::program::{AttachType, ProgramExt, ProgramType};
use crate::system::Feature;

const SKB: ProgramType = ProgramType::SK_SKB;
const PARSER: AttachType = AttachType::SK_SKB_STREAM_PARSER;
const STREAM: AttachType = AttachType::SK_SKB_STREAM_VERDICT;
const VERDICT: AttachType = AttachType::SK_SKB_VERDICT;

/// A map of sockets with programs at it.
struct Stage {
    sockets: SocketMap<u32>,
    _links: Vec<Box<dyn Link>>,
}

/// Programs that do what texts do, at a map of sockets that they have as their second map: the first one is for what they
/// note. The context is in r6.
fn stage(
    t: &dyn Testbed,
    map_type: MapType,
    record: &Record,
    programs: &[(AttachType, &str)],
) -> Stage {
    let map = map(t, &spec(map_type, 4, 8, 4));
    let attach = |(at, text): &(AttachType, &str)| {
        let text = format!("r2 = map_by_idx(0)\nr2 = map_by_idx(1)\nr6 = r1\n{text}\nexit");
        let program = program_at(t, SKB, *at, &text, &[record.map(), &*map]);
        program.attach_to(Sockmap::of(&map, *at)).expect("attach")
    };
    let links = programs.iter().map(attach).collect();
    Stage {
        sockets: SocketMap::new(map).expect("a map of sockets"),
        _links: links,
    }
}

/// Text that notes how many bytes there are, and the first one, which is in r7 then.
fn seen() -> String {
    let note = Record::note("r7");
    format!(
        "r7 = *(u32 *)(r6 + 0)
         {note}
         r7 = 0
         *(u64 *)(r10 - 16) = r7
         r1 = r6
         r2 = 0
         r3 = r10
         r3 += -16
         r4 = 1
         call bpf_skb_load_bytes
         r7 = *(u8 *)(r10 - 16)
         {note}\n"
    )
}

/// Who gets what another socket is sent.
fn put(stage: &Stage, key: u32, pair: &Pair<'_>) {
    stage
        .sockets
        .upsert(&key, pair.far.descriptor())
        .expect("insert");
}

suite! { ($) sk_skb, __conformance_sk_skb;
    fn what_is_received_passes_or_is_dropped(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        for at in [STREAM, VERDICT] {
            let listener = listener(&*group);
            let record = Record::new(t);
            let text = format!("{}r0 = 1\nif r7 != 0x78 goto +1\nr0 = 0", seen());
            let stage = stage(t, MapType::SOCKMAP, &record, &[(at, &text)]);
            let pair = pair(&*group, &*listener);
            put(&stage, 0, &pair);
            assert_eq!(pair.near.send(b"passes"), Ok(6));
            assert_eq!(pair.far.receive(6).expect("receive"), b"passes");
            assert_eq!(pair.near.send(b"x is dropped"), Ok(12));
            assert_eq!(pair.near.send(b"passes again"), Ok(12));
            assert_eq!(pair.far.receive(12).expect("receive"), b"passes again");
            assert_eq!(record.take(), [6, 0x70, 12, 0x78, 12, 0x70], "{at}");
            pair.far.send(b"x").expect("send");
            assert_eq!(pair.near.receive(1).expect("receive"), b"x");
        }
    }

    fn what_is_received_goes_elsewhere(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        for (map_type, helper) in [(MapType::SOCKMAP, "map"), (MapType::SOCKHASH, "hash")] {
            let listener = listener(&*group);
            let record = Record::new(t);
            let key = match map_type {
                MapType::SOCKMAP => "r3 = 1".to_owned(),
                _ => "*(u32 *)(r10 - 4) = 1\nr3 = r10\nr3 += -4".to_owned(),
            };
            // What begins with 'i' is received by the second socket, all else is sent by it.
            let text = format!(
                "{}r8 = 0
                 if r7 != 0x69 goto +1
                 r8 = 1
                 r1 = r6
                 r2 = map_by_idx(1)
                 {key}
                 r4 = r8
                 call bpf_sk_redirect_{helper}", seen());
            let stage = stage(t, map_type, &record, &[(STREAM, &text)]);
            let (one, two) = (pair(&*group, &*listener), pair(&*group, &*listener));
            put(&stage, 0, &one);
            put(&stage, 1, &two);
            assert_eq!(one.near.send(b"out"), Ok(3));
            assert_eq!(two.near.receive(3).expect("receive"), b"out", "{map_type}");
            assert_eq!(one.near.send(b"in"), Ok(2));
            assert_eq!(two.far.receive(2).expect("receive"), b"in", "{map_type}");
            stage.sockets.remove(&1).expect("remove");
            assert_eq!(one.near.send(b"to nobody"), Ok(9));
            put(&stage, 1, &two);
            assert_eq!(one.near.send(b"out"), Ok(3));
            assert_eq!(two.near.receive(3).expect("receive"), b"out", "{map_type}");
        }
    }

    fn bytes_are_pulled_before_they_are_looked_at(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let note = Record::note("r7");
        let look = format!("r7 = *(u32 *)(r6 + 80)\nr2 = *(u32 *)(r6 + 76)\nr7 -= r2\n{note}\n");
        let pull = |bytes: u32| format!("r1 = r6\nr2 = {bytes}\ncall bpf_skb_pull_data\nr7 = r0\n{note}\n");
        let text = format!(
            "{look}{}{look}{}{look}{}{look}
             r2 = *(u32 *)(r6 + 76)
             r3 = *(u32 *)(r6 + 80)
             r4 = r2
             r4 += 2
             if r4 > r3 goto +1
             *(u8 *)(r2 + 1) = 0x7a
             r0 = 1", pull(2), pull(0), pull(9));
        let stage = stage(t, MapType::SOCKMAP, &record, &[(STREAM, &text)]);
        let pair = pair(&*group, &*listener);
        put(&stage, 0, &pair);
        pair.near.send(b"abcdef").expect("send");
        assert_eq!(pair.far.receive(6).expect("receive"), b"azcdef");
        assert_eq!(record.take(), [0, 0, 2, 0, 2, -12i64 as u64, 2]);
    }

    fn a_stream_is_cut_into_messages(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        let parser = format!("{}r0 = 4", seen());
        let verdict = format!("{}r0 = 1", seen());
        let stage = stage(t, MapType::SOCKMAP, &record, &[(PARSER, &parser), (STREAM, &verdict)]);
        let pair = pair(&*group, &*listener);
        put(&stage, 0, &pair);
        let a = u64::from(b'a');
        // A message as it is, in parts, two at once: of these all is seen, wherever the second begins.
        pair.near.send(b"abcd").expect("send");
        assert_eq!(pair.far.receive(4).expect("receive"), b"abcd");
        assert_eq!(record.take(), [4, a, 4, a]);
        pair.near.send(b"ab").expect("send");
        pair.near.send(b"cd").expect("send");
        assert_eq!(pair.far.receive(4).expect("receive"), b"abcd");
        assert_eq!(record.take(), [2, a, 4, a]);
        pair.near.send(b"abcdcdef").expect("send");
        assert_eq!(pair.far.receive(8).expect("receive"), b"abcdcdef");
        assert_eq!(record.take(), [8, a, 8, a, 8, a, 8, a]);
        pair.near.send(b"abcdcd").expect("send");
        pair.near.send(b"ef").expect("send");
        assert_eq!(pair.far.receive(8).expect("receive"), b"abcdcdef");
        // Once it is known how long the second is the parser is not asked again.
        assert_eq!(record.take(), [6, a, 6, a, 6, a, 8, a]);
    }

    fn a_parser_waits_for_more_or_gives_up(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let listener = listener(&*group);
        let record = Record::new(t);
        // Less than 3 bytes say nothing; 'x' is an error.
        let parser = format!(
            "{}r0 = -71
             if r7 == 0x78 goto +3
             r0 = *(u32 *)(r6 + 0)
             if r0 > 2 goto +1
             r0 = 0", seen());
        let stage = stage(t, MapType::SOCKMAP, &record, &[(PARSER, &parser), (STREAM, "r0 = 1")]);
        let pair = pair(&*group, &*listener);
        put(&stage, 0, &pair);
        pair.near.send(b"a").expect("send");
        pair.near.send(b"bcd").expect("send");
        assert_eq!(pair.far.receive(4).expect("receive"), b"abcd");
        assert_eq!(record.take(), [1, 0x61, 4, 0x61]);
        pair.near.send(b"x").expect("send");
        assert_eq!(record.take(), [1, 0x78]);
        pair.near.send(b"abc").expect("send");
        assert_eq!(record.take(), [], "it is asked no more");
    }
}
