//! What values of maps keep besides bytes: timers and work that was put off, objects, lists and trees of objects. Programs
//! see a number in the place of each, of objects the address.

mod deferred;
mod heap;

use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use deferred::{Call, Clockwork, Deferred, Due, Function, Kind};
pub(crate) use heap::Heap;

use crate::map::{Field, Special};

/// What is kept for the values of all maps.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) deferred: Deferred,
    pub(crate) heap: Heap,
}

impl Kept {
    /// Ends what a value of these fields keeps: it is deleted, or written over.
    pub(crate) fn free(&self, words: &[AtomicU64], fields: &[Field]) {
        let mut dropped = Vec::new();
        self.free_fields(words, fields, &mut dropped);
        self.drop_all(dropped);
    }

    /// One reference less to an object; with the last one it ends, and what it keeps.
    pub(crate) fn release(&self, address: u64) {
        self.drop_all(vec![address]);
    }

    /// Objects may keep objects, in rows of any length: no call for each.
    fn drop_all(&self, mut dropped: Vec<u64>) {
        while let Some(address) = dropped.pop() {
            if let Some(object) = self.heap.release(address) {
                self.free_fields(&object.words, &object.fields, &mut dropped);
            }
        }
    }

    fn free_fields(&self, words: &[AtomicU64], fields: &[Field], dropped: &mut Vec<u64>) {
        for field in fields {
            match field.what {
                Special::Timer | Special::WorkQueue => {
                    if let Some(number) = take(words, field) {
                        self.deferred.free(number);
                    }
                }
                Special::Pointer { untrusted } => {
                    let address = take(words, field);
                    dropped.extend(address.filter(|_| !untrusted));
                }
                Special::ListHead | Special::TreeRoot => {
                    let row = take(words, field).unwrap_or(0);
                    let nodes = self.heap.end_row(row);
                    dropped.extend(nodes.into_iter().filter_map(|node| self.heap.around(node)));
                }
                _ => {}
            }
        }
    }
}

/// Takes the number out of a field; `None` for 0.
fn take(words: &[AtomicU64], field: &Field) -> Option<u64> {
    let word = words.get(field.place.start / 8)?;
    let number = word.swap(0, Ordering::AcqRel);
    (number != 0).then_some(number)
}
