//! What cases are written with.

use std::sync::Arc;

use super::Testbed;
use crate::map::{LookupFlags, Map, MapError, MapSpec, MapType};
use crate::{Errno, System};

/// A spec with the name of the case's group, sizes in bytes.
pub fn spec(map_type: MapType, key_size: u32, value_size: u32, max_entries: u32) -> MapSpec {
    MapSpec::new("case", map_type, key_size, value_size, max_entries)
}

/// The map of a spec.
///
/// # Panics
/// Where the system refuses it.
pub fn map(testbed: &dyn Testbed, spec: &MapSpec) -> Arc<dyn Map> {
    let system: &dyn System = testbed.system();
    system
        .create_map(spec, None)
        .unwrap_or_else(|error| panic!("create {:?} {spec:?}: {error}", spec.map_type))
}

/// The error number of a refusal.
///
/// # Panics
/// Where it was not refused, or not by the system.
pub fn errno_of<T: std::fmt::Debug>(result: Result<T, MapError>) -> Errno {
    match result {
        Ok(value) => panic!("expected a refusal, got {value:?}"),
        Err(error) => error
            .errno()
            .unwrap_or_else(|| panic!("expected a refusal by the system, got: {error}")),
    }
}

/// Every pair of a map, read one by one, sorted by key.
///
/// # Panics
/// Where the walk fails or does not end.
pub fn elements(map: &dyn Map) -> Vec<(Vec<u8>, Vec<u8>)> {
    let info = map.info();
    let mut pairs = Vec::new();
    let mut key = vec![0; info.key_size as usize];
    let mut after: Option<Vec<u8>> = None;
    while map.next_key(after.as_deref(), &mut key).expect("walk") {
        let mut value = vec![0; info.transfer_size()];
        if map
            .lookup_elem(&key, &mut value, LookupFlags::NONE)
            .expect("lookup in a walk")
        {
            pairs.push((key.clone(), value));
        }
        assert!(
            pairs.len() <= info.max_entries as usize,
            "the walk does not end"
        );
        after = Some(key.clone());
    }
    pairs.sort();
    pairs
}

/// `count` words of 4 bytes, numbered from 0: keys or values for a test.
pub fn words(count: u32) -> Vec<u8> {
    (0..count).flat_map(u32::to_ne_bytes).collect()
}
