//! Bytes as a hex dump.

use std::fmt;

/// Bytes of a line.
const LINE: usize = 16;

/// Shows bytes as lines of their offset, their values and what they are as text.
///
/// ```
/// use ebpf_examples::hex::Hex;
/// assert_eq!(
///     Hex(b"hello\n").to_string(),
///     "0000  68 65 6c 6c 6f 0a                                 hello.\n",
/// );
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.0.chunks(LINE).enumerate() {
            write!(f, "{:04x} ", number * LINE)?;
            for place in 0..LINE {
                let gap = if place == LINE / 2 { " " } else { "" };
                match line.get(place) {
                    Some(byte) => write!(f, "{gap} {byte:02x}")?,
                    None => write!(f, "{gap}   ")?,
                }
            }
            f.write_str("  ")?;
            for byte in line {
                let shown = byte.is_ascii_graphic() || *byte == b' ';
                write!(f, "{}", if shown { *byte as char } else { '.' })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_line() {
        assert_eq!(Hex(b"").to_string(), "");
    }

    #[test]
    fn lines_have_sixteen_bytes_and_no_more_than_there_are() {
        let bytes: Vec<u8> = (0x40..0x51).collect();
        assert_eq!(
            Hex(&bytes).to_string(),
            "0000  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO\n\
             0010  50                                                P\n"
        );
    }
}
