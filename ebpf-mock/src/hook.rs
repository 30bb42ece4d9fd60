//! How programs are attached to each hook: one file each, named as in `ebpf_core::hook`.

mod xdp;

use ebpf_core::Errno;
use ebpf_core::hook::AttachTarget;
use ebpf_core::link::Link;
use ebpf_core::program::{Program, ProgramError};

use crate::program::MockProgram;

/// Attaches a program.
pub(crate) fn attach(
    program: &MockProgram,
    target: &AttachTarget<'_>,
) -> Result<Box<dyn Link>, ProgramError> {
    match target {
        AttachTarget::Xdp(xdp) => xdp::attach(program, xdp),
        other => Err(ProgramError::Attach {
            program: program.info().name.clone(),
            target: other.to_string().into(),
            errno: Errno::EOPNOTSUPP,
            told: None,
            hint: Some("this version of the simulated system has no such hook"),
        }),
    }
}
