//! Control groups: `__cgroup_bpf_attach()`, `compute_effective_progs()` in kernel/bpf/cgroup.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, cgroup, code, errno_of, load, requires, socket, suite};
use crate::hook::{AttachVia, Cgroup, CgroupMode};
use crate::link::{LinkError, LinkTarget, LinkType};
use crate::program::{AttachType, Program, ProgramError, ProgramExt, ProgramType};
use crate::system::Feature;

const EGRESS: AttachType = AttachType::CGROUP_INET_EGRESS;
const INGRESS: AttachType = AttachType::CGROUP_INET_INGRESS;
const CREATE: AttachType = AttachType::CGROUP_INET_SOCK_CREATE;
const SKB: ProgramType = ProgramType::CGROUP_SKB;

fn returns(
    t: &dyn Testbed,
    program_type: ProgramType,
    at: AttachType,
    value: u32,
) -> Arc<dyn Program> {
    let mut spec = code(program_type, &format!("r0 = {value}\nexit"));
    spec.expected_attach_type = Some(at);
    load(t, &spec, &[]).unwrap_or_else(|error| panic!("{error:#}"))
}

fn allowing(t: &dyn Testbed) -> Arc<dyn Program> {
    returns(t, SKB, EGRESS, 1)
}

fn denying(t: &dyn Testbed) -> Arc<dyn Program> {
    returns(t, SKB, EGRESS, 0)
}

/// The ways to attach that the system has.
fn ways(t: &dyn Testbed) -> Vec<AttachVia> {
    let links = t.system().probe(Feature::Link(LinkType::CGROUP));
    let mut ways = vec![AttachVia::Auto, AttachVia::ProgAttach];
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(AttachVia::Link);
    }
    ways
}

suite! { ($) cgroup, __conformance_cgroup;
    fn what_its_sockets_send_is_denied(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let (Some(group), Some(far)) = (cgroup(t, case), socket(t, case)) else { return };
        let (inside, denies) = (group.socket().expect("a socket"), denying(t));
        for via in ways(t) {
            let link = denies.attach_to(Cgroup::at(group.place(), EGRESS).via(via)).expect("attach");
            assert_eq!(inside.send(far.port(), b"denied"), Err(Errno::EPERM), "{via:?}");
            far.send(far.port(), b"of no cgroup").expect("send");
            assert_eq!(far.receive(), b"of no cgroup");
            link.detach().expect("detach");
            inside.send(far.port(), b"allowed").expect("send");
            assert_eq!(far.receive(), b"allowed");
        }
    }

    fn what_its_sockets_receive_is_denied(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let (Some(group), Some(near)) = (cgroup(t, case), socket(t, case)) else { return };
        let inside = group.socket().expect("a socket");
        let link = returns(t, SKB, INGRESS, 0).attach_to(Cgroup::at(group.place(), INGRESS)).expect("attach");
        near.send(inside.port(), b"denied").expect("the sender does not notice");
        link.detach().expect("detach");
        near.send(inside.port(), b"allowed").expect("send");
        assert_eq!(inside.receive(), b"allowed");
    }

    fn its_tasks_are_denied_sockets(t, case) {
        requires!(t, case, Feature::ProgramType(ProgramType::CGROUP_SOCK));
        let Some(group) = cgroup(t, case) else { return };
        let denies = returns(t, ProgramType::CGROUP_SOCK, CREATE, 0);
        let link = denies.attach_to(Cgroup::at(group.place(), CREATE)).expect("attach");
        assert_eq!(group.socket().err(), Some(Errno::EPERM));
        assert!(socket(t, case).is_some(), "others may");
        drop(link);
        group.socket().expect("allowed again");
    }

    fn all_must_allow_those_of_the_cgroups_above_too(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let (Some(group), Some(far)) = (cgroup(t, case), socket(t, case)) else { return };
        let below = group.child();
        let inside = below.socket().expect("a socket");
        let _here = allowing(t).attach_to(Cgroup::at(below.place(), EGRESS)).expect("attach");
        let _above = allowing(t).attach_to(Cgroup::at(group.place(), EGRESS)).expect("attach");
        inside.send(far.port(), b"all allow it").expect("send");
        assert_eq!(far.receive(), b"all allow it");
        let denies = denying(t).attach_to(Cgroup::at(group.place(), EGRESS)).expect("attach");
        assert_eq!(inside.send(far.port(), b"one does not"), Err(Errno::EPERM));
        denies.detach().expect("detach");
        inside.send(far.port(), b"all allow it").expect("send");
        assert_eq!(far.receive(), b"all allow it");
    }

    fn an_overriding_program_runs_instead_of_the_one_above(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let (Some(group), Some(far)) = (cgroup(t, case), socket(t, case)) else { return };
        let below = group.child();
        let inside = below.socket().expect("a socket");
        let denies = Cgroup::at(group.place(), EGRESS).mode(CgroupMode::Override);
        let _above = denying(t).attach_to(denies).expect("attach");
        assert_eq!(inside.send(far.port(), b"denied"), Err(Errno::EPERM));
        let allows = Cgroup::at(below.place(), EGRESS).mode(CgroupMode::Override);
        let link = allowing(t).attach_to(allows).expect("attach");
        inside.send(far.port(), b"allowed").expect("send");
        assert_eq!(far.receive(), b"allowed");
        link.detach().expect("detach");
        assert_eq!(inside.send(far.port(), b"denied again"), Err(Errno::EPERM));
    }

    fn modes_do_not_mix(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let below = group.child();
        let (one, two) = (allowing(t), allowing(t));
        let modes = [CgroupMode::Multi, CgroupMode::Override, CgroupMode::Single];
        for first in modes {
            let _link = one.attach_to(Cgroup::at(group.place(), EGRESS).mode(first)).expect("attach");
            for second in modes.into_iter().filter(|second| *second != first) {
                let mixed = two.attach_to(Cgroup::at(group.place(), EGRESS).mode(second));
                assert_eq!(errno_of(mixed), Errno::EPERM, "{first} {second}");
            }
            for second in modes {
                let under = two.attach_to(Cgroup::at(below.place(), EGRESS).mode(second));
                match first {
                    CgroupMode::Single => assert_eq!(errno_of(under), Errno::EPERM, "{second}"),
                    _ => under.unwrap_or_else(|error| panic!("{first} {second}: {error}")).detach().expect("detach"),
                }
            }
        }
    }

    fn only_our_own_program_is_detached(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let (ours, theirs) = (allowing(t), allowing(t));
        for mode in [CgroupMode::Override, CgroupMode::Single] {
            let target = || Cgroup::at(group.place(), EGRESS).mode(mode);
            let old = ours.attach_to(target()).expect("attach");
            let new = theirs.attach_to(target()).expect("one takes the place of the other");
            assert_eq!(old.query().expect("query").program, None, "{mode}");
            let error = old.detach().expect_err("not ours");
            assert!(matches!(error, LinkError::NotOurs { found, .. } if found == theirs.info().id), "{error}");
            assert_eq!(new.query().expect("query").program, Some(theirs.info().id), "{mode}");
            new.detach().expect("detach");
        }
    }

    fn a_program_is_there_once_but_by_links(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let program = allowing(t);
        let target = || Cgroup::at(group.place(), EGRESS).via(AttachVia::ProgAttach);
        let link = program.attach_to(target()).expect("attach");
        assert_eq!(errno_of(program.attach_to(target())), Errno::EINVAL);
        link.detach().expect("detach");
        requires!(t, case, Feature::Link(LinkType::CGROUP));
        let _links = [(); 2].map(|()| program.attach_to(Cgroup::at(group.place(), EGRESS)).expect("attach"));
    }

    fn its_link_is_updated(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let (Some(group), Some(far)) = (cgroup(t, case), socket(t, case)) else { return };
        let (allows, denies) = (allowing(t), denying(t));
        let inside = group.socket().expect("a socket");
        for via in ways(t) {
            let link = allows.attach_to(Cgroup::at(group.place(), EGRESS).via(via)).expect("attach");
            assert!(matches!(link.info().target, LinkTarget::Cgroup { attach_type: EGRESS, .. }), "{:?}", link.info());
            assert_eq!(errno_of(link.update(&denies, Some(&denies))), Errno::EPERM, "{via:?}");
            link.update(&denies, Some(&allows)).expect("update");
            assert_eq!(link.query().expect("query").program, Some(denies.info().id), "{via:?}");
            assert_eq!(inside.send(far.port(), b"denied"), Err(Errno::EPERM), "{via:?}");
            let other = returns(t, ProgramType::CGROUP_SOCK, CREATE, 1);
            assert_eq!(errno_of(link.update(&other, None)), Errno::EINVAL, "{via:?}");
        }
    }

    fn an_expected_program_is_replaced(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        let (one, two, three) = (allowing(t), allowing(t), allowing(t));
        let old = one.attach_to(Cgroup::at(group.place(), EGRESS).via(AttachVia::ProgAttach)).expect("attach");
        assert_eq!(errno_of(three.attach_to(Cgroup::at(group.place(), EGRESS).replacing(&two))), Errno::ENOENT);
        let new = two.attach_to(Cgroup::at(group.place(), EGRESS).replacing(&one)).expect("replace");
        assert_eq!(old.query().expect("query").program, None);
        assert_eq!(new.query().expect("query").program, Some(two.info().id));
        old.detach().expect("nothing of ours is left");
        assert_eq!(new.query().expect("query").program, Some(two.info().id));
        let error = three.attach_to(Cgroup::at(group.place(), EGRESS).replacing(&two).via(AttachVia::Link));
        assert!(matches!(error, Err(ProgramError::Target { .. })), "{error:?}");
    }

    fn other_hooks_and_types_are_einval(t, case) {
        requires!(t, case, Feature::ProgramType(SKB));
        let Some(group) = cgroup(t, case) else { return };
        for wrong in [CREATE, AttachType::CGROUP_DEVICE, AttachType::XDP] {
            assert_eq!(errno_of(allowing(t).attach_to(Cgroup::at(group.place(), wrong))), Errno::EINVAL, "{wrong}");
        }
    }
}
