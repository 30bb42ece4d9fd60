//! Links: a program attached somewhere, as a value.

mod link_type;
mod several;
mod target;

use std::fmt;
use std::io;
use std::path::Path;

pub use link_type::LinkType;
pub use several::several;
pub use target::{IterOver, LinkTarget, ProbedFunction, ProbedPlace};

use crate::Errno;
use crate::program::{Program, ProgramId};
use crate::system::{ForeignHandle, Handle, hint};

/// An attachment. Dropping it detaches, unless it is pinned or [forgotten](Link::forget).
#[must_use = "dropping a link detaches the program"]
pub trait Link: fmt::Debug + Send + Sync {
    /// What cannot change.
    fn info(&self) -> &LinkInfo;

    /// What can change: where it is attached now (an interface may be gone), and which program runs.
    fn query(&self) -> Result<LinkState, LinkError>;

    /// Names the link to its system; `None` for an attachment that is not a link object (netlink).
    fn handle(&self) -> Option<Handle>;

    /// Replaces the program, with no moment without one; with `expected`, only if that is the one that runs.
    ///
    /// # Errors
    /// `EPERM` when another program than `expected` runs; `EINVAL` for a program of another type.
    ///
    /// Since Linux 5.7. `link_update()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_LINK_UPDATE")]
    fn update<'p>(
        &self,
        new: &'p (dyn Program + 'p),
        expected: Option<&'p (dyn Program + 'p)>,
    ) -> Result<(), LinkError>;

    /// A reader of what an iterator program prints; each call starts a new walk.
    ///
    /// # Errors
    /// `EINVAL` for links that are not of iterators.
    ///
    /// Since Linux 5.8. `bpf_iter_new_fd()` in kernel/bpf/bpf_iter.c.
    #[doc(alias = "BPF_ITER_CREATE")]
    fn read(&self) -> Result<Box<dyn io::Read + Send>, LinkError> {
        Err(self
            .info()
            .unsupported("read", "only iterators can be read"))
    }

    /// Shares the link at `path` in a bpffs, so that the attachment outlives this process.
    ///
    /// # Errors
    /// As [`Map::pin`](crate::Map::pin); [`LinkError::Unsupported`] for an attachment that is not a link object.
    ///
    /// Since Linux 5.7.
    #[doc(alias = "BPF_OBJ_PIN")]
    fn pin(&self, path: &Path) -> Result<(), LinkError>;

    /// Detaches and says whether it worked; the drop of a link cannot.
    fn detach(self: Box<Self>) -> Result<(), LinkError>;

    /// Leaves the program attached for good: for a link object as long as something else refers to it (this process keeps
    /// the descriptor open until it ends), for netlink until someone removes it.
    fn forget(self: Box<Self>);

    /// The descriptor, where there is one.
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// The number by which a system knows a link while it exists. Since Linux 5.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What cannot change while a link exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkInfo {
    /// The id; `None` for an attachment that is not a link object, or where the system does not tell.
    pub id: Option<LinkId>,
    /// The kind.
    pub link_type: LinkType,
    /// Where it was attached.
    pub target: LinkTarget,
    /// What the program is told there (`bpf_get_attach_cookie`), for an attachment in one place; 0 where there is none
    /// or the system does not tell. Perf events since Linux 6.9, raw tracepoints and tracing since 6.17. Those in many
    /// places have it in `target`.
    #[doc(alias = "bpf_get_attach_cookie")]
    pub cookie: u64,
}

impl LinkInfo {
    /// What a system knows of an attachment.
    pub fn new(id: Option<LinkId>, link_type: LinkType, target: LinkTarget) -> LinkInfo {
        LinkInfo {
            id,
            link_type,
            target,
            cookie: 0,
        }
    }

    /// The error of an operation that the system refused, with what might help. For implementors.
    #[cold]
    pub fn refused(&self, op: &'static str, errno: Errno, hint: Option<&'static str>) -> LinkError {
        LinkError::Os {
            op,
            target: Box::new(self.target.clone()),
            errno,
            told: None,
            hint,
        }
    }

    /// The error of an operation for which another program had to run there. For implementors.
    #[cold]
    pub fn unexpected(&self, op: &'static str) -> LinkError {
        let hint = hint::update_link(Errno::EPERM, true);
        self.refused(op, Errno::EPERM, hint)
    }

    /// The error of an operation that the attachment does not have. For implementors.
    #[cold]
    pub fn unsupported(&self, op: &'static str, why: &'static str) -> LinkError {
        LinkError::Unsupported {
            op,
            target: Box::new(self.target.clone()),
            why,
        }
    }

    /// The error of an operation that left another's program alone. For implementors.
    #[cold]
    pub fn not_ours(&self, op: &'static str, found: ProgramId) -> LinkError {
        LinkError::NotOurs {
            op,
            target: Box::new(self.target.clone()),
            found,
        }
    }
}

/// What may change while a link exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkState {
    /// The program that runs there now; `None` when nothing of ours is attached any more.
    pub program: Option<ProgramId>,
    /// Where it is attached now.
    pub target: LinkTarget,
    /// How often the program could not run because it, or another probe, was running: kprobes; 0 where the system does
    /// not tell. Since Linux 6.7.
    pub missed: u64,
}

impl LinkState {
    /// The state of an attachment.
    pub fn new(program: Option<ProgramId>, target: LinkTarget) -> LinkState {
        LinkState {
            program,
            target,
            missed: 0,
        }
    }
}

/// What went wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The system refused.
    #[error("{op} link to {target}: {errno}{}{}", crate::program::told_text(.told), crate::map::hint_text(.hint))]
    Os {
        /// The operation.
        op: &'static str,
        /// Where it is attached.
        target: Box<LinkTarget>,
        /// What the system said.
        errno: Errno,
        /// What the system said besides, in its own words.
        told: Option<Box<str>>,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// The attachment has no such operation.
    #[error("{op} link to {target}: {why}")]
    Unsupported {
        /// The operation.
        op: &'static str,
        /// Where it is attached.
        target: Box<LinkTarget>,
        /// Why not.
        why: &'static str,
    },
    /// The program that runs there is not ours any more; it was left alone.
    #[error(
        "{op} link to {target}: another program is attached there now (id {found}), it was left alone"
    )]
    NotOurs {
        /// The operation.
        op: &'static str,
        /// Where it is attached.
        target: Box<LinkTarget>,
        /// The program found there.
        found: ProgramId,
    },
    /// A program of another system was given.
    #[error(transparent)]
    Foreign(#[from] ForeignHandle),
}

impl LinkError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            LinkError::Os { errno, .. } => Some(*errno),
            _ => None,
        }
    }
}
