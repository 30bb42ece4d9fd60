//! Traffic control with real traffic: a pair of interfaces, each end in a network namespace of its own.

mod act_bpf;
mod filter;
mod netkit;
mod tcx;

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;

use ebpf_core::conformance::code;
use ebpf_core::hook::{Clsact, Tc, TcAct, TcAction, TcDirection, TcVia};
use ebpf_core::hook::{HookProgram, TcAttached, TcFilter};
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
        Some(Bed::on_pair(sandbox, &there, veth))
    }

    fn on_pair(sandbox: Sandbox, there: &Namespace, veth: Veth) -> Bed {
        veth.near().add_address(NEAR, 24).expect("an address");
        veth.far().add_address(FAR, 24).expect("an address");
        let [near, far] = [veth.near(), veth.far()].map(|end| end.mac().expect("an address"));
        veth.near().add_neighbour(FAR, far).expect("a neighbour");
        veth.far().add_neighbour(NEAR, near).expect("a neighbour");
        veth.set_up().expect("bring it up");
        let bind = |address| UdpSocket::bind((address, 0)).expect("a socket");
        Bed {
            system: KernelSystem::new(),
            near: bind(NEAR),
            far: there.run(|| bind(FAR)).expect("enter"),
            veth,
            sandbox,
        }
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
