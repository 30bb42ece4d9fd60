//! `cargo xtask fuzz`: random operations on the kernel and on a simulated system at once, as many as wanted.

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::process::{cargo, run as run_command};
use crate::test::{FUZZ_COUNT, FUZZ_SECONDS, FUZZ_TYPES, SEED, any_seed};

/// Compare the simulated system with this machine's kernel, operation by operation: as root.
///
/// The same is part of `cargo xtask test`, with fewer operations. It is built with optimisation here, and with the checks of a debug build.
/// A divergence is printed with the shortest sequence that leads to it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to try.
    #[arg(value_enum)]
    what: What,
    /// How many operations or programs.
    #[arg(long, value_name = "NUMBER", conflicts_with = "seconds")]
    count: Option<u64>,
    /// How long; without this and a count, a million.
    #[arg(long, value_name = "NUMBER")]
    seconds: Option<u64>,
    /// Repeat the run that printed this `TEST_SEED`; without it, another each time.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Only maps of these types, such as `hash,lpm_trie`.
    #[arg(long, value_name = "LIST")]
    types: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Maps of every type: creating, reading, writing, walking, freezing, sharing.
    Maps,
    /// Pins, paths and ids.
    System,
    /// Programs that a verifier accepts: arithmetic, jumps, calls, the stack, atomic operations.
    Programs,
    /// Any bytecode, on the simulated system only: it ends, and nothing panics.
    Engine,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let (target, test) = match arguments.what {
        What::Maps => ("fuzz", "run::maps"),
        What::System => ("fuzz", "pins::system"),
        What::Programs => ("it", "random_programs::"),
        What::Engine => ("it", "hostile::"),
    };
    if arguments.types.as_deref() == Some("") {
        bail!("--types: a list of names, such as `hash,lpm_trie`");
    }
    let count = arguments
        .count
        .or(arguments.seconds.is_none().then_some(1_000_000));
    let mut command = cargo([
        "test",
        "--profile",
        "mutate",
        "--package",
        "ebpf-mock",
        "--test",
        target,
        "--",
        "--nocapture",
        test,
    ]);
    let numbers = [
        (FUZZ_COUNT, count),
        (FUZZ_SECONDS, arguments.seconds),
        (SEED, Some(arguments.seed.unwrap_or_else(any_seed))),
    ];
    for (name, number) in numbers {
        command.env_remove(name);
        command.envs(number.map(|number| (name, number.to_string())));
    }
    command.envs(arguments.types.as_ref().map(|types| (FUZZ_TYPES, types)));
    run_command(&mut command)
}
