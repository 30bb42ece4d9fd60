//! Cases about maps, a file for each family.

pub mod hash;
