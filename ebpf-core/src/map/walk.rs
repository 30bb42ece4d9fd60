//! Walks over all elements of a map: in batches that grow, each element once, with an end.

use std::collections::HashSet;

use super::{Batch, BatchCursor, BatchFlags, KeyRule, Map, MapError, MapInfo, MapType};
use crate::Errno;

/// Bytes that the first batch may fill, and those that the buffers grow to.
const FIRST_BYTES: usize = 4 << 10;
const MOST_BYTES: usize = 256 << 10;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// A key and its value where they lie in the buffer of a walk.
pub type PairRef<'a> = (&'a [u8], &'a [u8]);

/// What a walk does with the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Gives keys and values.
    Pairs,
    /// Gives keys; the values may be of a kind that user space cannot read.
    Keys,
    /// Gives keys and values and deletes them from the map.
    Drain,
}

impl Job {
    fn name(self) -> &'static str {
        match self {
            Job::Pairs => "pairs",
            Job::Keys => "keys",
            Job::Drain => "drain",
        }
    }
}

/// A walk over all elements of a map.
///
/// The kernel's batches of a hash go by place in the table, so they give each element once whatever happens meanwhile.
/// All other walks go from key to key, and start over when the key they stand on is deleted: these remember what they
/// gave, so that nothing comes twice and what stays in the map is not missed. As each start costs a whole walk, there is
/// a limit, after which the walk ends with [`MapError::Disturbed`].
#[derive(Debug)]
pub(super) struct Walk<'m, M: Map + ?Sized> {
    map: &'m M,
    info: &'m MapInfo,
    job: Job,
    /// Bytes of a key and of the values that go with it.
    key_size: usize,
    value_size: usize,
    cursor: BatchCursor,
    keys: Vec<u8>,
    values: Vec<u8>,
    /// Elements that fit the buffers now.
    capacity: usize,
    /// The next element to give, and how many there are.
    at: usize,
    count: usize,
    done: bool,
    /// Whether only `next_key` works for this map.
    key_by_key: bool,
    /// What was given, for walks from key to key.
    given: Option<HashSet<Box<[u8]>>>,
    steps: u64,
    disturbed: bool,
}

impl<'m, M: Map + ?Sized> Walk<'m, M> {
    pub(super) fn new(map: &'m M, job: Job) -> Walk<'m, M> {
        let info = map.info();
        let capacity = fit(info, FIRST_BYTES).clamp(1, most_elements(info));
        Walk {
            map,
            info,
            job,
            key_size: info.key_size as usize,
            value_size: info.transfer_size(),
            cursor: BatchCursor::new(),
            keys: Vec::new(),
            values: Vec::new(),
            capacity,
            at: 0,
            count: 0,
            done: false,
            key_by_key: false,
            given: None,
            steps: 0,
            disturbed: false,
        }
    }

    pub(super) fn disturbed(&self) -> bool {
        self.disturbed
    }

    #[inline]
    pub(super) fn info(&self) -> &'m MapInfo {
        self.info
    }

    /// The next element's key and value, until the next call; `None` at the end, and after an error.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<PairRef<'_>>, MapError> {
        loop {
            while self.at < self.count {
                let at = self.at;
                self.at += 1;
                if self.is_new(at) {
                    return Ok(Some((self.key(at), self.value(at))));
                }
            }
            if self.done {
                return Ok(None);
            }
            // What fails once may fail for ever: an error is the end.
            self.refill().inspect_err(|_| self.done = true)?;
        }
    }

    fn key(&self, at: usize) -> &[u8] {
        element(&self.keys, self.key_size, at)
    }

    fn value(&self, at: usize) -> &[u8] {
        element(&self.values, self.value_size, at)
    }

    /// Whether the element was not given before.
    fn is_new(&mut self, at: usize) -> bool {
        let Some(given) = &mut self.given else {
            return true;
        };
        let new = given.insert(element(&self.keys, self.key_size, at).into());
        self.disturbed |= !new;
        new
    }

    fn refill(&mut self) -> Result<(), MapError> {
        (self.at, self.count) = (0, 0);
        let info = self.info;
        if info.map_type.is_keyless() {
            let (op, map) = (self.job.name(), info.name.clone());
            return Err(MapError::Unsupported {
                op,
                map,
                map_type: info.map_type,
            });
        }
        let batch = if self.key_by_key {
            self.read_keys()?
        } else {
            self.read_batch()?
        };
        self.count = batch.count;
        self.done = batch.done;
        self.steps += batch.count.max(1) as u64;
        if self.steps > self.limit() {
            (self.done, self.count) = (true, 0);
            // A map that is filled as fast as it is drained has no end, and nothing was lost.
            if self.job == Job::Drain {
                return Ok(());
            }
            let (op, map) = (self.job.name(), info.name.clone());
            return Err(MapError::Disturbed {
                op,
                map,
                steps: self.steps,
            });
        }
        if self.given.is_none() && self.goes_by_key() {
            self.given = Some(HashSet::new());
        }
        self.capacity = (self.capacity * 4)
            .min(fit(info, MOST_BYTES).max(self.capacity))
            .min(most_elements(info));
        Ok(())
    }

    /// How many elements are read before the walk is given up.
    fn limit(&self) -> u64 {
        16 * u64::from(self.info.max_entries) + 4096
    }

    /// One batch, in buffers that grow until it fits.
    fn read_batch(&mut self) -> Result<Batch, MapError> {
        let info = self.info;
        loop {
            let values = self.capacity.saturating_mul(self.value_size);
            self.keys
                .resize(self.capacity.saturating_mul(self.key_size), 0);
            self.values.resize(values, 0);
            let (cursor, keys, values) = (&mut self.cursor, &mut self.keys, &mut self.values);
            let result = match self.job {
                Job::Drain => {
                    self.map
                        .lookup_and_delete_batch(cursor, keys, values, BatchFlags::ANY)
                }
                _ => self.map.lookup_batch(cursor, keys, values, BatchFlags::ANY),
            };
            match result {
                Err(error)
                    if error.errno() == Some(Errno::ENOSPC)
                        && self.capacity < most_elements(info) =>
                {
                    self.capacity = (self.capacity * 2).min(most_elements(info));
                }
                // Older kernels give up on a key that keeps vanishing.
                Err(error) if error.errno() == Some(Errno::EINTR) && self.steps < self.limit() => {
                    self.steps += 1;
                }
                Err(error) if self.job == Job::Keys && self.steps == 0 && has_no_values(&error) => {
                    self.key_by_key = true;
                    return self.read_keys();
                }
                result => return result,
            }
        }
    }

    /// As many keys as fit, one by one.
    fn read_keys(&mut self) -> Result<Batch, MapError> {
        self.values.clear();
        self.keys
            .resize(self.capacity.saturating_mul(self.key_size), 0);
        let mut after = self.cursor.token().map(<[u8]>::to_vec);
        let mut count = 0;
        for next in self.keys.chunks_exact_mut(self.key_size.max(1)) {
            if !self.map.next_key(after.as_deref(), next)? {
                return Ok(Batch { count, done: true });
            }
            let after = after.get_or_insert_default();
            after.clear();
            after.extend_from_slice(next);
            count += 1;
        }
        if let Some(last) = after {
            self.cursor.set_token(&last);
        }
        Ok(Batch { count, done: false })
    }

    /// Whether the walk goes from key to key, and so may start over.
    fn goes_by_key(&self) -> bool {
        if self.job == Job::Drain || is_ordered(self.info.map_type) {
            return false;
        }
        let last = self.count.checked_sub(1).map(|last| self.key(last));
        match self.cursor.token() {
            _ if self.key_by_key => true,
            Some(token) => Some(token) == last,
            // All in one call: only hashes are known to be read place by place.
            None => !is_hash(self.info.map_type),
        }
    }
}

/// Element `at` of a buffer of elements of `size` bytes.
fn element(buffer: &[u8], size: usize, at: usize) -> &[u8] {
    let start = at.saturating_mul(size);
    buffer
        .get(start..start.saturating_add(size))
        .unwrap_or_default()
}

/// How many elements `bytes` have room for, at least 1.
fn fit(info: &MapInfo, bytes: usize) -> usize {
    let element = (info.key_size as usize).saturating_add(info.transfer_size());
    (bytes / element.max(1)).max(1)
}

/// More elements than the map can hold at a time: elements on their way in or out of a hash count too.
fn most_elements(info: &MapInfo) -> usize {
    (info.max_entries as usize)
        .saturating_mul(2)
        .saturating_add(64)
}

/// Whether the keys are indices, which cannot be deleted and are walked in order.
fn is_ordered(map_type: MapType) -> bool {
    let indices = map_type.row().is_some_and(|row| row.key == KeyRule::U32);
    indices && map_type != MapType::DEVMAP_HASH
}

/// Whether the map is a hash table, which the kernel reads in batches bucket by bucket.
fn is_hash(map_type: MapType) -> bool {
    matches!(
        map_type,
        MapType::HASH
            | MapType::PERCPU_HASH
            | MapType::LRU_HASH
            | MapType::LRU_PERCPU_HASH
            | MapType::HASH_OF_MAPS
    )
}

/// Whether a walk failed because user space cannot read such values.
fn has_no_values(error: &MapError) -> bool {
    matches!(error, MapError::Unsupported { .. })
        || matches!(
            error.errno(),
            Some(Errno::ENOTSUPP | Errno::EOPNOTSUPP | Errno::EINVAL)
        )
}

/// The elements of a map: see [`MapExt::pairs`](super::MapExt::pairs).
#[derive(Debug)]
pub struct Pairs<'m, M: Map + ?Sized>(pub(super) Walk<'m, M>);

/// The keys of a map: see [`MapExt::keys`](super::MapExt::keys).
#[derive(Debug)]
pub struct Keys<'m, M: Map + ?Sized>(pub(super) Walk<'m, M>);

/// The elements of a map, being deleted: see [`MapExt::drain`](super::MapExt::drain).
#[derive(Debug)]
pub struct Drain<'m, M: Map + ?Sized>(pub(super) Walk<'m, M>);

impl<M: Map + ?Sized> Pairs<'_, M> {
    /// The next key and value where they lie in the walk's buffer, without copying them; `None` at the end.
    ///
    /// # Errors
    /// Those of [`Map::lookup_batch`], and [`MapError::Disturbed`].
    pub fn next_ref(&mut self) -> Result<Option<PairRef<'_>>, MapError> {
        self.0.next()
    }

    /// Whether the walk had to start over so far, because a key that it stood on was deleted.
    pub fn disturbed(&self) -> bool {
        self.0.disturbed()
    }
}

impl<M: Map + ?Sized> Keys<'_, M> {
    /// The next key where it lies in the walk's buffer, without copying it; `None` at the end.
    ///
    /// # Errors
    /// Those of [`Map::next_key`], and [`MapError::Disturbed`].
    pub fn next_ref(&mut self) -> Result<Option<&[u8]>, MapError> {
        Ok(self.0.next()?.map(|(key, _)| key))
    }

    /// Whether the walk had to start over so far, because a key that it stood on was deleted.
    pub fn disturbed(&self) -> bool {
        self.0.disturbed()
    }
}

impl<M: Map + ?Sized> Drain<'_, M> {
    /// The next key and value where they lie in the walk's buffer, without copying them; `None` at the end.
    ///
    /// # Errors
    /// Those of [`Map::lookup_and_delete_batch`].
    pub fn next_ref(&mut self) -> Result<Option<PairRef<'_>>, MapError> {
        self.0.next()
    }
}

impl<M: Map + ?Sized> Iterator for Pairs<'_, M> {
    type Item = Result<Pair, MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        owned_pair(self.0.next())
    }
}

impl<M: Map + ?Sized> Iterator for Keys<'_, M> {
    type Item = Result<Vec<u8>, MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_ref()
            .map(|key| key.map(<[u8]>::to_vec))
            .transpose()
    }
}

impl<M: Map + ?Sized> Iterator for Drain<'_, M> {
    type Item = Result<Pair, MapError>;

    fn next(&mut self) -> Option<Self::Item> {
        owned_pair(self.0.next())
    }
}

fn owned_pair(found: Result<Option<PairRef<'_>>, MapError>) -> Option<Result<Pair, MapError>> {
    let owned = |(key, value): PairRef<'_>| (key.to_vec(), value.to_vec());
    found.map(|pair| pair.map(owned)).transpose()
}
