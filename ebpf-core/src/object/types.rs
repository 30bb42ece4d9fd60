//! The object's BTF, put right: what compilers leave for a loader to fill in, and what the kernel would refuse.

use std::sync::Arc;

use super::ParseError;
use super::allowance::Allowance;
use super::elf::Elf;
use super::externs::{Externs, KCONFIG, KSYMS};
use crate::btf::{
    Btf, BtfBuilder, BtfError, BtfType, DataSec, FuncLinkage, IntEncoding, Kind, Type, TypeId,
    VarLinkage, VarSecInfo,
};

/// Functions that compilers add by themselves. Their types, if any, do not tell the verifier enough to check them alone,
/// so that they must be checked where they are called.
const COMPILER_MADE: [&str; 5] = ["memcpy", "memmove", "memset", "memcmp", "bcmp"];

/// How many bytes the names of all variables and functions together may have, for each byte of BTF.
const NAMES: u64 = 4;

/// Reads the types of an object as they are.
pub(super) fn read(elf: &Elf<'_>) -> Result<Option<Btf>, ParseError> {
    let section = elf
        .section(".BTF")
        .filter(|(_, section)| !section.data.is_empty());
    let Some((_, section)) = section else {
        return Ok(None);
    };
    let source: Arc<[u8]> = section.data.into();
    let btf = Btf::parse(source)?;
    let what = "the length of the names of all variables and functions together";
    let mut names = Allowance::new(what, section.data.len(), NAMES);
    for ty in btf.types().filter(is_section_or_function) {
        names.spend(ty.name().len())?;
        for entry in ty.as_datasec().iter().flat_map(|section| section.entries()) {
            names.spend(btf.by_id(entry.type_id).map_or(0, |of| of.name().len()))?;
        }
    }
    Ok(Some(btf))
}

/// The types that are looked at one by one; most are neither.
fn is_section_or_function(ty: &BtfType<'_>) -> bool {
    matches!(ty.kind(), Kind::DATASEC | Kind::FUNC)
}

/// Puts the types right. Ids stay what they are; some types may be added at the end.
///
/// Filled in are the sizes of sections and the places of variables in them. Functions that only their own object sees
/// become static, so that the verifier checks them where they are called. What the object leaves open becomes something
/// that the kernel takes, for it knows no externs.
pub(super) fn correct(elf: &Elf<'_>, btf: Btf, externs: &Externs) -> Result<Btf, BtfError> {
    let mut corrections = Corrections {
        btf: &btf,
        builder: None,
    };
    let symbols = Symbols::new(elf);
    for ty in btf.types().filter(is_section_or_function) {
        match ty.get() {
            Type::DataSec(section) if ty.name() == KCONFIG => {
                corrections.kconfig(section, externs)?
            }
            Type::DataSec(section) if ty.name() == KSYMS => corrections.ksyms(section)?,
            Type::DataSec(section) => corrections.datasec(section, elf, &symbols)?,
            Type::Func(func)
                if func.linkage == FuncLinkage::GLOBAL && symbols.is_static(ty.name()) =>
            {
                let builder = corrections.builder();
                builder.set_func_linkage(ty.id(), FuncLinkage::STATIC)?;
            }
            _ => {}
        }
    }
    match corrections.builder {
        Some(builder) => builder.build(),
        None => Ok(btf),
    }
}

struct Corrections<'b> {
    btf: &'b Btf,
    /// Made when there is something to correct.
    builder: Option<BtfBuilder>,
}

impl Corrections<'_> {
    fn builder(&mut self) -> &mut BtfBuilder {
        let btf = self.btf;
        self.builder.get_or_insert_with(|| btf.to_builder())
    }

    /// A section of the object.
    fn datasec(
        &mut self,
        section: DataSec<'_>,
        elf: &Elf<'_>,
        symbols: &Symbols<'_>,
    ) -> Result<(), BtfError> {
        let ty = section.as_type();
        let Some((at, contents)) = elf.section(ty.name()) else {
            return Ok(());
        };
        let size = u32::try_from(contents.size).unwrap_or(u32::MAX);
        let before: Vec<VarSecInfo> = section.entries().collect();
        let mut entries = before.clone();
        for entry in &mut entries {
            let variable = self.btf.by_id(entry.type_id);
            let place = variable.and_then(|variable| match variable.get() {
                Type::Var(var) if var.linkage != VarLinkage::STATIC => {
                    symbols.place(at, variable.name())
                }
                _ => None,
            });
            entry.offset = place.unwrap_or(entry.offset);
        }
        entries.sort_by_key(|entry| entry.offset);
        if entries != before || section.size() != size {
            self.builder().set_datasec(ty.id(), size, &entries)?;
        }
        Ok(())
    }

    /// Configuration values: variables of the array that holds them.
    fn kconfig(&mut self, section: DataSec<'_>, externs: &Externs) -> Result<(), BtfError> {
        let mut entries: Vec<VarSecInfo> = section.entries().collect();
        let mut end = externs
            .kconfig
            .last()
            .map_or(0, |last| last.offset + last.size);
        // Both are in the same order.
        let mut values = externs.kconfig.iter().peekable();
        for entry in &mut entries {
            let variable = self.btf.by_id(entry.type_id);
            let name = variable.map_or("", |variable| variable.name());
            match values.next_if(|value| value.name == name) {
                Some(value) => (entry.offset, entry.size) = (value.offset, value.size),
                // Declared and not used: it has no place, but the kernel wants one.
                None => {
                    entry.offset = end;
                    end = end.saturating_add(entry.size);
                }
            }
            if self
                .btf
                .by_id(entry.type_id)
                .is_some_and(|variable| variable.kind() == Kind::VAR)
            {
                self.builder()
                    .set_var_linkage(entry.type_id, VarLinkage::GLOBAL_ALLOCATED)?;
            }
        }
        self.builder()
            .set_datasec(section.as_type().id(), end, &entries)
    }

    /// Symbols of the kernel: stand-ins of four bytes each.
    fn ksyms(&mut self, section: DataSec<'_>) -> Result<(), BtfError> {
        const SIZE: u32 = 4;
        let btf = self.btf;
        let builder = self.builder();
        let int = builder.int("int", SIZE as u8, IntEncoding::SIGNED);
        let stand_in = builder.var("dummy_ksym", int, VarLinkage::GLOBAL_ALLOCATED);
        let proto = builder.func_proto(TypeId::VOID, &[]);
        let mut entries: Vec<VarSecInfo> = section.entries().collect();
        for (entry, at) in entries.iter_mut().zip(0u32..) {
            match btf.by_id(entry.type_id).map(|declared| declared.kind()) {
                Some(Kind::VAR) => {
                    builder.set_var_linkage(entry.type_id, VarLinkage::GLOBAL_ALLOCATED)?;
                    builder.set_target(entry.type_id, int)?;
                }
                Some(Kind::FUNC) => {
                    builder.set_func_linkage(entry.type_id, FuncLinkage::GLOBAL)?;
                    builder.set_target(entry.type_id, proto)?;
                    entry.type_id = stand_in;
                }
                _ => {}
            }
            (entry.offset, entry.size) = (at.saturating_mul(SIZE), SIZE);
        }
        let size = (entries.len() as u32).saturating_mul(SIZE);
        builder.set_datasec(section.as_type().id(), size, &entries)
    }
}

/// Where symbols are, by name.
struct Symbols<'a> {
    /// Global variables: section, name and place, in this order.
    globals: Vec<(usize, &'a str, u32)>,
    /// Global functions that only their own object sees, by name.
    hidden: Vec<&'a str>,
}

impl<'a> Symbols<'a> {
    fn new(elf: &Elf<'a>) -> Symbols<'a> {
        let mut symbols = Symbols {
            globals: Vec::new(),
            hidden: Vec::new(),
        };
        let named = elf.symbols.iter().filter(|symbol| symbol.is_name());
        for symbol in named.filter(|symbol| !symbol.is_local()) {
            if symbol.is_function() {
                if symbol.is_hidden() {
                    symbols.hidden.push(symbol.name);
                }
            } else if let (Some(section), Ok(value)) = (symbol.section, u32::try_from(symbol.value))
            {
                symbols.globals.push((section, symbol.name, value));
            }
        }
        symbols.globals.sort_unstable();
        symbols.hidden.sort_unstable();
        symbols
    }

    /// The place of a global variable in its section.
    fn place(&self, section: usize, variable: &str) -> Option<u32> {
        let wanted = (section, variable);
        let at = self
            .globals
            .partition_point(|(of, name, _)| (*of, *name) < wanted);
        let found = self
            .globals
            .get(at)
            .filter(|(of, name, _)| (*of, *name) == wanted);
        found.map(|(_, _, place)| *place)
    }

    /// Whether a global function is to be treated as static.
    fn is_static(&self, function: &str) -> bool {
        self.hidden.binary_search(&function).is_ok() || COMPILER_MADE.contains(&function)
    }
}

/// A type once typedefs and the like are taken away, in words.
pub(super) fn describe(btf: &Btf, id: TypeId) -> String {
    match btf.resolve(id) {
        Ok(ty) if ty.kind() == Kind::VOID => "void".to_owned(),
        Ok(ty) if ty.name().is_empty() => ty.kind().to_string(),
        Ok(ty) => format!("{} `{}`", ty.kind(), ty.name()),
        Err(error) => error.to_string(),
    }
}
