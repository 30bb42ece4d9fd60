//! The memory of values.

use std::sync::Arc;

use loom::thread::spawn;

use crate::explore;
use crate::memory::{self, Slab};

fn word(slab: &Slab) -> [u8; 8] {
    let mut bytes = [0; 8];
    memory::read(slab.slot(0), 0, &mut bytes);
    bytes
}

#[test]
fn parts_of_a_word_do_not_undo_each_other() {
    explore(3, || {
        let slab = Arc::new(Slab::contiguous(8, 1));
        memory::write(slab.slot(0), 0, &[9; 8]);
        let other = slab.clone();
        let thread = spawn(move || memory::write(other.slot(0), 0, &[1; 4]));
        memory::write(slab.slot(0), 6, &[2; 2]);
        thread.join().expect("no panic");
        assert_eq!(word(&slab), [1, 1, 1, 1, 9, 9, 2, 2]);
    });
}

#[test]
fn a_whole_word_is_read_as_it_was_written() {
    explore(3, || {
        let slab = Arc::new(Slab::contiguous(8, 1));
        memory::write(slab.slot(0), 0, &[1; 8]);
        let other = slab.clone();
        let thread = spawn(move || memory::write(other.slot(0), 0, &[2; 8]));
        let seen = word(&slab);
        assert!([[1; 8], [2; 8]].contains(&seen), "{seen:?}");
        thread.join().expect("no panic");
        assert_eq!(word(&slab), [2; 8]);
    });
}
