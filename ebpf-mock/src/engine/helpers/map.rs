//! Maps from programs: `bpf_map_*_elem()` in kernel/bpf/helpers.c.

use ebpf_core::map::UpdateFlags;

use super::super::helper::{Argument, Flow, Helper, Types, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use crate::kernel::Kernel;

const LOOKUP: u32 = 1;
const UPDATE: u32 = 2;
const DELETE: u32 = 3;

pub(super) const HELPERS: &[Helper] = &[
    Helper {
        id: LOOKUP,
        types: Types::All,
        arguments: &[Argument::Map, Argument::MapKey],
        call: lookup,
    },
    Helper {
        id: UPDATE,
        types: Types::All,
        arguments: &[
            Argument::Map,
            Argument::MapKey,
            Argument::MapValue,
            Argument::Anything,
        ],
        call: update,
    },
    Helper {
        id: DELETE,
        types: Types::All,
        arguments: &[Argument::Map, Argument::MapKey],
        call: delete,
    },
];

/// A pointer to the value of a key, to the inner map of a map of maps, or NULL.
#[doc(alias = "bpf_map_lookup_elem")]
fn lookup(run: &mut Run, [map, key, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let region = run.memory.map(map).ok_or_else(|| wrong(LOOKUP, 0, "map"))?;
    let object = &region.map;
    let key = run.memory.view(key, object.info.key_size as usize)?;
    if object.info.map_type.holds_maps() {
        let inner = object.storage.inner(&key);
        drop(key);
        return Ok(Flow::Return(
            inner.map_or(0, |inner| run.memory.map_address(&inner)),
        ));
    }
    let slot = object.storage.slot(&key);
    let value = slot.and_then(|slot| run.memory.value_address(region, slot, run.cpu));
    Ok(Flow::Return(value.unwrap_or(0)))
}

/// Writes the value of a key; of maps with a value for each CPU that of this one.
#[doc(alias = "bpf_map_update_elem")]
fn update(run: &mut Run, [map, key, value, flags, _]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(UPDATE, 0, map)?;
    let key = run.memory.view(key, map.info.key_size as usize)?;
    let value = run.memory.view(value, map.info.value_size as usize)?;
    let kernel: &Kernel = &run.kernel;
    let flags = UpdateFlags(flags);
    let updated = map.storage.update_on(kernel, run.cpu, &key, &value, flags);
    Ok(Flow::errno(updated))
}

/// Deletes a key.
#[doc(alias = "bpf_map_delete_elem")]
fn delete(run: &mut Run, [map, key, ..]: [u64; 5]) -> Result<Flow, Problem> {
    let map = run.map(DELETE, 0, map)?;
    let key = run.memory.view(key, map.info.key_size as usize)?;
    Ok(Flow::errno(map.storage.delete(&key)))
}
