//! Hash tables: `kernel/bpf/hashtab.c`.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, delete, elements, errno_of, get, keys, map, put, spec, suite, words, write,
};
use crate::map::{LookupFlags, Map, MapFlags, MapType, TypedMap, UpdateFlags};

fn table(t: &dyn Testbed, max_entries: u32) -> Arc<dyn Map> {
    map(t, &spec(MapType::HASH, 4, 8, max_entries))
}

crate::plain! {
    /// A value of several fields, as a program's struct.
    #[derive(PartialEq, Eq)]
    struct Flow {
        packets: u64,
        port: u16,
        protocol: u8,
        _pad: u8,
        address: [u8; 4],
    }
}

suite! { ($) hash, __conformance_hash;
    fn a_struct_is_a_key_and_a_value(t) {
        let map: TypedMap<Flow, Flow> = TypedMap::new(map(t, &spec(MapType::HASH, 16, 16, 4))).expect("types");
        let flow = |packets| Flow { packets, port: 443, protocol: 6, _pad: 0, address: [192, 0, 2, 1] };
        map.insert(&flow(0), &flow(7)).expect("insert");
        assert_eq!(map.get(&flow(0)), Ok(Some(flow(7))));
        assert_eq!(map.get(&flow(1)), Ok(None));
    }

    fn an_absent_key_is_an_answer(t) {
        let map = table(t, 2);
        assert_eq!(get::<u64>(&map, &1), None);
        assert_eq!(delete(&map, &1), Ok(false));
        let mut next = [0; 4];
        assert_eq!(map.next_key(None, &mut next), Ok(false));
    }

    fn insert_lookup_replace_delete(t) {
        let map = table(t, 2);
        write(&map, &1, &10u64, UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(get::<u64>(&map, &1), Some(10));
        write(&map, &1, &11u64, UpdateFlags::EXIST).expect("replace");
        assert_eq!(get::<u64>(&map, &1), Some(11));
        write(&map, &1, &12u64, UpdateFlags::ANY).expect("upsert");
        assert_eq!(get::<u64>(&map, &1), Some(12));
        assert_eq!(delete(&map, &1), Ok(true));
        assert_eq!(get::<u64>(&map, &1), None);
        assert_eq!(delete(&map, &1), Ok(false));
    }

    fn inserting_a_key_that_is_there_is_eexist(t) {
        let map = table(t, 2);
        put(&map, &1, &10u64);
        assert_eq!(errno_of(write(&map, &1, &11u64, UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(get::<u64>(&map, &1), Some(10), "a refused update changes nothing");
    }

    fn replacing_a_key_that_is_not_there_is_enoent(t) {
        let map = table(t, 2);
        assert_eq!(errno_of(write(&map, &1, &10u64, UpdateFlags::EXIST)), Errno::ENOENT);
        assert_eq!(get::<u64>(&map, &1), None);
    }

    fn full_is_e2big(t) {
        let map = table(t, 2);
        put(&map, &1, &10u64);
        put(&map, &2, &20u64);
        let error = write(&map, &3, &30u64, UpdateFlags::ANY).expect_err("full");
        assert_eq!(error.to_string(), "update on map `case`: E2BIG: argument list too long (the map is full)");
        assert_eq!(errno_of(write(&map, &3, &30u64, UpdateFlags::NO_EXIST)), Errno::E2BIG);
        put(&map, &2, &21u64);
        assert_eq!(get::<u64>(&map, &2), Some(21), "a full table still takes new values of its keys");
        assert_eq!(delete(&map, &1), Ok(true));
        put(&map, &3, &30u64);
        assert_eq!(get::<u64>(&map, &3), Some(30), "a deleted element makes room");
    }

    fn full_without_preallocation_is_e2big(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 2).with_flags(MapFlags::NO_PREALLOC));
        put(&map, &1, &10u64);
        put(&map, &2, &20u64);
        assert_eq!(errno_of(write(&map, &3, &30u64, UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn unknown_update_flags_are_einval(t) {
        let map = table(t, 2);
        for flags in [3, 1 << 3, 1 << 40] {
            assert_eq!(errno_of(write(&map, &1, &1u64, UpdateFlags(flags))), Errno::EINVAL, "{flags:#x}");
        }
        assert_eq!(get::<u64>(&map, &1), None);
    }

    fn the_lock_flag_needs_a_lock_in_the_value(t) {
        let map = table(t, 2);
        assert_eq!(errno_of(write(&map, &1, &1u64, UpdateFlags::LOCK)), Errno::EINVAL);
        let mut found = [0; 8];
        assert_eq!(errno_of(map.lookup_elem(&1u32.to_ne_bytes(), &mut found, LookupFlags::LOCK)), Errno::EINVAL);
    }

    fn a_walk_visits_every_key_once(t) {
        let map = table(t, 100);
        for n in 0..100u32 {
            put(&map, &n, &(u64::from(n) * 3));
        }
        let mut expected: Vec<_> = (0..100u32).map(|n| (n.to_ne_bytes().to_vec(), (u64::from(n) * 3).to_ne_bytes().to_vec())).collect();
        expected.sort();
        assert_eq!(elements(&map), expected);
    }

    fn the_key_after_one_that_is_not_there_is_the_first(t) {
        let map = table(t, 10);
        for n in 0..10 {
            put(&map, &n, &0u64);
        }
        let (mut first, mut next) = ([0; 4], [0; 4]);
        assert_eq!(map.next_key(None, &mut first), Ok(true));
        assert_eq!(map.next_key(Some(&999u32.to_ne_bytes()), &mut next), Ok(true));
        assert_eq!(first, next);
    }

    fn take_gives_the_value_and_deletes(t, case) {
        let map = table(t, 2);
        put(&map, &1, &10u64);
        let mut found = [0; 8];
        match map.lookup_and_delete_elem(&1u32.to_ne_bytes(), &mut found, LookupFlags::NONE) {
            Err(error) if matches!(error.errno(), Some(Errno::ENOTSUPP | Errno::EINVAL)) => {
                return t.skip(case, "this system takes no elements of hashes (Linux before 5.14)");
            }
            taken => assert_eq!(taken, Ok(true)),
        }
        assert_eq!(u64::from_ne_bytes(found), 10);
        assert_eq!(get::<u64>(&map, &1), None);
        assert_eq!(map.lookup_and_delete_elem(&1u32.to_ne_bytes(), &mut found, LookupFlags::NONE), Ok(false));
    }

    fn many_lookups_at_once(t) {
        let map = table(t, 4);
        put(&map, &1, &10u64);
        put(&map, &3, &30u64);
        let keys = words(4);
        let (mut values, mut found) = ([0; 32], [false; 4]);
        map.lookup_many(&keys, &mut values, &mut found).expect("lookups");
        assert_eq!(found, [false, true, false, true]);
        assert_eq!(values[8..16], 10u64.to_ne_bytes());
        assert_eq!(values[24..32], 30u64.to_ne_bytes());
    }

    fn keys_and_values_may_be_long(t) {
        for (key_size, value_size) in [(33, 8), (64, 100), (512, 3), (4, 30_000)] {
            let map = map(t, &spec(MapType::HASH, key_size, value_size, 4));
            let (key, value) = (vec![0x11; key_size as usize], vec![0x22; value_size as usize]);
            put(&map, &key, &value);
            assert_eq!(elements(&map), [(key, value)], "key {key_size}, value {value_size}");
        }
    }

    fn a_key_is_all_its_bytes(t) {
        let map = map(t, &spec(MapType::HASH, 8, 8, 4));
        put(&map, b"k1\0\0\0\0\0\0", b"value1\0\0");
        put(&map, b"k1\0\0\0\0\0\x01", b"value2\0\0");
        put(&map, &[0; 8], &[0; 8]);
        assert_eq!(get(&map, b"k1\0\0\0\0\0\0"), Some(*b"value1\0\0"));
        assert_eq!(get(&map, b"k1\0\0\0\0\0\x01"), Some(*b"value2\0\0"), "a zero is not an end");
        assert_eq!(get(&map, &[0; 8]), Some([0u8; 8]), "a key of zeros is a key");
        assert_eq!(elements(&map).len(), 3);
    }

    fn the_same_seed_is_the_same_order(t) {
        let order = || {
            let map = map(t, &spec(MapType::HASH, 4, 8, 64).with_flags(MapFlags::ZERO_SEED));
            for n in 0..50u32 {
                put(&map, &n, &0u64);
            }
            keys(&map)
        };
        assert_eq!(order(), order());
    }

    fn a_walk_that_deletes_empties_the_map(t) {
        let map = table(t, 50);
        for n in 0..50u32 {
            put(&map, &n, &0u64);
        }
        let mut first = [0; 4];
        let mut deleted = 0;
        while map.next_key(None, &mut first).expect("walk") {
            assert_eq!(delete(&map, &first), Ok(true));
            deleted += 1;
        }
        assert_eq!((deleted, elements(&map).len()), (50, 0));
    }

    fn many_threads_insert_at_once(t) {
        let map = table(t, 400);
        std::thread::scope(|scope| {
            for thread in 0..4u32 {
                let map = &map;
                scope.spawn(move || {
                    for n in 0..100 {
                        put(map, &(thread * 100 + n), &u64::from(n));
                    }
                });
            }
        });
        assert_eq!(elements(&map).len(), 400);
    }

    fn wrong_lengths_never_reach_the_system(t) {
        let map = table(t, 2);
        let mut found = [0; 8];
        let error = map.lookup_elem(&[0; 3], &mut found, LookupFlags::NONE).expect_err("a short key");
        assert_eq!(error.to_string(), "map `case`: key has 3 bytes, the map wants 4");
        let error = write(&map, &1, &[0; 9], UpdateFlags::ANY).expect_err("a long value");
        assert_eq!(error.to_string(), "map `case`: value has 9 bytes, the map wants 8");
        assert_eq!(map.delete_elem(&[]).expect_err("no key").errno(), None);
        assert_eq!(map.next_key(None, &mut [0; 5]).expect_err("a long buffer").errno(), None);
    }
}
