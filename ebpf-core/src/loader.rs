//! The one order in which an object is loaded, and what may be said about it.
//!
//! 1. Maps are created, or opened where they are pinned; a map of maps gets the template of its inner maps.
//! 2. Their first contents are written: data sections, the kernel's configuration, maps in maps.
//! 3. What is read-only is frozen: only then does the verifier take its bytes for constants.
//! 4. Programs are joined with maps, with symbols of the kernel and with what they attach to, and loaded.
//! 5. Programs are put into program arrays.
//!
//! If a step fails, what the steps before it made is taken back.

mod config;
mod error;
mod maps;
mod options;
mod programs;
mod struct_ops;
mod symbols;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use error::{ConfigProblem, Difference, LoadError};
pub use options::{LoadOptions, ProgramTarget};

use crate::Errno;
use crate::btf::TypeId;
use crate::codec::Endian;
use crate::collection::Collection;
use crate::link::Link;
use crate::map::{InitialValue, Map, MapError, MapType, MapTypes, UpdateFlags};
use crate::object::ObjectSpec;
use crate::program::Program;
use crate::system::{BtfId, BtfInfo, Ids, Kind, Objects, System, SystemError};

/// Loading of whole objects, and walks over what exists, for every system.
pub trait SystemExt: System {
    /// Creates the object's maps and loads its programs.
    ///
    /// # Errors
    /// The first thing that failed; then nothing is left behind.
    fn load(&self, object: &ObjectSpec) -> Result<Collection, LoadError> {
        self.load_with(object, &LoadOptions::new())
    }

    /// As [`load`](SystemExt::load), with these options.
    fn load_with(
        &self,
        object: &ObjectSpec,
        options: &LoadOptions,
    ) -> Result<Collection, LoadError> {
        load(self, object, options)
    }

    /// Loads the bytes of an object file.
    fn load_bytes(&self, elf: &[u8]) -> Result<Collection, LoadError> {
        self.load(&ObjectSpec::parse(elf)?)
    }

    /// Loads an object file. Errors name it.
    fn load_file(&self, path: impl AsRef<Path>) -> Result<Collection, LoadError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| LoadError::Read { source });
        let loaded = bytes.and_then(|bytes| self.load_bytes(&bytes));
        loaded.map_err(|error| error.of(path.display().to_string()))
    }

    /// The ids of all objects of a kind, ascending. What comes meanwhile may be left out.
    fn ids(&self, kind: Kind) -> Ids<'_, Self> {
        Ids::new(self, kind)
    }

    /// All maps that exist, by ascending ids; what goes away meanwhile is left out.
    fn all_maps(&self) -> Objects<'_, Self, Arc<dyn Map>> {
        Objects::maps(self)
    }

    /// All programs that exist, as [`all_maps`](SystemExt::all_maps).
    fn all_programs(&self) -> Objects<'_, Self, Arc<dyn Program>> {
        Objects::programs(self)
    }

    /// All links that exist, as [`all_maps`](SystemExt::all_maps). Dropping one of them does not detach while another
    /// reference to it exists, but may if it was the last.
    fn all_links(&self) -> Objects<'_, Self, Box<dyn Link>> {
        Objects::links(self)
    }

    /// All sets of types that were loaded, the kernel's own among them.
    fn all_btfs(&self) -> Objects<'_, Self, BtfInfo> {
        Objects::btfs(self)
    }

    /// The types of a map's keys and values, which a map opened by id, path or descriptor does not bring along; `None`
    /// where it has none. Those of a map of callbacks are the kernel's own.
    ///
    /// # Errors
    /// As [`Map::query`] and [`System::btf_by_id`].
    fn map_types(&self, map: &dyn Map) -> Result<Option<MapTypes>, SystemError> {
        if let Some(types) = &map.info().types {
            return Ok(Some(types.clone()));
        }
        let state = map.query()?;
        let (btf, key, value) = match state.btf_id {
            _ if state.kernel_value_type != TypeId::VOID => {
                (self.target_btf()?, TypeId::VOID, state.kernel_value_type)
            }
            Some(id) => (
                Some(self.btf_by_id(BtfId(id))?),
                state.key_type,
                state.value_type,
            ),
            None => (None, TypeId::VOID, TypeId::VOID),
        };
        Ok(btf.map(|btf| MapTypes { btf, key, value }))
    }

    /// The maps that a program uses. Those that went away meanwhile are left out: only a program that is gone itself
    /// lets go of its maps.
    ///
    /// # Errors
    /// As [`System::map_by_id`].
    fn maps_of(&self, program: &dyn Program) -> Result<Vec<Arc<dyn Map>>, SystemError> {
        let maps = program.info().map_ids.iter().map(|id| self.map_by_id(*id));
        maps.filter(|map| !matches!(map, Err(error) if error.errno() == Some(Errno::ENOENT)))
            .collect()
    }
}

impl<S: System + ?Sized> SystemExt for S {}

fn load<S: System + ?Sized>(
    system: &S,
    object: &ObjectSpec,
    options: &LoadOptions,
) -> Result<Collection, LoadError> {
    check_byte_order(object)?;
    check_names(object, options)?;

    let mut maker = maps::Maker::new(system, options);
    let mut skipped = Vec::new();
    let mut made = Vec::with_capacity(object.maps.len());
    for spec in &object.maps {
        if spec.optional && !options.enabled.contains(&spec.name) {
            skipped.push(Skipped::new("map", &spec.name, SkipReason::Optional));
        } else {
            made.push(maker.make(spec)?);
        }
    }
    if let Some(map) = made.iter_mut().find(|map| &*map.name == config::MAP) {
        let bytes = config::bytes(object, map.spec.value_size as usize, system)?;
        map.set_bytes(bytes);
    }
    for map in &made {
        maps::fill(map, &made, system)?;
    }

    let mut chosen = Vec::new();
    for spec in &object.programs {
        match programs::choose(spec, object, &made, options)? {
            Ok(spec) => chosen.push(spec),
            Err(skip) => skipped.push(skip),
        }
    }
    let symbols = symbols::Symbols::new(system);
    let join = |spec| programs::join(spec, &made, &symbols, options, system);
    let jobs = chosen
        .into_iter()
        .map(join)
        .collect::<Result<Vec<_>, _>>()?;
    let loaded = programs::load_all(system, &jobs, options.threads)?;
    let names = jobs.iter().map(programs::Job::name);
    let programs: Vec<(Arc<str>, Arc<dyn Program>)> = names.zip(loaded).collect();
    let targets = jobs.iter().map(programs::Job::section_target).collect();

    for map in &made {
        fill_program_slots(map, &programs, &skipped, &mut maker.notes, system)?;
    }

    drop(jobs);
    let (pins, notes) = maker.keep();
    let maps = made.into_iter().map(|made| (made.name, made.map)).collect();
    Ok(Collection::new(
        maps, programs, targets, object, skipped, notes, pins,
    ))
}

fn check_byte_order(object: &ObjectSpec) -> Result<(), LoadError> {
    if object.endian.is_native() {
        return Ok(());
    }
    let word = |endian| {
        if endian == Endian::Big {
            "big"
        } else {
            "little"
        }
    };
    Err(LoadError::ByteOrder {
        object: word(object.endian),
        machine: word(Endian::NATIVE),
    })
}

/// Refuses options about what the object does not have.
fn check_names(object: &ObjectSpec, options: &LoadOptions) -> Result<(), LoadError> {
    let programs = || object.programs.iter().map(|program| program.name.as_str());
    let optional_maps = || {
        object
            .maps
            .iter()
            .filter(|map| map.optional)
            .map(|map| map.name.as_str())
    };
    let enabled = options
        .enabled
        .iter()
        .filter(|name| !optional_maps().any(|map| map == *name));
    for name in enabled
        .chain(&options.disabled)
        .chain(options.targets.keys())
    {
        if !programs().any(|program| program == name) {
            return Err(LoadError::not_found("program", name, programs()));
        }
    }
    let maps = || object.maps.iter().map(|map| map.name.as_str());
    for name in options
        .replacements
        .keys()
        .chain(options.max_entries.keys())
    {
        if !maps().any(|map| map == name) {
            return Err(LoadError::not_found("map", name, maps()));
        }
    }
    let sections = || {
        object
            .programs
            .iter()
            .map(|program| program.section.trim_start_matches('?'))
    };
    for name in options.section_types.keys() {
        if !sections().any(|section| section == name) {
            return Err(LoadError::not_found("section", name, sections()));
        }
    }
    Ok(())
}

/// Puts programs into the slots of a program array that the object names.
fn fill_program_slots<S: System + ?Sized>(
    made: &maps::Made<'_>,
    programs: &[(Arc<str>, Arc<dyn Program>)],
    skipped: &[Skipped],
    notes: &mut Vec<LoadNote>,
    system: &S,
) -> Result<(), LoadError> {
    if made.spec.map_type == MapType::STRUCT_OPS {
        // Its programs are put in when it is registered.
        return Ok(());
    }
    for entry in &made.spec.contents {
        let InitialValue::Program(name) = &entry.value else {
            continue;
        };
        if skipped
            .iter()
            .any(|skip| skip.kind == "program" && skip.name == *name)
        {
            notes.push(LoadNote::SlotEmpty {
                map: made.name.clone(),
                program: name.clone(),
            });
            continue;
        }
        let names = || programs.iter().map(|(name, _)| &**name);
        let found = programs.iter().find(|(known, _)| known == name);
        let (_, program) = found.ok_or_else(|| LoadError::not_found("program", name, names()))?;
        let raw = program.handle().raw_in(system.id());
        let raw = raw.map_err(|source| MapError::Foreign {
            map: made.name.clone(),
            source,
        })?;
        made.map
            .update_elem(&entry.key, &raw.to_ne_bytes(), UpdateFlags::ANY)?;
    }
    Ok(())
}

/// A program or a map that was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// "map" or "program".
    pub kind: &'static str,
    /// Its name.
    pub name: Arc<str>,
    /// Why.
    pub reason: SkipReason,
}

impl Skipped {
    fn new(kind: &'static str, name: &str, reason: SkipReason) -> Skipped {
        Skipped {
            kind,
            name: name.into(),
            reason,
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} `{}` is not loaded: {}",
            self.kind, self.name, self.reason
        )
    }
}

/// Why a map or program was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its section name begins with `?`, and it was not enabled.
    Optional,
    /// The options leave it out.
    Disabled,
    /// It is a callback of a structure whose map is not loaded.
    Unused {
        /// The map.
        map: Arc<str>,
    },
    /// Its section name tells no program type.
    NoType {
        /// The section.
        section: Box<str>,
    },
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::Optional => f.write_str("it is optional (`?`) and not enabled"),
            SkipReason::Disabled => f.write_str("it is disabled"),
            SkipReason::Unused { map } => {
                write!(f, "it is a callback of map `{map}`, which is not loaded")
            }
            SkipReason::NoType { section } => {
                write!(
                    f,
                    "section `{section}` tells no program type: say one with LoadOptions::section_type"
                )
            }
        }
    }
}

/// Something that the loader decided, because the object left it open or said what no kernel takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadNote {
    /// The size of a ring buffer was rounded up to a power of two and a multiple of the page size.
    RingRounded {
        /// The map.
        map: Arc<str>,
        /// Bytes that the object says.
        asked: u32,
        /// Bytes that it has.
        bytes: u32,
    },
    /// A perf event array without a size got one element for each possible CPU.
    EntriesFromCpus {
        /// The map.
        map: Arc<str>,
        /// How many CPUs that is.
        cpus: u32,
    },
    /// A key or value size that the type does not take was replaced.
    SizeSet {
        /// The map.
        map: Arc<str>,
        /// "key" or "value".
        what: &'static str,
        /// Bytes that the object says.
        asked: u32,
        /// Bytes that it has.
        bytes: u32,
    },
    /// A slot of a program array stays empty, because its program was not loaded.
    SlotEmpty {
        /// The map.
        map: Arc<str>,
        /// The program.
        program: Arc<str>,
    },
}

impl fmt::Display for LoadNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadNote::RingRounded { map, asked, bytes } => {
                write!(
                    f,
                    "ring buffer `{map}` has {bytes} bytes instead of {asked}: a power of two, whole pages"
                )
            }
            LoadNote::EntriesFromCpus { map, cpus } => {
                write!(
                    f,
                    "map `{map}` has {cpus} elements, one for each possible CPU"
                )
            }
            LoadNote::SizeSet {
                map,
                what,
                asked,
                bytes,
            } => {
                write!(
                    f,
                    "map `{map}` has a {what} size of {bytes} instead of {asked}, as its type demands"
                )
            }
            LoadNote::SlotEmpty { map, program } => {
                write!(
                    f,
                    "map `{map}` lacks program `{program}`, which is not loaded"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
