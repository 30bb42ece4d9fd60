//! A map as the simulated kernel keeps it, whoever refers to it.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ebpf_core::Errno;
use ebpf_core::btf::TypeId;
use ebpf_core::map::{MapFlags, MapId, MapInfo, MapSpec, MapType, MapTypes};
use ebpf_core::system::{Feature, Support};
use parking_lot::Mutex;

use super::arena::Arena;
use super::array::Array;
use super::cgroup_storage::CgroupStorage;
use super::device::{CpuMap, DeviceArray, DeviceHash};
use super::field::{Field, Special, fields_of};
use super::hash::Hash;
use super::insn_array::InsnArray;
use super::lpm_trie::LpmTrie;
use super::nested::{HashOfMaps, InnerMaps, ObjectArray, Programs};
use super::perf_event_array::PerfEventArray;
use super::ringbuf::{RingBuffer, RingMap};
use super::socket::Sockets;
use super::stack_trace::StackTraces;
use super::storage::LocalStorage;
use super::stream::{Bloom, Stream};
use super::struct_ops::{Layout, StructOps};
use super::unread::Cgroups;
use super::user_ringbuf::UserRing;
use super::{Storage, rules, types};
use crate::engine::kept::Kept;
use crate::kernel::{BtfObject, Charge, Kernel, kernel_name};

/// A map.
#[derive(Debug)]
pub(crate) struct MapObject {
    /// What the kernel knows of it: the name is cut.
    pub(crate) info: MapInfo,
    pub(crate) storage: Box<dyn Storage>,
    pub(crate) charge: Charge,
    /// The types of keys and values.
    pub(crate) types: Option<(Arc<BtfObject>, MapTypes)>,
    /// The type of values in the kernel's own types.
    pub(crate) kernel_value_type: TypeId,
    /// Whether values have a lock, which `BPF_F_LOCK` takes.
    pub(crate) has_lock: bool,
    /// What values have besides bytes, in order.
    pub(crate) fields: Vec<Field>,
    /// How many descriptors and pins there are: without any, nothing is put off.
    users: AtomicU64,
    kept: Arc<Kept>,
    frozen: AtomicBool,
    /// How many times it is mapped to be written. Freezing wants none, and mapping wants it not frozen.
    writers: Mutex<u32>,
}

impl MapObject {
    /// Makes a map.
    ///
    /// `inner` is the template of a map of maps, where one was given.
    pub(crate) fn create(
        kernel: &Arc<Kernel>,
        spec: &MapSpec,
        inner: Option<&MapObject>,
    ) -> Result<Arc<MapObject>, Errno> {
        let type_is_there = Feature::MapType(spec.map_type);
        if crate::profile::probe(&kernel.machine, type_is_there) != Support::Yes {
            return Err(Errno::EINVAL);
        }
        let full = &rules::as_known(spec, &kernel.machine);
        rules::check(full, &kernel.machine)?;
        if !kernel.machine.may_make(spec.map_type) {
            return Err(Errno::EPERM);
        }
        match spec.ifindex {
            0 => rules::check_allocation(full, &kernel.machine)?,
            // An interface that keeps the map has its own rules.
            _ => return Err(kernel.offload(full)),
        }
        let mut spec = types::kept(full);
        rules::check(&spec, &kernel.machine)?;
        rules::round(&mut spec, kernel.possible_cpus());
        let mut layout = None;
        if spec.map_type == MapType::STRUCT_OPS {
            let structure = spec.struct_ops.as_deref().ok_or(Errno::EINVAL)?;
            let found = Layout::of(kernel.machine.target_btf.as_deref(), structure)?;
            // The kernel's own structure decides of the size.
            spec.value_size = found.size;
            layout = Some(found);
        }
        let spec = &spec;
        let storage: Box<dyn Storage> = match spec.map_type {
            MapType::ARRAY | MapType::PERCPU_ARRAY => Box::new(Array::new(kernel, spec)),
            MapType::HASH
            | MapType::LRU_HASH
            | MapType::PERCPU_HASH
            | MapType::LRU_PERCPU_HASH
            | MapType::RHASH => Box::new(Hash::new(kernel, spec)),
            MapType::LPM_TRIE => Box::new(LpmTrie::new(kernel, spec)),
            MapType::QUEUE | MapType::STACK => Box::new(Stream::new(spec)),
            MapType::BLOOM_FILTER => Box::new(Bloom::new(kernel, spec)),
            MapType::PROG_ARRAY => Box::new(ObjectArray::new(Programs::default(), spec)),
            MapType::ARRAY_OF_MAPS => {
                Box::new(ObjectArray::new(InnerMaps::like(kernel, inner)?, spec))
            }
            MapType::HASH_OF_MAPS => {
                let inner = InnerMaps::like(kernel, inner)?;
                rules::buckets(spec)?;
                Box::new(HashOfMaps::new(kernel, inner, spec))
            }
            MapType::DEVMAP => Box::new(DeviceArray::new(spec)),
            MapType::DEVMAP_HASH => Box::new(DeviceHash::new(spec)),
            MapType::CPUMAP => Box::new(CpuMap::new(kernel, spec)),
            MapType::SOCKMAP
            | MapType::SOCKHASH
            | MapType::XSKMAP
            | MapType::REUSEPORT_SOCKARRAY => Box::new(Sockets::new(kernel, spec)),
            MapType::CGROUP_ARRAY => Box::new(Cgroups::new(spec)),
            MapType::STACK_TRACE => Box::new(StackTraces::new(spec)),
            MapType::RINGBUF => Box::new(RingMap::<RingBuffer>::new(spec)),
            MapType::USER_RINGBUF => Box::new(RingMap::<UserRing>::new(spec)),
            MapType::PERF_EVENT_ARRAY => Box::new(PerfEventArray::new(spec)),
            MapType::SK_STORAGE
            | MapType::INODE_STORAGE
            | MapType::TASK_STORAGE
            | MapType::CGRP_STORAGE => Box::new(LocalStorage::new(kernel, spec)),
            MapType::CGROUP_STORAGE | MapType::PERCPU_CGROUP_STORAGE => {
                Box::new(CgroupStorage::new(kernel, spec))
            }
            MapType::STRUCT_OPS => {
                let layout = layout.clone().ok_or(Errno::EINVAL)?;
                Box::new(StructOps::new(kernel, spec, layout))
            }
            MapType::ARENA => Box::new(Arena::new(spec)),
            MapType::INSN_ARRAY => Box::new(InsnArray::new(spec)),
            _ => return Err(Errno::EINVAL),
        };
        let types = spec
            .types
            .as_ref()
            .map(|types| Ok((kernel.types(&types.btf)?, types.clone())))
            .transpose()?;
        let fields = spec.types.as_ref().map(fields_of).unwrap_or_default();
        let charge = kernel.charge(storage.charge())?;
        kernel.maps.insert(|id| {
            let mut info = MapInfo::of(spec, MapId(id), kernel.possible_cpus());
            info.name = kernel_name(&spec.name).into();
            info.types = full.types.clone();
            if spec.numa_node.is_some() {
                info.flags |= MapFlags::NUMA_NODE;
            }
            if matches!(spec.map_type, MapType::DEVMAP | MapType::DEVMAP_HASH) {
                info.flags |= MapFlags::RDONLY_PROG;
            }
            // Those are of the descriptor, not of the map.
            info.flags.0 &= !rules::DESCRIPTOR.0;
            MapObject {
                info,
                storage,
                charge,
                types,
                kernel_value_type: layout.map_or(TypeId::VOID, |layout| layout.value_type),
                has_lock: fields.iter().any(|field| field.what == Special::Lock),
                fields,
                users: AtomicU64::new(0),
                kept: kernel.held.clone(),
                frozen: AtomicBool::new(false),
                writers: Mutex::new(0),
            }
        })
    }

    /// Where values have a lock.
    pub(super) fn lock(&self) -> Option<Range<usize>> {
        let (_, types) = self.types.as_ref()?;
        let fields = fields_of(types);
        let mut fields = fields.into_iter();
        fields
            .find(|field| field.what == Special::Lock)
            .map(|field| field.place)
    }

    /// What a value has at a byte.
    pub(crate) fn field_at(&self, at: u64) -> Option<&Field> {
        let at = usize::try_from(at).ok()?;
        self.fields.iter().find(|field| field.place.start == at)
    }

    /// Whether user space refers to it.
    pub(crate) fn is_used(&self) -> bool {
        self.users.load(Ordering::Acquire) > 0
    }

    /// Counts a descriptor or pin.
    pub(crate) fn add_user(&self) {
        self.users.fetch_add(1, Ordering::AcqRel);
    }

    /// Counts one less. With the last one all that is put off ends: `map_release_uref` of maps.
    pub(crate) fn drop_user(&self) {
        if self.users.fetch_sub(1, Ordering::AcqRel) == 1 && !self.fields.is_empty() {
            self.kept.deferred.free_map(self.info.id);
        }
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Acquire)
    }

    /// Refuses to freeze what programs would go on to write, whoever asks.
    pub(crate) fn check_freezable(&self) -> Result<(), Errno> {
        if !self.fields.is_empty() || self.info.map_type == MapType::STRUCT_OPS {
            Err(Errno::ENOTSUPP)
        } else {
            Ok(())
        }
    }

    /// Ends writing from user space.
    pub(crate) fn freeze(&self) -> Result<(), Errno> {
        let writers = self.writers.lock();
        if *writers > 0 || self.is_frozen() {
            return Err(Errno::EBUSY);
        }
        self.frozen.store(true, Ordering::Release);
        Ok(())
    }

    /// Counts one that may write to the map's memory, if that is allowed.
    pub(crate) fn start_writing(&self) -> bool {
        let mut writers = self.writers.lock();
        let allowed = !self.is_frozen() && !self.info.flags.contains(MapFlags::RDONLY_PROG);
        if allowed {
            *writers += 1;
        }
        allowed
    }

    /// Counts one less.
    pub(crate) fn stop_writing(&self) {
        *self.writers.lock() -= 1;
    }
}
