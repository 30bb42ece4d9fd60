//! Cookies in place of half-open connections: `bpf_tcp_raw_gen_syncookie_ipv4()` and its like in net/core/filter.c,
//! net/ipv4/syncookies.c. The secret is the machine's seed, and the clock the machine's.

use ebpf_core::Errno;

use super::super::helper::{Argument, Flow, Helper, Negative, wrong};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::TC_OR_XDP;
use crate::engine::context::SockField;

use Argument::{Memory, Size, Special};

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(100, "tcp_check_syncookie", TC_OR_XDP, &[Special, Memory, Size, Memory, Size], check),
    row(110, "tcp_gen_syncookie", TC_OR_XDP, &[Special, Memory, Size, Memory, Size], make),
    row(204, "tcp_raw_gen_syncookie_ipv4", TC_OR_XDP, &[Special, Memory, Size], raw_make_v4),
    row(205, "tcp_raw_gen_syncookie_ipv6", TC_OR_XDP, &[Special, Memory, Size], raw_make_v6),
    row(206, "tcp_raw_check_syncookie_ipv4", TC_OR_XDP, &[Special, Special], raw_check_v4),
    row(207, "tcp_raw_check_syncookie_ipv6", TC_OR_XDP, &[Special, Special], raw_check_v6),
];

/// Bytes of headers.
const IPV4: usize = 20;
const IPV6: usize = 40;
const TCP: usize = 20;
/// The sizes of segments that a cookie can stand for.
const SIZES_V4: [u16; 4] = [536, 1300, 1440, 1460];
const SIZES_V6: [u16; 4] = [1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60];
/// What is taken where a packet does not say a size.
const DEFAULT_V4: u16 = 536;
const DEFAULT_V6: u16 = 1280 - 60;
/// Bits of a cookie below the minute.
const MASK: u32 = (1 << 24) - 1;
/// For how many minutes a cookie is good.
const OLDEST: u32 = 2;

/// A header of TCP, as far as cookies need it.
#[derive(Clone, Copy, Debug)]
struct Segment {
    ports: [u8; 4],
    sequence: u32,
    acknowledged: u32,
    length: usize,
    flags: u8,
}

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

impl Segment {
    fn of(header: &[u8]) -> Option<Segment> {
        let header = header.first_chunk::<TCP>()?;
        let word = |at: usize| {
            let word = header.get(at..).and_then(<[u8]>::first_chunk);
            word.map_or(0, |word| u32::from_be_bytes(*word))
        };
        Some(Segment {
            ports: [header[0], header[1], header[2], header[3]],
            sequence: word(4),
            acknowledged: word(8),
            length: usize::from(header[12] >> 4) * 4,
            flags: header[13],
        })
    }
}

/// The largest segment that a header with its options says; 0 if it does not.
fn segment_size(header: &[u8]) -> u16 {
    const END: u8 = 0;
    const NOTHING: u8 = 1;
    const SIZE: u8 = 2;
    let mut size = 0;
    let mut rest = header.get(TCP..).unwrap_or_default();
    while let [option, after @ ..] = rest {
        match (*option, after) {
            (END, _) => break,
            (NOTHING, _) => rest = after,
            (option, [length, value @ ..]) => {
                let length = usize::from(*length);
                if length < 2 || length > rest.len() {
                    break;
                }
                if let (SIZE, 4, [high, low, ..]) = (option, length, value) {
                    let told = u16::from_be_bytes([*high, *low]);
                    size = if told == 0 { size } else { told };
                }
                rest = rest.get(length..).unwrap_or_default();
            }
            _ => break,
        }
    }
    size
}

impl Run {
    /// A number that only this machine knows.
    fn cookie_hash(&self, addresses: &[u8], ports: [u8; 4], minute: u32, which: u64) -> u32 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut state = self.kernel.machine.seed ^ which.wrapping_mul(STEP);
        let minute = minute.to_ne_bytes();
        let bytes = addresses.iter().chain(&ports).chain(&minute);
        for byte in bytes {
            state = (state ^ u64::from(*byte)).wrapping_mul(STEP);
            state ^= state >> 29;
        }
        (state >> 32) as u32
    }

    /// Minutes since the start of the machine.
    fn cookie_time(&self) -> u32 {
        let now = self.kernel.machine.clock.lock().monotonic;
        (now.as_secs() / 60) as u32
    }

    /// `secure_tcp_syn_cookie()`.
    fn cookie(&self, addresses: &[u8], segment: Segment, data: u32) -> u32 {
        let minute = self.cookie_time();
        let first = self.cookie_hash(addresses, segment.ports, 0, 0);
        let second = self.cookie_hash(addresses, segment.ports, minute, 1);
        first
            .wrapping_add(segment.sequence)
            .wrapping_add(minute << 24)
            .wrapping_add(second.wrapping_add(data) & MASK)
    }

    /// What a cookie that comes back stands for: `check_tcp_syn_cookie()`.
    fn cookie_data(&self, addresses: &[u8], segment: Segment) -> Option<u32> {
        let first = self.cookie_hash(addresses, segment.ports, 0, 0);
        let sequence = segment.sequence.wrapping_sub(1);
        let cookie = segment.acknowledged.wrapping_sub(1);
        let cookie = cookie.wrapping_sub(first).wrapping_sub(sequence);
        let minute = self.cookie_time();
        let age = minute.wrapping_sub(cookie >> 24) & (u32::MAX >> 24);
        if age >= OLDEST {
            return None;
        }
        let second = self.cookie_hash(addresses, segment.ports, minute.wrapping_sub(age), 1);
        Some(cookie.wrapping_sub(second) & MASK)
    }

    /// A cookie, and above it the size of segments that it stands for.
    fn make_cookie(
        &self,
        addresses: &[u8],
        header: &[u8],
        sizes: [u16; 4],
        default: u16,
    ) -> Result<u64, Errno> {
        let segment = Segment::of(header).filter(|segment| segment.length == header.len());
        let segment = segment.ok_or(Errno::EINVAL)?;
        let size = match segment_size(header) {
            0 => default,
            size => size,
        };
        let index = sizes.iter().rposition(|known| size >= *known).unwrap_or(0);
        let size = sizes.get(index).copied().unwrap_or(default);
        let cookie = self.cookie(addresses, segment, index as u32);
        Ok(u64::from(cookie) | u64::from(size) << 32)
    }

    /// Whether a cookie comes back that is good: 0, or an error.
    fn check_cookie(&self, addresses: &[u8], header: &[u8], sizes: [u16; 4]) -> Flow {
        let data = Segment::of(header).and_then(|segment| self.cookie_data(addresses, segment));
        let known = data.is_some_and(|data| (data as usize) < sizes.len());
        Flow::errno(if known { Ok(()) } else { Err(Errno::EACCES) })
    }

    /// The two addresses of a header of IP.
    fn addresses(&self, at: u64, size: usize) -> Result<Vec<u8>, Problem> {
        let header = self.memory.to_vec(at, size)?;
        let from = if size == IPV4 { 12 } else { 8 };
        Ok(header.get(from..).unwrap_or_default().to_vec())
    }

    fn raw_make(
        &self,
        [ip, tcp, length, ..]: [u64; 5],
        size: usize,
        sizes: [u16; 4],
        default: u16,
    ) -> Result<Flow, Problem> {
        let addresses = self.addresses(ip, size)?;
        let header = self.memory.to_vec(tcp, length as u32 as usize)?;
        let made = self.make_cookie(&addresses, &header, sizes, default);
        Ok(Flow::Return(made.unwrap_or_else(Negative::negative)))
    }

    fn raw_check(
        &self,
        [ip, tcp, ..]: [u64; 5],
        size: usize,
        sizes: [u16; 4],
    ) -> Result<Flow, Problem> {
        let addresses = self.addresses(ip, size)?;
        let header = self.memory.to_vec(tcp, TCP)?;
        Ok(self.check_cookie(&addresses, &header, sizes))
    }

    /// Whether a socket listens for connections.
    fn listens(&self, helper: u32, at: u64) -> Result<bool, Problem> {
        const TCP: u32 = 6;
        const LISTEN: u32 = 10;
        let known = self.state.socks.iter().find(|(of, _)| *of == at);
        let (_, sock) = known.ok_or_else(|| wrong(helper, 0, "socket"))?;
        Ok(sock.get(SockField::Protocol) == TCP && sock.get(SockField::State) == LISTEN)
    }
}

fn raw_make_v4(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    run.raw_make(arguments, IPV4, SIZES_V4, DEFAULT_V4)
}

fn raw_make_v6(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    run.raw_make(arguments, IPV6, SIZES_V6, DEFAULT_V6)
}

fn raw_check_v4(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    run.raw_check(arguments, IPV4, SIZES_V4)
}

fn raw_check_v6(run: &mut Run, arguments: [u64; 5]) -> Result<Flow, Problem> {
    run.raw_check(arguments, IPV6, SIZES_V6)
}

/// A cookie for a socket that listens. Its queue is never full here, and then there is none to be made.
fn make(run: &mut Run, [sock, ip, ip_length, tcp, length]: [u64; 5]) -> Result<Flow, Problem> {
    let listens = run.listens(110, sock)?;
    let ip = run.memory.to_vec(ip, ip_length as u32 as usize)?;
    let header = run.memory.to_vec(tcp, length as u32 as usize)?;
    let segment = Segment::of(&header).filter(|segment| segment.length == header.len());
    let begins = segment.filter(|segment| segment.flags & (SYN | ACK | FIN | RST) == SYN);
    let errno = match begins {
        Some(_) if listens && ip.len() >= IPV4 => family_of(&ip).err().unwrap_or(Errno::ENOENT),
        _ => Errno::EINVAL,
    };
    Ok(Flow::Return(errno.negative()))
}

/// Whether a cookie of a socket that listens comes back. Its queue was never full here, so it never is one.
fn check(run: &mut Run, [sock, ip, ip_length, tcp, length]: [u64; 5]) -> Result<Flow, Problem> {
    let listens = run.listens(100, sock)?;
    let ip = run.memory.to_vec(ip, ip_length as u32 as usize)?;
    let header = run.memory.to_vec(tcp, length as u32 as usize)?;
    let errno = match Segment::of(&header) {
        Some(segment) if listens => {
            let answers = segment.flags & (ACK | RST | SYN) == ACK;
            if answers && ip.len() < IPV4 {
                Errno::EINVAL
            } else {
                Errno::ENOENT
            }
        }
        _ => Errno::EINVAL,
    };
    Ok(Flow::Return(errno.negative()))
}

/// Refuses what is no header of IP.
fn family_of(header: &[u8]) -> Result<(), Errno> {
    match header.first().map_or(0, |first| first >> 4) {
        4 => Ok(()),
        6 if header.len() >= IPV6 => Ok(()),
        6 => Err(Errno::EINVAL),
        _ => Err(Errno::EPROTONOSUPPORT),
    }
}
