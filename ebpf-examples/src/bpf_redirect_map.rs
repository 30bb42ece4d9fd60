//! Answers pings in XDP and redirects the answers to the interface by which the routing table sends them.
//!
//! The program is `bpf/bpf_redirect_map.bpf.c`: it asks the kernel's routing table (`bpf_fib_lookup`) and redirects by a
//! map of interfaces (`bpf_redirect_map`). For that the interfaces have to forward packets, and the Ethernet address of
//! whoever asked has to be known.

use std::sync::Arc;

use ebpf_core::hook::Xdp;
use ebpf_core::link::{Link, LinkError};
use ebpf_core::map::{MapError, MapExt as _, PerCpuMap, TypedMap};
use ebpf_core::program::{Program, ProgramError, ProgramExt as _};
use ebpf_core::system::System;
use ebpf_core::{LoadError, SystemExt as _};

use crate::counter::{detach, sum};

/// The compiled program, with its maps.
pub const OBJECT: &[u8] = include_bytes!("../bpf/bpf_redirect_map.bpf.o");

/// What became of all frames; each is counted once. The members are the entries of the program's map `outcomes`, in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Pings over IPv4 that were answered.
    pub answered_v4: u64,
    /// Pings over IPv6 that were answered.
    pub answered_v6: u64,
    /// What was no ping, and passed.
    pub other: u64,
    /// Pings that passed because their interface does not forward packets.
    pub no_forwarding: u64,
    /// Pings that passed because there was no route for the answer.
    pub no_route: u64,
    /// Pings that passed because the Ethernet address for the answer was not known.
    pub no_neighbour: u64,
    /// Pings that passed because the answer would have left by another interface than the chosen ones.
    pub other_interface: u64,
}

impl Outcomes {
    /// Pings that were answered.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.answered_v4 + self.answered_v6
    }
}

/// What went wrong with a responder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponderError {
    /// The object could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A map refused an operation.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The program could not be attached.
    #[error(transparent)]
    Attach(#[from] ProgramError),
    /// The program could not be detached.
    #[error(transparent)]
    Detach(#[from] LinkError),
}

/// A loaded responder. It answers on the interfaces that were added, until it is dropped.
#[derive(Debug)]
pub struct Responder {
    program: Arc<dyn Program>,
    interfaces: TypedMap<u32, u32>,
    outcomes: PerCpuMap<u32, u64>,
    links: Vec<Box<dyn Link>>,
}

impl Responder {
    /// Loads the program and its maps. Nothing is answered yet.
    ///
    /// # Errors
    /// [`ResponderError::Load`], for want of privileges most often.
    pub fn load(system: &dyn System) -> Result<Self, ResponderError> {
        let mut collection = system.load_bytes(OBJECT)?;
        Ok(Self {
            program: collection.take_program("answer")?,
            interfaces: collection.take_map("interfaces")?.typed()?,
            outcomes: collection.take_map("outcomes")?.per_cpu()?,
            links: Vec::new(),
        })
    }

    /// Lets answers leave by the interface with this index.
    ///
    /// # Errors
    /// [`ResponderError::Map`], with EINVAL when there is no such interface.
    pub fn allow(&mut self, ifindex: u32) -> Result<(), ResponderError> {
        Ok(self.interfaces.upsert(&ifindex, &ifindex)?)
    }

    /// Answers pings that come in by an interface.
    ///
    /// # Errors
    /// [`ResponderError::Attach`], with EBUSY when another program is there.
    pub fn attach(&mut self, interface: Xdp<'_>) -> Result<(), ResponderError> {
        self.links.push(self.program.attach_to(interface)?);
        Ok(())
    }

    /// What became of all frames so far.
    ///
    /// # Errors
    /// [`ResponderError::Map`].
    pub fn outcomes(&self) -> Result<Outcomes, ResponderError> {
        let count = |outcome| sum(&self.outcomes, outcome);
        Ok(Outcomes {
            answered_v4: count(0)?,
            answered_v6: count(1)?,
            other: count(2)?,
            no_forwarding: count(3)?,
            no_route: count(4)?,
            no_neighbour: count(5)?,
            other_interface: count(6)?,
        })
    }

    /// Takes the responder off its interfaces, and says whether that worked; dropping it does the same silently.
    ///
    /// # Errors
    /// [`ResponderError::Detach`] with the first that did not.
    pub fn detach(self) -> Result<(), ResponderError> {
        Ok(detach(self.links)?)
    }

    /// Leaves it at work for good: attachments by netlink stay until someone removes them, those by links end with the
    /// process.
    pub fn keep(self) {
        for link in self.links {
            link.forget();
        }
    }

    /// The program, for test runs.
    #[must_use]
    pub fn program(&self) -> &dyn Program {
        &*self.program
    }
}
