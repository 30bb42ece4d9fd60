//! XDP programs on interfaces: `dev_xdp_attach()` in net/core/dev.c.

use crate::Errno;
use crate::conformance::{Foreign, Testbed, errno_of, program, requires, suite, verdict};
use crate::hook::{Interface, Xdp, XdpMode, XdpVia};
use crate::link::{Link, LinkError, LinkTarget, LinkType};
use crate::program::{Program, ProgramError, ProgramExt, ProgramId, ProgramType};
use crate::system::Feature;

const PASS: u32 = 2;

/// The ways to attach that the system has.
fn ways(t: &dyn Testbed) -> Vec<XdpVia> {
    let links = t.system().probe(Feature::Link(LinkType::XDP));
    let mut ways = vec![XdpVia::Netlink];
    if links.is_ok_and(|support| support.is_yes()) {
        ways.push(XdpVia::Link);
    }
    ways
}

/// The first two interfaces of the test bed.
fn interfaces(t: &dyn Testbed) -> [Interface; 2] {
    match &t.interfaces()[..] {
        [near, far, ..] => [near.clone(), far.clone()],
        few => panic!("two interfaces are needed, there are {few:?}"),
    }
}

fn near(t: &dyn Testbed) -> Interface {
    let [near, _] = interfaces(t);
    near
}

fn attach(
    t: &dyn Testbed,
    program: &dyn Program,
    via: XdpVia,
) -> Result<Box<dyn Link>, ProgramError> {
    program.attach_to(Xdp::on(near(t)).via(via))
}

/// The program that runs there according to the link.
fn running(link: &dyn Link) -> Option<ProgramId> {
    link.query().expect("query").program
}

suite! { ($) xdp, __conformance_xdp;
    fn it_attaches_and_detaches(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            for _ in 0..2 {
                let link = attach(t, &program, via).unwrap_or_else(|error| panic!("{via:?}: {error}"));
                assert_eq!(running(&*link), Some(program.info().id), "{via:?}");
                link.detach().unwrap_or_else(|error| panic!("{via:?}: {error}"));
            }
        }
    }

    fn every_mode_but_the_device(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            for mode in [XdpMode::Default, XdpMode::Skb, XdpMode::Drv] {
                let link = program.attach_to(Xdp::on(near(t)).via(via).mode(mode));
                let link = link.unwrap_or_else(|error| panic!("{via:?} {mode}: {error}"));
                link.detach().unwrap_or_else(|error| panic!("{via:?} {mode}: {error}"));
            }
        }
    }

    fn on_the_device_is_refused(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            let error = program.attach_to(Xdp::on(near(t)).via(via).mode(XdpMode::Hw)).expect_err("no such device");
            assert!(matches!(error.errno(), Some(Errno::EINVAL | Errno::EOPNOTSUPP)), "{error}");
            assert!(error.to_string().contains("XDP (hw) of interface"), "{error}");
        }
    }

    fn the_loopback_interface_has_no_driver_mode(t, case) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            let target = Xdp::on("lo").via(via);
            match program.attach_to(target.clone().mode(XdpMode::Drv)) {
                Err(error) if error.errno() == Some(Errno::ENODEV) => return t.skip(case, "there is no interface `lo`"),
                refused => assert_eq!(errno_of(refused), Errno::EOPNOTSUPP, "{via:?}"),
            }
            program.attach_to(target.mode(XdpMode::Skb)).expect("attach").detach().expect("detach");
        }
    }

    fn by_name_and_by_index(t) {
        let program = verdict(t, PASS);
        let error = program.attach_to(Xdp::on("no-such-if0")).expect_err("no such interface");
        assert_eq!(error.errno(), Some(Errno::ENODEV));
        assert!(error.to_string().contains("interface `no-such-if0`"), "{error}");
        let error = program.attach_to(Xdp::on(4_000_000)).expect_err("no such index");
        assert!(matches!(error.errno(), Some(Errno::ENODEV | Errno::EINVAL)), "{error}");
        assert!(error.to_string().contains("interface 4000000"), "{error}");
    }

    fn a_name_that_no_interface_can_have_is_refused(t) {
        let program = verdict(t, PASS);
        for name in ["", "a-name-of-more-than-fifteen", "a/b", "a\0b"] {
            let error = program.attach_to(Xdp::on(name)).expect_err("no interface");
            assert!(matches!(error.errno(), Some(Errno::ENODEV | Errno::EINVAL)), "{name:?}: {error}");
        }
    }

    fn another_program_is_left_alone(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        for first in ways(t) {
            let link = attach(t, &one, first).expect("attach");
            for second in ways(t) {
                let error = attach(t, &two, second).expect_err("busy");
                assert!(matches!(error.errno(), Some(Errno::EBUSY | Errno::EEXIST)), "{first:?} {second:?}: {error}");
                assert_eq!(running(&*link), Some(one.info().id), "{first:?} {second:?}");
            }
            link.detach().expect("detach");
        }
    }

    fn the_same_program_twice_is_busy_too(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            let link = attach(t, &program, via).expect("attach");
            let error = attach(t, &program, via).expect_err("busy");
            assert!(matches!(error.errno(), Some(Errno::EBUSY | Errno::EEXIST)), "{via:?}: {error}");
            link.detach().expect("detach");
        }
    }

    fn an_expected_program_is_replaced(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let old = attach(t, &one, XdpVia::Netlink).expect("attach");
        let new = two.attach_to(Xdp::on(near(t)).replacing(&one)).expect("replace");
        assert_eq!(running(&*new), Some(two.info().id));
        assert_ne!(running(&*old), Some(one.info().id));
        new.detach().expect("detach");
        old.forget();
    }

    fn an_unexpected_program_is_not_replaced(t) {
        let (one, two, three) = (verdict(t, PASS), verdict(t, 1), verdict(t, 3));
        let link = attach(t, &one, XdpVia::Netlink).expect("attach");
        let error = two.attach_to(Xdp::on(near(t)).replacing(&three)).expect_err("another one is there");
        assert_eq!(error.errno(), Some(Errno::EEXIST), "{error}");
        assert_eq!(running(&*link), Some(one.info().id));
        link.detach().expect("detach");
    }

    fn nothing_is_replaced_where_nothing_is(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let error = two.attach_to(Xdp::on(near(t)).replacing(&one)).expect_err("nothing is there");
        assert_eq!(error.errno(), Some(Errno::EEXIST), "{error}");
    }

    fn any_program_is_replaced(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let old = attach(t, &one, XdpVia::Netlink).expect("attach");
        let new = two.attach_to(Xdp::on(near(t)).replacing_any()).expect("replace");
        assert_eq!(running(&*new), Some(two.info().id));
        new.detach().expect("detach");
        old.forget();
        two.attach_to(Xdp::on(near(t)).replacing_any()).expect("nothing was there").detach().expect("detach");
    }

    fn a_link_is_not_replaced(t, case) {
        requires!(t, case, Feature::Link(LinkType::XDP));
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let link = attach(t, &one, XdpVia::Link).expect("attach");
        for target in [Xdp::on(near(t)).replacing_any(), Xdp::on(near(t)).replacing(&one)] {
            let error = two.attach_to(target).expect_err("a link is there");
            assert!(matches!(error.errno(), Some(Errno::EBUSY | Errno::EEXIST)), "{error}");
        }
        assert_eq!(running(&*link), Some(one.info().id));
    }

    fn only_our_own_program_is_detached(t) {
        let (ours, theirs) = (verdict(t, PASS), verdict(t, 1));
        let old = attach(t, &ours, XdpVia::Netlink).expect("attach");
        let new = theirs.attach_to(Xdp::on(near(t)).replacing_any()).expect("replace");
        match old.detach() {
            Err(LinkError::NotOurs { found, .. }) => assert_eq!(found, theirs.info().id),
            other => panic!("detached what is not ours: {other:?}"),
        }
        assert_eq!(running(&*new), Some(theirs.info().id), "it was left alone");
        new.detach().expect("detach");
    }

    fn dropping_detaches_only_our_own_program(t) {
        let (ours, theirs) = (verdict(t, PASS), verdict(t, 1));
        let old = attach(t, &ours, XdpVia::Netlink).expect("attach");
        let new = theirs.attach_to(Xdp::on(near(t)).replacing_any()).expect("replace");
        drop(old);
        assert_eq!(running(&*new), Some(theirs.info().id));
        drop(new);
        attach(t, &ours, XdpVia::Netlink).expect("nothing is there").detach().expect("detach");
    }

    fn dropping_detaches(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            drop(attach(t, &program, via).expect("attach"));
            attach(t, &program, via).expect("nothing is there").detach().expect("detach");
        }
    }

    fn forgetting_leaves_it_attached(t) {
        let (program, other) = (verdict(t, PASS), verdict(t, 1));
        attach(t, &program, XdpVia::Netlink).expect("attach").forget();
        let id = program.info().id;
        drop(program);
        assert_eq!(t.system().program_by_id(id).expect("the interface has it").info().id, id);
        attach(t, &other, XdpVia::Netlink).expect_err("busy");
        other.attach_to(Xdp::on(near(t)).replacing_any()).expect("replace").detach().expect("detach");
    }

    fn one_program_on_many_interfaces(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            let links: Vec<_> = interfaces(t)
                .map(|interface| program.attach_to(Xdp::on(interface).via(via)).expect("attach"))
                .into_iter()
                .collect();
            for link in &links {
                assert_eq!(running(&**link), Some(program.info().id), "{via:?}");
            }
            assert_ne!(links[0].info().target, links[1].info().target);
            for link in links {
                link.detach().expect("detach");
            }
        }
    }

    fn each_end_has_its_own(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let [near, far] = interfaces(t);
        let at_near = one.attach_to(Xdp::on(near)).expect("attach");
        let at_far = two.attach_to(Xdp::on(far)).expect("attach");
        at_near.detach().expect("detach");
        assert_eq!(running(&*at_far), Some(two.info().id));
    }

    fn only_one_mode_at_a_time(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let link = one.attach_to(Xdp::on(near(t)).mode(XdpMode::Skb).via(XdpVia::Netlink)).expect("attach");
        let error = two.attach_to(Xdp::on(near(t)).mode(XdpMode::Drv).via(XdpVia::Netlink)).expect_err("two modes");
        assert!(matches!(error.errno(), Some(Errno::EEXIST | Errno::EBUSY)), "{error}");
        assert_eq!(running(&*link), Some(one.info().id));
    }

    fn a_link_keeps_its_program(t) {
        for via in ways(t) {
            let program = verdict(t, PASS);
            let id = program.info().id;
            let link = attach(t, &program, via).expect("attach");
            drop(program);
            assert_eq!(running(&*link), Some(id), "{via:?}");
            link.detach().expect("detach");
        }
    }

    fn a_program_of_another_type_is_refused(t) {
        let filter = program(t, ProgramType::SOCKET_FILTER, "r0 = 1\nexit", &[]);
        for via in ways(t) {
            let error = attach(t, &filter, via).expect_err("not XDP");
            assert!(matches!(error.errno(), Some(Errno::EINVAL)), "{via:?}: {error}");
        }
    }

    fn the_target_says_where(t) {
        let program = verdict(t, PASS);
        for via in ways(t) {
            let link = attach(t, &program, via).expect("attach");
            let LinkTarget::Xdp { ifindex } = link.info().target else { panic!("{:?}", link.info()) };
            assert_ne!(ifindex, 0);
            if let Interface::Index(index) = near(t) {
                assert_eq!(ifindex, index);
            }
            assert_eq!(link.query().expect("query").target, link.info().target);
            assert_eq!(link.info().id.is_some(), via == XdpVia::Link, "{:?}", link.info());
            link.detach().expect("detach");
        }
    }

    fn an_expected_program_of_another_system_is_refused(t) {
        let (one, two) = (verdict(t, PASS), verdict(t, 1));
        let link = attach(t, &one, XdpVia::Netlink).expect("attach");
        let foreign = Foreign(one.clone());
        let error = two.attach_to(Xdp::on(near(t)).replacing(&foreign)).expect_err("foreign");
        assert!(matches!(error, ProgramError::Foreign { .. }), "{error}");
        assert_eq!(running(&*link), Some(one.info().id));
    }
}
