//! Traffic control with real traffic: a pair of interfaces, each end in a network namespace of its own.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;

use ebpf_core::conformance::code;
use ebpf_core::hook::{Clsact, Tc, TcAct, TcAction, TcDirection, TcVia};
use ebpf_core::kernel::{HookProgram, TcAttached, TcFilter};
use ebpf_core::link::{LinkError, LinkTarget, LinkType};
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{ProgramError, ProgramExt, ProgramId, ProgramType};
use ebpf_core::system::{Bindings, Feature, Pinned};
use ebpf_core::{Errno, KernelSystem, Link, Map, Program, System};
use ebpf_testbed::{Namespace, Sandbox, Veth, require, skip};

use super::programs::{load, returns};

const NEAR: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 0, 1));
const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 0, 2));
/// What the packets that are counted carry; no other packet is as long.
const PAYLOAD: usize = 777;
/// With the headers of UDP, IPv4 and Ethernet.
const LENGTH: usize = PAYLOAD + 8 + 20 + 14;

struct Bed {
    system: KernelSystem,
    veth: Veth,
    near: UdpSocket,
    far: UdpSocket,
    sandbox: Sandbox,
}

impl Bed {
    fn new() -> Option<Bed> {
        if !require("kernel") {
            return None;
        }
        let sandbox = Sandbox::new().expect("namespaces");
        let there = Namespace::new().expect("another namespace");
        let veth = Veth::pair_across("near", "far", &there).expect("a veth pair");
        veth.near().add_address(NEAR, 24).expect("an address");
        veth.far().add_address(FAR, 24).expect("an address");
        let [near, far] = [veth.near(), veth.far()].map(|end| end.mac().expect("an address"));
        veth.near().add_neighbour(FAR, far).expect("a neighbour");
        veth.far().add_neighbour(NEAR, near).expect("a neighbour");
        veth.set_up().expect("bring it up");
        let bind = |address| UdpSocket::bind((address, 0)).expect("a socket");
        Some(Bed {
            system: KernelSystem::new(),
            near: bind(NEAR),
            far: there.run(|| bind(FAR)).expect("enter"),
            veth,
            sandbox,
        })
    }

    /// The ways that this kernel has.
    fn ways(&self) -> Vec<TcVia> {
        let tcx = self.has_tcx().then_some(TcVia::Tcx);
        [TcVia::Auto, TcVia::Netlink]
            .into_iter()
            .chain(tcx)
            .collect()
    }

    fn has_tcx(&self) -> bool {
        let support = self.system.probe(Feature::Link(LinkType::TCX));
        support.expect("probe").is_yes()
    }

    fn tcx_or_skip(&self) -> bool {
        let has = self.has_tcx();
        if !has {
            skip("this kernel has no TCX");
        }
        has
    }

    fn on(&self, direction: TcDirection) -> Tc<'static> {
        Tc::new(self.veth.near().index(), direction)
    }

    fn ingress(&self) -> Tc<'static> {
        self.on(TcDirection::Ingress)
    }

    fn netlink(&self) -> Tc<'static> {
        self.ingress().via(TcVia::Netlink)
    }

    fn attached(&self) -> TcAttached {
        let index = self.veth.near().index();
        self.system.tc_attached(index).expect("query")
    }

    /// The programs of the filters for received packets, in order.
    fn filters(&self) -> Vec<ProgramId> {
        programs(
            self.attached()
                .filters
                .iter()
                .filter(|filter| filter.direction == TcDirection::Ingress),
        )
    }

    /// Sends packets to the interface with the programs, and as many from it, and then one of another length each way,
    /// which always arrives. How many of the others did: received by the interface, and sent by it.
    fn send(&self, count: usize) -> [usize; 2] {
        [(&self.far, &self.near), (&self.near, &self.far)].map(|(from, to)| {
            let address = to.local_addr().expect("an address");
            for _ in 0..count {
                // A program at egress that drops is told to the sender.
                let _ = from.send_to(&[0; PAYLOAD], address);
            }
            from.send_to(b"the last", address).expect("send");
            let mut arrived = 0;
            let mut buffer = [0; 2048];
            while to.recv(&mut buffer).expect("receive") == PAYLOAD {
                arrived += 1;
            }
            arrived
        })
    }

    /// A program that counts the packets of [`Bed::send`] and returns `verdict` for them.
    fn counting(&self, verdict: TcAction) -> Counting {
        self.counting_as(ProgramType::SCHED_CLS, verdict)
    }

    fn counting_as(&self, program_type: ProgramType, verdict: TcAction) -> Counting {
        let spec = MapSpec::new("counts", MapType::ARRAY, 4, 8, 1);
        let counts = self.system.create_map(&spec, None).expect("a map");
        let text = format!(
            "r6 = -1
             r2 = *(u32 *)(r1 + 0)
             if r2 != {LENGTH} goto out
             r6 = {}
             *(u32 *)(r10 - 4) = 0
             r1 = map_by_idx(0)
             r2 = r10
             r2 += -4
             call bpf_map_lookup_elem
             if r0 == 0 goto out
             r1 = 1
             lock *(u64 *)(r0 + 0) += r1
        out: r0 = r6
             exit",
            verdict.0 as i32
        );
        let mut spec = code(program_type, &text);
        spec.name = "counting".to_owned();
        let bindings = Bindings {
            maps: &[&counts],
            ..Bindings::default()
        };
        let program = self.system.load_program(&spec, &bindings).expect("load");
        Counting { program, counts }
    }
}

struct Counting {
    program: Arc<dyn Program>,
    counts: Arc<dyn Map>,
}

impl Counting {
    fn id(&self) -> ProgramId {
        self.program.info().id
    }

    fn attach<'t>(&self, target: Tc<'t>) -> Box<dyn Link> {
        let named = target.to_string();
        let link = self.program.attach_to(target);
        link.unwrap_or_else(|error| panic!("{named}: {error}"))
    }

    /// How many packets it saw since it was last asked.
    fn take(&self) -> u64 {
        let mut value = [0; 8];
        let key = 0u32.to_ne_bytes();
        assert!(
            self.counts
                .lookup_elem(&key, &mut value, LookupFlags::NONE)
                .expect("read")
        );
        let clear = [0; 8];
        self.counts
            .update_elem(&key, &clear, UpdateFlags::ANY)
            .expect("clear");
        u64::from_ne_bytes(value)
    }
}

fn programs<'f>(filters: impl IntoIterator<Item = &'f TcFilter>) -> Vec<ProgramId> {
    filters.into_iter().flat_map(TcFilter::programs).collect()
}

fn running(link: &dyn Link) -> Option<ProgramId> {
    link.query().expect("query").program
}

fn classifier() -> Arc<dyn Program> {
    load(&returns(-1, ProgramType::SCHED_CLS)).expect("load")
}

#[test]
fn both_directions_count_exactly_what_was_sent() {
    let Some(bed) = Bed::new() else { return };
    for via in bed.ways() {
        let [received, sent] = [bed.counting(TcAction::OK), bed.counting(TcAction::OK)];
        let ingress = received.attach(bed.ingress().via(via));
        let egress = sent.attach(bed.on(TcDirection::Egress).via(via));
        assert_eq!(bed.send(50), [50, 50], "{via:?}");
        assert_eq!([received.take(), sent.take()], [50, 50], "{via:?}");
        ingress.detach().expect("detach");
        assert_eq!(bed.send(3), [3, 3]);
        assert_eq!([received.take(), sent.take()], [0, 3], "{via:?}");
        egress.detach().expect("detach");
        assert_eq!(bed.send(3), [3, 3]);
        assert_eq!([received.take(), sent.take()], [0, 0], "{via:?}");
        let left = bed.attached();
        assert_eq!((left.qdisc, left.filters), (None, vec![]), "{via:?}");
    }
}

#[test]
fn one_call_takes_what_the_kernel_has() {
    let Some(bed) = Bed::new() else { return };
    let counting = bed.counting(TcAction::OK);
    let link = counting.attach(bed.ingress());
    let is_tcx = link.info().link_type == LinkType::TCX;
    assert_eq!(is_tcx, bed.has_tcx());
    assert_eq!(
        bed.attached().qdisc.is_none(),
        is_tcx,
        "TCX needs no queueing discipline"
    );
    assert_eq!(bed.attached().tcx_ingress.is_some(), is_tcx);
    // An option that only netlink has chooses netlink.
    let named = counting.attach(bed.ingress().name("mine"));
    assert_eq!(named.info().link_type, LinkType::UNSPEC);
    assert_eq!(bed.attached().filters[0].name.as_deref(), Some("mine"));
}

#[test]
fn a_verdict_drops() {
    let Some(bed) = Bed::new() else { return };
    for via in bed.ways() {
        let dropping = bed.counting(TcAction::SHOT);
        let ingress = dropping.attach(bed.ingress().via(via));
        assert_eq!(bed.send(10), [0, 10], "{via:?}");
        ingress.detach().expect("detach");
        let egress = dropping.attach(bed.on(TcDirection::Egress).via(via));
        assert_eq!(bed.send(10), [10, 0], "{via:?}");
        assert_eq!(dropping.take(), 20, "{via:?}");
        drop(egress);
        assert_eq!(bed.send(10), [10, 10], "{via:?}");
    }
}

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
fn contradictions_ask_nothing_of_the_kernel() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    let error = program
        .attach_to(bed.ingress().priority(1).first())
        .expect_err("both");
    assert!(matches!(error, ProgramError::Target { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "attach program `returns` to TC ingress of interface {}: `priority` and `an order` exclude each other",
            bed.veth.near().index()
        )
    );
    assert_eq!(bed.attached().qdisc, None);
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
fn after_a_failed_attach_a_good_one_works() {
    let Some(bed) = Bed::new() else { return };
    let wrong = load(&returns(0, ProgramType::SOCKET_FILTER)).expect("load");
    let program = classifier();
    for via in bed.ways() {
        let error = wrong
            .attach_to(bed.ingress().via(via))
            .expect_err("no classifier");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
        assert_eq!(
            bed.attached().qdisc,
            None,
            "{via:?}: what was made for it is taken back"
        );
        let error = program
            .attach_to(Tc::ingress("no-such-if").via(via))
            .expect_err("none");
        assert_eq!(error.errno(), Some(Errno::ENODEV), "{via:?}: {error}");
        program
            .attach_to(bed.ingress().via(via))
            .expect("attach")
            .detach()
            .expect("detach");
    }
    let taken = program
        .attach_to(bed.netlink().priority(3).handle(9))
        .expect("attach");
    let error = classifier()
        .attach_to(bed.netlink().priority(3).handle(9))
        .expect_err("taken");
    assert_eq!(error.errno(), Some(Errno::EEXIST), "{error}");
    assert!(
        error.to_string().contains("Filter already exists"),
        "the kernel's own words: {error}"
    );
    let other = bed.netlink().priority(3).protocol(0x0800);
    let error = classifier().attach_to(other).expect_err("another protocol");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
    assert_eq!(bed.filters(), [program.info().id]);
    assert_eq!(running(&*taken), Some(program.info().id));
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

#[test]
fn updating_swaps_the_program() {
    let Some(bed) = Bed::new() else { return };
    for via in bed.ways() {
        let [passing, dropping, third] =
            [TcAction::OK, TcAction::SHOT, TcAction::OK].map(|verdict| bed.counting(verdict));
        let link = passing.attach(bed.ingress().via(via));
        assert_eq!(bed.send(3)[0], 3);
        link.update(&dropping.program, None).expect("update");
        assert_eq!(running(&*link), Some(dropping.id()));
        assert_eq!(bed.send(3)[0], 0);
        assert_eq!([passing.take(), dropping.take()], [3, 3], "{via:?}");
        let error = link
            .update(&third.program, Some(&passing.program))
            .expect_err("not the expected one");
        assert_eq!(error.errno(), Some(Errno::EPERM), "{via:?}: {error}");
        link.update(&third.program, Some(&dropping.program))
            .expect("update");
        let wrong = load(&returns(0, ProgramType::SOCKET_FILTER)).expect("load");
        let error = link.update(&*wrong, None).expect_err("another type");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
        assert_eq!(running(&*link), Some(third.id()), "{via:?}");
        link.detach().expect("detach");
        assert_eq!(bed.filters(), [], "{via:?}");
    }
}

#[test]
fn an_interface_that_is_gone_is_a_clean_detach() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    for via in bed.ways() {
        let veth = Veth::pair("c0", "c1").expect("a pair");
        let near = program
            .attach_to(Tc::ingress("c0").via(via))
            .expect("attach");
        let far = program
            .attach_to(Tc::egress("c1").via(via))
            .expect("attach");
        drop(veth);
        assert_eq!(running(&*near), None, "{via:?}");
        let error = near.update(&program, None).expect_err("gone");
        assert!(
            matches!(error.errno(), Some(Errno::ENOENT | Errno::ENOLINK)),
            "{via:?}: {error}"
        );
        near.detach().expect("nothing to do");
        drop(far);
    }
    // The filter, or all of them, may be gone while the interface stays.
    let link = program.attach_to(bed.netlink()).expect("attach");
    bed.veth.near().remove_qdisc("clsact").expect("remove");
    assert_eq!(running(&*link), None);
    link.detach().expect("nothing to do");
}

#[test]
fn detaching_works_from_another_namespace_and_thread() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    let elsewhere = Namespace::new().expect("a namespace");
    for via in bed.ways() {
        let dropped = program
            .attach_to(bed.on(TcDirection::Egress).via(via))
            .expect("attach");
        let detached = program.attach_to(bed.ingress().via(via)).expect("attach");
        elsewhere
            .run(|| {
                assert_eq!(running(&*detached), Some(program.info().id));
                drop(dropped);
                detached.detach().expect("detach from elsewhere");
            })
            .expect("enter");
        let left = bed.attached();
        assert_eq!((left.qdisc, left.filters), (None, vec![]), "{via:?}");
        let programs = [left.tcx_ingress, left.tcx_egress].into_iter().flatten();
        assert!(
            programs.into_iter().all(|hook| hook.programs.is_empty()),
            "{via:?}"
        );
    }
}

#[test]
fn one_program_on_several_interfaces() {
    let Some(bed) = Bed::new() else { return };
    let program = classifier();
    let more: Vec<Veth> = (0..3)
        .map(|n| Veth::pair(&format!("a{n}"), &format!("b{n}")).expect("a pair"))
        .collect();
    for via in bed.ways() {
        let links: Vec<Box<dyn Link>> = more
            .iter()
            .flat_map(|veth| [veth.near(), veth.far()])
            .flat_map(|end| [Tc::ingress(end.name()), Tc::egress(end.name())])
            .map(|target| program.attach_to(target.via(via)).expect("attach"))
            .collect();
        assert!(
            links
                .iter()
                .all(|link| running(&**link) == Some(program.info().id))
        );
        drop(links);
        for end in more.iter().flat_map(|veth| [veth.near(), veth.far()]) {
            let left = bed.system.tc_attached(end.name()).expect("query");
            assert_eq!((left.qdisc, left.filters), (None, vec![]), "{via:?}");
        }
    }
}

#[test]
fn every_section_name_of_classifiers_attaches_every_way() {
    let Some(bed) = Bed::new() else { return };
    for section in [
        "tc",
        "classifier",
        "tc_cls/x",
        "tcx/ingress",
        "tcx/egress",
        "tc/ingress",
    ] {
        let meaning = ebpf_core::hook::section(section);
        let mut spec = returns(-1, meaning.program_type);
        spec.section = section.into();
        spec.expected_attach_type = meaning.attach_type;
        let program = load(&spec).unwrap_or_else(|error| panic!("{section}: {error}"));
        for via in bed.ways() {
            for direction in [TcDirection::Ingress, TcDirection::Egress] {
                let link = program.attach_to(bed.on(direction).via(via));
                let link =
                    link.unwrap_or_else(|error| panic!("{section} {via:?} {direction}: {error}"));
                link.detach().expect("detach");
            }
        }
    }
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

mod act_bpf {
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
}
