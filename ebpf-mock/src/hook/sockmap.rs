//! Sockmaps: by a link, or as `BPF_PROG_ATTACH` does: `sock_map_prog_update()` in net/core/sock_map.c.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{AttachVia, Sockmap, TargetProblem};
use ebpf_core::link::{Link, LinkInfo, LinkTarget, LinkType};
use ebpf_core::map::MapType;
use ebpf_core::program::{AttachType, ProgramError};
use parking_lot::Mutex;

use super::attach_type::fits;
use super::attaching::Attaching;
use super::unowned::{Unowned, UnownedLink};
use crate::kernel::{Kernel, Object};
use crate::link::{self, Attachment};
use crate::map::MapObject;
use crate::program::{MockProgram, ProgramObject};

/// The programs of a map of sockets, by their attach types, with the links that hold them there.
#[derive(Debug, Default)]
pub(crate) struct SockmapPrograms(Mutex<BTreeMap<u32, Held>>);

/// A program, and the link that holds it there.
type Held = (Arc<ProgramObject>, Option<u32>);

impl SockmapPrograms {
    /// The program of an attach type.
    pub(crate) fn get(&self, attach_type: AttachType) -> Option<Arc<ProgramObject>> {
        let programs = self.0.lock();
        programs
            .get(&attach_type.0)
            .map(|(program, _)| program.clone())
    }

    fn put(
        &self,
        attach_type: AttachType,
        program: &Arc<ProgramObject>,
        link: Option<u32>,
    ) -> Result<(), Errno> {
        let mut programs = self.0.lock();
        let excluded = match attach_type {
            AttachType::SK_SKB_STREAM_VERDICT => Some(AttachType::SK_SKB_VERDICT),
            AttachType::SK_SKB_VERDICT => Some(AttachType::SK_SKB_STREAM_VERDICT),
            AttachType::SK_SKB_STREAM_PARSER | AttachType::SK_MSG_VERDICT => None,
            _ => return Err(Errno::EOPNOTSUPP),
        };
        if excluded.is_some_and(|other| programs.contains_key(&other.0)) {
            return Err(Errno::EBUSY);
        }
        if programs
            .get(&attach_type.0)
            .is_some_and(|(_, link)| link.is_some())
        {
            return Err(Errno::EBUSY);
        }
        let old = programs.insert(attach_type.0, (program.clone(), link));
        drop(programs);
        drop(old);
        Ok(())
    }

    fn replace(
        &self,
        attach_type: AttachType,
        link: u32,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let mut programs = self.0.lock();
        match programs.get_mut(&attach_type.0) {
            Some((program, of)) if *of == Some(link) => {
                let old = std::mem::replace(program, new.clone());
                drop(programs);
                drop(old);
                Ok(())
            }
            _ => Err(Errno::ENOLINK),
        }
    }

    /// Takes a program away if it is held there by this link, or by none.
    fn remove(&self, attach_type: AttachType, link: Option<u32>) {
        let mut programs = self.0.lock();
        let there = programs.get(&attach_type.0);
        let ours = there.is_some_and(|(_, of)| *of == link);
        let gone = ours.then(|| programs.remove(&attach_type.0));
        drop(programs);
        drop(gone);
    }
}

/// Attaches a program to a sockmap or sockhash.
pub(super) fn attach(
    program: &MockProgram,
    target: &Sockmap<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    let attaching = Attaching::new(program, target);
    if target.via == AttachVia::Link && target.replace {
        return Err(attaching.impossible(TargetProblem::Exclusive {
            one: "via(Link)",
            other: "replacing_any",
        }));
    }
    let kernel = attaching.kernel();
    let refused = |errno| attaching.hinted(errno, hint(errno, target));
    let number = target.map.handle().raw_in(kernel.id);
    let number = number.map_err(|source| attaching.foreign(source))?;
    let Some(Object::Map(map)) = kernel.by_descriptor(number) else {
        return Err(refused(Errno::EBADF));
    };
    let (object, attach_type) = (attaching.object(), target.attach_type);
    let programs = map.storage.sockmap_programs();
    let busy = programs.is_some_and(|programs| programs.get(attach_type).is_some());
    if busy && !target.replace {
        return Err(refused(Errno::EBUSY));
    }
    if !fits(object, attach_type) {
        return Err(refused(Errno::EINVAL));
    }
    let programs = programs.ok_or_else(|| refused(Errno::EOPNOTSUPP))?;
    let by_link = match target.via {
        AttachVia::Auto => !target.replace && attaching.has_links(LinkType::SOCKMAP),
        via => via == AttachVia::Link,
    };
    let hook = OfMap {
        map: map.clone(),
        attach_type,
    };
    if by_link {
        if !attaching.has_links(LinkType::SOCKMAP) {
            return Err(refused(Errno::EINVAL));
        }
        let linked = link::link(kernel, LinkType::SOCKMAP, object, |id| {
            programs.put(attach_type, object, Some(id))?;
            Ok(hook)
        });
        return linked.map_err(refused);
    }
    programs.put(attach_type, object, None).map_err(refused)?;
    let info = LinkInfo::new(None, LinkType::UNSPEC, hook.target(kernel));
    Ok(Box::new(UnownedLink::new(kernel, info, hook, object)))
}

/// A hook of a map, which it keeps.
#[derive(Debug)]
struct OfMap {
    map: Arc<MapObject>,
    attach_type: AttachType,
}

impl OfMap {
    fn programs(&self) -> Result<&SockmapPrograms, Errno> {
        self.map.storage.sockmap_programs().ok_or(Errno::EOPNOTSUPP)
    }
}

impl Attachment for OfMap {
    fn target(&self, _: &Kernel) -> LinkTarget {
        LinkTarget::Sockmap {
            map_id: self.map.info.id.0,
            attach_type: self.attach_type,
        }
    }

    fn replace(&self, _: &Kernel, link: u32, program: &Arc<ProgramObject>) -> Result<(), Errno> {
        self.programs()?.replace(self.attach_type, link, program)
    }

    fn remove(&self, _: &Kernel, link: u32) {
        if let Ok(programs) = self.programs() {
            programs.remove(self.attach_type, Some(link));
        }
    }
}

impl Unowned for OfMap {
    fn found(&self, _: &Kernel, _: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>> {
        self.programs().ok()?.get(self.attach_type)
    }

    fn replace(
        &self,
        _: &Kernel,
        _: &Arc<ProgramObject>,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        if !fits(new, self.attach_type) {
            return Err(Errno::EINVAL);
        }
        self.programs()?.put(self.attach_type, new, None)
    }

    fn remove(&self, _: &Kernel, _: &Arc<ProgramObject>, was_there: bool) -> Result<(), Errno> {
        if was_there {
            self.programs()?.remove(self.attach_type, None);
        }
        Ok(())
    }

    fn no_pin(&self) -> &'static str {
        "it is attached without a link object: it stays until it is removed anyway"
    }
}

pub(super) fn hint(errno: Errno, target: &Sockmap<'_>) -> Option<&'static str> {
    let sockets = [MapType::SOCKMAP, MapType::SOCKHASH];
    match errno {
        Errno::EBUSY => Some("another program is attached: detach or replace it first"),
        Errno::EINVAL | Errno::EOPNOTSUPP if !sockets.contains(&target.map.info().map_type) => {
            Some("only sockmaps and sockhashes have programs")
        }
        Errno::EINVAL | Errno::EOPNOTSUPP => {
            Some("the program's type or attach type is not one of a sockmap's")
        }
        _ => None,
    }
}
