//! Tracing hooks that only a kernel has: places in executables, what tracefs keeps, trampolines, perf events, iterators.

mod iter;
mod kprobe;
mod perf_event;
mod tracefs;
mod tracing;
mod uprobe;

use ebpf_core::conformance::Counter;
use ebpf_core::program::ProgramType;
use ebpf_core::system::{Feature, Support};
use ebpf_core::{Errno, KernelSystem, System};

use crate::conformance::current_task;

/// Whether the kernel has a feature; if not, the test says so.
fn has(feature: Feature) -> bool {
    match KernelSystem::new().probe(feature).expect("an answer") {
        Support::Yes => true,
        Support::No => {
            ebpf_testbed::skip(&format!("this kernel has no {feature}"));
            false
        }
        // A policy may forbid them even to root.
        Support::Inconclusive(Errno::EPERM) => {
            ebpf_testbed::skip(&format!("this machine does not let root have {feature}"));
            false
        }
        Support::Inconclusive(errno) => panic!("probing for {feature}: {errno}"),
    }
}

/// A program that counts its runs on the calling thread.
fn counter(program_type: ProgramType) -> Counter {
    let spec = Counter::spec(program_type, false);
    Counter::load(&KernelSystem::new(), &spec, current_task(), None).expect("load")
}

/// Calls the C library's `getppid`, which does the system call.
fn calls(count: usize) {
    for _ in 0..count {
        nix::unistd::getppid();
    }
}
