//! Values in memory that is shared with running programs: global variables and elements of mapped arrays.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Map, MapError, Memory, Plain, Words};

const WORD: usize = size_of::<u64>();

/// A variable of a program, or another value in the memory of a mapped array; it stays while this value does.
///
/// ```no_run
/// use ebpf_core::map::{Global, Map, MapError};
///
/// fn set_verbosity(bss: &dyn Map, offset: usize) -> Result<u32, MapError> {
///     let verbosity: Global<u32> = Global::new(bss, offset)?;
///     let before = verbosity.get();
///     verbosity.set(&2)?;
///     Ok(before)
/// }
/// ```
pub struct Global<T> {
    memory: Arc<dyn Memory>,
    map: Arc<str>,
    offset: usize,
    types: PhantomData<fn() -> T>,
}

impl<T: Plain> Global<T> {
    /// The value that starts `offset` bytes into the memory of `map`.
    ///
    /// # Errors
    /// [`MapError::OutOfMemory`] if it does not lie within; else as [`Map::memory`].
    pub fn new(map: &(impl Map + ?Sized), offset: usize) -> Result<Global<T>, MapError> {
        let memory = map.memory()?;
        let name = map.info().name.clone();
        if Place::<T>::new(memory.words(), offset).is_none() {
            let (bytes, size) = (memory.words().len().saturating_mul(WORD), size_of::<T>());
            return Err(MapError::OutOfMemory {
                map: name,
                offset,
                size,
                bytes,
            });
        }
        Ok(Global {
            memory,
            map: name,
            offset,
            types: PhantomData,
        })
    }

    /// Where it lies. Keep the result for a loop: reading then costs as much as reading a variable.
    ///
    /// `None` cannot be but for memory that shrank, which no system does.
    pub fn place(&self) -> Option<Place<'_, T>> {
        Place::new(self.memory.words(), self.offset)
    }

    /// The value; see [`Place::load`].
    pub fn get(&self) -> T {
        self.place()
            .map_or_else(T::new_zeroed, |place| place.load())
    }

    /// Writes the value; see [`Place::store`].
    ///
    /// # Errors
    /// [`MapError::ReadOnly`] where the memory cannot be written.
    pub fn set(&self, value: &T) -> Result<(), MapError> {
        let stored = self
            .place()
            .ok_or(ReadOnly)
            .and_then(|place| place.store(value));
        stored.map_err(|source| MapError::ReadOnly {
            map: self.map.clone(),
            source,
        })
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for Global<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Global");
        tuple.field(&self.get()).finish()
    }
}

impl<T> Clone for Global<T> {
    fn clone(&self) -> Self {
        Global {
            memory: self.memory.clone(),
            map: self.map.clone(),
            offset: self.offset,
            types: PhantomData,
        }
    }
}

/// Memory that only programs may write, of a frozen map or one created so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the memory can only be read: the map is frozen, or was created for programs alone to write"
)]
pub struct ReadOnly;

/// Where a value lies in memory that is shared with running programs.
pub struct Place<'m, T> {
    /// The words that the value touches.
    words: &'m [AtomicU64],
    writable: bool,
    /// Bytes of the first word in front of the value.
    shift: usize,
    types: PhantomData<fn() -> T>,
}

impl<'m, T: Plain> Place<'m, T> {
    /// The value that starts `offset` bytes into the memory; `None` if it does not lie within, or is of no bytes.
    pub fn new(memory: Words<'m>, offset: usize) -> Option<Place<'m, T>> {
        let (first, shift) = (offset / WORD, offset % WORD);
        let count = (shift + size_of::<T>()).div_ceil(WORD);
        let words = memory.as_slice().get(first..first.checked_add(count)?)?;
        let writable = memory.is_writable();
        (size_of::<T>() != 0).then_some(Place {
            words,
            writable,
            shift,
            types: PhantomData,
        })
    }

    /// The value that takes all of these words.
    #[inline]
    pub(super) fn of(words: &'m [AtomicU64], writable: bool) -> Place<'m, T> {
        Place {
            words,
            writable,
            shift: 0,
            types: PhantomData,
        }
    }

    /// The value.
    ///
    /// A value within one aligned word of 8 bytes is read at once. A larger one is read word by word: a program that
    /// writes meanwhile may leave parts of two values in it.
    #[inline]
    pub fn load(&self) -> T {
        match self.words {
            [word] => within(word.load(Ordering::Relaxed), self.shift),
            _ => self.load_wide(),
        }
    }

    fn load_wide(&self) -> T {
        let mut value = T::new_zeroed();
        let mut rest = value.as_mut_bytes();
        let mut shift = self.shift;
        for word in self.words {
            let found = word.load(Ordering::Relaxed).to_ne_bytes();
            let (now, later) = rest.split_at_mut(rest.len().min(WORD - shift));
            for (byte, found) in now.iter_mut().zip(found.iter().skip(shift)) {
                *byte = *found;
            }
            (rest, shift) = (later, 0);
        }
        value
    }

    /// Writes the value and leaves its neighbours alone, also those that a program writes meanwhile.
    ///
    /// A value within one aligned word of 8 bytes is written at once; a larger one word by word, so that a program may see
    /// parts of two values.
    ///
    /// # Errors
    /// [`ReadOnly`] where the memory cannot be written.
    #[inline]
    pub fn store(&self, value: &T) -> Result<(), ReadOnly> {
        if !self.writable {
            return Err(ReadOnly);
        }
        match (self.words, value.as_bytes().first_chunk()) {
            // Eight bytes in one word are the word.
            ([word], Some(whole)) => word.store(u64::from_ne_bytes(*whole), Ordering::Relaxed),
            _ => self.store_in_parts(value),
        }
        Ok(())
    }

    fn store_in_parts(&self, value: &T) {
        let mut rest = value.as_bytes();
        let mut shift = self.shift;
        for word in self.words {
            let (now, later) = rest.split_at(rest.len().min(WORD - shift));
            if let Ok(whole) = now.try_into() {
                word.store(u64::from_ne_bytes(whole), Ordering::Relaxed);
            } else {
                let put = |word| Some(put(word, shift, now));
                // The closure always gives a word, so this ends when no one else wrote in between.
                let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, put);
            }
            (rest, shift) = (later, 0);
        }
    }

    /// Replaces the value by what `change` makes of it, at once, and gives the one before; `change` is called again
    /// when someone wrote meanwhile.
    ///
    /// # Errors
    /// [`PlaceError::ReadOnly`] where the memory cannot be written, [`PlaceError::NotInOneWord`] if the value is not
    /// within one aligned word of 8 bytes.
    pub fn modify(&self, mut change: impl FnMut(T) -> T) -> Result<T, PlaceError> {
        if !self.writable {
            return Err(PlaceError::ReadOnly(ReadOnly));
        }
        let [word] = self.words else {
            return Err(PlaceError::NotInOneWord {
                size: size_of::<T>(),
            });
        };
        let value = |word| within(word, self.shift);
        let changed = |word| Some(put(word, self.shift, change(value(word)).as_bytes()));
        let before = word.fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
        Ok(value(before.unwrap_or_else(|word| word)))
    }
}

impl<'m> Place<'m, u64> {
    /// The variable as an atomic integer; `None` where the memory cannot be written or the variable is not aligned to 8
    /// bytes.
    pub fn atomic(&self) -> Option<&'m AtomicU64> {
        match self.words {
            [word] if self.writable => Some(word),
            _ => None,
        }
    }
}

impl<T> Copy for Place<'_, T> {}

impl<T> Clone for Place<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for Place<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.load()).finish()
    }
}

/// Why a value cannot be changed in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The memory cannot be written.
    #[error(transparent)]
    ReadOnly(#[from] ReadOnly),
    /// The value is too large, or badly aligned.
    #[error(
        "the value of {size} bytes is not within one aligned word of 8 bytes, so it cannot be changed at once"
    )]
    NotInOneWord {
        /// Bytes of the value.
        size: usize,
    },
}

/// The value that starts at `shift` in a word.
#[inline]
fn within<T: Plain>(word: u64, shift: usize) -> T {
    // Eight bytes in one word are the word.
    let word = if size_of::<T>() == WORD {
        word
    } else {
        from_start(word, shift)
    };
    let bytes = word.to_ne_bytes();
    T::read_from_prefix(&bytes).map_or_else(|_| T::new_zeroed(), |(value, _)| value)
}

/// `word` with `bytes` in it from `shift` on.
#[inline]
fn put(word: u64, shift: usize, bytes: &[u8]) -> u64 {
    let mut word = word.to_ne_bytes();
    for (byte, new) in word.iter_mut().skip(shift).zip(bytes) {
        *byte = *new;
    }
    u64::from_ne_bytes(word)
}

/// `word` without its first `shift` bytes in memory.
#[inline]
fn from_start(word: u64, shift: usize) -> u64 {
    let bits = 8 * (shift % WORD) as u32;
    if cfg!(target_endian = "big") {
        word << bits
    } else {
        word >> bits
    }
}
