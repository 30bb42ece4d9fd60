//! What a value's type has besides bytes: locks, timers, pointers to objects and the like, which user space neither reads
//! nor writes. `btf_parse_fields()` in kernel/bpf/btf.c.

use std::ops::Range;

use ebpf_core::btf::{Btf, Kind, Type, TypeId};
use ebpf_core::map::{MapFlags, MapSpec, MapType, MapTypes};

/// A place in a value that is not just bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) what: Special,
    /// Bytes of the value.
    pub(crate) place: Range<usize>,
}

/// What is at such a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// `struct bpf_spin_lock`.
    Lock,
    /// `struct bpf_res_spin_lock`.
    ResilientLock,
    /// `struct bpf_timer`.
    Timer,
    /// `struct bpf_wq`.
    WorkQueue,
    /// `struct bpf_task_work`.
    TaskWork,
    /// A pointer to an object: `__kptr`, `__percpu_kptr`, or one that nobody owns, `__kptr_untrusted`.
    Pointer { untrusted: bool },
    /// `struct bpf_list_head`.
    ListHead,
    /// `struct bpf_list_node`.
    ListNode,
    /// `struct bpf_rb_root`.
    TreeRoot,
    /// `struct bpf_rb_node`.
    TreeNode,
    /// `struct bpf_refcount`.
    Count,
    /// `__uptr`.
    UserPointer,
}

/// How deep structures are looked into.
const DEEPEST: usize = 8;

/// More places than this no value has.
const MOST: usize = 64;

/// The places of a value of these types that are not just bytes, in order.
pub(crate) fn fields_of(types: &MapTypes) -> Vec<Field> {
    fields_in(&types.btf, types.value)
}

/// The same of any type.
pub(crate) fn fields_in(btf: &Btf, id: TypeId) -> Vec<Field> {
    let mut found = Vec::new();
    collect(btf, id, 0, DEEPEST, &mut found);
    found.sort_by_key(|field| field.place.start);
    found
}

fn collect(btf: &Btf, id: TypeId, start: usize, deepest: usize, found: &mut Vec<Field>) {
    let (Some(deepest), Ok(ty)) = (deepest.checked_sub(1), btf.resolve(id)) else {
        return;
    };
    if found.len() >= MOST {
        return;
    }
    let mut add = |what| {
        let size = btf.size_of(id).unwrap_or(0) as usize;
        found.push(Field {
            what,
            place: start..start + size,
        });
    };
    match ty.kind() {
        Kind::STRUCT => {
            if let Some(what) = special(ty.name()) {
                return add(what);
            }
            if let Some(structure) = ty.as_composite() {
                for member in structure.members() {
                    let at = start + member.bit_offset as usize / 8;
                    collect(btf, member.type_id, at, deepest, found);
                }
            }
        }
        Kind::PTR => {
            if let Some(what) = ty.target().and_then(|target| pointer(btf, target)) {
                add(what);
            }
        }
        Kind::ARRAY => {
            let Type::Array(array) = ty.get() else {
                return;
            };
            let size = btf.size_of(array.element).unwrap_or(0) as usize;
            for element in 0..(array.count as usize).min(MOST) {
                collect(btf, array.element, start + element * size, deepest, found);
            }
        }
        Kind::DATASEC => {
            let Some(section) = ty.as_datasec() else {
                return;
            };
            for entry in section.entries() {
                let of = btf.get(entry.type_id).ok().and_then(|var| var.target());
                if let Some(of) = of {
                    collect(btf, of, start + entry.offset as usize, deepest, found);
                }
            }
        }
        _ => {}
    }
}

fn special(name: &str) -> Option<Special> {
    Some(match name {
        "bpf_spin_lock" => Special::Lock,
        "bpf_res_spin_lock" => Special::ResilientLock,
        "bpf_timer" => Special::Timer,
        "bpf_wq" => Special::WorkQueue,
        "bpf_task_work" => Special::TaskWork,
        "bpf_list_head" => Special::ListHead,
        "bpf_list_node" => Special::ListNode,
        "bpf_rb_root" => Special::TreeRoot,
        "bpf_rb_node" => Special::TreeNode,
        "bpf_refcount" => Special::Count,
        _ => return None,
    })
}

/// What a pointer to this is, by the tag before it.
fn pointer(btf: &Btf, target: TypeId) -> Option<Special> {
    let tag = btf.get(target).ok()?;
    if tag.kind() != Kind::TYPE_TAG {
        return None;
    }
    Some(match tag.name() {
        "kptr" | "percpu_kptr" => Special::Pointer { untrusted: false },
        "kptr_untrusted" => Special::Pointer { untrusted: true },
        "uptr" => Special::UserPointer,
        _ => return None,
    })
}

/// Whether values of a map may have these: `map_check_btf()` in kernel/bpf/syscall.c.
pub(super) fn allowed(fields: &[Field], spec: &MapSpec) -> bool {
    let one_sided = MapFlags::RDONLY_PROG.0 | MapFlags::WRONLY_PROG.0;
    let taken = |field: &Field| {
        let storage = matches!(
            spec.map_type,
            MapType::SK_STORAGE
                | MapType::INODE_STORAGE
                | MapType::TASK_STORAGE
                | MapType::CGRP_STORAGE
        );
        let plain = matches!(
            spec.map_type,
            MapType::HASH | MapType::LRU_HASH | MapType::ARRAY
        );
        match field.what {
            Special::Lock | Special::ResilientLock => {
                storage
                    || matches!(
                        spec.map_type,
                        MapType::HASH | MapType::ARRAY | MapType::RHASH | MapType::CGROUP_STORAGE
                    )
            }
            Special::Timer
            | Special::WorkQueue
            | Special::TaskWork
            | Special::ListHead
            | Special::TreeRoot => plain || spec.map_type == MapType::RHASH,
            Special::Pointer { .. } | Special::Count => {
                plain
                    || storage
                    || matches!(
                        spec.map_type,
                        MapType::PERCPU_HASH
                            | MapType::PERCPU_ARRAY
                            | MapType::LRU_PERCPU_HASH
                            | MapType::RHASH
                    )
            }
            Special::UserPointer => spec.map_type == MapType::TASK_STORAGE,
            Special::ListNode | Special::TreeNode => true,
        }
    };
    fields.is_empty() || (spec.flags.0 & one_sided == 0 && fields.iter().all(taken))
}
