//! A simulated kernel as a [`System`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::btf::Btf;
use ebpf_core::link::{Link, LinkId};
use ebpf_core::map::{Map, MapError, MapFlags, MapId, MapSpec, MapType};
use ebpf_core::program::{Program, ProgramError, ProgramId, ProgramSpec};
use ebpf_core::system::{
    Bindings, BtfId, BtfInfo, Clock, Cpus, Feature, KernelFacts, Kind, Pinned, StatsGuard, Support,
    System, SystemError, SystemId, hint,
};

use crate::builder::{Machine, MockSystemBuilder};
use crate::engine::coverage::Coverage;
use crate::inventory::Inventory;
use crate::kernel::{Ids, Kernel, LAST_ID, Object};
use crate::link::MockLink;
use crate::map::{MapObject, MockMap};
use crate::privileges::Privileges;
use crate::profile::Change;
use crate::program::MockProgram;
use crate::world::MockFile;

/// A kernel in memory. Each is on its own: two of them never see each other, and tests run side by side.
///
/// Cloning gives another handle of the same one.
#[derive(Clone, Debug)]
pub struct MockSystem {
    kernel: Arc<Kernel>,
}

impl Default for MockSystem {
    fn default() -> MockSystem {
        MockSystem::new()
    }
}

impl MockSystem {
    /// A machine of four CPUs and no interfaces, that always starts the same.
    pub fn new() -> MockSystem {
        MockSystem::builder().build()
    }

    /// A machine to be described.
    pub fn builder() -> MockSystemBuilder {
        MockSystemBuilder::new()
    }

    pub(crate) fn of(machine: Machine) -> MockSystem {
        let system = MockSystem {
            kernel: Arc::new(Kernel::new(machine)),
        };
        // The only one that every machine has.
        system.add_loopback();
        system
    }

    /// The kernel behind it.
    pub(crate) fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// What was executed of the sources of programs so far, by runs that are over. Nothing, where it is not counted:
    /// [`MockSystemBuilder::coverage`] has it counted, and the environment variable `EBPF_COVERAGE`.
    pub fn coverage(&self) -> Coverage {
        Coverage::of(&self.kernel.covered.lock())
    }

    /// A new file, empty and without a name.
    pub fn file(&self) -> MockFile {
        MockFile::create(&self.kernel)
    }

    /// The map that is to be the template of the inner maps of the map `name`.
    fn template(&self, inner: &dyn Map, name: &Arc<str>) -> Result<Arc<MapObject>, MapError> {
        self.map_object(inner).map_err(|error| match error {
            MapError::Foreign { source, .. } => MapError::Foreign {
                map: name.clone(),
                source,
            },
            _ => MapError::os("create", name, inner.info().map_type, Errno::EBADF),
        })
    }

    /// The map that a value of user space is.
    pub(crate) fn map_object(&self, map: &dyn Map) -> Result<Arc<MapObject>, MapError> {
        let info = map.info();
        let number = map.handle().raw_in(self.kernel.id);
        let number = number.map_err(|source| MapError::Foreign {
            map: info.name.clone(),
            source,
        })?;
        match self.kernel.by_descriptor(number) {
            Some(Object::Map(map)) => Ok(map),
            _ => Err(MapError::os("use", &info.name, info.map_type, Errno::EBADF)),
        }
    }

    /// What exists in it: maps, programs, links and pins.
    pub fn inventory(&self) -> Inventory {
        Inventory::of(&self.kernel)
    }

    /// Makes a directory in a BPF file system, and those above it.
    ///
    /// # Errors
    /// `EPERM` outside of a BPF file system; `ENOTDIR` where something is pinned on the way.
    pub fn create_bpffs_dir(&self, path: impl AsRef<Path>) -> Result<(), SystemError> {
        let path = path.as_ref();
        self.kernel
            .bpffs
            .create_dir_all(path)
            .map_err(|errno| refused("create directory", shown(path), errno, None))
    }
}

#[cold]
pub(crate) fn refused(
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

fn shown(path: &Path) -> Box<str> {
    path.display().to_string().into()
}

impl MockSystem {
    /// Whether this user sees what belongs to others.
    fn administers(&self) -> Result<(), Errno> {
        let privileges = self.kernel.machine.privileges;
        match privileges.include(Privileges::SYS_ADMIN) {
            true => Ok(()),
            false => Err(Errno::EPERM),
        }
    }

    /// Whether the kernel has commands for ids of a kind.
    fn lists(&self, kind: Kind) -> Result<(), Errno> {
        match self.kernel.machine.lists(kind) {
            true => Ok(()),
            false => Err(Errno::EINVAL),
        }
    }

    fn by_id<T>(&self, objects: &Ids<T>, kind: Kind, id: u32) -> Result<Arc<T>, SystemError> {
        let allowed = self.lists(kind).and(self.administers());
        let found = allowed.and_then(|()| objects.get(id).ok_or(Errno::ENOENT));
        found.map_err(|errno| refused("open", format!("{kind} {id}"), errno, hint::by_id(errno)))
    }
}

impl System for MockSystem {
    fn id(&self) -> SystemId {
        self.kernel.id
    }

    fn create_map(
        &self,
        spec: &MapSpec,
        inner: Option<&dyn Map>,
    ) -> Result<Arc<dyn Map>, MapError> {
        let name: Arc<str> = spec.name.as_str().into();
        // A template that was given stands in for the spec's.
        let problem = spec.problem().filter(|problem| {
            !(inner.is_some() && *problem == ebpf_core::map::SpecProblem::NoInnerMap)
        });
        if let Some(problem) = problem {
            return Err(MapError::Spec {
                map: name,
                map_type: spec.map_type,
                problem,
            });
        }
        // Other kernels do not know the flag.
        if spec.map_type == MapType::RINGBUF
            && spec.flags.contains(MapFlags::RB_OVERWRITE)
            && self.kernel.machine.has(Change::OverwritingRings)
        {
            return Err(MapError::Unsupported {
                op: "create with BPF_F_RB_OVERWRITE",
                map: name,
                map_type: spec.map_type,
            });
        }
        let made = match &spec.inner {
            Some(template) if spec.map_type.holds_maps() && inner.is_none() => {
                Some(self.create_map(template, None)?)
            }
            _ => None,
        };
        let inner = inner
            .or(made.as_deref())
            .map(|inner| self.template(inner, &name))
            .transpose()?;
        let object = MapObject::create(&self.kernel, spec, inner.as_deref())
            .map_err(|errno| MapError::os("create", &name, spec.map_type, errno))?;
        Ok(Arc::new(MockMap::created(&self.kernel, object, spec)))
    }

    fn load_program(
        &self,
        spec: &ProgramSpec,
        bindings: &Bindings<'_>,
    ) -> Result<Arc<dyn Program>, ProgramError> {
        Ok(Arc::new(crate::program::load(
            &self.kernel,
            spec,
            bindings,
        )?))
    }

    fn open_pinned(&self, path: &Path) -> Result<Pinned, SystemError> {
        let object = self.kernel.bpffs.get(path).map_err(|errno| {
            refused(
                "open pin",
                shown(path),
                errno,
                hint::open_pin(errno, self.kernel.bpffs.covers(path)),
            )
        })?;
        Ok(match object {
            Object::Map(map) => Pinned::Map(Arc::new(MockMap::open(&self.kernel, map))),
            Object::Program(program) => {
                Pinned::Program(Arc::new(MockProgram::open(&self.kernel, program)))
            }
            Object::Link(link) => Pinned::Link(Box::new(MockLink::open(&self.kernel, link))),
            Object::Socket(_)
            | Object::Cgroup(_)
            | Object::Task(_)
            | Object::File(_)
            | Object::Netns(_) => {
                return Err(refused("open pin", shown(path), Errno::EINVAL, None));
            }
        })
    }

    fn pinned(&self, dir: &Path) -> Result<Vec<PathBuf>, SystemError> {
        self.kernel
            .bpffs
            .list(dir)
            .map_err(|errno| refused("list pins in", shown(dir), errno, None))
    }

    fn unpin(&self, path: &Path) -> Result<(), SystemError> {
        self.kernel
            .bpffs
            .unpin(path)
            .map_err(|errno| refused("unpin", shown(path), errno, None))
    }

    fn next_id(&self, kind: Kind, after: Option<u32>) -> Result<Option<u32>, SystemError> {
        let after = after.unwrap_or(0);
        if after >= LAST_ID {
            let what = format!("ids of kind {kind} after {after}");
            return Err(refused(
                "list",
                what,
                Errno::EINVAL,
                Some("ids are less than 2147483648"),
            ));
        }
        self.lists(kind).and(self.administers()).map_err(|errno| {
            let what = format!("ids of kind {kind}");
            refused("list", what, errno, hint::by_id(errno))
        })?;
        Ok(self.kernel.id_after(kind, after))
    }

    fn map_by_id(&self, id: MapId) -> Result<Arc<dyn Map>, SystemError> {
        let object = self.by_id(&self.kernel.maps, Kind::Map, id.0)?;
        Ok(Arc::new(MockMap::open(&self.kernel, object)))
    }

    fn program_by_id(&self, id: ProgramId) -> Result<Arc<dyn Program>, SystemError> {
        let object = self.by_id(&self.kernel.programs, Kind::Program, id.0)?;
        Ok(Arc::new(MockProgram::open(&self.kernel, object)))
    }

    fn link_by_id(&self, id: LinkId) -> Result<Box<dyn Link>, SystemError> {
        let object = self.by_id(&self.kernel.links, Kind::Link, id.0)?;
        Ok(Box::new(MockLink::open(&self.kernel, object)))
    }

    fn btf_info(&self, id: BtfId) -> Result<BtfInfo, SystemError> {
        let types = self.by_id(&self.kernel.btfs, Kind::Btf, id.0)?;
        let mut info = BtfInfo::new(id, types.btf.to_bytes().len() as u32);
        let own = self.kernel.own_types.as_ref();
        if own.is_some_and(|own| Arc::ptr_eq(own, &types)) {
            (info.name, info.of_kernel) = ("vmlinux".into(), true);
        }
        Ok(info)
    }

    fn btf_by_id(&self, id: BtfId) -> Result<Arc<Btf>, SystemError> {
        let types = self.by_id(&self.kernel.btfs, Kind::Btf, id.0)?;
        Ok(types.btf.clone())
    }

    fn enable_stats(&self) -> Result<StatsGuard, SystemError> {
        self.administers().map_err(|errno| {
            refused("enable", "run statistics", errno, hint::enable_stats(errno))
        })?;
        Ok(StatsGuard::new(self.kernel.count_runs()))
    }

    fn probe(&self, feature: Feature) -> Result<Support, SystemError> {
        Ok(crate::profile::probe(&self.kernel.machine, feature))
    }

    fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError> {
        Ok(self.kernel.machine.target_btf.clone())
    }

    fn facts(&self) -> &dyn KernelFacts {
        &*self.kernel
    }

    fn cpus(&self) -> Result<Cpus, SystemError> {
        Ok(self.kernel.machine.cpus.clone())
    }

    fn clock(&self) -> Result<Clock, SystemError> {
        Ok(*self.kernel.machine.clock.lock())
    }
}
