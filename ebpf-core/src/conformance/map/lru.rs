//! LRU hashes: `kernel/bpf/hashtab.c` and `kernel/bpf/bpf_lru_list.c`. Which element goes is the system's business.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, delete, elements, errno_of, get, map, put, refused, spec, suite, write,
};
use crate::map::{Map, MapFlags, MapType, UpdateFlags};

fn table(t: &dyn Testbed, max_entries: u32) -> Arc<dyn Map> {
    map(t, &spec(MapType::LRU_HASH, 4, 8, max_entries))
}

suite! { ($) lru, __conformance_lru;
    fn it_never_becomes_full(t) {
        let map = table(t, 64);
        for key in 0..1000u32 {
            put(&map, &key, &u64::from(key));
        }
        let kept = elements(&map);
        assert!(!kept.is_empty() && kept.len() <= 64, "{} elements", kept.len());
        for (key, value) in kept {
            let key = u32::from_ne_bytes(key.try_into().expect("4 bytes"));
            assert_eq!(u64::from_ne_bytes(value.try_into().expect("8 bytes")), u64::from(key));
        }
    }

    fn the_newest_element_is_kept(t) {
        let map = table(t, 64);
        for key in 0..1000u32 {
            put(&map, &key, &1u64);
            assert!(get::<u64>(&map, &key).is_some(), "key {key}");
        }
    }

    fn replacing_evicts_nothing(t) {
        let map = table(t, 64);
        put(&map, &1, &1u64);
        put(&map, &2, &2u64);
        for round in 0..1000u64 {
            put(&map, &2, &round);
        }
        assert!(get::<u64>(&map, &1u32).is_some());
    }

    fn flags_are_those_of_hashes(t) {
        let map = table(t, 4);
        assert_eq!(errno_of(write(&map, &0, &0u64, UpdateFlags::EXIST)), Errno::ENOENT);
        write(&map, &0, &0u64, UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(errno_of(write(&map, &0, &0u64, UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(delete(&map, &0), Ok(true));
        assert_eq!(delete(&map, &0), Ok(false));
    }

    fn allocation_on_demand_is_enotsupp(t) {
        let lazy = spec(MapType::LRU_HASH, 4, 8, 4).with_flags(MapFlags::NO_PREALLOC);
        assert_eq!(refused(t, &lazy).errno(), Some(Errno::ENOTSUPP));
    }

    fn a_list_for_each_cpu_is_allowed(t) {
        let map = map(t, &spec(MapType::LRU_HASH, 4, 8, 64).with_flags(MapFlags::NO_COMMON_LRU));
        put(&map, &1, &1u64);
        assert_eq!(elements(&map).len(), 1);
    }

    fn hashes_have_no_lists_for_each_cpu(t) {
        let plain = spec(MapType::HASH, 4, 8, 64).with_flags(MapFlags::NO_COMMON_LRU);
        assert_eq!(refused(t, &plain).errno(), Some(Errno::EINVAL));
    }
}
