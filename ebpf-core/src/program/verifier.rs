//! The verifier's log as data, and the error it comes with.

use std::fmt;
use std::sync::Arc;

use crate::Errno;

/// How much the verifier writes into its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum LogLevel {
    /// Nothing unless the program is refused; then the log of a second attempt is kept.
    #[default]
    OnRefusal,
    /// Only statistics, also of a program that is accepted.
    Stats,
    /// Each instruction of the path that is walked. What turns out correct is taken back, so that of a program that is
    /// accepted only statistics are left.
    Instructions,
    /// Each instruction of every path, with the whole state.
    States,
}

/// What the verifier wrote.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct VerifierLog {
    text: Arc<str>,
    truncated: bool,
}

impl VerifierLog {
    /// A log; `truncated` says that its beginning or end is missing.
    pub fn new(text: impl Into<Arc<str>>, truncated: bool) -> VerifierLog {
        VerifierLog {
            text: text.into(),
            truncated,
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is not all that the verifier wrote.
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// Whether it wrote nothing.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The lines that are not blank.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
    }

    /// The last `count` lines, in order.
    pub fn last(&self, count: usize) -> Vec<&str> {
        let mut lines: Vec<&str> = self.lines().rev().take(count).collect();
        lines.reverse();
        lines
    }

    /// The line that says why: the last one that is neither statistics nor a dump of registers, before the report that Linux
    /// writes at the end since 7.3.
    pub fn cause(&self) -> Option<&str> {
        let report = self.text.find("\nVerification failed: ");
        let lines = self.text.get(..report.unwrap_or(self.text.len()));
        lines
            .unwrap_or_default()
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .rev()
            .find(|line| !is_statistics(line) && !is_state(line))
    }
}

fn is_statistics(line: &str) -> bool {
    let starts = [
        "processed ",
        "verification time ",
        "stack depth ",
        "insns ",
        "mark_precise:",
        "peak_states ",
    ];
    starts.iter().any(|start| line.starts_with(start))
}

/// A dump of registers (`R0=…`, `3: R1_w=…`) or a source line (`; …`).
fn is_state(line: &str) -> bool {
    let rest = line.trim_start();
    let rest = match rest.split_once(": ") {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => rest,
    };
    let first = rest.split(' ').next().unwrap_or_default();
    let numbered = |prefix| {
        let after = first
            .strip_prefix(prefix)
            .and_then(|after: &str| after.bytes().next());
        after.is_some_and(|byte| byte.is_ascii_digit())
    };
    let register = numbered("R") && first.contains('=');
    register || rest.starts_with(';') || numbered("frame") || matches!(rest, "caller:" | "callee:")
}

/// A program that the verifier refused.
///
/// `{}` shows the line that says why, `{:#}` the whole log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifierError {
    /// The program's name.
    pub program: Arc<str>,
    /// What the system said: `EACCES` or `EINVAL` most often, `E2BIG` for a program too complex.
    pub errno: Errno,
    /// What the verifier wrote.
    pub log: VerifierLog,
    /// What might help.
    pub hint: Option<&'static str>,
}

impl VerifierError {
    /// A refusal, with advice where the log tells enough for it.
    pub fn new(program: Arc<str>, errno: Errno, log: VerifierLog) -> VerifierError {
        let cause = log.cause().unwrap_or_default();
        let hint = if cause.contains("cannot call GPL-restricted function")
            || cause.contains("GPL compatible")
        {
            Some(
                "give the object a GPL-compatible licence: SEC(\"license\") = \"GPL\" or \"Dual MIT/GPL\"",
            )
        } else if cause.contains("BPF program is too large") {
            Some("the program is too complex: use bounded loops, fewer branches, or tail calls")
        } else if cause.contains("unknown func")
            || cause.contains("invalid func")
            || cause.contains("program of this type cannot use helper")
        {
            Some("this kernel or program type lacks the helper")
        } else {
            None
        };
        VerifierError {
            program,
            errno,
            log,
            hint,
        }
    }
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "verifier refused program `{}`: {}",
            self.program, self.errno
        )?;
        if let Some(hint) = self.hint {
            write!(f, " ({hint})")?;
        }
        if f.alternate() {
            for line in self.log.lines() {
                write!(f, "\n    {line}")?;
            }
        } else if let Some(cause) = self.log.cause() {
            write!(f, ": {}", cause.trim())?;
        }
        if self.log.truncated() {
            f.write_str(" (log truncated)")?;
        }
        Ok(())
    }
}

impl std::error::Error for VerifierError {}

#[cfg(test)]
mod tests;
