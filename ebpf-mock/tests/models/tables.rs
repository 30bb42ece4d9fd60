//! The hash table: slots that are used again, keys that are replaced, counts.

use std::sync::Arc;

use ebpf_core::Errno;
use ebpf_core::map::UpdateFlags;
use loom::thread::spawn;

use crate::explore;
use crate::memory::{self, Slab};
use crate::table::{Table, WhenFull};

/// A table with values of two words, which are the same when nobody sees them half written.
struct Map {
    table: Table,
    values: Slab,
}

type Key = [u8; 8];

impl Map {
    fn new(max_entries: u32, when_full: WhenFull) -> Arc<Map> {
        let table = Table::new(size_of::<Key>(), max_entries, 0, when_full);
        Arc::new(Map {
            values: Slab::contiguous(16, table.slots()),
            table,
        })
    }

    /// One with an element of this number, whose value is the number twice.
    fn with(max_entries: u32, numbers: &[u8]) -> Arc<Map> {
        let map = Map::new(max_entries, WhenFull::Refuse);
        for number in numbers {
            map.put(*number, *number).expect("there is room");
        }
        map
    }

    fn write(&self, number: u8, value: u8, flags: UpdateFlags) -> Result<(), Errno> {
        self.table.update(&key(number), flags, |slot, _| {
            memory::write(self.values.slot(slot), 0, &[value; 16]);
        })
    }

    fn put(&self, number: u8, value: u8) -> Result<(), Errno> {
        self.write(number, value, UpdateFlags::ANY)
    }

    /// The value, which must be of one piece.
    fn get(&self, number: u8) -> Option<u8> {
        let value = self.table.read(&key(number), |slot| {
            let mut value = [0; 16];
            memory::read(self.values.slot(slot), 0, &mut value);
            value
        })?;
        assert_eq!(value, [value[0]; 16], "the value of {number} in two pieces");
        Some(value[0])
    }

    fn delete(&self, number: u8) -> bool {
        self.table.remove(&key(number), |_| ()).is_some()
    }

    fn keys(&self) -> Vec<u8> {
        let mut keys: Vec<Key> = Vec::new();
        let mut next = [0; 8];
        while self.table.next(keys.last().map(|key| &key[..]), &mut next) {
            keys.push(next);
        }
        let mut numbers: Vec<u8> = keys.iter().map(|key| key[0]).collect();
        numbers.sort_unstable();
        numbers
    }
}

fn key(number: u8) -> Key {
    [number; 8]
}

#[test]
fn a_slot_used_again_is_not_taken_for_the_old_key() {
    explore(2, || {
        let map = Map::with(1, &[1]);
        let other = map.clone();
        let thread = spawn(move || {
            assert!(other.delete(1));
            other.put(2, 2).expect("there is room");
        });
        let seen = map.get(1);
        assert!(matches!(seen, None | Some(1)), "{seen:?}");
        thread.join().expect("no panic");
        assert_eq!((map.get(1), map.get(2)), (None, Some(2)));
    });
}

#[test]
fn a_slot_that_goes_to_another_part_is_not_taken_for_the_old_key() {
    // One of these keys is in the other part of the table than the first.
    for number in 2..6 {
        explore(2, move || {
            let map = Map::with(2, &[1]);
            let (deletes, inserts) = (map.clone(), map.clone());
            let threads = [
                spawn(move || assert!(deletes.delete(1))),
                spawn(move || inserts.put(number, number).expect("there is room")),
            ];
            let seen = map.get(1);
            assert!(matches!(seen, None | Some(1)), "{seen:?}");
            for thread in threads {
                thread.join().expect("no panic");
            }
            assert_eq!(map.keys(), [number]);
        });
    }
}

#[test]
fn a_key_that_comes_back_has_a_value_of_one_piece() {
    explore(2, || {
        let map = Map::with(1, &[1]);
        let other = map.clone();
        let thread = spawn(move || {
            assert!(other.delete(1));
            other.put(1, 3).expect("there is room");
        });
        let seen = map.get(1);
        assert!(matches!(seen, None | Some(1 | 3)), "{seen:?}");
        thread.join().expect("no panic");
    });
}

#[test]
fn a_key_that_is_replaced_is_never_missed() {
    explore(2, || {
        // Lists are as long as they get: the key is behind the others when it is replaced.
        let map = Map::with(2, &[1, 2]);
        let other = map.clone();
        let thread = spawn(move || {
            other.put(1, 3).expect("it is there");
        });
        let seen = map.get(1);
        assert!(matches!(seen, Some(1 | 3)), "{seen:?}");
        thread.join().expect("no panic");
        assert_eq!(map.get(1), Some(3));
    });
}

#[test]
fn what_stays_is_found_while_others_come_and_go() {
    explore(2, || {
        let map = Map::with(3, &[1, 2]);
        let other = map.clone();
        let thread = spawn(move || {
            assert!(other.delete(2));
            other.put(3, 3).expect("there is room");
            other.put(1, 1).expect("it is there");
        });
        assert_eq!(map.get(1), Some(1));
        thread.join().expect("no panic");
        assert_eq!(map.keys(), [1, 3]);
    });
}

#[test]
fn a_walk_gives_keys_that_were_there() {
    explore(2, || {
        let map = Map::with(1, &[1]);
        let other = map.clone();
        let thread = spawn(move || {
            assert!(other.delete(1));
            other.put(2, 2).expect("there is room");
        });
        let mut next = [0; 8];
        if map.table.next(None, &mut next) {
            assert!([key(1), key(2)].contains(&next), "{next:?}");
        }
        thread.join().expect("no panic");
    });
}

#[test]
fn one_of_two_insertions_of_a_key_succeeds() {
    explore(2, || {
        let map = Map::with(2, &[]);
        let other = map.clone();
        let thread = spawn(move || other.write(1, 1, UpdateFlags::NO_EXIST));
        let mine = map.write(1, 2, UpdateFlags::NO_EXIST);
        let theirs = thread.join().expect("no panic");
        let expected = match (mine, theirs) {
            (Ok(()), Err(Errno::EEXIST)) => 2,
            (Err(Errno::EEXIST), Ok(())) => 1,
            both => panic!("{both:?}"),
        };
        assert_eq!(map.get(1), Some(expected));
        assert_eq!(map.keys(), [1]);
    });
}

#[test]
fn one_of_two_keys_gets_the_last_place() {
    explore(2, || {
        let map = Map::with(1, &[]);
        let other = map.clone();
        let thread = spawn(move || other.put(1, 1));
        let mine = map.put(2, 2);
        let theirs = thread.join().expect("no panic");
        let there = match (mine, theirs) {
            (Ok(()), Err(Errno::E2BIG)) => 2,
            (Err(Errno::E2BIG), Ok(())) => 1,
            both => panic!("{both:?}"),
        };
        assert_eq!(map.keys(), [there]);
    });
}

#[test]
fn every_place_is_counted_back() {
    explore(2, || {
        let map = Map::with(2, &[1]);
        let other = map.clone();
        let thread = spawn(move || other.delete(1));
        let mine = map.delete(1);
        let theirs = thread.join().expect("no panic");
        assert!(mine ^ theirs, "one of them deleted it");
        for number in [2, 3] {
            map.put(number, number).expect("both places are free");
        }
        assert_eq!(map.put(4, 4), Err(Errno::E2BIG));
    });
}

#[test]
fn a_table_that_evicts_takes_both_and_keeps_one() {
    explore(2, || {
        let map = Map::new(1, WhenFull::Evict);
        let other = map.clone();
        let thread = spawn(move || other.put(1, 1));
        assert_eq!(map.put(2, 2), Ok(()));
        assert_eq!(thread.join().expect("no panic"), Ok(()));
        let keys = map.keys();
        assert!(matches!(keys[..], [1] | [2]), "{keys:?}");
    });
}
