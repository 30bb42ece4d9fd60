//! The views of maps, on the kernel's maps.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ebpf_core::codec::Cidr;
use ebpf_core::kernel::KernelSystem;
use ebpf_core::map::{
    Array, ArrayOfMaps, BloomFilter, Global, HashOfMaps, LpmTrie, Map, MapError, MapExt, MapFlags,
    MapSpec, MapType, Place, PlaceError, ProgramArray, Queue, ReadOnly, Stack,
};
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Errno, System};
use ebpf_testbed::skip;

/// The kernel, or a spoken skip.
fn kernel() -> Option<KernelSystem> {
    ebpf_testbed::require("kernel").then(KernelSystem::new)
}

fn create(
    system: &KernelSystem,
    map_type: MapType,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
) -> Arc<dyn Map> {
    let spec = MapSpec::new("view", map_type, key_size, value_size, max_entries);
    system.create_map(&spec, None).expect("a map")
}

fn errno<T>(result: Result<T, MapError>) -> Option<Errno> {
    result.err().and_then(|error| error.errno())
}

#[test]
fn all_pairs_of_a_hash_are_met_once() {
    let Some(system) = kernel() else { return };
    for map_type in [MapType::HASH, MapType::LRU_HASH] {
        let map = create(&system, map_type, 4, 8, 100_000)
            .typed::<u32, u64>()
            .expect("types");
        let keys: Vec<u32> = (0..50_000).collect();
        let values: Vec<u64> = keys.iter().map(|&key| u64::from(key) * 3).collect();
        assert_eq!(map.upsert_many(&keys, &values), Ok(keys.len()));
        let mut pairs = map.pairs();
        let mut found: Vec<(u32, u64)> = pairs.by_ref().collect::<Result<_, _>>().expect("a walk");
        assert!(!pairs.disturbed());
        found.sort_unstable();
        assert!(
            found
                .into_iter()
                .eq(keys.iter().copied().zip(values.iter().copied()))
        );
        assert_eq!(map.count(), Ok(keys.len()));
        assert_eq!(
            map.get_many(&[7, 60_000, 49_999]),
            Ok(vec![Some(21), None, Some(149_997)])
        );
        assert_eq!(map.remove_many(&[1, 70_000, 2, 3]), Ok(3));
        let drained = map.drain().filter(|pair| pair.is_ok()).count();
        assert_eq!((drained, map.count()), (keys.len() - 3, Ok(0)));
    }
}

#[test]
fn buckets_larger_than_the_first_batch_fit_in_the_end() {
    let Some(system) = kernel() else { return };
    // A value so large that a batch begins with one element, and a hash of few buckets.
    let map = create(&system, MapType::HASH, 4, 8192, 8)
        .typed::<u32, [u64; 1024]>()
        .expect("types");
    for key in 0..8 {
        map.insert(&key, &[u64::from(key); 1024]).expect("room");
    }
    let mut keys: Vec<u32> = map
        .pairs()
        .map(|pair| {
            pair.map(|(key, value)| {
                assert_eq!(value[1023], u64::from(key));
                key
            })
        })
        .collect::<Result<_, _>>()
        .expect("a walk");
    keys.sort_unstable();
    assert_eq!(keys, (0..8).collect::<Vec<_>>());
}

#[test]
fn walks_among_changes_miss_nothing_that_stays_and_give_nothing_twice() {
    let Some(system) = kernel() else { return };
    for (map_type, key_size) in [
        (MapType::HASH, 8),
        (MapType::LPM_TRIE, 8),
        (MapType::PERCPU_HASH, 8),
    ] {
        let map = create(&system, map_type, key_size, 4, 20_000);
        // As keys of a trie: 32 bits, network order.
        let key = |n: u32| [32u32.to_ne_bytes(), n.to_be_bytes()].concat();
        let value = map.value(0).expect("it fits");
        for n in 0..2000 {
            map.upsert(&key(n), &value).expect("room");
        }
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // The odd ones come and go, the even ones stay.
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for n in (1..2000).step_by(2) {
                        map.remove(&key(n)).expect("a deletion");
                        map.upsert(&key(n), &value).expect("room");
                    }
                }
            });
            for _ in 0..5 {
                let mut seen = BTreeSet::new();
                let mut twice = 0;
                map.for_each_pair(|key, _| twice += usize::from(!seen.insert(key.to_vec())))
                    .expect("a walk");
                assert_eq!(twice, 0, "{map_type}");
                let missed = (0..2000)
                    .step_by(2)
                    .filter(|&n| !seen.contains(&key(n)))
                    .count();
                assert_eq!(missed, 0, "{map_type}");
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
}

#[test]
fn a_walk_that_starts_over_says_so() {
    let Some(system) = kernel() else { return };
    let map = create(&system, MapType::LPM_TRIE, 8, 4, 5000);
    let key = |n: u32| [32u32.to_ne_bytes(), n.to_be_bytes()].concat();
    for n in 0..5000 {
        map.upsert(&key(n), &[0; 4]).expect("room");
    }
    let mut pairs = map.pairs();
    let mut seen = BTreeSet::new();
    while let Some((key, _)) = pairs.next_ref().expect("a walk") {
        let key = key.to_vec();
        // Sooner or later that is the key which a batch ended with.
        if seen.len() % 7 != 0 && !pairs.disturbed() {
            map.remove(&key).expect("a deletion");
        }
        assert!(seen.insert(key), "an element came twice");
    }
    assert!(pairs.disturbed());
    assert_eq!(seen.len(), 5000);
}

#[test]
fn keys_of_maps_with_unreadable_values_are_listed() {
    let Some(system) = kernel() else { return };
    for map_type in [MapType::PERF_EVENT_ARRAY, MapType::CGROUP_ARRAY] {
        let map = create(&system, map_type, 4, 4, 300)
            .typed::<u32, u32>()
            .expect("types");
        let keys: Vec<u32> = map.keys().collect::<Result<_, _>>().expect("a walk");
        assert_eq!(keys, (0..300).collect::<Vec<_>>(), "{map_type}");
    }
    let programs = create(&system, MapType::PROG_ARRAY, 4, 4, 300);
    assert_eq!(programs.count(), Ok(0), "empty places are no elements");
}

#[test]
fn arrays_are_written_and_read_by_index_and_in_their_memory() {
    let Some(system) = kernel() else { return };
    let spec = MapSpec::new("view", MapType::ARRAY, 4, 12, 100).with_flags(MapFlags::MMAPABLE);
    let map = system.create_map(&spec, None).expect("a map");
    let array: Array<[u32; 3]> = Array::new(map.clone()).expect("types");
    array.set(1, &[1, 2, 3]).expect("in range");
    assert_eq!(array.get(1), Ok(Some([1, 2, 3])));
    assert_eq!(array.get(100), Ok(None));
    assert_eq!(errno(array.set(100, &[0; 3])), Some(Errno::E2BIG));
    assert_eq!(array.set_from(98, &[[7; 3], [8; 3]]), Ok(2));
    assert_eq!(array.pairs().count(), 100);

    let memory = array.memory().expect("a map with memory");
    let elements = memory.elements();
    assert_eq!(
        (elements.len(), elements.get(99), elements.get(100)),
        (100, Some([8; 3]), None)
    );
    assert_eq!(elements.iter().filter(|value| *value != [0; 3]).count(), 3);
    assert_eq!(
        (elements.set(2, &[4, 5, 6]), elements.set(100, &[0; 3])),
        (Ok(true), Ok(false))
    );
    assert_eq!(array.get(2), Ok(Some([4, 5, 6])));
    let plain = create(&system, MapType::ARRAY, 4, 12, 1);
    assert!(
        Array::<[u32; 3]>::new(plain)
            .expect("types")
            .memory()
            .is_err()
    );
}

#[test]
fn globals_are_read_and_written_in_place() {
    let Some(system) = kernel() else { return };
    let spec = MapSpec::new("view.bss", MapType::ARRAY, 4, 32, 1).with_flags(MapFlags::MMAPABLE);
    let map = system.create_map(&spec, None).expect("a map");
    let counter: Global<u64> = Global::new(&map, 8).expect("within");
    let level: Global<u16> = Global::new(&map, 6).expect("within");
    let spread: Global<[u8; 13]> = Global::new(&map, 15).expect("within");
    counter.set(&0x1122_3344_5566_7788).expect("writable");
    level.set(&0xabcd).expect("writable");
    spread.set(&[9; 13]).expect("writable");
    assert_eq!((level.get(), spread.get()), (0xabcd, [9; 13]));

    let mut value = map.get(&[0; 4]).expect("a lookup").expect("an element");
    assert_eq!(value[6..8], 0xabcd_u16.to_ne_bytes());
    assert_eq!(value[8..15], 0x1122_3344_5566_7788_u64.to_ne_bytes()[..7]);
    assert_eq!(value[15..28], [9; 13]);
    assert_eq!((&value[..6], &value[28..]), (&[0; 6][..], &[0; 4][..]));
    value.fill(0);
    map.upsert(&[0; 4], &value).expect("writable");
    assert_eq!((counter.get(), level.get(), spread.get()), (0, 0, [0; 13]));

    let place = counter.place().expect("within");
    assert_eq!(place.modify(|n| n + 5), Ok(0));
    place
        .atomic()
        .expect("aligned")
        .fetch_add(2, Ordering::Relaxed);
    assert_eq!(counter.get(), 7);
    let level = level.place().expect("within");
    assert_eq!((level.modify(|n| n + 1), level.load()), (Ok(0), 1));
    let spread = spread.place().expect("within");
    assert_eq!(
        spread.modify(|bytes| bytes),
        Err(PlaceError::NotInOneWord { size: 13 })
    );
    assert_eq!(
        Global::<u8>::new(&map, 31).map(|last| last.get()).ok(),
        Some(0)
    );

    let far = Global::<u64>::new(&map, 1 << 20)
        .expect_err("outside")
        .to_string();
    assert!(
        far.starts_with("map `view.bss`: 8 bytes at 1048576 do not lie in its memory of"),
        "{far}"
    );
    assert!(Global::<u64>::new(&map, usize::MAX).is_err());
}

#[test]
fn frozen_memory_is_read_but_not_written() {
    let Some(system) = kernel() else { return };
    let spec = MapSpec::new("view.rodata", MapType::ARRAY, 4, 8, 1)
        .with_flags(MapFlags::MMAPABLE | MapFlags::RDONLY_PROG);
    let map = system.create_map(&spec, None).expect("a map");
    map.upsert(&[0; 4], &5u64.to_ne_bytes()).expect("writable");
    map.freeze().expect("nobody writes");
    let constant: Global<u64> = Global::new(&map, 0).expect("within");
    assert_eq!(constant.get(), 5);
    assert_eq!(
        constant.set(&6).map_err(|error| error.to_string()),
        Err("map `view.rodata`: the memory can only be read: the map is frozen, or was created for programs alone to write"
            .to_owned()),
    );
    let place = constant.place().expect("within");
    assert_eq!(
        (place.store(&6), place.atomic().is_none()),
        (Err(ReadOnly), true)
    );
    assert_eq!(place.modify(|n| n), Err(PlaceError::ReadOnly(ReadOnly)));
    let memory = map.memory().expect("a map with memory");
    assert!(Place::<()>::new(memory.words(), 0).is_none());
}

#[test]
fn per_cpu_values_are_summed_and_replicated() {
    let Some(system) = kernel() else { return };
    let map = create(&system, MapType::PERCPU_ARRAY, 4, 4, 2)
        .per_cpu::<u32, u32>()
        .expect("types");
    let cpus = map.info().possible_cpus;
    map.set_all(&1, &3).expect("in range");
    let mut values = map.values();
    assert_eq!(map.get_into(&1, &mut values), Ok(true));
    assert_eq!((values.sum(), values.cpus()), (3 * cpus, cpus));
    assert_eq!(
        map.map().get_uint(&1u32.to_ne_bytes()),
        Ok(Some(u64::from(3 * cpus)))
    );
    values.set(0, &7);
    map.upsert(&1, &values).expect("in range");
    assert_eq!(
        (map.get_on(&1, 0), map.get_on(&1, cpus)),
        (Ok(Some(7)), Ok(None))
    );
    assert_eq!(map.get_on(&2, 0), Ok(None));
    // Since Linux 7.0.
    match map.set_on(&1, 0, &9) {
        Ok(()) => assert_eq!(map.get_on(&1, 0), Ok(Some(9))),
        Err(error) => assert_eq!(error.errno(), Some(Errno::EINVAL)),
    }
    let pairs: Vec<_> = map.pairs().collect::<Result<_, _>>().expect("a walk");
    assert_eq!(
        pairs.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
        [0, 1]
    );
}

#[test]
fn tries_find_the_narrowest_network() {
    let Some(system) = kernel() else { return };
    let cidr = |text: &str| text.parse::<Cidr>().expect("a network");
    let addr = |text: &str| text.parse::<IpAddr>().expect("an address");
    let v4: LpmTrie<u32> =
        LpmTrie::new(create(&system, MapType::LPM_TRIE, 8, 4, 8)).expect("types");
    v4.insert(cidr("10.0.0.0/8"), &8).expect("room");
    v4.insert(cidr("10.1.0.0/16"), &16).expect("room");
    assert_eq!(v4.get(addr("10.1.2.3")), Ok(Some(16)));
    assert_eq!(v4.get(addr("10.2.2.3")), Ok(Some(8)));
    assert_eq!(v4.get(addr("11.2.2.3")), Ok(None));
    assert_eq!(v4.get_covering(cidr("10.1.0.0/12")), Ok(Some(8)));
    // Before Linux 6.13 a trie adds and replaces whatever it is told.
    if v4.update(cidr("10.9.0.0/16"), &1).is_ok() {
        assert_eq!(v4.remove(cidr("10.9.0.0/16")), Ok(true));
        v4.insert(cidr("10.0.0.0/8"), &1).expect("replaced");
    } else {
        assert_eq!(
            errno(v4.update(cidr("10.9.0.0/16"), &1)),
            Some(Errno::ENOENT)
        );
        assert_eq!(
            errno(v4.insert(cidr("10.0.0.0/8"), &1)),
            Some(Errno::EEXIST)
        );
    }
    v4.update(cidr("10.0.0.0/8"), &80).expect("it is there");
    assert_eq!(
        v4.get(addr("::1")).map_err(|error| error.to_string()),
        Err("map `view`: key: a longest-prefix key of 8 bytes cannot hold 20: 4 of prefix length and the address".to_owned()),
    );
    let mut all: Vec<_> = v4.pairs().collect::<Result<_, _>>().expect("a walk");
    all.sort_unstable();
    assert_eq!(all, [(cidr("10.0.0.0/8"), 80), (cidr("10.1.0.0/16"), 16)]);
    assert_eq!(
        v4.remove_many([cidr("10.1.0.0/16"), cidr("1.0.0.0/8"), cidr("10.0.0.0/8")]),
        Ok(2)
    );
    assert_eq!(v4.remove(cidr("10.0.0.0/8")), Ok(false));
    let error = v4
        .upsert_many((0..20).map(|n| (Cidr::from(IpAddr::from([10, 0, 0, n])), 1)))
        .expect_err("full");
    assert_eq!((error.done, error.errno()), (8, Some(Errno::ENOSPC)));

    let v6: LpmTrie<u32> =
        LpmTrie::new(create(&system, MapType::LPM_TRIE, 20, 4, 8)).expect("types");
    v6.upsert(cidr("2001:db8::/32"), &1).expect("room");
    v6.upsert(cidr("10.0.0.0/8"), &2).expect("room");
    assert_eq!(
        (v6.get(addr("2001:db8::7")), v6.get(addr("10.3.3.3"))),
        (Ok(Some(1)), Ok(Some(2)))
    );
    let odd = create(&system, MapType::LPM_TRIE, 12, 4, 8);
    assert!(matches!(
        LpmTrie::<u32>::new(odd),
        Err(MapError::View { .. })
    ));
}

#[test]
fn maps_without_keys_are_pushed_popped_and_asked() {
    let Some(system) = kernel() else { return };
    let queue: Queue<u16> = Queue::new(create(&system, MapType::QUEUE, 0, 2, 2)).expect("types");
    let stack: Stack<u16> = Stack::new(create(&system, MapType::STACK, 0, 2, 2)).expect("types");
    for n in [1, 2] {
        queue.push(&n).expect("room");
        stack.push(&n).expect("room");
    }
    assert_eq!(
        (errno(queue.push(&3)), errno(stack.push(&3))),
        (Some(Errno::E2BIG), Some(Errno::E2BIG))
    );
    assert_eq!((queue.peek(), stack.peek()), (Ok(Some(1)), Ok(Some(2))));
    queue.push_over(&3).expect("the oldest makes room");
    stack.push_over(&3).expect("the oldest makes room");
    assert_eq!(
        [queue.pop(), queue.pop(), queue.pop()],
        [Ok(Some(2)), Ok(Some(3)), Ok(None)]
    );
    assert_eq!(
        [stack.pop(), stack.pop(), stack.pop()],
        [Ok(Some(3)), Ok(Some(2)), Ok(None)]
    );
    assert_eq!((queue.peek(), stack.peek()), (Ok(None), Ok(None)));

    assert!(matches!(
        Stack::<u16>::new(queue.map().clone()),
        Err(MapError::View { .. })
    ));
    assert!(matches!(
        Queue::<u64>::new(queue.map().clone()),
        Err(MapError::Layout(_))
    ));
}

#[test]
fn a_bloom_filter_is_asked_what_may_be_in_it() {
    let Some(system) = kernel() else { return };
    if system.probe(Feature::MapType(MapType::BLOOM_FILTER)) == Ok(Support::No) {
        return skip("this kernel has no Bloom filters");
    }
    let filter =
        BloomFilter::new(create(&system, MapType::BLOOM_FILTER, 0, 4, 100)).expect("types");
    filter.push(&5u32).expect("room");
    assert_eq!(filter.contains(&5), Ok(true));
    let wrong = (1000..2000)
        .filter(|n| filter.contains(n) == Ok(true))
        .count();
    assert!(wrong < 100, "{wrong} of 1000 others seem to be there");
}

#[test]
fn maps_come_back_from_maps_of_maps() {
    let Some(system) = kernel() else { return };
    let template = MapSpec::new("inner", MapType::HASH, 4, 4, 4);
    let outer = |map_type, key_size| {
        let spec = MapSpec::new("outer", map_type, key_size, 4, 4).with_inner(template.clone());
        system.create_map(&spec, None).expect("a map of maps")
    };
    let inner = system.create_map(&template, None).expect("a map");
    inner.upsert(&[1, 0, 0, 0], &[7, 0, 0, 0]).expect("room");

    let array = ArrayOfMaps::new(outer(MapType::ARRAY_OF_MAPS, 4)).expect("an array of maps");
    assert!(array.get(2, &system).expect("a lookup").is_none());
    array.set(2, &inner).expect("a map like the template");
    let found = array.get(2, &system).expect("a lookup").expect("a map");
    assert_eq!(found.get_uint(&[1, 0, 0, 0]), Ok(Some(7)));
    assert_eq!(
        array.ids().collect::<Result<Vec<_>, _>>(),
        Ok(vec![(2, inner.info().id)])
    );
    assert_eq!(
        (array.remove(2), array.remove(2), array.id(2)),
        (Ok(true), Ok(false), Ok(None))
    );
    assert_eq!(errno(array.set(0, array.map())), Some(Errno::EINVAL));

    let hash: HashOfMaps<u64> =
        HashOfMaps::new(outer(MapType::HASH_OF_MAPS, 8)).expect("a hash of maps");
    hash.insert(&5, &inner).expect("a map like the template");
    assert_eq!(errno(hash.insert(&5, &inner)), Some(Errno::EEXIST));
    assert_eq!(errno(hash.update(&6, &inner)), Some(Errno::ENOENT));
    hash.upsert(&5, &inner).expect("a map like the template");
    let found = hash.get(&5, &system).expect("a lookup").expect("a map");
    assert_eq!(found.info().id, inner.info().id);
    assert_eq!(
        hash.ids().collect::<Result<Vec<_>, _>>(),
        Ok(vec![(5, inner.info().id)])
    );
    assert_eq!((hash.remove(&5), hash.remove(&5)), (Ok(true), Ok(false)));
    assert!(hash.get(&5, &system).expect("a lookup").is_none());

    let programs =
        ProgramArray::new(create(&system, MapType::PROG_ARRAY, 4, 4, 4)).expect("programs");
    assert!(programs.get(0, &system).expect("a lookup").is_none());
    assert_eq!((programs.remove(0), programs.ids().count()), (Ok(false), 0));
}
