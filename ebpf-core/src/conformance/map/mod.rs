//! Cases about maps, a file for each family.

pub mod array;
pub mod hash;
pub mod lpm_trie;
pub mod per_cpu;
