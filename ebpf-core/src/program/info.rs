//! What is known of a program that is loaded.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{ProgramType, VerifierLog};
use crate::btf::TypeId;
use crate::map::MapId;

/// The number by which a system knows a program while it exists. Since Linux 4.13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramId(pub u32);

impl fmt::Display for ProgramId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A digest of a program's instructions (map references excluded), printed as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[doc(alias = "BPF_TAG_SIZE")]
pub struct ProgramTag(pub [u8; 8]);

impl fmt::Display for ProgramTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for ProgramTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What cannot change while a program exists.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "bpf_prog_info")]
pub struct ProgramInfo {
    /// The id; 0 where the system does not tell (Linux before 4.13).
    pub id: ProgramId,
    /// The full name from its spec; for a program opened by id, path or descriptor the kernel's, cut to 15 bytes.
    pub name: Arc<str>,
    /// The type.
    pub program_type: ProgramType,
    /// The digest of its instructions.
    pub tag: ProgramTag,
    /// Bytes of machine code; 0 where it is interpreted or the system does not tell.
    pub jited_bytes: u32,
    /// Bytes of instructions after the verifier's rewriting.
    pub translated_bytes: u32,
    /// Instructions that the verifier walked. Since Linux 5.16, else 0.
    pub verified_instructions: u32,
    /// When it was loaded, since boot: [`Clock::wall_of_boot`](crate::system::Clock::wall_of_boot) makes it a date.
    pub loaded_at: Duration,
    /// Who loaded it.
    pub created_by_uid: u32,
    /// The maps it uses.
    pub map_ids: Vec<MapId>,
    /// Whether its licence allows GPL-only helpers.
    pub gpl_compatible: bool,
    /// The BTF object that describes it, 0 for none.
    pub btf_id: u32,
    /// The function or type that it is tied to (fentry, LSM, freplace, struct_ops), by BTF object and type in there; 0 for
    /// none. The object is that of the kernel, of a module or of another program. Since Linux 6.0.
    pub attach_btf: (u32, TypeId),
    /// The network namespace of the interface it is offloaded to, by device and inode number; 0 for none.
    pub netns: (u64, u64),
    /// The interface it is offloaded to, 0 for none.
    pub ifindex: u32,
    /// What the verifier wrote when this process loaded it, as [`ProgramSpec::log_level`](super::ProgramSpec::log_level)
    /// asked for; empty otherwise.
    pub verifier_log: VerifierLog,
}

impl ProgramInfo {
    /// What is known of a program of which only this is known. For implementors, who fill in the rest.
    pub fn new(id: ProgramId, name: impl Into<Arc<str>>, program_type: ProgramType) -> ProgramInfo {
        ProgramInfo {
            id,
            name: name.into(),
            program_type,
            tag: ProgramTag::default(),
            jited_bytes: 0,
            translated_bytes: 0,
            verified_instructions: 0,
            loaded_at: Duration::ZERO,
            created_by_uid: 0,
            map_ids: Vec::new(),
            gpl_compatible: false,
            btf_id: 0,
            attach_btf: (0, TypeId::VOID),
            netns: (0, 0),
            ifindex: 0,
            verifier_log: VerifierLog::default(),
        }
    }
}

/// What changes while a program exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgramStats {
    /// How long it ran in all; counted only while statistics are enabled.
    pub run_time: Duration,
    /// How often it ran; counted only while statistics are enabled.
    pub run_count: u64,
    /// How often it was skipped because it was running already on that CPU.
    pub recursion_misses: u64,
    /// Bytes of memory charged for it, where the system tells.
    pub memory_bytes: Option<u64>,
}

impl ProgramStats {
    /// Statistics of a program that never ran.
    pub fn new() -> ProgramStats {
        ProgramStats::default()
    }
}
