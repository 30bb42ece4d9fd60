//! Loaded programs, and what became of their code.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use ebpf_core::btf::TypeId;
use ebpf_core::codec::Endian;
use ebpf_core::insn::{Step, encode, walk};
use ebpf_core::program::{AnnotatedDump, Program};
use ebpf_core::system::{BtfId, Kind, SystemError};
use ebpf_core::{System, SystemExt};
use serde::Serialize;

use super::text::{self, Report};
use super::{Surroundings, User, Which, program};

/// A loaded program.
#[derive(Clone, Debug, Serialize)]
pub struct ProgramReport {
    /// Its id.
    pub id: u32,
    /// Its name, as far as the system keeps it.
    pub name: String,
    /// Its type.
    pub program_type: String,
    /// The digest of its instructions.
    pub tag: String,
    /// Whether its licence opens the helpers for GPL-compatible programs.
    pub gpl_compatible: bool,
    /// When it was loaded.
    pub loaded_at: Option<String>,
    /// When it was loaded, since boot.
    pub loaded_ns_since_boot: u64,
    /// Who loaded it.
    pub uid: u32,
    /// Bytes of its instructions.
    pub translated_bytes: u32,
    /// Bytes of its machine code.
    pub jited_bytes: u32,
    /// Instructions that the verifier walked.
    pub verified_instructions: u32,
    /// Bytes charged for it.
    pub memory_bytes: Option<u64>,
    /// How often it ran while runs were counted.
    pub run_count: u64,
    /// How long it ran then.
    pub run_time_ns: u64,
    /// How often it was skipped because it was running already.
    pub recursion_misses: u64,
    /// The maps it uses.
    pub maps: Vec<NamedMap>,
    /// The types that it came with.
    pub btf_id: u32,
    /// What it is tied to: the function or type of the kernel or of another program.
    pub tied_to: Option<String>,
    /// The interface that it is offloaded to.
    pub ifindex: u32,
    /// The processes that have it open.
    pub users: Vec<User>,
    /// Where it is pinned.
    pub pinned: Vec<String>,
}

/// A map that a program uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedMap {
    /// Its id.
    pub id: u32,
    /// Its name; `null` where it could not be opened.
    pub name: Option<String>,
}

/// What is known of the programs of a system: of all, or of one.
///
/// # Errors
/// That of the first question that the system refused.
pub fn programs(
    system: &dyn System,
    around: &Surroundings,
    which: Option<&Which>,
) -> Result<Vec<ProgramReport>, SystemError> {
    let mut names = BTreeMap::new();
    match which {
        Some(which) => Ok(vec![report(
            system,
            around,
            &*program(system, which)?,
            &mut names,
        )?]),
        None => system
            .all_programs()
            .map(|program| report(system, around, &*program?, &mut names))
            .collect(),
    }
}

fn report(
    system: &dyn System,
    around: &Surroundings,
    program: &dyn Program,
    names: &mut BTreeMap<u32, Option<String>>,
) -> Result<ProgramReport, SystemError> {
    let (info, stats) = (program.info(), program.query()?);
    let maps = info.map_ids.iter().map(|id| {
        let open = || Some(system.map_by_id(*id).ok()?.info().name.to_string());
        let name = names.entry(id.0).or_insert_with(open).clone();
        NamedMap { id: id.0, name }
    });
    let clock = around.clock.as_ref();
    let loaded_at = clock.and_then(|clock| clock.wall_of_boot(info.loaded_at));
    Ok(ProgramReport {
        id: info.id.0,
        name: info.name.to_string(),
        program_type: info.program_type.to_string(),
        tag: info.tag.to_string(),
        gpl_compatible: info.gpl_compatible,
        loaded_at: loaded_at.and_then(text::date),
        loaded_ns_since_boot: info.loaded_at.as_nanos() as u64,
        uid: info.created_by_uid,
        translated_bytes: info.translated_bytes,
        jited_bytes: info.jited_bytes,
        verified_instructions: info.verified_instructions,
        memory_bytes: stats.memory_bytes,
        run_count: stats.run_count,
        run_time_ns: stats.run_time.as_nanos() as u64,
        recursion_misses: stats.recursion_misses,
        maps: maps.collect(),
        btf_id: info.btf_id,
        tied_to: tied_to(system, info.attach_btf),
        ifindex: info.ifindex,
        users: around.users_of(Kind::Program, info.id.0),
        pinned: around.pins_of(Kind::Program, info.id.0),
    })
}

/// The name of a type in a BTF object, or its number where the object cannot be opened.
pub(super) fn tied_to(system: &dyn System, (object, id): (u32, TypeId)) -> Option<String> {
    if id == TypeId::VOID {
        return None;
    }
    let btf = system.btf_by_id(BtfId(object)).ok();
    let name = btf.and_then(|btf| Some(btf.by_id(id)?.name().to_owned()));
    Some(name.unwrap_or_else(|| format!("type {} of BTF {object}", id.0)))
}

impl ProgramReport {
    fn map_names(&self) -> String {
        let name = |map: &NamedMap| match map.name.as_deref() {
            None | Some("") => map.id.to_string(),
            Some(name) => format!("{} {name}", map.id),
        };
        self.maps.iter().map(name).collect::<Vec<_>>().join("\n")
    }
}

impl Report for ProgramReport {
    const HEADING: &'static [&'static str] = &[
        "ID", "TYPE", "NAME", "TAG", "LOADED", "BYTES", "JITED", "MAPS", "PINNED", "USERS",
    ];

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.program_type.clone(),
            self.name.clone(),
            self.tag.clone(),
            self.loaded_at.clone().unwrap_or_default(),
            self.translated_bytes.to_string(),
            self.jited_bytes.to_string(),
            self.map_names(),
            self.pinned.join("\n"),
            text::users(&self.users),
        ]
    }

    fn list(&self) -> Vec<(&'static str, String)> {
        let licence = match self.gpl_compatible {
            true => "GPL-compatible",
            false => "not GPL-compatible",
        };
        vec![
            ("id", self.id.to_string()),
            ("type", self.program_type.clone()),
            ("name", self.name.clone()),
            ("tag", self.tag.clone()),
            ("licence", licence.to_owned()),
            ("tied to", self.tied_to.clone().unwrap_or_default()),
            ("loaded", self.loaded_at.clone().unwrap_or_default()),
            ("by user", self.uid.to_string()),
            (
                "instructions",
                text::bytes(u64::from(self.translated_bytes)),
            ),
            ("machine code", text::bytes(u64::from(self.jited_bytes))),
            (
                "verified",
                text::number(u64::from(self.verified_instructions)),
            ),
            ("memory", text::bytes(self.memory_bytes)),
            ("runs", text::number(self.run_count)),
            (
                "run time",
                match self.run_time_ns {
                    0 => String::new(),
                    time => format!("{time} ns"),
                },
            ),
            ("missed", text::number(self.recursion_misses)),
            ("maps", self.map_names()),
            ("BTF", text::number(u64::from(self.btf_id))),
            ("offloaded to", text::number(u64::from(self.ifindex))),
            ("pinned", self.pinned.join("\n")),
            ("users", text::users(&self.users)),
        ]
    }
}

/// The code of a loaded program.
#[derive(Clone, Debug, Serialize)]
pub struct CodeReport {
    /// The program's id.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its functions.
    pub functions: Vec<CodeFunction>,
    /// Its instructions.
    pub instructions: Vec<CodeLine>,
    #[serde(skip)]
    dump: AnnotatedDump,
}

/// A function of a loaded program.
#[derive(Clone, Debug, Serialize)]
pub struct CodeFunction {
    /// Its name, where it is known.
    pub name: Option<String>,
    /// Its first instruction, where it is known.
    pub start: Option<u32>,
    /// The digest of its instructions.
    pub tag: String,
    /// Where its machine code is; `null` where there is none or it is not told.
    pub address: Option<u64>,
    /// Its machine code, in hexadecimal digits.
    pub machine_code: String,
}

/// An instruction of a loaded program.
#[derive(Clone, Debug, Serialize)]
pub struct CodeLine {
    /// Its place.
    pub index: usize,
    /// Its bytes, in hexadecimal digits.
    pub bytes: String,
    /// What it does.
    pub text: String,
    /// What it refers to.
    pub refers_to: Option<String>,
    /// The line of the source that begins here.
    pub source: Option<String>,
}

/// The code of a program.
///
/// # Errors
/// That of the first question that the system refused.
pub fn code(system: &dyn System, which: &Which) -> Result<CodeReport, SystemError> {
    let program: Arc<dyn Program> = program(system, which)?;
    let (info, raw) = (program.info(), program.dump()?);
    let dump = raw.annotate(info, system);
    let mut machine_code = &raw.machine_code[..];
    let functions = raw.functions.iter().enumerate().map(|(at, function)| {
        let start = function.start.or((at == 0).then_some(0));
        let name = start.and_then(|start| dump.annotations.functions.get(&(start as usize)));
        let bytes = machine_code.get(..function.bytes as usize);
        machine_code = machine_code
            .get(function.bytes as usize..)
            .unwrap_or_default();
        CodeFunction {
            name: name.map(|name| name.to_string()),
            start,
            tag: function.tag.to_string(),
            address: Some(function.address).filter(|address| *address != 0),
            machine_code: hex(bytes.unwrap_or_default()),
        }
    });
    let functions = functions.collect();
    let line = |step: Step| {
        let slots = [Some(step.insn), step.second];
        let slots: Vec<_> = slots.into_iter().flatten().collect();
        let source = dump.annotations.lines.get(&step.index);
        CodeLine {
            index: step.index,
            bytes: hex(&encode(&slots, Endian::NATIVE)),
            text: step.to_string(),
            refers_to: dump
                .annotations
                .references
                .get(&step.index)
                .map(|text| text.to_string()),
            source: source.map(|line| format!("{}:{}: {}", line.file, line.line, line.text.trim())),
        }
    };
    let steps = walk(&dump.instructions).filter_map(Result::ok);
    Ok(CodeReport {
        id: info.id.0,
        name: info.name.to_string(),
        functions,
        instructions: steps.map(line).collect(),
        dump,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl CodeReport {
    /// The machine code, 16 bytes a line with their addresses.
    pub fn machine_code(&self) -> String {
        let mut text = String::new();
        for function in &self.functions {
            let name = function.name.as_deref().unwrap_or(&function.tag);
            text.push_str(&format!("{name}:\n"));
            for (at, line) in function.machine_code.as_bytes().chunks(32).enumerate() {
                let address = function.address.unwrap_or(0) + 16 * at as u64;
                let pairs = line.chunks(2).map(String::from_utf8_lossy);
                let pairs: Vec<_> = pairs.collect();
                text.push_str(&format!("{address:16x}: {}\n", pairs.join(" ")));
            }
        }
        text
    }
}

impl Display for CodeReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.dump.fmt(f)
    }
}
