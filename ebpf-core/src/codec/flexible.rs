//! Integers in keys and values of any width, for code that knows a map only by its sizes.

use super::{CodecError, Endian};

/// Bytes of the widest integer read or written.
const MAX: usize = size_of::<u64>();

/// The unsigned integer that `bytes` are, in the machine's byte order; 0 for no bytes.
///
/// # Errors
/// [`CodecError::IntegerWidth`] for more than 8 bytes, which would lose some.
pub fn flexible_uint(bytes: &[u8]) -> Result<u64, CodecError> {
    let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if bytes.len() > MAX {
        return Err(CodecError::IntegerWidth { width: bytes.len() });
    }
    Ok(match Endian::NATIVE {
        Endian::Little => bytes.iter().rev().fold(0, fold),
        Endian::Big => bytes.iter().fold(0, fold),
    })
}

/// `value` as an integer of `width` bytes in the machine's byte order.
///
/// Negative values are two's complement with their sign extended over the whole width, so −1 in 4 bytes is
/// `ff ff ff ff`. 0 fits 0 bytes.
///
/// # Errors
/// [`CodecError::IntegerRange`] if neither the unsigned nor the signed integer of that width has the value.
pub fn flexible_bytes(value: impl Into<i128>, width: usize) -> Result<Vec<u8>, CodecError> {
    let value = value.into();
    let sign = if value < 0 { 0xff } else { 0 };
    let mut bytes = value.to_le_bytes().to_vec();
    let lost = bytes
        .get(width..)
        .unwrap_or_default()
        .iter()
        .any(|&byte| byte != sign);
    bytes.resize(width, sign);
    let sign_lost = value < 0 && bytes.last().is_none_or(|&byte| byte < 0x80);
    if lost || sign_lost {
        return Err(CodecError::IntegerRange { value, width });
    }
    if Endian::NATIVE == Endian::Big {
        bytes.reverse();
    }
    Ok(bytes)
}
