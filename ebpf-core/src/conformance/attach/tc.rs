//! Classifiers in an interface's traffic control, by TCX and by netlink: `cls_bpf_change()` in net/sched/cls_bpf.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Foreign, Testbed, errno_of, program, suite};
use crate::hook::{Interface, Tc, TcAction, TcDirection, TcVia};
use crate::link::{Link, LinkError, LinkTarget, LinkType};
use crate::program::{Program, ProgramError, ProgramExt, ProgramId, ProgramType};
use crate::system::Feature;

pub(super) const DIRECTIONS: [TcDirection; 2] = [TcDirection::Ingress, TcDirection::Egress];

/// The ways to attach that the system has. A kernel may be built without filters.
pub(super) fn ways(t: &dyn Testbed) -> Vec<TcVia> {
    let mut ways = Vec::new();
    let tried = classifier(t).attach_to(near(t, TcDirection::Ingress).via(TcVia::Netlink));
    if !matches!(&tried, Err(error) if error.errno() == Some(Errno::ENOENT)) {
        tried.expect("attach").detach().expect("detach");
        ways.push(TcVia::Netlink);
    }
    let links = t.system().probe(Feature::Link(LinkType::TCX));
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(TcVia::Tcx);
    }
    ways
}

/// Whether the system has filters; if not, the case is skipped aloud.
fn has_filters(t: &dyn Testbed, case: &str) -> bool {
    let has = ways(t).contains(&TcVia::Netlink);
    if !has {
        t.skip(case, "this kernel has no clsact or no cls_bpf");
    }
    has
}

/// The interfaces of the test bed.
pub(super) fn interface(t: &dyn Testbed, which: usize) -> Interface {
    t.interfaces().swap_remove(which)
}

pub(super) fn near(t: &dyn Testbed, direction: TcDirection) -> Tc<'static> {
    Tc::new(interface(t, 0), direction)
}

pub(super) fn netlink(t: &dyn Testbed) -> Tc<'static> {
    near(t, TcDirection::Ingress).via(TcVia::Netlink)
}

/// TCX at ingress.
pub(super) fn tcx(t: &dyn Testbed) -> Tc<'static> {
    near(t, TcDirection::Ingress).via(TcVia::Tcx)
}

pub(super) fn verdict(
    t: &dyn Testbed,
    program_type: ProgramType,
    verdict: TcAction,
) -> Arc<dyn Program> {
    program(
        t,
        program_type,
        &format!("r0 = {}\nexit", verdict.0 as i32),
        &[],
    )
}

pub(super) fn classifier(t: &dyn Testbed) -> Arc<dyn Program> {
    verdict(t, ProgramType::SCHED_CLS, TcAction::UNSPEC)
}

/// The program that runs there according to the link.
pub(super) fn running(link: &dyn Link) -> Option<ProgramId> {
    link.query().expect("query").program
}

/// The priority and the handle of a filter.
fn place(link: &dyn Link) -> (u16, u32) {
    match link.info().target {
        LinkTarget::TcFilter {
            priority, handle, ..
        } => (priority, handle),
        ref other => panic!("no filter: {other}"),
    }
}

suite! { ($) tc, __conformance_tc;
    fn it_attaches_and_detaches(t) {
        let program = classifier(t);
        for via in ways(t) {
            for direction in DIRECTIONS {
                for _ in 0..2 {
                    let link = program.attach_to(near(t, direction).via(via));
                    let link = link.unwrap_or_else(|error| panic!("{via:?} {direction}: {error}"));
                    assert_eq!(running(&*link), Some(program.info().id), "{via:?} {direction}");
                    link.detach().unwrap_or_else(|error| panic!("{via:?} {direction}: {error}"));
                }
            }
        }
    }

    fn one_call_takes_what_there_is(t, case) {
        if ways(t).is_empty() {
            return t.skip(case, "this kernel has no filters and no TCX");
        }
        for direction in DIRECTIONS {
            let program = classifier(t);
            let link = program.attach_to(near(t, direction)).expect("attach");
            assert_eq!(link.info().id.is_some(), ways(t).contains(&TcVia::Tcx));
            link.detach().expect("detach");
        }
    }

    fn several_programs_share_a_direction(t) {
        for via in ways(t) {
            let programs = [classifier(t), classifier(t), classifier(t)];
            let links = programs.each_ref().map(|program| program.attach_to(near(t, TcDirection::Egress).via(via)).expect("attach"));
            let [first, second, third] = links;
            second.detach().expect("detach");
            assert_eq!(running(&*first), Some(programs[0].info().id), "{via:?}");
            assert_eq!(running(&*third), Some(programs[2].info().id), "{via:?}");
            first.detach().expect("detach");
            third.detach().expect("detach");
        }
    }

    fn a_filter_for_each_time_a_program_is_attached(t, case) {
        if !has_filters(t, case) { return; }
        let program = classifier(t);
        let one = program.attach_to(netlink(t).priority(4)).expect("attach");
        let two = program.attach_to(netlink(t).priority(4)).expect("attach again");
        assert_eq!((place(&*one).0, place(&*two).0), (4, 4));
        assert_ne!(place(&*one).1, place(&*two).1);
        one.detach().expect("detach");
        assert_eq!(running(&*two), Some(program.info().id));
    }

    fn a_filter_is_where_it_is_told_to_be(t, case) {
        if !has_filters(t, case) { return; }
        let (one, two) = (classifier(t), classifier(t));
        let link = one.attach_to(netlink(t).priority(7).handle(0x1600).protocol(0x0800)).expect("attach");
        let LinkTarget::TcFilter { ifindex, direction, priority, handle, protocol } = link.info().target else {
            panic!("{:?}", link.info())
        };
        assert_ne!(ifindex, 0);
        assert_eq!((direction, priority, handle, protocol), (TcDirection::Ingress, 7, 0x1600, 0x0800));
        assert_eq!(link.query().expect("query").target, link.info().target);
        let taken = two.attach_to(netlink(t).priority(7).handle(0x1600).protocol(0x0800));
        assert_eq!(errno_of(taken), Errno::EEXIST);
        let other_protocol = two.attach_to(netlink(t).priority(7).protocol(0x86dd));
        assert_eq!(errno_of(other_protocol), Errno::EINVAL);
        for free in [
            netlink(t).priority(7).handle(0x1601).protocol(0x0800),
            netlink(t).priority(8).handle(0x1600),
            near(t, TcDirection::Egress).priority(7).handle(0x1600),
        ] {
            two.attach_to(free).expect("nothing is there").detach().expect("detach");
        }
    }

    fn where_nothing_is_said_the_newest_filter_is_asked_first(t, case) {
        if !has_filters(t, case) { return; }
        let program = classifier(t);
        let links = [(); 3].map(|()| program.attach_to(netlink(t)).expect("attach"));
        let [first, second, third] = links.each_ref().map(|link| place(&**link).0);
        assert!(first > second && second > third, "{first} {second} {third}");
    }

    fn an_expected_program_is_replaced(t, case) {
        if !has_filters(t, case) { return; }
        let (one, two) = (classifier(t), classifier(t));
        let old = one.attach_to(netlink(t)).expect("attach");
        let new = two.attach_to(netlink(t).replacing(&*one)).expect("replace");
        assert_eq!(place(&*new), place(&*old));
        assert_eq!((running(&*new), running(&*old)), (Some(two.info().id), None));
        assert_eq!(errno_of(two.attach_to(netlink(t).replacing(&*one))), Errno::ENOENT);
        let error = old.detach().expect_err("not ours any more");
        assert!(matches!(error, LinkError::NotOurs { found, .. } if found == two.info().id), "{error}");
        assert_eq!(running(&*new), Some(two.info().id));
        new.detach().expect("detach");
    }

    fn whatever_is_in_a_place_is_replaced(t, case) {
        if !has_filters(t, case) { return; }
        let (one, two) = (classifier(t), classifier(t));
        let target = || netlink(t).priority(3).handle(3);
        one.attach_to(target().replacing_any()).expect("nothing was there").forget();
        let new = two.attach_to(target().replacing_any()).expect("replace");
        assert_eq!(running(&*new), Some(two.info().id));
        new.detach().expect("detach");
        one.attach_to(target()).expect("nothing is there").detach().expect("detach");
    }

    fn a_program_is_replaced_by_its_link(t) {
        for via in ways(t) {
            let [one, two, three] = [(); 3].map(|()| classifier(t));
            let link = one.attach_to(near(t, TcDirection::Ingress).via(via)).expect("attach");
            link.update(&two, None).expect("update");
            assert_eq!(running(&*link), Some(two.info().id), "{via:?}");
            assert_eq!(errno_of(link.update(&three, Some(&one))), Errno::EPERM, "{via:?}");
            link.update(&three, Some(&two)).expect("update");
            assert_eq!(running(&*link), Some(three.info().id), "{via:?}");
            let filter = program(t, ProgramType::SOCKET_FILTER, "r0 = 1\nexit", &[]);
            assert_eq!(errno_of(link.update(&filter, None)), Errno::EINVAL, "{via:?}");
            let foreign = Foreign(two.clone());
            let error = link.update(&foreign, None).expect_err("foreign");
            assert!(matches!(error, LinkError::Foreign(_)), "{error}");
            assert_eq!(running(&*link), Some(three.info().id), "{via:?}");
            link.detach().expect("what it was updated to is its own");
        }
    }

    fn dropping_detaches(t) {
        for via in ways(t) {
            let target = || match via {
                TcVia::Netlink => near(t, TcDirection::Egress).priority(1).handle(1),
                via => near(t, TcDirection::Egress).via(via),
            };
            let program = classifier(t);
            let link = program.attach_to(target()).expect("attach");
            assert_eq!(errno_of(program.attach_to(target())), Errno::EEXIST, "{via:?}");
            drop(link);
            program.attach_to(target()).expect("nothing is there").detach().expect("detach");
        }
    }

    fn forgetting_leaves_it_attached(t) {
        for via in ways(t) {
            let program = classifier(t);
            program.attach_to(near(t, TcDirection::Egress).via(via)).expect("attach").forget();
            let id = program.info().id;
            drop(program);
            assert_eq!(t.system().program_by_id(id).expect("the interface has it").info().id, id, "{via:?}");
        }
    }

    fn a_link_keeps_its_program(t) {
        for via in ways(t) {
            let program = classifier(t);
            let id = program.info().id;
            let link = program.attach_to(near(t, TcDirection::Ingress).via(via)).expect("attach");
            drop(program);
            assert_eq!(running(&*link), Some(id), "{via:?}");
            link.detach().expect("detach");
        }
    }

    fn one_program_on_many_interfaces(t) {
        let program = classifier(t);
        for via in ways(t) {
            let links = [0, 1].map(|which| {
                DIRECTIONS.map(|direction| {
                    program.attach_to(Tc::new(interface(t, which), direction).via(via)).expect("attach")
                })
            });
            for link in links.iter().flatten() {
                assert_eq!(running(&**link), Some(program.info().id), "{via:?}");
            }
            for link in links.into_iter().flatten() {
                link.detach().expect("detach");
            }
        }
    }

    fn an_interface_that_is_not_there_is_named(t) {
        let program = classifier(t);
        for via in ways(t) {
            let error = program.attach_to(Tc::ingress("no-such-if0").via(via)).expect_err("no such interface");
            assert_eq!(error.errno(), Some(Errno::ENODEV), "{via:?}");
            assert!(error.to_string().contains("TC ingress of interface `no-such-if0`"), "{error}");
            let error = program.attach_to(Tc::egress(4_000_000).via(via)).expect_err("no such index");
            assert_eq!(error.errno(), Some(Errno::ENODEV), "{via:?}");
            assert!(error.to_string().contains("interface 4000000"), "{error}");
        }
    }

    fn after_a_failed_attach_a_good_one_works(t) {
        let filter = program(t, ProgramType::SOCKET_FILTER, "r0 = 1\nexit", &[]);
        let program = classifier(t);
        for via in ways(t) {
            let target = || near(t, TcDirection::Ingress).via(via);
            assert_eq!(errno_of(filter.attach_to(target())), Errno::EINVAL, "{via:?}");
            assert_eq!(errno_of(program.attach_to(Tc::ingress("no-such-if0").via(via))), Errno::ENODEV, "{via:?}");
            program.attach_to(target()).expect("attach").detach().expect("detach");
        }
    }

    fn contradictions_are_refused_before_anything_is_asked(t) {
        let program = classifier(t);
        for target in [
            near(t, TcDirection::Ingress).priority(1).first(),
            tcx(t).direct_action(false),
            netlink(t).last(),
            netlink(t).replacing_any(),
            netlink(t).name("a\0b"),
            netlink(t).name("x".repeat(257)),
        ] {
            let error = program.attach_to(target).expect_err("a contradiction");
            assert!(matches!(error, ProgramError::Target { .. }), "{error:?}");
            assert_eq!(error.errno(), None);
        }
    }

    fn an_expected_program_of_another_system_is_refused(t, case) {
        if !has_filters(t, case) { return; }
        let (one, two) = (classifier(t), classifier(t));
        let foreign = Foreign(one.clone());
        let link = one.attach_to(netlink(t)).expect("attach");
        let error = two.attach_to(netlink(t).replacing(&foreign)).expect_err("foreign");
        assert!(matches!(error, ProgramError::Foreign { .. }), "{error}");
        assert_eq!(running(&*link), Some(one.info().id));
    }

    fn a_filter_is_no_link_object(t, case) {
        if !has_filters(t, case) { return; }
        let link = classifier(t).attach_to(netlink(t)).expect("attach");
        assert_eq!((link.info().link_type, link.info().id), (LinkType::UNSPEC, None));
        assert!(link.handle().is_none());
        let error = link.pin(&t.pins().join("filter")).expect_err("nothing to pin");
        assert!(matches!(error, LinkError::Unsupported { .. }), "{error}");
    }
}
