//! Maps whose values are interfaces and CPUs, for redirection: `kernel/bpf/devmap.c`, `kernel/bpf/cpumap.c`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::{LookupFlags, MapSpec, UpdateFlags};
use ebpf_core::program::{AttachType, ProgramType};
use ebpf_core::system::CpuSet;
use parking_lot::RwLock;

use super::array::{index, next_index};
use super::chains::{self, Chains};
use super::owner::Owner;
use super::{RedirectTarget, Storage};
use crate::kernel::{Kernel, Object};
use crate::profile::Change;
use crate::program::ProgramObject;

/// What a value names, and the program that packets go through there.
#[derive(Debug)]
struct Target {
    /// The interface, or the packets of a CPU's queue.
    number: u32,
    program: Option<Arc<ProgramObject>>,
}

impl Target {
    /// As the target of a redirection, of an interface.
    fn interface(&self) -> RedirectTarget {
        RedirectTarget::Interface(self.number, self.program.clone())
    }

    /// What a value of user space says: a number, and where the value has room the descriptor of a program.
    fn of(kernel: &Kernel, value: &[u8], hook: AttachType, owner: &Owner) -> Result<Target, Errno> {
        let words = words(value);
        let program = match words.1.filter(|number| (*number as i32) > 0) {
            None => None,
            Some(number) => Some(redirected(kernel, number, hook, owner)?),
        };
        Ok(Target {
            number: words.0,
            program,
        })
    }

    /// The number and the program's id, as far as there is room.
    fn show(&self, value: &mut [u8]) {
        let program = self.program.as_ref().map_or(0, |program| program.info.id.0);
        let both = [self.number.to_ne_bytes(), program.to_ne_bytes()].concat();
        for (to, from) in value.iter_mut().zip(both) {
            *to = from;
        }
    }
}

fn words(value: &[u8]) -> (u32, Option<u32>) {
    let word = |at: usize| {
        value
            .get(at..at + 4)?
            .try_into()
            .ok()
            .map(u32::from_ne_bytes)
    };
    (word(0).unwrap_or(0), word(4))
}

/// A program that runs where packets are redirected to.
fn redirected(
    kernel: &Kernel,
    number: u32,
    hook: AttachType,
    owner: &Owner,
) -> Result<Arc<ProgramObject>, Errno> {
    let Some(Object::Program(program)) = kernel.by_descriptor(number) else {
        return Err(Errno::EINVAL);
    };
    let spec = &program.spec;
    let right = spec.program_type == ProgramType::XDP && spec.expected_attach_type == Some(hook);
    if right && owner.accepts(&program.spec) {
        Ok(program)
    } else {
        Err(Errno::EINVAL)
    }
}

/// The interface that a value names, with the program.
fn interface(kernel: &Kernel, value: &[u8], owner: &Owner) -> Result<Target, Errno> {
    if kernel.world.interfaces.exists(words(value).0) {
        Target::of(kernel, value, AttachType::XDP_DEVMAP, owner)
    } else {
        Err(Errno::EINVAL)
    }
}

/// Interfaces by index.
#[derive(Debug)]
pub(super) struct DeviceArray {
    targets: RwLock<BTreeMap<u32, Target>>,
    owner: Owner,
    length: u32,
}

impl DeviceArray {
    pub(super) fn new(spec: &MapSpec) -> DeviceArray {
        DeviceArray {
            targets: RwLock::default(),
            owner: Owner::default(),
            length: spec.max_entries,
        }
    }
}

impl Storage for DeviceArray {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        look_up(&self.targets, key, value)
    }

    fn redirect_target(&self, key: &[u8]) -> Option<RedirectTarget> {
        let targets = self.targets.read();
        let target = index(key).and_then(|index| targets.get(&index));
        target.map(Target::interface)
    }

    fn redirect_targets(&self) -> Vec<RedirectTarget> {
        let targets = self.targets.read();
        targets.values().map(Target::interface).collect()
    }

    fn leads_somewhere(&self, key: &[u8]) -> bool {
        leads(&self.targets, key)
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let index = slot(key, self.length, flags)?;
        let old = match words(value) {
            (0, Some(program)) if program as i32 > 0 => return Err(Errno::EINVAL),
            (0, _) => self.targets.write().remove(&index),
            _ => {
                let target = interface(kernel, value, &self.owner)?;
                self.targets.write().insert(index, target)
            }
        };
        drop(old);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        empty(&self.targets, key, self.length)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.length, after, next)
    }

    fn owner(&self) -> Option<ProgramType> {
        self.owner.program_type()
    }

    fn charge(&self) -> u64 {
        u64::from(self.length) * 8
    }
}

/// The index of an element that is to be written.
fn slot(key: &[u8], length: u32, flags: UpdateFlags) -> Result<u32, Errno> {
    if flags.0 > UpdateFlags::EXIST.0 {
        return Err(Errno::EINVAL);
    }
    let index = index(key)
        .filter(|index| *index < length)
        .ok_or(Errno::E2BIG)?;
    if flags == UpdateFlags::NO_EXIST {
        Err(Errno::EEXIST)
    } else {
        Ok(index)
    }
}

fn leads(targets: &RwLock<BTreeMap<u32, Target>>, key: &[u8]) -> bool {
    index(key).is_some_and(|index| targets.read().contains_key(&index))
}

fn look_up(
    targets: &RwLock<BTreeMap<u32, Target>>,
    key: &[u8],
    value: &mut [u8],
) -> Result<(), Errno> {
    let targets = targets.read();
    let target = index(key).and_then(|index| targets.get(&index));
    target.ok_or(Errno::ENOENT)?.show(value);
    Ok(())
}

/// Empties an element of an array; one that is empty already is no error.
fn empty(targets: &RwLock<BTreeMap<u32, Target>>, key: &[u8], length: u32) -> Result<(), Errno> {
    let index = index(key)
        .filter(|index| *index < length)
        .ok_or(Errno::EINVAL)?;
    let old = targets.write().remove(&index);
    drop(old);
    Ok(())
}

/// Interfaces by any key of 4 bytes.
#[derive(Debug)]
pub(super) struct DeviceHash {
    targets: RwLock<Chains<u32, Target>>,
    owner: Owner,
    most: u32,
}

impl DeviceHash {
    pub(super) fn new(spec: &MapSpec) -> DeviceHash {
        DeviceHash {
            targets: RwLock::default(),
            owner: Owner::default(),
            most: spec.max_entries,
        }
    }
}

impl Storage for DeviceHash {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        let targets = self.targets.read();
        let target = index(key).and_then(|key| targets.get(&key));
        target.ok_or(Errno::ENOENT)?.show(value);
        Ok(())
    }

    fn redirect_target(&self, key: &[u8]) -> Option<RedirectTarget> {
        let targets = self.targets.read();
        let target = index(key).and_then(|index| targets.get(&index));
        target.map(Target::interface)
    }

    fn redirect_targets(&self) -> Vec<RedirectTarget> {
        let targets = self.targets.read();
        targets.values().map(Target::interface).collect()
    }

    fn leads_somewhere(&self, key: &[u8]) -> bool {
        let targets = self.targets.read();
        index(key).is_some_and(|key| targets.get(&key).is_some())
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        if flags.0 > UpdateFlags::EXIST.0 || words(value).0 == 0 {
            return Err(Errno::EINVAL);
        }
        let key = index(key).ok_or(Errno::EINVAL)?;
        let mut targets = self.targets.write();
        let exists = targets.get(&key).is_some();
        if exists && flags == UpdateFlags::NO_EXIST {
            return Err(Errno::EEXIST);
        }
        let target = interface(kernel, value, &self.owner)?;
        if !exists && targets.len() as u64 >= u64::from(self.most) {
            return Err(Errno::E2BIG);
        }
        let old = targets.insert(key & chains::mask(self.most), key, target);
        drop(targets);
        drop(old);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        let old = index(key).and_then(|key| self.targets.write().remove(&key));
        old.map(drop).ok_or(Errno::ENOENT)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        let targets = self.targets.read();
        let key = targets
            .next(after.and_then(index).as_ref())
            .ok_or(Errno::ENOENT)?;
        next.copy_from_slice(&key.to_ne_bytes());
        Ok(())
    }

    fn owner(&self) -> Option<ProgramType> {
        self.owner.program_type()
    }

    fn charge(&self) -> u64 {
        u64::from(self.most) * 8
    }
}

/// Queues of CPUs.
#[derive(Debug)]
pub(super) struct CpuMap {
    targets: RwLock<BTreeMap<u32, Target>>,
    owner: Owner,
    length: u32,
    possible: CpuSet,
}

impl CpuMap {
    /// The most packets that a queue may hold.
    const LONGEST_QUEUE: u32 = 16_384;

    pub(super) fn new(kernel: &Kernel, spec: &MapSpec) -> CpuMap {
        CpuMap {
            targets: RwLock::default(),
            owner: Owner::default(),
            length: spec.max_entries,
            possible: kernel.machine.cpus.possible.clone(),
        }
    }
}

impl Storage for CpuMap {
    fn lookup(&self, key: &[u8], value: &mut [u8], _: LookupFlags) -> Result<(), Errno> {
        look_up(&self.targets, key, value)
    }

    fn redirect_target(&self, key: &[u8]) -> Option<RedirectTarget> {
        let targets = self.targets.read();
        let target = index(key).and_then(|index| targets.get(&index));
        target.map(|target| RedirectTarget::Cpu(target.program.clone()))
    }

    fn leads_somewhere(&self, key: &[u8]) -> bool {
        leads(&self.targets, key)
    }

    fn update(
        &self,
        kernel: &Kernel,
        key: &[u8],
        value: &[u8],
        flags: UpdateFlags,
    ) -> Result<(), Errno> {
        let cpu = slot(key, self.length, flags)?;
        let (length, _) = words(value);
        if length > CpuMap::LONGEST_QUEUE {
            return Err(Errno::EOVERFLOW);
        }
        if !self.possible.contains(cpu) {
            return Err(Errno::ENODEV);
        }
        // A queue of no packets is none.
        let old = if length == 0 {
            self.targets.write().remove(&cpu)
        } else {
            let target = Target::of(kernel, value, AttachType::XDP_CPUMAP, &self.owner);
            let target = target.map_err(|errno| {
                // Whatever was wrong, there was said to be no memory for the queue.
                let said = kernel.machine.has(Change::CpuProgramErrors);
                if said { errno } else { Errno::ENOMEM }
            })?;
            self.targets.write().insert(cpu, target)
        };
        drop(old);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Errno> {
        empty(&self.targets, key, self.length)
    }

    fn next_key(&self, after: Option<&[u8]>, next: &mut [u8]) -> Result<(), Errno> {
        next_index(self.length, after, next)
    }

    fn owner(&self) -> Option<ProgramType> {
        self.owner.program_type()
    }

    fn charge(&self) -> u64 {
        u64::from(self.length) * 8
    }
}
