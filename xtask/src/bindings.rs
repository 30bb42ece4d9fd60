//! `cargo xtask bindings`: ebpf-sys/src/bindings.rs.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::facts;
use crate::headers::{self, Headers};
use crate::process::{cargo, run as run_command};
use crate::{root, target, tools};

/// Generate the bindings of ebpf-sys from the newest kernel headers that can be had (needs libclang).
///
/// The headers are those of Debian's newest linux-libc-dev, fetched into the target directory; where that is impossible, those inside the
/// crate libbpf-sys.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing, fail if the bindings are not what their headers give.
    ///
    /// The headers are those that the file names. When they are no longer to be had, the newest are taken in their place: every number and
    /// every offset that both have must then agree, and text is not compared.
    #[arg(long)]
    pub(crate) check: bool,
    /// Take the headers from this directory, which holds `linux/`; may be repeated, the first that has a file wins.
    #[arg(long, value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,
}

const FILE: &str = "ebpf-sys/src/bindings.rs";

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let given = given(&arguments.include)?;
    let file = root().join(FILE);
    if !arguments.check {
        let headers = given.map_or_else(headers::newest, Ok)?;
        fs::write(&file, generate(&headers)?)
            .with_context(|| format!("write {}", file.display()))?;
        println!("{FILE}: made from {}", headers.name);
        return Ok(());
    }

    let kept = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
    let name = kept
        .lines()
        .find_map(|line| line.strip_prefix(NAMED))
        .with_context(|| format!("{FILE} has no line `{NAMED}…`"))?;
    let headers = match given {
        Some(headers) => headers,
        None => headers::named(name).or_else(|error| {
            eprintln!(
                "warning: the bindings were made from {name}, which cannot be had now: {error:#}"
            );
            headers::newest()
        })?,
    };
    let made = generate(&headers)?;
    if headers.name == name {
        compare_text(name, &kept, &made)
    } else {
        compare_facts(&headers.name, &kept, &made)
    }
}

/// How the head of the file names the headers.
const NAMED: &str = "// Headers: ";

fn given(include: &[PathBuf]) -> Result<Option<Headers>> {
    if include.is_empty() {
        return Ok(None);
    }
    let include: Vec<PathBuf> = include
        .iter()
        .map(|dir| {
            dir.canonicalize()
                .with_context(|| format!("--include {}", dir.display()))
        })
        .collect::<Result<_>>()?;
    if !include.iter().any(|dir| dir.join("linux/bpf.h").is_file()) {
        bail!(
            "--include: there is no linux/bpf.h in {}",
            env::join_paths(&include)?.display()
        );
    }
    Ok(Some(Headers {
        name: "given with --include".to_owned(),
        include,
    }))
}

fn generate(headers: &Headers) -> Result<String> {
    let out = target().join("headers/bindings.rs");
    if let Some(dir) = out.parent() {
        fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
    }
    let mut cargo = cargo([
        "build",
        "--quiet",
        "--package",
        "ebpf-sys",
        "--features",
        "bindgen",
    ]);
    cargo.env(
        "EBPF_SYS_INCLUDE",
        env::join_paths(&headers.include).context("a directory of headers")?,
    );
    cargo
        .env("EBPF_SYS_HEADERS", &headers.name)
        .env("EBPF_SYS_BINDINGS_OUT", &out);
    cargo.envs(tools::libclang().map(|dir| ("LIBCLANG_PATH", dir)));
    // A file that is gone makes cargo run the build script again.
    let _ = fs::remove_file(&out);
    run_command(&mut cargo).context(
        "bindgen needs libclang; on Debian: apt-get install --no-install-recommends libclang1-19",
    )?;
    fs::read_to_string(&out).with_context(|| format!("read {}", out.display()))
}

fn compare_text(name: &str, kept: &str, made: &str) -> Result<()> {
    if kept == made {
        println!("{FILE} is what {name} gives");
        return Ok(());
    }
    let line = kept
        .lines()
        .zip(made.lines())
        .position(|(kept, made)| kept != made)
        .unwrap_or(kept.lines().count().min(made.lines().count()));
    let show = |text: &str| {
        text.lines()
            .nth(line)
            .unwrap_or("(the end)")
            .trim()
            .to_owned()
    };
    bail!(
        "{FILE} is not what {name} gives: line {} is `{}`, not `{}`\n`cargo xtask bindings` makes it anew",
        line + 1,
        show(kept),
        show(made)
    )
}

fn compare_facts(name: &str, kept: &str, made: &str) -> Result<()> {
    let result = facts::compare(&facts::read(kept), &facts::read(made));
    println!(
        "{FILE} against {name}: {} facts agree, {} are only here, {} only there",
        result.same, result.only[0], result.only[1]
    );
    if !result.different.is_empty() {
        bail!(
            "{FILE} differs from {name}:\n  {}",
            result.different.join("\n  ")
        );
    }
    Ok(())
}
