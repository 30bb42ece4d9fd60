//! Section `.maps`: maps defined by variables whose types say what they are.
//!
//! Each member of the variable's structure says one thing. A number is the length of an array that the member points
//! to (`int (*max_entries)[64]`, what `__uint` makes) or the value of an enumeration (`__ulong`), a type what the member
//! points to (`__type`), and `values` is an array of pointers to inner maps or programs (`__array`).

use std::sync::Arc;

use super::elf::{Elf, Relocation};
use super::types::describe;
use super::{MapProblem, Note, ParseError, ParseErrorKind};
use crate::btf::{Btf, Kind, Member, Type, TypeId};
use crate::map::{InitialEntry, InitialValue, MapFlags, MapSpec, MapType, MapTypes, Pinning};

/// The section.
pub(super) const SECTION: &str = ".maps";

/// Bytes of a pointer in an object.
const POINTER: u64 = 8;

/// How many members a definition may have; there are twelve to know.
const MAX_MEMBERS: usize = 64;

/// Where a map's variable lies.
pub(super) struct BtfMap {
    /// Its place among all maps.
    pub(super) index: usize,
    pub(super) offset: u64,
    /// Where `values` begins, from the start of the section, and what is in it.
    values: Option<(u64, ValuesOf)>,
    end: u64,
}

/// What the initialisers of `values` point to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ValuesOf {
    Maps,
    Programs,
}

/// Reads the definitions, and adds the maps to `specs`.
pub(super) fn read(
    elf: &Elf<'_>,
    section: usize,
    btf: Option<&Arc<Btf>>,
    specs: &mut Vec<MapSpec>,
    notes: &mut Vec<Note>,
) -> Result<Vec<BtfMap>, ParseError> {
    let Some(contents) = elf
        .sections
        .get(section)
        .filter(|contents| contents.size > 0)
    else {
        return Ok(Vec::new());
    };
    let entries = btf.and_then(|btf| {
        Some((
            btf,
            btf.by_id(btf.find(SECTION, Kind::DATASEC)?)?.as_datasec()?,
        ))
    });
    let Some((btf, entries)) = entries else {
        return Err(ParseError::section(SECTION, ParseErrorKind::NeedsBtf));
    };
    let mut maps = Vec::with_capacity(entries.entries().len());
    for entry in entries.entries() {
        let offset = u64::from(entry.offset);
        let variable = btf
            .get(entry.type_id)
            .map_err(|error| ParseError::at(SECTION, offset, ParseErrorKind::Btf(error)))?;
        let name = variable.name();
        let Type::Var(var) = variable.get() else {
            continue;
        };
        let fault = |problem| {
            let map = name.to_owned();
            ParseError::at(SECTION, offset, ParseErrorKind::Map { map, problem })
        };
        let end = offset + u64::from(entry.size);
        if end > contents.size {
            let (symbol, start, size) = (name.to_owned(), offset, contents.size);
            return Err(ParseError::at(
                SECTION,
                start,
                ParseErrorKind::SymbolRange {
                    symbol,
                    start,
                    end,
                    size,
                },
            ));
        }
        if name.is_empty() {
            return Err(ParseError::at(SECTION, offset, ParseErrorKind::UnnamedMap));
        }
        let mut definition = Definition::new(btf, false);
        definition.read(var.type_id).map_err(fault)?;
        let values = definition
            .values
            .map(|(at, of)| (offset + u64::from(at), of));
        let spec = definition.finish(name, notes).map_err(fault)?;
        maps.push(BtfMap {
            index: specs.len(),
            offset,
            values,
            end,
        });
        specs.push(spec);
    }
    Ok(maps)
}

/// What the members have said so far.
struct Definition<'b> {
    btf: &'b Arc<Btf>,
    is_inner: bool,
    map_type: Option<u32>,
    max_entries: u32,
    flags: u32,
    numa_node: Option<u32>,
    map_extra: u64,
    key_size: Option<u32>,
    value_size: Option<u32>,
    key: TypeId,
    value: TypeId,
    pinning: u64,
    /// Where `values` begins, from the start of the variable, and what is in it.
    values: Option<(u32, ValuesOf)>,
    inner: Option<Box<Definition<'b>>>,
}

impl<'b> Definition<'b> {
    fn new(btf: &'b Arc<Btf>, is_inner: bool) -> Definition<'b> {
        Definition {
            btf,
            is_inner,
            map_type: None,
            max_entries: 0,
            flags: 0,
            numa_node: None,
            map_extra: 0,
            key_size: None,
            value_size: None,
            key: TypeId::VOID,
            value: TypeId::VOID,
            pinning: 0,
            values: None,
            inner: None,
        }
    }

    fn read(&mut self, id: TypeId) -> Result<(), MapProblem> {
        let btf = self.btf;
        let Type::Struct(structure) = btf.resolve(id)?.get() else {
            let found = describe(btf, id);
            return Err(MapProblem::NotStruct { found });
        };
        if structure.members().len() > MAX_MEMBERS {
            let limit = MAX_MEMBERS;
            return Err(MapProblem::TooManyMembers { limit });
        }
        for member in structure.members() {
            self.member(&member)?;
        }
        Ok(())
    }

    fn member(&mut self, member: &Member<'b>) -> Result<(), MapProblem> {
        match member.name {
            "type" => self.map_type = Some(self.number32(member)?),
            "max_entries" => self.max_entries = self.number32(member)?,
            "map_flags" => self.flags = self.number32(member)?,
            "numa_node" => self.numa_node = Some(self.number32(member)?),
            "map_extra" => self.map_extra = self.number(member)?,
            "key_size" => {
                let size = self.number32(member)?;
                agree(member, &mut self.key_size, size)?;
            }
            "value_size" => {
                let size = self.number32(member)?;
                agree(member, &mut self.value_size, size)?;
            }
            "key" => {
                self.key = self.pointed(member)?;
                let size = self.btf.size_of(self.key)?;
                agree(member, &mut self.key_size, size)?;
            }
            "value" => {
                self.value = self.pointed(member)?;
                let size = self.btf.size_of(self.value)?;
                agree(member, &mut self.value_size, size)?;
            }
            "pinning" if !self.is_inner => {
                self.pinning = self.number(member)?;
            }
            "values" => self.values(member)?,
            unknown => {
                let member = unknown.to_owned();
                return Err(MapProblem::UnknownMember { member });
            }
        }
        Ok(())
    }

    /// `__array(values, …)`: pointers to inner maps or to programs.
    fn values(&mut self, member: &Member<'b>) -> Result<(), MapProblem> {
        if self.is_inner {
            return Err(MapProblem::NestedTooDeep);
        }
        let btf = self.btf;
        let malformed = || MapProblem::Member {
            member: member.name.to_owned(),
            expected: "an array of pointers to inner maps or programs (`__array(values, …)`), the last member",
        };
        let Type::Array(array) = btf.resolve(member.type_id)?.get() else {
            return Err(malformed());
        };
        let Type::Ptr(target) = btf.resolve(array.element)?.get() else {
            return Err(malformed());
        };
        let of = match btf.resolve(target)?.get() {
            Type::Struct(_) => {
                let mut inner = Definition::new(btf, true);
                inner.read(target)?;
                self.inner = Some(Box::new(inner));
                ValuesOf::Maps
            }
            Type::FuncProto(_) => ValuesOf::Programs,
            _ => return Err(malformed()),
        };
        self.values = Some((member.bit_offset / 8, of));
        Ok(())
    }

    fn number32(&self, member: &Member<'b>) -> Result<u32, MapProblem> {
        u32::try_from(self.number(member)?).map_err(|_| not_a_number(member))
    }

    /// `__uint(name, n)` or `__ulong(name, n)`.
    fn number(&self, member: &Member<'b>) -> Result<u64, MapProblem> {
        match self.btf.resolve(member.type_id)?.get() {
            Type::Ptr(target) => match self.btf.resolve(target)?.get() {
                Type::Array(array) => Ok(u64::from(array.count)),
                _ => Err(not_a_number(member)),
            },
            Type::Enum(values) => {
                let first = values
                    .enumerators()
                    .next()
                    .ok_or_else(|| not_a_number(member))?;
                u64::try_from(first.value).map_err(|_| not_a_number(member))
            }
            _ => Err(not_a_number(member)),
        }
    }

    /// `__type(name, T)`.
    fn pointed(&self, member: &Member<'b>) -> Result<TypeId, MapProblem> {
        match self.btf.resolve(member.type_id)?.get() {
            Type::Ptr(target) => Ok(target),
            _ => Err(MapProblem::Member {
                member: member.name.to_owned(),
                expected: "a pointer to the type (`__type(…)`)",
            }),
        }
    }

    fn finish(self, name: &str, notes: &mut Vec<Note>) -> Result<MapSpec, MapProblem> {
        let map_type = MapType(self.map_type.ok_or(MapProblem::NoType)?);
        let (key_size, value_size) = (self.key_size.unwrap_or(0), self.value_size.unwrap_or(0));
        let mut spec = MapSpec::new(name, map_type, key_size, value_size, self.max_entries);
        spec.flags = MapFlags(self.flags);
        spec.numa_node = self.numa_node;
        spec.map_extra = self.map_extra;
        match self.pinning {
            0 => {}
            1 => spec.pinning = Pinning::ByName,
            found => {
                let map = name.to_owned();
                notes.push(Note::Pinning { map, found });
            }
        }
        if !self.key.is_void() || !self.value.is_void() {
            let (btf, key, value) = (self.btf.clone(), self.key, self.value);
            spec.types = Some(MapTypes { btf, key, value });
        }
        if let Some((_, of)) = self.values {
            let fits = match of {
                ValuesOf::Maps => map_type.holds_maps(),
                ValuesOf::Programs => map_type == MapType::PROG_ARRAY,
            };
            if !fits {
                let map_type = map_type.to_string();
                return Err(MapProblem::Values { map_type });
            }
            let size = *self.value_size.as_ref().unwrap_or(&4);
            spec.value_size = size;
        }
        if let Some(inner) = self.inner {
            let inner = inner.finish(&format!("{name}.inner"), notes)?;
            if inner.map_type.holds_maps() {
                return Err(MapProblem::NestedTooDeep);
            }
            spec.inner = Some(Box::new(inner));
        }
        Ok(spec)
    }
}

/// Sets a size, or checks that it is what another member said.
fn agree(member: &Member<'_>, size: &mut Option<u32>, second: u32) -> Result<(), MapProblem> {
    match size {
        Some(first) if *first != second => {
            let (member, first) = (member.name.to_owned(), *first);
            Err(MapProblem::Conflict {
                member,
                first,
                second,
            })
        }
        _ => {
            *size = Some(second);
            Ok(())
        }
    }
}

fn not_a_number(member: &Member<'_>) -> MapProblem {
    MapProblem::Member {
        member: member.name.to_owned(),
        expected: "a number (`__uint(…)`)",
    }
}

/// Turns the relocations of the section into what the maps start with.
///
/// `names` are those of all maps, and `program_at` tells that of the program at a place of any section.
pub(super) fn initialise(
    elf: &Elf<'_>,
    section: usize,
    maps: &[BtfMap],
    names: &[Arc<str>],
    specs: &mut [MapSpec],
    program_at: impl Fn(usize, u64) -> Option<Arc<str>>,
) -> Result<(), ParseError> {
    let mut relocations: Vec<Relocation> = elf.relocations(section).collect();
    relocations.sort_by_key(|relocation| relocation.offset);
    relocations.dedup_by_key(|relocation| relocation.offset);
    for relocation in relocations {
        let symbol = elf.symbol_of(&relocation, section)?;
        let at = maps.partition_point(|map| map.offset <= relocation.offset);
        let map = at.checked_sub(1).and_then(|at| maps.get(at));
        let Some(map) = map.filter(|map| relocation.offset < map.end) else {
            let kind = ParseErrorKind::RelocationType {
                relocation: relocation.kind,
                symbol: elf.symbol_label(symbol).to_owned(),
                place: "a place outside of all maps".to_owned(),
            };
            return Err(ParseError::at(SECTION, relocation.offset, kind));
        };
        let place = symbol.value.wrapping_add(elf.addend(&relocation, section));
        let value = match (map.values, symbol.section) {
            (Some((_, ValuesOf::Maps)), Some(of)) if of == section => {
                let inner = maps.binary_search_by_key(&place, |map| map.offset).ok();
                let inner = inner.and_then(|at| names.get(maps.get(at)?.index));
                inner.cloned().map(InitialValue::Map)
            }
            (Some((_, ValuesOf::Programs)), Some(of)) => {
                program_at(of, place).map(InitialValue::Program)
            }
            _ => None,
        };
        let slot = map.values.and_then(|(start, _)| {
            let bytes = relocation.offset.checked_sub(start)?;
            bytes.is_multiple_of(POINTER).then_some(bytes / POINTER)
        });
        let spec = specs.get_mut(map.index);
        match (spec, value, slot) {
            (Some(spec), Some(value), Some(slot)) => {
                let key = elf.endian.u32_bytes(slot as u32).to_vec();
                spec.contents.push(InitialEntry { key, value });
            }
            (spec, ..) => {
                let symbol = elf.symbol_label(symbol).to_owned();
                let at = relocation.offset - map.offset;
                let map = spec.map_or("", |spec| &spec.name).to_owned();
                let problem = MapProblem::Relocation { symbol, at };
                let kind = ParseErrorKind::Map { map, problem };
                return Err(ParseError::at(SECTION, relocation.offset, kind));
            }
        }
    }
    Ok(())
}
