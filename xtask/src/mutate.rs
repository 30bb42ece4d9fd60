//! `cargo xtask mutate`: the tests that parse mutated input, with more of it and at full speed.

use anyhow::Result;

use crate::process::{cargo, run as run_command};
use crate::test::{MUTATIONS, SEED, any_seed};

/// Parse mutated objects, many of them: none may panic, hang or allocate without measure.
///
/// The same tests are part of `cargo xtask test`, with fewer mutations. They are built with optimisation here, and with the checks of a
/// debug build.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many mutations each test makes.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000)]
    count: u64,
    /// Repeat the run that printed this `TEST_SEED`; without it, another each time.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut command = cargo([
        "test",
        "--profile",
        "mutate",
        "--package",
        "ebpf-core",
        "--tests",
        "--",
        "--nocapture",
        "mutat",
    ]);
    command.env(MUTATIONS, arguments.count.to_string());
    let seed = arguments.seed.unwrap_or_else(any_seed);
    command.env(SEED, seed.to_string());
    run_command(&mut command)
}
