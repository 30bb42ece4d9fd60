//! C strings in fixed places.

use std::borrow::Cow;

use super::CodecError;

/// The bytes before the first NUL; all of them if there is none.
#[must_use]
pub fn c_bytes(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

/// The text before the first NUL, or the whole if there is none; what is no UTF-8 shows as `U+FFFD`.
#[must_use]
pub fn c_str(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(c_bytes(bytes))
}

/// `bytes` and zeros up to `width`.
///
/// # Errors
/// [`CodecError::TooLong`] if they are more than `width`.
pub fn fixed_bytes(bytes: &[u8], width: usize) -> Result<Vec<u8>, CodecError> {
    if bytes.len() > width {
        return Err(CodecError::TooLong {
            length: bytes.len(),
            width,
        });
    }
    let mut fixed = bytes.to_vec();
    fixed.resize(width, 0);
    Ok(fixed)
}

/// `text` and NULs up to `width`. Text of exactly that length is stored without one, as C's `strncpy` does.
///
/// # Errors
/// [`CodecError::TooLong`] if the text has more than `width` bytes, [`CodecError::InteriorNul`] if it has a NUL itself.
pub fn fixed_str(text: &str, width: usize) -> Result<Vec<u8>, CodecError> {
    match text.bytes().position(|byte| byte == 0) {
        Some(position) => Err(CodecError::InteriorNul { position }),
        None => fixed_bytes(text.as_bytes(), width),
    }
}

/// The bytes of a structure, which has to be as long as its place.
///
/// # Errors
/// [`CodecError::StructSize`] if it is not.
pub fn exact_bytes(bytes: &[u8], width: usize) -> Result<Vec<u8>, CodecError> {
    let size = bytes.len();
    if size != width {
        return Err(CodecError::StructSize { size, width });
    }
    Ok(bytes.to_vec())
}
