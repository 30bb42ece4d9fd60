//! Telling what is executed, instruction by instruction.

use std::fmt;
use std::sync::Arc;

use super::code::{Code, Kind};
use super::fault::Position;
use super::report;

/// An instruction that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traced {
    /// The program's name.
    pub program: Arc<str>,
    /// The function that the instruction is in.
    pub function: Arc<str>,
    /// Its index.
    pub instruction: usize,
    /// Its text.
    pub text: String,
    /// Where it comes from in the source, if the object has line information.
    pub position: Option<Position>,
}

/// Who is told of instructions that were executed.
#[derive(Clone)]
pub(crate) struct Trace(Arc<dyn Fn(&Traced) + Send + Sync>);

impl Trace {
    pub(crate) fn new(told: impl Fn(&Traced) + Send + Sync + 'static) -> Trace {
        Trace(Arc::new(told))
    }

    /// Tells of the instructions from one to another.
    pub(super) fn stretch(&self, code: &Code, first: usize, last: usize) {
        let mut at = first;
        while at <= last {
            (self.0)(&Traced {
                program: code.spec.name.as_str().into(),
                function: report::function(code, at),
                instruction: at,
                text: report::instruction(&code.spec, at),
                position: report::position(&code.spec, at),
            });
            let wide = code
                .ops
                .get(at)
                .is_some_and(|op| matches!(op.kind, Kind::Wide | Kind::LoadLink));
            at += if wide { 2 } else { 1 };
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}
