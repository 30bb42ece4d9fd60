//! Text from a format and arguments: `bpf_bprintf_prepare()` in kernel/trace/bpf_trace.c says which formats there are.

use ebpf_core::Errno;

/// Where `%s` and the addresses of packets are read from.
pub(crate) trait Strings {
    /// The bytes of a string up to its end, of user space or of the kernel; what cannot be read is none.
    fn string(&mut self, address: u64, user: bool) -> Vec<u8>;

    /// Copies bytes out; zeros where that fails.
    fn bytes(&mut self, address: u64, out: &mut [u8]);
}

/// The text, without a NUL at its end. The format ends at its first NUL.
///
/// # Errors
/// `EINVAL` for a format without end, with what the kernel does not take, or with more arguments than there are.
pub(crate) fn format(
    format: &[u8],
    arguments: &[u64],
    strings: &mut dyn Strings,
) -> Result<Vec<u8>, Errno> {
    let end = format.iter().position(|byte| *byte == 0);
    let mut rest = format.get(..end.ok_or(Errno::EINVAL)?).unwrap_or_default();
    let mut arguments = arguments.iter();
    let mut text = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        if !first.is_ascii() || !(first.is_ascii_graphic() || is_space(*first)) {
            return Err(Errno::EINVAL);
        }
        rest = after;
        if *first != b'%' {
            text.push(*first);
        } else if let Some(after) = rest.strip_prefix(b"%") {
            text.push(b'%');
            rest = after;
        } else {
            let argument = *arguments.next().ok_or(Errno::EINVAL)?;
            rest = conversion(rest, argument, &mut text, strings)?;
        }
    }
    Ok(text)
}

/// How a conversion is laid out.
#[derive(Clone, Copy, Debug, Default)]
struct Layout {
    zeros: bool,
    plus: bool,
    left: bool,
    space: bool,
    width: usize,
}

/// Appends one argument, and gives what of the format follows.
fn conversion<'f>(
    mut rest: &'f [u8],
    argument: u64,
    text: &mut Vec<u8>,
    strings: &mut dyn Strings,
) -> Result<&'f [u8], Errno> {
    let mut layout = Layout::default();
    while let Some((flag, after)) = rest.split_first() {
        match flag {
            b'0' => layout.zeros = true,
            b'+' => layout.plus = true,
            b'-' => layout.left = true,
            b' ' => layout.space = true,
            _ => break,
        }
        rest = after;
    }
    while let Some((digit, after)) = rest
        .split_first()
        .filter(|(digit, _)| digit.is_ascii_digit())
    {
        layout.width = (layout.width * 10 + usize::from(digit - b'0')).min(MOST_WIDTH);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(b"p") {
        return pointer(after, argument, text, layout, strings);
    }
    if let Some(after) = rest.strip_prefix(b"s") {
        let string = strings.string(argument, false);
        padded(text, &string, layout);
        return ended(after);
    }
    if let Some(after) = rest.strip_prefix(b"c") {
        padded(text, &[argument as u8], layout);
        return ended(after);
    }
    let mut wide = false;
    if let Some(after) = rest.strip_prefix(b"l") {
        wide = true;
        rest = after.strip_prefix(b"l").unwrap_or(after);
    }
    let (conversion, after) = rest.split_first().ok_or(Errno::EINVAL)?;
    let unsigned = if wide {
        argument
    } else {
        argument & 0xffff_ffff
    };
    match conversion {
        b'd' | b'i' => {
            let signed = if wide {
                argument as i64
            } else {
                i64::from(argument as i32)
            };
            let sign: &[u8] = match (signed < 0, layout.plus, layout.space) {
                (true, _, _) => b"-",
                (_, true, _) => b"+",
                (_, _, true) => b" ",
                _ => b"",
            };
            number(text, sign, &signed.unsigned_abs().to_string(), layout);
        }
        b'u' => number(text, b"", &unsigned.to_string(), layout),
        b'x' => number(text, b"", &format!("{unsigned:x}"), layout),
        b'X' => number(text, b"", &format!("{unsigned:X}"), layout),
        _ => return Err(Errno::EINVAL),
    }
    Ok(after)
}

/// The widest that a number is made.
const MOST_WIDTH: usize = 512;

fn pointer<'f>(
    rest: &'f [u8],
    argument: u64,
    text: &mut Vec<u8>,
    layout: Layout,
    strings: &mut dyn Strings,
) -> Result<&'f [u8], Errno> {
    for (kind, user) in [(b"ks", false), (b"us", true)] {
        if let Some(after) = rest.strip_prefix(kind) {
            let string = strings.string(argument, user);
            padded(text, &string, layout);
            return ended(after);
        }
    }
    if rest
        .first()
        .is_none_or(|next| is_space(*next) || next.is_ascii_punctuation())
    {
        padded(text, format!("{argument:016x}").as_bytes(), layout);
        return Ok(rest);
    }
    match rest {
        [b'x', after @ ..] => {
            padded(text, format!("{argument:016x}").as_bytes(), layout);
            Ok(after)
        }
        // Symbols are what addresses are called; programs' addresses have no names here.
        [b'K' | b's' | b'S' | b'B', after @ ..] => {
            padded(text, format!("{argument:#x}").as_bytes(), layout);
            Ok(after)
        }
        [kind @ (b'i' | b'I'), b'4', after @ ..] => {
            let mut bytes = [0; 4];
            strings.bytes(argument, &mut bytes);
            let [a, b, c, d] = bytes;
            let address = if *kind == b'i' {
                format!("{a:03}.{b:03}.{c:03}.{d:03}")
            } else {
                format!("{a}.{b}.{c}.{d}")
            };
            padded(text, address.as_bytes(), layout);
            Ok(after)
        }
        [kind @ (b'i' | b'I'), b'6', after @ ..] => {
            let mut bytes = [0; 16];
            strings.bytes(argument, &mut bytes);
            let groups = bytes
                .chunks(2)
                .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect());
            let groups: Vec<String> = groups.collect();
            let address = groups.join(if *kind == b'i' { "" } else { ":" });
            padded(text, address.as_bytes(), layout);
            Ok(after)
        }
        _ => Err(Errno::EINVAL),
    }
}

/// What follows a string must not look as if it went on.
fn ended(rest: &[u8]) -> Result<&[u8], Errno> {
    match rest.first() {
        Some(next) if !is_space(*next) && !next.is_ascii_punctuation() => Err(Errno::EINVAL),
        _ => Ok(rest),
    }
}

fn padded(text: &mut Vec<u8>, bytes: &[u8], layout: Layout) {
    let padding = layout.width.saturating_sub(bytes.len());
    if layout.left {
        text.extend_from_slice(bytes);
        text.resize(text.len() + padding, b' ');
    } else {
        text.resize(text.len() + padding, b' ');
        text.extend_from_slice(bytes);
    }
}

fn number(text: &mut Vec<u8>, sign: &[u8], digits: &str, layout: Layout) {
    if layout.zeros && !layout.left {
        text.extend_from_slice(sign);
        let zeros = layout.width.saturating_sub(sign.len() + digits.len());
        text.resize(text.len() + zeros, b'0');
        text.extend_from_slice(digits.as_bytes());
    } else {
        padded(text, &[sign, digits.as_bytes()].concat(), layout);
    }
}

/// What the kernel takes for white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Strings for Fixed {
        fn string(&mut self, address: u64, user: bool) -> Vec<u8> {
            format!("{}{address}", if user { "user" } else { "kernel" }).into_bytes()
        }

        fn bytes(&mut self, _: u64, out: &mut [u8]) {
            for (byte, value) in out.iter_mut().zip(1..) {
                *byte = value;
            }
        }
    }

    fn text(format: &str, arguments: &[u64]) -> Result<String, Errno> {
        let format = [format.as_bytes(), &[0]].concat();
        super::format(&format, arguments, &mut Fixed)
            .map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn numbers_are_of_their_sizes() {
        assert_eq!(
            text("%d %u %lld", &[u64::MAX, u64::MAX, u64::MAX]).as_deref(),
            Ok("-1 4294967295 -1")
        );
        assert_eq!(
            text("[%5d|%-5d|%05d|%+d|% d]", &[42, 42, 42, 42, 42]).as_deref(),
            Ok("[   42|42   |00042|+42| 42]")
        );
        assert_eq!(
            text("%x %lX%%", &[255, 0xabcd_ef01_2345]).as_deref(),
            Ok("ff ABCDEF012345%")
        );
    }

    #[test]
    fn strings_and_addresses_are_read() {
        assert_eq!(
            text("%s,%pks,%pus", &[1, 2, 3]).as_deref(),
            Ok("kernel1,kernel2,user3")
        );
        assert_eq!(
            text("%pI4 %pi4 %pI6", &[0, 0, 0]).as_deref(),
            Ok("1.2.3.4 001.002.003.004 0102:0304:0506:0708:090a:0b0c:0d0e:0f10")
        );
        assert_eq!(
            text("%p %px", &[16, 16]).as_deref(),
            Ok("0000000000000010 0000000000000010")
        );
    }

    #[test]
    fn what_the_kernel_does_not_take_is_refused() {
        for format in [
            "%", "%q", "%f", "%d%d", "%sx", "%pz", "%#x", "\u{e9}", "%hd",
        ] {
            assert_eq!(text(format, &[1]), Err(Errno::EINVAL), "{format}");
        }
        assert_eq!(
            super::format(b"no end", &[], &mut Fixed),
            Err(Errno::EINVAL)
        );
    }
}
