//! From bytes to [`ObjectSpec`]: the order in which the parts are read, and how they find each other.

use std::io::Read;
use std::sync::Arc;

use super::adjust::adjust;
use super::allowance::Allowance;
use super::btf_map::{self, BtfMap};
use super::code::{Code, CodeSection, FunctionName, Referents, Target};
use super::data::{self, DataKind};
use super::elf::{Elf, Symbol};
use super::externs::Externs;
use super::legacy_map::{self, LegacyMap};
use super::link::Linker;
use super::records::Records;
use super::struct_ops::{self, StructOps};
use super::{MapProblem, Note, ObjectSpec, ParseError, ParseErrorKind, types};
use crate::btf::Btf;
use crate::hook::{self, SectionMeaning};
use crate::map::MapSpec;
use crate::program::ProgramSpec;

/// The sections of licence and kernel release.
const LICENSE: &str = "license";
const VERSION: &str = "version";

/// How many bytes of section names programs and variables may hold, for each byte of the file.
const SECTION_NAMES: u64 = 8;

impl ObjectSpec {
    /// Reads an object file.
    ///
    /// # Errors
    /// [`ParseError`] says where the fault is and what; a file that is no object for eBPF is named for what it is.
    pub fn parse(bytes: &[u8]) -> Result<ObjectSpec, ParseError> {
        let elf = Elf::parse(bytes)?;
        let btf = types::read(&elf)?;
        let mut notes = Vec::new();
        let (license, kernel_version) = read_words(&elf, &mut notes);
        let externs = Externs::read(&elf, btf.as_ref())?;
        let btf = btf
            .map(|btf| types::correct(&elf, btf, &externs).map(Arc::new))
            .transpose()?;
        let mut code = Code::find(&elf)?;
        let maps = Maps::read(&elf, btf.as_ref(), &externs, &mut notes)?;
        code.resolve(
            &elf,
            &References {
                elf: &elf,
                maps: &maps,
                externs: &externs,
            },
        )?;
        let names: Vec<Arc<str>> = maps
            .specs
            .iter()
            .map(|map| map.name.as_str().into())
            .collect();
        let maps = maps.finish(&elf, &code, &names)?;

        let records = Records::read(&elf, &code, btf.as_deref())?;
        let mut linker = Linker::new(&code, &records, &names, &externs.symbols);
        let mut programs = Vec::new();
        let what = "the length of section names, once for each program and variable,";
        let mut copies = Allowance::new(what, bytes.len(), SECTION_NAMES);
        let (mut section, mut meaning) = ("", hook::section(""));
        for name in code.programs() {
            let own = code.section_name(name.function);
            if own != section {
                (section, meaning) = (own, hook::section(own));
            }
            copies.spend(section.len())?;
            let mut program = describe(name, &meaning, section);
            program.license = license.clone();
            program.kernel_version = kernel_version;
            program.btf = btf.clone();
            linker.link(name.function, &mut program)?;
            programs.push(program);
        }
        let mut variables = Vec::new();
        for (at, section) in elf.sections.iter().enumerate() {
            if data::data_kind(section).is_some() {
                data::variables(&elf, at, btf.as_deref(), &mut copies, &mut variables)?;
            }
        }
        Ok(ObjectSpec {
            maps,
            programs,
            variables,
            kconfig: externs.kconfig,
            license,
            kernel_version,
            btf,
            endian: elf.endian,
            notes,
        })
    }

    /// Reads an object file from where its bytes come from.
    ///
    /// # Errors
    /// [`ReadError`]: the reader's error or that of [`parse`](Self::parse).
    pub fn parse_reader(mut reader: impl Read) -> Result<ObjectSpec, ReadError> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(ObjectSpec::parse(&bytes)?)
    }
}

/// An object that could not be read, or not understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Its bytes could not be read.
    #[error("cannot read the object: {0}")]
    Read(#[from] std::io::Error),
    /// Its bytes are no object.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

/// Licence and kernel release.
fn read_words(elf: &Elf<'_>, notes: &mut Vec<Note>) -> (Arc<str>, u32) {
    let license = match elf.section(LICENSE) {
        Some((_, section)) => {
            let text = section
                .data
                .split(|byte| *byte == 0)
                .next()
                .unwrap_or_default();
            String::from_utf8_lossy(text).into()
        }
        None => {
            notes.push(Note::NoLicense);
            "".into()
        }
    };
    let version = elf
        .section(VERSION)
        .and_then(|(_, section)| elf.endian.u32_at(section.data, 0));
    (license, version.unwrap_or(0))
}

/// A program without its instructions: what its section and its symbol say.
fn describe(name: &FunctionName<'_>, meaning: &SectionMeaning<'_>, section: &str) -> ProgramSpec {
    let name = program_name(name.name, section);
    let mut program = ProgramSpec::new(name, meaning.program_type, Vec::new());
    program.section = section.to_owned();
    program.expected_attach_type = meaning.attach_type;
    program.attach_to = meaning.attach_to.map(str::to_owned);
    program.flags = meaning.flags;
    program.optional = meaning.optional;
    program
}

/// The name of a program: that of its function, or of its section with `_` for what no name of a function has.
fn program_name(function: &str, section: &str) -> String {
    if function != section {
        return function.to_owned();
    }
    let name = section.trim_start_matches('?');
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' || c == '.' {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// All maps, and where in the file they are.
#[derive(Default)]
struct Maps {
    specs: Vec<MapSpec>,
    /// Section and byte of each map of a map section, with its place among the specs; ascending.
    at: Vec<((usize, u64), usize)>,
    /// For each section, the array that holds it.
    data: Vec<Option<usize>>,
    kconfig: Option<usize>,
    legacy: Vec<LegacyMap>,
    defined: Vec<(usize, Vec<BtfMap>)>,
    struct_ops: Vec<(usize, Vec<StructOps>)>,
}

impl Maps {
    fn read(
        elf: &Elf<'_>,
        btf: Option<&Arc<Btf>>,
        externs: &Externs,
        notes: &mut Vec<Note>,
    ) -> Result<Maps, ParseError> {
        let mut maps = Maps {
            data: vec![None; elf.sections.len()],
            ..Maps::default()
        };
        let strings_in_use = data::strings_in_use(elf);
        for (at, section) in elf.sections.iter().enumerate() {
            if let Some(kind) = data::data_kind(section) {
                if !data::is_strings(section) || strings_in_use.contains(&at) {
                    maps.read_data(elf, at, kind, btf, notes)?;
                }
            } else if !section.is_progbits() {
                continue;
            } else if legacy_map::is_legacy(section.name) {
                legacy_map::read(elf, at, &mut maps.specs, &mut maps.legacy)?;
            } else if section.name == btf_map::SECTION {
                let defined = btf_map::read(elf, at, btf, &mut maps.specs, notes)?;
                maps.defined.push((at, defined));
            } else if let Some(kind) = struct_ops::kind(section.name) {
                let variables = struct_ops::read(elf, at, kind, btf, &mut maps.specs)?;
                maps.struct_ops.push((at, variables));
            }
        }
        legacy_map::tie(elf, &mut maps.specs, &maps.legacy)?;
        if let Some(btf) = btf {
            legacy_map::find_types(btf, &mut maps.specs, &maps.legacy);
        }
        if let Some(map) = externs.kconfig_map(btf) {
            maps.kconfig = Some(maps.specs.len());
            maps.specs.push(map);
        }
        for spec in &mut maps.specs {
            adjust(spec, notes);
        }
        maps.check_names()?;
        let legacy = maps.legacy.iter().map(|map| (map.place(), map.index));
        let defined = maps
            .defined
            .iter()
            .flat_map(|(section, maps)| maps.iter().map(|map| ((*section, map.offset), map.index)));
        maps.at = legacy.chain(defined).collect();
        maps.at.sort_unstable();
        Ok(maps)
    }

    fn read_data(
        &mut self,
        elf: &Elf<'_>,
        at: usize,
        kind: DataKind,
        btf: Option<&Arc<Btf>>,
        notes: &mut Vec<Note>,
    ) -> Result<(), ParseError> {
        let (Some(section), Some(place)) = (elf.sections.get(at), self.data.get_mut(at)) else {
            return Ok(());
        };
        *place = Some(self.specs.len());
        self.specs.push(data::data_map(elf, section, kind, btf)?);
        let count = elf.relocations(at).count() as u64;
        if count > 0 {
            let section = section.name.to_owned();
            notes.push(Note::Pointers { section, count });
        }
        Ok(())
    }

    /// Programs name their maps, so that no two may have the same name.
    fn check_names(&self) -> Result<(), ParseError> {
        let mut names: Vec<&str> = self.specs.iter().map(|spec| &*spec.name).collect();
        names.sort_unstable();
        let mut pairs = names.iter().zip(names.iter().skip(1));
        match pairs.find(|(one, next)| one == next) {
            Some((name, _)) => {
                let (map, problem) = ((*name).to_owned(), MapProblem::SameName);
                Err(ParseError::file(ParseErrorKind::Map { map, problem }))
            }
            None => Ok(()),
        }
    }

    /// Fills in which maps and programs the maps start with.
    fn finish(
        mut self,
        elf: &Elf<'_>,
        code: &Code<'_>,
        names: &[Arc<str>],
    ) -> Result<Vec<MapSpec>, ParseError> {
        let program_at = |section, offset| {
            let function = code.functions.get(code.function_at(section, offset)?)?;
            Some(program_name(function.name, elf.section_name(section)).into())
        };
        for (section, maps) in &self.defined {
            btf_map::initialise(elf, *section, maps, names, &mut self.specs, program_at)?;
        }
        for (section, variables) in &self.struct_ops {
            struct_ops::initialise(elf, *section, variables, &mut self.specs, program_at)?;
        }
        Ok(self.specs)
    }
}

/// Tells code what its relocations lead to.
struct References<'r, 'a> {
    elf: &'r Elf<'a>,
    maps: &'r Maps,
    externs: &'r Externs,
}

impl Referents for References<'_, '_> {
    fn at(
        &self,
        from: &CodeSection<'_>,
        insn: u32,
        section: usize,
        offset: i64,
        symbol: &Symbol<'_>,
    ) -> Result<Target, ParseError> {
        let instruction = u64::from(insn);
        let target = || self.elf.section_name(section).to_owned();
        let fault = |kind| Err(ParseError::at(from.name, instruction * 8, kind));
        if let Some(map) = self.maps.data.get(section).copied().flatten() {
            let size = self
                .elf
                .sections
                .get(section)
                .map_or(0, |section| section.size);
            return match u32::try_from(offset) {
                Ok(place) if u64::from(place) < size => Ok(Target::MapValue(map, place)),
                _ => fault(ParseErrorKind::DataRange {
                    instruction,
                    target: target(),
                    offset,
                    size,
                }),
            };
        }
        let place = u64::try_from(offset).ok();
        let map = place.and_then(|offset| {
            self.maps
                .at
                .binary_search_by_key(&(section, offset), |(place, _)| *place)
                .ok()
        });
        if let Some((_, map)) = map.and_then(|at| self.maps.at.get(at)) {
            return Ok(Target::Map(*map));
        }
        let name = self.elf.section_name(section);
        if name == btf_map::SECTION || legacy_map::is_legacy(name) {
            return fault(ParseErrorKind::NoMapThere {
                instruction,
                target: target(),
                offset,
            });
        }
        let symbol = self.elf.symbol_label(symbol).to_owned();
        fault(ParseErrorKind::RelocationTarget {
            instruction,
            symbol,
            target: target(),
        })
    }

    fn undefined(&self, symbol: u32) -> Option<Target> {
        self.externs.target(symbol, self.maps.kconfig)
    }
}
