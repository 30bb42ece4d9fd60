//! What can be wrong with BTF, and where.

use std::fmt;

use super::{Kind, MAX_DEPTH, MAX_STRING, TypeId};

/// A fault in BTF: the section, the byte offset in it, and what is wrong there.
///
/// ".BTF+0x20: type #12 `foo` refers to type #99, but there are only 40"
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{section}+{offset:#x}: {kind}")]
#[non_exhaustive]
pub struct BtfError {
    /// Where the bytes come from.
    pub section: BtfSection,
    /// Bytes from the start of the section.
    pub offset: u32,
    /// What is wrong.
    pub kind: BtfErrorKind,
}

impl BtfError {
    pub(super) fn new(section: BtfSection, offset: usize, kind: BtfErrorKind) -> Self {
        Self {
            section,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            kind,
        }
    }

    pub(super) fn btf(offset: usize, kind: BtfErrorKind) -> Self {
        Self::new(BtfSection::Btf, offset, kind)
    }
}

/// The sections that carry BTF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BtfSection {
    /// `.BTF`: types and strings.
    Btf,
    /// `.BTF.ext`: what belongs to which instruction.
    Ext,
}

impl fmt::Display for BtfSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Btf => ".BTF",
            Self::Ext => ".BTF.ext",
        })
    }
}

/// A type as an error names it: "type #12 `foo`", or "type #12" when it has no name.
fn type_label(id: TypeId, name: &str) -> String {
    if name.is_empty() {
        format!("type {id}")
    } else {
        format!("type {id} `{name}`")
    }
}

/// What is wrong at the place that [`BtfError`] tells.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BtfErrorKind {
    /// The bytes end too early.
    #[error("{what} needs {need} bytes, and {have} are left")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Bytes that it needs.
        need: u64,
        /// Bytes that are there.
        have: u64,
    },
    /// More bytes than 32-bit offsets can address.
    #[error("{size} bytes are more than the format can address (4 GiB)")]
    TooLarge {
        /// How many bytes there are.
        size: u64,
    },
    /// Not BTF.
    #[error("this is no BTF: it starts with {found:#06x} instead of 0xeb9f")]
    Magic {
        /// The first two bytes, as a little-endian number.
        found: u16,
    },
    /// BTF of another version.
    #[error("version {found} is unknown (only 1 is)")]
    Version {
        /// The version that was found.
        found: u8,
    },
    /// Flags in the header that mean something this version does not know.
    #[error("the header has flags {found:#x}, and none are known")]
    Flags {
        /// The flags that were found.
        found: u8,
    },
    /// A header shorter than the oldest.
    #[error("the header says that it is {found} bytes long; the shortest is {least}")]
    HeaderLength {
        /// The length that the header gives itself.
        found: u32,
        /// The shortest that is possible.
        least: u32,
    },
    /// Header fields of a newer format that are in use.
    #[error(
        "the header is {found} bytes long, and what follows the known {known} is not zero: written by a newer tool"
    )]
    HeaderTail {
        /// The length that the header gives itself.
        found: u32,
        /// How many bytes of header are understood.
        known: u32,
    },
    /// A part that does not start on a multiple of four bytes.
    #[error("the {what} start at {start:#x}, which is not a multiple of 4")]
    Misaligned {
        /// Which part.
        what: &'static str,
        /// Where it starts.
        start: u64,
    },
    /// A part that reaches beyond the end.
    #[error("the {what} reach from {start:#x} to {end:#x}, and the section ends at {size:#x}")]
    OutOfBounds {
        /// Which part.
        what: &'static str,
        /// Where it starts.
        start: u64,
        /// Where it would end.
        end: u64,
        /// How many bytes there are.
        size: u64,
    },
    /// Parts that lie on each other.
    #[error("the types reach into the strings")]
    Overlap,
    /// Strings that do not start with an empty one, or whose last one does not end.
    #[error("the strings do not {}", if *.at_start { "start with the empty string" } else { "end with a NUL" })]
    Strings {
        /// Whether the start is wrong (else the end).
        at_start: bool,
    },
    /// A kind whose size is not known, so that what follows cannot be read.
    #[error("type {id} is of kind {}, which is unknown, and the file does not describe its layout", .kind.0)]
    UnknownKind {
        /// The type.
        id: TypeId,
        /// The number of its kind.
        kind: Kind,
    },
    /// A type that reaches beyond the types.
    #[error("type {id} ({kind} with {vlen} items) needs {need} bytes, and {have} are left")]
    TypeTruncated {
        /// The type.
        id: TypeId,
        /// Its kind.
        kind: Kind,
        /// How many items it says to have.
        vlen: u32,
        /// Bytes that it needs.
        need: u64,
        /// Bytes that are left.
        have: u64,
    },
    /// A type that is asked for and not there.
    #[error("there is no type {id}; there are only {count}")]
    NoSuchType {
        /// The type that was asked for.
        id: TypeId,
        /// How many there are, `void` included.
        count: u32,
    },
    /// A reference to a type that does not exist.
    #[error("{} refers to type {to}, but there are only {count}", type_label(*.id, .name))]
    BadReference {
        /// The type that refers.
        id: TypeId,
        /// Its name.
        name: Box<str>,
        /// The missing type.
        to: TypeId,
        /// How many there are, `void` included.
        count: u32,
    },
    /// A name that is not a string of the string section.
    #[error("type {id} has a name at {at:#x}, where no readable string is")]
    BadName {
        /// The type.
        id: TypeId,
        /// The offset into the strings.
        at: u32,
    },
    /// A chain of types that is longer than [`MAX_DEPTH`], or endless.
    #[error("{} leads through more than {MAX_DEPTH} types: a cycle, or too deep", type_label(*.id, .name))]
    TooDeep {
        /// The type that was asked about.
        id: TypeId,
        /// Its name.
        name: Box<str>,
    },
    /// A type that has no size: a function, a forward declaration, `void`.
    #[error("{} is {kind} and has no size", type_label(*.id, .name))]
    NoSize {
        /// The type that was asked about.
        id: TypeId,
        /// Its name.
        name: Box<str>,
        /// What it turned out to be.
        kind: Kind,
    },
    /// An array whose size does not fit.
    #[error("the size of {} is more than 4 GiB", type_label(*.id, .name))]
    SizeOverflow {
        /// The type that was asked about.
        id: TypeId,
        /// Its name.
        name: Box<str>,
    },
    /// A field further into a structure than 32-bit sizes reach.
    #[error("`{field}` lies more than 4 GiB into {}", type_label(*.id, .name))]
    FieldOverflow {
        /// The structure that was asked about.
        id: TypeId,
        /// Its name.
        name: Box<str>,
        /// The field.
        field: Box<str>,
    },
    /// A type of another kind than the question needs.
    #[error("{} is {found}, and {expected} is needed", type_label(*.id, .name))]
    WrongKind {
        /// The type that was asked about.
        id: TypeId,
        /// Its name.
        name: Box<str>,
        /// What it is.
        found: Kind,
        /// What it should be.
        expected: &'static str,
    },
    /// More fields than there is room for members: the same anonymous structure over and over.
    #[error("{} has more than {limit} fields, and these types have no room for so many", type_label(*.id, .name))]
    TooManyFields {
        /// The type that was asked about.
        id: TypeId,
        /// Its name.
        name: Box<str>,
        /// The limit.
        limit: usize,
    },
    /// Records that are too small, or no multiple of four bytes.
    #[error("{what} have {found} bytes each; they need {least} at least, and a multiple of 4")]
    RecordSize {
        /// Which records.
        what: &'static str,
        /// Bytes that one has.
        found: u32,
        /// Bytes that one needs.
        least: u32,
    },
    /// A record for a place between instructions, which lie on multiples of eight bytes.
    #[error("one of the {what} is for byte {insn_off} of its section, where no instruction starts")]
    InsnOffset {
        /// Which records.
        what: &'static str,
        /// Bytes from the start of the section.
        insn_off: u32,
    },
    /// A record that names a type that does not exist.
    #[error("a record refers to type {to}, but there are only {count}")]
    RecordType {
        /// The missing type.
        to: TypeId,
        /// How many there are, `void` included.
        count: u32,
    },
    /// A record that names a string that does not exist.
    #[error("{what} should be at {at:#x} of the strings, and no readable string is there")]
    RecordString {
        /// What the string should be.
        what: &'static str,
        /// The offset into the strings.
        at: u32,
    },
    /// A path that is not numbers with colons between.
    #[error("{text:?} is no access path: it should be up to 64 numbers with `:` between them")]
    BadAccess {
        /// The text, cut to 80 characters.
        text: Box<str>,
    },
    /// A string that cannot be stored: with a NUL inside, or longer than [`MAX_STRING`].
    #[error("{text:?} has a NUL inside or is longer than {MAX_STRING} bytes, and cannot be stored")]
    BadString {
        /// The text, cut to 80 characters.
        text: Box<str>,
    },
    /// More members, parameters or entries than a type can have.
    #[error("a type cannot have {items} items, at most 16777215")]
    TooManyItems {
        /// How many there are.
        items: usize,
    },
    /// A member too far from the start of a structure with bit-fields.
    #[error(
        "a structure with bit-fields has 24 bits for offsets, too few for a member at bit {bit_offset}"
    )]
    MemberOffset {
        /// Bits from the start.
        bit_offset: u32,
    },
    /// Another number of entries than a section has.
    #[error("type {id} is a DATASEC with {has} entries, and {given} are given")]
    EntryCount {
        /// The section.
        id: TypeId,
        /// How many it has.
        has: u32,
        /// How many are given.
        given: usize,
    },
    /// Split BTF whose base has the other byte order.
    #[error("the byte order differs from that of the base BTF")]
    BaseByteOrder,
}
