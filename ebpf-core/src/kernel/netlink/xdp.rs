//! Which XDP programs an interface has, and changing them: `RTM_SETLINK` and `RTM_GETLINK` with what `IFLA_XDP` nests.

use ebpf_sys::{
    IFLA_XDP, IFLA_XDP_ATTACHED, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_EXPECTED_FD, IFLA_XDP_FD,
    IFLA_XDP_FLAGS, IFLA_XDP_HW_PROG_ID, IFLA_XDP_PROG_ID, IFLA_XDP_SKB_PROG_ID, RTM_GETLINK,
    RTM_SETLINK,
};
use netlink_packet_core::DefaultNla;

use super::{Message, Netlink, Refusal, attribute, attributes, nested, number};
use crate::hook::XdpMode;
use crate::program::ProgramId;

/// Bytes of `struct ifinfomsg`, which begins every message about an interface.
const INTERFACE_HEADER: usize = 16;

/// Which XDP programs an interface has, by where they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct XdpAttached {
    /// In the network stack.
    pub skb: Option<ProgramId>,
    /// In the driver.
    pub drv: Option<ProgramId>,
    /// On the device.
    pub hw: Option<ProgramId>,
}

impl XdpAttached {
    /// The program of a mode; of the default one the driver's, else the stack's.
    pub fn program(&self, mode: XdpMode) -> Option<ProgramId> {
        match mode {
            XdpMode::Skb => self.skb,
            XdpMode::Drv => self.drv,
            XdpMode::Hw => self.hw,
            XdpMode::Default => self.drv.or(self.skb),
        }
    }
}

/// A change of an interface's XDP program.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) struct SetXdp {
    pub(in crate::kernel) ifindex: u32,
    /// The program's descriptor, -1 for none.
    pub(in crate::kernel) program: i32,
    /// `XDP_FLAGS_*`.
    pub(in crate::kernel) flags: u32,
    /// The descriptor of the program that must be there, with `XDP_FLAGS_REPLACE`.
    pub(in crate::kernel) expected: Option<i32>,
}

impl Netlink {
    /// Changes an interface's XDP program.
    pub(in crate::kernel) fn set_xdp(&self, change: &SetXdp) -> Result<(), Refusal> {
        let mut inner = vec![
            attribute(IFLA_XDP_FD, change.program.to_ne_bytes()),
            attribute(IFLA_XDP_FLAGS, change.flags.to_ne_bytes()),
        ];
        inner.extend(
            change
                .expected
                .map(|fd| attribute(IFLA_XDP_EXPECTED_FD, fd.to_ne_bytes())),
        );
        let message = about(RTM_SETLINK, change.ifindex, vec![nested(IFLA_XDP, inner)]);
        self.request(0, message, |_, _| ())
    }

    /// Which XDP programs an interface has.
    pub(in crate::kernel) fn xdp(&self, ifindex: u32) -> Result<XdpAttached, Refusal> {
        let mut attached = XdpAttached::default();
        let question = about(RTM_GETLINK, ifindex, Vec::new());
        self.request(0, question, |_, answer| attached = read_xdp(answer))?;
        Ok(attached)
    }
}

/// The XDP programs in the body of `RTM_NEWLINK`.
fn read_xdp(body: &[u8]) -> XdpAttached {
    let mut attached = XdpAttached::default();
    let told = body.get(INTERFACE_HEADER..).unwrap_or_default();
    let Some((_, nested)) = attributes(told).find(|(kind, _)| *kind == IFLA_XDP) else {
        return attached;
    };
    let (mut only, mut mode) = (None, 0);
    for (kind, value) in attributes(nested) {
        let program = number(value).filter(|id| *id != 0).map(ProgramId);
        match kind {
            IFLA_XDP_ATTACHED => mode = value.first().copied().unwrap_or(0),
            IFLA_XDP_PROG_ID => only = program,
            IFLA_XDP_SKB_PROG_ID => attached.skb = program,
            IFLA_XDP_DRV_PROG_ID => attached.drv = program,
            IFLA_XDP_HW_PROG_ID => attached.hw = program,
            _ => {}
        }
    }
    // Before Linux 4.19 there is one id, and the mode beside it (`XDP_ATTACHED_*`).
    if attached == XdpAttached::default() {
        match mode {
            2 => attached.skb = only,
            3 => attached.hw = only,
            _ => attached.drv = only,
        }
    }
    attached
}

/// A message about an interface.
fn about(kind: u32, ifindex: u32, attributes: Vec<DefaultNla>) -> Message {
    // Family, padding, type; the index; flags and their mask.
    let mut header = [0; INTERFACE_HEADER];
    header[4..8].copy_from_slice(&ifindex.to_ne_bytes());
    Message::new(kind, header, attributes)
}
