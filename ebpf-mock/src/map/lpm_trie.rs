//! Longest-prefix-match tries: `kernel/bpf/lpm_trie.c`.
//!
//! Prefixes are kept in the order of the kernel's walk, more specific ones before those that contain them. A lookup asks
//! for each length that there is, the longest first.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};
use parking_lot::RwLock;

use super::Storage;
use super::value::ValueShape;
use crate::engine::memory::ValueMemory;
use crate::kernel::Kernel;
use crate::memory::Slab;
use crate::profile::Change;

/// A trie.
#[derive(Debug)]
pub(super) struct LpmTrie {
    prefixes: RwLock<Prefixes>,
    values: Arc<Slab>,
    shape: ValueShape,
    max_entries: u32,
    /// How many values the machine has memory for.
    room: u32,
    /// Bits of the data of a key.
    bits: u32,
}

#[derive(Debug, Default)]
struct Prefixes {
    /// The slot of each prefix.
    slots: BTreeMap<Prefix, u32>,
    /// How many prefixes have each length.
    lengths: BTreeMap<u32, u32>,
    given_back: Vec<u32>,
}

/// A prefix: its first `length` bits count, the others are as they were given.
#[derive(Clone, Debug)]
struct Prefix {
    length: u32,
    data: Data,
}

/// The data of a key; that of one trie's keys is of one size.
#[derive(Clone, Debug)]
enum Data {
    /// Up to 16 bytes, at the upper end of a number: addresses are no longer.
    Number(u128),
    Bytes(Box<[u8]>),
}

impl Data {
    fn of(bytes: &[u8]) -> Data {
        let mut number = [0; size_of::<u128>()];
        match number.get_mut(..bytes.len()) {
            None => Data::Bytes(bytes.into()),
            Some(start) => {
                start.copy_from_slice(bytes);
                Data::Number(u128::from_be_bytes(number))
            }
        }
    }

    fn write(&self, out: &mut [u8]) {
        let number;
        let bytes = match self {
            Data::Number(data) => {
                number = data.to_be_bytes();
                number.get(..out.len()).unwrap_or_default()
            }
            Data::Bytes(bytes) => bytes,
        };
        out.copy_from_slice(bytes);
    }

    /// How many bits are the same before the first that differs.
    fn common(&self, other: &Data) -> u32 {
        match (self, other) {
            (Data::Number(one), Data::Number(two)) => (one ^ two).leading_zeros(),
            (Data::Bytes(one), Data::Bytes(two)) => {
                let same = one.iter().zip(two).take_while(|(one, two)| one == two);
                let bytes = same.count();
                let bits = match (one.get(bytes), two.get(bytes)) {
                    (Some(one), Some(two)) => (one ^ two).leading_zeros(),
                    _ => 0,
                };
                bytes as u32 * 8 + bits
            }
            _ => 0,
        }
    }

    fn bit(&self, at: u32) -> bool {
        match self {
            Data::Number(data) => data << (at & 127) >> 127 != 0,
            Data::Bytes(bytes) => {
                let byte = bytes.get(at as usize / 8).copied().unwrap_or(0);
                byte & (0x80 >> (at % 8)) != 0
            }
        }
    }
}

impl Prefix {
    /// The key of a map: a length in bits, and data.
    fn of(key: &[u8]) -> Option<Prefix> {
        let (length, data) = key.split_first_chunk()?;
        Some(Prefix {
            length: u32::from_ne_bytes(*length),
            data: Data::of(data),
        })
    }
}

/// The order of a walk that leaves a node after its children.
impl Ord for Prefix {
    fn cmp(&self, other: &Prefix) -> Ordering {
        let shorter = self.length.min(other.length);
        let common = self.data.common(&other.data);
        if common < shorter {
            self.data.bit(common).cmp(&other.data.bit(common))
        } else {
            other.length.cmp(&self.length)
        }
    }
}

impl PartialOrd for Prefix {
    fn partial_cmp(&self, other: &Prefix) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Prefix {
    fn eq(&self, other: &Prefix) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Prefix {}

impl LpmTrie {
    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> LpmTrie {
        let shape = ValueShape::of(spec, kernel);
        // Nodes are allocated one by one, so that nothing else bounds the number.
        let most = kernel.machine.memory / shape.slot_bytes().max(1) as u64;
        let room = spec
            .max_entries
            .min(u32::try_from(most).unwrap_or(u32::MAX));
        LpmTrie {
            prefixes: RwLock::default(),
            values: Arc::new(Slab::new(shape.slot_bytes(), u64::from(room))),
            room,
            shape,
            max_entries: spec.max_entries,
            bits: (spec.key_size - 4) * 8,
        }
    }

    /// The prefix that a key is, if it is not longer than its data.
    fn prefix(&self, key: &[u8]) -> Option<Prefix> {
        Prefix::of(key).filter(|prefix| prefix.length <= self.bits)
    }
}

impl Storage for LpmTrie {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let slot = self.slot(key).ok_or(Errno::ENOENT)?;
        self.shape.read(self.values.slot(slot), value);
        Ok(())
    }

    fn values(&self) -> Option<ValueMemory> {
        let slots = u64::from(self.room);
        Some(self.shape.memory(&self.values, slots))
    }

    fn slot(&self, key: &[u8]) -> Option<u32> {
        let mut wanted = self.prefix(key)?;
        let prefixes = self.prefixes.read();
        for (length, _) in prefixes.lengths.range(..=wanted.length).rev() {
            wanted.length = *length;
            if let Some(slot) = prefixes.slots.get(&wanted) {
                return Some(*slot);
            }
        }
        None
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags.0 > UpdateFlags::EXIST.0 {
            return Err(Errno::EINVAL);
        }
        let prefix = self.prefix(key).ok_or(Errno::EINVAL)?;
        let mut prefixes = self.prefixes.write();
        let prefixes = &mut *prefixes;
        let minds = kernel.machine.has(Change::TrieConditions);
        let flags = if minds { flags } else { UpdateFlags::ANY };
        if !minds && prefixes.slots.len() as u32 >= self.max_entries {
            return Err(Errno::ENOSPC);
        }
        match (prefixes.slots.remove_entry(&prefix), flags) {
            (Some((there, slot)), UpdateFlags::NO_EXIST) => {
                prefixes.slots.insert(there, slot);
                return Err(Errno::EEXIST);
            }
            (None, UpdateFlags::EXIST) => return Err(Errno::ENOENT),
            (Some((_, slot)), _) => {
                // The bits that do not count are those of the last key.
                prefixes.slots.insert(prefix, slot);
                self.shape.write(self.values.slot(slot), value);
                return Ok(());
            }
            (None, _) => {}
        }
        let count = prefixes.slots.len() as u32;
        if count >= self.max_entries {
            return Err(Errno::ENOSPC);
        }
        if count >= self.room {
            return Err(Errno::ENOMEM);
        }
        let slot = prefixes.given_back.pop().unwrap_or(count);
        self.shape.write(self.values.slot(slot), value);
        *prefixes.lengths.entry(prefix.length).or_default() += 1;
        prefixes.slots.insert(prefix, slot);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let prefix = self.prefix(key).ok_or(Errno::EINVAL)?;
        let mut prefixes = self.prefixes.write();
        let slot = prefixes.slots.remove(&prefix).ok_or(Errno::ENOENT)?;
        prefixes.given_back.push(slot);
        if let Some(count) = prefixes.lengths.get_mut(&prefix.length) {
            *count -= 1;
            if *count == 0 {
                prefixes.lengths.remove(&prefix.length);
            }
        }
        Ok(())
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        use std::ops::Bound::{Excluded, Unbounded};
        let prefixes = self.prefixes.read();
        // After a prefix that is not there, the walk begins anew.
        let after = after
            .and_then(|key| self.prefix(key))
            .filter(|prefix| prefixes.slots.contains_key(prefix));
        let following = match &after {
            Some(after) => prefixes.slots.range((Excluded(after), Unbounded)).next(),
            None => prefixes.slots.first_key_value(),
        };
        let (prefix, _) = following.ok_or(Errno::ENOENT)?;
        let (length, data) = next.split_first_chunk_mut().ok_or(Errno::EINVAL)?;
        *length = prefix.length.to_ne_bytes();
        prefix.data.write(data);
        Ok(())
    }

    fn charge(&self) -> u64 {
        // Nodes are allocated one by one.
        256
    }
}
