//! The table of map types: one row each, from which names, size rules, hints and docs come.

/// What a map type demands of its key size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyRule {
    /// Nothing is known of the type.
    Any,
    /// At least one byte.
    Sized,
    /// No key: the size is 0.
    None,
    /// 4 bytes: an index or a descriptor.
    U32,
    /// A `u32` prefix length and 1 to 256 bytes of data.
    Lpm,
    /// `struct bpf_cgroup_storage_key` (16 bytes) or a cgroup id (8 bytes).
    CgroupStorage,
}

/// What a map type demands of its value size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueRule {
    /// Nothing is known of the type.
    Any,
    /// At least one byte.
    Sized,
    /// No value: the size is 0.
    None,
    /// 4 bytes.
    U32,
    /// 4 bytes, or 8 where the type has a wider form.
    U32OrWider,
}

macro_rules! map_types {
    ($($value:literal $CONST:ident $alias:literal $text:literal since $since:literal key $key:ident value $val:ident per_cpu $per_cpu:literal holds $holds:expr; $doc:literal)*) => {
        open_enum! {
            /// What kind of map it is, and so what its operations mean.
            ///
            /// `enum bpf_map_type` in include/uapi/linux/bpf.h.
            #[doc(alias = "bpf_map_type")]
            pub struct MapType: "map type" {
                $(#[doc = concat!($doc, "\n\nSince Linux ", $since, ".")] $CONST = $value, $alias, $text;)*
            }
        }

        impl MapType {
            /// The table's row of this type, where there is one.
            pub const fn row(self) -> Option<&'static MapTypeRow> {
                match self.0 {
                    $($value => {
                        const ROW: MapTypeRow = MapTypeRow {
                            since: $since, key: KeyRule::$key, value: ValueRule::$val, per_cpu: $per_cpu, holds: $holds, doc: $doc,
                        };
                        Some(&ROW)
                    })*
                    _ => None,
                }
            }
        }
    };
}

/// One row of the table of map types.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MapTypeRow {
    /// The first Linux release that has the type.
    pub since: &'static str,
    /// The rule of the key size.
    pub key: KeyRule,
    /// The rule of the value size.
    pub value: ValueRule,
    /// Whether there is a value for each possible CPU.
    pub per_cpu: bool,
    /// What a value refers to, where it is a reference to another object ("map", "program", "socket", …).
    pub holds: Option<&'static str>,
    /// What the type is, in a sentence.
    pub doc: &'static str,
}

impl MapType {
    /// Whether the map has a value for each possible CPU.
    pub const fn is_per_cpu(self) -> bool {
        matches!(self.row(), Some(row) if row.per_cpu)
    }

    /// Whether the map's values are maps, so that it needs an inner map as a template.
    pub const fn holds_maps(self) -> bool {
        matches!(self, MapType::ARRAY_OF_MAPS | MapType::HASH_OF_MAPS)
    }

    /// Whether Linux takes the types of keys and values ([`MapSpec::types`](super::MapSpec::types)) for maps of this type.
    /// Those of other types are made without them.
    pub const fn takes_types(self) -> bool {
        !matches!(
            self,
            MapType::PERF_EVENT_ARRAY
                | MapType::CGROUP_ARRAY
                | MapType::STACK_TRACE
                | MapType::ARRAY_OF_MAPS
                | MapType::HASH_OF_MAPS
                | MapType::DEVMAP
                | MapType::DEVMAP_HASH
                | MapType::CPUMAP
                | MapType::XSKMAP
                | MapType::SOCKMAP
                | MapType::SOCKHASH
                | MapType::STRUCT_OPS
        )
    }

    /// Whether the map has no keys (queues, stacks, filters, ring buffers, arenas).
    pub const fn is_keyless(self) -> bool {
        matches!(self.row(), Some(row) if matches!(row.key, KeyRule::None))
    }

    /// Whether updates must use [`UpdateFlags::ANY`](super::UpdateFlags::ANY), so that `insert` and `update` mean the same as `upsert`.
    pub const fn takes_any_only(self) -> bool {
        matches!(
            self,
            MapType::PROG_ARRAY
                | MapType::PERF_EVENT_ARRAY
                | MapType::CGROUP_ARRAY
                | MapType::ARRAY_OF_MAPS
        )
    }
}

#[rustfmt::skip]
map_types! {
    0 UNSPEC "BPF_MAP_TYPE_UNSPEC" "unspec" since "—" key Any value Any per_cpu false holds None;
        "No type: refused by every system."
    1 HASH "BPF_MAP_TYPE_HASH" "hash" since "3.19" key Sized value Sized per_cpu false holds None;
        "A hash table."
    2 ARRAY "BPF_MAP_TYPE_ARRAY" "array" since "3.19" key U32 value Sized per_cpu false holds None;
        "An array of values; its elements always exist and start as zeros."
    3 PROG_ARRAY "BPF_MAP_TYPE_PROG_ARRAY" "prog_array" since "4.2" key U32 value U32 per_cpu false holds Some("program");
        "Programs by index, the targets of tail calls."
    4 PERF_EVENT_ARRAY "BPF_MAP_TYPE_PERF_EVENT_ARRAY" "perf_event_array" since "4.3" key U32 value U32 per_cpu false holds Some("perf event");
        "Perf events by index, usually one ring buffer for each CPU."
    5 PERCPU_HASH "BPF_MAP_TYPE_PERCPU_HASH" "percpu_hash" since "4.6" key Sized value Sized per_cpu true holds None;
        "A hash table with a value for each possible CPU."
    6 PERCPU_ARRAY "BPF_MAP_TYPE_PERCPU_ARRAY" "percpu_array" since "4.6" key U32 value Sized per_cpu true holds None;
        "An array with a value for each possible CPU."
    7 STACK_TRACE "BPF_MAP_TYPE_STACK_TRACE" "stack_trace" since "4.6" key U32 value Sized per_cpu false holds None;
        "Stack traces by id; a value is an array of 8-byte addresses (or 32-byte build ids)."
    8 CGROUP_ARRAY "BPF_MAP_TYPE_CGROUP_ARRAY" "cgroup_array" since "4.8" key U32 value U32 per_cpu false holds Some("cgroup");
        "Control groups by index; written as descriptors."
    9 LRU_HASH "BPF_MAP_TYPE_LRU_HASH" "lru_hash" since "4.10" key Sized value Sized per_cpu false holds None;
        "A hash table that drops elements not used recently instead of becoming full."
    10 LRU_PERCPU_HASH "BPF_MAP_TYPE_LRU_PERCPU_HASH" "lru_percpu_hash" since "4.10" key Sized value Sized per_cpu true holds None;
        "An LRU hash table with a value for each possible CPU."
    11 LPM_TRIE "BPF_MAP_TYPE_LPM_TRIE" "lpm_trie" since "4.11" key Lpm value Sized per_cpu false holds None;
        "Longest-prefix match: a key is a `u32` prefix length in bits, then 1 to 256 bytes of data in network order."
    12 ARRAY_OF_MAPS "BPF_MAP_TYPE_ARRAY_OF_MAPS" "array_of_maps" since "4.12" key U32 value U32 per_cpu false holds Some("map");
        "Maps by index; written as descriptors, read as ids."
    13 HASH_OF_MAPS "BPF_MAP_TYPE_HASH_OF_MAPS" "hash_of_maps" since "4.12" key Sized value U32 per_cpu false holds Some("map");
        "Maps by key; written as descriptors, read as ids."
    14 DEVMAP "BPF_MAP_TYPE_DEVMAP" "devmap" since "4.14" key U32 value U32OrWider per_cpu false holds Some("interface");
        "Interfaces by index, for redirection; a value is the interface index, or `struct bpf_devmap_val` since 5.8."
    15 SOCKMAP "BPF_MAP_TYPE_SOCKMAP" "sockmap" since "4.14" key U32 value U32OrWider per_cpu false holds Some("socket");
        "Sockets by index; written as descriptors, read as cookies where the value has 8 bytes."
    16 CPUMAP "BPF_MAP_TYPE_CPUMAP" "cpumap" since "4.15" key U32 value U32OrWider per_cpu false holds Some("CPU");
        "Queue sizes by CPU, for redirection; or `struct bpf_cpumap_val` since 5.9."
    17 XSKMAP "BPF_MAP_TYPE_XSKMAP" "xskmap" since "4.18" key U32 value U32 per_cpu false holds Some("socket");
        "AF_XDP sockets by queue index."
    18 SOCKHASH "BPF_MAP_TYPE_SOCKHASH" "sockhash" since "4.18" key Sized value U32OrWider per_cpu false holds Some("socket");
        "Sockets by key."
    19 CGROUP_STORAGE "BPF_MAP_TYPE_CGROUP_STORAGE" "cgroup_storage" since "4.19" key CgroupStorage value Sized per_cpu false holds None;
        "Storage of a program on a cgroup; a key is `struct bpf_cgroup_storage_key` or a cgroup id. Deprecated in favour of `CGRP_STORAGE`."
    20 REUSEPORT_SOCKARRAY "BPF_MAP_TYPE_REUSEPORT_SOCKARRAY" "reuseport_sockarray" since "4.19" key U32 value U32OrWider per_cpu false holds Some("socket");
        "Sockets of a reuseport group by index."
    21 PERCPU_CGROUP_STORAGE "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE" "percpu_cgroup_storage" since "4.20" key CgroupStorage value Sized per_cpu true holds None;
        "Storage of a program on a cgroup, a value for each possible CPU. Deprecated in favour of `CGRP_STORAGE`."
    22 QUEUE "BPF_MAP_TYPE_QUEUE" "queue" since "4.20" key None value Sized per_cpu false holds None;
        "First in, first out; there are no keys."
    23 STACK "BPF_MAP_TYPE_STACK" "stack" since "4.20" key None value Sized per_cpu false holds None;
        "Last in, first out; there are no keys."
    24 SK_STORAGE "BPF_MAP_TYPE_SK_STORAGE" "sk_storage" since "5.2" key U32 value Sized per_cpu false holds None;
        "Storage that lives with a socket; a key is a socket descriptor."
    25 DEVMAP_HASH "BPF_MAP_TYPE_DEVMAP_HASH" "devmap_hash" since "5.4" key U32 value U32OrWider per_cpu false holds Some("interface");
        "Interfaces by any `u32` key, for redirection."
    26 STRUCT_OPS "BPF_MAP_TYPE_STRUCT_OPS" "struct_ops" since "5.6" key U32 value Sized per_cpu false holds None;
        "Implementation of a kernel structure of callbacks; one element."
    27 RINGBUF "BPF_MAP_TYPE_RINGBUF" "ringbuf" since "5.8" key None value None per_cpu false holds None;
        "A ring buffer shared by all CPUs; its size in bytes is `max_entries`."
    28 INODE_STORAGE "BPF_MAP_TYPE_INODE_STORAGE" "inode_storage" since "5.10" key U32 value Sized per_cpu false holds None;
        "Storage that lives with an inode; a key is a file descriptor."
    29 TASK_STORAGE "BPF_MAP_TYPE_TASK_STORAGE" "task_storage" since "5.11" key U32 value Sized per_cpu false holds None;
        "Storage that lives with a task; a key is a pid descriptor."
    30 BLOOM_FILTER "BPF_MAP_TYPE_BLOOM_FILTER" "bloom_filter" since "5.16" key None value Sized per_cpu false holds None;
        "A Bloom filter; values are pushed and asked for, there are no keys."
    31 USER_RINGBUF "BPF_MAP_TYPE_USER_RINGBUF" "user_ringbuf" since "6.1" key None value None per_cpu false holds None;
        "A ring buffer from user space to programs; its size in bytes is `max_entries`."
    32 CGRP_STORAGE "BPF_MAP_TYPE_CGRP_STORAGE" "cgrp_storage" since "6.2" key U32 value Sized per_cpu false holds None;
        "Storage that lives with a cgroup; a key is a cgroup descriptor."
    33 ARENA "BPF_MAP_TYPE_ARENA" "arena" since "6.9" key None value None per_cpu false holds None;
        "Memory shared with user space page by page; its size in pages is `max_entries`."
    34 INSN_ARRAY "BPF_MAP_TYPE_INSN_ARRAY" "insn_array" since "6.19" key U32 value Sized per_cpu false holds None;
        "Offsets of instructions in a program, the targets of indirect jumps; a value is `struct bpf_insn_array_value`."
    35 RHASH "BPF_MAP_TYPE_RHASH" "rhash" since "7.2" key Sized value Sized per_cpu false holds None;
        "A hash table that grows and shrinks with its contents; needs `BPF_F_NO_PREALLOC`, and `map_extra` hints at its first size."
}
