//! Maps without keys: queues, stacks (`kernel/bpf/queue_stack_maps.c`) and Bloom filters (`kernel/bpf/bloom_filter.c`).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use parking_lot::Mutex;

use super::Storage;
use super::jhash::jhash;
use crate::kernel::Kernel;
use crate::memory::Slab;

/// A queue or a stack.
#[derive(Debug)]
pub(super) struct Stream {
    values: Mutex<VecDeque<Box<[u8]>>>,
    length: usize,
    value_size: u64,
    newest_first: bool,
}

impl Stream {
    pub(super) fn new(spec: &MapSpec) -> Stream {
        Stream {
            values: Mutex::default(),
            length: spec.max_entries as usize,
            value_size: u64::from(spec.value_size),
            newest_first: spec.map_type == MapType::STACK,
        }
    }
}

impl Storage for Stream {
    fn lookup(&self, _: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let values = self.values.lock();
        let next = if self.newest_first {
            values.back()
        } else {
            values.front()
        };
        // An empty one leaves zeros.
        value.fill(0);
        value.copy_from_slice(next.ok_or(Errno::ENOENT)?);
        Ok(())
    }

    fn update(&self, _: &Kernel, _: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), Errno> {
        // With `EXIST` a full one drops its oldest value.
        let drops = flags == UpdateFlags::EXIST;
        if flags != UpdateFlags::ANY && !drops {
            return Err(Errno::EINVAL);
        }
        let mut values = self.values.lock();
        if values.len() >= self.length {
            if !drops {
                return Err(Errno::E2BIG);
            }
            values.pop_front();
        }
        values.push_back(value.into());
        Ok(())
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn take(&self, _: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let mut values = self.values.lock();
        let next = if self.newest_first {
            values.pop_back()
        } else {
            values.pop_front()
        };
        value.fill(0);
        value.copy_from_slice(&next.ok_or(Errno::ENOENT)?);
        Ok(())
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn charge(&self) -> u64 {
        (self.length as u64 + 1) * self.value_size
    }
}

/// A Bloom filter.
#[derive(Debug)]
pub(super) struct Bloom {
    words: Slab,
    /// One less than the number of bits, which is a power of two.
    mask: u32,
    hashes: u32,
    seed: u32,
}

impl Bloom {
    /// The hash functions that a filter has when its spec says none.
    const HASHES: u32 = 5;

    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> Bloom {
        let hashes = match spec.map_extra as u32 & 0xf {
            0 => Bloom::HASHES,
            hashes => hashes,
        };
        // As many bits as make about half of them ones: entries * hashes / ln 2, and the next power of two.
        let bits = spec.max_entries.checked_mul(hashes);
        let bits = bits.and_then(|bits| (bits / 5).checked_mul(7));
        let mask = match bits {
            Some(bits) if bits <= 1 << 31 => bits.max(64).next_power_of_two() - 1,
            _ => u32::MAX,
        };
        Bloom {
            words: Slab::new(size_of::<u64>(), (u64::from(mask) + 1) / 64),
            mask,
            hashes,
            seed: kernel.seed_of(spec) as u32,
        }
    }

    /// The word and the bit of each hash function.
    fn places(&self, value: &[u8]) -> impl Iterator<Item = (&AtomicU64, u64)> {
        (0..self.hashes).filter_map(move |n| {
            let bit = jhash(value, self.seed.wrapping_add(n)) & self.mask;
            let word = self.words.slot(bit / 64).first()?;
            Some((word, 1 << (bit % 64)))
        })
    }
}

impl Storage for Bloom {
    fn lookup(&self, _: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let known = self
            .places(value)
            .all(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0);
        if known { Ok(()) } else { Err(Errno::ENOENT) }
    }

    fn update(&self, _: &Kernel, _: &[u8], value: &[u8], flags: UpdateFlags) -> Result<(), Errno> {
        if flags != UpdateFlags::ANY {
            return Err(Errno::EINVAL);
        }
        for (word, bit) in self.places(value) {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(())
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn next_key(&self, _: Option<&[u8]>, _: &mut [u8]) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn charge(&self) -> u64 {
        (u64::from(self.mask) + 1) / 8
    }
}
