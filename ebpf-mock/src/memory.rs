//! Memory that programs and user space share: slots of atomic words, allocated when they are first touched.
//!
//! Anyone may read and write at any time, as in the kernel: words of 8 bytes never tear, longer values may.

use std::sync::OnceLock;

use crate::sync::{AtomicU64, Ordering};

/// Bytes of a word.
const WORD: usize = size_of::<u64>();

/// Bytes that the first piece of a [`Slab`] that grows has about. Each further piece is twice as long.
const FIRST: usize = 1024;

/// Slots of equal size, in pieces that are allocated when a slot of theirs is first touched and stay where they are.
#[derive(Debug)]
pub(crate) struct Slab {
    slot_words: usize,
    slots: u64,
    /// Slots of the first piece, as a power of two.
    first: u32,
    pieces: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

impl Slab {
    /// `slots` slots of at least `slot_bytes`, each beginning at a word.
    pub(crate) fn new(slot_bytes: usize, slots: u64) -> Slab {
        let fit = FIRST / slot_bytes.max(WORD);
        Slab::with_first(slot_bytes, slots, fit.max(1).ilog2())
    }

    /// The same in one piece, whose words lie side by side.
    pub(crate) fn contiguous(slot_bytes: usize, slots: u64) -> Slab {
        let first = slots.max(1).next_power_of_two().trailing_zeros();
        Slab::with_first(slot_bytes, slots, first)
    }

    fn with_first(slot_bytes: usize, slots: u64, first: u32) -> Slab {
        let last = slots.saturating_sub(1) + (1 << first);
        let pieces = last.ilog2() - first + 1;
        Slab {
            slot_words: slot_bytes.div_ceil(WORD),
            slots,
            first,
            pieces: (0..pieces).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The words of a slot; none past the last.
    #[inline]
    pub(crate) fn slot(&self, slot: u32) -> &[AtomicU64] {
        let shifted = u64::from(slot) + (1 << self.first);
        let piece = shifted.ilog2() - self.first;
        let Some(words) = self.pieces.get(piece as usize) else {
            return &[];
        };
        let words = words.get_or_init(|| self.allocate(piece));
        let start = (shifted - (1 << (self.first + piece))) as usize * self.slot_words;
        words.get(start..start + self.slot_words).unwrap_or(&[])
    }

    /// Every word, of a slab in one piece.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        match &*self.pieces {
            [words] => words.get_or_init(|| self.allocate(0)),
            _ => &[],
        }
    }

    #[cold]
    fn allocate(&self, piece: u32) -> Box<[AtomicU64]> {
        let before = (1u64 << (self.first + piece)) - (1 << self.first);
        let slots = (1 << (self.first + piece)).min(self.slots - before);
        (0..slots as usize * self.slot_words)
            .map(|_| AtomicU64::new(0))
            .collect()
    }
}

/// Copies bytes from `at` on out of words.
#[inline]
pub(crate) fn read(words: &[AtomicU64], at: usize, out: &mut [u8]) {
    let (mut index, skip) = (at / WORD, at % WORD);
    let mut rest = out;
    let mut skip = skip;
    while !rest.is_empty() {
        let word = words
            .get(index)
            .map_or(0, |word| word.load(Ordering::Relaxed));
        let bytes = word.to_ne_bytes();
        let length = rest.len().min(WORD - skip);
        let (now, later) = rest.split_at_mut(length);
        now.copy_from_slice(&bytes[skip..skip + length]);
        (rest, index, skip) = (later, index + 1, 0);
    }
}

/// Copies bytes into words from `at` on; the other bytes of a word that is written in part stay whatever others make of
/// them meanwhile.
#[inline]
pub(crate) fn write(words: &[AtomicU64], at: usize, bytes: &[u8]) {
    let (mut index, mut skip) = (at / WORD, at % WORD);
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = rest.len().min(WORD - skip);
        let (now, later) = rest.split_at(length);
        if let Some(word) = words.get(index) {
            match <[u8; WORD]>::try_from(now) {
                Ok(whole) => word.store(u64::from_ne_bytes(whole), Ordering::Relaxed),
                Err(_) => write_part(word, skip, now),
            }
        }
        (rest, index, skip) = (later, index + 1, 0);
    }
}

fn write_part(word: &AtomicU64, skip: usize, part: &[u8]) {
    let merge = |old: u64| {
        let mut bytes = old.to_ne_bytes();
        bytes[skip..skip + part.len()].copy_from_slice(part);
        Some(u64::from_ne_bytes(bytes))
    };
    // The closure never declines, so this ends when nobody else wrote in between.
    let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, merge);
}

/// Whether the bytes from the first word on are `bytes`.
#[inline]
pub(crate) fn equals(words: &[AtomicU64], bytes: &[u8]) -> bool {
    let (whole, rest) = bytes.as_chunks::<WORD>();
    let same = whole
        .iter()
        .zip(words)
        .all(|(bytes, word)| word.load(Ordering::Relaxed) == u64::from_ne_bytes(*bytes));
    if !same || rest.is_empty() {
        return same;
    }
    let mut last = [0; WORD];
    last[..rest.len()].copy_from_slice(rest);
    words
        .get(whole.len())
        .is_some_and(|word| word.load(Ordering::Relaxed) == u64::from_ne_bytes(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_keep_their_bytes() {
        for bytes in [1, 7, 8, 9, 40] {
            let slab = Slab::new(bytes, 1000);
            for slot in 0..1000u32 {
                write(slab.slot(slot), 0, &vec![slot as u8; bytes]);
            }
            for slot in 0..1000u32 {
                let mut found = vec![0; bytes];
                read(slab.slot(slot), 0, &mut found);
                assert_eq!(
                    found,
                    vec![slot as u8; bytes],
                    "slot {slot} of {bytes} bytes"
                );
            }
            assert!(slab.slot(1000).is_empty());
        }
    }

    #[test]
    fn one_piece_has_its_slots_side_by_side() {
        let slab = Slab::contiguous(12, 5);
        write(slab.slot(3), 4, &[7; 8]);
        assert_eq!(slab.words().len(), 10);
        let mut found = [0; 16];
        read(slab.words(), 3 * 16, &mut found);
        assert_eq!(found, [0, 0, 0, 0, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0]);
    }

    #[test]
    fn parts_of_words_leave_the_rest() {
        let slab = Slab::contiguous(16, 1);
        let words = slab.words();
        write(words, 0, &[0xff; 16]);
        write(words, 5, &[1, 2, 3, 4, 5]);
        let mut found = [0; 16];
        read(words, 0, &mut found);
        assert_eq!(found[4..11], [0xff, 1, 2, 3, 4, 5, 0xff]);
        assert!(equals(words, &found) && equals(words, &found[..16]));
        assert!(!equals(words, &[0xff; 6]));
    }

    #[test]
    fn nothing_is_allocated_before_it_is_touched() {
        let slab = Slab::new(1 << 20, u64::from(u32::MAX));
        write(slab.slot(0), 0, &[1]);
        assert_eq!(
            slab.pieces
                .iter()
                .filter(|piece| piece.get().is_some())
                .count(),
            1
        );
    }
}
