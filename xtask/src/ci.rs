//! `cargo xtask ci`: every check, one after the other.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{bindings, build, checks, header, test, tools, vm};

/// The kernel whose machine runs the tests besides the one that is running: among the lines that do not move, the one on which the
/// fewest tests are skipped.
const KERNEL: &str = "6.12";

/// What is tested there: what the kernel that is running may well lack. `cargo xtask vm` has the rest, in a quarter of an hour.
const GROUPS: &[&str] = &["act_bpf", "kprobe", "trace", "tracing"];

type Check = (&'static str, fn() -> Result<()>);

/// The words, in the order in which they run: those that fail fastest first.
const CHECKS: &[Check] = &[
    ("lock", checks::lock),
    ("fmt --check", || checks::fmt(true)),
    ("clippy", checks::clippy),
    ("portable", checks::portable),
    ("test", || test::run(&test::Arguments::default())),
    ("doc", checks::doc),
    ("build --check", || build::run(&build::Arguments::check())),
    ("bindings --check", || {
        bindings::run(&bindings::Arguments {
            check: true,
            include: Vec::new(),
        })
    }),
    ("header --check", || {
        header::run(&header::Arguments { check: true })
    }),
    ("vm", || vm::run(&vm::Arguments::on(KERNEL, GROUPS))),
];

pub(crate) fn run() -> Result<()> {
    let mut failed = Vec::new();
    let mut lines = Vec::new();
    if tools::in_ci() {
        // What cannot be installed is reported by the check that misses it.
        if let Err(error) = tools::install() {
            eprintln!("warning: {error:#}");
        }
    }
    for (name, check) in CHECKS {
        eprintln!("\n=== {name}");
        let start = Instant::now();
        let result = check();
        let seconds = start.elapsed().as_secs_f64();
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
            failed.push(*name);
        }
        let line = format!(
            "{:<18} {:<6} {seconds:6.1} s",
            name,
            if result.is_ok() { "ok" } else { "FAILED" }
        );
        eprintln!("=== {line}");
        lines.push(line);
    }
    println!("\n{}", lines.join("\n"));
    if !failed.is_empty() {
        bail!(
            "{} of {} checks failed: {}",
            failed.len(),
            CHECKS.len(),
            failed.join(", ")
        );
    }
    Ok(())
}
