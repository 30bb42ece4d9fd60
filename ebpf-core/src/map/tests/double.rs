//! A map in memory for the tests of views: simple semantics, and knobs for the ways in which walks go wrong.

use std::sync::Mutex;

use super::*;
use crate::event::{EventError, EventOptions, EventProducer, EventSource};

/// How the double answers batch calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batches {
    /// By place, as the kernel's hashes: so many buckets, each given whole or not at all.
    Buckets(usize),
    /// From key to key, at most so many at a time; from the first key when the one it stands on is gone.
    Keys(usize),
    /// Not at all: user space cannot read the values.
    None,
}

type Element = (Vec<u8>, Vec<u8>);
type Hook = Box<dyn FnMut(&mut Vec<Element>, &[u8]) + Send>;

pub(super) struct Double {
    info: MapInfo,
    system: SystemId,
    batches: Batches,
    elements: Mutex<Vec<Element>>,
    /// Called with the elements and the last key after each batch of a walk and each `next_key`.
    hook: Mutex<Option<Hook>>,
    /// The flags of the last update.
    flags: Mutex<UpdateFlags>,
    calls: Mutex<usize>,
}

impl std::fmt::Debug for Double {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Double({})", self.info.name)
    }
}

impl Double {
    pub(super) fn new(
        map_type: MapType,
        key_size: u32,
        value_size: u32,
        max_entries: u32,
        batches: Batches,
    ) -> Double {
        let spec = MapSpec::new("double", map_type, key_size, value_size, max_entries);
        Double::of(&spec, batches)
    }

    pub(super) fn of(spec: &MapSpec, batches: Batches) -> Double {
        Double {
            info: MapInfo::of(spec, MapId(1), 4),
            system: SystemId(7),
            batches,
            elements: Mutex::default(),
            hook: Mutex::default(),
            flags: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// Puts elements in, also more than the map says that it holds.
    pub(super) fn with_elements(self, elements: impl IntoIterator<Item = Element>) -> Double {
        self.elements().extend(elements);
        self
    }

    pub(super) fn in_system(mut self, system: SystemId) -> Double {
        self.system = system;
        self
    }

    pub(super) fn with_hook(
        self,
        hook: impl FnMut(&mut Vec<Element>, &[u8]) + Send + 'static,
    ) -> Double {
        *self.hook.lock().expect("no panic") = Some(Box::new(hook));
        self
    }

    pub(super) fn last_flags(&self) -> UpdateFlags {
        *self.flags.lock().expect("no panic")
    }

    pub(super) fn calls(&self) -> usize {
        *self.calls.lock().expect("no panic")
    }

    fn os(&self, op: &'static str, errno: Errno) -> MapError {
        MapError::os(op, &self.info.name, self.info.map_type, errno)
    }

    fn unsupported(&self, op: &'static str) -> MapError {
        MapError::Unsupported {
            op,
            map: self.info.name.clone(),
            map_type: self.info.map_type,
        }
    }

    fn elements(&self) -> std::sync::MutexGuard<'_, Vec<Element>> {
        *self.calls.lock().expect("no panic") += 1;
        self.elements.lock().expect("no panic")
    }

    fn disturb(&self, elements: &mut Vec<Element>, last: &[u8]) {
        if let Some(hook) = &mut *self.hook.lock().expect("no panic") {
            hook(elements, last);
        }
    }

    fn bucket(&self, key: &[u8], buckets: usize) -> usize {
        key.iter().map(|&byte| usize::from(byte)).sum::<usize>() % buckets
    }

    fn batch(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
    ) -> Result<Batch, MapError> {
        let mut elements = self.elements();
        let (key_size, value_size) = (self.info.key_size as usize, self.info.transfer_size());
        let room = keys.len() / key_size;
        assert_eq!(values.len(), room * value_size, "buffers match");
        let mut found: Vec<Element> = Vec::new();
        let done = match self.batches {
            Batches::None => return Err(self.os("lookup_batch", Errno::ENOTSUPP)),
            Batches::Buckets(buckets) => {
                let read = |token: &[u8]| u32::from_ne_bytes(token.try_into().expect("ours"));
                let mut bucket = cursor.token().map_or(0, read) as usize;
                while bucket < buckets {
                    let inside = |element: &&Element| self.bucket(&element.0, buckets) == bucket;
                    let next: Vec<Element> = elements.iter().filter(inside).cloned().collect();
                    if found.is_empty() && next.len() > room {
                        return Err(self.os("lookup_batch", Errno::ENOSPC));
                    }
                    if found.len() + next.len() > room {
                        break;
                    }
                    found.extend(next);
                    bucket += 1;
                }
                cursor.set_token(&(bucket as u32).to_ne_bytes());
                bucket == buckets
            }
            Batches::Keys(most) => {
                let at = |key: &[u8]| elements.iter().position(|element| element.0 == key);
                let start = cursor.token().and_then(at).map_or(0, |at| at + 1);
                let rest = elements.iter().skip(start);
                found.extend(rest.take(room.min(most)).cloned());
                if let Some((last, _)) = found.last() {
                    cursor.set_token(last);
                }
                // What deletes as it reads is at the end when nothing is left.
                if delete {
                    found.is_empty()
                } else {
                    start + found.len() == elements.len()
                }
            }
        };
        for (at, (key, value)) in found.iter().enumerate() {
            keys[at * key_size..][..key_size].copy_from_slice(key);
            values[at * value_size..][..value_size].copy_from_slice(value);
        }
        if delete {
            elements.retain(|element| !found.contains(element));
        }
        if let Some((last, _)) = found.last() {
            self.disturb(&mut elements, last);
        }
        Ok(Batch {
            count: found.len(),
            done,
        })
    }
}

impl Map for Double {
    fn info(&self) -> &MapInfo {
        &self.info
    }

    fn query(&self) -> Result<MapState, MapError> {
        Ok(MapState::new())
    }

    fn handle(&self) -> Handle {
        Handle::new(self.system, 3)
    }

    fn lookup_elem(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        self.info.check_value(value)?;
        let elements = self.elements();
        let found = elements.iter().find(|element| element.0 == key);
        if let Some((_, found)) = found {
            value.copy_from_slice(found);
        }
        Ok(found.is_some())
    }

    fn update_elem(&self, key: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), MapError> {
        self.info.check_key(key)?;
        self.info.check_value(value)?;
        *self.flags.lock().expect("no panic") = flags;
        let mut elements = self.elements();
        let full = elements.len() == self.info.max_entries as usize;
        match elements.iter_mut().find(|element| element.0 == key) {
            Some(_) if flags == UpdateFlags::NO_EXIST => Err(self.os("update", Errno::EEXIST)),
            None if flags == UpdateFlags::EXIST => Err(self.os("update", Errno::ENOENT)),
            None if full => Err(self.os("update", Errno::E2BIG)),
            Some((_, found)) => {
                found.copy_from_slice(value);
                Ok(())
            }
            None => {
                elements.push((key.to_vec(), value.to_vec()));
                Ok(())
            }
        }
    }

    fn delete_elem(&self, key: &[u8]) -> Result<bool, MapError> {
        self.info.check_key(key)?;
        let mut elements = self.elements();
        let before = elements.len();
        elements.retain(|element| element.0 != key);
        Ok(elements.len() != before)
    }

    fn lookup_and_delete_elem(
        &self,
        key: &[u8],
        value: &mut [u8],
        flags: LookupFlags,
    ) -> Result<bool, MapError> {
        Ok(self.lookup_elem(key, value, flags)? && self.delete_elem(key)?)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, MapError> {
        let mut elements = self.elements();
        let at = |key: &[u8]| elements.iter().position(|element| element.0 == key);
        let start = after.and_then(at).map_or(0, |at| at + 1);
        let Some((key, _)) = elements.get(start).cloned() else {
            return Ok(false);
        };
        next.copy_from_slice(&key);
        self.disturb(&mut elements, &key);
        Ok(true)
    }

    fn lookup_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        _: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.batch(false, cursor, keys, values)
    }

    fn lookup_and_delete_batch(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        _: BatchFlags,
    ) -> Result<Batch, MapError> {
        self.batch(true, cursor, keys, values)
    }

    fn update_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        let keys = keys.chunks_exact(self.info.key_size as usize);
        let values = values.chunks_exact(self.info.transfer_size());
        let count = keys.len();
        for (done, (key, value)) in keys.zip(values).enumerate() {
            self.update_elem(key, value, UpdateFlags(flags.0))
                .map_err(|error| BatchError { done, error })?;
        }
        Ok(count)
    }

    fn delete_batch(&self, keys: &[u8], _: BatchFlags) -> Result<usize, BatchError> {
        let keys = keys.chunks_exact(self.info.key_size as usize);
        let count = keys.len();
        for (done, key) in keys.enumerate() {
            if !self.delete_elem(key)? {
                let error = self.os("delete_batch", Errno::ENOENT);
                return Err(BatchError { done, error });
            }
        }
        Ok(count)
    }

    fn lookup_many(
        &self,
        keys: &[u8],
        values: &mut [u8],
        found: &mut [bool],
    ) -> Result<(), MapError> {
        let keys = keys.chunks_exact(self.info.key_size as usize);
        let values = values.chunks_exact_mut(self.info.transfer_size());
        for ((key, value), found) in keys.zip(values).zip(found) {
            *found = self.lookup_elem(key, value, LookupFlags::NONE)?;
        }
        Ok(())
    }

    fn memory(&self) -> Result<Arc<dyn Memory>, MapError> {
        Err(self.unsupported("memory"))
    }

    fn open_events(&self, _: &EventOptions) -> Result<Box<dyn EventSource>, EventError> {
        Err(self.unsupported("open_events").into())
    }

    fn open_producer(&self) -> Result<Box<dyn EventProducer>, EventError> {
        Err(self.unsupported("open_producer").into())
    }

    fn freeze(&self) -> Result<(), MapError> {
        Ok(())
    }

    fn pin(&self, _: &Path) -> Result<(), MapError> {
        Ok(())
    }
}
