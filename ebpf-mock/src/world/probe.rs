//! Programs at probes, tracepoints and events: which of them run when something happens.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::link::{LinkTarget, ProbedFunction, ProbedPlace};
use ebpf_core::program::AttachType;
use parking_lot::Mutex;

use crate::program::ProgramObject;

/// The most programs at one tracepoint: `BPF_TRACE_MAX_PROGS` in kernel/trace/bpf_trace.c.
const MOST: usize = 64;
/// The most programs of one function by fentry and fexit: `BPF_MAX_TRAMP_LINKS` in include/linux/bpf.h.
const MOST_TRAMPOLINES: usize = 38;

/// Where a program is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    Kprobe {
        /// Empty for a probe by address.
        function: Arc<str>,
        offset: u32,
        /// The start of the function.
        address: u64,
        at_return: bool,
    },
    KprobeMulti {
        functions: Arc<[ProbedFunction]>,
        at_return: bool,
        session: bool,
    },
    Uprobe {
        file: PathBuf,
        offset: u64,
        counter: u64,
        at_return: bool,
    },
    UprobeMulti {
        file: PathBuf,
        places: Arc<[ProbedPlace]>,
        at_return: bool,
        session: bool,
    },
    Tracepoint {
        category: Arc<str>,
        name: Arc<str>,
    },
    RawTracepoint {
        name: Arc<str>,
    },
    PerfEvent {
        event_type: u32,
        config: u64,
    },
    /// What the program was loaded for, or another function that it takes the place of.
    Tracing {
        attach_type: AttachType,
        /// The program whose function it is; 0 for the kernel's.
        object: u32,
        function: u32,
    },
}

impl Site {
    /// Where a link to it is; `pid` is the only process that it is for.
    pub(crate) fn target(&self, pid: Option<u32>) -> LinkTarget {
        match self.clone() {
            Site::Kprobe {
                function,
                offset,
                address,
                at_return,
            } => LinkTarget::Kprobe {
                function,
                offset,
                address,
                at_return,
            },
            Site::KprobeMulti {
                functions,
                at_return,
                ..
            } => LinkTarget::KprobeMulti {
                functions,
                at_return,
            },
            Site::Uprobe {
                file,
                offset,
                counter,
                at_return,
            } => LinkTarget::Uprobe {
                file: file.to_string_lossy().into(),
                offset,
                ref_ctr_offset: counter,
                at_return,
            },
            Site::UprobeMulti {
                file,
                places,
                at_return,
                ..
            } => LinkTarget::UprobeMulti {
                file: file.to_string_lossy().into(),
                places,
                pid: pid.unwrap_or(0),
                at_return,
            },
            Site::Tracepoint { name, .. } => LinkTarget::Tracepoint { name },
            Site::RawTracepoint { name } => LinkTarget::RawTracepoint { name },
            Site::PerfEvent { event_type, config } => LinkTarget::PerfEvent { event_type, config },
            Site::Tracing {
                attach_type,
                object,
                function,
            } => LinkTarget::Tracing {
                attach_type,
                target_object: object,
                target_type: function,
            },
        }
    }
}

/// A program at a site.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) site: Site,
    pub(crate) program: Arc<ProgramObject>,
    pub(crate) cookie: u64,
    /// Only what this process does.
    pub(crate) pid: Option<u32>,
    /// Only what happens on this CPU.
    pub(crate) cpu: Option<u32>,
}

/// The programs at sites, in the order in which they were attached.
#[derive(Debug, Default)]
pub(crate) struct Probes(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    last: u64,
    probes: BTreeMap<u64, Probe>,
}

impl Probes {
    /// Puts a program at a site; the number takes it away again.
    pub(crate) fn attach(&self, probe: Probe) -> Result<u64, Errno> {
        let mut table = self.0.lock();
        let others = table.probes.values();
        let same: Vec<&Probe> = others.filter(|other| other.site == probe.site).collect();
        match &probe.site {
            Site::Tracepoint { .. } if same.len() >= MOST => return Err(Errno::E2BIG),
            Site::Tracing {
                attach_type,
                object: 0,
                ..
            } => {
                // A program is attached to what it was loaded for once.
                let again = |other: &Probe| Arc::ptr_eq(&other.program, &probe.program);
                if same.iter().any(|other| again(other)) {
                    return Err(Errno::EBUSY);
                }
                let raw = *attach_type == AttachType::TRACE_RAW_TP;
                if !raw && same.len() >= MOST_TRAMPOLINES {
                    return Err(Errno::E2BIG);
                }
            }
            // A function is replaced by one at a time.
            Site::Tracing { .. } if !same.is_empty() => return Err(Errno::EBUSY),
            _ => {}
        }
        table.last += 1;
        let number = table.last;
        table.probes.insert(number, probe);
        Ok(number)
    }

    /// Takes a program away.
    pub(crate) fn detach(&self, number: u64) {
        let gone = self.0.lock().probes.remove(&number);
        drop(gone);
    }

    /// The programs at the sites that are meant, with the cookie that each is told: `meant` gives that of a site with
    /// several.
    pub(crate) fn at(
        &self,
        (process, cpu): (u32, u32),
        meant: impl Fn(&Probe) -> Option<u64>,
    ) -> Vec<(Arc<ProgramObject>, u64)> {
        let table = self.0.lock();
        let here = |probe: &&Probe| {
            probe.pid.is_none_or(|pid| pid == process) && probe.cpu.is_none_or(|only| only == cpu)
        };
        let probes = table.probes.values().filter(here);
        probes
            .filter_map(|probe| Some((probe.program.clone(), meant(probe)?)))
            .collect()
    }
}
