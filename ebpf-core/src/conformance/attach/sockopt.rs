//! Programs that see and change options of sockets: `__cgroup_bpf_run_filter_setsockopt()` and
//! `__cgroup_bpf_run_filter_getsockopt()` in kernel/bpf/cgroup.c.

use std::sync::Arc;

use super::record::{Record, program_at};
use crate::Errno;
use crate::conformance::{SocketOption, Speaks, Testbed, cgroup, requires, suite};
use crate::hook::Cgroup;
use crate::map::Map;
use crate::program::{AttachType, Program, ProgramExt, ProgramType};
use crate::system::Feature;

const SOCKOPT: ProgramType = ProgramType::CGROUP_SOCKOPT;
const SET: AttachType = AttachType::CGROUP_SETSOCKOPT;
const GET: AttachType = AttachType::CGROUP_GETSOCKOPT;

/// A program that does what `text` does and lets the call go on.
fn does(t: &dyn Testbed, at: AttachType, text: &str, maps: &[&dyn Map]) -> Arc<dyn Program> {
    program_at(
        t,
        SOCKOPT,
        at,
        &format!("r6 = r1\n{text}\nr0 = 1\nexit"),
        maps,
    )
}

/// Text that notes level, name, length, and how many bytes there are.
fn seen() -> String {
    let note = Record::note("r7");
    let fields = [24, 28, 32]
        .map(|at| format!("r7 = *(u32 *)(r6 + {at})\n{note}\n"))
        .concat();
    format!("{fields}r7 = *(u64 *)(r6 + 16)\nr4 = *(u64 *)(r6 + 8)\nr7 -= r4\n{note}")
}

/// Text that puts a word where the value begins.
fn put(word: u32) -> String {
    format!(
        "r2 = *(u64 *)(r6 + 8)
         r3 = *(u64 *)(r6 + 16)
         r4 = r2
         r4 += 4
         if r4 > r3 goto +1
         *(u32 *)(r2 + 0) = {word}"
    )
}

fn length(bytes: i32) -> String {
    format!("r2 = {bytes}\n*(u32 *)(r6 + 32) = r2")
}

fn word(word: u32) -> Vec<u8> {
    word.to_ne_bytes().to_vec()
}

/// What a small number is without its zeros.
fn small(number: u8) -> Vec<u8> {
    if number == 0 {
        Vec::new()
    } else {
        vec![number]
    }
}

use SocketOption::{Congestion, KeepAlive, Mark, Priority, Unknown};

suite! { ($) sockopt, __conformance_sockopt;
    fn options_are_refused(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let denies = program_at(t, SOCKOPT, SET, "r0 = 0\nexit", &[]);
        let link = denies.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
        assert_eq!(socket.set_option(Priority, &word(3)), Err(Errno::EPERM));
        assert_eq!(socket.option(Priority, false), Ok(small(0)));
        drop(link);
        socket.set_option(Priority, &word(3)).expect("set");
        let denies = program_at(t, SOCKOPT, GET, "r0 = 0\nexit", &[]);
        let link = denies.attach_to(Cgroup::at(group.place(), GET)).expect("attach");
        assert_eq!(socket.option(Priority, false), Err(Errno::EPERM));
        drop(link);
        assert_eq!(socket.option(Priority, false), Ok(small(3)));
    }

    fn it_sees_what_is_set(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let record = Record::new(t);
        let sees = does(t, SET, &seen(), &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
        socket.set_option(Priority, &word(3)).expect("set");
        // There is room for 16 bytes at least.
        assert_eq!(record.take(), [1, 12, 4, 16]);
        socket.set_option(Congestion, b"reno").expect("set");
        assert_eq!(record.take(), [6, 13, 4, 16]);
        assert_eq!(socket.set_option(Unknown, &[0; 20]), Err(Errno::ENOPROTOOPT));
        assert_eq!(record.take(), [1, 0xdead, 20, 20]);
        // Of more than a page it sees a page; what it leaves as it is goes on as the process said it.
        let mut much = [0; 5000];
        much[..4].copy_from_slice(b"reno");
        assert_eq!(socket.set_option(Congestion, &much), Ok(()));
        assert_eq!(record.take(), [6, 13, 5000, 4096]);
    }

    fn another_value_is_set(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let changes = does(t, SET, &put(6), &[]);
        let link = changes.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
        socket.set_option(Priority, &word(3)).expect("set");
        assert_eq!(socket.option(Priority, false), Ok(small(6)));
        drop(link);
        let another = does(t, SET, "r2 = 36\n*(u32 *)(r6 + 28) = r2", &[]);
        let link = another.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
        socket.set_option(Priority, &word(4)).expect("set");
        assert_eq!((socket.option(Priority, false), socket.option(Mark, false)), (Ok(small(6)), Ok(small(4))));
        drop(link);
        // A length of 0 leaves the value as the process said it, though not the name.
        let zero = does(t, SET, &format!("{}\n{}\nr2 = 36\n*(u32 *)(r6 + 28) = r2", put(9), length(0)), &[]);
        let _link = zero.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
        socket.set_option(Priority, &word(8)).expect("set");
        assert_eq!((socket.option(Priority, false), socket.option(Mark, false)), (Ok(small(6)), Ok(small(8))));
    }

    fn a_length_says_what_becomes_of_a_call(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let set = |bytes: i32, option, value: &[u8]| {
            let program = does(t, SET, &length(bytes), &[]);
            let _link = program.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
            socket.set_option(option, value)
        };
        // The kernel is not asked.
        assert_eq!(set(-1, Unknown, &word(1)), Ok(()));
        assert_eq!(set(-1, Priority, &word(1)), Ok(()));
        assert_eq!(socket.option(Priority, false), Ok(small(0)));
        assert_eq!(set(-2, Priority, &word(1)), Err(Errno::EFAULT));
        assert_eq!(set(17, Priority, &word(1)), Err(Errno::EFAULT));
        assert_eq!(set(16, Priority, &word(1)), Ok(()));
        assert_eq!(set(2, Priority, &word(1)), Err(Errno::EINVAL), "too short");
        let mut much = [0; 5000];
        much[..4].copy_from_slice(b"reno");
        assert_eq!(set(4097, Congestion, &much), Ok(()), "what it says is ignored");
        assert_eq!(set(-2, Congestion, &much), Err(Errno::EFAULT));
        assert_eq!(set(-1, Congestion, &much), Ok(()));
        assert_eq!(set(4, Congestion, &much), Ok(()));
    }

    fn it_sees_what_is_got(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let record = Record::new(t);
        let text = format!("{}\nr7 = *(s32 *)(r6 + 36)\n{}", seen(), Record::note("r7"));
        let text = text.replace("*(s32 *)", "*(u32 *)");
        let sees = does(t, GET, &text, &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), GET)).expect("attach");
        assert_eq!(socket.option(Priority, false), Ok(small(0)));
        assert_eq!(record.take(), [1, 12, 4, 16, 0]);
        let refused = u64::from(-Errno::ENOPROTOOPT.0 as u32);
        assert_eq!(socket.option(Unknown, false), Err(Errno::ENOPROTOOPT));
        assert_eq!(record.take(), [1, 0xdead, 16, 16, refused]);
        assert_eq!(socket.option(Priority, true), Ok(small(0)));
        assert_eq!(record.take(), [1, 12, 4, 4096, 0]);
        assert_eq!(socket.option(Unknown, true), Err(Errno::ENOPROTOOPT));
        assert_eq!(record.take(), [1, 0xdead, 8192, 4096, refused]);
    }

    fn a_value_is_made_up(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let got = |text: &str, option, much| {
            let program = does(t, GET, text, &[]);
            let _link = program.attach_to(Cgroup::at(group.place(), GET)).expect("attach");
            socket.option(option, much)
        };
        let retval = |retval: i32| format!("r2 = {retval}\n*(u32 *)(r6 + 36) = r2");
        assert_eq!(got(&put(9), Priority, false), Ok(small(9)));
        // What the kernel refused stays refused, but for who says that it is not.
        assert_eq!(got(&format!("{}\n{}", put(9), length(4)), Unknown, false), Err(Errno::ENOPROTOOPT));
        assert_eq!(got(&format!("{}\n{}\n{}", put(9), length(4), retval(0)), Unknown, false), Ok(small(9)));
        assert_eq!(got(&format!("{}\n{}", put(9), retval(-13)), Priority, false), Err(Errno::EACCES));
        assert_eq!(got(&format!("{}\nr1 = 0\ncall bpf_set_retval", put(9)), Unknown, false), Ok(small(9)));
        let full = "r2 = *(u64 *)(r6 + 8)
                    r3 = *(u64 *)(r6 + 16)
                    r4 = r2
                    r4 += 16
                    if r4 > r3 goto +4
                    r5 = 0x01010101
                    *(u32 *)(r2 + 0) = r5
                    *(u32 *)(r2 + 4) = r5
                    *(u32 *)(r2 + 8) = r5";
        for (bytes, told) in [(-1, Err(Errno::EFAULT)), (17, Err(Errno::EFAULT)), (0, Ok(1)), (3, Ok(3)), (10, Ok(10))] {
            socket.set_option(Priority, &word(6)).expect("set");
            let got = got(&format!("{full}\n{}", length(bytes)), Priority, false);
            assert_eq!(got.map(|bytes| bytes.len()), told, "{bytes}");
        }
        // Where there is room for more than a page and it says more than it saw, it is as if it had said nothing.
        assert_eq!(got(&format!("{}\n{}", put(9), retval(0)), Unknown, true), Err(Errno::ENOPROTOOPT));
        assert_eq!(got(&format!("{}\n{}\n{}", put(9), retval(0), length(4)), Unknown, true), Ok(small(9)));
        assert_eq!(got(&length(4097), Priority, true), Err(Errno::EFAULT), "the kernel said 4");
    }

    fn it_sets_options_itself(t, case) {
        requires!(t, case, Feature::ProgramType(SOCKOPT));
        let Some(group) = cgroup(t, case) else { return };
        let socket = group.endpoint(Speaks::Tcp, false).expect("a socket");
        let record = Record::new(t);
        let call = |name: i32, bytes: u32, helper: &str| format!(
            "*(u64 *)(r10 - 8) = 5
             r1 = *(u64 *)(r6 + 0)
             r2 = 1
             r3 = {name}
             r4 = r10
             r4 += -8
             r5 = {bytes}
             call bpf_{helper}
             r7 = r0
             {}
             r7 = *(u32 *)(r10 - 8)
             {}\n", Record::note("r7"), Record::note("r7"));
        let text = [
            call(12, 4, "setsockopt"), call(12, 4, "getsockopt"), call(12, 8, "setsockopt"),
            call(0xdead, 4, "setsockopt"), call(0xdead, 4, "getsockopt"),
        ].concat();
        let sets = does(t, SET, &text, &[record.map()]);
        let _link = sets.attach_to(Cgroup::at(group.place(), SET)).expect("attach");
        socket.set_option(KeepAlive, &word(1)).expect("set");
        let refused = -22i64 as u64;
        assert_eq!(record.take(), [0, 5, 0, 5, refused, 5, refused, 5, refused, 0]);
        assert_eq!(socket.option(Priority, false), Ok(small(5)));
        assert_eq!(socket.option(KeepAlive, false), Ok(small(1)));
    }
}
