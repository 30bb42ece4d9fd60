//! A header in C with the types of a kernel or of an object.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::btf::{Btf, BtfError};
use ebpf_core::object::ObjectSpec;

/// The types of the kernel that runs.
pub const KERNEL: &str = "/sys/kernel/btf/vmlinux";

/// Why there is no header.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// A file could not be read.
    #[error("read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file has no types that can be read.
    #[error("{}: {source}", file.display())]
    Types {
        /// The file.
        file: PathBuf,
        /// Why.
        source: BtfError,
    },
    /// A file is neither BTF nor an object.
    #[error("{}: {source}", file.display())]
    Object {
        /// The file.
        file: PathBuf,
        /// Why.
        source: Box<ebpf_core::object::ParseError>,
    },
    /// An object was compiled without `-g`.
    #[error("{} has no BTF: it was compiled without -g, or BTF was taken out", file.display())]
    NoTypes {
        /// The file.
        file: PathBuf,
    },
}

/// The types of a file: BTF as the kernel has it below /sys/kernel/btf, or an object. `base` is what the BTF of a
/// module adds to; for the files of that directory it is the kernel's.
///
/// # Errors
/// [`HeaderError`]
pub fn types_of(file: &Path, base: Option<&Path>) -> Result<Btf, HeaderError> {
    let bytes = std::fs::read(file).map_err(|source| HeaderError::Read {
        file: file.to_owned(),
        source,
    })?;
    let bad = |source| HeaderError::Types {
        file: file.to_owned(),
        source,
    };
    if bytes.starts_with(b"\x7fELF") {
        let object = ObjectSpec::parse(&bytes).map_err(|source| HeaderError::Object {
            file: file.to_owned(),
            source: Box::new(source),
        })?;
        return object
            .btf
            .map(Arc::unwrap_or_clone)
            .ok_or_else(|| HeaderError::NoTypes {
                file: file.to_owned(),
            });
    }
    let kernel = Path::new(KERNEL);
    let of_module = file.parent() == kernel.parent() && file != kernel;
    match base.or_else(|| of_module.then_some(kernel)) {
        Some(base) => Btf::parse_split(bytes, Arc::new(types_of(base, None)?)).map_err(bad),
        None => Btf::parse(bytes).map_err(bad),
    }
}
