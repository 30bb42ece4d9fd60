//! Programs at perf events: by a link, or by an ioctl before Linux 5.15.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use super::trouble::Trouble;
use crate::Errno;
use crate::kernel::link::KernelLink;
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::{self, PerfScope};
use crate::kernel::tracefs::DynamicEvent;
use crate::link::{Link, LinkError, LinkInfo, LinkState, LinkTarget, LinkType};
use crate::program::{Program, ProgramId};
use crate::system::Handle;

/// How a program gets to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By a link where the kernel has them, else by ioctl.
    Auto,
    /// By a link.
    Link,
    /// By ioctl.
    Ioctl,
}

/// An open event to attach a program to.
pub(super) struct Event {
    pub(super) fd: OwnedFd,
    pub(super) target: LinkTarget,
    /// What defines the event in tracefs, if we did.
    pub(super) line: Option<DynamicEvent>,
}

/// Every CPU's events, of every process: on an online CPU, for probes and tracepoints fire on all the same.
pub(super) fn everywhere() -> PerfScope {
    let cpu = online().into_iter().next().unwrap_or(0);
    PerfScope { pid: -1, cpu }
}

/// The CPUs that are online; empty where `/sys` does not tell.
pub(super) fn online() -> Vec<i32> {
    let cpus = sys::online_cpus().unwrap_or_default();
    cpus.iter()
        .filter_map(|cpu| i32::try_from(cpu).ok())
        .collect()
}

/// Attaches a program to an event and lets it run.
pub(super) fn attach(
    program: &KernelProgram,
    event: Event,
    how: How,
    cookie: Option<u64>,
) -> Result<Box<dyn Link>, Trouble> {
    // Until it is attached, the event is closed before its line is removed: last bound, first dropped.
    let Event { line, target, fd } = event;
    let link = attach_to(program, fd, target, how, cookie)?;
    Ok(match line {
        None => link,
        Some(line) => Box::new(LinkWithLine { link, line }),
    })
}

fn attach_to(
    program: &KernelProgram,
    event: OwnedFd,
    target: LinkTarget,
    how: How,
    cookie: Option<u64>,
) -> Result<Box<dyn Link>, Trouble> {
    let program_fd = program.fd().ok_or(Errno::EBADF)?;
    if how != How::Ioctl {
        match sys::create_perf_link(program_fd, event.as_fd(), cookie.unwrap_or(0)) {
            Ok(fd) => {
                let link = KernelLink::made(fd, LinkType::PERF_EVENT, target)?;
                sys::enable_perf_event(event.as_fd())?;
                return Ok(Box::new(link));
            }
            // Kernels before 5.15 have no such links; on others the ioctl says what is wrong.
            Err(Errno::EINVAL) if how == How::Auto && cookie.is_none() => {}
            Err(errno @ (Errno::EINVAL | Errno::E2BIG)) => {
                return Err(Trouble::from(errno).hint(
                    "links of perf events, and cookies, need Linux 5.15; or the program is of another type than the event",
                ));
            }
            Err(errno) => return Err(Trouble::from(errno).or_hint(hint(errno))),
        }
    } else if cookie.is_some() {
        return Err(Trouble::from(Errno::EOPNOTSUPP)
            .hint("only links have cookies: say ProbeVia::Auto or ProbeVia::Link"));
    }
    sys::set_perf_event_program(event.as_fd(), program_fd)
        .map_err(|errno| Trouble::from(errno).or_hint(hint(errno)))?;
    sys::enable_perf_event(event.as_fd())?;
    Ok(Box::new(EventLink {
        event,
        program: program.info().id,
        info: LinkInfo::new(None, LinkType::UNSPEC, target),
    }))
}

fn hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EINVAL => Some(
            "the program is of another type than the event, or reads more of its context than the event has",
        ),
        Errno::EEXIST => Some("the event has a program already"),
        Errno::E2BIG => Some("64 programs are attached there already"),
        Errno::EPERM | Errno::EACCES => Some("CAP_PERFMON (or root) is needed"),
        _ => None,
    }
}

/// What might help where an event could not be opened.
pub(super) fn open_hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::EPERM if is_locked_down() => {
            Some("the kernel is locked down, which forbids it (/sys/kernel/security/lockdown)")
        }
        Errno::EPERM | Errno::EACCES => Some(
            "CAP_PERFMON (or root) is needed; kernel.perf_event_paranoid may let others do less or more",
        ),
        Errno::ESRCH => Some("there is no such process"),
        Errno::ENODEV => Some("the processor has no such event, or that CPU is offline"),
        Errno::EMFILE => Some("each event is an open file: raise RLIMIT_NOFILE"),
        _ => None,
    }
}

/// Whether the kernel says that it is locked down.
fn is_locked_down() -> bool {
    std::fs::read_to_string("/sys/kernel/security/lockdown")
        .is_ok_and(|state| !state.contains("[none]"))
}

/// A program that an ioctl put at an event: it is there as long as the event is open.
#[derive(Debug)]
struct EventLink {
    event: OwnedFd,
    program: ProgramId,
    info: LinkInfo,
}

impl Link for EventLink {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        Ok(LinkState::new(Some(self.program), self.info.target.clone()))
    }

    fn handle(&self) -> Option<Handle> {
        None
    }

    fn update<'p>(
        &self,
        _: &'p (dyn Program + 'p),
        _: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        Err(self.info.unsupported(
            "update",
            "an event takes one program by ioctl: attach the new one beside it, then detach this",
        ))
    }

    fn pin(&self, _: &Path) -> Result<(), LinkError> {
        Err(self.info.unsupported(
            "pin",
            "an attachment by ioctl is no object: links of perf events need Linux 5.15",
        ))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        // Closing it would do, were there no copy of the descriptor anywhere.
        sys::disable_perf_event(self.event.as_fd())
            .map_err(|errno| self.info.refused("detach", errno, None))
    }

    fn forget(self: Box<Self>) {
        // The descriptor stays open until the process ends.
        std::mem::forget(self);
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.event.as_fd())
    }
}

/// An attachment to an event that we defined in tracefs, whose line goes once the event is closed.
#[derive(Debug)]
struct LinkWithLine {
    // Dropped in this order.
    link: Box<dyn Link>,
    line: DynamicEvent,
}

impl Link for LinkWithLine {
    fn info(&self) -> &LinkInfo {
        self.link.info()
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        self.link.query()
    }

    fn handle(&self) -> Option<Handle> {
        self.link.handle()
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        self.link.update(new, expected)
    }

    fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError> {
        self.link.read()
    }

    fn pin(&self, path: &Path) -> Result<(), LinkError> {
        self.link.pin(path)
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        let LinkWithLine { link, line } = *self;
        let info = link.info().clone();
        link.detach()?;
        line.remove().map_err(|errno| {
            let hint = (errno == Errno::EBUSY).then_some(
                "something else has it open: KernelSystem::cleanup_probes removes it once this process is gone",
            );
            info.refused("remove the event in tracefs of the", errno, hint)
        })
    }

    fn forget(self: Box<Self>) {
        let LinkWithLine { link, line } = *self;
        link.forget();
        line.forget();
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.link.fd()
    }
}
