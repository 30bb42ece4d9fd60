//! What a system tells of itself: its objects by number, types that were loaded, symbols, statistics of runs.

use std::fmt;
use std::sync::Arc;

use super::{Kind, System, SystemError};
use crate::Errno;
use crate::link::{Link, LinkId};
use crate::map::{Map, MapId};
use crate::program::{Program, ProgramId};

/// The number by which a system knows a BTF object while it exists. Since Linux 4.18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BtfId(pub u32);

impl fmt::Display for BtfId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known of a BTF object: types that were loaded with maps and programs, or the kernel's own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "bpf_btf_info")]
pub struct BtfInfo {
    /// The id.
    pub id: BtfId,
    /// `vmlinux` or the name of a module for types of the kernel, empty for those that a process loaded. Told since
    /// Linux 5.11.
    pub name: Arc<str>,
    /// Bytes of the types and their names.
    pub size: u32,
    /// Whether they are the kernel's or a module's. Told since Linux 5.11.
    pub of_kernel: bool,
}

impl BtfInfo {
    /// What is known of types that a process loaded. For implementors, who fill in the rest.
    pub fn new(id: BtfId, size: u32) -> BtfInfo {
        BtfInfo {
            id,
            name: "".into(),
            size,
            of_kernel: false,
        }
    }
}

/// An address of the kernel, as its nearest symbol says it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KernelSymbol {
    /// The symbol's name.
    pub name: Arc<str>,
    /// Bytes from the symbol to the address.
    pub offset: u64,
    /// The module that it is in, `bpf` for loaded programs; `None` for the kernel itself.
    pub module: Option<Arc<str>>,
}

impl KernelSymbol {
    /// An address so many bytes after a symbol.
    pub fn new(name: impl Into<Arc<str>>, offset: u64, module: Option<Arc<str>>) -> KernelSymbol {
        KernelSymbol {
            name: name.into(),
            offset,
            module,
        }
    }
}

impl fmt::Display for KernelSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.offset != 0 {
            write!(f, "+{:#x}", self.offset)?;
        }
        match &self.module {
            Some(module) => write!(f, " [{module}]"),
            None => Ok(()),
        }
    }
}

/// While it lives, the system counts how often and how long programs run; see [`System::enable_stats`].
#[must_use = "statistics are counted until the guard is dropped"]
#[derive(Debug)]
pub struct StatsGuard(#[expect(dead_code, reason = "kept for its drop")] Box<dyn Guard>);

trait Guard: fmt::Debug + Send + Sync {}
impl<T: fmt::Debug + Send + Sync> Guard for T {}

impl StatsGuard {
    /// A guard that ends the counting when `what` is dropped. For implementors.
    pub fn new(what: impl fmt::Debug + Send + Sync + 'static) -> StatsGuard {
        StatsGuard(Box::new(what))
    }
}

/// The ids of a kind, ascending: see [`SystemExt::ids`](crate::SystemExt::ids). After an error it ends.
#[derive(Debug)]
pub struct Ids<'s, S: ?Sized> {
    system: &'s S,
    kind: Kind,
    last: Option<u32>,
    done: bool,
}

impl<'s, S: System + ?Sized> Ids<'s, S> {
    pub(crate) fn new(system: &'s S, kind: Kind) -> Ids<'s, S> {
        Ids {
            system,
            kind,
            last: None,
            done: false,
        }
    }
}

impl<S: System + ?Sized> Iterator for Ids<'_, S> {
    type Item = Result<u32, SystemError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.system.next_id(self.kind, self.last).transpose();
        match &next {
            Some(Ok(id)) => self.last = Some(*id),
            _ => self.done = true,
        }
        next
    }
}

/// Objects that exist, by ascending ids: see [`SystemExt::all_maps`](crate::SystemExt::all_maps) and its neighbours.
///
/// An object that goes away between being listed and being opened is left out.
#[derive(Debug)]
pub struct Objects<'s, S: ?Sized, T> {
    ids: Ids<'s, S>,
    open: fn(&S, u32) -> Result<T, SystemError>,
}

impl<'s, S: System + ?Sized, T> Objects<'s, S, T> {
    fn new(
        system: &'s S,
        kind: Kind,
        open: fn(&S, u32) -> Result<T, SystemError>,
    ) -> Objects<'s, S, T> {
        Objects {
            ids: Ids::new(system, kind),
            open,
        }
    }
}

impl<'s, S: System + ?Sized> Objects<'s, S, Arc<dyn Map>> {
    pub(crate) fn maps(system: &'s S) -> Self {
        Objects::new(system, Kind::Map, |system, id| system.map_by_id(MapId(id)))
    }
}

impl<'s, S: System + ?Sized> Objects<'s, S, Arc<dyn Program>> {
    pub(crate) fn programs(system: &'s S) -> Self {
        Objects::new(system, Kind::Program, |system, id| {
            system.program_by_id(ProgramId(id))
        })
    }
}

impl<'s, S: System + ?Sized> Objects<'s, S, Box<dyn Link>> {
    pub(crate) fn links(system: &'s S) -> Self {
        Objects::new(system, Kind::Link, |system, id| {
            system.link_by_id(LinkId(id))
        })
    }
}

impl<'s, S: System + ?Sized> Objects<'s, S, BtfInfo> {
    pub(crate) fn btfs(system: &'s S) -> Self {
        Objects::new(system, Kind::Btf, |system, id| system.btf_info(BtfId(id)))
    }
}

impl<S: System + ?Sized, T> Iterator for Objects<'_, S, T> {
    type Item = Result<T, SystemError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let id = match self.ids.next()? {
                Ok(id) => id,
                Err(error) => return Some(Err(error)),
            };
            match (self.open)(self.ids.system, id) {
                Err(error) if error.errno() == Some(Errno::ENOENT) => {}
                result => return Some(result),
            }
        }
    }
}
