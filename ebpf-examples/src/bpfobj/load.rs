//! Loading everything that an object has, to see whether the system takes it.

use std::fmt;
use std::str::FromStr;

use ebpf_core::map::Pinning;
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{ProgramError, ProgramSpec, ProgramType, VerifierLog};
use ebpf_core::{LoadError, LoadOptions, System, SystemExt};

/// What the programs of a section are, said by the user: `SECTION=TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionType {
    /// The section's name, without `?`.
    pub section: String,
    /// A program type (`sched_cls`) or the name of a section that tells one (`kprobe/do_exit`).
    pub type_name: String,
}

impl FromStr for SectionType {
    type Err = String;

    fn from_str(text: &str) -> Result<SectionType, String> {
        match text.split_once('=') {
            Some((section, type_name)) if !section.is_empty() && !type_name.is_empty() => {
                Ok(SectionType {
                    section: section.trim_start_matches('?').to_owned(),
                    type_name: type_name.to_owned(),
                })
            }
            _ => Err("write SECTION=TYPE, as in `prog=xdp` or `probe=kprobe/do_exit`".to_owned()),
        }
    }
}

/// How many maps and programs were loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Maps.
    pub maps: usize,
    /// Programs.
    pub programs: usize,
    /// Programs that were not loaded, because they are optional.
    pub skipped: usize,
}

/// Why an object was not loaded whole.
#[derive(Debug)]
pub enum Failure {
    /// A section tells no program type.
    NoType {
        /// The section.
        section: String,
        /// Its programs.
        programs: Vec<String>,
    },
    /// Loading failed.
    Load(LoadError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoType { section, programs } => {
                let programs: Vec<String> =
                    programs.iter().map(|name| format!("`{name}`")).collect();
                let plural = if programs.len() == 1 { "" } else { "s" };
                write!(
                    f,
                    "section `{section}` tells no program type for program{plural} {}: give one with --type {section}=TYPE, \
                     such as --type {section}=xdp",
                    programs.join(", ")
                )
            }
            Failure::Load(error) => error.fmt(f),
        }
    }
}

impl Failure {
    /// What the verifier wrote, if it was the verifier that refused.
    pub fn log(&self) -> Option<&VerifierLog> {
        match self {
            Failure::Load(LoadError::Program(ProgramError::Verifier(error))) => Some(&error.log),
            _ => None,
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Failure {
        Failure::Load(error)
    }
}

/// Creates every map and loads every program that is not optional (with `optional`, those too), then releases them all.
///
/// Nothing is pinned: maps that the object shares by path are created for this load only.
///
/// # Errors
/// The first thing that the system refused, or a section that tells no program type.
pub fn load(
    system: &(impl System + ?Sized),
    mut object: ObjectSpec,
    types: &[SectionType],
    optional: bool,
) -> Result<Loaded, Failure> {
    let mut options = LoadOptions::new();
    for SectionType { section, type_name } in types {
        if object
            .programs
            .iter()
            .any(|program| section_of(&program.section) == section)
        {
            options = options.section_type(section, type_name);
        }
    }
    let programs = object
        .programs
        .iter()
        .filter(|program| program.optional)
        .map(|program| &program.name);
    let maps = object
        .maps
        .iter()
        .filter(|map| map.optional)
        .map(|map| &map.name);
    for name in programs.chain(maps).filter(|_| optional) {
        options = options.enable(name);
    }
    let untyped = |program: &&ProgramSpec| {
        program.program_type == ProgramType::UNSPEC
            && (!program.optional || optional)
            && !options
                .section_types
                .contains_key(section_of(&program.section))
    };
    if let Some(first) = object.programs.iter().find(untyped) {
        let same = object
            .programs
            .iter()
            .filter(|program| program.section == first.section);
        return Err(Failure::NoType {
            section: section_of(&first.section).to_owned(),
            programs: same.map(|program| program.name.clone()).collect(),
        });
    }
    for map in &mut object.maps {
        map.pinning = Pinning::None;
    }
    let loaded = system.load_with(&object, &options)?;
    Ok(Loaded {
        maps: loaded.maps().len(),
        programs: loaded.programs().len(),
        skipped: loaded.skipped().len(),
    })
}

fn section_of(name: &str) -> &str {
    name.trim_start_matches('?')
}
