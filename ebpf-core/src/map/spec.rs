//! What a map is to be: plain data that can be edited before a system creates the map.

use std::path::PathBuf;
use std::sync::Arc;

use super::{KeyRule, MapFlags, MapType, ValueRule};
use crate::btf::{Btf, TypeId};

/// What a map is to be.
///
/// Plain, editable data: no descriptor, no kernel. [`System::create_map`](crate::System::create_map) makes a map of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MapSpec {
    /// The name, of any length; the kernel keeps the first 15 bytes.
    pub name: String,
    /// The type.
    pub map_type: MapType,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value, of one CPU.
    pub value_size: u32,
    /// How many elements it may hold; bytes for a ring buffer, pages for an arena.
    pub max_entries: u32,
    /// Flags of its creation.
    pub flags: MapFlags,
    /// The NUMA node of its memory; sets `BPF_F_NUMA_NODE`.
    pub numa_node: Option<u32>,
    /// What the type makes of it. Since Linux 5.16.
    pub map_extra: u64,
    /// The interface to offload to, 0 for none.
    pub ifindex: u32,
    /// The template of the inner maps, for maps of maps.
    pub inner: Option<Box<MapSpec>>,
    /// Whether and where to share it through a bpffs.
    pub pinning: Pinning,
    /// The types of keys and values.
    pub types: Option<MapTypes>,
    /// The name of the kernel structure whose callbacks it holds, for struct_ops maps.
    pub struct_ops: Option<String>,
    /// What is written before programs are loaded (program-array slots: after).
    pub contents: Vec<InitialEntry>,
    /// Whether user space gives up writing once the contents are in place (`.rodata`, `.kconfig`).
    pub freeze: bool,
    /// Whether it is created only when asked for: the name of its section begins with `?`.
    pub optional: bool,
}

/// Whether and where a map is shared through a bpffs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pinning {
    /// Not at all.
    #[default]
    None,
    /// Under its name in the directory given to the loader. `LIBBPF_PIN_BY_NAME`.
    #[doc(alias = "LIBBPF_PIN_BY_NAME")]
    ByName,
    /// At this path, as goebpf's `persistent_path`.
    Path(PathBuf),
}

/// The BTF types of a map's keys and values.
#[derive(Clone, Debug)]
pub struct MapTypes {
    /// Where the types are.
    pub btf: Arc<Btf>,
    /// The key's type; [`TypeId::VOID`] for none.
    pub key: TypeId,
    /// The value's type; [`TypeId::VOID`] for none.
    pub value: TypeId,
}

/// One element that a map starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialEntry {
    /// The key, in the byte order of the object.
    pub key: Vec<u8>,
    /// The value.
    pub value: InitialValue,
}

/// The value of an element that a map starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitialValue {
    /// Bytes, in the byte order of the object.
    Bytes(Arc<[u8]>),
    /// A map of the same object, by name.
    Map(Arc<str>),
    /// A program of the same object, by name.
    Program(Arc<str>),
}

impl MapSpec {
    /// A map of this name, type and shape, with nothing special about it.
    ///
    /// Flags without which no kernel makes a map of the type are set: `BPF_F_NO_PREALLOC` of LPM tries, resizable hashes and
    /// local storage, `BPF_F_MMAPABLE` of arenas. Maps of objects have just the flags of their source.
    pub fn new(
        name: impl Into<String>,
        map_type: MapType,
        key_size: u32,
        value_size: u32,
        max_entries: u32,
    ) -> MapSpec {
        let flags = match map_type {
            MapType::LPM_TRIE
            | MapType::RHASH
            | MapType::SK_STORAGE
            | MapType::INODE_STORAGE
            | MapType::TASK_STORAGE
            | MapType::CGRP_STORAGE => MapFlags::NO_PREALLOC,
            MapType::ARENA => MapFlags::MMAPABLE,
            _ => MapFlags::NONE,
        };
        MapSpec {
            name: name.into(),
            map_type,
            key_size,
            value_size,
            max_entries,
            flags,
            numa_node: None,
            map_extra: 0,
            ifindex: 0,
            inner: None,
            pinning: Pinning::None,
            types: None,
            struct_ops: None,
            contents: Vec::new(),
            freeze: false,
            optional: false,
        }
    }

    /// The same with these creation flags besides those it has.
    #[must_use]
    pub fn with_flags(mut self, flags: MapFlags) -> MapSpec {
        self.flags |= flags;
        self
    }

    /// The same with this template of inner maps.
    #[must_use]
    pub fn with_inner(mut self, inner: MapSpec) -> MapSpec {
        self.inner = Some(Box::new(inner));
        self
    }

    /// The same, shared through a bpffs.
    #[must_use]
    pub fn with_pinning(mut self, pinning: Pinning) -> MapSpec {
        self.pinning = pinning;
        self
    }

    /// What any system would refuse in this spec, by the rules of its type's row; `None` when nothing is wrong.
    ///
    /// The rules are the kernel's own, so a spec without problems may still be refused for reasons of one system
    /// (memory, privileges, a release without the type).
    pub fn problem(&self) -> Option<SpecProblem> {
        if self.name.contains('\0') {
            return Some(SpecProblem::NameHasNul);
        }
        let row = self.map_type.row()?;
        let key_fits = match row.key {
            KeyRule::Any => true,
            KeyRule::Sized => self.key_size >= 1,
            KeyRule::None => self.key_size == 0,
            KeyRule::U32 => self.key_size == 4,
            KeyRule::Lpm => (5..=260).contains(&self.key_size),
            KeyRule::CgroupStorage => self.key_size == 8 || self.key_size == 16,
        };
        if !key_fits {
            return Some(SpecProblem::KeySize {
                rule: row.key,
                got: self.key_size,
            });
        }
        let value_fits = match row.value {
            ValueRule::Any => true,
            ValueRule::Sized => self.value_size >= 1,
            ValueRule::None => self.value_size == 0,
            ValueRule::U32 => self.value_size == 4,
            ValueRule::U32OrWider => self.value_size == 4 || self.value_size == 8,
        };
        if !value_fits {
            return Some(SpecProblem::ValueSize {
                rule: row.value,
                got: self.value_size,
            });
        }
        if self.map_type.holds_maps() && self.inner.is_none() {
            return Some(SpecProblem::NoInnerMap);
        }
        let storage = matches!(
            self.map_type,
            MapType::SK_STORAGE
                | MapType::INODE_STORAGE
                | MapType::TASK_STORAGE
                | MapType::CGRP_STORAGE
        );
        let wants_no_entries = storage
            || matches!(
                self.map_type,
                MapType::CGROUP_STORAGE | MapType::PERCPU_CGROUP_STORAGE
            );
        if self.max_entries == 0 && !wants_no_entries {
            return Some(SpecProblem::NoEntries);
        }
        None
    }
}

/// Something in a [`MapSpec`] that every system refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecProblem {
    /// The key size breaks the type's rule.
    #[error("key size {got} does not fit the type, which wants {}", key_words(.rule))]
    KeySize {
        /// What the type demands.
        rule: KeyRule,
        /// What the spec says.
        got: u32,
    },
    /// The value size breaks the type's rule.
    #[error("value size {got} does not fit the type, which wants {}", value_words(.rule))]
    ValueSize {
        /// What the type demands.
        rule: ValueRule,
        /// What the spec says.
        got: u32,
    },
    /// A map of maps without a template.
    #[error("a map of maps needs a template of its inner maps (MapSpec::inner)")]
    NoInnerMap,
    /// `max_entries` is 0 where the type needs a number.
    #[error("max_entries is 0: set it before the map is created")]
    NoEntries,
    /// The name has a NUL byte.
    #[error("the name has a NUL byte")]
    NameHasNul,
}

fn key_words(rule: &KeyRule) -> &'static str {
    match rule {
        KeyRule::Any => "any size",
        KeyRule::Sized => "at least 1 byte",
        KeyRule::None => "0: it has no keys",
        KeyRule::U32 => "4 bytes",
        KeyRule::Lpm => "5 to 260 bytes (a u32 prefix length and the data)",
        KeyRule::CgroupStorage => "8 or 16 bytes",
    }
}

fn value_words(rule: &ValueRule) -> &'static str {
    match rule {
        ValueRule::Any => "any size",
        ValueRule::Sized => "at least 1 byte",
        ValueRule::None => "0",
        ValueRule::U32 => "4 bytes",
        ValueRule::U32OrWider => "4 or 8 bytes",
    }
}
