//! What not every kernel has, and the releases that tell kernels apart.

use std::fmt;

use crate::Errno;
use crate::link::LinkType;
use crate::map::MapType;
use crate::program::{AttachType, ProgramType};

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
    #[doc(alias = "BPF_F_MMAPABLE")]
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
    #[doc(alias = "BPF_PROG_TEST_RUN")]
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
