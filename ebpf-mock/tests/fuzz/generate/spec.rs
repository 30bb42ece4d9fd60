//! Maps at random: of every type, with sizes and flags that it takes, at the edge of it, or does not take.

use ebpf_core::conformance::typed;
use ebpf_core::map::{KeyRule, MapFlags, MapSpec, MapType, ValueRule};

use crate::random::Random;

/// The types to make maps of, and how often.
pub(crate) type Kinds = Vec<(MapType, u32)>;

/// The types of maps, those that one system or both refuse included.
pub(crate) const KINDS: &[(MapType, u32)] = &[
    (MapType::HASH, 20),
    (MapType::ARRAY, 10),
    (MapType::PROG_ARRAY, 4),
    (MapType::PERCPU_HASH, 10),
    (MapType::PERCPU_ARRAY, 6),
    (MapType::STACK_TRACE, 2),
    (MapType::CGROUP_ARRAY, 2),
    (MapType::LRU_HASH, 10),
    (MapType::LRU_PERCPU_HASH, 6),
    (MapType::LPM_TRIE, 12),
    (MapType::ARRAY_OF_MAPS, 2),
    (MapType::HASH_OF_MAPS, 2),
    (MapType::DEVMAP, 3),
    (MapType::SOCKMAP, 3),
    (MapType::CPUMAP, 1),
    (MapType::XSKMAP, 2),
    (MapType::SOCKHASH, 3),
    (MapType::REUSEPORT_SOCKARRAY, 2),
    (MapType::QUEUE, 5),
    (MapType::STACK, 5),
    (MapType::SK_STORAGE, 3),
    (MapType::DEVMAP_HASH, 4),
    (MapType::BLOOM_FILTER, 3),
    (MapType::CGRP_STORAGE, 2),
    (MapType::INODE_STORAGE, 2),
    (MapType::TASK_STORAGE, 2),
    (MapType::PERF_EVENT_ARRAY, 2),
    (MapType::RINGBUF, 1),
    (MapType::USER_RINGBUF, 1),
    (MapType::CGROUP_STORAGE, 1),
    (MapType::PERCPU_CGROUP_STORAGE, 1),
    (MapType::STRUCT_OPS, 1),
    (MapType::ARENA, 1),
    (MapType::INSN_ARRAY, 1),
    (MapType::RHASH, 1),
    (MapType::UNSPEC, 1),
    (MapType(99), 1),
];

/// Sizes that are likely and those around which something changes.
const SIZES: &[u32] = &[
    1, 2, 3, 4, 4, 4, 4, 5, 7, 8, 8, 8, 9, 12, 15, 16, 20, 24, 31, 32, 64, 100, 256, 511, 512,
];

/// Sizes at the limits of what allocations give.
const LARGE: &[u32] = &[
    4095,
    4096,
    (32 << 10) - 8,
    32 << 10,
    (32 << 10) + 1,
    (4 << 20) - 4096,
    4 << 20,
    (4 << 20) + 1,
    i32::MAX as u32,
    u32::MAX - 7,
    u32::MAX,
];

const ENTRIES: &[u32] = &[
    1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8, 10, 12, 16, 17, 31, 33, 64, 100, 300,
];

const MANY: &[u32] = &[
    0,
    1000,
    65_536,
    (1 << 27) + 1,
    1 << 28,
    1 << 31,
    (1 << 31) + 1,
    u32::MAX,
];

/// Bytes that a map that can be made may have: more is tried only where it is beyond any machine. The kernel gives memory back
/// later than maps go away, so that much is in use at once.
const MODEST: u64 = 8 << 20;

/// Bytes that no machine has.
const ABSURD: u64 = 1 << 42;

/// A spec, sometimes like one of those that there are.
pub(super) fn random(
    random: &mut Random,
    kinds: &Kinds,
    cpus: usize,
    others: &[MapSpec],
) -> MapSpec {
    let map_type = random.weighted(kinds);
    let row = map_type.row();
    let odd = random.chance(60);
    let key_size = match row.map(|row| row.key) {
        _ if odd && random.chance(400) => random.pick(&[0, 1, 3, 4, 5, 8, 260, 261, 4096]),
        Some(KeyRule::U32) => 4,
        Some(KeyRule::None) => 0,
        Some(KeyRule::Lpm) => random.pick(&[5, 5, 6, 7, 8, 8, 8, 12, 20, 36, 260]),
        Some(KeyRule::CgroupStorage) => random.pick(&[8, 16]),
        _ => random.pick(SIZES),
    };
    let value_size = match row.map(|row| row.value) {
        _ if odd && random.chance(300) => random.pick(&[0, 1, 2, 4, 5, 8, 9]),
        _ if odd && random.chance(300) => random.pick(LARGE),
        Some(ValueRule::U32) => 4,
        Some(ValueRule::U32OrWider) => random.pick(&[4, 8]),
        Some(ValueRule::None) => 0,
        _ if map_type == MapType::STACK_TRACE => 8 * random.pick(&[1, 2, 4, 16, 127, 128]),
        _ => random.pick(SIZES),
    };
    let storage = is_storage(map_type);
    let max_entries = match storage {
        true => u32::from(random.chance(30)),
        false if random.chance(30) => random.pick(MANY),
        false if is_ring(map_type) && random.chance(700) => 4096 << random.below(3),
        false => random.pick(ENTRIES),
    };
    let name = random.pick(&[
        "m",
        "m",
        "case",
        "a.b_c",
        "a name",
        "as long as it is",
        "été",
        "",
    ]);
    let mut spec = MapSpec::new(name, map_type, key_size, value_size, max_entries);
    spec.flags = flags(random, map_type);
    if random.chance(20) {
        spec.numa_node = Some(random.pick(&[0, 0, 1, 1024, u32::MAX]));
    }
    if random.chance(if map_type == MapType::BLOOM_FILTER {
        500
    } else {
        8
    }) {
        spec.map_extra = random.pick(&[0, 1, 2, 5, 7, 15, 16, 1 << 32, u64::MAX]);
    }
    if random.chance(2) {
        spec.ifindex = random.pick(&[1, 2, 99]);
    }
    if storage || random.chance(120) {
        if random.chance(850) {
            (spec.key_size, spec.value_size) = (4, 8);
        }
        let locked = random.chance(600);
        if !storage || random.chance(950) {
            spec = typed(spec, locked);
        }
    }
    if map_type.holds_maps() && !random.chance(30) {
        spec.inner = Some(Box::new(inner(random, kinds, cpus, others)));
    }
    modest(spec, cpus)
}

fn is_ring(map_type: MapType) -> bool {
    matches!(map_type, MapType::RINGBUF | MapType::USER_RINGBUF)
}

fn is_storage(map_type: MapType) -> bool {
    matches!(
        map_type,
        MapType::SK_STORAGE
            | MapType::CGRP_STORAGE
            | MapType::TASK_STORAGE
            | MapType::INODE_STORAGE
    )
}

/// The template of inner maps: often like a map that there is.
fn inner(random: &mut Random, kinds: &Kinds, cpus: usize, others: &[MapSpec]) -> MapSpec {
    if !others.is_empty() && random.chance(700) {
        let mut spec = others[random.below(others.len())].clone();
        if random.chance(100) {
            spec.max_entries = spec.max_entries.wrapping_add(1);
        }
        return spec;
    }
    let any: Kinds = if random.chance(100) {
        kinds.clone()
    } else {
        vec![(MapType::ARRAY, 1), (MapType::HASH, 1)]
    };
    self::random(random, &any, cpus, &[])
}

fn flags(random: &mut Random, map_type: MapType) -> MapFlags {
    let own = match map_type {
        MapType::HASH | MapType::PERCPU_HASH | MapType::HASH_OF_MAPS => {
            MapFlags::NO_PREALLOC | MapFlags::ZERO_SEED
        }
        MapType::LRU_HASH | MapType::LRU_PERCPU_HASH => {
            MapFlags::NO_COMMON_LRU | MapFlags::ZERO_SEED
        }
        MapType::ARRAY => MapFlags::MMAPABLE | MapFlags::INNER_MAP,
        MapType::BLOOM_FILTER => MapFlags::ZERO_SEED,
        MapType::PERF_EVENT_ARRAY => MapFlags::PRESERVE_ELEMS,
        MapType::ARENA => MapFlags::MMAPABLE,
        MapType::STACK_TRACE => MapFlags::STACK_BUILD_ID,
        _ => MapFlags::NONE,
    };
    let mut flags = MapFlags(own.0 & random.next() as u32);
    if matches!(map_type, MapType::LPM_TRIE) || is_storage(map_type) {
        flags |= MapFlags::NO_PREALLOC;
    }
    if is_storage(map_type) && random.chance(200) {
        flags |= MapFlags::CLONE;
    }
    if random.chance(80) {
        flags |= random.pick(&[
            MapFlags::RDONLY,
            MapFlags::WRONLY,
            MapFlags::RDONLY_PROG,
            MapFlags::WRONLY_PROG,
        ]);
    }
    if random.chance(40) {
        flags.0 ^= 1 << random.below(24);
    }
    // A node is said by `numa_node`; tokens and types of modules are descriptors that a spec has no place for.
    MapFlags(flags.0 & !(MapFlags::NUMA_NODE | MapFlags::VTYPE_BTF_OBJ_FD | MapFlags::TOKEN_FD).0)
}

/// The same with fewer elements, if a machine could just about hold it.
fn modest(mut spec: MapSpec, cpus: usize) -> MapSpec {
    let value = u64::from(spec.value_size).next_multiple_of(8);
    let copies = if spec.map_type.is_per_cpu() {
        cpus as u64
    } else {
        1
    };
    let element = u64::from(spec.key_size) + value * copies + 64;
    let hashed = matches!(
        spec.map_type,
        MapType::HASH
            | MapType::PERCPU_HASH
            | MapType::LRU_HASH
            | MapType::LRU_PERCPU_HASH
            | MapType::HASH_OF_MAPS
    );
    let refused_early = hashed && spec.max_entries > 1 << 27;
    let total = element.saturating_mul(u64::from(spec.max_entries));
    // How many CPUs a kernel is built for is its own affair.
    if spec.map_type == MapType::CPUMAP && spec.max_entries < 1 << 27 {
        spec.max_entries %= 64;
    }
    if (MODEST..ABSURD).contains(&total) && !refused_early {
        spec.max_entries = 2;
    }
    // Other types refuse such values.
    let large = MODEST as u32 / 2..=i32::MAX as u32;
    if spec.map_type == MapType::ARRAY && large.contains(&spec.value_size) {
        spec.value_size = 64;
    }
    spec
}
