//! Assertions about what maps hold, whose failure shows a table.

use std::collections::BTreeMap;

use ebpf_core::codec::percpu_values;
use ebpf_core::map::{Map, MapError, MapExt, MapInfo, MapType, ToElem};

use super::snapshot::MapSnapshot;

/// Demands that a map holds these elements and no others, in whatever order.
///
/// Elements of an array that are not named must be zero, because all of them are always there. The value of a per-CPU map
/// is what those of all CPUs add up to: each eight bytes on their own, as counters of a structure, or a number of fewer bytes.
///
/// ```should_panic
/// # use ebpf_core::{System, map::{MapSpec, MapType}};
/// # use ebpf_mock::{MockSystem, testing::{assert_map_eq, fill}};
/// let system = MockSystem::new();
/// let hits = system.create_map(&MapSpec::new("hits", MapType::HASH, 4, 8, 10), None).unwrap();
/// fill(&hits, [(1, 10), (2, 21)]).unwrap();
/// assert_map_eq(&hits, [(2, 20), (3, 30)]);
/// ```
///
/// panics with
///
/// ```text
/// map `hits` (hash) does not hold what it should
///      key  expected  found
///   +  1              10
///   ~  2    20        21
///   -  3    30
/// ```
///
/// # Panics
/// With a table of the differences. Also where the map cannot be read, and where a key or value does not fit it.
#[track_caller]
pub fn assert_map_eq<K: ToElem, V: ToElem>(
    map: &dyn Map,
    expected: impl IntoIterator<Item = (K, V)>,
) {
    check(map, expected, true);
}

/// Demands that a map holds these elements, among others perhaps; otherwise as [`assert_map_eq`].
///
/// # Panics
/// As [`assert_map_eq`].
#[track_caller]
pub fn assert_map_contains<K: ToElem, V: ToElem>(
    map: &dyn Map,
    expected: impl IntoIterator<Item = (K, V)>,
) {
    check(map, expected, false);
}

/// Demands that a map has no elements; that an array has only zeros.
///
/// # Panics
/// As [`assert_map_eq`].
#[track_caller]
pub fn assert_map_empty(map: &dyn Map) {
    let nothing: [(u32, u32); 0] = [];
    check(map, nothing, true);
}

#[track_caller]
fn check<K: ToElem, V: ToElem>(
    map: &dyn Map,
    expected: impl IntoIterator<Item = (K, V)>,
    and_no_others: bool,
) {
    if let Some(why) = difference(map, expected, and_no_others).unwrap_or_else(|error| {
        let name = &map.info().name;
        Some(format!("map `{name}` cannot be compared: {error}"))
    }) {
        panic!("{why}");
    }
}

/// What is not as expected, as text.
fn difference<K: ToElem, V: ToElem>(
    map: &dyn Map,
    expected: impl IntoIterator<Item = (K, V)>,
    and_no_others: bool,
) -> Result<Option<String>, MapError> {
    let mut found = MapSnapshot::of(map)?;
    let info = map.info();
    found.total();
    let mut wanted = BTreeMap::new();
    for (key, value) in expected {
        let value = value
            .to_elem(info.value_size as usize)
            .map_err(|source| MapError::Codec {
                map: info.name.clone(),
                what: "value",
                source,
            })?;
        wanted.insert(map.key(key)?, Some(value));
    }
    if !and_no_others {
        found.keep(|key, _| wanted.contains_key(key));
    } else if matches!(info.map_type, MapType::ARRAY | MapType::PERCPU_ARRAY) {
        let is_zero = |value: &[u8]| value.iter().all(|byte| *byte == 0);
        found.keep(|key, value| wanted.contains_key(key) || !is_zero(value));
    }
    let diff = found.with_elements(wanted).diff(&found);
    if diff.is_empty() {
        return Ok(None);
    }
    let table = diff.table("expected", "found");
    Ok(Some(format!(
        "{} does not hold what it should\n{table}",
        diff.title()
    )))
}

/// What the values of all CPUs add up to.
pub(super) fn total(info: &MapInfo, bytes: &[u8]) -> Vec<u8> {
    let size = info.value_size as usize;
    // Counters of eight bytes each, or one number of fewer.
    let width = if size.is_multiple_of(8) {
        8
    } else {
        size.min(8)
    };
    let mut total = vec![0; size];
    for value in percpu_values(bytes, size).into_iter().flatten() {
        let words = value.chunks(width.max(1));
        for (sum, word) in total.chunks_mut(width.max(1)).zip(words) {
            add(sum, word);
        }
    }
    total
}

/// Adds a number to another of the same width; it wraps.
fn add(sum: &mut [u8], number: &[u8]) {
    let mut carry = 0;
    let mut step = |(sum, number): (&mut u8, &u8)| {
        let digit = u16::from(*sum) + u16::from(*number) + carry;
        *sum = digit as u8;
        carry = digit >> 8;
    };
    match cfg!(target_endian = "little") {
        true => sum.iter_mut().zip(number).for_each(&mut step),
        false => sum.iter_mut().zip(number).rev().for_each(&mut step),
    }
}
