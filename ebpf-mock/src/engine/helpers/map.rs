//! Maps from programs: `bpf_map_*_elem()` in kernel/bpf/helpers.c.

use ebpf_core::map::{LookupFlags, MapType, UpdateFlags};

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::memory::Block;
use super::super::problem::{Access, Problem};
use super::super::run::Run;
use super::row;
use super::types::Types;
use crate::kernel::Kernel;

use Argument::{Anything, Map, MapKey, MapValue, MapValueOut};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(1, "map_lookup_elem", Types::ALL, &[Map, MapKey], lookup),
    row(2, "map_update_elem", Types::ALL, &[Map, MapKey, MapValue, Anything], update),
    row(3, "map_delete_elem", Types::ALL, &[Map, MapKey], delete),
    row(87, "map_push_elem", Types::ALL, &[Map, MapValue, Anything], push),
    row(88, "map_pop_elem", Types::ALL, &[Map, MapValueOut], pop),
    row(89, "map_peek_elem", Types::ALL, &[Map, MapValueOut], peek),
    row(195, "map_lookup_percpu_elem", Types::ALL, &[Map, MapKey, Anything], lookup_percpu),
];

/// A pointer to the value of a key, to the inner map of a map of maps, or NULL.
fn lookup(run: &mut Run, [map, key, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let region = run.memory.map(map).ok_or_else(|| wrong(1, 0, "map"))?;
    let object = &region.map;
    let key = run.memory.view(key, object.info.key_size as usize)?;
    if object.info.map_type.holds_maps() {
        let inner = object.storage.inner(&key);
        drop(key);
        return Ok(Flow::Return(
            inner.map_or(0, |inner| run.memory.map_address(&inner)),
        ));
    }
    if let Some(socket) = object.storage.socket(&key) {
        drop(key);
        return Ok(Flow::Return(run.lend_sock(&socket)));
    }
    if matches!(object.info.map_type, MapType::DEVMAP | MapType::DEVMAP_HASH) {
        let mut value = vec![0; object.info.value_size as usize];
        let found = object.storage.lookup(&key, &mut value, LookupFlags::NONE);
        drop(key);
        let block = Block::new(value, false);
        let value = found
            .ok()
            .and_then(|()| run.memory.add_block("value", block));
        return Ok(Flow::Return(value.unwrap_or(0)));
    }
    let slot = object.storage.slot(&key);
    let value = slot.and_then(|slot| run.memory.value_address(region, slot, run.cpu));
    Ok(Flow::Return(value.unwrap_or(0)))
}

/// The same of another CPU.
fn lookup_percpu(run: &mut Run, [map, key, cpu, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let region = run.memory.map(map).ok_or_else(|| wrong(195, 0, "map"))?;
    let key = run.memory.view(key, region.map.info.key_size as usize)?;
    let cpu = cpu as u32;
    if cpu >= run.kernel.possible_cpus() {
        return Ok(Flow::Return(0));
    }
    let slot = region.map.storage.slot(&key);
    let value = slot.and_then(|slot| run.memory.value_address(region, slot, cpu));
    Ok(Flow::Return(value.unwrap_or(0)))
}

/// Writes the value of a key; of maps with a value for each CPU that of this one.
fn update(run: &mut Run, [map, key, value, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(2, 0, map)?;
    let key = run.memory.view(key, map.info.key_size as usize)?;
    let value = run.memory.view(value, map.info.value_size as usize)?;
    let kernel: &Kernel = &run.kernel;
    let flags = UpdateFlags(flags);
    let updated = map.storage.update_on(kernel, run.cpu, &key, &value, flags);
    Ok(Flow::errno(updated))
}

/// Deletes a key.
fn delete(run: &mut Run, [map, key, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(3, 0, map)?;
    let key = run.memory.view(key, map.info.key_size as usize)?;
    Ok(Flow::errno(map.storage.delete(&key)))
}

/// Adds a value to a queue, a stack or a Bloom filter.
fn push(run: &mut Run, [map, value, flags, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(87, 0, map)?;
    let value = run.memory.view(value, map.info.value_size as usize)?;
    let updated = map
        .storage
        .update(&run.kernel, &[], &value, UpdateFlags(flags));
    Ok(Flow::errno(updated))
}

/// Takes the next value of a queue or stack; zeros where there is none.
fn pop(run: &mut Run, [map, value, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(88, 0, map)?;
    let mut bytes = vec![0; map.info.value_size as usize];
    run.memory.check(value, bytes.len(), Access::Write)?;
    let taken = map.storage.take(&[], &mut bytes, LookupFlags::NONE);
    run.memory.write(value, &bytes)?;
    Ok(Flow::errno(taken))
}

/// Reads the next value of a queue or stack, or asks a Bloom filter about one.
fn peek(run: &mut Run, [map, value, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(89, 0, map)?;
    let size = map.info.value_size as usize;
    if map.info.map_type == MapType::BLOOM_FILTER {
        let mut bytes = run.memory.to_vec(value, size)?;
        let found = map.storage.lookup(&[], &mut bytes, LookupFlags::NONE);
        return Ok(Flow::Return(found.map_or_else(Negative::negative, |()| 0)));
    }
    let mut bytes = vec![0; size];
    run.memory.check(value, size, Access::Write)?;
    let found = map.storage.lookup(&[], &mut bytes, LookupFlags::NONE);
    run.memory.write(value, &bytes)?;
    Ok(Flow::errno(found))
}
