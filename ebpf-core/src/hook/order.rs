//! Where among the programs of one hook a new one runs.

use std::fmt;
use std::sync::Arc;

use crate::link::{Link, LinkId};
use crate::program::{Program, ProgramId};

/// Where among the programs of one hook a new one runs.
///
/// Since Linux 6.6 for TCX and netkit, 6.17 for control groups; before, control groups know only the default.
/// kernel/bpf/mprog.c, `insert_pl_to_hlist()` in kernel/bpf/cgroup.c.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Order<'t> {
    /// As the kernel does by itself: after those that are there.
    #[default]
    Default,
    /// Before all others.
    First,
    /// After all others.
    Last,
    /// Just before this one.
    #[doc(alias = "BPF_F_BEFORE")]
    Before(Anchor<'t>),
    /// Just after this one.
    #[doc(alias = "BPF_F_AFTER")]
    After(Anchor<'t>),
}

impl Order<'_> {
    /// Whether it is the kernel's own.
    pub const fn is_default(&self) -> bool {
        matches!(self, Order::Default)
    }
}

/// What is attached already, and is named to say where a new program belongs.
///
/// A program that is attached by a link is named by its link; TCX and netkit take either.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Anchor<'t> {
    /// A program attached without a link.
    Program(&'t dyn Program),
    /// A program attached without a link, by its id.
    #[doc(alias = "BPF_F_ID")]
    ProgramId(ProgramId),
    /// A link.
    #[doc(alias = "BPF_F_LINK")]
    Link(&'t dyn Link),
    /// A link, by its id.
    LinkId(LinkId),
}

impl fmt::Display for Anchor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anchor::Program(program) => write!(f, "program `{}`", program.info().name),
            Anchor::Link(link) => match link.info().id {
                Some(id) => write!(f, "link {id}"),
                None => write!(f, "the attachment to {}", link.info().target),
            },
            Anchor::ProgramId(id) => write!(f, "program {id}"),
            Anchor::LinkId(id) => write!(f, "link {id}"),
        }
    }
}

impl<'t> From<&'t dyn Program> for Anchor<'t> {
    fn from(program: &'t dyn Program) -> Anchor<'t> {
        Anchor::Program(program)
    }
}

impl<'t> From<&'t Arc<dyn Program>> for Anchor<'t> {
    fn from(program: &'t Arc<dyn Program>) -> Anchor<'t> {
        Anchor::Program(program)
    }
}

impl From<ProgramId> for Anchor<'_> {
    fn from(id: ProgramId) -> Self {
        Anchor::ProgramId(id)
    }
}

impl<'t> From<&'t dyn Link> for Anchor<'t> {
    fn from(link: &'t dyn Link) -> Anchor<'t> {
        Anchor::Link(link)
    }
}

impl<'t> From<&'t Box<dyn Link>> for Anchor<'t> {
    fn from(link: &'t Box<dyn Link>) -> Anchor<'t> {
        Anchor::Link(&**link)
    }
}

impl From<LinkId> for Anchor<'_> {
    fn from(id: LinkId) -> Self {
        Anchor::LinkId(id)
    }
}

/// The methods that say the order, for targets with the fields `order` and `expected_revision`.
macro_rules! order_methods {
    ($Target:ident) => {
        /// The same, before all others that are there now.
        #[must_use]
        pub fn first(self) -> Self {
            $Target {
                order: $crate::hook::Order::First,
                ..self
            }
        }

        /// The same, after all others that are there now.
        #[must_use]
        pub fn last(self) -> Self {
            $Target {
                order: $crate::hook::Order::Last,
                ..self
            }
        }

        /// The same, right before this program or link.
        #[must_use]
        pub fn before(self, anchor: impl Into<$crate::hook::Anchor<'t>>) -> Self {
            $Target {
                order: $crate::hook::Order::Before(anchor.into()),
                ..self
            }
        }

        /// The same, right after this program or link.
        #[must_use]
        pub fn after(self, anchor: impl Into<$crate::hook::Anchor<'t>>) -> Self {
            $Target {
                order: $crate::hook::Order::After(anchor.into()),
                ..self
            }
        }

        /// The same, only if the hook's programs are still those of this revision; else `ESTALE`.
        #[must_use]
        pub fn expected_revision(self, revision: u64) -> Self {
            $Target {
                expected_revision: Some(revision),
                ..self
            }
        }
    };
}
pub(crate) use order_methods;
