//! Links: programs attached somewhere.

use ebpf_core::btf::TypeId;
use ebpf_core::link::{Link, LinkId, LinkTarget};
use ebpf_core::system::{Kind, Pinned, SystemError};
use ebpf_core::{System, SystemExt};
use serde::Serialize;
use serde_json::Value;

use super::programs::tied_to;
use super::text::{self, Report};
use super::{Surroundings, User, Which, json, other_kind};

/// A program attached somewhere.
#[derive(Clone, Debug, Serialize)]
pub struct LinkReport {
    /// The link's id.
    pub id: Option<u32>,
    /// Its type.
    pub link_type: String,
    /// The program that runs there.
    pub program: Option<u32>,
    /// Its name.
    pub program_name: Option<String>,
    /// Where it is attached, in words.
    pub attached_to: String,
    /// Where it is attached, in parts.
    pub target: Value,
    /// What the program is told there.
    pub cookie: u64,
    /// How often the program could not run.
    pub missed: u64,
    /// The processes that have the link open.
    pub users: Vec<User>,
    /// Where it is pinned.
    pub pinned: Vec<String>,
}

/// What is known of the links of a system: of all, or of one.
///
/// # Errors
/// That of the first question that the system refused.
pub fn links(
    system: &dyn System,
    around: &Surroundings,
    which: Option<&Which>,
) -> Result<Vec<LinkReport>, SystemError> {
    let one = match which {
        Some(Which::Id(id)) => system.link_by_id(LinkId(*id))?,
        Some(Which::Pin(path)) => match system.open_pinned(path)? {
            Pinned::Link(link) => link,
            other => return Err(other_kind(path, &other, Kind::Link)),
        },
        None => {
            return system
                .all_links()
                .map(|link| report(system, around, &*link?))
                .collect();
        }
    };
    Ok(vec![report(system, around, &*one)?])
}

fn report(
    system: &dyn System,
    around: &Surroundings,
    link: &dyn Link,
) -> Result<LinkReport, SystemError> {
    let (info, state) = (link.info(), link.query()?);
    let program = state.program.and_then(|id| system.program_by_id(id).ok());
    let mut attached_to = state.target.to_string();
    if let LinkTarget::Tracing {
        attach_type,
        target_object,
        target_type,
    } = state.target
        && let Some(name) = tied_to(system, (target_object, TypeId(target_type)))
    {
        attached_to = format!("{name} ({attach_type})");
    }
    let id = info.id.map_or(0, |id| id.0);
    Ok(LinkReport {
        id: info.id.map(|id| id.0),
        link_type: info.link_type.to_string(),
        program: state.program.map(|id| id.0),
        program_name: program.map(|program| program.info().name.to_string()),
        attached_to,
        target: json::target(&state.target, system.facts()),
        cookie: info.cookie,
        missed: state.missed,
        users: around.users_of(Kind::Link, id),
        pinned: around.pins_of(Kind::Link, id),
    })
}

impl LinkReport {
    fn program_text(&self) -> String {
        match (self.program, &self.program_name) {
            (Some(id), Some(name)) => format!("{id} {name}"),
            (Some(id), None) => id.to_string(),
            (None, _) => String::new(),
        }
    }
}

impl Report for LinkReport {
    const HEADING: &'static [&'static str] =
        &["ID", "TYPE", "PROGRAM", "ATTACHED TO", "PINNED", "USERS"];

    fn row(&self) -> Vec<String> {
        vec![
            self.id.map(|id| id.to_string()).unwrap_or_default(),
            self.link_type.clone(),
            self.program_text(),
            self.attached_to.clone(),
            self.pinned.join("\n"),
            text::users(&self.users),
        ]
    }

    fn list(&self) -> Vec<(&'static str, String)> {
        vec![
            ("id", self.id.map(|id| id.to_string()).unwrap_or_default()),
            ("type", self.link_type.clone()),
            ("program", self.program_text()),
            ("attached to", self.attached_to.clone()),
            ("cookie", text::number(self.cookie)),
            ("missed", text::number(self.missed)),
            ("pinned", self.pinned.join("\n")),
            ("users", text::users(&self.users)),
        ]
    }
}
