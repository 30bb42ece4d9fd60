//! What the programs in a map have in common: the first one says it. `bpf_prog_map_compatible()` in kernel/bpf/core.c.

use ebpf_core::program::{AttachType, ProgramFlags, ProgramSpec, ProgramType};
use parking_lot::Mutex;

/// The kind of program that a map is for, once there was one; it stays.
#[derive(Debug, Default)]
pub(super) struct Owner(Mutex<Option<Kind>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    program_type: ProgramType,
    attach_type: Option<AttachType>,
    fragments: bool,
    sleepable: bool,
}

impl Owner {
    /// Whether a program may be in the map, or use it where it holds programs. The first one may, and decides.
    pub(super) fn accepts(&self, spec: &ProgramSpec) -> bool {
        let kind = Kind {
            program_type: spec.program_type,
            attach_type: spec.expected_attach_type,
            fragments: spec.flags.contains(ProgramFlags::XDP_HAS_FRAGS),
            sleepable: spec.flags.contains(ProgramFlags::SLEEPABLE),
        };
        *self.0.lock().get_or_insert(kind) == kind
    }

    /// The type of the programs.
    pub(super) fn program_type(&self) -> Option<ProgramType> {
        self.0.lock().map(|kind| kind.program_type)
    }
}
