//! The kernel inside a bzImage: the ELF file that a virtual machine can boot without unpacking it itself.

use std::io::Read;

use anyhow::{Context, Result, bail};

/// Takes the compressed kernel out of a bzImage and decompresses it.
///
/// The header is that of the kernel's boot protocol, `Documentation/arch/x86/boot.rst`.
pub(crate) fn unpack(image: &[u8]) -> Result<Vec<u8>> {
    let sectors = match *image.get(0x1f1).context("it is too short")? {
        0 => 4,
        sectors => usize::from(sectors),
    };
    if image.get(0x202..0x206) != Some(b"HdrS") {
        bail!("it is no bzImage");
    }
    let (offset, length) = (word(image, 0x248)?, word(image, 0x24c)?);
    let start = (sectors + 1) * 512 + offset;
    // The last word is the size of what it unpacks to.
    let payload = length
        .checked_sub(4)
        .and_then(|length| image.get(start..start.checked_add(length)?))
        .context("the kernel is outside of the file")?;
    let kernel = decompress(payload)?;
    if !kernel.starts_with(b"\x7fELF") {
        bail!("what is inside is no ELF file");
    }
    Ok(kernel)
}

/// Decompresses `bytes`, whose first bytes tell how.
pub(crate) fn decompress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    match bytes {
        [0x02, 0x21, 0x4c, 0x18, blocks @ ..] => return legacy_lz4(blocks),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let mut rest = bytes;
            if let Err(error) = lzma_rs::xz_decompress(&mut rest, &mut plain) {
                bail!("decompress xz: {error:?}");
            }
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            ruzstd::decoding::StreamingDecoder::new(bytes)
                .context("decompress zstd")?
                .read_to_end(&mut plain)
                .context("decompress zstd")?;
        }
        _ => bail!(
            "it is compressed in a way that is not known here: {:02x?}",
            bytes.get(..8)
        ),
    }
    Ok(plain)
}

/// The frame format that `lz4 -l` writes: blocks of at most 8 MiB, each after its compressed size.
fn legacy_lz4(mut blocks: &[u8]) -> Result<Vec<u8>> {
    const BLOCK: usize = 8 << 20;
    let mut plain = Vec::new();
    while blocks.len() >= 4 {
        let size = word(blocks, 0)?;
        let block = blocks
            .get(4..size.saturating_add(4))
            .context("a block of lz4 is cut off")?;
        plain.extend(lz4_flex::block::decompress(block, BLOCK).context("decompress lz4")?);
        blocks = &blocks[4 + size..];
    }
    Ok(plain)
}

fn word(bytes: &[u8], at: usize) -> Result<usize> {
    let word = bytes.get(at..at + 4).context("it is too short")?;
    Ok(u32::from_le_bytes(word.try_into()?) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_kernel_is_refused() {
        for bytes in [&[][..], &[0; 0x300], b"\x7fELF"] {
            assert!(unpack(bytes).is_err());
        }
        let mut image = vec![0; 0x1000];
        image[0x202..0x206].copy_from_slice(b"HdrS");
        image[0x248..0x250].copy_from_slice(&[0xff; 8]);
        assert!(unpack(&image).is_err());
    }

    #[test]
    fn legacy_frames_of_lz4_are_blocks_with_sizes() {
        // Two blocks of literals: the token's high nibble is their number.
        let frame = b"\x02\x21\x4c\x18\x04\0\0\0\x30one\x04\0\0\0\x30two";
        assert_eq!(decompress(frame).unwrap(), b"onetwo");
    }
}
