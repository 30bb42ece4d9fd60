//! Arrays: `kernel/bpf/arraymap.c`.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, delete, elements, errno_of, get_bytes, map, put, refused, requires, spec, suite, write,
};
use crate::map::{LookupFlags, Map, MapFlags, MapType, UpdateFlags};
use crate::system::Feature;

fn array(t: &dyn Testbed, value_size: u32, max_entries: u32) -> Arc<dyn Map> {
    map(t, &spec(MapType::ARRAY, 4, value_size, max_entries))
}

suite! { ($) array, __conformance_array;
    fn elements_exist_from_the_start_as_zeros(t) {
        let map = array(t, 8, 3);
        let zeros: Vec<_> = (0..3u32).map(|n| (n.to_ne_bytes().to_vec(), vec![0; 8])).collect();
        assert_eq!(elements(&map), zeros);
    }

    fn values_keep_their_bytes(t) {
        let map = array(t, 2, 5);
        for (index, number) in [0u16, 0xff, 256, 4095, 0xffff].into_iter().enumerate() {
            put(&map, &(index as u32), &number.to_ne_bytes());
        }
        for (index, number) in [0u16, 0xff, 256, 4095, 0xffff].into_iter().enumerate() {
            assert_eq!(get_bytes(&map, &(index as u32)), Some(number.to_ne_bytes().to_vec()));
        }
    }

    fn odd_value_sizes_do_not_overlap(t) {
        let map = array(t, 5, 4);
        for index in 0..4 {
            put(&map, &index, &[index as u8 + 1; 5]);
        }
        for index in 0..4 {
            assert_eq!(get_bytes(&map, &index), Some(vec![index as u8 + 1; 5]));
        }
    }

    fn wide_integers_keep_their_bits(t) {
        let map = array(t, 8, 5);
        for (index, number) in [0, -1, -10_000_000_000, i64::MAX, i64::MIN].into_iter().enumerate() {
            put(&map, &(index as u32), &number.to_ne_bytes());
            assert_eq!(get_bytes(&map, &(index as u32)), Some(number.to_ne_bytes().to_vec()));
        }
    }

    fn an_index_past_the_end_is_absent_for_lookup(t) {
        let map = array(t, 8, 3);
        assert_eq!(get_bytes(&map, &3), None);
        assert_eq!(get_bytes(&map, &(u32::MAX)), None);
    }

    fn an_index_past_the_end_is_e2big_for_update(t) {
        let map = array(t, 8, 3);
        for index in [3, 100, u32::MAX] {
            assert_eq!(errno_of(write(&map, &index, &[0; 8], UpdateFlags::ANY)), Errno::E2BIG);
        }
    }

    fn inserting_is_eexist(t) {
        let map = array(t, 8, 3);
        assert_eq!(errno_of(write(&map, &0, &[1; 8], UpdateFlags::NO_EXIST)), Errno::EEXIST);
        assert_eq!(get_bytes(&map, &0), Some(vec![0; 8]));
    }

    fn the_index_is_checked_before_the_flag(t) {
        let map = array(t, 8, 3);
        assert_eq!(errno_of(write(&map, &9, &[1; 8], UpdateFlags::NO_EXIST)), Errno::E2BIG);
    }

    fn replacing_works(t) {
        let map = array(t, 8, 3);
        write(&map, &0, &[1; 8], UpdateFlags::EXIST).expect("elements of an array exist");
        assert_eq!(get_bytes(&map, &0), Some(vec![1; 8]));
    }

    fn unknown_update_flags_are_einval(t) {
        let map = array(t, 8, 3);
        assert_eq!(errno_of(write(&map, &0, &[1; 8], UpdateFlags(3))), Errno::EINVAL);
        assert_eq!(errno_of(write(&map, &0, &[1; 8], UpdateFlags::LOCK)), Errno::EINVAL);
    }

    fn deleting_is_einval(t) {
        let map = array(t, 8, 3);
        for index in [0u32, 3] {
            assert_eq!(errno_of(delete(&map, &index)), Errno::EINVAL);
        }
    }

    fn taking_is_enotsupp(t) {
        let map = array(t, 8, 3);
        let taken = map.lookup_and_delete_elem(&[0; 4], &mut [0; 8], LookupFlags::NONE);
        assert_eq!(errno_of(taken), Errno::ENOTSUPP);
    }

    fn keys_come_in_order(t) {
        let map = array(t, 8, 3);
        let mut next = [0; 4];
        assert_eq!(map.next_key(None, &mut next), Ok(true));
        assert_eq!(u32::from_ne_bytes(next), 0);
        assert_eq!(map.next_key(Some(&0u32.to_ne_bytes()), &mut next), Ok(true));
        assert_eq!(u32::from_ne_bytes(next), 1);
        assert_eq!(map.next_key(Some(&2u32.to_ne_bytes()), &mut next), Ok(false));
    }

    fn the_key_after_one_past_the_end_is_the_first(t) {
        let map = array(t, 8, 3);
        for after in [3u32, 4, u32::MAX] {
            let mut next = [0xff; 4];
            assert_eq!(map.next_key(Some(&after.to_ne_bytes()), &mut next), Ok(true), "after {after}");
            assert_eq!(u32::from_ne_bytes(next), 0);
        }
    }

    fn creation_flags_that_arrays_lack_are_einval(t) {
        for flags in [MapFlags::NO_PREALLOC, MapFlags::ZERO_SEED, MapFlags::NO_COMMON_LRU] {
            let array = spec(MapType::ARRAY, 4, 8, 1).with_flags(flags);
            assert_eq!(refused(t, &array).errno(), Some(Errno::EINVAL), "{flags}");
        }
    }

    fn many_lookups_at_once(t) {
        let map = array(t, 4, 3);
        put(&map, &1, &[9; 4]);
        let keys: Vec<u8> = [1u32, 7, 0].into_iter().flat_map(u32::to_ne_bytes).collect();
        let (mut values, mut found) = ([0xff; 12], [false; 3]);
        map.lookup_many(&keys, &mut values, &mut found).expect("lookups");
        assert_eq!(found, [true, false, true]);
        assert_eq!((&values[..4], &values[8..]), (&[9; 4][..], &[0; 4][..]));
    }

    fn memory_shows_what_was_written_and_writes_what_is_read(t, case) {
        requires!(t, case, Feature::MmapableArrays);
        let map = map(t, &spec(MapType::ARRAY, 4, 12, 3).with_flags(MapFlags::MMAPABLE));
        put(&map, &1, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        let memory = map.memory().expect("memory");
        let words = memory.words();
        assert!(words.is_writable());
        assert_eq!(words.load(2), Some(u64::from_ne_bytes([1, 2, 3, 4, 5, 6, 7, 8])), "12 bytes take two words");
        words.atomic(4).expect("writable").store(u64::from_ne_bytes([9; 8]), std::sync::atomic::Ordering::Relaxed);
        assert_eq!(get_bytes(&map, &2).as_deref(), Some(&[9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0][..]));
        assert_eq!(words.load(words.len()), None);
    }

    fn memory_of_an_ordinary_array_is_refused(t) {
        let error = array(t, 8, 1).memory().expect_err("not mappable");
        assert_eq!(error.errno(), None, "{error}");
    }
}
