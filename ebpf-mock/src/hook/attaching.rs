//! Attaching of a program somewhere, for errors.

use std::fmt;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::TargetProblem;
use ebpf_core::link::LinkType;
use ebpf_core::program::{Program, ProgramError};
use ebpf_core::system::{Feature, ForeignHandle};

use crate::kernel::Kernel;
use crate::program::{MockProgram, ProgramObject};
use crate::world::Unfound;

/// A program, and where it is to be attached.
pub(super) struct Attaching<'a> {
    program: &'a MockProgram,
    target: &'a dyn fmt::Display,
}

impl<'a> Attaching<'a> {
    pub(super) fn new(program: &'a MockProgram, target: &'a dyn fmt::Display) -> Attaching<'a> {
        Attaching { program, target }
    }

    pub(super) fn kernel(&self) -> &'a Arc<Kernel> {
        self.program.kernel()
    }

    pub(super) fn object(&self) -> &'a Arc<ProgramObject> {
        self.program.object()
    }

    /// Whether the kernel has links of this type.
    pub(super) fn has_links(&self, link_type: LinkType) -> bool {
        let feature = Feature::Link(link_type);
        crate::profile::probe(&self.kernel().machine, feature).is_yes()
    }

    #[cold]
    pub(super) fn refused(&self, refusal: impl Into<Refusal>) -> ProgramError {
        let Refusal { errno, told, hint } = refusal.into();
        ProgramError::Attach {
            program: self.program.info().name.clone(),
            target: self.target.to_string().into(),
            errno,
            told,
            hint,
        }
    }

    #[cold]
    pub(super) fn hinted(&self, errno: Errno, hint: Option<&'static str>) -> ProgramError {
        self.refused(Refusal {
            hint,
            ..errno.into()
        })
    }

    #[cold]
    pub(super) fn foreign(&self, source: ForeignHandle) -> ProgramError {
        ProgramError::Foreign {
            program: self.program.info().name.clone(),
            source,
        }
    }

    #[cold]
    pub(super) fn unfound(
        &self,
        why: Unfound,
        hint: impl FnOnce(Errno) -> Option<&'static str>,
    ) -> ProgramError {
        match why {
            Unfound::Errno(errno) => self.hinted(errno, hint(errno)),
            Unfound::Foreign(source) => self.foreign(source),
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

    /// A program that a target names.
    pub(super) fn named(&self, program: &dyn Program) -> Result<Arc<ProgramObject>, ProgramError> {
        let named = self.kernel().program(program);
        let named = named.map_err(|source| self.foreign(source))?;
        named.ok_or_else(|| self.refused(Errno::EBADF))
    }
}

/// Why the simulated kernel does not attach a program.
#[derive(Debug)]
pub(super) struct Refusal {
    errno: Errno,
    /// What was found out besides.
    told: Option<Box<str>>,
    hint: Option<&'static str>,
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Refusal {
        Refusal {
            errno,
            told: None,
            hint: None,
        }
    }
}

impl Refusal {
    /// With what was found out.
    pub(super) fn told(errno: Errno, told: impl Into<Box<str>>) -> Refusal {
        Refusal {
            told: Some(told.into()),
            ..errno.into()
        }
    }

    /// With what might help.
    pub(super) fn hint(self, hint: &'static str) -> Refusal {
        Refusal {
            hint: Some(hint),
            ..self
        }
    }
}
