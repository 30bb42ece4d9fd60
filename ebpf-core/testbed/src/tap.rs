//! Sees every frame that crosses an interface, and which way.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::RcvBufForce;
use nix::sys::socket::{
    AddressFamily, LinkAddr, SockFlag, SockProtocol, SockType, recvfrom, setsockopt, socket,
};

use crate::Error;

/// What the kernel may hold for the tap until it is read, in bytes.
const BUFFER_BYTES: usize = 64 << 20;
/// More than any frame has, segments joined by the sender's offloads included.
const FRAME_BYTES: usize = 256 << 10;
/// `PACKET_OUTGOING` of `<linux/if_packet.h>`.
const PACKET_OUTGOING: u8 = 4;

/// Which way a frame crossed the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The interface received it.
    In,
    /// The interface was given it to send.
    Out,
}

/// One frame, from its Ethernet header on. VLAN tags that the kernel keeps beside the frame are not in it.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Which way it went.
    pub direction: Direction,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A packet socket that sees each frame an interface receives or sends, from its opening on. A frame received is seen
/// after XDP, so not if a program dropped it; a frame sent is seen before the driver has it.
///
/// `packet(7)`
#[doc(alias = "AF_PACKET")]
#[derive(Debug)]
pub struct Tap {
    socket: OwnedFd,
    index: u32,
    buffer: Vec<u8>,
}

impl Tap {
    /// Listens to the interface with index `index` of the calling thread's namespace.
    ///
    /// # Errors
    /// [`Error::Os`], with EPERM for want of CAP_NET_RAW, or CAP_NET_ADMIN for the size of its buffer.
    pub fn open(index: u32) -> Result<Self, Error> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(
            AddressFamily::Packet,
            SockType::Raw,
            flags,
            SockProtocol::EthAll,
        )
        .map_err(|errno| Error::os("open a packet socket", errno))?;
        setsockopt(&socket, RcvBufForce, &BUFFER_BYTES)
            .map_err(|errno| Error::os("set the buffer of a packet socket", errno))?;
        Ok(Self {
            socket,
            index,
            buffer: vec![0; FRAME_BYTES],
        })
    }

    /// The next frame that waits, or `None`.
    ///
    /// # Errors
    /// What the kernel said, ENETDOWN for one when the interface was taken down.
    pub fn next_frame(&mut self) -> io::Result<Option<Frame<'_>>> {
        let (length, direction) = loop {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut self.buffer) {
                Ok((length, Some(from))) if from.ifindex() == self.index as usize => {
                    let out = from.pkttype() == PACKET_OUTGOING;
                    break (length, if out { Direction::Out } else { Direction::In });
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(None),
                Err(errno) => return Err(errno.into()),
            }
        };
        Ok(self
            .buffer
            .get(..length)
            .map(|bytes| Frame { direction, bytes }))
    }
}
