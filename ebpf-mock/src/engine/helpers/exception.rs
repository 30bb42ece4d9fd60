//! Exceptions: `bpf_throw()` in kernel/bpf/helpers.c.

use super::super::helper::{Flow, Kfunc};
use super::super::problem::Problem;
use super::super::run::Run;
use super::kfunc;

pub(super) const KFUNCS: &[Kfunc] = &[kfunc("bpf_throw", "6.7", throw)];

/// Leaves all functions; the program returns the cookie.
#[doc(alias = "bpf_throw")]
fn throw(_: &mut Run, [cookie, ..]: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Throw(cookie))
}
