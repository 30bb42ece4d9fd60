//! Memory that user space shares with running programs.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Memory that user space shares with running programs.
///
/// It is made of atomic words, because that is what both a mapping of the kernel's memory and a safe simulation can
/// share without undefined behaviour: anyone may write at any time. Elements of an array lie `round_up(value_size, 8)`
/// bytes apart.
pub trait Memory: fmt::Debug + Send + Sync {
    /// The memory, word by word. Keep the result for a loop: it is a slice and a flag.
    fn words(&self) -> Words<'_>;
}

/// Words shared with running programs, to read or to read and write.
#[derive(Clone, Copy)]
pub struct Words<'m> {
    words: &'m [AtomicU64],
    writable: bool,
}

impl<'m> Words<'m> {
    /// Words that only [`load`](Words::load) touches: the slice may lie in memory that cannot be written. For implementors.
    pub const fn read_only(words: &'m [AtomicU64]) -> Words<'m> {
        Words {
            words,
            writable: false,
        }
    }

    /// Words to read and write. For implementors.
    pub const fn writable(words: &'m [AtomicU64]) -> Words<'m> {
        Words {
            words,
            writable: true,
        }
    }

    /// The words themselves, of which those of read-only memory must only be loaded.
    #[inline]
    pub(super) const fn as_slice(self) -> &'m [AtomicU64] {
        self.words
    }

    /// How many words there are.
    pub const fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether stores are possible.
    pub const fn is_writable(&self) -> bool {
        self.writable
    }

    /// The word at `index`, in the host's byte order; `None` past the end.
    #[inline]
    pub fn load(&self, index: usize) -> Option<u64> {
        self.words
            .get(index)
            .map(|word| word.load(Ordering::Relaxed))
    }

    /// The word at `index` as something to operate on atomically; `None` past the end or where the memory is read-only.
    #[inline]
    pub fn atomic(&self, index: usize) -> Option<&'m AtomicU64> {
        if self.writable {
            self.words.get(index)
        } else {
            None
        }
    }
}

impl fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = if self.writable {
            "writable"
        } else {
            "read-only"
        };
        write!(f, "{} {access} words", self.words.len())
    }
}
