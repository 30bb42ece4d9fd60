//! Programs that choose the socket of a packet: `bpf_sk_lookup_run_v4()` in include/linux/filter.h,
//! `netns_bpf_link_attach()` in kernel/bpf/net_namespace.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, code, errno_of, load, map, program, requires, socket, spec, suite,
};
use crate::hook::{Netns, SkAction};
use crate::link::{LinkTarget, LinkType};
use crate::map::{MapType, SocketMap};
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

const LOOKUP: AttachType = AttachType::SK_LOOKUP;
const LOOKUPS: Feature = Feature::ProgramType(ProgramType::SK_LOOKUP);

/// For packets to `port`, chooses the socket under key 0 of the map, if there is one, and gives the verdict.
fn steering(
    t: &dyn Testbed,
    port: u16,
    verdict: SkAction,
    sockets: &SocketMap<u32>,
) -> Arc<dyn Program> {
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
         r0 = {verdict}
         if r7 == 0 goto out
         r1 = r6
         r2 = r7
         r3 = 0
         call bpf_sk_assign
         r1 = r7
         call bpf_sk_release
         r0 = {verdict}
    out: exit",
        verdict = verdict.0
    );
    let mut spec = code(ProgramType::SK_LOOKUP, &text);
    spec.expected_attach_type = Some(LOOKUP);
    load(t, &spec, &[sockets.map()]).unwrap_or_else(|error| panic!("{error:#}"))
}

fn sockets(t: &dyn Testbed) -> SocketMap<u32> {
    SocketMap::new(map(t, &spec(MapType::SOCKMAP, 4, 8, 2))).expect("a map of sockets")
}

suite! { ($) sk_lookup, __conformance_sk_lookup;
    fn it_steers_a_port_to_another_socket(t, case) {
        requires!(t, case, LOOKUPS);
        let (Some(near), Some(one), Some(two)) = (socket(t, case), socket(t, case), socket(t, case)) else { return };
        let sockets = sockets(t);
        sockets.insert(&0, two.descriptor()).expect("insert");
        let steers = steering(t, one.port(), SkAction::PASS, &sockets);
        let link = steers.attach_to(Netns::current(LOOKUP)).expect("attach");
        assert_eq!(link.info().link_type, LinkType::NETNS);
        assert!(matches!(link.info().target, LinkTarget::Netns { attach_type: LOOKUP, .. }), "{:?}", link.info());
        assert_eq!(link.query().expect("query").program, Some(steers.info().id));
        near.send(one.port(), b"steered").expect("send");
        assert_eq!(two.receive(), b"steered");
        near.send(two.port(), b"straight").expect("send");
        assert_eq!(two.receive(), b"straight");
        assert_eq!(sockets.remove(&0), Ok(true));
        near.send(one.port(), b"none chosen").expect("send");
        assert_eq!(one.receive(), b"none chosen");
        link.detach().expect("detach");
        near.send(one.port(), b"detached").expect("send");
        assert_eq!(one.receive(), b"detached");
    }

    fn it_drops(t, case) {
        requires!(t, case, LOOKUPS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let drops = steering(t, far.port(), SkAction::DROP, &sockets(t));
        let link = drops.attach_to(Netns::current(LOOKUP)).expect("attach");
        near.send(far.port(), b"dropped").expect("the sender does not notice");
        drop(link);
        near.send(far.port(), b"kept").expect("send");
        assert_eq!(far.receive(), b"kept");
    }

    fn the_first_choice_of_many_counts_and_beats_a_drop(t, case) {
        requires!(t, case, LOOKUPS);
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let (Some(one), Some(two)) = (socket(t, case), socket(t, case)) else { return };
        let maps = [sockets(t), sockets(t)];
        for (map, socket) in maps.iter().zip([&one, &two]) {
            map.insert(&0, socket.descriptor()).expect("insert");
        }
        let [first, second] = maps.map(|map| steering(t, far.port(), SkAction::PASS, &map));
        let drops = steering(t, far.port(), SkAction::DROP, &sockets(t));
        let _links = [first, second, drops].map(|program| program.attach_to(Netns::current(LOOKUP)).expect("attach"));
        near.send(far.port(), b"chosen twice").expect("send");
        assert_eq!(one.receive(), b"chosen twice");
    }

    fn its_link_is_updated(t, case) {
        requires!(t, case, LOOKUPS);
        let (Some(near), Some(one), Some(two)) = (socket(t, case), socket(t, case), socket(t, case)) else { return };
        let sockets = sockets(t);
        sockets.insert(&0, two.descriptor()).expect("insert");
        let elsewhere = steering(t, near.port(), SkAction::PASS, &sockets);
        let steers = steering(t, one.port(), SkAction::PASS, &sockets);
        let link = elsewhere.attach_to(Netns::current(LOOKUP)).expect("attach");
        assert_eq!(errno_of(link.update(&steers, Some(&steers))), Errno::EPERM);
        link.update(&steers, Some(&elsewhere)).expect("update");
        near.send(one.port(), b"steered").expect("send");
        assert_eq!(two.receive(), b"steered");
        let other = program(t, ProgramType::XDP, "r0 = 2\nexit", &[]);
        assert_eq!(errno_of(link.update(&other, None)), Errno::EINVAL);
    }

    fn other_types_and_hooks_are_einval(t, case) {
        requires!(t, case, LOOKUPS);
        let other = program(t, ProgramType::XDP, "r0 = 2\nexit", &[]);
        assert_eq!(errno_of(other.attach_to(Netns::current(LOOKUP))), Errno::EINVAL);
        let lookup = steering(t, 1, SkAction::PASS, &sockets(t));
        assert_eq!(errno_of(lookup.attach_to(Netns::current(AttachType::XDP))), Errno::EINVAL);
    }
}
