//! Packets and bytes, as the examples' programs count them for each CPU.

use ebpf_core::link::{Link, LinkError};
use ebpf_core::map::{MapError, PerCpuMap, Total};

ebpf_core::plain! {
    /// `struct counter` of the programs.
    #[derive(Default, PartialEq, Eq)]
    pub struct Counter {
        /// Frames.
        pub packets: u64,
        /// Their bytes, link headers included.
        pub bytes: u64,
    }
}

impl Total for Counter {
    fn plus(self, other: Self) -> Self {
        Self {
            packets: self.packets.plus(other.packets),
            bytes: self.bytes.plus(other.bytes),
        }
    }
}

/// A counter over all CPUs; zeros for one that is not there.
pub(crate) fn sum<V: Total + Default>(
    counters: &PerCpuMap<u32, V>,
    index: u32,
) -> Result<V, MapError> {
    Ok(counters
        .get(&index)?
        .map(|values| values.sum())
        .unwrap_or_default())
}

/// Detaches all of them, and gives the first error.
pub(crate) fn detach(links: Vec<Box<dyn Link>>) -> Result<(), LinkError> {
    let results = links.into_iter().map(Link::detach).collect::<Vec<_>>();
    results.into_iter().collect()
}
