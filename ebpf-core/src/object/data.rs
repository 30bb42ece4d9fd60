//! Data sections: `.data`, `.rodata`, `.bss` and their kin become arrays of one element, their variables a list.

use std::collections::HashSet;
use std::sync::Arc;

use super::allowance::Allowance;
use super::elf::{Elf, Section};
use super::{ParseError, ParseErrorKind, Variable};
use crate::btf::{Btf, Kind, TypeId, VarSecInfo};
use crate::map::{InitialEntry, InitialValue, MapFlags, MapSpec, MapType, MapTypes};

/// The largest value that an array may have: `array_map_alloc_check()` in kernel/bpf/arraymap.c.
const MAX_VALUE: u64 = i32::MAX as u64;

/// What a data section is to programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DataKind {
    Writable,
    ReadOnly,
}

/// What kind of data a section of this name holds; `None` if it holds none that programs refer to.
pub(super) fn data_kind(section: &Section<'_>) -> Option<DataKind> {
    let is = |stem: &str| match section.name.strip_prefix(stem) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    };
    if !(section.is_progbits() || section.is_nobits()) || section.is_code() || section.size == 0 {
        None
    } else if is(".rodata") {
        Some(DataKind::ReadOnly)
    } else if is(".data") || is(".bss") {
        Some(DataKind::Writable)
    } else {
        None
    }
}

/// Whether a section holds string constants, which have no names. Those that no program refers to are for the loader
/// alone (paths of legacy maps).
pub(super) fn is_strings(section: &Section<'_>) -> bool {
    section.name.starts_with(".rodata.str")
}

/// The sections of string constants that instructions refer to.
pub(super) fn strings_in_use(elf: &Elf<'_>) -> HashSet<usize> {
    let code = elf
        .sections
        .iter()
        .enumerate()
        .filter(|(_, section)| section.is_code());
    let relocations = code.flat_map(|(at, _)| elf.relocations(at));
    let symbols = relocations.filter_map(|relocation| elf.symbols.get(relocation.symbol as usize));
    let sections = symbols.filter_map(|symbol| symbol.section);
    sections
        .filter(|at| elf.sections.get(*at).is_some_and(is_strings))
        .collect()
}

/// The array that holds a data section.
pub(super) fn data_map(
    elf: &Elf<'_>,
    section: &Section<'_>,
    kind: DataKind,
    btf: Option<&Arc<Btf>>,
) -> Result<MapSpec, ParseError> {
    if section.size > MAX_VALUE {
        let (what, found, limit) = ("its size in bytes", section.size, MAX_VALUE);
        return Err(ParseError::section(
            section.name,
            ParseErrorKind::Limit { what, found, limit },
        ));
    }
    let mut map = MapSpec::new(section.name, MapType::ARRAY, 4, section.size as u32, 1);
    map.flags = MapFlags::MMAPABLE;
    if kind == DataKind::ReadOnly {
        map.flags |= MapFlags::RDONLY_PROG;
        map.freeze = true;
    }
    if section.data.iter().any(|byte| *byte != 0)
        || kind == DataKind::ReadOnly && !section.data.is_empty()
    {
        map.contents.push(first_value(elf, section.data.into()));
    }
    map.types = btf.and_then(|btf| {
        let value = btf.find(section.name, Kind::DATASEC)?;
        let (btf, key) = (btf.clone(), TypeId::VOID);
        Some(MapTypes { btf, key, value })
    });
    Ok(map)
}

/// Bytes for the first element of an array.
pub(super) fn first_value(elf: &Elf<'_>, bytes: Arc<[u8]>) -> InitialEntry {
    InitialEntry {
        key: elf.endian.u32_bytes(0).to_vec(),
        value: InitialValue::Bytes(bytes),
    }
}

/// Adds the variables of a data section: those the types tell, and those only symbols tell.
pub(super) fn variables(
    elf: &Elf<'_>,
    section: usize,
    btf: Option<&Btf>,
    copies: &mut Allowance,
    into: &mut Vec<Variable>,
) -> Result<(), ParseError> {
    let name = elf.section_name(section);
    let size = elf.sections.get(section).map_or(0, |section| section.size);
    let first = into.len();
    let entries = btf.and_then(|btf| {
        Some((
            btf,
            btf.by_id(btf.find(name, Kind::DATASEC)?)?.as_datasec()?,
        ))
    });
    if let Some((btf, entries)) = entries {
        for VarSecInfo {
            type_id,
            offset,
            size: length,
        } in entries.entries()
        {
            let Some(variable) = btf.by_id(type_id) else {
                continue;
            };
            let end = u64::from(offset) + u64::from(length);
            if variable.kind() == Kind::VAR && !variable.name().is_empty() && end <= size {
                copies.spend(name.len())?;
                into.push(Variable {
                    name: variable.name().to_owned(),
                    map: name.to_owned(),
                    offset,
                    size: length,
                    type_id: variable.target(),
                });
            }
        }
    }
    let typed = into.len();
    let place =
        |a: &Variable, b: &Variable| a.offset.cmp(&b.offset).then_with(|| a.name.cmp(&b.name));
    if let Some(known) = into.get_mut(first..) {
        known.sort_by(place);
    }
    for symbol in elf.named_in(section) {
        let end = symbol.value.saturating_add(symbol.size);
        if !symbol.is_object() || symbol.size == 0 || end > size {
            continue;
        }
        let known = into.get(first..typed).unwrap_or_default();
        let here = (symbol.value as u32, symbol.name);
        if known
            .binary_search_by(|variable| (variable.offset, variable.name.as_str()).cmp(&here))
            .is_err()
        {
            copies.spend(name.len())?;
            into.push(Variable {
                name: symbol.name.to_owned(),
                map: name.to_owned(),
                offset: symbol.value as u32,
                size: symbol.size as u32,
                type_id: None,
            });
        }
    }
    if let Some(all) = into.get_mut(first..) {
        all.sort_by(place);
    }
    Ok(())
}
