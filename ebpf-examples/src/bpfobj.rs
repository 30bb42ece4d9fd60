//! What an object file contains and needs, whether the kernel takes it, and what the kernel has loaded: the work of the
//! program `bpfobj`.

pub mod live;
mod load;
mod plan;
mod report;
mod run;
mod trace;
mod vmlinux;

use std::path::Path;

use ebpf_core::LoadError;
use ebpf_core::object::ObjectSpec;

pub use load::{Failure, Loaded, SectionType, load};
pub use plan::Plan;
pub use run::{
    ChangedElement, ChangedMap, ChangedPacket, Events, FailedRun, RunError, RunReport, packet,
    packets, run, run_traced,
};
pub use trace::{Line, Listener, TracedRun};
pub use vmlinux::{HeaderError, KERNEL, types_of};

/// Reads an object file.
///
/// # Errors
/// [`LoadError::Read`] and [`LoadError::Parse`].
pub fn read(path: &Path) -> Result<ObjectSpec, LoadError> {
    let bytes = std::fs::read(path).map_err(|source| LoadError::Read { source })?;
    Ok(ObjectSpec::parse(&bytes)?)
}
