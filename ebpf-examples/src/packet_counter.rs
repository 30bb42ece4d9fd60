//! Counts the packets of an interface by the protocol that IP carries, in one of three places: in XDP, in traffic control
//! (both directions), or in the filter of a packet socket.
//!
//! The programs are those of `bpf/packet_counter.bpf.c`, whose counters are kept for each CPU.

use std::fmt;
use std::sync::Arc;

use ebpf_core::hook::{AttachTarget, Descriptor, Interface, SocketFilter, Tc, Xdp};
use ebpf_core::link::{Link, LinkError};
use ebpf_core::map::{MapError, MapExt as _, PerCpuMap, Total as _};
use ebpf_core::object::{ObjectSpec, VariableError};
use ebpf_core::program::{Program, ProgramError, ProgramExt as _};
use ebpf_core::system::System;
use ebpf_core::{LoadError, LoadOptions, SystemExt as _};

use crate::counter::{Counter, detach};

/// The compiled programs, with their map.
pub const OBJECT: &[u8] = include_bytes!("../bpf/packet_counter.bpf.o");

/// The programs of [`OBJECT`].
const PROGRAMS: [&str; 4] = ["count_xdp", "count_ingress", "count_egress", "count_socket"];

/// What a frame is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A packet of IP, of either version, that carries this protocol.
    Protocol(u8),
    /// Not IP.
    NotIp,
    /// Cut short, or not what its headers say.
    Malformed,
}

impl Kind {
    /// How many there are.
    const ALL: u32 = 258;

    /// By its place among the counters of a direction.
    fn at(place: u32) -> Self {
        match u8::try_from(place) {
            Ok(protocol) => Self::Protocol(protocol),
            Err(_) if place == 256 => Self::NotIp,
            Err(_) => Self::Malformed,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(number) => match protocol_name(*number) {
                Some(name) => f.pad(name),
                None => f.pad(&format!("protocol {number}")),
            },
            Self::NotIp => f.pad("not IP"),
            Self::Malformed => f.pad("malformed"),
        }
    }
}

/// The name of a protocol that IP carries, of those that are met.
#[must_use]
pub fn protocol_name(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "HOPOPT",
        1 => "ICMP",
        2 => "IGMP",
        4 => "IPIP",
        6 => "TCP",
        8 => "EGP",
        12 => "PUP",
        17 => "UDP",
        22 => "IDP",
        29 => "TP",
        33 => "DCCP",
        41 => "IPv6",
        43 => "IPv6-Route",
        44 => "IPv6-Frag",
        46 => "RSVP",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "ICMPv6",
        59 => "IPv6-NoNxt",
        60 => "IPv6-Opts",
        88 => "EIGRP",
        89 => "OSPF",
        92 => "MTP",
        94 => "BEETPH",
        98 => "ENCAP",
        103 => "PIM",
        108 => "COMP",
        112 => "VRRP",
        115 => "L2TP",
        132 => "SCTP",
        135 => "Mobility",
        136 => "UDP-Lite",
        137 => "MPLS",
        143 => "Ethernet",
        255 => "raw",
        _ => return None,
    })
}

/// What was counted of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// What the interface received.
    pub received: Counter,
    /// What it sent; nothing where only what is received is counted.
    pub sent: Counter,
}

/// What was counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Each kind of which there was any.
    pub rows: Vec<Row>,
    /// All that was received.
    pub received: Counter,
    /// All that was sent.
    pub sent: Counter,
}

impl Counts {
    /// Packets of both directions.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.received.plus(self.sent).packets
    }

    /// What was counted of this kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> (Counter, Counter) {
        let row = self.rows.iter().find(|row| row.kind == kind);
        row.map(|row| (row.received, row.sent)).unwrap_or_default()
    }
}

/// What went wrong with a counter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CounterError {
    /// The object could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A variable of the object could not be set.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The map refused an operation.
    #[error(transparent)]
    Map(#[from] MapError),
    /// A program could not be attached.
    #[error(transparent)]
    Attach(#[from] ProgramError),
    /// A program could not be detached.
    #[error(transparent)]
    Detach(#[from] LinkError),
}

/// A counter at work. It ends when it is dropped.
#[derive(Debug)]
pub struct PacketCounter {
    programs: Vec<Arc<dyn Program>>,
    counters: PerCpuMap<u32, Counter>,
    links: Vec<Box<dyn Link>>,
}

impl PacketCounter {
    /// Counts what an interface receives, before the network stack has it.
    ///
    /// # Errors
    /// [`CounterError::Load`]; [`CounterError::Attach`], with EBUSY when another program is there.
    pub fn in_xdp(system: &dyn System, interface: Xdp<'_>) -> Result<Self, CounterError> {
        let mut counter = Self::load(system, &["count_xdp"], 0)?;
        counter.attach(0, interface)?;
        Ok(counter)
    }

    /// Counts what an interface receives and sends, in traffic control.
    ///
    /// # Errors
    /// [`CounterError::Load`]; [`CounterError::Attach`], after which nothing is attached.
    pub fn in_tc(
        system: &dyn System,
        interface: impl Into<Interface>,
    ) -> Result<Self, CounterError> {
        let interface = interface.into();
        let mut counter = Self::load(system, &["count_ingress", "count_egress"], 0)?;
        counter.attach(0, Tc::ingress(interface.clone()))?;
        counter.attach(1, Tc::egress(interface))?;
        Ok(counter)
    }

    /// Counts what the interface with this index receives and sends, in the filter of `socket`: a raw packet socket for all
    /// protocols, which gets nothing to read then.
    ///
    /// # Errors
    /// [`CounterError::Load`]; [`CounterError::Attach`].
    pub fn in_socket<'t>(
        system: &dyn System,
        socket: impl Into<Descriptor<'t>>,
        ifindex: u32,
    ) -> Result<Self, CounterError> {
        let mut counter = Self::load(system, &["count_socket"], ifindex)?;
        counter.attach(0, SocketFilter::on(socket))?;
        Ok(counter)
    }

    /// Loads these programs and no others, for the interface with this index where the program has to know it.
    fn load(system: &dyn System, programs: &[&str], ifindex: u32) -> Result<Self, CounterError> {
        let mut object = ObjectSpec::parse(OBJECT).map_err(LoadError::from)?;
        object.set_variable("interface", &ifindex)?;
        let others = PROGRAMS.iter().filter(|name| !programs.contains(name));
        let options = others.fold(LoadOptions::new(), |options, name| options.disable(name));
        let mut collection = system.load_with(&object, &options)?;
        let programs = programs.iter().map(|name| collection.take_program(name));
        Ok(Self {
            programs: programs.collect::<Result<_, _>>()?,
            counters: collection.take_map("counters")?.per_cpu()?,
            links: Vec::new(),
        })
    }

    /// Attaches one of the programs.
    fn attach<'t>(
        &mut self,
        program: usize,
        target: impl Into<AttachTarget<'t>>,
    ) -> Result<(), CounterError> {
        if let Some(program) = self.programs.get(program) {
            self.links.push(program.attach_to(target)?);
        }
        Ok(())
    }

    /// What was counted so far.
    ///
    /// # Errors
    /// [`CounterError::Map`].
    pub fn counts(&self) -> Result<Counts, CounterError> {
        let mut kinds = [[Counter::default(); 2]; Kind::ALL as usize];
        for pair in self.counters.pairs() {
            let (index, values) = pair?;
            let (direction, place) = (index / Kind::ALL, index % Kind::ALL);
            let kind = kinds.get_mut(place as usize);
            if let Some(counter) = kind.and_then(|kind| kind.get_mut(direction as usize)) {
                *counter = values.sum();
            }
        }
        let mut counts = Counts::default();
        for (place, [received, sent]) in (0..).zip(kinds) {
            counts.received = counts.received.plus(received);
            counts.sent = counts.sent.plus(sent);
            if received.plus(sent).packets > 0 {
                counts.rows.push(Row {
                    kind: Kind::at(place),
                    received,
                    sent,
                });
            }
        }
        Ok(counts)
    }

    /// Ends it, and says whether that worked; dropping it does the same silently.
    ///
    /// # Errors
    /// [`CounterError::Detach`] with the first that did not.
    pub fn detach(self) -> Result<(), CounterError> {
        Ok(detach(self.links)?)
    }

    /// The programs, for test runs: in traffic control that of each direction.
    pub fn programs(&self) -> impl ExactSizeIterator<Item = &dyn Program> {
        self.programs.iter().map(|program| &**program)
    }
}
