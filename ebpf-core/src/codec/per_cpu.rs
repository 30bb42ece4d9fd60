//! The buffers of per-CPU maps: one value for every possible CPU, each rounded up to 8 bytes.

use super::{CodecError, flexible_uint};

/// Bytes from one CPU's value to the next: `value_size` rounded up to 8. `None` if that is more than a `usize`.
///
/// The kernel copies the rounded size (`bpf_percpu_array_copy`, `bpf_percpu_hash_copy`), so a buffer for N CPUs has
/// N strides whatever the value size.
#[must_use]
pub const fn percpu_stride(value_size: usize) -> Option<usize> {
    value_size.checked_next_multiple_of(8)
}

/// The value of every CPU in `buffer`, in order, without the padding between them.
///
/// # Errors
/// [`CodecError::PerCpuSize`] for a value size of zero or one that cannot be rounded up, [`CodecError::PerCpuLength`] if
/// `buffer` is no whole number of strides.
pub fn percpu_values(
    buffer: &[u8],
    value_size: usize,
) -> Result<impl ExactSizeIterator<Item = &[u8]>, CodecError> {
    let stride = percpu_stride(value_size).filter(|&stride| stride != 0);
    let stride = stride.ok_or(CodecError::PerCpuSize { value_size })?;
    let slots = buffer.chunks_exact(stride);
    if !slots.remainder().is_empty() {
        return Err(CodecError::PerCpuLength {
            length: buffer.len(),
            stride,
        });
    }
    Ok(slots.map(move |slot| slot.get(..value_size).unwrap_or(slot)))
}

/// The sum over all CPUs of values that are unsigned integers of 1 to 8 bytes. It wraps at 64 bits, as counters do.
///
/// # Errors
/// As [`percpu_values`], and [`CodecError::IntegerWidth`] for values of more than 8 bytes.
pub fn percpu_sum(buffer: &[u8], value_size: usize) -> Result<u64, CodecError> {
    percpu_values(buffer, value_size)?.try_fold(0_u64, |sum, value| {
        Ok(sum.wrapping_add(flexible_uint(value)?))
    })
}

/// The buffer that gives `value` to each of `cpus` CPUs.
///
/// # Errors
/// [`CodecError::PerCpuSize`] for an empty value, or if the buffer would be more than a `usize` can count.
pub fn percpu_replicate(value: &[u8], cpus: usize) -> Result<Vec<u8>, CodecError> {
    let too_large = CodecError::PerCpuSize {
        value_size: value.len(),
    };
    let stride = percpu_stride(value.len())
        .filter(|&stride| stride != 0)
        .ok_or(too_large.clone())?;
    stride
        .checked_mul(cpus)
        .filter(|&length| isize::try_from(length).is_ok())
        .ok_or(too_large)?;
    let mut slot = value.to_vec();
    slot.resize(stride, 0);
    Ok(slot.repeat(cpus))
}
