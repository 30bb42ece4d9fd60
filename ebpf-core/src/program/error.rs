//! What can go wrong with a program.

use std::sync::Arc;

use super::{ProgramType, VerifierError, VerifierLog};
use crate::Errno;
use crate::hook::TargetProblem;
use crate::map::hint_text;
use crate::system::{ForeignHandle, hint};

/// What went wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// The verifier refused it.
    #[error(transparent)]
    Verifier(Box<VerifierError>),
    /// The spec cannot be loaded as it is; nothing was asked of the system.
    #[error("load program `{program}`: {problem}")]
    Spec {
        /// The program's name.
        program: Arc<str>,
        /// Why not.
        problem: ProgramProblem,
    },
    /// It could not be attached.
    #[error("attach program `{program}` to {target}: {errno}{}{}", told_text(.told), hint_text(.hint))]
    Attach {
        /// The program's name.
        program: Arc<str>,
        /// Where.
        target: Box<str>,
        /// What the system said.
        errno: Errno,
        /// What the system said besides, in its own words.
        told: Option<Box<str>>,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// The target cannot be, whatever the system; nothing was asked of it.
    #[error("attach program `{program}` to {target}: {problem}")]
    Target {
        /// The program's name.
        program: Arc<str>,
        /// Where.
        target: Box<str>,
        /// Why not.
        problem: TargetProblem,
    },
    /// A simulated system stopped the program because of what it did; a kernel's verifier may have refused it.
    #[error("run program `{program}`: {report}")]
    Fault {
        /// The program's name.
        program: Arc<str>,
        /// What it did, and where.
        report: Box<str>,
    },
    /// The system refused something else.
    #[error("{op} program `{program}`: {errno}{}", hint_text(.hint))]
    Os {
        /// The operation.
        op: &'static str,
        /// The program's name.
        program: Arc<str>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// A file operation on behalf of a program failed.
    #[error("{op} program `{program}` at {}: {errno}{}", .path.display(), hint_text(.hint))]
    Path {
        /// The operation.
        op: &'static str,
        /// The program's name.
        program: Arc<str>,
        /// The path.
        path: Arc<std::path::Path>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// A map or program of another system was given.
    #[error("program `{program}`: {source}")]
    Foreign {
        /// The program's name.
        program: Arc<str>,
        /// Which systems.
        source: ForeignHandle,
    },
}

/// What a system said in its own words, for the end of a message.
pub(crate) fn told_text(told: &Option<Box<str>>) -> String {
    told.as_ref()
        .map(|told| format!(": {told}"))
        .unwrap_or_default()
}

/// Why a spec cannot be loaded as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramProblem {
    /// The section name tells no type.
    #[error("section `{section}` tells no program type: set ProgramSpec::program_type")]
    NoType {
        /// The section.
        section: Box<str>,
    },
    /// There are no instructions.
    #[error("it has no instructions")]
    Empty,
    /// A name has a NUL byte.
    #[error("the name or the licence has a NUL byte")]
    NameHasNul,
    /// It needs CO-RE relocations, which are not applied yet.
    #[error(
        "it needs {count} CO-RE relocations (the first at instruction {first}), which this version does not apply yet"
    )]
    NeedsCoRe {
        /// How many.
        count: usize,
        /// The first instruction that needs one.
        first: u32,
    },
    /// The bindings do not match the spec.
    #[error("it refers to {what} {index}, but {given} were given")]
    Binding {
        /// What is referred to: "map", "extern", "instruction".
        what: &'static str,
        /// Which one.
        index: usize,
        /// How many there are.
        given: usize,
    },
    /// Programs of this type need a target that was not given or found.
    #[error("programs of type {program_type} need a target: {what}")]
    NoTarget {
        /// The type.
        program_type: ProgramType,
        /// What is missing.
        what: Box<str>,
    },
}

impl ProgramError {
    /// A program that was refused before its instructions were looked at. For implementors: every system gives the same
    /// advice.
    pub fn load_failed(program: &Arc<str>, errno: Errno) -> ProgramError {
        ProgramError::Os {
            op: "load",
            program: program.clone(),
            errno,
            hint: hint::load_program(errno),
        }
    }

    /// A program that the verifier refused with these words, if any. For implementors.
    pub fn load_refused(program: &Arc<str>, errno: Errno, log: VerifierLog) -> ProgramError {
        if log.is_empty() {
            return ProgramError::load_failed(program, errno);
        }
        let missing = log
            .cause()
            .is_some_and(|cause| cause.contains("unknown#2002"));
        let mut error = VerifierError::new(program.clone(), errno, log);
        if missing {
            error.hint = Some(
                "it calls a weak function that this kernel lacks, without asking bpf_ksym_exists() first",
            );
        }
        ProgramError::Verifier(Box::new(error))
    }

    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            ProgramError::Verifier(error) => Some(error.errno),
            ProgramError::Attach { errno, .. }
            | ProgramError::Os { errno, .. }
            | ProgramError::Path { errno, .. } => Some(*errno),
            ProgramError::Spec { .. }
            | ProgramError::Fault { .. }
            | ProgramError::Target { .. }
            | ProgramError::Foreign { .. } => None,
        }
    }
}
