//! Programs that see and change sysctls: `__cgroup_bpf_run_filter_sysctl()` in kernel/bpf/cgroup.c; and those that are asked
//! of devices: `__cgroup_bpf_check_dev_permission()`.

use super::record::{Record, program_at};
use crate::Errno;
use crate::conformance::{cgroup, requires, suite};
use crate::hook::Cgroup;
use crate::program::{AttachType, ProgramExt, ProgramType};
use crate::system::Feature;

const SYSCTL: ProgramType = ProgramType::CGROUP_SYSCTL;
const AT: AttachType = AttachType::CGROUP_SYSCTL;

/// A number of every network namespace, 64 at first.
const TTL: &str = "net/ipv4/ip_default_ttl";

/// Text that has a helper copy text into 32 bytes, and notes what it says and the first 16 bytes.
fn told(helper: &str, size: u32, flags: &str) -> String {
    let note = Record::note("r7");
    format!(
        "*(u64 *)(r10 - 32) = 0
         *(u64 *)(r10 - 24) = 0
         *(u64 *)(r10 - 16) = 0
         *(u64 *)(r10 - 8) = 0
         r1 = r6
         r2 = r10
         r2 += -32
         r3 = {size}
         {flags}
         call bpf_sysctl_{helper}
         r7 = r0
         {note}
         r7 = *(u64 *)(r10 - 32)
         {note}
         r7 = *(u64 *)(r10 - 24)
         {note}\n"
    )
}

/// What a result and 16 bytes of text are when they were noted.
fn noted(result: i64, text: &str) -> [u64; 3] {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    let [first, second] =
        [0, 8].map(|at| u64::from_ne_bytes(*bytes[at..].first_chunk().expect("8 bytes")));
    [result as u64, first, second]
}

suite! { ($) sysctl, __conformance_sysctl;
    fn they_are_neither_read_nor_written(t, case) {
        requires!(t, case, Feature::ProgramType(SYSCTL));
        let Some(group) = cgroup(t, case) else { return };
        group.write_sysctl(TTL, b"65").expect("write");
        let denies = program_at(t, SYSCTL, AT, "r0 = 0\nexit", &[]);
        let link = denies.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        assert_eq!(group.read_sysctl(TTL), Err(Errno::EPERM));
        assert_eq!(group.write_sysctl(TTL, b"66"), Err(Errno::EPERM));
        drop(link);
        assert_eq!(group.read_sysctl(TTL).expect("read"), b"65\n");
        assert_eq!(group.write_sysctl(TTL, b"no number"), Err(Errno::EINVAL));
        assert_eq!(group.read_sysctl("net/ipv4/there_is_none"), Err(Errno::ENOENT));
    }

    fn it_sees_what_is_read(t, case) {
        requires!(t, case, Feature::ProgramType(SYSCTL));
        let Some(group) = cgroup(t, case) else { return };
        group.write_sysctl(TTL, b"65").expect("write");
        let record = Record::new(t);
        let note = Record::note("r7");
        let position = format!("r7 = *(u32 *)(r6 + 0)\n{note}\nr7 = *(u32 *)(r6 + 4)\n{note}\n");
        let text = format!(
            "r6 = r1\nr7 = *(u32 *)(r6 + 4)\nif r7 != 0 goto out\n{position}{}{}{}{}{}{}out: r0 = 1\nexit",
            told("get_name", 32, "r4 = 0"), told("get_name", 32, "r4 = 1"), told("get_name", 4, "r4 = 1"),
            told("get_current_value", 32, ""), told("get_current_value", 3, ""), told("get_new_value", 32, ""),
        );
        let sees = program_at(t, SYSCTL, AT, &text, &[record.map()]);
        let _link = sees.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        assert_eq!(group.read_sysctl(TTL).expect("read"), b"65\n");
        let expected = [
            vec![0, 0],
            noted(TTL.len() as i64, TTL).to_vec(),
            noted(14, "ip_default_ttl").to_vec(),
            noted(-7, "ip_").to_vec(),
            noted(3, "65\n").to_vec(),
            noted(-7, "65").to_vec(),
            noted(-22, "").to_vec(),
        ];
        assert_eq!(record.take(), expected.concat());
    }

    fn another_value_is_written(t, case) {
        requires!(t, case, Feature::ProgramType(SYSCTL));
        let Some(group) = cgroup(t, case) else { return };
        group.write_sysctl(TTL, b"65").expect("write");
        let record = Record::new(t);
        let note = Record::note("r7");
        let change = format!(
            "r1 = 0x3737
             *(u64 *)(r10 - 8) = r1
             r1 = r6
             r2 = r10
             r2 += -8
             r3 = 2
             call bpf_sysctl_set_new_value
             r7 = r0
             {note}\n");
        let text = format!("r6 = r1\n{}{}{change}r0 = 1\nexit", told("get_current_value", 32, ""), told("get_new_value", 32, ""));
        let changes = program_at(t, SYSCTL, AT, &text, &[record.map()]);
        let link = changes.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        group.write_sysctl(TTL, b"66").expect("write");
        let expected = [noted(3, "65\n").to_vec(), noted(2, "66").to_vec(), vec![0]].concat();
        assert_eq!(record.take(), expected);
        drop(link);
        assert_eq!(group.read_sysctl(TTL).expect("read"), b"77\n");
    }

    fn where_a_read_begins_is_set(t, case) {
        requires!(t, case, Feature::ProgramType(SYSCTL));
        let Some(group) = cgroup(t, case) else { return };
        let skips = program_at(t, SYSCTL, AT, "r2 = 3\n*(u32 *)(r1 + 4) = r2\nr0 = 1\nexit", &[]);
        let _link = skips.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
        assert_eq!(group.read_sysctl(TTL).expect("read"), b"", "it is at the end");
    }
}

/// Devices.
pub mod device {
    use super::*;

    const DEVICE: ProgramType = ProgramType::CGROUP_DEVICE;
    const AT: AttachType = AttachType::CGROUP_DEVICE;

    suite! { ($) device, __conformance_device;
        fn they_are_not_opened(t, case) {
            requires!(t, case, Feature::ProgramType(DEVICE));
            let Some(group) = cgroup(t, case) else { return };
            let record = Record::new(t);
            let note = Record::note("r7");
            let fields = [0, 4, 8].map(|at| format!("r7 = *(u32 *)(r6 + {at})\n{note}\n")).concat();
            // What reads is allowed.
            let text = format!("r6 = r1\n{fields}r7 = *(u32 *)(r6 + 0)\nr7 >>= 16\nr0 = 0\nif r7 != 2 goto out\nr0 = 1\nout: exit");
            let asks = program_at(t, DEVICE, AT, &text, &[record.map()]);
            let link = asks.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
            assert_eq!(group.open_zero(false), Ok(()));
            // A character device; to read, to write; its numbers.
            assert_eq!(record.take(), [2 << 16 | 2, 1, 5]);
            assert_eq!(group.open_zero(true), Err(Errno::EPERM));
            assert_eq!(record.take(), [4 << 16 | 2, 1, 5]);
            drop(link);
            assert_eq!(group.open_zero(true), Ok(()));
        }

        fn another_error_is_said(t, case) {
            requires!(t, case, Feature::ProgramType(DEVICE));
            let Some(group) = cgroup(t, case) else { return };
            let says = program_at(t, DEVICE, AT, "r1 = -6\ncall bpf_set_retval\nr0 = 0\nexit", &[]);
            let _link = says.attach_to(Cgroup::at(group.place(), AT)).expect("attach");
            assert_eq!(group.open_zero(false), Err(Errno(6)));
        }
    }
}
