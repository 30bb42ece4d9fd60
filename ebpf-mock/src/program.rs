//! Programs: what is kept of one that was loaded, and [`MockProgram`], a descriptor of it.

mod check;
mod context_use;
mod dump;
mod load;
mod run;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ebpf_core::btf::TypeId;
use ebpf_core::hook::AttachTarget;
use ebpf_core::link::Link;
use ebpf_core::program::{
    LineRecord, Program, ProgramDump, ProgramError, ProgramInfo, ProgramSpec, ProgramStats,
    RunInput, RunOutput, RunResult, VerifierLog,
};
use ebpf_core::system::{Handle, hint};
use parking_lot::Mutex;

use context_use::context_read;

use crate::engine::Code;
use crate::engine::context::View;
use crate::engine::run::Spare;
use crate::hook;
use crate::kernel::{BtfObject, Charge, Descriptor, Kernel, Object};
use crate::map::MapObject;
use crate::privileges::Privileges;

use load::join::Joined;
pub(crate) use load::{load, same_signature};
pub(crate) use run::{set_off, set_off_function};

/// A program as the simulated kernel keeps it, whoever refers to it.
#[derive(Debug)]
pub(crate) struct ProgramObject {
    /// What the kernel knows of it: the name is cut.
    pub(crate) info: ProgramInfo,
    pub(crate) spec: Arc<ProgramSpec>,
    /// The instructions with what they refer to, as the kernel has them.
    pub(crate) joined: Joined,
    /// Where the variables and functions of the kernel are that it names.
    pub(crate) externs: Vec<u64>,
    /// The maps of [`ProgramSpec::maps`], in order.
    pub(crate) maps: Vec<Arc<MapObject>>,
    pub(crate) types: Option<Arc<BtfObject>>,
    /// Where its functions begin, with their types.
    functions: Vec<(u32, TypeId)>,
    /// The source lines that the kernel took.
    lines: Vec<LineRecord>,
    /// The program that it extends or traces.
    pub(crate) target: Option<Arc<ProgramObject>>,
    /// Whether a program that replaces functions was attached: what it was loaded for is forgotten then.
    pub(crate) placed: AtomicBool,
    pub(crate) charge: Charge,
    runs: AtomicU64,
    run_nanos: AtomicU64,
    /// What the engine executes, from the first run on.
    code: OnceLock<Arc<Code>>,
    /// What it may do with its context, where that is converted.
    view: Option<Arc<View>>,
    /// What runs that are over have left for the next ones.
    spare: Mutex<Vec<Spare>>,
}

impl ProgramObject {
    /// What the engine executes.
    pub(crate) fn code(&self) -> Arc<Code> {
        let decode = || {
            Arc::new(Code::new(
                self.spec.clone(),
                self.maps.clone(),
                &self.externs,
            ))
        };
        self.code.get_or_init(decode).clone()
    }

    /// What it may do with its context, if that is one whose fields are converted.
    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.view.clone()
    }

    /// How many bytes of its context it reads, as far as that is seen without running it.
    pub(crate) fn context_read(&self) -> usize {
        context_read(&self.spec.instructions)
    }

    /// What an earlier run has left, or nothing.
    pub(crate) fn spare(&self) -> Spare {
        self.spare.lock().pop().unwrap_or_default()
    }

    /// Keeps what a run has left.
    pub(crate) fn keep(&self, spare: Spare) {
        /// More runs at a time than this are rare.
        const MOST: usize = 16;
        let mut spares = self.spare.lock();
        if spares.len() < MOST {
            spares.push(spare);
        }
    }
}

/// A program of a simulated system.
#[derive(Debug)]
pub struct MockProgram {
    object: Arc<ProgramObject>,
    /// As the object's, but with the full name and the log where this process loaded the program.
    info: ProgramInfo,
    descriptor: Descriptor,
}

impl MockProgram {
    /// A descriptor of a program.
    pub(crate) fn open(kernel: &Arc<Kernel>, object: Arc<ProgramObject>) -> MockProgram {
        MockProgram {
            info: object.info.clone(),
            descriptor: kernel.open(Object::Program(object.clone())),
            object,
        }
    }

    /// The descriptor that its loader gets.
    pub(crate) fn loaded(
        kernel: &Arc<Kernel>,
        object: Arc<ProgramObject>,
        log: VerifierLog,
    ) -> MockProgram {
        let mut program = MockProgram::open(kernel, object);
        program.info.name = program.object.spec.name.as_str().into();
        program.info.verifier_log = log;
        program
    }

    pub(crate) fn object(&self) -> &Arc<ProgramObject> {
        &self.object
    }

    pub(crate) fn kernel(&self) -> &Arc<Kernel> {
        &self.descriptor.kernel
    }
}

impl Program for MockProgram {
    fn info(&self) -> &ProgramInfo {
        &self.info
    }

    fn query(&self) -> Result<ProgramStats, ProgramError> {
        let mut stats = ProgramStats::new();
        stats.run_count = self.object.runs.load(Ordering::Relaxed);
        stats.run_time = Duration::from_nanos(self.object.run_nanos.load(Ordering::Relaxed));
        stats.memory_bytes = Some(self.object.charge.bytes);
        Ok(stats)
    }

    fn dump(&self) -> Result<ProgramDump, ProgramError> {
        if !self
            .descriptor
            .kernel
            .machine
            .privileges
            .include(Privileges::BPF)
        {
            return Ok(ProgramDump::default());
        }
        Ok(dump::of(
            &self.object,
            self.descriptor.kernel.machine.release,
        ))
    }

    fn handle(&self) -> Handle {
        Handle::new(self.descriptor.kernel.id, self.descriptor.number)
    }

    fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError> {
        hook::attach(self, target)
    }

    fn run<'i, 'o>(
        &self,
        input: &RunInput<'i>,
        output: &mut RunOutput<'o>,
    ) -> Result<RunResult, ProgramError> {
        run::run(self, input, output)
    }

    fn pin(&self, path: &Path) -> Result<(), ProgramError> {
        let bpffs = &self.descriptor.kernel.bpffs;
        bpffs
            .pin(path, Object::Program(self.object.clone()))
            .map_err(|errno| ProgramError::Path {
                op: "pin",
                program: self.info.name.clone(),
                path: path.into(),
                errno,
                hint: hint::pin(path, errno, bpffs.covers(path.parent().unwrap_or(path))),
            })
    }
}
