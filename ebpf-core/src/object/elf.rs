//! The object as ELF: sections, symbols and relocations, each checked once to lie inside the file.

use elf::abi;
use elf::endian::AnyEndian;
use elf::file::Class;
use elf::relocation::{RelIterator, RelaIterator};
use elf::section::SectionHeaderTable;
use elf::string_table::StringTable;
use elf::symbol::SymbolTable;

use super::allowance::Allowance;
use super::{ParseError, ParseErrorKind};
use crate::codec::Endian;

/// The machine number of eBPF.
const EM_BPF: u16 = 247;
/// The relocation types of the LLVM backend; GNU's assembler uses the same numbers.
/// Early compilers wrote no type.
pub(super) const R_BPF_NONE: u32 = 0;
pub(super) const R_BPF_64_64: u32 = 1;
pub(super) const R_BPF_64_ABS64: u32 = 2;
pub(super) const R_BPF_64_32: u32 = 10;

/// How many bytes the names of all sections and symbols together may have, for each byte of the file.
const NAMES: u64 = 4;

/// An ELF file of eBPF, taken apart.
pub(super) struct Elf<'a> {
    pub(super) endian: Endian,
    pub(super) sections: Vec<Section<'a>>,
    pub(super) symbols: Vec<Symbol<'a>>,
    /// For each section, the relocation sections that apply to it.
    relocations: Vec<(usize, RelocationTable<'a>)>,
    /// The symbols that can name something in a section, by section and place; global ones first.
    named: Vec<u32>,
    /// The sections by name, the first of each name first.
    by_name: Vec<u32>,
}

/// One section.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) name: &'a str,
    /// Its contents; empty for a section without any in the file (`.bss`).
    pub(super) data: &'a [u8],
    /// Its size, also where it has no contents in the file.
    pub(super) size: u64,
    kind: u32,
    flags: u64,
}

impl Section<'_> {
    /// Whether it holds instructions.
    pub(super) fn is_code(&self) -> bool {
        self.kind == abi::SHT_PROGBITS && self.flags & u64::from(abi::SHF_EXECINSTR) != 0
    }

    /// Whether it has contents in the file that mean something to the program.
    pub(super) fn is_progbits(&self) -> bool {
        self.kind == abi::SHT_PROGBITS
    }

    /// Whether it is all zero and not in the file.
    pub(super) fn is_nobits(&self) -> bool {
        self.kind == abi::SHT_NOBITS
    }
}

/// One symbol.
#[derive(Clone, Copy)]
pub(super) struct Symbol<'a> {
    pub(super) name: &'a str,
    /// Its section; `None` if it is undefined, absolute or common.
    pub(super) section: Option<usize>,
    /// Bytes from the start of the section.
    pub(super) value: u64,
    pub(super) size: u64,
    undefined: bool,
    info: u8,
    other: u8,
}

impl Symbol<'_> {
    pub(super) fn is_function(&self) -> bool {
        self.info & 0xf == abi::STT_FUNC
    }

    pub(super) fn is_untyped(&self) -> bool {
        self.info & 0xf == abi::STT_NOTYPE
    }

    pub(super) fn is_object(&self) -> bool {
        self.info & 0xf == abi::STT_OBJECT
    }

    pub(super) fn is_local(&self) -> bool {
        self.info >> 4 == abi::STB_LOCAL
    }

    pub(super) fn is_weak(&self) -> bool {
        self.info >> 4 == abi::STB_WEAK
    }

    /// Whether another object or the kernel is to define it.
    pub(super) fn is_undefined(&self) -> bool {
        self.undefined
    }

    /// Whether only its own object sees it, though it is global.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.other & 3, abi::STV_HIDDEN | abi::STV_INTERNAL)
    }

    /// Whether it can name something: neither empty nor a section or file.
    pub(super) fn is_name(&self) -> bool {
        !self.name.is_empty()
            && matches!(
                self.info & 0xf,
                abi::STT_NOTYPE | abi::STT_OBJECT | abi::STT_FUNC
            )
    }
}

/// One relocation.
#[derive(Clone, Copy)]
pub(super) struct Relocation {
    /// Bytes from the start of the section.
    pub(super) offset: u64,
    pub(super) symbol: u32,
    pub(super) kind: u32,
    /// What is added to the symbol, where the relocation says it; else it is in the bytes that are relocated.
    pub(super) addend: Option<i64>,
}

#[derive(Clone, Copy)]
struct RelocationTable<'a> {
    data: &'a [u8],
    with_addend: bool,
}

impl<'a> Elf<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Elf<'a>, ParseError> {
        check_start(bytes)?;
        let damaged = |error| file_error(bytes, error);
        let file = elf::ElfBytes::<AnyEndian>::minimal_parse(bytes).map_err(damaged)?;
        let header = &file.ehdr;
        let machine = header.e_machine;
        if machine != EM_BPF && machine != abi::EM_NONE {
            return Err(ParseError::file(ParseErrorKind::Machine { machine }));
        }
        if header.e_type != abi::ET_REL {
            let file_type = header.e_type;
            return Err(ParseError::file(ParseErrorKind::FileType { file_type }));
        }
        let endian = match header.endianness {
            AnyEndian::Little => Endian::Little,
            AnyEndian::Big => Endian::Big,
        };
        let (headers, names) = file.section_headers_with_strtab().map_err(damaged)?;
        let (Some(headers), Some(names)) = (headers, names) else {
            let what = "there are no sections";
            return Err(ParseError::file(ParseErrorKind::Damaged { what }));
        };
        let mut elf = Elf {
            endian,
            sections: Vec::with_capacity(headers.len()),
            symbols: Vec::new(),
            relocations: Vec::new(),
            named: Vec::new(),
            by_name: Vec::new(),
        };
        let mut names_left = Allowance::new("the length of all names together", bytes.len(), NAMES);
        elf.read_sections(bytes, &headers, &names, &mut names_left)?;
        elf.read_tables(header.endianness, &headers, &mut names_left)?;
        elf.order_names();
        Ok(elf)
    }

    fn order_names(&mut self) {
        self.by_name = (0..self.sections.len() as u32).collect();
        let sections = &self.sections;
        self.by_name
            .sort_by_key(|at| sections.get(*at as usize).map(|section| section.name));
        let places = self.symbols.iter().zip(0u32..);
        let named = places.filter(|(symbol, _)| symbol.section.is_some() && symbol.is_name());
        self.named = named.map(|(_, at)| at).collect();
        let symbols = &self.symbols;
        self.named.sort_by_key(|at| {
            let symbol = symbols.get(*at as usize);
            symbol.map(|symbol| (symbol.section, symbol.value, symbol.is_local()))
        });
    }

    /// The symbols that can name something in a section, by place; global ones first.
    pub(super) fn named_in(&self, section: usize) -> impl Iterator<Item = &Symbol<'a>> + Clone {
        let symbol = |at: &u32| self.symbols.get(*at as usize);
        let first = self
            .named
            .partition_point(|at| symbol(at).and_then(|s| s.section) < Some(section));
        let rest = self.named.get(first..).unwrap_or_default();
        rest.iter()
            .filter_map(symbol)
            .take_while(move |symbol| symbol.section == Some(section))
    }

    fn read_sections(
        &mut self,
        bytes: &'a [u8],
        headers: &SectionHeaderTable<'a, AnyEndian>,
        names: &StringTable<'a>,
        names_left: &mut Allowance,
    ) -> Result<(), ParseError> {
        let mut total = 0u64;
        for header in headers.iter() {
            let name = name(names, header.sh_name, names_left)?;
            let empty = matches!(header.sh_type, abi::SHT_NOBITS | abi::SHT_NULL);
            let data = if empty {
                &[][..]
            } else {
                let size = bytes.len() as u64;
                extent(bytes, header.sh_offset, header.sh_size).ok_or_else(|| {
                    let what = "it";
                    ParseError::section(name, ParseErrorKind::Truncated { what, size })
                })?
            };
            total = total.saturating_add(data.len() as u64);
            if total > bytes.len() as u64 {
                let what = "sections lie on each other";
                return Err(ParseError::section(name, ParseErrorKind::Damaged { what }));
            }
            if header.sh_flags & u64::from(abi::SHF_COMPRESSED) != 0
                && header.sh_flags & u64::from(abi::SHF_ALLOC) != 0
            {
                let what = "the section is compressed";
                return Err(ParseError::section(name, ParseErrorKind::Damaged { what }));
            }
            self.sections.push(Section {
                name,
                data,
                size: if header.sh_type == abi::SHT_NULL {
                    0
                } else {
                    header.sh_size
                },
                kind: header.sh_type,
                flags: header.sh_flags,
            });
        }
        Ok(())
    }

    /// Reads the symbol table, and notes where the relocations are.
    fn read_tables(
        &mut self,
        order: AnyEndian,
        headers: &SectionHeaderTable<'a, AnyEndian>,
        names_left: &mut Allowance,
    ) -> Result<(), ParseError> {
        for (at, header) in headers.iter().enumerate() {
            let Some(section) = self.sections.get(at).copied() else {
                break;
            };
            match header.sh_type {
                abi::SHT_SYMTAB if self.symbols.is_empty() => {
                    let strings = self.sections.get(header.sh_link as usize).ok_or_else(|| {
                        let what = "the symbol table has no strings";
                        ParseError::section(section.name, ParseErrorKind::Damaged { what })
                    })?;
                    let strings = StringTable::new(strings.data);
                    let table = SymbolTable::new(order, Class::ELF64, section.data);
                    self.symbols.reserve_exact(table.len());
                    for symbol in table.iter() {
                        let name = name(&strings, symbol.st_name, names_left)?;
                        let place = usize::from(symbol.st_shndx);
                        self.symbols.push(Symbol {
                            name,
                            section: (place != 0 && place < self.sections.len()).then_some(place),
                            value: symbol.st_value,
                            size: symbol.st_size,
                            undefined: symbol.is_undefined(),
                            info: symbol.st_info,
                            other: symbol.st_other,
                        });
                    }
                }
                abi::SHT_REL | abi::SHT_RELA => {
                    let table = RelocationTable {
                        data: section.data,
                        with_addend: header.sh_type == abi::SHT_RELA,
                    };
                    self.relocations.push((header.sh_info as usize, table));
                }
                _ => {}
            }
        }
        self.relocations.sort_by_key(|(section, _)| *section);
        Ok(())
    }

    /// The relocations of a section, in the order of the file.
    pub(super) fn relocations(
        &self,
        section: usize,
    ) -> impl Iterator<Item = Relocation> + use<'a, '_> {
        let order = match self.endian {
            Endian::Little => AnyEndian::Little,
            Endian::Big => AnyEndian::Big,
        };
        let first = self.relocations.partition_point(|(at, _)| *at < section);
        let tables = self.relocations.get(first..).unwrap_or_default();
        tables
            .iter()
            .take_while(move |(at, _)| *at == section)
            .flat_map(move |(_, table)| {
                let (plain, explicit) = match table.with_addend {
                    false => (table.data, &[][..]),
                    true => (&[][..], table.data),
                };
                let plain = RelIterator::new(order, Class::ELF64, plain).map(|entry| Relocation {
                    offset: entry.r_offset,
                    symbol: entry.r_sym,
                    kind: entry.r_type,
                    addend: None,
                });
                let explicit =
                    RelaIterator::new(order, Class::ELF64, explicit).map(|entry| Relocation {
                        offset: entry.r_offset,
                        symbol: entry.r_sym,
                        kind: entry.r_type,
                        addend: Some(entry.r_addend),
                    });
                plain.chain(explicit)
            })
    }

    /// What a relocation of data adds to its symbol: eight bytes at its place, unless it says so itself.
    pub(super) fn addend(&self, relocation: &Relocation, section: usize) -> u64 {
        if let Some(addend) = relocation.addend {
            return addend as u64;
        }
        let contents = self.sections.get(section).map_or(&[][..], |of| of.data);
        let at = usize::try_from(relocation.offset).ok();
        at.and_then(|at| self.endian.u64_at(contents, at))
            .unwrap_or(0)
    }

    /// The symbol of a relocation.
    pub(super) fn symbol_of(
        &self,
        relocation: &Relocation,
        section: usize,
    ) -> Result<&Symbol<'a>, ParseError> {
        self.symbols.get(relocation.symbol as usize).ok_or_else(|| {
            let (symbol, count) = (relocation.symbol, self.symbols.len() as u64);
            let kind = ParseErrorKind::NoSuchSymbol { symbol, count };
            ParseError::at(self.section_name(section), relocation.offset, kind)
        })
    }

    /// The name of a section; empty if there is no such section.
    pub(super) fn section_name(&self, section: usize) -> &'a str {
        self.sections
            .get(section)
            .map_or("", |section| section.name)
    }

    /// The name of a symbol, or of its section if it is the symbol of a section.
    pub(super) fn symbol_label(&self, symbol: &Symbol<'a>) -> &'a str {
        match symbol.section {
            Some(section) if symbol.name.is_empty() => self.section_name(section),
            _ => symbol.name,
        }
    }

    /// The first section of this name.
    pub(super) fn section(&self, name: &str) -> Option<(usize, &Section<'a>)> {
        let section = |at: &u32| self.sections.get(*at as usize);
        let before = |at: &u32| section(at).is_some_and(|section| section.name < name);
        let at = self.by_name.get(self.by_name.partition_point(before))?;
        let found = section(at).filter(|section| section.name == name)?;
        Some((*at as usize, found))
    }
}

/// The name at a place of a string table.
fn name<'a>(
    strings: &StringTable<'a>,
    offset: u32,
    allowance: &mut Allowance,
) -> Result<&'a str, ParseError> {
    if offset == 0 {
        return Ok("");
    }
    let damaged = |what| ParseError::file(ParseErrorKind::Damaged { what });
    let raw = strings.get_raw(offset as usize);
    let raw = raw.map_err(|_| damaged("a name lies outside of its string table"))?;
    allowance.spend(raw.len())?;
    std::str::from_utf8(raw).map_err(|_| damaged("a name is not UTF-8"))
}

/// The bytes of a section.
fn extent(bytes: &[u8], start: u64, size: u64) -> Option<&[u8]> {
    let end = start.checked_add(size)?;
    bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// Tells what is no ELF file of 64 bits.
fn check_start(bytes: &[u8]) -> Result<(), ParseError> {
    let kind = if bytes.is_empty() {
        ParseErrorKind::Empty
    } else if !bytes.starts_with(b"\x7fELF") {
        let start = bytes.get(..16).unwrap_or(bytes).to_vec();
        ParseErrorKind::NotElf { start }
    } else if bytes.get(4) == Some(&abi::ELFCLASS32) {
        ParseErrorKind::Class32
    } else {
        return Ok(());
    };
    Err(ParseError::file(kind))
}

fn file_error(bytes: &[u8], error: elf::ParseError) -> ParseError {
    use elf::ParseError as E;
    let size = bytes.len() as u64;
    let kind = match error {
        E::UnsupportedElfEndianness(order) => ParseErrorKind::ByteOrder(order),
        E::SliceReadError(_) if bytes.len() < 64 => {
            let what = "the ELF header";
            ParseErrorKind::Truncated { what, size }
        }
        E::SliceReadError(_) => {
            let what = "the table of sections";
            ParseErrorKind::Truncated { what, size }
        }
        E::BadEntsize(_) => ParseErrorKind::Damaged {
            what: "the ELF header gives its tables entries of an impossible size",
        },
        _ => ParseErrorKind::Damaged {
            what: "the ELF header contradicts itself",
        },
    };
    ParseError::file(kind)
}
