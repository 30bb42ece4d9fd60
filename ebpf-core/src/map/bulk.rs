//! Many elements at once, by batches of a bounded size.

use super::{BatchError, BatchFlags, Map, MapError};
use crate::Errno;

/// Bytes that are collected before they are written.
const ROOM: usize = 256 << 10;

/// Collects elements and writes them in batches.
pub(super) struct Rows<'m, M: Map + ?Sized> {
    map: &'m M,
    keys: Vec<u8>,
    values: Vec<u8>,
    done: usize,
}

impl<'m, M: Map + ?Sized> Rows<'m, M> {
    pub(super) fn new(map: &'m M) -> Rows<'m, M> {
        Rows {
            map,
            keys: Vec::new(),
            values: Vec::new(),
            done: 0,
        }
    }

    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), BatchError> {
        let info = self.map.info();
        let checked = info.check_key(key).and_then(|()| info.check_value(value));
        if let Err(error) = checked {
            // What came before the faulty element is written, as if they were written one by one.
            self.write()?;
            return Err(self.failed(error));
        }
        if self.keys.len() + self.values.len() + key.len() + value.len() > ROOM {
            self.write()?;
        }
        self.keys.extend_from_slice(key);
        self.values.extend_from_slice(value);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<usize, BatchError> {
        self.write()?;
        Ok(self.done)
    }

    fn write(&mut self) -> Result<(), BatchError> {
        if self.keys.is_empty() && self.values.is_empty() {
            return Ok(());
        }
        let written = self
            .map
            .update_batch(&self.keys, &self.values, BatchFlags::ANY);
        self.keys.clear();
        self.values.clear();
        match written {
            Ok(count) => self.done += count,
            Err(BatchError { done, error }) => {
                self.done += done;
                return Err(self.failed(error));
            }
        }
        Ok(())
    }

    fn failed(&self, error: MapError) -> BatchError {
        BatchError {
            done: self.done,
            error,
        }
    }
}

/// Deletes the elements under `keys`; how many of them were there.
pub(super) fn delete_all<M: Map + ?Sized>(map: &M, keys: &[u8]) -> Result<usize, BatchError> {
    let key_size = map.info().key_size as usize;
    let mut rest = keys;
    let mut deleted = 0;
    while !rest.is_empty() {
        match map.delete_batch(rest, BatchFlags::ANY) {
            Ok(count) => return Ok(deleted + count),
            // The batch stands before a key that is not there: that one is answered.
            Err(error) if error.errno() == Some(Errno::ENOENT) => {
                deleted += error.done;
                let past = error.done.saturating_add(1).saturating_mul(key_size.max(1));
                rest = rest.get(past..).unwrap_or_default();
            }
            Err(BatchError { done, error }) => {
                return Err(BatchError {
                    done: deleted + done,
                    error,
                });
            }
        }
    }
    Ok(deleted)
}
