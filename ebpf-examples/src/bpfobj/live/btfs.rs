//! Sets of types that are loaded.

use std::collections::BTreeMap;

use ebpf_core::system::{BtfId, BtfInfo, Kind, SystemError};
use ebpf_core::{System, SystemExt};
use serde::Serialize;

use super::text::{self, Report};
use super::{Surroundings, User};

/// A set of types that is loaded.
#[derive(Clone, Debug, Serialize)]
pub struct BtfReport {
    /// Its id.
    pub id: u32,
    /// `vmlinux` or the name of a module; empty for what a process loaded.
    pub name: String,
    /// Bytes.
    pub size: u32,
    /// Whether it is the kernel's or a module's.
    pub of_kernel: bool,
    /// The programs that came with it.
    pub programs: Vec<u32>,
    /// The maps that came with it.
    pub maps: Vec<u32>,
    /// The processes that have it open.
    pub users: Vec<User>,
}

/// What is known of the types that a system has loaded: of all sets, or of one.
///
/// # Errors
/// That of the first question that the system refused.
pub fn btfs(
    system: &dyn System,
    around: &Surroundings,
    id: Option<u32>,
) -> Result<Vec<BtfReport>, SystemError> {
    let mut programs: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for program in system.all_programs() {
        let program = program?;
        let info = program.info();
        programs.entry(info.btf_id).or_default().push(info.id.0);
    }
    let mut maps: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for map in system.all_maps() {
        let map = map?;
        if let Some(btf) = map.query()?.btf_id {
            maps.entry(btf).or_default().push(map.info().id.0);
        }
    }
    let report = |info: BtfInfo| BtfReport {
        id: info.id.0,
        name: info.name.to_string(),
        size: info.size,
        of_kernel: info.of_kernel,
        programs: programs.get(&info.id.0).cloned().unwrap_or_default(),
        maps: maps.get(&info.id.0).cloned().unwrap_or_default(),
        users: around.users_of(Kind::Btf, info.id.0),
    };
    match id {
        Some(id) => Ok(vec![report(system.btf_info(BtfId(id))?)]),
        None => system.all_btfs().map(|info| info.map(report)).collect(),
    }
}

fn ids(ids: &[u32]) -> String {
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    ids.join(", ")
}

impl Report for BtfReport {
    const HEADING: &'static [&'static str] = &["ID", "NAME", "BYTES", "PROGRAMS", "MAPS", "USERS"];

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.name.clone(),
            self.size.to_string(),
            ids(&self.programs),
            ids(&self.maps),
            text::users(&self.users),
        ]
    }

    fn list(&self) -> Vec<(&'static str, String)> {
        let of = if self.of_kernel { "kernel" } else { "process" };
        vec![
            ("id", self.id.to_string()),
            ("name", self.name.clone()),
            ("of a", of.to_owned()),
            ("size", text::bytes(u64::from(self.size))),
            ("programs", ids(&self.programs)),
            ("maps", ids(&self.maps)),
            ("users", text::users(&self.users)),
        ]
    }
}
