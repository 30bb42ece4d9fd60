//! Tests that never run and probes that never find anything: they would test nothing, and nobody would know.

use std::collections::{BTreeMap, BTreeSet};

use super::kernels::Kernel;
use super::machine::Run;
use super::results::Verdict;
use super::table;

/// Tests that no kernel of the table can run, and features that none has, each with the reason. One that runs, or is found, is to be
/// taken off.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "vmlinux::an_object_s_types_are_where_they_were",
        "it wants clang, which machines do not have: it runs where clang is",
    ),
    (
        "vmlinux::the_kernel_s_types_are_where_they_are",
        "it wants clang, which machines do not have: it runs where clang is",
    ),
    (
        "programs of type lirc_mode2",
        "Debian's cloud kernels are without infrared receivers (CONFIG_BPF_LIRC_MODE2)",
    ),
];

/// How a test's reason begins and ends that wants a tool which machines do not have: such a test runs where the tool is.
const TOOL: &str = " is not on the search path";

/// What is wrong with the tests that never ran, the features that were never found, and the exceptions.
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
    let mut found = BTreeMap::<&str, bool>::new();
    for (feature, there) in results.iter().flat_map(|(_, run)| &run.probes) {
        *found.entry(feature).or_default() |= there;
    }
    let nowhere = found
        .iter()
        .filter(|(feature, there)| !**there && !excepted(feature))
        .map(|(feature, _)| format!("{feature}: the probe finds it on no kernel at all"));
    let needless = EXCEPTIONS
        .iter()
        .filter(|(name, _)| ran.contains(name) || found.get(name) == Some(&true))
        .map(|(test, _)| {
            format!("{test} is among the exceptions (xtask/src/vm/never.rs) and runs, or is there")
        });
    never.chain(nowhere).chain(needless).collect()
}
