//! What a value is besides bytes: places that user space neither reads nor writes, and a value for each CPU.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::btf::Kind;
use ebpf_core::map::{MapSpec, MapTypes};

use crate::engine::memory::ValueMemory;
use crate::memory::{self, Slab};

/// The shape of a map's values.
#[derive(Clone, Debug)]
pub(crate) struct ValueShape {
    /// Bytes of a value of one CPU.
    pub(crate) size: usize,
    /// How many CPUs it is kept for; `None` for one value in common.
    cpus: Option<u32>,
    /// The place of `struct bpf_spin_lock`.
    lock: Option<Range<usize>>,
}

impl ValueShape {
    /// The values of maps of a spec, on a system of so many possible CPUs.
    pub(crate) fn of(spec: &MapSpec, cpus: u32) -> ValueShape {
        ValueShape {
            size: spec.value_size as usize,
            cpus: spec.map_type.is_per_cpu().then_some(cpus),
            lock: spec.types.as_ref().and_then(lock_in),
        }
    }

    /// Whether a value has a lock.
    pub(crate) fn has_lock(&self) -> bool {
        self.lock.is_some()
    }

    /// The memory of values of this shape, as programs get pointers to them.
    pub(crate) fn memory(&self, slab: &Arc<Slab>, slots: u64) -> ValueMemory {
        ValueMemory {
            slab: slab.clone(),
            size: self.size,
            copies: self.cpus.unwrap_or(1),
            slots,
        }
    }

    /// Copies the value of one CPU into a slot.
    pub(crate) fn write_on(&self, slot: &[AtomicU64], cpu: u32, value: &[u8]) {
        match self.cpus {
            Some(_) => memory::write(slot, cpu as usize * self.stride(), value),
            None => self.write(slot, value),
        }
    }

    /// Bytes from the value of one CPU to that of the next.
    fn stride(&self) -> usize {
        self.size.next_multiple_of(8)
    }

    /// Bytes of a slot that keeps a value.
    pub(crate) fn slot_bytes(&self) -> usize {
        self.stride() * self.cpus.map_or(1, |cpus| cpus as usize)
    }

    /// Bytes that user space gives or takes as a value.
    pub(crate) fn transfer_bytes(&self) -> usize {
        match self.cpus {
            Some(_) => self.slot_bytes(),
            None => self.size,
        }
    }

    /// Copies a value, or those of all CPUs, out of a slot.
    #[inline]
    pub(crate) fn read(&self, slot: &[AtomicU64], out: &mut [u8]) {
        memory::read(slot, 0, out);
        if let Some(lock) = &self.lock
            && let Some(place) = out.get_mut(lock.clone())
        {
            place.fill(0);
        }
    }

    /// Copies a value, or those of all CPUs, into a slot.
    #[inline]
    pub(crate) fn write(&self, slot: &[AtomicU64], value: &[u8]) {
        match &self.lock {
            None => memory::write(slot, 0, value),
            Some(lock) => {
                let (before, rest) = value.split_at(lock.start.min(value.len()));
                memory::write(slot, 0, before);
                let after = rest.get(lock.len()..).unwrap_or_default();
                memory::write(slot, lock.end, after);
            }
        }
    }

    /// Makes a slot's bytes zeros, as those of an element that is new.
    pub(crate) fn clear(&self, slot: &[AtomicU64]) {
        for word in slot {
            word.store(0, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

/// Where a value's type has a lock.
pub(super) fn lock_in(types: &MapTypes) -> Option<Range<usize>> {
    let fields = types.btf.fields(types.value).ok()?;
    let lock = fields.into_iter().find(|field| {
        let inner = types.btf.resolve(field.type_id);
        inner.is_ok_and(|inner| inner.kind() == Kind::STRUCT && inner.name() == "bpf_spin_lock")
    })?;
    let start = lock.offset as usize;
    Some(start..start + lock.size as usize)
}
