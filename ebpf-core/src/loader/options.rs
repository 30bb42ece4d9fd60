//! What may be said about a load besides the object itself.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use crate::btf::Btf;
use crate::map::Map;
use crate::program::{LogLevel, Program};

/// What may be said about a load besides the object itself. [`LoadOptions::new`] is what
/// [`SystemExt::load`](super::SystemExt::load) uses.
///
/// A name that the object does not have is an error, so that a slip of the pen is not silently ignored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoadOptions {
    /// Optional programs and maps (`?` before the section name) to load.
    pub enabled: BTreeSet<String>,
    /// Programs not to load.
    pub disabled: BTreeSet<String>,
    /// The directory of maps that are shared by their names; `/sys/fs/bpf` as in libbpf.
    pub pin_root: PathBuf,
    /// Maps to use in the place of the object's, by its names.
    pub replacements: BTreeMap<String, Arc<dyn Map>>,
    /// Other numbers of elements than the object says, by map.
    pub max_entries: BTreeMap<String, u32>,
    /// What a section is to mean, by its name: another section name (`kprobe/do_exit`) or a program type (`sched_cls`).
    pub section_types: BTreeMap<String, String>,
    /// Loaded programs that programs of the object replace parts of (`freplace`) or trace, by the object's names.
    pub targets: BTreeMap<String, ProgramTarget>,
    /// Whether a program whose section tells no type is an error instead of being skipped.
    pub strict: bool,
    /// How much the verifier writes, in the place of what each program says.
    pub log_level: Option<LogLevel>,
    /// How many programs are verified at once; `None` for as many as there are CPUs.
    pub threads: Option<NonZeroUsize>,
}

/// A loaded program that others may be tied to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProgramTarget {
    /// The program.
    pub program: Arc<dyn Program>,
    /// The types of the object it comes from, where its functions are found by name.
    pub btf: Arc<Btf>,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions {
            enabled: BTreeSet::new(),
            disabled: BTreeSet::new(),
            pin_root: PathBuf::from("/sys/fs/bpf"),
            replacements: BTreeMap::new(),
            max_entries: BTreeMap::new(),
            section_types: BTreeMap::new(),
            targets: BTreeMap::new(),
            strict: false,
            log_level: None,
            threads: None,
        }
    }
}

impl LoadOptions {
    /// Everything as the object says.
    pub fn new() -> LoadOptions {
        LoadOptions::default()
    }

    /// Loads this program or map although it is optional.
    #[must_use]
    pub fn enable(mut self, program: &str) -> LoadOptions {
        self.disabled.remove(program);
        self.enabled.insert(program.to_owned());
        self
    }

    /// Leaves this program out.
    #[must_use]
    pub fn disable(mut self, program: &str) -> LoadOptions {
        self.enabled.remove(program);
        self.disabled.insert(program.to_owned());
        self
    }

    /// Shares maps by their names in this directory of a bpffs.
    #[must_use]
    pub fn pin_root(mut self, directory: impl Into<PathBuf>) -> LoadOptions {
        self.pin_root = directory.into();
        self
    }

    /// Uses this map in the place of the object's map `name`, if it fits.
    #[must_use]
    pub fn replace_map(mut self, name: &str, map: Arc<dyn Map>) -> LoadOptions {
        self.replacements.insert(name.to_owned(), map);
        self
    }

    /// Gives the map `name` this many elements.
    #[must_use]
    pub fn max_entries(mut self, name: &str, max_entries: u32) -> LoadOptions {
        self.max_entries.insert(name.to_owned(), max_entries);
        self
    }

    /// Takes the programs of `section` as if it were called `meaning`, or as programs of the type `meaning`.
    #[must_use]
    pub fn section_type(mut self, section: &str, meaning: &str) -> LoadOptions {
        self.section_types
            .insert(section.to_owned(), meaning.to_owned());
        self
    }

    /// Ties the object's program `name` to a function of a loaded program: the one that its section names, as
    /// `freplace/handler` or `fentry/handler`. `btf` is that of the object that the loaded program comes from.
    #[must_use]
    pub fn target(mut self, name: &str, program: Arc<dyn Program>, btf: &Arc<Btf>) -> LoadOptions {
        let target = ProgramTarget {
            program,
            btf: btf.clone(),
        };
        self.targets.insert(name.to_owned(), target);
        self
    }

    /// Takes a program whose section tells no type for an error.
    #[must_use]
    pub fn strict(mut self) -> LoadOptions {
        self.strict = true;
        self
    }

    /// Lets the verifier write this much.
    #[must_use]
    pub fn log_level(mut self, level: LogLevel) -> LoadOptions {
        self.log_level = Some(level);
        self
    }

    /// Verifies this many programs at once.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> LoadOptions {
        self.threads = Some(threads);
        self
    }
}
