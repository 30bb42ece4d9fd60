//! Tests that never run: skipped on every kernel, they would test nothing and nobody would know.

use std::collections::{BTreeMap, BTreeSet};

use super::kernels::Kernel;
use super::machine::Run;
use super::results::Verdict;
use super::table;

/// Tests that no kernel of the table can run, each with the reason. One that runs after all is to be taken off.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// How a test's reason begins and ends that wants a tool which machines do not have: such a test runs where the tool is.
const TOOL: &str = " is not on the search path";

/// What is wrong with the tests that never ran, and with the exceptions.
pub(crate) fn check(results: &[(Kernel, Run)]) -> Vec<String> {
    let mut reasons = BTreeMap::<&str, BTreeSet<&str>>::new();
    let mut ran = BTreeSet::new();
    for (_, _, test, verdict) in table::tests(results) {
        match verdict {
            Verdict::Skipped(why) => {
                reasons
                    .entry(test)
                    .or_default()
                    .extend(why.iter().map(String::as_str));
            }
            _ => {
                ran.insert(test);
            }
        }
    }
    let excepted = |name: &str| EXCEPTIONS.iter().any(|(test, _)| *test == name);
    let never = reasons.iter().filter(|(test, why)| {
        !ran.contains(*test) && !excepted(test) && !why.iter().all(|reason| reason.ends_with(TOOL))
    });
    let never = never.map(|(test, why)| {
        let why: Vec<&str> = why.iter().copied().collect();
        format!("{test} runs on no kernel at all: {}", why.join("; "))
    });
    let needless = EXCEPTIONS
        .iter()
        .filter(|(test, _)| ran.contains(test))
        .map(|(test, _)| {
            format!("{test} is among the exceptions (xtask/src/vm/never.rs) and runs")
        });
    never.chain(needless).collect()
}
