//! Ring buffers: writers that reserve, write and finish, and a reader that sleeps when it finds nothing.

use std::sync::Arc;

use loom::thread::spawn;

use crate::explore;
use crate::ring::Ring;
use crate::sync::Mutex;

/// Bytes of the ring: room for three records of 8 bytes, since one byte stays free.
const SIZE: u32 = 64;

/// A ring, and how often its reader was woken.
struct Shared {
    ring: Ring,
    rung: Mutex<u32>,
}

impl Shared {
    fn new() -> Arc<Shared> {
        Arc::new(Shared {
            ring: Ring::new(SIZE),
            rung: Mutex::new(0),
        })
    }

    /// Writes a record as programs do; false if there is no room.
    fn write(&self, byte: u8, discard: bool) -> bool {
        let Some(record) = self.ring.reserve(8) else {
            return false;
        };
        self.ring.write(record.position, 0, &[byte; 8]);
        if self.ring.finish(record, discard) {
            *self.rung.lock() += 1;
        }
        true
    }

    /// Reads the record at a position: the position of the next one, and its byte if it is a sample.
    fn read(&self, position: u64) -> Option<(u64, Option<u8>)> {
        let found = self.ring.peek(position).expect("an orderly ring")?;
        let mut bytes = [0; 8];
        self.ring.read(position, 0, &mut bytes);
        assert_eq!(found.len, 8);
        assert_eq!(bytes, [bytes[0]; 8], "a record is whole");
        Some((found.next, (!found.discarded).then_some(bytes[0])))
    }

    /// Reads all that is there, as a source does before it sleeps: where it stopped, and how often it was woken before it
    /// looked for the last time.
    fn drain(&self, mut position: u64, found: &mut Vec<Option<u8>>) -> (u64, u32) {
        loop {
            while let Some((next, byte)) = self.read(position) {
                found.push(byte);
                position = next;
            }
            self.ring.consume(position);
            let rung = *self.rung.lock();
            if self.read(position).is_none() {
                return (position, rung);
            }
        }
    }
}

#[test]
fn a_reader_that_sleeps_is_woken_for_what_comes() {
    explore(3, || {
        let shared = Shared::new();
        let writers = [1, 2].map(|byte| {
            let shared = shared.clone();
            spawn(move || assert!(shared.write(byte, false)))
        });
        let mut found = Vec::new();
        let (position, rung) = shared.drain(0, &mut found);
        for writer in writers {
            writer.join().expect("no panic");
        }
        if shared.read(position).is_some() {
            assert_ne!(
                *shared.rung.lock(),
                rung,
                "records wait, and nobody is woken"
            );
        }
        shared.drain(position, &mut found);
        found.sort_unstable();
        assert_eq!(found, [Some(1), Some(2)]);
    });
}

#[test]
fn a_record_that_is_discarded_hides_none() {
    explore(3, || {
        let shared = Shared::new();
        let other = shared.clone();
        let writer = spawn(move || assert!(other.write(1, true) && other.write(2, false)));
        let mut found = Vec::new();
        let (position, rung) = shared.drain(0, &mut found);
        writer.join().expect("no panic");
        if shared.read(position).is_some() {
            assert_ne!(
                *shared.rung.lock(),
                rung,
                "records wait, and nobody is woken"
            );
        }
        shared.drain(position, &mut found);
        assert_eq!(found, [None, Some(2)]);
    });
}

#[test]
fn room_is_used_again_only_when_it_was_read() {
    explore(3, || {
        let shared = Shared::new();
        for byte in 1..=3 {
            assert!(shared.write(byte, false));
        }
        assert!(!shared.write(4, false), "one byte stays free");
        let other = shared.clone();
        let writer = spawn(move || (4..=5).filter(|byte| other.write(*byte, false)).count());
        let mut found = Vec::new();
        let mut position = 0;
        // One at a time, each given back before the next is read.
        for _ in 0..3 {
            let (next, byte) = shared.read(position).expect("three are there");
            found.push(byte);
            position = next;
            shared.ring.consume(position);
        }
        let written = writer.join().expect("no panic");
        shared.drain(position, &mut found);
        let bytes: Vec<u8> = found.into_iter().flatten().collect();
        assert_eq!(bytes.len(), 3 + written);
        assert!(bytes.starts_with(&[1, 2, 3]) && bytes.is_sorted());
    });
}

#[test]
fn samples_for_programs_are_whole() {
    explore(3, || {
        let shared = Shared::new();
        let other = shared.clone();
        let writer = spawn(move || {
            let sent = |byte: &u8| other.ring.append(&[*byte; 8]) == Ok(true);
            (1..=5).filter(sent).count()
        });
        let mut found = Vec::new();
        let (position, _) = shared.drain(0, &mut found);
        let sent = writer.join().expect("no panic");
        shared.drain(position, &mut found);
        assert_eq!(found.len(), sent);
        assert!(sent >= 4 && found.is_sorted(), "all of the ring is used");
    });
}
