//! The probes in tracefs as data, and the removal of what dead processes left of ours.

use std::fmt;

use super::name::Maker;
use super::{GROUP, ProbeFile, Tracefs, remove_event};
use crate::Errno;
use crate::kernel::KernelSystem;
use crate::system::SystemError;

impl KernelSystem {
    /// The probes that anyone defined in tracefs, on the whole machine: by this library where perf has no such events, by
    /// other tools, by hand. Probes by perf's own events are not among them.
    ///
    /// # Errors
    /// `EPERM` or `EACCES` for want of a privilege, `ENODEV` where the kernel has no tracefs.
    #[doc(alias = "kprobe_events")]
    #[doc(alias = "uprobe_events")]
    pub fn probes(&self) -> Result<Vec<TracefsProbe>, SystemError> {
        Tracefs::find()
            .and_then(|tracefs| tracefs.probes())
            .map_err(|errno| refused("list", errno))
    }

    /// Removes the probes that processes which are dead left in tracefs: those that this library made, and nothing else.
    ///
    /// A probe whose process runs still is left alone, as is one of a process of another pid namespace, which cannot be
    /// seen from here.
    ///
    /// # Errors
    /// As [`probes`](Self::probes); probes that cannot be removed are in the answer.
    pub fn cleanup_probes(&self) -> Result<ProbeCleanup, SystemError> {
        Tracefs::find()
            .and_then(|tracefs| tracefs.clean_up())
            .map_err(|errno| refused("clean up", errno))
    }
}

#[cold]
fn refused(op: &'static str, errno: Errno) -> SystemError {
    SystemError::Os {
        op,
        what: "the probes in tracefs".into(),
        errno,
        hint: match errno {
            Errno::EPERM | Errno::EACCES => Some("CAP_SYS_ADMIN (or root) is needed"),
            Errno::ENODEV => Some("the kernel has no tracefs: it is built without CONFIG_TRACING"),
            _ => None,
        },
    }
}

/// A probe that someone defined in tracefs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracefsProbe {
    /// The group, such as `kprobes`; that of this library is `ebpf_core`.
    pub group: String,
    /// The event's name.
    pub event: String,
    /// What kind of probe it is.
    pub kind: ProbeKind,
    /// For a return: how many calls may be under way at once, where the definition says so.
    pub max_active: Option<u32>,
    /// Where it is, as the kernel prints it: `do_exit+0x10`, `/bin/sh:0x0000000000001234`.
    pub target: String,
    /// What is recorded, as the kernel prints it; empty for nothing.
    pub arguments: String,
    /// The process that made it, if that was done by this library.
    pub owner: Option<ProbeOwner>,
}

/// What kind a probe in tracefs is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProbeKind {
    /// In the kernel.
    Kprobe,
    /// At the return of a function of the kernel.
    Kretprobe,
    /// In an executable or library.
    Uprobe,
    /// At the return of a function of an executable or library.
    Uretprobe,
}

impl fmt::Display for ProbeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ProbeKind::Kprobe => "kprobe",
            ProbeKind::Kretprobe => "kretprobe",
            ProbeKind::Uprobe => "uprobe",
            ProbeKind::Uretprobe => "uretprobe",
        })
    }
}

/// The process that made a probe of this library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeOwner {
    /// Its number.
    pub pid: u32,
    /// Whether it runs still: that very process, not another of the same number. `None` for one of another pid
    /// namespace, which cannot be told from here.
    pub alive: Option<bool>,
}

impl fmt::Display for TracefsProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TracefsProbe {
            group,
            event,
            kind,
            target,
            ..
        } = self;
        write!(f, "{kind} {group}/{event} at {target}")?;
        match self.owner {
            None => Ok(()),
            Some(ProbeOwner { pid, alive }) => {
                let state = match alive {
                    Some(true) => "runs",
                    Some(false) => "is dead",
                    None => "is of another pid namespace",
                };
                write!(f, " (of process {pid}, which {state})")
            }
        }
    }
}

/// What a cleanup did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeCleanup {
    /// The probes that were removed.
    pub removed: Vec<TracefsProbe>,
    /// The probes that could not be, and what the kernel said: `EBUSY` where something has the event open still.
    pub failed: Vec<(TracefsProbe, Errno)>,
}

impl TracefsProbe {
    /// Reads a line of a file of definitions, such as `p:kprobes/name do_exit+0x10 arg=%ax`.
    fn parse(file: ProbeFile, line: &str) -> Option<TracefsProbe> {
        let (head, place) = line.split_once(' ')?;
        let (kind, name) = head.split_once(':')?;
        let (group, event) = name.split_once('/')?;
        let (at_return, count) = match kind.strip_prefix('r') {
            Some(count) => (true, count),
            None => (false, kind.strip_prefix('p')?),
        };
        let (target, arguments) = place.split_once(' ').unwrap_or((place, ""));
        Some(TracefsProbe {
            group: group.to_owned(),
            event: event.to_owned(),
            kind: match (file, at_return) {
                (ProbeFile::Kprobes, false) => ProbeKind::Kprobe,
                (ProbeFile::Kprobes, true) => ProbeKind::Kretprobe,
                (ProbeFile::Uprobes, false) => ProbeKind::Uprobe,
                (ProbeFile::Uprobes, true) => ProbeKind::Uretprobe,
            },
            max_active: count.parse().ok(),
            target: target.to_owned(),
            arguments: arguments.trim().to_owned(),
            owner: (group == GROUP)
                .then(|| Maker::of(event))
                .flatten()
                .map(|maker| ProbeOwner {
                    pid: maker.pid,
                    alive: maker.is_alive(),
                }),
        })
    }

    fn file(&self) -> ProbeFile {
        match self.kind {
            ProbeKind::Kprobe | ProbeKind::Kretprobe => ProbeFile::Kprobes,
            ProbeKind::Uprobe | ProbeKind::Uretprobe => ProbeFile::Uprobes,
        }
    }
}

impl Tracefs {
    /// Every probe that someone defined.
    pub(in crate::kernel) fn probes(&self) -> Result<Vec<TracefsProbe>, Errno> {
        let mut probes = Vec::new();
        for file in ProbeFile::ALL {
            match self.read(file.name()) {
                Ok(text) => {
                    let found = text
                        .lines()
                        .filter_map(|line| TracefsProbe::parse(file, line));
                    probes.extend(found);
                }
                // The kernel has no such probes.
                Err(Errno::ENOENT) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(probes)
    }

    /// Removes the probes of this library whose process is dead for certain.
    pub(in crate::kernel) fn clean_up(&self) -> Result<ProbeCleanup, Errno> {
        let mut done = ProbeCleanup::default();
        for probe in self.probes()? {
            if probe.owner.and_then(|owner| owner.alive) != Some(false) {
                continue;
            }
            match remove_event(self, probe.file(), &probe.group, &probe.event) {
                Ok(()) => done.removed.push(probe),
                Err(errno) => done.failed.push((probe, errno)),
            }
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_probes() {
        let probe = TracefsProbe::parse(
            ProbeFile::Kprobes,
            "r4096:kprobes/do_exit_goebpf_77 do_exit+0x10 arg1=%ax b=$stack",
        )
        .expect("a probe");
        assert_eq!(
            (probe.group.as_str(), probe.event.as_str()),
            ("kprobes", "do_exit_goebpf_77")
        );
        assert_eq!(
            (probe.kind, probe.max_active),
            (ProbeKind::Kretprobe, Some(4096))
        );
        assert_eq!(
            (probe.target.as_str(), probe.arguments.as_str()),
            ("do_exit+0x10", "arg1=%ax b=$stack")
        );
        assert_eq!(probe.owner, None);
        assert_eq!(
            probe.to_string(),
            "kretprobe kprobes/do_exit_goebpf_77 at do_exit+0x10"
        );

        let line = "p:ebpf_core/p4194305_1_1_0_main /bin/sh:0x0000000000001234";
        let probe = TracefsProbe::parse(ProbeFile::Uprobes, line).expect("a probe");
        assert_eq!((probe.kind, probe.max_active), (ProbeKind::Uprobe, None));
        assert_eq!(
            probe.to_string(),
            "uprobe ebpf_core/p4194305_1_1_0_main at /bin/sh:0x0000000000001234 (of process 4194305, which is of another pid namespace)"
        );
    }

    #[test]
    fn other_lines_are_none() {
        for line in ["", "p", "p:g/e", "p:e f", "x:g/e f", "p:ge f", " "] {
            assert_eq!(
                TracefsProbe::parse(ProbeFile::Kprobes, line),
                None,
                "{line}"
            );
        }
    }

    #[test]
    fn only_our_own_group_has_owners() {
        let line = "p:kprobes/p1_1_1_0_x f";
        let probe = TracefsProbe::parse(ProbeFile::Kprobes, line).expect("a probe");
        assert_eq!(probe.owner, None);
    }
}
