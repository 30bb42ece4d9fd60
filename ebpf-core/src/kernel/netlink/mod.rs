//! Route netlink: a connection, and the few messages that attach programs.
//!
//! Framing and sockets are the `netlink-packet-core` and `netlink-sys` crates'; what an interface's XDP needs is in
//! `xdp.rs`, what traffic control needs in `tc.rs`.

mod tc;
mod xdp;

use std::convert::Infallible;
use std::io;
use std::sync::{Mutex, PoisonError};

use ebpf_sys::nlmsgerr_attrs;
use netlink_packet_core::{
    DefaultNla, Emitable, ErrorMessage, NLA_F_NESTED, NLA_HEADER_SIZE, NLM_F_ACK, NLM_F_ACK_TLVS,
    NLM_F_DUMP, NLM_F_REQUEST, NetlinkBuffer, NetlinkDeserializable, NetlinkHeader, NetlinkMessage,
    NetlinkPayload, NetlinkSerializable, NlasIterator,
};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};

pub(super) use tc::{Existing, FilterPlace, Runs, SetFilter};
pub(super) use xdp::SetXdp;
pub use xdp::XdpAttached;

use super::sys::errno_of;
use crate::Errno;
use crate::codec::c_str;

/// Bytes of `struct nlmsghdr`.
const MESSAGE_HEADER: usize = 16;

/// A refusal of the kernel, with its own words where it has any.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) errno: Errno,
    pub(super) told: Option<Box<str>>,
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Refusal {
        Refusal { errno, told: None }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        errno_of(&error).into()
    }
}

/// A connection to the kernel's routing side, in the network namespace in which it was opened, from whatever thread it
/// is used.
#[derive(Debug)]
pub(super) struct Netlink {
    connection: Mutex<Connection>,
}

#[derive(Debug)]
struct Connection {
    socket: Socket,
    /// The number of the last request: answers bear it.
    sequence: u32,
}

impl Netlink {
    /// Connects, in the calling thread's network namespace.
    pub(super) fn open() -> Result<Netlink, Refusal> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        // The kernel's own words, since Linux 4.12, and no copy of the request before them.
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        Ok(Netlink {
            connection: Mutex::new(Connection {
                socket,
                sequence: 0,
            }),
        })
    }

    /// Sends a message with `flags` besides those of every request; `see` gets the type and the body of each answer
    /// before the acknowledgement.
    fn request(
        &self,
        flags: u16,
        message: Message,
        see: impl FnMut(u16, &[u8]),
    ) -> Result<(), Refusal> {
        self.exchange(NLM_F_REQUEST | NLM_F_ACK | flags, message, see)
    }

    /// Asks for all that a message names; `see` gets the type and the body of each.
    fn dump(&self, message: Message, see: impl FnMut(u16, &[u8])) -> Result<(), Refusal> {
        self.exchange(NLM_F_REQUEST | NLM_F_DUMP, message, see)
    }

    fn exchange(
        &self,
        flags: u16,
        message: Message,
        mut see: impl FnMut(u16, &[u8]),
    ) -> Result<(), Refusal> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connection.sequence = connection.sequence.wrapping_add(1);
        let sequence = connection.sequence;
        let bytes = message.encode(flags, sequence);
        connection.socket.send(&bytes, 0)?;
        loop {
            let datagram = match connection.socket.recv_from_full() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                answer => answer?.0,
            };
            let mut rest = datagram.as_slice();
            while !rest.is_empty() {
                let malformed = |_| Refusal::from(Errno::EBADMSG);
                let length = NetlinkBuffer::new_checked(&rest)
                    .map_err(malformed)?
                    .length() as usize;
                let answer = NetlinkMessage::<Answer>::deserialize(rest).map_err(malformed)?;
                rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
                // What an earlier request left behind when it failed half-way.
                if answer.header.sequence_number != sequence {
                    continue;
                }
                match answer.payload {
                    NetlinkPayload::Error(error) => {
                        return acknowledged(&error, answer.header.flags);
                    }
                    NetlinkPayload::Done(done) if done.code < 0 => {
                        return Err(Errno(done.code.wrapping_neg()).into());
                    }
                    NetlinkPayload::Done(_) => return Ok(()),
                    NetlinkPayload::InnerMessage(answer) => see(answer.kind, &answer.body),
                    _ => {}
                }
            }
        }
    }
}

/// What an acknowledgement says. After the error come the request's header, its body if it was refused and not left
/// out, and attributes if the flags say so; `set_cap_ack` leaves the body out.
fn acknowledged(answer: &ErrorMessage, flags: u16) -> Result<(), Refusal> {
    let Some(code) = answer.code else {
        return Ok(());
    };
    let attributes = answer
        .header
        .get(MESSAGE_HEADER..)
        .filter(|_| flags & NLM_F_ACK_TLVS != 0);
    let told = self::attributes(attributes.unwrap_or_default())
        .find(|(kind, _)| *kind == nlmsgerr_attrs::NLMSGERR_ATTR_MSG.0)
        .map(|(_, text)| c_str(text).as_ref().into());
    Err(Refusal {
        errno: Errno(code.get().wrapping_neg()),
        told,
    })
}

/// A message: a structure of numbers, and attributes after it.
struct Message {
    kind: u16,
    header: Vec<u8>,
    attributes: Vec<DefaultNla>,
}

impl Message {
    fn new(kind: u32, header: impl Into<Vec<u8>>, attributes: Vec<DefaultNla>) -> Message {
        Message {
            kind: kind as u16,
            header: header.into(),
            attributes,
        }
    }

    fn encode(self, flags: u16, sequence: u32) -> Vec<u8> {
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(self));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        bytes
    }
}

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        self.kind
    }

    fn buffer_len(&self) -> usize {
        self.header.len() + self.attributes.as_slice().buffer_len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        if let Some((header, rest)) = buffer.split_at_mut_checked(self.header.len()) {
            header.copy_from_slice(&self.header);
            self.attributes.as_slice().emit(rest);
        }
    }
}

/// An attribute of a number, or of bytes as they are.
fn attribute(kind: u32, value: impl Into<Vec<u8>>) -> DefaultNla {
    DefaultNla::new(kind as u16, value.into())
}

/// An attribute of attributes.
fn nested(kind: u32, attributes: Vec<DefaultNla>) -> DefaultNla {
    let attributes = attributes.as_slice();
    let mut bytes = vec![0; attributes.buffer_len()];
    attributes.emit(&mut bytes);
    DefaultNla::new(kind as u16 | NLA_F_NESTED, bytes)
}

/// The attributes in bytes, each its kind and its value.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    NlasIterator::new(bytes).flatten().map(|attribute| {
        let (kind, end) = (attribute.kind().into(), usize::from(attribute.length()));
        let value = attribute.into_inner().get(NLA_HEADER_SIZE..end);
        (kind, value.unwrap_or_default())
    })
}

/// The number in an attribute's value.
fn number(value: &[u8]) -> Option<u32> {
    value.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

/// What an answer is about, and its body.
struct Answer {
    kind: u16,
    body: Vec<u8>,
}

impl NetlinkDeserializable for Answer {
    type Error = Infallible;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Answer, Infallible> {
        Ok(Answer {
            kind: header.message_type,
            body: payload.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests;
