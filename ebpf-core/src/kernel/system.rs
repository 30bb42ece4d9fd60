//! The running Linux kernel as a system.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use super::btf::BtfCache;
use super::facts::Facts;
use super::feature::Features;
use super::holders::{self, Holder, Pin};
use super::link::KernelLink;
use super::map::KernelMap;
use super::netlink::{Netlink, XdpAttached};
use super::program::KernelProgram;
use super::sys::{self, NextId, OpenId, PossibleCpus, errno_of};
use super::{attach, batch, bpffs, btf, create, load, stats};
use crate::Errno;
use crate::btf::Btf;
use crate::hook::Interface;
use crate::link::{Link, LinkId};
use crate::map::{Map, MapError, MapId, MapSpec};
use crate::program::{Program, ProgramError, ProgramId, ProgramSpec};
use crate::system::{
    Bindings, BtfId, BtfInfo, Clock, CpuSet, Cpus, Feature, KernelFacts, Kind, Pinned, StatsGuard,
    Support, System, SystemError, SystemId, hint,
};

/// The running Linux kernel.
///
/// Making one does nothing yet, and cloning shares what was found out about the kernel: its types, its features, what
/// was loaded of an object's types. It may be used from any thread.
///
/// ```no_run
/// use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
/// use ebpf_core::{KernelSystem, Map, System};
/// # fn main() -> Result<(), ebpf_core::map::MapError> {
/// let map = KernelSystem::new().create_map(&MapSpec::new("counts", MapType::HASH, 4, 8, 1024), None)?;
/// map.update_elem(&1u32.to_ne_bytes(), &7u64.to_ne_bytes(), UpdateFlags::ANY)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct KernelSystem {
    shared: Arc<Shared>,
}

/// What is found out once, for all objects of a system.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) facts: Facts,
    pub(super) btfs: BtfCache,
    possible: OnceLock<PossibleCpus>,
    pub(super) features: Features,
    batches: OnceLock<bool>,
    pub(super) clsacts: attach::Clsacts,
}

impl Shared {
    /// How many CPUs are possible.
    pub(super) fn possible_cpus(&self) -> Result<PossibleCpus, Errno> {
        if let Some(cpus) = self.possible.get() {
            return Ok(*cpus);
        }
        let cpus = sys::possible_cpus()?;
        Ok(*self.possible.get_or_init(|| cpus))
    }

    /// Whether the kernel has batch commands at all.
    pub(super) fn knows_batches(&self) -> bool {
        *self.batches.get_or_init(batch::known)
    }

    /// The kernel's own types.
    pub(super) fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError> {
        self.facts.target_btf()
    }
}

impl KernelSystem {
    /// The running kernel.
    pub fn new() -> KernelSystem {
        KernelSystem::default()
    }

    /// The map behind a descriptor.
    ///
    /// # Errors
    /// `EINVAL` if the descriptor is not a map's.
    ///
    /// Since Linux 4.13.
    pub fn map_from_fd(&self, fd: OwnedFd) -> Result<KernelMap, SystemError> {
        expect_kind(&fd, Kind::Map)?;
        KernelMap::open(&self.shared, fd)
            .map_err(|errno| refused("open", "a map by its descriptor", errno, None))
    }

    /// The program behind a descriptor.
    ///
    /// # Errors
    /// `EINVAL` if the descriptor is not a program's.
    ///
    /// Since Linux 4.13.
    pub fn program_from_fd(&self, fd: OwnedFd) -> Result<KernelProgram, SystemError> {
        expect_kind(&fd, Kind::Program)?;
        KernelProgram::open(&self.shared, fd, None)
            .map_err(|errno| refused("open", "a program by its descriptor", errno, None))
    }

    /// The link behind a descriptor.
    ///
    /// # Errors
    /// `EINVAL` if the descriptor is not a link's.
    ///
    /// Since Linux 5.8.
    pub fn link_from_fd(&self, fd: OwnedFd) -> Result<KernelLink, SystemError> {
        expect_kind(&fd, Kind::Link)?;
        KernelLink::open(fd)
            .map_err(|errno| refused("open", "a link by its descriptor", errno, None))
    }

    /// The processes that have objects open, with each of their descriptors: all that this user may look into.
    ///
    /// # Errors
    /// `ENOENT` where /proc is not mounted.
    pub fn holders(&self) -> Result<Vec<Holder>, SystemError> {
        holders::holders()
    }

    /// Everything that is pinned in the BPF file systems of this mount namespace, sorted by path.
    ///
    /// # Errors
    /// `ENOENT` where /proc is not mounted.
    pub fn pins(&self) -> Result<Vec<Pin>, SystemError> {
        holders::pins(self)
    }

    /// Forgets the addresses of the kernel's symbols, which are read once and again after modules were loaded: programs
    /// that were loaded since the last time are found afterwards.
    pub fn refresh_symbols(&self) {
        self.shared.facts.symbols.forget();
    }

    /// Which XDP programs an interface of the calling thread's network namespace has, by where they run.
    ///
    /// # Errors
    /// `ENODEV` if there is no such interface.
    ///
    /// Since Linux 4.8; by mode 4.19. `rtnl_xdp_fill()` in net/core/rtnetlink.c.
    #[doc(alias = "IFLA_XDP_PROG_ID")]
    pub fn xdp_attached(
        &self,
        interface: impl Into<Interface>,
    ) -> Result<XdpAttached, SystemError> {
        let interface = interface.into();
        let failed = |errno| refused("query XDP of", interface.to_string(), errno, None);
        let ifindex = attach::interface_index(&interface).map_err(failed)?;
        let attached = Netlink::open().and_then(|netlink| netlink.xdp(ifindex));
        attached.map_err(|refusal| failed(refusal.errno))
    }
}

#[cold]
fn refused(
    op: &'static str,
    what: impl Into<Box<str>>,
    errno: Errno,
    hint: Option<&'static str>,
) -> SystemError {
    SystemError::Os {
        op,
        what: what.into(),
        errno,
        hint,
    }
}

fn kind_of(fd: &OwnedFd) -> Result<Option<Kind>, SystemError> {
    bpffs::kind(fd.as_fd()).map_err(|errno| {
        refused(
            "read",
            "/proc/self/fdinfo",
            errno,
            Some("/proc must be mounted"),
        )
    })
}

fn expect_kind(fd: &OwnedFd, kind: Kind) -> Result<(), SystemError> {
    match kind_of(fd)? {
        Some(found) if found == kind => Ok(()),
        found => {
            let found = found.map_or("no object of bpf(2)".to_owned(), |found| {
                format!("a {found}")
            });
            let what = format!("a {kind} by its descriptor, which is {found}");
            Err(refused("open", what, Errno::EINVAL, None))
        }
    }
}

impl System for KernelSystem {
    fn id(&self) -> SystemId {
        SystemId::KERNEL
    }

    fn create_map(
        &self,
        spec: &MapSpec,
        inner: Option<&dyn Map>,
    ) -> Result<Arc<dyn Map>, MapError> {
        Ok(Arc::new(create::create(&self.shared, spec, inner)?))
    }

    fn load_program(
        &self,
        spec: &ProgramSpec,
        bindings: &Bindings<'_>,
    ) -> Result<Arc<dyn Program>, ProgramError> {
        Ok(Arc::new(load::load(&self.shared, spec, bindings)?))
    }

    fn open_pinned(&self, path: &Path) -> Result<Pinned, SystemError> {
        let fd = sys::open_pinned(path).map_err(|errno| {
            refused(
                "open pin",
                bpffs::shown(path),
                errno,
                bpffs::open_hint(path, errno),
            )
        })?;
        let failed = |errno| refused("open pin", bpffs::shown(path), errno, None);
        match kind_of(&fd)? {
            Some(Kind::Map) => Ok(Pinned::Map(Arc::new(
                KernelMap::open(&self.shared, fd).map_err(failed)?,
            ))),
            Some(Kind::Program) => Ok(Pinned::Program(Arc::new(
                KernelProgram::open(&self.shared, fd, None).map_err(failed)?,
            ))),
            Some(Kind::Link) => Ok(Pinned::Link(Box::new(
                KernelLink::open(fd).map_err(failed)?,
            ))),
            _ => Err(refused(
                "open pin",
                bpffs::shown(path),
                Errno::EINVAL,
                Some("it is no map, program or link"),
            )),
        }
    }

    fn pinned(&self, dir: &Path) -> Result<Vec<PathBuf>, SystemError> {
        bpffs::pinned(dir)
    }

    fn unpin(&self, path: &Path) -> Result<(), SystemError> {
        bpffs::unpin(path)
    }

    fn next_id(&self, kind: Kind, after: Option<u32>) -> Result<Option<u32>, SystemError> {
        let command = match kind {
            Kind::Map => NextId::MAP,
            Kind::Program => NextId::PROGRAM,
            Kind::Link => NextId::LINK,
            Kind::Btf => NextId::BTF,
        };
        match sys::next_id(command, after.unwrap_or(0)) {
            Ok(id) => Ok(Some(id)),
            Err(Errno::ENOENT) => Ok(None),
            Err(errno) => {
                // An `int` of the kernel's.
                let too_large = after.is_some_and(|after| after >= i32::MAX as u32);
                let hint = match errno {
                    Errno::EINVAL if too_large => Some("ids are less than 2147483648"),
                    errno => hint::by_id(errno),
                };
                let what = match after {
                    None => format!("ids of kind {kind}"),
                    Some(after) => format!("ids of kind {kind} after {after}"),
                };
                Err(refused("list", what, errno, hint))
            }
        }
    }

    fn map_by_id(&self, id: MapId) -> Result<Arc<dyn Map>, SystemError> {
        let opened =
            sys::open_id(OpenId::MAP, id.0).and_then(|fd| KernelMap::open(&self.shared, fd));
        let map = opened
            .map_err(|errno| refused("open", format!("map {id}"), errno, hint::by_id(errno)))?;
        Ok(Arc::new(map))
    }

    fn program_by_id(&self, id: ProgramId) -> Result<Arc<dyn Program>, SystemError> {
        let opened = sys::open_id(OpenId::PROGRAM, id.0)
            .and_then(|fd| KernelProgram::open(&self.shared, fd, None));
        let program = opened
            .map_err(|errno| refused("open", format!("program {id}"), errno, hint::by_id(errno)))?;
        Ok(Arc::new(program))
    }

    fn link_by_id(&self, id: LinkId) -> Result<Box<dyn Link>, SystemError> {
        let opened = sys::open_id(OpenId::LINK, id.0).and_then(KernelLink::open);
        let link = opened
            .map_err(|errno| refused("open", format!("link {id}"), errno, hint::by_id(errno)))?;
        Ok(Box::new(link))
    }

    fn btf_info(&self, id: BtfId) -> Result<BtfInfo, SystemError> {
        btf::open_btf(id)
            .map(|(info, _)| info)
            .map_err(|errno| refused("open", format!("BTF {id}"), errno, hint::by_id(errno)))
    }

    fn btf_by_id(&self, id: BtfId) -> Result<Arc<Btf>, SystemError> {
        let failed = |errno| refused("open", format!("BTF {id}"), errno, hint::by_id(errno));
        let (info, fd) = btf::open_btf(id).map_err(failed)?;
        if info.of_kernel
            && &*info.name == "vmlinux"
            && let Ok(Some(known)) = self.target_btf()
        {
            return Ok(known);
        }
        btf::parse(self, &info, btf::btf_bytes(&info, &fd).map_err(failed)?)
    }

    fn enable_stats(&self) -> Result<StatsGuard, SystemError> {
        stats::enable()
    }

    fn probe(&self, feature: Feature) -> Result<Support, SystemError> {
        Ok(self.shared.probe(feature))
    }

    fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError> {
        self.shared.target_btf()
    }

    fn facts(&self) -> &dyn KernelFacts {
        &self.shared.facts
    }

    fn cpus(&self) -> Result<Cpus, SystemError> {
        let read = |path: &str| {
            let list = fs::read_to_string(path).map_err(|error| {
                refused("read", path, errno_of(&error), Some("/sys must be mounted"))
            })?;
            CpuSet::parse(&list).ok_or_else(|| SystemError::Malformed {
                what: path.into(),
                problem: format!("`{}` is no list of CPUs", list.trim()).into(),
            })
        };
        Ok(Cpus {
            possible: read(sys::POSSIBLE_CPUS)?,
            online: read(sys::ONLINE_CPUS)?,
        })
    }

    fn clock(&self) -> Result<Clock, SystemError> {
        let read = |clock| {
            sys::read_clock(clock).map_err(|errno| refused("read", "the clocks", errno, None))
        };
        Ok(Clock {
            monotonic: read(libc::CLOCK_MONOTONIC)?,
            boot: read(libc::CLOCK_BOOTTIME)?,
            wall: SystemTime::UNIX_EPOCH + read(libc::CLOCK_REALTIME)?,
        })
    }
}
