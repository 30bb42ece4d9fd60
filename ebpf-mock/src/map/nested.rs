//! Maps whose values are maps or programs: written as descriptors, read as ids. `fd_array_map_*()` in
//! kernel/bpf/arraymap.c, `htab_of_map_*()` in kernel/bpf/hashtab.c, `bpf_map_meta_equal()` in kernel/bpf/map_in_map.c.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapFlags, MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{ProgramSpec, ProgramType};
use parking_lot::RwLock;

use super::array::{index, next_index};
use super::owner::Owner;
use super::table::{Table, WhenFull};
use super::{Buckets, MapObject, Storage};
use crate::kernel::{Kernel, Object};
use crate::profile::Change;
use crate::program::ProgramObject;

/// What the values of a map refer to.
pub(super) trait Referents: fmt::Debug + Send + Sync {
    type Referent: fmt::Debug + Send + Sync;

    /// What a descriptor of user space names, if the map takes it.
    fn accept(&self, kernel: &Kernel, number: u32) -> Result<Arc<Self::Referent>, Errno>;

    /// The type of the programs that it takes.
    fn owner(&self) -> Option<ProgramType> {
        None
    }

    /// The number that user space reads.
    fn id(referent: &Self::Referent) -> u32;

    /// The map that it is.
    fn map(_referent: &Arc<Self::Referent>) -> Option<Arc<MapObject>> {
        None
    }

    /// The program that it is.
    fn program(_referent: &Arc<Self::Referent>) -> Option<Arc<ProgramObject>> {
        None
    }

    /// Whether a program may use the map.
    fn usable_by(&self, _program: &ProgramSpec) -> bool {
        true
    }
}

/// Inner maps, all of the shape of a template.
#[derive(Debug)]
pub(super) struct InnerMaps {
    template: Template,
}

/// What inner maps have in common.
#[derive(Debug)]
struct Template {
    map_type: MapType,
    key_size: u32,
    value_size: u32,
    flags: MapFlags,
    max_entries: u32,
    /// Where values have a lock.
    lock: Option<Range<usize>>,
}

impl InnerMaps {
    /// Inner maps like this one.
    ///
    /// # Errors
    /// `EBADF` if there is none, `EINVAL` for a map of maps, `ENOTSUPP` for types that are no inner maps, and for locks before
    /// Linux 6.2.
    pub(super) fn like(kernel: &Kernel, template: Option<&MapObject>) -> Result<InnerMaps, Errno> {
        let template = template.ok_or(Errno::EBADF)?;
        let inner = &template.info;
        if inner.map_type.holds_maps() {
            return Err(Errno::EINVAL);
        }
        let refused = matches!(
            inner.map_type,
            MapType::PROG_ARRAY
                | MapType::CGROUP_STORAGE
                | MapType::PERCPU_CGROUP_STORAGE
                | MapType::STRUCT_OPS
        );
        let lock = template.lock();
        if refused || (lock.is_some() && !kernel.machine.has(Change::InnerLocks)) {
            return Err(Errno::ENOTSUPP);
        }
        let template = Template {
            map_type: inner.map_type,
            key_size: inner.key_size,
            value_size: inner.value_size,
            flags: inner.flags,
            max_entries: inner.max_entries,
            lock,
        };
        Ok(InnerMaps { template })
    }
}

impl Referents for InnerMaps {
    type Referent = MapObject;

    fn accept(&self, kernel: &Kernel, number: u32) -> Result<Arc<MapObject>, Errno> {
        let map = match kernel.by_descriptor(number) {
            Some(Object::Map(map)) => map,
            Some(_) => return Err(Errno::EINVAL),
            None => return Err(Errno::EBADF),
        };
        let (template, info) = (&self.template, &map.info);
        let same = template.map_type == info.map_type
            && template.key_size == info.key_size
            && template.value_size == info.value_size
            && template.flags == info.flags
            && template.lock == map.lock();
        // Programs look at an array without asking for its length, unless it says that lengths differ.
        let fixed = !kernel.machine.has(Change::InnerLengths)
            || info.map_type == MapType::ARRAY && !template.flags.contains(MapFlags::INNER_MAP);
        if same && (!fixed || template.max_entries == info.max_entries) {
            Ok(map)
        } else {
            Err(Errno::EINVAL)
        }
    }

    fn id(map: &MapObject) -> u32 {
        map.info.id.0
    }

    fn map(map: &Arc<MapObject>) -> Option<Arc<MapObject>> {
        Some(map.clone())
    }
}

/// Programs, all of the kind of the first.
#[derive(Debug, Default)]
pub(super) struct Programs {
    owner: Owner,
}

impl Referents for Programs {
    type Referent = ProgramObject;

    fn accept(&self, kernel: &Kernel, number: u32) -> Result<Arc<ProgramObject>, Errno> {
        match kernel.by_descriptor(number) {
            Some(Object::Program(program)) if self.owner.accepts(&program.spec) => Ok(program),
            Some(_) => Err(Errno::EINVAL),
            None => Err(Errno::EBADF),
        }
    }

    fn owner(&self) -> Option<ProgramType> {
        self.owner.program_type()
    }

    fn id(program: &ProgramObject) -> u32 {
        program.info.id.0
    }

    fn program(program: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        Some(program.clone())
    }

    fn usable_by(&self, program: &ProgramSpec) -> bool {
        self.owner.accepts(program)
    }
}

/// The number that a value of 4 bytes is.
fn number(value: &[u8]) -> Result<u32, Errno> {
    value
        .try_into()
        .map(u32::from_ne_bytes)
        .map_err(|_| Errno::EINVAL)
}

/// An array of maps or programs.
#[derive(Debug)]
pub(super) struct ObjectArray<R: Referents> {
    referents: R,
    slots: RwLock<BTreeMap<u32, Arc<R::Referent>>>,
    length: u32,
}

impl<R: Referents> ObjectArray<R> {
    pub(super) fn new(referents: R, spec: &MapSpec) -> ObjectArray<R> {
        ObjectArray {
            referents,
            slots: RwLock::default(),
            length: spec.max_entries,
        }
    }

    fn stored(&self, key: &[u8]) -> Option<Arc<R::Referent>> {
        self.slots.read().get(&index(key)?).cloned()
    }
}

impl<R: Referents> Storage for ObjectArray<R> {
    fn usable_by(&self, program: &ProgramSpec) -> bool {
        self.referents.usable_by(program)
    }

    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let stored = self.stored(key).ok_or(Errno::ENOENT)?;
        value.copy_from_slice(&R::id(&stored).to_ne_bytes());
        Ok(())
    }

    fn inner(&self, key: &[u8]) -> Option<Arc<MapObject>> {
        R::map(&self.stored(key)?)
    }

    fn program(&self, key: &[u8]) -> Option<Arc<ProgramObject>> {
        R::program(&self.stored(key)?)
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags != UpdateFlags::ANY {
            return Err(Errno::EINVAL);
        }
        let index = index(key)
            .filter(|index| *index < self.length)
            .ok_or(Errno::E2BIG)?;
        let stored = self.referents.accept(kernel, number(value)?)?;
        let old = self.slots.write().insert(index, stored);
        // What ends with its place may take others along: not under the lock.
        drop(old);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let index = index(key)
            .filter(|index| *index < self.length)
            .ok_or(Errno::E2BIG)?;
        let old = self.slots.write().remove(&index);
        old.map(drop).ok_or(Errno::ENOENT)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.length, after, next)
    }

    fn owner(&self) -> Option<ProgramType> {
        self.referents.owner()
    }

    fn charge(&self) -> u64 {
        u64::from(self.length) * 8
    }
}

/// A hash of maps.
#[derive(Debug)]
pub(super) struct HashOfMaps {
    inner: InnerMaps,
    table: Table,
    slots: RwLock<BTreeMap<u32, Arc<MapObject>>>,
}

impl HashOfMaps {
    pub(super) fn new(kernel: &Kernel, inner: InnerMaps, spec: &MapSpec) -> HashOfMaps {
        let seed = kernel.seed_of(spec);
        HashOfMaps {
            inner,
            table: Table::new(
                spec.key_size as usize,
                spec.max_entries,
                seed,
                WhenFull::Refuse,
            ),
            slots: RwLock::default(),
        }
    }
}

impl Storage for HashOfMaps {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let map = self.inner(key).ok_or(Errno::ENOENT)?;
        value.copy_from_slice(&InnerMaps::id(&map).to_ne_bytes());
        Ok(())
    }

    fn inner(&self, key: &[u8]) -> Option<Arc<MapObject>> {
        // In this order: an update has the table's lock when it takes that of the slots.
        let map = |slot| self.slots.read().get(&slot).cloned();
        self.table.read(key, map).flatten()
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let map = self.inner.accept(kernel, number(value)?)?;
        if flags.0 > UpdateFlags::EXIST.0 {
            return Err(Errno::EINVAL);
        }
        let mut old = None;
        let updated = self.table.update(key, flags, |slot, before| {
            let mut slots = self.slots.write();
            slots.insert(slot, map);
            old = before.and_then(|before| slots.remove(&before));
        });
        drop(old);
        updated
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let old = self
            .table
            .remove(key, |slot| self.slots.write().remove(&slot));
        old.map(drop).ok_or(Errno::ENOENT)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        if self.table.next(after, next) {
            Ok(())
        } else {
            Err(Errno::ENOENT)
        }
    }

    fn read_buckets(
        &self,
        from: u32,
        delete: bool,
        keys: &mut [u8],
        values: &mut [u8],
    ) -> Option<Result<Buckets, Errno>> {
        let mut gone = Vec::new();
        let read = self.table.read_buckets(from, delete, keys, |slot, at| {
            let mut slots = self.slots.write();
            let id = slots.get(&slot).map_or(0, |map| InnerMaps::id(map));
            if let Some(value) = values.chunks_mut(size_of::<u32>()).nth(at) {
                value.copy_from_slice(&id.to_ne_bytes());
            }
            if delete {
                gone.extend(slots.remove(&slot));
            }
        });
        // What ends with its place may take others along: not under a lock.
        drop(gone);
        Some(read)
    }

    fn charge(&self) -> u64 {
        u64::from(self.table.max_entries()) * 64
    }
}
