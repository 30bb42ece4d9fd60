//! Failures on purpose: [`FaultInjector`] wraps any system and makes its operations fail, [`FailEverySite`] reruns a piece
//! of code until each of its calls has failed once.
//!
//! ```
//! use ebpf_core::map::{MapSpec, MapType};
//! use ebpf_core::{Errno, Map, MapExt, System};
//! use ebpf_mock::MockSystem;
//! use ebpf_mock::fault::{Fault, FaultInjector, Operation};
//!
//! let system = FaultInjector::new(MockSystem::new());
//! let map = system.create_map(&MapSpec::new("flows", MapType::HASH, 4, 8, 100), None)?;
//! system.inject(Fault::at(Operation::Update).on("flows").nth(2).errno(Errno::E2BIG));
//!
//! let write = |key: u32| map.insert(&key.to_ne_bytes(), &[0; 8]);
//! assert!(write(1).is_ok());
//! let error = write(2).unwrap_err().to_string();
//! assert_eq!(error, "update on map `flows`: E2BIG: argument list too long (the map is full)");
//! assert!(write(3).is_ok());
//! # Ok::<(), ebpf_core::map::MapError>(())
//! ```
//!
//! A failure that is injected looks as the operation's own does, hint included, and the system underneath is not asked: the
//! object stays as it is. The wrapper also works around the Linux kernel.

mod each_site;
mod event;
mod facts;
mod link;
mod map;
mod operation;
mod program;
mod report;
mod rule;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::btf::Btf;
use ebpf_core::link::{Link, LinkId};
use ebpf_core::map::{Map, MapError, MapId, MapSpec};
use ebpf_core::program::{Program, ProgramError, ProgramId, ProgramSpec, VerifierError};
use ebpf_core::system::{
    Bindings, BtfId, BtfInfo, Clock, Cpus, Feature, KernelFacts, Kind, Pinned, StatsGuard, Support,
    System, SystemError, SystemId, hint,
};

use self::link::FaultyLink;
use self::map::FaultyMap;
use self::program::FaultyProgram;

pub use each_site::FailEverySite;
pub use operation::Operation;
pub use report::{Failure, Outcome, SiteReport, SiteRun};
pub use rule::{Fault, Site};
pub(crate) use rule::{Injected, Plan};

/// A system whose operations fail as the test says; see [the module](self). Its maps, programs, links and sources of events
/// are wrapped as well. Without a fault it does what the system does that it wraps.
///
/// Cloning gives another handle of the same one.
#[derive(Debug)]
pub struct FaultInjector<S> {
    inner: Arc<Inner<S>>,
}

impl<S> Clone for FaultInjector<S> {
    fn clone(&self) -> FaultInjector<S> {
        FaultInjector {
            inner: self.inner.clone(),
        }
    }
}

#[derive(Debug)]
struct Inner<S> {
    system: S,
    plan: Arc<Plan>,
}

impl<S> FaultInjector<S> {
    /// Around a system, without a fault yet.
    pub fn new(system: S) -> FaultInjector<S> {
        FaultInjector {
            inner: Arc::new(Inner {
                system,
                plan: Arc::default(),
            }),
        }
    }

    /// The system itself. What is asked of it directly does not fail.
    pub fn inner(&self) -> &S {
        &self.inner.system
    }

    /// Makes operations fail from now on, also those of objects that exist already. Where several faults are about a call,
    /// each counts it, and the one that was injected first says the error.
    pub fn inject(&self, fault: Fault) {
        self.inner.plan.inject(fault);
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        self.inner.plan.clear();
    }

    /// The calls that were made to fail so far, in order.
    pub fn injected(&self) -> Vec<Site> {
        self.inner.plan.injected()
    }

    /// Keeps a record of all calls from now on, for [`reached`](FaultInjector::reached); one that was kept begins anew.
    pub fn record(&self) {
        self.inner.plan.record();
    }

    /// The calls that were made since [`record`](FaultInjector::record), in order, those that failed included.
    pub fn reached(&self) -> Vec<Site> {
        self.inner.plan.recorded()
    }

    fn plan(&self) -> &Arc<Plan> {
        &self.inner.plan
    }

    /// Fails with the error that the operation has.
    fn pass(
        &self,
        operation: Operation,
        object: impl Into<Arc<str>>,
        error: impl FnOnce(&str, Errno) -> SystemError,
    ) -> Result<(), SystemError> {
        let object = object.into();
        match self.plan().strike(operation, &object) {
            None => Ok(()),
            Some(injected) => Err(error(&object, injected.errno)),
        }
    }
}

#[cold]
fn os(op: &'static str, what: &str, errno: Errno, hint: Option<&'static str>) -> SystemError {
    SystemError::Os {
        op,
        what: what.into(),
        errno,
        hint,
    }
}

/// Of what is opened by its number.
fn open(what: &str, errno: Errno) -> SystemError {
    os("open", what, errno, hint::by_id(errno))
}

fn shown(path: &Path) -> Arc<str> {
    path.display().to_string().into()
}

#[deny(clippy::missing_trait_methods)]
impl<S: System> System for FaultInjector<S> {
    fn id(&self) -> SystemId {
        self.inner.system.id()
    }

    fn create_map(
        &self,
        spec: &MapSpec,
        inner: Option<&dyn Map>,
    ) -> Result<Arc<dyn Map>, MapError> {
        let name: Arc<str> = spec.name.as_str().into();
        if let Some(injected) = self.plan().strike(Operation::CreateMap, &name) {
            return Err(MapError::os("create", &name, spec.map_type, injected.errno));
        }
        let map = self.inner.system.create_map(spec, inner)?;
        Ok(FaultyMap::wrap(map, self.plan()))
    }

    fn load_program(
        &self,
        spec: &ProgramSpec,
        bindings: &Bindings<'_>,
    ) -> Result<Arc<dyn Program>, ProgramError> {
        let name: Arc<str> = spec.name.as_str().into();
        match self.plan().strike(Operation::LoadProgram, &name) {
            None => {
                let program = self.inner.system.load_program(spec, bindings)?;
                Ok(FaultyProgram::wrap(program, self.plan()))
            }
            Some(Injected {
                errno,
                log: Some(log),
            }) => Err(ProgramError::Verifier(Box::new(VerifierError::new(
                name, errno, log,
            )))),
            Some(Injected { errno, log: None }) => Err(ProgramError::Os {
                op: "load",
                program: name,
                errno,
                hint: hint::load_program(errno),
            }),
        }
    }

    fn open_pinned(&self, path: &Path) -> Result<Pinned, SystemError> {
        self.pass(Operation::OpenPinned, shown(path), |what, errno| {
            os("open pin", what, errno, hint::open_pin(errno, true))
        })?;
        Ok(match self.inner.system.open_pinned(path)? {
            Pinned::Map(map) => Pinned::Map(FaultyMap::wrap(map, self.plan())),
            Pinned::Program(program) => Pinned::Program(FaultyProgram::wrap(program, self.plan())),
            Pinned::Link(link) => Pinned::Link(FaultyLink::wrap_found(link, self.plan())),
            other => other,
        })
    }

    fn pinned(&self, dir: &Path) -> Result<Vec<PathBuf>, SystemError> {
        self.pass(Operation::ListPinned, shown(dir), |what, errno| {
            os("list pins in", what, errno, None)
        })?;
        self.inner.system.pinned(dir)
    }

    fn unpin(&self, path: &Path) -> Result<(), SystemError> {
        self.pass(Operation::Unpin, shown(path), |what, errno| {
            os("unpin", what, errno, hint::open_pin(errno, true))
        })?;
        self.inner.system.unpin(path)
    }

    fn next_id(&self, kind: Kind, after: Option<u32>) -> Result<Option<u32>, SystemError> {
        let passed = self.pass(Operation::NextId, kind.to_string(), |_, errno| {
            let what = match after {
                None => format!("ids of kind {kind}"),
                Some(after) => format!("ids of kind {kind} after {after}"),
            };
            os("list", &what, errno, hint::by_id(errno))
        });
        match passed {
            Ok(()) => self.inner.system.next_id(kind, after),
            Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn map_by_id(&self, id: MapId) -> Result<Arc<dyn Map>, SystemError> {
        self.pass(Operation::MapById, format!("map {id}"), open)?;
        let map = self.inner.system.map_by_id(id)?;
        Ok(FaultyMap::wrap(map, self.plan()))
    }

    fn program_by_id(&self, id: ProgramId) -> Result<Arc<dyn Program>, SystemError> {
        self.pass(Operation::ProgramById, format!("program {id}"), open)?;
        let program = self.inner.system.program_by_id(id)?;
        Ok(FaultyProgram::wrap(program, self.plan()))
    }

    fn link_by_id(&self, id: LinkId) -> Result<Box<dyn Link>, SystemError> {
        self.pass(Operation::LinkById, format!("link {id}"), open)?;
        let link = self.inner.system.link_by_id(id)?;
        Ok(FaultyLink::wrap_found(link, self.plan()))
    }

    fn btf_info(&self, id: BtfId) -> Result<BtfInfo, SystemError> {
        self.pass(Operation::BtfInfo, format!("BTF {id}"), open)?;
        self.inner.system.btf_info(id)
    }

    fn btf_by_id(&self, id: BtfId) -> Result<Arc<Btf>, SystemError> {
        self.pass(Operation::BtfById, format!("BTF {id}"), open)?;
        self.inner.system.btf_by_id(id)
    }

    fn enable_stats(&self) -> Result<StatsGuard, SystemError> {
        self.pass(
            Operation::EnableStats,
            "statistics of runs",
            |what, errno| os("enable", what, errno, hint::enable_stats(errno)),
        )?;
        self.inner.system.enable_stats()
    }

    fn probe(&self, feature: Feature) -> Result<Support, SystemError> {
        let object: Arc<str> = feature.to_string().into();
        match self.plan().strike(Operation::Probe, &object) {
            None => self.inner.system.probe(feature),
            Some(injected) => Ok(Support::Inconclusive(injected.errno)),
        }
    }

    fn target_btf(&self) -> Result<Option<Arc<Btf>>, SystemError> {
        let passed = self.pass(
            Operation::TargetBtf,
            "/sys/kernel/btf/vmlinux",
            |what, errno| os("read", what, errno, None),
        );
        match passed {
            Ok(()) => self.inner.system.target_btf(),
            Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn facts(&self) -> &dyn KernelFacts {
        &*self.inner
    }

    fn cpus(&self) -> Result<Cpus, SystemError> {
        self.pass(
            Operation::Cpus,
            "/sys/devices/system/cpu/possible",
            |what, errno| os("read", what, errno, Some("/sys must be mounted")),
        )?;
        self.inner.system.cpus()
    }

    fn clock(&self) -> Result<Clock, SystemError> {
        self.pass(Operation::Clock, "the clocks", |what, errno| {
            os("read", what, errno, None)
        })?;
        self.inner.system.clock()
    }
}
