//! Maps whose values are other maps, and arrays of programs.

use std::fmt;
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::array::expect_type;
use super::ext::reference;
use super::{Map, MapError, MapId, MapInfo, MapType, Plain, TypedMap, UpdateFlags};
use crate::Errno;
use crate::program::{Program, ProgramId};
use crate::system::{System, SystemError};

/// How often an id is read again because its object was replaced before it could be opened.
const RETRIES: usize = 8;

/// An array of maps that are alike, by index.
///
/// ```no_run
/// use std::sync::Arc;
/// use ebpf_core::System;
/// use ebpf_core::map::{ArrayOfMaps, Map, MapSpec, MapType};
///
/// fn start_epoch(
///     system: &dyn System,
///     epochs: Arc<dyn Map>,
/// ) -> Result<Option<Arc<dyn Map>>, Box<dyn std::error::Error>> {
///     let epochs = ArrayOfMaps::new(epochs)?;
///     let last = epochs.get(0, system)?;
///     let fresh = system.create_map(&MapSpec::new("epoch", MapType::HASH, 4, 8, 1024), None)?;
///     epochs.set(0, &*fresh)?;
///     Ok(last)
/// }
/// ```
///
/// Since Linux 4.12. kernel/bpf/map_in_map.c.
#[derive(Clone, Debug)]
pub struct ArrayOfMaps<M = Arc<dyn Map>>(M);

impl<M: Map> ArrayOfMaps<M> {
    /// The map as an array of maps.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types.
    pub fn new(map: M) -> Result<ArrayOfMaps<M>, MapError> {
        expect_type(
            map.info(),
            "`ArrayOfMaps`",
            &[MapType::ARRAY_OF_MAPS],
            "arrays of maps",
        )?;
        Ok(ArrayOfMaps(map))
    }

    /// The outer map itself.
    pub fn map(&self) -> &M {
        &self.0
    }

    /// What cannot change while the outer map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// How many places there are.
    pub fn len(&self) -> u32 {
        self.info().max_entries
    }

    /// Whether there are none, which no system allows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of the map at `index`; `None` for an empty place and past the end.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    ///
    /// Since Linux 4.13.
    pub fn id(&self, index: u32) -> Result<Option<MapId>, MapError> {
        Ok(id_under(&self.0, index.as_bytes())?.map(MapId))
    }

    /// The map at `index`, opened in `system`; `None` for an empty place and past the end.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`] and [`System::map_by_id`].
    ///
    /// Since Linux 4.13.
    pub fn get(
        &self,
        index: u32,
        system: &dyn System,
    ) -> Result<Option<Arc<dyn Map>>, SystemError> {
        open(|| self.id(index), |id| system.map_by_id(id))
    }

    /// Puts a map at `index`, in the place of what is there.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a map of another system; else as [`Map::update_elem`], `EINVAL` if `inner` is not like
    /// the template.
    pub fn set(&self, index: u32, inner: &dyn Map) -> Result<(), MapError> {
        let inner = reference(&self.0, inner.handle())?;
        self.0
            .update_elem(index.as_bytes(), &inner, UpdateFlags::ANY)
    }

    /// Empties the place at `index`; whether there was a map.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, index: u32) -> Result<bool, MapError> {
        self.0.delete_elem(index.as_bytes())
    }

    /// The places that are not empty, with the ids of their maps.
    pub fn ids(&self) -> impl Iterator<Item = Result<(u32, MapId), MapError>> + '_ {
        (0..self.len()).filter_map(|index| with_index(index, self.id(index)))
    }
}

/// A hash of maps that are alike, by keys `K`.
///
/// Since Linux 4.12. kernel/bpf/map_in_map.c.
pub struct HashOfMaps<K, M = Arc<dyn Map>>(TypedMap<K, [u8; 4], M>);

impl<K: Plain, M: Map> HashOfMaps<K, M> {
    /// The map as a hash of maps with keys `K`.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types, [`MapError::Layout`] if `K` differs from the map's keys.
    pub fn new(map: M) -> Result<HashOfMaps<K, M>, MapError> {
        expect_type(
            map.info(),
            "`HashOfMaps`",
            &[MapType::HASH_OF_MAPS],
            "hashes of maps",
        )?;
        TypedMap::new(map).map(HashOfMaps)
    }

    /// The outer map itself.
    pub fn map(&self) -> &M {
        self.0.map()
    }

    /// What cannot change while the outer map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// The id of the map under `key`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    ///
    /// Since Linux 4.13.
    pub fn id(&self, key: &K) -> Result<Option<MapId>, MapError> {
        Ok(id_under(self.map(), key.as_bytes())?.map(MapId))
    }

    /// The map under `key`, opened in `system`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`] and [`System::map_by_id`].
    ///
    /// Since Linux 4.13.
    pub fn get(&self, key: &K, system: &dyn System) -> Result<Option<Arc<dyn Map>>, SystemError> {
        open(|| self.id(key), |id| system.map_by_id(id))
    }

    /// Puts a map under a key that must not be there yet.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a map of another system; else as [`Map::update_elem`], `EEXIST` when the key is there,
    /// `EINVAL` if `inner` is not like the template.
    pub fn insert(&self, key: &K, inner: &dyn Map) -> Result<(), MapError> {
        self.0.insert(key, &reference(self.map(), inner.handle())?)
    }

    /// Puts a map under a key that must be there already.
    ///
    /// # Errors
    /// As [`HashOfMaps::insert`], but `ENOENT` when the key is not there.
    pub fn update(&self, key: &K, inner: &dyn Map) -> Result<(), MapError> {
        self.0.update(key, &reference(self.map(), inner.handle())?)
    }

    /// Puts a map under a key, whether it is there or not.
    ///
    /// # Errors
    /// As [`HashOfMaps::insert`], without `EEXIST`.
    pub fn upsert(&self, key: &K, inner: &dyn Map) -> Result<(), MapError> {
        self.0.upsert(key, &reference(self.map(), inner.handle())?)
    }

    /// Deletes the element under `key`; whether there was one.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, key: &K) -> Result<bool, MapError> {
        self.0.remove(key)
    }

    /// All keys, with the ids of their maps; see [`MapExt::pairs`](super::MapExt::pairs) for what a walk promises.
    pub fn ids(&self) -> impl Iterator<Item = Result<(K, MapId), MapError>> + '_ {
        let named = |(key, id)| (key, MapId(u32::from_ne_bytes(id)));
        self.0.pairs().map(move |pair| pair.map(named))
    }
}

impl<K, M: fmt::Debug> fmt::Debug for HashOfMaps<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HashOfMaps").field(&self.0).finish()
    }
}

impl<K, M: Clone> Clone for HashOfMaps<K, M> {
    fn clone(&self) -> Self {
        HashOfMaps(self.0.clone())
    }
}

/// An array of programs, the targets of tail calls, by index.
///
/// The kernel empties it when the last reference to the array from user space is gone, a pin included.
///
/// Since Linux 4.2. `prog_array_map_ops` in kernel/bpf/arraymap.c.
#[derive(Clone, Debug)]
pub struct ProgramArray<M = Arc<dyn Map>>(M);

impl<M: Map> ProgramArray<M> {
    /// The map as an array of programs.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types.
    pub fn new(map: M) -> Result<ProgramArray<M>, MapError> {
        expect_type(
            map.info(),
            "`ProgramArray`",
            &[MapType::PROG_ARRAY],
            "arrays of programs",
        )?;
        Ok(ProgramArray(map))
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        &self.0
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// How many places there are.
    pub fn len(&self) -> u32 {
        self.info().max_entries
    }

    /// Whether there are none, which no system allows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of the program at `index`; `None` for an empty place and past the end.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    ///
    /// Since Linux 4.13.
    pub fn id(&self, index: u32) -> Result<Option<ProgramId>, MapError> {
        Ok(id_under(&self.0, index.as_bytes())?.map(ProgramId))
    }

    /// The program at `index`, opened in `system`; `None` for an empty place and past the end.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`] and [`System::program_by_id`].
    ///
    /// Since Linux 4.13.
    pub fn get(
        &self,
        index: u32,
        system: &dyn System,
    ) -> Result<Option<Arc<dyn Program>>, SystemError> {
        open(|| self.id(index), |id| system.program_by_id(id))
    }

    /// Puts a program at `index`, in the place of what is there.
    ///
    /// # Errors
    /// [`MapError::Foreign`] for a program of another system; else as [`Map::update_elem`], `EINVAL` if `program` is not
    /// like the others in the array.
    pub fn set(&self, index: u32, program: &dyn Program) -> Result<(), MapError> {
        let program = reference(&self.0, program.handle())?;
        self.0
            .update_elem(index.as_bytes(), &program, UpdateFlags::ANY)
    }

    /// Empties the place at `index`; whether there was a program.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, index: u32) -> Result<bool, MapError> {
        self.0.delete_elem(index.as_bytes())
    }

    /// The places that are not empty, with the ids of their programs.
    pub fn ids(&self) -> impl Iterator<Item = Result<(u32, ProgramId), MapError>> + '_ {
        (0..self.len()).filter_map(|index| with_index(index, self.id(index)))
    }
}

fn id_under<M: Map + ?Sized>(map: &M, key: &[u8]) -> Result<Option<u32>, MapError> {
    let mut id = [0; 4];
    let found = map.lookup_elem(key, &mut id, super::LookupFlags::NONE)?;
    Ok(found.then_some(u32::from_ne_bytes(id)))
}

fn with_index<I>(
    index: u32,
    id: Result<Option<I>, MapError>,
) -> Option<Result<(u32, I), MapError>> {
    id.map(|id| id.map(|id| (index, id))).transpose()
}

/// Opens what an id names. An object that is gone by then was replaced, so the id is read again.
fn open<I, T>(
    id: impl Fn() -> Result<Option<I>, MapError>,
    by_id: impl Fn(I) -> Result<T, SystemError>,
) -> Result<Option<T>, SystemError> {
    let mut retries = RETRIES;
    loop {
        let Some(id) = id()? else { return Ok(None) };
        match by_id(id) {
            Err(error) if error.errno() == Some(Errno::ENOENT) && retries > 0 => retries -= 1,
            result => return result.map(Some),
        }
    }
}
