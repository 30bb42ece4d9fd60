//! XDP: programs that see each packet an interface receives before the network stack does.

use std::fmt;

use super::Interface;
use crate::Errno;
use crate::program::{Program, ProgramError, ProgramInfo};

open_enum! {
    /// What an XDP program returns.
    ///
    /// `enum xdp_action` in include/uapi/linux/bpf.h.
    #[doc(alias = "xdp_action")]
    pub struct XdpAction: "XDP action" {
        /// The program failed: the packet is dropped and a tracepoint says so.
        ABORTED = 0, "XDP_ABORTED", "aborted";
        /// The packet is dropped.
        DROP = 1, "XDP_DROP", "drop";
        /// The packet goes on to the network stack.
        PASS = 2, "XDP_PASS", "pass";
        /// The packet is sent back out of the interface it came in by.
        TX = 3, "XDP_TX", "tx";
        /// The packet goes where the redirect helper said.
        REDIRECT = 4, "XDP_REDIRECT", "redirect";
    }
}

/// Where in the path of a packet an XDP program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum XdpMode {
    /// In the driver if it can, else in the network stack.
    #[default]
    Default,
    /// In the network stack: any interface, after the packet's memory was allocated.
    #[doc(alias = "XDP_FLAGS_SKB_MODE")]
    Skb,
    /// In the driver; refused where it cannot.
    #[doc(alias = "XDP_FLAGS_DRV_MODE")]
    Drv,
    /// On the device itself; refused where it cannot, and for programs not loaded for that device.
    #[doc(alias = "XDP_FLAGS_HW_MODE")]
    Hw,
}

impl XdpMode {
    /// The `XDP_FLAGS_*_MODE` bit, 0 for the default.
    pub const fn flag(self) -> u32 {
        match self {
            XdpMode::Default => 0,
            XdpMode::Skb => 1 << 1,
            XdpMode::Drv => 1 << 2,
            XdpMode::Hw => 1 << 3,
        }
    }
}

impl fmt::Display for XdpMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            XdpMode::Default => "default",
            XdpMode::Skb => "skb",
            XdpMode::Drv => "drv",
            XdpMode::Hw => "hw",
        })
    }
}

/// By which interface of the kernel an XDP program is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum XdpVia {
    /// A link where the kernel has them (since Linux 5.9), else netlink. Replacing a program needs netlink.
    #[default]
    Auto,
    /// A link: the attachment ends with its last reference, and nobody else can replace it.
    #[doc(alias = "BPF_LINK_TYPE_XDP")]
    Link,
    /// Netlink: the attachment stays until someone removes it. Since Linux 4.8.
    #[doc(alias = "IFLA_XDP")]
    Netlink,
}

/// What to do when another program is attached there.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum IfBusy<'t> {
    /// Leave it and fail with `EBUSY`.
    #[default]
    #[doc(alias = "XDP_FLAGS_UPDATE_IF_NOEXIST")]
    Refuse,
    /// Replace it only if it is this one. Since Linux 5.7.
    #[doc(alias = "XDP_FLAGS_REPLACE")]
    Replace(&'t dyn Program),
    /// Replace whatever is there.
    ReplaceAny,
}

/// An interface's XDP hook.
///
/// ```
/// use ebpf_core::hook::{Xdp, XdpMode};
/// let target = Xdp::on("eth0").mode(XdpMode::Skb);
/// assert_eq!(target.to_string(), "XDP (skb) of interface `eth0`");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Xdp<'t> {
    /// The interface.
    pub interface: Interface,
    /// Where in the packet's path.
    pub mode: XdpMode,
    /// By which interface of the kernel.
    pub via: XdpVia,
    /// What to do when another program is there.
    pub if_busy: IfBusy<'t>,
}

impl<'t> Xdp<'t> {
    /// The interface of this name or index, in the default mode, refusing if another program is there.
    pub fn on(interface: impl Into<Interface>) -> Xdp<'t> {
        Xdp {
            interface: interface.into(),
            mode: XdpMode::Default,
            via: XdpVia::Auto,
            if_busy: IfBusy::Refuse,
        }
    }

    /// The same in this mode.
    #[must_use]
    pub fn mode(self, mode: XdpMode) -> Xdp<'t> {
        Xdp { mode, ..self }
    }

    /// The same by this interface of the kernel.
    #[must_use]
    pub fn via(self, via: XdpVia) -> Xdp<'t> {
        Xdp { via, ..self }
    }

    /// The same, replacing `expected` if that is what is attached.
    #[must_use]
    pub fn replacing(self, expected: &'t dyn Program) -> Xdp<'t> {
        Xdp {
            if_busy: IfBusy::Replace(expected),
            ..self
        }
    }

    /// The same, replacing whatever is attached.
    #[must_use]
    pub fn replacing_any(self) -> Xdp<'t> {
        Xdp {
            if_busy: IfBusy::ReplaceAny,
            ..self
        }
    }

    /// What might help when attaching there failed. For implementors: every system gives the same advice.
    pub fn hint(&self, errno: Errno) -> Option<&'static str> {
        match (errno, self.mode) {
            (Errno::EPERM, _) => Some("CAP_NET_ADMIN (or root) is needed"),
            (Errno::ENODEV, _) => Some("there is no such interface in this network namespace"),
            (Errno::EINVAL, XdpMode::Hw) => {
                Some("the program must be loaded for the device (ProgramSpec::ifindex)")
            }
            (Errno::EINVAL, _) => Some(
                "there may be no such interface here, or the program is not an XDP program for it",
            ),
            (Errno::EBUSY, _) => Some("another program is attached: detach or replace it first"),
            (Errno::EEXIST, _) => match self.if_busy {
                IfBusy::Replace(_) => {
                    Some("another program than the expected one is attached, or none")
                }
                _ => Some("a program is attached in another mode: skb and drv exclude each other"),
            },
            (Errno::EOPNOTSUPP, _) => Some("the driver cannot: try XdpMode::Skb"),
            (Errno::ERANGE, _) => {
                Some("the MTU is too large for XDP in the driver: lower it, or use XdpMode::Skb")
            }
            _ => None,
        }
    }

    /// The refusal of a link that is to replace a program. For implementors.
    pub fn link_replaces_nothing(&self, program: &ProgramInfo) -> ProgramError {
        ProgramError::Attach {
            program: program.name.clone(),
            target: self.to_string().into(),
            errno: Errno::EOPNOTSUPP,
            told: None,
            hint: Some(
                "a link never takes another program's place: replace it by netlink, or update its own link",
            ),
        }
    }
}

impl fmt::Display for Xdp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            XdpMode::Default => write!(f, "XDP of {}", self.interface),
            mode => write!(f, "XDP ({mode}) of {}", self.interface),
        }
    }
}
