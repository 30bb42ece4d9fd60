//! Arrays: values by index, and the memory of arrays that can be mapped.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::globals::{Place, ReadOnly};
use super::{BatchError, Map, MapError, MapInfo, MapType, Memory, Plain, TypedMap, TypedPairs};

/// An array of values `V`, by index. All of them exist always and start as zeros.
///
/// ```no_run
/// use std::sync::Arc;
/// use ebpf_core::map::{Array, Map, MapError};
///
/// fn set_limit(settings: Arc<dyn Map>, limit: u64) -> Result<Option<u64>, MapError> {
///     let settings: Array<u64> = Array::new(settings)?;
///     let before = settings.get(0)?;
///     settings.set(0, &limit)?;
///     Ok(before)
/// }
/// ```
pub struct Array<V, M = Arc<dyn Map>>(TypedMap<u32, V, M>);

impl<V: Plain, M: Map> Array<V, M> {
    /// The map as an array of values `V`.
    ///
    /// # Errors
    /// [`MapError::View`] for maps of other types; else as [`TypedMap::new`].
    pub fn new(map: M) -> Result<Array<V, M>, MapError> {
        expect_type(map.info(), "`Array`", &[MapType::ARRAY], "arrays")?;
        TypedMap::new(map).map(Array)
    }

    /// The map itself.
    pub fn map(&self) -> &M {
        self.0.map()
    }

    /// What cannot change while the map exists.
    pub fn info(&self) -> &MapInfo {
        self.0.info()
    }

    /// How many values there are.
    pub fn len(&self) -> u32 {
        self.info().max_entries
    }

    /// Whether there are none, which no system allows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`; `None` past the end.
    ///
    /// # Errors
    /// As [`Map::lookup_elem`].
    pub fn get(&self, index: u32) -> Result<Option<V>, MapError> {
        self.0.get(&index)
    }

    /// Writes the value at `index`.
    ///
    /// # Errors
    /// As [`Map::update_elem`]; `E2BIG` past the end, `EPERM` when the map is frozen.
    pub fn set(&self, index: u32, value: &V) -> Result<(), MapError> {
        self.0.upsert(&index, value)
    }

    /// Writes `values` from `index` on, by one call of the backend.
    ///
    /// # Errors
    /// [`BatchError`] says how many were written before the refusal.
    pub fn set_from(&self, index: u32, values: &[V]) -> Result<usize, BatchError> {
        let keys: Vec<u32> = (index..).take(values.len()).collect();
        self.0.upsert_many(&keys, values)
    }

    /// All indices and values, read in batches.
    pub fn pairs(&self) -> TypedPairs<'_, u32, V, M> {
        self.0.pairs()
    }

    /// The memory of the array, shared with running programs.
    ///
    /// # Errors
    /// As [`Map::memory`]: the map must have been created with `BPF_F_MMAPABLE`.
    ///
    /// Since Linux 5.5.
    #[doc(alias = "BPF_F_MMAPABLE")]
    pub fn memory(&self) -> Result<ArrayMemory<V>, MapError> {
        let memory = self.map().memory()?;
        Ok(ArrayMemory {
            memory,
            len: self.len(),
            types: std::marker::PhantomData,
        })
    }
}

impl<V, M: fmt::Debug> fmt::Debug for Array<V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Array").field(&self.0).finish()
    }
}

impl<V, M: Clone> Clone for Array<V, M> {
    fn clone(&self) -> Self {
        Array(self.0.clone())
    }
}

/// The memory of an array of values `V`; it stays while this value does.
pub struct ArrayMemory<V> {
    memory: Arc<dyn Memory>,
    len: u32,
    types: std::marker::PhantomData<fn() -> V>,
}

impl<V: Plain> ArrayMemory<V> {
    /// The elements. Keep the result for a loop: reading one then costs as much as reading a variable.
    pub fn elements(&self) -> Elements<'_, V> {
        let memory = self.memory.words();
        let words = memory.as_slice();
        let size = Elements::<V>::STRIDE.saturating_mul(self.len as usize);
        let words = words.get(..size).unwrap_or(words);
        Elements {
            words,
            writable: memory.is_writable(),
            types: self.types,
        }
    }
}

impl<V> fmt::Debug for ArrayMemory<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArrayMemory of {} elements", self.len)
    }
}

/// Elements in memory that is shared with running programs.
pub struct Elements<'m, V> {
    /// The words of all elements.
    words: &'m [AtomicU64],
    writable: bool,
    types: std::marker::PhantomData<fn() -> V>,
}

impl<'m, V: Plain> Elements<'m, V> {
    /// Words from one element to the next; no map has values of no bytes.
    const STRIDE: usize = match size_of::<V>().div_ceil(size_of::<u64>()) {
        0 => 1,
        stride => stride,
    };

    /// How many elements there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.words.len() / Self::STRIDE
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the element at `index` lies; `None` past the end.
    #[inline]
    pub fn place(&self, index: usize) -> Option<Place<'m, V>> {
        let words = match Self::STRIDE {
            1 => std::slice::from_ref(self.words.get(index)?),
            stride => self
                .words
                .get(index.checked_mul(stride)?..)?
                .get(..stride)?,
        };
        Some(Place::of(words, self.writable))
    }

    /// The element at `index`; `None` past the end. See [`Place::load`] for values of more than 8 bytes.
    #[inline]
    pub fn get(&self, index: usize) -> Option<V> {
        self.place(index).map(|place| place.load())
    }

    /// Writes the element at `index`; `Ok(false)` past the end. See [`Place::store`] for values of more than 8 bytes.
    ///
    /// # Errors
    /// [`ReadOnly`] where the memory cannot be written.
    #[inline]
    pub fn set(&self, index: usize, value: &V) -> Result<bool, ReadOnly> {
        match self.place(index) {
            Some(place) => place.store(value).map(|()| true),
            None => Ok(false),
        }
    }

    /// The elements, from the first on.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = V> + use<'m, V> {
        let writable = self.writable;
        let places = self.words.chunks_exact(Self::STRIDE);
        places.map(move |words| Place::of(words, writable).load())
    }
}

impl<V> Copy for Elements<'_, V> {}

impl<V> Clone for Elements<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> fmt::Debug for Elements<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elements over {} words", self.words.len())
    }
}

/// Refuses a map of any other than these types.
pub(super) fn expect_type(
    info: &MapInfo,
    view: &'static str,
    types: &[MapType],
    wants: &'static str,
) -> Result<(), MapError> {
    if types.contains(&info.map_type) {
        return Ok(());
    }
    Err(MapError::View {
        map: info.name.clone(),
        map_type: info.map_type,
        view,
        wants,
    })
}
