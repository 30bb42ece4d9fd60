//! Maps: the trait that both backends implement, the table of types, specs and errors.

mod array;
mod bulk;
mod descriptor;
mod error;
mod ext;
mod flags;
mod globals;
mod info;
mod layout;
mod lpm;
mod map_type;
mod memory;
mod nested;
mod per_cpu;
mod plain;
mod redirect;
mod spec;
mod stack_trace;
mod stream;
#[cfg(test)]
mod tests;
mod typed;
mod walk;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use array::{Array, ArrayMemory, Elements};
pub use descriptor::{CgroupArray, LocalStorage, SocketMap};
pub(crate) use error::hint_text;
pub use error::{MapError, hint_for};
pub use ext::{MapExt, ToElem};
pub use flags::{BatchFlags, LookupFlags, MapFlags, UpdateFlags};
pub use globals::{Global, Place, PlaceError, ReadOnly};
pub use info::{MapId, MapInfo, MapState};
pub(crate) use layout::check as check_layout;
pub use layout::{FieldLayout, Layout, LayoutError, LayoutProblem};
pub use lpm::{LpmPairs, LpmTrie};
pub use map_type::{KeyRule, MapType, MapTypeRow, ValueRule};
pub use memory::{Memory, Words};
pub use nested::{ArrayOfMaps, HashOfMaps, ProgramArray};
pub use per_cpu::{PerCpuMap, PerCpuPairs, PerCpuValues};
pub use plain::{Plain, Total};
pub use redirect::{CpuMap, CpuSlot, DeviceMap, DeviceSlot};
pub use spec::{InitialEntry, InitialValue, MapSpec, MapTypes, Pinning, SpecProblem};
pub use stack_trace::{Frame, StackTrace, StackTraces};
pub use stream::{BloomFilter, Queue, Stack};
pub use typed::{TypedDrain, TypedKeys, TypedMap, TypedPairs};
pub use walk::{Drain, Keys, Pair, PairRef, Pairs};

use crate::event::{EventError, EventOptions, EventProducer, EventSource};
use crate::system::Handle;

/// A map as a system sees it: bytes in, bytes out, one operation one call. For implementors and for code that wants no
/// types; most code uses the verbs of [`MapExt`] or a typed view.
///
/// # Contract
/// - Callers bring the buffers; no operation allocates for its result.
/// - A buffer of the wrong length is [`MapError::Size`] before anything is asked of the system.
/// - Absence is an answer (`Ok(false)`), not an error.
/// - Errors of the system carry Linux error numbers, on every operating system.
/// - A map is usable from many threads at once.
pub trait Map: fmt::Debug + Send + Sync {
    /// What cannot change: id, name, type, sizes, flags.
    fn info(&self) -> &MapInfo;

    /// What can change: frozen, memory, BTF.
    fn query(&self) -> Result<MapState, MapError>;

    /// Names the map to its system.
    fn handle(&self) -> Handle;

    /// Copies the value stored under `key` into `value`.
    ///
    /// Returns `Ok(false)`, with the contents of `value` unspecified, when there is no such key. `key` is
    /// [`MapInfo::key_size`] bytes (none for a Bloom filter, queue or stack: an empty slice) and `value`
    /// [`MapInfo::transfer_size`] bytes: for per-CPU maps `round_up(value_size, 8) × possible CPUs`, unless the flags
    /// name one CPU. On a queue or stack it looks at the next element without taking it; on a Bloom filter `value` is
    /// the question.
    ///
    /// # Errors
    /// [`MapError::Size`] for a buffer of another length; [`MapError::Os`] with the system's number.
    ///
    /// Since Linux 3.19; per-CPU 4.6. `map_lookup_elem()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_LOOKUP_ELEM")]
    fn lookup_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError>;

    /// Writes the value under `key`; the flags say whether the key must or must not be there.
    ///
    /// On a queue, stack or Bloom filter `key` is empty and the value is pushed.
    ///
    /// # Errors
    /// `EEXIST` or `ENOENT` by the flags, `E2BIG` when the map is full or an index is out of range, `EPERM` when the
    /// map is frozen, `EINVAL` for flags that the type does not know.
    ///
    /// Since Linux 3.19. `map_update_elem()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_UPDATE_ELEM")]
    fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError>;

    /// Deletes the element under `key`; `Ok(false)` when there is none.
    ///
    /// # Errors
    /// `EINVAL` for arrays, whose elements always exist.
    ///
    /// Since Linux 3.19. `map_delete_elem()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_DELETE_ELEM")]
    fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError>;

    /// Copies the value stored under `key` into `value` and deletes the element, at once; `Ok(false)` when there is none.
    ///
    /// On a queue or stack `key` is empty and the next element is taken.
    ///
    /// Since Linux 4.20 for queues and stacks, 5.14 for hashes. `map_lookup_and_delete_elem()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_LOOKUP_AND_DELETE_ELEM")]
    fn lookup_and_delete_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError>;

    /// Copies the key that follows `after` into `next`; `None` asks for the first.
    ///
    /// `Ok(false)` after the last key. A key that is not in a hash is followed by the first key, so a walk that deletes
    /// what it visits, or is disturbed, may start over: prefer [`MapExt::pairs`].
    ///
    /// Since Linux 3.19; `None` since 4.12. `map_get_next_key()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_GET_NEXT_KEY")]
    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError>;

    /// Reads the elements after `cursor` into `keys` and `values`, as many as fit, and moves the cursor.
    ///
    /// `keys` holds `n × key_size` and `values` `n × transfer_size` bytes. Where the system has no batch call for the
    /// type, the elements are read one by one inside the backend.
    ///
    /// # Errors
    /// `ENOSPC` when a bucket of the hash holds more elements than fit: ask again with larger buffers, the cursor has not
    /// moved.
    ///
    /// Since Linux 5.6. `generic_map_lookup_batch()` in kernel/bpf/syscall.c, `__htab_map_lookup_and_delete_batch()` in
    /// kernel/bpf/hashtab.c.
    #[doc(alias = "BPF_MAP_LOOKUP_BATCH")]
    fn lookup_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError>;

    /// As [`lookup_batch`](Map::lookup_batch), and deletes what it read.
    ///
    /// Since Linux 5.6.
    #[doc(alias = "BPF_MAP_LOOKUP_AND_DELETE_BATCH")]
    fn lookup_and_delete_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError>;

    /// Writes the elements `keys` and `values` in order.
    ///
    /// # Errors
    /// [`BatchError`] says how many elements were written before the refusal.
    ///
    /// Since Linux 5.6. `generic_map_update_batch()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_UPDATE_BATCH")]
    fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError>;

    /// Deletes the elements `keys` in order, and stops at the first that is not there.
    ///
    /// # Errors
    /// [`BatchError`] says how many elements were deleted before the refusal; `ENOENT` for a key that is not there.
    ///
    /// Since Linux 5.6. `generic_map_delete_batch()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_DELETE_BATCH")]
    fn delete_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError>;

    /// Looks up each of `keys`, the loop inside the backend: `values` holds as many transfer sizes, `found` as many
    /// answers as there are keys.
    fn lookup_many(
        &self,
        keys: &[u8],
        values: &mut [u8],
        found: &mut [bool],
    ) -> Result<(), MapError>;

    /// The map's memory, shared with running programs: arrays with `BPF_F_MMAPABLE`, and so global variables.
    ///
    /// Writable where the map is; a frozen map, or one that only programs may read, gives memory to read.
    ///
    /// # Errors
    /// [`MapError::Unsupported`] for a map that is not mappable.
    ///
    /// Since Linux 5.5. `bpf_map_mmap()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_F_MMAPABLE")]
    fn memory(&self) -> Result<Arc<dyn Memory>, MapError>;

    /// Opens what programs write into a perf event array or a ring buffer.
    ///
    /// One source at a time: a second would take records away from the first. A perf event array belongs to the source
    /// for as long as it lives, CPU by CPU.
    ///
    /// # Errors
    /// [`MapError::Unsupported`] in [`EventError::Map`] for maps of other types, [`EventError::Options`] for options that
    /// do not go with the map; `EBUSY` when this system has a source open on it.
    ///
    /// Since Linux 4.4, ring buffers 5.8. `perf_event_open()` in kernel/events/core.c, `ringbuf_map_mmap_kern()` in
    /// kernel/bpf/ringbuf.c.
    #[doc(alias = "perf_buffer__new")]
    #[doc(alias = "ring_buffer__new")]
    fn open_events(&self, options: &EventOptions) -> Result<Box<dyn EventSource>, EventError>;

    /// Opens a user ring buffer to write samples for programs. One producer at a time.
    ///
    /// # Errors
    /// [`MapError::Unsupported`] in [`EventError::Map`] for maps of other types; `EBUSY` when this system has a producer
    /// open on it.
    ///
    /// Since Linux 6.1. `ringbuf_map_mmap_user()` in kernel/bpf/ringbuf.c.
    #[doc(alias = "user_ring_buffer__new")]
    fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError>;

    /// Gives up writing from user space, for good; programs may still write.
    ///
    /// # Errors
    /// `EPERM` when it is frozen already, `EBUSY` when it is mapped for writing.
    ///
    /// Since Linux 5.2. `map_freeze()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_FREEZE")]
    fn freeze(&self) -> Result<(), MapError>;

    /// Shares the map at `path` in a bpffs, where it outlives this process until [`System::unpin`](crate::System::unpin).
    ///
    /// # Errors
    /// `EEXIST` when something is there, `EPERM` when the path is in no bpffs, `ENOENT` when its directory is missing.
    ///
    /// Since Linux 4.4. `bpf_obj_pin_user()` in kernel/bpf/inode.c.
    #[doc(alias = "BPF_OBJ_PIN")]
    fn pin(&self, path: &Path) -> Result<(), MapError>;

    /// The descriptor, where the system has any: the kernel does, a simulation does not.
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// Where a walk in batches stands. It belongs to one map.
#[derive(Clone, Debug, Default)]
pub struct BatchCursor {
    token: Vec<u8>,
    started: bool,
}

impl BatchCursor {
    /// Before the first element.
    pub fn new() -> BatchCursor {
        BatchCursor::default()
    }

    /// Where the backend left off; `None` before the first element. For implementors.
    pub fn token(&self) -> Option<&[u8]> {
        self.started.then_some(&self.token)
    }

    /// Keeps where the backend left off; the buffer is reused. For implementors.
    pub fn set_token(&mut self, token: &[u8]) {
        self.token.clear();
        self.token.extend_from_slice(token);
        self.started = true;
    }
}

/// What a batch call read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many elements are in the buffers; there may be none before the end.
    pub count: usize,
    /// Whether the walk is at its end.
    pub done: bool,
}

/// A batch call that stopped early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("after {done} elements: {error}")]
pub struct BatchError {
    /// How many elements were processed before.
    pub done: usize,
    /// What stopped it.
    #[source]
    pub error: MapError,
}

impl BatchError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<crate::Errno> {
        self.error.errno()
    }
}

impl From<MapError> for BatchError {
    fn from(error: MapError) -> BatchError {
        BatchError { done: 0, error }
    }
}

macro_rules! forward_map {
    ($($target:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<M: Map + ?Sized> Map for $target {
            fn info(&self) -> &MapInfo { (**self).info() }
            fn query(&self) -> Result<MapState, MapError> { (**self).query() }
            fn handle(&self) -> Handle { (**self).handle() }
            fn lookup_elem(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<bool, MapError> {
                (**self).lookup_elem(key, value, flags)
            }
            fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError> {
                (**self).update_elem(key, value, flags)
            }
            fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError> { (**self).delete_elem(key) }
            fn lookup_and_delete_elem(&self, key: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<bool, MapError> {
                (**self).lookup_and_delete_elem(key, value, flags)
            }
            fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError> {
                (**self).next_key(after, next)
            }
            fn lookup_batch(&self, cursor: &mut BatchCursor, keys: &mut [u8], values: &mut [u8], flags: BatchFlags) -> Result<Batch, MapError> {
                (**self).lookup_batch(cursor, keys, values, flags)
            }
            fn lookup_and_delete_batch(&self, cursor: &mut BatchCursor, keys: &mut [u8], values: &mut [u8], flags: BatchFlags) -> Result<Batch, MapError> {
                (**self).lookup_and_delete_batch(cursor, keys, values, flags)
            }
            fn update_batch(&self, keys: &[u8], values: &[u8], flags: BatchFlags) -> Result<usize, BatchError> {
                (**self).update_batch(keys, values, flags)
            }
            fn delete_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError> { (**self).delete_batch(keys, flags) }
            fn lookup_many(&self, keys: &[u8], values: &mut [u8], found: &mut [bool]) -> Result<(), MapError> {
                (**self).lookup_many(keys, values, found)
            }
            fn memory(&self) -> Result<Arc<dyn Memory>, MapError> { (**self).memory() }
            fn open_events(&self, options: &EventOptions) -> Result<Box<dyn EventSource>, EventError> { (**self).open_events(options) }
            fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError> { (**self).open_producer() }
            fn freeze(&self) -> Result<(), MapError> { (**self).freeze() }
            fn pin(&self, path: &Path) -> Result<(), MapError> { (**self).pin(path) }
            #[cfg(unix)]
            fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> { (**self).fd() }
        }
    )*};
}
forward_map!(&M, Box<M>, Arc<M>);
