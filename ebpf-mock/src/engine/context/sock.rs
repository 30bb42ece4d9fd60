//! A socket as programs see it: the bytes of a `struct bpf_sock`, and what helpers know of it.

/// Fields of a `struct bpf_sock`, by where they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SockField {
    BoundDevIf = 0,
    Family = 4,
    Type = 8,
    Protocol = 12,
    Mark = 16,
    Priority = 20,
    SrcIp4 = 24,
    SrcIp6 = 28,
    SrcPort = 44,
    DstPort = 48,
    DstIp4 = 52,
    DstIp6 = 56,
    State = 72,
    RxQueueMapping = 76,
}

/// A socket.
#[derive(Clone, Debug)]
pub(crate) struct Sock {
    /// A `struct bpf_sock`.
    pub(crate) bytes: [u8; 80],
    /// A number that no other socket has.
    pub(crate) cookie: u64,
    /// Whose it is.
    pub(crate) uid: u32,
    /// What socket of the world it is; `None` for one that only a test run has.
    pub(crate) of: Option<std::sync::Weak<crate::world::SocketObject>>,
}

impl Default for Sock {
    fn default() -> Sock {
        Sock {
            bytes: [0; 80],
            cookie: 0,
            uid: 0,
            of: None,
        }
    }
}

impl Sock {
    /// A word of it.
    pub(crate) fn get(&self, field: SockField) -> u32 {
        let bytes = self.bytes.get(field as usize..);
        let word = bytes.and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_ne_bytes(*word))
    }

    /// Sets a field to bytes, as many as it has.
    pub(crate) fn set(&mut self, field: SockField, value: &[u8]) {
        let place = self.bytes.iter_mut().skip(field as usize);
        for (to, from) in place.zip(value) {
            *to = *from;
        }
    }
}
