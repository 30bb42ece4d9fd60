//! The verbs, conveniences, typed and per-CPU views.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::codec::{Cidr, flexible_uint};

#[test]
fn errors_of_maps_stay_small() {
    assert!(
        size_of::<MapError>() <= 80,
        "{} bytes",
        size_of::<MapError>()
    );
}

#[test]
fn verbs_say_whether_the_key_must_be_there() {
    let map = hash(1, Batches::Keys(8));
    map.insert(&key(1), &value(1)).expect("a new key");
    assert_eq!(
        map.insert(&key(1), &value(2)).err().and_then(|e| e.errno()),
        Some(Errno::EEXIST)
    );
    map.update(&key(1), &value(3)).expect("an old key");
    assert_eq!(
        map.update(&key(2), &value(3)).err().and_then(|e| e.errno()),
        Some(Errno::ENOENT)
    );
    assert_eq!(map.get(&key(1)).expect("a lookup"), Some(value(3).to_vec()));
    assert_eq!(
        map.take(&key(1)).expect("a lookup"),
        Some(value(3).to_vec())
    );
    assert!(!map.contains(&key(1)).expect("a lookup"));
    assert!(!map.remove(&key(1)).expect("a deletion"));
    assert!(map.remove(&key(0)).expect("a deletion"));
}

#[test]
fn types_without_conditions_get_none() {
    let any = [
        MapType::PROG_ARRAY,
        MapType::PERF_EVENT_ARRAY,
        MapType::CGROUP_ARRAY,
        MapType::ARRAY_OF_MAPS,
    ];
    for map_type in any {
        let map = Double::new(map_type, 4, 4, 4, Batches::None);
        for write in [MapExt::insert, MapExt::update, MapExt::upsert] {
            write(&map, &key(0), &key(9)).expect("no condition");
            assert_eq!(map.last_flags(), UpdateFlags::ANY, "{map_type}");
        }
    }
}

#[test]
fn per_cpu_integers_add_up_by_stride() {
    for size in 1..=8u32 {
        let map = Double::new(MapType::PERCPU_HASH, 4, size, 4, Batches::Keys(8));
        // What lies between the values is not part of them.
        let mut bytes = vec![0xee; map.info().transfer_size()];
        for slot in bytes.chunks_mut(8) {
            slot[..size as usize].copy_from_slice(&map_bytes(3, size));
        }
        map.upsert(&key(1), &bytes).expect("room");
        assert_eq!(
            map.get_uint(&key(1)).expect("a lookup"),
            Some(12),
            "{size} bytes"
        );
    }
    let wide = Double::new(MapType::HASH, 4, 9, 4, Batches::Keys(8));
    wide.upsert(&key(0), &[0; 9]).expect("room");
    assert_eq!(
        message(wide.get_uint(&key(0))),
        "map `double`: value: 9 bytes are more than the 8 of the widest integer: read them as bytes or as a struct",
    );
}

fn map_bytes(value: u64, size: u32) -> Vec<u8> {
    crate::codec::flexible_bytes(value, size as usize).expect("it fits")
}

#[test]
fn keys_are_read_by_their_own_size() {
    for (key_size, value_size) in [(4, 8), (8, 2), (1, 8)] {
        let map = Double::new(MapType::HASH, key_size, value_size, 4, Batches::Keys(8));
        map.upsert(
            &map.key(200).expect("it fits"),
            &map.value(1).expect("it fits"),
        )
        .expect("room");
        let keys: Vec<_> = map
            .keys()
            .map(|key| flexible_uint(&key.expect("a key")))
            .collect();
        assert_eq!(keys, [Ok(200)]);
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let map = Double::new(MapType::HASH, 2, 4, 4, Batches::Keys(8));
    assert_eq!(
        message(map.key(65536)),
        "map `double`: key: 65536 does not fit an integer of 2 bytes",
    );
    assert_eq!(
        message(map.value("five!")),
        "map `double`: value: 5 bytes are longer than the 4 of the key or value",
    );
    assert_eq!(map.key(-1), Ok(vec![0xff; 2]));
    assert_eq!(map.value("lo"), Ok(b"lo\0\0".to_vec()));
    assert_eq!(map.value(Ipv4Addr::LOCALHOST), Ok(vec![127, 0, 0, 1]));
    assert_eq!(map.key([1]), Ok(vec![1, 0]));
    assert!(map.key(IpAddr::V4(Ipv4Addr::LOCALHOST)).is_err());
    assert_eq!(
        message(map.upsert(&[], &[])),
        "map `double`: key has 0 bytes, the map wants 2",
    );

    let trie = Double::new(MapType::LPM_TRIE, 8, 4, 4, Batches::Keys(8));
    let network: Cidr = "10.1.2.3/8".parse().expect("a network");
    let mut bytes = 8u32.to_ne_bytes().to_vec();
    bytes.extend([10, 0, 0, 0]);
    assert_eq!(trie.key(network), Ok(bytes));
    let v6: Cidr = "::/0".parse().expect("a network");
    assert!(trie.key(v6).is_err());
}

#[test]
fn text_ends_at_the_first_nul() {
    let map = Double::new(MapType::HASH, 4, 8, 4, Batches::Keys(8));
    map.upsert(&key(0), b"eth0\0xyz").expect("room");
    map.upsert(&key(1), b"12345678").expect("room");
    assert_eq!(
        map.get_str(&key(0)).expect("a lookup").as_deref(),
        Some("eth0")
    );
    assert_eq!(
        map.get_str(&key(1)).expect("a lookup").as_deref(),
        Some("12345678")
    );
    assert_eq!(map.get_str(&key(2)).expect("a lookup"), None);
    let map = Double::new(MapType::PERCPU_HASH, 4, 8, 4, Batches::Keys(8));
    assert_eq!(
        message(map.get_str(&key(0))),
        "get_str on map `double`: maps of type percpu_hash have no such operation",
    );
}

#[test]
fn bulk_operations_go_on_past_missing_keys_and_count() {
    let map = Double::new(MapType::HASH, 4, 8, 10, Batches::Keys(8));
    let pairs = (0..10).map(|n| (key(n), value(n)));
    assert_eq!(map.upsert_many(pairs), Ok(10));
    assert_eq!(map.remove_many([20, 0, 21, 22, 1, 23].map(key)), Ok(2));
    let error = map
        .upsert_many((0..10).map(|n| (key(n + 100), value(n))))
        .expect_err("full");
    assert_eq!((error.done, error.errno()), (2, Some(Errno::E2BIG)));
    let error = map
        .upsert_many([(&key(2)[..], &value(7)[..]), (&key(3)[..3], &[])])
        .expect_err("short");
    assert_eq!(
        error.to_string(),
        "after 1 elements: map `double`: key has 3 bytes, the map wants 4"
    );
    assert_eq!(map.get_uint(&key(2)), Ok(Some(7)));

    let map = map.typed::<u32, u64>().expect("these types");
    assert_eq!(map.get_many(&[2, 50, 3]), Ok(vec![Some(7), None, Some(3)]));
    assert_eq!(map.upsert_many(&[2, 3], &[70, 80]), Ok(2));
    assert_eq!(map.upsert_many(&[], &[]), Ok(0));
    assert!(map.upsert_many(&[2, 3], &[70]).is_err());
    assert_eq!(map.remove_many(&[2, 3, 50]), Ok(2));
    assert_eq!(map.remove_many(&[]), Ok(0));
}

#[test]
fn objects_of_another_system_are_refused() {
    let map = Double::new(MapType::ARRAY_OF_MAPS, 4, 4, 4, Batches::None);
    let inner = Double::new(MapType::ARRAY, 4, 4, 4, Batches::None);
    map.insert_map(&key(0), &inner).expect("the same system");
    assert_eq!(
        map.get(&key(0)).expect("a lookup"),
        Some(3u32.to_ne_bytes().to_vec())
    );
    let foreign = Double::new(MapType::ARRAY, 4, 4, 4, Batches::None).in_system(SystemId::KERNEL);
    assert_eq!(
        message(map.insert_map(&key(0), &foreign)),
        "map `double`: an object of the kernel was given to simulated system 7",
    );
}

#[test]
fn typed_views_are_for_their_types_of_maps() {
    let per_cpu = Double::new(MapType::PERCPU_ARRAY, 4, 8, 4, Batches::None);
    assert_eq!(
        message((&per_cpu).typed::<u32, u64>()),
        "map `double` is of type percpu_array: `TypedMap` is for one value per key; use `PerCpuMap`",
    );
    let array = Double::new(MapType::ARRAY, 4, 8, 4, Batches::None);
    assert_eq!(
        message((&array).per_cpu::<u32, u64>()),
        "map `double` is of type array: `PerCpuMap` is for maps with a value for each CPU; use `TypedMap`",
    );
    assert_eq!(
        message((&array).typed::<u32, [u16; 2]>()),
        "map `double`: value `[u16; 2]` (Rust) has 4 bytes, the map wants 8",
    );
}

#[test]
fn per_cpu_values_are_read_and_written_by_cpu() {
    let map = Double::new(MapType::PERCPU_HASH, 4, 3, 4, Batches::Keys(8));
    let map = map.per_cpu::<u32, [u8; 3]>().expect("these types");
    assert!(map.get(&1).expect("a lookup").is_none());
    map.set_all(&1, &[1, 2, 3]).expect("room");
    let mut values = map.get(&1).expect("a lookup").expect("an element");
    assert_eq!(values.iter().collect::<Vec<_>>(), vec![[1, 2, 3]; 4]);
    assert!(values.set(2, &[9, 9, 255]) && !values.set(4, &[0; 3]));
    map.update(&1, &values).expect("an old key");
    let mut again = map.values();
    assert!(map.get_into(&1, &mut again).expect("a lookup"));
    assert_eq!(again, values);
    assert_eq!(
        (again.get(2), again.get(4), again.cpus()),
        (Some([9, 9, 255]), None, 4)
    );
    assert_eq!(again.sum(), [12, 15, 8]);
    let pairs: Vec<_> = map.pairs().collect::<Result<_, _>>().expect("a walk");
    assert_eq!(pairs, [(1, values)]);
    let mut foreign = PerCpuValues::zeroed(3);
    assert!(map.get_into(&1, &mut foreign).is_err());
    assert!(map.pairs().next_into(&mut foreign).is_err());
    assert_eq!(map.take(&1).expect("a lookup"), Some(again));
    assert_eq!(map.keys().count(), 0);
}

#[test]
fn sums_of_per_cpu_values_wrap_and_structs_add_up_by_field() {
    crate::plain! {
        #[derive(PartialEq)]
        struct Stats {
            packets: u64,
            bytes: u32,
            _pad: u32,
        }
    }
    impl Total for Stats {
        fn plus(self, other: Stats) -> Stats {
            let (packets, bytes) = (
                self.packets.plus(other.packets),
                self.bytes.plus(other.bytes),
            );
            Stats {
                packets,
                bytes,
                _pad: 0,
            }
        }
    }
    let stats = Stats {
        packets: u64::MAX,
        bytes: 3,
        _pad: 0,
    };
    let values = PerCpuValues::replicate(3, &stats);
    assert_eq!(
        values.sum(),
        Stats {
            packets: u64::MAX - 2,
            bytes: 9,
            _pad: 0
        }
    );
}
