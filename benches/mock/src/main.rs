//! Benchmarks of the simulated system: its maps beside the kernel's and beside plain collections, in one process, the arms in
//! turns, printed as ratios.

#[path = "../../src/harness.rs"]
mod harness;
mod maps;
mod memory;

use anyhow::Result;
use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask bench mock")]
struct Arguments {
    /// How often each arm is measured.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Only cases whose title contains this.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    maps::run(arguments.rounds.max(1), &arguments.only)?;
    memory::run(&arguments.only)
}
