//! Uprobes, one or many at once, and static probes: `perf_uprobe_init()` in kernel/trace/trace_event_perf.c,
//! `bpf_uprobe_multi_link_attach()` in kernel/trace/bpf_trace.c.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{ProbeVia, Uprobe, UprobeMulti, Usdt, UserPlace, UserPlaces};
use ebpf_core::link::{Link, LinkType, ProbedPlace, several};
use ebpf_core::program::{AttachType, ProgramError};
use ebpf_core::system::similar::{did_you_mean, similar};

use super::attaching::{Attaching, Refusal};
use super::kprobe::{check_several, how_of, is_of_events};
use super::probe::Event;
use crate::kernel::Kernel;
use crate::program::MockProgram;
use crate::world::{FoundSymbol, MockBinary, Site};

/// The most places of one link: `MAX_UPROBE_MULTI_CNT`.
const MOST_PLACES: usize = 1 << 20;

/// Attaches a program to a place in an executable or library.
pub(super) fn attach(
    program: &MockProgram,
    target: &Uprobe,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attach = || {
        let binary = find(attaching.kernel(), &target.binary)?;
        let probe = OneProbe {
            offset: offset_of(&binary, &target.place)?,
            binary: &binary,
            counter: target.reference_counter,
            ret: target.ret,
            pid: target.pid,
        };
        probe.attach(&attaching, target.via, target.cookie)
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}

/// Attaches a program to every place of a static probe.
pub(super) fn attach_static(
    program: &MockProgram,
    target: &Usdt,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attach = || {
        let binary = find(attaching.kernel(), &target.binary)?;
        let meant = binary
            .probes
            .iter()
            .filter(|probe| probe.provider == target.provider && probe.name == target.name);
        let mut links = Vec::new();
        for probe in meant {
            let probe = OneProbe {
                binary: &binary,
                offset: probe.offset,
                counter: probe.semaphore,
                ret: false,
                pid: target.pid,
            };
            links.push(probe.attach(&attaching, ProbeVia::Auto, target.cookie)?);
        }
        if links.is_empty() {
            let known = binary.probes.iter();
            let known = known.map(|probe| format!("{}:{}", probe.provider, probe.name));
            let known: Vec<String> = known.collect();
            let asked = format!("{}:{}", target.provider, target.name);
            let similar = similar(&asked, known.iter().map(String::as_str));
            let (shown, meant) = (binary.path.display(), did_you_mean(&similar));
            let told = format!("{shown} has no static probe `{asked}`{meant}");
            return Err(Refusal::told(Errno::ENOENT, told));
        }
        Ok(several(links)?)
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}

/// The file that is meant.
fn find(kernel: &Kernel, binary: &Path) -> Result<Arc<MockBinary>, Refusal> {
    kernel.world.binaries.find(binary).ok_or_else(|| {
        let told = format!("there is no `{}` in the simulated system", binary.display());
        Refusal::told(Errno::ENOENT, told).hint("add it: MockSystem::add_binary")
    })
}

/// The offset in the file of a place in it.
fn offset_of(binary: &MockBinary, place: &UserPlace) -> Result<u64, Refusal> {
    match place {
        UserPlace::Offset(offset) => Ok(*offset),
        UserPlace::Symbol { name, offset } => match binary.symbol(name) {
            FoundSymbol::At(start) => start
                .checked_add(*offset)
                .ok_or_else(|| Refusal::from(Errno::EINVAL).hint("the offset is beyond the file")),
            FoundSymbol::Missing(known) => {
                let similar = similar(name, known.iter().map(String::as_str));
                let (shown, meant) = (binary.path.display(), did_you_mean(&similar));
                let told = format!("{shown} has no function `{name}`{meant}");
                Err(Refusal::told(Errno::ENOENT, told))
            }
        },
        _ => Err(Errno::EOPNOTSUPP.into()),
    }
}

/// The process of a number: 0 is that of the current task.
fn process(kernel: &Kernel, pid: Option<u32>) -> Result<Option<u32>, Refusal> {
    let tasks = &kernel.world.tasks;
    match pid {
        None => Ok(None),
        Some(0) => Ok(Some(tasks.current().task.process)),
        Some(pid) if tasks.has_process(pid) => Ok(Some(pid)),
        Some(_) => Err(Refusal::from(Errno::ESRCH).hint("there is no such process")),
    }
}

/// One place of a file in some processes.
struct OneProbe<'p> {
    binary: &'p MockBinary,
    offset: u64,
    counter: u64,
    ret: bool,
    pid: Option<u32>,
}

impl OneProbe<'_> {
    fn attach(
        &self,
        attaching: &Attaching<'_>,
        via: ProbeVia,
        cookie: Option<u64>,
    ) -> Result<Box<dyn Link>, Refusal> {
        if self.offset >= self.binary.size || self.counter >= self.binary.size {
            return Err(Refusal::from(Errno::EINVAL).hint("the offset is beyond the file"));
        }
        let site = Site::Uprobe {
            file: self.binary.path.clone(),
            offset: self.offset,
            counter: self.counter,
            at_return: self.ret,
        };
        let event = Event {
            pid: process(attaching.kernel(), self.pid)?,
            ..Event::new(site, cookie)
        };
        event.attach(attaching, how_of(via), is_of_events(attaching.object()))
    }
}

/// Attaches a program to many places of an executable or library.
pub(super) fn attach_multi(
    program: &MockProgram,
    target: &UprobeMulti,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let attach = || {
        let kernel = attaching.kernel();
        let binary = find(kernel, &target.binary)?;
        let places = many(&attaching, &binary, target)?;
        let site = Site::UprobeMulti {
            file: binary.path.clone(),
            places,
            at_return: target.ret,
            session: target.session,
        };
        let event = Event {
            pid: process(kernel, target.pid)?,
            ..Event::new(site, None)
        };
        event.link(&attaching, LinkType::UPROBE_MULTI)
    };
    attach().map_err(|refusal| attaching.refused(refusal))
}

fn many(
    attaching: &Attaching<'_>,
    binary: &MockBinary,
    target: &UprobeMulti,
) -> Result<Arc<[ProbedPlace]>, Refusal> {
    let offsets: Vec<u64> = match &target.places {
        UserPlaces::Places(places) => {
            let offsets = places.iter().map(|place| offset_of(binary, place));
            offsets.collect::<Result<_, _>>()?
        }
        UserPlaces::Pattern(_)
            if !target.cookies.is_empty() || !target.reference_counters.is_empty() =>
        {
            return Err(Refusal::from(Errno::EINVAL)
                .hint("cookies and counters are for places in an order, which a pattern has not"));
        }
        UserPlaces::Pattern(pattern) => {
            let found = binary.matching(pattern);
            if found.is_empty() {
                let told = format!("no function of {} has such a name", binary.path.display());
                return Err(Refusal::told(Errno::ENOENT, told));
            }
            found
        }
        _ => return Err(Errno::EOPNOTSUPP.into()),
    };
    let wanted = match target.session {
        true => AttachType::TRACE_UPROBE_SESSION,
        false => AttachType::TRACE_UPROBE_MULTI,
    };
    let (count, counters) = (offsets.len(), &target.reference_counters);
    check_several(
        attaching,
        wanted,
        target.session && target.ret,
        count,
        target.cookies.len(),
    )?;
    if count > MOST_PLACES {
        return Err(Errno::E2BIG.into());
    }
    if ![0, count].contains(&counters.len()) || offsets.iter().any(|offset| *offset >= binary.size)
    {
        return Err(Refusal::from(Errno::EINVAL)
            .hint("an offset is beyond the file, or there is not a counter for each place"));
    }
    let counters = counters.iter().copied().chain(std::iter::repeat(0));
    let cookies = target.cookies.iter().copied().chain(std::iter::repeat(0));
    let places = offsets.into_iter().zip(counters).zip(cookies);
    Ok(places
        .map(|((offset, counter), cookie)| ProbedPlace::new(offset, counter, cookie))
        .collect())
}
