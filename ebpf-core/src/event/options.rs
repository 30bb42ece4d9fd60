//! How a source is opened.

use crate::system::CpuSet;

/// How a source is opened. `EventOptions::default()` is right for most.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventOptions {
    /// Bytes of each CPU's ring of a perf event array; 64 KiB by default.
    ///
    /// Rounded up to what the kernel takes, a power of two of whole pages: 1 means one page, 100 000 means 131 072. A
    /// ring buffer has the size that its map was created with, and ignores this.
    pub buffer_bytes: usize,
    /// When the kernel wakes the reader.
    pub wakeup: Wakeup,
    /// Perf event arrays: when a ring is full, new records take the place of the oldest instead of being lost.
    ///
    /// Programs then write for as long as they like without anybody reading, and a drain gives the newest records that
    /// fit, oldest first, each once. While it reads, writing is paused.
    #[doc(alias = "write_backward")]
    pub overwritable: bool,
    /// Perf event arrays: the CPUs to hear; `None` for all that are online when the source is opened.
    pub cpus: Option<CpuSet>,
}

/// When the kernel wakes the reader of a source. Waking costs the program that writes about as much as hundreds of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wakeup {
    /// A record that finds the reader idle wakes it at once; while records come fast the reader looks by itself every
    /// some tens of microseconds, and none of them wakes it.
    #[default]
    Adaptive,
    /// Every record that finds the reader waiting wakes it, however many there are: the least latency at any load.
    EachRecord,
    /// Perf event arrays: the kernel wakes the reader each time a CPU wrote so many bytes. Records may then lie for as
    /// long as the wait's timeout.
    #[doc(alias = "wakeup_watermark")]
    Watermark(u32),
}

impl EventOptions {
    /// The defaults.
    pub fn new() -> EventOptions {
        EventOptions {
            buffer_bytes: 64 << 10,
            wakeup: Wakeup::default(),
            overwritable: false,
            cpus: None,
        }
    }

    /// The same with rings of so many [bytes](Self::buffer_bytes) each.
    #[must_use]
    pub fn buffer_bytes(self, buffer_bytes: usize) -> EventOptions {
        EventOptions {
            buffer_bytes,
            ..self
        }
    }

    /// The same with another way of [waking](Self::wakeup).
    #[must_use]
    pub fn wakeup(self, wakeup: Wakeup) -> EventOptions {
        EventOptions { wakeup, ..self }
    }

    /// The same, where new records take the place of the oldest: see [`overwritable`](Self::overwritable).
    #[must_use]
    pub fn overwritable(self, overwritable: bool) -> EventOptions {
        EventOptions {
            overwritable,
            ..self
        }
    }

    /// The same for these [CPUs](Self::cpus) only.
    #[must_use]
    pub fn on_cpus(self, cpus: impl IntoIterator<Item = u32>) -> EventOptions {
        EventOptions {
            cpus: Some(CpuSet::new(cpus)),
            ..self
        }
    }
}

impl Default for EventOptions {
    fn default() -> EventOptions {
        EventOptions::new()
    }
}
