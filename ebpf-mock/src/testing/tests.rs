//! Tests of what tests want.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ebpf_core::btf::{BtfBuilder, IntEncoding, MemberSpec};
use ebpf_core::codec::percpu_replicate;
use ebpf_core::map::{MapFlags, MapSpec, MapType, MapTypes};
use ebpf_core::{Errno, Map, MapExt, System};

use super::*;
use crate::MockSystem;

ebpf_core::plain! {
    /// What is counted.
    struct Counters { packets: u64, bytes: u64 }
}

fn map(system: &MockSystem, map_type: MapType, key: u32, value: u32) -> Arc<dyn Map> {
    let mut spec = MapSpec::new("map", map_type, key, value, 4);
    if map_type == MapType::LPM_TRIE {
        spec.flags = MapFlags::NO_PREALLOC;
    }
    system.create_map(&spec, None).expect("a map")
}

fn message(failing: impl FnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(failing)).expect_err("it does not hold");
    failed.downcast_ref::<String>().expect("text").clone()
}

#[test]
fn a_failure_shows_a_table() {
    let system = MockSystem::new();
    let map = map(&system, MapType::HASH, 4, 8);
    fill(&map, [(1, 10), (2, 21)]).expect("filled");
    assert_map_eq(&map, [(2, 21), (1, 10)]);
    assert_map_contains(&map, [(2, 21)]);
    let message = message(|| assert_map_eq(&map, [(2, 20), (3, 30)]));
    assert_eq!(
        message,
        "map `map` (hash) does not hold what it should\n\
        \x20    key  expected  found\n\
        \x20 +  1              10\n\
        \x20 ~  2    20        21\n\
        \x20 -  3    30\n"
    );
}

#[test]
fn arrays_are_zero_unless_it_is_said() {
    let system = MockSystem::new();
    let map = map(&system, MapType::ARRAY, 4, 8);
    assert_map_empty(&map);
    fill(&map, [(3, 7)]).expect("filled");
    assert_map_eq(&map, [(3, 7), (0, 0)]);
    assert!(message(|| assert_map_empty(&map)).contains("+  3"));
}

#[test]
fn values_of_cpus_are_added_up() {
    let system = MockSystem::builder().cpus(2).build();
    for (size, each, sum) in [(8, 300u64, 600u64), (4, 300, 600), (1, 200, 400 % 256)] {
        let map = map(&system, MapType::PERCPU_HASH, 4, size);
        fill(&map, [(1, each)]).expect("filled");
        assert_map_eq(&map, [(1, sum)]);
    }
    let map = map(&system, MapType::PERCPU_HASH, 4, 16);
    let counters = Counters {
        packets: 1,
        bytes: u64::from(u32::MAX),
    };
    fill(&map, [(1, counters)]).expect("filled");
    let twice = Counters {
        packets: 2,
        bytes: u64::from(u32::MAX) * 2,
    };
    assert_map_eq(&map, [(1, twice)]);
    let text = MapSnapshot::of(&map).expect("a snapshot").to_string();
    assert_eq!(text.matches("01 00 00 00 00 00 00 00").count(), 2, "{text}");
}

#[test]
fn a_structure_of_another_size_does_not_fit() {
    let system = MockSystem::new();
    let map = map(&system, MapType::HASH, 4, 24);
    let error = fill(
        &map,
        [(
            1,
            Counters {
                packets: 1,
                bytes: 2,
            },
        )],
    )
    .expect_err("too short");
    assert_eq!(
        error.to_string(),
        "map `map`: value: a structure of 16 bytes is not a key or value of 24"
    );
}

#[test]
fn networks_are_keys() {
    let system = MockSystem::new();
    let map = map(&system, MapType::LPM_TRIE, 8, 4);
    fill_networks(&map, [("10.1.2.3/8", 1), ("192.0.2.7", 2)]).expect("filled");
    assert_map_eq(&map, [(net("10.0.0.0/8"), 1), (net("192.0.2.7/32"), 2)]);
    let error = fill_networks(&map, [("10.0.0.0/33", 1)]).expect_err("too long");
    assert!(
        error
            .to_string()
            .starts_with("map `map`: key: prefix length 33"),
        "{error}"
    );
    let text = message(|| assert_map_eq(&map, [(net("10.0.0.0/8"), 1)]));
    assert!(text.contains("192.0.2.7/32"), "{text}");
}

#[test]
fn a_difference_is_typed() {
    let mut builder = BtfBuilder::new();
    let int = builder.int("unsigned int", 4, IntEncoding::NONE);
    let long = builder.int("unsigned long", 8, IntEncoding::NONE);
    let members = [
        MemberSpec::new("packets", long, 0),
        MemberSpec::new("bytes", long, 8),
    ];
    let counters = builder.structure("counters", 16, &members);
    let btf = Arc::new(builder.build().expect("types"));
    let mut spec = MapSpec::new("traffic", MapType::HASH, 4, 16, 4);
    spec.types = Some(MapTypes {
        btf,
        key: int,
        value: counters,
    });
    let system = MockSystem::new();
    let map = system.create_map(&spec, None).expect("a map");

    fill(
        &map,
        [(
            7,
            Counters {
                packets: 1,
                bytes: 60,
            },
        )],
    )
    .expect("filled");
    let before = SystemSnapshot::of(&system).expect("a snapshot");
    fill(
        &map,
        [(
            7,
            Counters {
                packets: 2,
                bytes: 120,
            },
        )],
    )
    .expect("filled");
    let other = self::map(&system, MapType::HASH, 4, 4);
    let after = SystemSnapshot::of(&system).expect("a snapshot");
    let diff = before.diff(&after);
    assert_eq!(
        diff.to_string(),
        "new: map `map` (hash)\n  no elements\n\
        map `traffic` (hash)\n\
        \x20    key  before                     after\n\
        \x20 ~  7    { packets: 1, bytes: 60 }  { packets: 2, bytes: 120 }\n"
    );
    drop(other);
    let last = SystemSnapshot::of(&system).expect("a snapshot");
    assert_eq!(after.diff(&last).removed().len(), 1);
    assert!(last.diff(&last).is_empty());
    assert_eq!(after.map("traffic"), last.map("traffic"));
}

#[test]
fn what_cannot_be_seen_is_said() {
    let system = MockSystem::new();
    let text = |map: &Arc<dyn Map>| MapSnapshot::of(map).expect("a snapshot").to_string();
    let queue = map(&system, MapType::QUEUE, 0, 4);
    queue.upsert(&[], &[5, 0, 0, 0]).expect("pushed");
    queue.upsert(&[], &[6, 0, 0, 0]).expect("pushed");
    assert!(text(&queue).contains('5') && text(&queue).contains("only the next element"));
    let bloom = map(&system, MapType::BLOOM_FILTER, 0, 4);
    assert!(text(&bloom).contains("cannot be seen"));
    let programs = map(&system, MapType::PROG_ARRAY, 4, 4);
    assert!(
        text(&programs).contains("no elements"),
        "{}",
        text(&programs)
    );
}

#[test]
fn many_cpus_and_odd_sizes_do_no_harm() {
    let system = MockSystem::builder().cpus(64).build();
    let map = map(&system, MapType::PERCPU_ARRAY, 4, 13);
    let value = percpu_replicate(&[255; 13], 64).expect("a value");
    map.upsert(&[0; 4], &value).expect("written");
    assert!(message(|| assert_map_empty(&map)).contains("map `map`"));
    let error = map
        .upsert(&[9, 0, 0, 0], &value)
        .expect_err("no such element");
    assert_eq!(error.errno(), Some(Errno::E2BIG));
}
