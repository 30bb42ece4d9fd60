//! Where programs are attached: one file for each hook, with its parameters and the verdicts of its programs.

mod section_table;
pub mod sections;
pub mod xdp;

use std::fmt;

pub use sections::{BtfAttach, SECTIONS, SectionMeaning, SectionRow, section};
pub use xdp::{IfBusy, Xdp, XdpAction, XdpMode, XdpVia};

/// Where to attach a program.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AttachTarget<'t> {
    /// An interface's XDP hook.
    Xdp(Xdp<'t>),
}

impl<'t> From<Xdp<'t>> for AttachTarget<'t> {
    fn from(xdp: Xdp<'t>) -> AttachTarget<'t> {
        AttachTarget::Xdp(xdp)
    }
}

impl fmt::Display for AttachTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttachTarget::Xdp(xdp) => xdp.fmt(f),
        }
    }
}

/// A network interface, by name or by index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// By name, looked up when it is used, in the network namespace of the calling thread.
    Name(String),
    /// By index.
    Index(u32),
}

impl From<&str> for Interface {
    fn from(name: &str) -> Interface {
        Interface::Name(name.to_owned())
    }
}

impl From<String> for Interface {
    fn from(name: String) -> Interface {
        Interface::Name(name)
    }
}

impl From<u32> for Interface {
    fn from(index: u32) -> Interface {
        Interface::Index(index)
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Interface::Name(name) => write!(f, "interface `{name}`"),
            Interface::Index(index) => write!(f, "interface {index}"),
        }
    }
}
