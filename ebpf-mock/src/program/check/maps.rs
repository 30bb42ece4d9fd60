//! Which maps which helpers take, and what is in values: `check_map_func_compatibility()` in kernel/bpf/verifier.c.

use ebpf_core::btf::{Btf, Kind, TypeId};
use ebpf_core::map::MapType;

use crate::map::MapObject;

/// How deep types of values are looked into.
const DEEPEST: usize = 8;

/// The helpers that take maps of a type; `None` where all take them that do not want another type.
fn helpers_of(map_type: MapType) -> Option<&'static [u32]> {
    Some(match map_type {
        MapType::PROG_ARRAY => &[12],
        MapType::PERF_EVENT_ARRAY => &[22, 25, 55, 111, 121],
        MapType::RINGBUF => &[130, 131, 134, 198],
        MapType::USER_RINGBUF => &[209],
        MapType::STACK_TRACE => &[27],
        MapType::CGROUP_ARRAY => &[33, 37],
        MapType::CGROUP_STORAGE | MapType::PERCPU_CGROUP_STORAGE => &[81],
        MapType::DEVMAP | MapType::DEVMAP_HASH | MapType::XSKMAP => &[1, 51],
        MapType::CPUMAP => &[51],
        MapType::ARRAY_OF_MAPS | MapType::HASH_OF_MAPS => &[1],
        // Some program types may update these too.
        MapType::SOCKMAP => &[1, 2, 3, 52, 53, 60, 82],
        MapType::SOCKHASH => &[1, 2, 3, 70, 71, 72, 82],
        MapType::REUSEPORT_SOCKARRAY => &[82],
        MapType::QUEUE | MapType::STACK => &[87, 88, 89],
        MapType::SK_STORAGE => &[107, 108, 194],
        MapType::INODE_STORAGE => &[145, 146, 194],
        MapType::TASK_STORAGE => &[156, 157, 194],
        MapType::CGRP_STORAGE => &[194, 210, 211],
        MapType::BLOOM_FILTER => &[87, 89],
        _ => return None,
    })
}

/// The types of maps that a helper takes; `None` where it takes all that do not want other helpers.
fn maps_of(helper: u32) -> Option<&'static [MapType]> {
    Some(match helper {
        12 => &[MapType::PROG_ARRAY],
        22 | 25 | 55 | 111 | 121 => &[MapType::PERF_EVENT_ARRAY],
        130 | 131 | 134 | 198 => &[MapType::RINGBUF],
        209 => &[MapType::USER_RINGBUF],
        27 => &[MapType::STACK_TRACE],
        33 | 37 => &[MapType::CGROUP_ARRAY],
        51 => &[
            MapType::DEVMAP,
            MapType::DEVMAP_HASH,
            MapType::CPUMAP,
            MapType::XSKMAP,
        ],
        52 | 53 | 60 => &[MapType::SOCKMAP],
        70..=72 => &[MapType::SOCKHASH],
        81 => &[MapType::CGROUP_STORAGE, MapType::PERCPU_CGROUP_STORAGE],
        82 => &[
            MapType::REUSEPORT_SOCKARRAY,
            MapType::SOCKMAP,
            MapType::SOCKHASH,
        ],
        88 => &[MapType::QUEUE, MapType::STACK],
        87 | 89 => &[MapType::QUEUE, MapType::STACK, MapType::BLOOM_FILTER],
        107 | 108 => &[MapType::SK_STORAGE],
        145 | 146 => &[MapType::INODE_STORAGE],
        156 | 157 => &[MapType::TASK_STORAGE],
        195 => &[
            MapType::PERCPU_ARRAY,
            MapType::PERCPU_HASH,
            MapType::LRU_PERCPU_HASH,
        ],
        210 | 211 => &[MapType::CGRP_STORAGE],
        _ => return None,
    })
}

/// Whether a helper takes maps of a type.
pub(super) fn fit(helper: u32, map_type: MapType) -> bool {
    helpers_of(map_type).is_none_or(|helpers| helpers.contains(&helper))
        && maps_of(helper).is_none_or(|maps| maps.contains(&map_type))
}

/// Whether a map's values have nothing but numbers, as far as their type tells.
pub(super) fn is_plain(map: &MapObject) -> bool {
    let Some((_, types)) = &map.types else {
        return map.kernel_value_type == TypeId::VOID;
    };
    is_number(&types.btf, types.value, DEEPEST)
}

/// Whether a type is made of numbers only.
fn is_number(btf: &Btf, id: TypeId, deepest: usize) -> bool {
    let Some(deepest) = deepest.checked_sub(1) else {
        return false;
    };
    let Ok(found) = btf.resolve(id) else {
        return false;
    };
    match found.kind() {
        Kind::INT | Kind::ENUM | Kind::ENUM64 | Kind::FLOAT => true,
        Kind::ARRAY => match found.get() {
            ebpf_core::btf::Type::Array(array) => is_number(btf, array.element, deepest),
            _ => false,
        },
        Kind::STRUCT | Kind::UNION => found.as_composite().is_some_and(|composite| {
            composite
                .members()
                .all(|member| is_number(btf, member.type_id, deepest))
        }),
        Kind::DATASEC => found.as_datasec().is_some_and(|section| {
            section.entries().all(|entry| {
                let of = btf.get(entry.type_id).ok().and_then(|var| var.target());
                of.is_some_and(|of| is_number(btf, of, deepest))
            })
        }),
        _ => false,
    }
}
