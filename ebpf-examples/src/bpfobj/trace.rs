//! The lines of the source that a program executes, as a simulated system tells them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ebpf_mock::Traced;
use serde::Serialize;

/// How many lines of a run are kept.
const MOST_LINES: usize = 10_000;

/// A line that was executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Line {
    /// The function.
    pub function: String,
    /// The file, as the compiler was given it; nothing in an object without line information.
    pub file: String,
    /// Its number in the file; the instruction's, in an object without line information.
    pub line: u32,
    /// The line itself, or the instruction.
    pub text: String,
}

/// The lines that a run executed.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct TracedRun {
    /// Which packet, counted from 0.
    pub packet: usize,
    /// The lines in their order, the first ten thousand. What of a line follows itself is there once.
    pub lines: Vec<Line>,
    /// How many more there were.
    pub more: usize,
}

/// Listens to what a simulated system tells of executed instructions.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    run: Arc<Mutex<TracedRun>>,
}

impl Listener {
    /// A listener that has heard nothing yet.
    #[must_use]
    pub fn new() -> Listener {
        Listener::default()
    }

    fn run(&self) -> MutexGuard<'_, TracedRun> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears of an instruction: for [`MockSystemBuilder::trace`](ebpf_mock::MockSystemBuilder::trace).
    pub fn hear(&self, step: &Traced) {
        let line = match &step.position {
            Some(position) => Line {
                function: step.function.to_string(),
                file: position.file.to_string(),
                line: position.line,
                text: position.text.trim().to_owned(),
            },
            None => Line {
                function: step.function.to_string(),
                file: String::new(),
                line: u32::try_from(step.instruction).unwrap_or(u32::MAX),
                text: step.text.clone(),
            },
        };
        let mut run = self.run();
        if run.lines.last() == Some(&line) {
        } else if run.lines.len() < MOST_LINES {
            run.lines.push(line);
        } else {
            run.more += 1;
        }
    }

    /// What was heard since it was last asked: the lines of a packet's run.
    pub(super) fn take(&self, packet: usize) -> TracedRun {
        TracedRun {
            packet,
            ..std::mem::take(&mut *self.run())
        }
    }
}
