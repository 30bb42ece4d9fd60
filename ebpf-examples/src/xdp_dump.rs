//! Packets of an interface as they come, in XDP: those of TCP with one of the wanted flags, or all.
//!
//! The program is `bpf/xdp_dump.bpf.c`. Each packet is an event of a perf event array: a header, the packet's bytes, and
//! padding, which the header's length tells from the packet.

use std::fmt;
use std::mem;
use std::net::{IpAddr, SocketAddr};
use std::ops::{BitOr, ControlFlow};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ebpf_core::event::{EventCounters, EventError, EventOptions, EventSource, Wait};
use ebpf_core::hook::Xdp;
use ebpf_core::link::{Link, LinkError};
use ebpf_core::map::Map as _;
use ebpf_core::object::{ObjectSpec, VariableError};
use ebpf_core::program::{Program, ProgramError, ProgramExt as _};
use ebpf_core::system::{Clock, System, SystemError};
use ebpf_core::zerocopy::FromBytes as _;
use ebpf_core::{LoadError, SystemExt as _};

use crate::counter::detach;
pub use crate::feed::Summary;
use crate::feed::{self, FeedError};
use crate::packet_counter::protocol_name;

/// The compiled program, with its map.
pub const OBJECT: &[u8] = include_bytes!("../bpf/xdp_dump.bpf.o");

/// The most bytes of a packet: a record of a perf ring tells its length in 16 bits.
pub const MAX_SNAPSHOT: u32 = 0xff00;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TCP: u8 = 6;

/// Flags of TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// The first packet of each direction.
    pub const SYN: Self = Self(0x02);
    /// All of them.
    pub const ANY: Self = Self(0xff);
    /// Each flag with its name, from the lowest bit on.
    pub const NAMES: [(Self, &'static str); 8] = [
        (Self(0x01), "FIN"),
        (Self::SYN, "SYN"),
        (Self(0x04), "RST"),
        (Self(0x08), "PSH"),
        (Self(0x10), "ACK"),
        (Self(0x20), "URG"),
        (Self(0x40), "ECE"),
        (Self(0x80), "CWR"),
    ];
}

impl BitOr for TcpFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (flag, name) in Self::NAMES {
            if self.0 & flag.0 != 0 {
                write!(f, "{separator}{name}")?;
                separator = " ";
            }
        }
        Ok(())
    }
}

/// Which packets are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Packets of TCP with any of these flags.
    Tcp(TcpFlags),
    /// All packets.
    All,
}

/// What to dump, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpOptions {
    /// Which packets.
    pub wanted: Wanted,
    /// How many bytes of each, up to [`MAX_SNAPSHOT`].
    pub snapshot: u32,
    /// Bytes of each CPU's ring, in which packets wait to be drained.
    pub buffer_bytes: usize,
}

impl Default for DumpOptions {
    fn default() -> Self {
        Self {
            wanted: Wanted::Tcp(TcpFlags::SYN),
            snapshot: MAX_SNAPSHOT,
            buffer_bytes: 1 << 20,
        }
    }
}

ebpf_core::plain! {
    /// `struct event` of the program.
    struct Header {
        time: u64,
        length: u32,
        captured: u32,
        ethertype: u16,
        source_port: u16,
        destination_port: u16,
        protocol: u8,
        tcp_flags: u8,
        source: [u8; 16],
        destination: [u8; 16],
        has_ports: u8,
        malformed: u8,
        _unused: [u8; 6],
    }
}

/// A packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    header: Header,
    bytes: &'a [u8],
    time: SystemTime,
}

impl<'a> Packet<'a> {
    /// Takes an event apart; `None` for one that the program did not write.
    fn of(sample: &'a [u8], clock: &Clock) -> Option<Self> {
        let (header, rest) = Header::read_from_prefix(sample).ok()?;
        // What is behind that is padding.
        let bytes = rest.get(..header.captured as usize)?;
        let time = clock.wall_of_monotonic(Duration::from_nanos(header.time));
        Some(Self {
            header,
            bytes,
            time: time.unwrap_or(SystemTime::UNIX_EPOCH),
        })
    }

    /// When it came.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// Its bytes from the Ethernet header on, as far as they were wanted. Nothing else is among them.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes it had on the wire.
    #[must_use]
    pub fn length(&self) -> u32 {
        self.header.length
    }

    /// What Ethernet carries, behind VLAN tags.
    #[must_use]
    pub fn ethertype(&self) -> u16 {
        self.header.ethertype
    }

    /// Whether it was cut short, or not what its headers say.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        self.header.malformed != 0
    }

    /// What IP carries.
    #[must_use]
    pub fn protocol(&self) -> Option<u8> {
        self.addresses().map(|_| self.header.protocol)
    }

    /// Source and destination, of a packet of IP.
    #[must_use]
    pub fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        let address = |bytes: [u8; 16]| match self.header.ethertype {
            IPV4 => bytes.first_chunk::<4>().map(|bytes| IpAddr::from(*bytes)),
            IPV6 => Some(IpAddr::from(bytes)),
            _ => None,
        };
        let (source, destination) = (self.header.source, self.header.destination);
        address(source).zip(address(destination))
    }

    /// Source and destination with their ports, of a packet of TCP or UDP.
    #[must_use]
    pub fn sockets(&self) -> Option<(SocketAddr, SocketAddr)> {
        let (source, destination) = self.addresses().filter(|_| self.header.has_ports != 0)?;
        Some((
            SocketAddr::new(source, self.header.source_port),
            SocketAddr::new(destination, self.header.destination_port),
        ))
    }

    /// The flags, of a packet of TCP.
    #[must_use]
    pub fn tcp_flags(&self) -> Option<TcpFlags> {
        let is_tcp = self.header.protocol == TCP && self.header.has_ports != 0;
        is_tcp.then_some(TcpFlags(self.header.tcp_flags))
    }
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self
            .protocol()
            .map(|number| (number, protocol_name(number)))
        {
            Some((_, Some(name))) => write!(f, "{name}: ")?,
            Some((number, None)) => write!(f, "protocol {number}: ")?,
            None => write!(f, "ethertype {:#06x}: ", self.ethertype())?,
        }
        match (self.sockets(), self.addresses()) {
            (Some((source, destination)), _) => write!(f, "{source} -> {destination}, ")?,
            (None, Some((source, destination))) => write!(f, "{source} -> {destination}, ")?,
            (None, None) => {}
        }
        if let Some(flags) = self.tcp_flags() {
            write!(f, "{flags}, ")?;
        }
        write!(f, "{} bytes", self.length())?;
        if self.bytes.len() < self.length() as usize {
            write!(f, " (the first {})", self.bytes.len())?;
        }
        if self.is_malformed() {
            f.write_str(", malformed")?;
        }
        Ok(())
    }
}

/// What went wrong with a dump.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// The object could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A variable of the object could not be set.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The clock could not be read.
    #[error(transparent)]
    Clock(#[from] SystemError),
    /// The events could not be opened or waited for.
    #[error(transparent)]
    Events(#[from] EventError),
    /// The events could not be read.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// The program could not be attached.
    #[error(transparent)]
    Attach(#[from] ProgramError),
    /// The program could not be detached.
    #[error(transparent)]
    Detach(#[from] LinkError),
}

/// A dump at work on the interfaces that it is attached to, until it is dropped.
#[derive(Debug)]
pub struct Dump {
    program: Arc<dyn Program>,
    source: Box<dyn EventSource>,
    counters: Arc<EventCounters>,
    clock: Clock,
    links: Vec<Box<dyn Link>>,
}

impl Dump {
    /// Loads the program and opens its events. No packet is looked at yet.
    ///
    /// # Errors
    /// [`DumpError::Load`], for want of privileges most often; [`DumpError::Events`].
    pub fn load(system: &dyn System, options: &DumpOptions) -> Result<Self, DumpError> {
        let (flags, all) = match options.wanted {
            Wanted::Tcp(flags) => (flags, false),
            Wanted::All => (TcpFlags::default(), true),
        };
        let mut object = ObjectSpec::parse(OBJECT).map_err(LoadError::from)?;
        object.set_variable("wanted_flags", &flags.0)?;
        object.set_variable("all_packets", &u8::from(all))?;
        object.set_variable("snapshot_length", &options.snapshot.min(MAX_SNAPSHOT))?;
        let mut collection = system.load(&object)?;
        let rings = EventOptions::default().buffer_bytes(options.buffer_bytes);
        let source = collection.map("events")?.open_events(&rings)?;
        Ok(Self {
            program: collection.take_program("dump")?,
            counters: source.counters(),
            source,
            clock: system.clock()?,
            links: Vec::new(),
        })
    }

    /// Looks at the packets that an interface receives. It may be attached to several.
    ///
    /// # Errors
    /// [`DumpError::Attach`], with EBUSY when another program is there.
    pub fn attach(&mut self, interface: Xdp<'_>) -> Result<(), DumpError> {
        self.links.push(self.program.attach_to(interface)?);
        Ok(())
    }

    /// Waits until there may be packets to drain.
    ///
    /// # Errors
    /// [`DumpError::Events`].
    pub fn wait(&mut self, timeout: Duration) -> Result<Wait, DumpError> {
        Ok(self.source.wait(Some(timeout))?)
    }

    /// Gives the packets that are there to `sink`, until it breaks.
    ///
    /// # Errors
    /// [`DumpError::Feed`].
    pub fn drain(
        &mut self,
        mut sink: impl FnMut(&Packet<'_>) -> ControlFlow<()>,
    ) -> Result<(), DumpError> {
        let clock = self.clock;
        Ok(feed::drain(&mut *self.source, |data| {
            Packet::of(data, &clock).map(|packet| sink(&packet))
        })?)
    }

    /// Takes it off its interfaces, and says whether that worked. What came before can still be drained.
    ///
    /// # Errors
    /// [`DumpError::Detach`] with the first that did not.
    pub fn detach(&mut self) -> Result<(), DumpError> {
        Ok(detach(mem::take(&mut self.links))?)
    }

    /// How many packets there were so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            received: self.counters.received(),
            lost: self.counters.lost(),
        }
    }

    /// The program, for test runs.
    #[must_use]
    pub fn program(&self) -> &dyn Program {
        &*self.program
    }
}
