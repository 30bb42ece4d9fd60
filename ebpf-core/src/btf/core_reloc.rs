//! CO-RE relocations as data: which instruction wants to know what of which type of the running kernel.

use std::fmt;
use std::str::FromStr;

use super::{Btf, BtfError, BtfErrorKind, BtfSection, TypeId};

open_enum! {
    /// What a CO-RE relocation asks. `enum bpf_core_relo_kind` in `linux/bpf.h`; the names are libbpf's.
    pub struct CoreRelocKind: "CO-RE relocation" {
        /// Where the field starts, in bytes.
        FIELD_BYTE_OFFSET = 0, "BPF_CORE_FIELD_BYTE_OFFSET", "byte_off";
        /// How many bytes the field has.
        FIELD_BYTE_SIZE = 1, "BPF_CORE_FIELD_BYTE_SIZE", "byte_sz";
        /// Whether the field exists.
        FIELD_EXISTS = 2, "BPF_CORE_FIELD_EXISTS", "field_exists";
        /// Whether the field is signed.
        FIELD_SIGNED = 3, "BPF_CORE_FIELD_SIGNED", "signed";
        /// By how many bits to shift left to get at a bit-field that was read into 64 bits.
        FIELD_LSHIFT_U64 = 4, "BPF_CORE_FIELD_LSHIFT_U64", "lshift_u64";
        /// By how many bits to shift right after that.
        FIELD_RSHIFT_U64 = 5, "BPF_CORE_FIELD_RSHIFT_U64", "rshift_u64";
        /// The number of the type in the object's BTF.
        TYPE_ID_LOCAL = 6, "BPF_CORE_TYPE_ID_LOCAL", "local_type_id";
        /// The number of the type in the kernel's BTF.
        TYPE_ID_TARGET = 7, "BPF_CORE_TYPE_ID_TARGET", "target_type_id";
        /// Whether the type exists.
        TYPE_EXISTS = 8, "BPF_CORE_TYPE_EXISTS", "type_exists";
        /// How many bytes the type has.
        TYPE_SIZE = 9, "BPF_CORE_TYPE_SIZE", "type_size";
        /// Whether the enumeration has the name.
        ENUMVAL_EXISTS = 10, "BPF_CORE_ENUMVAL_EXISTS", "enumval_exists";
        /// The value that the enumeration gives the name.
        ENUMVAL_VALUE = 11, "BPF_CORE_ENUMVAL_VALUE", "enumval_value";
        /// Whether the type exists and looks alike.
        TYPE_MATCHES = 12, "BPF_CORE_TYPE_MATCHES", "type_matches";
    }
}

/// One CO-RE relocation. `struct bpf_core_relo` in `linux/bpf.h`.
#[doc(alias = "bpf_core_relo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreReloc {
    /// Bytes from the start of the section to the instruction.
    pub insn_off: u32,
    /// The type that the path starts from, in the object's BTF.
    pub type_id: TypeId,
    /// The offset of the path, a text, in the strings of the object's BTF.
    pub access_str_off: u32,
    /// What is asked.
    pub kind: CoreRelocKind,
}

impl CoreReloc {
    /// The path as a text, like "0:1:2"; empty when there is none that can be read.
    pub fn access_str<'a>(&self, btf: &'a Btf) -> &'a str {
        btf.string(self.access_str_off).unwrap_or_default()
    }

    /// The path.
    ///
    /// # Errors
    /// [`BtfErrorKind::BadAccess`].
    pub fn access(&self, btf: &Btf) -> Result<AccessPath, BtfError> {
        self.access_str(btf).parse()
    }
}

/// The way from a type to one of its parts: which element of an imagined array, then which member or element, and so
/// on. For a question about a type it is just 0, for one about an enumeration the place of the name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccessPath(Vec<u32>);

impl AccessPath {
    /// How many steps a path has at most.
    #[doc(alias = "BPF_CORE_SPEC_MAX_LEN")]
    pub const MAX_STEPS: usize = 64;

    /// The steps; there is at least one.
    pub fn steps(&self) -> &[u32] {
        &self.0
    }
}

impl FromStr for AccessPath {
    type Err = BtfError;

    fn from_str(text: &str) -> Result<Self, BtfError> {
        let step = |step: &str| match step.bytes().all(|byte| byte.is_ascii_digit()) {
            true => step.parse().ok(),
            false => None,
        };
        let steps = text
            .split(':')
            .take(Self::MAX_STEPS + 1)
            .map(step)
            .collect::<Option<Vec<u32>>>();
        match steps {
            Some(steps) if steps.len() <= Self::MAX_STEPS => Ok(Self(steps)),
            _ => {
                let text = text.chars().take(80).collect();
                Err(BtfError::new(
                    BtfSection::Ext,
                    0,
                    BtfErrorKind::BadAccess { text },
                ))
            }
        }
    }
}

impl fmt::Display for AccessPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(":")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}
