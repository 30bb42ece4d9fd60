//! What is known of a map that exists.

use std::fmt;
use std::sync::Arc;

use super::{MapError, MapFlags, MapSpec, MapType, MapTypes};
use crate::btf::TypeId;
use crate::program::ProgramType;

/// The number by which a system knows a map while it exists. Since Linux 4.13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapId(pub u32);

impl fmt::Display for MapId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What cannot change while a map exists.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "bpf_map_info")]
pub struct MapInfo {
    /// The map's id; 0 where the system does not tell (Linux before 4.13).
    pub id: MapId,
    /// The full name from its spec; for a map opened by id, path or descriptor the kernel's, cut to 15 bytes.
    pub name: Arc<str>,
    /// The type.
    pub map_type: MapType,
    /// Bytes of a key; 0 for a map without keys.
    pub key_size: u32,
    /// Bytes of a value, of one CPU.
    pub value_size: u32,
    /// How many elements it may hold; bytes for a ring buffer, pages for an arena.
    pub max_entries: u32,
    /// The flags it was created with.
    pub flags: MapFlags,
    /// What the type makes of it: hash functions of a Bloom filter, the address of an arena. Since Linux 5.16.
    pub map_extra: u64,
    /// The interface it is offloaded to, 0 for none.
    pub ifindex: u32,
    /// How many CPUs a per-CPU map has values for.
    pub possible_cpus: u32,
    /// The types of keys and values, where the map was created with them by this process.
    pub types: Option<MapTypes>,
}

impl MapInfo {
    /// What a system that made a map from `spec` knows of it.
    pub fn of(spec: &MapSpec, id: MapId, possible_cpus: u32) -> MapInfo {
        MapInfo {
            id,
            name: spec.name.as_str().into(),
            map_type: spec.map_type,
            key_size: spec.key_size,
            value_size: spec.value_size,
            max_entries: spec.max_entries,
            flags: spec.flags,
            map_extra: spec.map_extra,
            ifindex: spec.ifindex,
            possible_cpus,
            types: spec.types.clone(),
        }
    }

    /// Bytes of one value of one CPU as they lie in a buffer: rounded up to 8 for per-CPU maps.
    pub fn stride(&self) -> usize {
        let size = self.value_size as usize;
        if self.map_type.is_per_cpu() {
            size.next_multiple_of(8)
        } else {
            size
        }
    }

    /// Bytes that a lookup or an update transfers for one element: [`stride`](Self::stride), times the possible CPUs
    /// for per-CPU maps.
    pub fn transfer_size(&self) -> usize {
        if self.map_type.is_per_cpu() {
            self.stride() * self.possible_cpus as usize
        } else {
            self.stride()
        }
    }

    /// Refuses a key of another length than [`key_size`](Self::key_size).
    pub fn check_key(&self, key: &[u8]) -> Result<(), MapError> {
        self.check("key", self.key_size as usize, key.len())
    }

    /// Refuses a value buffer of another length than [`transfer_size`](Self::transfer_size).
    pub fn check_value(&self, value: &[u8]) -> Result<(), MapError> {
        self.check("value", self.transfer_size(), value.len())
    }

    /// Refuses a length that is not the expected one; `what` names the buffer in the error.
    pub fn check(&self, what: &'static str, expected: usize, got: usize) -> Result<(), MapError> {
        if expected == got {
            return Ok(());
        }
        Err(MapError::Size {
            map: self.name.clone(),
            what,
            expected,
            got,
        })
    }
}

/// What may change while a map exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MapState {
    /// Whether user space can no longer write, where the system tells. Since Linux 5.2.
    pub frozen: Option<bool>,
    /// Bytes of memory charged for the map, where the system tells.
    pub memory_bytes: Option<u64>,
    /// The BTF object that describes keys and values, if any.
    pub btf_id: Option<u32>,
    /// The type of keys in it; [`TypeId::VOID`] for none.
    pub key_type: TypeId,
    /// The type of values in it; [`TypeId::VOID`] for none.
    pub value_type: TypeId,
    /// The type of values in the kernel's own BTF, for struct_ops maps; [`TypeId::VOID`] for none.
    pub kernel_value_type: TypeId,
    /// The type of the programs that an array of programs is for, once there was one. Since Linux 4.10.
    pub owner_type: Option<ProgramType>,
    /// Whether those programs are machine code.
    pub owner_jited: Option<bool>,
}

impl MapState {
    /// A state of which nothing is known.
    pub fn new() -> MapState {
        MapState::default()
    }
}
