//! A firewall by source address, in XDP: networks of both families are dropped or let pass, the longest prefix decides.
//!
//! The program is `bpf/basic_firewall.bpf.c`. Its rules are two tries, its counters are kept for each CPU.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ebpf_core::codec::{Cidr, CodecError, LpmKeyV4, LpmKeyV6};
use ebpf_core::hook::{Xdp, XdpAction};
use ebpf_core::link::{Link, LinkError};
use ebpf_core::map::{MapError, MapExt as _, PerCpuMap, Total, TypedMap};
use ebpf_core::program::{Program, ProgramError, ProgramExt as _};
use ebpf_core::system::System;
use ebpf_core::{LoadError, SystemExt as _};
use serde::Serialize;

pub use crate::counter::Counter;
use crate::counter::{detach, sum};

/// The compiled program, with its maps.
pub const OBJECT: &[u8] = include_bytes!("../bpf/basic_firewall.bpf.o");

/// What to do with packets from a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// They go no further.
    Drop,
    /// They go on to the network stack.
    Pass,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Drop => "drop",
            Self::Pass => "pass",
        })
    }
}

/// A rule of the firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The packets' source.
    pub network: Cidr,
    /// What becomes of them, if no rule has a longer prefix that fits.
    pub action: Action,
}

ebpf_core::plain! {
    /// `struct rule` of the program: what a trie holds for a network.
    struct Entry {
        index: u32,
        action: u32,
    }
}

/// What became of all frames; each is counted once. The members are the entries of the program's map `totals`, in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Passed, by a rule or for want of one.
    pub passed: Counter,
    /// Dropped by a rule.
    pub dropped: Counter,
    /// Passed without asking the rules: not IP, or neighbour discovery and multicast reports, without which IP does not
    /// work on a link.
    pub other: Counter,
    /// Dropped because it was cut short or not what its headers said.
    pub malformed: Counter,
}

impl Totals {
    /// All frames.
    #[must_use]
    pub fn all(&self) -> Counter {
        self.passed
            .plus(self.dropped)
            .plus(self.other)
            .plus(self.malformed)
    }
}

/// What went wrong with a firewall.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FirewallError {
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
    /// A network is none.
    #[error(transparent)]
    Network(#[from] CodecError),
    /// There is no counter left for a rule.
    #[error("add the rule `{rule}`: the firewall has {max} rules already, which is all it counts")]
    Full {
        /// The rule.
        rule: String,
        /// How many rules there may be.
        max: u32,
    },
    /// A network has a rule already.
    #[error("add the rule `{rule}`: `{network}` has a rule already")]
    Taken {
        /// The rule.
        rule: String,
        /// The network.
        network: Cidr,
    },
}

/// A loaded firewall. It is at work on the interfaces that it is attached to, until it is dropped.
#[derive(Debug)]
pub struct Firewall {
    program: Arc<dyn Program>,
    ipv4_rules: TypedMap<LpmKeyV4, Entry>,
    ipv6_rules: TypedMap<LpmKeyV6, Entry>,
    rule_counters: PerCpuMap<u32, Counter>,
    totals: PerCpuMap<u32, Counter>,
    rules: Vec<Rule>,
    links: Vec<Box<dyn Link>>,
}

impl Firewall {
    /// Loads the program and its maps. No packet is looked at yet, and there are no rules.
    ///
    /// # Errors
    /// [`FirewallError::Load`], for want of privileges most often.
    pub fn load(system: &dyn System) -> Result<Self, FirewallError> {
        let mut collection = system.load_bytes(OBJECT)?;
        Ok(Self {
            program: collection.take_program("firewall")?,
            ipv4_rules: collection.take_map("ipv4_rules")?.typed()?,
            ipv6_rules: collection.take_map("ipv6_rules")?.typed()?,
            rule_counters: collection.take_map("rule_counters")?.per_cpu()?,
            totals: collection.take_map("totals")?.per_cpu()?,
            rules: Vec::new(),
            links: Vec::new(),
        })
    }

    /// Adds a rule, which is at work at once, and gives its place in [`Firewall::rules`] and [`Firewall::counters`].
    ///
    /// # Errors
    /// [`FirewallError::Full`]; [`FirewallError::Taken`]; [`FirewallError::Map`].
    pub fn add(&mut self, network: Cidr, action: Action) -> Result<usize, FirewallError> {
        let rule = || format!("{action} {network}");
        if self.rules.iter().any(|rule| rule.network == network) {
            return Err(FirewallError::Taken {
                rule: rule(),
                network,
            });
        }
        let max = self.rule_counters.info().max_entries;
        let index = u32::try_from(self.rules.len())
            .ok()
            .filter(|index| *index < max);
        let index = index.ok_or_else(|| FirewallError::Full { rule: rule(), max })?;
        let verdict = match action {
            Action::Drop => XdpAction::DROP,
            Action::Pass => XdpAction::PASS,
        };
        let entry = Entry {
            index,
            action: verdict.0,
        };
        match network.addr() {
            IpAddr::V4(addr) => {
                self.ipv4_rules
                    .insert(&LpmKeyV4::from_addr(addr, network.prefix_len())?, &entry)?;
            }
            IpAddr::V6(addr) => {
                self.ipv6_rules
                    .insert(&LpmKeyV6::from_addr(addr, network.prefix_len())?, &entry)?;
            }
        }
        self.rules.push(Rule { network, action });
        Ok(self.rules.len() - 1)
    }

    /// Puts the firewall to work on an interface. It may be attached to several, and counts for all of them together.
    ///
    /// # Errors
    /// [`FirewallError::Attach`], with EBUSY when another program is there.
    pub fn attach(&mut self, interface: Xdp<'_>) -> Result<(), FirewallError> {
        self.links.push(self.program.attach_to(interface)?);
        Ok(())
    }

    /// Takes the firewall off its interfaces, and says whether that worked; dropping it does the same silently.
    ///
    /// # Errors
    /// [`FirewallError::Detach`] with the first that did not.
    pub fn detach(self) -> Result<(), FirewallError> {
        Ok(detach(self.links)?)
    }

    /// The rules, in the order in which they were added.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What met each rule so far, in the order of [`Firewall::rules`].
    ///
    /// # Errors
    /// [`FirewallError::Map`].
    pub fn counters(&self) -> Result<Vec<Counter>, FirewallError> {
        (0..)
            .zip(&self.rules)
            .map(|(index, _)| Ok(sum(&self.rule_counters, index)?))
            .collect()
    }

    /// What became of all frames so far.
    ///
    /// # Errors
    /// [`FirewallError::Map`].
    pub fn totals(&self) -> Result<Totals, FirewallError> {
        let total = |outcome| sum(&self.totals, outcome);
        Ok(Totals {
            passed: total(0)?,
            dropped: total(1)?,
            other: total(2)?,
            malformed: total(3)?,
        })
    }

    /// The program, for test runs.
    #[must_use]
    pub fn program(&self) -> &dyn Program {
        &*self.program
    }
}
