//! `bpfobj`: what an eBPF object file contains and needs, whether the kernel takes it, and what the kernel has loaded.

#[cfg(target_os = "linux")]
mod live;
mod run;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ebpf_examples::bpfobj::{KERNEL, Plan, SectionType, read, types_of};

/// Tells what eBPF object files contain and need, tries whether the kernel takes them, and tells what it has loaded.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tell what objects contain and need of a kernel. Needs neither privileges nor a kernel.
    Plan {
        /// Object files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Write JSON, an array with an element for each file.
        #[arg(long)]
        json: bool,
    },
    /// Load every map and every program into the kernel, then release them: a line `OK` or `FAIL` for each file.
    Load {
        /// Object files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// What a section holds whose name tells no program type: a type (`sched_cls`) or a section name that tells
        /// one (`kprobe/do_exit`).
        #[arg(long = "type", value_name = "SECTION=TYPE")]
        types: Vec<SectionType>,
        /// Load optional programs too.
        #[arg(long)]
        optional: bool,
        /// Write the whole log of the verifier for a program that it refuses.
        #[arg(long, short)]
        verbose: bool,
    },
    /// Run a program on packets: how often it gave each verdict, what it changed in packets and maps, what it wrote.
    Run {
        /// The object file.
        file: PathBuf,
        /// The program; not needed where the object has one only.
        #[arg(long, value_name = "NAME")]
        program: Option<String>,
        /// A packet, its bytes in hexadecimal. May be repeated.
        #[arg(long = "packet", value_name = "HEX")]
        packets: Vec<String>,
        /// A pcap or pcapng file with packets. May be repeated.
        #[arg(long = "pcap", value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Where it runs: in memory, without privileges, or in this machine's kernel.
        #[arg(long, value_enum, default_value_t)]
        system: run::Where,
        /// Write JSON.
        #[arg(long)]
        json: bool,
        /// Write which lines, functions and branches were executed, and how often, for lcov and genhtml. In memory only.
        #[arg(long, value_name = "FILE")]
        coverage: Option<PathBuf>,
        /// Tell the lines that were executed, for each packet. In memory only.
        #[arg(long)]
        trace: bool,
    },
    /// Write what an object contains in full, with its instructions and source lines.
    Dump {
        /// The object file.
        file: PathBuf,
        /// Only these programs.
        #[arg(long = "program", value_name = "NAME")]
        programs: Vec<String>,
    },
    /// Write a header in C with the types of a kernel or of an object: the `vmlinux.h` of programs.
    Vmlinux {
        /// BTF as the kernel has it, or an object that was compiled with -g.
        #[arg(default_value = KERNEL)]
        file: PathBuf,
        /// What the BTF of a module adds to; for the files of /sys/kernel/btf it is the kernel's.
        #[arg(long, value_name = "FILE")]
        base: Option<PathBuf>,
    },
    /// Programs that are loaded: list them, tell about one, dump its code.
    #[cfg(target_os = "linux")]
    #[command(subcommand, visible_alias = "program")]
    Prog(live::ProgramWord),
    /// Maps that exist: list them, tell about one, dump its elements.
    #[cfg(target_os = "linux")]
    #[command(subcommand)]
    Map(live::MapWord),
    /// Links: where programs are attached.
    #[cfg(target_os = "linux")]
    #[command(subcommand)]
    Link(live::Show),
    /// Types (BTF) that are loaded.
    #[cfg(target_os = "linux")]
    #[command(subcommand)]
    Btf(live::BtfWord),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        #[cfg(target_os = "linux")]
        Command::Prog(word) => told(live::programs(&word)),
        #[cfg(target_os = "linux")]
        Command::Map(word) => told(live::maps(&word)),
        #[cfg(target_os = "linux")]
        Command::Link(word) => told(live::links(&word)),
        #[cfg(target_os = "linux")]
        Command::Btf(word) => told(live::btfs(&word)),
        Command::Plan { files, json } => plan(&files, json),
        Command::Load {
            files,
            types,
            optional,
            verbose,
        } => load(&files, &types, optional, verbose),
        Command::Run {
            file,
            program,
            packets,
            files,
            system,
            json,
            coverage,
            trace,
        } => run::run(&run::Order {
            file,
            program,
            packets,
            files,
            system,
            json,
            coverage,
            trace,
        }),
        Command::Dump { file, programs } => dump(&file, &programs),
        Command::Vmlinux { file, base } => vmlinux(&file, base.as_deref()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whether a question about what is loaded was answered; a refusal is complained about.
#[cfg(target_os = "linux")]
fn told(answer: Result<(), live::Failure>) -> io::Result<bool> {
    match answer {
        Ok(()) => Ok(true),
        Err(live::Failure::Output(error)) => Err(error),
        Err(live::Failure::System(error)) => {
            complain(&error);
            Ok(false)
        }
    }
}

fn complain(what: &dyn Display) {
    // Standard error is the last place to complain to.
    let _ = writeln!(io::stderr(), "bpfobj: {what}");
}

fn plan(files: &[PathBuf], json: bool) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let mut good = true;
    let mut plans = Vec::new();
    for file in files {
        match read(file) {
            Ok(object) => plans.push(Plan::of(&file.display().to_string(), &object)),
            Err(error) => {
                complain(&error.of(file.display().to_string()));
                good = false;
            }
        }
    }
    if json {
        serde_json::to_writer_pretty(&mut out, &plans)?;
        writeln!(out)?;
        return Ok(good);
    }
    for (at, plan) in plans.iter().enumerate() {
        let space = if at == 0 { "" } else { "\n" };
        write!(out, "{space}{plan}")?;
    }
    Ok(good)
}

fn vmlinux(file: &Path, base: Option<&Path>) -> io::Result<bool> {
    let header = match types_of(file, base) {
        Ok(types) => types.c_header(),
        Err(error) => {
            complain(&error);
            return Ok(false);
        }
    };
    match header {
        Ok(header) => io::stdout().lock().write_all(header.as_bytes())?,
        Err(error) => {
            complain(&format_args!("{}: {error}", file.display()));
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(target_os = "linux")]
fn load(
    files: &[PathBuf],
    types: &[SectionType],
    optional: bool,
    verbose: bool,
) -> io::Result<bool> {
    use ebpf_core::KernelSystem;
    use ebpf_examples::bpfobj::{Failure, load};

    let system = KernelSystem::new();
    let mut out = io::stdout().lock();
    let mut good = true;
    for file in files {
        let object = read(file).map_err(Failure::from);
        match object.and_then(|object| load(&system, object, types, optional)) {
            Ok(_) => writeln!(out, "OK {}", file.display())?,
            Err(failure) => {
                good = false;
                writeln!(out, "FAIL {}: {failure}", file.display())?;
                if let (true, Some(log)) = (verbose, failure.log()) {
                    for line in log.lines() {
                        writeln!(out, "    {line}")?;
                    }
                }
            }
        }
    }
    Ok(good)
}

#[cfg(not(target_os = "linux"))]
fn load(files: &[PathBuf], _: &[SectionType], _: bool, _: bool) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for file in files {
        writeln!(
            out,
            "FAIL {}: programs are loaded by a Linux kernel, and this is another system",
            file.display()
        )?;
    }
    Ok(false)
}

fn dump(file: &Path, programs: &[String]) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let object = match read(file) {
        Ok(object) => object,
        Err(error) => {
            complain(&error.of(file.display().to_string()));
            return Ok(false);
        }
    };
    if programs.is_empty() {
        write!(out, "{object}")?;
    }
    let mut good = true;
    for name in programs {
        match object.program(name) {
            Some(program) => write!(out, "program {program}")?,
            None => {
                let have: Vec<&str> = object
                    .programs
                    .iter()
                    .map(|program| program.name.as_str())
                    .collect();
                complain(&format_args!(
                    "{}: no program `{name}` among {}",
                    file.display(),
                    have.join(", ")
                ));
                good = false;
            }
        }
    }
    Ok(good)
}
