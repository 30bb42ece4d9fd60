//! eBPF objects, maps, programs and links behind traits.

pub mod btf;
pub mod codec;
pub mod insn;
