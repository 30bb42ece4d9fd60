//! Perf events: counters of the processor and the kernel, breakpoints: `perf_event_open()` in kernel/events/core.c.

use ebpf_core::Errno;
use ebpf_core::hook::{PerfEvent, PerfType, Sampling};
use ebpf_core::link::{Link, several};
use ebpf_core::program::{ProgramError, ProgramType};

use super::attaching::{Attaching, Refusal};
use super::probe::{Event, How};
use crate::program::MockProgram;
use crate::world::Site;

/// The highest frequency: `kernel.perf_event_max_sample_rate` as it is at first.
const MOST_HERTZ: u64 = 100_000;
/// How many events the kernel and processors count, by numbers from 0.
const SOFTWARE_EVENTS: u64 = 12;
const HARDWARE_EVENTS: u64 = 10;

/// Attaches a program to the samples of a perf event: on every CPU, unless a CPU or a process is said.
pub(super) fn attach(
    program: &MockProgram,
    target: &PerfEvent,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attach = || {
        check(target)?;
        let kernel = attaching.kernel();
        let (tasks, cpus) = (&kernel.world.tasks, &kernel.machine.cpus);
        let process = match target.pid {
            Some(0) => Some(tasks.current().task.process),
            pid => pid,
        };
        if process.is_some_and(|process| !tasks.has_process(process)) {
            return Err(Refusal::from(Errno::ESRCH).hint("there is no such process"));
        }
        let on = |cpu: Option<u32>| {
            let event = Event {
                site: Site::PerfEvent {
                    event_type: target.event_type.0,
                    config: target.config,
                },
                cookie: target.cookie,
                pid: process,
                cpu,
            };
            let fits = attaching.object().spec.program_type == ProgramType::PERF_EVENT;
            event.attach(&attaching, How::Auto, fits)
        };
        match target.cpu {
            Some(cpu) if !cpus.possible.contains(cpu) => Err(Errno::EINVAL.into()),
            Some(cpu) if !cpus.online.contains(cpu) => {
                Err(Refusal::from(Errno::ENODEV).hint("that CPU is offline"))
            }
            Some(cpu) => on(Some(cpu)),
            None if process.is_some() => on(None),
            None => {
                let links = cpus.online.iter().map(|cpu| on(Some(cpu)));
                Ok(several(links.collect::<Result<_, _>>()?)?)
            }
        }
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}

fn check(target: &PerfEvent) -> Result<(), Refusal> {
    if matches!(target.sampling, Sampling::Frequency(hertz) if hertz > MOST_HERTZ) {
        return Err(Refusal::from(Errno::EINVAL)
            .hint("the frequency is above kernel.perf_event_max_sample_rate, which is 100000"));
    }
    match target.event_type {
        PerfType::SOFTWARE if target.config >= SOFTWARE_EVENTS => Err(Errno::ENOENT.into()),
        PerfType::HARDWARE if target.config >= HARDWARE_EVENTS => Err(Errno::EINVAL.into()),
        PerfType::SOFTWARE
        | PerfType::HARDWARE
        | PerfType::HW_CACHE
        | PerfType::RAW
        | PerfType::BREAKPOINT => Ok(()),
        _ => {
            Err(Refusal::from(Errno::ENOENT)
                .hint("the simulated system has no events of this type"))
        }
    }
}
