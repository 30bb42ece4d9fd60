//! Values in shared words, against a plain array of bytes.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn words(bytes: &[u8; 32]) -> [AtomicU64; 4] {
    let (words, _) = bytes.as_chunks();
    std::array::from_fn(|at| AtomicU64::new(u64::from_ne_bytes(words[at])))
}

fn bytes(words: &[AtomicU64; 4]) -> Vec<u8> {
    let load = |word: &AtomicU64| word.load(Ordering::Relaxed).to_ne_bytes();
    words.iter().flat_map(load).collect()
}

fn check<const N: usize>() {
    let before: [u8; 32] = std::array::from_fn(|at| at as u8 + 1);
    let new: [u8; N] = std::array::from_fn(|at| 0xf0 - at as u8);
    for offset in 0..40 {
        let memory = words(&before);
        let place = Place::<[u8; N]>::new(Words::writable(&memory), offset);
        assert_eq!(place.is_some(), offset + N <= 32, "{N} bytes at {offset}");
        let Some(place) = place else { continue };
        assert_eq!(
            place.load()[..],
            before[offset..][..N],
            "{N} bytes at {offset}"
        );
        place.store(&new).expect("writable");
        let mut after = before;
        after[offset..][..N].copy_from_slice(&new);
        assert_eq!(bytes(&memory), after, "{N} bytes at {offset}");

        let modified = place.modify(|_| [7; N]);
        if offset / 8 == (offset + N - 1) / 8 {
            assert_eq!(modified, Ok(new));
            assert_eq!(place.load(), [7; N]);
        } else {
            assert_eq!(modified, Err(PlaceError::NotInOneWord { size: N }));
        }

        let read = Place::<[u8; N]>::new(Words::read_only(&memory), offset).expect("within");
        assert_eq!(
            (read.load(), read.store(&new)),
            (place.load(), Err(ReadOnly))
        );
        assert_eq!(
            read.modify(|value| value),
            Err(PlaceError::ReadOnly(ReadOnly))
        );
    }
}

#[test]
fn values_of_any_size_and_place_are_read_and_written_alone() {
    check::<1>();
    check::<2>();
    check::<3>();
    check::<4>();
    check::<5>();
    check::<8>();
    check::<9>();
    check::<16>();
    check::<17>();
    check::<32>();
}

#[test]
fn places_outside_are_none() {
    let memory = words(&[0; 32]);
    let memory = Words::writable(&memory);
    assert!(Place::<[u8; 33]>::new(memory, 0).is_none());
    assert!(Place::<u64>::new(memory, usize::MAX).is_none());
    assert!(Place::<()>::new(memory, 0).is_none());
    assert!(
        Place::<u64>::new(memory, 8)
            .and_then(|place| place.atomic())
            .is_some()
    );
    assert!(
        Place::<u64>::new(memory, 4)
            .and_then(|place| place.atomic())
            .is_none()
    );
}
