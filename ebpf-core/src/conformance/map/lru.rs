//! LRU hashes: `kernel/bpf/hashtab.c` and `kernel/bpf/bpf_lru_list.c`. Which element goes is the system's business.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{Testbed, elements, errno_of, map, spec, suite};
use crate::map::{LookupFlags, Map, MapFlags, MapType, UpdateFlags};

fn table(t: &dyn Testbed, max_entries: u32) -> Arc<dyn Map> {
    map(t, &spec(MapType::LRU_HASH, 4, 8, max_entries))
}

fn put(map: &dyn Map, key: u32, value: u64) {
    map.update_elem(&key.to_ne_bytes(), &value.to_ne_bytes(), UpdateFlags::ANY)
        .expect("update");
}

suite! { ($) lru, __conformance_lru;
    fn it_never_becomes_full(t) {
        let map = table(t, 64);
        for key in 0..1000 {
            put(&map, key, u64::from(key));
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
            put(&map, key, 1);
            assert_eq!(map.lookup_elem(&key.to_ne_bytes(), &mut [0; 8], LookupFlags::NONE), Ok(true), "key {key}");
        }
    }

    fn replacing_evicts_nothing(t) {
        let map = table(t, 64);
        put(&map, 1, 1);
        put(&map, 2, 2);
        for round in 0..1000 {
            put(&map, 2, round);
        }
        assert_eq!(map.lookup_elem(&1u32.to_ne_bytes(), &mut [0; 8], LookupFlags::NONE), Ok(true));
    }

    fn flags_are_those_of_hashes(t) {
        let map = table(t, 4);
        assert_eq!(errno_of(map.update_elem(&[0; 4], &[0; 8], UpdateFlags::EXIST)), Errno::ENOENT);
        map.update_elem(&[0; 4], &[0; 8], UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(errno_of(map.update_elem(&[0; 4], &[0; 8], UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(map.delete_elem(&[0; 4]), Ok(true));
        assert_eq!(map.delete_elem(&[0; 4]), Ok(false));
    }

    fn allocation_on_demand_is_enotsupp(t) {
        let lazy = spec(MapType::LRU_HASH, 4, 8, 4).with_flags(MapFlags::NO_PREALLOC);
        assert_eq!(errno_of(t.system().create_map(&lazy, None).map(|_| ())), Errno::ENOTSUPP);
    }

    fn a_list_for_each_cpu_is_allowed(t) {
        let map = map(t, &spec(MapType::LRU_HASH, 4, 8, 64).with_flags(MapFlags::NO_COMMON_LRU));
        put(&map, 1, 1);
        assert_eq!(elements(&map).len(), 1);
    }

    fn hashes_have_no_lists_for_each_cpu(t) {
        let plain = spec(MapType::HASH, 4, 8, 64).with_flags(MapFlags::NO_COMMON_LRU);
        assert_eq!(errno_of(t.system().create_map(&plain, None).map(|_| ())), Errno::EINVAL);
    }
}
