//! Control groups: a tree of directories, and the programs attached to them: `__cgroup_bpf_attach()` and
//! `compute_effective_progs()` in kernel/bpf/cgroup.c.

mod handle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{CgroupAttached, CgroupMode, CgroupOrder, Place};
use ebpf_core::program::AttachType;
use parking_lot::Mutex;

pub use handle::MockCgroup;

use super::namespace::Unfound;
use super::order::{Side, Where};
use crate::hook::program_type_of;
use crate::kernel::{Kernel, Object};
use crate::program::ProgramObject;

/// Where the tree begins.
const ROOT: &str = "/sys/fs/cgroup";
/// The most programs of a hook of a group itself.
const MOST: usize = 64;

/// The control groups of a machine.
#[derive(Debug)]
pub(crate) struct Cgroups {
    root: Arc<CgroupObject>,
    tree: Mutex<Tree>,
}

#[derive(Debug)]
struct Tree {
    last: u64,
    by_path: BTreeMap<PathBuf, Arc<CgroupObject>>,
    hooks: BTreeMap<Key, Hook>,
}

/// A hook of a group: one of the LSM hooks is told apart by the function that it is for.
type Key = (u64, AttachTypeAndFunction);
type AttachTypeAndFunction = (u32, u32);

/// The programs of a group itself.
#[derive(Debug)]
struct Hook {
    mode: CgroupMode,
    revision: u64,
    entries: Vec<Entry>,
}

impl Default for Hook {
    fn default() -> Hook {
        Hook {
            mode: CgroupMode::Single,
            revision: 1,
            entries: Vec::new(),
        }
    }
}

#[derive(Debug)]
struct Entry {
    program: Arc<ProgramObject>,
    link: Option<u32>,
    preorder: bool,
}

/// How a program is put at a hook of a group.
#[derive(Debug)]
pub(crate) struct CgroupPut<'p> {
    pub(crate) attach_type: AttachType,
    pub(crate) program: &'p Arc<ProgramObject>,
    /// The link that holds it there.
    pub(crate) link: Option<u32>,
    pub(crate) mode: CgroupMode,
    pub(crate) replaced: Option<Arc<ProgramObject>>,
    pub(crate) preorder: bool,
    pub(crate) at: Where,
    /// Whether the anchor was named as a link, if there is one.
    pub(crate) anchor_is_link: Option<bool>,
}

impl Default for Cgroups {
    fn default() -> Cgroups {
        let root = Arc::new(CgroupObject {
            id: 1,
            path: ROOT.into(),
            parent: None,
        });
        Cgroups {
            tree: Mutex::new(Tree {
                last: root.id,
                by_path: BTreeMap::from([(root.path.clone(), root.clone())]),
                hooks: BTreeMap::new(),
            }),
            root,
        }
    }
}

impl Cgroups {
    pub(crate) fn root(&self) -> Arc<CgroupObject> {
        self.root.clone()
    }

    /// Makes a group below one that there is.
    fn create(&self, path: &Path) -> Result<Arc<CgroupObject>, Errno> {
        let mut tree = self.tree.lock();
        if tree.by_path.contains_key(path) {
            return Err(Errno::EEXIST);
        }
        let parent = path.parent().and_then(|parent| tree.by_path.get(parent));
        let parent = parent.ok_or(Errno::ENOENT)?.clone();
        tree.last += 1;
        let group = Arc::new(CgroupObject {
            id: tree.last,
            path: path.to_owned(),
            parent: Some(parent),
        });
        tree.by_path.insert(path.to_owned(), group.clone());
        Ok(group)
    }

    /// Removes a group that has none below it.
    fn remove(&self, path: &Path) -> Result<(), Errno> {
        let mut tree = self.tree.lock();
        let group = tree.by_path.get(path).ok_or(Errno::ENOENT)?.clone();
        let below = |other: &Arc<CgroupObject>| {
            let parent = other.parent.as_ref();
            parent.is_some_and(|parent| parent.id == group.id)
        };
        if group.parent.is_none() || tree.by_path.values().any(below) {
            return Err(Errno::EBUSY);
        }
        tree.by_path.remove(path);
        let of_group = (group.id, (0, 0))..=(group.id, (u32::MAX, u32::MAX));
        let keys: Vec<Key> = tree.hooks.range(of_group).map(|(key, _)| *key).collect();
        let gone: Vec<_> = keys.iter().map(|key| tree.hooks.remove(key)).collect();
        // Programs end with it: not under the lock.
        drop(tree);
        drop(gone);
        Ok(())
    }

    /// The group of a directory.
    pub(crate) fn at(&self, path: &Path) -> Option<Arc<CgroupObject>> {
        self.tree.lock().by_path.get(path).cloned()
    }

    /// The group of an id.
    pub(crate) fn by_id(&self, id: u64) -> Option<Arc<CgroupObject>> {
        let tree = self.tree.lock();
        tree.by_path.values().find(|group| group.id == id).cloned()
    }

    /// Groups seen from one: `cgroup_iter_seq_ops` in kernel/bpf/cgroup_iter.c. Those below one are in the order of their
    /// making.
    pub(crate) fn walk(
        &self,
        from: &Arc<CgroupObject>,
        order: CgroupOrder,
    ) -> Vec<Arc<CgroupObject>> {
        if order == CgroupOrder::SELF_ONLY {
            return vec![from.clone()];
        }
        if order == CgroupOrder::ANCESTORS_UP {
            let above = |group: &Arc<CgroupObject>| group.parent.clone();
            return std::iter::successors(Some(from.clone()), above).collect();
        }
        let tree = self.tree.lock();
        let mut below: BTreeMap<u64, Vec<&Arc<CgroupObject>>> = BTreeMap::new();
        let mut all: Vec<&Arc<CgroupObject>> = tree.by_path.values().collect();
        all.sort_by_key(|group| std::cmp::Reverse(group.id));
        for group in all {
            if let Some(parent) = &group.parent {
                below.entry(parent.id).or_default().push(group);
            }
        }
        if order == CgroupOrder::CHILDREN {
            let children = below.remove(&from.id).unwrap_or_default();
            return children.into_iter().rev().cloned().collect();
        }
        // Parents last is parents first from the other end, with the youngest first.
        let last = order == CgroupOrder::DESCENDANTS_POST;
        let (mut walked, mut left) = (Vec::new(), vec![from]);
        while let Some(group) = left.pop() {
            let mut children = below.remove(&group.id).unwrap_or_default();
            if last {
                children.reverse();
            }
            left.extend(children);
            walked.push(group.clone());
        }
        if last {
            walked.reverse();
        }
        walked
    }

    /// Whether a group has not been removed.
    pub(crate) fn exists(&self, group: &CgroupObject) -> bool {
        let tree = self.tree.lock();
        let there = tree.by_path.get(&group.path);
        there.is_some_and(|there| there.id == group.id)
    }

    /// Puts a program at a hook of a group.
    pub(crate) fn attach(
        &self,
        group: &Arc<CgroupObject>,
        put: &CgroupPut<'_>,
    ) -> Result<(), Errno> {
        let CgroupPut {
            attach_type,
            program,
            ..
        } = *put;
        if program_type_of(attach_type) != Some(program.spec.program_type) {
            return Err(Errno::EINVAL);
        }
        if !self.exists(group) {
            return Err(Errno::ENOENT);
        }
        let function = hook_of(attach_type, program);
        let mut tree = self.tree.lock();
        let allowed = tree.allows(group, function);
        let hook = tree.hooks.entry((group.id, function)).or_default();
        let old = hook.put(put, allowed);
        drop(tree);
        old.map(drop)?;
        make_storage(group, attach_type, program);
        Ok(())
    }

    /// Puts another program in the place of a link's.
    pub(crate) fn replace(
        &self,
        group: &CgroupObject,
        attach_type: AttachType,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<(), Errno> {
        let mut tree = self.tree.lock();
        let hook = tree
            .hooks
            .get_mut(&(group.id, hook_of(attach_type, program)));
        let hook = hook.ok_or(Errno::ENOLINK)?;
        let mut entries = hook.entries.iter_mut();
        let there = entries.find(|entry| entry.link == Some(link));
        let there = there.ok_or(Errno::ENOLINK)?;
        let old = std::mem::replace(&mut there.program, program.clone());
        hook.revision += 1;
        drop(tree);
        drop(old);
        make_storage(group, attach_type, program);
        Ok(())
    }

    /// Takes a link's program away.
    pub(crate) fn remove_link(&self, group: &CgroupObject, attach_type: AttachType, link: u32) {
        let mut tree = self.tree.lock();
        let all = (group.id, (attach_type.0, 0))..=(group.id, (attach_type.0, u32::MAX));
        let hooks = tree.hooks.range_mut(all);
        let gone: Vec<_> = hooks
            .filter_map(|(_, hook)| hook.remove(|entry| entry.link == Some(link)))
            .collect();
        drop(tree);
        drop(gone);
    }

    /// Takes a program away that is there without a link; where there is but one, whichever it is.
    pub(crate) fn detach(
        &self,
        group: &CgroupObject,
        attach_type: AttachType,
        program: &Arc<ProgramObject>,
    ) {
        let mut tree = self.tree.lock();
        let hook = tree
            .hooks
            .get_mut(&(group.id, hook_of(attach_type, program)));
        let gone = hook.and_then(|hook| {
            let several = hook.mode == CgroupMode::Multi;
            hook.remove(|entry| {
                !several || (entry.link.is_none() && Arc::ptr_eq(&entry.program, program))
            })
        });
        drop(tree);
        drop(gone);
    }

    /// The programs that are attached to a hook of a group itself.
    pub(crate) fn attached(
        &self,
        group: &CgroupObject,
        function: AttachTypeAndFunction,
    ) -> Vec<Arc<ProgramObject>> {
        let tree = self.tree.lock();
        let hook = tree.hooks.get(&(group.id, function));
        let entries = hook.map(|hook| hook.entries.iter()).into_iter().flatten();
        entries.map(|entry| entry.program.clone()).collect()
    }

    /// The programs that run at a hook of a group, in order, those of the groups above included.
    pub(crate) fn effective(
        &self,
        group: &Arc<CgroupObject>,
        function: AttachTypeAndFunction,
    ) -> Vec<Arc<ProgramObject>> {
        let tree = self.tree.lock();
        let mut first: Vec<Arc<ProgramObject>> = Vec::new();
        let mut then: Vec<Arc<ProgramObject>> = Vec::new();
        for above in group.and_above() {
            let Some(hook) = tree.hooks.get(&(above.id, function)) else {
                continue;
            };
            let any = !(first.is_empty() && then.is_empty());
            if any && hook.mode != CgroupMode::Multi {
                continue;
            }
            let (early, late): (Vec<_>, Vec<_>) =
                hook.entries.iter().partition(|entry| entry.preorder);
            let programs = |entries: Vec<&Entry>| -> Vec<Arc<ProgramObject>> {
                entries.iter().map(|entry| entry.program.clone()).collect()
            };
            // Those of the groups above run before those below, of one group in order.
            first.splice(0..0, programs(early));
            then.extend(programs(late));
        }
        first.extend(then);
        first
    }

    fn told(&self, group: &CgroupObject, attach_type: AttachType) -> CgroupAttached {
        let tree = self.tree.lock();
        let all = (group.id, (attach_type.0, 0))..=(group.id, (attach_type.0, u32::MAX));
        let mut told = CgroupAttached::default();
        told.mode = CgroupMode::Single;
        told.revision = Some(1);
        for (_, hook) in tree.hooks.range(all) {
            told.mode = hook.mode;
            told.revision = Some(hook.revision);
            let programs = hook.entries.iter().map(|entry| entry.program.info.id);
            told.programs.extend(programs);
        }
        told
    }
}

/// Gives a group what a program that is attached to it stores of its own there.
fn make_storage(group: &CgroupObject, attach_type: AttachType, program: &ProgramObject) {
    for map in &program.maps {
        map.storage.attached_to_cgroup(group.id, attach_type);
    }
}

/// By what the kernel tells apart the hook of a program: the attach type, and of LSM hooks the function.
fn hook_of(attach_type: AttachType, program: &ProgramObject) -> AttachTypeAndFunction {
    let function = match attach_type {
        AttachType::LSM_CGROUP => program.info.attach_btf.1.0,
        _ => 0,
    };
    (attach_type.0, function)
}

impl Tree {
    /// Whether the groups above leave a hook to this one: `hierarchy_allows_attach()`.
    fn allows(&self, group: &CgroupObject, function: AttachTypeAndFunction) -> bool {
        let above = group.parent.iter().flat_map(|parent| parent.and_above());
        for group in above {
            let Some(hook) = self.hooks.get(&(group.id, function)) else {
                continue;
            };
            if hook.mode == CgroupMode::Multi {
                return true;
            }
            if !hook.entries.is_empty() {
                return hook.mode == CgroupMode::Override;
            }
        }
        true
    }
}

impl Hook {
    /// Puts a program there, and gives back the one whose place it took.
    fn put(&mut self, put: &CgroupPut<'_>, allowed: bool) -> Result<Option<Entry>, Errno> {
        let several = put.mode == CgroupMode::Multi;
        let ordered = put.at.side.is_some();
        if put.replaced.is_some() && (!several || ordered) {
            return Err(Errno::EINVAL);
        }
        if put.at.is_stale(self.revision) {
            return Err(Errno::ESTALE);
        }
        if !allowed || (!self.entries.is_empty() && self.mode != put.mode) {
            return Err(Errno::EPERM);
        }
        if self.entries.len() >= MOST {
            return Err(Errno::E2BIG);
        }
        let new = Entry {
            program: put.program.clone(),
            link: put.link,
            preorder: put.preorder,
        };
        let old = match self.place(put)? {
            Some(index) => self
                .entries
                .get_mut(index)
                .map(|there| std::mem::replace(there, new)),
            None => {
                let index = self.index(put)?;
                self.entries.insert(index, new);
                None
            }
        };
        self.mode = put.mode;
        self.revision += 1;
        Ok(old)
    }

    /// The place that the program takes from another one: `find_attach_entry()`.
    fn place(&self, put: &CgroupPut<'_>) -> Result<Option<usize>, Errno> {
        if put.mode != CgroupMode::Multi {
            return Ok((!self.entries.is_empty()).then_some(0));
        }
        let is = |entry: &Entry, program: &Arc<ProgramObject>| {
            entry.link.is_none() && Arc::ptr_eq(&entry.program, program)
        };
        let itself = put.replaced.as_ref();
        let itself = itself.is_some_and(|replaced| Arc::ptr_eq(replaced, put.program));
        let there = |entry: &Entry| put.link.is_none() && is(entry, put.program);
        if !itself && self.entries.iter().any(there) {
            return Err(Errno::EINVAL);
        }
        match &put.replaced {
            None => Ok(None),
            Some(replaced) => {
                let index = self.entries.iter().position(|entry| is(entry, replaced));
                index.map(Some).ok_or(Errno::ENOENT)
            }
        }
    }

    /// Where among the others: `get_prog_list()`.
    fn index(&self, put: &CgroupPut<'_>) -> Result<usize, Errno> {
        // Links are put relative to links, programs to programs.
        let is_link = put.link.is_some();
        if put.anchor_is_link.is_some_and(|anchor| anchor != is_link) {
            return Err(Errno::EINVAL);
        }
        let anchor = match &put.at.anchor {
            None => None,
            Some(Err(errno)) => return Err(*errno),
            Some(Ok(anchor)) => Some(anchor),
        };
        let Some(anchor) = anchor else {
            return Ok(match put.at.side {
                Some(Side::Before) => 0,
                Some(Side::After) | None => self.entries.len(),
            });
        };
        let is_anchor = |entry: &Entry| match anchor.link {
            Some(link) => entry.link == Some(link),
            None => entry.link.is_none() && Arc::ptr_eq(&entry.program, &anchor.program),
        };
        let index = self.entries.iter().position(is_anchor);
        let index = index.ok_or(Errno::ENOENT)?;
        if self
            .entries
            .get(index)
            .is_some_and(|entry| entry.preorder != put.preorder)
        {
            return Err(Errno::EINVAL);
        }
        match put.at.side {
            Some(Side::Before) => Ok(index),
            Some(Side::After) => Ok(index + 1),
            None => Err(Errno::EINVAL),
        }
    }

    fn remove(&mut self, is_it: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let index = self.entries.iter().position(is_it)?;
        let gone = self.entries.remove(index);
        self.revision += 1;
        if self.entries.is_empty() {
            self.mode = CgroupMode::Single;
        }
        Some(gone)
    }
}

/// A control group as the simulated kernel keeps it.
#[derive(Debug)]
pub(crate) struct CgroupObject {
    pub(crate) id: u64,
    pub(crate) path: PathBuf,
    pub(crate) parent: Option<Arc<CgroupObject>>,
}

impl CgroupObject {
    /// This group and those above it, up to the root.
    pub(crate) fn and_above(&self) -> impl Iterator<Item = &CgroupObject> {
        std::iter::successors(Some(self), |group| group.parent.as_deref())
    }

    /// How many are above it.
    pub(crate) fn level(&self) -> usize {
        self.and_above().count() - 1
    }
}

impl Kernel {
    /// The group that a target names.
    pub(crate) fn cgroup(&self, place: &Place<'_>) -> Result<Arc<CgroupObject>, Unfound> {
        match place {
            Place::Path(path) => Ok(self.world.cgroups.at(path).ok_or(Errno::ENOENT)?),
            Place::Open(descriptor) => {
                let number = descriptor.handle().raw_in(self.id)?;
                match self.by_descriptor(number) {
                    Some(Object::Cgroup(group)) => Ok(group),
                    _ => Err(Errno::EBADF.into()),
                }
            }
            _ => Err(Errno::EBADF.into()),
        }
    }
}
