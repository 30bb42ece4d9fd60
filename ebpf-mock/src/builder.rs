//! What a simulated machine is made of.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ebpf_core::btf::Btf;
use ebpf_core::map::MapType;
use ebpf_core::system::{Clock, CpuSet, Cpus, KernelVersion};
use parking_lot::Mutex;

use crate::MockSystem;
use crate::engine::trace::{Trace, Traced};
use crate::kernel_types::KernelTypes;
use crate::privileges::Privileges;
use crate::symbols::Symbols;

/// Makes a [`MockSystem`]: each part of the machine can be said, and has a fixed value otherwise, so that tests repeat.
#[derive(Debug)]
#[must_use = "`build` makes the system"]
pub struct MockSystemBuilder {
    machine: Machine,
    /// What the kernel's own types are made of, where they are not given whole.
    types: Option<KernelTypes>,
}

/// A simulated machine, apart from its kernel's objects.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) cpus: Cpus,
    pub(crate) clock: Mutex<Clock>,
    pub(crate) seed: u64,
    pub(crate) release: KernelVersion,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) target_btf: Option<Arc<Btf>>,
    /// Modules that are loaded, with their types.
    pub(crate) modules: BTreeMap<Arc<str>, Arc<Btf>>,
    pub(crate) symbols: Symbols,
    pub(crate) privileges: Privileges,
    /// Whether users without privileges may use bpf(2) not at all.
    pub(crate) unprivileged_bpf_disabled: bool,
    pub(crate) memory: u64,
    pub(crate) bpffs: Vec<PathBuf>,
    /// How many instructions a run may execute.
    pub(crate) budget: u64,
    /// How often a function may go on at a `may_goto`.
    pub(crate) loops: u32,
    /// Whether stack that was not written reads as zeros.
    pub(crate) zeroed_stack: bool,
    /// Whether loading refuses what a verifier is certain to refuse.
    pub(crate) static_checks: bool,
    /// Whether what is executed is counted, and where that is written to in the end.
    pub(crate) coverage: Option<Option<PathBuf>>,
    /// Who is told of what is executed.
    pub(crate) trace: Option<Trace>,
}

impl Machine {
    /// Whether its user may make maps of a type: `map_create()` in kernel/bpf/syscall.c.
    pub(crate) fn may_make(&self, map_type: MapType) -> bool {
        let wanted = match map_type {
            MapType::SOCKMAP
            | MapType::SOCKHASH
            | MapType::DEVMAP
            | MapType::DEVMAP_HASH
            | MapType::XSKMAP => Privileges::NET_ADMIN,
            MapType::ARRAY
            | MapType::PERCPU_ARRAY
            | MapType::PROG_ARRAY
            | MapType::PERF_EVENT_ARRAY
            | MapType::CGROUP_ARRAY
            | MapType::ARRAY_OF_MAPS
            | MapType::HASH
            | MapType::PERCPU_HASH
            | MapType::HASH_OF_MAPS
            | MapType::RINGBUF
            | MapType::USER_RINGBUF
            | MapType::CGROUP_STORAGE
            | MapType::PERCPU_CGROUP_STORAGE => Privileges::NONE,
            _ => Privileges::BPF,
        };
        let has = |wanted| self.privileges.include(wanted);
        has(wanted) && (has(Privileges::BPF) || !self.unprivileged_bpf_disabled)
    }
}

impl MockSystemBuilder {
    pub(crate) fn new() -> MockSystemBuilder {
        let cpus = CpuSet::new(0..4);
        // A minute after boot, on the first day of 2026.
        let uptime = Duration::from_secs(60);
        let clock = Clock {
            monotonic: uptime,
            boot: uptime,
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600),
        };
        MockSystemBuilder {
            machine: Machine {
                cpus: Cpus {
                    possible: cpus.clone(),
                    online: cpus,
                },
                clock: Mutex::new(clock),
                seed: 0,
                release: KernelVersion::new(6, 18, 0),
                config: BTreeMap::new(),
                target_btf: None,
                modules: BTreeMap::new(),
                symbols: Symbols::common(),
                privileges: Privileges::ROOT,
                unprivileged_bpf_disabled: true,
                memory: 4 << 30,
                bpffs: vec![PathBuf::from("/sys/fs/bpf")],
                budget: 100_000_000,
                loops: 1 << 23,
                zeroed_stack: false,
                static_checks: true,
                coverage: std::env::var_os("EBPF_COVERAGE")
                    .filter(|directory| !directory.is_empty())
                    .map(|directory| Some(PathBuf::from(directory))),
                trace: None,
            },
            types: Some(KernelTypes::new()),
        }
    }

    /// So many CPUs, possible and online; at least one.
    pub fn cpus(self, count: u32) -> MockSystemBuilder {
        let cpus = CpuSet::new(0..count.clamp(1, CpuSet::MAX));
        self.cpu_sets(Cpus {
            possible: cpus.clone(),
            online: cpus,
        })
    }

    /// These CPUs.
    pub fn cpu_sets(mut self, cpus: Cpus) -> MockSystemBuilder {
        self.machine.cpus = cpus;
        self
    }

    /// What the clocks show at first. They stand still until the test moves them.
    pub fn clock(mut self, clock: Clock) -> MockSystemBuilder {
        self.machine.clock = Mutex::new(clock);
        self
    }

    /// What random numbers and orders come from: the same seed gives the same ones. 0 without it.
    pub fn seed(mut self, seed: u64) -> MockSystemBuilder {
        self.machine.seed = seed;
        self
    }

    /// The release that the kernel is, 6.18 without it: what came later is not there, and is answered as that release
    /// answers it. It has all that its release has, whatever a distribution may have left out.
    ///
    /// ```
    /// use ebpf_core::{Errno, System};
    /// use ebpf_core::map::{MapSpec, MapType};
    /// use ebpf_core::system::KernelVersion;
    /// use ebpf_mock::MockSystem;
    ///
    /// let old = MockSystem::builder().release(KernelVersion::new(5, 4, 0)).build();
    /// let refused = old.create_map(&MapSpec::new("events", MapType::RINGBUF, 0, 0, 4096), None);
    /// assert_eq!(refused.map(|_| ()).map_err(|error| error.errno()), Err(Some(Errno::EINVAL)));
    /// ```
    pub fn release(mut self, release: KernelVersion) -> MockSystemBuilder {
        self.machine.release = release;
        self
    }

    /// What the process may do; everything without it.
    pub fn privileges(mut self, privileges: Privileges) -> MockSystemBuilder {
        self.machine.privileges = privileges;
        self
    }

    /// Whether users without privileges may make some maps and load socket filters; they may not without it.
    #[doc(alias = "kernel.unprivileged_bpf_disabled")]
    pub fn unprivileged_bpf(mut self, allowed: bool) -> MockSystemBuilder {
        self.machine.unprivileged_bpf_disabled = !allowed;
        self
    }

    /// An option of the kernel's configuration, such as `CONFIG_HZ` and `1000`.
    pub fn config(mut self, option: &str, value: &str) -> MockSystemBuilder {
        self.machine
            .config
            .insert(option.to_owned(), value.to_owned());
        self
    }

    /// The kernel's own types; without it, there are only those of the kernel functions that the simulated system has.
    pub fn target_btf(mut self, btf: Arc<Btf>) -> MockSystemBuilder {
        self.machine.target_btf = Some(btf);
        self.types = None;
        self
    }

    /// A kernel without types of its own: `CONFIG_DEBUG_INFO_BTF` is off.
    pub fn without_target_btf(mut self) -> MockSystemBuilder {
        self.machine.target_btf = None;
        self.types = None;
        self
    }

    /// A kernel with these functions, hooks and structures: its own types have them, and its symbols. It has no types where
    /// one of the names cannot be a name.
    pub fn kernel_types(mut self, types: KernelTypes) -> MockSystemBuilder {
        for (name, address) in types.symbols() {
            self.machine.symbols.insert(name, address, None);
        }
        self.types = Some(types);
        self
    }

    /// A module that is loaded. Its types rest upon the kernel's.
    pub fn module(mut self, name: &str, types: Arc<Btf>) -> MockSystemBuilder {
        self.machine.modules.insert(name.into(), types);
        self
    }

    /// A symbol of the kernel and its address, as in `/proc/kallsyms`. A few that every kernel has are there without it.
    pub fn symbol(mut self, name: &str, address: u64) -> MockSystemBuilder {
        self.machine.symbols.insert(name.into(), address, None);
        self
    }

    /// Symbols as a line each of `/proc/kallsyms` has them, in place of those that are there without it. What is no such
    /// line is passed over.
    pub fn kallsyms(mut self, text: &str) -> MockSystemBuilder {
        self.machine.symbols = Symbols::parse(text);
        self
    }

    /// Bytes that maps may have in all, before `ENOMEM`: 4 GiB without it. They are counted, not allocated.
    pub fn memory(mut self, bytes: u64) -> MockSystemBuilder {
        self.machine.memory = bytes;
        self
    }

    /// Where a BPF file system is mounted, besides `/sys/fs/bpf`.
    pub fn bpffs(mut self, path: impl Into<PathBuf>) -> MockSystemBuilder {
        self.machine.bpffs.push(path.into());
        self
    }

    /// How many instructions a run of a program may execute before it is stopped with an error: 100 million without it.
    ///
    /// A kernel has no such limit: its verifier sees to it that programs end.
    pub fn instruction_budget(mut self, instructions: u64) -> MockSystemBuilder {
        self.machine.budget = instructions;
        self
    }

    /// How often a function goes on at its `may_goto` instructions before they jump: 2^23 without it.
    ///
    /// Kernels bound this by time, or by this number where they cannot.
    #[doc(alias = "BPF_MAX_LOOPS")]
    pub fn may_goto_budget(mut self, times: u32) -> MockSystemBuilder {
        self.machine.loops = times;
        self
    }

    /// Lets programs read stack that they did not write: it reads as zeros. Without it they are stopped with an error.
    ///
    /// Kernels let privileged programs read whatever is there.
    pub fn uninitialized_stack(mut self, allowed: bool) -> MockSystemBuilder {
        self.machine.zeroed_stack = allowed;
        self
    }

    /// Whether loading refuses programs that a verifier is certain to refuse, as it does without this.
    ///
    /// Without the checks such programs load, and are stopped where they go wrong: the report tells more than a verifier does.
    pub fn static_checks(mut self, wanted: bool) -> MockSystemBuilder {
        self.machine.static_checks = wanted;
        self
    }

    /// Counts which instructions programs execute: [`MockSystem::coverage`] tells it.
    ///
    /// Where the environment variable `EBPF_COVERAGE` names a directory, every system counts, and writes a file that lcov
    /// and genhtml read to it when it ends. Files are never written over, so the tests of many threads, processes and runs
    /// add up: `genhtml --branch-coverage --output-directory html coverage/*.info`.
    pub fn coverage(mut self) -> MockSystemBuilder {
        self.machine.coverage.get_or_insert(None);
        self
    }

    /// Tells of every instruction that programs execute, with its place in the source: before the next jump, not at once.
    pub fn trace(mut self, told: impl Fn(&Traced) + Send + Sync + 'static) -> MockSystemBuilder {
        self.machine.trace = Some(Trace::new(told));
        self
    }

    /// The system.
    pub fn build(mut self) -> MockSystem {
        if let Some(types) = self.types {
            self.machine.target_btf = types.build(self.machine.release);
        }
        MockSystem::of(self.machine)
    }
}
