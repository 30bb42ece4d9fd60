//! BTF, the type information that compilers put into objects and the kernel carries of itself.
//!
//! [`Btf`] keeps the bytes it was given and one index of where each type starts; everything else is decoded when asked
//! for, as small borrowing views. That makes the 5 MB of a whole kernel ready to answer in under a millisecond.
//!
//! The format is described in the kernel's Documentation/bpf/btf.rst and `linux/btf.h`. Kinds up to those of Linux 7
//! ([`Kind::LOCSEC`]) are known by name; a newer one is skipped when the file describes its layout.

mod error;
mod kind;
mod names;
mod parse;
mod print;
mod query;
mod types;

pub use error::{BtfError, BtfErrorKind, BtfSection};
pub use kind::{FuncLinkage, FwdKind, IntEncoding, Kind, LocParamFlags, TypeId, VarLinkage};
pub use parse::Btf;
pub use query::Field;
pub use types::{
    Array, BtfType, Composite, DataSec, DeclTag, Enum, Enumerator, Func, FuncProto, Int, LocParam,
    LocProto, LocSec, Location, Member, Param, Type, Var, VarSecInfo,
};

/// The number at the start of `.BTF` and `.BTF.ext`, in the byte order of the file.
#[doc(alias = "BTF_MAGIC")]
pub const MAGIC: u16 = 0xeb9f;

/// How many types may be followed from one to the next before giving up: the kernel's and libbpf's limit, and what
/// keeps a cycle from being endless.
#[doc(alias = "MAX_RESOLVE_DEPTH")]
pub const MAX_DEPTH: usize = 32;

/// The longest string that is read, in bytes without its NUL. The kernel takes names of up to 511 bytes; source lines
/// and mangled names can be longer.
pub const MAX_STRING: usize = 0xffff;

#[cfg(test)]
mod tests;
