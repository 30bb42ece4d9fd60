//! What cases are written with: maps made, filled and read in a word, and refusals taken apart.

use std::fmt::Debug;
use std::sync::Arc;

use zerocopy::{FromBytes, IntoBytes};

use super::Testbed;
use crate::link::LinkError;
use crate::map::{
    BatchError, BatchFlags, LookupFlags, Map, MapError, MapSpec, MapType, UpdateFlags,
};
use crate::program::ProgramError;
use crate::system::SystemError;
use crate::{Errno, System};

/// A spec with the name of every map of the suite, sizes in bytes.
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

/// Why a spec is refused.
///
/// # Panics
/// Where the system makes a map of it.
pub fn refused(testbed: &dyn Testbed, spec: &MapSpec) -> MapError {
    match testbed.system().create_map(spec, None) {
        Ok(map) => panic!("made of {spec:?}: {map:?}"),
        Err(error) => error,
    }
}

/// An error that may have come from the system.
pub trait Refusal: Debug {
    /// The system's error number, if it was the system that refused.
    fn number(&self) -> Option<Errno>;
}

macro_rules! refusals {
    ($($error:ty),*) => {$(
        impl Refusal for $error {
            fn number(&self) -> Option<Errno> {
                self.errno()
            }
        }
    )*};
}
refusals!(MapError, BatchError, ProgramError, LinkError, SystemError);

/// The error number of a refusal.
///
/// # Panics
/// Where it was not refused, or not by the system.
#[track_caller]
pub fn errno_of<T: Debug, E: Refusal>(result: Result<T, E>) -> Errno {
    match result {
        Ok(value) => panic!("expected a refusal, got {value:?}"),
        Err(error) => error
            .number()
            .unwrap_or_else(|| panic!("expected a refusal by the system, got: {error:?}")),
    }
}

/// A key or a value of a case: a number or bytes.
pub trait Bytes {
    /// In the host's byte order.
    fn bytes(&self) -> &[u8];
}

macro_rules! bytes {
    ($($number:ty),*) => {$(
        impl Bytes for $number {
            fn bytes(&self) -> &[u8] {
                self.as_bytes()
            }
        }
    )*};
}
bytes!(u16, u32, u64, i32, i64, [u8]);

impl<const N: usize> Bytes for [u8; N] {
    fn bytes(&self) -> &[u8] {
        self
    }
}

impl Bytes for Vec<u8> {
    fn bytes(&self) -> &[u8] {
        self
    }
}

/// Writes a value on a condition.
pub fn write(
    map: &dyn Map,
    key: &(impl Bytes + ?Sized),
    value: &(impl Bytes + ?Sized),
    flags: UpdateFlags,
) -> Result<(), MapError> {
    map.update_elem(key.bytes(), value.bytes(), flags)
}

/// Writes a value, whether or not the key is there.
///
/// # Panics
/// Where it is refused.
#[track_caller]
pub fn put(map: &dyn Map, key: &(impl Bytes + ?Sized), value: &(impl Bytes + ?Sized)) {
    write(map, key, value, UpdateFlags::ANY).expect("update");
}

/// The value under a key.
///
/// # Panics
/// Where the question is refused.
#[track_caller]
pub fn get<V: FromBytes + IntoBytes>(map: &dyn Map, key: &(impl Bytes + ?Sized)) -> Option<V> {
    let mut value = V::new_zeroed();
    map.lookup_elem(key.bytes(), value.as_mut_bytes(), LookupFlags::NONE)
        .expect("lookup")
        .then_some(value)
}

/// The bytes under a key: of all CPUs, where the map has a value for each.
///
/// # Panics
/// Where the question is refused.
#[track_caller]
pub fn get_bytes(map: &dyn Map, key: &(impl Bytes + ?Sized)) -> Option<Vec<u8>> {
    let mut value = vec![0xa5; map.info().transfer_size()];
    map.lookup_elem(key.bytes(), &mut value, LookupFlags::NONE)
        .expect("lookup")
        .then_some(value)
}

/// Reads an element and deletes it.
///
/// # Panics
/// Where it is refused.
#[track_caller]
pub fn take<V: FromBytes + IntoBytes>(map: &dyn Map, key: &(impl Bytes + ?Sized)) -> Option<V> {
    let mut value = V::new_zeroed();
    map.lookup_and_delete_elem(key.bytes(), value.as_mut_bytes(), LookupFlags::NONE)
        .expect("lookup and delete")
        .then_some(value)
}

/// Deletes an element, and says whether it was there.
pub fn delete(map: &dyn Map, key: &(impl Bytes + ?Sized)) -> Result<bool, MapError> {
    map.delete_elem(key.bytes())
}

/// A map of maps, programs or sockets is written with the raw number of what is stored, as bpf(2) has it.
pub fn store(
    testbed: &dyn Testbed,
    map: &dyn Map,
    key: u32,
    stored: crate::system::Handle,
    flags: UpdateFlags,
) -> Result<(), MapError> {
    let raw = stored
        .raw_in(testbed.system().id())
        .expect("of this system");
    write(map, &key, &raw, flags)
}

/// Every key of a map, in the order of the walk.
///
/// # Panics
/// Where the walk fails or does not end.
pub fn keys(map: &dyn Map) -> Vec<Vec<u8>> {
    let info = map.info();
    let mut keys: Vec<Vec<u8>> = Vec::new();
    let mut next = vec![0; info.key_size as usize];
    while map
        .next_key(keys.last().map(Vec::as_slice), &mut next)
        .expect("walk")
    {
        keys.push(next.clone());
        assert!(
            keys.len() <= info.max_entries as usize,
            "the walk does not end"
        );
    }
    keys
}

/// Every pair of a map, read one by one, sorted by key.
///
/// # Panics
/// Where the walk fails or does not end.
pub fn elements(map: &dyn Map) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pairs: Vec<_> = keys(map)
        .into_iter()
        .filter_map(|key| get_bytes(map, &key[..]).map(|value| (key, value)))
        .collect();
    pairs.sort();
    pairs
}

/// Every pair of a map, read in batches of `size` elements, in order; each is deleted if `take` says so.
///
/// # Panics
/// Where a batch is refused or the walk does not end.
pub fn batches(map: &dyn Map, size: usize, take: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
    let info = map.info();
    let (key_size, value_size) = (info.key_size as usize, info.transfer_size());
    let (mut keys, mut values) = (vec![0; key_size * size], vec![0; value_size * size]);
    let mut cursor = crate::map::BatchCursor::new();
    let mut pairs = Vec::new();
    loop {
        let batch = if take {
            map.lookup_and_delete_batch(&mut cursor, &mut keys, &mut values, BatchFlags::ANY)
        } else {
            map.lookup_batch(&mut cursor, &mut keys, &mut values, BatchFlags::ANY)
        }
        .unwrap_or_else(|error| panic!("a batch of {size}: {error}"));
        let read = keys.chunks(key_size).zip(values.chunks(value_size));
        pairs.extend(
            read.take(batch.count)
                .map(|(key, value)| (key.to_vec(), value.to_vec())),
        );
        if batch.done {
            return pairs;
        }
        assert!(
            pairs.len() <= 2 * info.max_entries as usize,
            "the walk does not end"
        );
    }
}

/// `count` words of 4 bytes, numbered from 0: keys or values for a test.
pub fn words(count: u32) -> Vec<u8> {
    (0..count).flat_map(u32::to_ne_bytes).collect()
}
