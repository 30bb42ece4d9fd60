//! Hash tables: `kernel/bpf/hashtab.c`.

use crate::Errno;
use crate::conformance::{elements, errno_of, map, requires, spec, suite};
use crate::map::{BatchCursor, BatchFlags, LookupFlags, Map, MapFlags, MapType, UpdateFlags};
use crate::system::Feature;

fn table(t: &dyn crate::conformance::Testbed, max_entries: u32) -> std::sync::Arc<dyn Map> {
    map(t, &spec(MapType::HASH, 4, 8, max_entries))
}

fn key(n: u32) -> [u8; 4] {
    n.to_ne_bytes()
}

fn value(n: u64) -> [u8; 8] {
    n.to_ne_bytes()
}

fn get(map: &dyn Map, n: u32) -> Option<u64> {
    let mut found = [0; 8];
    map.lookup_elem(&key(n), &mut found, LookupFlags::NONE)
        .expect("lookup")
        .then(|| u64::from_ne_bytes(found))
}

fn put(map: &dyn Map, n: u32, v: u64) {
    map.update_elem(&key(n), &value(v), UpdateFlags::ANY)
        .expect("update");
}

suite! { ($) hash, __conformance_hash;
    fn an_absent_key_is_an_answer(t) {
        let map = table(t, 2);
        assert_eq!(get(&map, 1), None);
        assert_eq!(map.delete_elem(&key(1)), Ok(false));
        let mut next = [0; 4];
        assert_eq!(map.next_key(None, &mut next), Ok(false));
    }

    fn insert_lookup_replace_delete(t) {
        let map = table(t, 2);
        map.update_elem(&key(1), &value(10), UpdateFlags::NO_EXIST).expect("insert");
        assert_eq!(get(&map, 1), Some(10));
        map.update_elem(&key(1), &value(11), UpdateFlags::EXIST).expect("replace");
        assert_eq!(get(&map, 1), Some(11));
        map.update_elem(&key(1), &value(12), UpdateFlags::ANY).expect("upsert");
        assert_eq!(get(&map, 1), Some(12));
        assert_eq!(map.delete_elem(&key(1)), Ok(true));
        assert_eq!(get(&map, 1), None);
        assert_eq!(map.delete_elem(&key(1)), Ok(false));
    }

    fn inserting_a_key_that_is_there_is_eexist(t) {
        let map = table(t, 2);
        put(&map, 1, 10);
        assert_eq!(errno_of(map.update_elem(&key(1), &value(11), UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(get(&map, 1), Some(10), "a refused update changes nothing");
    }

    fn replacing_a_key_that_is_not_there_is_enoent(t) {
        let map = table(t, 2);
        assert_eq!(errno_of(map.update_elem(&key(1), &value(10), UpdateFlags::EXIST)), Errno::ENOENT);
        assert_eq!(get(&map, 1), None);
    }

    fn full_is_e2big(t) {
        let map = table(t, 2);
        put(&map, 1, 10);
        put(&map, 2, 20);
        assert_eq!(errno_of(map.update_elem(&key(3), &value(30), UpdateFlags::ANY)), Errno::E2BIG);
        assert_eq!(errno_of(map.update_elem(&key(3), &value(30), UpdateFlags::NO_EXIST)), Errno::E2BIG);
        put(&map, 2, 21);
        assert_eq!(get(&map, 2), Some(21), "a full table still takes new values of its keys");
        assert_eq!(map.delete_elem(&key(1)), Ok(true));
        put(&map, 3, 30);
        assert_eq!(get(&map, 3), Some(30), "a deleted element makes room");
    }

    fn full_without_preallocation_is_e2big(t) {
        let map = map(t, &spec(MapType::HASH, 4, 8, 2).with_flags(MapFlags::NO_PREALLOC));
        put(&map, 1, 10);
        put(&map, 2, 20);
        assert_eq!(errno_of(map.update_elem(&key(3), &value(30), UpdateFlags::ANY)), Errno::E2BIG);
    }

    fn unknown_update_flags_are_einval(t) {
        let map = table(t, 2);
        for flags in [3, 1 << 3, 1 << 40] {
            assert_eq!(errno_of(map.update_elem(&key(1), &value(1), UpdateFlags(flags))), Errno::EINVAL, "{flags:#x}");
        }
        assert_eq!(get(&map, 1), None);
    }

    fn the_lock_flag_needs_a_lock_in_the_value(t) {
        let map = table(t, 2);
        assert_eq!(errno_of(map.update_elem(&key(1), &value(1), UpdateFlags::LOCK)), Errno::EINVAL);
        let mut found = [0; 8];
        assert_eq!(errno_of(map.lookup_elem(&key(1), &mut found, LookupFlags::LOCK)), Errno::EINVAL);
    }

    fn a_walk_visits_every_key_once(t) {
        let map = table(t, 100);
        for n in 0..100 {
            put(&map, n, u64::from(n) * 3);
        }
        let mut expected: Vec<_> = (0..100).map(|n| (key(n).to_vec(), value(u64::from(n) * 3).to_vec())).collect();
        expected.sort();
        assert_eq!(elements(&map), expected);
    }

    fn the_key_after_one_that_is_not_there_is_the_first(t) {
        let map = table(t, 10);
        for n in 0..10 {
            put(&map, n, 0);
        }
        let (mut first, mut next) = ([0; 4], [0; 4]);
        assert_eq!(map.next_key(None, &mut first), Ok(true));
        assert_eq!(map.next_key(Some(&key(999)), &mut next), Ok(true));
        assert_eq!(first, next);
    }

    fn take_gives_the_value_and_deletes(t, case) {
        let map = table(t, 2);
        put(&map, 1, 10);
        let mut found = [0; 8];
        match map.lookup_and_delete_elem(&key(1), &mut found, LookupFlags::NONE) {
            Err(error) if matches!(error.errno(), Some(Errno::ENOTSUPP | Errno::EINVAL)) => {
                return t.skip(case, "this system takes no elements of hashes (Linux before 5.14)");
            }
            taken => assert_eq!(taken, Ok(true)),
        }
        assert_eq!(u64::from_ne_bytes(found), 10);
        assert_eq!(get(&map, 1), None);
        assert_eq!(map.lookup_and_delete_elem(&key(1), &mut found, LookupFlags::NONE), Ok(false));
    }

    fn a_batch_reads_everything(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = table(t, 100);
        for n in 0..100 {
            put(&map, n, u64::from(n));
        }
        let (mut keys, mut values) = (vec![0; 4 * 100], vec![0; 8 * 100]);
        let mut cursor = BatchCursor::new();
        let mut seen = Vec::new();
        loop {
            let batch = map.lookup_batch(&mut cursor, &mut keys, &mut values, BatchFlags::ANY).expect("batch");
            for i in 0..batch.count {
                seen.push((keys[4 * i..][..4].to_vec(), values[8 * i..][..8].to_vec()));
            }
            if batch.done {
                break;
            }
        }
        seen.sort();
        assert_eq!(seen, elements(&map));
    }

    fn a_batch_stops_at_the_first_refusal(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = table(t, 10);
        put(&map, 2, 7);
        let keys: Vec<u8> = (0..4).flat_map(key).collect();
        let values: Vec<u8> = (0..4).flat_map(value).collect();
        let error = map.update_batch(&keys, &values, BatchFlags::NO_EXIST).expect_err("key 2 is there");
        assert_eq!((error.done, error.errno()), (2, Some(Errno::EEXIST)));
        assert_eq!([get(&map, 0), get(&map, 1), get(&map, 2), get(&map, 3)], [Some(0), Some(1), Some(7), None]);
    }

    fn a_batch_of_deletions_stops_at_an_absent_key(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = table(t, 10);
        put(&map, 0, 0);
        put(&map, 2, 0);
        let keys: Vec<u8> = (0..3).flat_map(key).collect();
        let error = map.delete_batch(&keys, BatchFlags::ANY).expect_err("key 1 is not there");
        assert_eq!((error.done, error.errno()), (1, Some(Errno::ENOENT)));
        assert_eq!([get(&map, 0), get(&map, 2)], [None, Some(0)]);
    }

    fn many_lookups_at_once(t) {
        let map = table(t, 4);
        put(&map, 1, 10);
        put(&map, 3, 30);
        let keys: Vec<u8> = (0..4).flat_map(key).collect();
        let (mut values, mut found) = ([0; 32], [false; 4]);
        map.lookup_many(&keys, &mut values, &mut found).expect("lookups");
        assert_eq!(found, [false, true, false, true]);
        assert_eq!(values[8..16], value(10));
        assert_eq!(values[24..32], value(30));
    }

    fn wrong_lengths_never_reach_the_system(t) {
        let map = table(t, 2);
        let mut found = [0; 8];
        let error = map.lookup_elem(&[0; 3], &mut found, LookupFlags::NONE).expect_err("a short key");
        assert_eq!(error.to_string(), "map `case`: key has 3 bytes, the map wants 4");
        let error = map.update_elem(&key(1), &[0; 9], UpdateFlags::ANY).expect_err("a long value");
        assert_eq!(error.to_string(), "map `case`: value has 9 bytes, the map wants 8");
        assert_eq!(map.delete_elem(&[]).expect_err("no key").errno(), None);
        assert_eq!(map.next_key(None, &mut [0; 5]).expect_err("a long buffer").errno(), None);
    }
}
