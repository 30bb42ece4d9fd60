//! Whether the objects that are checked in say what their sources say.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::compile::Compiler;
use super::plan::{self, Object};
use super::{SOURCES, report};
use crate::process::{cargo, output};
use crate::tools::{self, Clang};
use crate::{root, target};

pub(super) fn run(compiler: &Compiler, clang: &Clang, objects: &[Object]) -> Result<()> {
    let mut wrong = orphans(objects)?;
    let mut identical = 0;
    let dir = target().join("bpf/new");
    let made: Vec<Object> = objects
        .iter()
        .map(|object| Object {
            object: dir.join(&object.object),
            source: object.source.clone(),
            flags: object.flags.clone(),
            ..*object
        })
        .collect();
    report(compiler, compiler.run(&made)?)?;
    for (object, made) in objects.iter().zip(&made) {
        let kept = root().join(&object.object);
        let Ok(kept_bytes) = fs::read(&kept) else {
            wrong.push(format!("{} is missing", object.object.display()));
            continue;
        };
        if fs::read(&made.object).is_ok_and(|bytes| bytes == kept_bytes) {
            identical += 1;
        } else if let Err(error) = compare(clang, &kept, &made.object) {
            wrong.push(format!("{}: {error:#}", object.object.display()));
        }
    }
    println!(
        "{} objects compared: {identical} identical, {} wrong",
        objects.len(),
        wrong.len()
    );
    if !wrong.is_empty() {
        bail!("{}\n`cargo xtask build` makes them anew", wrong.join("\n"));
    }
    Ok(())
}

/// Objects that no source makes.
fn orphans(objects: &[Object]) -> Result<Vec<String>> {
    let mut orphans = Vec::new();
    for dir in SOURCES {
        let kept = plan::sources(root(), Path::new(dir), ".bpf.o")?;
        let known = |file: &PathBuf| objects.iter().any(|object| object.object == *file);
        orphans.extend(kept.into_iter().filter(|file| !known(file)));
    }
    Ok(orphans
        .iter()
        .map(|file| format!("{} has no source", file.display()))
        .collect())
}

/// Compares what `bpfobj` says of two objects that differ in bytes: the plan, and the contents with every instruction, unless another
/// version of the compiler than the one that made `kept` chose the instructions of `made`.
fn compare(clang: &Clang, kept: &Path, made: &Path) -> Result<()> {
    let same_compiler = clang.version == tools::MADE_WITH;
    compare_output(&["plan", "--json"], kept, made, |line| {
        same_compiler || !line.contains(INSTRUCTIONS)
    })?;
    if same_compiler {
        compare_output(&["dump"], kept, made, |_| true)
    } else {
        Ok(())
    }
}

/// The member of a plan that counts what a compiler chose.
const INSTRUCTIONS: &str = "\"instructions\":";

fn compare_output(
    words: &[&str],
    kept: &Path,
    made: &Path,
    counts: impl Fn(&str) -> bool,
) -> Result<()> {
    let bpfobj = ["--package", "ebpf-examples", "--bin", "bpfobj"];
    output(cargo(["build", "--quiet"]).args(bpfobj))?;
    // A refusal is something to compare too: some objects are there to be refused.
    let text = |file: &Path| {
        let answer = cargo(["run", "--quiet"])
            .args(bpfobj)
            .arg("--")
            .args(words)
            .arg(file)
            .output()
            .context("start bpfobj")?;
        let text = String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()).into_owned();
        anyhow::Ok(text.replace(&*file.to_string_lossy(), "FILE"))
    };
    let (kept, made) = (text(kept)?, text(made)?);
    difference(
        kept.lines().filter(|line| counts(line)),
        made.lines().filter(|line| counts(line)),
    )
}

/// The first line in which two texts differ, as an error.
fn difference<'a>(
    mut kept: impl Iterator<Item = &'a str>,
    mut made: impl Iterator<Item = &'a str>,
) -> Result<()> {
    loop {
        match (kept.next(), made.next()) {
            (None, None) => return Ok(()),
            (kept, made) if kept == made => {}
            (kept, made) => {
                let [kept, made] = [kept, made].map(|line| line.map_or("nothing", str::trim));
                bail!("the object has `{kept}` where its source gives `{made}`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown() {
        assert!(difference("a\nb".lines(), "a\nb".lines()).is_ok());
        let error = difference("a\n b".lines(), "a\nc".lines()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the object has `b` where its source gives `c`"
        );
        let error = difference("a\nb".lines(), "a".lines()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the object has `b` where its source gives `nothing`"
        );
    }
}
