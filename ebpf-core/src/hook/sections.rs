//! What the name of a program's section says of the program: `SEC("fentry.s/tcp_connect")` and its kind.
//!
//! [`SECTIONS`] has one row for each pattern that libbpf 1.8 knows, and the prefixes that only goebpf knows
//! (`socket_filter`, `tc_cls`, `tc_act`). [`section`] looks a name up:
//!
//! - a leading `?` marks a program that is loaded only when asked for;
//! - a pattern that ends in `+` is followed by nothing or by `/` and what the program attaches to (`kprobe/do_exit`);
//! - any other pattern may be followed by `/` and a label without meaning (`xdp/entry`), as goebpf and old libbpf have
//!   it; the longest pattern wins, so `xdp/devmap` is not a label;
//! - goebpf's six prefixes count in any case (`XDP`).
//!
//! A name that nothing matches tells no type: the program is kept as [`ProgramType::UNSPEC`] for its user to say.

use std::fmt;

pub use super::section_table::SECTIONS;
use crate::program::{AttachType, ProgramFlags, ProgramType};

/// One row of the table of section names.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SectionRow {
    /// The name, with a `+` at its end if `/` and the attach target may follow.
    pub pattern: &'static str,
    /// The type of the section's programs.
    pub program_type: ProgramType,
    /// The hook they are meant for, where the type has several.
    pub attach_type: Option<AttachType>,
    /// Whether kernels that do not know the attach type run the program all the same.
    pub attach_type_optional: bool,
    /// Flags of their loading.
    pub flags: ProgramFlags,
    /// Whether the name counts in any case, as in goebpf.
    pub any_case: bool,
    /// The first Linux release that can run such programs.
    pub since: &'static str,
    /// A name that the pattern matches.
    pub example: &'static str,
    /// What such a program is, in a sentence.
    pub doc: &'static str,
}

impl SectionRow {
    /// A row of programs without an attach type.
    pub(super) const fn new(
        pattern: &'static str,
        program_type: ProgramType,
        since: &'static str,
        example: &'static str,
        doc: &'static str,
    ) -> SectionRow {
        SectionRow {
            pattern,
            program_type,
            attach_type: None,
            attach_type_optional: false,
            flags: ProgramFlags::NONE,
            any_case: false,
            since,
            example,
            doc,
        }
    }

    /// The same for this hook.
    pub(super) const fn at(self, attach_type: AttachType) -> SectionRow {
        SectionRow {
            attach_type: Some(attach_type),
            ..self
        }
    }

    /// The same for this hook, of which a kernel need not know.
    pub(super) const fn maybe_at(self, attach_type: AttachType) -> SectionRow {
        SectionRow {
            attach_type: Some(attach_type),
            attach_type_optional: true,
            ..self
        }
    }

    /// The same for programs that may sleep.
    pub(super) const fn sleepable(self) -> SectionRow {
        SectionRow {
            flags: ProgramFlags::SLEEPABLE,
            ..self
        }
    }

    /// The same for programs that take packets in fragments.
    pub(super) const fn frags(self) -> SectionRow {
        SectionRow {
            flags: ProgramFlags::XDP_HAS_FRAGS,
            ..self
        }
    }

    /// The same in any case.
    pub(super) const fn any_case(self) -> SectionRow {
        SectionRow {
            any_case: true,
            ..self
        }
    }

    /// The name without the pattern's `+`.
    pub fn prefix(&self) -> &'static str {
        self.pattern.strip_suffix('+').unwrap_or(self.pattern)
    }

    /// Whether what follows `/` is what the program attaches to.
    pub fn takes_target(&self) -> bool {
        self.pattern.ends_with('+')
    }

    /// What of the kernel's types the program must be tied to when it is loaded.
    pub fn btf_attach(&self) -> Option<BtfAttach> {
        BtfAttach::of(self.program_type, self.attach_type)
    }

    /// What follows the prefix in `name` (empty, or beginning with `/`), if `name` has the prefix.
    fn rest<'n>(&self, name: &'n str) -> Option<&'n str> {
        let prefix = self.prefix();
        // Most rows are told by the length alone.
        if !matches!(name.as_bytes().get(prefix.len()), None | Some(b'/')) {
            return None;
        }
        let (head, rest) = name.split_at_checked(prefix.len())?;
        let same = head == prefix || (self.any_case && head.eq_ignore_ascii_case(prefix));
        same.then_some(rest)
    }
}

/// What a section name says of the programs in it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SectionMeaning<'n> {
    /// Whether the programs are loaded only when asked for: the name begins with `?`.
    pub optional: bool,
    /// The row that matched; `None` for a name that tells nothing.
    pub row: Option<&'static SectionRow>,
    /// The type; [`ProgramType::UNSPEC`] for a name that tells nothing.
    pub program_type: ProgramType,
    /// The hook they are meant for, where the type has several.
    pub attach_type: Option<AttachType>,
    /// Flags of their loading.
    pub flags: ProgramFlags,
    /// What they attach to, as written after the `/`.
    pub attach_to: Option<&'n str>,
}

/// What a section name says of the programs in it.
///
/// ```
/// use ebpf_core::hook::section;
/// use ebpf_core::program::{AttachType, ProgramFlags, ProgramType};
///
/// let meaning = section("?fentry.s/tcp_connect");
/// assert!(meaning.optional);
/// assert_eq!(meaning.program_type, ProgramType::TRACING);
/// assert_eq!(meaning.attach_type, Some(AttachType::TRACE_FENTRY));
/// assert_eq!(meaning.flags, ProgramFlags::SLEEPABLE);
/// assert_eq!(meaning.attach_to, Some("tcp_connect"));
///
/// assert_eq!(section("my_program").program_type, ProgramType::UNSPEC);
/// ```
pub fn section(name: &str) -> SectionMeaning<'_> {
    let (optional, name) = match name.strip_prefix('?') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    // All patterns begin with a small letter.
    let first = name.bytes().next().map(|byte| byte.to_ascii_lowercase());
    let matches = SECTIONS
        .iter()
        .filter(|row| row.pattern.as_bytes().first().copied() == first)
        .filter_map(|row| Some((row, row.rest(name)?)));
    let Some((row, rest)) = matches.max_by_key(|(row, _)| row.prefix().len()) else {
        return SectionMeaning {
            optional,
            row: None,
            program_type: ProgramType::UNSPEC,
            attach_type: None,
            flags: ProgramFlags::NONE,
            attach_to: None,
        };
    };
    let target = rest
        .strip_prefix('/')
        .filter(|target| row.takes_target() && !target.is_empty());
    SectionMeaning {
        optional,
        row: Some(row),
        program_type: row.program_type,
        attach_type: row.attach_type,
        flags: row.flags,
        attach_to: target,
    }
}

/// What a program must be tied to when it is loaded, because the verifier takes the types of its arguments from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BtfAttach {
    /// A function of the kernel or of a module.
    Function,
    /// A tracepoint: the kernel's typedef `btf_trace_NAME`.
    RawTracepoint,
    /// A security hook: the kernel's function `bpf_lsm_NAME`.
    Lsm,
    /// An iterator: the kernel's function `bpf_iter_NAME`.
    Iterator,
    /// A global function of another program.
    Program,
    /// A callback of one of the kernel's structures of callbacks.
    StructOps,
}

impl BtfAttach {
    /// What programs of this type for this hook must be tied to; `None` for programs that are verified alone.
    ///
    /// `bpf_check_attach_target()` in kernel/bpf/verifier.c.
    pub fn of(program_type: ProgramType, attach_type: Option<AttachType>) -> Option<BtfAttach> {
        match (program_type, attach_type) {
            (ProgramType::EXT, _) => Some(BtfAttach::Program),
            (ProgramType::STRUCT_OPS, _) => Some(BtfAttach::StructOps),
            (ProgramType::LSM, _) => Some(BtfAttach::Lsm),
            (ProgramType::TRACING, Some(attach_type)) => match attach_type {
                AttachType::TRACE_RAW_TP => Some(BtfAttach::RawTracepoint),
                AttachType::TRACE_ITER => Some(BtfAttach::Iterator),
                AttachType::TRACE_FENTRY_MULTI
                | AttachType::TRACE_FEXIT_MULTI
                | AttachType::TRACE_FSESSION_MULTI => None,
                _ => Some(BtfAttach::Function),
            },
            _ => None,
        }
    }

    /// What the kernel puts before the name that users write.
    pub fn name_prefix(self) -> &'static str {
        match self {
            BtfAttach::RawTracepoint => "btf_trace_",
            BtfAttach::Lsm => "bpf_lsm_",
            BtfAttach::Iterator => "bpf_iter_",
            BtfAttach::Function | BtfAttach::Program | BtfAttach::StructOps => "",
        }
    }
}

impl fmt::Display for BtfAttach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BtfAttach::Function => "kernel function",
            BtfAttach::RawTracepoint => "tracepoint",
            BtfAttach::Lsm => "security hook",
            BtfAttach::Iterator => "iterator",
            BtfAttach::Program => "function of a loaded program",
            BtfAttach::StructOps => "callback of a struct_ops structure",
        })
    }
}

#[cfg(test)]
mod tests;
