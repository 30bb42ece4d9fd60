//! Maps without keys: queues, stacks (`kernel/bpf/queue_stack_maps.c`) and Bloom filters (`kernel/bpf/bloom_filter.c`).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, MapType, UpdateFlags};
use parking_lot::Mutex;

use super::Storage;
use crate::kernel::Kernel;

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
    fn lookup(&self, _: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        if flags != LookupFlags::NONE {
            return Err(Errno::EINVAL);
        }
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

    fn take(&self, _: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        if flags != LookupFlags::NONE {
            return Err(Errno::EINVAL);
        }
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
    bits: Box<[AtomicU64]>,
    /// One less than the number of bits, which is a power of two.
    mask: u32,
    hashes: u32,
    seed: u64,
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
        let bits = u64::from(spec.max_entries) * u64::from(hashes) * 7 / 5;
        let bits = bits.clamp(64, 1 << 32).next_power_of_two().min(1 << 32);
        Bloom {
            bits: (0..bits / 64).map(|_| AtomicU64::new(0)).collect(),
            mask: (bits - 1) as u32,
            hashes,
            seed: kernel.draw_seed(),
        }
    }

    /// The word and the bit of each hash function.
    fn places(&self, value: &[u8]) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let (one, two) = (digest(value, self.seed), digest(value, !self.seed) | 1);
        (0..u64::from(self.hashes)).filter_map(move |n| {
            let bit = (one.wrapping_add(n.wrapping_mul(two)) >> 16) as u32 & self.mask;
            let word = self.bits.get(bit as usize / 64)?;
            Some((word, 1 << (bit % 64)))
        })
    }
}

fn digest(bytes: &[u8], seed: u64) -> u64 {
    bytes
        .iter()
        .fold(seed ^ 0x9e37_79b9_7f4a_7c15, |state, byte| {
            let wide = u128::from(state ^ u64::from(*byte)) * 0xd6e8_feb8_6659_fd93;
            wide as u64 ^ (wide >> 64) as u64
        })
}

impl Storage for Bloom {
    fn lookup(&self, _: &[u8], value: &mut [u8], flags: LookupFlags) -> Result<(), Errno> {
        if flags != LookupFlags::NONE {
            return Err(Errno::EINVAL);
        }
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
        self.bits.len() as u64 * 8
    }
}
