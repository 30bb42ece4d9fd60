//! Symbols that the object leaves open: configuration values (`__kconfig`), and variables and functions of the kernel
//! (`__ksym`).

use std::collections::HashMap;
use std::sync::Arc;

use super::code::Target;
use super::elf::Elf;
use super::{KconfigExtern, KconfigType, ParseError, ParseErrorKind, without_flavour};
use crate::btf::{Btf, FuncLinkage, IntEncoding, Kind, Type, TypeId, Var, VarLinkage};
use crate::map::{MapFlags, MapSpec, MapType, MapTypes};
use crate::program::{Extern, ExternKind};

/// The section of configuration values, and the name of the array that holds them.
pub(super) const KCONFIG: &str = ".kconfig";
/// The section of the kernel's symbols.
pub(super) const KSYMS: &str = ".ksyms";

/// Everything that the object leaves open and says where to find.
#[derive(Default)]
pub(super) struct Externs {
    pub(super) kconfig: Vec<KconfigExtern>,
    pub(super) symbols: Vec<Extern>,
    /// For each undefined symbol that was found, by its number, what it is.
    by_symbol: Vec<(u32, Found)>,
}

#[derive(Clone, Copy)]
enum Found {
    Kconfig { offset: u32 },
    Symbol(usize),
}

impl Externs {
    /// What an undefined symbol is, with the array of configuration values at `kconfig` among the maps.
    pub(super) fn target(&self, symbol: u32, kconfig: Option<usize>) -> Option<Target> {
        let at = self
            .by_symbol
            .binary_search_by_key(&symbol, |(symbol, _)| *symbol)
            .ok()?;
        match self.by_symbol.get(at)?.1 {
            Found::Kconfig { offset } => Some(Target::MapValue(kconfig?, offset)),
            Found::Symbol(index) => Some(Target::Extern(index)),
        }
    }

    /// Finds the undefined symbols of an object among its types.
    pub(super) fn read(elf: &Elf<'_>, btf: Option<&Btf>) -> Result<Externs, ParseError> {
        let mut externs = Externs::default();
        let Some(btf) = btf else {
            return Ok(externs);
        };
        let symbols = elf.symbols.iter().zip(0u32..);
        let open = symbols.filter(|(symbol, _)| symbol.is_undefined() && symbol.is_name());
        let mut undefined: HashMap<_, _> = open
            .map(|(symbol, at)| (symbol.name, (at, symbol.is_weak())))
            .collect();
        if undefined.is_empty() {
            return Ok(externs);
        }
        let mut size = 0;
        for (name, is_kconfig) in [(KCONFIG, true), (KSYMS, false)] {
            let section = btf
                .find(name, Kind::DATASEC)
                .and_then(|id| btf.by_id(id)?.as_datasec());
            for entry in section.iter().flat_map(|section| section.entries()) {
                let Some(declared) = btf.by_id(entry.type_id) else {
                    continue;
                };
                let Some((symbol, weak)) = undefined.remove(declared.name()) else {
                    continue;
                };
                let found = match declared.get() {
                    Type::Var(Var {
                        type_id,
                        linkage: VarLinkage::GLOBAL_EXTERN,
                    }) if is_kconfig => {
                        let value =
                            KconfigExtern::read(btf, declared.name(), type_id, weak, &mut size)?;
                        let offset = value.offset;
                        externs.kconfig.push(value);
                        Found::Kconfig { offset }
                    }
                    Type::Var(Var {
                        type_id,
                        linkage: VarLinkage::GLOBAL_EXTERN,
                    }) => {
                        let typed = btf.resolve(type_id).is_ok_and(|ty| ty.kind() != Kind::VOID);
                        externs.symbol(
                            declared.name(),
                            ExternKind::Variable,
                            weak,
                            typed.then_some(type_id),
                        )
                    }
                    Type::Func(func) if func.linkage == FuncLinkage::EXTERN && !is_kconfig => {
                        externs.symbol(
                            declared.name(),
                            ExternKind::Function,
                            weak,
                            Some(func.proto),
                        )
                    }
                    _ => continue,
                };
                externs.by_symbol.push((symbol, found));
            }
        }
        externs.by_symbol.sort_by_key(|(symbol, _)| *symbol);
        Ok(externs)
    }

    fn symbol(
        &mut self,
        name: &str,
        kind: ExternKind,
        weak: bool,
        type_id: Option<TypeId>,
    ) -> Found {
        self.symbols.push(Extern {
            name: without_flavour(name).into(),
            kind,
            weak,
            type_id,
        });
        Found::Symbol(self.symbols.len() - 1)
    }

    /// The array that holds the configuration values; the loader fills it.
    pub(super) fn kconfig_map(&self, btf: Option<&Arc<Btf>>) -> Option<MapSpec> {
        let last = self.kconfig.last()?;
        let size = last.offset + last.size;
        let mut map = MapSpec::new(KCONFIG, MapType::ARRAY, 4, size, 1);
        map.flags = MapFlags::MMAPABLE | MapFlags::RDONLY_PROG;
        map.freeze = true;
        map.types = btf.and_then(|btf| {
            let (key, value) = (TypeId::VOID, btf.find(KCONFIG, Kind::DATASEC)?);
            Some(MapTypes {
                btf: btf.clone(),
                key,
                value,
            })
        });
        Some(map)
    }
}

/// The most bytes that all configuration values together may have.
const MAX_KCONFIG: u32 = 1 << 20;

impl KconfigExtern {
    /// Reads one declaration, and places it behind those before, which end at `size`.
    fn read(
        btf: &Btf,
        name: &str,
        type_id: TypeId,
        weak: bool,
        size: &mut u32,
    ) -> Result<KconfigExtern, ParseError> {
        let fault = |problem| {
            let name = name.to_owned();
            ParseError::section(KCONFIG, ParseErrorKind::Kconfig { name, problem })
        };
        let (kind, length, align) = kconfig_type(btf, type_id).map_err(fault)?;
        let offset = size.next_multiple_of(align);
        let end = offset.checked_add(length).filter(|end| *end <= MAX_KCONFIG);
        *size = end.ok_or_else(|| fault("it is too large"))?;
        Ok(KconfigExtern {
            name: name.to_owned(),
            offset,
            size: length,
            kind,
            type_id,
            weak,
        })
    }
}

/// What a value is, its size and its alignment.
fn kconfig_type(btf: &Btf, id: TypeId) -> Result<(KconfigType, u32, u32), &'static str> {
    let ty = btf.resolve(id).map_err(|_| "its type cannot be read")?;
    match ty.get() {
        Type::Int(int) => {
            let kind = if int.encoding.contains(IntEncoding::BOOL) {
                KconfigType::Bool
            } else if int.size == 1 {
                KconfigType::Char
            } else {
                let signed = int.encoding.contains(IntEncoding::SIGNED);
                KconfigType::Int { signed }
            };
            match (int.size, kind) {
                (1, _) | (2 | 4 | 8, KconfigType::Int { .. }) => Ok((kind, int.size, int.size)),
                _ => Err("an integer has 1, 2, 4 or 8 bytes"),
            }
        }
        Type::Enum(values) if ty.name() == "libbpf_tristate" && values.size() == 4 => {
            Ok((KconfigType::Tristate, 4, 4))
        }
        Type::Array(array) => {
            let element = btf
                .resolve(array.element)
                .map_err(|_| "its type cannot be read")?;
            match element.get() {
                Type::Int(int) if int.size == 1 && array.count > 0 => {
                    Ok((KconfigType::String, array.count, 1))
                }
                _ => Err("an array has to be of characters, and of a known length"),
            }
        }
        _ => Err("it is neither integer, `enum libbpf_tristate` nor array of characters"),
    }
}
