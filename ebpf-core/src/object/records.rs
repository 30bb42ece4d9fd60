//! What `.BTF.ext` says of instructions: functions, source lines and CO-RE relocations, by program section.

use std::collections::HashMap;
use std::ops::Range;

use super::ParseError;
use super::code::Code;
use super::elf::Elf;
use crate::btf::{
    Btf, BtfError, BtfErrorKind, BtfExt, BtfSection, CoreReloc, FuncInfo, LineInfo, TypeId,
};
use crate::program::{CoreReference, LineRecord};

/// The section.
const SECTION: &str = ".BTF.ext";

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
    /// Reads `.BTF.ext`. Types are known to exist; strings may not.
    pub(super) fn read(
        elf: &Elf<'_>,
        code: &Code<'_>,
        btf: Option<&Btf>,
    ) -> Result<Records, ParseError> {
        let mut records = Records::default();
        let section = elf
            .section(SECTION)
            .filter(|(_, section)| !section.data.is_empty());
        let (Some((_, section)), Some(btf)) = (section, btf) else {
            return Ok(records);
        };
        let ext = BtfExt::parse(section.data.to_vec())?;
        records
            .sections
            .resize_with(code.sections.len(), SectionRecords::default);
        let mut places = HashMap::with_capacity(code.sections.len());
        for (at, code) in code.sections.iter().enumerate() {
            places.entry(code.name).or_insert(at);
        }
        let place = |name: &str| places.get(name).copied();
        for section in ext.sections::<FuncInfo>() {
            if let Some(ours) = records.at(place(section.name(btf))) {
                ours.functions = section
                    .records()
                    .map(|record| (record.insn_off / 8, record.type_id))
                    .collect();
                order(&mut ours.functions, |(insn, _)| *insn);
            }
        }
        for section in ext.sections::<LineInfo>() {
            if let Some(ours) = records.at(place(section.name(btf))) {
                ours.lines = section.records().map(line).collect();
                order(&mut ours.lines, |line| line.instruction);
            }
        }
        for section in ext.sections::<CoreReloc>() {
            if let Some(ours) = records.at(place(section.name(btf))) {
                ours.core_relocations = section.records().map(core_reference).collect();
                order(&mut ours.core_relocations, |core| core.instruction);
            }
        }
        records.check_types(btf)?;
        Ok(records)
    }

    fn at(&mut self, place: Option<usize>) -> Option<&mut SectionRecords> {
        self.sections.get_mut(place?)
    }

    /// Checks that the types exist.
    fn check_types(&self, btf: &Btf) -> Result<(), ParseError> {
        let count = btf.type_count();
        let functions = self.sections.iter().flat_map(|section| &section.functions);
        let relocated = self
            .sections
            .iter()
            .flat_map(|section| &section.core_relocations);
        let types = functions
            .map(|(_, id)| *id)
            .chain(relocated.map(|core| core.type_id));
        match types.into_iter().find(|id| id.0 >= count) {
            Some(to) => {
                let (section, kind) = (BtfSection::Ext, BtfErrorKind::RecordType { to, count });
                Err(BtfError {
                    section,
                    offset: 0,
                    kind,
                }
                .into())
            }
            None => Ok(()),
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

/// Puts records in the order of the instructions, the first for each.
fn order<R>(records: &mut Vec<R>, insn: impl Fn(&R) -> u32) {
    if !records.is_sorted_by(|one, next| insn(one) < insn(next)) {
        records.sort_by_key(&insn);
        records.dedup_by_key(|record| insn(record));
    }
}

fn line(record: LineInfo) -> LineRecord {
    LineRecord {
        instruction: record.insn_off / 8,
        file_name: record.file_name_off,
        text: record.line_off,
        line: record.line_num,
        column: record.col,
    }
}

fn core_reference(record: CoreReloc) -> CoreReference {
    CoreReference {
        instruction: record.insn_off / 8,
        type_id: record.type_id,
        access: record.access_str_off,
        kind: record.kind.0,
    }
}

/// The records of some instructions.
fn range<'r, R>(records: &'r [R], within: &Range<u32>, insn: impl Fn(&R) -> u32) -> &'r [R] {
    let from = records.partition_point(|record| insn(record) < within.start);
    let to = records.partition_point(|record| insn(record) < within.end);
    records.get(from..to).unwrap_or_default()
}
