//! A program that was stopped: what it did wrong, and where. It prints like the message of a compiler.

use std::fmt;
use std::sync::Arc;

use super::problem::Problem;
use super::report;
use super::run::Run;

/// A program that was stopped because of what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgramFault {
    /// What it did.
    pub problem: Problem,
    /// The program's name: after a tail call that of the program it went to.
    pub program: Arc<str>,
    /// The function that did it.
    pub function: Arc<str>,
    /// The instruction's index.
    pub instruction: usize,
    /// The instruction's text.
    pub text: String,
    /// Where it comes from in the source, if the object has line information.
    pub position: Option<Position>,
    /// The registers that it used.
    pub origins: Vec<Origin>,
    /// The calls that led there, the innermost first.
    pub calls: Vec<Call>,
    /// The last instructions before it, in their order: indices and texts.
    pub before: Vec<(usize, String)>,
}

/// A place in the source of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The file, as the compiler was given it.
    pub file: Box<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; 0 for unknown.
    pub column: u32,
    /// The line itself; empty where the object does not have it.
    pub text: Box<str>,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            file, line, column, ..
        } = self;
        match column {
            0 => write!(f, "{file}:{line}"),
            _ => write!(f, "{file}:{line}:{column}"),
        }
    }
}

/// What a register had, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// Its number.
    pub register: u8,
    /// What it had.
    pub value: String,
    /// The instructions that made it, the last first, as far as they are known.
    pub steps: Vec<String>,
}

/// A call that had not returned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The function that called.
    pub function: Arc<str>,
    /// The instruction that called.
    pub instruction: usize,
    /// Where it is in the source.
    pub position: Option<Position>,
}

impl ProgramFault {
    pub(super) fn of(run: &Run, problem: Problem) -> ProgramFault {
        let spec = &run.code.spec;
        let text = |at: usize| report::instruction(spec, at);
        let before = run.last_instructions();
        ProgramFault {
            problem,
            program: spec.name.as_str().into(),
            function: report::function(&run.code, run.pc),
            instruction: run.pc,
            text: text(run.pc),
            position: report::position(spec, run.pc),
            origins: run.origins(),
            calls: run.calls(),
            before: before.into_iter().map(|at| (at, text(at))).collect(),
        }
    }
}

/// The first line says what happened; the others where and how it came to that.
impl fmt::Display for ProgramFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.instruction;
        let width = self
            .position
            .as_ref()
            .map_or(1, |position| position.line.to_string().len());
        let width = width.max(at.to_string().len());
        write!(f, "{}", self.problem)?;
        if let Some(position) = &self.position {
            write!(f, "\n{:width$}--> {position}", "")?;
            source(f, position, width)?;
        }
        if let Some(help) = self.problem.help() {
            write!(f, "\n{:width$} = help: {help}", "")?;
        }
        let function = &self.function;
        write!(
            f,
            "\n{:width$} = in `{function}`, instruction {at}: {}",
            "", self.text
        )?;
        for origin in &self.origins {
            write!(
                f,
                "\n{:width$} = r{} is {}",
                "", origin.register, origin.value
            )?;
            for step in &origin.steps {
                write!(f, "\n{:width$}   from {step}", "")?;
            }
        }
        for call in &self.calls {
            let (function, instruction) = (&call.function, call.instruction);
            write!(
                f,
                "\n{:width$} = called by `{function}`, instruction {instruction}",
                ""
            )?;
            if let Some(position) = &call.position {
                write!(f, " ({position})")?;
            }
        }
        if !self.before.is_empty() {
            write!(f, "\n{:width$} = before that:", "")?;
            for (at, text) in &self.before {
                write!(f, "\n{:width$}   {at:>4}: {text}", "")?;
            }
        }
        Ok(())
    }
}

/// The source line, with a mark below the column.
fn source(f: &mut fmt::Formatter<'_>, position: &Position, width: usize) -> fmt::Result {
    let line = position.text.trim_end();
    if line.is_empty() {
        return Ok(());
    }
    let number = position.line;
    write!(
        f,
        "\n{:width$} |\n{number:width$} | {line}\n{:width$} |",
        "", ""
    )?;
    if let Some(before) = (position.column as usize).checked_sub(1) {
        // What stands before the column keeps its tabs, so that the mark lies where it should.
        let space: String = line
            .chars()
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .chain(std::iter::repeat(' '))
            .take(before)
            .collect();
        write!(f, " {space}^")?;
    }
    Ok(())
}

impl std::error::Error for ProgramFault {}
