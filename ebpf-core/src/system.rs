//! Where maps and programs live: the trait that the Linux kernel's backend and a simulation implement.

mod introspect;

pub mod hint;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use introspect::{BtfId, BtfInfo, Ids, KernelSymbol, Objects, StatsGuard};

use crate::btf::{Btf, TypeId};
use crate::link::{Link, LinkError, LinkType};
use crate::map::{Map, MapError, MapId, MapSpec, MapType};
use crate::program::{AttachType, Program, ProgramError, ProgramId, ProgramSpec, ProgramType};
use crate::{Errno, link::LinkId};

/// Where maps and programs live: the Linux kernel, or a simulation of it. For implementors; users call `SystemExt`.
///
/// # Contract
/// - Both kinds of system get the same specs from the same loader; a spec never holds a descriptor.
/// - Errors carry Linux error numbers, on every operating system.
/// - Objects live as long as something refers to them: a value returned here, a pin, a link, another object.
pub trait System: fmt::Debug + Send + Sync {
    /// Tells this system from others; two kernels' backends in one process are the same system.
    fn id(&self) -> SystemId;

    /// Creates a map.
    ///
    /// `inner` is the template of a map of maps; without it one is made from [`MapSpec::inner`] for the call. The spec's
    /// contents, freezing and pinning are the loader's work, not done here.
    ///
    /// # Errors
    /// [`MapError::Spec`] for what every system refuses, [`MapError::Os`] for the rest.
    ///
    /// Since Linux 3.19. `map_create()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_CREATE")]
    fn create_map(&self, spec: &MapSpec, inner: Option<&dyn Map>)
    -> Result<Arc<dyn Map>, MapError>;

    /// Verifies and loads a program, joined with what it refers to.
    ///
    /// # Errors
    /// [`ProgramError::Verifier`] with the whole log when the verifier refuses; the kernel's number is kept.
    ///
    /// Since Linux 3.18. `bpf_prog_load()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_PROG_LOAD")]
    fn load_program(
        &self,
        spec: &ProgramSpec,
        bindings: &Bindings<'_>,
    ) -> Result<Arc<dyn Program>, ProgramError>;

    /// Opens what is pinned at `path`: a map, a program or a link.
    ///
    /// Since Linux 4.4. `bpf_obj_get_user()` in kernel/bpf/inode.c.
    #[doc(alias = "BPF_OBJ_GET")]
    fn open_pinned(&self, path: &Path) -> Result<Pinned, SystemError>;

    /// The paths of what is pinned in the directory `dir`, sorted; directories below it are not searched.
    fn pinned(&self, dir: &Path) -> Result<Vec<PathBuf>, SystemError>;

    /// Removes a pin; the object lives on while something else refers to it. If nothing does, Linux lets go of it a moment
    /// later, not before this returns: a link may still be attached then.
    fn unpin(&self, path: &Path) -> Result<(), SystemError>;

    /// The id after `after` of an object of this kind, `None` after the last; `after` need not exist any more.
    ///
    /// Since Linux 4.13 (BTF 5.4, links 5.8). `bpf_obj_get_next_id()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_MAP_GET_NEXT_ID")]
    #[doc(alias = "BPF_PROG_GET_NEXT_ID")]
    #[doc(alias = "BPF_LINK_GET_NEXT_ID")]
    #[doc(alias = "BPF_BTF_GET_NEXT_ID")]
    fn next_id(&self, kind: Kind, after: Option<u32>) -> Result<Option<u32>, SystemError>;

    /// Opens a map by its id. Since Linux 4.13.
    #[doc(alias = "BPF_MAP_GET_FD_BY_ID")]
    fn map_by_id(&self, id: MapId) -> Result<Arc<dyn Map>, SystemError>;

    /// Opens a program by its id. Since Linux 4.13.
    #[doc(alias = "BPF_PROG_GET_FD_BY_ID")]
    fn program_by_id(&self, id: ProgramId) -> Result<Arc<dyn Program>, SystemError>;

    /// Opens a link by its id. Since Linux 5.8.
    ///
    /// Dropping the value does not detach while another reference to the link exists.
    #[doc(alias = "BPF_LINK_GET_FD_BY_ID")]
    fn link_by_id(&self, id: LinkId) -> Result<Box<dyn Link>, SystemError>;

    /// What is known of a BTF object, by its id. Since Linux 4.18.
    #[doc(alias = "BPF_BTF_GET_FD_BY_ID")]
    fn btf_info(&self, id: BtfId) -> Result<BtfInfo, SystemError>;

    /// The types of a BTF object, by its id; those of a module rest upon [`System::target_btf`]. Since Linux 4.18.
    fn btf_by_id(&self, id: BtfId) -> Result<Arc<Btf>, SystemError>;

    /// Counts how often and how long programs run, all of them, until the guard is dropped: see
    /// [`Program::query`]. Several guards may live at once.
    ///
    /// It costs some 20 ns for each run.
    ///
    /// Since Linux 5.8; since 5.1 by the setting `kernel.bpf_stats_enabled`, which is put back. `bpf_enable_stats()` in
    /// kernel/bpf/syscall.c.
    #[doc(alias = "BPF_ENABLE_STATS")]
    fn enable_stats(&self) -> Result<StatsGuard, SystemError>;

    /// Whether this system has a feature; answers are cached.
    fn probe(&self, feature: Feature) -> Result<Support, SystemError>;

    /// The BTF of the running kernel, against which programs are adapted; `None` where it has none.
    fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError>;

    /// What an object may ask of the running kernel.
    fn facts(&self) -> &dyn KernelFacts;

    /// The possible and the online CPUs.
    fn cpus(&self) -> Result<Cpus, SystemError>;

    /// The clocks, read together.
    fn clock(&self) -> Result<Clock, SystemError>;
}

/// What an object file may ask of the running kernel (`.kconfig`, `.ksyms`).
pub trait KernelFacts: fmt::Debug + Send + Sync {
    /// The release.
    fn release(&self) -> Result<KernelVersion, SystemError>;

    /// The value of a configuration option, such as `CONFIG_BPF` → `y`, as it stands after `=`; `None` where it is not set.
    ///
    /// # Errors
    /// `ENOENT` where the system does not tell its configuration at all.
    fn config(&self, option: &str) -> Result<Option<String>, SystemError>;

    /// Bytes of a memory page: ring buffers are a multiple of it.
    fn page_size(&self) -> u32;

    /// The address of a symbol of the kernel.
    fn symbol(&self, name: &str) -> Result<Option<u64>, SystemError>;

    /// The symbol of the kernel that an address is in or behind; `None` for an address of no code or data of the kernel.
    ///
    /// # Errors
    /// `EPERM` for who may not see addresses of the kernel.
    fn symbol_at(&self, address: u64) -> Result<Option<KernelSymbol>, SystemError>;

    /// The names of the modules that have BTF.
    fn modules(&self) -> Result<Vec<Arc<str>>, SystemError>;

    /// The BTF of a module, split from [`System::target_btf`]; `None` where there is no such module or it has none.
    fn module_btf(&self, module: &str) -> Result<Option<Arc<Btf>>, SystemError>;
}

/// Tells one system from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SystemId(pub u32);

impl SystemId {
    /// The running Linux kernel.
    pub const KERNEL: SystemId = SystemId(0);
}

impl fmt::Display for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("the kernel"),
            n => write!(f, "simulated system {n}"),
        }
    }
}

/// Names an object of one system. Given to another system it is an error, never a wrong object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    system: SystemId,
    raw: u32,
}

impl Handle {
    /// The object `raw` (a descriptor of the kernel, a number of a simulation) of `system`. For implementors.
    pub const fn new(system: SystemId, raw: u32) -> Handle {
        Handle { system, raw }
    }

    /// The system.
    pub const fn system(self) -> SystemId {
        self.system
    }

    /// The raw number, if the object belongs to `system`.
    pub fn raw_in(self, system: SystemId) -> Result<u32, ForeignHandle> {
        if self.system == system {
            Ok(self.raw)
        } else {
            Err(ForeignHandle {
                expected: system,
                got: self.system,
            })
        }
    }
}

/// An object of another system was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an object of {got} was given to {expected}")]
pub struct ForeignHandle {
    /// The system that was asked.
    pub expected: SystemId,
    /// The system that the object belongs to.
    pub got: SystemId,
}

/// What a program is joined with when it loads. Specs stay pure; each system patches its own copy of the instructions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bindings<'a> {
    /// The maps, in the order of [`ProgramSpec::maps`].
    pub maps: &'a [&'a dyn Map],
    /// What became of the externs, in the order of [`ProgramSpec::externs`].
    pub externs: &'a [ExternValue],
    /// The function or type of the kernel that the program is for (fentry, LSM, iterators, struct_ops).
    pub attach_btf: Option<&'a BtfTarget>,
    /// The program that it extends or traces.
    pub target: Option<&'a dyn Program>,
}

/// A type in the BTF of the kernel or of one of its modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BtfTarget {
    /// The type.
    pub type_id: TypeId,
    /// The module; `None` for the kernel itself.
    pub module: Option<Arc<str>>,
}

/// What became of an extern symbol of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternValue {
    /// A weak symbol that the kernel lacks: a variable is 0, a call is replaced by one the verifier refuses if it is reached.
    Missing,
    /// The address of a symbol without a type.
    Address(u64),
    /// A variable or function with BTF.
    Typed(BtfTarget),
}

/// What is pinned at a path.
#[derive(Debug)]
#[non_exhaustive]
pub enum Pinned {
    /// A map.
    Map(Arc<dyn Map>),
    /// A program.
    Program(Arc<dyn Program>),
    /// A link.
    Link(Box<dyn Link>),
}

impl Pinned {
    /// The kind of object.
    pub fn kind(&self) -> Kind {
        match self {
            Pinned::Map(_) => Kind::Map,
            Pinned::Program(_) => Kind::Program,
            Pinned::Link(_) => Kind::Link,
        }
    }
}

/// A kind of object that a system numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Maps.
    Map,
    /// Programs.
    Program,
    /// Links.
    Link,
    /// BTF objects.
    Btf,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Map => "map",
            Kind::Program => "program",
            Kind::Link => "link",
            Kind::Btf => "BTF",
        })
    }
}

/// Something that not every kernel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// bpf(2) itself.
    Bpf,
    /// Maps of a type.
    MapType(MapType),
    /// Programs of a type.
    ProgramType(ProgramType),
    /// A helper, by id, in programs of a type.
    Helper(ProgramType, u32),
    /// Programs of a type for this attach type.
    AttachType(ProgramType, AttachType),
    /// Links of a type.
    Link(LinkType),
    /// BTF can be loaded.
    Btf,
    /// The kernel offers its own BTF.
    KernelBtf,
    /// Names of maps and programs. Since Linux 4.15.
    ObjectNames,
    /// Batch operations on hashes and arrays. Since Linux 5.6.
    BatchOperations,
    /// `BPF_F_MMAPABLE`. Since Linux 5.5.
    MmapableArrays,
    /// Global data: values of arrays by address. Since Linux 5.2.
    GlobalData,
    /// Calls between functions. Since Linux 4.16.
    BpfToBpfCalls,
    /// Loops that the verifier bounds. Since Linux 5.3.
    BoundedLoops,
    /// More than 4096 instructions. Since Linux 5.2.
    LargePrograms,
    /// Running a program by `BPF_PROG_TEST_RUN`. Since Linux 4.12.
    TestRun,
    /// Run counts and run times of programs. Since Linux 5.1.
    RunStatistics,
    /// Memory is charged to the cgroup, not to RLIMIT_MEMLOCK. Since Linux 5.11.
    MemcgAccounting,
    /// Probes in the kernel's code. Since Linux 4.1 (`CONFIG_KPROBES`).
    Kprobes,
    /// Probes in the code of programs. Since Linux 4.1 (`CONFIG_UPROBES`).
    Uprobes,
    /// Many kprobes with one link. Since Linux 5.18 (`CONFIG_FPROBE`).
    KprobeMulti,
    /// Many uprobes with one link. Since Linux 6.6.
    UprobeMulti,
    /// Programs at kernel functions by trampoline: fentry, fexit, fmod_ret. Since Linux 5.5
    /// (`CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS`).
    Fentry,
    /// Programs at security hooks. Since Linux 5.7 (`CONFIG_BPF_LSM`, and `bpf` among the `lsm=` of the kernel).
    Lsm,
    /// Instructions of ISA v2 (`jlt`, …). Since Linux 4.14.
    IsaV2,
    /// Instructions of ISA v3 (`jmp32`). Since Linux 5.1.
    IsaV3,
    /// Instructions of ISA v4 (`movsx`, `sdiv`, `gotol`, …). Since Linux 6.6.
    IsaV4,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Feature::MapType(map_type) => write!(f, "maps of type {map_type}"),
            Feature::ProgramType(program_type) => write!(f, "programs of type {program_type}"),
            Feature::Helper(program_type, id) => {
                write!(f, "helper {id} in programs of type {program_type}")
            }
            Feature::AttachType(program_type, attach) => {
                write!(f, "programs of type {program_type} for {attach}")
            }
            Feature::Link(link_type) => write!(f, "links of type {link_type}"),
            other => f.write_str(match other {
                Feature::Bpf => "bpf(2)",
                Feature::Btf => "BTF",
                Feature::KernelBtf => "the kernel's own BTF",
                Feature::ObjectNames => "names of maps and programs",
                Feature::BatchOperations => "batch operations",
                Feature::MmapableArrays => "arrays that can be mapped",
                Feature::GlobalData => "global data",
                Feature::BpfToBpfCalls => "calls between functions",
                Feature::BoundedLoops => "bounded loops",
                Feature::LargePrograms => "programs of more than 4096 instructions",
                Feature::TestRun => "test runs",
                Feature::RunStatistics => "statistics of runs",
                Feature::MemcgAccounting => "memory charged to the cgroup",
                Feature::Kprobes => "kprobes",
                Feature::Uprobes => "uprobes",
                Feature::KprobeMulti => "many kprobes with one link",
                Feature::UprobeMulti => "many uprobes with one link",
                Feature::Fentry => "programs at kernel functions by trampoline",
                Feature::Lsm => "programs at security hooks",
                Feature::IsaV2 => "instruction set v2",
                Feature::IsaV3 => "instruction set v3",
                _ => "instruction set v4",
            }),
        }
    }
}

/// Whether a system has a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It has.
    Yes,
    /// It has not.
    No,
    /// The question could not be asked: most often a privilege is missing.
    Inconclusive(Errno),
}

impl Support {
    /// Whether the answer is yes.
    pub fn is_yes(self) -> bool {
        self == Support::Yes
    }
}

/// The release of a kernel, comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KernelVersion {
    /// As 6 in 6.1.15.
    pub major: u32,
    /// As 1 in 6.1.15.
    pub minor: u32,
    /// As 15 in 6.1.15.
    pub patch: u32,
}

impl KernelVersion {
    /// A release.
    pub const fn new(major: u32, minor: u32, patch: u32) -> KernelVersion {
        KernelVersion {
            major,
            minor,
            patch,
        }
    }

    /// Reads a release such as `6.1.0-50-amd64`; missing parts are 0.
    pub fn parse(release: &str) -> Option<KernelVersion> {
        let end = release
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(release.len());
        let mut parts = release[..end].split('.');
        let major = parts.next()?.parse().ok()?;
        let mut next = || {
            parts
                .next()
                .filter(|part| !part.is_empty())
                .map_or(Some(0), |part| part.parse().ok())
        };
        Some(KernelVersion {
            major,
            minor: next()?,
            patch: next()?,
        })
    }

    /// The number that programs compare with: `KERNEL_VERSION(major, minor, patch)`, the patch capped at 255.
    #[doc(alias = "LINUX_VERSION_CODE")]
    #[doc(alias = "KERNEL_VERSION")]
    pub const fn code(self) -> u32 {
        let patch = if self.patch > 255 { 255 } else { self.patch };
        (self.major << 16) | ((self.minor & 0xff) << 8) | patch
    }
}

impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The CPUs of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpus {
    /// CPUs that may ever come online: per-CPU maps have a value for each number up to the highest.
    pub possible: CpuSet,
    /// CPUs that are online now.
    pub online: CpuSet,
}

/// A set of CPU numbers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CpuSet(Vec<u32>);

impl CpuSet {
    /// The most CPUs a list may name: far above what Linux can be configured for.
    pub const MAX: u32 = 1 << 16;

    /// A set of these numbers.
    pub fn new(numbers: impl IntoIterator<Item = u32>) -> CpuSet {
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        CpuSet(numbers)
    }

    /// Reads a list as the kernel writes it: `0`, `0-3`, `0-3,8`, ends of line ignored.
    ///
    /// An empty list is an empty set. `None` for anything else, for ranges that run backwards, and for numbers of
    /// [`CpuSet::MAX`] or more.
    pub fn parse(list: &str) -> Option<CpuSet> {
        let list = list.trim();
        if list.is_empty() {
            return Some(CpuSet::default());
        }
        let mut numbers = Vec::new();
        for part in list.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| {
                let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                plain
                    .then(|| text.parse::<u32>().ok())
                    .flatten()
                    .filter(|n| *n < CpuSet::MAX)
            };
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            numbers.extend(first..=last);
        }
        Some(CpuSet::new(numbers))
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `cpu` is among them.
    pub fn contains(&self, cpu: u32) -> bool {
        self.0.binary_search(&cpu).is_ok()
    }

    /// The highest number plus one: how many slots a table by CPU number needs.
    pub fn slots(&self) -> u32 {
        self.0.last().map_or(0, |last| last + 1)
    }
}

/// The clocks of a system, read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Time since boot without suspension: what `bpf_ktime_get_ns` tells.
    #[doc(alias = "bpf_ktime_get_ns")]
    pub monotonic: Duration,
    /// Time since boot with suspension: what `bpf_ktime_get_boot_ns` tells, and load times are in.
    #[doc(alias = "bpf_ktime_get_boot_ns")]
    pub boot: Duration,
    /// Wall-clock time.
    pub wall: SystemTime,
}

impl Clock {
    /// The wall-clock time of a `bpf_ktime_get_ns` value; `None` where it cannot be told.
    pub fn wall_of_monotonic(&self, ktime: Duration) -> Option<SystemTime> {
        shift(self.wall, self.monotonic, ktime)
    }

    /// The wall-clock time of a time since boot, such as [`ProgramInfo::loaded_at`](crate::program::ProgramInfo::loaded_at).
    pub fn wall_of_boot(&self, since_boot: Duration) -> Option<SystemTime> {
        shift(self.wall, self.boot, since_boot)
    }
}

fn shift(wall: SystemTime, now: Duration, then: Duration) -> Option<SystemTime> {
    if then <= now {
        wall.checked_sub(now - then)
    } else {
        wall.checked_add(then - now)
    }
}

/// What went wrong with a system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SystemError {
    /// The system refused.
    #[error("{op} {what}: {errno}{}", crate::map::hint_text(.hint))]
    Os {
        /// The operation.
        op: &'static str,
        /// On what.
        what: Box<str>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// Something the system gave could not be understood.
    #[error("{what}: {problem}")]
    Malformed {
        /// What was read.
        what: Box<str>,
        /// What is wrong with it.
        problem: Box<str>,
    },
    /// About a map.
    #[error(transparent)]
    Map(#[from] MapError),
    /// About a program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// About a link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// An object of another system was given.
    #[error(transparent)]
    Foreign(#[from] ForeignHandle),
}

impl SystemError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            SystemError::Os { errno, .. } => Some(*errno),
            SystemError::Malformed { .. } | SystemError::Foreign(_) => None,
            SystemError::Map(error) => error.errno(),
            SystemError::Program(error) => error.errno(),
            SystemError::Link(error) => error.errno(),
        }
    }
}

#[cfg(test)]
mod tests;
