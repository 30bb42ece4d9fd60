//! Where among the programs of one hook a new one runs.

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

/// What is attached already, and is named to say where a new program belongs.
///
/// A program that is attached by a link is named by its link.
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

impl<'t> From<&'t dyn Program> for Anchor<'t> {
    fn from(program: &'t dyn Program) -> Anchor<'t> {
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

impl From<LinkId> for Anchor<'_> {
    fn from(id: LinkId) -> Self {
        Anchor::LinkId(id)
    }
}
