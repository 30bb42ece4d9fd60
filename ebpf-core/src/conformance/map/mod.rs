//! Cases about maps, a file for each family.

pub mod arena;
pub mod array;
pub mod batch;
pub mod cgroup_storage;
pub mod create;
pub mod edges;
pub mod hash;
pub mod insn_array;
pub mod lpm_trie;
pub mod lru;
pub mod nested;
pub mod one_cpu;
pub mod per_cpu;
pub mod reference;
pub mod rhash;
pub mod stack_trace;
pub mod storage;
pub mod stream;
pub mod struct_ops;
pub mod types;
