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

/// The smallest page: what the size of a ring buffer must be a multiple of, on every machine.
const PAGE: u32 = 4096;

/// How many members a definition may have; there are twelve to know.
const MAX_MEMBERS: usize = 64;

/// A map and where its variable lies.
pub(super) struct BtfMap {
    pub(super) spec: MapSpec,
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

/// Reads the definitions.
pub(super) fn read(
    elf: &Elf<'_>,
    section: usize,
    btf: Option<&Arc<Btf>>,
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
            spec,
            offset,
            values,
            end,
        });
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
    pinning: Pinning,
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
            pinning: Pinning::None,
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
                self.pinning = match self.number(member)? {
                    0 => Pinning::None,
                    1 => Pinning::ByName,
                    found => return Err(MapProblem::Pinning { found }),
                };
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
        spec.pinning = self.pinning;
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
        adjust(&mut spec, notes);
        Ok(spec)
    }
}

/// Puts right what every kernel would refuse and nobody can have meant.
fn adjust(spec: &mut MapSpec, notes: &mut Vec<Note>) {
    match spec.map_type {
        MapType::RINGBUF | MapType::USER_RINGBUF => {
            if spec.key_size != 0 || spec.value_size != 0 {
                (spec.key_size, spec.value_size, spec.types) = (0, 0, None);
                let map = spec.name.clone();
                notes.push(Note::RingBufferTypes { map });
            }
            let fits = spec.max_entries.is_power_of_two() && spec.max_entries.is_multiple_of(PAGE);
            let rounded = spec.max_entries.max(PAGE).checked_next_power_of_two();
            if let (false, true, Some(to)) = (fits, spec.max_entries != 0, rounded) {
                let (map, from) = (spec.name.clone(), spec.max_entries);
                spec.max_entries = to;
                notes.push(Note::RingBufferSize { map, from, to });
            }
        }
        MapType::PERF_EVENT_ARRAY => {
            for size in [&mut spec.key_size, &mut spec.value_size] {
                if *size == 0 {
                    *size = 4;
                }
            }
        }
        _ => {}
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
/// `map_at` tells the name of the map at a place in this section, `program_at` that of the program at a place of any.
pub(super) fn initialise(
    elf: &Elf<'_>,
    section: usize,
    maps: &mut [BtfMap],
    program_at: impl Fn(usize, u64) -> Option<Arc<str>>,
) -> Result<(), ParseError> {
    maps.sort_by_key(|map| map.offset);
    let names: Vec<(u64, Arc<str>)> = maps
        .iter()
        .map(|map| (map.offset, map.spec.name.as_str().into()))
        .collect();
    let map_at = |offset: u64| {
        let at = names
            .binary_search_by_key(&offset, |(offset, _)| *offset)
            .ok()?;
        names.get(at).map(|(_, name)| name.clone())
    };
    let mut relocations: Vec<Relocation> = elf.relocations(section).collect();
    relocations.sort_by_key(|relocation| relocation.offset);
    relocations.dedup_by_key(|relocation| relocation.offset);
    for relocation in relocations {
        let symbol = elf.symbol_of(&relocation, section)?;
        let label = elf.symbol_label(symbol);
        let at = maps.partition_point(|map| map.offset <= relocation.offset);
        let map = at
            .checked_sub(1)
            .and_then(|at| maps.get_mut(at))
            .filter(|map| relocation.offset < map.end);
        let Some(map) = map else {
            let (relocation, symbol, place) = (
                relocation.kind,
                label.to_owned(),
                "a place outside of all maps".to_owned(),
            );
            return Err(ParseError::at(
                SECTION,
                0,
                ParseErrorKind::RelocationType {
                    relocation,
                    symbol,
                    place,
                },
            ));
        };
        let contents = elf
            .sections
            .get(section)
            .map_or(&[][..], |section| section.data);
        let stored = usize::try_from(relocation.offset)
            .ok()
            .and_then(|at| elf.endian.u64_at(contents, at));
        let place = symbol.value.wrapping_add(
            relocation
                .addend
                .map_or(stored.unwrap_or(0), |addend| addend as u64),
        );
        let value = match (map.values, symbol.section) {
            (Some((_, ValuesOf::Maps)), Some(of)) if of == section => {
                map_at(place).map(InitialValue::Map)
            }
            (Some((_, ValuesOf::Programs)), Some(of)) => {
                program_at(of, place).map(InitialValue::Program)
            }
            _ => None,
        };
        let index = map.values.and_then(|(start, _)| {
            let from_start = relocation.offset.checked_sub(start)?;
            (from_start % POINTER == 0).then_some(from_start / POINTER)
        });
        let (Some(value), Some(index)) = (value, index) else {
            let (symbol, at) = (label.to_owned(), relocation.offset - map.offset);
            let (map, problem) = (map.spec.name.clone(), MapProblem::Relocation { symbol, at });
            return Err(ParseError::at(
                SECTION,
                relocation.offset,
                ParseErrorKind::Map { map, problem },
            ));
        };
        let key = elf.endian.u32_bytes(index as u32).to_vec();
        map.spec.contents.push(InitialEntry { key, value });
    }
    Ok(())
}
