//! Attachments that are no link objects, which the kernel knows no owner of: every step looks whose program is there.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::link::{Link, LinkError, LinkInfo, LinkState};
use ebpf_core::program::Program;
use ebpf_core::system::Handle;
use parking_lot::Mutex;

use crate::kernel::Kernel;
use crate::program::ProgramObject;

/// A place where a program runs without an owner.
pub(super) trait Unowned: fmt::Debug + Send + Sync {
    /// The program that is found there by who attached `ours`.
    fn found(&self, kernel: &Kernel, ours: &Arc<ProgramObject>) -> Option<Arc<ProgramObject>>;

    /// Puts a program in the place of another one that is there.
    fn replace(
        &self,
        kernel: &Kernel,
        old: &Arc<ProgramObject>,
        new: &Arc<ProgramObject>,
    ) -> Result<(), Errno>;

    /// Takes the program away. `was_there` says whether it was found there.
    fn remove(
        &self,
        kernel: &Kernel,
        ours: &Arc<ProgramObject>,
        was_there: bool,
    ) -> Result<(), Errno>;

    /// Leaves it where it is.
    fn forget(&self) {}

    /// Whether the program that an update expects may be another's, that took the place of ours.
    fn adopts(&self) -> bool {
        false
    }

    /// Why it is never updated.
    fn no_update(&self) -> Option<&'static str> {
        None
    }

    /// Why it cannot be pinned.
    fn no_pin(&self) -> &'static str;
}

/// A program at such a place.
#[derive(Debug)]
pub(super) struct UnownedLink<P: Unowned> {
    info: LinkInfo,
    kernel: Arc<Kernel>,
    place: P,
    /// The program that is ours now; `None` once it is detached or given up.
    program: Mutex<Option<Arc<ProgramObject>>>,
}

impl<P: Unowned> UnownedLink<P> {
    /// A program that was put there.
    pub(super) fn new(
        kernel: &Arc<Kernel>,
        info: LinkInfo,
        place: P,
        program: &Arc<ProgramObject>,
    ) -> UnownedLink<P> {
        UnownedLink {
            info,
            kernel: kernel.clone(),
            place,
            program: Mutex::new(Some(program.clone())),
        }
    }

    /// Detaches the program if it is there still.
    fn remove(&self) -> Result<(), LinkError> {
        let op = "detach";
        let Some(ours) = self.program.lock().take() else {
            return Ok(());
        };
        let found = self.place.found(&self.kernel, &ours);
        let was_there = found
            .as_ref()
            .is_some_and(|found| Arc::ptr_eq(found, &ours));
        let removed = self.place.remove(&self.kernel, &ours, was_there);
        match found {
            // Someone else detached it, or what it was attached to is gone.
            None => Ok(()),
            Some(_) if was_there => removed.map_err(|errno| self.info.refused(op, errno, None)),
            Some(found) => Err(self.info.not_ours(op, found.info.id)),
        }
    }
}

impl<P: Unowned> Link for UnownedLink<P> {
    fn info(&self) -> &LinkInfo {
        &self.info
    }

    fn query(&self) -> Result<LinkState, LinkError> {
        let ours = self.program.lock();
        let there = |ours: &&Arc<ProgramObject>| {
            let found = self.place.found(&self.kernel, ours);
            found.is_some_and(|found| Arc::ptr_eq(&found, ours))
        };
        let program = ours.as_ref().filter(there);
        Ok(LinkState::new(
            program.map(|program| program.info.id),
            self.info.target.clone(),
        ))
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
        if let Some(why) = self.place.no_update() {
            return Err(self.info.unsupported(op, why));
        }
        let own = |program: &dyn Program| {
            let object = self.kernel.program(program)?;
            object.ok_or_else(|| self.info.refused(op, Errno::EBADF, None))
        };
        let (new, expected) = (own(new)?, expected.map(own).transpose()?);
        let mut program = self.program.lock();
        let Some(ours) = &*program else {
            return Err(self.info.unsupported(op, "it is detached"));
        };
        let is = |one: &Arc<ProgramObject>, other: &Arc<ProgramObject>| Arc::ptr_eq(one, other);
        if let (Some(expected), false) = (&expected, self.place.adopts())
            && !is(expected, ours)
        {
            return Err(self.info.unexpected(op));
        }
        let Some(found) = self.place.found(&self.kernel, ours) else {
            return Err(self.info.refused(op, Errno::ENOENT, None));
        };
        match &expected {
            Some(expected) if self.place.adopts() && !is(&found, expected) => {
                return Err(self.info.unexpected(op));
            }
            Some(_) if self.place.adopts() => {}
            _ if !is(&found, ours) => return Err(self.info.not_ours(op, found.info.id)),
            _ => {}
        }
        self.place
            .replace(&self.kernel, &found, &new)
            .map_err(|errno| self.info.refused(op, errno, None))?;
        *program = Some(new);
        Ok(())
    }

    fn pin(&self, _: &Path) -> Result<(), LinkError> {
        Err(self.info.unsupported("pin", self.place.no_pin()))
    }

    fn detach(self: Box<Self>) -> Result<(), LinkError> {
        self.remove()
    }

    fn forget(self: Box<Self>) {
        self.place.forget();
        self.program.lock().take();
    }
}

impl<P: Unowned> Drop for UnownedLink<P> {
    fn drop(&mut self) {
        // There is nobody to tell; `detach` tells.
        let _ = self.remove();
    }
}
