//! Events of kprobes and uprobes: perf's own, or one defined in tracefs.

use std::ffi::CString;
use std::fs;
use std::os::fd::OwnedFd;

use super::event::{How, open_hint};
use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{PerfType, ProbeVia};
use crate::kernel::sys::{self, PerfEventAttr, PerfFlags, PerfScope};
use crate::kernel::tracefs::{DynamicEvent, ProbeFile};

/// A kprobe or uprobe as an event.
pub(super) struct Probe {
    pub(super) file: ProbeFile,
    pub(super) ret: bool,
    /// The function or the file; `None` for a kprobe by address.
    pub(super) name: Option<CString>,
    pub(super) offset: u64,
    pub(super) reference_counter: u64,
    /// How many returns may be awaited; only tracefs can say.
    pub(super) max_active: Option<u32>,
    pub(super) scope: PerfScope,
    /// The place as tracefs has it.
    pub(super) place: String,
    /// For people who read the names of events.
    pub(super) label: String,
}

/// By which event, and how the program gets to it.
#[derive(Clone, Copy)]
struct Way {
    pmu: bool,
    tracefs: bool,
    how: How,
}

fn way(via: ProbeVia) -> Way {
    let (pmu, tracefs, how) = match via {
        ProbeVia::Auto => (true, true, How::Auto),
        ProbeVia::Link => (true, true, How::Link),
        ProbeVia::PerfPmu => (true, false, How::Ioctl),
        ProbeVia::Tracefs => (false, true, How::Ioctl),
    };
    Way { pmu, tracefs, how }
}

/// An open event of a probe, not enabled yet; the first is closed before the second goes.
pub(super) type Opened = (OwnedFd, Option<DynamicEvent>);

impl Probe {
    /// Opens the event.
    pub(super) fn open(&self, via: ProbeVia) -> Result<(Opened, How), Trouble> {
        let way = way(via);
        if way.pmu && (self.max_active.is_none() || !way.tracefs) {
            if self.max_active.is_some() {
                return Err(Trouble::from(Errno::EOPNOTSUPP).hint(
                    "only events of tracefs limit the returns awaited: say ProbeVia::Auto or ProbeVia::Tracefs",
                ));
            }
            match Pmu::find(self.file) {
                Ok(pmu) => {
                    let event = pmu.open(self).map_err(|errno| self.refused(errno))?;
                    return Ok(((event, None), way.how));
                }
                Err(_) if way.tracefs => {}
                Err(errno) => {
                    return Err(Trouble::from(errno).hint(
                        "perf has no such probes here: they need Linux 4.17, and /sys mounted",
                    ));
                }
            }
        }
        Ok((self.define()?, way.how))
    }

    fn refused(&self, errno: Errno) -> Trouble {
        Trouble::from(errno).or_hint(open_hint(errno))
    }

    /// Defines an event in tracefs and opens it.
    fn define(&self) -> Result<Opened, Trouble> {
        let kind = match (self.ret, self.max_active) {
            (false, _) => "p".to_owned(),
            (true, None) => "r".to_owned(),
            (true, Some(calls)) => format!("r{calls}"),
        };
        let line = DynamicEvent::define(self.file, &kind, &self.place, &self.label)
            .map_err(|errno| self.undefined(errno))?;
        let attr = PerfEventAttr {
            event_type: PerfType::TRACEPOINT.0,
            config: line.id()?,
            sample_period: 1,
            flags: PerfFlags::DISABLED,
            ..PerfEventAttr::default()
        };
        // If this fails, the line goes with its guard.
        let event = sys::open_perf_event(&attr, self.scope).map_err(|errno| self.refused(errno))?;
        Ok((event, Some(line)))
    }

    fn undefined(&self, errno: Errno) -> Trouble {
        // The function or file is there, or its own error was given before: it is the file of definitions.
        let missing = errno == Errno::ENOENT
            && crate::kernel::tracefs::Tracefs::find()
                .is_ok_and(|tracefs| !tracefs.path(self.file.name()).exists());
        let hint = match (errno, self.file) {
            (Errno::ENOENT, ProbeFile::Kprobes) if missing => Some(
                "the kernel has no kprobes: it is built without CONFIG_KPROBES or CONFIG_KPROBE_EVENTS",
            ),
            (Errno::ENOENT, ProbeFile::Uprobes) if missing => Some(
                "the kernel has no uprobes: it is built without CONFIG_UPROBES or CONFIG_UPROBE_EVENTS",
            ),
            (Errno::E2BIG | Errno::EINVAL, _) if self.max_active > Some(4096) => {
                Some("at most 4096 returns may be awaited")
            }
            (Errno::ENODEV, _) => {
                Some("the kernel has no tracefs: it is built without CONFIG_TRACING")
            }
            (Errno::EACCES | Errno::EPERM, _) => Some("tracefs is root's: CAP_SYS_ADMIN is needed"),
            _ => open_hint(errno),
        };
        let errno = if missing { Errno::EOPNOTSUPP } else { errno };
        Trouble::from(errno).or_hint(hint)
    }
}

/// Whether the kernel has such probes, by perf or by tracefs.
pub(in crate::kernel) fn has_probes(file: ProbeFile) -> Result<bool, Errno> {
    if Pmu::find(file).is_ok() {
        return Ok(true);
    }
    let tracefs = crate::kernel::tracefs::Tracefs::find()?;
    Ok(tracefs.path(file.name()).exists())
}

/// Perf's own events of kprobes or uprobes, numbered at boot.
struct Pmu {
    event_type: u32,
    ret: u32,
    counter: u32,
}

impl Pmu {
    fn find(file: ProbeFile) -> Result<Pmu, Errno> {
        let name = match file {
            ProbeFile::Kprobes => "kprobe",
            ProbeFile::Uprobes => "uprobe",
        };
        let read = |what: &str| {
            fs::read_to_string(format!("/sys/bus/event_source/devices/{name}/{what}"))
                .map_err(|error| sys::errno_of(&error))
        };
        // What kernels have used ever since is the default.
        let field = |what, usual| {
            let text = read(what).unwrap_or_default();
            first_bit(&text).unwrap_or(usual)
        };
        Ok(Pmu {
            event_type: read("type")?.trim().parse().map_err(|_| Errno::EINVAL)?,
            ret: field("format/retprobe", 0),
            counter: field("format/ref_ctr_offset", 32),
        })
    }

    fn open(&self, probe: &Probe) -> Result<OwnedFd, Errno> {
        let counter = u32::try_from(probe.reference_counter).map_err(|_| Errno::ERANGE)?;
        let ret = u64::from(probe.ret).checked_shl(self.ret).unwrap_or(0);
        let counter = u64::from(counter).checked_shl(self.counter).unwrap_or(0);
        let attr = PerfEventAttr {
            event_type: self.event_type,
            config: ret | counter,
            config2: probe.offset,
            sample_period: 1,
            flags: PerfFlags::DISABLED,
            ..PerfEventAttr::default()
        };
        match &probe.name {
            Some(name) => sys::open_named_perf_event(&attr, name, probe.scope),
            None => sys::open_perf_event(&attr, probe.scope),
        }
    }
}

/// The first bit of a field such as `config:32-63`.
fn first_bit(text: &str) -> Option<u32> {
    let (_, bits) = text.trim().split_once(':')?;
    let first = bits.split('-').next()?.parse().ok()?;
    (first < 64).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        assert_eq!(first_bit("config:0\n"), Some(0));
        assert_eq!(first_bit("config:32-63\n"), Some(32));
        for text in ["", "config", "config:x", "config:64"] {
            assert_eq!(first_bit(text), None, "{text}");
        }
    }
}
