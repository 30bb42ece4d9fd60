//! Programs: the trait that both backends implement, the table of types, specs, test runs and errors.

mod attach_type;
mod dump;
mod error;
mod helper;
mod info;
mod program_type;
mod run;
mod spec;
mod verifier;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use attach_type::AttachType;
pub use dump::{AnnotatedDump, DumpedFunction, ProgramDump};
pub(crate) use error::told_text;
pub use error::{ProgramError, ProgramProblem};
pub use helper::{helper_is_gpl_only, helper_since, is_gpl_compatible};
pub use info::{ProgramId, ProgramInfo, ProgramStats, ProgramTag};
pub use program_type::ProgramType;
pub use run::{RunFlags, RunInput, RunOutput, RunResult};
pub use spec::{
    CoreReference, Extern, ExternKind, Function, LineRecord, ProgramFlags, ProgramSpec, Reference,
    Referent,
};
pub use verifier::{LogLevel, VerifierError, VerifierLog};

use crate::hook::AttachTarget;
use crate::link::Link;
use crate::system::{Handle, System};

/// A loaded program. There is no unloaded state to ask about: before loading it is a [`ProgramSpec`].
pub trait Program: fmt::Debug + Send + Sync {
    /// What cannot change: id, name, type, tag, sizes, maps.
    fn info(&self) -> &ProgramInfo;

    /// What can change: run counts, memory.
    fn query(&self) -> Result<ProgramStats, ProgramError>;

    /// What became of it: instructions, functions, lines, machine code; empty what the system does not tell this user.
    ///
    /// Since Linux 4.13; functions 4.18, lines 5.0. `bpf_prog_get_info_by_fd()` in kernel/bpf/syscall.c.
    #[doc(alias = "bpf_prog_info")]
    fn dump(&self) -> Result<ProgramDump, ProgramError>;

    /// Names the program to its system.
    fn handle(&self) -> Handle;

    /// Attaches the program. One program may be attached in many places.
    ///
    /// # Errors
    /// [`ProgramError::Attach`] with the system's number; `EBUSY` or `EEXIST` when another program is there and the target
    /// does not say to replace it.
    #[doc(alias = "BPF_LINK_CREATE")]
    fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError>;

    /// Runs the program on the given input, outside of any hook, and says what it returned.
    ///
    /// # Errors
    /// `ENOTSUPP` for a type that cannot be run so; `ENOSPC` when an output buffer is too small (the rest is cut off);
    /// `EINVAL` for input that the type does not take.
    ///
    /// Since Linux 4.12. `bpf_prog_test_run()` in kernel/bpf/syscall.c.
    #[doc(alias = "BPF_PROG_TEST_RUN")]
    #[doc(alias = "BPF_PROG_RUN")]
    fn run<'i, 'o>(
        &self,
        input: &RunInput<'i>,
        output: &mut RunOutput<'o>,
    ) -> Result<RunResult, ProgramError>;

    /// Shares the program at `path` in a bpffs, where it outlives this process until it is unpinned.
    ///
    /// # Errors
    /// As [`Map::pin`](crate::Map::pin).
    ///
    /// Since Linux 4.4.
    #[doc(alias = "BPF_OBJ_PIN")]
    fn pin(&self, path: &Path) -> Result<(), ProgramError>;

    /// The descriptor, where the system has any.
    #[cfg(unix)]
    fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

macro_rules! forward_program {
    ($($target:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<P: Program + ?Sized> Program for $target {
            fn info(&self) -> &ProgramInfo { (**self).info() }
            fn query(&self) -> Result<ProgramStats, ProgramError> { (**self).query() }
            fn dump(&self) -> Result<ProgramDump, ProgramError> { (**self).dump() }
            fn handle(&self) -> Handle { (**self).handle() }
            fn attach<'t>(&self, target: &AttachTarget<'t>) -> Result<Box<dyn Link>, ProgramError> { (**self).attach(target) }
            fn run<'i, 'o>(&self, input: &RunInput<'i>, output: &mut RunOutput<'o>) -> Result<RunResult, ProgramError> {
                (**self).run(input, output)
            }
            fn pin(&self, path: &Path) -> Result<(), ProgramError> { (**self).pin(path) }
            #[cfg(unix)]
            fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> { (**self).fd() }
        }
    )*};
}
forward_program!(&P, Box<P>, Arc<P>);

/// Conveniences of every program.
pub trait ProgramExt: Program {
    /// Attaches the program: `program.attach_to(Xdp::on("eth0"))`.
    fn attach_to<'t>(
        &self,
        target: impl Into<AttachTarget<'t>>,
    ) -> Result<Box<dyn Link>, ProgramError> {
        self.attach(&target.into())
    }

    /// Runs the program once on `data` and returns what it returned with the data as it left it.
    ///
    /// `room` is how many bytes the data may grow by.
    fn run_once(&self, data: &[u8], room: usize) -> Result<(RunResult, Vec<u8>), ProgramError> {
        let mut after = vec![0; data.len() + room];
        let result = self.run(&RunInput::data(data), &mut RunOutput::data(&mut after))?;
        after.truncate(result.data_len);
        Ok((result, after))
    }

    /// The program as text, with the names that `system` has for functions, maps and helpers.
    ///
    /// # Errors
    /// As [`Program::dump`].
    fn disassemble(&self, system: &dyn System) -> Result<AnnotatedDump, ProgramError> {
        Ok(self.dump()?.annotate(self.info(), system))
    }
}

impl<P: Program + ?Sized> ProgramExt for P {}
