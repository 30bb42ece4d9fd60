//! Netkit, on a kernel that has it.

use ebpf_core::hook::Netkit;

use super::*;

fn bed() -> Option<Bed> {
    if !require("kernel") {
        return None;
    }
    let sandbox = Sandbox::new().expect("namespaces");
    let there = Namespace::new().expect("another namespace");
    match Veth::netkit_across("near", "far", &there) {
        Err(error) if error.raw_os_error() == Some(Errno::EOPNOTSUPP.0) => {
            skip("this kernel has no netkit");
            None
        }
        pair => Some(Bed::on_pair(sandbox, &there, pair.expect("a netkit pair"))),
    }
}

#[test]
fn each_end_counts_what_it_sends() {
    let Some(bed) = bed() else { return };
    let [primary, peer] = [bed.counting(TcAction::OK), bed.counting(TcAction::UNSPEC)];
    let [near, far] = [
        primary.program.attach_to(Netkit::primary("near")),
        peer.program.attach_to(Netkit::peer("near")),
    ]
    .map(|link| link.expect("attach"));
    assert_eq!(near.info().link_type, LinkType::NETKIT);
    assert_eq!(bed.send(5), [5, 5]);
    assert_eq!([primary.take(), peer.take()], [5, 5]);
    assert_eq!(running(&*far), Some(peer.id()));

    let dropping = bed.counting(TcAction::SHOT);
    far.update(&dropping.program, None).expect("update");
    assert_eq!(bed.send(5), [0, 5]);
    assert_eq!([primary.take(), peer.take(), dropping.take()], [5, 0, 5]);
    far.detach().expect("detach");
    assert_eq!(bed.send(5), [5, 5]);
    near.detach().expect("detach");
    bed.send(5);
    assert_eq!([primary.take(), dropping.take()], [5, 0]);
}

#[test]
fn programs_run_in_the_order_that_is_said() {
    let Some(bed) = bed() else { return };
    let [last, first, middle] = [(); 3].map(|()| bed.counting(TcAction::UNSPEC));
    let of = |counting: &Counting, target: Netkit<'_>| {
        counting.program.attach_to(target).expect("attach")
    };
    let last_link = of(&last, Netkit::primary("near"));
    let _first = of(&first, Netkit::primary("near").first());
    let _middle = of(&middle, Netkit::primary("near").before(&last_link));
    let found = bed.attached();
    let hook = found.netkit_primary.expect("a netkit device");
    let ids: Vec<ProgramId> = hook.programs.iter().map(|found| found.program).collect();
    assert_eq!(ids, [first.id(), middle.id(), last.id()]);
    assert_eq!(found.netkit_peer.expect("a netkit device").programs, []);
    let error = first
        .program
        .attach_to(Netkit::primary("near").expected_revision(hook.revision + 1))
        .expect_err("another revision");
    assert_eq!(error.errno(), Some(Errno::ESTALE), "{error}");
}

#[test]
fn only_the_primary_device_takes_programs() {
    let Some(bed) = bed() else { return };
    let program = classifier();
    let there = Namespace::new().expect("another namespace");
    let here = Namespace::current().expect("this namespace");
    let pair = Veth::netkit_across("a", "b", &here).expect("a netkit pair");
    let error = program
        .attach_to(Netkit::peer(pair.far().index()))
        .expect_err("the peer");
    assert_eq!(error.errno(), Some(Errno::EACCES), "{error}");
    assert!(
        error.to_string().contains("name the primary one"),
        "{error}"
    );
    let veth = Veth::pair_across("c", "d", &there).expect("a veth pair");
    let error = program
        .attach_to(Netkit::primary(veth.near().name()))
        .expect_err("no netkit");
    assert_eq!(error.errno(), Some(Errno::ENXIO), "{error}");
    assert_eq!(
        error.to_string(),
        "attach program `returns` to netkit primary of interface `c`: ENXIO: no such device or address (the interface \
         is not of a netkit pair)"
    );
    let filter = load(&returns(0, ProgramType::SOCKET_FILTER)).expect("load");
    let error = filter
        .attach_to(Netkit::primary("near"))
        .expect_err("another type");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    let link = program.attach_to(Netkit::primary("a")).expect("attach");
    drop(pair);
    assert_eq!(running(&*link), None);
    link.detach().expect("nothing to do");
    let _ = bed;
}
