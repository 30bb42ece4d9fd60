//! Filters of netlink, and the queueing discipline that they are in.

use super::*;

#[test]
fn two_programs_of_one_direction_are_two_filters() {
    let Some(bed) = Bed::new() else { return };
    let [first, second] = [
        bed.counting(TcAction::UNSPEC),
        bed.counting(TcAction::UNSPEC),
    ];
    let one = first.attach(bed.netlink().priority(1));
    let two = second.attach(bed.netlink().priority(1));
    assert_eq!(bed.filters().len(), 2);
    bed.send(5);
    assert_eq!([first.take(), second.take()], [5, 5]);
    // The same program a second time is a filter of its own too.
    let again = first.attach(bed.netlink().priority(1));
    let handles: Vec<u32> = bed
        .attached()
        .filters
        .iter()
        .map(|filter| filter.handle)
        .collect();
    let [a, b, c] = handles[..] else {
        panic!("{handles:?}")
    };
    assert!(a != b && b != c && a != c, "{handles:?}");
    bed.send(5);
    assert_eq!([first.take(), second.take()], [10, 5]);
    one.detach().expect("detach");
    bed.send(5);
    assert_eq!([first.take(), second.take()], [5, 5]);
    two.detach().expect("detach");
    assert_eq!(bed.filters(), [first.id()]);
    again.detach().expect("detach");
    assert_eq!(bed.attached().qdisc, None);
}

#[test]
fn lower_priorities_are_asked_first() {
    let Some(bed) = Bed::new() else { return };
    let [early, late] = [bed.counting(TcAction::OK), bed.counting(TcAction::UNSPEC)];
    let _late = late.attach(bed.netlink().priority(20));
    let _early = early.attach(bed.netlink().priority(10));
    assert_eq!(bed.filters(), [early.id(), late.id()]);
    bed.send(4);
    assert_eq!(
        [early.take(), late.take()],
        [4, 0],
        "the first had the last word"
    );
    let last_word = bed.counting(TcAction::OK);
    let _first = last_word.attach(bed.netlink().priority(5));
    bed.send(4);
    assert_eq!([last_word.take(), early.take(), late.take()], [4, 0, 0]);
    // Where the kernel chooses, the newest is asked first.
    let chosen = [
        bed.counting(TcAction::UNSPEC),
        bed.counting(TcAction::UNSPEC),
    ];
    let links = chosen
        .each_ref()
        .map(|program| program.attach(bed.netlink()));
    assert_eq!(bed.filters()[3..], [chosen[1].id(), chosen[0].id()]);
    let priorities = links.map(|link| match link.info().target {
        LinkTarget::TcFilter {
            priority, handle, ..
        } => {
            assert_ne!(handle, 0);
            priority
        }
        ref other => panic!("{other}"),
    });
    assert_eq!(priorities, [49152, 49151]);
}

#[test]
fn without_direct_action_a_verdict_is_a_class() {
    let Some(bed) = Bed::new() else { return };
    let [class, next] = [bed.counting(TcAction::SHOT), bed.counting(TcAction::UNSPEC)];
    let _next = next.attach(bed.netlink().priority(2));
    let link = class.attach(bed.ingress().priority(1).direct_action(false));
    assert!(!bed.attached().filters[0].direct_action);
    assert_eq!(bed.send(6), [6, 6], "nothing is dropped");
    assert_eq!(
        [class.take(), next.take()],
        [6, 0],
        "a match ends the search"
    );
    link.detach().expect("detach");
    assert!(bed.attached().filters[0].direct_action);
}

#[test]
fn the_query_tells_everything() {
    let Some(bed) = Bed::new() else { return };
    let counting = bed.counting(TcAction::OK);
    let egress = bed.on(TcDirection::Egress);
    let link = counting.attach(
        egress
            .priority(7)
            .handle(0x1600)
            .name("counter.o:[tc]")
            .protocol(0x0800),
    );
    let index = bed.veth.near().index();
    let target = LinkTarget::TcFilter {
        ifindex: index,
        direction: TcDirection::Egress,
        priority: 7,
        handle: 0x1600,
        protocol: 0x0800,
    };
    assert_eq!(link.info().target, target);
    assert_eq!(
        target.to_string(),
        format!("interface {index} (TC egress filter, priority 7, handle 0x1600)")
    );
    let _other = counting.attach(bed.netlink().direct_action(false));
    let found = bed.attached();
    assert_eq!(found.qdisc.as_deref(), Some("clsact"));
    let [ingress, egress] = &found.filters[..] else {
        panic!("{found:?}")
    };
    assert_eq!(
        (ingress.direction, ingress.direct_action),
        (TcDirection::Ingress, false)
    );
    assert_eq!(
        ingress.name.as_deref(),
        Some("counting"),
        "the program's name by default"
    );
    assert_eq!(
        (
            egress.direction,
            egress.priority,
            egress.handle,
            egress.protocol,
            egress.chain
        ),
        (TcDirection::Egress, 7, 0x1600, 0x0800, 0)
    );
    assert_eq!((&*egress.kind, egress.direct_action), ("bpf", true));
    assert_eq!(
        (egress.program, egress.tag),
        (Some(counting.id()), Some(counting.program.info().tag))
    );
    assert_eq!(egress.name.as_deref(), Some("counter.o:[tc]"));
    assert_eq!(egress.actions, []);
    assert_eq!((&found.netkit_primary, &found.netkit_peer), (&None, &None));
    bed.send(3);
    assert_eq!(counting.take(), 6, "packets of IPv4, and all packets");

    let error = bed.system.tc_attached("no-such-if").expect_err("none");
    assert_eq!(error.errno(), Some(Errno::ENODEV));
    assert_eq!(
        error.to_string(),
        "query traffic control of interface `no-such-if`: ENODEV: no such device"
    );
}

#[test]
fn a_queueing_discipline_of_someone_else_is_refused() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    bed.veth.near().add_qdisc("ingress").expect("someone's");
    for direction in [TcDirection::Ingress, TcDirection::Egress] {
        let error = program
            .attach_to(bed.on(direction).via(TcVia::Netlink))
            .expect_err("someone else's");
        assert_eq!(
            error.to_string(),
            format!(
                "attach program `returns` to TC {direction} of interface {}: EEXIST: file exists: the interface has a \
                 queueing discipline of kind `ingress` in the place of `clsact` (it is somebody else's, with its \
                 filters: remove it, have it removed by `clobber`, or attach by TCX, which needs none)",
                bed.veth.near().index()
            )
        );
    }
    assert_eq!(
        bed.attached().qdisc.as_deref(),
        Some("ingress"),
        "left alone"
    );
    if bed.has_tcx() {
        program
            .attach_to(bed.ingress())
            .expect("TCX needs none")
            .detach()
            .expect("detach");
    }
    let link = program
        .attach_to(bed.ingress().clobber(true))
        .expect("replaced on demand");
    assert_eq!(bed.attached().qdisc.as_deref(), Some("clsact"));
    assert_eq!(bed.filters(), [program.info().id]);
    link.detach().expect("detach");
    assert_eq!(bed.attached().qdisc, None);
    // Where nothing is to be clobbered, it does not matter.
    bed.veth.near().add_qdisc("clsact").expect("someone's");
    let theirs = classifier();
    theirs.attach_to(bed.netlink()).expect("attach").forget();
    program
        .attach_to(bed.ingress().clobber(true))
        .expect("attach")
        .detach()
        .expect("detach");
    assert_eq!(bed.filters(), [theirs.info().id]);
}

#[test]
fn a_clsact_is_removed_by_who_made_it_with_the_last_filter() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    let qdisc = || bed.attached().qdisc.is_some();
    // Someone else's stays.
    bed.veth.near().add_qdisc("clsact").expect("someone's");
    program
        .attach_to(bed.netlink())
        .expect("attach")
        .detach()
        .expect("detach");
    assert!(qdisc());
    bed.veth.near().remove_qdisc("clsact").expect("theirs");
    // Ours goes with the last attachment of the system, whichever that is.
    let attach = |target: Tc<'static>| program.attach_to(target).expect("attach");
    let [one, two] = [
        attach(bed.netlink()),
        attach(bed.on(TcDirection::Egress).via(TcVia::Netlink)),
    ];
    one.detach().expect("detach");
    assert!(qdisc());
    drop(two);
    assert!(!qdisc());
    // Not when it is to stay, or another's filter is in it, or ours stays.
    attach(bed.netlink().clsact(Clsact::Keep))
        .detach()
        .expect("detach");
    assert!(qdisc());
    bed.veth.near().remove_qdisc("clsact").expect("remove");
    let ours = attach(bed.netlink());
    let other = load(&returns(0, ProgramType::SCHED_CLS)).expect("load, in another system");
    let theirs = other.attach_to(bed.netlink()).expect("attach");
    ours.detach().expect("detach");
    assert_eq!(bed.filters(), [other.info().id]);
    theirs.detach().expect("detach");
    assert!(qdisc(), "it was not theirs to remove");
    bed.veth.near().remove_qdisc("clsact").expect("remove");
    attach(bed.netlink()).forget();
    assert_eq!(bed.filters(), [program.info().id]);
    attach(bed.netlink()).detach().expect("detach");
    assert_eq!(bed.filters(), [program.info().id]);
    bed.veth.near().remove_qdisc("clsact").expect("remove");
    // Nor one that someone made anew in the place of ours.
    let ours = attach(bed.netlink());
    bed.veth.near().remove_qdisc("clsact").expect("remove");
    bed.veth.near().add_qdisc("clsact").expect("make anew");
    ours.detach().expect("nothing to do");
    assert!(qdisc());
}

#[test]
fn filters_of_others_are_left_alone() {
    let Some(bed) = Bed::new() else { return };
    let [ours, theirs] = [classifier(), classifier()];
    let place = bed.netlink().priority(5).handle(1);
    let link = ours.attach_to(place.clone()).expect("attach");
    let neighbour = theirs.attach_to(place.clone().handle(2)).expect("attach");
    let taken_over = theirs
        .attach_to(place.clone().replacing_any())
        .expect("replace");
    assert_eq!(running(&*link), None);
    let error = link.update(&ours, None).expect_err("not ours any more");
    assert!(matches!(error, LinkError::NotOurs { .. }), "{error}");
    let error = link.detach().expect_err("not ours any more");
    assert!(
        matches!(error, LinkError::NotOurs { found, .. } if found == theirs.info().id),
        "{error}"
    );
    assert_eq!(bed.filters(), [theirs.info().id; 2]);
    let dropped = ours.attach_to(place.clone().handle(3)).expect("attach");
    let over = theirs
        .attach_to(place.clone().handle(3).replacing(&*ours))
        .expect("replace");
    drop(dropped);
    assert_eq!(bed.filters(), [theirs.info().id; 3]);
    let error = ours
        .attach_to(place.replacing(&*ours))
        .expect_err("nowhere");
    assert_eq!(error.errno(), Some(Errno::ENOENT), "{error}");
    for link in [neighbour, taken_over, over] {
        link.detach().expect("detach");
    }
    assert_eq!(bed.filters(), []);
}
