//! Unpacks `/proc/config.gz`: the header of gzip (RFC 1952), then what `miniz_oxide` makes of the rest.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// What a file of gzip with one member holds; `None` if it is malformed or holds more than `most` bytes.
pub(super) fn gunzip(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let (header, mut rest) = packed.split_first_chunk::<10>()?;
    if !header.starts_with(&[0x1f, 0x8b, 8]) {
        return None;
    }
    let flags = header[3];
    if flags & 4 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // A file name and a comment.
    for present in [flags & 8, flags & 16] {
        if present != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    decompress_to_vec_with_limit(rest, most).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `gzip -n` makes of it, after its ten bytes of header.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3];

    fn gzip(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut packed = HEADER.to_vec();
        packed[3] = flags;
        packed.extend_from_slice(rest);
        packed
    }

    #[test]
    fn stored_blocks() {
        let packed = gzip(8, b"name\0\x01\x02\0\xfd\xffok");
        assert_eq!(gunzip(&packed, 2).as_deref(), Some(&b"ok"[..]));
        assert_eq!(gunzip(&packed, 1), None, "more than wanted");
        for end in 0..packed.len() {
            assert_eq!(gunzip(&packed[..end], 2), None, "{end} bytes");
        }
    }

    #[test]
    fn fixed_codes_with_repeats() {
        // python3: zlib.compressobj(9, zlib.DEFLATED, -15) of b"CONFIG_BPF=y\n" * 3
        let packed = gzip(
            0,
            &[
                0x73, 0xf6, 0xf7, 0x73, 0xf3, 0x74, 0x8f, 0x77, 0x0a, 0x70, 0xb3, 0xad, 0xe4, 0x72,
                0xc6, 0xc9, 0x01, 0x00,
            ],
        );
        let text = "CONFIG_BPF=y\n".repeat(3);
        assert_eq!(gunzip(&packed, 100).as_deref(), Some(text.as_bytes()));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(gunzip(b"BZh91AY&SY", 100), None);
        let mut state = 1u32;
        for _ in 0..20_000 {
            let noise: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .take(40)
            .collect();
            assert!(gunzip(&gzip(0, &noise), 1000).is_none_or(|out| out.len() <= 1000));
        }
    }
}
