//! eBPF objects, maps, programs and links behind traits.
