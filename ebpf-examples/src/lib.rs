//! Examples of ebpf-core.
