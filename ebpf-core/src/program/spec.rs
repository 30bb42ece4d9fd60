//! What a program is to be: plain data that can be edited before a system loads it.

use std::sync::Arc;

use super::{AttachType, LogLevel, ProgramProblem, ProgramType};
use crate::btf::{Btf, TypeId};
use crate::insn::Insn;
use crate::system::Bindings;

flags! {
    /// How a program is loaded.
    ///
    /// The `BPF_F_*` constants of `BPF_PROG_LOAD` in include/uapi/linux/bpf.h.
    pub struct ProgramFlags: u32 {
        /// No flag.
        NONE = 0, "0";
        /// Misaligned access is refused on every machine. Since Linux 4.12.
        STRICT_ALIGNMENT = 1 << 0, "BPF_F_STRICT_ALIGNMENT";
        /// Misaligned access is allowed on every machine. Since Linux 5.0.
        ANY_ALIGNMENT = 1 << 1, "BPF_F_ANY_ALIGNMENT";
        /// For tests of the kernel: random upper halves. Since Linux 5.3.
        TEST_RND_HI32 = 1 << 2, "BPF_F_TEST_RND_HI32";
        /// For tests of the kernel: states are compared often. Since Linux 5.4.
        TEST_STATE_FREQ = 1 << 3, "BPF_F_TEST_STATE_FREQ";
        /// The program may sleep. Since Linux 5.10.
        SLEEPABLE = 1 << 4, "BPF_F_SLEEPABLE";
        /// An XDP program that takes packets in several fragments. Since Linux 5.18.
        XDP_HAS_FRAGS = 1 << 5, "BPF_F_XDP_HAS_FRAGS";
        /// An XDP program bound to one device without being offloaded. Since Linux 6.3.
        XDP_DEV_BOUND_ONLY = 1 << 6, "BPF_F_XDP_DEV_BOUND_ONLY";
        /// For tests of the kernel: register invariants are errors. Since Linux 6.8.
        TEST_REG_INVARIANTS = 1 << 7, "BPF_F_TEST_REG_INVARIANTS";
    }
}

/// What a program is to be.
///
/// Plain, editable data: the instructions of the program and of every function it calls, and what they refer to by
/// name. No descriptor, no kernel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProgramSpec {
    /// The name: the C function's, of any length; the kernel keeps the first 15 bytes.
    pub name: String,
    /// The section it came from, as written, such as `?xdp.frags/eth0`; empty for a program made by hand.
    pub section: String,
    /// The type; [`ProgramType::UNSPEC`] when the section name tells none.
    pub program_type: ProgramType,
    /// The hook it is meant for, where its type has several.
    pub expected_attach_type: Option<AttachType>,
    /// What the section name says it attaches to: a function, a tracepoint, an LSM hook.
    pub attach_to: Option<String>,
    /// Flags of its loading.
    pub flags: ProgramFlags,
    /// The licence; empty when the object has none, which the kernel takes as not GPL-compatible.
    pub license: Arc<str>,
    /// The kernel release it was built for, as `LINUX_VERSION_CODE`; only kernels before 5.0 look at it.
    pub kernel_version: u32,
    /// The interface it is bound or offloaded to, 0 for none.
    pub ifindex: u32,
    /// The instructions: the program's own, then those of each function that it calls. Calls between them are resolved;
    /// what [`references`](Self::references) names is not.
    pub instructions: Vec<Insn>,
    /// The functions in [`instructions`](Self::instructions), in order; the first is the program itself.
    ///
    /// Their types and the source lines are not worth a refusal: a system that does not take them loads the program without,
    /// and its [`dump`](super::Program::dump) has none. (The kernel wants types of all functions, a line at the start of each
    /// and none without functions.)
    pub functions: Vec<Function>,
    /// Which instructions refer to something that only a system can resolve, by ascending instruction.
    pub references: Vec<Reference>,
    /// The maps it refers to, by name, each once.
    pub maps: Vec<Arc<str>>,
    /// The extern symbols it refers to, each once.
    pub externs: Vec<Extern>,
    /// Source positions, by ascending instruction.
    pub lines: Vec<LineRecord>,
    /// The CO-RE relocations it needs, by ascending instruction.
    pub core_relocations: Vec<CoreReference>,
    /// The types that functions, lines and relocations refer to.
    pub btf: Option<Arc<Btf>>,
    /// Whether it is loaded only when asked for: its section name begins with `?`.
    pub optional: bool,
    /// How much the verifier writes.
    pub log_level: LogLevel,
}

impl ProgramSpec {
    /// A program of this type made of these instructions, with no licence and nothing it refers to.
    pub fn new(
        name: impl Into<String>,
        program_type: ProgramType,
        instructions: Vec<Insn>,
    ) -> ProgramSpec {
        let name = name.into();
        ProgramSpec {
            functions: vec![Function {
                name: name.as_str().into(),
                start: 0,
                type_id: None,
            }],
            name,
            section: String::new(),
            program_type,
            expected_attach_type: None,
            attach_to: None,
            flags: ProgramFlags::NONE,
            license: "".into(),
            kernel_version: 0,
            ifindex: 0,
            instructions,
            references: Vec::new(),
            maps: Vec::new(),
            externs: Vec::new(),
            lines: Vec::new(),
            core_relocations: Vec::new(),
            btf: None,
            optional: false,
            log_level: LogLevel::OnRefusal,
        }
    }

    /// What every system refuses in this spec before it looks at the instructions; `None` when nothing is wrong.
    pub fn problem(&self, bindings: &Bindings<'_>) -> Option<ProgramProblem> {
        if self.program_type == ProgramType::UNSPEC {
            return Some(ProgramProblem::NoType {
                section: self.section.as_str().into(),
            });
        }
        if self.instructions.is_empty() {
            return Some(ProgramProblem::Empty);
        }
        if self.name.contains('\0') || self.license.contains('\0') {
            return Some(ProgramProblem::NameHasNul);
        }
        if let Some(first) = self.core_relocations.first() {
            return Some(ProgramProblem::NeedsCoRe {
                count: self.core_relocations.len(),
                first: first.instruction,
            });
        }
        let bound = [
            ProgramType::TRACING,
            ProgramType::LSM,
            ProgramType::EXT,
            ProgramType::STRUCT_OPS,
        ];
        if bound.contains(&self.program_type) && bindings.attach_btf.is_none() {
            let what = match &self.attach_to {
                Some(name) => format!("`{name}` in the BTF of the kernel or of another program"),
                None => "a type in the BTF of the kernel or of another program".to_owned(),
            };
            return Some(ProgramProblem::NoTarget {
                program_type: self.program_type,
                what: what.into(),
            });
        }
        None
    }

    /// The same with this licence.
    #[must_use]
    pub fn with_license(mut self, license: &str) -> ProgramSpec {
        self.license = license.into();
        self
    }

    /// The place of a map in [`maps`](Self::maps), where it is added if it is not there yet.
    pub fn map_index(&mut self, name: &str) -> usize {
        if let Some(index) = self.maps.iter().position(|map| &**map == name) {
            return index;
        }
        self.maps.push(name.into());
        self.maps.len() - 1
    }

    /// Bytes of the instructions: 8 for each.
    pub fn size(&self) -> usize {
        self.instructions.len() * 8
    }
}

/// A function among a program's instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: Arc<str>,
    /// Its first instruction.
    pub start: u32,
    /// Its type in the program's BTF, where there is one.
    pub type_id: Option<TypeId>,
}

/// An instruction that refers to something that only a system can resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The instruction's index.
    pub instruction: u32,
    /// What it refers to.
    pub referent: Referent,
}

/// What an instruction refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Referent {
    /// A map: a wide load gets its address.
    #[doc(alias = "BPF_PSEUDO_MAP_FD")]
    Map {
        /// Its place in [`ProgramSpec::maps`].
        map: usize,
    },
    /// A place in the first value of an array: a global variable.
    #[doc(alias = "BPF_PSEUDO_MAP_VALUE")]
    MapValue {
        /// Its place in [`ProgramSpec::maps`].
        map: usize,
        /// Bytes from the start of the value.
        offset: u32,
    },
    /// An extern: a wide load gets the variable's address, a call calls the kernel's function.
    #[doc(alias = "BPF_PSEUDO_BTF_ID")]
    #[doc(alias = "BPF_PSEUDO_KFUNC_CALL")]
    Extern {
        /// Its place in [`ProgramSpec::externs`].
        index: usize,
    },
}

/// A symbol that the kernel is to provide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extern {
    /// Its name, without a `___flavour` suffix.
    pub name: Arc<str>,
    /// What it is.
    pub kind: ExternKind,
    /// Whether the kernel may lack it.
    pub weak: bool,
    /// Its type in the program's BTF; `None` for a symbol without one (`extern const void name __ksym`).
    pub type_id: Option<TypeId>,
}

/// What kind of symbol the kernel is to provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExternKind {
    /// A variable of the kernel (`__ksym`).
    Variable,
    /// A function that programs may call (kfunc).
    Function,
}

/// The source position of an instruction, as `.BTF.ext` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "bpf_line_info")]
pub struct LineRecord {
    /// The first instruction of the position.
    pub instruction: u32,
    /// The file's name, an offset into the strings of the program's BTF.
    pub file_name: u32,
    /// The line's text, an offset into the strings of the program's BTF.
    pub text: u32,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; 0 for unknown.
    pub column: u32,
}

/// A CO-RE relocation that an instruction needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "bpf_core_relo")]
pub struct CoreReference {
    /// The instruction.
    pub instruction: u32,
    /// The type that is accessed, in the program's BTF.
    pub type_id: TypeId,
    /// Which part of it, an offset into the strings of the program's BTF (`0:1:2`).
    pub access: u32,
    /// What is asked of it, a `bpf_core_relo_kind`.
    pub kind: u32,
}
