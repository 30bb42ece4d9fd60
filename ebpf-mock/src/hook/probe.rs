//! Programs at probes, tracepoints and events: by a link, or by an ioctl.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};

use super::attaching::{Attaching, Refusal};
use super::unowned::{Unowned, UnownedLink};
use crate::kernel::Kernel;
use crate::link::{self, Attachment};
use crate::program::ProgramObject;
use crate::world::{Probe, Site};

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

/// Where, and for what: only for a process, or on a CPU, if they are said.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) site: Site,
    pub(super) cookie: Option<u64>,
    pub(super) pid: Option<u32>,
    pub(super) cpu: Option<u32>,
}

impl Event {
    /// Everywhere.
    pub(super) fn new(site: Site, cookie: Option<u64>) -> Event {
        Event {
            site,
            cookie,
            pid: None,
            cpu: None,
        }
    }

    fn probe(&self, program: &Arc<ProgramObject>) -> Probe {
        Probe {
            site: self.site.clone(),
            program: program.clone(),
            cookie: self.cookie.unwrap_or(0),
            pid: self.pid,
            cpu: self.cpu,
        }
    }

    /// Attaches a program that fits the event, as an event of perf.
    pub(super) fn attach(
        self,
        attaching: &Attaching<'_>,
        how: How,
        fits: bool,
    ) -> Result<Box<dyn Link>, Refusal> {
        let has_links = attaching.has_links(LinkType::PERF_EVENT);
        let by_link = match how {
            How::Auto => has_links || self.cookie.is_some(),
            How::Link => true,
            How::Ioctl if self.cookie.is_some() => {
                return Err(Refusal::from(Errno::EOPNOTSUPP)
                    .hint("only links have cookies: say ProbeVia::Auto or ProbeVia::Link"));
            }
            How::Ioctl => false,
        };
        if !fits || (by_link && !has_links) {
            return Err(Refusal::from(Errno::EINVAL).hint(
                "the program is of another type than the event; links of perf events, and cookies, need Linux 5.15",
            ));
        }
        if by_link {
            return self.link(attaching, LinkType::PERF_EVENT);
        }
        let (kernel, program) = (attaching.kernel(), attaching.object());
        let number = kernel.world.probes.attach(self.probe(program));
        let number = number.map_err(refusal)?;
        let info = LinkInfo::new(None, LinkType::UNSPEC, self.site.target(self.pid));
        let place = AtEvent { number };
        Ok(Box::new(UnownedLink::new(kernel, info, place, program)))
    }

    /// Attaches a program by a link of this type.
    pub(super) fn link(
        self,
        attaching: &Attaching<'_>,
        link_type: LinkType,
    ) -> Result<Box<dyn Link>, Refusal> {
        let (kernel, program) = (attaching.kernel(), attaching.object());
        let linked = link::link(kernel, link_type, program, |_| {
            let number = kernel.world.probes.attach(self.probe(program))?;
            Ok(OfProbe {
                number,
                target: self.site.target(self.pid),
                cookie: self.cookie.unwrap_or(0),
            })
        });
        linked.map_err(refusal)
    }
}

fn refusal(errno: Errno) -> Refusal {
    let refusal = Refusal::from(errno);
    match hint(errno) {
        Some(hint) => refusal.hint(hint),
        None => refusal,
    }
}

pub(super) fn hint(errno: Errno) -> Option<&'static str> {
    match errno {
        Errno::E2BIG => Some("as many programs as can be are attached there"),
        Errno::EBUSY => Some(
            "something is attached there that excludes it, or it is attached already: a program is attached to what it \
             was loaded for once",
        ),
        _ => None,
    }
}

/// The place of a link.
#[derive(Debug)]
struct OfProbe {
    number: u64,
    target: LinkTarget,
    cookie: u64,
}

impl Attachment for OfProbe {
    fn target(&self, _: &Kernel) -> LinkTarget {
        self.target.clone()
    }

    fn cookie(&self) -> u64 {
        self.cookie
    }

    fn updates(&self) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn replace(&self, _: &Kernel, _: u32, _: &Arc<ProgramObject>) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    fn remove(&self, kernel: &Kernel, _: u32) {
        kernel.world.probes.detach(self.number);
    }

    fn detaches(&self) -> bool {
        false
    }
}

/// A program that an ioctl put at an event.
#[derive(Debug)]
struct AtEvent {
    number: u64,
}

impl Unowned for AtEvent {
    fn found(&self, _: &Kernel, ours: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        Some(ours.clone())
    }

    fn replace(
        &self,
        _: &Kernel,
        _: &Arc<ProgramObject>,
        _: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        Err(Errno::EEXIST)
    }

    fn remove(&self, kernel: &Kernel, _: &Arc<ProgramObject>, _: bool) -> Result<(), Errno> {
        kernel.world.probes.detach(self.number);
        Ok(())
    }

    fn no_update(&self) -> Option<&'static str> {
        Some("an event takes one program by ioctl: attach the new one beside it, then detach this")
    }

    fn no_pin(&self) -> &'static str {
        "an attachment by ioctl is no object: links of perf events need Linux 5.15"
    }
}
