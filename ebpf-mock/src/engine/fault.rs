//! A program that was stopped: what it did wrong, and where.

use std::fmt;
use std::sync::Arc;

use super::problem::Problem;
use super::run::Run;

/// A program that was stopped because of what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgramFault {
    /// What it did.
    pub problem: Problem,
    /// The program's name.
    pub program: Arc<str>,
    /// The instruction.
    pub instruction: usize,
}

impl ProgramFault {
    pub(super) fn of(run: &Run, problem: Problem) -> ProgramFault {
        ProgramFault {
            problem,
            program: run.code.spec.name.as_str().into(),
            instruction: run.pc,
        }
    }
}

impl fmt::Display for ProgramFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProgramFault {
            problem,
            program,
            instruction,
        } = self;
        write!(
            f,
            "{problem} (instruction {instruction} of program `{program}`)"
        )
    }
}

impl std::error::Error for ProgramFault {}
