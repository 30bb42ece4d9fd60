//! Measures what the sender's interface sends, by a packet socket.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use ebpf_testbed::{Direction, Tap};

use crate::meter::{Counts, Reading};

/// Counts what the sender's interface sends.
#[derive(Debug)]
pub(crate) struct Meter(Mutex<(Tap, Counts)>);

impl Meter {
    /// Counts from now on what `tap` sees going out.
    pub(crate) fn new(tap: Tap) -> Self {
        Self(Mutex::new((tap, Counts::new())))
    }

    /// What was sent until now. To be asked often enough for the tap's buffer to hold what comes between.
    pub(crate) fn read(&self) -> Result<Reading> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (tap, counts) = &mut *state;
        while let Some(frame) = tap.next_frame().context("read the frames that were sent")? {
            if frame.direction == Direction::Out {
                counts.add(frame.bytes);
            }
        }
        Ok(counts.reading().clone())
    }
}
