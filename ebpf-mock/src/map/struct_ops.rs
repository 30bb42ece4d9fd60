//! Structures of callbacks: a map of one element, whose value is the structure with descriptors of programs in the place
//! of its functions. Writing the element registers it. `kernel/bpf/bpf_struct_ops.c`.
//!
//! A structure is what the kernel's types of the machine say. Callbacks are called when the test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::btf::{Btf, Kind, TypeId};
use ebpf_core::map::{LookupFlags, MapFlags, MapId, MapSpec, UpdateFlags};
use ebpf_core::program::ProgramType;
use parking_lot::Mutex;

use super::array::index;
use super::{MapObject, Storage};
use crate::kernel::{Kernel, Object};
use crate::program::ProgramObject;

/// The congestion controls of TCP are the structure that every kernel has.
const TCP: &str = "tcp_congestion_ops";

/// What a kernel starts with is registered by name too.
const BUILT_IN: &str = "reno";

/// What is registered.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    /// Names of congestion controls, each once.
    names: Mutex<BTreeSet<String>>,
    /// A map whose structure is registered lives until that ends, whoever else refers to it.
    maps: Mutex<BTreeMap<MapId, Arc<MapObject>>>,
}

impl Callbacks {
    fn register(&self, name: &str) -> Result<(), Errno> {
        if name != BUILT_IN && self.names.lock().insert(name.to_owned()) {
            Ok(())
        } else {
            Err(Errno::EEXIST)
        }
    }

    /// Keeps the map, whose structure was registered just now.
    pub(crate) fn keep(&self, map: &Arc<MapObject>) {
        if !map.info.flags.contains(MapFlags::LINK) {
            self.maps.lock().insert(map.info.id, map.clone());
        }
    }

    /// Keeps the map no more.
    pub(crate) fn release(&self, map: &MapObject) {
        let map = self.maps.lock().remove(&map.info.id);
        drop(map);
    }
}

/// Where a map's element is in its life; the numbers are those of the value's second word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Init = 0,
    InUse = 1,
    ToBeFree = 2,
    Ready = 3,
}

/// A structure of callbacks.
#[derive(Debug)]
pub(super) struct StructOps {
    layout: Layout,
    has_link: bool,
    callbacks: Arc<Callbacks>,
    element: Mutex<Element>,
}

#[derive(Debug)]
struct Element {
    state: State,
    value: Vec<u8>,
    programs: Vec<Arc<ProgramObject>>,
    /// The name under which it is registered.
    name: Option<String>,
}

/// Where things are in a value.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The kernel's type of the value.
    pub(super) value_type: TypeId,
    /// Bytes of a value.
    pub(super) size: u32,
    structure: TypeId,
    is_tcp: bool,
    members: Vec<Member>,
    /// The ends of what lies in a value, in order: bytes between them are 0.
    used: Vec<(usize, usize)>,
}

/// A member of the structure, by its place in a value.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    start: usize,
    size: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Callback,
    Module,
    Data,
}

impl Layout {
    /// The layout of the values of a structure, by the kernel's types.
    ///
    /// # Errors
    /// `ENOTSUPP` of a kernel without types, `ENOENT` for a structure that has no callbacks to implement.
    pub(super) fn of(kernel: Option<&Btf>, structure: &str) -> Result<Layout, Errno> {
        let btf = kernel.ok_or(Errno::ENOTSUPP)?;
        // What follows three underscores tells versions of a declaration apart.
        let name = structure.split("___").next().unwrap_or(structure);
        let found = |name: &str| btf.find(name, Kind::STRUCT).ok_or(Errno::ENOENT);
        let value_type = found(&format!("bpf_struct_ops_{name}"))?;
        let structure = found(name)?;
        let size = btf.size_of(value_type).map_err(|_| Errno::EINVAL)?;
        let outer = members(btf, value_type, 0)?;
        let data = outer.iter().find(|member| member.name == "data");
        let start = data.ok_or(Errno::ENOENT)?.start;
        let members = members(btf, structure, start)?;
        let place = |member: &Member| (member.start, member.start + member.size);
        let mut used: Vec<_> = outer
            .iter()
            .filter(|member| member.name != "data")
            .chain(&members)
            .map(place)
            .collect();
        used.sort_unstable();
        Ok(Layout {
            value_type,
            size,
            structure,
            is_tcp: name == TCP,
            members,
            used,
        })
    }

    /// Whether every byte that belongs to no member is 0.
    fn holes_are_zero(&self, value: &[u8]) -> bool {
        let mut end = 0;
        let ends = self
            .used
            .iter()
            .copied()
            .chain([(value.len(), value.len())]);
        for (start, next) in ends {
            let hole = value.get(end..start).unwrap_or_default();
            if hole.iter().any(|byte| *byte != 0) {
                return false;
            }
            end = end.max(next);
        }
        true
    }

    /// The bytes of a member in a value.
    fn bytes<'v>(&self, value: &'v [u8], name: &str) -> &'v [u8] {
        let member = self.members.iter().find(|member| member.name == name);
        member
            .and_then(|member| member.of(value))
            .unwrap_or_default()
    }

    fn has(&self, value: &[u8], callback: &str) -> bool {
        self.bytes(value, callback).iter().any(|byte| *byte != 0)
    }

    /// What TCP wants of a congestion control: a name, the callbacks that it cannot do without, and nothing in what it
    /// keeps for itself. Gives the name.
    fn check_tcp(&self, value: &[u8]) -> Result<Option<String>, Errno> {
        if !self.is_tcp {
            return Ok(None);
        }
        let name = self.bytes(value, "name");
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let kept = ["list", "key"].iter().any(|member| self.has(value, member));
        let complete = self.has(value, "ssthresh")
            && self.has(value, "undo_cwnd")
            && (self.has(value, "cong_avoid") || self.has(value, "cong_control"));
        if name.is_empty() || kept || !complete {
            return Err(Errno::EINVAL);
        }
        Ok(Some(String::from_utf8_lossy(name).into_owned()))
    }
}

impl Member {
    fn of<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        value.get(self.start..self.start + self.size)
    }
}

/// The members of a structure that begins at a byte of the value.
fn members(btf: &Btf, id: TypeId, start: usize) -> Result<Vec<Member>, Errno> {
    let ty = btf.resolve(id).map_err(|_| Errno::EINVAL)?;
    let composite = ty.as_composite().ok_or(Errno::EINVAL)?;
    let member = |member: ebpf_core::btf::Member<'_>| {
        let size = btf.size_of(member.type_id).map_err(|_| Errno::EINVAL)?;
        Ok(Member {
            name: member.name.to_owned(),
            start: start + member.bit_offset as usize / 8,
            size: size as usize,
            what: what(btf, member.type_id),
        })
    };
    composite.members().map(member).collect()
}

fn what(btf: &Btf, id: TypeId) -> What {
    let pointee = btf
        .resolve(id)
        .ok()
        .filter(|ty| ty.kind() == Kind::PTR)
        .and_then(|pointer| btf.resolve(pointer.target()?).ok());
    match pointee {
        Some(pointee) if pointee.kind() == Kind::FUNC_PROTO => What::Callback,
        Some(pointee) if pointee.kind() == Kind::STRUCT && pointee.name() == "module" => {
            What::Module
        }
        _ => What::Data,
    }
}

impl StructOps {
    pub(super) fn new(kernel: &Kernel, spec: &MapSpec, layout: Layout) -> StructOps {
        StructOps {
            element: Mutex::new(Element {
                state: State::Init,
                value: vec![0; layout.size as usize],
                programs: Vec::new(),
                name: None,
            }),
            layout,
            callbacks: kernel.callbacks.clone(),
            has_link: spec.flags.contains(MapFlags::LINK),
        }
    }

    /// Puts the ids of programs in the place of their descriptors; gives the programs.
    fn take_programs(
        &self,
        kernel: &Kernel,
        value: &mut [u8],
    ) -> Result<Vec<Arc<ProgramObject>>, Errno> {
        let mut programs = Vec::new();
        for (number, member) in (0..).zip(&self.layout.members) {
            let place = value.get_mut(member.start..member.start + member.size);
            let place = place.ok_or(Errno::EINVAL)?;
            match member.what {
                What::Module if place.iter().any(|byte| *byte != 0) => return Err(Errno::EINVAL),
                What::Module | What::Data => continue,
                What::Callback => {}
            }
            let descriptor = place
                .first_chunk()
                .map_or(0, |bytes| u32::from_ne_bytes(*bytes));
            if descriptor == 0 {
                continue;
            }
            let program = match kernel.by_descriptor(descriptor) {
                Some(Object::Program(program)) => program,
                Some(_) => return Err(Errno::EINVAL),
                None => return Err(Errno::EBADF),
            };
            let fits = program.info.program_type == ProgramType::STRUCT_OPS
                && program.info.attach_btf.1 == self.layout.structure
                && program
                    .spec
                    .expected_attach_type
                    .map_or(0, |member| member.0)
                    == number;
            if !fits {
                return Err(Errno::EINVAL);
            }
            place.fill(0);
            for (to, from) in place.iter_mut().zip(program.info.id.0.to_ne_bytes()) {
                *to = from;
            }
            programs.push(program);
        }
        Ok(programs)
    }
}

impl Storage for StructOps {
    fn callback(&self, name: &str) -> Option<Arc<ProgramObject>> {
        let members = &self.layout.members;
        let number = members.iter().position(|member| member.name == name)?;
        let element = self.element.lock();
        let mut programs = element.programs.iter();
        let is_it = |program: &&Arc<ProgramObject>| {
            let attach = program.spec.expected_attach_type;
            attach.map_or(0, |member| member.0) as usize == number
        };
        programs.find(is_it).cloned()
    }

    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        if index(key) != Some(0) {
            return Err(Errno::ENOENT);
        }
        let element = self.element.lock();
        value.copy_from_slice(&element.value);
        // How many refer to it besides descriptors and pins; then its state.
        let references = u32::from(element.state == State::InUse);
        let head = [references, element.state as u32].map(u32::to_ne_bytes);
        for (to, from) in value.iter_mut().zip(head.concat()) {
            *to = from;
        }
        Ok(())
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags != UpdateFlags::ANY {
            return Err(Errno::EINVAL);
        }
        if index(key) != Some(0) {
            return Err(Errno::E2BIG);
        }
        let head = value.get(..8).ok_or(Errno::EINVAL)?;
        if !self.layout.holes_are_zero(value) || head.iter().any(|byte| *byte != 0) {
            return Err(Errno::EINVAL);
        }
        let mut element = self.element.lock();
        if element.state != State::Init {
            return Err(Errno::EBUSY);
        }
        let mut value = value.to_vec();
        let programs = self.take_programs(kernel, &mut value)?;
        let name = self.layout.check_tcp(&value)?;
        // One with a link is registered by its link.
        let state = if self.has_link {
            State::Ready
        } else {
            if let Some(name) = &name {
                self.callbacks.register(name)?;
            }
            State::InUse
        };
        *element = Element {
            state,
            value,
            programs,
            name,
        };
        Ok(())
    }

    fn delete(&self, _: &[u8]) -> Result<(), Errno> {
        if self.has_link {
            return Err(Errno::EOPNOTSUPP);
        }
        let mut element = self.element.lock();
        match element.state {
            State::InUse => {
                if let Some(name) = element.name.take() {
                    self.callbacks.names.lock().remove(&name);
                }
                element.state = State::ToBeFree;
                Ok(())
            }
            State::ToBeFree => Err(Errno::EINPROGRESS),
            State::Init | State::Ready => Err(Errno::ENOENT),
        }
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        if after.and_then(index) == Some(0) {
            return Err(Errno::ENOENT);
        }
        next.fill(0);
        Ok(())
    }

    fn charge(&self) -> u64 {
        4096 + 2 * u64::from(self.layout.size)
    }
}
