//! What became of code whose calls were made to fail one by one.

use std::fmt;

use super::Site;
use crate::Inventory;
use crate::table::Table;

/// A call that was made to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The call.
    pub site: Site,
    /// Whether it was the verifier that refused.
    pub by_verifier: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.site.fmt(f)?;
        match self.by_verifier {
            true => f.write_str(" (verifier)"),
            false => Ok(()),
        }
    }
}

/// What the code did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It succeeded all the same.
    Survived,
    /// It gave this error.
    Failed(String),
    /// It panicked with this message.
    Panicked(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Survived => f.write_str("survived"),
            Outcome::Failed(error) => write!(f, "error: {error}"),
            Outcome::Panicked(message) => write!(f, "PANIC: {message}"),
        }
    }
}

/// One run of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteRun {
    /// What was made to fail: the call that this run is about last, before it those without which it is not reached.
    pub failures: Vec<Failure>,
    /// What came of it.
    pub outcome: Outcome,
    /// What the code left behind that was not there before; of code that survived, what it does not also leave when nothing
    /// fails.
    pub left: Inventory,
}

/// What became of the code in each run. As text it is a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "`assert_sound` fails where the code panicked or left something behind"]
pub struct SiteReport {
    pub(super) untouched: SiteRun,
    pub(super) runs: Vec<SiteRun>,
    pub(super) untried: usize,
}

impl SiteReport {
    /// The run in which nothing was made to fail.
    pub fn untouched(&self) -> &SiteRun {
        &self.untouched
    }

    /// A run for each call that was made to fail, in the order in which the calls are reached.
    pub fn runs(&self) -> &[SiteRun] {
        &self.runs
    }

    /// Calls that were reached and not made to fail, because of a [limit](super::FailEverySite::each_at_most).
    pub fn untried(&self) -> usize {
        self.untried
    }

    /// The runs in which the code panicked.
    pub fn panics(&self) -> impl Iterator<Item = &SiteRun> {
        let all = std::iter::once(&self.untouched).chain(&self.runs);
        all.filter(|run| matches!(run.outcome, Outcome::Panicked(_)))
    }

    /// The runs after which something was left behind.
    pub fn leaks(&self) -> impl Iterator<Item = &SiteRun> {
        self.runs.iter().filter(|run| !run.left.is_empty())
    }

    /// The runs in which the code succeeded although something failed.
    pub fn survivors(&self) -> impl Iterator<Item = &SiteRun> {
        let survived = |run: &&SiteRun| run.outcome == Outcome::Survived;
        self.runs.iter().filter(survived)
    }

    /// Demands that the code succeeds when nothing fails, never panics, and leaves nothing behind when something failed.
    ///
    /// # Panics
    /// With the table where it is not so.
    #[track_caller]
    pub fn assert_sound(&self) {
        let works = self.untouched.outcome == Outcome::Survived;
        if !works || self.panics().next().is_some() || self.leaks().next().is_some() {
            panic!("the code does not take every failure well\n{self}");
        }
    }
}

fn noun(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for SiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.untouched.outcome != Outcome::Survived {
            writeln!(f, "without any failure: {}", self.untouched.outcome)?;
        }
        let mut table = Table::new(["failed", "outcome", "left behind"]);
        for run in &self.runs {
            let failed: Vec<String> = run.failures.iter().map(Failure::to_string).collect();
            let left = run.left.lines().join(", ");
            table.row([failed.join(", then "), run.outcome.to_string(), left]);
        }
        table.fmt(f)?;
        let parts = [
            noun(self.runs.len(), "call") + " made to fail",
            format!("{} survived", self.survivors().count()),
            noun(self.panics().count(), "panic"),
            format!("{} left something behind", self.leaks().count()),
        ];
        writeln!(f, "{}", parts.join(", "))?;
        if self.untried > 0 {
            writeln!(f, "{} not tried", noun(self.untried, "more call"))?;
        }
        Ok(())
    }
}
