//! Tracepoints: by the events that tracefs numbers; raw ones by their name alone.

use std::path::Path;

use super::event::{self, Event, How, everywhere, open_hint};
use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{PerfType, RawTracepoint, Tracepoint, TracepointVia};
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, PerfEventAttr, PerfFlags};
use crate::kernel::tracefs::Tracefs;
use crate::link::{Link, LinkTarget, LinkType};
use crate::program::{Program, ProgramError};
use crate::system::similar::{did_you_mean, similar};

/// Attaches a program to a tracepoint.
pub(super) fn attach(
    program: &KernelProgram,
    target: &Tracepoint,
) -> Result<Box<dyn Link>, ProgramError> {
    attach_to(program, target).map_err(|trouble| trouble.of(program, target))
}

fn attach_to(program: &KernelProgram, target: &Tracepoint) -> Result<Box<dyn Link>, Trouble> {
    let tracefs = Tracefs::find().map_err(|errno| {
        let hint = match errno {
            Errno::EPERM => {
                "tracefs is mounted nowhere, and mounting it takes CAP_SYS_ADMIN: mount -t tracefs tracefs /sys/kernel/tracing"
            }
            _ => "the kernel has no tracefs: it is built without CONFIG_TRACING",
        };
        Trouble::from(errno).hint(hint)
    })?;
    let id = tracefs
        .event_id(&target.category, &target.name)
        .map_err(|errno| missing(errno, &tracefs, target))?;
    let attr = PerfEventAttr {
        event_type: PerfType::TRACEPOINT.0,
        config: id,
        sample_period: 1,
        flags: PerfFlags::DISABLED,
        ..PerfEventAttr::default()
    };
    let fd = sys::open_perf_event(&attr, everywhere())
        .map_err(|errno| Trouble::from(errno).or_hint(open_hint(errno)))?;
    let event = Event {
        fd,
        target: LinkTarget::Tracepoint {
            name: target.name.as_str().into(),
        },
        line: None,
    };
    let how = match target.via {
        TracepointVia::Auto => How::Auto,
        TracepointVia::Link => How::Link,
        TracepointVia::Ioctl => How::Ioctl,
    };
    event::attach(program, event, how, target.cookie)
}

/// Why there is no number of an event.
fn missing(errno: Errno, tracefs: &Tracefs, target: &Tracepoint) -> Trouble {
    let Tracepoint { category, name, .. } = target;
    match errno {
        Errno::ENOENT => {
            let categories = tracefs.event_groups(Path::new(""));
            let told = if categories.contains(category) {
                let names = tracefs.event_groups(Path::new(category));
                let similar = similar(name, names.iter().map(String::as_str));
                format!(
                    "category `{category}` has no tracepoint `{name}`{}",
                    did_you_mean(&similar)
                )
            } else {
                let similar = similar(category, categories.iter().map(String::as_str));
                format!(
                    "there is no category `{category}` of tracepoints{}",
                    did_you_mean(&similar)
                )
            };
            Trouble::from(errno).told(told)
        }
        Errno::EACCES => {
            Trouble::from(errno).hint("tracefs is root's: CAP_DAC_READ_SEARCH is needed")
        }
        _ => errno.into(),
    }
}

/// Attaches a program to a raw tracepoint.
pub(super) fn attach_raw(
    program: &KernelProgram,
    target: &RawTracepoint,
) -> Result<Box<dyn Link>, ProgramError> {
    let attach = || {
        let fd = program.fd().ok_or(Errno::EBADF)?;
        let link = sys::open_raw_tracepoint(fd, Some(&target.name), target.cookie.unwrap_or(0))?;
        KernelLink::made(
            link,
            LinkType::RAW_TRACEPOINT,
            LinkTarget::RawTracepoint {
                name: target.name.as_str().into(),
            },
        )
    };
    match attach() {
        Ok(link) => Ok(Box::new(link)),
        Err(errno) => {
            let hint = match errno {
                Errno::ENOENT => Some(
                    "there is no such tracepoint: raw ones have no category, and those of a module need it loaded",
                ),
                Errno::EINVAL | Errno::E2BIG if target.cookie.is_some() => Some(
                    "cookies of raw tracepoints need Linux 6.10; or the program is of another type",
                ),
                Errno::EINVAL => Some(
                    "the program is of another type, or reads or writes more than the tracepoint has",
                ),
                Errno::EPERM => Some("CAP_PERFMON (or root) is needed"),
                _ => None,
            };
            Err(Trouble::from(errno).or_hint(hint).of(program, target))
        }
    }
}
