//! Memory that programs and user space share: slots of atomic words, allocated when they are first touched.
//!
//! Anyone may read and write at any time, as in the kernel: words of 8 bytes never tear, longer values may.

use crate::sync::{AtomicU64, OnceLock, Ordering};

/// Bytes of a word.
const WORD: usize = size_of::<u64>();

/// Bytes that a piece of a [`Slab`] has about.
const PIECE: u64 = 4096;

/// The most pieces that a slab has: a larger one has larger pieces.
const PIECES: u64 = 1 << 14;

/// Slots of equal size, in pieces that are allocated when a slot of theirs is first touched and stay where they are.
#[derive(Debug)]
pub(crate) struct Slab {
    slot_words: usize,
    slots: u64,
    /// Slots of a piece, as a power of two.
    shift: u32,
    pieces: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

impl Slab {
    /// `slots` slots of at least `slot_bytes`, each beginning at a word.
    pub(crate) fn new(slot_bytes: usize, slots: u64) -> Slab {
        let fit = PIECE / slot_bytes.max(WORD) as u64;
        let least = slots.div_ceil(PIECES);
        let together = fit.max(least).max(1).min(slots.max(1));
        Slab::in_pieces(slot_bytes, slots, together.next_power_of_two().ilog2())
    }

    /// The same in one piece, whose words lie side by side.
    pub(crate) fn contiguous(slot_bytes: usize, slots: u64) -> Slab {
        let shift = slots.max(1).next_power_of_two().ilog2();
        Slab::in_pieces(slot_bytes, slots, shift)
    }

    fn in_pieces(slot_bytes: usize, slots: u64, shift: u32) -> Slab {
        let pieces = slots.max(1).div_ceil(1 << shift);
        Slab {
            slot_words: slot_bytes.div_ceil(WORD),
            slots,
            shift,
            pieces: (0..pieces).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The words of a slot; none past the last.
    #[inline]
    pub(crate) fn slot(&self, slot: u32) -> &[AtomicU64] {
        let piece = slot as usize >> self.shift;
        let Some(words) = self.pieces.get(piece) else {
            return &[];
        };
        let words = match words.get() {
            Some(words) => words,
            None => words.get_or_init(|| self.allocate(piece)),
        };
        let in_piece = slot as usize & ((1 << self.shift) - 1);
        let start = in_piece * self.slot_words;
        words.get(start..start + self.slot_words).unwrap_or(&[])
    }

    /// The words of a slot; none of one that was never touched.
    pub(crate) fn touched(&self, slot: u32) -> &[AtomicU64] {
        let piece = self.pieces.get(slot as usize >> self.shift);
        match piece.and_then(OnceLock::get) {
            Some(_) => self.slot(slot),
            None => &[],
        }
    }

    /// Every word, of a slab in one piece.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        match &*self.pieces {
            [words] => words.get_or_init(|| self.allocate(0)),
            _ => &[],
        }
    }

    /// How many pieces are allocated.
    #[cfg(test)]
    pub(crate) fn allocated(&self) -> usize {
        self.pieces
            .iter()
            .filter(|piece| piece.get().is_some())
            .count()
    }

    #[cold]
    fn allocate(&self, piece: usize) -> Box<[AtomicU64]> {
        let before = (piece as u64) << self.shift;
        let slots = (1 << self.shift).min(self.slots.saturating_sub(before));
        (0..slots as usize * self.slot_words)
            .map(|_| AtomicU64::new(0))
            .collect()
    }
}

/// Copies bytes from `at` on out of words.
#[inline]
pub(crate) fn read(words: &[AtomicU64], at: usize, out: &mut [u8]) {
    if !at.is_multiple_of(WORD) {
        return read_bytes(words, at, out);
    }
    let (whole, rest) = out.as_chunks_mut::<WORD>();
    let words = words.get(at / WORD..).unwrap_or(&[]);
    let known = whole.len();
    for (index, bytes) in whole.iter_mut().enumerate() {
        let word = words.get(index);
        *bytes = word
            .map_or(0, |word| word.load(Ordering::Relaxed))
            .to_ne_bytes();
    }
    if !rest.is_empty() {
        read_bytes(words, known * WORD, rest);
    }
}

fn read_bytes(words: &[AtomicU64], at: usize, out: &mut [u8]) {
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
    let Some(word) = words.get(whole.len()) else {
        return false;
    };
    let word = word.load(Ordering::Relaxed).to_ne_bytes();
    match (word.first_chunk::<4>(), <&[u8; 4]>::try_from(rest)) {
        // Most keys that are no words are numbers of 4 bytes.
        (Some(half), Ok(rest)) => half == rest,
        _ => word.starts_with(rest),
    }
}
