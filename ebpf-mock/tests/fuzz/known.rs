//! The divergences that are kept, each with its reason: the one table of them, from which the documentation is made.

use crate::episode::Divergence;
use crate::op::Op;

/// A divergence that is kept.
pub(crate) struct Kept {
    /// A short name.
    pub(crate) name: &'static str,
    /// What the kernel does, what the simulation does, and why it stays so.
    pub(crate) reason: &'static str,
    /// Whether a divergence is this one.
    pub(crate) matches: fn(&Divergence) -> bool,
    /// A sequence that ends in it. One that no longer does is an error.
    pub(crate) example: fn() -> Vec<Op>,
}

/// All of them.
pub(crate) const KEPT: &[Kept] = &[];
