//! Iterators, by a link: `bpf_iter_link_attach()` in kernel/bpf/bpf_iter.c.

use std::io;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{CgroupOrder, Iter, IterScope};
use ebpf_core::link::{IterOver, Link, LinkTarget, LinkType};
use ebpf_core::map::MapType;
use ebpf_core::program::{AttachType, ProgramError, ProgramType};

use super::attaching::{Attaching, Refusal};
use crate::kernel::{Kernel, Object};
use crate::link::{self, Attachment};
use crate::map::MapObject;
use crate::program::{MockProgram, ProgramObject};
use crate::world::CgroupObject;

/// Attaches an iterator.
pub(super) fn attach(
    program: &MockProgram,
    target: &Iter<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    let object = attaching.object();
    let map = match target.over {
        IterScope::Map(map) => Some(map_of(&attaching, map)?),
        _ => None,
    };
    let attach = || {
        let iterates = object.spec.program_type == ProgramType::TRACING
            && object.spec.expected_attach_type == Some(AttachType::TRACE_ITER);
        if !iterates {
            return Err(Refusal::from(Errno::EINVAL).hint("the program is no iterator"));
        }
        let name: Arc<str> = object.spec.attach_to.as_deref().unwrap_or_default().into();
        let (over, kept) = over(attaching.kernel(), &name, &target.over, map)?;
        let linked = link::link(attaching.kernel(), LinkType::ITER, object, |_| {
            Ok::<_, Errno>(OfIterator {
                target: LinkTarget::Iter { name, over },
                _kept: kept,
            })
        });
        Ok(linked?)
    };
    attach().map_err(|refusal: Refusal| attaching.refused(refusal))
}

fn map_of(
    attaching: &Attaching<'_>,
    map: &dyn ebpf_core::Map,
) -> Result<Arc<MapObject>, ProgramError> {
    let kernel = attaching.kernel();
    let number = map.handle().raw_in(kernel.id);
    match kernel.by_descriptor(number.map_err(|source| attaching.foreign(source))?) {
        Some(Object::Map(map)) => Ok(map),
        _ => Err(attaching.refused(Errno::EBADF)),
    }
}

/// What a link to an iterator keeps.
#[derive(Debug)]
enum Kept {
    Nothing,
    Map { _map: Arc<MapObject> },
    Cgroup { _group: Arc<CgroupObject> },
}

/// What it is narrowed to, if an iterator of this name can be.
fn over(
    kernel: &Kernel,
    name: &str,
    scope: &IterScope<'_>,
    map: Option<Arc<MapObject>>,
) -> Result<(IterOver, Kept), Refusal> {
    let map_types: &[MapType] = match name {
        "bpf_map_elem" => &[
            MapType::HASH,
            MapType::LRU_HASH,
            MapType::PERCPU_HASH,
            MapType::LRU_PERCPU_HASH,
            MapType::ARRAY,
            MapType::PERCPU_ARRAY,
        ],
        "bpf_sk_storage_map" => &[MapType::SK_STORAGE],
        "sockmap" => &[MapType::SOCKMAP, MapType::SOCKHASH],
        _ => &[],
    };
    if !map_types.is_empty() {
        let map = map.ok_or_else(|| {
            Refusal::from(Errno::EBADF)
                .hint("the iterator is of a map's elements: say which map (Iter::map)")
        })?;
        if !map_types.contains(&map.info.map_type) {
            return Err(
                Refusal::from(Errno::EINVAL).hint("the iterator is not of maps of this type")
            );
        }
        let map_id = map.info.id.0;
        return Ok((IterOver::Map { map_id }, Kept::Map { _map: map }));
    }
    match (name, scope) {
        ("cgroup", IterScope::Cgroup(walk)) => {
            if walk.order == CgroupOrder(0) || walk.order.0 > CgroupOrder::CHILDREN.0 {
                return Err(Errno::EINVAL.into());
            }
            let cgroups = &kernel.world.cgroups;
            let group = match walk.id {
                0 => Some(kernel.world.tasks.current().task.cgroup.clone()),
                id => cgroups.by_id(id),
            };
            let group = group.ok_or_else(|| {
                Refusal::from(Errno::ENOENT).hint("there is no such control group")
            })?;
            let over = IterOver::Cgroup {
                cgroup_id: group.id,
                order: walk.order.0,
            };
            Ok((over, Kept::Cgroup { _group: group }))
        }
        ("cgroup", _) => Err(Refusal::from(Errno::EINVAL)
            .hint("the iterator needs to be told where it starts (Iter::cgroup)")),
        ("task" | "task_file" | "task_vma", IterScope::Thread(tid)) => {
            let there = kernel.world.tasks.by_thread(*tid).is_some();
            let over = IterOver::Task { tid: *tid, pid: 0 };
            there
                .then_some((over, Kept::Nothing))
                .ok_or_else(no_process)
        }
        ("task" | "task_file" | "task_vma", IterScope::Process(pid)) => {
            let there = kernel.world.tasks.has_process(*pid);
            let over = IterOver::Task { tid: 0, pid: *pid };
            there
                .then_some((over, Kept::Nothing))
                .ok_or_else(no_process)
        }
        // What is said to an iterator that asks nothing is not looked at.
        _ => Ok((IterOver::All, Kept::Nothing)),
    }
}

fn no_process() -> Refusal {
    Refusal::from(Errno::ESRCH).hint("there is no such process")
}

/// An iterator, which is in no place.
#[derive(Debug)]
struct OfIterator {
    target: LinkTarget,
    _kept: Kept,
}

impl Attachment for OfIterator {
    fn target(&self, _: &Kernel) -> LinkTarget {
        self.target.clone()
    }

    fn takes(&self, old: &ProgramObject, new: &ProgramObject) -> bool {
        old.spec.program_type == new.spec.program_type
            && old.spec.expected_attach_type == new.spec.expected_attach_type
            && old.spec.attach_to == new.spec.attach_to
    }

    fn replace(&self, _: &Kernel, _: u32, _: &Arc<ProgramObject>) -> Result<(), Errno> {
        Ok(())
    }

    fn remove(&self, _: &Kernel, _: u32) {}

    fn detaches(&self) -> bool {
        false
    }

    fn read(&self) -> Result<Box<dyn io::Read + Send>, Errno> {
        Err(Errno::EOPNOTSUPP)
    }
}
