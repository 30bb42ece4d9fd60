//! Addresses of processes: which file and which symbol they are of.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::binary::{Binary, BinaryError, Segments};
use super::sys::errno_of;
use crate::system::SystemError;

/// The executables of a process, as they were mapped when this was made. Files are read when an address in them is asked
/// for, once.
#[derive(Debug)]
pub struct ProcessSymbols {
    pid: u32,
    mappings: Vec<Mapping>,
    files: Mutex<HashMap<Arc<str>, Option<Arc<FileSymbols>>>>,
}

/// Where an address of a process is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserLocation {
    /// The file, or a name such as `[vdso]`; empty for memory without a file.
    pub file: Arc<str>,
    /// Bytes from the start of the file.
    pub offset: u64,
    /// The function there, where the file tells.
    pub symbol: Option<UserSymbol>,
}

/// A function of an executable, and how far behind its start an address is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSymbol {
    /// The name as the file has it.
    pub name: Arc<str>,
    /// Bytes from the function's start.
    pub offset: u64,
}

impl fmt::Display for UserLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(symbol) = &self.symbol {
            write!(f, "{}+{:#x} ", symbol.name, symbol.offset)?;
        }
        match &*self.file {
            "" => write!(f, "(no file)"),
            file => write!(f, "({file}+{:#x})", self.offset),
        }
    }
}

/// A line of /proc/PID/maps.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapping {
    start: u64,
    end: u64,
    offset: u64,
    file: Arc<str>,
}

impl Mapping {
    /// Such as `7f0c8000-7f0ca000 r-xp 00026000 fe:00 12345      /usr/lib/libc.so.6`.
    fn parse(line: &str) -> Option<Mapping> {
        let mut words = line.splitn(6, ' ');
        let (start, end) = words.next()?.split_once('-')?;
        let hex = |text| u64::from_str_radix(text, 16).ok();
        let offset = words.nth(1)?;
        let file = words.nth(2).unwrap_or_default().trim();
        Some(Mapping {
            start: hex(start)?,
            end: hex(end)?,
            offset: hex(offset)?,
            file: file.strip_suffix(" (deleted)").unwrap_or(file).into(),
        })
    }
}

impl ProcessSymbols {
    /// The executables of the process `pid`, of the calling process for 0.
    ///
    /// # Errors
    /// `ENOENT` if there is no such process, `EACCES` or `EPERM` if it is another user's.
    pub fn of(pid: u32) -> Result<ProcessSymbols, SystemError> {
        let pid = if pid == 0 { std::process::id() } else { pid };
        let path = format!("/proc/{pid}/maps");
        let text = fs::read_to_string(&path).map_err(|error| SystemError::Os {
            op: "read",
            what: path.into(),
            errno: errno_of(&error),
            hint: Some("the process may be gone or belong to another user"),
        })?;
        Ok(ProcessSymbols {
            pid,
            mappings: text.lines().filter_map(Mapping::parse).collect(),
            files: Mutex::default(),
        })
    }

    /// Where an address is; `None` where nothing is mapped.
    pub fn at(&self, address: u64) -> Option<UserLocation> {
        let behind = self
            .mappings
            .partition_point(|mapping| mapping.start <= address);
        let mapping = self.mappings.get(behind.checked_sub(1)?)?;
        if address >= mapping.end {
            return None;
        }
        let offset = (address - mapping.start).saturating_add(mapping.offset);
        let symbol = self.file(mapping).and_then(|file| file.at(offset));
        Some(UserLocation {
            file: mapping.file.clone(),
            offset,
            symbol,
        })
    }

    /// The symbols of a mapped file, which may be gone from its path or lie in another mount namespace.
    fn file(&self, mapping: &Mapping) -> Option<Arc<FileSymbols>> {
        if !mapping.file.starts_with('/') {
            return None;
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files.get(&mapping.file) {
            return known.clone();
        }
        let Mapping { start, end, .. } = mapping;
        let ways = [
            PathBuf::from(format!("/proc/{}/map_files/{start:x}-{end:x}", self.pid)),
            PathBuf::from(format!("/proc/{}/root{}", self.pid, mapping.file)),
        ];
        let found = ways.iter().find_map(|path| FileSymbols::open(path).ok());
        let found = found.map(Arc::new);
        files.insert(mapping.file.clone(), found.clone());
        found
    }
}

/// The functions of an executable or a shared library, by where they are in the file.
#[derive(Clone, Debug, Default)]
pub struct FileSymbols {
    build_id: Option<Vec<u8>>,
    segments: Segments,
    /// By address.
    functions: Vec<Function>,
}

#[derive(Clone, Debug)]
struct Function {
    address: u64,
    bytes: u64,
    name: Arc<str>,
}

impl FileSymbols {
    /// Reads the symbols of an ELF file.
    ///
    /// # Errors
    /// What the system said to reading it, [`SystemError::Malformed`] for what is no ELF file.
    pub fn open(path: &Path) -> Result<FileSymbols, SystemError> {
        let what = || path.display().to_string().into();
        FileSymbols::read(path).map_err(|error| match error {
            BinaryError::Malformed(problem) => SystemError::Malformed {
                what: what(),
                problem: problem.into(),
            },
            error => SystemError::Os {
                op: "open",
                what: what(),
                errno: error.errno(),
                hint: None,
            },
        })
    }

    fn read(path: &Path) -> Result<FileSymbols, BinaryError> {
        let mut binary = Binary::open(path)?;
        let mut functions = Vec::new();
        // The table for linking has fewer, but is there in stripped files too.
        for dynamic in [false, true] {
            binary.each_symbol(dynamic, |symbol| {
                functions.push(Function {
                    address: symbol.address,
                    bytes: symbol.bytes,
                    name: symbol.name.into(),
                });
            })?;
        }
        functions.sort_by_key(|function| function.address);
        functions.dedup_by_key(|function| function.address);
        Ok(FileSymbols {
            build_id: binary.build_id()?,
            segments: binary.segments().clone(),
            functions,
        })
    }

    /// What tells this build of the file from others, as stack traces with build ids have it.
    pub fn build_id(&self) -> Option<&[u8]> {
        self.build_id.as_deref()
    }

    /// The function at so many bytes from the start of the file.
    pub fn at(&self, offset: u64) -> Option<UserSymbol> {
        let address = self.segments.address_of(offset)?;
        let behind = self
            .functions
            .partition_point(|function| function.address <= address);
        let function = self.functions.get(behind.checked_sub(1)?)?;
        let offset = address - function.address;
        // Functions written in assembly may not tell their size.
        (offset < function.bytes || function.bytes == 0).then(|| UserSymbol {
            name: function.name.clone(),
            offset,
        })
    }

    /// Where in the file a function starts, the first of its name.
    pub fn offset_of(&self, name: &str) -> Option<u64> {
        let function = self
            .functions
            .iter()
            .find(|function| *function.name == *name)?;
        self.segments.offset_of(function.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read() {
        let line = "7f0c8000-7f0ca000 r-xp 00026000 fe:00 12345                      /usr/lib/a b.so (deleted)";
        let mapping = Mapping::parse(line).expect("a mapping");
        assert_eq!((mapping.start, mapping.end), (0x7f0c_8000, 0x7f0c_a000));
        assert_eq!(
            (mapping.offset, &*mapping.file),
            (0x26000, "/usr/lib/a b.so")
        );
        let anonymous = Mapping::parse("7ffd0000-7ffd1000 rw-p 00000000 00:00 0 ");
        assert_eq!(&*anonymous.expect("a mapping").file, "");
        assert_eq!(Mapping::parse("nonsense"), None);
    }

    #[test]
    fn an_address_of_ours_is_in_our_executable() {
        let symbols = ProcessSymbols::of(0).expect("our own");
        let here = an_address_of_ours_is_in_our_executable as fn() as usize as u64;
        let found = symbols.at(here).expect("mapped");
        let own = std::env::current_exe().expect("a path");
        assert_eq!(&*found.file, own.display().to_string().as_str());
        let symbol = found.symbol.expect("test binaries have symbols");
        assert!(
            symbol.name.contains("an_address_of_ours"),
            "{}",
            symbol.name
        );
        assert_eq!(symbol.offset, 0);
        let file = FileSymbols::open(&own).expect("an ELF file");
        assert_eq!(file.offset_of(&symbol.name), Some(found.offset));
        assert_eq!(symbols.at(8), None);
    }

    #[test]
    fn what_is_no_executable_is_refused() {
        let text = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let error = FileSymbols::open(Path::new(text)).expect_err("text");
        assert!(matches!(error, SystemError::Malformed { .. }), "{error}");
        assert!(error.to_string().starts_with(text), "{error}");
        assert!(ProcessSymbols::of(u32::MAX).is_err());
    }
}
