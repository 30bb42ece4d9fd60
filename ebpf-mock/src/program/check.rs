//! What can be refused of a program when it is loaded, by looking at it: `bpf_check()` in kernel/bpf/verifier.c.
//!
//! Whatever is refused here the kernel refuses too, with the same number and the same words. The kernel refuses more: what
//! it proves with ranges of values, references and locks shows when the program runs, on the path that it takes.
//!
//! A program is followed from its start as the kernel follows it, along the paths that the kernel is certain to take, with
//! what the kernel is certain to know of registers and the stack. Where it is not certain which way the kernel goes, the
//! walk goes on where the ways meet again, with nothing left of what may have changed in between.

mod alu;
mod blocks;
mod calls;
mod depth;
mod exit;
mod functions;
mod helpers;
mod jumps;
mod maps;
mod memory;
mod shape;
mod state;
mod text;
mod walk;

use std::fmt::{self, Display};

use ebpf_core::Errno;
use ebpf_core::insn::Insn;
use ebpf_core::program::{ProgramFlags, ProgramSpec};

use super::load::join::Joined;
use super::load::types::Types;
use crate::engine::context::ContextRules;
use crate::kernel::Kernel;
use crate::map::MapObject;

pub(super) use functions::Functions;

/// A program that is about to be loaded.
pub(super) struct Subject<'a> {
    pub(super) kernel: &'a Kernel,
    pub(super) spec: &'a ProgramSpec,
    pub(super) joined: &'a Joined,
    pub(super) types: Option<&'a Types<'a>>,
    /// What it may do with its context, where that is known.
    pub(super) context: Option<ContextRules>,
    /// Refuses what it cannot be tied to.
    pub(super) aim: &'a dyn Fn() -> Result<(), Refusal>,
}

impl Subject<'_> {
    fn instructions(&self) -> &[Insn] {
        &self.joined.instructions
    }

    fn insn(&self, at: usize) -> Option<Insn> {
        self.joined.instructions.get(at).copied()
    }

    /// The map that the instruction refers to.
    fn map_at(&self, at: usize) -> Option<(usize, &MapObject)> {
        let place = *self.joined.uses.get(&at)?;
        Some((place, self.joined.maps.get(place)?))
    }

    fn map(&self, place: usize) -> Option<&MapObject> {
        self.joined.maps.get(place).map(|map| &**map)
    }

    fn flag(&self, flag: ProgramFlags) -> bool {
        self.spec.flags.contains(flag)
    }
}

/// Why a program is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) errno: Errno,
    pub(super) log: String,
}

impl Refusal {
    /// A refusal with the kernel's words, or none.
    pub(super) fn new(errno: Errno, words: impl Display) -> Refusal {
        Refusal {
            errno,
            log: words.to_string(),
        }
    }

    /// As the kernel ends its log.
    fn closed(mut self, walked: u32) -> Refusal {
        if !self.log.is_empty() {
            self.log = format!("{}\n{}\n", self.log, Ending(walked));
        }
        self
    }
}

/// The last line of a log.
struct Ending(u32);

impl Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let walked = self.0;
        write!(
            f,
            "processed {walked} insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0"
        )
    }
}

/// What is known of a program that is not refused.
pub(super) struct Checked {
    /// Instructions that were walked: of the paths that the kernel is certain to take.
    pub(super) walked: u32,
    pub(super) log: String,
    pub(super) functions: Functions,
}

/// Refuses what the kernel is certain to refuse.
pub(super) fn check(subject: &Subject<'_>) -> Result<Checked, Refusal> {
    if !subject.kernel.machine.static_checks {
        return Ok(Checked {
            walked: 0,
            log: String::new(),
            functions: Functions::find(subject)?,
        });
    }
    let functions = before(subject).map_err(|refusal| refusal.closed(0))?;
    let walk = walk::walk(subject, &functions)?;
    let walked = walk.walked;
    depth::check(subject, &functions, &walk).map_err(|refusal| refusal.closed(walked))?;
    Ok(Checked {
        walked,
        log: format!("{}\n", Ending(walked)),
        functions,
    })
}

/// What is looked at before the walk, in the kernel's order.
fn before(subject: &Subject<'_>) -> Result<Functions, Refusal> {
    let functions = Functions::find(subject)?;
    shape::check(subject)?;
    functions.check_reached(subject)?;
    (subject.aim)()?;
    Ok(functions)
}
