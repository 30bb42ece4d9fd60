//! What a value is besides bytes: places that user space neither reads nor writes, and a value for each CPU.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};

use super::field::{Field, Special, fields_of};
use crate::engine::kept::Kept;
use crate::engine::memory::ValueMemory;
use crate::kernel::Kernel;
use crate::memory::{self, Slab};
use crate::profile::Change;

/// The shape of a map's values.
#[derive(Clone, Debug)]
pub(crate) struct ValueShape {
    /// Bytes of a value of one CPU.
    pub(crate) size: usize,
    /// How many CPUs it is kept for; `None` for one value in common.
    cpus: Option<u32>,
    /// What is not just bytes, in order.
    fields: Arc<[Field]>,
    /// What such fields keep.
    kept: Option<Arc<Kept>>,
    /// Whether what fills up the value of a CPU stays zero, whatever user space gives for it.
    zero_padding: bool,
}

impl ValueShape {
    /// The values of maps of a spec.
    pub(crate) fn of(spec: &MapSpec, kernel: &Kernel) -> ValueShape {
        let fields = spec.types.as_ref().map(fields_of).unwrap_or_default();
        let keeps = fields.iter().any(|field| field.what != Special::Lock);
        let per_cpu = spec.map_type.is_per_cpu();
        ValueShape {
            size: spec.value_size as usize,
            cpus: per_cpu.then_some(kernel.possible_cpus()),
            fields: fields.into(),
            kept: keeps.then(|| kernel.held.clone()),
            zero_padding: per_cpu
                && !spec.value_size.is_multiple_of(8)
                && kernel.machine.has(Change::ZeroPadding),
        }
    }

    /// Whether each CPU has a value of its own.
    pub(crate) fn is_per_cpu(&self) -> bool {
        self.cpus.is_some()
    }

    /// The condition of an update with these flags. One that is for certain CPUs has none.
    pub(crate) fn condition(&self, flags: UpdateFlags) -> Result<UpdateFlags, Errno> {
        let locked = flags.contains(UpdateFlags::LOCK);
        let cpus = self.cpus.is_some()
            && (flags.contains(UpdateFlags::CPU) || flags.contains(UpdateFlags::ALL_CPUS));
        if cpus {
            let most = u64::from(u32::MAX) & flags.0 > UpdateFlags::ALL_CPUS.0;
            return match locked || most {
                true => Err(Errno::EINVAL),
                false => Ok(UpdateFlags::ANY),
            };
        }
        let condition = UpdateFlags(flags.0 & !UpdateFlags::LOCK.0);
        if condition.0 > UpdateFlags::EXIST.0 || (locked && !self.has_lock()) {
            Err(Errno::EINVAL)
        } else {
            Ok(condition)
        }
    }

    /// Whether a value has a lock.
    pub(crate) fn has_lock(&self) -> bool {
        let is_lock = |field: &Field| field.what == Special::Lock;
        self.fields.iter().any(is_lock)
    }

    /// Whether a value has anything besides bytes.
    pub(crate) fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether values keep something that ends with them.
    pub(crate) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Ends what the value of one CPU keeps, or the one in common.
    pub(crate) fn free_on(&self, slot: &[AtomicU64], cpu: u32) {
        let words = self.stride() / 8;
        let start = self.cpus.map_or(0, |_| cpu as usize * words);
        if let (Some(kept), Some(value)) = (&self.kept, slot.get(start..start + words)) {
            kept.free(value, &self.fields);
        }
    }

    /// The same of the values that the flags of an update mean.
    pub(crate) fn free_as(&self, slot: &[AtomicU64], flags: UpdateFlags) {
        match flags.contains(UpdateFlags::CPU) {
            true => self.free_on(slot, (flags.0 >> 32) as u32),
            false => self.free(slot),
        }
    }

    /// Ends what the value in a slot keeps, or those of all CPUs.
    pub(crate) fn free(&self, slot: &[AtomicU64]) {
        let Some(kept) = &self.kept else {
            return;
        };
        let words = self.stride() / 8;
        for value in slot.chunks(words.max(1)) {
            kept.free(value, &self.fields);
        }
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
            Some(_) => self.write_around(slot, cpu as usize * self.stride(), value),
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
        self.hide(out);
    }

    /// Puts zeros into the places of what is not just bytes.
    #[inline]
    fn hide(&self, out: &mut [u8]) {
        if self.fields.is_empty() {
            return;
        }
        let stride = self.stride();
        for value in out.chunks_mut(stride.max(1)) {
            for field in &*self.fields {
                if let Some(place) = value.get_mut(field.place.clone()) {
                    place.fill(0);
                }
            }
        }
    }

    /// Copies a value, or those of all CPUs, into a slot.
    #[inline]
    pub(crate) fn write(&self, slot: &[AtomicU64], value: &[u8]) {
        if self.fields.is_empty() {
            return memory::write(slot, 0, value);
        }
        let stride = self.stride().max(1);
        for (at, value) in (0..).step_by(stride).zip(value.chunks(stride)) {
            self.write_around(slot, at, value);
        }
    }

    /// Copies the value of one CPU to its place in a slot, but for what is not just bytes.
    fn write_around(&self, slot: &[AtomicU64], at: usize, value: &[u8]) {
        let mut from = 0;
        for field in &*self.fields {
            let bytes = value.get(from..field.place.start).unwrap_or_default();
            memory::write(slot, at + from, bytes);
            from = from.max(field.place.end);
        }
        memory::write(slot, at + from, value.get(from..).unwrap_or_default());
    }

    /// Copies out what the flags of a lookup ask for: everything, or the value of one CPU.
    #[inline]
    pub(crate) fn read_as(&self, slot: &[AtomicU64], flags: LookupFlags, out: &mut [u8]) {
        if flags.contains(LookupFlags::CPU) {
            let cpu = (flags.0 >> 32) as usize;
            memory::read(slot, cpu * self.stride(), out);
            self.hide(out);
        } else {
            self.read(slot, out);
        }
    }

    /// Copies what user space gives to where the flags of an update say: to all CPUs theirs, to one its own, or to all
    /// the same.
    #[inline]
    pub(crate) fn write_as(&self, slot: &[AtomicU64], flags: UpdateFlags, value: &[u8]) {
        let copies = self.cpus.unwrap_or(1);
        if flags.contains(UpdateFlags::CPU) {
            self.write_on(slot, (flags.0 >> 32) as u32, value);
        } else if flags.contains(UpdateFlags::ALL_CPUS) {
            (0..copies).for_each(|cpu| self.write_on(slot, cpu, value));
        } else if self.zero_padding {
            for (cpu, value) in (0..copies).zip(value.chunks(self.stride())) {
                self.write_on(slot, cpu, value.get(..self.size).unwrap_or(value));
            }
        } else {
            self.write(slot, value);
        }
    }

    /// Makes a slot's bytes zeros, as those of an element that is new.
    pub(crate) fn clear(&self, slot: &[AtomicU64]) {
        for word in slot {
            word.store(0, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
