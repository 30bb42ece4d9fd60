//! The programs of one hook, in an order: `bpf_mprog_attach()` in kernel/bpf/mprog.c.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::hook::{HookProgram, HookPrograms};
use ebpf_core::link::LinkId;

use crate::program::ProgramObject;

/// The most programs that a hook has.
const MOST: usize = 63;

/// Where among the programs of a hook a new one runs, with everything looked up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Where {
    /// On which side of the anchor, or of all others; by itself the kernel puts it after them.
    pub(crate) side: Option<Side>,
    /// What is attached already; the error says that there is no such thing.
    pub(crate) anchor: Option<Result<Anchored, Errno>>,
    /// What the revision must be.
    pub(crate) revision: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// An anchor: a program, or a link and its program.
#[derive(Clone, Debug)]
pub(crate) struct Anchored {
    pub(crate) program: Arc<ProgramObject>,
    pub(crate) link: Option<u32>,
}

impl Where {
    /// The anchor, if it is one for a program of this type.
    pub(crate) fn anchor(&self, program: &ProgramObject) -> Result<Option<&Anchored>, Errno> {
        match &self.anchor {
            None => Ok(None),
            Some(Err(errno)) => Err(*errno),
            Some(Ok(anchor)) if anchor.program.spec.program_type != program.spec.program_type => {
                Err(Errno::EINVAL)
            }
            Some(Ok(anchor)) => Ok(Some(anchor)),
        }
    }

    /// Whether the hook has changed since the revision that was named; 0 names none.
    pub(crate) fn is_stale(&self, revision: u64) -> bool {
        self.revision
            .is_some_and(|named| named != 0 && named != revision)
    }
}

/// The programs of a hook, each there once.
#[derive(Debug)]
pub(crate) struct HookList {
    revision: u64,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    program: Arc<ProgramObject>,
    link: u32,
}

impl Default for HookList {
    fn default() -> HookList {
        HookList {
            revision: 1,
            entries: Vec::new(),
        }
    }
}

impl HookList {
    /// Puts a program of a link among the others.
    pub(crate) fn attach(
        &mut self,
        program: &Arc<ProgramObject>,
        link: u32,
        at: &Where,
    ) -> Result<(), Errno> {
        if at.is_stale(self.revision) {
            return Err(Errno::ESTALE);
        }
        if self.has(program) {
            return Err(Errno::EEXIST);
        }
        let anchor = at.anchor(program)?;
        if self.entries.len() >= MOST {
            return Err(Errno::ERANGE);
        }
        let index = match (at.side, anchor) {
            (None, Some(_)) => return Err(Errno::EINVAL),
            (None | Some(Side::After), None) => self.entries.len(),
            (Some(Side::Before), None) => 0,
            (Some(Side::Before), Some(anchor)) => self.position(anchor)?,
            (Some(Side::After), Some(anchor)) => self.position(anchor)? + 1,
        };
        let entry = Entry {
            program: program.clone(),
            link,
        };
        self.entries.insert(index, entry);
        self.revision += 1;
        Ok(())
    }

    fn has(&self, program: &Arc<ProgramObject>) -> bool {
        self.entries
            .iter()
            .any(|entry| Arc::ptr_eq(&entry.program, program))
    }

    fn position(&self, anchor: &Anchored) -> Result<usize, Errno> {
        let is_anchor = |entry: &Entry| {
            Arc::ptr_eq(&entry.program, &anchor.program)
                && anchor.link.is_none_or(|link| link == entry.link)
        };
        self.entries.iter().position(is_anchor).ok_or(Errno::ENOENT)
    }

    /// Puts another program in the place of a link's, and gives back the old one.
    pub(crate) fn replace(
        &mut self,
        link: u32,
        program: &Arc<ProgramObject>,
    ) -> Result<Arc<ProgramObject>, Errno> {
        if self.has(program) {
            return Err(Errno::EEXIST);
        }
        let place = self.entries.iter_mut().find(|entry| entry.link == link);
        let place = place.ok_or(Errno::ENOLINK)?;
        self.revision += 1;
        Ok(std::mem::replace(&mut place.program, program.clone()))
    }

    /// Takes the program of a link away and gives it back. `kept` says whether the hook lasts without programs: else it
    /// begins anew with the next one.
    pub(crate) fn remove(&mut self, link: u32, kept: bool) -> Option<Arc<ProgramObject>> {
        let index = self.entries.iter().position(|entry| entry.link == link)?;
        let entry = self.entries.remove(index);
        self.revision += 1;
        if self.entries.is_empty() && !kept {
            self.revision = 1;
        }
        Some(entry.program)
    }

    /// The programs, in the order in which they run.
    pub(crate) fn programs(&self) -> Vec<Arc<ProgramObject>> {
        let programs = self.entries.iter().map(|entry| entry.program.clone());
        programs.collect()
    }

    /// What a query tells.
    pub(crate) fn told(&self) -> HookPrograms {
        let mut told = HookPrograms::default();
        told.revision = self.revision;
        let programs = self
            .entries
            .iter()
            .map(|entry| HookProgram::new(entry.program.info.id, Some(LinkId(entry.link))));
        told.programs = programs.collect();
        told
    }
}
