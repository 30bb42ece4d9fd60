//! What tests want besides a system: maps to fill, snapshots and their differences, assertions whose failure shows a table,
//! events in a list. All of it works on any system, the kernel's too.
//!
//! ```
//! use ebpf_core::System;
//! use ebpf_core::map::{MapSpec, MapType};
//! use ebpf_mock::MockSystem;
//! use ebpf_mock::testing::{MapSnapshot, assert_map_eq, fill, fill_networks};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let system = MockSystem::new();
//! let ports = system.create_map(&MapSpec::new("ports", MapType::HASH, 2, 8, 100), None)?;
//! fill(&ports, [(80, 1), (443, 2)])?;
//!
//! let before = MapSnapshot::of(&ports)?;
//! fill(&ports, [(443, 3), (8080, 4)])?;
//! let after = MapSnapshot::of(&ports)?;
//! assert_eq!(before.diff(&after).to_string(), "\
//! map `ports` (hash)
//!      key   before  after
//!   ~  443   2       3
//!   +  8080          4
//! ");
//! assert_map_eq(&ports, [(80, 1), (443, 3), (8080, 4)]);
//!
//! let mut spec = MapSpec::new("blocked", MapType::LPM_TRIE, 8, 4, 100);
//! spec.flags = ebpf_core::map::MapFlags::NO_PREALLOC;
//! let blocked = system.create_map(&spec, None)?;
//! fill_networks(&blocked, [("10.0.0.0/8", 1), ("192.0.2.7", 2)])?;
//! # Ok(())
//! # }
//! ```
//!
//! Packets come from a crate that builds them: `cargo add --dev etherparse` for Ethernet, VLAN tags, IPv4 and IPv6, TCP, UDP
//! and ICMP, with lengths and checksums worked out. Both systems take them.
//!
//! ```
//! use ebpf_core::object::ObjectSpec;
//! use ebpf_core::program::ProgramExt;
//! use ebpf_core::{System, SystemExt};
//! use ebpf_mock::MockSystem;
//! use etherparse::PacketBuilder;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut query = Vec::new();
//! PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
//!     .ipv4([192, 0, 2, 1], [192, 0, 2, 53], 64)
//!     .udp(40_000, 53)
//!     .write(&mut query, b"who is it?")?;
//!
//! let system = MockSystem::new();
//! # let object = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/interleave/counters.bpf.o"));
//! let loaded = system.load(&ObjectSpec::parse(object)?)?;
//! let (result, after) = loaded.program("count_plain")?.run_once(&query, 0)?;
//! assert_eq!((result.return_value, after), (2, query));
//! # Ok(())
//! # }
//! ```

mod assert;
mod capture;
mod diff;
mod snapshot;
#[cfg(test)]
mod tests;

use ebpf_core::codec::{Cidr, CodecError};
use ebpf_core::map::{Map, MapError, MapExt, ToElem};

pub use crate::interleave::{
    BrokenSchedule, Explored, InterleavingError, Interleavings, Scenario, ScenarioError, Violation,
};
pub use assert::{assert_map_contains, assert_map_empty, assert_map_eq};
pub use capture::EventCapture;
pub use diff::{Change, MapDiff, SystemDiff};
pub use snapshot::{MapSnapshot, SystemSnapshot};

/// Writes elements into a map, whether they are there or not, and gives how many that were. In a per-CPU map every CPU gets
/// the value.
///
/// # Errors
/// [`MapError::Codec`] for what does not fit a key or value of the map; otherwise as [`Map::update_elem`].
pub fn fill<K: ToElem, V: ToElem>(
    map: &dyn Map,
    elements: impl IntoIterator<Item = (K, V)>,
) -> Result<usize, MapError> {
    let mut count = 0;
    for (key, value) in elements {
        map.upsert(&map.key(key)?, &map.value(value)?)?;
        count += 1;
    }
    Ok(count)
}

/// Writes networks, such as `10.0.0.0/8` and `2001:db8::/32`, or addresses, into an LPM trie, and gives how many that were.
///
/// # Errors
/// As [`fill`]; [`MapError::Codec`] also for text that is no network.
pub fn fill_networks<V: ToElem>(
    map: &dyn Map,
    networks: impl IntoIterator<Item = (&'static str, V)>,
) -> Result<usize, MapError> {
    let mut count = 0;
    for (network, value) in networks {
        let network: Cidr = network.parse().map_err(|source| MapError::Codec {
            map: map.info().name.clone(),
            what: "key",
            source,
        })?;
        count += fill(map, [(network, value)])?;
    }
    Ok(count)
}

/// The network that a text is, for the keys of assertions.
///
/// # Panics
/// For text that is no network: tests write it themselves.
#[track_caller]
pub fn net(text: &str) -> Cidr {
    match text.parse() {
        Ok(network) => network,
        Err(error) => {
            let error: CodecError = error;
            panic!("{error}")
        }
    }
}
