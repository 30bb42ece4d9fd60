//! Executables and libraries that probes are put into: functions and static probes as offsets in the file.

mod locate;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use elf::abi;
use elf::endian::{AnyEndian, EndianParse};
use elf::file::Class;
use elf::note::Note;
use elf::segment::ProgramHeader;
use elf::{ElfStream, ParseError};

pub(super) use self::locate::locate;
use super::KernelSystem;
use super::sys::errno_of;
use crate::Errno;
use crate::hook::StaticProbe;
use crate::system::SystemError;

impl KernelSystem {
    /// Every place of every static probe of an executable or library, in the order of the file; the file is named as for
    /// [`Uprobe`](crate::hook::Uprobe).
    ///
    /// # Errors
    /// `ENOENT` where there is no such file, `ENOEXEC` for one that is not in ELF format.
    pub fn static_probes(&self, binary: impl AsRef<Path>) -> Result<Vec<StaticProbe>, SystemError> {
        let binary = binary.as_ref();
        let refused = |errno, hint| SystemError::Os {
            op: "read the static probes of",
            what: binary.display().to_string().into(),
            errno,
            hint,
        };
        let path = locate(binary, None).map_err(|_| {
            refused(
                Errno::ENOENT,
                Some("a name is looked for where libraries are, and in PATH"),
            )
        })?;
        Binary::open(&path)
            .and_then(|mut binary| binary.static_probes())
            .map_err(|error| {
                let hint = matches!(error, BinaryError::Malformed(_));
                let hint = hint.then_some("it is no executable or library in ELF format");
                refused(error.errno(), hint)
            })
    }
}

/// An ELF file, read as far as it is asked for.
pub(super) struct Binary<R: Read + Seek> {
    elf: ElfStream<AnyEndian, R>,
    segments: Segments,
}

/// The pieces of a file that are loaded.
#[derive(Clone, Debug, Default)]
pub(super) struct Segments(Vec<ProgramHeader>);

impl Segments {
    /// Where in the file the byte is that is loaded at an address.
    pub(super) fn offset_of(&self, address: u64) -> Option<u64> {
        self.0.iter().find_map(|segment| {
            let within = address.checked_sub(segment.p_vaddr)?;
            (within < segment.p_filesz).then(|| segment.p_offset.checked_add(within))?
        })
    }

    /// At which address a byte of the file is loaded.
    pub(super) fn address_of(&self, offset: u64) -> Option<u64> {
        self.0.iter().find_map(|segment| {
            let within = offset.checked_sub(segment.p_offset)?;
            (within < segment.p_filesz).then(|| segment.p_vaddr.checked_add(within))?
        })
    }
}

/// A function in a table of symbols.
pub(super) struct Symbol<'t> {
    /// Its place in the table.
    index: usize,
    pub(super) name: &'t str,
    pub(super) address: u64,
    /// How long it is; 0 where nobody said so.
    pub(super) bytes: u64,
    kind: u8,
    rank: Rank,
}

/// A function of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// With `@version` where it has one.
    pub(super) name: String,
    /// Bytes from the beginning of the file.
    pub(super) offset: u64,
    /// Which is meant where several have a name: the highest.
    rank: Rank,
}

/// What an unversioned name means first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Local,
    /// A version that new programs are not linked against.
    OldVersion,
    Weak,
    Global,
}

/// Why a file or something in it cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BinaryError {
    Open(Errno),
    /// What is wrong with it.
    Malformed(String),
    /// There is no such function; names that are similar are for the caller to find.
    NoFunction,
    /// The function is chosen among several when the program starts.
    Indirect,
    /// So many functions have this name.
    Ambiguous(usize),
}

impl From<ParseError> for BinaryError {
    fn from(error: ParseError) -> BinaryError {
        match error {
            ParseError::IOError(error) => BinaryError::Open(errno_of(&error)),
            other => BinaryError::Malformed(other.to_string()),
        }
    }
}

impl Binary<File> {
    pub(super) fn open(path: &Path) -> Result<Binary<File>, BinaryError> {
        let file = File::open(path).map_err(|error| BinaryError::Open(errno_of(&error)))?;
        // Reading of a FIFO or a device may wait for ever.
        let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        if !regular {
            return Err(BinaryError::Malformed("it is no regular file".to_owned()));
        }
        Binary::new(file)
    }
}

impl<R: Read + Seek> Binary<R> {
    fn new(reader: R) -> Result<Binary<R>, BinaryError> {
        let elf = ElfStream::open_stream(reader)?;
        let loaded = |segment: &&ProgramHeader| segment.p_type == abi::PT_LOAD;
        let segments = elf.segments().iter().filter(loaded).copied().collect();
        let segments = Segments(segments);
        Ok(Binary { elf, segments })
    }

    pub(super) fn segments(&self) -> &Segments {
        &self.segments
    }

    /// What tells this build of the file from others.
    pub(super) fn build_id(&mut self) -> Result<Option<Vec<u8>>, BinaryError> {
        let header = self.elf.section_header_by_name(".note.gnu.build-id")?;
        let Some(header) = header.copied() else {
            return Ok(None);
        };
        let mut notes = self.elf.section_data_as_notes(&header)?;
        Ok(notes.find_map(|note| match note {
            Note::GnuBuildId(id) => Some(id.0.to_vec()),
            _ => None,
        }))
    }

    /// Shows every function of one table whose name is text: of `.dynsym`, or of `.symtab`.
    pub(super) fn each_symbol(
        &mut self,
        dynamic: bool,
        mut show: impl FnMut(Symbol<'_>),
    ) -> Result<(), BinaryError> {
        let table = if dynamic {
            self.elf.dynamic_symbol_table()?
        } else {
            self.elf.symbol_table()?
        };
        let Some((symbols, names)) = table else {
            return Ok(());
        };
        for (index, symbol) in symbols.iter().enumerate() {
            let kind = symbol.st_symtype();
            if symbol.is_undefined() || !matches!(kind, abi::STT_FUNC | abi::STT_GNU_IFUNC) {
                continue;
            }
            // No one can ask for a name that is no text.
            let Ok(name) = std::str::from_utf8(names.get_raw(symbol.st_name as usize)?) else {
                continue;
            };
            show(Symbol {
                index,
                name,
                address: symbol.st_value,
                bytes: symbol.st_size,
                kind,
                rank: match symbol.st_bind() {
                    abi::STB_LOCAL => Rank::Local,
                    abi::STB_WEAK => Rank::Weak,
                    _ => Rank::Global,
                },
            });
        }
        Ok(())
    }

    /// The offset of the function of this name, `name@version` for one version of it.
    pub(super) fn function(&mut self, name: &str) -> Result<u64, BinaryError> {
        let (bare, version) = split_version(name);
        let (found, indirect) = self.functions(|known| {
            let (known, of) = split_version(known);
            known == bare && (version.is_none() || version == of)
        })?;
        let best = found.iter().map(|function| function.rank).max();
        // The same function is in both tables, and may have several names.
        let offsets: BTreeMap<u64, ()> = found
            .iter()
            .filter(|function| Some(function.rank) == best)
            .map(|function| (function.offset, ()))
            .collect();
        match (offsets.len(), offsets.into_keys().next()) {
            (1, Some(offset)) => Ok(offset),
            (0, _) if indirect => Err(BinaryError::Indirect),
            (0, _) => Err(BinaryError::NoFunction),
            (count, _) => Err(BinaryError::Ambiguous(count)),
        }
    }

    /// The functions whose name is wanted, and whether there are indirect ones.
    pub(super) fn functions(
        &mut self,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(Vec<Function>, bool), BinaryError> {
        let mut found = Vec::new();
        for versioned in [false, true] {
            self.functions_of(versioned, &wanted, &mut found)?;
        }
        let mut indirect = false;
        let mut functions = Vec::with_capacity(found.len());
        for (name, address, kind, rank) in found {
            if kind == abi::STT_GNU_IFUNC {
                indirect = true;
            } else if let Some(offset) = self.segments.offset_of(address) {
                functions.push(Function { name, offset, rank });
            }
        }
        Ok((functions, indirect))
    }

    /// Those of one table: `.dynsym`, whose versions are in tables beside it, or `.symtab`.
    fn functions_of(
        &mut self,
        dynamic: bool,
        wanted: &impl Fn(&str) -> bool,
        found: &mut Vec<(String, u64, u8, Rank)>,
    ) -> Result<(), BinaryError> {
        let mut places = Vec::new();
        self.each_symbol(dynamic, |symbol| {
            // `name@version` of a .symtab is an old one, `name@@version` the default.
            let old = symbol.name.contains('@') && !symbol.name.contains("@@");
            let rank = if old { Rank::OldVersion } else { symbol.rank };
            // A version can only be asked for after `@`: all versions of a name that may be wanted are looked at.
            let name = symbol.name.to_owned();
            places.push((symbol.index, name, symbol.address, symbol.kind, rank));
        })?;
        if !dynamic {
            let wanted = places.into_iter().filter(|(_, name, ..)| wanted(name));
            found.extend(wanted.map(|(_, name, value, kind, rank)| (name, value, kind, rank)));
            return Ok(());
        }
        let versions = self.elf.symbol_version_table()?;
        for (index, name, value, kind, rank) in places {
            // Cheap first: a name whose version does not matter or cannot.
            let definition = match &versions {
                Some(versions) => versions.get_definition(index).ok().flatten(),
                None => None,
            };
            let (name, rank) = match definition {
                Some(mut definition) => {
                    let rank = if definition.hidden {
                        Rank::OldVersion
                    } else {
                        rank
                    };
                    match definition.names.next() {
                        Some(Ok(version)) => (format!("{name}@{version}"), rank),
                        _ => (name, rank),
                    }
                }
                None => (name, rank),
            };
            if wanted(&name) {
                found.push((name, value, kind, rank));
            }
        }
        Ok(())
    }

    /// Every static probe, in the order of the file: notes of the name `stapsdt` and the type 3.
    pub(super) fn static_probes(&mut self) -> Result<Vec<StaticProbe>, BinaryError> {
        let (sections, names) = self.elf.section_headers_with_strtab()?;
        let Some(names) = names else {
            return Ok(Vec::new());
        };
        let section = |wanted: &str| {
            let named = |section: &&elf::section::SectionHeader| {
                names
                    .get_raw(section.sh_name as usize)
                    .is_ok_and(|name| name == wanted.as_bytes())
            };
            sections.iter().find(named).copied()
        };
        let base = section(".stapsdt.base").map(|section| section.sh_addr);
        let Some(notes) = section(".note.stapsdt") else {
            return Ok(Vec::new());
        };
        let (class, endian) = (self.elf.ehdr.class, self.elf.ehdr.endianness);
        let (data, compressed) = self.elf.section_data(&notes)?;
        if compressed.is_some() {
            return Err(BinaryError::Malformed(
                "its notes are compressed".to_owned(),
            ));
        }
        let found = probe_notes(data, class, endian)?;
        // Prelinking moves what the notes say by as much as this section.
        let moved = |address: u64, told: u64| match base {
            Some(base) if told != 0 => address.wrapping_add(base.wrapping_sub(told)),
            _ => address,
        };
        let mut probes = Vec::new();
        for note in found {
            let pc = moved(note.pc, note.base);
            let offset = self.segments.offset_of(pc).ok_or_else(|| {
                BinaryError::Malformed(format!("a static probe at {pc:#x} is in no segment"))
            })?;
            let semaphore = match note.semaphore {
                0 => 0,
                address => self
                    .segments
                    .offset_of(moved(address, note.base))
                    .unwrap_or(0),
            };
            probes.push(StaticProbe::new(
                note.provider,
                note.name,
                note.arguments,
                offset,
                semaphore,
            ));
        }
        Ok(probes)
    }
}

/// A name and its version.
fn split_version(name: &str) -> (&str, Option<&str>) {
    match name.split_once('@') {
        Some((bare, version)) => (bare, Some(version.trim_start_matches('@'))),
        None => (name, None),
    }
}

/// A note of a static probe.
struct ProbeNote {
    pc: u64,
    base: u64,
    semaphore: u64,
    provider: String,
    name: String,
    arguments: String,
}

/// The notes of static probes: each is a header of three words, a name, and a description, both filled up to 4 bytes.
fn probe_notes(
    data: &[u8],
    class: Class,
    endian: AnyEndian,
) -> Result<Vec<ProbeNote>, BinaryError> {
    const NT_STAPSDT: u32 = 3;
    let cut = || BinaryError::Malformed("its notes are cut off".to_owned());
    let mut notes = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let mut word = || endian.parse_u32_at(&mut at, data).map_err(|_| cut());
        let (name_size, size, kind) = (word()? as usize, word()? as usize, word()?);
        let mut take = |size: usize| {
            let taken = data.get(at..at.checked_add(size)?)?;
            at = at.checked_add(size.checked_next_multiple_of(4)?)?;
            Some(taken)
        };
        let name = take(name_size).ok_or_else(cut)?;
        let description = take(size).ok_or_else(cut)?;
        if name == b"stapsdt\0" && kind == NT_STAPSDT {
            notes.push(probe_note(description, class, endian).ok_or_else(cut)?);
        }
    }
    Ok(notes)
}

fn probe_note(description: &[u8], class: Class, endian: AnyEndian) -> Option<ProbeNote> {
    let mut at = 0;
    let mut address = || match class {
        Class::ELF32 => endian
            .parse_u32_at(&mut at, description)
            .map(u64::from)
            .ok(),
        Class::ELF64 => endian.parse_u64_at(&mut at, description).ok(),
    };
    let (pc, base, semaphore) = (address()?, address()?, address()?);
    let mut texts = description.get(at..)?.split(|byte| *byte == 0);
    let mut text = || String::from_utf8(texts.next()?.to_vec()).ok();
    Some(ProbeNote {
        pc,
        base,
        semaphore,
        provider: text()?,
        name: text()?,
        arguments: text()?,
    })
}

impl BinaryError {
    /// As an operating system would say it.
    pub(super) fn errno(&self) -> Errno {
        match self {
            BinaryError::Open(errno) => *errno,
            BinaryError::Malformed(_) => Errno::ENOEXEC,
            BinaryError::NoFunction => Errno::ENOENT,
            BinaryError::Indirect | BinaryError::Ambiguous(_) => Errno::EADDRNOTAVAIL,
        }
    }
}

#[cfg(test)]
mod tests;
