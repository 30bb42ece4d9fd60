//! One CPU's value of a per-CPU map, and one value for all: `BPF_F_CPU` and `BPF_F_ALL_CPUS`, since Linux 7.0.
//! `bpf_map_check_op_flags()` in include/linux/bpf.h, `pcpu_copy_value()` in kernel/bpf/hashtab.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, errno_of, get_bytes, map, put, spec, suite, write};
use crate::map::{LookupFlags, Map, MapType, UpdateFlags};

const ALL: [MapType; 3] = [
    MapType::PERCPU_HASH,
    MapType::LRU_PERCPU_HASH,
    MapType::PERCPU_ARRAY,
];

/// Maps of each type with values of 5 bytes; none where the system has no such flags.
fn maps(t: &dyn Testbed, case: &str) -> Vec<Arc<dyn Map>> {
    let maps = ALL.map(|map_type| map(t, &spec(map_type, 4, 5, 4)));
    match read(&maps[2], 0, LookupFlags::on_cpu(0)) {
        Err(Errno::EINVAL) => {
            t.skip(
                case,
                "this system has no flags for one CPU (Linux before 7.0)",
            );
            Vec::new()
        }
        found => {
            assert_eq!(found, Ok(Some([0; 5])));
            maps.into()
        }
    }
}

/// The value that a lookup with these flags gives.
fn read(map: &dyn Map, key: u32, flags: LookupFlags) -> Result<Option<[u8; 5]>, Errno> {
    let mut value = [0xa5; 5];
    match map.lookup_elem(&key.to_ne_bytes(), &mut value, flags) {
        Ok(found) => Ok(found.then_some(value)),
        result => Err(errno_of(result)),
    }
}

fn cpus(map: &dyn Map) -> u32 {
    map.info().possible_cpus
}

/// The bytes of each CPU's value, the padding zero.
fn whole(map: &dyn Map, byte: impl Fn(u32) -> u8) -> Vec<u8> {
    let value = |cpu| [[byte(cpu); 5].as_slice(), &[0; 3]].concat();
    (0..cpus(map)).flat_map(value).collect()
}

suite! { ($) one_cpu, __conformance_one_cpu;
    fn a_value_of_one_cpu_is_written_and_read(t, case) {
        for map in maps(t, case) {
            let map_type = map.info().map_type;
            put(&map, &1, &whole(&map, |cpu| cpu as u8 + 1));
            let last = cpus(&map) - 1;
            assert_eq!(read(&map, 1, LookupFlags::on_cpu(last)), Ok(Some([last as u8 + 1; 5])), "{map_type}");
            write(&map, &1, &[99; 5], UpdateFlags::on_cpu(last)).expect("update");
            let expected = whole(&map, |cpu| if cpu == last { 99 } else { cpu as u8 + 1 });
            assert_eq!(get_bytes(&map, &1), Some(expected), "{map_type}");
            assert_eq!(read(&map, 1, LookupFlags::on_cpu(last)), Ok(Some([99; 5])), "{map_type}");
        }
    }

    fn a_value_is_written_for_all_cpus(t, case) {
        for map in maps(t, case) {
            let map_type = map.info().map_type;
            for byte in [7, 8] {
                write(&map, &2, &[byte; 5], UpdateFlags::ALL_CPUS).expect("update");
                assert_eq!(get_bytes(&map, &2), Some(whole(&map, |_| byte)), "{map_type}");
            }
        }
    }

    fn an_element_may_begin_with_one_cpu(t, case) {
        for map in maps(t, case) {
            write(&map, &3, &[5; 5], UpdateFlags::on_cpu(0)).expect("update");
            assert_eq!(read(&map, 3, LookupFlags::on_cpu(0)), Ok(Some([5; 5])), "{}", map.info().map_type);
        }
    }

    fn what_is_not_there_is_absent(t, case) {
        for map in maps(t, case) {
            let absent = match map.info().map_type {
                MapType::PERCPU_ARRAY => 4,
                _ => 1,
            };
            assert_eq!(read(&map, absent, LookupFlags::on_cpu(0)), Ok(None), "{}", map.info().map_type);
        }
    }

    fn a_cpu_that_is_not_possible_is_erange(t, case) {
        for map in maps(t, case) {
            let past = cpus(&map);
            assert_eq!(read(&map, 1, LookupFlags::on_cpu(past)), Err(Errno::ERANGE));
            assert_eq!(errno_of(write(&map, &1, &[0; 5], UpdateFlags::on_cpu(past))), Errno::ERANGE);
        }
    }

    fn flags_that_contradict_one_another_are_einval(t, case) {
        for map in maps(t, case) {
            let both = UpdateFlags::on_cpu(0) | UpdateFlags::ALL_CPUS;
            assert_eq!(errno_of(write(&map, &1, &[0; 5], both)), Errno::EINVAL);
            let of_a_cpu = UpdateFlags(1 << 32);
            let mut value = whole(&map, |_| 0);
            let all = LookupFlags(UpdateFlags::ALL_CPUS.0);
            assert_eq!(errno_of(map.lookup_elem(&[0; 4], &mut value, all)), Errno::EINVAL);
            assert_eq!(errno_of(write(&map, &1, &value, of_a_cpu)), Errno::EINVAL, "a CPU and no flag for it");
            let taken = map.lookup_and_delete_elem(&[0; 4], &mut [0; 5], LookupFlags::on_cpu(0));
            assert_eq!(errno_of(taken), Errno::EINVAL);
        }
    }

    fn other_types_have_no_cpus(t, case) {
        if maps(t, case).is_empty() {
            return;
        }
        for map_type in [MapType::HASH, MapType::ARRAY] {
            let map = map(t, &spec(map_type, 4, 5, 4));
            assert_eq!(read(&map, 0, LookupFlags::on_cpu(0)), Err(Errno::EINVAL), "{map_type}");
            for flags in [UpdateFlags::on_cpu(0), UpdateFlags::ALL_CPUS] {
                assert_eq!(errno_of(write(&map, &0, &[0; 5], flags)), Errno::EINVAL, "{map_type}");
            }
        }
    }
}
