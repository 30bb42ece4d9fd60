//! What went wrong, on what, and what the kernel said.

use std::io;

/// An error of the test bed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel refused a step.
    #[error("{step}: {source}")]
    Os {
        /// What was tried, on what.
        step: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel's answer was not of the kind that was asked for.
    #[error("{step}: the kernel's answer lacks {lacks}")]
    Answer {
        /// What was tried, on what.
        step: String,
        /// What the answer should have held.
        lacks: &'static str,
    },
    /// Something did not come to be usable.
    #[error("{what}: not usable after {seconds} s")]
    Late {
        /// What was waited for.
        what: String,
        /// How long it was waited for, in seconds.
        seconds: u64,
    },
}

impl Error {
    /// Wraps what the kernel said on `step`.
    pub(crate) fn os(step: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::Os {
            step: step.into(),
            source: source.into(),
        }
    }

    /// The kernel's error number, where the kernel refused something.
    #[must_use]
    pub fn raw_os_error(&self) -> Option<i32> {
        match self {
            Self::Os { source, .. } => source.raw_os_error(),
            _ => None,
        }
    }
}
