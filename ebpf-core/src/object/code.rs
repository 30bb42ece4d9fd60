//! Program sections: which functions are in them, and what their instructions refer to.

use super::elf::{Elf, R_BPF_64_32, R_BPF_64_64, R_BPF_NONE, Relocation, Symbol};
use super::{ParseError, ParseErrorKind};
use crate::insn::{Insn, walk};

/// The section of functions that are no programs.
pub(super) const SUBPROGRAMS: &str = ".text";

/// A section of instructions.
pub(super) struct CodeSection<'a> {
    /// The section.
    pub(super) section: usize,
    pub(super) name: &'a str,
    pub(super) insns: Vec<Insn>,
    /// Its functions in [`Code::functions`].
    pub(super) functions: std::ops::Range<usize>,
    /// What its instructions refer to, by ascending instruction.
    pub(super) sites: Vec<Site>,
}

/// A function: a range of a section.
pub(super) struct Function<'a> {
    /// Its section in [`Code::sections`].
    pub(super) code: usize,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) name: &'a str,
    /// Whether some other function calls it, or takes its address.
    pub(super) used: bool,
}

/// A name of a function; there may be several for one.
pub(super) struct FunctionName<'a> {
    pub(super) name: &'a str,
    pub(super) function: usize,
    pub(super) is_local: bool,
}

/// An instruction that refers to something outside of its function.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) insn: u32,
    pub(super) target: Target,
}

/// What an instruction refers to.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A map, by its place among the maps.
    Map(usize),
    /// A byte of a map's first value.
    MapValue(usize, u32),
    /// A function.
    Function(usize),
    /// An extern, by its place among the externs.
    Extern(usize),
}

/// All code of an object.
pub(super) struct Code<'a> {
    pub(super) sections: Vec<CodeSection<'a>>,
    pub(super) functions: Vec<Function<'a>>,
    pub(super) names: Vec<FunctionName<'a>>,
    /// For each section of the file, its place in `sections`.
    place: Vec<Option<usize>>,
}

/// What a relocation leads to, outside of code.
pub(super) trait Referents {
    /// What byte `offset` of a section is, for `insn` of `from`.
    fn at(
        &self,
        from: &CodeSection<'_>,
        insn: u32,
        section: usize,
        offset: i64,
        symbol: &Symbol<'_>,
    ) -> Result<Target, ParseError>;
    /// What an undefined symbol is.
    fn undefined(&self, symbol: u32) -> Option<Target>;
}

impl<'a> Code<'a> {
    /// Finds sections and functions.
    pub(super) fn find(elf: &Elf<'a>) -> Result<Code<'a>, ParseError> {
        let mut code = Code {
            sections: Vec::new(),
            functions: Vec::new(),
            names: Vec::new(),
            place: vec![None; elf.sections.len()],
        };
        for (at, section) in elf.sections.iter().enumerate() {
            if !section.is_code() || section.data.is_empty() {
                continue;
            }
            let insns = crate::insn::decode(section.data, elf.endian).map_err(|_| {
                let bytes = section.size;
                ParseError::section(section.name, ParseErrorKind::CodeSize { bytes })
            })?;
            if let Some(place) = code.place.get_mut(at) {
                *place = Some(code.sections.len());
            }
            let functions = code.find_functions(elf, at, insns.len())?;
            let name = section.name;
            code.sections.push(CodeSection {
                section: at,
                name,
                insns,
                functions,
                sites: Vec::new(),
            });
        }
        Ok(code)
    }

    /// Adds the functions of a section, by their symbols. A section without any is one function of its own name.
    fn find_functions(
        &mut self,
        elf: &Elf<'a>,
        section: usize,
        insns: usize,
    ) -> Result<std::ops::Range<usize>, ParseError> {
        let first = self.functions.len();
        let code = self.sections.len();
        let section_name = elf.section_name(section);
        let size = insns as u64 * Insn::SIZE as u64;
        // Where the typed function that was seen last ends. Untyped symbols before it are labels inside of it.
        let mut covered = 0;
        for symbol in elf.named_in(section) {
            let is_label = symbol.is_untyped() && (symbol.is_local() || symbol.value < covered);
            if !(symbol.is_function() || symbol.is_untyped()) || is_label {
                continue;
            }
            let end = symbol.value.saturating_add(symbol.size);
            if end > size || symbol.value >= size {
                let (symbol, start) = (symbol.name.to_owned(), symbol.value);
                let kind = ParseErrorKind::SymbolRange {
                    symbol,
                    start,
                    end,
                    size,
                };
                return Err(ParseError::section(section_name, kind));
            }
            if symbol.value % 8 != 0 || symbol.size % 8 != 0 {
                let function = symbol.name.to_owned();
                return Err(ParseError::at(
                    section_name,
                    symbol.value,
                    ParseErrorKind::FunctionBounds { function },
                ));
            }
            covered = covered.max(end);
            let (start, end) = ((symbol.value / 8) as u32, (end / 8) as u32);
            match self.functions.last_mut() {
                Some(last) if last.code == code && last.start == start => {
                    last.end = last.end.max(end)
                }
                _ => self.functions.push(Function {
                    code,
                    start,
                    end,
                    name: symbol.name,
                    used: false,
                }),
            }
            self.names.push(FunctionName {
                name: symbol.name,
                function: self.functions.len() - 1,
                is_local: symbol.is_local(),
            });
        }
        if self.functions.len() == first {
            let (name, function) = (section_name, self.functions.len());
            self.functions.push(Function {
                code,
                start: 0,
                end: 0,
                name,
                used: false,
            });
            self.names.push(FunctionName {
                name,
                function,
                is_local: false,
            });
        }
        // A function without a size ends where the next one starts.
        let mut next = insns as u32;
        for function in self.functions.iter_mut().skip(first).rev() {
            if function.end <= function.start {
                function.end = next;
            }
            next = function.start;
        }
        Ok(first..self.functions.len())
    }

    /// The function that starts at a byte of a section of the file.
    pub(super) fn function_at(&self, section: usize, offset: u64) -> Option<usize> {
        let code = self.sections.get((*self.place.get(section)?)?)?;
        let start = u32::try_from(offset / 8)
            .ok()
            .filter(|_| offset.is_multiple_of(8))?;
        let functions = self.functions.get(code.functions.clone())?;
        let at = functions
            .binary_search_by_key(&start, |function| function.start)
            .ok()?;
        Some(code.functions.start + at)
    }

    /// The name of a function's section.
    pub(super) fn section_name(&self, function: usize) -> &'a str {
        let function = self.functions.get(function);
        let code = function.and_then(|function| self.sections.get(function.code));
        code.map_or("", |code| code.name)
    }

    /// Finds what each instruction refers to.
    pub(super) fn resolve(
        &mut self,
        elf: &Elf<'a>,
        referents: &impl Referents,
    ) -> Result<(), ParseError> {
        for at in 0..self.sections.len() {
            let sites = self.sites(elf, at, referents)?;
            if let Some(code) = self.sections.get_mut(at) {
                code.sites = sites;
            }
        }
        let mut used = Vec::new();
        for code in &self.sections {
            for site in &code.sites {
                if let Target::Function(target) = site.target {
                    let from_itself = self.functions.get(target).is_some_and(|function| {
                        self.sections
                            .get(function.code)
                            .is_some_and(|of| of.section == code.section)
                            && (function.start..function.end).contains(&site.insn)
                    });
                    if !from_itself {
                        used.push(target);
                    }
                }
            }
        }
        for function in used {
            if let Some(function) = self.functions.get_mut(function) {
                function.used = true;
            }
        }
        Ok(())
    }

    fn sites(
        &self,
        elf: &Elf<'a>,
        at: usize,
        referents: &impl Referents,
    ) -> Result<Vec<Site>, ParseError> {
        let Some(code) = self.sections.get(at) else {
            return Ok(Vec::new());
        };
        let mut sites = Vec::new();
        for relocation in elf.relocations(code.section) {
            sites.push(self.site(elf, code, &relocation, referents)?);
        }
        sites.sort_by_key(|site| site.insn);
        sites.dedup_by_key(|site| site.insn);
        let relocated = sites.len();
        for step in walk(&code.insns) {
            let step = step.map_err(|_| {
                let index = code.insns.len() as u64 - 1;
                ParseError::section(code.name, ParseErrorKind::TruncatedLoad { index })
            })?;
            let insn = step.index as u32;
            if !(step.insn.is_call_local() || step.insn.is_func_ref()) {
                continue;
            }
            let known = sites.get(..relocated).unwrap_or_default();
            if known.binary_search_by_key(&insn, |site| site.insn).is_err() {
                let to = i64::from(insn) + 1 + i64::from(step.insn.imm);
                sites.push(self.function_site(elf, code, insn, code.section, to)?);
            }
        }
        if sites.len() > relocated {
            sites.sort_by_key(|site| site.insn);
        }
        Ok(sites)
    }

    fn site(
        &self,
        elf: &Elf<'a>,
        code: &CodeSection<'a>,
        relocation: &Relocation,
        referents: &impl Referents,
    ) -> Result<Site, ParseError> {
        let symbol = elf.symbol_of(relocation, code.section)?;
        let index = relocation.offset / 8;
        let insn = code
            .insns
            .get(index as usize)
            .filter(|_| relocation.offset.is_multiple_of(8));
        let misplaced = |place: String| {
            let (relocation_type, symbol) = (relocation.kind, elf.symbol_label(symbol).to_owned());
            let kind = ParseErrorKind::RelocationType {
                relocation: relocation_type,
                symbol,
                place,
            };
            ParseError::at(code.name, relocation.offset, kind)
        };
        let Some(insn) = insn else {
            return Err(misplaced("a place where no instruction is".to_owned()));
        };
        let is_call = insn.code == crate::insn::Opcode::CALL;
        let fits = match relocation.kind {
            R_BPF_64_64 => insn.is_wide(),
            R_BPF_64_32 => is_call,
            R_BPF_NONE => insn.is_wide() || is_call,
            _ => false,
        };
        if !fits {
            return Err(misplaced(format!(
                "instruction {index}, whose opcode is {:#04x}",
                insn.code.0
            )));
        }
        let index = index as u32;
        if symbol.is_undefined() {
            let target = referents.undefined(relocation.symbol).ok_or_else(|| {
                let symbol = elf.symbol_label(symbol).to_owned();
                ParseError::at(
                    code.name,
                    relocation.offset,
                    ParseErrorKind::Undefined { symbol },
                )
            })?;
            return Ok(Site {
                insn: index,
                target,
            });
        }
        let Some(section) = symbol.section else {
            return Err(misplaced(format!(
                "instruction {index}, for the symbol is in no section"
            )));
        };
        let value = i64::try_from(symbol.value).unwrap_or(i64::MAX);
        let stored = i64::from(insn.imm);
        if elf
            .sections
            .get(section)
            .is_some_and(|section| section.is_code())
        {
            let to = match is_call {
                true => (value / 8)
                    .saturating_add(relocation.addend.map_or(stored, |addend| addend / 8))
                    .saturating_add(1),
                false => value.saturating_add(relocation.addend.unwrap_or(stored)) / 8,
            };
            return self.function_site(elf, code, index, section, to);
        }
        let offset = value.saturating_add(relocation.addend.unwrap_or(stored));
        let target = referents.at(code, index, section, offset, symbol)?;
        Ok(Site {
            insn: index,
            target,
        })
    }

    fn function_site(
        &self,
        elf: &Elf<'a>,
        code: &CodeSection<'a>,
        insn: u32,
        section: usize,
        to: i64,
    ) -> Result<Site, ParseError> {
        let place = u64::try_from(to).ok().and_then(|to| to.checked_mul(8));
        match place.and_then(|place| self.function_at(section, place)) {
            Some(function) => Ok(Site {
                insn,
                target: Target::Function(function),
            }),
            None => {
                let (instruction, target) = (u64::from(insn), elf.section_name(section).to_owned());
                let kind = ParseErrorKind::NoFunctionThere {
                    instruction,
                    target,
                    to,
                };
                Err(ParseError::at(code.name, instruction * 8, kind))
            }
        }
    }

    /// The names of programs, and not only of functions that programs call.
    ///
    /// In `.text` there are no programs, unless the object has no other code: then what nothing calls is one. Elsewhere
    /// a static function is a program unless something calls it.
    pub(super) fn programs(&self) -> impl Iterator<Item = &FunctionName<'_>> {
        let in_text = |function: &Function| {
            let code = self.sections.get(function.code);
            code.is_some_and(|code| code.name == SUBPROGRAMS)
        };
        let function = |name: &FunctionName<'_>| self.functions.get(name.function);
        let only_text = self.names.iter().filter_map(function).all(in_text);
        let alone = self.names.len() == 1;
        self.names.iter().filter(move |name| match function(name) {
            Some(function) if in_text(function) => alone || only_text && !function.used,
            Some(function) => !(name.is_local && function.used),
            None => false,
        })
    }
}
