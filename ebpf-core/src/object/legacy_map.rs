//! Sections `maps` and `maps/NAME`: maps defined by C structures of several shapes, told apart by their size.
//!
//! | bytes | whose | words |
//! |---|---|---|
//! | 16 | the kernel's samples before 4.6 | type, key, value, max_entries |
//! | 20 | libbpf | … flags |
//! | 28 | the kernel's samples, aya | … inner map's index, NUMA node / id, pinning |
//! | 36 | iproute2 | … id, pinning, inner map's id, slot in the outer map |
//! | 40 | goebpf | … padding, pointer to the inner map, pointer to a path |
//!
//! A longer structure is read as libbpf reads it: the first 20 bytes, if all that follows is zero.

use std::path::PathBuf;

use super::elf::{Elf, Relocation, Symbol};
use super::{MapProblem, ParseError, ParseErrorKind};
use crate::map::{InitialEntry, InitialValue, MapFlags, MapSpec, MapType, Pinning};

/// Where iproute2 shares maps that every program may see.
const IPROUTE2_GLOBALS: &str = "/sys/fs/bpf/tc/globals/";

/// Whether a section of this name holds such definitions.
pub(super) fn is_legacy(name: &str) -> bool {
    name == "maps" || name.starts_with("maps/")
}

/// A map, and how it is tied to others.
pub(super) struct LegacyMap {
    pub(super) spec: MapSpec,
    pub(super) offset: u64,
    /// What its inner maps are like.
    inner: Inner,
    /// For iproute2: the number others know it by, and the slot of the outer map where it is to be put.
    id: u32,
    slot: Option<u32>,
}

enum Inner {
    None,
    /// The map at a place in a section.
    At {
        section: usize,
        offset: u64,
        name: String,
    },
    /// The map of this index in its section.
    Index(u32),
    /// The map with this number.
    Id(u32),
}

/// Reads the definitions of a section.
pub(super) fn read(elf: &Elf<'_>, section: usize) -> Result<Vec<LegacyMap>, ParseError> {
    let Some(contents) = elf.sections.get(section) else {
        return Ok(Vec::new());
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
        return if size == 0 {
            Ok(Vec::new())
        } else {
            Err(fault(0, ParseErrorKind::UnnamedMap))
        };
    };
    if first.value != 0 {
        return Err(fault(0, ParseErrorKind::UnnamedMap));
    }
    let count = symbols.len() as u64;
    let mut relocations: Vec<Relocation> = elf.relocations(section).collect();
    relocations.sort_by_key(|relocation| relocation.offset);
    let mut maps = Vec::with_capacity(symbols.len());
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
        // Alignment may leave up to seven bytes between definitions; more is one that no symbol names.
        if next - end >= 8 {
            return Err(fault(end, ParseErrorKind::UnnamedMap));
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
        maps.push(definition.read()?);
    }
    Ok(maps)
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
    fn read(&self) -> Result<LegacyMap, ParseError> {
        let word = |at: usize| self.word(at);
        let mut spec = MapSpec::new(self.name, MapType(word(0)), word(1), word(2), word(3));
        spec.flags = MapFlags(if self.bytes.len() >= 20 { word(4) } else { 0 });
        let mut map = LegacyMap {
            spec,
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
            28 => self.read_samples(&mut map),
            36 => self.read_iproute2(&mut map),
            40 => self.read_goebpf(&mut map)?,
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
        Ok(map)
    }

    /// What the kernel's samples and aya made of 28 bytes. They agree where it matters: an inner map's index counts for
    /// maps of maps, a NUMA node with its flag, and pinning by name else.
    fn read_samples(&self, map: &mut LegacyMap) {
        let (fifth, sixth) = (self.word(5), self.word(6));
        if map.spec.map_type.holds_maps() {
            map.inner = Inner::Index(fifth);
        }
        if map.spec.flags.contains(MapFlags::NUMA_NODE) {
            map.spec.numa_node = Some(sixth);
        } else if sixth == 1 {
            map.spec.pinning = Pinning::ByName;
        }
    }

    fn read_iproute2(&self, map: &mut LegacyMap) {
        let (id, pinning, inner_id, slot) =
            (self.word(5), self.word(6), self.word(7), self.word(8));
        map.id = id;
        if map.spec.map_type.holds_maps() {
            map.inner = Inner::Id(inner_id);
        } else if id != 0 && slot != u32::MAX {
            map.slot = Some(slot);
        }
        map.spec.pinning = match pinning {
            0 => Pinning::None,
            2 => Pinning::Path(PathBuf::from(format!("{IPROUTE2_GLOBALS}{}", self.name))),
            _ => Pinning::ByName,
        };
    }

    fn read_goebpf(&self, map: &mut LegacyMap) -> Result<(), ParseError> {
        let mut pointed = [false; 2];
        for relocation in self.relocations {
            let at = relocation.offset - self.start;
            let symbol = self.elf.symbol_of(relocation, self.section)?;
            let addend = match relocation.addend {
                Some(addend) => addend as u64,
                None => self.elf.endian.u64_at(self.bytes, at as usize).unwrap_or(0),
            };
            let place = symbol.value.wrapping_add(addend);
            match (at, symbol.section) {
                (24, Some(section)) => {
                    let name = self.elf.symbol_label(symbol).to_owned();
                    map.inner = Inner::At {
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
                        map.spec.pinning = Pinning::Path(PathBuf::from(path));
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
///
/// `maps` are those of all legacy sections, each with the number of its section.
pub(super) fn tie(elf: &Elf<'_>, maps: &mut [(usize, LegacyMap)]) -> Result<(), ParseError> {
    for at in 0..maps.len() {
        let Some((section, map)) = maps.get(at) else {
            break;
        };
        let (section, offset) = (*section, map.offset);
        let (wanted, found) = match &map.inner {
            Inner::None => continue,
            Inner::At {
                section,
                offset,
                name,
            } => {
                let same = |(of, map): &(usize, LegacyMap)| of == section && map.offset == *offset;
                (format!("`{name}`"), maps.iter().find(|map| same(map)))
            }
            Inner::Index(index) => {
                let mut ours = maps.iter().filter(|(of, _)| *of == section);
                (
                    format!("{index} in this section"),
                    ours.nth(*index as usize),
                )
            }
            Inner::Id(id) => {
                let same = |(_, map): &(usize, LegacyMap)| {
                    map.id == *id && !map.spec.map_type.holds_maps()
                };
                (
                    format!("with id {id}"),
                    maps.iter().find(|map| *id != 0 && same(map)),
                )
            }
        };
        let found = found.filter(|(_, inner)| !inner.spec.map_type.holds_maps());
        let Some((_, inner)) = found else {
            let (map, problem) = (map.spec.name.clone(), MapProblem::NoInnerMap { wanted });
            let kind = ParseErrorKind::Map { map, problem };
            return Err(ParseError::at(elf.section_name(section), offset, kind));
        };
        let template = MapSpec {
            pinning: Pinning::None,
            ..inner.spec.clone()
        };
        if let Some((_, map)) = maps.get_mut(at) {
            map.spec.inner = Some(Box::new(template));
        }
    }
    put_in_slots(elf, maps);
    Ok(())
}

/// Writes iproute2's inner maps into the slots of the outer maps that name their number.
fn put_in_slots(elf: &Elf<'_>, maps: &mut [(usize, LegacyMap)]) {
    let mut outer_of = std::collections::HashMap::new();
    for (at, (_, map)) in maps.iter().enumerate().rev() {
        if let Inner::Id(id) = map.inner {
            outer_of.insert(id, at);
        }
    }
    for at in 0..maps.len() {
        let Some((
            _,
            LegacyMap {
                slot: Some(slot),
                id,
                spec,
                ..
            },
        )) = maps.get(at)
        else {
            continue;
        };
        let entry = InitialEntry {
            key: elf.endian.u32_bytes(*slot).to_vec(),
            value: InitialValue::Map(spec.name.as_str().into()),
        };
        let outer = outer_of.get(id).and_then(|outer| maps.get_mut(*outer));
        if let Some((_, outer)) = outer {
            outer.spec.contents.push(entry);
        }
    }
}
