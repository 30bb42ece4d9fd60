//! Per-CPU hashes and arrays: a value for each possible CPU, 8-byte strides.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, delete, elements, errno_of, get_bytes, map, put, spec, suite, write,
};
use crate::map::{Map, MapType, UpdateFlags};

const HASHES: [MapType; 2] = [MapType::PERCPU_HASH, MapType::LRU_PERCPU_HASH];
const ALL: [MapType; 3] = [
    MapType::PERCPU_HASH,
    MapType::LRU_PERCPU_HASH,
    MapType::PERCPU_ARRAY,
];

fn of(t: &dyn Testbed, map_type: MapType, value_size: u32) -> Arc<dyn Map> {
    map(t, &spec(map_type, 4, value_size, 4))
}

/// A buffer in which each CPU's value is its number plus `base`, the padding zero.
fn numbered(map: &dyn Map, base: u8) -> Vec<u8> {
    let info = map.info();
    let mut buffer = vec![0; info.transfer_size()];
    for (cpu, slot) in buffer.chunks_mut(info.stride()).enumerate() {
        slot[..info.value_size as usize].fill(base + cpu as u8);
    }
    buffer
}

suite! { ($) per_cpu, __conformance_per_cpu;
    fn there_is_a_slot_for_each_possible_cpu(t) {
        let cpus = t.system().cpus().expect("CPUs").possible.slots();
        for map_type in ALL {
            let map = of(t, map_type, 4);
            assert_eq!(map.info().possible_cpus, cpus);
            assert_eq!((map.info().stride(), map.info().transfer_size()), (8, 8 * cpus as usize));
        }
    }

    fn each_cpu_keeps_its_own_value(t) {
        for map_type in ALL {
            for size in [1, 2, 3, 4, 5, 7, 8, 9, 16] {
                let map = of(t, map_type, size);
                let values = numbered(&map, 1);
                put(&map, &1, &values);
                assert_eq!(get_bytes(&map, &1), Some(values), "{map_type} of {size} bytes");
            }
        }
    }

    fn an_array_starts_as_zeros(t) {
        let map = of(t, MapType::PERCPU_ARRAY, 8);
        assert!(elements(&map).iter().all(|(_, value)| value.iter().all(|byte| *byte == 0)));
        assert_eq!(elements(&map).len(), 4);
    }

    fn hash_flags_are_those_of_hashes(t) {
        for map_type in HASHES {
            let map = of(t, map_type, 8);
            let values = numbered(&map, 1);
            assert_eq!(errno_of(write(&map, &0, &values, UpdateFlags::EXIST)), Errno::ENOENT);
            write(&map, &0, &values, UpdateFlags::NO_EXIST).expect("insert");
            assert_eq!(errno_of(write(&map, &0, &values, UpdateFlags::NO_EXIST)), Errno::EEXIST);
            let other = numbered(&map, 9);
            write(&map, &0, &other, UpdateFlags::EXIST).expect("replace");
            assert_eq!(get_bytes(&map, &0), Some(other));
            assert_eq!(delete(&map, &0), Ok(true));
            assert_eq!(get_bytes(&map, &0), None);
        }
    }

    fn a_full_hash_is_e2big(t) {
        let map = of(t, MapType::PERCPU_HASH, 8);
        let values = numbered(&map, 1);
        for key in 0..4u32 {
            put(&map, &key, &values);
        }
        assert_eq!(errno_of(write(&map, &[9; 4], &values, UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn array_indexes_are_those_of_arrays(t) {
        let map = of(t, MapType::PERCPU_ARRAY, 8);
        let values = numbered(&map, 1);
        assert_eq!(get_bytes(&map, &4), None);
        assert_eq!(errno_of(write(&map, &4, &values, UpdateFlags::ANY)), Errno::E2BIG);
        assert_eq!(errno_of(write(&map, &0, &values, UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(errno_of(delete(&map, &0)), Errno::EINVAL);
    }

    fn one_value_instead_of_all_is_refused_before_the_system(t) {
        for map_type in ALL {
            let map = of(t, map_type, 4);
            if map.info().possible_cpus == 1 {
                continue;
            }
            let error = write(&map, &0, &[0; 4], UpdateFlags::ANY).expect_err("one value");
            assert_eq!(error.errno(), None, "{error}");
        }
    }

    fn a_deleted_hash_element_starts_over(t) {
        let map = of(t, MapType::PERCPU_HASH, 8);
        put(&map, &0, &numbered(&map, 7));
        assert_eq!(delete(&map, &0), Ok(true));
        let fresh = numbered(&map, 1);
        put(&map, &0, &fresh);
        assert_eq!(get_bytes(&map, &0), Some(fresh));
    }
}
