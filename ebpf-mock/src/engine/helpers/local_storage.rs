//! Storage that lives with sockets, tasks, control groups and inodes, from programs: `bpf_*_storage_get()` and
//! `bpf_*_storage_delete()` in net/core/bpf_sk_storage.c, kernel/bpf/bpf_task_storage.c and their neighbours.

use ebpf_core::Errno;
use ebpf_core::map::MapType;
use ebpf_core::program::ProgramType as T;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::{TC, Types};
use crate::map::StorageOwner;

use Argument::{Anything, Map, Special};

const OF_SOCKETS: Types = TC.and(Types::of(&[
    T::CGROUP_SKB,
    T::CGROUP_SOCK_ADDR,
    T::CGROUP_SOCKOPT,
    T::SOCK_OPS,
    T::SK_MSG,
    T::LSM,
    T::SYSCALL,
    T::TRACING,
    T::STRUCT_OPS,
]));
const GIVES_TO_SOCKETS: Types = OF_SOCKETS.and(Types::of(&[T::CGROUP_SOCK]));
const OF_INODES: Types = Types::of(&[T::LSM]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(107, "sk_storage_get", GIVES_TO_SOCKETS, &[Map, Special, Special, Anything], sk_get),
    row(108, "sk_storage_delete", OF_SOCKETS, &[Map, Special], sk_delete),
    row(145, "inode_storage_get", OF_INODES, &[Map, Special, Special, Anything], inode_get),
    row(146, "inode_storage_delete", OF_INODES, &[Map, Special], inode_delete),
    row(156, "task_storage_get", Types::ALL, &[Map, Special, Special, Anything], task_get),
    row(157, "task_storage_delete", Types::ALL, &[Map, Special], task_delete),
    row(210, "cgrp_storage_get", Types::ALL, &[Map, Special, Special, Anything], group_get),
    row(211, "cgrp_storage_delete", Types::ALL, &[Map, Special], group_delete),
];

/// A value is made where there is none.
#[doc(alias = "BPF_LOCAL_STORAGE_GET_F_CREATE")]
const CREATE: u64 = 1;

/// A map, and whose storage in it is meant; `None` for NULL.
fn owner(run: &Run, helper: u32, of: MapType, owner: u64) -> Result<Option<StorageOwner>, Problem> {
    if owner == 0 {
        return Ok(None);
    }
    let name = ebpf_core::insn::helper_name(helper).unwrap_or("the helper");
    Ok(Some(match of {
        MapType::TASK_STORAGE => StorageOwner::Task(run.task_at(name, 1, owner)?),
        MapType::CGRP_STORAGE => StorageOwner::Cgroup(run.group_at(name, 1, owner)?),
        MapType::SK_STORAGE => {
            let sock = run.sock(helper, 1, owner)?;
            match sock.of.as_ref().and_then(|of| of.upgrade()) {
                Some(socket) => StorageOwner::Socket(socket),
                None => StorageOwner::Sock(sock),
            }
        }
        _ => {
            let what = "storage of an inode that a program was given a pointer to";
            return Err(Problem::NotSimulated(what.into()));
        }
    }))
}

/// A pointer to the value, or NULL.
fn get(
    run: &mut Run,
    helper: u32,
    of: MapType,
    [map, pointer, value, flags, _]: [u64; 5],
) -> Result<Flow, Problem> {
    let map = run.map(helper, 0, map)?;
    if map.info.map_type != of {
        return Err(wrong(helper, 0, "map of storage of this kind"));
    }
    let Some(owner) = owner(run, helper, of, pointer)?.filter(|_| flags <= CREATE) else {
        return Ok(Flow::Return(0));
    };
    let first = match value {
        0 => None,
        value => Some(run.memory.to_vec(value, map.info.value_size as usize)?),
    };
    let memory = map
        .storage
        .owned(&owner, (flags == CREATE).then_some(first.as_deref()));
    let at = memory.and_then(|memory| run.memory.own_value(&map, memory));
    Ok(Flow::Return(at.unwrap_or(0)))
}

fn delete(
    run: &mut Run,
    helper: u32,
    of: MapType,
    map: u64,
    pointer: u64,
) -> Result<Flow, Problem> {
    let map = run.map(helper, 0, map)?;
    if map.info.map_type != of {
        return Err(wrong(helper, 0, "map of storage of this kind"));
    }
    let Some(owner) = owner(run, helper, of, pointer)? else {
        return Ok(Flow::Return(Errno::EINVAL.negative()));
    };
    Ok(Flow::errno(map.storage.disown(&owner)))
}

fn sk_get(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    get(run, 107, MapType::SK_STORAGE, arguments)
}

fn sk_delete(run: &mut Run, [map, sock, ..]: [u64; 5]) -> Result<Flow, Problem> {
    delete(run, 108, MapType::SK_STORAGE, map, sock)
}

fn inode_get(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    get(run, 145, MapType::INODE_STORAGE, arguments)
}

fn inode_delete(run: &mut Run, [map, inode, ..]: [u64; 5]) -> Result<Flow, Problem> {
    delete(run, 146, MapType::INODE_STORAGE, map, inode)
}

fn task_get(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    get(run, 156, MapType::TASK_STORAGE, arguments)
}

fn task_delete(run: &mut Run, [map, task, ..]: [u64; 5]) -> Result<Flow, Problem> {
    delete(run, 157, MapType::TASK_STORAGE, map, task)
}

fn group_get(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    get(run, 210, MapType::CGRP_STORAGE, arguments)
}

fn group_delete(run: &mut Run, [map, group, ..]: [u64; 5]) -> Result<Flow, Problem> {
    delete(run, 211, MapType::CGRP_STORAGE, map, group)
}
