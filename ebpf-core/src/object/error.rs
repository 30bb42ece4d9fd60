//! What can be wrong with an object file, and where.

use std::fmt;

use crate::btf::BtfError;

/// A fault in an object file: the section, the byte offset in it, and what is wrong there.
///
/// "`.maps`+0x20: map `drops` has no type"
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{kind}", Place(.section, .offset))]
#[non_exhaustive]
pub struct ParseError {
    /// The section; empty when the fault is in the file as a whole.
    pub section: String,
    /// Bytes from the start of the section, or of the file when there is no section.
    pub offset: Option<u64>,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

impl ParseError {
    /// A fault of the whole file.
    pub(super) fn file(kind: ParseErrorKind) -> ParseError {
        ParseError {
            section: String::new(),
            offset: None,
            kind,
        }
    }

    /// A fault of a whole section.
    pub(super) fn section(section: &str, kind: ParseErrorKind) -> ParseError {
        ParseError {
            section: section.to_owned(),
            offset: None,
            kind,
        }
    }

    /// A fault at a place in a section.
    pub(super) fn at(section: &str, offset: u64, kind: ParseErrorKind) -> ParseError {
        ParseError {
            section: section.to_owned(),
            offset: Some(offset),
            kind,
        }
    }
}

impl From<BtfError> for ParseError {
    fn from(error: BtfError) -> ParseError {
        ParseError::file(ParseErrorKind::Btf(error))
    }
}

struct Place<'a>(&'a str, &'a Option<u64>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            ("", None) => Ok(()),
            ("", Some(offset)) => write!(f, "byte {offset:#x}: "),
            (section, None) => write!(f, "`{section}`: "),
            (section, Some(offset)) => write!(f, "`{section}`+{offset:#x}: "),
        }
    }
}

/// What is wrong at the place that [`ParseError`] tells.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// Something else than an ELF file.
    #[error(
        "this is no object file: it begins with {}, not with an ELF header. Objects are what `clang -target bpf -c` writes",
        Start(.start)
    )]
    NotElf {
        /// The first bytes, at most 16.
        start: Vec<u8>,
    },
    /// An ELF file of 32 bits.
    #[error("this is a 32-bit ELF file; eBPF objects are 64-bit")]
    Class32,
    /// An ELF file with an impossible byte order.
    #[error(
        "the ELF header gives the byte order {0}, which is neither little-endian (1) nor big-endian (2)"
    )]
    ByteOrder(u8),
    /// Code for another machine.
    #[error(
        "this is {}, not eBPF (machine {machine}, where eBPF has 247): compile it with `clang -target bpf -c`",
        machine_label(*.machine)
    )]
    Machine {
        /// The number of the machine, `e_machine`.
        machine: u16,
    },
    /// Not a relocatable object.
    #[error("this is {}, not an object file (ELF type {file_type}, where objects have 1): was it linked?", file_type_label(*.file_type))]
    FileType {
        /// The ELF type, `e_type`.
        file_type: u16,
    },
    /// Something reaches beyond the end of the file.
    #[error(
        "{what} reaches beyond the end of the file ({size} bytes): the file is truncated or damaged"
    )]
    Truncated {
        /// What.
        what: &'static str,
        /// Bytes of the file.
        size: u64,
    },
    /// A table of the file contradicts itself.
    #[error("{what}: the file is damaged")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// A symbol reaches beyond its section.
    #[error("symbol `{symbol}` covers bytes {start:#x} to {end:#x}, and the section has {size:#x}")]
    SymbolRange {
        /// The symbol.
        symbol: String,
        /// Where it starts.
        start: u64,
        /// Where it ends.
        end: u64,
        /// Bytes of the section.
        size: u64,
    },
    /// More of something than is accepted.
    #[error("{what} {found} exceeds the limit of {limit}")]
    Limit {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many are accepted.
        limit: u64,
    },
    /// A program section that is not made of instructions.
    #[error("{bytes} bytes are no whole number of 8-byte instructions")]
    CodeSize {
        /// Bytes of the section.
        bytes: u64,
    },
    /// A function that does not start or end where an instruction does.
    #[error("function `{function}` does not start and end between two instructions")]
    FunctionBounds {
        /// The function.
        function: String,
    },
    /// The last instruction of a section is the first half of a 64-bit load.
    #[error("instruction {index} is a 64-bit load without its second half")]
    TruncatedLoad {
        /// The instruction.
        index: u64,
    },
    /// A relocation that names no symbol.
    #[error("a relocation refers to symbol {symbol}, but there are only {count}")]
    NoSuchSymbol {
        /// The number of the symbol.
        symbol: u32,
        /// How many there are.
        count: u64,
    },
    /// A relocation of a type that means nothing here.
    #[error("a relocation of type {relocation} against `{symbol}` cannot be applied to {place}")]
    RelocationType {
        /// The number of the type, `R_BPF_…`.
        relocation: u32,
        /// The symbol.
        symbol: String,
        /// What it should be applied to.
        place: String,
    },
    /// A relocation against something a program cannot refer to.
    #[error(
        "instruction {instruction} refers to `{symbol}` in section `{target}`, which is neither map, data nor code"
    )]
    RelocationTarget {
        /// The instruction, counted from the start of the section.
        instruction: u64,
        /// The symbol; the section's name when it has none.
        symbol: String,
        /// The section of the symbol.
        target: String,
    },
    /// A load of an address in a map section where no map starts.
    #[error(
        "instruction {instruction} refers to byte {offset:#x} of `{target}`, where no map starts"
    )]
    NoMapThere {
        /// The instruction, counted from the start of the section.
        instruction: u64,
        /// The map section.
        target: String,
        /// The byte.
        offset: i64,
    },
    /// A reference to data outside of its section.
    #[error(
        "instruction {instruction} refers to byte {offset:#x} of `{target}`, which has {size} bytes"
    )]
    DataRange {
        /// The instruction, counted from the start of the section.
        instruction: u64,
        /// The data section.
        target: String,
        /// The byte.
        offset: i64,
        /// Bytes of the section.
        size: u64,
    },
    /// A call, or the address of a function, that leads to no function.
    #[error(
        "instruction {instruction} refers to instruction {to} of `{target}`, where no function starts"
    )]
    NoFunctionThere {
        /// The instruction, counted from the start of the section.
        instruction: u64,
        /// The section of the function.
        target: String,
        /// The instruction that should start a function.
        to: i64,
    },
    /// A symbol that another object defines.
    #[error(
        "`{symbol}` is not defined in this object, nor declared `__ksym` or `__kconfig`: link it first with the object that defines it (`bpftool gen object`)"
    )]
    Undefined {
        /// The symbol.
        symbol: String,
    },
    /// A definition in a legacy map section whose size is not known.
    #[error(
        "map `{map}` has a definition of {size} bytes, which is neither libbpf's (20, 28), iproute2's (36), goebpf's (40) nor gobpf's (280)"
    )]
    LegacySize {
        /// The map.
        map: String,
        /// Bytes of its definition.
        size: u64,
    },
    /// Definitions in a legacy map section that cannot be told apart.
    #[error("the definitions of {maps} maps do not divide {size} bytes")]
    LegacySplit {
        /// How many symbols there are.
        maps: u64,
        /// Bytes of the section.
        size: u64,
    },
    /// A definition without a name.
    #[error("no symbol names the map that is defined here")]
    UnnamedMap,
    /// A field of a map's definition that makes no sense.
    #[error("map `{map}`: {problem}")]
    Map {
        /// The map.
        map: String,
        /// What is wrong.
        problem: MapProblem,
    },
    /// A `.kconfig` variable that cannot be filled.
    #[error("extern `{name}` has a type that no configuration value has: {problem}")]
    Kconfig {
        /// The variable.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A struct_ops variable that cannot be understood.
    #[error("`{name}`: {problem}")]
    StructOps {
        /// The variable.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The type information is needed and cannot be read.
    #[error("{0}")]
    Btf(BtfError),
    /// A section needs type information, and there is none.
    #[error("the object has no .BTF to say what is in here: compile with -g")]
    NeedsBtf,
}

/// What is wrong with the definition of a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapProblem {
    /// The variable's type is no structure.
    #[error("its type is {found}, and a definition is a structure")]
    NotStruct {
        /// What it is.
        found: String,
    },
    /// It does not say what type of map it is.
    #[error("it has no `type`")]
    NoType,
    /// A structure that is too large to be a definition.
    #[error("its type has more than {limit} members")]
    TooManyMembers {
        /// How many are accepted.
        limit: usize,
    },
    /// A member that is not known.
    #[error("`{member}` is no member of map definitions")]
    UnknownMember {
        /// The member.
        member: String,
    },
    /// A member whose type does not say what it should.
    #[error("`{member}` should be {expected}")]
    Member {
        /// The member.
        member: String,
        /// How it should be written.
        expected: &'static str,
    },
    /// Two members that contradict each other.
    #[error("`{member}` says {first}, and another member says {second}")]
    Conflict {
        /// The second member.
        member: String,
        /// What the first says.
        first: u32,
        /// What the second says.
        second: u32,
    },
    /// `values` on a map that takes none.
    #[error("`values` says what inner maps or programs it holds, and {map_type} maps hold none")]
    Values {
        /// The type of the map.
        map_type: String,
    },
    /// Inner maps of inner maps.
    #[error("its inner map is a map of maps itself")]
    NestedTooDeep,
    /// A relocation in the definition that means nothing.
    #[error("a relocation against `{symbol}` at byte {at} of the definition")]
    Relocation {
        /// The symbol.
        symbol: String,
        /// Bytes from the start of the definition.
        at: u64,
    },
    /// An inner map that does not exist.
    #[error("there is no map {wanted} to be its inner map")]
    NoInnerMap {
        /// How the definition names it.
        wanted: String,
    },
    /// Two maps of one name.
    #[error("another map has the same name")]
    SameName,
    /// A path that is not readable.
    #[error("its path is not in a section with strings, or not UTF-8")]
    Path,
    /// A type that cannot be read.
    #[error("{0}")]
    Btf(BtfError),
}

impl From<BtfError> for MapProblem {
    fn from(error: BtfError) -> MapProblem {
        MapProblem::Btf(error)
    }
}

/// The first bytes of a file, as text where they are text.
struct Start<'a>(&'a [u8]);

impl fmt::Display for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = std::str::from_utf8(self.0).ok();
        match text.filter(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace())) {
            Some(text) => write!(f, "{text:?}"),
            None => {
                for (at, byte) in self.0.iter().take(4).enumerate() {
                    let space = if at > 0 { " " } else { "the bytes " };
                    write!(f, "{space}{byte:02x}")?;
                }
                Ok(())
            }
        }
    }
}

fn machine_label(machine: u16) -> String {
    let name = match machine {
        3 => "x86 (32-bit)",
        8 => "MIPS",
        20 => "PowerPC (32-bit)",
        21 => "PowerPC",
        22 => "s390",
        40 => "Arm (32-bit)",
        62 => "x86-64",
        183 => "arm64",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => return "machine code for some other processor".to_owned(),
    };
    format!("machine code for {name}")
}

fn file_type_label(file_type: u16) -> &'static str {
    match file_type {
        2 => "an executable",
        3 => "a shared library or an executable",
        4 => "a core dump",
        _ => "some other kind of ELF file",
    }
}
