//! Reuseport groups: `reuseport_select_sock()` in net/core/sock_reuseport.c, kernel/bpf/reuseport_array.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, code, errno_of, load, map, program, requires, shared_socket, socket, spec, suite,
};
use crate::hook::{Reuseport, SkAction};
use crate::link::LinkTarget;
use crate::map::{Map, MapType, SocketMap};
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

fn choosing(t: &dyn Testbed, number: u32) -> Arc<dyn Program> {
    program(
        t,
        ProgramType::SOCKET_FILTER,
        &format!("r0 = {number}\nexit"),
        &[],
    )
}

/// Chooses the socket under key 1 of the map.
fn selecting(t: &dyn Testbed, verdict: SkAction, map: &dyn Map) -> Arc<dyn Program> {
    let text = format!(
        "*(u32 *)(r10 - 4) = 1
         r2 = map_by_idx(0)
         r3 = r10
         r3 += -4
         r4 = 0
         call bpf_sk_select_reuseport
         r0 = {}
         exit",
        verdict.0
    );
    let mut spec = code(ProgramType::SK_REUSEPORT, &text);
    spec.expected_attach_type = Some(AttachType::SK_REUSEPORT_SELECT);
    load(t, &spec, &[map]).unwrap_or_else(|error| panic!("{error:#}"))
}

suite! { ($) reuseport, __conformance_reuseport;
    fn the_socket_of_the_number_gets_it(t, case) {
        let (Some(near), Some(one)) = (socket(t, case), shared_socket(t, case, 0)) else { return };
        let Some(two) = shared_socket(t, case, one.port()) else { return };
        for (number, far) in [(0, &one), (1, &two), (0, &one)] {
            // Any socket of the group names it.
            let link = choosing(t, number).attach_to(Reuseport::on(two.descriptor())).expect("attach");
            for _ in 0..4 {
                near.send(one.port(), &[number as u8]).expect("send");
                assert_eq!(far.receive(), [number as u8]);
            }
            link.detach().expect("detach");
        }
    }

    fn its_program_is_updated_and_known(t, case) {
        let (Some(near), Some(one)) = (socket(t, case), shared_socket(t, case, 0)) else { return };
        let Some(two) = shared_socket(t, case, one.port()) else { return };
        let (first, second) = (choosing(t, 0), choosing(t, 1));
        let link = first.attach_to(Reuseport::on(one.descriptor())).expect("attach");
        assert!(matches!(link.info().target, LinkTarget::Reuseport { .. }), "{:?}", link.info());
        assert_eq!(link.query().expect("query").program, Some(first.info().id));
        assert_eq!(errno_of(link.update(&second, Some(&second))), Errno::EPERM);
        link.update(&second, Some(&first)).expect("update");
        near.send(one.port(), b"to the second").expect("send");
        assert_eq!(two.receive(), b"to the second");
        link.forget();
        near.send(one.port(), b"still").expect("send");
        assert_eq!(two.receive(), b"still");
    }

    fn a_program_chooses_from_a_map_until_it_is_detached(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SK_REUSEPORT));
        let (Some(near), Some(one)) = (socket(t, case), shared_socket(t, case, 0)) else { return };
        let Some(two) = shared_socket(t, case, one.port()) else { return };
        let map = map(t, &spec(MapType::REUSEPORT_SOCKARRAY, 4, 8, 4));
        let sockets = SocketMap::<u32>::new(map).expect("a map of sockets");
        sockets.insert(&1, two.descriptor()).expect("insert");
        assert_eq!(errno_of(sockets.insert(&1, one.descriptor())), Errno::EEXIST);
        assert_eq!(errno_of(sockets.update(&2, one.descriptor())), Errno::ENOENT);
        assert_eq!(errno_of(sockets.upsert(&2, two.descriptor())), Errno::EBUSY, "it is in a map");
        let passes = selecting(t, SkAction::PASS, sockets.map());
        let link = passes.attach_to(Reuseport::on(one.descriptor())).expect("attach");
        near.send(one.port(), b"chosen").expect("send");
        assert_eq!(two.receive(), b"chosen");
        link.detach().expect("detach");
        assert_eq!(sockets.remove(&1), Ok(true));
        assert_eq!(sockets.remove(&1), Ok(false));
    }

    fn a_socket_is_in_one_map_once(t, case) {
        requires!(t, case, Feature::MapType(MapType::REUSEPORT_SOCKARRAY));
        let (Some(one), Some(two)) = (shared_socket(t, case, 0), shared_socket(t, case, 0)) else { return };
        let array = || SocketMap::<u32>::new(map(t, &spec(MapType::REUSEPORT_SOCKARRAY, 4, 8, 4))).expect("sockets");
        let (near, far) = (array(), array());
        near.insert(&1, one.descriptor()).expect("insert");
        assert_eq!(errno_of(far.upsert(&0, one.descriptor())), Errno::EBUSY, "in another map");
        assert_eq!(errno_of(near.upsert(&1, one.descriptor())), Errno::EBUSY, "in its own place");
        near.update(&1, two.descriptor()).expect("a place that is taken");
        far.insert(&0, one.descriptor()).expect("what was replaced is free");
        assert_eq!(errno_of(near.insert(&1, one.descriptor())), Errno::EEXIST, "the place is looked at first");
        let sockmap = SocketMap::<u32>::new(map(t, &spec(MapType::SOCKMAP, 4, 8, 4))).expect("sockets");
        assert_eq!(errno_of(sockmap.upsert(&0, one.descriptor())), Errno::EBUSY, "in a map of a group");
        assert_eq!(far.remove(&0), Ok(true));
        sockmap.upsert(&0, one.descriptor()).expect("free again");
        assert_eq!(errno_of(far.upsert(&0, one.descriptor())), Errno::EBUSY, "in a map that redirects");
    }

    fn a_program_drops_until_it_is_detached(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::SK_REUSEPORT));
        let (Some(near), Some(far)) = (socket(t, case), shared_socket(t, case, 0)) else { return };
        let map = map(t, &spec(MapType::REUSEPORT_SOCKARRAY, 4, 4, 4));
        let sockets = SocketMap::<u32>::new(map).expect("a map of sockets");
        sockets.insert(&1, far.descriptor()).expect("insert");
        let drops = selecting(t, SkAction::DROP, sockets.map());
        let link = drops.attach_to(Reuseport::on(far.descriptor())).expect("attach");
        near.send(far.port(), b"dropped").expect("the sender does not notice");
        link.detach().expect("detach");
        near.send(far.port(), b"kept").expect("send");
        assert_eq!(far.receive(), b"kept");
    }

    fn a_socket_that_shares_nothing_is_refused(t, case) {
        let Some(alone) = socket(t, case) else { return };
        assert_eq!(errno_of(choosing(t, 0).attach_to(Reuseport::on(alone.descriptor()))), Errno::EINVAL);
        requires!(t, case, Feature::MapType(MapType::REUSEPORT_SOCKARRAY));
        let map = map(t, &spec(MapType::REUSEPORT_SOCKARRAY, 4, 4, 4));
        let sockets = SocketMap::<u32>::new(map).expect("a map of sockets");
        assert_eq!(errno_of(sockets.upsert(&0, alone.descriptor())), Errno::EINVAL);
    }

    fn a_program_of_another_type_is_einval(t, case) {
        let Some(far) = shared_socket(t, case, 0) else { return };
        let other = program(t, ProgramType::XDP, "r0 = 2\nexit", &[]);
        assert_eq!(errno_of(other.attach_to(Reuseport::on(far.descriptor()))), Errno::EINVAL);
    }
}
