//! `cargo xtask build`: BPF objects of C sources, this workspace's or a user's.

mod check;
mod compile;
mod plan;
mod record;

use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::tools::{self, Clang};
use crate::{root, target};
use compile::{Compiler, Outcome};
use plan::{Endian, Object};

/// Compile C sources into BPF objects, with BTF, where something changed (needs clang; llvm-strip takes out what no loader reads)
///
/// Without SOURCE: every `*.bpf.c` of this workspace into the `.bpf.o` beside it. Those objects are checked in and depend on nothing of
/// this machine but the compiler: no header of the system is read, and no path is kept.
///
/// With SOURCE: a user's own sources, in any directory. They find the headers of ebpf-examples/include, then the system's.
///
/// An object is made again when its source, a header, a flag or the compiler has changed. clang is what $CLANG names, else the newest
/// clang-N in PATH (for this workspace's own objects the version that made them, if it is there).
///
/// A source may say in a line at its top how it is built, as `// build: bpfeb, no-debug`. The words:
///
///   bpfeb      big-endian as well, into `NAME.eb.bpf.o`
///   no-debug   without BTF
///   cpu=v4     for this version of the instruction set (v1 to v4)
///   -FLAG      any flag of clang
#[derive(clap::Args, Default)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// C files, or directories in which every `*.bpf.c` is taken, at any depth.
    #[arg(value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// Put the objects below this directory instead of beside their sources.
    #[arg(long, value_name = "DIR", requires = "sources")]
    out: Option<PathBuf>,
    /// Which order of bytes the objects are for.
    #[arg(long, value_enum, default_value_t = Target::El, requires = "sources")]
    target: Target,
    /// Whose registers `bpf_tracing.h` is for: x86, arm64, riscv or s390; this machine's where it is not said.
    #[arg(long, value_name = "NAME", requires = "sources")]
    arch: Option<String>,
    /// Look for headers in this directory; may be repeated.
    #[arg(short = 'I', long, value_name = "DIR", requires = "sources")]
    include: Vec<PathBuf>,
    /// Define a macro; may be repeated.
    #[arg(short = 'D', long, value_name = "NAME[=VALUE]", requires = "sources")]
    define: Vec<String>,
    /// Keep what only a debugger reads.
    #[arg(long, requires = "sources")]
    keep_dwarf: bool,
    /// Compile everything, changed or not.
    #[arg(long)]
    force: bool,
    /// How many compilers run at a time; as many as there are CPUs where it is not said.
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Change nothing, fail if an object of this workspace does not say what its source says.
    ///
    /// Objects that differ in bytes are compared by what `bpfobj plan` and `bpfobj dump` say of them; instructions count only where the
    /// version of clang is the one that made the objects.
    #[arg(long, conflicts_with = "sources")]
    check: bool,
}

impl Arguments {
    /// `build --check`
    pub(crate) fn check() -> Self {
        Self {
            check: true,
            ..Self::default()
        }
    }
}

/// What `--target` takes: `el`, `eb` or `both`.
#[derive(Clone, Copy, Default, ValueEnum)]
enum Target {
    /// Little-endian: x86, arm64, riscv and most others.
    #[default]
    El,
    /// Big-endian: s390.
    Eb,
    /// One object for each.
    Both,
}

impl Target {
    fn endians(self) -> &'static [Endian] {
        match self {
            Target::El => &[Endian::Little],
            Target::Eb => &[Endian::Big],
            Target::Both => &[Endian::Little, Endian::Big],
        }
    }
}

/// Where this workspace's sources lie.
const SOURCES: [&str; 5] = [
    "ebpf-core/testdata",
    "ebpf-mock/testdata",
    "ebpf-mock/docs",
    "ebpf-examples/bpf",
    "benches/bpf",
];
/// The header for authors, which every source finds.
const HEADER: &str = "ebpf-examples/include";
/// What this workspace's sources find besides.
const OWN_INCLUDE: &str = "ebpf-core/testdata/include";

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.sources.is_empty() {
        let clang = tools::clang(Some(tools::MADE_WITH))?;
        let objects = own_objects()?;
        let compiler = own_compiler(&clang, arguments)?;
        if arguments.check {
            check::run(&compiler, &clang, &objects)
        } else {
            report(&compiler, compiler.run(&objects)?)
        }
    } else {
        let compiler = user_compiler(tools::clang(None)?, arguments)?;
        let objects = user_objects(arguments, &compiler.directory)?;
        report(&compiler, compiler.run(&objects)?)
    }
}

fn report(compiler: &Compiler, outcome: Outcome) -> Result<()> {
    println!(
        "{} objects: {} built, {} up to date; clang {}",
        outcome.built + outcome.fresh + outcome.failed.len(),
        outcome.built,
        outcome.fresh,
        compiler.version
    );
    if outcome.failed.is_empty() {
        return Ok(());
    }
    let failed: Vec<String> = outcome
        .failed
        .iter()
        .map(|file| format!("\n  {}", file.display()))
        .collect();
    bail!("{} could not be made:{}", failed.len(), failed.concat())
}

/// This workspace's objects; paths are relative to it.
fn own_objects() -> Result<Vec<Object>> {
    let mut objects = Vec::new();
    for dir in SOURCES {
        for source in plan::sources(root(), Path::new(dir), ".bpf.c")? {
            objects.extend(plan::objects(root(), &source, &[Endian::Little], None)?);
        }
    }
    Ok(objects)
}

fn own_compiler(clang: &Clang, arguments: &Arguments) -> Result<Compiler> {
    let strip = clang.strip.clone().with_context(|| {
        format!(
            "no llvm-strip was found beside clang {}; name one in LLVM_STRIP, or {}",
            clang.version,
            tools::how_to_install()
        )
    })?;
    let flags = [
        "-O2",
        "-std=gnu11",
        "-Wall",
        "-Werror",
        "-Wno-unused-command-line-argument",
        "-nostdlibinc",
        "-fno-ident",
        "-fdebug-compilation-dir=.",
    ];
    Ok(Compiler {
        program: clang.program.clone(),
        version: clang.version,
        identity: clang.identity.clone(),
        strip: Some(strip),
        directory: root().to_owned(),
        flags: flags
            .map(Into::into)
            .into_iter()
            .chain([HEADER, OWN_INCLUDE].map(|dir| format!("-I{dir}").into()))
            .collect(),
        // The objects are the same wherever they are made.
        arch: Some(("x86", "s390")),
        records: target().join("bpf/records"),
        force: arguments.force,
        jobs: jobs(arguments),
    })
}

fn user_compiler(clang: Clang, arguments: &Arguments) -> Result<Compiler> {
    let given = arguments.arch.as_deref();
    let arch = ARCHITECTURES.iter().find(|(rust, name)| match given {
        Some(given) => *name == given,
        None => *rust == std::env::consts::ARCH,
    });
    if let (Some(given), None) = (given, arch) {
        bail!("--arch knows x86, arm64, riscv and s390, not `{given}`");
    }
    if clang.strip.is_none() && !arguments.keep_dwarf {
        eprintln!("no llvm-strip was found: the objects keep what only a debugger reads");
    }
    let mut flags = vec![
        "-O2".into(),
        "-Wall".into(),
        "-fno-ident".into(),
        "-fdebug-compilation-dir=.".into(),
    ];
    flags.extend(
        arguments
            .define
            .iter()
            .map(|define| format!("-D{define}").into()),
    );
    for dir in &arguments.include {
        flags.extend(["-I".into(), dir.into()]);
    }
    flags.extend(["-I".into(), root().join(HEADER).into()]);
    // Where Debian keeps the machine's own part of the kernel's headers, which clang does not look for when it compiles for BPF.
    let machine = format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    if Path::new(&machine).is_dir() {
        flags.extend(["-idirafter".into(), machine.into()]);
    }
    Ok(Compiler {
        program: clang.program,
        version: clang.version,
        identity: clang.identity,
        strip: clang.strip.filter(|_| !arguments.keep_dwarf),
        directory: std::env::current_dir().context("the current directory")?,
        flags,
        // Of the machines known here, one is big-endian.
        arch: arch.map(|(_, name)| (*name, given.map_or("s390", |_| *name))),
        records: target().join("bpf/records"),
        force: arguments.force,
        jobs: jobs(arguments),
    })
}

/// What Rust and what `bpf_tracing.h` call a machine.
const ARCHITECTURES: [(&str, &str); 4] = [
    ("x86_64", "x86"),
    ("aarch64", "arm64"),
    ("riscv64", "riscv"),
    ("s390x", "s390"),
];

fn jobs(arguments: &Arguments) -> usize {
    arguments
        .jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZero::get)
}

/// The objects of a user's sources, each once.
fn user_objects(arguments: &Arguments, directory: &Path) -> Result<Vec<Object>> {
    let mut objects = Vec::<Object>::new();
    for given in &arguments.sources {
        let at = directory.join(given);
        let (sources, base) = if at.is_dir() {
            (plan::sources(directory, given, ".bpf.c")?, given.as_path())
        } else if at.is_file() {
            let base = given.parent().unwrap_or(Path::new(""));
            (vec![given.clone()], base)
        } else {
            bail!("there is no file and no directory {}", given.display());
        };
        if sources.is_empty() {
            bail!("there is no *.bpf.c below {}", given.display());
        }
        for source in sources {
            let out = arguments.out.as_deref().map(|out| (out, base));
            for object in plan::objects(directory, &source, arguments.target.endians(), out)? {
                match objects.iter().find(|known| known.object == object.object) {
                    None => objects.push(object),
                    Some(known) if known.source == object.source => {}
                    Some(known) => bail!(
                        "{} and {} would both be compiled into {}",
                        known.source.display(),
                        object.source.display(),
                        object.object.display()
                    ),
                }
            }
        }
    }
    Ok(objects)
}
