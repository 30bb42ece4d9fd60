//! Batches: what the kernel does in one call for some types, and the same by single operations for the others, as a backend
//! does them. `bpf_map_do_batch()`, `generic_map_lookup_batch()` and its neighbours in kernel/bpf/syscall.c.

use std::sync::atomic::{AtomicU8, Ordering};

use ebpf_core::Errno;
use ebpf_core::map::{
    Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, Map, MapError, MapType, UpdateFlags,
};

use super::handle::{MockMap, only_lock};
use crate::profile::BatchCommand as Command;

/// How many places without an element a read by single operations passes over.
const RETRIES: u32 = 64;

/// Batch commands that a map turned out not to have.
#[derive(Debug, Default)]
pub(super) struct Lacks(AtomicU8);

impl Lacks {
    fn has(&self, command: Command) -> bool {
        self.0.load(Ordering::Relaxed) & 1 << command as u8 != 0
    }

    fn note(&self, command: Command) {
        self.0.fetch_or(1 << command as u8, Ordering::Relaxed);
    }
}

impl MockMap {
    /// How many keys are in a buffer of so many bytes, if the buffers match.
    pub(super) fn elements(
        &self,
        op: &'static str,
        keys: usize,
        values: Option<usize>,
    ) -> Result<usize, MapError> {
        let info = self.info();
        let key_size = info.key_size as usize;
        let count = keys
            .checked_div(key_size)
            .ok_or_else(|| self.unsupported(op))?;
        info.check("keys", count * key_size, keys)?;
        if let Some(values) = values {
            let expected = count.saturating_mul(info.transfer_size());
            info.check("values", expected, values)?;
        }
        Ok(count)
    }

    /// What the kernel asks before the first element of a batch; false where single operations are to do it. They ask for
    /// themselves, so a command that is known to be missing is not tried again.
    fn may_batch(&self, command: Command, flags: BatchFlags) -> Result<bool, Errno> {
        if self.lacks.has(command) {
            return Ok(false);
        }
        if matches!(command, Command::Lookup | Command::Take) {
            self.may_read()?;
        }
        if command != Command::Lookup {
            self.may_write()?;
        }
        let machine = &self.kernel().machine;
        let known = machine.batches(command, self.info().map_type);
        if known {
            only_lock(flags.0)?;
            self.check_lock(flags.0)?;
        } else {
            self.lacks.note(command);
        }
        Ok(known)
    }

    /// Reads elements after the cursor, and deletes them if asked to.
    pub(super) fn read_batch(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        let (op, command) = match delete {
            false => ("lookup_batch", Command::Lookup),
            true => ("lookup_and_delete_batch", Command::Take),
        };
        if self.elements(op, keys.len(), Some(values.len()))? == 0 {
            return Ok(Batch {
                count: 0,
                done: false,
            });
        }
        let refused = |errno| self.refused(op, errno);
        if !self.may_batch(command, flags).map_err(refused)? {
            return self
                .read_singly(delete, cursor, keys, values, flags)
                .map_err(refused);
        }
        if self.info().map_type == MapType::RHASH {
            let read = self.read_growing(delete, cursor, keys, values, flags);
            return read.map_err(refused);
        }
        let number = |token: &[u8]| token.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes));
        let bucket = cursor.token().map_or(Some(0), number);
        let read = bucket.and_then(|from| self.storage().read_buckets(from, delete, keys, values));
        let Some(read) = read else {
            return self
                .read_in_one(cursor, keys, values, flags)
                .map_err(refused);
        };
        let read = read.map_err(refused)?;
        if let Some(next) = read.next {
            cursor.set_token(&next.to_ne_bytes());
        }
        Ok(Batch {
            count: read.count,
            done: read.next.is_none(),
        })
    }

    /// A batch of a type that has no buckets. The cursor's token is the last key that was read, and stays at the end.
    fn read_in_one(
        &self,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, Errno> {
        let info = self.info();
        let mut last = cursor.token().map(<[u8]>::to_vec);
        let mut count = 0;
        let values = values.chunks_mut(info.transfer_size().max(1));
        for (place, room) in keys.chunks_exact_mut(info.key_size as usize).zip(values) {
            loop {
                match self.following(last.as_deref(), place) {
                    Ok(()) => {}
                    Err(Errno::ENOENT) => return Ok(Batch { count, done: true }),
                    Err(errno) => return Err(errno),
                }
                last = Some(place.to_vec());
                match self.lookup(place, room, LookupFlags(flags.0)) {
                    Ok(()) => break,
                    // An empty place: the next one then.
                    Err(Errno::ENOENT) => {}
                    Err(errno) => return Err(errno),
                }
            }
            count += 1;
        }
        if let Some(last) = last {
            cursor.set_token(&last);
        }
        Ok(Batch { count, done: false })
    }

    /// A batch of a hash that grows. The cursor's token is the key to read next: `EAGAIN` where that is gone.
    /// `__rhtab_map_lookup_and_delete_batch()` in kernel/bpf/hashtab.c.
    fn read_growing(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, Errno> {
        let key_size = self.info().key_size as usize;
        let flags = LookupFlags(flags.0);
        let mut next = vec![0; key_size];
        let mut there = match cursor.token() {
            Some(key) => {
                next.copy_from_slice(key.get(..key_size).ok_or(Errno::EINVAL)?);
                true
            }
            None => self.storage().next_key(None, &mut next).is_ok(),
        };
        let mut count = 0;
        let rooms = values.chunks_mut(self.info().transfer_size().max(1));
        for (place, room) in keys.chunks_exact_mut(key_size).zip(rooms) {
            if !there {
                break;
            }
            match self.storage().lookup(&next, room, flags) {
                Err(Errno::ENOENT) if count == 0 => return Err(Errno::EAGAIN),
                read => read?,
            }
            place.copy_from_slice(&next);
            count += 1;
            there = self.storage().next_key(Some(place), &mut next).is_ok();
        }
        if delete {
            for key in keys.chunks_exact(key_size).take(count) {
                // Someone else may have been first.
                let _ = self.storage().delete(key);
            }
        }
        if there {
            // As long as a token of a backend.
            next.resize(key_size.max(size_of::<u32>()), 0);
            cursor.set_token(&next);
        }
        Ok(Batch {
            count,
            done: !there,
        })
    }

    /// A batch by single operations. The cursor's token is the last key that was read.
    fn read_singly(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, Errno> {
        let info = self.info();
        let mut last = cursor.token().map(<[u8]>::to_vec);
        let (mut count, mut done, mut retries) = (0, false, RETRIES);
        let mut values = values.chunks_mut(info.transfer_size().max(1));
        let mut keys = keys.chunks_exact_mut(info.key_size as usize);
        let (mut key, mut value) = (keys.next(), values.next());
        while let Some(place) = key.take() {
            let room = value.take().unwrap_or_default();
            // What is before the place was deleted, so a walk that deletes is always at the first key.
            match self.following(last.as_deref().filter(|_| !delete), place) {
                Ok(()) => {}
                Err(Errno::ENOENT) => {
                    done = true;
                    break;
                }
                Err(errno) if count == 0 => return Err(errno),
                Err(_) => break,
            }
            let read = if delete {
                self.take_one(place, room, flags)
            } else {
                self.lookup(place, room, LookupFlags(flags.0))
            };
            match read {
                Ok(()) => {
                    last = Some(place.to_vec());
                    (count, retries) = (count + 1, RETRIES);
                    (key, value) = (keys.next(), values.next());
                }
                // The element went meanwhile, or is an empty place: the next one then.
                Err(Errno::ENOENT) if retries > 0 => {
                    retries -= 1;
                    last = Some(place.to_vec());
                    (key, value) = (Some(place), Some(room));
                }
                Err(errno) if errno != Errno::ENOENT && count == 0 => return Err(errno),
                Err(_) => break,
            }
        }
        if let Some(last) = last {
            cursor.set_token(&last);
        }
        Ok(Batch { count, done })
    }

    /// Reads an element and deletes it.
    fn take_one(&self, key: &[u8], value: &mut [u8], flags: BatchFlags) -> Result<(), Errno> {
        let flags = LookupFlags(flags.0 & LookupFlags::LOCK.0);
        match self.take(key, value, flags) {
            Err(Errno::ENOTSUPP | Errno::EOPNOTSUPP | Errno::EINVAL) => self
                .lookup(key, value, flags)
                .and_then(|()| self.delete(key)),
            taken => taken,
        }
    }

    /// Writes elements in order.
    pub(super) fn write_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        let op = "update_batch";
        let count = self.elements(op, keys.len(), Some(values.len()))?;
        let conditional = flags.contains(BatchFlags::NO_EXIST) || flags.contains(BatchFlags::EXIST);
        if count > 0 && !conditional {
            self.may_batch(Command::Update, flags)
                .map_err(|errno| self.refused(op, errno))?;
        }
        let info = self.info();
        let keys = keys.chunks_exact(info.key_size as usize);
        let values = values.chunks_exact(info.transfer_size().max(1));
        for (done, (key, value)) in keys.zip(values).enumerate() {
            self.update(key, value, UpdateFlags(flags.0))
                .map_err(|errno| BatchError {
                    done,
                    error: self.refused(op, errno),
                })?;
        }
        Ok(count)
    }

    /// Deletes elements in order, up to the first that is not there.
    pub(super) fn drop_batch(&self, keys: &[u8], flags: BatchFlags) -> Result<usize, BatchError> {
        let op = "delete_batch";
        let count = self.elements(op, keys.len(), None)?;
        if count > 0 {
            self.may_batch(Command::Delete, flags)
                .map_err(|errno| self.refused(op, errno))?;
        }
        for (done, key) in keys.chunks_exact(self.info().key_size as usize).enumerate() {
            self.delete(key).map_err(|errno| BatchError {
                done,
                error: self.refused(op, errno),
            })?;
        }
        Ok(count)
    }
}
