//! Sections `.struct_ops` and `.struct_ops.link`: variables that implement a structure of callbacks of the kernel.
//!
//! Each becomes a map of one element. It starts with the bytes of the variable, under key 0; and for each callback with
//! the program that implements it, under the callback's place: bytes from the start of the structure.

use std::sync::Arc;

use super::elf::{Elf, R_BPF_64_ABS64};
use super::{ParseError, ParseErrorKind, data, without_flavour};
use crate::btf::{Btf, Kind, Type, TypeId};
use crate::map::{InitialEntry, InitialValue, MapFlags, MapSpec, MapType, MapTypes};

/// Whether a section of this name holds such variables, and whether they are attached by a link and only when asked for.
pub(super) fn kind(section: &str) -> Option<StructOpsKind> {
    let (optional, name) = match section.strip_prefix('?') {
        Some(name) => (true, name),
        None => (false, section),
    };
    match name {
        ".struct_ops" => Some(StructOpsKind {
            link: false,
            optional,
        }),
        ".struct_ops.link" => Some(StructOpsKind {
            link: true,
            optional,
        }),
        _ => None,
    }
}

/// What the name of a section says of the variables in it.
#[derive(Clone, Copy)]
pub(super) struct StructOpsKind {
    link: bool,
    optional: bool,
}

/// A variable and where it lies.
pub(super) struct StructOps {
    /// Its place among all maps.
    index: usize,
    start: u64,
    end: u64,
}

/// Reads the variables of a section, and adds their maps to `specs`.
pub(super) fn read(
    elf: &Elf<'_>,
    section: usize,
    kind: StructOpsKind,
    btf: Option<&Arc<Btf>>,
    specs: &mut Vec<MapSpec>,
) -> Result<Vec<StructOps>, ParseError> {
    let Some(contents) = elf.sections.get(section) else {
        return Ok(Vec::new());
    };
    let btf = btf.ok_or_else(|| ParseError::section(contents.name, ParseErrorKind::NeedsBtf))?;
    let entries = btf.find(contents.name, Kind::DATASEC);
    let entries = entries.and_then(|id| btf.by_id(id)?.as_datasec());
    let entries =
        entries.ok_or_else(|| ParseError::section(contents.name, ParseErrorKind::NeedsBtf))?;
    let mut found = Vec::new();
    let mut last_end = 0;
    for entry in entries.entries() {
        let (start, end) = (
            u64::from(entry.offset),
            u64::from(entry.offset) + u64::from(entry.size),
        );
        let variable = btf.by_id(entry.type_id);
        let Some((name, Type::Var(var))) =
            variable.map(|variable| (variable.name(), variable.get()))
        else {
            continue;
        };
        let fault = |problem| {
            let name = name.to_owned();
            ParseError::at(
                contents.name,
                start,
                ParseErrorKind::StructOps { name, problem },
            )
        };
        let structure = btf
            .resolve(var.type_id)
            .ok()
            .and_then(|ty| ty.as_composite());
        let structure = structure.ok_or_else(|| fault("it is no structure"))?;
        let bytes = contents.data.get(start as usize..end as usize);
        let bytes = bytes.filter(|_| start >= last_end && entry.size == structure.size());
        let bytes = bytes.ok_or_else(|| fault("its size and its place do not fit the section"))?;
        last_end = end;
        let mut spec = MapSpec::new(name, MapType::STRUCT_OPS, 4, entry.size, 1);
        spec.struct_ops = Some(without_flavour(structure.as_type().name()).to_owned());
        spec.optional = kind.optional;
        if kind.link {
            spec.flags = MapFlags::LINK;
        }
        let (key, value) = (TypeId::VOID, structure.as_type().id());
        spec.types = Some(MapTypes {
            btf: btf.clone(),
            key,
            value,
        });
        spec.contents.push(data::first_value(elf, bytes.into()));
        found.push(StructOps {
            index: specs.len(),
            start,
            end,
        });
        specs.push(spec);
    }
    Ok(found)
}

/// Turns the relocations of the section into the programs that implement callbacks.
pub(super) fn initialise(
    elf: &Elf<'_>,
    section: usize,
    variables: &[StructOps],
    specs: &mut [MapSpec],
    program_at: impl Fn(usize, u64) -> Option<Arc<str>>,
) -> Result<(), ParseError> {
    for relocation in elf.relocations(section) {
        let symbol = elf.symbol_of(&relocation, section)?;
        let at = variables.partition_point(|variable| variable.start <= relocation.offset);
        let variable = at.checked_sub(1).and_then(|at| variables.get(at));
        let variable = variable.filter(|variable| relocation.offset < variable.end);
        let place = symbol.value.wrapping_add(elf.addend(&relocation, section));
        let program = symbol.section.and_then(|of| program_at(of, place));
        let program = program.filter(|_| relocation.kind == R_BPF_64_ABS64);
        let spec = variable.and_then(|variable| specs.get_mut(variable.index));
        let (Some(variable), Some(spec), Some(program)) = (variable, spec, program) else {
            let kind = ParseErrorKind::RelocationType {
                relocation: relocation.kind,
                symbol: elf.symbol_label(symbol).to_owned(),
                place: "a structure of callbacks, for it is no program".to_owned(),
            };
            return Err(ParseError::at(
                elf.section_name(section),
                relocation.offset,
                kind,
            ));
        };
        let offset = (relocation.offset - variable.start) as u32;
        spec.contents.push(InitialEntry {
            key: elf.endian.u32_bytes(offset).to_vec(),
            value: InitialValue::Program(program),
        });
    }
    Ok(())
}
