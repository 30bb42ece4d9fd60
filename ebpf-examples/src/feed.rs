//! Events of a program of ours, sample by sample.

use std::ops::ControlFlow;

use ebpf_core::event::{Event, EventError, EventSource};

/// How many events there were so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// They came.
    pub received: u64,
    /// There was no room for them when they came.
    pub lost: u64,
}

/// What went wrong with the events.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// They could not be read.
    #[error(transparent)]
    Events(#[from] EventError),
    /// One is not what the program writes.
    #[error("an event of {bytes} bytes is none of the program's")]
    Strange {
        /// How many bytes it has.
        bytes: usize,
    },
}

/// Gives the samples that are there to `sink`, until it breaks. `None` says that a sample is none of the program's.
pub(crate) fn drain(
    source: &mut dyn EventSource,
    mut sink: impl FnMut(&[u8]) -> Option<ControlFlow<()>>,
) -> Result<(), FeedError> {
    let mut strange = None;
    source.drain(&mut |event| {
        let Event::Sample { data, .. } = event else {
            return ControlFlow::Continue(());
        };
        sink(data).unwrap_or_else(|| {
            strange = Some(data.len());
            ControlFlow::Break(())
        })
    })?;
    match strange {
        Some(bytes) => Err(FeedError::Strange { bytes }),
        None => Ok(()),
    }
}
