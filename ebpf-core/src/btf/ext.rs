//! `.BTF.ext`: which function, which source line and which CO-RE relocation belongs to which instruction.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::parse::preamble;
use super::{Btf, BtfError, BtfErrorKind, BtfSection, CoreReloc, CoreRelocKind, TypeId};
use crate::codec::Endian;

/// The `.BTF.ext` of an object. It keeps the bytes and where the records of each program section are; records are
/// decoded when asked for, and what newer tools append to them is skipped.
#[derive(Clone)]
pub struct BtfExt {
    source: Arc<dyn AsRef<[u8]> + Send + Sync>,
    endian: Endian,
    parts: [Part; 3],
}

/// The records of one type.
#[derive(Clone, Default)]
struct Part {
    record_size: usize,
    sections: Vec<Place>,
}

/// The records of one type for one program section.
#[derive(Clone, Copy)]
struct Place {
    name_off: u32,
    start: u32,
    count: u32,
}

impl BtfExt {
    /// Reads `.BTF.ext` of either byte order, and keeps `source` without copying it.
    ///
    /// Every record is known to lie inside and to name the start of an instruction. Types and strings are not looked
    /// at: they are in the object's [`Btf`].
    ///
    /// # Errors
    /// [`BtfErrorKind`] tells what is wrong with the header or a record.
    pub fn parse(source: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self, BtfError> {
        Self::read(Arc::new(source))
    }

    fn read(source: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Result<Self, BtfError> {
        let bytes = (*source).as_ref();
        if u32::try_from(bytes.len()).is_err() {
            return Err(fault(
                0,
                BtfErrorKind::TooLarge {
                    size: bytes.len() as u64,
                },
            ));
        }
        let (endian, header) = preamble(bytes).map_err(|(at, kind)| fault(at, kind))?;
        let parts = [
            Part::read::<FuncInfo>(bytes, endian, header)?,
            Part::read::<LineInfo>(bytes, endian, header)?,
            Part::read::<CoreReloc>(bytes, endian, header)?,
        ];
        Ok(Self {
            source,
            endian,
            parts,
        })
    }

    /// The bytes that were parsed, unchanged.
    pub fn to_bytes(&self) -> &[u8] {
        (*self.source).as_ref()
    }

    /// The byte order of the file.
    pub fn endian(&self) -> Endian {
        self.endian
    }

    /// The program sections that have records of a type ([`FuncInfo`], [`LineInfo`] or [`CoreReloc`]), in the order of
    /// the file.
    pub fn sections<R: ExtRecord>(
        &self,
    ) -> impl ExactSizeIterator<Item = ExtSection<'_, R>> + Clone {
        let part = &self.parts[R::PART];
        let bytes = self.to_bytes();
        part.sections.iter().map(move |place| {
            let records = bytes.get(place.start as usize..).unwrap_or_default();
            let records = records.get(..place.count as usize * part.record_size);
            ExtSection {
                name_off: place.name_off,
                start: place.start,
                record_size: part.record_size,
                endian: self.endian,
                records: records.unwrap_or_default(),
                of: PhantomData,
            }
        })
    }

    /// The records of a type for the program section called `section`, in the order of the file. Compilers write them
    /// in the order of the instructions.
    pub fn records<'a, R: ExtRecord + 'a>(
        &'a self,
        btf: &'a Btf,
        section: &'a str,
    ) -> impl Iterator<Item = R> + 'a {
        let ours = self
            .sections::<R>()
            .filter(move |found| found.name(btf) == section);
        ours.flat_map(|found| found.records())
    }

    /// Checks what [`BtfExt::parse`] leaves alone: that the types and strings that the records name are in `btf`.
    ///
    /// # Errors
    /// [`BtfErrorKind::RecordType`], [`BtfErrorKind::RecordString`] or [`BtfErrorKind::BadAccess`], for the first
    /// record that has one.
    pub fn validate(&self, btf: &Btf) -> Result<(), BtfError> {
        self.validate_part::<FuncInfo>(btf)?;
        self.validate_part::<LineInfo>(btf)?;
        self.validate_part::<CoreReloc>(btf)
    }

    fn validate_part<R: ExtRecord>(&self, btf: &Btf) -> Result<(), BtfError> {
        for section in self.sections::<R>() {
            let start = section.start as usize;
            check_string(btf, "a section name", section.name_off)
                .map_err(|kind| fault(start.saturating_sub(8), kind))?;
            for (at, record) in section.records().enumerate() {
                record
                    .check(btf)
                    .map_err(|kind| fault(start + at * section.record_size, kind))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for BtfExt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |part: &Part| part.sections.iter().map(|place| place.count).sum::<u32>();
        f.debug_struct("BtfExt")
            .field("endian", &self.endian)
            .field("func_infos", &count(&self.parts[FuncInfo::PART]))
            .field("line_infos", &count(&self.parts[LineInfo::PART]))
            .field("core_relocs", &count(&self.parts[CoreReloc::PART]))
            .finish_non_exhaustive()
    }
}

/// Two are equal when their bytes are.
impl PartialEq for BtfExt {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl Eq for BtfExt {}

impl Part {
    fn read<R: ExtRecord>(bytes: &[u8], endian: Endian, header: usize) -> Result<Self, BtfError> {
        let field = 8 + 8 * R::PART;
        // A shorter header is older than this type of record.
        if field + 8 > header {
            return Ok(Self::default());
        }
        let offset = u64::from(endian.u32_at(bytes, field).unwrap_or(0));
        let start = header as u64 + offset;
        let end = start + u64::from(endian.u32_at(bytes, field + 4).unwrap_or(0));
        if start == end {
            return Ok(Self::default());
        }
        let size = bytes.len() as u64;
        if end > size {
            return Err(fault(
                field,
                BtfErrorKind::OutOfBounds {
                    what: R::WHAT,
                    start,
                    end,
                    size,
                },
            ));
        }
        if offset % 4 != 0 {
            return Err(fault(
                field,
                BtfErrorKind::Misaligned {
                    what: R::WHAT,
                    start: offset,
                },
            ));
        }
        let bytes = bytes.get(..end as usize).unwrap_or_default();
        let mut reader = Reader {
            bytes,
            at: start as usize,
            endian,
        };
        let found = reader.word("the size of a record")?;
        let record_size = found as usize;
        if record_size < R::SIZE || !record_size.is_multiple_of(4) {
            let (what, least) = (R::WHAT, R::SIZE as u32);
            return Err(fault(
                start as usize,
                BtfErrorKind::RecordSize { what, found, least },
            ));
        }
        let mut sections = Vec::new();
        while reader.at < bytes.len() {
            let name_off = reader.word("the name of a section")?;
            let count = reader.word("the number of records")?;
            let start = reader.at as u32;
            let need = u64::from(count) * record_size as u64;
            let records = reader.take(R::WHAT, need)?;
            for (at, record) in records.chunks_exact(record_size).enumerate() {
                let insn_off = endian.u32_at(record, 0).unwrap_or(0);
                if !insn_off.is_multiple_of(8) {
                    let kind = BtfErrorKind::InsnOffset {
                        what: R::WHAT,
                        insn_off,
                    };
                    return Err(fault(start as usize + at * record_size, kind));
                }
            }
            sections.push(Place {
                name_off,
                start,
                count,
            });
        }
        Ok(Self {
            record_size,
            sections,
        })
    }
}

/// Takes words and slices off the front.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    endian: Endian,
}

impl<'a> Reader<'a> {
    fn word(&mut self, what: &'static str) -> Result<u32, BtfError> {
        let endian = self.endian;
        Ok(endian.u32_at(self.take(what, 4)?, 0).unwrap_or(0))
    }

    fn take(&mut self, what: &'static str, need: u64) -> Result<&'a [u8], BtfError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = usize::try_from(need).ok().and_then(|need| rest.get(..need));
        let have = rest.len() as u64;
        let taken =
            taken.ok_or_else(|| fault(self.at, BtfErrorKind::Truncated { what, need, have }))?;
        self.at += taken.len();
        Ok(taken)
    }
}

fn fault(at: usize, kind: BtfErrorKind) -> BtfError {
    BtfError::new(BtfSection::Ext, at, kind)
}

/// The records of one type for one program section.
#[derive(Clone, Copy, Debug)]
pub struct ExtSection<'a, R> {
    name_off: u32,
    start: u32,
    record_size: usize,
    endian: Endian,
    records: &'a [u8],
    of: PhantomData<R>,
}

impl<'a, R: ExtRecord> ExtSection<'a, R> {
    /// The name of the program section; empty when there is none that can be read.
    pub fn name<'b>(&self, btf: &'b Btf) -> &'b str {
        btf.string(self.name_off).unwrap_or_default()
    }

    /// The offset of the name in the strings.
    pub fn name_offset(&self) -> u32 {
        self.name_off
    }

    /// The records.
    pub fn records(&self) -> impl ExactSizeIterator<Item = R> + Clone + use<'a, R> {
        let endian = self.endian;
        let words = move |record: &[u8]| {
            R::from_words(std::array::from_fn(|at| {
                endian.u32_at(record, 4 * at).unwrap_or(0)
            }))
        };
        self.records.chunks_exact(self.record_size).map(words)
    }
}

mod sealed {
    pub trait Sealed {
        /// The words of the record; shorter ones leave the last unused.
        fn from_words(words: [u32; 4]) -> Self;
        fn words(&self) -> [u32; 4];
        /// Whether the types and strings exist.
        fn check(&self, btf: &super::Btf) -> Result<(), super::BtfErrorKind>;
        const WHAT: &'static str;
        /// Which of the parts in the header.
        const PART: usize;
    }
}
use sealed::Sealed;

/// A type of record in `.BTF.ext`: [`FuncInfo`], [`LineInfo`] or [`CoreReloc`].
pub trait ExtRecord: Sealed + Copy {
    /// Bytes of the record.
    const SIZE: usize;

    /// Appends the record to `out` as it is stored in `.BTF.ext` and as bpf(2) takes it (which counts `insn_off` in
    /// instructions).
    fn write(&self, endian: Endian, out: &mut Vec<u8>) {
        for word in self.words().iter().take(Self::SIZE / 4) {
            out.extend_from_slice(&endian.u32_bytes(*word));
        }
    }
}

/// Where a function starts and what it is. `struct bpf_func_info` in `linux/bpf.h`.
#[doc(alias = "bpf_func_info")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuncInfo {
    /// Bytes from the start of the section to its first instruction.
    pub insn_off: u32,
    /// Its [`Kind::FUNC`](super::Kind::FUNC).
    pub type_id: TypeId,
}

impl Sealed for FuncInfo {
    const WHAT: &'static str = "function records";
    const PART: usize = 0;

    fn from_words([insn_off, type_id, ..]: [u32; 4]) -> Self {
        Self {
            insn_off,
            type_id: TypeId(type_id),
        }
    }

    fn words(&self) -> [u32; 4] {
        [self.insn_off, self.type_id.0, 0, 0]
    }

    fn check(&self, btf: &Btf) -> Result<(), BtfErrorKind> {
        check_type(btf, self.type_id)
    }
}

impl ExtRecord for FuncInfo {
    const SIZE: usize = 8;
}

/// The source line of the instructions from one on. `struct bpf_line_info` in `linux/bpf.h`.
#[doc(alias = "bpf_line_info")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineInfo {
    /// Bytes from the start of the section to the first instruction of the line.
    pub insn_off: u32,
    /// The offset of the name of the file in the strings.
    pub file_name_off: u32,
    /// The offset of the text of the line in the strings.
    pub line_off: u32,
    /// The number of the line, counted from 1; 22 bits.
    #[doc(alias = "BPF_LINE_INFO_LINE_NUM")]
    pub line_num: u32,
    /// The column, counted from 1; 10 bits.
    #[doc(alias = "BPF_LINE_INFO_LINE_COL")]
    pub col: u32,
}

impl LineInfo {
    /// The name of the file; empty when there is none that can be read.
    pub fn file_name<'a>(&self, btf: &'a Btf) -> &'a str {
        btf.string(self.file_name_off).unwrap_or_default()
    }

    /// The text of the line; empty when there is none that can be read.
    pub fn line<'a>(&self, btf: &'a Btf) -> &'a str {
        btf.string(self.line_off).unwrap_or_default()
    }
}

impl Sealed for LineInfo {
    const WHAT: &'static str = "line records";
    const PART: usize = 1;

    fn from_words([insn_off, file_name_off, line_off, line_col]: [u32; 4]) -> Self {
        let (line_num, col) = (line_col >> 10, line_col & 0x3ff);
        Self {
            insn_off,
            file_name_off,
            line_off,
            line_num,
            col,
        }
    }

    fn words(&self) -> [u32; 4] {
        let line_col = self.line_num << 10 | self.col & 0x3ff;
        [self.insn_off, self.file_name_off, self.line_off, line_col]
    }

    fn check(&self, btf: &Btf) -> Result<(), BtfErrorKind> {
        check_string(btf, "a file name", self.file_name_off)?;
        check_string(btf, "a source line", self.line_off)
    }
}

impl ExtRecord for LineInfo {
    const SIZE: usize = 16;
}

impl Sealed for CoreReloc {
    const WHAT: &'static str = "CO-RE records";
    const PART: usize = 2;

    fn from_words([insn_off, type_id, access_str_off, kind]: [u32; 4]) -> Self {
        let (type_id, kind) = (TypeId(type_id), CoreRelocKind(kind));
        Self {
            insn_off,
            type_id,
            access_str_off,
            kind,
        }
    }

    fn words(&self) -> [u32; 4] {
        [
            self.insn_off,
            self.type_id.0,
            self.access_str_off,
            self.kind.0,
        ]
    }

    fn check(&self, btf: &Btf) -> Result<(), BtfErrorKind> {
        check_type(btf, self.type_id)?;
        check_string(btf, "an access path", self.access_str_off)?;
        self.access(btf).map(drop).map_err(|error| error.kind)
    }
}

impl ExtRecord for CoreReloc {
    const SIZE: usize = 16;
}

fn check_type(btf: &Btf, to: TypeId) -> Result<(), BtfErrorKind> {
    let count = btf.type_count();
    if to.0 < count {
        Ok(())
    } else {
        Err(BtfErrorKind::RecordType { to, count })
    }
}

fn check_string(btf: &Btf, what: &'static str, at: u32) -> Result<(), BtfErrorKind> {
    btf.string(at)
        .map(drop)
        .ok_or(BtfErrorKind::RecordString { what, at })
}
