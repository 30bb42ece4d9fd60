//! Every type of map there is: made, or named among what is not simulated; and as large as numbers go.

use std::sync::Arc;

use ebpf_core::conformance::typed;
use ebpf_core::map::{Map, MapError, MapFlags, MapSpec, MapType};
use ebpf_core::{Errno, System};
use ebpf_mock::{MockSystem, NOT_SIMULATED};

use crate::machines;

/// A small map of a type.
pub(crate) fn small(map_type: MapType) -> MapSpec {
    let of = |key, value, entries| MapSpec::new("small", map_type, key, value, entries);
    match map_type {
        MapType::QUEUE | MapType::STACK | MapType::BLOOM_FILTER => of(0, 8, 4),
        MapType::RINGBUF | MapType::USER_RINGBUF => of(0, 0, 4096),
        MapType::ARENA => of(0, 0, 4).with_flags(MapFlags::MMAPABLE),
        MapType::LPM_TRIE => of(8, 8, 4),
        MapType::STACK_TRACE => of(4, 16, 4),
        MapType::CGROUP_STORAGE | MapType::PERCPU_CGROUP_STORAGE => of(8, 8, 0),
        MapType::SK_STORAGE
        | MapType::INODE_STORAGE
        | MapType::TASK_STORAGE
        | MapType::CGRP_STORAGE => typed(of(4, 8, 0), false),
        MapType::ARRAY_OF_MAPS | MapType::HASH_OF_MAPS => {
            of(4, 4, 4).with_inner(MapSpec::new("inner", MapType::HASH, 4, 8, 4))
        }
        MapType::RHASH => of(4, 8, 4),
        MapType::INSN_ARRAY => of(4, 16, 4),
        MapType::STRUCT_OPS => {
            let mut spec = of(4, 1, 1);
            spec.struct_ops = Some("tcp_congestion_ops".to_owned());
            spec
        }
        MapType::HASH | MapType::LRU_HASH | MapType::SOCKHASH => of(4, 8, 4),
        MapType::ARRAY => of(4, 8, 4).with_flags(MapFlags::MMAPABLE),
        MapType::PERCPU_ARRAY | MapType::PERCPU_HASH | MapType::LRU_PERCPU_HASH => of(4, 8, 4),
        _ => of(4, 4, 4),
    }
}

/// Every type but the one that is none.
pub(crate) fn types() -> impl Iterator<Item = MapType> {
    MapType::ALL
        .iter()
        .copied()
        .filter(|map_type| *map_type != MapType::UNSPEC)
}

pub(crate) fn made(machine: &MockSystem, spec: &MapSpec) -> Arc<dyn Map> {
    machine
        .create_map(spec, None)
        .unwrap_or_else(|error| panic!("{:?}: {error}", spec.map_type))
}

#[test]
fn a_map_of_every_type_is_made() {
    let machine = machines::latest();
    for map_type in types() {
        let map = made(&machine, &small(map_type));
        assert_eq!(map.info().map_type, map_type);
        assert_eq!(
            machine
                .map_by_id(map.info().id)
                .expect("by its id")
                .info()
                .map_type,
            map_type
        );
    }
    let none = MapSpec::new("none", MapType::UNSPEC, 4, 4, 1);
    let refused = machine.create_map(&none, None).expect_err("no type");
    assert_eq!(refused.errno(), Some(Errno::EINVAL));
}

#[test]
fn a_kernel_has_the_types_of_its_time() {
    let old = MockSystem::builder()
        .release(ebpf_core::system::KernelVersion::new(5, 4, 0))
        .build();
    for (map_type, there) in [
        (MapType::HASH, true),
        (MapType::SK_STORAGE, true),
        (MapType::RINGBUF, false),
        (MapType::BLOOM_FILTER, false),
        (MapType::RHASH, false),
    ] {
        let made = old.create_map(&small(map_type), None);
        match made {
            Ok(_) => assert!(there, "{map_type}"),
            Err(error) => assert_eq!(
                (there, error.errno()),
                (false, Some(Errno::EINVAL)),
                "{map_type}"
            ),
        }
    }
}

#[test]
fn what_is_not_simulated_is_named_by_type() {
    let machine = machines::latest();
    for row in NOT_SIMULATED {
        assert!(types().any(|map_type| map_type == row.map_type), "{row:?}");
        assert!(!row.what.is_empty() && !row.why.is_empty(), "{row:?}");
    }
    let arena = made(&machine, &small(MapType::ARENA));
    let refused = arena.memory().expect_err("it is in the table");
    assert!(
        matches!(
            refused,
            MapError::Unsupported {
                map_type: MapType::ARENA,
                ..
            }
        ),
        "{refused}"
    );
}

#[test]
fn sizes_as_large_as_numbers_go_take_no_memory() {
    let machine = machines::latest();
    for map_type in types() {
        for entries in [u32::MAX, 1 << 31, i32::MAX as u32, 1 << 24] {
            for value_size in [None, Some(u32::MAX), Some(i32::MAX as u32), Some(1 << 20)] {
                let mut spec = small(map_type);
                if spec.max_entries > 1 {
                    spec.max_entries = entries;
                }
                if spec.value_size > 1 {
                    spec.value_size = value_size.unwrap_or(spec.value_size);
                }
                let mut result = None;
                let taken = allocation_counter::measure(|| {
                    result = Some(machine.create_map(&spec, None));
                });
                assert!(
                    taken.bytes_max < 8 << 20,
                    "{map_type} of {entries}, values of {}: {} bytes",
                    spec.value_size,
                    taken.bytes_max
                );
                if let Some(Err(error)) = result {
                    let known = matches!(error, MapError::Spec { .. })
                        || matches!(
                            error.errno(),
                            Some(Errno::E2BIG | Errno::ENOMEM | Errno::EINVAL)
                        );
                    assert!(known, "{map_type}: {error}");
                }
            }
        }
    }
}
