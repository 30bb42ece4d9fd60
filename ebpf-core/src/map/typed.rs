//! Maps with keys and values of Rust types.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use zerocopy::{FromZeros, IntoBytes};

use super::bulk;
use super::ext::condition;
use super::walk::{Job, Walk};
use super::{
    BatchError, BatchFlags, LookupFlags, Map, MapError, MapInfo, Plain, UpdateFlags, layout,
};

/// A map with keys `K` and values `V`.
///
/// One operation is one call of the system, on the stack: nothing is allocated but by walks and by what returns a `Vec`.
///
/// ```no_run
/// use std::sync::Arc;
/// use ebpf_core::map::{Map, MapError, MapExt, TypedMap};
///
/// ebpf_core::plain! {
///     /// `struct flow` of the program.
///     #[derive(PartialEq, Eq, Hash)]
///     pub struct Flow {
///         pub source: [u8; 4],
///         pub port: u16,
///         pub protocol: u16,
///     }
/// }
///
/// fn forget_idle(packets: Arc<dyn Map>) -> Result<usize, MapError> {
///     let packets: TypedMap<Flow, u64> = packets.typed()?;
///     let mut forgotten = 0;
///     for pair in packets.pairs() {
///         let (flow, count) = pair?;
///         if count == 0 && packets.remove(&flow)? {
///             forgotten += 1;
///         }
///     }
///     Ok(forgotten)
/// }
/// ```
///
/// Maps with a value for each CPU are [`PerCpuMap`](super::PerCpuMap)s; queues, stacks and Bloom filters, which have no
/// keys, have views of their own.
pub struct TypedMap<K, V, M = Arc<dyn Map>> {
    map: M,
    types: PhantomData<fn(K) -> V>,
}

impl<K: Plain, V: Plain, M: Map> TypedMap<K, V, M> {
    /// The map with keys `K` and values `V`.
    ///
    /// # Errors
    /// [`MapError::Layout`] if a size is not the map's, or if a struct declared by [`plain!`](crate::plain) differs from
    /// the type in the object that the map was created from; [`MapError::View`] for per-CPU maps and maps without keys.
    pub fn new(map: M) -> Result<TypedMap<K, V, M>, MapError> {
        let info = map.info();
        let view = |wants| {
            let (map, map_type) = (info.name.clone(), info.map_type);
            Err(MapError::View {
                map,
                map_type,
                view: "`TypedMap`",
                wants,
            })
        };
        if info.map_type.is_per_cpu() {
            return view("one value per key; use `PerCpuMap`");
        }
        if info.map_type.is_keyless() {
            return view("maps with keys; use `Queue`, `Stack` or `BloomFilter`");
        }
        layout::check_key::<K>(info)?;
        layout::check_value::<V>(info)?;
        Ok(TypedMap {
            map,
            types: PhantomData,
        })
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        &self.map
    }

    /// The map itself, without its types.
    pub fn into_map(self) -> M {
        self.map
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.map.info()
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn get(&self, key: &K) -> Result<Option<V>, MapError> {
        self.get_with(key, LookupFlags::NONE)
    }

    /// The value under `key`, for example copied under its spin lock.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn get_with(&self, key: &K, flags: LookupFlags) -> Result<Option<V>, MapError> {
        let mut value = V::new_zeroed();
        let found = self
            .map
            .lookup_elem(key.as_bytes(), value.as_mut_bytes(), flags)?;
        Ok(found.then_some(value))
    }

    /// Whether there is an element under `key`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn contains(&self, key: &K) -> Result<bool, MapError> {
        self.get(key).map(|value| value.is_some())
    }

    /// Writes an element that must not be there yet; see [`MapExt::insert`](super::MapExt::insert).
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `EEXIST` when the key is there.
    pub fn insert(&self, key: &K, value: &V) -> Result<(), MapError> {
        self.set_with(key, value, condition(&self.map, UpdateFlags::NO_EXIST))
    }

    /// Writes an element that must be there already; see [`MapExt::update`](super::MapExt::update).
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `ENOENT` when the key is not there.
    pub fn update(&self, key: &K, value: &V) -> Result<(), MapError> {
        self.set_with(key, value, condition(&self.map, UpdateFlags::EXIST))
    }

    /// Writes an element, whether it is there or not.
    ///
    /// # Errors
    /// As [`Map::update_elem`].
    pub fn upsert(&self, key: &K, value: &V) -> Result<(), MapError> {
        self.set_with(key, value, UpdateFlags::ANY)
    }

    /// Writes an element, for example under its spin lock.
    ///
    /// # Errors
    /// As [`Map::update_elem`].
    pub fn set_with(&self, key: &K, value: &V, flags: UpdateFlags) -> Result<(), MapError> {
        self.map
            .update_elem(key.as_bytes(), value.as_bytes(), flags)
    }

    /// Deletes the element under `key`; whether there was one.
    ///
    /// # Errors
    /// As [`Map::delete_elem`].
    pub fn remove(&self, key: &K) -> Result<bool, MapError> {
        self.map.delete_elem(key.as_bytes())
    }

    /// Takes the element under `key` out of the map.
    ///
    /// # Errors
    /// As [`Map::lookup_and_delete_elem`].
    pub fn take(&self, key: &K) -> Result<Option<V>, MapError> {
        let mut value = V::new_zeroed();
        let found = self.map.lookup_and_delete_elem(
            key.as_bytes(),
            value.as_mut_bytes(),
            LookupFlags::NONE,
        )?;
        Ok(found.then_some(value))
    }

    /// All elements, read in batches; see [`MapExt::pairs`](super::MapExt::pairs) for what a walk promises.
    pub fn pairs(&self) -> TypedPairs<'_, K, V, M> {
        TypedPairs {
            walk: Walk::new(&self.map, Job::Pairs),
            types: PhantomData,
        }
    }

    /// All keys; as [`pairs`](TypedMap::pairs), and also for maps whose values cannot be read.
    pub fn keys(&self) -> TypedKeys<'_, K, M> {
        TypedKeys::new(&self.map)
    }

    /// All elements, in batches that are deleted as they are read; see [`MapExt::drain`](super::MapExt::drain).
    pub fn drain(&self) -> TypedDrain<'_, K, V, M> {
        TypedDrain {
            walk: Walk::new(&self.map, Job::Drain),
            types: PhantomData,
        }
    }

    /// How many elements a walk meets.
    ///
    /// # Errors
    /// As [`MapExt::count`](super::MapExt::count).
    pub fn count(&self) -> Result<usize, MapError> {
        super::MapExt::count(&self.map)
    }

    /// The values under `keys`, in their order, by one call of the backend.
    ///
    /// # Errors
    /// As [`Map::lookup_many`].
    pub fn get_many(&self, keys: &[K]) -> Result<Vec<Option<V>>, MapError> {
        let mut values: Vec<V> = zeroed(keys.len());
        let mut found = vec![false; keys.len()];
        self.get_many_into(keys, &mut values, &mut found)?;
        Ok(values
            .into_iter()
            .zip(found)
            .map(|(value, found)| found.then_some(value))
            .collect())
    }

    /// Reads the values under `keys` into `values` and whether they are there into `found`, which are of the same length.
    ///
    /// # Errors
    /// As [`Map::lookup_many`]; [`MapError::Size`] if a length differs.
    pub fn get_many_into(
        &self,
        keys: &[K],
        values: &mut [V],
        found: &mut [bool],
    ) -> Result<(), MapError> {
        self.map
            .lookup_many(keys.as_bytes(), values.as_mut_bytes(), found)
    }

    /// Writes many elements, whether they are there or not, by one call of the backend; gives how many there were.
    ///
    /// # Errors
    /// [`BatchError`] says how many were written before the refusal; [`MapError::Size`] if the lengths differ.
    pub fn upsert_many(&self, keys: &[K], values: &[V]) -> Result<usize, BatchError> {
        self.info().check(
            "values of the batch",
            size_of::<V>().saturating_mul(keys.len()),
            size_of_val(values),
        )?;
        if keys.is_empty() {
            return Ok(0);
        }
        self.map
            .update_batch(keys.as_bytes(), values.as_bytes(), BatchFlags::ANY)
    }

    /// Deletes many elements; gives how many of them were there.
    ///
    /// # Errors
    /// [`BatchError`] says how many were deleted before the refusal.
    pub fn remove_many(&self, keys: &[K]) -> Result<usize, BatchError> {
        bulk::delete_all(&self.map, keys.as_bytes())
    }
}

impl<K, V, M: fmt::Debug> fmt::Debug for TypedMap<K, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedMap").field(&self.map).finish()
    }
}

impl<K, V, M: Clone> Clone for TypedMap<K, V, M> {
    fn clone(&self) -> Self {
        TypedMap {
            map: self.map.clone(),
            types: PhantomData,
        }
    }
}

/// The elements of a map: see [`TypedMap::pairs`].
#[derive(Debug)]
pub struct TypedPairs<'m, K, V, M: Map> {
    walk: Walk<'m, M>,
    types: PhantomData<fn() -> (K, V)>,
}

/// The keys of a map: see [`TypedMap::keys`].
#[derive(Debug)]
pub struct TypedKeys<'m, K, M: Map> {
    walk: Walk<'m, M>,
    types: PhantomData<fn() -> K>,
}

/// The elements of a map, being deleted: see [`TypedMap::drain`].
#[derive(Debug)]
pub struct TypedDrain<'m, K, V, M: Map> {
    walk: Walk<'m, M>,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V, M: Map> TypedPairs<'_, K, V, M> {
    /// Whether the walk had to start over so far, because a key that it stood on was deleted.
    pub fn disturbed(&self) -> bool {
        self.walk.disturbed()
    }
}

impl<'m, K, M: Map> TypedKeys<'m, K, M> {
    pub(super) fn new(map: &'m M) -> TypedKeys<'m, K, M> {
        TypedKeys {
            walk: Walk::new(map, Job::Keys),
            types: PhantomData,
        }
    }

    /// Whether the walk had to start over so far, because a key that it stood on was deleted.
    pub fn disturbed(&self) -> bool {
        self.walk.disturbed()
    }
}

impl<K: Plain, V: Plain, M: Map> Iterator for TypedPairs<'_, K, V, M> {
    type Item = Result<(K, V), MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        next_pair(&mut self.walk).transpose()
    }
}

impl<K: Plain, M: Map> Iterator for TypedKeys<'_, K, M> {
    type Item = Result<K, MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        let info = self.walk.info();
        let key = self.walk.next().transpose()?;
        Some(key.and_then(|(key, _)| read(info, "key", key)))
    }
}

impl<K: Plain, V: Plain, M: Map> Iterator for TypedDrain<'_, K, V, M> {
    type Item = Result<(K, V), MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        next_pair(&mut self.walk).transpose()
    }
}

fn next_pair<K: Plain, V: Plain, M: Map>(
    walk: &mut Walk<'_, M>,
) -> Result<Option<(K, V)>, MapError> {
    let info = walk.info();
    let Some((key, value)) = walk.next()? else {
        return Ok(None);
    };
    Ok(Some((read(info, "key", key)?, read(info, "value", value)?)))
}

/// The value that `bytes` are.
pub(super) fn read<T: Plain>(
    info: &MapInfo,
    what: &'static str,
    bytes: &[u8],
) -> Result<T, MapError> {
    let wrong = |_| MapError::Size {
        map: info.name.clone(),
        what,
        expected: size_of::<T>(),
        got: bytes.len(),
    };
    T::read_from_bytes(bytes).map_err(wrong)
}

/// As many zeros.
pub(super) fn zeroed<T: FromZeros>(count: usize) -> Vec<T> {
    std::iter::repeat_with(T::new_zeroed).take(count).collect()
}
