//! Maps that exist.

use ebpf_core::btf::TypeId;
use ebpf_core::map::{Map, MapFlags, MapTypes};
use ebpf_core::system::{Kind, SystemError};
use ebpf_core::{System, SystemExt};
use serde::Serialize;

use super::text::{self, Report};
use super::{Surroundings, User, Which, map};

/// A map that exists.
#[derive(Clone, Debug, Serialize)]
pub struct MapReport {
    /// Its id.
    pub id: u32,
    /// Its name, as far as the system keeps it.
    pub name: String,
    /// Its type.
    pub map_type: String,
    /// Bytes of a key.
    pub key_size: u32,
    /// Bytes of a value.
    pub value_size: u32,
    /// How many elements it may hold.
    pub max_entries: u32,
    /// Its flags, by the kernel's names.
    pub flags: Option<String>,
    /// What its type makes of it.
    pub extra: u64,
    /// Bytes charged for it.
    pub memory_bytes: Option<u64>,
    /// Whether user space may not write it any more.
    pub frozen: Option<bool>,
    /// The types of its keys and values.
    pub btf_id: Option<u32>,
    /// The type of its keys.
    pub key_type: Option<String>,
    /// The type of its values.
    pub value_type: Option<String>,
    /// The type of the programs that an array of programs is for.
    pub owner_type: Option<String>,
    /// The interface that it is offloaded to.
    pub ifindex: u32,
    /// The processes that have it open.
    pub users: Vec<User>,
    /// Where it is pinned.
    pub pinned: Vec<String>,
}

/// What is known of the maps of a system: of all, or of one.
///
/// # Errors
/// That of the first question that the system refused.
pub fn maps(
    system: &dyn System,
    around: &Surroundings,
    which: Option<&Which>,
) -> Result<Vec<MapReport>, SystemError> {
    match which {
        Some(which) => Ok(vec![report(system, around, &*map(system, which)?)?]),
        None => system
            .all_maps()
            .map(|map| report(system, around, &*map?))
            .collect(),
    }
}

fn report(
    system: &dyn System,
    around: &Surroundings,
    map: &dyn Map,
) -> Result<MapReport, SystemError> {
    let (info, state) = (map.info(), map.query()?);
    let types = system.map_types(map)?;
    let type_name = |id: fn(&MapTypes) -> TypeId| {
        let types = types.as_ref()?;
        let id = Some(id(types)).filter(|id| *id != TypeId::VOID)?;
        Some(types.btf.type_name(id))
    };
    Ok(MapReport {
        id: info.id.0,
        name: info.name.to_string(),
        map_type: info.map_type.to_string(),
        key_size: info.key_size,
        value_size: info.value_size,
        max_entries: info.max_entries,
        flags: (info.flags != MapFlags::NONE).then(|| info.flags.to_string()),
        extra: info.map_extra,
        memory_bytes: state.memory_bytes,
        frozen: state.frozen,
        btf_id: state.btf_id,
        key_type: type_name(|types| types.key),
        value_type: type_name(|types| types.value),
        owner_type: state.owner_type.map(|owner| owner.to_string()),
        ifindex: info.ifindex,
        users: around.users_of(Kind::Map, info.id.0),
        pinned: around.pins_of(Kind::Map, info.id.0),
    })
}

impl Report for MapReport {
    const HEADING: &'static [&'static str] = &[
        "ID", "TYPE", "NAME", "KEY", "VALUE", "ENTRIES", "FLAGS", "MEMORY", "PINNED", "USERS",
    ];

    fn row(&self) -> Vec<String> {
        let flags = self.flags.as_deref().unwrap_or_default();
        vec![
            self.id.to_string(),
            self.map_type.clone(),
            self.name.clone(),
            self.key_size.to_string(),
            self.value_size.to_string(),
            self.max_entries.to_string(),
            flags.replace(" | ", "\n").replace("BPF_F_", ""),
            text::number(self.memory_bytes),
            self.pinned.join("\n"),
            text::users(&self.users),
        ]
    }

    fn list(&self) -> Vec<(&'static str, String)> {
        let typed = |size: u32, name: &Option<String>| match name {
            Some(name) => format!("{size} B, {name}"),
            None => format!("{size} B"),
        };
        vec![
            ("id", self.id.to_string()),
            ("type", self.map_type.clone()),
            ("name", self.name.clone()),
            ("key", typed(self.key_size, &self.key_type)),
            ("value", typed(self.value_size, &self.value_type)),
            ("entries", self.max_entries.to_string()),
            ("flags", self.flags.clone().unwrap_or_default()),
            ("extra", text::number(self.extra)),
            ("memory", text::bytes(self.memory_bytes)),
            (
                "frozen",
                match self.frozen {
                    Some(true) => "yes".to_owned(),
                    _ => String::new(),
                },
            ),
            ("BTF", text::number(self.btf_id.map(u64::from))),
            ("for programs", self.owner_type.clone().unwrap_or_default()),
            ("offloaded to", text::number(u64::from(self.ifindex))),
            ("pinned", self.pinned.join("\n")),
            ("users", text::users(&self.users)),
        ]
    }
}
