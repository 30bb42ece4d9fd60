//! Programs of a cgroup in an order that is said: anchors, programs that run before those below, revisions.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{TestCgroup, Testbed, cgroup, code, errno_of, load, suite, verdict};
use crate::hook::{AttachVia, Cgroup, CgroupMode, Xdp, XdpVia};
use crate::link::{Link, LinkId};
use crate::program::{AttachType, Program, ProgramExt, ProgramId, ProgramType};
use crate::system::KernelVersion;

const EGRESS: AttachType = AttachType::CGROUP_INET_EGRESS;
/// By a command or by a link.
const WAYS: [AttachVia; 2] = [AttachVia::ProgAttach, AttachVia::Link];

fn allowing(t: &dyn Testbed) -> Arc<dyn Program> {
    let mut spec = code(ProgramType::CGROUP_SKB, "r0 = 1\nexit");
    spec.expected_attach_type = Some(EGRESS);
    load(t, &spec, &[]).unwrap_or_else(|error| panic!("{error:#}"))
}

fn five(t: &dyn Testbed) -> [Arc<dyn Program>; 5] {
    std::array::from_fn(|_| allowing(t))
}

/// A cgroup of a system that lets programs be put in an order, or a spoken skip.
fn ordered<'t>(t: &'t dyn Testbed, case: &str) -> Option<Box<dyn TestCgroup + 't>> {
    let release = t.system().facts().release().expect("release");
    if release < KernelVersion::new(6, 17, 0) {
        t.skip(case, "this system does not order the programs of a cgroup");
        return None;
    }
    cgroup(t, case)
}

fn ids(programs: &[&Arc<dyn Program>]) -> Vec<ProgramId> {
    programs.iter().map(|program| program.info().id).collect()
}

fn at<'g>(group: &'g dyn TestCgroup) -> Cgroup<'g> {
    Cgroup::at(group.place(), EGRESS)
}

fn attach<'t>(program: &'t Arc<dyn Program>, target: Cgroup<'t>) -> Box<dyn Link> {
    let link = program.attach_to(target);
    link.unwrap_or_else(|error| panic!("{error:#}"))
}

fn revision(group: &dyn TestCgroup) -> u64 {
    group.attached(EGRESS).revision.expect("a revision")
}

suite! { ($) cgroup_order, __conformance_cgroup_order;
    fn they_run_in_the_order_of_attaching(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, c, ..] = &five(t);
        let _links = [a, b, c].map(|program| attach(program, at(&*group)));
        assert_eq!(group.effective(EGRESS), ids(&[a, b, c]));
        assert_eq!(group.attached(EGRESS).programs, ids(&[a, b, c]));
    }

    fn first_and_last_are_of_all(t, case) {
        let Some(group) = ordered(t, case) else { return };
        for via in WAYS {
            let [a, b, c, d, e] = &five(t);
            let _links = [
                attach(a, at(&*group).via(via)),
                attach(b, at(&*group).via(via).first()),
                attach(c, at(&*group).via(via).last()),
                attach(d, at(&*group).via(via).first()),
                attach(e, at(&*group).via(via).last()),
            ];
            assert_eq!(group.attached(EGRESS).programs, ids(&[d, b, a, c, e]), "{via:?}");
        }
    }

    fn programs_are_anchors_of_programs_and_links_of_links(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, c, d, e] = &five(t);
        let _first = attach(a, at(&*group).via(AttachVia::ProgAttach));
        let second = attach(b, at(&*group).via(AttachVia::Link));
        let id: LinkId = second.info().id.expect("an id");
        // What has no say tries both.
        for via in [AttachVia::ProgAttach, AttachVia::Auto] {
            let _links = [
                attach(c, at(&*group).via(via).before(a)),
                attach(d, at(&*group).via(via).after(a.info().id)),
            ];
            assert_eq!(group.attached(EGRESS).programs, ids(&[c, a, d, b]), "{via:?}");
        }
        for via in [AttachVia::Link, AttachVia::Auto] {
            let _links = [
                attach(c, at(&*group).via(via).before(&second)),
                attach(d, at(&*group).via(via).after(id)),
            ];
            assert_eq!(group.attached(EGRESS).programs, ids(&[a, c, b, d]), "{via:?}");
        }
        for target in [at(&*group).before(a), at(&*group).after(a.info().id)] {
            assert_eq!(errno_of(e.attach_to(target.via(AttachVia::Link))), Errno::EINVAL);
        }
        for target in [at(&*group).before(&second), at(&*group).after(id)] {
            assert_eq!(errno_of(e.attach_to(target.via(AttachVia::ProgAttach))), Errno::EINVAL);
        }
    }

    fn what_is_not_attached_there_is_no_anchor(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let below = group.child();
        let [a, b, c, d, _] = &five(t);
        let _first = attach(a, at(&*group).via(AttachVia::ProgAttach));
        let linked = attach(b, at(&*group).via(AttachVia::Link));
        let id: LinkId = linked.info().id.expect("an id");
        let elsewhere = attach(d, at(&*below).via(AttachVia::Link));
        let refused = |via, target: Cgroup<'_>| errno_of(c.attach_to(target.via(via)));
        let (command, link) = (AttachVia::ProgAttach, AttachVia::Link);
        assert_eq!(refused(command, at(&*group).before(d)), Errno::ENOENT);
        assert_eq!(refused(command, at(&*group).after(b)), Errno::ENOENT, "it is there by a link");
        assert_eq!(refused(command, at(&*group).before(c)), Errno::ENOENT, "itself");
        assert_eq!(refused(command, at(&*group).after(ProgramId(u32::MAX >> 1))), Errno::ENOENT);
        assert_eq!(refused(link, at(&*group).after(&elsewhere)), Errno::ENOENT);
        assert_eq!(refused(link, at(&*group).before(LinkId(u32::MAX >> 1))), Errno::ENOENT);
        drop(linked);
        assert_eq!(refused(link, at(&*group).before(id)), Errno::ENOENT, "gone");
        assert_eq!(group.attached(EGRESS).programs, ids(&[a]));
    }

    fn what_no_group_has_is_no_anchor(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let other = verdict(t, 2);
        let program = allowing(t);
        let refused = program.attach_to(at(&*group).via(AttachVia::ProgAttach).before(&other));
        assert_eq!(errno_of(refused), Errno::ENOENT);
        let interface = t.interfaces().remove(0);
        let link = other.attach_to(Xdp::on(interface).via(XdpVia::Link)).expect("attach");
        let refused = program.attach_to(at(&*group).via(AttachVia::Link).before(&link));
        assert_eq!(errno_of(refused), Errno::ENOENT);
    }

    fn what_takes_the_only_place_needs_no_order(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, c, ..] = &five(t);
        for mode in [CgroupMode::Single, CgroupMode::Override] {
            for target in [at(&*group).first(), at(&*group).last(), at(&*group).before(c), at(&*group).after(a)] {
                let old = attach(a, at(&*group).mode(mode));
                let new = attach(b, target.mode(mode));
                assert_eq!(group.attached(EGRESS).programs, ids(&[b]), "{mode}");
                new.detach().expect("detach");
                old.detach().expect("detach");
            }
            let refused = b.attach_to(at(&*group).before(c).mode(mode));
            assert_eq!(errno_of(refused), Errno::ENOENT, "{mode}: there is nothing to take the place of");
        }
    }

    fn what_takes_a_place_has_no_order(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, c, ..] = &five(t);
        let _links = [a, b].map(|program| attach(program, at(&*group).via(AttachVia::ProgAttach)));
        for target in [at(&*group).first(), at(&*group).after(b)] {
            assert_eq!(errno_of(c.attach_to(target.replacing(a))), Errno::EINVAL);
        }
        let _new = attach(c, at(&*group).replacing(a));
        assert_eq!(group.attached(EGRESS).programs, ids(&[c, b]), "in its place");
    }

    fn early_programs_run_before_those_below(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let below = group.child();
        let [a, b, c, d, e] = &five(t);
        for via in WAYS {
            let _links = [
                attach(a, at(&*group).via(via)),
                attach(b, at(&*group).via(via).preorder()),
                attach(c, at(&*below).via(via)),
                attach(d, at(&*below).via(via).preorder()),
                attach(e, at(&*group).via(via).preorder()),
            ];
            // Those that are not early run from below to above, the early ones from above to below.
            assert_eq!(below.effective(EGRESS), ids(&[b, e, d, c, a]), "{via:?}");
            assert_eq!(group.effective(EGRESS), ids(&[b, e, a]), "{via:?}");
            assert_eq!(group.attached(EGRESS).programs, ids(&[a, b, e]), "{via:?}");
        }
    }

    fn an_early_program_is_no_anchor_for_a_late_one(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, c, d, _] = &five(t);
        let _early = attach(a, at(&*group).via(AttachVia::ProgAttach).preorder());
        let _late = attach(b, at(&*group).via(AttachVia::ProgAttach));
        let refused = |target: Cgroup<'_>| errno_of(c.attach_to(target.via(AttachVia::ProgAttach)));
        assert_eq!(refused(at(&*group).before(a)), Errno::EINVAL);
        assert_eq!(refused(at(&*group).after(b).preorder()), Errno::EINVAL);
        let _links = [
            attach(c, at(&*group).via(AttachVia::ProgAttach).before(a).preorder()),
            attach(d, at(&*group).via(AttachVia::ProgAttach).first()),
        ];
        assert_eq!(group.attached(EGRESS).programs, ids(&[d, c, a, b]));
        assert_eq!(group.effective(EGRESS), ids(&[c, a, d, b]));
    }

    fn each_change_has_a_revision(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, c, ..] = &five(t);
        let start = revision(&*group);
        assert_eq!(start, 1);
        let first = attach(a, at(&*group).via(AttachVia::ProgAttach));
        assert_eq!(revision(&*group), start + 1);
        let second = attach(b, at(&*group).via(AttachVia::Link));
        assert_eq!(revision(&*group), start + 2);
        second.update(c, None).expect("update");
        assert_eq!(revision(&*group), start + 3, "updated");
        let third = attach(b, at(&*group).replacing(a));
        assert_eq!(revision(&*group), start + 4, "replaced");
        assert_eq!(errno_of(b.attach_to(at(&*group).via(AttachVia::ProgAttach))), Errno::EINVAL);
        assert_eq!(revision(&*group), start + 4, "refused");
        drop(second);
        assert_eq!(revision(&*group), start + 5, "detached");
        third.detach().expect("detach");
        assert_eq!(revision(&*group), start + 6, "without programs");
        drop(first);
        assert_eq!(group.attached(EGRESS).programs, []);
    }

    fn another_revision_is_estale(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, ..] = &five(t);
        for via in WAYS {
            let now = revision(&*group);
            for stale in [now - 1, now + 1].into_iter().filter(|stale| *stale != 0) {
                let refused = errno_of(a.attach_to(at(&*group).via(via).expected_revision(stale)));
                assert_eq!(refused, Errno::ESTALE, "{via:?}");
            }
            let _link = attach(a, at(&*group).via(via).expected_revision(now));
            let refused = errno_of(b.attach_to(at(&*group).via(via).expected_revision(now)));
            assert_eq!(refused, Errno::ESTALE, "{via:?}");
            // 0 is as if nothing were said.
            let _other = attach(b, at(&*group).via(via).expected_revision(0));
        }
    }

    fn a_revision_is_of_one_hook_of_one_group(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let below = group.child();
        let program = allowing(t);
        let _link = attach(&program, at(&*group));
        assert_eq!(revision(&*below), 1);
        let other = group.attached(AttachType::CGROUP_INET_INGRESS);
        assert_eq!((other.revision, other.programs), (Some(1), vec![]));
    }

    fn what_comes_first_is_told_before_the_anchor_is_looked_for(t, case) {
        let Some(group) = ordered(t, case) else { return };
        let [a, b, ..] = &five(t);
        let _link = attach(a, at(&*group).via(AttachVia::ProgAttach));
        let stale = at(&*group).before(b).expected_revision(77);
        assert_eq!(errno_of(b.attach_to(stale.via(AttachVia::ProgAttach))), Errno::ESTALE);
        let mode = at(&*group).first().mode(CgroupMode::Override);
        assert_eq!(errno_of(b.attach_to(mode)), Errno::EPERM);
        let again = at(&*group).before(b).via(AttachVia::ProgAttach);
        assert_eq!(errno_of(a.attach_to(again)), Errno::EINVAL, "it is there already");
    }
}
