//! Netfilter programs in a namespace of the test's own.

use std::sync::Arc;

use ebpf_core::hook::{Netfilter, NetfilterFamily, NetfilterHook, NetfilterVerdict};
use ebpf_core::link::{LinkTarget, LinkType};
use ebpf_core::program::{AttachType, ProgramExt, ProgramType};
use ebpf_core::system::Feature;
use ebpf_core::{Errno, Program};
use ebpf_testbed::Sandbox;

use super::{address, has, program, receive, sandbox, send, udp};

fn bed() -> Option<Sandbox> {
    let sandbox = sandbox()?;
    has(Feature::Link(LinkType::NETFILTER)).then_some(sandbox)
}

fn verdict(verdict: NetfilterVerdict) -> Arc<dyn Program> {
    let text = format!("r0 = {}\nexit", verdict.0);
    program(
        ProgramType::NETFILTER,
        Some(AttachType::NETFILTER),
        &text,
        &[],
    )
}

fn local_in() -> Netfilter {
    Netfilter::on(NetfilterFamily::IPV4, NetfilterHook::LOCAL_IN)
}

#[test]
fn a_packet_is_dropped_or_goes_on() {
    let Some(_bed) = bed() else { return };
    let socket = udp();
    let accept = verdict(NetfilterVerdict::ACCEPT);
    let _first = accept.attach_to(local_in().priority(-10)).expect("attach");
    send(b"accepted", address(&socket));
    assert_eq!(receive(&socket), b"accepted");
    let link = verdict(NetfilterVerdict::DROP)
        .attach_to(local_in().priority(10))
        .expect("attach");
    assert_eq!(link.info().link_type, LinkType::NETFILTER);
    assert_eq!(
        link.info().target,
        LinkTarget::Netfilter {
            family: 2,
            hook: 1,
            priority: 10,
            flags: 0
        }
    );
    send(b"dropped", address(&socket));
    link.detach().expect("detach");
    send(b"again", address(&socket));
    assert_eq!(receive(&socket), b"again");
}

#[test]
fn a_priority_is_taken_once() {
    let Some(_bed) = bed() else { return };
    let accept = verdict(NetfilterVerdict::ACCEPT);
    let link = accept.attach_to(local_in().priority(5)).expect("attach");
    let error = accept.attach_to(local_in().priority(5)).expect_err("taken");
    assert_eq!(
        error.to_string(),
        "attach program `case` to netfilter local_in of ipv4 at priority 5: EBUSY: device or resource busy (another \
         program has this priority there)"
    );
    drop(link);
    accept
        .attach_to(local_in().priority(5))
        .expect("free again")
        .detach()
        .expect("detach");
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let Some(_bed) = bed() else { return };
    let accept = verdict(NetfilterVerdict::ACCEPT);
    for (target, errno) in [
        (local_in().priority(i32::MIN), Errno::ERANGE),
        (local_in().priority(i32::MAX), Errno::ERANGE),
        (
            Netfilter::on(NetfilterFamily::IPV6, NetfilterHook(77)),
            Errno::EPROTO,
        ),
        (
            Netfilter::on(NetfilterFamily(1), NetfilterHook::LOCAL_IN),
            Errno::EAFNOSUPPORT,
        ),
    ] {
        let error = accept.attach_to(target).expect_err("refused");
        assert_eq!(error.errno(), Some(errno), "{error}");
        assert!(error.to_string().ends_with(')'), "it helps: {error}");
    }
    let other = super::filter(0)
        .attach_to(local_in())
        .expect_err("another type");
    assert_eq!(other.errno(), Some(Errno::EINVAL), "{other}");
}
