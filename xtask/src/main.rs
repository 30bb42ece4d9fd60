//! The chores of this workspace, one word each: `cargo xtask WORD`. Every word explains itself with `--help`.

#[cfg(test)]
mod aliases;
mod bench;
mod bindings;
mod build;
mod checks;
mod ci;
mod facts;
mod fuzz;
mod header;
mod headers;
mod mutate;
mod process;
mod test;
mod tools;
mod vm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The chores of this workspace.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Run the demonstration, a firewall: as root with real packets in a network namespace of its own, else in memory.
    ///
    /// All arguments go to the demonstration; `cargo xtask demo --help` prints its own help.
    #[command(disable_help_flag = true)]
    Demo {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    Test(test::Arguments),
    Vm(vm::Arguments),
    Mutate(mutate::Arguments),
    Fuzz(fuzz::Arguments),
    /// Compare with libc, aya and libbpf-rs, as root, printed as ratios: `bench maps`, `bench load` or `bench events`.
    ///
    /// `bench mock` and `bench engine` compare the simulated system's maps and engine with the kernel's and others; with `--unoptimised` as tests are
    /// built.
    ///
    /// All arguments go to the benchmarks; `cargo xtask bench --help` prints their own help.
    #[command(disable_help_flag = true)]
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    Build(build::Arguments),
    Bindings(bindings::Arguments),
    Header(header::Arguments),
    /// Format the Rust sources.
    Fmt {
        /// Change nothing, fail if something would change.
        #[arg(long)]
        check: bool,
    },
    /// Lint everything; a warning is an error.
    ///
    /// That includes the bindings that ebpf-sys makes of this machine's own headers, where there is libclang.
    Clippy,
    /// Check that Cargo.lock holds what the manifests ask for.
    Lock,
    /// Build the documentation, that of private items too; a warning is an error.
    Doc,
    /// Check that what is not the kernel backend builds without it, and for each foreign target that rustup has installed.
    Portable,
    /// All checks in order, each with its time; the failures are listed at the end.
    ///
    /// Where the variable CI is true, compilers and an emulator that are missing are installed with apt-get (as root), and tests that need the kernel
    /// fail instead of being skipped.
    Ci,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().word {
        Word::Demo { arguments } => demo(&arguments),
        Word::Test(arguments) => test::run(&arguments),
        Word::Vm(arguments) => vm::run(&arguments),
        Word::Mutate(arguments) => mutate::run(&arguments),
        Word::Fuzz(arguments) => fuzz::run(&arguments),
        Word::Bench { arguments } => bench::run(&arguments),
        Word::Build(arguments) => build::run(&arguments),
        Word::Bindings(arguments) => bindings::run(&arguments),
        Word::Header(arguments) => header::run(&arguments),
        Word::Fmt { check } => checks::fmt(check),
        Word::Clippy => checks::clippy(),
        Word::Lock => checks::lock(),
        Word::Doc => checks::doc(),
        Word::Portable => checks::portable(),
        Word::Ci => ci::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Becomes the demonstration where it can, so that Ctrl-C and the exit status are the demonstration's own.
fn demo(arguments: &[String]) -> anyhow::Result<()> {
    let mut cargo = process::cargo([
        "run",
        "--quiet",
        "--package",
        "ebpf-examples",
        "--bin",
        "demo",
        "--",
    ]);
    cargo.args(arguments);
    process::replace(cargo)
}

/// The workspace's directory.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds, and these chores what they fetch.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}
