//! The words about what is loaded: `prog`, `map`, `link`, `btf`.

use std::fmt::Display;
use std::io::{self, Write};

use clap::Subcommand;
use ebpf_core::KernelSystem;
use ebpf_core::system::SystemError;
use ebpf_examples::bpfobj::live::{self, Report, Shown, Surroundings, Which};
use serde::Serialize;

/// What may be asked about one kind of object.
#[derive(Subcommand)]
pub(crate) enum Show {
    /// Tell what is known of all, or of one by its id or pin.
    #[command(visible_alias = "list")]
    Show {
        /// The object's id, or the path of its pin.
        #[arg(value_name = "ID|PIN")]
        which: Option<Which>,
        /// Write JSON, an array with an element for each.
        #[arg(long)]
        json: bool,
    },
}

/// What may be asked about programs.
#[derive(Subcommand)]
pub(crate) enum ProgramWord {
    #[command(flatten)]
    Show(Show),
    /// Write the instructions as the verifier left them, with source lines and what they refer to.
    Dump {
        /// The program's id, or the path of its pin.
        #[arg(value_name = "ID|PIN")]
        which: Which,
        /// Write the machine code.
        #[arg(long, conflicts_with = "json")]
        machine_code: bool,
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What may be asked about maps.
#[derive(Subcommand)]
pub(crate) enum MapWord {
    #[command(flatten)]
    Show(Show),
    /// Write the elements, by their types where the map has any, else as bytes.
    Dump {
        /// The map's id, or the path of its pin.
        #[arg(value_name = "ID|PIN")]
        which: Which,
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What may be asked about types.
#[derive(Subcommand)]
pub(crate) enum BtfWord {
    /// Tell what is known of all sets of types, or of one by its id.
    #[command(visible_alias = "list")]
    Show {
        /// The id.
        id: Option<u32>,
        /// Write JSON, an array with an element for each.
        #[arg(long)]
        json: bool,
    },
}

/// What went wrong: the system's refusal, or that of the output.
pub(crate) enum Failure {
    System(SystemError),
    Output(io::Error),
}

impl From<SystemError> for Failure {
    fn from(error: SystemError) -> Failure {
        Failure::System(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::Output(error.into())
    }
}

pub(crate) fn programs(word: &ProgramWord) -> Result<(), Failure> {
    let system = KernelSystem::new();
    match word {
        ProgramWord::Show(Show::Show { which, json }) => {
            let around = Surroundings::of(&system);
            let reports = live::programs(&system, &around, which.as_ref())?;
            show(&reports, which.is_some(), *json)
        }
        ProgramWord::Dump {
            which,
            machine_code,
            json,
        } => {
            let code = live::code(&system, which)?;
            match machine_code {
                true => write(&code.machine_code()),
                false => one(&code, *json),
            }
        }
    }
}

pub(crate) fn maps(word: &MapWord) -> Result<(), Failure> {
    let system = KernelSystem::new();
    match word {
        MapWord::Show(Show::Show { which, json }) => {
            let around = Surroundings::of(&system);
            let reports = live::maps(&system, &around, which.as_ref())?;
            show(&reports, which.is_some(), *json)
        }
        MapWord::Dump { which, json } => one(&live::elements(&system, which)?, *json),
    }
}

pub(crate) fn links(Show::Show { which, json }: &Show) -> Result<(), Failure> {
    let system = KernelSystem::new();
    let around = Surroundings::of(&system);
    let reports = live::links(&system, &around, which.as_ref())?;
    show(&reports, which.is_some(), *json)
}

pub(crate) fn btfs(BtfWord::Show { id, json }: &BtfWord) -> Result<(), Failure> {
    let system = KernelSystem::new();
    let around = Surroundings::of(&system);
    let reports = live::btfs(&system, &around, *id)?;
    show(&reports, id.is_some(), *json)
}

fn show<R: Report + Serialize>(reports: &[R], alone: bool, json: bool) -> Result<(), Failure> {
    one(&Listed(Shown { reports, alone }), json)
}

/// Reports that are written either way.
struct Listed<'r, R>(Shown<'r, R>);

impl<R: Serialize> Serialize for Listed<'_, R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.reports.serialize(serializer)
    }
}

impl<R: Report> Display for Listed<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn one(what: &(impl Serialize + Display), json: bool) -> Result<(), Failure> {
    if !json {
        return write(what);
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, what)?;
    writeln!(out)?;
    Ok(())
}

fn write(what: &impl Display) -> Result<(), Failure> {
    write!(io::stdout().lock(), "{what}")?;
    Ok(())
}
