//! Storage that lives with tasks, control groups and sockets, from programs: `bpf_*_storage_get()` and
//! `bpf_*_storage_delete()`. The programs are those of `testdata/conformance/local_storage.bpf.c`.

use super::timer::{ask, loaded};
use crate::conformance::{FRAME, Testbed, suite};
use crate::program::ProgramExt;
use crate::{Collection, Errno};

const STORAGE: &[u8] = include_bytes!("../../../testdata/conformance/local_storage.bpf.o");

/// A value is made where there is none.
const CREATE: u64 = 1;

/// The programs, where the kernel has the functions that they call.
fn here(t: &dyn Testbed, case: &str) -> Option<Collection> {
    let btf = t.system().target_btf().expect("types");
    let has = |name| {
        btf.as_ref()
            .is_some_and(|btf| btf.find(name, crate::btf::Kind::FUNC).is_some())
    };
    if !["bpf_task_from_pid", "bpf_cgroup_from_id"]
        .into_iter()
        .all(has)
    {
        t.skip(
            case,
            "this system has no bpf_task_from_pid or bpf_cgroup_from_id",
        );
        return None;
    }
    loaded(t, case, STORAGE)
}

/// What a program finds: the number that was in the value, if there is one. It counts it up.
fn found(loaded: &Collection, program: &str, flags: u64, pid: u32, first: u32) -> Option<u64> {
    let mut request = flags.to_ne_bytes().to_vec();
    request.extend_from_slice(&pid.to_ne_bytes());
    request.extend_from_slice(&first.to_ne_bytes());
    assert_eq!(ask(loaded, program, &request), 0, "{program}");
    seen(loaded)
}

fn seen(loaded: &Collection) -> Option<u64> {
    let number = |name| loaded.global::<u64>(name).expect("a variable").get();
    (number("found") != 0).then(|| number("before"))
}

fn deleted(loaded: &Collection, program: &str) -> i32 {
    ask(loaded, program, &[0; 16])
}

/// What a program finds at the socket of a packet.
fn of_socket(loaded: &Collection, flags: u64) -> Option<u64> {
    loaded
        .global::<u64>("socket_flags")
        .expect("socket_flags")
        .set(&flags)
        .expect("write");
    let program = loaded.program("socket_get").expect("socket_get");
    assert_eq!(program.run_once(&FRAME, 0).expect("run").0.return_value, 0);
    seen(loaded)
}

suite! { ($) local_storage, __conformance_local_storage;
    fn a_task_has_a_value_of_its_own(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let get = |flags, first| found(&loaded, "current_get", flags, 0, first);
        assert_eq!(get(0, 0), None, "nothing is made without being asked for");
        assert_eq!(get(CREATE, 0), Some(0), "it begins as zeros");
        assert_eq!((get(0, 0), get(CREATE, 0)), (Some(1), Some(2)));
        assert_eq!(get(CREATE, 50), Some(3), "what is there is not written over");
        assert_eq!(deleted(&loaded, "current_delete"), 0);
        assert_eq!(deleted(&loaded, "current_delete"), -Errno::ENOENT.0);
        assert_eq!(get(0, 0), None);
        assert_eq!(get(CREATE, 50), Some(50), "it may begin as something else");
        assert_eq!(get(0, 0), Some(51));
    }

    fn flags_that_are_not_known_give_nothing(t, case) {
        let Some(loaded) = here(t, case) else { return };
        for flags in [2, 3, u64::MAX] {
            assert_eq!(found(&loaded, "current_get", flags, 0, 0), None, "{flags:#x}");
            assert_eq!(found(&loaded, "group_get", flags, 0, 0), None, "{flags:#x}");
            assert_eq!(of_socket(&loaded, flags), None, "{flags:#x}");
        }
        assert_eq!(found(&loaded, "current_get", 0, 0, 0), None);
    }

    fn a_task_is_found_by_its_number(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let own = t.current_task() as u32;
        assert_eq!(found(&loaded, "current_get", CREATE, 0, 7), Some(7));
        assert_eq!(found(&loaded, "task_get", 0, own, 0), Some(8), "the same task");
        let absent = 0x3fff_fff0u32;
        let request = [0u64.to_ne_bytes().as_slice(), &absent.to_ne_bytes(), &[0; 4]].concat();
        assert_eq!(ask(&loaded, "task_get", &request), 1, "there is no such task");
    }

    fn a_control_group_has_a_value(t, case) {
        let Some(loaded) = here(t, case) else { return };
        let get = |flags| found(&loaded, "group_get", flags, 0, 0);
        assert_eq!(get(0), None);
        assert_eq!((get(CREATE), get(0)), (Some(0), Some(1)));
        assert_eq!(deleted(&loaded, "group_delete"), 0);
        assert_eq!(deleted(&loaded, "group_delete"), -Errno::ENOENT.0);
        assert_eq!(get(0), None);
    }

    fn a_socket_has_a_value(t, case) {
        let Some(loaded) = here(t, case) else { return };
        // Each packet of a test run has a socket that is gone afterwards.
        assert_eq!(of_socket(&loaded, 0), None);
        assert_eq!(of_socket(&loaded, CREATE), Some(0));
        let delete = loaded.program("socket_delete").expect("socket_delete");
        assert_eq!(delete.run_once(&FRAME, 0).expect("run").0.return_value, 0);
        let said: i64 = loaded.global("deleted").expect("deleted").get();
        assert_eq!(said, i64::from(-Errno::ENOENT.0));
    }
}
