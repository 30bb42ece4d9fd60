//! What `.BTF.ext` says of instructions: functions, source lines and CO-RE relocations, by program section.

use std::collections::HashMap;
use std::ops::Range;

use super::ParseError;
use super::code::Code;
use super::elf::Elf;
use crate::btf::{Btf, BtfExt, CoreReloc, ExtRecord, FuncInfo, LineInfo, TypeId};
use crate::program::{CoreReference, LineRecord};

/// The records of all program sections.
#[derive(Default)]
pub(super) struct Records {
    sections: Vec<SectionRecords>,
}

/// The records of a program section, each by ascending instruction and one for an instruction at most.
#[derive(Default)]
pub(super) struct SectionRecords {
    functions: Vec<(u32, TypeId)>,
    lines: Vec<LineRecord>,
    core_relocations: Vec<CoreReference>,
}

static NONE: SectionRecords = SectionRecords {
    functions: Vec::new(),
    lines: Vec::new(),
    core_relocations: Vec::new(),
};

impl Records {
    /// Reads `.BTF.ext`. Types and strings are known to exist.
    pub(super) fn read(
        elf: &Elf<'_>,
        code: &Code<'_>,
        btf: Option<&Btf>,
    ) -> Result<Records, ParseError> {
        let mut records = Records::default();
        let section = elf
            .section(".BTF.ext")
            .filter(|(_, section)| !section.data.is_empty());
        let (Some((_, section)), Some(btf)) = (section, btf) else {
            return Ok(records);
        };
        let ext = BtfExt::parse(section.data.to_vec())?;
        ext.validate(btf)?;
        records
            .sections
            .resize_with(code.sections.len(), SectionRecords::default);
        let mut places = HashMap::new();
        for (at, code) in code.sections.iter().enumerate() {
            places.entry(code.name).or_insert(at);
        }
        records.fill(
            &ext,
            btf,
            &places,
            |record: FuncInfo| (record.insn_off, (record.insn_off / 8, record.type_id)),
            |section| &mut section.functions,
        );
        records.fill(
            &ext,
            btf,
            &places,
            |record: LineInfo| {
                let line = LineRecord {
                    instruction: record.insn_off / 8,
                    file_name: record.file_name_off,
                    text: record.line_off,
                    line: record.line_num,
                    column: record.col,
                };
                (record.insn_off, line)
            },
            |section| &mut section.lines,
        );
        records.fill(
            &ext,
            btf,
            &places,
            |record: CoreReloc| {
                let core = CoreReference {
                    instruction: record.insn_off / 8,
                    type_id: record.type_id,
                    access: record.access_str_off,
                    kind: record.kind.0,
                };
                (record.insn_off, core)
            },
            |section| &mut section.core_relocations,
        );
        Ok(records)
    }

    /// Takes the records of one type over, in the order of the instructions, the first for each.
    fn fill<R: ExtRecord, T: Clone>(
        &mut self,
        ext: &BtfExt,
        btf: &Btf,
        places: &HashMap<&str, usize>,
        convert: impl Fn(R) -> (u32, T),
        list: impl Fn(&mut SectionRecords) -> &mut Vec<T>,
    ) {
        for section in ext.sections::<R>() {
            let at = places.get(section.name(btf));
            let Some(ours) = at.and_then(|at| self.sections.get_mut(*at)) else {
                continue;
            };
            let mut found: Vec<(u32, T)> = section.records().map(&convert).collect();
            if !found.is_sorted_by(|a, b| a.0 < b.0) {
                found.sort_by_key(|(at, _)| *at);
                found.dedup_by_key(|(at, _)| *at);
            }
            let ours = list(ours);
            if ours.is_empty() {
                ours.extend(found.into_iter().map(|(_, record)| record));
            }
        }
    }

    /// The records of a section of [`Code`].
    pub(super) fn of(&self, code: usize) -> &SectionRecords {
        self.sections.get(code).unwrap_or(&NONE)
    }
}

impl SectionRecords {
    /// The type of the function that starts at an instruction.
    pub(super) fn function(&self, start: u32) -> Option<TypeId> {
        let at = self
            .functions
            .binary_search_by_key(&start, |(insn, _)| *insn)
            .ok()?;
        self.functions.get(at).map(|(_, id)| *id)
    }

    pub(super) fn lines(&self, within: &Range<u32>) -> &[LineRecord] {
        range(&self.lines, within, |line| line.instruction)
    }

    pub(super) fn core_relocations(&self, within: &Range<u32>) -> &[CoreReference] {
        range(&self.core_relocations, within, |core| core.instruction)
    }
}

/// The records of some instructions.
fn range<'r, R>(records: &'r [R], within: &Range<u32>, insn: impl Fn(&R) -> u32) -> &'r [R] {
    let from = records.partition_point(|record| insn(record) < within.start);
    let to = records.partition_point(|record| insn(record) < within.end);
    records.get(from..to).unwrap_or_default()
}
