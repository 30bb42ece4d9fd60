//! Sections `maps` and `maps/NAME`: maps defined by C structures of several shapes, told apart by their size.
//!
//! | bytes | whose | words |
//! |---|---|---|
//! | 16 | the kernel's samples before 4.6 | type, key, value, max_entries |
//! | 20 | libbpf | … flags |
//! | 28 | the kernel's samples, aya | … inner map's index, NUMA node / id, pinning |
//! | 36 | iproute2 | … id, pinning, inner map's id, slot in the outer map |
//! | 280 | gobpf | … pinning, 256 bytes with the name of a directory |
//! | 40 | goebpf | … padding, pointer to the inner map, pointer to a path |
//!
//! A longer structure is read as libbpf reads it: the first 20 bytes, if all that follows is zero.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::elf::{Elf, Relocation, Symbol};
use super::{MapProblem, ParseError, ParseErrorKind};
use crate::btf::{Btf, Kind};
use crate::map::{InitialEntry, InitialValue, MapFlags, MapSpec, MapType, MapTypes, Pinning};

/// Where the bpffs is that older loaders pin maps in.
const BPFFS: &str = "/sys/fs/bpf";

/// Whether a section of this name holds such definitions.
pub(super) fn is_legacy(name: &str) -> bool {
    name == "maps" || name.starts_with("maps/")
}

/// How a map is tied to others.
pub(super) struct LegacyMap {
    /// Its place among all maps.
    pub(super) index: usize,
    section: usize,
    offset: u64,
    /// What its inner maps are like.
    inner: Inner,
    /// For iproute2: the number others know it by, and the slot of the outer map where it is to be put.
    id: u32,
    slot: Option<u32>,
}

impl LegacyMap {
    /// Its section and its byte in there.
    pub(super) fn place(&self) -> (usize, u64) {
        (self.section, self.offset)
    }
}

enum Inner {
    None,
    /// The map at a place in a section.
    At {
        section: usize,
        offset: u64,
        name: String,
    },
    /// The map of this index among all legacy ones.
    Index(u32),
    /// The map with this number.
    Id(u32),
}

/// Reads the definitions of a section: adds the maps to `specs`, and how they are tied to `ties`.
pub(super) fn read(
    elf: &Elf<'_>,
    section: usize,
    specs: &mut Vec<MapSpec>,
    ties: &mut Vec<LegacyMap>,
) -> Result<(), ParseError> {
    let Some(contents) = elf.sections.get(section) else {
        return Ok(());
    };
    let fault = |offset, kind| ParseError::at(contents.name, offset, kind);
    let size = contents.data.len() as u64;
    let mut symbols: Vec<Symbol<'_>> = Vec::new();
    for symbol in elf.named_in(section).filter(|symbol| !symbol.is_function()) {
        if symbols.last().is_none_or(|last| last.value != symbol.value) {
            symbols.push(*symbol);
        }
    }
    let Some(first) = symbols.first() else {
        return match size {
            0 => Ok(()),
            _ => Err(fault(0, ParseErrorKind::UnnamedMap)),
        };
    };
    // What lies between definitions is those that a linker gave up for stronger ones; but without sizes it would be taken
    // for a part of some definition.
    if first.value != 0 && first.size == 0 {
        return Err(fault(0, ParseErrorKind::UnnamedMap));
    }
    let count = symbols.len() as u64;
    let mut relocations: Vec<Relocation> = elf.relocations(section).collect();
    relocations.sort_by_key(|relocation| relocation.offset);
    for (at, symbol) in symbols.iter().enumerate() {
        let next = symbols.get(at + 1).map_or(size, |next| next.value);
        let length = match symbol.size {
            0 if size.is_multiple_of(count) => size / count,
            0 => {
                return Err(fault(
                    symbol.value,
                    ParseErrorKind::LegacySplit { maps: count, size },
                ));
            }
            size => size,
        };
        let end = symbol.value.saturating_add(length);
        if end > size || end > next {
            let (symbol, start) = (symbol.name.to_owned(), symbol.value);
            return Err(fault(
                start,
                ParseErrorKind::SymbolRange {
                    symbol,
                    start,
                    end,
                    size: next,
                },
            ));
        }
        let from = relocations.partition_point(|relocation| relocation.offset < symbol.value);
        let to = relocations.partition_point(|relocation| relocation.offset < end);
        let definition = Definition {
            elf,
            section,
            name: symbol.name,
            start: symbol.value,
            bytes: contents
                .data
                .get(symbol.value as usize..end as usize)
                .unwrap_or_default(),
            relocations: relocations.get(from..to).unwrap_or_default(),
        };
        let (spec, tie) = definition.read(specs.len())?;
        specs.push(spec);
        ties.push(tie);
    }
    Ok(())
}

/// One definition.
struct Definition<'a, 'e> {
    elf: &'e Elf<'a>,
    section: usize,
    name: &'a str,
    start: u64,
    bytes: &'a [u8],
    relocations: &'e [Relocation],
}

impl<'a> Definition<'a, '_> {
    fn read(&self, index: usize) -> Result<(MapSpec, LegacyMap), ParseError> {
        let word = |at: usize| self.word(at);
        let mut spec = MapSpec::new(self.name, MapType(word(0)), word(1), word(2), word(3));
        spec.flags = MapFlags(if self.bytes.len() >= 20 { word(4) } else { 0 });
        let mut tie = LegacyMap {
            index,
            section: self.section,
            offset: self.start,
            inner: Inner::None,
            id: 0,
            slot: None,
        };
        if self.bytes.len() != 40 {
            self.refuse_relocations()?;
        }
        match self.bytes.len() {
            16 | 20 => {}
            28 => self.read_samples(&mut spec, &mut tie),
            36 => self.read_iproute2(&mut spec, &mut tie),
            280 => self.read_gobpf(&mut spec)?,
            40 => self.read_goebpf(&mut spec, &mut tie)?,
            length => {
                let tail_is_zero = self
                    .bytes
                    .get(20..)
                    .is_some_and(|tail| tail.iter().all(|byte| *byte == 0));
                if !tail_is_zero {
                    let (map, size) = (self.name.to_owned(), length as u64);
                    return Err(self.fault(0, ParseErrorKind::LegacySize { map, size }));
                }
            }
        }
        Ok((spec, tie))
    }

    /// What the kernel's samples and aya made of 28 bytes. They agree where it matters: an inner map's index counts for
    /// maps of maps, a NUMA node with its flag, and pinning by name else.
    fn read_samples(&self, spec: &mut MapSpec, tie: &mut LegacyMap) {
        let (fifth, sixth) = (self.word(5), self.word(6));
        if spec.map_type.holds_maps() {
            tie.inner = Inner::Index(fifth);
        }
        if spec.flags.contains(MapFlags::NUMA_NODE) {
            spec.numa_node = Some(sixth);
        } else if sixth == 1 {
            spec.pinning = Pinning::ByName;
        }
    }

    fn read_iproute2(&self, spec: &mut MapSpec, tie: &mut LegacyMap) {
        let (id, pinning, inner_id, slot) =
            (self.word(5), self.word(6), self.word(7), self.word(8));
        tie.id = id;
        if spec.map_type.holds_maps() {
            tie.inner = Inner::Id(inner_id);
        } else if id != 0 && slot != u32::MAX {
            tie.slot = Some(slot);
        }
        spec.pinning = match pinning {
            0 => Pinning::None,
            2 => Pinning::Path(PathBuf::from(format!("{BPFFS}/tc/globals/{}", self.name))),
            _ => Pinning::ByName,
        };
    }

    /// gobpf: by name, or in a directory that the definition names.
    fn read_gobpf(&self, spec: &mut MapSpec) -> Result<(), ParseError> {
        spec.pinning = match self.word(5) {
            0 => Pinning::None,
            2 => {
                let directory = string_at(self.bytes, 24).filter(|name| !name.is_empty());
                let directory = directory.ok_or_else(|| self.problem(24, MapProblem::Path))?;
                Pinning::Path(PathBuf::from(format!(
                    "{BPFFS}/{directory}/globals/{}",
                    self.name
                )))
            }
            _ => Pinning::ByName,
        };
        Ok(())
    }

    fn read_goebpf(&self, spec: &mut MapSpec, tie: &mut LegacyMap) -> Result<(), ParseError> {
        let mut pointed = [false; 2];
        for relocation in self.relocations {
            let at = relocation.offset - self.start;
            let symbol = self.elf.symbol_of(relocation, self.section)?;
            let place = symbol
                .value
                .wrapping_add(self.elf.addend(relocation, self.section));
            match (at, symbol.section) {
                (24, Some(section)) => {
                    let name = self.elf.symbol_label(symbol).to_owned();
                    tie.inner = Inner::At {
                        section,
                        offset: place,
                        name,
                    };
                    pointed[0] = true;
                }
                (32, Some(section)) => {
                    let path = self
                        .elf
                        .sections
                        .get(section)
                        .and_then(|section| string_at(section.data, place));
                    let path = path.ok_or_else(|| self.problem(at, MapProblem::Path))?;
                    if !path.is_empty() {
                        spec.pinning = Pinning::Path(PathBuf::from(path));
                    }
                    pointed[1] = true;
                }
                _ => {
                    let symbol = self.elf.symbol_label(symbol).to_owned();
                    return Err(self.problem(at, MapProblem::Relocation { symbol, at }));
                }
            }
        }
        // Without a relocation a pointer is null; anything else there is some other structure.
        let nonzero = |from: usize, to: usize| {
            self.bytes
                .get(from..to)
                .is_none_or(|part| part.iter().any(|byte| *byte != 0))
        };
        if nonzero(20, 24) || !pointed[0] && nonzero(24, 32) || !pointed[1] && nonzero(32, 40) {
            let (map, size) = (self.name.to_owned(), self.bytes.len() as u64);
            return Err(self.fault(20, ParseErrorKind::LegacySize { map, size }));
        }
        Ok(())
    }

    fn refuse_relocations(&self) -> Result<(), ParseError> {
        let Some(relocation) = self.relocations.first() else {
            return Ok(());
        };
        let at = relocation.offset - self.start;
        let symbol = self.elf.symbol_of(relocation, self.section)?;
        let symbol = self.elf.symbol_label(symbol).to_owned();
        Err(self.problem(at, MapProblem::Relocation { symbol, at }))
    }

    fn word(&self, at: usize) -> u32 {
        self.elf.endian.u32_at(self.bytes, 4 * at).unwrap_or(0)
    }

    fn fault(&self, at: u64, kind: ParseErrorKind) -> ParseError {
        ParseError::at(self.elf.section_name(self.section), self.start + at, kind)
    }

    fn problem(&self, at: u64, problem: MapProblem) -> ParseError {
        let map = self.name.to_owned();
        self.fault(at, ParseErrorKind::Map { map, problem })
    }
}

/// The NUL-terminated text at a place.
fn string_at(bytes: &[u8], at: u64) -> Option<&str> {
    let rest = bytes.get(usize::try_from(at).ok()?..)?;
    std::ffi::CStr::from_bytes_until_nul(rest)
        .ok()?
        .to_str()
        .ok()
}

/// Ties maps of maps to their templates, and iproute2's inner maps to their slots.
pub(super) fn tie(
    elf: &Elf<'_>,
    specs: &mut [MapSpec],
    ties: &[LegacyMap],
) -> Result<(), ParseError> {
    let is_plain = |tie: &LegacyMap| {
        let spec = specs.get(tie.index);
        spec.is_some_and(|spec| !spec.map_type.holds_maps())
    };
    let mut templates = Vec::new();
    for tie in ties {
        let (wanted, found) = match &tie.inner {
            Inner::None => continue,
            Inner::At {
                section,
                offset,
                name,
            } => {
                let place = (*section, *offset);
                let found = ties.iter().find(|tie| tie.place() == place);
                (format!("`{name}`"), found)
            }
            Inner::Index(index) => {
                let found = ties.get(*index as usize);
                (format!("number {index}"), found)
            }
            Inner::Id(id) => {
                let found = ties.iter().find(|tie| tie.id == *id && is_plain(tie));
                (format!("with id {id}"), found.filter(|_| *id != 0))
            }
        };
        match found {
            Some(inner) if is_plain(inner) => templates.push((tie.index, inner.index)),
            _ => {
                let map = specs
                    .get(tie.index)
                    .map_or("", |spec| &spec.name)
                    .to_owned();
                let problem = MapProblem::NoInnerMap { wanted };
                let kind = ParseErrorKind::Map { map, problem };
                let section = elf.section_name(tie.section);
                return Err(ParseError::at(section, tie.offset, kind));
            }
        }
    }
    for (outer, inner) in templates {
        let template = specs.get(inner).map(|inner| MapSpec {
            pinning: Pinning::None,
            ..inner.clone()
        });
        if let Some(outer) = specs.get_mut(outer) {
            outer.inner = template.map(Box::new);
        }
    }
    put_in_slots(elf, specs, ties);
    Ok(())
}

/// Writes iproute2's inner maps into the slots of the outer maps that name their number.
fn put_in_slots(elf: &Elf<'_>, specs: &mut [MapSpec], ties: &[LegacyMap]) {
    let mut outer_of = HashMap::new();
    for tie in ties {
        if let Inner::Id(id) = tie.inner {
            outer_of.entry(id).or_insert(tie.index);
        }
    }
    for tie in ties {
        let (Some(slot), Some(outer)) = (tie.slot, outer_of.get(&tie.id)) else {
            continue;
        };
        let inner = specs.get(tie.index).map(|inner| inner.name.as_str().into());
        if let (Some(outer), Some(inner)) = (specs.get_mut(*outer), inner) {
            outer.contents.push(InitialEntry {
                key: elf.endian.u32_bytes(slot).to_vec(),
                value: InitialValue::Map(inner),
            });
        }
    }
}

/// Finds the types of legacy maps in objects from before there was `.maps`: the structure `____btf_map_NAME` has a member
/// for the key and one for the value.
pub(super) fn find_types(btf: &Arc<Btf>, specs: &mut [MapSpec], ties: &[LegacyMap]) {
    for tie in ties {
        let Some(spec) = specs.get_mut(tie.index) else {
            continue;
        };
        let structure = btf.find(&format!("____btf_map_{}", spec.name), Kind::STRUCT);
        let structure = structure.and_then(|id| btf.by_id(id)?.as_composite());
        let types = structure.and_then(|structure| {
            let mut members = structure.members();
            let (key, value) = (members.next()?.type_id, members.next()?.type_id);
            let fits =
                btf.size_of(key) == Ok(spec.key_size) && btf.size_of(value) == Ok(spec.value_size);
            let btf = btf.clone();
            fits.then_some(MapTypes { btf, key, value })
        });
        spec.types = types;
    }
}
