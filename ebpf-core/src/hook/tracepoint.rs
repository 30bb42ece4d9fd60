//! Tracepoints: programs at the places that the kernel's authors marked, with the formatted record or the raw arguments.

use std::fmt;

/// A tracepoint of tracefs: the program sees the record whose fields `events/CATEGORY/NAME/format` lists.
///
/// Since Linux 4.7. `perf_event_set_bpf_prog()` in kernel/events/core.c.
///
/// ```
/// use ebpf_core::hook::Tracepoint;
/// let target = Tracepoint::new("sched", "sched_process_exec");
/// assert_eq!(target.to_string(), "tracepoint `sched:sched_process_exec`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Tracepoint {
    /// The group of events, a directory of `events` in tracefs.
    pub category: String,
    /// The event, a directory of that.
    pub name: String,
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
    /// By which interface of the kernel the program is attached.
    pub via: TracepointVia,
}

/// By which interface of the kernel a program is attached to the event of a tracepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TracepointVia {
    /// A link where the kernel has them (since Linux 5.15), else an ioctl.
    #[default]
    Auto,
    /// A link, which can be pinned and updated, or nothing. Since Linux 5.15.
    #[doc(alias = "BPF_LINK_TYPE_PERF_EVENT")]
    Link,
    /// An ioctl, as before Linux 5.15.
    #[doc(alias = "PERF_EVENT_IOC_SET_BPF")]
    Ioctl,
}

impl Tracepoint {
    /// The tracepoint of this name in this category, as `sched` and `sched_process_exec`.
    pub fn new(category: impl Into<String>, name: impl Into<String>) -> Tracepoint {
        Tracepoint {
            category: category.into(),
            name: name.into(),
            cookie: None,
            via: TracepointVia::Auto,
        }
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 5.15, by a link.
    #[must_use]
    #[doc(alias = "bpf_cookie")]
    pub fn cookie(self, cookie: u64) -> Tracepoint {
        Tracepoint {
            cookie: Some(cookie),
            ..self
        }
    }

    /// The same by this interface of the kernel.
    #[must_use]
    pub fn via(self, via: TracepointVia) -> Tracepoint {
        Tracepoint { via, ..self }
    }
}

impl fmt::Display for Tracepoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tracepoint `{}:{}`", self.category, self.name)
    }
}

/// A tracepoint by its name alone: the program sees the arguments as the kernel passes them. For programs of the types
/// [`RAW_TRACEPOINT`](crate::program::ProgramType::RAW_TRACEPOINT) and
/// [`RAW_TRACEPOINT_WRITABLE`](crate::program::ProgramType::RAW_TRACEPOINT_WRITABLE); one with typed arguments
/// (`tp_btf`) is tied to its tracepoint when it is loaded, and attached by [`Tracing`](super::Tracing).
///
/// Needs no tracefs.
///
/// Since Linux 4.17; writable 5.2. `bpf_raw_tracepoint_open()` in kernel/bpf/syscall.c.
///
/// ```
/// use ebpf_core::hook::RawTracepoint;
/// assert_eq!(RawTracepoint::new("sched_switch").to_string(), "raw tracepoint `sched_switch`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "BPF_RAW_TRACEPOINT_OPEN")]
pub struct RawTracepoint {
    /// The tracepoint's name, without a category.
    pub name: String,
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
}

impl RawTracepoint {
    /// The tracepoint of this name.
    pub fn new(name: impl Into<String>) -> RawTracepoint {
        RawTracepoint {
            name: name.into(),
            cookie: None,
        }
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 6.10.
    #[must_use]
    #[doc(alias = "bpf_cookie")]
    pub fn cookie(self, cookie: u64) -> RawTracepoint {
        RawTracepoint {
            cookie: Some(cookie),
            ..self
        }
    }
}

impl fmt::Display for RawTracepoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "raw tracepoint `{}`", self.name)
    }
}
