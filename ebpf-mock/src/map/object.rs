//! A map as the simulated kernel keeps it, whoever refers to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ebpf_core::Errno;
use ebpf_core::map::{MapFlags, MapId, MapInfo, MapSpec, MapType};
use parking_lot::Mutex;

use super::array::Array;
use super::device::{CpuMap, DeviceArray, DeviceHash};
use super::hash::Hash;
use super::lpm_trie::LpmTrie;
use super::nested::{HashOfMaps, InnerMaps, ObjectArray, Programs};
use super::socket::Sockets;
use super::storage::LocalStorage;
use super::stream::{Bloom, Stream};
use super::unread::{Cgroups, StackTraces};
use super::{Storage, rules};
use crate::kernel::{BtfObject, Charge, Kernel, kernel_name};

/// A map.
#[derive(Debug)]
pub(crate) struct MapObject {
    /// What the kernel knows of it: the name is cut.
    pub(crate) info: MapInfo,
    pub(crate) storage: Box<dyn Storage>,
    pub(crate) charge: Charge,
    /// The types of keys and values.
    pub(crate) types: Option<Arc<BtfObject>>,
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
        inner: Option<&MapInfo>,
    ) -> Result<Arc<MapObject>, Errno> {
        rules::check(spec)?;
        let storage: Box<dyn Storage> = match spec.map_type {
            MapType::ARRAY | MapType::PERCPU_ARRAY => Box::new(Array::new(kernel, spec)),
            MapType::HASH | MapType::LRU_HASH | MapType::PERCPU_HASH | MapType::LRU_PERCPU_HASH => {
                Box::new(Hash::new(kernel, spec))
            }
            MapType::LPM_TRIE => Box::new(LpmTrie::new(kernel, spec)),
            MapType::QUEUE | MapType::STACK => Box::new(Stream::new(spec)),
            MapType::BLOOM_FILTER => Box::new(Bloom::new(kernel, spec)),
            MapType::PROG_ARRAY => Box::new(ObjectArray::new(Programs::default(), spec)),
            MapType::ARRAY_OF_MAPS => {
                Box::new(ObjectArray::new(inner_maps(kernel, spec, inner)?, spec))
            }
            MapType::HASH_OF_MAPS => Box::new(HashOfMaps::new(
                kernel,
                inner_maps(kernel, spec, inner)?,
                spec,
            )),
            MapType::DEVMAP => Box::new(DeviceArray::new(spec)),
            MapType::DEVMAP_HASH => Box::new(DeviceHash::new(spec)),
            MapType::CPUMAP => Box::new(CpuMap::new(kernel, spec)),
            MapType::SOCKMAP
            | MapType::SOCKHASH
            | MapType::XSKMAP
            | MapType::REUSEPORT_SOCKARRAY => Box::new(Sockets::new(spec)),
            MapType::CGROUP_ARRAY => Box::new(Cgroups::new(spec)),
            MapType::STACK_TRACE => Box::new(StackTraces::new(spec)),
            MapType::SK_STORAGE
            | MapType::INODE_STORAGE
            | MapType::TASK_STORAGE
            | MapType::CGRP_STORAGE => Box::new(LocalStorage::new(kernel, spec)),
            _ => return Err(Errno::EINVAL),
        };
        let types = spec
            .types
            .as_ref()
            .map(|types| kernel.types(&types.btf))
            .transpose()?;
        let charge = kernel.charge(storage.charge())?;
        kernel.maps.insert(|id| {
            let mut info = MapInfo::of(spec, MapId(id), kernel.possible_cpus());
            info.name = kernel_name(&spec.name).into();
            if spec.numa_node.is_some() {
                info.flags |= MapFlags::NUMA_NODE;
            }
            MapObject {
                info,
                storage,
                charge,
                types,
                frozen: AtomicBool::new(false),
                writers: Mutex::new(0),
            }
        })
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Acquire)
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

/// The inner maps of a map of maps, like the template that was given, or else like that of the spec.
fn inner_maps(
    kernel: &Arc<Kernel>,
    spec: &MapSpec,
    inner: Option<&MapInfo>,
) -> Result<InnerMaps, Errno> {
    match (inner, &spec.inner) {
        (Some(inner), _) => InnerMaps::like(inner),
        (None, Some(template)) => InnerMaps::like(&MapObject::create(kernel, template, None)?.info),
        (None, None) => Err(Errno::EBADF),
    }
}
