//! Route netlink: which XDP programs an interface has, and changing them.
//!
//! Two messages, `RTM_SETLINK` and `RTM_GETLINK` with what `IFLA_XDP` nests; framing and sockets are the
//! `netlink-packet-core` and `netlink-sys` crates'.

use std::convert::Infallible;
use std::io;
use std::sync::{Mutex, PoisonError};

use ebpf_sys::{
    IFLA_XDP, IFLA_XDP_ATTACHED, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_EXPECTED_FD, IFLA_XDP_FD,
    IFLA_XDP_FLAGS, IFLA_XDP_HW_PROG_ID, IFLA_XDP_PROG_ID, IFLA_XDP_SKB_PROG_ID, RTM_GETLINK,
    RTM_SETLINK, nlmsgerr_attrs,
};
use netlink_packet_core::{
    DefaultNla, Emitable, ErrorMessage, NLA_F_NESTED, NLM_F_ACK, NLM_F_REQUEST, NetlinkBuffer,
    NetlinkDeserializable, NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
    NlasIterator,
};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};

use super::sys::errno_of;
use crate::Errno;
use crate::hook::XdpMode;
use crate::program::ProgramId;

/// Bytes of `struct ifinfomsg`, which begins every message about an interface.
const INTERFACE_HEADER: usize = 16;
/// Bytes of `struct nlmsghdr`.
const MESSAGE_HEADER: usize = 16;
/// The acknowledgement carries attributes.
const NLM_F_ACK_TLVS: u16 = 0x200;

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

/// Which XDP programs an interface has, by where they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct XdpAttached {
    /// In the network stack.
    pub skb: Option<ProgramId>,
    /// In the driver.
    pub drv: Option<ProgramId>,
    /// On the device.
    pub hw: Option<ProgramId>,
}

impl XdpAttached {
    /// The program of a mode; of the default one the driver's, else the stack's.
    pub fn program(&self, mode: XdpMode) -> Option<ProgramId> {
        match mode {
            XdpMode::Skb => self.skb,
            XdpMode::Drv => self.drv,
            XdpMode::Hw => self.hw,
            XdpMode::Default => self.drv.or(self.skb),
        }
    }
}

/// A change of an interface's XDP program.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetXdp {
    pub(super) ifindex: u32,
    /// The program's descriptor, -1 for none.
    pub(super) program: i32,
    /// `XDP_FLAGS_*`.
    pub(super) flags: u32,
    /// The descriptor of the program that must be there, with `XDP_FLAGS_REPLACE`.
    pub(super) expected: Option<i32>,
}

/// A connection to the kernel's routing side, in the network namespace in which it was opened, from whatever thread it
/// is used.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: Mutex<Socket>,
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
            socket: Mutex::new(socket),
        })
    }

    /// Changes an interface's XDP program.
    pub(super) fn set_xdp(&self, change: &SetXdp) -> Result<(), Refusal> {
        let number = |kind: u32, value: [u8; 4]| DefaultNla::new(kind as u16, value.to_vec());
        let mut inner = vec![
            number(IFLA_XDP_FD, change.program.to_ne_bytes()),
            number(IFLA_XDP_FLAGS, change.flags.to_ne_bytes()),
        ];
        inner.extend(
            change
                .expected
                .map(|fd| number(IFLA_XDP_EXPECTED_FD, fd.to_ne_bytes())),
        );
        let inner = inner.as_slice();
        let mut nested = vec![0; inner.buffer_len()];
        inner.emit(&mut nested);
        let attributes = vec![DefaultNla::new(IFLA_XDP as u16 | NLA_F_NESTED, nested)];
        self.request(
            AboutInterface {
                kind: RTM_SETLINK as u16,
                ifindex: change.ifindex,
                attributes,
            },
            |_| (),
        )
    }

    /// Which XDP programs an interface has.
    pub(super) fn xdp(&self, ifindex: u32) -> Result<XdpAttached, Refusal> {
        let mut attached = XdpAttached::default();
        let question = AboutInterface {
            kind: RTM_GETLINK as u16,
            ifindex,
            attributes: Vec::new(),
        };
        self.request(question, |answer| attached = read_xdp(answer))?;
        Ok(attached)
    }

    /// Sends a message; `see` gets the body of each answer before the acknowledgement.
    fn request(&self, message: AboutInterface, mut see: impl FnMut(&[u8])) -> Result<(), Refusal> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_ACK;
        let mut request = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(message));
        request.finalize();
        let mut bytes = vec![0; request.buffer_len()];
        request.serialize(&mut bytes);

        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        socket.send(&bytes, 0)?;
        loop {
            let datagram = match socket.recv_from_full() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                answer => answer?.0,
            };
            let mut rest = datagram.as_slice();
            while !rest.is_empty() {
                let malformed = |_| Refusal::from(Errno::EBADMSG);
                let length = NetlinkBuffer::new_checked(&rest)
                    .map_err(malformed)?
                    .length() as usize;
                let answer = NetlinkMessage::<Body>::deserialize(rest).map_err(malformed)?;
                rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
                match answer.payload {
                    NetlinkPayload::Error(error) => {
                        return acknowledged(&error, answer.header.flags);
                    }
                    NetlinkPayload::Done(_) => return Ok(()),
                    NetlinkPayload::InnerMessage(body) => see(&body.0),
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
    let mut told = NlasIterator::new(attributes.unwrap_or_default())
        .flatten()
        .filter_map(|attribute| {
            let is_text = u32::from(attribute.kind()) == nlmsgerr_attrs::NLMSGERR_ATTR_MSG.0;
            let text = attribute
                .value()
                .strip_suffix(b"\0")
                .unwrap_or(attribute.value());
            is_text.then(|| String::from_utf8_lossy(text).into())
        });
    Err(Refusal {
        errno: Errno(code.get().wrapping_neg()),
        told: told.next(),
    })
}

/// The XDP programs in the body of `RTM_NEWLINK`.
fn read_xdp(body: &[u8]) -> XdpAttached {
    let mut attached = XdpAttached::default();
    let attributes = body.get(INTERFACE_HEADER..).unwrap_or_default();
    let nested = NlasIterator::new(attributes)
        .flatten()
        .find(|attribute| u32::from(attribute.kind()) == IFLA_XDP);
    let Some(nested) = nested else {
        return attached;
    };
    let (mut only, mut mode) = (None, 0);
    for attribute in NlasIterator::new(nested.value()).flatten() {
        let number = attribute
            .value()
            .first_chunk()
            .map(|bytes| u32::from_ne_bytes(*bytes));
        let program = number.filter(|id| *id != 0).map(ProgramId);
        match u32::from(attribute.kind()) {
            IFLA_XDP_ATTACHED => mode = attribute.value().first().copied().unwrap_or(0),
            IFLA_XDP_PROG_ID => only = program,
            IFLA_XDP_SKB_PROG_ID => attached.skb = program,
            IFLA_XDP_DRV_PROG_ID => attached.drv = program,
            IFLA_XDP_HW_PROG_ID => attached.hw = program,
            _ => {}
        }
    }
    // Before Linux 4.19 there is one id, and the mode beside it (`XDP_ATTACHED_*`).
    if attached == XdpAttached::default() {
        match mode {
            2 => attached.skb = only,
            3 => attached.hw = only,
            _ => attached.drv = only,
        }
    }
    attached
}

/// A message about an interface.
struct AboutInterface {
    kind: u16,
    ifindex: u32,
    attributes: Vec<DefaultNla>,
}

impl NetlinkSerializable for AboutInterface {
    fn message_type(&self) -> u16 {
        self.kind
    }

    fn buffer_len(&self) -> usize {
        INTERFACE_HEADER + self.attributes.as_slice().buffer_len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        // Family, padding, type; the index; flags and their mask.
        let Some((header, rest)) = buffer.split_first_chunk_mut::<INTERFACE_HEADER>() else {
            return;
        };
        header.fill(0);
        header[4..8].copy_from_slice(&self.ifindex.to_ne_bytes());
        self.attributes.as_slice().emit(rest);
    }
}

/// The body of an answer.
struct Body(Vec<u8>);

impl NetlinkDeserializable for Body {
    type Error = Infallible;

    fn deserialize(_: &NetlinkHeader, payload: &[u8]) -> Result<Body, Infallible> {
        Ok(Body(payload.to_vec()))
    }
}
