//! What a source counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// What came out of a source so far. Shared: any thread may read it while the source works.
///
/// A drain adds what it saw when it ends, large ones now and then before.
#[derive(Debug, Default)]
pub struct EventCounters {
    received: AtomicU64,
    lost: AtomicU64,
    unknown: AtomicU64,
}

impl EventCounters {
    /// Nothing yet.
    pub fn new() -> EventCounters {
        EventCounters::default()
    }

    /// Samples that were given to a sink.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Records that did not fit a perf ring, as far as the kernel told: it does when the next record fits. Always 0 for
    /// ring buffers, where the program knows; see [the module](crate::event).
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Records of other kinds.
    pub fn unknown(&self) -> u64 {
        self.unknown.load(Ordering::Relaxed)
    }

    /// Adds up. For implementors.
    pub fn add(&self, received: u64, lost: u64, unknown: u64) {
        for (counter, more) in [
            (&self.received, received),
            (&self.lost, lost),
            (&self.unknown, unknown),
        ] {
            if more != 0 {
                counter.fetch_add(more, Ordering::Relaxed);
            }
        }
    }
}
