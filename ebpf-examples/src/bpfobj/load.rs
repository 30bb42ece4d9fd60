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
    /// Sections that tell no program type, without `?`.
    NoType {
        /// The sections.
        sections: Vec<String>,
        /// Their programs.
        programs: Vec<String>,
    },
    /// Loading failed.
    Load(LoadError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoType { sections, programs } => {
                let sections_tell = if sections.len() == 1 { "tells" } else { "tell" };
                write!(
                    f,
                    "{} {sections_tell} no program type for {}: give one with",
                    counted("section", sections),
                    counted("program", programs)
                )?;
                for section in sections {
                    write!(f, " --type {section}=TYPE")?;
                }
                f.write_str(", where TYPE is `xdp`, `tc`, `kprobe`, …")
            }
            Failure::Load(error) => error.fmt(f),
        }
    }
}

/// "program `a`", "programs `a`, `b`".
fn counted(what: &str, names: &[String]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{what}{plural} {}", names.join(", "))
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
    let untyped: Vec<&ProgramSpec> = object.programs.iter().filter(untyped).collect();
    if !untyped.is_empty() {
        let mut sections: Vec<String> = untyped
            .iter()
            .map(|program| section_of(&program.section).to_owned())
            .collect();
        sections.sort();
        sections.dedup();
        let programs = untyped.iter().map(|program| program.name.clone()).collect();
        return Err(Failure::NoType { sections, programs });
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
