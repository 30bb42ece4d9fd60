//! Samples as Rust types.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use zerocopy::FromBytes;

use super::{Event, EventCounters, EventError, EventSource, Wait, Wake, perf};

impl<'a> Event<'a> {
    /// The sample as a `T`, where it has as many bytes; those that the kernel adds to a sample in a perf ring do not count.
    ///
    /// `None` for a sample of another size and for what is no sample.
    pub fn read<T: FromBytes>(&self) -> Option<T> {
        let (value, rest) = self.split()?;
        let Event::Sample { cpu, data } = self else {
            return None;
        };
        let size = size_of::<T>();
        let whole = rest.is_empty() || (cpu.is_some() && data.len() == perf::padded(size));
        whole.then_some(value)
    }

    /// The sample as a `T` and the bytes that follow it, where it has at least as many bytes; in a perf ring those that
    /// the kernel adds are among what follows.
    ///
    /// For programs that send a header and, say, a part of a packet, whose length the header tells:
    ///
    /// ```
    /// use ebpf_core::event::Event;
    ///
    /// ebpf_core::plain! {
    ///     pub struct Packet { pub length: u32 }
    /// }
    ///
    /// fn packet<'e>(event: &Event<'e>) -> Option<&'e [u8]> {
    ///     let (header, rest) = event.split::<Packet>()?;
    ///     rest.get(..header.length as usize)
    /// }
    ///
    /// // 3 bytes of a packet, and what the kernel makes of 7 bytes in all.
    /// let data = [3u32.to_ne_bytes().as_slice(), b"abc\0\0\0\0\0"].concat();
    /// assert_eq!(packet(&Event::sample(Some(0), &data)), Some(&b"abc"[..]));
    /// ```
    pub fn split<T: FromBytes>(&self) -> Option<(T, &'a [u8])> {
        match *self {
            Event::Sample { data, .. } => T::read_from_prefix(data).ok(),
            _ => None,
        }
    }
}

/// What a source of samples of one type has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TypedEvent<'a, T> {
    /// A sample of the type.
    #[non_exhaustive]
    Sample {
        /// The CPU whose ring it was in; `None` for ring buffers.
        cpu: Option<u32>,
        /// The sample.
        value: T,
    },
    /// Anything else: lost records, and samples of another size.
    Other(Event<'a>),
}

/// A source whose samples are all of one type, as [`EventSourceExt::typed`](super::EventSourceExt::typed) makes it.
pub struct TypedSource<T, S = Box<dyn EventSource>> {
    source: S,
    types: PhantomData<fn() -> T>,
}

impl<T: FromBytes, S: EventSource> TypedSource<T, S> {
    pub(super) fn new(source: S) -> TypedSource<T, S> {
        TypedSource {
            source,
            types: PhantomData,
        }
    }

    /// The source itself.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The source itself, for good.
    pub fn into_source(self) -> S {
        self.source
    }

    /// As [`EventSource::wait`].
    pub fn wait(&mut self, timeout: Option<Duration>) -> Result<Wait, EventError> {
        self.source.wait(timeout)
    }

    /// As [`EventSource::counters`].
    pub fn counters(&self) -> Arc<EventCounters> {
        self.source.counters()
    }

    /// As [`EventSource::waker`].
    pub fn waker(&self) -> Arc<dyn Wake> {
        self.source.waker()
    }

    /// As [`EventSource::drain`]: samples are read by [`Event::read`].
    pub fn drain(
        &mut self,
        mut sink: impl FnMut(TypedEvent<'_, T>) -> ControlFlow<()>,
    ) -> Result<usize, EventError> {
        self.source.drain(&mut |event| {
            sink(match event.read() {
                Some(value) => TypedEvent::Sample {
                    cpu: event.cpu(),
                    value,
                },
                None => TypedEvent::Other(event),
            })
        })
    }
}

impl<T, S: fmt::Debug> fmt::Debug for TypedSource<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedSource").field(&self.source).finish()
    }
}
