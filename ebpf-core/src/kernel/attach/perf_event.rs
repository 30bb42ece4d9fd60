//! Perf events: counters of the processor and the kernel, breakpoints.

use super::event::{self, Event, How, online, open_hint};
use super::trouble::Trouble;
use crate::Errno;
use crate::hook::{PerfEvent, PerfType, Sampling};
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, PerfEventAttr, PerfFlags, PerfScope};
use crate::link::{Link, LinkTarget, several};
use crate::program::ProgramError;

/// Attaches a program to the samples of a perf event.
pub(super) fn attach(
    program: &KernelProgram,
    target: &PerfEvent,
) -> Result<Box<dyn Link>, ProgramError> {
    attach_to(program, target).map_err(|trouble| trouble.of(program, target))
}

fn attach_to(program: &KernelProgram, target: &PerfEvent) -> Result<Box<dyn Link>, Trouble> {
    let number = |number: u32| i32::try_from(number).map_err(|_| Errno::EINVAL);
    let pid = target.pid.map_or(Ok(-1), number)?;
    if let Some(cpu) = target.cpu {
        let cpu = number(cpu)?;
        return attach_in(program, target, PerfScope { pid, cpu });
    }
    if target.pid.is_some() {
        return attach_in(program, target, PerfScope { pid, cpu: -1 });
    }
    let mut links = Vec::new();
    for cpu in online() {
        match attach_in(program, target, PerfScope { pid, cpu }) {
            Ok(link) => links.push(link),
            // It went offline since it was listed.
            Err(trouble) if trouble.errno == Errno::ENODEV && !links.is_empty() => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(several(links)?)
}

fn attach_in(
    program: &KernelProgram,
    target: &PerfEvent,
    scope: PerfScope,
) -> Result<Box<dyn Link>, Trouble> {
    let mut flags = PerfFlags::DISABLED;
    if target.inherit {
        flags = flags.with(PerfFlags::INHERIT);
    }
    let sample_period = match target.sampling {
        Sampling::Period(events) => events,
        Sampling::Frequency(hertz) => {
            flags = flags.with(PerfFlags::FREQUENCY);
            hertz
        }
    };
    let attr = PerfEventAttr {
        event_type: target.event_type.0,
        config: target.config,
        config1: target.config1,
        config2: target.config2,
        bp_type: target.access.0,
        sample_period,
        flags,
        ..PerfEventAttr::default()
    };
    let fd = sys::open_perf_event(&attr, scope).map_err(|errno| {
        let hint = match errno {
            Errno::EINVAL if matches!(target.sampling, Sampling::Frequency(_)) => Some(
                "the frequency is above kernel.perf_event_max_sample_rate, or the event cannot be sampled so",
            ),
            Errno::ENOENT | Errno::EOPNOTSUPP => Some(
                "the kernel or the processor has no such event: virtual machines often have no counters of the processor",
            ),
            Errno::ENOSPC if target.event_type == PerfType::BREAKPOINT => {
                Some("the processor has no breakpoint left")
            }
            Errno::EINVAL if target.event_type == PerfType::BREAKPOINT => Some(
                "the address must be a multiple of the bytes, and x86 cannot tell reads from writes",
            ),
            errno => open_hint(errno),
        };
        Trouble::from(errno).or_hint(hint)
    })?;
    let event = Event {
        fd,
        target: LinkTarget::PerfEvent {
            event_type: target.event_type.0,
            config: target.config,
        },
        line: None,
    };
    event::attach(program, event, How::Auto, target.cookie)
}
