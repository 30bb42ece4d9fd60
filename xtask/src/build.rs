//! `cargo xtask build`: the BPF objects that lie beside their C sources.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, command, output};
use crate::tools::{self, Clang};
use crate::{root, target};

/// Compile every `*.bpf.c` into the `.bpf.o` beside it (needs clang and llvm-strip)
///
/// A source may say in a line at its top how it is built, as `// build: bpfeb, no-debug`. The words:
///
///   bpfeb      big-endian as well, into `NAME.eb.bpf.o`
///   no-debug   without BTF
///   cpu=v4     for this version of the instruction set (v1 to v4)
///   -FLAG      any flag of clang
///
/// Objects depend on nothing of this machine but the compiler: no header of the system is read, and no path is kept.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Change nothing, fail if an object does not say what its source says.
    ///
    /// Objects that differ in bytes are compared by what `bpfobj plan` and `bpfobj dump` say of them; instructions count only where the
    /// version of clang is the one that made the objects.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Where the sources lie, and the headers of our own that they include.
const SOURCES: [&str; 3] = ["ebpf-core/testdata", "ebpf-examples/bpf", "benches/bpf"];
const INCLUDE: [&str; 2] = ["ebpf-examples/include", "ebpf-core/testdata/include"];

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let clang = tools::clang()?;
    let mut objects = Vec::new();
    for dir in SOURCES {
        for source in files(Path::new(dir), ".bpf.c")? {
            objects.extend(objects_of(&source)?);
        }
    }
    if arguments.check {
        check(&clang, &objects)
    } else {
        write(&clang, &objects)
    }
}

/// One object to build; paths are relative to the workspace.
#[derive(Debug, PartialEq)]
struct Object {
    source: PathBuf,
    object: PathBuf,
    flags: Vec<String>,
}

/// The files below `dir` whose names end with `suffix`, sorted.
fn files(dir: &Path, suffix: &str) -> Result<Vec<PathBuf>> {
    let absolute = root().join(dir);
    let mut found = Vec::new();
    if !absolute.is_dir() {
        return Ok(found);
    }
    for entry in absolute
        .read_dir()
        .with_context(|| format!("read {}", absolute.display()))?
    {
        let entry = entry?;
        let path = dir.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            found.extend(files(&path, suffix)?);
        } else if path.to_string_lossy().ends_with(suffix) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn objects_of(source: &Path) -> Result<Vec<Object>> {
    let text = fs::read_to_string(root().join(source))
        .with_context(|| format!("read {}", source.display()))?;
    plan(source, &text).with_context(|| source.display().to_string())
}

/// What the `// build:` lines among the first ten say.
fn plan(source: &Path, text: &str) -> Result<Vec<Object>> {
    let mut debug = true;
    let mut big_endian = false;
    let mut extra = Vec::new();
    let directives = text
        .lines()
        .take(10)
        .filter_map(|line| line.trim().strip_prefix("// build:"));
    for word in directives
        .flat_map(|words| words.split([' ', ',']))
        .filter(|word| !word.is_empty())
    {
        match word {
            "bpfeb" => big_endian = true,
            "no-debug" => debug = false,
            _ if word.starts_with('-') => extra.push(word.to_owned()),
            _ => match word.strip_prefix("cpu=") {
                Some(cpu) => extra.push(format!("-mcpu={cpu}")),
                None => bail!(
                    "`// build:` knows bpfeb, no-debug, cpu=VERSION and flags that begin with `-`, not `{word}`"
                ),
            },
        }
    }
    let object = |target: &str, suffix: &str| Object {
        source: source.to_owned(),
        object: source.with_extension("").with_extension(suffix),
        flags: [format!("--target={target}")]
            .into_iter()
            .chain(debug.then(|| "-g".to_owned()))
            .chain(extra.clone())
            .collect(),
    };
    let mut objects = vec![object("bpfel", "bpf.o")];
    objects.extend(big_endian.then(|| object("bpfeb", "eb.bpf.o")));
    Ok(objects)
}

fn compile(clang: &Clang, object: &Object, out: &Path) -> Result<()> {
    if let Some(dir) = out.parent() {
        fs::create_dir_all(dir).with_context(|| format!("create {}", dir.display()))?;
    }
    let mut compiler = command(&clang.program);
    compiler.args([
        "-O2",
        "-std=gnu11",
        "-Wall",
        "-Werror",
        "-Wno-unused-command-line-argument",
    ]);
    compiler.args([
        "-nostdlibinc",
        "-fno-ident",
        "-fdebug-compilation-dir=.",
        "-c",
    ]);
    compiler
        .args(&object.flags)
        .args(INCLUDE.map(|dir| format!("-I{dir}")))
        .arg(&object.source)
        .arg("-o")
        .arg(out);
    output(&mut compiler)?;
    // DWARF is three quarters of an object and nothing of BPF reads it.
    output(command(&clang.strip).arg("--strip-debug").arg(out))?;
    Ok(())
}

fn write(clang: &Clang, objects: &[Object]) -> Result<()> {
    for object in objects {
        compile(clang, object, &root().join(&object.object))?;
    }
    println!("{} objects built by clang {}", objects.len(), clang.version);
    Ok(())
}

fn check(clang: &Clang, objects: &[Object]) -> Result<()> {
    let mut wrong = orphans(objects)?;
    let mut identical = 0;
    for object in objects {
        let (kept, made) = (
            root().join(&object.object),
            target().join("bpf/new").join(&object.object),
        );
        compile(clang, object, &made)?;
        let Ok(kept_bytes) = fs::read(&kept) else {
            wrong.push(format!("{} is missing", object.object.display()));
            continue;
        };
        if fs::read(&made).is_ok_and(|bytes| bytes == kept_bytes) {
            identical += 1;
        } else if let Err(error) = compare(clang, &kept, &made) {
            wrong.push(format!("{}: {error:#}", object.object.display()));
        }
    }
    println!(
        "{} objects rebuilt by clang {}: {identical} identical, {} wrong",
        objects.len(),
        clang.version,
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
        let kept = files(Path::new(dir), ".bpf.o")?;
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
    fn a_plain_source_makes_one_object() {
        let objects = plan(Path::new("a/x.bpf.c"), "// A map.\n").unwrap();
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0].object, Path::new("a/x.bpf.o"));
        assert_eq!(objects[0].flags, ["--target=bpfel", "-g"]);
    }

    #[test]
    fn directives_are_obeyed() {
        let objects = plan(
            Path::new("x.bpf.c"),
            "// A map.\n// build: bpfeb, no-debug cpu=v4 -DN=1\n",
        )
        .unwrap();
        assert_eq!(objects[0].flags, ["--target=bpfel", "-mcpu=v4", "-DN=1"]);
        assert_eq!(objects[1].object, Path::new("x.eb.bpf.o"));
        assert_eq!(objects[1].flags, ["--target=bpfeb", "-mcpu=v4", "-DN=1"]);
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = plan(Path::new("x.bpf.c"), "// build: bpfbe").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`// build:` knows bpfeb, no-debug, cpu=VERSION and flags that begin with `-`, not `bpfbe`"
        );
    }

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
