//! What a map may be made of: `map_create()` in kernel/bpf/syscall.c and each type's `map_alloc_check`.

use ebpf_core::Errno;
use ebpf_core::map::{MapFlags, MapSpec, MapType};

use super::insn_array;
use crate::builder::Machine;
use crate::profile::Change;

/// The most that one allocation of the kernel gives on x86-64 (`KMALLOC_MAX_SIZE`).
const ALLOCATION: u64 = 4 << 20;

/// The most that a per-CPU allocation gives (`PCPU_MIN_UNIT_SIZE`).
const PER_CPU_ALLOCATION: u64 = 32 << 10;

/// The most that a value of local storage has: less than 64 KiB, with an element's own fields.
const STORAGE_VALUE: u32 = u16::MAX as u32 - 128;

/// Bytes of a program's stack, from which some keys come (`MAX_BPF_STACK`).
const STACK: u32 = 512;

/// Bytes of a page.
const PAGE: u64 = 4096;

/// Bytes of the largest arena, and what no arena lies across: what 32 bits of an address tell apart.
const ARENA: u64 = 1 << 32;

/// The most buckets of a hash table: 16 bytes each, and less than 4 GiB in all.
const MOST_BUCKETS: u32 = 1 << 27;

/// What stands for no node in particular (`NUMA_NO_NODE`).
const ANY_NODE: u32 = u32::MAX;

/// The most CPUs that a kernel is built for (`NR_CPUS`).
const MOST_CPUS: u32 = 8192;

/// A flag that no kernel knows.
const UNKNOWN: MapFlags = MapFlags(1 << 31);

/// What a descriptor is for.
pub(super) const DESCRIPTOR: MapFlags = MapFlags(MapFlags::RDONLY.0 | MapFlags::WRONLY.0);

/// What a descriptor and programs are for.
const ACCESS: MapFlags = MapFlags(DESCRIPTOR.0 | MapFlags::RDONLY_PROG.0 | MapFlags::WRONLY_PROG.0);

/// What most types take.
const COMMON: MapFlags = MapFlags(ACCESS.0 | MapFlags::NUMA_NODE.0);

/// The spec as a kernel reads it: flags that it does not know are one that none does, which each type refuses in its turn.
pub(super) fn as_known(spec: &MapSpec, machine: &Machine) -> MapSpec {
    let mut read = spec.clone();
    let known = machine.map_flags();
    if read.flags.0 & !known.0 != 0 {
        read.flags = MapFlags(read.flags.0 & known.0 | UNKNOWN.0);
    }
    read
}

/// What the kernel asks of a spec, whose sizes keep the rules of its type, before it asks who wants the map.
pub(super) fn check(spec: &MapSpec, machine: &Machine) -> Result<(), Errno> {
    let has = |flags: MapFlags| spec.flags.contains(flags);
    if spec.map_extra != 0
        && !matches!(
            spec.map_type,
            MapType::BLOOM_FILTER | MapType::ARENA | MapType::RHASH
        )
    {
        return Err(Errno::EINVAL);
    }
    // Two that exclude each other: one of a descriptor, one of programs.
    if has(MapFlags::RDONLY | MapFlags::WRONLY)
        || has(MapFlags::RDONLY_PROG | MapFlags::WRONLY_PROG)
    {
        return Err(Errno::EINVAL);
    }
    // The simulated machine has one node.
    if on_a_node(spec) && spec.numa_node != Some(0) {
        return Err(Errno::EINVAL);
    }
    match spec.map_type {
        MapType::ARRAY | MapType::PERCPU_ARRAY => array(spec, machine),
        MapType::HASH
        | MapType::LRU_HASH
        | MapType::PERCPU_HASH
        | MapType::LRU_PERCPU_HASH
        | MapType::HASH_OF_MAPS => hash(spec, machine),
        MapType::RHASH => resizable_hash(spec, machine),
        MapType::QUEUE | MapType::STACK => stream(spec),
        MapType::BLOOM_FILTER if u64::from(spec.value_size) > ALLOCATION => Err(Errno::E2BIG),
        // What stands in an array of descriptors is nothing that programs read or write.
        MapType::PROG_ARRAY | MapType::ARRAY_OF_MAPS | MapType::CGROUP_ARRAY => {
            only(spec, MapFlags::NUMA_NODE | DESCRIPTOR)
        }
        MapType::REUSEPORT_SOCKARRAY => only(spec, MapFlags::NUMA_NODE | ACCESS),
        MapType::PERF_EVENT_ARRAY => only(
            spec,
            MapFlags::NUMA_NODE | DESCRIPTOR | MapFlags::PRESERVE_ELEMS,
        ),
        MapType::SK_STORAGE
        | MapType::INODE_STORAGE
        | MapType::TASK_STORAGE
        | MapType::CGRP_STORAGE => storage(spec),
        MapType::STRUCT_OPS => struct_ops(spec),
        MapType::INSN_ARRAY => insn_array(spec),
        _ => Ok(()),
    }
}

/// What refuses a spec that passed [`check`] only when its map is allocated: each type's `map_alloc`.
pub(super) fn check_allocation(spec: &MapSpec, machine: &Machine) -> Result<(), Errno> {
    let wide = spec.value_size == 8;
    let has_room = match spec.map_type {
        MapType::DEVMAP | MapType::DEVMAP_HASH if wide => machine.has(Change::DevicePrograms),
        MapType::CPUMAP if wide => machine.has(Change::CpuPrograms),
        MapType::SOCKMAP | MapType::SOCKHASH if wide => machine.has(Change::SocketCookies),
        _ => true,
    };
    if !has_room {
        return Err(Errno::EINVAL);
    }
    match spec.map_type {
        MapType::HASH | MapType::LRU_HASH | MapType::PERCPU_HASH | MapType::LRU_PERCPU_HASH => {
            buckets(spec)
        }
        MapType::LPM_TRIE => lpm_trie(spec),
        MapType::BLOOM_FILTER => bloom(spec),
        MapType::DEVMAP | MapType::DEVMAP_HASH | MapType::XSKMAP | MapType::SOCKMAP => {
            only(spec, MapFlags::NUMA_NODE | DESCRIPTOR)
        }
        MapType::SOCKHASH => sockets_by_key(spec),
        MapType::CPUMAP => cpus(spec),
        MapType::STACK_TRACE => stack_trace(spec),
        MapType::RINGBUF | MapType::USER_RINGBUF => ring(spec),
        MapType::CGROUP_STORAGE | MapType::PERCPU_CGROUP_STORAGE => cgroup_storage(spec),
        MapType::ARENA => arena(spec),
        _ => Ok(()),
    }
}

/// Refuses a hash of more buckets than there can be. One of maps first asks for their template.
pub(super) fn buckets(spec: &MapSpec) -> Result<(), Errno> {
    if spec.max_entries > MOST_BUCKETS {
        Err(Errno::E2BIG)
    } else {
        Ok(())
    }
}

/// Changes a spec as the kernel does: lists of their own for each CPU are of equal length.
pub(super) fn round(spec: &mut MapSpec, cpus: u32) {
    if spec.flags.contains(MapFlags::NO_COMMON_LRU) {
        let up = spec.max_entries.checked_next_multiple_of(cpus);
        spec.max_entries = up.unwrap_or(spec.max_entries - spec.max_entries % cpus);
    }
}

/// Whether the memory is to be of a certain node.
fn on_a_node(spec: &MapSpec) -> bool {
    spec.numa_node.is_some_and(|node| node != ANY_NODE)
}

/// Refuses flags that are not among those of the type.
fn only(spec: &MapSpec, allowed: MapFlags) -> Result<(), Errno> {
    if spec.flags.0 & !allowed.0 == 0 {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

/// As [`only`], of types that have no node.
fn exactly(spec: &MapSpec, allowed: MapFlags) -> Result<(), Errno> {
    if spec.flags.0 & !allowed.0 == 0 && spec.numa_node.is_none() {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

fn array(spec: &MapSpec, machine: &Machine) -> Result<(), Errno> {
    let common = spec.map_type == MapType::ARRAY;
    let own = if common {
        MapFlags::MMAPABLE | MapFlags::INNER_MAP
    } else {
        MapFlags::NONE
    };
    only(spec, COMMON | own)?;
    if !common && on_a_node(spec) {
        return Err(Errno::EINVAL);
    }
    if spec.value_size > i32::MAX as u32 {
        return Err(Errno::E2BIG);
    }
    if common {
        Ok(())
    } else {
        per_cpu(spec, machine)
    }
}

/// Refuses a value of a CPU that is larger than what can be allocated for each.
fn per_cpu(spec: &MapSpec, machine: &Machine) -> Result<(), Errno> {
    let stride = u64::from(spec.value_size).next_multiple_of(8);
    match stride > PER_CPU_ALLOCATION {
        true if machine.has(Change::PerCpuLimit) => Err(Errno::E2BIG),
        true => Err(Errno::ENOMEM),
        false => Ok(()),
    }
}

fn hash(spec: &MapSpec, machine: &Machine) -> Result<(), Errno> {
    let evicts = matches!(spec.map_type, MapType::LRU_HASH | MapType::LRU_PERCPU_HASH);
    only(
        spec,
        COMMON | MapFlags::NO_PREALLOC | MapFlags::NO_COMMON_LRU | MapFlags::ZERO_SEED,
    )?;
    let own_lists = spec.flags.contains(MapFlags::NO_COMMON_LRU);
    if own_lists && !evicts {
        return Err(Errno::EINVAL);
    }
    if evicts && spec.flags.contains(MapFlags::NO_PREALLOC) {
        return Err(Errno::ENOTSUPP);
    }
    if on_a_node(spec) && (spec.map_type.is_per_cpu() || own_lists) {
        return Err(Errno::EINVAL);
    }
    // An element's own fields take 48 bytes.
    let element = u64::from(spec.key_size) + u64::from(spec.value_size);
    if element >= ALLOCATION - 48 {
        return Err(Errno::E2BIG);
    }
    match spec.map_type.is_per_cpu() {
        true => per_cpu(spec, machine),
        false => Ok(()),
    }
}

fn resizable_hash(spec: &MapSpec, machine: &Machine) -> Result<(), Errno> {
    let lazy = spec.flags.contains(MapFlags::NO_PREALLOC);
    if !lazy || spec.flags.contains(MapFlags::ZERO_SEED) {
        return Err(Errno::EINVAL);
    }
    if spec.key_size > u32::from(u16::MAX) {
        return Err(Errno::E2BIG);
    }
    // `map_extra` is how many elements to expect at first.
    let expected = u32::try_from(spec.map_extra).map_err(|_| Errno::EINVAL)?;
    if expected > u32::from(u16::MAX) {
        return Err(Errno::E2BIG);
    }
    if expected > spec.max_entries {
        return Err(Errno::EINVAL);
    }
    hash(spec, machine)
}

fn sockets_by_key(spec: &MapSpec) -> Result<(), Errno> {
    only(spec, MapFlags::NUMA_NODE | DESCRIPTOR)?;
    if spec.key_size > STACK {
        Err(Errno::E2BIG)
    } else {
        Ok(())
    }
}

fn lpm_trie(spec: &MapSpec) -> Result<(), Errno> {
    only(spec, COMMON | MapFlags::NO_PREALLOC)?;
    if !spec.flags.contains(MapFlags::NO_PREALLOC) {
        return Err(Errno::EINVAL);
    }
    // The longest key's data and a node's own fields have room beside any value.
    if u64::from(spec.value_size) > ALLOCATION - 256 - 24 {
        Err(Errno::EINVAL)
    } else {
        Ok(())
    }
}

fn stream(spec: &MapSpec) -> Result<(), Errno> {
    only(spec, COMMON)?;
    if u64::from(spec.value_size) > ALLOCATION {
        Err(Errno::E2BIG)
    } else {
        Ok(())
    }
}

fn bloom(spec: &MapSpec) -> Result<(), Errno> {
    only(spec, COMMON | MapFlags::ZERO_SEED)?;
    if spec.map_extra > 15 {
        Err(Errno::EINVAL)
    } else {
        Ok(())
    }
}

fn cpus(spec: &MapSpec) -> Result<(), Errno> {
    only(spec, MapFlags::NUMA_NODE)?;
    if spec.max_entries > MOST_CPUS {
        Err(Errno::E2BIG)
    } else {
        Ok(())
    }
}

fn stack_trace(spec: &MapSpec) -> Result<(), Errno> {
    only(
        spec,
        MapFlags::NUMA_NODE | DESCRIPTOR | MapFlags::STACK_BUILD_ID,
    )?;
    let frame = if spec.flags.contains(MapFlags::STACK_BUILD_ID) {
        32
    } else {
        8
    };
    // The depth is that of perf's call chains (`kernel.perf_event_max_stack`).
    let fits =
        spec.value_size.is_multiple_of(frame) && (1..=127).contains(&(spec.value_size / frame));
    if fits { Ok(()) } else { Err(Errno::EINVAL) }
}

/// No flag but that of the node, not even those of access: programs and user space always share a ring.
fn ring(spec: &MapSpec) -> Result<(), Errno> {
    let bytes = u64::from(spec.max_entries);
    let pages = bytes.is_power_of_two() && bytes.is_multiple_of(PAGE);
    if pages && spec.flags.0 & !MapFlags::NUMA_NODE.0 == 0 {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

fn storage(spec: &MapSpec) -> Result<(), Errno> {
    exactly(spec, MapFlags::NO_PREALLOC | MapFlags::CLONE)?;
    let lazy = spec.flags.contains(MapFlags::NO_PREALLOC);
    if !lazy || spec.max_entries != 0 || spec.types.is_none() {
        return Err(Errno::EINVAL);
    }
    if spec.value_size > STORAGE_VALUE {
        Err(Errno::E2BIG)
    } else {
        Ok(())
    }
}

fn cgroup_storage(spec: &MapSpec) -> Result<(), Errno> {
    let most = if spec.map_type.is_per_cpu() {
        PER_CPU_ALLOCATION as u32
    } else {
        STORAGE_VALUE
    };
    if spec.value_size > most {
        return Err(Errno::E2BIG);
    }
    only(spec, COMMON)?;
    if spec.max_entries == 0 {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

fn struct_ops(spec: &MapSpec) -> Result<(), Errno> {
    exactly(spec, MapFlags::LINK)?;
    if spec.max_entries == 1 {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

fn arena(spec: &MapSpec) -> Result<(), Errno> {
    let own = MapFlags::MMAPABLE | MapFlags::SEGV_ON_FAULT | MapFlags::NO_USER_CONV;
    exactly(spec, own)?;
    if !spec.flags.contains(MapFlags::MMAPABLE) || !spec.map_extra.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL);
    }
    let bytes = u64::from(spec.max_entries) * PAGE;
    if bytes > ARENA {
        return Err(Errno::E2BIG);
    }
    // `map_extra` is the address of the first page in user space.
    let last = spec.map_extra.wrapping_add(bytes - 1);
    if spec.map_extra / ARENA == last / ARENA {
        Ok(())
    } else {
        Err(Errno::ERANGE)
    }
}

fn insn_array(spec: &MapSpec) -> Result<(), Errno> {
    let fits = spec.flags == MapFlags::NONE && spec.numa_node.is_none();
    if fits && spec.value_size as usize == insn_array::VALUE {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}
