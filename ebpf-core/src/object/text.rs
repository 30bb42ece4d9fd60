//! The plan as text: stable, complete, and the same for the same meaning. Goldens and comparisons of objects use it.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use super::{KconfigExtern, KconfigType, ObjectSpec, Variable};
use crate::btf::{Btf, CoreRelocKind, TypeId};
use crate::insn::{Annotations, SourceLine, disassemble};
use crate::map::{InitialEntry, InitialValue, MapFlags, MapSpec, Pinning};
use crate::program::{ExternKind, ProgramFlags, ProgramSpec, Referent};

/// How many bytes of what a map starts with are printed.
const SHOWN_BYTES: usize = 64;

/// Prints everything: notes, maps with what they start with, variables, and programs with their instructions.
impl Display for ObjectSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "license {:?}", &*self.license)?;
        if self.kernel_version != 0 {
            let version = self.kernel_version;
            writeln!(
                f,
                "for Linux {}.{}.{}",
                version >> 16,
                version >> 8 & 0xff,
                version & 0xff
            )?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for map in &self.maps {
            write!(f, "\nmap {}", MapText(map, self, 2))?;
        }
        for (at, variable) in self.variables.iter().enumerate() {
            let space = if at == 0 { "\n" } else { "" };
            writeln!(
                f,
                "{space}variable {}",
                VariableText(variable, self.btf.as_deref())
            )?;
        }
        for (at, value) in self.kconfig.iter().enumerate() {
            let space = if at == 0 { "\n" } else { "" };
            writeln!(f, "{space}kconfig {}", KconfigText(value))?;
        }
        for program in &self.programs {
            write!(f, "\nprogram {program}")?;
        }
        Ok(())
    }
}

/// A map, with the indent of what it says.
struct MapText<'a>(&'a MapSpec, &'a ObjectSpec, usize);

impl Display for MapText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let MapText(map, object, indent) = self;
        let indent = *indent;
        write!(f, "{}: {}", map.name, map.map_type)?;
        write!(
            f,
            ", key {}, value {}, max_entries {}",
            map.key_size, map.value_size, map.max_entries
        )?;
        if map.flags != MapFlags::NONE {
            write!(f, ", flags {}", map.flags)?;
        }
        if let Some(node) = map.numa_node {
            write!(f, ", NUMA node {node}")?;
        }
        if map.map_extra != 0 {
            write!(f, ", extra {:#x}", map.map_extra)?;
        }
        match &map.pinning {
            Pinning::None => {}
            Pinning::ByName => f.write_str(", pinned by name")?,
            Pinning::Path(path) => write!(f, ", pinned at {}", path.display())?,
        }
        if map.optional {
            f.write_str(", optional")?;
        }
        if map.freeze {
            f.write_str(", frozen")?;
        }
        if let Some(structure) = &map.struct_ops {
            write!(f, ", struct_ops {structure}")?;
        }
        writeln!(f)?;
        if let Some(types) = &map.types {
            for (what, id) in [("key", types.key), ("value", types.value)] {
                if !id.is_void() {
                    writeln!(f, "{:indent$}{what} type {}", "", type_text(&types.btf, id))?;
                }
            }
        }
        if let Some(inner) = &map.inner {
            write!(
                f,
                "{:indent$}inner map {}",
                "",
                MapText(inner, object, indent + 2)
            )?;
        }
        for InitialEntry { key, value } in &map.contents {
            let key: &dyn Display = match key.first_chunk() {
                Some(bytes) if key.len() == 4 => &object.endian.u32(*bytes),
                _ => &Hex(key),
            };
            match value {
                InitialValue::Bytes(bytes) => {
                    writeln!(f, "{:indent$}[{key}] = {}", "", Hex(bytes))?
                }
                InitialValue::Map(name) => writeln!(f, "{:indent$}[{key}] = map {name}", "")?,
                InitialValue::Program(name) => {
                    writeln!(f, "{:indent$}[{key}] = program {name}", "")?
                }
            }
        }
        Ok(())
    }
}

struct VariableText<'a>(&'a Variable, Option<&'a Btf>);

impl Display for VariableText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let VariableText(variable, btf) = self;
        let Variable {
            name,
            map,
            offset,
            size,
            type_id,
        } = variable;
        write!(f, "{name}: {size} bytes at {map}+{offset:#x}")?;
        match (type_id, btf) {
            (Some(id), Some(btf)) => write!(f, ", {}", type_text(btf, *id)),
            _ => Ok(()),
        }
    }
}

struct KconfigText<'a>(&'a KconfigExtern);

impl Display for KconfigText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let KconfigExtern {
            name,
            offset,
            size,
            kind,
            weak,
            ..
        } = self.0;
        let kind = match kind {
            KconfigType::Bool => "bool",
            KconfigType::Tristate => "tristate",
            KconfigType::Char => "char",
            KconfigType::Int { signed: true } => "signed",
            KconfigType::Int { signed: false } => "unsigned",
            KconfigType::String => "text",
        };
        let weak = if *weak { ", weak" } else { "" };
        write!(f, "{name}: {kind} of {size} bytes at {offset:#x}{weak}")
    }
}

/// Prints what the program is, what it needs, and its instructions with source lines.
impl Display for ProgramSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} in section {}",
            self.name, self.program_type, self.section
        )?;
        if let Some(attach_type) = self.expected_attach_type {
            write!(f, ", attach type {attach_type}")?;
        }
        if let Some(target) = &self.attach_to {
            write!(f, ", for {target}")?;
        }
        if self.flags != ProgramFlags::NONE {
            write!(f, ", flags {}", self.flags)?;
        }
        if self.optional {
            f.write_str(", optional")?;
        }
        writeln!(f, ", {} instructions", self.instructions.len())?;
        for symbol in &self.externs {
            let kind = match symbol.kind {
                ExternKind::Variable => "variable",
                ExternKind::Function => "function",
            };
            let weak = if symbol.weak { ", weak" } else { "" };
            write!(f, "  extern {kind} {}{weak}", symbol.name)?;
            if let (Some(id), Some(btf)) = (symbol.type_id, &self.btf) {
                write!(f, ", {}", type_text(btf, id))?;
            }
            writeln!(f)?;
        }
        write!(
            f,
            "{}",
            disassemble(&self.instructions, &self.annotations())
        )
    }
}

impl ProgramSpec {
    /// What is known of the program's instructions, for [`disassemble`]: functions, source lines, and what is referred to.
    pub fn annotations(&self) -> Annotations<'_> {
        let mut annotations = Annotations::default();
        for function in &self.functions {
            annotations
                .functions
                .insert(function.start as usize, Cow::Borrowed(&*function.name));
        }
        for reference in &self.references {
            let map = |map: usize| self.maps.get(map).map_or("?", |name| &**name);
            let text = match reference.referent {
                Referent::Map { map: at } => format!("map {}", map(at)),
                Referent::MapValue { map: at, offset } => format!("{}+{offset:#x}", map(at)),
                Referent::Extern { index } => {
                    let name = self.externs.get(index).map_or("?", |symbol| &*symbol.name);
                    format!("extern {name}")
                }
            };
            annotations
                .references
                .insert(reference.instruction as usize, Cow::Owned(text));
        }
        let Some(btf) = &self.btf else {
            return annotations;
        };
        for core in &self.core_relocations {
            let access = btf.string(core.access).unwrap_or("?");
            let (kind, of) = (CoreRelocKind(core.kind), type_text(btf, core.type_id));
            let text = format!("CO-RE {kind} of {of} at {access}");
            annotations
                .references
                .insert(core.instruction as usize, Cow::Owned(text));
        }
        for line in &self.lines {
            let string = |at| Cow::Borrowed(btf.string(at).unwrap_or_default());
            let source = SourceLine {
                file: string(line.file_name),
                line: line.line,
                text: string(line.text),
            };
            annotations.lines.insert(line.instruction as usize, source);
        }
        annotations
    }
}

/// A type in a few words: its kind and name, and those of what it refers to.
fn type_text(btf: &Btf, id: TypeId) -> String {
    let mut text = String::new();
    let mut next = Some(id);
    for _ in 0..8 {
        let Some(ty) = next.and_then(|id| btf.by_id(id)) else {
            break;
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&ty.kind().to_string().to_lowercase());
        if !ty.name().is_empty() {
            text.push(' ');
            text.push_str(ty.name());
            break;
        }
        next = match ty.get() {
            crate::btf::Type::Array(array) => {
                text.push_str(&format!(" of {}", array.count));
                Some(array.element)
            }
            _ => ty.target().filter(|target| !target.is_void()),
        };
    }
    text
}

/// Bytes, the first in full and the rest by number.
struct Hex<'a>(&'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(SHOWN_BYTES) {
            write!(f, "{byte:02x}")?;
        }
        match self.0.len().checked_sub(SHOWN_BYTES) {
            Some(more @ 1..) => write!(f, " and {more} more, checksum {:08x}", checksum(self.0)),
            _ => Ok(()),
        }
    }
}

/// FNV-1a, to tell long contents apart.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
