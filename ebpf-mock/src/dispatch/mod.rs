//! Programs that something in the machine sets off: which of them run, in which order, and what becomes of what they say.

mod call;
mod deferred;
mod frame;
mod group;
mod iter;
mod netfilter;
mod packet;
mod receive;
mod registers;
mod sock_addr;
mod sock_ops;
mod sock_option;
mod socket;
mod sockmap;
mod stream;
mod struct_ops;

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::program::ProgramError;
use ebpf_core::system::SystemError;

pub(crate) use iter::{IterReader, Visits};
pub use receive::Fate;
pub use registers::Registers;

use crate::engine::run::Run;
use crate::kernel::Kernel;
use crate::program::ProgramObject;

/// Why something did not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What the kernel says.
    Errno(Errno),
    /// A program did what no kernel lets one do.
    Program(ProgramError),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Stop {
        Stop::Errno(errno)
    }
}

impl From<ProgramError> for Stop {
    fn from(error: ProgramError) -> Stop {
        Stop::Program(error)
    }
}

impl Stop {
    /// The error of what a test did.
    pub(crate) fn of(self, op: &'static str, what: impl Into<Box<str>>) -> SystemError {
        match self {
            Stop::Errno(errno) => crate::system::refused(op, what, errno, None),
            Stop::Program(error) => error.into(),
        }
    }
}

/// A run of a program that something sets off, on the CPU where that happens.
fn start(kernel: &Arc<Kernel>, program: &Arc<ProgramObject>) -> Run {
    let mut run = Run::new(kernel, program);
    run.cpu = kernel.world.tasks.current().cpu;
    run
}

/// Whether a number is an error's.
fn is_error(retval: i32) -> bool {
    (-4095..0).contains(&retval)
}
