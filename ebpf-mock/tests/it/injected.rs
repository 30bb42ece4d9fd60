//! The conformance suite around wrappers that could make operations fail, and do not.

ebpf_core::conformance_tests!(crate::conformance::run_injected);
