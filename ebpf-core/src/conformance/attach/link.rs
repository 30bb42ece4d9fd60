//! Links as objects: updated, pinned, found by id. `link_update()`, `bpf_link_get_fd_by_id()` in kernel/bpf/syscall.c;
//! XDP links, which every system has an interface for, stand for the others.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Foreign, Testbed, errno_of, program, requires, suite, verdict};
use crate::hook::{Xdp, XdpVia};
use crate::link::{Link, LinkError, LinkId, LinkType};
use crate::program::{Program, ProgramExt, ProgramId, ProgramType};
use crate::system::{Feature, Kind, Pinned};

const PASS: u32 = 2;

fn attach(t: &dyn Testbed, program: &dyn Program, via: XdpVia) -> Box<dyn Link> {
    let near = t.interfaces().swap_remove(0);
    program.attach_to(Xdp::on(near).via(via)).expect("attach")
}

fn linked(t: &dyn Testbed) -> (Arc<dyn Program>, Box<dyn Link>) {
    let program = verdict(t, PASS);
    let link = attach(t, &program, XdpVia::Link);
    (program, link)
}

fn running(link: &dyn Link) -> Option<ProgramId> {
    link.query().expect("query").program
}

suite! { ($) link, __conformance_link;
    fn it_has_an_id_and_a_type(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (_, link) = linked(t);
        assert_eq!(link.info().link_type, LinkType::XDP);
        assert_ne!(link.info().id, None);
        assert!(link.handle().is_some());
    }

    fn an_attachment_by_netlink_is_no_link_object(t) {
        let program = verdict(t, PASS);
        let link = attach(t, &program, XdpVia::Netlink);
        assert_eq!((link.info().link_type, link.info().id), (LinkType::UNSPEC, None));
        assert!(link.handle().is_none());
        let error = link.pin(&t.pins().join("link")).expect_err("nothing to pin");
        assert!(matches!(error, LinkError::Unsupported { .. }), "{error}");
    }

    fn its_program_is_replaced(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (_, link) = linked(t);
        let other = verdict(t, 1);
        link.update(&other, None).expect("update");
        assert_eq!(running(&*link), Some(other.info().id));
    }

    fn its_program_is_replaced_if_it_is_the_expected_one(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program, link) = linked(t);
        let (second, third) = (verdict(t, 1), verdict(t, 3));
        assert_eq!(errno_of(link.update(&third, Some(&second))), Errno::EPERM);
        assert_eq!(running(&*link), Some(program.info().id));
        link.update(&second, Some(&program)).expect("update");
        assert_eq!(running(&*link), Some(second.info().id));
    }

    fn a_program_attached_by_netlink_is_replaced_too(t) {
        let (one, two, three) = (verdict(t, PASS), verdict(t, 1), verdict(t, 3));
        let link = attach(t, &one, XdpVia::Netlink);
        link.update(&two, None).expect("update");
        assert_eq!(running(&*link), Some(two.info().id));
        link.update(&three, Some(&one)).expect_err("another one runs");
        assert_eq!(running(&*link), Some(two.info().id));
        link.update(&three, Some(&two)).expect("update");
        assert_eq!(running(&*link), Some(three.info().id));
        link.detach().expect("what it was updated to is its own");
    }

    fn a_program_of_another_type_is_einval(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program_of_link, link) = linked(t);
        let filter = program(t, ProgramType::SOCKET_FILTER, "r0 = 1\nexit", &[]);
        assert_eq!(errno_of(link.update(&filter, None)), Errno::EINVAL);
        assert_eq!(running(&*link), Some(program_of_link.info().id));
    }

    fn a_program_of_another_system_is_refused(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (_, link) = linked(t);
        let foreign = Foreign(verdict(t, 1));
        let error = link.update(&foreign, None).expect_err("foreign");
        assert!(matches!(error, LinkError::Foreign(_)), "{error}");
    }

    fn it_is_found_by_its_id(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program, link) = linked(t);
        let id = link.info().id.expect("a link object");
        let again = t.system().link_by_id(id).expect("by id");
        assert_eq!((again.info().id, again.info().link_type), (Some(id), LinkType::XDP));
        assert_eq!(again.info().target, link.info().target);
        assert_eq!(running(&*again), Some(program.info().id));
    }

    fn it_lasts_as_long_as_a_reference(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program, link) = linked(t);
        let again = t.system().link_by_id(link.info().id.expect("a link object")).expect("by id");
        drop(link);
        assert_eq!(running(&*again), Some(program.info().id), "another reference keeps it");
        let id = again.info().id.expect("a link object");
        drop(again);
        assert_eq!(errno_of(t.system().link_by_id(id)), Errno::ENOENT);
    }

    fn detaching_ends_it_for_every_reference(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program, link) = linked(t);
        let again = t.system().link_by_id(link.info().id.expect("a link object")).expect("by id");
        link.detach().expect("detach");
        drop(again);
        attach(t, &program, XdpVia::Link).detach().expect("nothing is there");
    }

    fn no_link_has_the_id_0(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        assert_eq!(errno_of(t.system().link_by_id(LinkId(0))), Errno::ENOENT);
    }

    fn a_pinned_link_outlives_its_value(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program, link) = linked(t);
        let path = t.pins().join("link");
        link.pin(&path).expect("pin");
        let id = link.info().id;
        drop(link);
        let Pinned::Link(again) = t.system().open_pinned(&path).expect("open") else { panic!("not a link") };
        assert_eq!(again.info().id, id);
        assert_eq!(running(&*again), Some(program.info().id));
        t.system().unpin(&path).expect("unpin");
        drop(again);
        // The file was the last reference, and a kernel may let go of it a moment after it is removed.
        let near = t.interfaces().swap_remove(0);
        let free = (0..1000).any(|_| match program.attach_to(Xdp::on(near.clone()).via(XdpVia::Link)) {
            Ok(link) => {
                link.detach().expect("detach");
                true
            }
            Err(error) => {
                assert_eq!(error.errno(), Some(Errno::EBUSY), "{error}");
                std::thread::sleep(std::time::Duration::from_millis(10));
                false
            }
        });
        assert!(free, "the link outlives its pin");
    }

    fn a_forgotten_link_stays(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (program, link) = linked(t);
        let id = link.info().id.expect("a link object");
        link.forget();
        let again = t.system().link_by_id(id).expect("still there");
        assert_eq!(running(&*again), Some(program.info().id));
        again.detach().expect("detach");
    }

    fn a_pin_says_that_it_is_a_link(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (_, link) = linked(t);
        let path = t.pins().join("link");
        link.pin(&path).expect("pin");
        assert_eq!(t.system().open_pinned(&path).expect("open").kind(), Kind::Link);
        t.system().unpin(&path).expect("unpin");
    }

    fn only_iterators_are_read(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (_, link) = linked(t);
        assert_eq!(errno_of(link.read().map(|_| ())), Errno::EINVAL);
    }
}
