//! BTF, the type information that compilers put into objects and the kernel carries of itself.
//!
//! [`Btf`] keeps the bytes it was given and one index of where each type starts; everything else is decoded when asked
//! for, as small borrowing views. That makes the 5 MB of a whole kernel ready to answer in under a millisecond.
//!
//! ```
//! use ebpf_core::btf::{Btf, BtfBuilder, IntEncoding, Kind, MemberSpec, TypeId};
//!
//! let mut builder = BtfBuilder::new();
//! let int = builder.int("int", 4, IntEncoding::SIGNED);
//! let buffer = builder.array(int, int, 4);
//! builder.structure("event", 20, &[MemberSpec::new("pid", int, 0), MemberSpec::new("data", buffer, 4)]);
//! let bytes = builder.build()?.to_bytes().to_vec();
//!
//! let btf = Btf::parse(bytes)?;
//! let event = btf.find("event", Kind::STRUCT).expect("just built");
//! assert_eq!(btf.size_of(event)?, 20);
//! assert_eq!(btf.fields(event)?[1].name, "data");
//! assert_eq!(btf.type_name(buffer), "int[4]");
//! # Ok::<(), ebpf_core::btf::BtfError>(())
//! ```
//!
//! The format is described in the kernel's Documentation/bpf/btf.rst and `linux/btf.h`. Kinds up to
//! [`Kind::LOCSEC`] are known by name; a newer one is skipped when the file describes its layout.

mod c_header;
mod core_reloc;
mod edit;
mod error;
mod ext;
mod kind;
mod names;
mod parse;
mod print;
mod query;
mod sanitize;
mod types;
mod value;
mod views;
mod write;

pub use core_reloc::{AccessPath, CoreReloc, CoreRelocKind};
pub use error::{BtfError, BtfErrorKind, BtfSection};
pub use ext::{BtfExt, ExtRecord, ExtSection, FuncInfo, LineInfo};
pub use kind::{FuncLinkage, FwdKind, IntEncoding, Kind, LocParamFlags, TypeId, VarLinkage};
pub use parse::Btf;
pub use query::Field;
pub use sanitize::BtfFeatures;
pub use types::{BtfType, Type};
pub use value::Value;
pub use views::{
    Array, Composite, DataSec, DeclTag, Enum, Enumerator, Func, FuncProto, Int, LocParam, LocProto,
    LocSec, Location, Member, Param, Var, VarSecInfo,
};
pub use write::{BtfBuilder, MemberSpec};

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
