//! Object files: bytes in, a plan out. No I/O, no clock, no system: the same bytes give the same plan on every machine.
//!
//! [`ObjectSpec::parse`] reads what `clang -target bpf -c` writes, of either byte order and of any release: legacy and
//! BTF-defined maps, several programs in a section, functions called across sections, callbacks, global variables,
//! configuration values and kernel symbols. What it does not decide is left as data: which map an instruction means, which
//! kernel symbol, which CO-RE relocation.
//!
//! No input makes it panic or hang, or allocate more than a small multiple of its size: sections may not lie on each
//! other, names may not add up to more than four times the file, and what programs have in common is copied for each of
//! them only up to a limit of instructions.

#![forbid(unsafe_code)]

mod adjust;
mod allowance;
mod btf_map;
mod code;
mod data;
mod elf;
mod error;
mod externs;
mod legacy_map;
mod link;
mod parse;
mod records;
mod spec;
mod struct_ops;
mod text;
mod types;

pub use error::{MapProblem, ParseError, ParseErrorKind};
pub use parse::ReadError;
pub use spec::{KconfigExtern, KconfigType, Note, ObjectSpec, Variable, VariableError};

/// A name without what follows three underscores, which only tells variants of one thing apart.
fn without_flavour(name: &str) -> &str {
    match name.find("___") {
        Some(at @ 1..) => name.split_at(at).0,
        _ => name,
    }
}

#[cfg(test)]
mod tests;
