//! The machine around a simulated kernel: what programs are attached to.

mod interface;

pub(crate) use interface::{Interfaces, XdpExpected, XdpPlace};
