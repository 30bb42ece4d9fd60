//! What is attached without a link object: whose program it is, and what an attachment is attached to.

use std::fmt;
use std::fs::File;
use std::os::fd::{BorrowedFd, OwnedFd};

use crate::Errno;
use crate::hook::{Descriptor, Place, TargetProblem};
use crate::kernel::program::KernelProgram;
use crate::kernel::sys::errno_of;
use crate::program::{Program, ProgramError, ProgramId};
use crate::system::{ForeignHandle, SystemId};

/// A program that we attached.
#[derive(Debug)]
pub(super) struct Ours {
    pub(super) fd: OwnedFd,
    pub(super) id: ProgramId,
}

impl Ours {
    pub(super) fn of(program: &dyn Program) -> Result<Ours, Errno> {
        let fd = program.fd().ok_or(Errno::EBADF)?;
        Ok(Ours {
            fd: fd.try_clone_to_owned().map_err(|error| errno_of(&error))?,
            id: program.info().id,
        })
    }
}

/// Whether the programs of an update are the kernel's.
pub(super) fn of_the_kernel(
    new: &dyn Program,
    expected: Option<&dyn Program>,
) -> Result<(), ForeignHandle> {
    for program in std::iter::once(new).chain(expected) {
        program.handle().raw_in(SystemId::KERNEL)?;
    }
    Ok(())
}

/// Why a target could not be opened.
pub(super) enum Unopened {
    Errno(Errno),
    Foreign(ForeignHandle),
}

impl From<Errno> for Unopened {
    fn from(errno: Errno) -> Unopened {
        Unopened::Errno(errno)
    }
}

impl From<ForeignHandle> for Unopened {
    fn from(source: ForeignHandle) -> Unopened {
        Unopened::Foreign(source)
    }
}

/// The kernel's descriptor.
pub(super) fn borrowed<'t>(descriptor: &Descriptor<'t>) -> Result<BorrowedFd<'t>, Unopened> {
    descriptor.handle().raw_in(SystemId::KERNEL)?;
    Ok(descriptor.fd().ok_or(Errno::EBADF)?)
}

/// A descriptor of our own for a cgroup or a namespace.
pub(super) fn open(place: &Place<'_>) -> Result<File, Unopened> {
    match place {
        Place::Path(path) => Ok(File::open(path).map_err(|error| errno_of(&error))?),
        Place::Open(descriptor) => {
            let owned = borrowed(descriptor)?.try_clone_to_owned();
            Ok(owned.map_err(|error| errno_of(&error))?.into())
        }
    }
}

/// Attaching of a program somewhere, for errors.
pub(super) struct Attaching<'a> {
    pub(super) program: &'a KernelProgram,
    pub(super) target: &'a dyn fmt::Display,
}

impl Attaching<'_> {
    #[cold]
    pub(super) fn refused(&self, errno: Errno, hint: Option<&'static str>) -> ProgramError {
        ProgramError::Attach {
            program: self.program.info().name.clone(),
            target: self.target.to_string().into(),
            errno,
            told: None,
            hint,
        }
    }

    #[cold]
    pub(super) fn foreign(&self, source: ForeignHandle) -> ProgramError {
        ProgramError::Foreign {
            program: self.program.info().name.clone(),
            source,
        }
    }

    #[cold]
    pub(super) fn unopened(
        &self,
        why: Unopened,
        hint: impl Fn(Errno) -> Option<&'static str>,
    ) -> ProgramError {
        match why {
            Unopened::Errno(errno) => self.refused(errno, hint(errno)),
            Unopened::Foreign(source) => self.foreign(source),
        }
    }

    #[cold]
    pub(super) fn impossible(&self, problem: TargetProblem) -> ProgramError {
        ProgramError::Target {
            program: self.program.info().name.clone(),
            target: self.target.to_string().into(),
            problem,
        }
    }
}
