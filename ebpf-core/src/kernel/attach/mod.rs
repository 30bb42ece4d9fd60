//! How the kernel attaches each hook's programs.

mod order;
mod xdp;

pub(super) use xdp::interface_index;

use super::program::KernelProgram;
use crate::Errno;
use crate::hook::AttachTarget;
use crate::link::Link;
use crate::program::{Program, ProgramError};

/// Attaches a program.
pub(super) fn attach(
    program: &KernelProgram,
    target: &AttachTarget<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    match target {
        AttachTarget::Xdp(xdp) => xdp::attach(program, xdp),
        other => Err(ProgramError::Attach {
            program: program.info().name.clone(),
            target: other.to_string().into(),
            errno: Errno::EOPNOTSUPP,
            told: None,
            hint: None,
        }),
    }
}
