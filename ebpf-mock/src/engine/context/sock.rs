//! A socket as programs see it: the bytes of a `struct bpf_sock`, and what helpers know of it.

use super::fields::SockField;
use super::layout::Field;

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
        let bytes = self.bytes.get(usize::from(place(field).start)..);
        let word = bytes.and_then(<[u8]>::first_chunk);
        word.map_or(0, |word| u32::from_ne_bytes(*word))
    }

    /// Sets a field to bytes.
    pub(crate) fn set(&mut self, field: SockField, value: &[u8]) {
        let place = place(field);
        if let Some(bytes) = self
            .bytes
            .get_mut(usize::from(place.start)..usize::from(place.end))
        {
            for (to, from) in bytes.iter_mut().zip(value) {
                *to = *from;
            }
        }
    }
}

fn place(field: SockField) -> &'static Field {
    const FIELDS: &[Field] = SockField::LAYOUT.fields;
    &FIELDS[field as usize]
}
