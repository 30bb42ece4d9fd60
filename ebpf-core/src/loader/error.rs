//! What can go wrong when an object is loaded.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::Errno;
use crate::hook::{BtfAttach, NoSectionTarget};
use crate::link::LinkError;
use crate::map::MapError;
use crate::object::{KconfigType, ParseError};
use crate::program::{ProgramError, ProgramType};
use crate::system::{Kind, SystemError};

/// What went wrong when an object was loaded, or when something was looked up in what it became.
///
/// Whatever it is, nothing is left behind: maps and programs are released, pins that the load made are removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("read the object: {source}{}", read_hint(.source))]
    Read {
        /// What the operating system said.
        source: io::Error,
    },
    /// The bytes are no object that this crate understands.
    #[error("parse the object: {0}")]
    Parse(#[source] Box<ParseError>),
    /// The object was compiled for machines of the other byte order.
    #[error("the object is {object}-endian, this machine is {machine}-endian: compile it with -target {}", target(.machine))]
    ByteOrder {
        /// The object's order: "big" or "little".
        object: &'static str,
        /// The machine's order.
        machine: &'static str,
    },
    /// About a map.
    #[error(transparent)]
    Map(#[from] MapError),
    /// About a program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// About the system.
    #[error(transparent)]
    System(#[from] SystemError),
    /// Something else than a map is pinned where a map is to be shared.
    #[error("open map `{map}` pinned at {}: a {found} is pinned there (unpin it, or use another directory)", .path.display())]
    PinnedKind {
        /// The map's name.
        map: Arc<str>,
        /// The path.
        path: Arc<Path>,
        /// What is there.
        found: Kind,
    },
    /// A map that exists is not what the object wants.
    #[error("map `{map}` {} does not fit the object: {} (unpin it, or change the object)", Origin(.path), List(.differences))]
    Incompatible {
        /// The map's name.
        map: Arc<str>,
        /// Where it is pinned; `None` for a map that the options gave.
        path: Option<Arc<Path>>,
        /// Each field that differs.
        differences: Box<[Difference]>,
    },
    /// Symbols that the kernel is to provide and does not.
    #[error("{needs} needs what the kernel does not provide: {}{}", List(.names), reason(.why))]
    Missing {
        /// What needs them, such as "program `f`".
        needs: Box<str>,
        /// The symbols.
        names: Box<[Arc<str>]>,
        /// What is known of the reason.
        why: Option<&'static str>,
    },
    /// The kernel has nothing of this name to attach to.
    #[error("program `{program}`: there is no {kind} `{name}` to attach to{}", reason(.why))]
    NoTarget {
        /// The program's name.
        program: Arc<str>,
        /// What was looked for.
        kind: BtfAttach,
        /// Under which name.
        name: Box<str>,
        /// What is known of the reason.
        why: Option<&'static str>,
    },
    /// A configuration option does not fit the variable that is to hold it.
    #[error("kernel configuration `{option}`: {problem}")]
    Config {
        /// The option.
        option: Arc<str>,
        /// What is wrong.
        problem: Box<ConfigProblem>,
    },
    /// The options name a program type that there is not.
    #[error(
        "section `{section}`: `{type_name}` is no program type and no section name that tells one (try `xdp`, `tc`, `kprobe`, …)"
    )]
    UnknownType {
        /// The section.
        section: Box<str>,
        /// What was given.
        type_name: Box<str>,
    },
    /// The program's section does not say where it attaches.
    #[error("attach program `{program}`: {source}")]
    NoSectionTarget {
        /// The program's name.
        program: Arc<str>,
        /// Why not.
        source: Box<NoSectionTarget>,
    },
    /// There is nothing of this name.
    #[error("there is no {kind} `{name}`: there {}", Have(.have))]
    NotFound {
        /// What was looked for: "map", "program", "variable".
        kind: &'static str,
        /// Its name.
        name: Box<str>,
        /// The names that there are.
        have: Box<[Box<str>]>,
    },
    /// About one object among several.
    #[error("{object}: {source}")]
    In {
        /// The object.
        object: Arc<str>,
        /// What went wrong.
        source: Box<LoadError>,
    },
}

impl LoadError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            LoadError::Map(error) => error.errno(),
            LoadError::Program(error) => error.errno(),
            LoadError::System(error) => error.errno(),
            LoadError::In { source, .. } => source.errno(),
            _ => None,
        }
    }

    /// The same, saying of which object.
    #[must_use]
    pub fn of(self, object: impl Into<Arc<str>>) -> LoadError {
        LoadError::In {
            object: object.into(),
            source: Box::new(self),
        }
    }

    pub(crate) fn not_found<'n>(
        kind: &'static str,
        name: &str,
        have: impl Iterator<Item = &'n str>,
    ) -> LoadError {
        LoadError::NotFound {
            kind,
            name: name.into(),
            have: have.map(Box::from).collect(),
        }
    }
}

impl From<ParseError> for LoadError {
    fn from(error: ParseError) -> LoadError {
        LoadError::Parse(Box::new(error))
    }
}

impl From<LinkError> for LoadError {
    fn from(error: LinkError) -> LoadError {
        LoadError::System(error.into())
    }
}

/// A field in which a map that exists differs from the spec of the object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The field, as it is called in [`MapSpec`](crate::map::MapSpec).
    pub field: &'static str,
    /// What the map has.
    pub has: Box<str>,
    /// What the object wants.
    pub wants: Box<str>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its {} is {}, the object wants {}",
            self.field, self.has, self.wants
        )
    }
}

/// Why a configuration option cannot be given to a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The kernel does not have it set, and the variable is not weak.
    #[error("it is not set, and the variable that wants it is not __weak")]
    NotSet,
    /// The kernel does not tell its configuration.
    #[error("the kernel does not tell its configuration: {0}")]
    Untold(SystemError),
    /// The value does not fit the variable.
    #[error("its value `{value}` does not fit {}", variable(.kind, .size))]
    Unfit {
        /// The value, as it stands in the configuration.
        value: Box<str>,
        /// What the variable holds.
        kind: KconfigType,
        /// Bytes of the variable.
        size: u32,
    },
}

/// Programs of this type are not loaded as they are.
pub(super) fn no_target(program: &Arc<str>, program_type: ProgramType, what: &str) -> ProgramError {
    ProgramError::Spec {
        program: program.clone(),
        problem: crate::program::ProgramProblem::NoTarget {
            program_type,
            what: what.into(),
        },
    }
}

fn variable(kind: &KconfigType, size: &u32) -> String {
    match kind {
        KconfigType::Bool => "a bool".to_owned(),
        KconfigType::Tristate => "an enum libbpf_tristate".to_owned(),
        KconfigType::Char => "a char".to_owned(),
        KconfigType::Int { signed } => {
            format!(
                "{} integer of {size} bytes",
                if *signed { "a signed" } else { "an unsigned" }
            )
        }
        KconfigType::String => format!("a text of {size} bytes"),
    }
}

fn read_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            " (is the path right? objects are what `clang -target bpf -c` writes)"
        }
        _ => "",
    }
}

fn target(machine: &str) -> &'static str {
    if machine == "big" { "bpfeb" } else { "bpfel" }
}

fn reason(why: &Option<&'static str>) -> String {
    why.map(|why| format!(" ({why})")).unwrap_or_default()
}

struct Origin<'e>(&'e Option<Arc<Path>>);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "pinned at {}", path.display()),
            None => f.write_str("given in its place"),
        }
    }
}

struct List<'e, T>(&'e [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { ", " };
            write!(f, "{between}{item}")?;
        }
        Ok(())
    }
}

/// How many names an error lists.
const LISTED: usize = 20;

struct Have<'e>(&'e [Box<str>]);

impl fmt::Display for Have<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted: Vec<String> = self
            .0
            .iter()
            .take(LISTED)
            .map(|name| format!("`{name}`"))
            .collect();
        match self.0 {
            [] => return f.write_str("is none"),
            [_] => write!(f, "is {}", quoted.join(", "))?,
            _ => write!(f, "are {}", quoted.join(", "))?,
        }
        match self.0.len().checked_sub(LISTED) {
            Some(more) if more > 0 => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}
