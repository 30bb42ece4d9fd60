//! Attachments by `BPF_PROG_ATTACH`, which the kernel knows no owner of: every step looks whose program is there.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ebpf_sys::BPF_F_REPLACE;

use super::ours::{Ours, of_the_kernel};
use crate::Errno;
use crate::hook::CgroupMode;
use crate::kernel::sys::{self, QueryExtra, Relative};
use crate::link::{Link, LinkError, LinkInfo, LinkState};
use crate::program::{AttachType, Program, ProgramId};
use crate::system::Handle;

/// A program attached to a cgroup or to a sockmap.
#[derive(Debug)]
pub(super) struct ProgAttachment {
    info: LinkInfo,
    target: File,
    attach_type: AttachType,
    /// How it shares the hook; that of a sockmap has one program.
    mode: CgroupMode,
    /// The program that is ours now; `None` once it is detached or given up.
    program: Mutex<Option<Ours>>,
}

impl ProgAttachment {
    /// Attaches the program there.
    pub(super) fn new(
        info: LinkInfo,
        target: File,
        attach_type: AttachType,
        mode: CgroupMode,
        program: &dyn Program,
        place: Relative,
        replaced: Option<BorrowedFd<'_>>,
    ) -> Result<ProgAttachment, Errno> {
        let ours = Ours::of(program)?;
        let attachment = ProgAttachment {
            info,
            target,
            attach_type,
            mode,
            program: Mutex::new(None),
        };
        attachment.put(&ours, place, replaced)?;
        *attachment.ours() = Some(ours);
        Ok(attachment)
    }

    fn put(
        &self,
        program: &Ours,
        place: Relative,
        replaced: Option<BorrowedFd<'_>>,
    ) -> Result<(), Errno> {
        let replace = if replaced.is_some() { BPF_F_REPLACE } else { 0 };
        let place = Relative {
            flags: place.flags | self.mode.flag() | replace,
            ..place
        };
        let (target, attach_type) = (self.raw_target(), self.attach_type.0);
        sys::prog_attach(program.fd.as_fd(), target, attach_type, place, replaced)
    }

    fn raw_target(&self) -> u32 {
        self.target.as_raw_fd() as u32
    }

    fn ours(&self) -> MutexGuard<'_, Option<Ours>> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn refused(&self, op: &'static str, errno: Errno) -> LinkError {
        let hint = match errno {
            Errno::EPERM => Some("CAP_NET_ADMIN (or root) is needed"),
            Errno::EINVAL => Some(
                "the program's type or attach type is not that of the hook, or it is there already",
            ),
            Errno::ENOENT => Some("nothing is attached there any more"),
            _ => None,
        };
        self.info.refused(op, errno, hint)
    }

    /// The programs that are attached there; `None` where the kernel does not tell.
    fn found(&self, op: &'static str) -> Result<Option<Vec<u32>>, LinkError> {
        let query = sys::prog_query(self.raw_target(), self.attach_type.0, 0, QueryExtra::None);
        match query {
            Ok(query) => Ok(Some(query.programs)),
            // The cgroup was removed.
            Err(Errno::ENOENT) => Ok(Some(Vec::new())),
            // Sockmaps tell since Linux 5.18.
            Err(Errno::EINVAL) => Ok(None),
            Err(errno) => Err(self.refused(op, errno)),
        }
    }

    /// Whether our program is there, and if not, whether another one is.
    fn check(&self, op: &'static str, ours: ProgramId) -> Result<Found, LinkError> {
        Ok(match self.found(op)? {
            None => Found::Ours,
            Some(programs) if programs.contains(&ours.0) => Found::Ours,
            Some(programs) => match programs.first() {
                Some(other) if self.mode != CgroupMode::Multi => Found::Other(ProgramId(*other)),
                _ => Found::Gone,
            },
        })
    }

    /// Detaches the program if it is there still.
    fn remove(&self) -> Result<(), LinkError> {
        let op = "detach";
        let Some(ours) = self.ours().take() else {
            return Ok(());
        };
        match self.check(op, ours.id)? {
            Found::Ours => {}
            Found::Gone => return Ok(()),
            Found::Other(found) => return Err(self.info.not_ours(op, found)),
        }
        match sys::prog_detach(ours.fd.as_fd(), self.raw_target(), self.attach_type.0) {
            // Someone else was faster.
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(self.refused(op, errno)),
        }
    }
}

enum Found {
    Ours,
    Other(ProgramId),
    Gone,
}

impl Link for ProgAttachment {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let program = match &*self.ours() {
            Some(ours) => match self.check("query", ours.id)? {
                Found::Ours => Some(ours.id),
                Found::Other(_) | Found::Gone => None,
            },
            None => None,
        };
        Ok(LinkState::new(program, self.info.target.clone()))
    }

    fn handle(&self) -> Option<Handle> {
        None
    }

    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError> {
        let op = "update";
        of_the_kernel(new, expected)?;
        let new = Ours::of(new).map_err(|errno| self.refused(op, errno))?;
        let mut program = self.ours();
        let Some(ours) = &*program else {
            return Err(self.info.unsupported(op, "it is detached"));
        };
        if expected.is_some_and(|expected| expected.info().id != ours.id) {
            return Err(self.info.unexpected(op));
        }
        match self.check(op, ours.id)? {
            Found::Ours => {}
            Found::Gone => return Err(self.refused(op, Errno::ENOENT)),
            Found::Other(found) => return Err(self.info.not_ours(op, found)),
        }
        if new.id == ours.id {
            return Ok(());
        }
        let replaced = (self.mode == CgroupMode::Multi).then(|| ours.fd.as_fd());
        self.put(&new, Relative::default(), replaced)
            .map_err(|errno| self.refused(op, errno))?;
        *program = Some(new);
        Ok(())
    }

    fn pin(&self, _: &Path) -> Result<(), LinkError> {
        Err(self.info.unsupported(
            "pin",
            "it is attached without a link object: it stays until it is removed anyway",
        ))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.remove()
    }

    fn forget(self: Box<Self>) {
        self.ours().take();
    }
}

impl Drop for ProgAttachment {
    fn drop(&mut self) {
        // There is nobody to tell; `detach` tells.
        let _ = self.remove();
    }
}
