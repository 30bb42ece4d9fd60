//! Traffic control: programs that see each packet an interface receives or sends, with the network stack's own data of it.

use std::borrow::Cow;
use std::fmt;

use super::order::order_methods;
use super::{IfBusy, Interface, Order, TargetProblem};
use crate::program::{AttachType, Program};

open_enum! {
    /// What a traffic-control program returns, a signed number to the kernel.
    ///
    /// A classifier in direct action, TCX and netkit take fewer of them, as each says; what they do not know is as
    /// [`UNSPEC`](TcAction::UNSPEC). `TC_ACT_*` in include/uapi/linux/pkt_cls.h, `enum tcx_action_base` in
    /// include/uapi/linux/bpf.h.
    #[doc(alias = "tcx_action_base")]
    #[doc(alias = "netkit_action")]
    pub struct TcAction: "TC action" {
        /// No say: the next program or filter is asked, and the packet passes when none has a say.
        #[doc(alias = "TCX_NEXT")]
        #[doc(alias = "NETKIT_NEXT")]
        UNSPEC = 0xffff_ffff, "TC_ACT_UNSPEC", "unspec";
        /// The packet passes, and no further program or filter of this direction is asked.
        #[doc(alias = "TCX_PASS")]
        #[doc(alias = "NETKIT_PASS")]
        OK = 0, "TC_ACT_OK", "ok";
        /// Classification begins again, from actions only.
        RECLASSIFY = 1, "TC_ACT_RECLASSIFY", "reclassify";
        /// The packet is dropped.
        #[doc(alias = "TCX_DROP")]
        #[doc(alias = "NETKIT_DROP")]
        SHOT = 2, "TC_ACT_SHOT", "shot";
        /// On to the filter's next action, from actions only.
        PIPE = 3, "TC_ACT_PIPE", "pipe";
        /// The packet was taken: gone, and no failure. Not in TCX.
        STOLEN = 4, "TC_ACT_STOLEN", "stolen";
        /// As stolen, from actions only.
        QUEUED = 5, "TC_ACT_QUEUED", "queued";
        /// The action runs again, from actions only.
        REPEAT = 6, "TC_ACT_REPEAT", "repeat";
        /// The packet goes where the redirect helper said.
        #[doc(alias = "TCX_REDIRECT")]
        #[doc(alias = "NETKIT_REDIRECT")]
        REDIRECT = 7, "TC_ACT_REDIRECT", "redirect";
        /// As stolen, for hardware that traps. Not in TCX.
        TRAP = 8, "TC_ACT_TRAP", "trap";
    }
}

/// Which way packets cross an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TcDirection {
    /// Packets that the interface receives.
    Ingress,
    /// Packets that the interface is given to send.
    Egress,
}

impl TcDirection {
    /// The kernel's number of the TCX hook.
    pub const fn attach_type(self) -> AttachType {
        match self {
            TcDirection::Ingress => AttachType::TCX_INGRESS,
            TcDirection::Egress => AttachType::TCX_EGRESS,
        }
    }
}

impl fmt::Display for TcDirection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            TcDirection::Ingress => "ingress",
            TcDirection::Egress => "egress",
        })
    }
}

/// By which interface of the kernel a classifier is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TcVia {
    /// TCX where the kernel has it, else netlink; whichever knows the options that were given.
    #[default]
    Auto,
    /// TCX, a link: it detaches when its last reference is gone, and can be pinned and updated. Programs run before all
    /// filters of netlink. Since Linux 6.6.
    #[doc(alias = "BPF_LINK_TYPE_TCX")]
    Tcx,
    /// Netlink: a filter of the `clsact` queueing discipline, which stays until someone removes it. The kernel knows no
    /// owner of it: detaching and updating look just before whether the program is in its place still, and leave alone
    /// what is not. Since Linux 4.5; by the program's id 4.13.
    #[doc(alias = "clsact")]
    #[doc(alias = "cls_bpf")]
    Netlink,
}

/// What becomes of the `clsact` queueing discipline that an attachment by netlink needs, and makes where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Clsact {
    /// One that was made for attachments of this system is removed with the last of them, unless another's filter is in
    /// it by then. One that was there before is never removed.
    #[default]
    RemoveIfOurs,
    /// It stays. For interfaces on which others may rely on it in the meantime: between looking for their filters and
    /// removing it, one that they add would go too.
    Keep,
}

/// Every protocol: `ETH_P_ALL`.
#[doc(alias = "ETH_P_ALL")]
pub const ALL_PROTOCOLS: u16 = 3;

/// The longest name of a filter, in bytes: `CLS_BPF_NAME_LEN` in net/sched/cls_bpf.c.
pub(crate) const TC_NAME: usize = 256;

/// How a program appears among the filters of netlink.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TcFilterOptions<'t> {
    /// Filters of lower numbers are asked first; those of one number, newest first. 0: the kernel chooses one before
    /// all that it chose so far, from 49152 down.
    pub priority: u16,
    /// Tells apart filters of one priority. 0: the kernel chooses the first free one.
    pub handle: u32,
    /// What `tc filter show` prints for it; the program's name by default.
    pub name: Option<Cow<'t, str>>,
    /// The packets that it sees, by the number of their protocol (`ETH_P_*`, in the host's byte order). Filters of one
    /// priority are all of one protocol.
    pub protocol: u16,
    /// What to do when the filter is there already.
    pub if_busy: IfBusy<'t>,
    /// What becomes of the queueing discipline.
    pub clsact: Clsact,
    /// Whether a queueing discipline of another kind in the place of `clsact` is removed, with all of its filters. If
    /// not, it is refused.
    pub clobber: bool,
}

impl TcFilterOptions<'_> {
    const fn new() -> Self {
        TcFilterOptions {
            priority: 0,
            handle: 0,
            name: None,
            protocol: ALL_PROTOCOLS,
            if_busy: IfBusy::Refuse,
            clsact: Clsact::RemoveIfOurs,
            clobber: false,
        }
    }

    /// The first of these options that only netlink knows.
    fn only_netlink(&self) -> Option<&'static str> {
        let said = [
            (self.priority != 0, "priority"),
            (self.handle != 0, "handle"),
            (self.name.is_some(), "name"),
            (self.protocol != ALL_PROTOCOLS, "protocol"),
            (!matches!(self.if_busy, IfBusy::Refuse), "replacing"),
            (self.clobber, "clobber"),
        ];
        said.into_iter()
            .find_map(|(said, name)| said.then_some(name))
    }

    /// What is wrong with the options by themselves.
    fn check(&self) -> Result<(), TargetProblem> {
        if self.name.as_ref().is_some_and(|name| name.contains('\0')) {
            return Err(TargetProblem::Value {
                option: "name",
                why: "it has a NUL byte",
            });
        }
        if self.name.as_ref().is_some_and(|name| name.len() > TC_NAME) {
            return Err(TargetProblem::Value {
                option: "name",
                why: "it is longer than 256 bytes",
            });
        }
        if matches!(self.if_busy, IfBusy::ReplaceAny) && (self.priority == 0 || self.handle == 0) {
            return Err(TargetProblem::Value {
                option: "replacing_any",
                why: "a priority and a handle must say which filter",
            });
        }
        Ok(())
    }
}

/// The methods of filter options, for targets with a field `filter`.
macro_rules! filter_methods {
    () => {
        /// The same with this priority, lower ones first.
        #[must_use]
        pub fn priority(mut self, priority: u16) -> Self {
            self.filter.priority = priority;
            self
        }

        /// The same with this handle.
        #[must_use]
        pub fn handle(mut self, handle: u32) -> Self {
            self.filter.handle = handle;
            self
        }

        /// The same under this name.
        #[must_use]
        pub fn name(mut self, name: impl Into<Cow<'t, str>>) -> Self {
            self.filter.name = Some(name.into());
            self
        }

        /// The same for packets of this protocol (`ETH_P_*`) only.
        #[must_use]
        pub fn protocol(mut self, protocol: u16) -> Self {
            self.filter.protocol = protocol;
            self
        }

        /// The same, in the place of the filter that runs `expected`; with a priority or a handle, only if it is there.
        #[must_use]
        pub fn replacing(mut self, expected: &'t dyn Program) -> Self {
            self.filter.if_busy = IfBusy::Replace(expected);
            self
        }

        /// The same, in the place of whatever filter has this priority and handle.
        #[must_use]
        pub fn replacing_any(mut self) -> Self {
            self.filter.if_busy = IfBusy::ReplaceAny;
            self
        }

        /// The same with this policy for the `clsact` queueing discipline.
        #[must_use]
        pub fn clsact(mut self, clsact: Clsact) -> Self {
            self.filter.clsact = clsact;
            self
        }

        /// The same; with `true`, a queueing discipline of another kind in the place of `clsact` is removed, with all of
        /// its filters.
        #[must_use]
        pub fn clobber(mut self, clobber: bool) -> Self {
            self.filter.clobber = clobber;
            self
        }
    };
}

/// An interface's traffic control: for classifiers, programs of type [`SCHED_CLS`](crate::program::ProgramType::SCHED_CLS)
/// whatever attach type they were loaded for.
///
/// ```
/// use ebpf_core::hook::{Tc, TcVia};
/// let target = Tc::ingress("eth0");
/// assert_eq!(target.to_string(), "TC ingress of interface `eth0`");
/// assert_eq!(target.way(), Ok(TcVia::Auto));
/// assert_eq!(target.first().way(), Ok(TcVia::Tcx));
/// assert_eq!(Tc::egress("eth0").priority(1).way(), Ok(TcVia::Netlink));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tc<'t> {
    /// The interface.
    pub interface: Interface,
    /// Which packets.
    pub direction: TcDirection,
    /// By which interface of the kernel.
    pub via: TcVia,
    /// Whether what the program returns is done to the packet. If not, it is a class, 0 for no match and -1 for the
    /// default one, and nothing is dropped. Only netlink can say no.
    pub direct_action: bool,
    /// How it appears among the filters of netlink.
    pub filter: TcFilterOptions<'t>,
    /// Where among the programs of TCX.
    pub order: Order<'t>,
    /// Attach by TCX only if the programs are still those of this revision.
    pub expected_revision: Option<u64>,
}

impl<'t> Tc<'t> {
    /// Packets in this direction: by TCX or netlink, in direct action, beside what else is attached.
    pub fn new(interface: impl Into<Interface>, direction: TcDirection) -> Tc<'t> {
        Tc {
            interface: interface.into(),
            direction,
            via: TcVia::Auto,
            direct_action: true,
            filter: TcFilterOptions::new(),
            order: Order::Default,
            expected_revision: None,
        }
    }

    /// Packets that the interface of this name or index receives.
    #[doc(alias = "BPF_TCX_INGRESS")]
    #[doc(alias = "TC_H_MIN_INGRESS")]
    pub fn ingress(interface: impl Into<Interface>) -> Tc<'t> {
        Tc::new(interface, TcDirection::Ingress)
    }

    /// Packets that the interface of this name or index is given to send.
    #[doc(alias = "BPF_TCX_EGRESS")]
    #[doc(alias = "TC_H_MIN_EGRESS")]
    pub fn egress(interface: impl Into<Interface>) -> Tc<'t> {
        Tc::new(interface, TcDirection::Egress)
    }

    /// The same by this interface of the kernel.
    #[must_use]
    pub fn via(self, via: TcVia) -> Tc<'t> {
        Tc { via, ..self }
    }

    /// The same; with `false`, what the program returns is a class and not done to the packet.
    #[must_use]
    #[doc(alias = "TCA_BPF_FLAG_ACT_DIRECT")]
    pub fn direct_action(self, direct_action: bool) -> Tc<'t> {
        Tc {
            direct_action,
            ..self
        }
    }

    filter_methods!();
    order_methods!(Tc);

    /// By which interface of the kernel the options can be had; [`TcVia::Auto`] if by either.
    ///
    /// # Errors
    /// Where options contradict each other.
    pub fn way(&self) -> Result<TcVia, TargetProblem> {
        self.filter.check()?;
        let netlink = self
            .filter
            .only_netlink()
            .or((!self.direct_action).then_some("direct_action(false)"));
        let tcx = if !self.order.is_default() {
            Some("an order")
        } else {
            self.expected_revision.map(|_| "expected_revision")
        };
        match (self.via, netlink, tcx) {
            (TcVia::Auto, None, None) => Ok(TcVia::Auto),
            (TcVia::Auto | TcVia::Netlink, _, None) => Ok(TcVia::Netlink),
            (TcVia::Auto | TcVia::Tcx, None, _) => Ok(TcVia::Tcx),
            (TcVia::Auto, Some(one), Some(other)) => Err(TargetProblem::Exclusive { one, other }),
            (TcVia::Tcx, Some(one), _) => Err(TargetProblem::Exclusive {
                one,
                other: "TcVia::Tcx",
            }),
            (TcVia::Netlink, _, Some(one)) => Err(TargetProblem::Exclusive {
                one,
                other: "TcVia::Netlink",
            }),
        }
    }
}

impl fmt::Display for Tc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TC {} of {}", self.direction, self.interface)
    }
}

/// An interface's traffic control: for actions, programs of type [`SCHED_ACT`](crate::program::ProgramType::SCHED_ACT).
/// The action hangs on a filter that takes every packet, which is made for it. By netlink; the kernel needs `act_bpf`.
///
/// Since Linux 4.5. `tcf_bpf_init()` in net/sched/act_bpf.c.
///
/// ```
/// use ebpf_core::hook::TcAct;
/// assert_eq!(TcAct::egress("eth0").to_string(), "TC egress action of interface `eth0`");
/// ```
#[doc(alias = "act_bpf")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TcAct<'t> {
    /// The interface.
    pub interface: Interface,
    /// Which packets.
    pub direction: TcDirection,
    /// How the filter appears.
    pub filter: TcFilterOptions<'t>,
    /// What is done with a packet for which the program returns [`TcAction::UNSPEC`].
    pub default_action: TcAction,
}

impl<'t> TcAct<'t> {
    /// Packets in this direction, beside what else is attached.
    pub fn new(interface: impl Into<Interface>, direction: TcDirection) -> TcAct<'t> {
        TcAct {
            interface: interface.into(),
            direction,
            filter: TcFilterOptions::new(),
            default_action: TcAction::UNSPEC,
        }
    }

    /// Packets that the interface of this name or index receives.
    pub fn ingress(interface: impl Into<Interface>) -> TcAct<'t> {
        TcAct::new(interface, TcDirection::Ingress)
    }

    /// Packets that the interface of this name or index is given to send.
    pub fn egress(interface: impl Into<Interface>) -> TcAct<'t> {
        TcAct::new(interface, TcDirection::Egress)
    }

    filter_methods!();

    /// The same, with this done to packets for which the program returns [`TcAction::UNSPEC`]; by default the next
    /// filter is asked.
    #[must_use]
    pub fn default_action(self, default_action: TcAction) -> TcAct<'t> {
        TcAct {
            default_action,
            ..self
        }
    }

    /// Whether the options make sense together.
    ///
    /// # Errors
    /// Where they do not.
    pub fn check(&self) -> Result<(), TargetProblem> {
        self.filter.check()
    }
}

impl fmt::Display for TcAct<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TC {} action of {}", self.direction, self.interface)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_choose_the_way() {
        let auto = || Tc::ingress("a");
        assert_eq!(auto().way(), Ok(TcVia::Auto));
        assert_eq!(auto().clsact(Clsact::Keep).way(), Ok(TcVia::Auto));
        for netlink in [
            auto().priority(1),
            auto().handle(1),
            auto().name("x"),
            auto().protocol(0x0800),
            auto().direct_action(false),
            auto().clobber(true),
            auto().via(TcVia::Netlink),
        ] {
            assert_eq!(netlink.way(), Ok(TcVia::Netlink), "{netlink:?}");
        }
        for tcx in [
            auto().first(),
            auto().last(),
            auto().before(crate::program::ProgramId(1)),
            auto().after(crate::link::LinkId(1)),
            auto().expected_revision(1),
            auto().via(TcVia::Tcx),
        ] {
            assert_eq!(tcx.way(), Ok(TcVia::Tcx), "{tcx:?}");
        }
    }

    #[test]
    fn contradictions_are_named() {
        let said = |target: Tc<'_>| target.way().expect_err("a contradiction").to_string();
        assert_eq!(
            said(Tc::ingress("a").priority(1).first()),
            "`priority` and `an order` exclude each other"
        );
        assert_eq!(
            said(Tc::ingress("a").direct_action(false).via(TcVia::Tcx)),
            "`direct_action(false)` and `TcVia::Tcx` exclude each other"
        );
        assert_eq!(
            said(Tc::ingress("a").expected_revision(3).via(TcVia::Netlink)),
            "`expected_revision` and `TcVia::Netlink` exclude each other"
        );
        assert_eq!(
            said(Tc::ingress("a").name("a\0b")),
            "`name`: it has a NUL byte"
        );
        assert_eq!(
            said(Tc::ingress("a").replacing_any().priority(7)),
            "`replacing_any`: a priority and a handle must say which filter"
        );
        assert!(TcAct::ingress("a").replacing_any().check().is_err());
        assert_eq!(
            TcAct::ingress("a")
                .priority(7)
                .handle(1)
                .replacing_any()
                .check(),
            Ok(())
        );
    }

    #[test]
    fn actions_have_the_kernels_numbers() {
        use ebpf_sys::netkit_action as Netkit;
        use ebpf_sys::tcx_action_base as Tcx;
        assert_eq!(TcAction::UNSPEC.0 as i32, ebpf_sys::TC_ACT_UNSPEC);
        for (action, number) in [
            (TcAction::OK, ebpf_sys::TC_ACT_OK),
            (TcAction::RECLASSIFY, ebpf_sys::TC_ACT_RECLASSIFY),
            (TcAction::SHOT, ebpf_sys::TC_ACT_SHOT),
            (TcAction::PIPE, ebpf_sys::TC_ACT_PIPE),
            (TcAction::STOLEN, ebpf_sys::TC_ACT_STOLEN),
            (TcAction::QUEUED, ebpf_sys::TC_ACT_QUEUED),
            (TcAction::REPEAT, ebpf_sys::TC_ACT_REPEAT),
            (TcAction::REDIRECT, ebpf_sys::TC_ACT_REDIRECT),
            (TcAction::TRAP, ebpf_sys::TC_ACT_TRAP),
        ] {
            assert_eq!(action.0, number, "{action}");
        }
        assert_eq!(TcAction::ALL.len(), ebpf_sys::TC_ACT_VALUE_MAX as usize + 2);
        for (action, tcx, netkit) in [
            (TcAction::UNSPEC, Tcx::TCX_NEXT, Netkit::NETKIT_NEXT),
            (TcAction::OK, Tcx::TCX_PASS, Netkit::NETKIT_PASS),
            (TcAction::SHOT, Tcx::TCX_DROP, Netkit::NETKIT_DROP),
            (
                TcAction::REDIRECT,
                Tcx::TCX_REDIRECT,
                Netkit::NETKIT_REDIRECT,
            ),
        ] {
            assert_eq!(
                (action.0 as i32, action.0 as i32),
                (tcx.0, netkit.0),
                "{action}"
            );
        }
    }
}
