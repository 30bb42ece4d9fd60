//! Maps of sockets and their programs: net/core/sock_map.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, errno_of, map, program, requires, socket, spec, suite};
use crate::hook::{AttachVia, SkAction, Sockmap};
use crate::link::{LinkError, LinkTarget, LinkType};
use crate::map::{MapType, SocketMap};
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

const MSG: AttachType = AttachType::SK_MSG_VERDICT;
const MAPS: [MapType; 2] = [MapType::SOCKMAP, MapType::SOCKHASH];

fn passing(t: &dyn Testbed, program_type: ProgramType) -> Arc<dyn Program> {
    program(
        t,
        program_type,
        &format!("r0 = {}\nexit", SkAction::PASS.0),
        &[],
    )
}

/// The ways to attach that the system has.
fn ways(t: &dyn Testbed) -> Vec<AttachVia> {
    let links = t.system().probe(Feature::Link(LinkType::SOCKMAP));
    let mut ways = vec![AttachVia::Auto, AttachVia::ProgAttach];
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(AttachVia::Link);
    }
    ways
}

suite! { ($) sockmap, __conformance_sockmap;
    fn it_holds_sockets_by_key(t, case) {
        let (Some(one), Some(two)) = (socket(t, case), socket(t, case)) else { return };
        for map_type in MAPS {
            let sockets = SocketMap::<u32>::new(map(t, &spec(map_type, 4, 8, 2))).expect("a map of sockets");
            assert_eq!(sockets.cookie(&0), Ok(None), "{map_type}");
            assert_eq!(errno_of(sockets.update(&0, one.descriptor())), Errno::ENOENT, "{map_type}");
            sockets.insert(&0, one.descriptor()).expect("insert");
            assert_eq!(errno_of(sockets.insert(&0, two.descriptor())), Errno::EEXIST, "{map_type}");
            let cookie = sockets.cookie(&0).expect("cookie").expect("a socket");
            sockets.update(&0, two.descriptor()).expect("update");
            let other = sockets.cookie(&0).expect("cookie").expect("a socket");
            assert_ne!(cookie, other, "{map_type}");
            sockets.upsert(&1, one.descriptor()).expect("upsert");
            assert_eq!(sockets.cookie(&1), Ok(Some(cookie)), "{map_type}");
            assert_eq!(errno_of(sockets.upsert(&2, one.descriptor())), Errno::E2BIG, "{map_type}");
            assert_eq!(sockets.remove(&0), Ok(true), "{map_type}");
            assert_eq!(sockets.remove(&0), Ok(false), "{map_type}");
            assert_eq!(sockets.cookie(&0), Ok(None), "{map_type}");
        }
    }

    fn a_socket_that_is_closed_leaves_it(t, case) {
        let Some(far) = socket(t, case) else { return };
        for map_type in MAPS {
            let sockets = SocketMap::<u32>::new(map(t, &spec(map_type, 4, 8, 2))).expect("a map of sockets");
            let Some(gone) = socket(t, case) else { return };
            sockets.insert(&0, gone.descriptor()).expect("insert");
            sockets.insert(&1, far.descriptor()).expect("insert");
            drop(gone);
            assert_eq!(sockets.cookie(&0), Ok(None), "{map_type}");
            assert!(sockets.cookie(&1).expect("cookie").is_some(), "{map_type}");
            assert_eq!(sockets.remove(&1), Ok(true), "{map_type}");
        }
    }

    fn a_socket_may_be_in_many_places(t, case) {
        let (Some(one), Some(two)) = (socket(t, case), socket(t, case)) else { return };
        let of = |map_type| SocketMap::<u32>::new(map(t, &spec(map_type, 4, 8, 4))).expect("a map of sockets");
        let all: Vec<_> = MAPS.into_iter().chain(MAPS).map(of).collect();
        for sockets in &all {
            sockets.insert(&0, one.descriptor()).expect("in another map");
            sockets.insert(&1, one.descriptor()).expect("in another place");
            sockets.update(&1, one.descriptor()).expect("in its own place");
            assert_eq!(sockets.cookie(&0), sockets.cookie(&1));
            sockets.update(&0, two.descriptor()).expect("a place that is taken");
            assert_ne!(sockets.cookie(&0), sockets.cookie(&1));
        }
        for sockets in &all {
            assert_eq!((sockets.remove(&0), sockets.remove(&1)), (Ok(true), Ok(true)));
        }
    }

    fn only_maps_of_sockets_are_ones(t) {
        let numbers = map(t, &spec(MapType::HASH, 4, 4, 2));
        assert!(SocketMap::<u32>::new(numbers.clone()).is_err());
        let error = passing(t, ProgramType::SK_MSG).attach_to(Sockmap::of(&numbers, MSG)).expect_err("no sockets");
        assert!(matches!(error.errno(), Some(Errno::EINVAL | Errno::EOPNOTSUPP)), "{error}");
        assert!(SocketMap::<u64>::new(map(t, &spec(MapType::SOCKMAP, 4, 4, 2))).is_err(), "keys have 4 bytes");
    }

    fn it_has_one_program_of_a_kind(t, case) {
        requires!(t, case, Feature::Link(LinkType::SOCKMAP));
        let (one, two) = (passing(t, ProgramType::SK_MSG), passing(t, ProgramType::SK_MSG));
        for map_type in MAPS {
            for via in ways(t) {
                let map = map(t, &spec(map_type, 4, 4, 2));
                let link = one.attach_to(Sockmap::of(&map, MSG).via(via)).expect("attach");
                assert_eq!(link.info().target, LinkTarget::Sockmap { map_id: map.info().id.0, attach_type: MSG });
                assert_eq!(link.query().expect("query").program, Some(one.info().id));
                for other in ways(t) {
                    let busy = two.attach_to(Sockmap::of(&map, MSG).via(other));
                    assert_eq!(errno_of(busy), Errno::EBUSY, "{map_type} {via:?} {other:?}");
                }
                assert_eq!(errno_of(link.update(&two, Some(&two))), Errno::EPERM, "{map_type} {via:?}");
                link.update(&two, Some(&one)).expect("update");
                assert_eq!(link.query().expect("query").program, Some(two.info().id), "{map_type} {via:?}");
                link.detach().expect("detach");
                drop(one.attach_to(Sockmap::of(&map, MSG).via(via)).expect("attach again"));
                one.attach_to(Sockmap::of(&map, MSG).via(via)).expect("and again").detach().expect("detach");
            }
        }
    }

    fn only_our_own_program_is_detached(t, case) {
        requires!(t, case, Feature::Link(LinkType::SOCKMAP));
        let map = map(t, &spec(MapType::SOCKMAP, 4, 4, 2));
        let (ours, theirs) = (passing(t, ProgramType::SK_MSG), passing(t, ProgramType::SK_MSG));
        let old = ours.attach_to(Sockmap::of(&map, MSG).via(AttachVia::ProgAttach)).expect("attach");
        let new = theirs.attach_to(Sockmap::of(&map, MSG).replacing_any()).expect("replace");
        assert_eq!(old.query().expect("query").program, None);
        let error = old.detach().expect_err("not ours");
        assert!(matches!(error, LinkError::NotOurs { found, .. } if found == theirs.info().id), "{error}");
        assert_eq!(new.query().expect("query").program, Some(theirs.info().id));
    }

    fn kinds_of_programs_have_hooks_of_their_own(t) {
        let map = map(t, &spec(MapType::SOCKMAP, 4, 4, 2));
        let (msg, skb) = (passing(t, ProgramType::SK_MSG), passing(t, ProgramType::SK_SKB));
        let _message = msg.attach_to(Sockmap::of(&map, MSG)).expect("attach");
        let _parser = skb.attach_to(Sockmap::of(&map, AttachType::SK_SKB_STREAM_PARSER)).expect("attach");
        let _verdict = skb.attach_to(Sockmap::of(&map, AttachType::SK_SKB_STREAM_VERDICT)).expect("attach");
        for (program, attach_type) in [(&msg, AttachType::SK_SKB_STREAM_VERDICT), (&skb, MSG), (&skb, AttachType::XDP)] {
            let other = self::map(t, &spec(MapType::SOCKMAP, 4, 4, 2));
            assert_eq!(errno_of(program.attach_to(Sockmap::of(&other, attach_type))), Errno::EINVAL, "{attach_type}");
        }
    }
}
