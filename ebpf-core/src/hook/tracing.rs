//! fentry, fexit, fmod_ret, typed tracepoints, LSM, freplace: programs that were tied to their target when they were
//! loaded.

use std::fmt;

use crate::btf::TypeId;
use crate::program::{AttachType, Program};

/// The function, tracepoint or security hook that the program was loaded for.
///
/// For programs of the types [`TRACING`](crate::program::ProgramType::TRACING) (but iterators),
/// [`LSM`](crate::program::ProgramType::LSM) (but those of control groups) and
/// [`EXT`](crate::program::ProgramType::EXT).
///
/// A program is attached to one such place once; detached, it may be attached again since Linux 5.13.
///
/// Since Linux 5.5; LSM 5.7, freplace 5.6. `bpf_tracing_prog_attach()` in kernel/bpf/syscall.c.
///
/// ```
/// use ebpf_core::hook::Tracing;
/// assert_eq!(Tracing::new().to_string(), "what it was loaded for");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[doc(alias = "BPF_RAW_TRACEPOINT_OPEN")]
pub struct Tracing<'t> {
    /// What `bpf_get_attach_cookie` gives to the program.
    pub cookie: Option<u64>,
    /// For freplace: another function than that it was loaded for, of the same type.
    pub target: Option<TracingTarget<'t>>,
    /// The attach type that the program was loaded with. Systems know it of programs that they loaded; it must be said
    /// to attach one from a pin with a cookie.
    pub attach_type: Option<AttachType>,
}

/// A function of a loaded program.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TracingTarget<'t> {
    /// The program.
    pub program: &'t dyn Program,
    /// The function, in the program's BTF.
    pub function: TypeId,
}

impl<'t> Tracing<'t> {
    /// What the program was loaded for.
    pub fn new() -> Tracing<'t> {
        Tracing::default()
    }

    /// The same with a cookie, which `bpf_get_attach_cookie` gives to the program. Since Linux 5.19.
    #[must_use]
    #[doc(alias = "bpf_cookie")]
    pub fn cookie(self, cookie: u64) -> Tracing<'t> {
        Tracing {
            cookie: Some(cookie),
            ..self
        }
    }

    /// In the place of this function of another program, for programs that replace functions. Since Linux 5.10.
    #[must_use]
    pub fn instead_of(self, program: &'t dyn Program, function: TypeId) -> Tracing<'t> {
        Tracing {
            target: Some(TracingTarget { program, function }),
            ..self
        }
    }

    /// The same of a program that was loaded with this attach type; needed only where the system did not load it.
    #[must_use]
    pub fn attach_type(self, attach_type: AttachType) -> Tracing<'t> {
        Tracing {
            attach_type: Some(attach_type),
            ..self
        }
    }
}

impl fmt::Display for Tracing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            None => f.write_str("what it was loaded for"),
            Some(target) => {
                let function = target.function.0;
                write!(
                    f,
                    "function {function} of program `{}`",
                    target.program.info().name
                )
            }
        }
    }
}
