//! Options of sockets: `sk_setsockopt()` and `sk_getsockopt()` in net/core/sock.c, `do_tcp_setsockopt()` in
//! net/ipv4/tcp.c, and which of them programs set: `__bpf_setsockopt()` in net/core/filter.c.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ebpf_core::Errno;

use super::socket::{SocketKind, SocketObject, State};
use super::stream::tcp;

/// What was set, by level and name.
pub(crate) type Options = BTreeMap<(i32, i32), Vec<u8>>;

const SOL_SOCKET: i32 = 1;
const SOL_IP: i32 = 0;
const SOL_IPV6: i32 = 41;
const SOL_TCP: i32 = 6;
/// `TCP_CONGESTION`, and how many bytes it has.
const CONGESTION: (i32, i32) = (SOL_TCP, 13);
const CONGESTION_NAME: usize = 16;
/// `TCP_BPF_SOCK_OPS_CB_FLAGS`, and those that there are.
const EVENTS: (i32, i32) = (SOL_TCP, 1008);
const ALL_EVENTS: u32 = 0x7f;
/// `SO_SNDBUF` and `SO_RCVBUF`: the most that is asked for, and the least that there is.
const MOST_ROOM: i32 = 212_992;
const LEAST_ROOM: [i32; 2] = [4608, 2304];

/// What becomes of a number that is set.
#[derive(Clone, Debug)]
enum Rule {
    /// It is 0 or 1.
    Switch,
    /// It is one of these, or `EINVAL`.
    Number(RangeInclusive<i32>),
    /// Twice as much is set aside.
    Room(usize),
    /// It is only read.
    ReadOnly,
}

/// A number that sockets have.
struct Row {
    level: i32,
    name: i32,
    /// What it is at first.
    first: i32,
    rule: Rule,
    /// Whether programs set and read it.
    programs: bool,
}

const ANY: Rule = Rule::Number(i32::MIN..=i32::MAX);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // SO_DEBUG, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE,
    // SO_OOBINLINE, SO_PRIORITY, SO_REUSEPORT, SO_RCVLOWAT, SO_ACCEPTCONN, SO_MARK, SO_PROTOCOL, SO_DOMAIN,
    // SO_MAX_PACING_RATE, SO_BINDTOIFINDEX
    Row { level: SOL_SOCKET, name: 1, first: 0, rule: Rule::Switch, programs: false },
    Row { level: SOL_SOCKET, name: 2, first: 0, rule: Rule::Switch, programs: true },
    Row { level: SOL_SOCKET, name: 3, first: 0, rule: Rule::ReadOnly, programs: false },
    Row { level: SOL_SOCKET, name: 4, first: 0, rule: Rule::ReadOnly, programs: false },
    Row { level: SOL_SOCKET, name: 5, first: 0, rule: Rule::Switch, programs: false },
    Row { level: SOL_SOCKET, name: 6, first: 0, rule: Rule::Switch, programs: false },
    Row { level: SOL_SOCKET, name: 7, first: MOST_ROOM, rule: Rule::Room(0), programs: true },
    Row { level: SOL_SOCKET, name: 8, first: MOST_ROOM, rule: Rule::Room(1), programs: true },
    Row { level: SOL_SOCKET, name: 9, first: 0, rule: Rule::Switch, programs: true },
    Row { level: SOL_SOCKET, name: 10, first: 0, rule: Rule::Switch, programs: false },
    Row { level: SOL_SOCKET, name: 12, first: 0, rule: ANY, programs: true },
    Row { level: SOL_SOCKET, name: 15, first: 0, rule: Rule::Switch, programs: true },
    Row { level: SOL_SOCKET, name: 18, first: 1, rule: ANY, programs: true },
    Row { level: SOL_SOCKET, name: 30, first: 0, rule: Rule::ReadOnly, programs: false },
    Row { level: SOL_SOCKET, name: 36, first: 0, rule: ANY, programs: true },
    Row { level: SOL_SOCKET, name: 38, first: 0, rule: Rule::ReadOnly, programs: false },
    Row { level: SOL_SOCKET, name: 39, first: 0, rule: Rule::ReadOnly, programs: false },
    Row { level: SOL_SOCKET, name: 47, first: -1, rule: ANY, programs: true },
    Row { level: SOL_SOCKET, name: 62, first: 0, rule: ANY, programs: true },
    // IP_TOS, IP_TTL
    Row { level: SOL_IP, name: 1, first: 0, rule: Rule::Number(0..=255), programs: true },
    Row { level: SOL_IP, name: 2, first: 64, rule: Rule::Number(1..=255), programs: false },
    // IPV6_UNICAST_HOPS, IPV6_V6ONLY, IPV6_TCLASS
    Row { level: SOL_IPV6, name: 16, first: 64, rule: Rule::Number(-1..=255), programs: false },
    Row { level: SOL_IPV6, name: 26, first: 0, rule: Rule::Switch, programs: false },
    Row { level: SOL_IPV6, name: 67, first: 0, rule: Rule::Number(-1..=255), programs: true },
    // TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_WINDOW_CLAMP,
    // TCP_USER_TIMEOUT, TCP_NOTSENT_LOWAT
    Row { level: SOL_TCP, name: 1, first: 0, rule: Rule::Switch, programs: true },
    Row { level: SOL_TCP, name: 2, first: 536, rule: Rule::Number(88..=32767), programs: true },
    Row { level: SOL_TCP, name: 3, first: 0, rule: Rule::Switch, programs: false },
    Row { level: SOL_TCP, name: 4, first: 7200, rule: Rule::Number(1..=32767), programs: true },
    Row { level: SOL_TCP, name: 5, first: 75, rule: Rule::Number(1..=32767), programs: true },
    Row { level: SOL_TCP, name: 6, first: 9, rule: Rule::Number(1..=127), programs: true },
    Row { level: SOL_TCP, name: 7, first: 6, rule: Rule::Number(1..=127), programs: true },
    Row { level: SOL_TCP, name: 10, first: 0, rule: ANY, programs: true },
    Row { level: SOL_TCP, name: 18, first: 0, rule: Rule::Number(0..=i32::MAX), programs: true },
    Row { level: SOL_TCP, name: 25, first: 0, rule: ANY, programs: true },
];

impl SocketObject {
    fn row(&self, level: i32, name: i32) -> Result<&'static Row, Errno> {
        let has = match level {
            SOL_TCP => self.kind == SocketKind::Tcp,
            SOL_IPV6 => self.is_ipv6(),
            SOL_IP => matches!(self.kind, SocketKind::Tcp | SocketKind::Udp),
            _ => true,
        };
        let row = ROWS
            .iter()
            .find(|row| (row.level, row.name) == (level, name));
        row.filter(|_| has).ok_or(Errno::ENOPROTOOPT)
    }

    /// Sets an option, as a process does that is root or not.
    pub(crate) fn set_option(
        &self,
        (level, name): (i32, i32),
        value: &[u8],
        is_root: bool,
    ) -> Result<(), Errno> {
        if (level, name) == CONGESTION && self.kind == SocketKind::Tcp {
            return self.set_congestion(value);
        }
        let row = self.row(level, name);
        let number = value.first_chunk().map(|bytes| i32::from_ne_bytes(*bytes));
        // One byte is enough for what has one in the header.
        let number = match (level, value) {
            (SOL_IP, [byte, ..]) => number.or(Some(i32::from(*byte))),
            _ => number,
        };
        if level != SOL_SOCKET {
            row?;
        }
        let number = number.ok_or(Errno::EINVAL)?;
        let row = row?;
        let number = match &row.rule {
            Rule::ReadOnly => return Err(Errno::ENOPROTOOPT),
            Rule::Switch => i32::from(number != 0),
            Rule::Number(range) if range.contains(&number) => number,
            Rule::Number(_) => return Err(Errno::EINVAL),
            Rule::Room(which) => {
                let least = LEAST_ROOM.get(*which).copied().unwrap_or(0);
                (number.clamp(0, MOST_ROOM) * 2).max(least)
            }
        };
        let refused = !is_root
            && match (level, name) {
                (SOL_SOCKET, 36) => true,
                (SOL_SOCKET, 12) => !(0..=6).contains(&number),
                _ => false,
            };
        if refused {
            return Err(Errno::EPERM);
        }
        self.with(|state| {
            if !state.keep(level, name, number) {
                let value = number.to_ne_bytes().to_vec();
                state.options.insert((level, name), value);
            }
        });
        Ok(())
    }

    fn set_congestion(&self, value: &[u8]) -> Result<(), Errno> {
        /// What the simulated kernel has.
        const KNOWN: [&[u8]; 2] = [b"cubic", b"reno"];
        if value.is_empty() {
            return Err(Errno::EINVAL);
        }
        let name = value.get(..CONGESTION_NAME - 1).unwrap_or(value);
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if !KNOWN.contains(&name) {
            return Err(Errno::ENOENT);
        }
        self.with(|state| state.options.insert(CONGESTION, name.to_vec()));
        Ok(())
    }

    /// What an option is.
    pub(crate) fn option(&self, level: i32, name: i32) -> Result<Vec<u8>, Errno> {
        /// `SO_COOKIE`
        const COOKIE: (i32, i32) = (SOL_SOCKET, 57);
        if (level, name) == COOKIE {
            return Ok(self.cookie.to_ne_bytes().to_vec());
        }
        if (level, name) == CONGESTION && self.kind == SocketKind::Tcp {
            let set = self.with(|state| state.options.get(&CONGESTION).cloned());
            let mut name = set.unwrap_or_else(|| b"cubic".to_vec());
            name.resize(CONGESTION_NAME, 0);
            return Ok(name);
        }
        let row = self.row(level, name)?;
        let number = self.with(|state| match (level, name) {
            (SOL_SOCKET, 3) => Some(match self.kind {
                SocketKind::Udp => 2,
                SocketKind::Packet | SocketKind::Xdp => 3,
                _ => 1,
            }),
            (SOL_SOCKET, 4) => state.stream.error.take().map(|error| error.0),
            (SOL_SOCKET, 30) => Some(i32::from(state.stream.state == tcp::LISTEN)),
            (SOL_SOCKET, 38) => Some(match self.kind {
                SocketKind::Tcp => 6,
                SocketKind::Udp => 17,
                _ => 0,
            }),
            (SOL_SOCKET, 39) => Some(match self.kind {
                SocketKind::Tcp | SocketKind::Udp if state.is_ipv6() => 10,
                SocketKind::Tcp | SocketKind::Udp => 2,
                SocketKind::Unix => 1,
                SocketKind::Packet => 17,
                _ => 44,
            }),
            _ => state.kept(level, name),
        });
        let set = self.with(|state| state.options.get(&(level, name)).cloned());
        Ok(match number {
            Some(number) => number.to_ne_bytes().to_vec(),
            None => set.unwrap_or_else(|| row.first.to_ne_bytes().to_vec()),
        })
    }

    /// Sets an option, as a program does.
    pub(crate) fn set_option_by_program(
        &self,
        (level, name): (i32, i32),
        value: &[u8],
    ) -> Result<(), Errno> {
        if (level, name) == EVENTS && self.kind == SocketKind::Tcp {
            let flags = <[u8; 4]>::try_from(value).map(u32::from_ne_bytes);
            let flags = flags.ok().filter(|flags| flags & !ALL_EVENTS == 0);
            let flags = flags.ok_or(Errno::EINVAL)?;
            self.with(|state| state.stream.events = flags);
            return Ok(());
        }
        self.may_program((level, name), value.len())?;
        self.set_option((level, name), value, true)
    }

    /// What an option is, as a program reads so many bytes of it.
    pub(crate) fn option_for_program(
        &self,
        (level, name): (i32, i32),
        size: usize,
    ) -> Result<Vec<u8>, Errno> {
        if (level, name) == EVENTS && self.kind == SocketKind::Tcp && size == 4 {
            let flags = self.with(|state| state.stream.events);
            return Ok(flags.to_ne_bytes().to_vec());
        }
        self.may_program((level, name), size)?;
        self.option(level, name)
    }

    /// Whether programs get at an option.
    fn may_program(&self, (level, name): (i32, i32), size: usize) -> Result<(), Errno> {
        let of_tcp = self.kind == SocketKind::Tcp;
        let may = if (level, name) == CONGESTION {
            of_tcp && size >= 2
        } else {
            let row = self.row(level, name).map_err(|_| Errno::EINVAL)?;
            row.programs && size == 4
        };
        may.then_some(()).ok_or(Errno::EINVAL)
    }
}

impl State {
    /// Puts a number where the socket keeps it; not, if it has no place of its own.
    fn keep(&mut self, level: i32, name: i32, number: i32) -> bool {
        match (level, name) {
            (SOL_SOCKET, 12) => self.priority = number as u32,
            (SOL_SOCKET, 15) => self.shares_port = number != 0,
            (SOL_SOCKET, 36) => self.mark = number as u32,
            (SOL_SOCKET, 62) => self.interface = u32::try_from(number).ok().filter(|at| *at != 0),
            _ => return false,
        }
        true
    }

    /// A number that the socket keeps.
    fn kept(&self, level: i32, name: i32) -> Option<i32> {
        Some(match (level, name) {
            (SOL_SOCKET, 12) => self.priority as i32,
            (SOL_SOCKET, 15) => i32::from(self.shares_port),
            (SOL_SOCKET, 36) => self.mark as i32,
            (SOL_SOCKET, 62) => self.interface.unwrap_or(0) as i32,
            _ => return None,
        })
    }
}
