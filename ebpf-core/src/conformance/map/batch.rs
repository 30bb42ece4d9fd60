//! Batches of every type that has them: `generic_map_*_batch()` in kernel/bpf/syscall.c and
//! `__htab_map_lookup_and_delete_batch()` in kernel/bpf/hashtab.c.

use std::sync::Arc;

use crate::Errno;
use crate::conformance::{
    Testbed, batches, elements, get, get_bytes, map, put, requires, socket, spec, suite, words,
};
use crate::map::{Batch, BatchCursor, BatchFlags, Map, MapType, SocketMap};
use crate::system::Feature;

const HASHES: [MapType; 4] = [
    MapType::HASH,
    MapType::LRU_HASH,
    MapType::PERCPU_HASH,
    MapType::LRU_PERCPU_HASH,
];

fn of(t: &dyn Testbed, map_type: MapType, max_entries: u32) -> Arc<dyn Map> {
    map(t, &spec(map_type, 4, 8, max_entries))
}

/// `count` values, each of its own bytes.
fn values(map: &dyn Map, count: u32) -> Vec<u8> {
    let size = map.info().transfer_size();
    (0..count)
        .flat_map(|n| vec![(n as u8).wrapping_add(1); size])
        .collect()
}

fn sorted(mut pairs: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    pairs.sort();
    pairs
}

suite! { ($) batch, __conformance_batch;
    fn a_hash_is_written_and_read_whole(t, case) {
        requires!(t, case, Feature::BatchOperations);
        for map_type in HASHES {
            let map = of(t, map_type, 64);
            assert_eq!(map.update_batch(&words(20), &values(&map, 20), BatchFlags::ANY), Ok(20), "{map_type}");
            assert_eq!(elements(&map).len(), 20, "{map_type}");
            assert_eq!(sorted(batches(&map, 64, false)), elements(&map), "{map_type}");
        }
    }

    fn a_hash_is_read_in_parts(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = of(t, MapType::HASH, 1000);
        map.update_batch(&words(1000), &values(&map, 1000), BatchFlags::ANY).expect("update");
        assert_eq!(sorted(batches(&map, 64, false)), elements(&map));
    }

    fn a_hash_is_taken_in_parts(t, case) {
        requires!(t, case, Feature::BatchOperations);
        for map_type in HASHES {
            let map = of(t, map_type, 200);
            map.update_batch(&words(100), &values(&map, 100), BatchFlags::ANY).expect("update");
            let before = elements(&map);
            assert_eq!(sorted(batches(&map, 64, true)), before, "{map_type}");
            assert_eq!(elements(&map), [], "{map_type}");
        }
    }

    fn a_cursor_goes_on_after_what_was_taken_one_by_one(t, case) {
        // A type without batches, and a key that is shorter than a number.
        requires!(t, case, Feature::MapType(MapType::SOCKHASH));
        let Some(socket) = socket(t, case) else { return };
        let map = map(t, &spec(MapType::SOCKHASH, 3, 8, 8));
        let sockets = SocketMap::<[u8; 3]>::new(map).expect("a map of sockets");
        let mut cursor = BatchCursor::new();
        let (mut keys, mut read) = (vec![0; 3 * 4], vec![0; 8 * 4]);
        sockets.insert(&[8, 0, 0], socket.descriptor()).expect("insert");
        let taken = sockets.map().lookup_and_delete_batch(&mut cursor, &mut keys, &mut read, BatchFlags::ANY);
        assert_eq!(taken, Ok(Batch { count: 1, done: true }));
        let none = sockets.map().lookup_batch(&mut cursor, &mut keys, &mut read, BatchFlags::ANY);
        assert_eq!(none, Ok(Batch { count: 0, done: true }));
    }

    fn an_empty_hash_is_done_at_once(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = of(t, MapType::HASH, 8);
        assert_eq!(batches(&map, 4, false), []);
        assert_eq!(batches(&map, 4, true), []);
    }

    fn a_buffer_smaller_than_a_bucket_is_enospc(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = of(t, MapType::HASH, 256);
        map.update_batch(&words(256), &values(&map, 256), BatchFlags::ANY).expect("update");
        let mut cursor = BatchCursor::new();
        let (mut keys, mut read) = (vec![0; 4 * 256], vec![0; 8 * 256]);
        let (mut count, mut room) = (0, 1);
        loop {
            match map.lookup_batch(&mut cursor, &mut keys[..4 * room], &mut read[..8 * room], BatchFlags::ANY) {
                Ok(batch) => {
                    count += batch.count;
                    room = 1;
                    if batch.done {
                        break;
                    }
                }
                // The cursor has not moved: the same elements are asked for again.
                Err(error) => {
                    assert_eq!((error.errno(), room), (Some(Errno::ENOSPC), 1));
                    room = 256;
                }
            }
        }
        assert_eq!(count, 256);
    }

    fn an_array_is_read_and_written_in_order(t, case) {
        requires!(t, case, Feature::BatchOperations);
        let map = of(t, MapType::ARRAY, 5);
        assert_eq!(map.update_batch(&words(5), &values(&map, 5), BatchFlags::ANY), Ok(5));
        let (mut keys, mut read) = (vec![0; 12], vec![0; 24]);
        let mut cursor = BatchCursor::new();
        let first = map.lookup_batch(&mut cursor, &mut keys, &mut read, BatchFlags::ANY).expect("first");
        assert_eq!(first, Batch { count: 3, done: false });
        assert_eq!((&keys[..], &read[..]), (&words(5)[..12], &values(&map, 5)[..24]));
        let last = map.lookup_batch(&mut cursor, &mut keys, &mut read, BatchFlags::ANY).expect("last");
        assert_eq!(last, Batch { count: 2, done: true });
        assert_eq!((&keys[..8], &read[..16]), (&words(5)[12..], &values(&map, 5)[24..]));
    }

    fn a_batch_of_exactly_all_may_not_know_that_it_is_the_last(t, case) {
        requires!(t, case, Feature::BatchOperations);
        for map_type in [MapType::ARRAY, MapType::HASH, MapType::PERCPU_HASH] {
            let map = of(t, map_type, 4);
            map.update_batch(&words(4), &values(&map, 4), BatchFlags::ANY).expect("update");
            assert_eq!(sorted(batches(&map, 4, false)), elements(&map), "{map_type}");
        }
    }

    fn a_per_cpu_array_is_read_and_written(t) {
        let map = of(t, MapType::PERCPU_ARRAY, 6);
        let all = values(&map, 6);
        assert_eq!(map.update_batch(&words(6), &all, BatchFlags::ANY), Ok(6));
        assert_eq!(get_bytes(&map, &5).as_deref(), Some(&all[5 * map.info().transfer_size()..]));
        assert_eq!(batches(&map, 4, false), elements(&map));
    }

    fn a_trie_is_read_and_written(t) {
        let map = map(t, &spec(MapType::LPM_TRIE, 8, 4, 16));
        let prefixes: Vec<u8> = (1..=9u32).flat_map(|n| [n.to_ne_bytes(), [0x55; 4]].concat()).collect();
        assert_eq!(map.update_batch(&prefixes, &words(9), BatchFlags::ANY), Ok(9));
        assert_eq!(sorted(batches(&map, 4, false)), elements(&map));
        assert_eq!(map.delete_batch(&prefixes[..16], BatchFlags::ANY), Ok(2));
        assert_eq!(elements(&map).len(), 7);
    }

    fn writing_stops_at_a_key_that_is_there(t) {
        let map = of(t, MapType::HASH, 10);
        put(&map, &2, &7u64);
        let error = map.update_batch(&words(4), &values(&map, 4), BatchFlags::NO_EXIST).expect_err("key 2 is there");
        assert_eq!((error.done, error.errno()), (2, Some(Errno::EEXIST)));
        let kept = [get(&map, &0), get(&map, &1), get(&map, &2), get(&map, &3)];
        assert_eq!(kept, [Some([1u8; 8]), Some([2; 8]), Some(7u64.to_ne_bytes()), None]);
    }

    fn writing_stops_at_a_key_that_is_not_there(t) {
        let map = of(t, MapType::HASH, 10);
        put(&map, &0, &7u64);
        let error = map.update_batch(&words(2), &values(&map, 2), BatchFlags::EXIST).expect_err("key 1 is not there");
        assert_eq!((error.done, error.errno()), (1, Some(Errno::ENOENT)));
        assert_eq!(elements(&map).len(), 1);
    }

    fn writing_stops_when_it_is_full(t) {
        let map = of(t, MapType::HASH, 3);
        let error = map.update_batch(&words(5), &values(&map, 5), BatchFlags::ANY).expect_err("no room");
        assert_eq!((error.done, error.errno()), (3, Some(Errno::E2BIG)));
        assert_eq!(elements(&map).len(), 3);
    }

    fn writing_stops_at_an_index_past_the_end(t) {
        let map = of(t, MapType::ARRAY, 2);
        let error = map.update_batch(&words(3), &values(&map, 3), BatchFlags::ANY).expect_err("index 2 is past the end");
        assert_eq!((error.done, error.errno()), (2, Some(Errno::E2BIG)));
        assert_eq!(get(&map, &1), Some([2u8; 8]));
    }

    fn deleting_stops_at_an_absent_key(t) {
        let map = of(t, MapType::HASH, 10);
        put(&map, &0, &0u64);
        put(&map, &2, &0u64);
        let error = map.delete_batch(&words(3), BatchFlags::ANY).expect_err("key 1 is not there");
        assert_eq!((error.done, error.errno()), (1, Some(Errno::ENOENT)));
        assert_eq!([get::<u64>(&map, &0), get(&map, &2)], [None, Some(0)]);
    }

    fn deleting_from_an_array_is_refused(t) {
        let map = of(t, MapType::ARRAY, 3);
        let error = map.delete_batch(&words(2), BatchFlags::ANY).expect_err("elements of an array stay");
        assert_eq!((error.done, error.errno()), (0, Some(Errno::EINVAL)));
    }

    fn nothing_is_a_batch(t) {
        let map = of(t, MapType::HASH, 3);
        assert_eq!(map.update_batch(&[], &[], BatchFlags::ANY), Ok(0));
        assert_eq!(map.delete_batch(&[], BatchFlags::ANY), Ok(0));
        let none = map.lookup_batch(&mut BatchCursor::new(), &mut [], &mut [], BatchFlags::ANY).expect("nothing");
        assert_eq!(none.count, 0);
    }

    fn buffers_that_do_not_match_never_reach_the_system(t) {
        let map = of(t, MapType::HASH, 3);
        for (keys, values) in [(4, 9), (5, 8), (8, 8), (4, 16)] {
            let error = map.update_batch(&vec![0; keys], &vec![0; values], BatchFlags::ANY).expect_err("a wrong length");
            assert_eq!((error.done, error.errno()), (0, None), "{error}");
            let read = map.lookup_batch(&mut BatchCursor::new(), &mut vec![0; keys], &mut vec![0; values], BatchFlags::ANY);
            assert_eq!(read.expect_err("a wrong length").errno(), None);
        }
    }

    fn queues_have_no_batches(t) {
        let map = map(t, &spec(MapType::QUEUE, 0, 4, 3));
        let error = map.update_batch(&[], &[0; 4], BatchFlags::ANY).expect_err("no keys");
        assert_eq!(error.errno(), None, "{error}");
    }
}
