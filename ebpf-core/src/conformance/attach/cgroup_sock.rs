//! Programs that are asked of sockets: `__cgroup_bpf_run_filter_sk()` in kernel/bpf/cgroup.c, inet_create(), __inet_bind()
//! and inet_release() in net/ipv4/af_inet.c.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::record::{Record, program_at};
use crate::Errno;
use crate::conformance::{Speaks, cgroup, requires, suite};
use crate::hook::Cgroup;
use crate::program::{AttachType, ProgramExt, ProgramType};
use crate::system::Feature;

const SOCK: ProgramType = ProgramType::CGROUP_SOCK;
const CREATE: AttachType = AttachType::CGROUP_INET_SOCK_CREATE;
const RELEASE: AttachType = AttachType::CGROUP_INET_SOCK_RELEASE;

/// The loopback address of a family, and any port.
pub(super) fn loopback(ipv6: bool) -> SocketAddr {
    match ipv6 {
        true => (Ipv6Addr::LOCALHOST, 0).into(),
        false => (Ipv4Addr::LOCALHOST, 0).into(),
    }
}

suite! { ($) cgroup_sock, __conformance_cgroup_sock;
    fn it_sees_what_is_made(t, case) {
        requires!(t, case, Feature::ProgramType(SOCK));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let note = Record::note("r7");
        let text = format!("r6 = r1\nr7 = *(u32 *)(r6 + 4)\n{note}\nr7 = *(u32 *)(r6 + 8)\n{note}\nr7 = *(u32 *)(r6 + 12)\n{note}\nr0 = 1\nexit");
        let sees = program_at(t, SOCK, CREATE, &text, &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), CREATE)).expect("attach");
        // Family, type, protocol.
        for (speaks, ipv6, seen) in [(Speaks::Tcp, false, [2, 1, 6]), (Speaks::Udp, false, [2, 2, 17]), (Speaks::Udp, true, [10, 2, 17])] {
            group.endpoint(speaks, ipv6).expect("a socket");
            assert_eq!(record.take(), seen, "{speaks:?} {ipv6}");
        }
    }

    fn what_it_sets_the_socket_has(t, case) {
        requires!(t, case, Feature::ProgramType(SOCK));
        let Some(group) = cgroup(t, case) else { return };
        let text = "r2 = 77\n*(u32 *)(r1 + 16) = r2\nr2 = 5\n*(u32 *)(r1 + 20) = r2\nr0 = 1\nexit";
        let sets = program_at(t, SOCK, CREATE, text, &[]);
        let _link = sets.attach_to(Cgroup::at(group.place(), CREATE)).expect("attach");
        let socket = group.endpoint(Speaks::Udp, false).expect("a socket");
        use crate::conformance::SocketOption as Option;
        assert_eq!(socket.option(Option::Mark, false), Ok(vec![77]));
        assert_eq!(socket.option(Option::Priority, false), Ok(vec![5]));
    }

    fn all_run_and_the_last_error_is_said(t, case) {
        requires!(t, case, Feature::ProgramType(SOCK));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let note = Record::note("r7");
        let program = |what: &str, verdict: u32| {
            let text = format!("call bpf_get_retval\nr7 = r0\n{note}\n{what}\nr0 = {verdict}\nexit");
            program_at(t, SOCK, CREATE, &text, &[record.map()])
        };
        let set = |errno: i32| format!("r1 = {errno}\ncall bpf_set_retval");
        let numbers = |numbers: &[i64]| -> Vec<u64> { numbers.iter().map(|number| *number as u64).collect() };
        // What each does and returns, what each finds, what the process is told.
        type Programs<'p> = &'p [(&'p str, u32)];
        let cases: [(Programs<'_>, &[i64], Result<(), Errno>); 6] = [
            (&[("", 1), ("", 1)], &[0, 0], Ok(())),
            (&[("", 0), ("", 1)], &[0, -1], Err(Errno::EPERM)),
            (&[(&set(-13), 0), ("", 0)], &[0, -13], Err(Errno::EACCES)),
            (&[(&set(-13), 1), ("", 1)], &[0, -13], Err(Errno::EACCES)),
            (&[("", 0), (&set(0), 1)], &[0, -1], Ok(())),
            (&[(&set(-13), 0), (&set(0), 0)], &[0, -13], Err(Errno::EPERM)),
        ];
        for (programs, found, told) in cases {
            let programs = programs.iter().map(|(what, verdict)| program(what, *verdict));
            let _links: Vec<_> = programs
                .map(|program| program.attach_to(Cgroup::at(group.place(), CREATE)).expect("attach"))
                .collect();
            assert_eq!(group.endpoint(Speaks::Udp, false).map(drop), told);
            assert_eq!(record.take(), numbers(found));
        }
    }

    fn a_bound_address_is_taken_away_again(t, case) {
        requires!(t, case, Feature::ProgramType(SOCK));
        let Some(group) = cgroup(t, case) else { return };
        for (hook, ipv6) in [(AttachType::CGROUP_INET4_POST_BIND, false), (AttachType::CGROUP_INET6_POST_BIND, true)] {
            let record = Record::new(t);
            let note = Record::note("r7");
            // The port, in the order of the machine.
            let text = format!("r7 = *(u32 *)(r1 + 44)\n{note}\nr0 = 0\nexit");
            let denies = program_at(t, SOCK, hook, &text, &[record.map()]);
            let socket = group.endpoint(Speaks::Tcp, ipv6).expect("a socket");
            let link = denies.attach_to(Cgroup::at(group.place(), hook)).expect("attach");
            assert_eq!(socket.bind(loopback(ipv6)), Err(Errno::EPERM));
            assert!(matches!(record.take()[..], [1..=65535]));
            let name = socket.name().expect("a name");
            assert_eq!((name.port(), name.ip().is_unspecified()), (0, true), "{name}");
            link.detach().expect("detach");
            socket.bind(loopback(ipv6)).expect("bind");
            assert_ne!(socket.name().expect("a name").port(), 0);
        }
    }

    fn it_is_told_when_a_socket_is_closed(t, case) {
        requires!(t, case, Feature::ProgramType(SOCK));
        let Some(group) = cgroup(t, case) else { return };
        let record = Record::new(t);
        let note = Record::note("r7");
        let text = format!("r7 = *(u32 *)(r1 + 12)\n{note}\nr0 = 1\nexit");
        let counts = program_at(t, SOCK, RELEASE, &text, &[record.map()]);
        let _link = counts.attach_to(Cgroup::at(group.place(), RELEASE)).expect("attach");
        let (tcp, udp) = (group.endpoint(Speaks::Tcp, false), group.endpoint(Speaks::Udp, true));
        assert_eq!(record.take(), []);
        drop(udp.expect("a socket"));
        assert_eq!(record.take(), [17]);
        drop(tcp.expect("a socket"));
        assert_eq!(record.take(), [6]);
    }
}
