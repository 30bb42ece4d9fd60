//! Actions, on a kernel that has act_bpf.

use super::*;

/// An action that is attached; none where the kernel has no actions of programs.
fn attached(bed: &Bed, counting: &Counting, target: TcAct<'_>) -> Option<Box<dyn Link>> {
    match counting.program.attach_to(target) {
        Err(error) if error.errno() == Some(Errno::ENOENT) => {
            assert!(error.to_string().contains("act_bpf"), "{error}");
            assert_eq!(
                bed.attached().qdisc,
                None,
                "what was made for it is taken back"
            );
            skip(&format!("this kernel has no actions of programs: {error}"));
            None
        }
        attached => Some(attached.unwrap_or_else(|error| panic!("attach: {error}"))),
    }
}

fn target(bed: &Bed, direction: TcDirection) -> TcAct<'static> {
    TcAct::new(bed.veth.near().index(), direction)
}

#[test]
fn an_action_drops_in_both_directions() {
    let Some(bed) = Bed::new() else { return };
    for (direction, arrive) in [
        (TcDirection::Ingress, [0, 9]),
        (TcDirection::Egress, [9, 0]),
    ] {
        let dropping = bed.counting_as(ProgramType::SCHED_ACT, TcAction::SHOT);
        let Some(link) = attached(&bed, &dropping, target(&bed, direction)) else {
            return;
        };
        assert_eq!(bed.send(9), arrive);
        assert_eq!(dropping.take(), 9);
        assert_eq!(running(&*link), Some(dropping.id()));
        link.detach().expect("detach");
        assert_eq!(bed.send(9), [9, 9]);
        assert_eq!(dropping.take(), 0);
        assert_eq!(bed.attached().qdisc, None);
    }
}

#[test]
fn what_an_action_leaves_open_goes_to_the_next_filter() {
    let Some(bed) = Bed::new() else { return };
    let action = bed.counting_as(ProgramType::SCHED_ACT, TcAction::UNSPEC);
    let next = bed.counting(TcAction::UNSPEC);
    let place = target(&bed, TcDirection::Ingress).priority(1);
    let Some(link) = attached(&bed, &action, place.clone()) else {
        return;
    };
    let _next = next.attach(bed.netlink().priority(2));
    assert_eq!(bed.send(4), [4, 4]);
    assert_eq!([action.take(), next.take()], [4, 4]);
    link.detach().expect("detach");
    let link = attached(&bed, &action, place.default_action(TcAction::OK)).expect("attach");
    bed.send(4);
    assert_eq!([action.take(), next.take()], [4, 0]);
    link.detach().expect("detach");
    assert_eq!(bed.filters(), [next.id()]);
}

#[test]
fn an_action_is_queried_and_updated() {
    let Some(bed) = Bed::new() else { return };
    let [one, two] = [TcAction::OK, TcAction::SHOT]
        .map(|verdict| bed.counting_as(ProgramType::SCHED_ACT, verdict));
    let place = target(&bed, TcDirection::Ingress)
        .priority(3)
        .handle(5)
        .name("mine");
    let Some(link) = attached(&bed, &one, place.clone()) else {
        return;
    };
    let found = bed.attached().filters;
    let [filter] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (&*filter.kind, filter.priority, filter.handle),
        ("bpf", 3, 5)
    );
    assert_eq!((filter.program, filter.direct_action), (None, false));
    let [action] = &filter.actions[..] else {
        panic!("{filter:?}")
    };
    assert_eq!(
        (&*action.kind, action.name.as_deref()),
        ("bpf", Some("mine"))
    );
    assert_eq!(
        (action.program, action.tag),
        (Some(one.id()), Some(one.program.info().tag))
    );
    link.update(&two.program, None).expect("update");
    assert_eq!(running(&*link), Some(two.id()));
    assert_eq!(bed.send(2)[0], 0);
    let classifier = bed.counting(TcAction::OK);
    let error = link
        .update(&classifier.program, None)
        .expect_err("no action");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    let error = classifier
        .program
        .attach_to(place.clone().handle(6))
        .expect_err("no action");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    let over = one
        .program
        .attach_to(place.replacing(&*two.program))
        .expect("replace");
    let error = link.detach().expect_err("not ours any more");
    assert!(
        matches!(error, LinkError::NotOurs { found, .. } if found == one.id()),
        "{error}"
    );
    assert_eq!(bed.send(2)[0], 2);
    over.detach().expect("detach");
    assert_eq!(bed.filters(), []);
}
