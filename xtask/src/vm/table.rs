//! What is printed at the end: skips, failures, and the table of groups and kernels.

use std::collections::{BTreeMap, BTreeSet};

use super::kernels::Kernel;
use super::machine::Run;
use super::results::Verdict;

/// Every test of every machine: kernel, program, test, verdict.
pub(crate) fn tests(
    results: &[(Kernel, Run)],
) -> impl Iterator<Item = (&'static str, &str, &str, &Verdict)> {
    results.iter().flat_map(|(kernel, run)| {
        run.outcomes.iter().flat_map(move |outcome| {
            let program = outcome.program.as_str();
            outcome
                .tests
                .iter()
                .map(move |(test, verdict)| (kernel.name, program, test.as_str(), verdict))
        })
    })
}

/// Prints which tests were skipped where, by reason.
pub(crate) fn skips(results: &[(Kernel, Run)]) {
    let mut reasons = BTreeMap::<&str, BTreeMap<&str, BTreeSet<&str>>>::new();
    for (kernel, _, test, verdict) in tests(results) {
        if let Verdict::Skipped(why) = verdict {
            for reason in why {
                reasons
                    .entry(reason)
                    .or_default()
                    .entry(test)
                    .or_default()
                    .insert(kernel);
            }
        }
    }
    for (reason, skipped) in reasons {
        println!("\nskipped, {reason}");
        for (test, kernels) in skipped {
            let kernels: Vec<_> = kernels.into_iter().collect();
            println!("  {test} ({})", kernels.join(", "));
        }
    }
}

/// Prints the tests that failed, with their output.
pub(crate) fn failures(results: &[(Kernel, Run)]) {
    for (kernel, program, test, verdict) in tests(results) {
        match verdict {
            Verdict::Failed(output) => {
                println!("\nFAILED on {kernel}: {program} {test}");
                output.lines().for_each(|line| println!("  {line}"));
            }
            Verdict::Silent => println!("\nNO RESULT on {kernel}: {program} {test}"),
            Verdict::Passed | Verdict::Skipped(_) => {}
        }
    }
}

/// How many tests have failed or not been heard of.
pub(crate) fn failed(results: &[(Kernel, Run)]) -> usize {
    tests(results)
        .filter(|(.., verdict)| matches!(verdict, Verdict::Failed(_) | Verdict::Silent))
        .count()
}

#[derive(Default, Clone, Copy)]
struct Cell {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Cell {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) | Verdict::Silent => self.failed += 1,
            Verdict::Skipped(_) => self.skipped += 1,
        }
    }

    fn text(self) -> String {
        let mut parts = vec![self.passed.to_string()];
        if self.skipped > 0 {
            parts.push(format!("{} skipped", self.skipped));
        }
        if self.failed > 0 {
            parts.push(format!("{} FAILED", self.failed));
        }
        parts.join(", ")
    }
}

/// A table in Markdown: how many tests of each group passed, were skipped and failed on each kernel.
pub(crate) fn groups(results: &[(Kernel, Run)]) -> String {
    let columns: Vec<&str> = results.iter().map(|(kernel, _)| kernel.name).collect();
    let mut rows = BTreeMap::<String, BTreeMap<&str, Cell>>::new();
    let mut all = BTreeMap::<&str, Cell>::new();
    for (kernel, program, test, verdict) in tests(results) {
        let row = rows.entry(group(program, test)).or_default();
        row.entry(kernel).or_default().add(verdict);
        all.entry(kernel).or_default().add(verdict);
    }
    let mut lines = vec![
        [&["passed"], &columns[..]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>(),
    ];
    for (name, row) in rows.into_iter().chain([("all".to_owned(), all)]) {
        let cells = columns
            .iter()
            .map(|kernel| row.get(kernel).copied().unwrap_or_default().text());
        lines.push([name].into_iter().chain(cells).collect());
    }
    let widths: Vec<usize> = (0..=columns.len())
        .map(|column| {
            lines
                .iter()
                .map(|line| line[column].len())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let dashes = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.insert(1, dashes);
    let line = |cells: &Vec<String>| {
        let cells = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!(" {cell:width$} "));
        format!("|{}|", cells.collect::<Vec<_>>().join("|"))
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A test's group: the modules that it is in, those of the conformance suite without its name.
fn group(program: &str, test: &str) -> String {
    let modules = test.rsplit_once("::").map_or("", |(modules, _)| modules);
    let modules = modules.strip_suffix("::tests").unwrap_or(modules);
    match program {
        "ebpf-core it" => modules.to_owned(),
        _ => format!("{} {modules}", program.split(' ').next().unwrap_or(program))
            .trim_end()
            .to_owned(),
    }
}

#[cfg(test)]
mod tests_of_groups {
    use super::*;

    #[test]
    fn groups_are_modules() {
        assert_eq!(
            group("ebpf-core it", "conformance::hash::full"),
            "conformance::hash"
        );
        assert_eq!(
            group("ebpf-examples it", "demo::runs"),
            "ebpf-examples demo"
        );
        assert_eq!(
            group("ebpf-testbed ebpf_testbed", "tests::runs"),
            "ebpf-testbed tests"
        );
        assert_eq!(group("ebpf-core it", "alone"), "");
    }
}
