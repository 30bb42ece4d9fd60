//! XDP: links and netlink, modes, who owns what.

use std::sync::Arc;

use ebpf_core::hook::{Interface, Xdp, XdpMode, XdpVia};
use ebpf_core::kernel::XdpAttached;
use ebpf_core::link::{LinkError, LinkTarget, LinkType};
use ebpf_core::program::{ProgramExt, ProgramType};
use ebpf_core::system::Pinned;
use ebpf_core::{Errno, KernelSystem, Link, Program, System};
use ebpf_testbed::{Namespace, Sandbox, Veth, require};

use super::programs::{load, returns};

struct Bed {
    system: KernelSystem,
    veth: Veth,
    sandbox: Sandbox,
}

impl Bed {
    fn new() -> Option<Bed> {
        if !require("kernel") {
            return None;
        }
        let sandbox = Sandbox::new().expect("namespaces");
        let veth = Veth::pair("near", "far").expect("a veth pair");
        veth.set_up().expect("bring it up");
        Some(Bed {
            system: KernelSystem::new(),
            veth,
            sandbox,
        })
    }

    fn on(&self) -> Xdp<'static> {
        Xdp::on(self.veth.near().index())
    }

    fn attached(&self) -> XdpAttached {
        self.system
            .xdp_attached(self.veth.near().index())
            .expect("query")
    }
}

fn pass() -> Arc<dyn Program> {
    load(&returns(2, ProgramType::XDP)).expect("load")
}

#[test]
fn every_way_and_mode_attaches_and_detaches() {
    let Some(bed) = Bed::new() else { return };
    let program = pass();
    let id = Some(program.info().id);
    for via in [XdpVia::Auto, XdpVia::Link, XdpVia::Netlink] {
        for mode in [XdpMode::Default, XdpMode::Skb, XdpMode::Drv] {
            let link = program
                .attach_to(bed.on().via(via).mode(mode))
                .expect("attach");
            let found = bed.attached();
            assert_eq!(found.program(mode), id, "{via:?} {mode}");
            assert_eq!(
                found.skb.is_some(),
                mode == XdpMode::Skb,
                "veth has XDP in its driver"
            );
            let is_link = via != XdpVia::Netlink;
            assert_eq!(
                link.info().link_type,
                if is_link {
                    LinkType::XDP
                } else {
                    LinkType::UNSPEC
                }
            );
            assert_eq!(link.info().id.is_some(), is_link);
            assert_eq!(
                link.info().target,
                LinkTarget::Xdp {
                    ifindex: bed.veth.near().index()
                }
            );
            assert_eq!(link.query().expect("query").program, id);
            link.detach().expect("detach");
            assert_eq!(bed.attached(), XdpAttached::default(), "{via:?} {mode}");
            drop(
                program
                    .attach_to(bed.on().via(via).mode(mode))
                    .expect("attach again"),
            );
            assert_eq!(
                bed.attached(),
                XdpAttached::default(),
                "{via:?} {mode}, dropped"
            );
        }
    }
}

#[test]
fn one_program_on_many_interfaces() {
    let Some(bed) = Bed::new() else { return };
    let program = pass();
    let more: Vec<Veth> = (0..4)
        .map(|n| Veth::pair(&format!("a{n}"), &format!("b{n}")).expect("a pair"))
        .collect();
    for via in [XdpVia::Link, XdpVia::Netlink] {
        let links: Vec<Box<dyn Link>> = more
            .iter()
            .flat_map(|veth| [veth.near(), veth.far()])
            .map(|end| {
                program
                    .attach_to(Xdp::on(end.name()).via(via))
                    .expect("attach")
            })
            .collect();
        assert_eq!(links.len(), 8);
        for end in more.iter().flat_map(|veth| [veth.near(), veth.far()]) {
            let found = bed.system.xdp_attached(end.name()).expect("query");
            assert_eq!(found.program(XdpMode::Default), Some(program.info().id));
        }
        drop(links);
        for end in more.iter().flat_map(|veth| [veth.near(), veth.far()]) {
            assert_eq!(
                bed.system.xdp_attached(end.name()),
                Ok(XdpAttached::default())
            );
        }
    }
}

#[test]
fn busy_is_refused_by_default() {
    let Some(bed) = Bed::new() else { return };
    let (first, second) = (pass(), pass());
    for held in [XdpVia::Link, XdpVia::Netlink] {
        let _link = first.attach_to(bed.on().via(held)).expect("attach");
        for tried in [XdpVia::Auto, XdpVia::Link, XdpVia::Netlink] {
            let error = second.attach_to(bed.on().via(tried)).expect_err("busy");
            assert_eq!(
                error.errno(),
                Some(Errno::EBUSY),
                "{held:?} {tried:?}: {error}"
            );
        }
        assert_eq!(
            bed.attached().program(XdpMode::Default),
            Some(first.info().id)
        );
    }
    let _link = first
        .attach_to(bed.on().via(XdpVia::Netlink))
        .expect("attach");
    let error = second
        .attach_to(bed.on().via(XdpVia::Netlink))
        .expect_err("busy");
    assert_eq!(
        error.to_string(),
        format!(
            "attach program `returns` to XDP of interface {}: EBUSY: device or resource busy: XDP program already \
             attached (another program is attached: detach or replace it first)",
            bed.veth.near().index()
        )
    );
}

#[test]
fn replacing_is_for_the_expected_program_or_any() {
    let Some(bed) = Bed::new() else { return };
    let (first, second, third) = (pass(), pass(), pass());
    let old = first
        .attach_to(bed.on().via(XdpVia::Netlink))
        .expect("attach");
    let error = third
        .attach_to(bed.on().replacing(&*second))
        .expect_err("not the expected one");
    assert_eq!(error.errno(), Some(Errno::EEXIST), "{error}");
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(first.info().id)
    );

    let new = second
        .attach_to(bed.on().replacing(&*first))
        .expect("replace");
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(second.info().id)
    );
    assert_eq!(
        old.query().expect("query").program,
        None,
        "it is not ours any more"
    );
    let newest = third
        .attach_to(bed.on().replacing_any())
        .expect("replace any");
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(third.info().id)
    );

    let error = new.detach().expect_err("not ours");
    assert!(
        matches!(error, LinkError::NotOurs { found, .. } if found == third.info().id),
        "{error}"
    );
    drop(old);
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(third.info().id),
        "drops leave it alone"
    );
    newest.detach().expect("ours");
    assert_eq!(bed.attached(), XdpAttached::default());

    let error = first
        .attach_to(bed.on().replacing_any().via(XdpVia::Link))
        .expect_err("links do not");
    assert_eq!(error.errno(), Some(Errno::EOPNOTSUPP));
}

#[test]
fn a_program_owned_by_a_link_cannot_be_replaced() {
    let Some(bed) = Bed::new() else { return };
    let (first, second) = (pass(), pass());
    let _link = first.attach_to(bed.on()).expect("attach");
    let error = second
        .attach_to(bed.on().replacing_any())
        .expect_err("owned");
    assert_eq!(error.errno(), Some(Errno::EBUSY), "{error}");
}

#[test]
fn updating_swaps_the_program() {
    let Some(bed) = Bed::new() else { return };
    let (first, second, third) = (pass(), pass(), pass());
    for via in [XdpVia::Link, XdpVia::Netlink] {
        let link = first.attach_to(bed.on().via(via)).expect("attach");
        link.update(&*second, None).expect("update");
        assert_eq!(link.query().expect("query").program, Some(second.info().id));
        let error = link
            .update(&*third, Some(&*first))
            .expect_err("not the expected one");
        assert_eq!(error.errno(), Some(Errno::EPERM), "{via:?}: {error}");
        link.update(&*third, Some(&*second)).expect("update");
        assert_eq!(
            bed.attached().program(XdpMode::Default),
            Some(third.info().id)
        );
        let filter = load(&returns(0, ProgramType::SOCKET_FILTER)).expect("load");
        let error = link.update(&*filter, None).expect_err("another type");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
        link.detach().expect("detach");
        assert_eq!(bed.attached(), XdpAttached::default(), "{via:?}");
    }
}

#[test]
fn forgetting_leaves_it_attached() {
    let Some(bed) = Bed::new() else { return };
    let program = pass();
    program
        .attach_to(bed.on().via(XdpVia::Netlink))
        .expect("attach")
        .forget();
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(program.info().id)
    );
    drop(
        program
            .attach_to(bed.on().replacing(&*program))
            .expect("take it over"),
    );
    assert_eq!(bed.attached(), XdpAttached::default());
    program.attach_to(bed.on()).expect("attach").forget();
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(program.info().id)
    );
}

#[test]
fn dropping_in_another_namespace_detaches_in_the_right_one() {
    let Some(bed) = Bed::new() else { return };
    let program = pass();
    let elsewhere = Namespace::new().expect("a namespace");
    for via in [XdpVia::Link, XdpVia::Netlink] {
        let links = [
            program.attach_to(bed.on().via(via)).expect("attach"),
            program.attach_to(Xdp::on("far").via(via)).expect("attach"),
        ];
        let [dropped, detached] = links;
        elsewhere
            .run(|| {
                drop(dropped);
                detached.detach().expect("detach from elsewhere");
            })
            .expect("enter");
        assert_eq!(bed.attached(), XdpAttached::default(), "{via:?}");
        assert_eq!(
            bed.system.xdp_attached("far"),
            Ok(XdpAttached::default()),
            "{via:?}"
        );
    }
}

#[test]
fn an_interface_that_is_gone() {
    let Some(bed) = Bed::new() else { return };
    let program = pass();
    let veth = Veth::pair("c0", "c1").expect("a pair");
    let link = program
        .attach_to(Xdp::on("c0").via(XdpVia::Link))
        .expect("attach");
    let netlink = program
        .attach_to(Xdp::on("c1").via(XdpVia::Netlink))
        .expect("attach");
    drop(veth);
    assert_eq!(link.query().expect("query").program, None);
    assert_eq!(
        link.query().expect("query").target,
        LinkTarget::Xdp { ifindex: 0 }
    );
    assert_eq!(netlink.query().expect("query").program, None);
    link.detach().expect("nothing to do");
    netlink.detach().expect("nothing to do");
    let _ = bed;
}

#[test]
fn an_unknown_interface_is_named() {
    let Some(_bed) = Bed::new() else { return };
    let program = pass();
    assert_eq!(
        program
            .attach_to(Xdp::on("nope"))
            .expect_err("none")
            .to_string(),
        "attach program `returns` to XDP of interface `nope`: ENODEV: no such device (there is no such interface in \
         this network namespace)"
    );
    let error = program
        .attach_to(Xdp::on(Interface::Index(12345)))
        .expect_err("none");
    assert_eq!(error.errno(), Some(Errno::ENODEV), "{error}");
}

#[test]
fn pinned_links_outlive_their_value() {
    let Some(bed) = Bed::new() else { return };
    let program = pass();
    let pin = bed.sandbox.bpffs().join("link");
    let link = program.attach_to(bed.on()).expect("attach");
    let id = link.info().id.expect("an id");
    link.pin(&pin).expect("pin");
    drop(link);
    assert_eq!(
        bed.attached().program(XdpMode::Default),
        Some(program.info().id)
    );
    let Pinned::Link(link) = bed.system.open_pinned(&pin).expect("open") else {
        panic!("no link")
    };
    assert_eq!(link.info().id, Some(id));
    drop(link);
    let link = bed.system.link_by_id(id).expect("by id");
    bed.system.unpin(&pin).expect("unpin");
    link.detach().expect("detach");
    assert_eq!(bed.attached(), XdpAttached::default());

    let link = program
        .attach_to(bed.on().via(XdpVia::Netlink))
        .expect("attach");
    assert!(matches!(link.pin(&pin), Err(LinkError::Unsupported { .. })));
    assert!(matches!(
        link.read().err(),
        Some(LinkError::Unsupported { .. })
    ));
}

#[test]
fn a_program_of_another_type_is_refused() {
    let Some(bed) = Bed::new() else { return };
    let filter = load(&returns(0, ProgramType::SOCKET_FILTER)).expect("load");
    for via in [XdpVia::Auto, XdpVia::Link, XdpVia::Netlink] {
        let error = filter
            .attach_to(bed.on().via(via))
            .expect_err("no XDP program");
        assert_eq!(error.errno(), Some(Errno::EINVAL), "{via:?}: {error}");
    }
    assert_eq!(bed.attached(), XdpAttached::default());
}
