//! Exceptions: `bpf_throw()` in kernel/bpf/helpers.c.

use super::super::helper::{Flow, Kfunc};
use super::super::problem::Problem;
use super::super::run::Run;

pub(super) const KFUNCS: &[Kfunc] = &[Kfunc {
    name: "bpf_throw",
    call: throw,
}];

/// Leaves all functions; the program returns the cookie.
#[doc(alias = "bpf_throw")]
fn throw(_: &mut Run, [cookie, ..]: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Throw(cookie))
}
