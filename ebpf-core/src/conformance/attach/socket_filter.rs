//! Socket filters: `sk_attach_bpf()`, `sk_filter_trim_cap()` in net/core/filter.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, errno_of, program, socket, suite};
use crate::hook::{Descriptor, SocketFilter, SocketVerdict};
use crate::link::{LinkError, LinkTarget, LinkType};
use crate::program::{Program, ProgramError, ProgramExt, ProgramType};
use crate::system::{Handle, SystemId};

/// Bytes of a UDP header, which filters of UDP sockets see in front of the payload.
const HEADER: u32 = 8;

fn filter(t: &dyn Testbed, verdict: SocketVerdict) -> Arc<dyn Program> {
    let text = format!("w0 = {}\nexit", verdict.0 as i32);
    program(t, ProgramType::SOCKET_FILTER, &text, &[])
}

suite! { ($) socket_filter, __conformance_socket_filter;
    fn it_keeps_as_many_bytes_as_it_says(t, case) {
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        for (verdict, kept) in [
            (SocketVerdict::KEEP_ALL, 11),
            (SocketVerdict::keep(4096), 11),
            (SocketVerdict::keep(HEADER + 5), 5),
            (SocketVerdict::keep(HEADER), 0),
            // Headers are never cut.
            (SocketVerdict(1), 0),
        ] {
            let link = filter(t, verdict).attach_to(SocketFilter::on(far.descriptor())).expect("attach");
            near.send(far.port(), b"hello world").expect("send");
            assert_eq!(far.receive().len(), kept, "{verdict}");
            link.detach().expect("detach");
        }
        near.send(far.port(), b"hello world").expect("send");
        assert_eq!(far.receive(), b"hello world", "detached");
    }

    fn what_it_denies_does_not_arrive(t, case) {
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let denies = filter(t, SocketVerdict::DENY);
        let link = denies.attach_to(SocketFilter::on(far.descriptor())).expect("attach");
        near.send(far.port(), b"denied").expect("the sender does not notice");
        link.detach().expect("detach");
        near.send(far.port(), b"let through").expect("send");
        assert_eq!(far.receive(), b"let through");
        drop(denies.attach_to(SocketFilter::on(far.descriptor())).expect("attach"));
        near.send(far.port(), b"after the drop").expect("send");
        assert_eq!(far.receive(), b"after the drop");
    }

    fn it_sees_what_follows_the_network_header(t, case) {
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let text = "
            r6 = r1
            r7 = *(u32 *)(r1 + 0)
            r0 = *(u8 *)skb[8]
            if r0 == 120 goto deny
            if r7 != 12 goto deny
            r0 = *(u16 *)skb[2]
            w0 = -1
            exit
      deny: r0 = 0
            exit";
        let picks = program(t, ProgramType::SOCKET_FILTER, text, &[]);
        let _link = picks.attach_to(SocketFilter::on(far.descriptor())).expect("attach");
        for payload in [&b"x..."[..], b"of five", b"four"] {
            near.send(far.port(), payload).expect("send");
        }
        assert_eq!(far.receive(), b"four");
    }

    fn a_socket_has_one_filter(t, case) {
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let (keeps, cuts) = (filter(t, SocketVerdict::KEEP_ALL), filter(t, SocketVerdict::keep(HEADER + 1)));
        let link = keeps.attach_to(SocketFilter::on(far.descriptor())).expect("attach");
        assert_eq!(errno_of(cuts.attach_to(SocketFilter::on(far.descriptor()))), Errno::EBUSY);
        near.send(far.port(), b"whole").expect("send");
        assert_eq!(far.receive(), b"whole");
        link.forget();
        let link = cuts.attach_to(SocketFilter::on(far.descriptor()).replacing_any()).expect("replace");
        near.send(far.port(), b"cut").expect("send");
        assert_eq!(far.receive(), b"c");
        link.detach().expect("detach");
        near.send(far.port(), b"whole").expect("send");
        assert_eq!(far.receive(), b"whole");
    }

    fn its_link_is_updated(t, case) {
        let (Some(near), Some(far)) = (socket(t, case), socket(t, case)) else { return };
        let (keeps, cuts) = (filter(t, SocketVerdict::KEEP_ALL), filter(t, SocketVerdict::keep(HEADER + 1)));
        let link = keeps.attach_to(SocketFilter::on(far.descriptor())).expect("attach");
        assert_eq!(errno_of(link.update(&cuts, Some(&cuts))), Errno::EPERM);
        link.update(&cuts, Some(&keeps)).expect("update");
        assert_eq!(link.query().expect("query").program, Some(cuts.info().id));
        near.send(far.port(), b"cut").expect("send");
        assert_eq!(far.receive(), b"c");
        let other = program(t, ProgramType::XDP, "r0 = 2\nexit", &[]);
        assert_eq!(errno_of(link.update(&other, None)), Errno::EINVAL);
    }

    fn its_link_is_no_link_object(t, case) {
        let Some(far) = socket(t, case) else { return };
        let keeps = filter(t, SocketVerdict::KEEP_ALL);
        let link = keeps.attach_to(SocketFilter::on(far.descriptor())).expect("attach");
        assert_eq!((link.info().link_type, link.info().id), (LinkType::UNSPEC, None));
        assert!(matches!(link.info().target, LinkTarget::SocketFilter { .. }), "{:?}", link.info());
        assert!(link.handle().is_none());
        let error = link.pin(&t.pins().join("filter")).expect_err("nothing to pin");
        assert!(matches!(error, LinkError::Unsupported { .. }), "{error}");
    }

    fn one_program_filters_many_sockets(t, case) {
        let (Some(near), Some(one), Some(two)) = (socket(t, case), socket(t, case), socket(t, case)) else { return };
        let cuts = filter(t, SocketVerdict::keep(HEADER + 2));
        let links = [&one, &two].map(|far| cuts.attach_to(SocketFilter::on(far.descriptor())).expect("attach"));
        let [first, _second] = links;
        first.detach().expect("detach");
        for (far, expected) in [(&one, &b"cut"[..]), (&two, b"cu")] {
            near.send(far.port(), b"cut").expect("send");
            assert_eq!(far.receive(), expected);
        }
    }

    fn other_types_and_other_systems_are_refused(t, case) {
        let Some(far) = socket(t, case) else { return };
        let other = program(t, ProgramType::XDP, "r0 = 2\nexit", &[]);
        assert_eq!(errno_of(other.attach_to(SocketFilter::on(far.descriptor()))), Errno::EINVAL);
        let SystemId(own) = t.system().id();
        let foreign = Descriptor::simulated(Handle::new(SystemId(own.wrapping_add(12345)), 3));
        let error = filter(t, SocketVerdict::DENY).attach_to(SocketFilter::on(foreign)).expect_err("foreign");
        assert!(matches!(error, ProgramError::Foreign { .. }), "{error}");
    }
}
