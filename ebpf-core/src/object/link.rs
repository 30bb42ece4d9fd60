//! Linking: a program's instructions, then those of each function it reaches, with calls between them resolved.

use std::sync::Arc;

use super::code::{Code, Target};
use super::records::Records;
use super::{ParseError, ParseErrorKind};
use crate::insn::{CallKind, Insn, Pseudo, Reg};
use crate::program::{
    CoreReference, Extern, ExternKind, Function, LineRecord, ProgramSpec, Reference, Referent,
};

/// How many instructions one program may have: more the verifier never takes (`BPF_COMPLEXITY_LIMIT_INSNS`).
const MAX_PROGRAM: u64 = 1_000_000;

/// How many instructions all programs together may have: so many, and so many for each one in the file. Every program
/// gets a copy of what it calls.
const MAX_TOTAL: u64 = 1 << 18;
const MAX_TOTAL_PER_INSN: u64 = 32;

/// Makes programs out of functions.
pub(super) struct Linker<'c, 'a> {
    code: &'c Code<'a>,
    records: &'c Records,
    maps: &'c [Arc<str>],
    externs: &'c [Extern],
    names: Vec<Arc<str>>,
    /// For each function, map and extern, its place in the program that is being linked.
    functions: Places,
    map_places: Places,
    extern_places: Places,
    used: u64,
    limit: u64,
}

impl<'c, 'a> Linker<'c, 'a> {
    pub(super) fn new(
        code: &'c Code<'a>,
        records: &'c Records,
        maps: &'c [Arc<str>],
        externs: &'c [Extern],
    ) -> Linker<'c, 'a> {
        let insns: u64 = code
            .sections
            .iter()
            .map(|code| code.insns.len() as u64)
            .sum();
        Linker {
            code,
            records,
            maps,
            externs,
            names: code
                .functions
                .iter()
                .map(|function| function.name.into())
                .collect(),
            functions: Places::new(code.functions.len()),
            map_places: Places::new(maps.len()),
            extern_places: Places::new(externs.len()),
            used: 0,
            limit: MAX_TOTAL.saturating_add(insns.saturating_mul(MAX_TOTAL_PER_INSN)),
        }
    }

    /// Fills in instructions, functions, references, lines and relocations of the program that starts with `main`, which
    /// is new: it knows its first function by name.
    pub(super) fn link(
        &mut self,
        main: usize,
        program: &mut ProgramSpec,
    ) -> Result<(), ParseError> {
        for places in [
            &mut self.functions,
            &mut self.map_places,
            &mut self.extern_places,
        ] {
            places.forget();
        }
        let mut placed = vec![main];
        self.functions.put(main, 0);
        let mut calls = Vec::new();
        let mut next = 0;
        while let Some(function) = placed.get(next).copied() {
            next += 1;
            self.append(function, &mut placed, &mut calls, program)?;
        }
        for (insn, target) in calls {
            let start = self
                .functions
                .get(target)
                .and_then(|at| program.functions.get(at))
                .map_or(0, |target| target.start);
            if let Some(call) = program.instructions.get_mut(insn as usize) {
                call.imm = (i64::from(start) - i64::from(insn) - 1) as i32;
            }
        }
        Ok(())
    }

    /// Appends one function, notes what it refers to, and queues the functions that are not placed yet.
    fn append(
        &mut self,
        function: usize,
        placed: &mut Vec<usize>,
        calls: &mut Vec<(u32, usize)>,
        program: &mut ProgramSpec,
    ) -> Result<(), ParseError> {
        let (code, records) = (self.code, self.records);
        let Some(from) = code.functions.get(function) else {
            return Ok(());
        };
        let Some(section) = code.sections.get(from.code) else {
            return Ok(());
        };
        let insns = section
            .insns
            .get(from.start as usize..from.end as usize)
            .unwrap_or_default();
        let start = program.instructions.len();
        self.spend(insns.len() as u64, start as u64, section.name)?;
        let start = start as u32;
        let moved = |insn: u32| insn - from.start + start;
        program.instructions.extend_from_slice(insns);
        let records = records.of(from.code);
        let within = from.start..from.end;
        let type_id = records.function(from.start);
        match program.functions.first_mut() {
            Some(main) if start == 0 => main.type_id = type_id,
            _ => program.functions.push(Function {
                name: self.names.get(function).cloned().unwrap_or_default(),
                start,
                type_id,
            }),
        }
        let lines = records.lines(&within).iter();
        program.lines.extend(lines.map(|line| LineRecord {
            instruction: moved(line.instruction),
            ..*line
        }));
        let core = records.core_relocations(&within).iter();
        program
            .core_relocations
            .extend(core.map(|core| CoreReference {
                instruction: moved(core.instruction),
                ..*core
            }));

        let first = section
            .sites
            .partition_point(|site| site.insn < within.start);
        let sites = section.sites.get(first..).unwrap_or_default();
        for site in sites.iter().take_while(|site| site.insn < within.end) {
            let at = moved(site.insn);
            let referent = match site.target {
                Target::Function(target) => {
                    if self.functions.get(target).is_none() {
                        self.functions.put(target, placed.len());
                        placed.push(target);
                    }
                    calls.push((at, target));
                    prepare_call(&mut program.instructions, at);
                    continue;
                }
                Target::Map(map) => Referent::Map {
                    map: self.map(map, program),
                },
                Target::MapValue(map, offset) => Referent::MapValue {
                    map: self.map(map, program),
                    offset,
                },
                Target::Extern(index) => Referent::Extern {
                    index: self.external(index, program),
                },
            };
            self.prepare(&mut program.instructions, at, site.target);
            program.references.push(Reference {
                instruction: at,
                referent,
            });
        }
        Ok(())
    }

    fn spend(&mut self, insns: u64, before: u64, section: &str) -> Result<(), ParseError> {
        self.used += insns;
        let fault = |what, found, limit| {
            ParseError::section(section, ParseErrorKind::Limit { what, found, limit })
        };
        if before + insns > MAX_PROGRAM {
            return Err(fault(
                "the number of instructions of a program with all it calls,",
                before + insns,
                MAX_PROGRAM,
            ));
        }
        if self.used > self.limit {
            return Err(fault(
                "the number of instructions of all programs with all they call,",
                self.used,
                self.limit,
            ));
        }
        Ok(())
    }

    /// The place of a map among those of the program.
    fn map(&mut self, map: usize, program: &mut ProgramSpec) -> usize {
        self.map_places.get(map).unwrap_or_else(|| {
            let at = program.maps.len();
            program
                .maps
                .push(self.maps.get(map).cloned().unwrap_or_default());
            self.map_places.put(map, at);
            at
        })
    }

    fn external(&mut self, index: usize, program: &mut ProgramSpec) -> usize {
        self.extern_places.get(index).unwrap_or_else(|| {
            let at = program.externs.len();
            program.externs.extend(self.externs.get(index).cloned());
            self.extern_places.put(index, at);
            at
        })
    }

    /// Gives an instruction the form it will have in the kernel, with zeros for what only a system knows.
    fn prepare(&self, insns: &mut [Insn], at: u32, target: Target) {
        let at = at as usize;
        let (kind, high) = match target {
            Target::Map(_) => (Pseudo::MAP_FD, 0),
            Target::MapValue(_, offset) => (Pseudo::MAP_VALUE, offset as i32),
            Target::Extern(index) => {
                let wide = insns.get(at).is_some_and(|insn| insn.is_wide());
                let function = self
                    .externs
                    .get(index)
                    .is_some_and(|of| of.kind == ExternKind::Function);
                let typed = self
                    .externs
                    .get(index)
                    .is_some_and(|of| of.type_id.is_some());
                let kind = match (wide, function || !typed) {
                    (false, _) => Pseudo(CallKind::KFUNC.0),
                    (true, true) => Pseudo::NONE,
                    (true, false) => Pseudo::BTF_ID,
                };
                (kind, 0)
            }
            Target::Function(_) => return,
        };
        if let Some(insn) = insns.get_mut(at) {
            (insn.src, insn.imm) = (Reg::from_low_bits(kind.0), 0);
            if insn.is_wide()
                && let Some(second) = insns.get_mut(at + 1)
            {
                second.imm = high;
            }
        }
    }
}

/// Marks a call as one of a function of the program, and a load as one of its address.
fn prepare_call(insns: &mut [Insn], at: u32) {
    let at = at as usize;
    if let Some(insn) = insns.get_mut(at) {
        if insn.is_wide() {
            insn.src = Reg::from_low_bits(Pseudo::FUNC.0);
            if let Some(second) = insns.get_mut(at + 1) {
                second.imm = 0;
            }
        } else {
            insn.src = Reg::from_low_bits(CallKind::LOCAL.0);
        }
    }
}

/// Places that are all forgotten at once, without touching them.
struct Places {
    round: u32,
    places: Vec<(u32, u32)>,
}

impl Places {
    fn new(count: usize) -> Places {
        Places {
            round: 0,
            places: vec![(0, 0); count],
        }
    }

    fn forget(&mut self) {
        self.round += 1;
    }

    fn get(&self, at: usize) -> Option<usize> {
        let (round, place) = self.places.get(at)?;
        (*round == self.round).then_some(*place as usize)
    }

    fn put(&mut self, at: usize, place: usize) {
        if let Some(entry) = self.places.get_mut(at) {
            *entry = (self.round, place as u32);
        }
    }
}
