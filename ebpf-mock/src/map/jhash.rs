//! The hash function of the kernel's tables: Bob Jenkins' lookup3, as `jhash()` in include/linux/jhash.h has it.
//!
//! A map whose hash starts from zero has its keys in an order that anyone can work out, and so the same here.

/// What the state begins with, besides the length and the seed.
const START: u32 = 0xdead_beef;

/// Bytes that are mixed at a time.
const BLOCK: usize = 12;

/// The hash of some bytes.
#[inline]
pub(crate) fn jhash(bytes: &[u8], seed: u32) -> u32 {
    let start = START.wrapping_add(bytes.len() as u32).wrapping_add(seed);
    let (mut a, mut b, mut c) = (start, start, start);
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>()
        && !after.is_empty()
    {
        add(&mut a, &mut b, &mut c, block);
        mix(&mut a, &mut b, &mut c);
        rest = after;
    }
    if rest.is_empty() {
        return c;
    }
    let (words, bytes) = rest.as_chunks::<4>();
    for (state, word) in [&mut a, &mut b, &mut c].into_iter().zip(words) {
        *state = state.wrapping_add(u32::from_le_bytes(*word));
    }
    if !bytes.is_empty() {
        let mut last = [0; 4];
        for (to, from) in last.iter_mut().zip(bytes) {
            *to = *from;
        }
        let last = u32::from_le_bytes(last);
        match words.len() {
            0 => a = a.wrapping_add(last),
            1 => b = b.wrapping_add(last),
            _ => c = c.wrapping_add(last),
        }
    }
    finish(&mut a, &mut b, &mut c);
    c
}

#[inline]
fn add(a: &mut u32, b: &mut u32, c: &mut u32, block: &[u8; BLOCK]) {
    let (words, _) = block.as_chunks::<4>();
    for (state, word) in [a, b, c].into_iter().zip(words) {
        *state = state.wrapping_add(u32::from_le_bytes(*word));
    }
}

/// One step: `one` loses `two`, is mixed with it turned left, and `two` gains `three`.
#[inline]
fn step(one: &mut u32, two: &mut u32, three: u32, turn: u32) {
    *one = one.wrapping_sub(*two) ^ two.rotate_left(turn);
    *two = two.wrapping_add(three);
}

#[inline]
fn mix(a: &mut u32, b: &mut u32, c: &mut u32) {
    step(a, c, *b, 4);
    step(b, a, *c, 6);
    step(c, b, *a, 8);
    step(a, c, *b, 16);
    step(b, a, *c, 19);
    step(c, b, *a, 4);
}

#[inline]
fn finish(a: &mut u32, b: &mut u32, c: &mut u32) {
    let turn =
        |one: &mut u32, by: u32, bits: u32| *one = (*one ^ by).wrapping_sub(by.rotate_left(bits));
    turn(c, *b, 14);
    turn(a, *c, 11);
    turn(b, *a, 25);
    turn(c, *b, 16);
    turn(a, *c, 4);
    turn(b, *a, 14);
    turn(c, *b, 24);
}

#[cfg(test)]
mod tests {
    use super::jhash;

    #[test]
    fn it_is_lookup3() {
        // What the author of lookup3 prints as its self-test; his `initval` is the seed.
        let text = b"Four score and seven years ago";
        assert_eq!(jhash(text, 0), 0x1777_0551);
        assert_eq!(jhash(text, 1), 0xcd62_8161);
        assert_eq!(jhash(b"", 0), 0xdead_beef);
    }
}
