//! `cargo xtask header`: the parts of the C header for authors that restate the kernel's interface.
//!
//! Facts only (names, numbers, types, layouts) are taken from `linux/bpf.h`; its text and its comments are not.

mod c;
mod helpers;
mod interface;

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::headers::{self, Headers};
use crate::{facts, root};

/// Generate what the C header for authors restates of linux/bpf.h: enums, structures and prototypes of helpers
///
/// The headers are those that ebpf-sys/src/bindings.rs names, so run `cargo xtask bindings` first to move to newer ones. Numbers are the
/// bindings'.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing, fail if the files are not what the headers give.
    ///
    /// When the headers are no longer to be had, the newest are taken in their place: every number and every prototype that both have
    /// must then agree, and text is not compared.
    #[arg(long)]
    pub(crate) check: bool,
}

const DIR: &str = "ebpf-examples/include/ebpf";
const BINDINGS: &str = "ebpf-sys/src/bindings.rs";
/// Which release brought a helper, and which ask for a GPL-compatible licence.
const RELEASES: &str = "ebpf-core/src/program/helper.rs";

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let bindings = read(BINDINGS)?;
    let name = bindings
        .lines()
        .find_map(|line| line.strip_prefix("// Headers: "))
        .with_context(|| format!("{BINDINGS} names no headers"))?;
    let headers = headers::named(name).or_else(|error| {
        eprintln!("warning: {BINDINGS} was made from {name}, which cannot be had now: {error:#}");
        headers::newest()
    })?;
    let made = generate(&headers, &bindings, &read(RELEASES)?)?;
    for (file, made) in made {
        let file = format!("{DIR}/{file}");
        if !arguments.check {
            fs::write(root().join(&file), made).with_context(|| format!("write {file}"))?;
            println!("{file}: made from {}", headers.name);
        } else if headers.name == name {
            compare_text(&file, name, &read(&file)?, &made)?;
        } else {
            compare_facts(&file, &headers.name, &read(&file)?, &made)?;
        }
    }
    Ok(())
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(root().join(file)).with_context(|| format!("read {file}"))
}

/// The text of each file, by name.
fn generate(
    headers: &Headers,
    bindings: &str,
    releases: &str,
) -> Result<[(&'static str, String); 2]> {
    let file = headers
        .include
        .iter()
        .map(|dir| dir.join("linux/bpf.h"))
        .find(|file| file.is_file())
        .with_context(|| format!("{} has no linux/bpf.h", headers.name))?;
    let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
    let numbers = facts::read(bindings);
    let head = format!(
        "/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n\
         /* Made by `cargo xtask header`. Do not edit. */\n\
         /* Headers: {} */\n\
         /*\n \
          * The facts in this file (names, numbers, types, layouts) come from kernel headers under GPL-2.0 WITH\n \
          * Linux-syscall-note.\n \
          */\n",
        headers.name
    );
    Ok([
        (
            "linux_bpf.h",
            interface::file(&head, &c::items(&text), &numbers)?,
        ),
        (
            "helper_defs.h",
            helpers::file(&head, &text, &numbers, releases)?,
        ),
    ])
}

fn compare_text(file: &str, name: &str, kept: &str, made: &str) -> Result<()> {
    if kept == made {
        println!("{file} is what {name} gives");
        return Ok(());
    }
    let (kept, made) = kept
        .lines()
        .zip(made.lines())
        .find(|(kept, made)| kept != made)
        .unwrap_or(("(another end)", "(another end)"));
    bail!(
        "{file} has `{}` where {name} gives `{}`\n`cargo xtask header` makes it anew",
        kept.trim(),
        made.trim()
    )
}

fn compare_facts(file: &str, name: &str, kept: &str, made: &str) -> Result<()> {
    let result = facts::compare(&assignments(kept), &assignments(made));
    println!(
        "{file} against {name}: {} facts agree, {} are only here, {} only there",
        result.same, result.only[0], result.only[1]
    );
    if !result.different.is_empty() {
        bail!(
            "{file} differs from {name}:\n  {}",
            result.different.join("\n  ")
        );
    }
    Ok(())
}

/// What is on either side of the `=` of enumerators and prototypes.
fn assignments(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, value)| (name.trim(), value.trim_end_matches([',', ';'])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_prototypes_are_facts() {
        let old = "enum e {\n\tA = 1,\n};\nstatic long (*const bpf_f)(void) = (void *)7;\n";
        let new = old.replace("A = 1", "B = 1");
        assert!(compare_facts("f", "n", old, &new).is_ok());
        let wrong = old.replace(")7", ")8");
        let error = compare_facts("f", "n", old, &wrong).unwrap_err();
        assert_eq!(
            error.to_string(),
            "f differs from n:\n  static long (*const bpf_f)(void) is (void *)7, not (void *)8"
        );
    }

    #[test]
    fn the_line_that_differs_is_shown() {
        let error = compare_text("f", "n", "a\nb\n", "a\nc\n").unwrap_err();
        assert!(
            error.to_string().starts_with("f has `b` where n gives `c`"),
            "{error}"
        );
    }
}
