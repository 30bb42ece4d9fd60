//! Batches: one system call where the kernel has it for the type, else the same by single ones.

use std::sync::atomic::{AtomicU8, Ordering};

use ebpf_sys::bpf_cmd;

use super::map::{KernelMap, present};
use super::sys;
use crate::Errno;
use crate::map::{Batch, BatchCursor, BatchError, BatchFlags, LookupFlags, MapError, UpdateFlags};

/// Which batch commands a map turned out not to have.
#[derive(Debug, Default)]
pub(super) struct BatchSupport(AtomicU8);

impl BatchSupport {
    const TAKE: u8 = 1;
    const TAKE_AND_DELETE: u8 = 2;
    const PUT: u8 = 4;
    const DROP: u8 = 8;

    fn lacks(&self, command: u8) -> bool {
        self.0.load(Ordering::Relaxed) & command != 0
    }

    fn note_lack(&self, command: u8) {
        self.0.fetch_or(command, Ordering::Relaxed);
    }
}

/// How many keys without an element are passed over in one call.
const RETRIES: u32 = 64;

/// Keys up to this long need no allocation to keep a place among them.
const SHORT_KEY: usize = 512;

impl KernelMap {
    /// How many keys are in a buffer of so many bytes, if the buffers match.
    pub(super) fn elements(
        &self,
        op: &'static str,
        keys: usize,
        values: Option<usize>,
    ) -> Result<usize, MapError> {
        let key_size = self.info.key_size as usize;
        let count = keys
            .checked_div(key_size)
            .ok_or_else(|| self.unsupported(op))?;
        self.info.check("keys", count * key_size, keys)?;
        if let Some(values) = values {
            self.info.check(
                "values",
                count.saturating_mul(self.info.transfer_size()),
                values,
            )?;
        }
        Ok(count)
    }

    /// Whether a refusal means that there is no such command for this map, which is remembered.
    fn lacks_batch(&self, command: u8, errno: Errno) -> bool {
        let lacks = match errno {
            Errno::ENOTSUPP | Errno::EOPNOTSUPP => true,
            Errno::EINVAL => !self.system.knows_batches(),
            _ => false,
        };
        if lacks {
            self.batches.note_lack(command);
        }
        lacks
    }

    /// Reads elements after the cursor, and deletes them if asked to.
    pub(super) fn take_batch(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, MapError> {
        let (op, command) = match delete {
            false => ("lookup_batch", BatchSupport::TAKE),
            true => ("lookup_and_delete_batch", BatchSupport::TAKE_AND_DELETE),
        };
        let count = self.elements(op, keys.len(), Some(values.len()))?;
        if count == 0 {
            return Ok(Batch {
                count: 0,
                done: false,
            });
        }
        let refused = |errno| self.refused(op, errno);
        let size = self.fd.token_size();
        let (mut short, mut long) = ([0u8; SHORT_KEY], Vec::new());
        let token = match short.get_mut(..size) {
            Some(token) => token,
            None => {
                long.resize(size, 0);
                &mut long[..]
            }
        };
        if !self.batches.lacks(command) {
            let (read, result) =
                self.fd
                    .take_batch(delete, cursor.token(), token, keys, values, flags.0);
            match result {
                Ok(()) => {
                    cursor.set_token(token);
                    return Ok(Batch {
                        count: read,
                        done: false,
                    });
                }
                // The end; what was read on the way there counts.
                Err(Errno::ENOENT) => {
                    return Ok(Batch {
                        count: read,
                        done: true,
                    });
                }
                Err(errno) if !self.lacks_batch(command, errno) => return Err(refused(errno)),
                Err(_) => {}
            }
        }
        self.take_singly(delete, cursor, token, keys, values, flags)
            .map_err(refused)
    }

    /// [`take_batch`](Self::take_batch) by single operations. The cursor's token is the last key that was read.
    fn take_singly(
        &self,
        delete: bool,
        cursor: &mut BatchCursor,
        token: &mut [u8],
        keys: &mut [u8],
        values: &mut [u8],
        flags: BatchFlags,
    ) -> Result<Batch, Errno> {
        let (key_size, value_size) = (self.info.key_size as usize, self.info.transfer_size());
        let last = token.get_mut(..key_size).ok_or(Errno::EINVAL)?;
        let mut started = false;
        if let Some(from) = cursor.token() {
            last.copy_from_slice(from.get(..key_size).ok_or(Errno::EINVAL)?);
            started = true;
        }
        let mut count = 0;
        let mut done = false;
        let mut values = values.chunks_mut(value_size.max(1));
        let mut retries = RETRIES;
        let mut value = values.next().unwrap_or_default();
        let mut slots = keys.chunks_exact_mut(key_size);
        let mut slot = slots.next();
        while let Some(key) = slot.take() {
            // What is before the place was deleted, so a walk that deletes is always at the first key.
            let after = (started && !delete).then_some(&*last);
            match self.next_key_of_any(after, key) {
                Ok(true) => {}
                Ok(false) => {
                    done = true;
                    break;
                }
                Err(errno) if count == 0 => return Err(errno),
                Err(_) => break,
            }
            let taken = if delete {
                self.take_one(key, value, flags)
            } else {
                present(self.fd.lookup(key, value, flags.0))
            };
            match taken {
                Ok(true) => {
                    last.copy_from_slice(key);
                    started = true;
                    count += 1;
                    retries = RETRIES;
                    slot = slots.next();
                    value = values.next().unwrap_or_default();
                }
                // The element is gone, or the place in the array empty: the one after it is next.
                Ok(false) if retries > 0 => {
                    retries -= 1;
                    last.copy_from_slice(key);
                    started = true;
                    slot = Some(key);
                }
                Ok(false) => break,
                Err(errno) if count == 0 => return Err(errno),
                // What was read is not lost; the next call meets the same refusal.
                Err(_) => break,
            }
        }
        if started {
            // As long as a token of the kernel's batches: one of those may be asked to go on from here.
            cursor.set_token(token);
        }
        Ok(Batch { count, done })
    }

    fn next_key_of_any(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<bool, Errno> {
        match self.fd.next_key(after, next) {
            Err(Errno::EFAULT) if after.is_none() => present(self.first_key_of_old(next)),
            result => present(result),
        }
    }

    /// Reads an element and deletes it, at once where the kernel can.
    fn take_one(&self, key: &[u8], value: &mut [u8], flags: BatchFlags) -> Result<bool, Errno> {
        let flags = flags.0 & LookupFlags::LOCK.0;
        match present(self.fd.lookup_and_delete(key, value, flags)) {
            Err(Errno::ENOTSUPP | Errno::EOPNOTSUPP | Errno::EINVAL) => {
                Ok(present(self.fd.lookup(key, value, flags))? && present(self.fd.delete(key))?)
            }
            result => result,
        }
    }

    /// Writes elements in order.
    pub(super) fn put_batch(
        &self,
        keys: &[u8],
        values: &[u8],
        flags: BatchFlags,
    ) -> Result<usize, BatchError> {
        let op = "update_batch";
        let count = self.elements(op, keys.len(), Some(values.len()))?;
        if count == 0 {
            return Ok(0);
        }
        // The kernel's batches take no condition (as of Linux 6.18); single updates do.
        let conditional = flags.contains(BatchFlags::NO_EXIST) || flags.contains(BatchFlags::EXIST);
        if !conditional && !self.batches.lacks(BatchSupport::PUT) {
            match self.fd.update_batch(keys, values, flags.0) {
                (done, Ok(())) => return Ok(done),
                (done, Err(errno)) if !self.lacks_batch(BatchSupport::PUT, errno) => {
                    return Err(self.stopped(op, done, count, errno));
                }
                _ => {}
            }
        }
        let values = values.chunks_exact(self.info.transfer_size().max(1));
        let update = UpdateFlags(flags.0).0;
        for (done, (key, value)) in keys
            .chunks_exact(self.info.key_size as usize)
            .zip(values)
            .enumerate()
        {
            self.fd
                .update(key, value, update)
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
        if count == 0 {
            return Ok(0);
        }
        if !self.batches.lacks(BatchSupport::DROP) {
            match self.fd.delete_batch(keys, flags.0) {
                (done, Ok(())) => return Ok(done),
                (done, Err(errno)) if !self.lacks_batch(BatchSupport::DROP, errno) => {
                    return Err(self.stopped(op, done, count, errno));
                }
                _ => {}
            }
        }
        for (done, key) in keys.chunks_exact(self.info.key_size as usize).enumerate() {
            self.fd.delete(key).map_err(|errno| BatchError {
                done,
                error: self.refused(op, errno),
            })?;
        }
        Ok(count)
    }

    /// A batch that the kernel stopped. Where it refused before the first element it leaves the count as it was given.
    #[cold]
    fn stopped(&self, op: &'static str, done: usize, count: usize, errno: Errno) -> BatchError {
        BatchError {
            done: if done == count { 0 } else { done },
            error: self.refused(op, errno),
        }
    }
}

/// Whether the kernel has the batch commands at all. Since Linux 5.6.
pub(super) fn known() -> bool {
    sys::try_command(bpf_cmd::BPF_MAP_LOOKUP_BATCH) != Errno::EINVAL
}
