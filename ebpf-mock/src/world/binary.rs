//! Executables and libraries, which probes of user space are put at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::hook::{StaticProbe, matches_pattern};
use parking_lot::Mutex;

use crate::MockSystem;

/// An executable or library of a simulated machine: its functions and static probes, by their offsets in the file.
///
/// ```
/// use ebpf_mock::{MockBinary, MockSystem};
/// let system = MockSystem::new();
/// system.add_binary(MockBinary::new("/usr/sbin/nginx").function("ngx_http_handler", 0x4000));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MockBinary {
    /// Where it is.
    pub path: PathBuf,
    /// Its functions: the offset of each in the file.
    pub functions: BTreeMap<String, u64>,
    /// Its static probes.
    pub probes: Vec<StaticProbe>,
    /// How many bytes it has; no probe is beyond. 1 GiB without it.
    pub size: u64,
}

impl MockBinary {
    /// A file without functions.
    pub fn new(path: impl Into<PathBuf>) -> MockBinary {
        MockBinary {
            path: path.into(),
            functions: BTreeMap::new(),
            probes: Vec::new(),
            size: 1 << 30,
        }
    }

    /// The same with a function at this offset.
    #[must_use]
    pub fn function(mut self, name: impl Into<String>, offset: u64) -> MockBinary {
        self.functions.insert(name.into(), offset);
        self
    }

    /// The same with a static probe.
    #[must_use]
    pub fn probe(mut self, probe: StaticProbe) -> MockBinary {
        self.probes.push(probe);
        self
    }

    /// The same with so many bytes.
    #[must_use]
    pub fn size(self, size: u64) -> MockBinary {
        MockBinary { size, ..self }
    }
}

/// The executables and libraries of a machine.
#[derive(Debug, Default)]
pub(crate) struct Binaries(Mutex<BTreeMap<PathBuf, Arc<MockBinary>>>);

/// What there is of a symbol.
#[derive(Debug)]
pub(crate) enum Found {
    At(u64),
    /// No such function; these are the names that there are.
    Missing(Vec<String>),
}

impl Binaries {
    /// The file of a path, or of a name without directories: of a library or of a program, in the usual places.
    pub(crate) fn find(&self, binary: &Path) -> Option<Arc<MockBinary>> {
        const USUAL: [&str; 6] = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/lib", "/lib"];
        let files = self.0.lock();
        if let Some(found) = files.get(binary) {
            return Some(found.clone());
        }
        if binary.components().count() != 1 {
            return None;
        }
        let mut places = USUAL.iter().map(|dir| Path::new(dir).join(binary));
        places.find_map(|path| files.get(&path).cloned())
    }
}

impl MockBinary {
    pub(crate) fn symbol(&self, name: &str) -> Found {
        match self.functions.get(name) {
            Some(offset) => Found::At(*offset),
            None => Found::Missing(self.functions.keys().cloned().collect()),
        }
    }

    /// The offsets of the functions whose names match a pattern, each once.
    pub(crate) fn matching(&self, pattern: &str) -> Vec<u64> {
        let found = self.functions.iter();
        let found = found.filter(|(name, _)| matches_pattern(pattern, name));
        let mut offsets: Vec<u64> = found.map(|(_, offset)| *offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        offsets
    }
}

impl MockSystem {
    /// Adds an executable or library, in the place of one that has the same path.
    pub fn add_binary(&self, binary: MockBinary) {
        let mut files = self.kernel().world.binaries.0.lock();
        files.insert(binary.path.clone(), Arc::new(binary));
    }
}
