//! From a map's spec to a map of the kernel.

use std::os::fd::AsRawFd;
use std::sync::Arc;

use super::attr::MapCreate;
use super::btf::int_btf;
use super::map::{KernelMap, map_info};
use super::memlock;
use super::sys::{self, MapFd};
use super::system::Shared;
use crate::Errno;
use crate::btf::Kind;
use crate::map::{Map, MapError, MapFlags, MapId, MapInfo, MapSpec, SpecProblem};
use crate::system::SystemId;

/// Creates a map. `inner` is the template of a map of maps; without it one is made of the spec's for the call.
pub(super) fn create(
    system: &Arc<Shared>,
    spec: &MapSpec,
    inner: Option<&dyn Map>,
) -> Result<KernelMap, MapError> {
    let name: Arc<str> = spec.name.as_str().into();
    let refused = |errno| MapError::os("create", &name, spec.map_type, errno);
    match spec.problem() {
        Some(SpecProblem::NoInnerMap) if inner.is_some() => {}
        Some(problem) => {
            return Err(MapError::Spec {
                map: name,
                map_type: spec.map_type,
                problem,
            });
        }
        None => {}
    }
    let cpus = system.possible_cpus();
    if let (true, Err(errno)) = (spec.map_type.is_per_cpu(), &cpus) {
        return Err(MapError::Os {
            op: "create",
            map: name,
            errno: *errno,
            hint: Some("the number of possible CPUs is unknown: /sys is not mounted"),
        });
    }

    let template = match (spec.map_type.holds_maps(), inner, &spec.inner) {
        (true, None, Some(inner)) => Some(create(system, inner, None)?),
        _ => None,
    };
    let mut attr = attributes(spec);
    if spec.map_type.holds_maps() {
        let handle = match (inner, &template) {
            (Some(inner), _) => Some(inner.handle()),
            (None, template) => template.as_ref().map(Map::handle),
        };
        if let Some(handle) = handle {
            let raw = handle.raw_in(SystemId::KERNEL);
            attr.inner_map_fd = raw.map_err(|source| MapError::Foreign {
                map: name.clone(),
                source,
            })?;
        }
    }
    // Kept until the map is created, whose attributes name its descriptor.
    let btf = spec
        .types
        .as_ref()
        .and_then(|types| Some((types, system.btfs.load(system, &types.btf).ok()?)));
    let mut any_btf = None;
    if let Some(structure) = &spec.struct_ops {
        bind_struct_ops(system, structure, &mut attr).map_err(refused)?;
        // The kernel wants some types besides its own, and does not look at them.
        attr.btf_fd = match &btf {
            Some((_, btf)) => btf.raw(),
            None => any_btf
                .insert(sys::load_btf(&int_btf(), &mut []).map_err(refused)?)
                .as_raw_fd() as u32,
        };
    }
    let typed = btf.as_ref().filter(|_| spec.map_type.takes_types());
    if let Some((types, btf)) = typed {
        (attr.btf_fd, attr.btf_key_type_id, attr.btf_value_type_id) =
            (btf.raw(), types.key.0, types.value.0);
    }

    let cpus = cpus.ok();
    let mut result = memlock::retrying(system, || MapFd::create(&mut attr.clone(), cpus));
    if result.is_err() && typed.is_some() {
        // The kernel may dislike the types for this map (or all types), which are for onlookers mostly.
        let mut plain = MapCreate {
            btf_fd: 0,
            btf_key_type_id: 0,
            btf_value_type_id: 0,
            ..attr
        };
        if let Ok(created) = MapFd::create(&mut plain, cpus) {
            result = Ok(created);
        }
    }
    if matches!(result, Err(Errno::EINVAL | Errno::E2BIG)) && !system.takes_names() {
        let mut nameless = MapCreate {
            map_name: [0; 16],
            ..attr
        };
        result = MapFd::create(&mut nameless, cpus);
    }
    let (fd, told) = result.map_err(refused)?;
    let info = match told {
        Some(told) => MapInfo {
            types: spec.types.clone(),
            ..map_info(&told, name, system)
        },
        None => MapInfo::of(spec, MapId(0), cpus.map_or(0, |cpus| cpus.count())),
    };
    Ok(KernelMap::new(fd, info, system.clone()))
}

fn attributes(spec: &MapSpec) -> MapCreate {
    let numa = if spec.numa_node.is_some() {
        MapFlags::NUMA_NODE
    } else {
        MapFlags::NONE
    };
    MapCreate {
        map_type: spec.map_type.0,
        key_size: spec.key_size,
        value_size: spec.value_size,
        max_entries: spec.max_entries,
        map_flags: (spec.flags | numa).0,
        numa_node: spec.numa_node.unwrap_or(0),
        map_name: kernel_name(&spec.name),
        map_ifindex: spec.ifindex,
        map_extra: spec.map_extra,
        ..MapCreate::default()
    }
}

/// A name as the kernel takes it: 15 bytes of letters, digits, `_` and `.`; anything else becomes `_`.
///
/// Since Linux 4.15; the dot since 5.2. `bpf_obj_name_cpy()` in kernel/bpf/syscall.c.
pub(super) fn kernel_name(name: &str) -> [u8; 16] {
    let mut kernel = [0; 16];
    for (to, from) in kernel.iter_mut().take(15).zip(name.bytes()) {
        *to = if from.is_ascii_alphanumeric() || from == b'.' {
            from
        } else {
            b'_'
        };
    }
    kernel
}

/// A struct_ops map has the size and the type that the kernel's own BTF gives the structure's wrapper.
fn bind_struct_ops(system: &Shared, structure: &str, attr: &mut MapCreate) -> Result<(), Errno> {
    let btf = system
        .target_btf()
        .map_err(|_| Errno::EINVAL)?
        .ok_or(Errno::ENOTSUPP)?;
    // What follows three underscores tells versions of a declaration apart, and is no part of the kernel's name.
    let name = structure.split("___").next().unwrap_or(structure);
    let wrapper = format!("bpf_struct_ops_{name}");
    let found = btf.find(&wrapper, Kind::STRUCT).ok_or(Errno::ENOENT)?;
    attr.btf_vmlinux_value_type_id = found.0;
    attr.value_size = btf.size_of(found).map_err(|_| Errno::EINVAL)?;
    Ok(())
}
