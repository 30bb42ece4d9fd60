//! A level that is a descriptor as well, for epoll, poll and select: a pipe with a byte in it while the level is high.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::OnceLock;

use parking_lot::Mutex;

/// A level. The pipe is made when someone asks for its descriptor.
#[derive(Debug, Default)]
pub(super) struct Level {
    state: Mutex<State>,
    pipe: OnceLock<(PipeReader, PipeWriter)>,
}

#[derive(Debug, Default)]
struct State {
    high: bool,
    /// Whether there is a byte in the pipe. It is written and read with the lock, so that neither ever waits.
    byte: bool,
}

impl Level {
    pub(super) fn set(&self, high: bool) {
        let mut state = self.state.lock();
        state.high = high;
        if let Some((reader, writer)) = self.pipe.get() {
            state.follow(reader, writer);
        }
    }

    pub(super) fn is_high(&self) -> bool {
        self.state.lock().high
    }

    /// A descriptor that is readable while the level is high; `None` if there can be no more descriptors.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        let mut state = self.state.lock();
        if self.pipe.get().is_none() {
            // With the lock: nobody else sets it.
            let _ = self.pipe.set(io::pipe().ok()?);
        }
        let (reader, writer) = self.pipe.get()?;
        state.follow(reader, writer);
        Some(reader.as_fd())
    }
}

impl State {
    /// Makes the pipe say what the level is.
    fn follow(&mut self, mut reader: &PipeReader, mut writer: &PipeWriter) {
        if self.high == self.byte {
            return;
        }
        let done = if self.high {
            writer.write_all(&[1])
        } else {
            reader.read_exact(&mut [0])
        };
        // Both ends are open here and the byte fits, so that neither fails; if one did, the level itself stays right.
        self.byte = if done.is_ok() { self.high } else { self.byte };
    }
}
