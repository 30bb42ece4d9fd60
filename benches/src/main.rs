//! Side-by-side benchmarks: libc, aya, libbpf-rs and ebpf-core in one process, the arms in turns, printed as ratios.

mod events;
mod harness;
mod load;
mod maps;
mod raw;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// How often each arm is measured.
    #[arg(long, global = true, default_value_t = 11)]
    rounds: usize,
}

#[derive(Subcommand)]
enum What {
    /// Operations on maps.
    Maps,
    /// Parsing and loading objects.
    Load,
    /// Ring buffers and perf event arrays.
    Events {
        /// Only cases whose title contains this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Loads a small object with one library and prints the nanoseconds: a part of `load`.
    #[command(hide = true)]
    FirstLoad { library: String },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.what {
        What::Maps => maps::run(arguments.rounds.max(1)),
        What::Events { only } => events::run(arguments.rounds.max(1), &only),
        What::Load => load::run(arguments.rounds.max(1)),
        What::FirstLoad { library } => load::first_load(&library),
    }
}
