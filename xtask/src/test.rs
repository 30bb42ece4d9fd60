//! `cargo xtask test`: every test there is, and at the end which ones did not run and why.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::{env, fs, time};

use anyhow::{Context, Result};

use crate::process::{self, cargo};
use crate::{checks, target, tools};

/// Run every test, those in the documentation too.
///
/// Tests that need the kernel or a privilege that is missing are skipped and listed at the end. Where the variable CI is true they fail
/// instead, the parsers get 200 000 mutated inputs each, and simulated systems are compared with the kernel for a minute.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Build with optimisation.
    #[arg(long)]
    release: bool,
    /// Test this package only; may be repeated.
    #[arg(long, short, value_name = "NAME")]
    package: Vec<String>,
    /// Run only the tests whose names contain this; after `--`, arguments for the test programs themselves.
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
}

/// A file to which a test that skips itself appends a line `SKIP: name: reason`.
const SKIP_LOG: &str = "EBPF_SKIP_LOG";

/// What must not be skipped: `kernel` makes every skip for want of a privilege a failure.
const REQUIRE: &str = "EBPF_TEST_REQUIRE";

/// How many mutations of their input the tests of the parsers make.
pub(crate) const MUTATIONS: &str = "EBPF_MUTATIONS";

/// How many operations the comparison of simulated systems with the kernel does.
pub(crate) const FUZZ_COUNT: &str = "EBPF_FUZZ_COUNT";

/// How long it goes on.
pub(crate) const FUZZ_SECONDS: &str = "EBPF_FUZZ_SECONDS";

/// On maps of which types.
pub(crate) const FUZZ_TYPES: &str = "EBPF_FUZZ_TYPES";

/// What random tests begin with: always the same without it, so that each run of a commit finds the same.
pub(crate) const SEED: &str = "TEST_SEED";

/// Another seed each time, for the runs that are to find what the tests do not.
pub(crate) fn any_seed() -> u64 {
    let now = time::UNIX_EPOCH.elapsed().unwrap_or_default();
    u64::from(now.subsec_nanos()).max(1)
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let log = target().join("skipped-tests.log");
    fs::create_dir_all(target()).with_context(|| format!("create {}", target().display()))?;
    fs::write(&log, "").with_context(|| format!("write {}", log.display()))?;

    let mut command = cargo(["test", "--no-fail-fast"]);
    command.env(SKIP_LOG, &log);
    let in_ci = [
        (REQUIRE, "kernel"),
        (MUTATIONS, "200000"),
        (FUZZ_SECONDS, "60"),
    ];
    let unset = in_ci
        .into_iter()
        .filter(|(name, _)| tools::in_ci() && env::var_os(name).is_none());
    command.envs(unset);
    if arguments.release {
        command.arg("--release");
    }
    select(&mut command, &arguments.package);
    command
        .args((!arguments.filter.is_empty()).then_some("--"))
        .args(&arguments.filter);
    let result = process::run(&mut command);
    print_skips(&fs::read_to_string(&log).unwrap_or_default());
    result
}

/// Has `cargo` work on these packages, or on all if there are none, with the features under which they are tested.
pub(crate) fn select(cargo: &mut Command, packages: &[String]) {
    if packages.is_empty() {
        cargo.arg("--workspace").args(checks::FEATURES);
    }
    for name in packages {
        cargo.args(["--package", name]);
        match &name[..] {
            "ebpf-core" => cargo.args(checks::CORE_FEATURES),
            "ebpf-mock" => cargo.args(checks::MOCK_FEATURES),
            _ => cargo,
        };
    }
}

fn print_skips(log: &str) {
    let mut reasons = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in log.lines().map(|line| line.trim_start_matches("SKIP: ")) {
        let (name, reason) = line
            .split_once(": ")
            .unwrap_or((line, "no reason is given"));
        reasons.entry(reason).or_default().insert(name);
    }
    for (reason, names) in reasons {
        println!("\n{} skipped, {reason}", names.len());
        for name in names {
            println!("  {name}");
        }
    }
}
