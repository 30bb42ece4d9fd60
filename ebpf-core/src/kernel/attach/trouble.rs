//! Why a tracing program could not be attached, before it is known for which error.

use std::fmt;

use crate::Errno;
use crate::kernel::program::KernelProgram;
use crate::program::{Program, ProgramError};

/// Why a program could not be attached.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) errno: Errno,
    /// What was found out besides.
    told: Option<Box<str>>,
    hint: Option<&'static str>,
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Trouble {
        Trouble {
            errno,
            told: None,
            hint: None,
        }
    }
}

impl Trouble {
    /// What might help.
    pub(super) fn hint(self, hint: &'static str) -> Trouble {
        Trouble {
            hint: Some(hint),
            ..self
        }
    }

    /// What might help, if nothing better is known yet.
    pub(super) fn or_hint(self, hint: Option<&'static str>) -> Trouble {
        Trouble {
            hint: self.hint.or(hint),
            ..self
        }
    }

    /// What was found out.
    pub(super) fn told(self, told: impl Into<Box<str>>) -> Trouble {
        Trouble {
            told: Some(told.into()),
            ..self
        }
    }

    /// The error of attaching a program there.
    #[cold]
    pub(super) fn of(self, program: &KernelProgram, target: &dyn fmt::Display) -> ProgramError {
        ProgramError::Attach {
            program: program.info().name.clone(),
            target: target.to_string().into(),
            errno: self.errno,
            told: self.told,
            hint: self.hint,
        }
    }
}
