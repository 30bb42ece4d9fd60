//! What can go wrong with events.

use std::fmt;
use std::sync::Arc;

use crate::Errno;
use crate::map::{MapError, hint_text};

/// What went wrong with a source or a producer of events.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// About the map itself: it has no events, or a slot could not be written.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The options do not go with the map; nothing was asked of the system.
    #[error("open events of map `{map}`: {problem}")]
    Options {
        /// The map's name.
        map: Arc<str>,
        /// What does not go.
        problem: OptionsProblem,
    },
    /// The system refused.
    #[error("{op} of map `{map}`{}: {errno}{}", OnCpu(*.cpu), hint_text(.hint))]
    Os {
        /// The operation.
        op: &'static str,
        /// The map's name.
        map: Arc<str>,
        /// The CPU whose ring it is about.
        cpu: Option<u32>,
        /// What the system said.
        errno: Errno,
        /// What might help.
        hint: Option<&'static str>,
    },
    /// A ring holds what no kernel writes; what was in it is skipped.
    #[error("events of map `{map}`{}: at position {position}: {problem}", OnCpu(*.cpu))]
    Ring {
        /// The map's name.
        map: Arc<str>,
        /// The CPU whose ring it is.
        cpu: Option<u32>,
        /// Bytes that the ring had seen before, modulo the machine's word.
        position: u64,
        /// What is wrong there.
        problem: RingProblem,
    },
    /// Sources of different systems cannot be waited for together.
    #[error("sources of different systems cannot be waited for together")]
    Mixed,
    /// A sample does not fit the ring, however empty it is.
    #[error("a sample of {got} bytes for map `{map}`: it takes at most {most}")]
    TooLarge {
        /// The map's name.
        map: Arc<str>,
        /// Bytes of the largest sample.
        most: usize,
        /// Bytes of this one.
        got: usize,
    },
    /// The event loop of an asynchronous runtime refused.
    #[error("wait for events in the event loop: {kind}")]
    Loop {
        /// What it said.
        kind: std::io::ErrorKind,
    },
    /// A thread could not be started.
    #[error("start a thread that reads events: {errno}")]
    Thread {
        /// What the system said.
        errno: Errno,
    },
}

impl EventError {
    /// The system's error number, if it was the system that refused.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            EventError::Os { errno, .. } | EventError::Thread { errno } => Some(*errno),
            EventError::Map(error) => error.errno(),
            _ => None,
        }
    }
}

/// What is wrong with the options for a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsProblem {
    /// A buffer larger than any machine's memory.
    #[error("a buffer of {0} bytes cannot be")]
    BufferBytes(usize),
    /// A CPU for which the map has no slot.
    #[error(
        "CPU {cpu} has no slot: the map has {slots}; give it an entry for each CPU, or name the CPUs"
    )]
    NoSlot {
        /// The CPU.
        cpu: u32,
        /// The map's slots.
        slots: u32,
    },
    /// No CPU at all.
    #[error("no CPU is named")]
    NoCpu,
    /// An option that only perf event arrays have.
    #[error("{0} is for perf event arrays")]
    PerfOnly(&'static str),
}

/// What is wrong in a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RingProblem {
    /// The positions of writer and reader are further apart than the ring is long, or not where records begin.
    #[error("{available} bytes in a ring of {size}")]
    Positions {
        /// Bytes between reader and writer.
        available: u64,
        /// Bytes of the ring.
        size: u64,
    },
    /// A record that says it is longer than what was written.
    #[error("a record of {length} bytes where {available} were written")]
    Record {
        /// Bytes that the record says it has.
        length: u64,
        /// Bytes up to the writer's position.
        available: u64,
    },
}

/// ` on CPU 3`, or nothing.
struct OnCpu(Option<u32>);

impl fmt::Display for OnCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(cpu) => write!(f, " on CPU {cpu}"),
            None => Ok(()),
        }
    }
}
