//! A program's instructions with what they refer to.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::insn::{Insn, Pseudo, missing_function, walk};
use ebpf_core::program::{ProgramError, ProgramProblem, ProgramSpec, Reference, Referent};
use ebpf_core::system::{Bindings, BtfTarget, ExternValue};

use crate::kernel::{Kernel, Object};
use crate::map::MapObject;

/// The instructions, and the maps that they use.
#[derive(Debug)]
pub(crate) struct Joined {
    /// Where one refers to a map, it holds the map's place in [`Joined::maps`]: `BPF_PSEUDO_MAP_IDX` and
    /// `BPF_PSEUDO_MAP_IDX_VALUE`.
    pub(crate) instructions: Vec<Insn>,
    /// The maps of the spec, in its order.
    pub(crate) given: Vec<Arc<MapObject>>,
    /// Those that the instructions refer to, in the order of their first use, each once.
    pub(crate) maps: Vec<Arc<MapObject>>,
    /// Which instructions refer to which map.
    pub(crate) uses: BTreeMap<usize, usize>,
}

impl Joined {
    /// Resolves what a spec refers to.
    pub(super) fn new(
        kernel: &Kernel,
        spec: &ProgramSpec,
        bindings: &Bindings<'_>,
        name: &Arc<str>,
    ) -> Result<Joined, ProgramError> {
        let given = bindings
            .maps
            .iter()
            .map(|map| {
                let number =
                    map.handle()
                        .raw_in(kernel.id)
                        .map_err(|source| ProgramError::Foreign {
                            program: name.clone(),
                            source,
                        })?;
                match kernel.by_descriptor(number) {
                    Some(Object::Map(map)) => Ok(map),
                    _ => Err(ProgramError::load_failed(name, Errno::EBADF)),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut work = Work {
            name,
            given,
            externs: bindings.externs,
            modules: Vec::new(),
            wanted: BTreeMap::new(),
        };
        let mut instructions = spec.instructions.clone();
        for reference in &spec.references {
            work.resolve(*reference, &mut instructions)?;
        }
        work.find_descriptors(kernel, &instructions);
        let mut joined = Joined {
            instructions,
            given: work.given,
            maps: Vec::new(),
            uses: BTreeMap::new(),
        };
        for (at, (kind, offset, map)) in work.wanted {
            joined.use_map(at, kind, offset, map);
        }
        Ok(joined)
    }

    fn use_map(&mut self, at: usize, kind: Pseudo, offset: u32, map: Arc<MapObject>) {
        let known = self.maps.iter().position(|known| Arc::ptr_eq(known, &map));
        let place = known.unwrap_or(self.maps.len());
        if known.is_none() {
            self.maps.push(map);
        }
        let slots = self
            .instructions
            .get_mut(at..)
            .and_then(|rest| rest.first_chunk_mut::<2>());
        if let Some(slots) = slots {
            let value = u64::from(offset) << 32 | place as u64;
            *slots = Insn::ld_imm64_pseudo(slots[0].dst, kind, value);
            self.uses.insert(at, place);
        }
    }
}

/// What is resolved step by step.
struct Work<'a> {
    name: &'a Arc<str>,
    given: Vec<Arc<MapObject>>,
    externs: &'a [ExternValue],
    /// Modules whose functions are called, at the places that calls name; place 0 is the kernel's own.
    modules: Vec<Arc<str>>,
    /// Which instructions want which place in which map.
    wanted: BTreeMap<usize, (Pseudo, u32, Arc<MapObject>)>,
}

impl Work<'_> {
    fn problem(&self, what: &'static str, index: usize, given: usize) -> ProgramError {
        ProgramError::Spec {
            program: self.name.clone(),
            problem: ProgramProblem::Binding { what, index, given },
        }
    }

    fn resolve(
        &mut self,
        reference: Reference,
        instructions: &mut [Insn],
    ) -> Result<(), ProgramError> {
        let at = reference.instruction as usize;
        let given = instructions.len();
        let Some(first) = instructions.get(at).copied() else {
            return Err(self.problem("instruction", at, given));
        };
        let map = |index: usize| {
            let map = self.given.get(index).cloned();
            map.ok_or_else(|| self.problem("map", index, self.given.len()))
        };
        let wanted = match reference.referent {
            Referent::Map { map: index } => Some((Pseudo::MAP_IDX, 0, map(index)?)),
            Referent::MapValue { map: index, offset } => {
                Some((Pseudo::MAP_IDX_VALUE, offset, map(index)?))
            }
            _ => None,
        };
        let pair = match reference.referent {
            Referent::Extern { index } => {
                let value = self.externs.get(index);
                let value =
                    value.ok_or_else(|| self.problem("extern", index, self.externs.len()))?;
                if first.call_kind().is_some() {
                    let call = match value {
                        ExternValue::Typed(target) => {
                            Insn::call_kfunc(target.type_id.0, self.place(target)?)
                        }
                        _ => Insn::call_helper(missing_function(index)),
                    };
                    if let Some(slot) = instructions.get_mut(at) {
                        *slot = call;
                    }
                    return Ok(());
                }
                match value {
                    ExternValue::Address(address) => {
                        Insn::ld_imm64_pseudo(first.dst, Pseudo::NONE, *address)
                    }
                    ExternValue::Typed(target) => {
                        let id = u64::from(target.type_id.0);
                        Insn::ld_imm64_pseudo(first.dst, Pseudo::BTF_ID, id)
                    }
                    _ => Insn::ld_imm64_pseudo(first.dst, Pseudo::NONE, 0),
                }
            }
            _ => Insn::ld_imm64(first.dst, 0),
        };
        let slots = instructions
            .get_mut(at..)
            .and_then(|rest| rest.first_chunk_mut::<2>());
        match slots {
            Some(slots) if first.is_wide() => *slots = pair,
            _ => return Err(self.problem("instruction", at, given)),
        }
        if let Some(wanted) = wanted {
            self.wanted.insert(at, wanted);
        }
        Ok(())
    }

    /// The place of a function's module among those that calls name.
    fn place(&mut self, target: &BtfTarget) -> Result<i16, ProgramError> {
        let Some(module) = &target.module else {
            return Ok(0);
        };
        let known = self.modules.iter().position(|known| known == module);
        let place = known.unwrap_or(self.modules.len()) + 1;
        if known.is_none() {
            self.modules.push(module.clone());
        }
        i16::try_from(place).map_err(|_| ProgramError::load_failed(self.name, Errno::E2BIG))
    }

    /// Maps that the instructions name by descriptors of their own. A number that is none stays, to be refused.
    fn find_descriptors(&mut self, kernel: &Kernel, instructions: &[Insn]) {
        for step in walk(instructions).map_while(Result::ok) {
            let (Some(kind), Some(second)) = (step.insn.pseudo(), step.second) else {
                continue;
            };
            let kind = match kind {
                Pseudo::MAP_FD => Pseudo::MAP_IDX,
                Pseudo::MAP_VALUE => Pseudo::MAP_IDX_VALUE,
                _ => continue,
            };
            if let Some(Object::Map(map)) = kernel.by_descriptor(step.insn.imm as u32) {
                let offset = second.imm as u32;
                self.wanted.insert(step.index, (kind, offset, map));
            }
        }
    }
}
