//! Perf events: programs at the samples of a counter of the processor or the kernel.

use std::fmt;

open_enum! {
    /// Which kind of event, and so what its number means.
    ///
    /// `enum perf_type_id` in include/uapi/linux/perf_event.h; other numbers are in `/sys/bus/event_source/devices/*/type`.
    #[doc(alias = "perf_type_id")]
    pub struct PerfType: "perf event type" {
        /// A counter of the processor, a [`HardwareEvent`].
        HARDWARE = 0, "PERF_TYPE_HARDWARE", "hardware";
        /// A counter of the kernel, a [`SoftwareEvent`].
        SOFTWARE = 1, "PERF_TYPE_SOFTWARE", "software";
        /// A tracepoint, by its id.
        TRACEPOINT = 2, "PERF_TYPE_TRACEPOINT", "tracepoint";
        /// A cache's counter: cache, operation and result.
        HW_CACHE = 3, "PERF_TYPE_HW_CACHE", "cache";
        /// A counter of the processor by its own number.
        RAW = 4, "PERF_TYPE_RAW", "raw";
        /// A hardware breakpoint.
        BREAKPOINT = 5, "PERF_TYPE_BREAKPOINT", "breakpoint";
    }
}

open_enum! {
    /// A counter of the kernel.
    ///
    /// `enum perf_sw_ids` in include/uapi/linux/perf_event.h.
    #[doc(alias = "perf_sw_ids")]
    pub struct SoftwareEvent: "software event" {
        /// Nanoseconds on the CPU, by a timer of high resolution.
        CPU_CLOCK = 0, "PERF_COUNT_SW_CPU_CLOCK", "cpu-clock";
        /// Nanoseconds of a task.
        TASK_CLOCK = 1, "PERF_COUNT_SW_TASK_CLOCK", "task-clock";
        /// Page faults.
        PAGE_FAULTS = 2, "PERF_COUNT_SW_PAGE_FAULTS", "page-faults";
        /// Context switches.
        CONTEXT_SWITCHES = 3, "PERF_COUNT_SW_CONTEXT_SWITCHES", "context-switches";
        /// Migrations of a task to another CPU.
        CPU_MIGRATIONS = 4, "PERF_COUNT_SW_CPU_MIGRATIONS", "cpu-migrations";
        /// Page faults without input or output.
        PAGE_FAULTS_MIN = 5, "PERF_COUNT_SW_PAGE_FAULTS_MIN", "minor-faults";
        /// Page faults with input or output.
        PAGE_FAULTS_MAJ = 6, "PERF_COUNT_SW_PAGE_FAULTS_MAJ", "major-faults";
        /// Misaligned accesses that the kernel made good.
        ALIGNMENT_FAULTS = 7, "PERF_COUNT_SW_ALIGNMENT_FAULTS", "alignment-faults";
        /// Instructions that the kernel emulated.
        EMULATION_FAULTS = 8, "PERF_COUNT_SW_EMULATION_FAULTS", "emulation-faults";
        /// Nothing.
        DUMMY = 9, "PERF_COUNT_SW_DUMMY", "dummy";
        /// What programs write with `bpf_perf_event_output`.
        BPF_OUTPUT = 10, "PERF_COUNT_SW_BPF_OUTPUT", "bpf-output";
        /// Context switches to a task of another control group. Since Linux 5.13.
        CGROUP_SWITCHES = 11, "PERF_COUNT_SW_CGROUP_SWITCHES", "cgroup-switches";
    }
}

open_enum! {
    /// A counter of the processor that many have.
    ///
    /// `enum perf_hw_id` in include/uapi/linux/perf_event.h.
    #[doc(alias = "perf_hw_id")]
    pub struct HardwareEvent: "hardware event" {
        /// Cycles.
        CPU_CYCLES = 0, "PERF_COUNT_HW_CPU_CYCLES", "cycles";
        /// Retired instructions.
        INSTRUCTIONS = 1, "PERF_COUNT_HW_INSTRUCTIONS", "instructions";
        /// Accesses of a cache, usually of the last level.
        CACHE_REFERENCES = 2, "PERF_COUNT_HW_CACHE_REFERENCES", "cache-references";
        /// Misses of that cache.
        CACHE_MISSES = 3, "PERF_COUNT_HW_CACHE_MISSES", "cache-misses";
        /// Retired branches.
        BRANCH_INSTRUCTIONS = 4, "PERF_COUNT_HW_BRANCH_INSTRUCTIONS", "branches";
        /// Mispredicted branches.
        BRANCH_MISSES = 5, "PERF_COUNT_HW_BRANCH_MISSES", "branch-misses";
        /// Cycles of the bus.
        BUS_CYCLES = 6, "PERF_COUNT_HW_BUS_CYCLES", "bus-cycles";
        /// Cycles stalled when instructions are issued.
        STALLED_CYCLES_FRONTEND = 7, "PERF_COUNT_HW_STALLED_CYCLES_FRONTEND", "stalled-cycles-frontend";
        /// Cycles stalled when instructions are retired.
        STALLED_CYCLES_BACKEND = 8, "PERF_COUNT_HW_STALLED_CYCLES_BACKEND", "stalled-cycles-backend";
        /// Cycles, whatever the frequency.
        REF_CPU_CYCLES = 9, "PERF_COUNT_HW_REF_CPU_CYCLES", "ref-cycles";
    }
}

flags! {
    /// Which accesses a hardware breakpoint is for.
    ///
    /// `HW_BREAKPOINT_*` in include/uapi/linux/hw_breakpoint.h.
    pub struct BreakpointAccess: u32 {
        /// No access.
        NONE = 0, "HW_BREAKPOINT_EMPTY";
        /// Reads. Some processors, x86 among them, cannot tell them from writes: say both.
        READ = 1, "HW_BREAKPOINT_R";
        /// Writes.
        WRITE = 2, "HW_BREAKPOINT_W";
        /// Execution.
        EXECUTE = 4, "HW_BREAKPOINT_X";
    }
}

/// When an event is a sample, at which the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sampling {
    /// Every so many events.
    #[doc(alias = "sample_period")]
    Period(u64),
    /// As often as it takes for so many samples a second, up to `kernel.perf_event_max_sample_rate`.
    #[doc(alias = "sample_freq")]
    Frequency(u64),
}

/// A perf event, on some CPUs, in some processes.
///
/// Without a CPU it is all that are online, each with an event of its own that is attached with the others; without a
/// process it is whatever runs there. With a process and no CPU it follows the process.
///
/// For programs of the type [`PERF_EVENT`](crate::program::ProgramType::PERF_EVENT).
///
/// Since Linux 4.9. `perf_event_set_bpf_handler()` in kernel/events/core.c.
///
/// ```
/// use ebpf_core::hook::{PerfEvent, Sampling, SoftwareEvent};
/// let clock = PerfEvent::software(SoftwareEvent::CPU_CLOCK, Sampling::Frequency(99)).cpu(0);
/// assert_eq!(clock.to_string(), "perf event cpu-clock on CPU 0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "perf_event_open")]
pub struct PerfEvent {
    /// The kind of event.
    pub event_type: PerfType,
    /// Its number among those of its kind.
    pub config: u64,
    /// For a breakpoint: the address; else more of the event's number.
    pub config1: u64,
    /// For a breakpoint: bytes from the address, 1, 2, 4 or 8; else more of the event's number.
    pub config2: u64,
    /// For a breakpoint: the accesses.
    pub access: BreakpointAccess,
    /// When it is a sample.
    pub sampling: Sampling,
    /// The process or thread, 0 for the calling thread; `None` for all.
    pub pid: Option<u32>,
    /// Whether threads and processes that the process starts later are counted too.
    pub inherit: bool,
    /// The CPU; `None` for all that are online.
    pub cpu: Option<u32>,
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
}

impl PerfEvent {
    /// A counter of the kernel.
    pub fn software(event: SoftwareEvent, sampling: Sampling) -> PerfEvent {
        PerfEvent::new(PerfType::SOFTWARE, event.0.into(), sampling)
    }

    /// A counter of the processor; virtual machines often have none.
    pub fn hardware(event: HardwareEvent, sampling: Sampling) -> PerfEvent {
        PerfEvent::new(PerfType::HARDWARE, event.0.into(), sampling)
    }

    /// A counter of the processor by the number that its manual gives.
    pub fn raw(config: u64, sampling: Sampling) -> PerfEvent {
        PerfEvent::new(PerfType::RAW, config, sampling)
    }

    /// A hardware breakpoint: each such access of the `bytes` (1, 2, 4 or 8) at `address`. For execution `bytes` is
    /// the size of a pointer.
    pub fn breakpoint(address: u64, bytes: u64, access: BreakpointAccess) -> PerfEvent {
        PerfEvent {
            config1: address,
            config2: bytes,
            access,
            ..PerfEvent::new(PerfType::BREAKPOINT, 0, Sampling::Period(1))
        }
    }

    /// An event of any kind, such as one of `/sys/bus/event_source/devices`.
    pub fn new(event_type: PerfType, config: u64, sampling: Sampling) -> PerfEvent {
        PerfEvent {
            event_type,
            config,
            config1: 0,
            config2: 0,
            access: BreakpointAccess::NONE,
            sampling,
            pid: None,
            inherit: false,
            cpu: None,
            cookie: None,
        }
    }

    /// The same in this process or thread only; 0 is the calling thread.
    #[must_use]
    pub fn pid(self, pid: u32) -> PerfEvent {
        PerfEvent {
            pid: Some(pid),
            ..self
        }
    }

    /// The same, in the threads and processes that the process starts later too.
    #[must_use]
    pub fn inherit(self) -> PerfEvent {
        PerfEvent {
            inherit: true,
            ..self
        }
    }

    /// The same on this CPU only.
    #[must_use]
    pub fn cpu(self, cpu: u32) -> PerfEvent {
        PerfEvent {
            cpu: Some(cpu),
            ..self
        }
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 5.15.
    #[must_use]
    #[doc(alias = "bpf_cookie")]
    pub fn cookie(self, cookie: u64) -> PerfEvent {
        PerfEvent {
            cookie: Some(cookie),
            ..self
        }
    }
}

impl fmt::Display for PerfEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("perf event ")?;
        let number = u32::try_from(self.config).ok();
        match (self.event_type, number) {
            (PerfType::SOFTWARE, Some(number)) => SoftwareEvent(number).fmt(f)?,
            (PerfType::HARDWARE, Some(number)) => HardwareEvent(number).fmt(f)?,
            (PerfType::BREAKPOINT, _) => write!(f, "breakpoint at {:#x}", self.config1)?,
            (event_type, _) => write!(f, "{event_type} {:#x}", self.config)?,
        }
        if let Some(cpu) = self.cpu {
            write!(f, " on CPU {cpu}")?;
        }
        match self.pid {
            None => Ok(()),
            Some(0) => f.write_str(" in this thread"),
            Some(pid) => write!(f, " in {pid}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_it_is() {
        let every = Sampling::Period(1);
        for (event, text) in [
            (
                PerfEvent::software(SoftwareEvent::PAGE_FAULTS, every).pid(0),
                "perf event page-faults in this thread",
            ),
            (
                PerfEvent::hardware(HardwareEvent::CPU_CYCLES, every).pid(7),
                "perf event cycles in 7",
            ),
            (PerfEvent::raw(0x1c2, every), "perf event raw 0x1c2"),
            (
                PerfEvent::breakpoint(0x1000, 4, BreakpointAccess::WRITE),
                "perf event breakpoint at 0x1000",
            ),
            (
                PerfEvent::software(SoftwareEvent(99), every),
                "perf event software event 99",
            ),
        ] {
            assert_eq!(event.to_string(), text);
        }
    }
}
