//! What an object contains and needs, as a table or as JSON.

use std::collections::BTreeSet;

use ebpf_core::btf::Btf;
use ebpf_core::codec::Endian;
use ebpf_core::hook::BtfAttach;
use ebpf_core::insn::{helper_name, walk};
use ebpf_core::map::{InitialValue, MapFlags, MapSpec, Pinning};
use ebpf_core::needs::{Capability, Needs};
use ebpf_core::object::{KconfigExtern, ObjectSpec, Variable};
use ebpf_core::program::{
    ExternKind, ProgramFlags, ProgramSpec, ProgramType, helper_is_gpl_only, helper_since,
    is_gpl_compatible,
};
use serde::Serialize;

/// What an object contains and needs.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The file.
    pub file: String,
    /// "little" or "big".
    pub byte_order: &'static str,
    /// The licence.
    pub license: String,
    /// Whether it opens the helpers that are for GPL-compatible programs only.
    pub gpl_compatible: bool,
    /// Its programs.
    pub programs: Vec<ProgramPlan>,
    /// Its maps, data sections among them.
    pub maps: Vec<MapPlan>,
    /// Its global variables.
    pub variables: Vec<VariablePlan>,
    /// The configuration options of the kernel that it reads.
    pub kconfig: Vec<SymbolPlan>,
    /// What it needs, optional programs aside.
    pub needs: NeedsPlan,
    /// What is remarkable about it.
    pub notes: Vec<String>,
}

/// A program of an object.
#[derive(Clone, Debug, Serialize)]
pub struct ProgramPlan {
    /// Its name.
    pub name: String,
    /// Its section.
    pub section: String,
    /// Its type; `null` where its section tells none.
    pub program_type: Option<String>,
    /// The hook it is meant for.
    pub attach_type: Option<String>,
    /// What it attaches to.
    pub attach_to: Option<String>,
    /// What kind of thing it is tied to when it is loaded.
    pub tied_to: Option<String>,
    /// Whether it is loaded only when asked for.
    pub optional: bool,
    /// Whether it may sleep.
    pub sleepable: bool,
    /// Whether it takes packets in fragments.
    pub fragments: bool,
    /// How many instructions it has, those of the functions it calls included.
    pub instructions: usize,
    /// How many functions it has.
    pub functions: usize,
    /// The helpers it calls.
    pub helpers: Vec<HelperPlan>,
    /// The functions of the kernel it calls.
    pub kfuncs: Vec<SymbolPlan>,
    /// The variables of the kernel it uses.
    pub ksyms: Vec<SymbolPlan>,
    /// The maps it uses.
    pub maps: Vec<String>,
    /// How many CO-RE relocations it needs.
    pub core_relocations: usize,
    /// The least Linux release that can load it, as far as its parts tell.
    pub least_kernel: Option<String>,
}

/// A helper.
#[derive(Clone, Debug, Serialize)]
pub struct HelperPlan {
    /// Its number.
    pub id: u32,
    /// Its name; `null` for one that is not known.
    pub name: Option<&'static str>,
    /// The first Linux release that has it.
    pub since: Option<&'static str>,
    /// Whether it is for programs of GPL-compatible licences only.
    pub gpl_only: bool,
}

/// A symbol that the kernel is to provide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SymbolPlan {
    /// Its name.
    pub name: String,
    /// Whether the kernel may lack it.
    pub weak: bool,
}

/// A map of an object.
#[derive(Clone, Debug, Serialize)]
pub struct MapPlan {
    /// Its name.
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
    /// Where it is pinned: "by name", or a path.
    pub pinned: Option<String>,
    /// The map that inner maps are like.
    pub inner: Option<Box<MapPlan>>,
    /// The maps and programs that it starts with.
    pub holds: Vec<String>,
    /// Whether user space may not write it once it is loaded.
    pub frozen: bool,
    /// Whether it is created only when asked for.
    pub optional: bool,
    /// The structure of the kernel whose callbacks it holds.
    pub struct_ops: Option<String>,
}

/// A global variable.
#[derive(Clone, Debug, Serialize)]
pub struct VariablePlan {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u32,
    /// The map that holds it.
    pub map: String,
    /// Bytes from the start of the map's value.
    pub offset: u32,
    /// Its type, where that is known.
    pub type_name: Option<String>,
}

/// What a kernel must have.
#[derive(Clone, Debug, Serialize)]
pub struct NeedsPlan {
    /// The least Linux release, as far as the parts tell.
    pub least_kernel: Option<String>,
    /// What needs which release, the newest first.
    pub features: Vec<FeaturePlan>,
    /// Capabilities that loading takes (before Linux 5.8 `CAP_SYS_ADMIN` in their place).
    pub capabilities: Vec<String>,
    /// Whether the kernel must have BTF of itself.
    pub kernel_btf: bool,
}

/// Something that not every kernel has.
#[derive(Clone, Debug, Serialize)]
pub struct FeaturePlan {
    /// What.
    pub what: String,
    /// The first Linux release that has it.
    pub since: String,
}

impl Plan {
    /// What `object`, read from `file`, contains and needs.
    pub fn of(file: &str, object: &ObjectSpec) -> Plan {
        let btf = object.btf.as_deref();
        Plan {
            file: file.to_owned(),
            byte_order: if object.endian == Endian::Big {
                "big"
            } else {
                "little"
            },
            license: object.license.to_string(),
            gpl_compatible: is_gpl_compatible(&object.license),
            programs: object.programs.iter().map(ProgramPlan::of).collect(),
            maps: object.maps.iter().map(MapPlan::of).collect(),
            variables: object
                .variables
                .iter()
                .map(|variable| VariablePlan::of(variable, btf))
                .collect(),
            kconfig: object.kconfig.iter().map(SymbolPlan::of_option).collect(),
            needs: NeedsPlan::of(&Needs::of(object)),
            notes: object.notes.iter().map(ToString::to_string).collect(),
        }
    }
}

impl ProgramPlan {
    fn of(program: &ProgramSpec) -> ProgramPlan {
        let symbols = |wanted: ExternKind| {
            let of_kind = program
                .externs
                .iter()
                .filter(move |symbol| symbol.kind == wanted);
            of_kind
                .map(|symbol| SymbolPlan {
                    name: symbol.name.to_string(),
                    weak: symbol.weak,
                })
                .collect()
        };
        let typed = program.program_type != ProgramType::UNSPEC;
        ProgramPlan {
            name: program.name.clone(),
            section: program.section.clone(),
            program_type: typed.then(|| program.program_type.to_string()),
            attach_type: program
                .expected_attach_type
                .map(|attach| attach.to_string()),
            attach_to: program.attach_to.clone(),
            tied_to: BtfAttach::of(program.program_type, program.expected_attach_type)
                .map(|tie| tie.to_string()),
            optional: program.optional,
            sleepable: program.flags.contains(ProgramFlags::SLEEPABLE),
            fragments: program.flags.contains(ProgramFlags::XDP_HAS_FRAGS),
            instructions: program.instructions.len(),
            functions: program.functions.len(),
            helpers: helpers(program),
            kfuncs: symbols(ExternKind::Function),
            ksyms: symbols(ExternKind::Variable),
            maps: program.maps.iter().map(ToString::to_string).collect(),
            core_relocations: program.core_relocations.len(),
            least_kernel: Needs::of_program(program).least_kernel().map(release),
        }
    }
}

/// The helpers a program calls, by number, each once.
fn helpers(program: &ProgramSpec) -> Vec<HelperPlan> {
    let steps = walk(&program.instructions).map_while(Result::ok);
    let ids: BTreeSet<u32> = steps
        .filter_map(|step| step.insn.is_call_helper())
        .collect();
    let plan = |id| HelperPlan {
        id,
        name: helper_name(id),
        since: helper_since(id),
        gpl_only: helper_is_gpl_only(id),
    };
    ids.into_iter().map(plan).collect()
}

impl SymbolPlan {
    fn of_option(option: &KconfigExtern) -> SymbolPlan {
        SymbolPlan {
            name: option.name.clone(),
            weak: option.weak,
        }
    }
}

impl MapPlan {
    fn of(map: &MapSpec) -> MapPlan {
        MapPlan {
            name: map.name.clone(),
            map_type: map.map_type.to_string(),
            key_size: map.key_size,
            value_size: map.value_size,
            max_entries: map.max_entries,
            flags: (map.flags != MapFlags::NONE).then(|| map.flags.to_string()),
            pinned: match &map.pinning {
                Pinning::ByName => Some("by name".to_owned()),
                Pinning::Path(path) => Some(path.display().to_string()),
                _ => None,
            },
            inner: map
                .inner
                .as_deref()
                .map(|inner| Box::new(MapPlan::of(inner))),
            holds: map
                .contents
                .iter()
                .filter_map(|entry| held(&entry.value))
                .collect(),
            frozen: map.freeze,
            optional: map.optional,
            struct_ops: map.struct_ops.clone(),
        }
    }
}

fn held(value: &InitialValue) -> Option<String> {
    match value {
        InitialValue::Map(name) => Some(format!("map {name}")),
        InitialValue::Program(name) => Some(format!("program {name}")),
        _ => None,
    }
}

impl VariablePlan {
    fn of(variable: &Variable, btf: Option<&Btf>) -> VariablePlan {
        let type_name = btf.zip(variable.type_id).map(|(btf, id)| btf.type_name(id));
        VariablePlan {
            name: variable.name.clone(),
            size: variable.size,
            map: variable.map.clone(),
            offset: variable.offset,
            type_name,
        }
    }
}

impl NeedsPlan {
    fn of(needs: &Needs) -> NeedsPlan {
        let feature = |need: &ebpf_core::needs::Need| FeaturePlan {
            what: need.what.clone(),
            since: release(need.since),
        };
        NeedsPlan {
            least_kernel: needs.least_kernel().map(release),
            features: needs.features.iter().map(feature).collect(),
            capabilities: needs
                .capabilities
                .iter()
                .map(Capability::to_string)
                .collect(),
            kernel_btf: needs.kernel_btf,
        }
    }
}

/// A release without a patch level.
fn release(version: ebpf_core::system::KernelVersion) -> String {
    format!("{}.{}", version.major, version.minor)
}
