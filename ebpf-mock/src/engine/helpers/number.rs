//! Numbers in text: `bpf_strtol()` and `bpf_strtoul()`, `__bpf_strtoull()` in kernel/bpf/helpers.c.

use ebpf_core::Errno;

use super::format::is_space;

/// The bits of the flags that say the base.
const BASE: u64 = 0x1f;
/// The most bytes of a number that are looked at.
const MOST: usize = 63;

/// The number at the start of text, and how many bytes it took.
///
/// # Errors
/// `EINVAL` where there is none, `ERANGE` where it does not fit.
pub(crate) fn signed(text: &[u8], flags: u64) -> Result<(i64, usize), Errno> {
    let (negative, number, taken) = parse(text, flags)?;
    let number = if negative {
        0i64.checked_sub_unsigned(number)
    } else {
        i64::try_from(number).ok()
    };
    Ok((number.ok_or(Errno::ERANGE)?, taken))
}

/// The same without a sign.
pub(crate) fn unsigned(text: &[u8], flags: u64) -> Result<(u64, usize), Errno> {
    match parse(text, flags)? {
        (true, _, _) => Err(Errno::EINVAL),
        (false, number, taken) => Ok((number, taken)),
    }
}

/// Whether it is negative, the number, and how many bytes it took.
fn parse(text: &[u8], flags: u64) -> Result<(bool, u64, usize), Errno> {
    let mut base = flags & BASE;
    if !matches!(base, 0 | 8 | 10 | 16) || flags & !BASE != 0 {
        return Err(Errno::EINVAL);
    }
    let spaces = text.iter().take_while(|byte| is_space(**byte)).count();
    let rest = text.get(spaces..).unwrap_or_default();
    let negative = rest.first() == Some(&b'-');
    let before = spaces + usize::from(negative);
    let rest = text.get(before..).unwrap_or_default();
    if rest.is_empty() {
        return Err(Errno::EINVAL);
    }
    let rest = rest.get(..MOST).unwrap_or(rest);
    let is_hex = matches!(rest, [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit());
    if base == 0 {
        base = match rest.first() {
            Some(b'0') if is_hex => 16,
            Some(b'0') => 8,
            _ => 10,
        };
    }
    let prefix = if base == 16 && matches!(rest, [b'0', b'x' | b'X', ..]) {
        2
    } else {
        0
    };
    let digits = rest.get(prefix..).unwrap_or_default();
    let mut number = Some(0u64);
    let mut taken = 0;
    for digit in digits
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(base as u32))
    {
        let next = |number: u64| number.checked_mul(base)?.checked_add(u64::from(digit));
        number = number.and_then(next);
        taken += 1;
    }
    let number = number.ok_or(Errno::ERANGE)?;
    if taken == 0 {
        return Err(Errno::EINVAL);
    }
    Ok((negative, number, before + prefix + taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_every_base() {
        assert_eq!(signed(b"  -42 rest", 0), Ok((-42, 5)));
        assert_eq!(signed(b"0x1f", 0), Ok((31, 4)));
        assert_eq!(signed(b"0x1f", 16), Ok((31, 4)));
        assert_eq!(signed(b"0x1f", 10), Ok((0, 1)));
        assert_eq!(unsigned(b"017\0", 0), Ok((15, 3)));
        assert_eq!(unsigned(b"18446744073709551615", 0), Ok((u64::MAX, 20)));
        assert_eq!(signed(b"-9223372036854775808", 10), Ok((i64::MIN, 20)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(unsigned(b"18446744073709551616", 0), Err(Errno::ERANGE));
        assert_eq!(signed(b"9223372036854775808", 10), Err(Errno::ERANGE));
        assert_eq!(unsigned(b"-1", 0), Err(Errno::EINVAL));
        for text in [&b""[..], b"   ", b"-", b"x", b"+1"] {
            assert_eq!(signed(text, 0), Err(Errno::EINVAL), "{text:?}");
        }
        assert_eq!(signed(b"1", 2), Err(Errno::EINVAL));
        assert_eq!(signed(b"1", 32), Err(Errno::EINVAL));
    }
}
