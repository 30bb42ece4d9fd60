//! Iterators, by a link: `bpf_iter_link_attach()` in kernel/bpf/bpf_iter.c.

use std::io;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{CgroupOrder, Iter, IterScope};
use ebpf_core::link::{IterOver, Link, LinkTarget, LinkType};
use ebpf_core::map::MapType;
use ebpf_core::program::{AttachType, ProgramError, ProgramType};

use super::attaching::{Attaching, Refusal};
use crate::dispatch::{IterReader, Visits};
use crate::kernel::{Kernel, Object};
use crate::link::{self, Attachment};
use crate::map::MapObject;
use crate::program::{MockProgram, ProgramObject};

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
        let name = name_of(attaching.kernel(), object);
        let (over, visits) = over(attaching.kernel(), &name, &target.over, map)?;
        let linked = link::link(attaching.kernel(), LinkType::ITER, object, |_| {
            Ok::<_, Errno>(OfIterator {
                target: LinkTarget::Iter { name, over },
                visits,
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

/// What the iterator is called that a program was loaded for.
fn name_of(kernel: &Kernel, program: &ProgramObject) -> Arc<str> {
    const PREFIX: &str = "bpf_iter_";
    let types = kernel.machine.target_btf.as_ref();
    let function = types.and_then(|types| types.get(program.info.attach_btf.1).ok());
    let name = function.and_then(|function| function.name().strip_prefix(PREFIX));
    name.unwrap_or_default().into()
}

/// What it is narrowed to, if an iterator of this name can be, and what it visits, if that is simulated.
fn over(
    kernel: &Kernel,
    name: &str,
    scope: &IterScope<'_>,
    map: Option<Arc<MapObject>>,
) -> Result<(IterOver, Visited), Refusal> {
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
        let visited = match name {
            "bpf_map_elem" => Visited::Simulated(Visits::Elements(map)),
            _ => Visited::Not { _map: Some(map) },
        };
        return Ok((IterOver::Map { map_id }, visited));
    }
    match (name, scope) {
        ("cgroup", IterScope::Cgroup(walk)) => {
            if walk.order == CgroupOrder(0) || walk.order.0 > CgroupOrder::CHILDREN.0 {
                return Err(Errno::EINVAL.into());
            }
            let cgroups = &kernel.world.cgroups;
            let group = match walk.id {
                0 => Some(cgroups.root()),
                id => cgroups.by_id(id),
            };
            let group = group.ok_or_else(|| {
                Refusal::from(Errno::ENOENT).hint("there is no such control group")
            })?;
            let over = IterOver::Cgroup {
                cgroup_id: group.id,
                order: walk.order.0,
            };
            let visits = Visits::Groups {
                from: group,
                order: walk.order,
            };
            Ok((over, Visited::Simulated(visits)))
        }
        ("cgroup", _) => Err(Refusal::from(Errno::EINVAL)
            .hint("the iterator needs to be told where it starts (Iter::cgroup)")),
        // Whether there is such a task is looked at when it is read.
        ("task" | "task_file" | "task_vma", IterScope::Thread(tid)) => {
            let over = IterOver::Task { tid: *tid, pid: 0 };
            Ok((over, tasks(name, Some(*tid), None)))
        }
        ("task" | "task_file" | "task_vma", IterScope::Process(pid)) => {
            let over = IterOver::Task { tid: 0, pid: *pid };
            Ok((over, tasks(name, None, Some(*pid))))
        }
        // What is said to an iterator that asks nothing is not looked at.
        _ => {
            let visited = match name {
                "bpf_map" => Visited::Simulated(Visits::Maps),
                "bpf_prog" => Visited::Simulated(Visits::Programs),
                "bpf_link" => Visited::Simulated(Visits::Links),
                _ => tasks(name, None, None),
            };
            Ok((IterOver::All, visited))
        }
    }
}

fn tasks(name: &str, thread: Option<u32>, process: Option<u32>) -> Visited {
    match name {
        "task" => Visited::Simulated(Visits::Tasks { thread, process }),
        _ => Visited::Not { _map: None },
    }
}

/// What an iterator visits, and its link keeps.
#[derive(Debug)]
enum Visited {
    Simulated(Visits),
    Not { _map: Option<Arc<MapObject>> },
}

/// An iterator, which is in no place.
#[derive(Debug)]
struct OfIterator {
    target: LinkTarget,
    visits: Visited,
}

impl Attachment for OfIterator {
    fn target(&self, _: &Kernel) -> LinkTarget {
        self.target.clone()
    }

    fn takes(&self, old: &ProgramObject, new: &ProgramObject) -> bool {
        old.spec.program_type == new.spec.program_type
            && old.spec.expected_attach_type == new.spec.expected_attach_type
            && old.info.attach_btf == new.info.attach_btf
    }

    fn replace(&self, _: &Kernel, _: u32, _: &Arc<ProgramObject>) -> Result<(), Errno> {
        Ok(())
    }

    fn remove(&self, _: &Kernel, _: u32) {}

    fn detaches(&self) -> bool {
        false
    }

    fn read(
        &self,
        kernel: &Arc<Kernel>,
        program: Arc<ProgramObject>,
    ) -> Result<Box<dyn io::Read + Send>, Errno> {
        match &self.visits {
            Visited::Simulated(visits) => {
                Ok(Box::new(IterReader::new(kernel, program, visits.clone())))
            }
            Visited::Not { .. } => Err(Errno::EOPNOTSUPP),
        }
    }
}
