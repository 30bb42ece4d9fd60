//! Tests of the memory that programs and user space share: beside it, for `tests/models` takes that file as it is.

use crate::memory::{Slab, equals, read, write};

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
    // As much as all maps of a machine may have, as long as its test says nothing else.
    let slab = Slab::new(1 << 10, 1 << 22);
    assert_eq!(slab.allocated(), 0);
    for slot in [0, 1, 1 << 21, (1 << 22) - 1] {
        write(slab.slot(slot), 0, &[1]);
    }
    assert_eq!(slab.allocated(), 3);
}
