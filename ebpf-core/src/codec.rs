//! Byte layout helpers: byte order, C strings, per-CPU buffers, flexible integers and LPM keys.
//!
//! Everything here is plain arithmetic on slices: no descriptor, no operating system, no panic. Map keys and values are
//! in the byte order of the running machine, which is also that of its kernel.

mod endian;
mod flexible;
mod lpm;
mod per_cpu;
#[cfg(test)]
mod tests;
mod text;

pub use endian::Endian;
pub use flexible::{flexible_bytes, flexible_uint};
pub use lpm::{Cidr, LpmKey, LpmKeyV4, LpmKeyV6, lpm_key_bytes};
pub use per_cpu::{percpu_replicate, percpu_stride, percpu_sum, percpu_values};
pub use text::{c_bytes, c_str, exact_bytes, fixed_bytes, fixed_str};

/// A value that has no form in the bytes asked for, or bytes that are no such value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// An integer that needs more bytes than there are.
    #[error("{value} does not fit an integer of {width} bytes")]
    IntegerRange {
        /// The value.
        value: i128,
        /// Bytes of the key or value.
        width: usize,
    },
    /// Bytes too many for an integer of 64 bits.
    #[error(
        "{width} bytes are more than the 8 of the widest integer: read them as bytes or as a struct"
    )]
    IntegerWidth {
        /// Bytes of the key or value.
        width: usize,
    },
    /// Text or bytes longer than their place.
    #[error("{length} bytes are longer than the {width} of the key or value")]
    TooLong {
        /// Bytes given.
        length: usize,
        /// Bytes of the key or value.
        width: usize,
    },
    /// A structure of another size than its place.
    #[error("a structure of {size} bytes is not a key or value of {width}")]
    StructSize {
        /// Bytes of the structure.
        size: usize,
        /// Bytes of the key or value.
        width: usize,
    },
    /// Text with a NUL byte, which would end it for every reader of C strings.
    #[error("the text has a NUL byte at {position}, where a C program would see its end")]
    InteriorNul {
        /// Place of the first one.
        position: usize,
    },
    /// A per-CPU buffer that is not a whole number of values, each rounded up to 8 bytes.
    #[error("{length} bytes are not a whole number of per-CPU values of {stride} bytes each")]
    PerCpuLength {
        /// Bytes of the buffer.
        length: usize,
        /// Bytes from one CPU's value to the next.
        stride: usize,
    },
    /// A size that has no per-CPU layout: zero, or too large to round up.
    #[error("values of {value_size} bytes have no per-CPU layout")]
    PerCpuSize {
        /// The size.
        value_size: usize,
    },
    /// A prefix longer than the address.
    #[error("prefix length {prefix_len} is more than the {bits} bits of the address")]
    PrefixLength {
        /// The prefix length.
        prefix_len: u32,
        /// Bits of the address.
        bits: u32,
    },
    /// Text that is no address and no `address/prefix`.
    #[error("`{text}` is no {expected}, alone or with `/` and a prefix length")]
    Cidr {
        /// The text.
        text: String,
        /// What kind of address was expected.
        expected: &'static str,
    },
    /// A key too small for a prefix length and the address.
    #[error(
        "a longest-prefix key of {key_size} bytes cannot hold {needed}: 4 of prefix length and the address"
    )]
    LpmKeySize {
        /// Bytes of the map's key.
        key_size: usize,
        /// Bytes needed.
        needed: usize,
    },
}
