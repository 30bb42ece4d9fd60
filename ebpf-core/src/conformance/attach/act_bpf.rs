//! Actions in an interface's traffic control: `tcf_bpf_init()` in net/sched/act_bpf.c.

use std::sync::Arc;

use super::tc::{DIRECTIONS, classifier, interface, near, netlink, running, verdict, ways};
use crate::Errno;
use crate::conformance::{Testbed, errno_of, suite};
use crate::hook::{TcAct, TcAction, TcDirection};
use crate::program::{Program, ProgramExt, ProgramType};

/// Whether the system has actions of programs; if not, the case is skipped aloud.
fn has_actions(t: &dyn Testbed, case: &str) -> bool {
    match action(t).attach_to(act(t, TcDirection::Ingress)) {
        Err(error) if error.errno() == Some(Errno::ENOENT) => {
            t.skip(
                case,
                &format!("this kernel has no actions of programs: {error}"),
            );
            false
        }
        tried => {
            tried.expect("attach").detach().expect("detach");
            true
        }
    }
}

fn act(t: &dyn Testbed, direction: TcDirection) -> TcAct<'static> {
    TcAct::new(interface(t, 0), direction)
}

fn action(t: &dyn Testbed) -> Arc<dyn Program> {
    verdict(t, ProgramType::SCHED_ACT, TcAction::UNSPEC)
}

suite! { ($) act_bpf, __conformance_act_bpf;
    fn it_attaches_and_detaches(t, case) {
        if !has_actions(t, case) { return; }
        let program = action(t);
        for direction in DIRECTIONS {
            for _ in 0..2 {
                let link = program.attach_to(act(t, direction)).expect("attach");
                assert_eq!(running(&*link), Some(program.info().id), "{direction}");
                link.detach().expect("detach");
            }
        }
    }

    fn it_shares_a_direction_with_classifiers(t, case) {
        if !has_actions(t, case) { return; }
        let (action, classifier) = (action(t), classifier(t));
        let one = action.attach_to(act(t, TcDirection::Ingress).priority(2)).expect("attach");
        let two = action.attach_to(act(t, TcDirection::Ingress).priority(2)).expect("attach again");
        let three = classifier.attach_to(netlink(t).priority(2)).expect("attach");
        one.detach().expect("detach");
        assert_eq!(running(&*two), Some(action.info().id));
        assert_eq!(running(&*three), Some(classifier.info().id));
    }

    fn its_program_is_replaced(t, case) {
        if !has_actions(t, case) { return; }
        let (one, two) = (action(t), action(t));
        let link = one.attach_to(act(t, TcDirection::Egress).default_action(TcAction::OK)).expect("attach");
        link.update(&two, None).expect("update");
        assert_eq!(running(&*link), Some(two.info().id));
        assert_eq!(errno_of(link.update(&one, Some(&one))), Errno::EPERM);
        assert_eq!(errno_of(link.update(&classifier(t), None)), Errno::EINVAL);
        assert_eq!(running(&*link), Some(two.info().id));
    }

    fn classifiers_and_actions_are_two_types(t, case) {
        if !has_actions(t, case) { return; }
        let (action, classifier) = (action(t), classifier(t));
        assert_eq!(errno_of(classifier.attach_to(act(t, TcDirection::Ingress))), Errno::EINVAL);
        for via in ways(t) {
            assert_eq!(errno_of(action.attach_to(near(t, TcDirection::Ingress).via(via))), Errno::EINVAL, "{via:?}");
        }
    }
}
