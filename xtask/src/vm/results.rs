//! What a machine's report says about each test.

use std::collections::{BTreeMap, BTreeSet};

use super::payload::Program;

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    /// With its output.
    Failed(String),
    /// With the reasons it gave.
    Skipped(BTreeSet<String>),
    /// It was to run, and nothing was heard of it.
    Silent,
}

/// What one program's tests did.
pub(crate) struct Outcome {
    pub(crate) program: String,
    pub(crate) tests: BTreeMap<String, Verdict>,
}

/// Takes in the lines of a report, which `vm-init` explains, and shows how far the machine is.
pub(crate) struct Listener<'a> {
    kernel: &'static str,
    programs: &'a [Program],
    heard: Vec<Heard>,
    pub(crate) booted: bool,
    pub(crate) notes: Vec<String>,
    /// The features that were asked for, and whether they are there.
    pub(crate) probes: BTreeMap<String, bool>,
    pub(crate) done: bool,
}

/// What was heard of one program.
#[derive(Default)]
struct Heard {
    verdicts: BTreeMap<String, Verdict>,
    /// The output of tests that failed, by their names.
    outputs: BTreeMap<String, String>,
    /// The test whose output comes.
    output_of: Option<String>,
    skips: Vec<String>,
    /// What came on standard error, the lines about skips aside.
    errors: Vec<String>,
    end: Option<String>,
}

impl<'a> Listener<'a> {
    pub(crate) fn new(kernel: &'static str, programs: &'a [Program]) -> Self {
        Self {
            kernel,
            programs,
            heard: Vec::new(),
            booted: false,
            notes: Vec::new(),
            probes: BTreeMap::new(),
            done: false,
        }
    }

    pub(crate) fn hear(&mut self, line: &str) {
        let (word, rest) = line.split_once('\t').unwrap_or((line, ""));
        match (word, self.heard.last_mut()) {
            ("boot", _) => {
                self.booted = true;
                eprintln!("[{}] {rest} is up", self.kernel);
            }
            ("note", _) => self.notes.push(rest.to_owned()),
            ("probe", _) => {
                if let Some((feature, answer)) = rest.rsplit_once(": ") {
                    self.probes.insert(feature.to_owned(), answer == "yes");
                }
            }
            ("done", _) => self.done = true,
            ("start", _) => self.heard.push(Heard::default()),
            (">", Some(heard)) => heard.line(rest),
            ("!", Some(heard)) if !rest.starts_with("SKIP: ") => heard.errors.push(rest.to_owned()),
            ("skip", Some(heard)) => heard.skips.push(rest.to_owned()),
            ("end", Some(heard)) => {
                let end = rest.split_once('\t').map_or(rest, |(_, end)| end);
                heard.end = Some(end.to_owned());
                let index = self.heard.len() - 1;
                if let Some(program) = self.programs.get(index) {
                    let outcome = self.heard[index].outcome(program);
                    eprintln!("[{}] {}: {}", self.kernel, program.name, outcome.summary());
                }
            }
            _ => {}
        }
    }

    /// What each program's tests did, the programs of which nothing was heard too.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        let nothing = Heard::default();
        let programs = self.programs.iter().enumerate();
        programs
            .map(|(index, program)| self.heard.get(index).unwrap_or(&nothing).outcome(program))
            .collect()
    }

    /// What went wrong besides tests that failed.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !self.booted {
            wrong.push("it did not boot".to_owned());
        } else if !self.done {
            wrong.push("it ended before all programs had".to_owned());
        }
        for (program, heard) in self.programs.iter().zip(&self.heard) {
            let errors = || {
                heard
                    .errors
                    .iter()
                    .map(|line| format!("\n    {line}"))
                    .collect::<String>()
            };
            match heard.end.as_deref() {
                Some("exit status: 0") => {}
                // That is how a program of tests says that tests failed.
                Some("exit status: 101") if heard.failed() => {}
                Some(end) => wrong.push(format!("{} ended with {end}{}", program.name, errors())),
                None => wrong.push(format!("{} was running{}", program.name, errors())),
            }
        }
        wrong
    }
}

impl Heard {
    /// A line as the test harness writes it.
    fn line(&mut self, line: &str) {
        let verdict = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "));
        if let Some((name, verdict)) = verdict {
            let name = name.strip_suffix(" - should panic").unwrap_or(name);
            let verdict = match verdict {
                "ok" => Verdict::Passed,
                "FAILED" => Verdict::Failed(String::new()),
                _ if verdict.starts_with("ignored") => {
                    Verdict::Skipped(BTreeSet::from([verdict.to_owned()]))
                }
                _ => return,
            };
            self.verdicts.insert(name.to_owned(), verdict);
        } else if let Some(name) = line.strip_prefix("---- ") {
            self.output_of = name.strip_suffix(" stdout ----").map(str::to_owned);
        } else if line == "failures:" {
            self.output_of = None;
        } else if let Some(name) = &self.output_of {
            let output = self.outputs.entry(name.clone()).or_default();
            *output += line;
            *output += "\n";
        }
    }

    fn failed(&self) -> bool {
        self.verdicts
            .values()
            .any(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    fn outcome(&self, program: &Program) -> Outcome {
        let verdict = |name: &String| match self.verdicts.get(name) {
            None => Verdict::Silent,
            Some(Verdict::Failed(_)) => {
                Verdict::Failed(self.outputs.get(name).cloned().unwrap_or_default())
            }
            Some(Verdict::Passed) => match self.skips_of(name) {
                reasons if reasons.is_empty() => Verdict::Passed,
                reasons => Verdict::Skipped(reasons),
            },
            Some(other) => other.clone(),
        };
        Outcome {
            program: program.name.clone(),
            tests: program
                .tests
                .iter()
                .map(|name| (name.clone(), verdict(name)))
                .collect(),
        }
    }

    /// Why a test says it was skipped. It may leave the first parts of its name out, as cases of the conformance suite do.
    fn skips_of(&self, test: &str) -> BTreeSet<String> {
        let lines = self
            .skips
            .iter()
            .map(|line| line.trim_start_matches("SKIP: "));
        lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| {
                test.strip_suffix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
            })
            .map(|(_, reason)| reason.to_owned())
            .collect()
    }
}

impl Outcome {
    pub(crate) fn count(&self, of: impl Fn(&Verdict) -> bool) -> usize {
        self.tests.values().filter(|verdict| of(verdict)).count()
    }

    fn summary(&self) -> String {
        let failed = self.count(|verdict| matches!(verdict, Verdict::Failed(_) | Verdict::Silent));
        format!(
            "{} passed, {failed} failed, {} skipped",
            self.count(|verdict| *verdict == Verdict::Passed),
            self.count(|verdict| matches!(verdict, Verdict::Skipped(_))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Program {
        Program::for_test(
            "ebpf-core it",
            &["hash::full", "hash::empty", "load::twice", "load::never"],
        )
    }

    fn heard(lines: &[&str]) -> (Vec<Verdict>, Vec<String>, bool) {
        let programs = [program()];
        let mut listener = Listener::new("6.1", &programs);
        lines.iter().for_each(|line| listener.hear(line));
        let outcome = listener.outcomes().remove(0);
        let verdicts = program()
            .tests
            .iter()
            .map(|name| outcome.tests[name].clone())
            .collect();
        (verdicts, listener.wrong(), listener.done)
    }

    #[test]
    fn every_test_has_its_verdict() {
        let (verdicts, wrong, done) = heard(&[
            "boot\t6.1.0",
            "start\t0",
            ">\trunning 4 tests",
            ">\ttest hash::full ... ok",
            "!\tSKIP: empty: no such map",
            ">\ttest hash::empty ... ok",
            ">\ttest load::twice ... FAILED",
            ">\tfailures:",
            ">\t",
            ">\t---- load::twice stdout ----",
            ">\tit is broken",
            ">\tfailures:",
            ">\t    load::twice",
            "skip\tSKIP: empty: no such map",
            "end\t0\texit status: 101",
            "done",
        ]);
        assert_eq!(
            verdicts,
            [
                Verdict::Passed,
                Verdict::Skipped(BTreeSet::from(["no such map".to_owned()])),
                Verdict::Failed("it is broken\n".to_owned()),
                Verdict::Silent,
            ]
        );
        assert_eq!((wrong, done), (vec![], true));
    }

    #[test]
    fn a_machine_that_dies_is_no_success() {
        let (verdicts, wrong, done) = heard(&[
            "boot\t6.1.0",
            "start\t0",
            ">\ttest hash::full ... ok",
            "!\tlast words",
        ]);
        assert_eq!(
            verdicts[1..],
            [Verdict::Silent, Verdict::Silent, Verdict::Silent]
        );
        assert_eq!(
            wrong,
            [
                "it ended before all programs had",
                "ebpf-core it was running\n    last words"
            ]
        );
        assert!(!done);
        assert_eq!(heard(&[]).1, ["it did not boot"]);
    }
}
