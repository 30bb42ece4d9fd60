//! Where maps and programs live: the trait that the Linux kernel's backend and a simulation implement.

mod cpus;
mod feature;
pub mod hint;
mod introspect;
pub mod similar;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use cpus::{CpuSet, Cpus};
pub use feature::{Feature, KernelVersion, Support};
pub use introspect::{BtfId, BtfInfo, Ids, KernelSymbol, Objects, StatsGuard};

use crate::Errno;
use crate::btf::{Btf, TypeId};
use crate::link::{Link, LinkError, LinkId};
use crate::map::{Map, MapError, MapId, MapSpec};
use crate::program::{Program, ProgramError, ProgramId, ProgramSpec};

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
