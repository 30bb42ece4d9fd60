//! What is a descriptor as well, for epoll, poll and select: a level, whose pipe has a byte in it while it is high; and room,
//! whose socket takes no more bytes while there is none.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
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

/// Whether there is room. The sockets are made when someone asks for the descriptor.
#[derive(Debug, Default)]
pub(super) struct Room {
    state: Mutex<RoomState>,
    /// The end that is given away, and the one that bytes are read from; neither blocks.
    sockets: OnceLock<(UnixStream, UnixStream)>,
}

#[derive(Debug, Default)]
struct RoomState {
    full: bool,
    /// Whether the socket was filled.
    filled: bool,
}

impl Room {
    /// Says whether there is room.
    pub(super) fn set(&self, room: bool) {
        let mut state = self.state.lock();
        state.full = !room;
        if let Some((given, other)) = self.sockets.get() {
            state.follow(given, other);
        }
    }

    /// A descriptor that is writable while there is room; `None` if there can be no more descriptors.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        let mut state = self.state.lock();
        if self.sockets.get().is_none() {
            let (given, other) = UnixStream::pair().ok()?;
            given.set_nonblocking(true).ok()?;
            other.set_nonblocking(true).ok()?;
            // With the lock: nobody else sets it.
            let _ = self.sockets.set((given, other));
        }
        let (given, other) = self.sockets.get()?;
        state.follow(given, other);
        Some(given.as_fd())
    }
}

impl RoomState {
    /// Fills the socket, or empties it.
    fn follow(&mut self, mut given: &UnixStream, mut other: &UnixStream) {
        if self.full == self.filled {
            return;
        }
        let mut bytes = [0; 4096];
        // Until it would block.
        if self.full {
            while given.write(&bytes).is_ok_and(|written| written > 0) {}
        } else {
            while other.read(&mut bytes).is_ok_and(|read| read > 0) {}
        }
        self.filled = self.full;
    }
}
