//! The types of keys and values that a map keeps: `map_check_btf()` in kernel/bpf/syscall.c and each type's `map_check_btf`.

use ebpf_core::btf::{Kind, Type, TypeId};
use ebpf_core::map::{MapSpec, MapType, MapTypes};

use super::field::{allowed, fields_of};

/// The spec without types that its map would be refused with: as a backend does, which then makes it without.
pub(super) fn kept(spec: &MapSpec) -> MapSpec {
    let mut plain = spec.clone();
    plain.types = plain
        .types
        .filter(|types| spec.map_type.takes_types() && fit(types, spec).unwrap_or(false));
    plain
}

fn fit(types: &MapTypes, spec: &MapSpec) -> Option<bool> {
    let btf = &types.btf;
    let sized = |id: TypeId, size: u32| btf.size_of(id).is_ok_and(|got| got == size);
    let key = btf.resolve(types.key).ok();
    let key_kind = key.as_ref().map(|key| key.kind());
    let keyless = types.key == TypeId::VOID;
    if !(keyless || sized(types.key, spec.key_size)) || !sized(types.value, spec.value_size) {
        return Some(false);
    }
    if !allowed(&fields_of(types), spec) {
        return Some(false);
    }
    Some(match spec.map_type {
        // Sections of global variables have no type of keys.
        MapType::ARRAY if keyless => {
            let section = btf.get(types.value).ok()?.kind() == Kind::DATASEC;
            section && spec.max_entries == 1
        }
        MapType::ARRAY
        | MapType::PERCPU_ARRAY
        | MapType::SK_STORAGE
        | MapType::INODE_STORAGE
        | MapType::TASK_STORAGE
        | MapType::CGRP_STORAGE => matches!(key?.get(), Type::Int(_)),
        MapType::LPM_TRIE => key_kind == Some(Kind::STRUCT),
        MapType::BLOOM_FILTER => keyless,
        _ => !keyless,
    })
}
