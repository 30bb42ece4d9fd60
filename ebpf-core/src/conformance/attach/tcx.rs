//! What only TCX has: links, an order, revisions. `tcx_link_attach()` in kernel/bpf/tcx.c, `bpf_mprog_attach()` in
//! kernel/bpf/mprog.c.

use super::tc::{classifier, near, running, tcx};
use crate::Errno;
use crate::conformance::{Foreign, errno_of, program, requires, suite};
use crate::hook::{TcDirection, TcVia};
use crate::link::{LinkTarget, LinkType};
use crate::program::{AttachType, Program, ProgramError, ProgramExt, ProgramId, ProgramType};
use crate::system::{Feature, Pinned};

suite! { ($) tcx, __conformance_tcx;
    fn it_is_a_link_to_a_direction(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let program = classifier(t);
        for (direction, attach_type) in [(TcDirection::Ingress, AttachType::TCX_INGRESS), (TcDirection::Egress, AttachType::TCX_EGRESS)] {
            let link = program.attach_to(near(t, direction).via(TcVia::Tcx)).expect("attach");
            assert_eq!(link.info().link_type, LinkType::TCX);
            let LinkTarget::Interface { ifindex, attach_type: found } = link.info().target else {
                panic!("{:?}", link.info())
            };
            assert!(ifindex != 0 && found == attach_type);
            let again = t.system().link_by_id(link.info().id.expect("an id")).expect("by id");
            assert_eq!((&again.info().target, running(&*again)), (&link.info().target, Some(program.info().id)));
        }
    }

    fn a_direction_runs_a_program_once(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let (one, two) = (classifier(t), classifier(t));
        let _one = one.attach_to(tcx(t)).expect("attach");
        assert_eq!(errno_of(one.attach_to(tcx(t))), Errno::EEXIST);
        let other = two.attach_to(tcx(t)).expect("another program");
        assert_eq!(errno_of(other.update(&one, None)), Errno::EEXIST);
        let _other = one.attach_to(near(t, TcDirection::Egress).via(TcVia::Tcx)).expect("the other direction");
    }

    fn before_and_after_what_is_there(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let [anchor, a, b, c, d, e] = [(); 6].map(|()| classifier(t));
        let link = anchor.attach_to(tcx(t)).expect("attach");
        let id = link.info().id.expect("an id");
        let attached = [
            a.attach_to(tcx(t).before(&link)),
            b.attach_to(tcx(t).after(&anchor)),
            c.attach_to(tcx(t).before(id)),
            d.attach_to(tcx(t).after(anchor.info().id)),
            e.attach_to(tcx(t).first()),
        ];
        let links = attached.map(|link| link.expect("attach"));
        for (link, program) in links.iter().zip([a, b, c, d, e]) {
            assert_eq!(running(&**link), Some(program.info().id));
        }
    }

    fn what_is_not_there_is_no_anchor(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let [here, elsewhere, new] = [(); 3].map(|()| classifier(t));
        let _here = here.attach_to(tcx(t)).expect("attach");
        let link = elsewhere.attach_to(near(t, TcDirection::Egress).via(TcVia::Tcx)).expect("attach");
        assert_eq!(errno_of(new.attach_to(tcx(t).before(&elsewhere))), Errno::ENOENT);
        assert_eq!(errno_of(new.attach_to(tcx(t).after(&link))), Errno::ENOENT);
        assert_eq!(errno_of(new.attach_to(tcx(t).after(ProgramId(u32::MAX)))), Errno::ENOENT);
        let filter = program(t, ProgramType::SOCKET_FILTER, "r0 = 1\nexit", &[]);
        assert_eq!(errno_of(new.attach_to(tcx(t).after(&filter))), Errno::EINVAL);
    }

    fn an_anchor_of_another_system_is_refused(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let foreign = Foreign(classifier(t));
        let anchor: &dyn Program = &foreign;
        let error = classifier(t).attach_to(tcx(t).before(anchor)).expect_err("foreign");
        assert!(matches!(error, ProgramError::Foreign { .. }), "{error}");
    }

    fn a_revision_counts_the_changes(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let [one, two, three] = [(); 3].map(|()| classifier(t));
        assert_eq!(errno_of(one.attach_to(tcx(t).expected_revision(2))), Errno::ESTALE);
        let first = one.attach_to(tcx(t).expected_revision(1)).expect("nothing has changed yet");
        assert_eq!(errno_of(two.attach_to(tcx(t).expected_revision(1))), Errno::ESTALE);
        let _second = two.attach_to(tcx(t).expected_revision(2)).expect("attach");
        first.detach().expect("detach");
        assert_eq!(errno_of(three.attach_to(tcx(t).expected_revision(3))), Errno::ESTALE);
        let _third = three.attach_to(tcx(t).expected_revision(4)).expect("attach");
    }

    fn sixty_three_programs_and_no_more(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let links: Vec<_> = (0..63).map(|_| classifier(t).attach_to(tcx(t)).expect("attach")).collect();
        let one_more = classifier(t);
        assert_eq!(errno_of(one_more.attach_to(tcx(t))), Errno::ERANGE);
        drop(links);
        let _link = one_more.attach_to(tcx(t)).expect("attach");
    }

    fn it_is_pinned_and_found_again(t, case) {
        requires!(t, case, Feature::Link(LinkType::TCX));
        let program = classifier(t);
        let path = t.pins().join("tcx");
        let link = program.attach_to(tcx(t)).expect("attach");
        link.pin(&path).expect("pin");
        drop(link);
        assert_eq!(errno_of(program.attach_to(tcx(t))), Errno::EEXIST, "still there");
        let Pinned::Link(link) = t.system().open_pinned(&path).expect("open") else { panic!("not a link") };
        assert_eq!((link.info().link_type, running(&*link)), (LinkType::TCX, Some(program.info().id)));
        t.system().unpin(&path).expect("unpin");
        link.detach().expect("detach");
        let _link = program.attach_to(tcx(t)).expect("nothing is there");
    }
}
