//! What only TCX has.

use super::*;

#[test]
fn tcx_runs_before_filters() {
    let Some(bed) = Bed::new() else { return };
    if !bed.tcx_or_skip() {
        return;
    }
    let [tcx, filter] = [bed.counting(TcAction::UNSPEC), bed.counting(TcAction::OK)];
    let _filter = filter.attach(bed.netlink().priority(1));
    let link = tcx.attach(bed.ingress().via(TcVia::Tcx));
    bed.send(4);
    assert_eq!([tcx.take(), filter.take()], [4, 4]);
    let passing = bed.counting(TcAction::OK);
    link.update(&passing.program, None).expect("update");
    bed.send(4);
    assert_eq!([passing.take(), filter.take()], [4, 0]);
}

#[test]
fn the_order_of_tcx_is_as_said() {
    let Some(bed) = Bed::new() else { return };
    if !bed.tcx_or_skip() {
        return;
    }
    let order = || {
        let found = bed.attached().tcx_ingress.expect("TCX");
        let ids = found
            .programs
            .iter()
            .map(|found| found.program)
            .collect::<Vec<_>>();
        (found.revision, ids)
    };
    let [a, b, c, d, e] = [(); 5].map(|()| bed.counting(TcAction::UNSPEC));
    let (empty, nothing) = order();
    assert_eq!(nothing, []);
    let link_a = a.attach(bed.ingress().expected_revision(empty));
    let link_b = b.attach(bed.ingress().last());
    let _link_c = c.attach(bed.ingress().first());
    assert_eq!(order().1, [c.id(), a.id(), b.id()]);
    let _link_d = d.attach(bed.ingress().before(&link_a));
    let _link_e = e.attach(bed.ingress().after(&a.program));
    assert_eq!(order().1, [c.id(), d.id(), a.id(), e.id(), b.id()]);
    let by_id = bed.counting(TcAction::OK);
    let link = by_id.attach(bed.ingress().after(link_a.info().id.expect("an id")));
    assert_eq!(order().1[3], by_id.id());
    let first = bed.attached().tcx_ingress.expect("TCX").programs[0];
    assert!(matches!(first, HookProgram { link: Some(_), .. }));
    bed.send(2);
    let counts = [&a, &b, &c, &d, &e, &by_id].map(Counting::take);
    assert_eq!(
        counts,
        [2, 0, 2, 2, 0, 2],
        "what is after the last word is not asked"
    );
    link.detach().expect("detach");
    let before_b = bed.counting(TcAction::UNSPEC);
    let _before_b = before_b.attach(bed.ingress().before(b.id()));
    assert_eq!(order().1[4..], [before_b.id(), b.id()]);

    let (revision, ids) = order();
    let other = bed.counting(TcAction::UNSPEC);
    let refused = |target: Tc<'_>| other.program.attach_to(target).expect_err("refused");
    let error = refused(bed.ingress().expected_revision(revision - 1));
    assert_eq!(error.errno(), Some(Errno::ESTALE), "{error}");
    assert!(
        error.to_string().contains("the programs have changed"),
        "{error}"
    );
    let stranger = bed.counting(TcAction::UNSPEC);
    let error = refused(bed.ingress().before(&stranger.program));
    assert_eq!(error.errno(), Some(Errno::ENOENT), "{error}");
    let netlink = stranger.attach(bed.netlink());
    let error = refused(bed.ingress().before(&netlink));
    assert_eq!(
        error.errno(),
        Some(Errno::ENOENT),
        "no link object: {error}"
    );
    let error = a.program.attach_to(bed.ingress()).expect_err("twice");
    assert_eq!(error.errno(), Some(Errno::EEXIST), "{error}");
    assert_eq!(order(), (revision, ids));
    let _link = other.attach(bed.ingress().expected_revision(revision));
    assert_eq!(order().0, revision + 1);
    drop(link_b);
    assert_eq!(order().0, revision + 2);
}

#[test]
fn links_of_tcx_are_pinned_and_filters_are_not() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    let pin = bed.sandbox.bpffs().join("link");
    let filter = program.attach_to(bed.netlink()).expect("attach");
    assert!(matches!(
        filter.pin(&pin),
        Err(LinkError::Unsupported { .. })
    ));
    assert!(matches!(
        filter.read().err(),
        Some(LinkError::Unsupported { .. })
    ));
    assert!(filter.handle().is_none() && filter.info().id.is_none());
    if !bed.tcx_or_skip() {
        return;
    }
    let link = program
        .attach_to(bed.ingress().via(TcVia::Tcx))
        .expect("attach");
    link.pin(&pin).expect("pin");
    let target = link.info().target.clone();
    drop(link);
    let Pinned::Link(link) = bed.system.open_pinned(&pin).expect("open") else {
        panic!("no link")
    };
    assert_eq!(
        (link.info().link_type, &link.info().target),
        (LinkType::TCX, &target)
    );
    assert_eq!(running(&*link), Some(program.info().id));
    bed.system.unpin(&pin).expect("unpin");
    link.detach().expect("detach");
}
