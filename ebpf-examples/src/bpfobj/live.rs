//! What a system has loaded: programs, maps, links and types, as data and as text.

mod btfs;
mod elements;
mod json;
mod links;
mod maps;
mod programs;
mod text;

use std::path::PathBuf;
use std::str::FromStr;

use ebpf_core::System;
use ebpf_core::map::{Map, MapId};
use ebpf_core::program::{Program, ProgramId};
use ebpf_core::system::{Clock, Kind, Pinned, SystemError};
use serde::Serialize;

pub use btfs::{BtfReport, btfs};
pub use elements::{Element, Elements, Reading, elements};
pub use links::{LinkReport, links};
pub use maps::{MapReport, maps};
pub use programs::{CodeFunction, CodeLine, CodeReport, NamedMap, ProgramReport, code, programs};
pub use text::{Report, Shown};

/// An object, as a user names it: by its id, or by the path of a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Its id.
    Id(u32),
    /// Where it is pinned.
    Pin(PathBuf),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Which, String> {
        match text.parse() {
            Ok(id) => Ok(Which::Id(id)),
            Err(_) if text.contains('/') => Ok(Which::Pin(text.into())),
            Err(_) => {
                Err("write an id, or a path with a `/` (`./name` in this directory)".to_owned())
            }
        }
    }
}

/// What is known beside the objects themselves: who has them open, where they are pinned, what time it is.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Processes with what they have open.
    pub users: Vec<(Kind, u32, User)>,
    /// Paths with what is pinned there.
    pub pins: Vec<(Kind, u32, PathBuf)>,
    /// The clocks, which make a date of a time since boot.
    pub clock: Option<Clock>,
}

/// A process that has something open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct User {
    /// The process.
    pub pid: u32,
    /// Its name.
    pub comm: String,
}

#[cfg(target_os = "linux")]
impl Surroundings {
    /// What this machine's kernel tells; what it does not tell this user is missing.
    pub fn of(system: &ebpf_core::KernelSystem) -> Surroundings {
        let users = system.holders().unwrap_or_default().into_iter();
        let users = users.map(|holder| {
            let user = User {
                pid: holder.pid,
                comm: holder.comm.to_string(),
            };
            (holder.kind, holder.id, user)
        });
        let pins = system.pins().unwrap_or_default().into_iter();
        Surroundings {
            users: users.collect(),
            pins: pins.map(|pin| (pin.kind, pin.id, pin.path)).collect(),
            clock: system.clock().ok(),
        }
    }
}

impl Surroundings {
    /// The processes that have an object open, each once, this one left out.
    fn users_of(&self, kind: Kind, id: u32) -> Vec<User> {
        let users = self.users.iter().filter(|(of, which, user)| {
            (*of, *which) == (kind, id) && user.pid != std::process::id()
        });
        let mut users: Vec<User> = users.map(|(_, _, user)| user.clone()).collect();
        users.sort();
        users.dedup();
        users
    }

    fn pins_of(&self, kind: Kind, id: u32) -> Vec<String> {
        let pins = self
            .pins
            .iter()
            .filter(|(of, which, _)| (*of, *which) == (kind, id));
        pins.map(|(_, _, path)| path.display().to_string())
            .collect()
    }
}

/// Opens a program.
fn program(
    system: &(impl System + ?Sized),
    which: &Which,
) -> Result<std::sync::Arc<dyn Program>, SystemError> {
    match which {
        Which::Id(id) => system.program_by_id(ProgramId(*id)),
        Which::Pin(path) => match system.open_pinned(path)? {
            Pinned::Program(program) => Ok(program),
            other => Err(other_kind(path, &other, Kind::Program)),
        },
    }
}

/// Opens a map.
fn map(
    system: &(impl System + ?Sized),
    which: &Which,
) -> Result<std::sync::Arc<dyn Map>, SystemError> {
    match which {
        Which::Id(id) => system.map_by_id(MapId(*id)),
        Which::Pin(path) => match system.open_pinned(path)? {
            Pinned::Map(map) => Ok(map),
            other => Err(other_kind(path, &other, Kind::Map)),
        },
    }
}

fn other_kind(path: &std::path::Path, found: &Pinned, wanted: Kind) -> SystemError {
    SystemError::Malformed {
        what: path.display().to_string().into(),
        problem: format!("a {} is pinned there, no {wanted}", found.kind()).into(),
    }
}
