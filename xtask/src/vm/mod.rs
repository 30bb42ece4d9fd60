//! `cargo xtask vm`: the tests that need a kernel, under Debian's own kernels, old and new, in virtual machines.

mod cpio;
mod image;
mod kernels;
mod machine;
mod modules;
mod never;
mod payload;
mod results;
mod table;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};

use self::kernels::{Kernel, LINES, Line, NEWEST};
use self::machine::Run;
use crate::target;

/// Run the tests that need a kernel under Debian's own kernels, in virtual machines.
///
/// Nothing is needed but qemu and, once for each kernel, Debian's package tools and a mirror: no root, no KVM. Kernels and logs are kept in
/// `target/vm`. A test that is skipped on every kernel is a failure when all of them run.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Only these kernels, separated by commas; `--list` names them.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) kernel: Vec<String>,
    /// Only this package's tests; may be repeated.
    #[arg(long, short, value_name = "NAME")]
    pub(crate) package: Vec<String>,
    /// Fetch the kernels again: a newer one may be there.
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Show the kernels and what is there of them.
    #[arg(long)]
    pub(crate) list: bool,
    /// Run only the tests whose names contain one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filter: Vec<String>,
}

impl Arguments {
    /// On one kernel, the tests whose names contain one of `filter`.
    pub(crate) fn on(kernel: &str, filter: &[&str]) -> Self {
        Self {
            kernel: vec![kernel.to_owned()],
            filter: filter.iter().map(|name| (*name).to_owned()).collect(),
            ..Self::default()
        }
    }
}

/// How many machines run at a time: each keeps one of our CPUs busy.
fn at_a_time() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let lines = chosen(&arguments.kernel)?;
    if arguments.list {
        for line in lines {
            let version = line
                .cached()
                .map_or("not fetched yet".to_owned(), |kernel| kernel.version);
            println!("{:<8}{version}", line.name);
        }
        return Ok(());
    }
    machine::check()?;
    let (kernels, payload) = thread::scope(|scope| {
        let fetching: Vec<_> = lines
            .iter()
            .map(|line| (line.name, scope.spawn(|| kernel(line, arguments.refresh))))
            .collect();
        let payload = payload::build(&arguments.package, &arguments.filter);
        let kernels: Vec<_> = fetching
            .into_iter()
            .map(|(name, thread)| {
                (
                    name,
                    thread
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                )
            })
            .collect();
        (kernels, payload)
    });
    let payload = payload?;

    let (mut wrong, mut queue) = (Vec::new(), VecDeque::new());
    let only_one = kernels.len() == 1;
    for (name, kernel) in kernels {
        match kernel {
            Ok(kernel) => queue.push_back(kernel),
            Err(error) if name == NEWEST && !only_one => eprintln!("warning: {error:#}"),
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    let runs = run_all(queue, |kernel| machine::run(kernel, &payload));
    let mut results = Vec::new();
    for (kernel, run) in runs {
        match run {
            Ok(run) => results.push((kernel, run)),
            Err(error) => wrong.push(format!("kernel {}: {error:#}", kernel.name)),
        }
    }
    let everything = arguments.filter.is_empty() && arguments.package.is_empty();
    report(
        &results,
        everything && arguments.kernel.is_empty() && wrong.is_empty(),
        wrong,
    )
}

/// Where kernels and logs are kept.
fn directory() -> PathBuf {
    target().join("vm")
}

fn logs() -> PathBuf {
    directory().join("log")
}

fn chosen(names: &[String]) -> Result<Vec<&'static Line>> {
    if names.is_empty() {
        return Ok(LINES.iter().collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        match LINES.iter().find(|line| line.name == name) {
            Some(line) => chosen.push(line),
            None => {
                let known: Vec<_> = LINES.iter().map(|line| line.name).collect();
                bail!("there is no kernel {name}; there are {}", known.join(", "));
            }
        }
    }
    Ok(chosen)
}

fn kernel(line: &Line, refresh: bool) -> Result<Kernel> {
    match line.cached() {
        Some(kernel) if !refresh => Ok(kernel),
        _ => {
            eprintln!("[{}] fetching the kernel", line.name);
            line.fetch()
        }
    }
}

/// Does `work` for every kernel, some at a time; the results are in the order of the kernels.
fn run_all<T: Send>(
    kernels: VecDeque<Kernel>,
    work: impl Fn(&Kernel) -> T + Sync,
) -> Vec<(Kernel, T)> {
    let queue = Mutex::new(kernels.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_a_time() {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((index, kernel)) = next else { return };
                    let result = work(&kernel);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((index, kernel, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, ..)| *index);
    results
        .into_iter()
        .map(|(_, kernel, result)| (kernel, result))
        .collect()
}

/// Prints everything that was found; an error where not all is well.
fn report(results: &[(Kernel, Run)], complete: bool, mut wrong: Vec<String>) -> Result<()> {
    table::skips(results);
    table::failures(results);
    println!();
    for (kernel, run) in results {
        println!(
            "{:<8}{} ({}), {:.0} s",
            kernel.name, kernel.release, kernel.version, run.seconds
        );
        run.notes.iter().for_each(|note| println!("        {note}"));
        wrong.extend(
            run.wrong
                .iter()
                .map(|what| format!("kernel {}: {what}", kernel.name)),
        );
    }
    println!("\n{}", table::groups(results));
    let failed = table::failed(results);
    if failed > 0 {
        wrong.push(format!(
            "{failed} tests failed; the logs are in {}",
            logs().display()
        ));
    }
    if complete && results.iter().all(|(_, run)| run.wrong.is_empty()) {
        wrong.extend(never::check(results));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!(wrong.join("\nerror: "))
}
