//! Benchmarks of the simulated system: its maps beside the kernel's and beside plain collections, its engine beside another
//! interpreter and the kernel's compiled code, in one process, the arms in turns, printed as ratios.

mod engine;
#[path = "../../src/harness.rs"]
mod harness;
mod maps;
mod memory;

use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser};
use nix::time::{ClockId, clock_gettime};

#[derive(Parser)]
#[command(name = "cargo xtask bench")]
enum What {
    /// Maps: beside the kernel's by system calls, and plain collections.
    Mock(Arguments),
    /// Programs: beside the interpreter of rbpf, and the kernel.
    Engine(Arguments),
}

#[derive(Args)]
struct Arguments {
    /// How often each arm is measured.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Only cases whose title contains this.
    #[arg(long, default_value = "")]
    only: String,
}

/// The time that this thread was executed, in the kernel and outside: what else the machine does leaves it nearly alone.
fn own_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

fn main() -> Result<()> {
    match What::parse() {
        What::Mock(arguments) => {
            maps::run(arguments.rounds.max(1), &arguments.only)?;
            memory::run(&arguments.only)
        }
        What::Engine(arguments) => engine::run(arguments.rounds.max(1), &arguments.only),
    }
}
