//! One's-complement sums as the network stack keeps them: include/net/checksum.h.

/// The sum of bytes and of what was summed before, folded to 32 bits.
pub(crate) fn partial(bytes: &[u8], before: u32) -> u32 {
    let (chunks, rest) = bytes.as_chunks::<4>();
    let words = chunks
        .iter()
        .map(|chunk| u64::from(u32::from_ne_bytes(*chunk)));
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    // 2^32 words of 32 bits fit.
    let sum = words.sum::<u64>() + u64::from(u32::from_ne_bytes(last)) + u64::from(before);
    let once = (sum & 0xffff_ffff) + (sum >> 32);
    ((once & 0xffff_ffff) + (once >> 32)) as u32
}

/// The sum of two sums: `csum_add()`.
pub(crate) fn add(sum: u32, more: u32) -> u32 {
    let (sum, carry) = sum.overflowing_add(more);
    sum + u32::from(carry)
}

/// A sum without what another one is of: `csum_sub()`.
pub(crate) fn sub(sum: u32, less: u32) -> u32 {
    add(sum, !less)
}

/// The same of bytes that begin at an offset: those at an odd one count the other way around. `csum_block_add()`.
pub(crate) fn add_at(sum: u32, more: u32, offset: usize) -> u32 {
    add(sum, shifted(more, offset))
}

/// [`sub`] for bytes at an offset: `csum_block_sub()`.
pub(crate) fn sub_at(sum: u32, less: u32, offset: usize) -> u32 {
    sub(sum, shifted(less, offset))
}

fn shifted(sum: u32, offset: usize) -> u32 {
    if offset.is_multiple_of(2) {
        sum
    } else {
        sum.rotate_right(8)
    }
}

/// A sum of 16 bits: `csum_from32to16()`.
pub(crate) fn to_16_bits(sum: u32) -> u16 {
    (add(sum, sum.rotate_left(16)) >> 16) as u16
}

/// The checksum that a sum makes: `csum_fold()`.
pub(crate) fn fold(sum: u32) -> u16 {
    !to_16_bits(sum)
}

/// A checksum after the sum of what it covers changed by so much: `csum_replace_by_diff()`.
pub(crate) fn replaced_by(checksum: u16, difference: u32) -> u16 {
    fold(add(difference, !u32::from(checksum)))
}

/// A checksum after 32 bits of what it covers changed: `csum_replace4()`.
pub(crate) fn replaced_word(checksum: u16, from: u32, to: u32) -> u16 {
    fold(add(sub(!u32::from(checksum), from), to))
}

/// A checksum after 16 bits of what it covers changed: `csum_replace2()`.
pub(crate) fn replaced_half(checksum: u16, from: u16, to: u16) -> u16 {
    let add = |sum: u16, more: u16| {
        let (sum, carry) = sum.overflowing_add(more);
        sum + u16::from(carry)
    };
    !add(add(!checksum, !from), to)
}

/// What `bpf_csum_diff()` answers: how a sum changes when bytes are replaced.
pub(crate) fn difference(from: &[u8], to: &[u8], seed: u32) -> u16 {
    let sum = if from.is_empty() {
        if to.is_empty() {
            seed
        } else {
            partial(to, seed)
        }
    } else if to.is_empty() {
        !partial(from, !seed)
    } else {
        sub(partial(to, seed), partial(from, 0))
    };
    to_16_bits(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_its_checksum_sums_to_nothing() {
        let mut header = [
            0x45, 0, 0, 84, 1, 2, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        ];
        let checksum = fold(partial(&header, 0));
        header[10..12].copy_from_slice(&checksum.to_ne_bytes());
        assert_eq!(fold(partial(&header, 0)), 0);
    }

    #[test]
    fn replacing_is_summing_again() {
        let mut bytes: Vec<u8> = (1..41).collect();
        let before = fold(partial(&bytes, 0));
        let old: [u8; 4] = bytes[8..12].try_into().expect("4 bytes");
        bytes[8..12].copy_from_slice(&[9, 200, 31, 4]);
        let after = fold(partial(&bytes, 0));
        let (from, to) = (u32::from_ne_bytes(old), u32::from_ne_bytes([9, 200, 31, 4]));
        assert_eq!(replaced_word(before, from, to), after);
        let change = difference(&old, &[9, 200, 31, 4], 0);
        assert_eq!(replaced_by(before, u32::from(change)), after);
        bytes[20..22].copy_from_slice(&[7, 7]);
        let half = replaced_half(
            after,
            u16::from_ne_bytes([21, 22]),
            u16::from_ne_bytes([7, 7]),
        );
        assert_eq!(half, fold(partial(&bytes, 0)));
    }

    #[test]
    fn bytes_at_an_odd_offset_count_the_other_way_around() {
        let bytes: Vec<u8> = (0..33).map(|byte| byte * 7).collect();
        let whole = fold(partial(&bytes, 0));
        let (first, rest) = bytes.split_at(7);
        let sum = add_at(partial(first, 0), partial(rest, 0), 7);
        assert_eq!(fold(sum), whole);
        assert_eq!(
            fold(sub_at(partial(&bytes, 0), partial(rest, 0), 7)),
            fold(partial(first, 0))
        );
    }
}
