//! What values of maps keep besides bytes: timers and work that was put off. Programs see a number in the place of each.

mod deferred;

use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use deferred::{Call, Clockwork, Deferred, Due, Function, Kind};

use crate::map::{Field, Special};

/// What is kept for the values of all maps.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) deferred: Deferred,
}

impl Kept {
    /// Ends what a value of these fields keeps: it is deleted, or written over.
    pub(crate) fn free(&self, words: &[AtomicU64], fields: &[Field]) {
        for field in fields {
            match field.what {
                Special::Timer | Special::WorkQueue => {
                    if let Some(number) = take(words, field) {
                        self.deferred.free(number);
                    }
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
