//! Maps with a value for each possible CPU.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use zerocopy::IntoBytes;

use super::bulk;
use super::ext::condition;
use super::typed::read;
use super::walk::{Job, Walk};
use super::{
    BatchError, LookupFlags, Map, MapError, MapInfo, Plain, Total, TypedKeys, UpdateFlags, layout,
};
use crate::Errno;

/// A map with keys `K` and, under each, a value `V` for each possible CPU.
///
/// ```no_run
/// use std::sync::Arc;
/// use ebpf_core::map::{Map, MapError, MapExt};
///
/// fn dropped(counters: Arc<dyn Map>) -> Result<u64, MapError> {
///     let counters = counters.per_cpu::<u32, u64>()?;
///     let mut values = counters.values();
///     counters.get_into(&0, &mut values)?; // again and again without allocating
///     Ok(values.sum())
/// }
/// ```
pub struct PerCpuMap<K, V, M = Arc<dyn Map>> {
    map: M,
    types: PhantomData<fn(K) -> V>,
}

impl<K: Plain, V: Plain, M: Map> PerCpuMap<K, V, M> {
    /// The map with keys `K` and values `V` of each CPU.
    ///
    /// # Errors
    /// [`MapError::Layout`] if a size is not the map's, or if a struct declared by [`plain!`](crate::plain) differs from
    /// the type in the object that the map was created from; [`MapError::View`] for maps that are not per-CPU.
    pub fn new(map: M) -> Result<PerCpuMap<K, V, M>, MapError> {
        let info = map.info();
        if !info.map_type.is_per_cpu() {
            let (map, map_type) = (info.name.clone(), info.map_type);
            let wants = "maps with a value for each CPU; use `TypedMap`";
            return Err(MapError::View {
                map,
                map_type,
                view: "`PerCpuMap`",
                wants,
            });
        }
        layout::check_key::<K>(info)?;
        layout::check_value::<V>(info)?;
        Ok(PerCpuMap {
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

    /// Zeros for each possible CPU: a buffer to read into and to write from.
    pub fn values(&self) -> PerCpuValues<V> {
        PerCpuValues::zeroed(self.info().possible_cpus)
    }

    /// The values of all CPUs under `key`.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn get(&self, key: &K) -> Result<Option<PerCpuValues<V>>, MapError> {
        let mut values = self.values();
        let found = self.get_into(key, &mut values)?;
        Ok(found.then_some(values))
    }

    /// Reads the values of all CPUs under `key` into `values`, without allocating; `false`, with the contents of `values`
    /// unspecified, when there is no such key.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`]; [`MapError::Size`] if `values` is for another number of CPUs.
    pub fn get_into(&self, key: &K, values: &mut PerCpuValues<V>) -> Result<bool, MapError> {
        self.map.lookup_elem(
            key.as_bytes(),
            values.bytes.as_mut_bytes(),
            LookupFlags::NONE,
        )
    }

    /// The value of one CPU under `key`; `None` also when there is no such CPU.
    ///
    /// Since Linux 7.0 only that value is copied; before, all are and one is picked.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn get_on(&self, key: &K, cpu: u32) -> Result<Option<V>, MapError> {
        if cpu >= self.info().possible_cpus {
            return Ok(None);
        }
        let mut value = V::new_zeroed();
        match self.map.lookup_elem(
            key.as_bytes(),
            value.as_mut_bytes(),
            LookupFlags::on_cpu(cpu),
        ) {
            Ok(found) => Ok(found.then_some(value)),
            Err(error) if error.errno() == Some(Errno::EINVAL) => {
                Ok(self.get(key)?.and_then(|values| values.get(cpu)))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the value of one CPU under `key` and leaves the others alone.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `EINVAL` where the system cannot. `E2BIG` or `ERANGE` for a CPU that is not there.
    ///
    /// Since Linux 7.0.
    #[doc(alias = "BPF_F_CPU")]
    pub fn set_on(&self, key: &K, cpu: u32, value: &V) -> Result<(), MapError> {
        self.map
            .update_elem(key.as_bytes(), value.as_bytes(), UpdateFlags::on_cpu(cpu))
    }

    /// Writes an element that must not be there yet. Elements of an array always are.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `EEXIST` when the key is there, [`MapError::Size`] if `values` is for another number of
    /// CPUs.
    pub fn insert(&self, key: &K, values: &PerCpuValues<V>) -> Result<(), MapError> {
        self.set_with(key, values, condition(&self.map, UpdateFlags::NO_EXIST))
    }

    /// Writes an element that must be there already.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `ENOENT` when the key is not there, [`MapError::Size`] if `values` is for another number
    /// of CPUs.
    pub fn update(&self, key: &K, values: &PerCpuValues<V>) -> Result<(), MapError> {
        self.set_with(key, values, condition(&self.map, UpdateFlags::EXIST))
    }

    /// Writes an element, whether it is there or not.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; [`MapError::Size`] if `values` is for another number of CPUs.
    pub fn upsert(&self, key: &K, values: &PerCpuValues<V>) -> Result<(), MapError> {
        self.set_with(key, values, UpdateFlags::ANY)
    }

    /// Writes the same value for each CPU, whether the element is there or not.
    ///
    /// To do so many times without allocating, [`fill`](PerCpuValues::fill) a buffer and [`upsert`](PerCpuMap::upsert) it.
    ///
    /// # Errors
    /// As [`Map::update_elem`].
    pub fn set_all(&self, key: &K, value: &V) -> Result<(), MapError> {
        self.upsert(
            key,
            &PerCpuValues::replicate(self.info().possible_cpus, value),
        )
    }

    fn set_with(
        &self,
        key: &K,
        values: &PerCpuValues<V>,
        flags: UpdateFlags,
    ) -> Result<(), MapError> {
        self.map
            .update_elem(key.as_bytes(), values.bytes.as_bytes(), flags)
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
    pub fn take(&self, key: &K) -> Result<Option<PerCpuValues<V>>, MapError> {
        let mut values = self.values();
        let bytes = values.bytes.as_mut_bytes();
        let found = self
            .map
            .lookup_and_delete_elem(key.as_bytes(), bytes, LookupFlags::NONE)?;
        Ok(found.then_some(values))
    }

    /// All elements, read in batches; see [`MapExt::pairs`](super::MapExt::pairs) for what a walk promises.
    pub fn pairs(&self) -> PerCpuPairs<'_, K, V, M> {
        PerCpuPairs {
            walk: Walk::new(&self.map, Job::Pairs),
            types: PhantomData,
        }
    }

    /// All keys; as [`pairs`](PerCpuMap::pairs).
    pub fn keys(&self) -> TypedKeys<'_, K, M> {
        TypedKeys::new(&self.map)
    }

    /// Deletes many elements; gives how many of them were there.
    ///
    /// # Errors
    /// [`BatchError`] says how many were deleted before the refusal.
    pub fn remove_many(&self, keys: &[K]) -> Result<usize, BatchError> {
        bulk::delete_all(&self.map, keys.as_bytes())
    }
}

impl<K, V, M: fmt::Debug> fmt::Debug for PerCpuMap<K, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PerCpuMap").field(&self.map).finish()
    }
}

impl<K, V, M: Clone> Clone for PerCpuMap<K, V, M> {
    fn clone(&self) -> Self {
        PerCpuMap {
            map: self.map.clone(),
            types: PhantomData,
        }
    }
}

/// The elements of a per-CPU map: see [`PerCpuMap::pairs`].
#[derive(Debug)]
pub struct PerCpuPairs<'m, K, V, M: Map> {
    walk: Walk<'m, M>,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: Plain, V: Plain, M: Map> PerCpuPairs<'_, K, V, M> {
    /// Reads the next element's values into `values`, without allocating, and gives its key; `None` at the end.
    ///
    /// # Errors
    /// As [`Pairs::next_ref`](super::Pairs::next_ref); [`MapError::Size`] if `values` is for another number of CPUs.
    pub fn next_into(&mut self, values: &mut PerCpuValues<V>) -> Result<Option<K>, MapError> {
        let info = self.walk.info();
        let Some((key, bytes)) = self.walk.next()? else {
            return Ok(None);
        };
        let buffer = values.bytes.as_mut_bytes();
        info.check("values of all CPUs", bytes.len(), buffer.len())?;
        buffer.copy_from_slice(bytes);
        read(info, "key", key).map(Some)
    }

    /// Whether the walk had to start over so far, because a key that it stood on was deleted.
    pub fn disturbed(&self) -> bool {
        self.walk.disturbed()
    }
}

impl<K: Plain, V: Plain, M: Map> Iterator for PerCpuPairs<'_, K, V, M> {
    type Item = Result<(K, PerCpuValues<V>), MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut values = PerCpuValues::zeroed(self.walk.info().possible_cpus);
        self.next_into(&mut values)
            .map(|key| key.map(|key| (key, values)))
            .transpose()
    }
}

/// A value for each possible CPU, as one buffer that the system reads and writes: each starts at a multiple of 8 bytes.
pub struct PerCpuValues<V> {
    bytes: Vec<u64>,
    cpus: u32,
    types: PhantomData<V>,
}

impl<V: Plain> PerCpuValues<V> {
    /// Words from one CPU's value to the next.
    const STRIDE: usize = size_of::<V>().div_ceil(size_of::<u64>());

    /// Zeros for `cpus` CPUs.
    pub fn zeroed(cpus: u32) -> PerCpuValues<V> {
        PerCpuValues {
            bytes: vec![0; Self::STRIDE * cpus as usize],
            cpus,
            types: PhantomData,
        }
    }

    /// The same value for each of `cpus` CPUs.
    pub fn replicate(cpus: u32, value: &V) -> PerCpuValues<V> {
        let mut values = PerCpuValues::zeroed(cpus);
        values.fill(value);
        values
    }

    /// For how many CPUs there are values.
    pub fn cpus(&self) -> u32 {
        self.cpus
    }

    /// The value of a CPU; `None` if there is no such CPU.
    pub fn get(&self, cpu: u32) -> Option<V> {
        let start = Self::STRIDE * cpu as usize;
        let slot = self
            .bytes
            .get(start..start + Self::STRIDE)
            .filter(|_| cpu < self.cpus)?;
        V::read_from_prefix(slot.as_bytes())
            .ok()
            .map(|(value, _)| value)
    }

    /// Sets the value of a CPU; whether there is such a CPU.
    pub fn set(&mut self, cpu: u32, value: &V) -> bool {
        let start = Self::STRIDE * cpu as usize;
        let known = cpu < self.cpus;
        let slot = self
            .bytes
            .get_mut(start..start + Self::STRIDE)
            .filter(|_| known);
        slot.is_some_and(|slot| value.write_to_prefix(slot.as_mut_bytes()).is_ok())
    }

    /// Sets the value of each CPU.
    pub fn fill(&mut self, value: &V) {
        for cpu in 0..self.cpus {
            self.set(cpu, value);
        }
    }

    /// The values, by CPU from 0.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = V> + Clone + '_ {
        (0..self.cpus as usize).map(|cpu| self.get(cpu as u32).unwrap_or_else(V::new_zeroed))
    }

    /// The sum over all CPUs; integers wrap at their width.
    pub fn sum(&self) -> V
    where
        V: Total,
    {
        self.iter().fold(V::new_zeroed(), V::plus)
    }
}

impl<V> Clone for PerCpuValues<V> {
    fn clone(&self) -> Self {
        PerCpuValues {
            bytes: self.bytes.clone(),
            cpus: self.cpus,
            types: PhantomData,
        }
    }
}

impl<V: Plain + PartialEq> PartialEq for PerCpuValues<V> {
    fn eq(&self, other: &Self) -> bool {
        self.cpus == other.cpus && self.iter().eq(other.iter())
    }
}

impl<V: Plain + fmt::Debug> fmt::Debug for PerCpuValues<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
