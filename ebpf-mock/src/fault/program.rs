//! A program whose operations can be made to fail.

use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::AttachTarget;
use ebpf_core::link::Link;
use ebpf_core::program::{
    Program, ProgramDump, ProgramError, ProgramInfo, ProgramStats, RunInput, RunOutput, RunResult,
};
use ebpf_core::system::{Handle, hint};

use super::link::FaultyLink;
use super::{Operation, Plan};

/// A program of an injector's system.
#[derive(Debug)]
pub(super) struct FaultyProgram {
    inner: Arc<dyn Program>,
    plan: Arc<Plan>,
}

impl FaultyProgram {
    pub(super) fn wrap(inner: Arc<dyn Program>, plan: &Arc<Plan>) -> Arc<dyn Program> {
        Arc::new(FaultyProgram {
            inner,
            plan: plan.clone(),
        })
    }

    fn strike(&self, operation: Operation) -> Option<Errno> {
        let injected = self.plan.strike(operation, &self.inner.info().name);
        injected.map(|injected| injected.errno)
    }

    fn pass(
        &self,
        operation: Operation,
        op: &'static str,
        hint: fn(Errno) -> Option<&'static str>,
    ) -> Result<(), ProgramError> {
        match self.strike(operation) {
            None => Ok(()),
            Some(errno) => Err(ProgramError::Os {
                op,
                program: self.inner.info().name.clone(),
                errno,
                hint: hint(errno),
            }),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl Program for FaultyProgram {
    fn info(&self) -> &ProgramInfo {
        self.inner.info()
    }

    fn query(&self) -> Result<ProgramStats, ProgramError> {
        self.pass(Operation::QueryProgram, "query", |_| None)?;
        self.inner.query()
    }

    fn dump(&self) -> Result<ProgramDump, ProgramError> {
        self.pass(Operation::Dump, "dump", |_| None)?;
        self.inner.dump()
    }

    fn handle(&self) -> Handle {
        self.inner.handle()
    }

    fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError> {
        let name = &self.inner.info().name;
        if let Some(errno) = self.strike(Operation::Attach) {
            return Err(ProgramError::Attach {
                program: name.clone(),
                target: target.to_string().into(),
                errno,
                told: None,
                hint: crate::hook::hint(target, errno),
            });
        }
        let link = self.inner.attach(target)?;
        Ok(FaultyLink::wrap(link, name.clone(), &self.plan))
    }

    fn run<'i, 'o>(
        &self,
        input: &RunInput<'i>,
        output: &mut RunOutput<'o>,
    ) -> Result<RunResult, ProgramError> {
        self.pass(Operation::Run, "run", hint::run_program)?;
        self.inner.run(input, output)
    }

    fn pin(&self, path: &Path) -> Result<(), ProgramError> {
        if let Some(errno) = self.strike(Operation::PinProgram) {
            return Err(ProgramError::Path {
                op: "pin",
                program: self.inner.info().name.clone(),
                path: path.into(),
                errno,
                hint: hint::pin(path, errno, true),
            });
        }
        self.inner.pin(path)
    }

    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.inner.fd()
    }
}
