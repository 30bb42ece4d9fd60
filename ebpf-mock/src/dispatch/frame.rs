//! Frames of Ethernet with datagrams over IP: read as far as sockets need it, and made.

use std::net::{IpAddr, SocketAddr};

use crate::engine::context::{ETHERNET, IPV4, IPV6};
use crate::engine::helpers::checksum;

/// The number of UDP in an IP header.
pub(super) const UDP: u8 = 17;
/// Bytes of its header.
pub(super) const UDP_HEADER: usize = 8;
const IPV4_HEADER: usize = 20;
const IPV6_HEADER: usize = 40;

/// What a frame of UDP over IP says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Headers {
    /// Where the transport header begins.
    pub(super) transport: usize,
    /// Where the payload ends; padding may follow.
    pub(super) end: usize,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
}

/// What a frame says, if it is one of UDP over IP that is no fragment.
pub(super) fn read(frame: &[u8]) -> Option<Headers> {
    let ethertype: [u8; 2] = frame.get(12..ETHERNET)?.try_into().ok()?;
    let packet = frame.get(ETHERNET..)?;
    let (from, to, length, size): (IpAddr, IpAddr, usize, usize) =
        match u16::from_ne_bytes(ethertype) {
            IPV4 => {
                let header = packet.first_chunk::<IPV4_HEADER>()?;
                let length = usize::from(header[0] & 15) * 4;
                let fragment = u16::from_be_bytes([header[6], header[7]]) & 0x3fff;
                if header[0] >> 4 != 4 || length < IPV4_HEADER || header[9] != UDP || fragment != 0
                {
                    return None;
                }
                let address = |at: usize| <[u8; 4]>::try_from(packet.get(at..at + 4)?).ok();
                let size = u16::from_be_bytes([header[2], header[3]]);
                (
                    address(12)?.into(),
                    address(16)?.into(),
                    length,
                    size.into(),
                )
            }
            IPV6 => {
                let header = packet.first_chunk::<IPV6_HEADER>()?;
                if header[0] >> 4 != 6 || header[6] != UDP {
                    return None;
                }
                let address = |at: usize| <[u8; 16]>::try_from(packet.get(at..at + 16)?).ok();
                let size = usize::from(u16::from_be_bytes([header[4], header[5]]));
                (
                    address(8)?.into(),
                    address(24)?.into(),
                    IPV6_HEADER,
                    IPV6_HEADER + size,
                )
            }
            _ => return None,
        };
    let ports = packet.get(length..)?.first_chunk::<UDP_HEADER>()?;
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    let datagram = usize::from(port(4));
    if datagram < UDP_HEADER || length + datagram > size || size > packet.len() {
        return None;
    }
    Some(Headers {
        transport: ETHERNET + length,
        end: ETHERNET + length + datagram,
        from: SocketAddr::new(from, port(0)),
        to: SocketAddr::new(to, port(2)),
    })
}

/// The frame of a datagram between two addresses of one family, with its checksums.
pub(super) fn datagram(
    [to_device, from_device]: [[u8; 6]; 2],
    from: SocketAddr,
    to: SocketAddr,
    payload: &[u8],
) -> Option<Vec<u8>> {
    let length = u16::try_from(UDP_HEADER + payload.len()).ok()?;
    let mut udp = Vec::with_capacity(usize::from(length));
    udp.extend_from_slice(&from.port().to_be_bytes());
    udp.extend_from_slice(&to.port().to_be_bytes());
    udp.extend_from_slice(&length.to_be_bytes());
    udp.extend_from_slice(&[0; 2]);
    udp.extend_from_slice(payload);
    let mut frame = [to_device, from_device].concat();
    let mut pseudo = Vec::new();
    match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let total = u16::try_from(IPV4_HEADER).ok()?.checked_add(length)?;
            let mut header = vec![0x45, 0];
            header.extend_from_slice(&total.to_be_bytes());
            // No identification, not to be fragmented, a time to live of 64, no checksum yet.
            header.extend_from_slice(&[0, 0, 0x40, 0, 64, UDP, 0, 0]);
            header.extend_from_slice(&from.octets());
            header.extend_from_slice(&to.octets());
            let sum = checksum::fold(checksum::partial(&header, 0));
            header.splice(10..12, sum.to_ne_bytes());
            frame.extend_from_slice(&IPV4.to_ne_bytes());
            frame.extend_from_slice(&header);
            pseudo.extend_from_slice(&from.octets());
            pseudo.extend_from_slice(&to.octets());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            frame.extend_from_slice(&IPV6.to_ne_bytes());
            frame.extend_from_slice(&[0x60, 0, 0, 0]);
            frame.extend_from_slice(&length.to_be_bytes());
            frame.extend_from_slice(&[UDP, 64]);
            frame.extend_from_slice(&from.octets());
            frame.extend_from_slice(&to.octets());
            pseudo.extend_from_slice(&from.octets());
            pseudo.extend_from_slice(&to.octets());
        }
        _ => return None,
    }
    pseudo.extend_from_slice(&[0, UDP]);
    pseudo.extend_from_slice(&length.to_be_bytes());
    let sum = checksum::partial(&udp, checksum::partial(&pseudo, 0));
    // A sum of 0 would say that there is none.
    let sum = match checksum::fold(sum) {
        0 => u16::MAX,
        sum => sum,
    };
    udp.splice(6..8, sum.to_ne_bytes());
    frame.extend_from_slice(&udp);
    Some(frame)
}
