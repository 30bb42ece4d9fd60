//! What is attached to a hook, whoever attached it, as systems tell it.

use super::{CgroupMode, TcDirection};
use crate::link::LinkId;
use crate::program::{ProgramId, ProgramTag};

/// What is attached to an interface's traffic control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcAttached {
    /// The kind of the queueing discipline that filters are in: `clsact`, or `ingress`, which has but one direction.
    pub qdisc: Option<Box<str>>,
    /// Its filters, of each direction in the order in which they are asked.
    pub filters: Vec<TcFilter>,
    /// The programs of TCX for received packets. `None` before Linux 6.6.
    pub tcx_ingress: Option<HookPrograms>,
    /// The programs of TCX for packets to be sent. `None` before Linux 6.6.
    pub tcx_egress: Option<HookPrograms>,
    /// The programs of the primary end; `None` unless the interface is the primary one of a netkit pair.
    pub netkit_primary: Option<HookPrograms>,
    /// The programs of the peer's end; `None` unless the interface is the primary one of a netkit pair.
    pub netkit_peer: Option<HookPrograms>,
}

/// The programs of a hook that runs several in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookPrograms {
    /// Counts the changes of the hook; what `expected_revision` compares.
    pub revision: u64,
    /// In the order in which they run.
    pub programs: Vec<HookProgram>,
}

/// A program of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookProgram {
    /// The program.
    pub program: ProgramId,
    /// The link that holds it there, if one does.
    pub link: Option<LinkId>,
}

impl HookProgram {
    /// A program, and the link that holds it. For implementors.
    pub const fn new(program: ProgramId, link: Option<LinkId>) -> HookProgram {
        HookProgram { program, link }
    }
}

/// A filter of an interface's traffic control.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcFilter {
    /// Which packets.
    pub direction: TcDirection,
    /// Its kind: `bpf`, or another classifier such as `u32` or `flower`.
    pub kind: Box<str>,
    /// Lower ones are asked first.
    pub priority: u16,
    /// Tells apart filters of one priority.
    pub handle: u32,
    /// The protocol of its packets (`ETH_P_*`).
    pub protocol: u16,
    /// The chain it is in; 0 is where packets start.
    pub chain: u32,
    /// The program that classifies. Since Linux 4.13.
    #[doc(alias = "TCA_BPF_ID")]
    pub program: Option<ProgramId>,
    /// The name it was given.
    #[doc(alias = "TCA_BPF_NAME")]
    pub name: Option<Box<str>>,
    /// The program's tag.
    #[doc(alias = "TCA_BPF_TAG")]
    pub tag: Option<ProgramTag>,
    /// Whether what the program returns is done to the packet.
    #[doc(alias = "TCA_BPF_FLAG_ACT_DIRECT")]
    pub direct_action: bool,
    /// What is done with packets that match, for filters of kind `bpf`.
    pub actions: Vec<TcFilterAction>,
}

/// An action of a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcFilterAction {
    /// Its kind: `bpf`, or another action such as `mirred` or `gact`.
    pub kind: Box<str>,
    /// The program that it runs.
    pub program: Option<ProgramId>,
    /// The name it was given.
    pub name: Option<Box<str>>,
    /// The program's tag.
    pub tag: Option<ProgramTag>,
}

impl TcFilter {
    /// A filter of kind `bpf` without a program. For implementors.
    pub fn new(direction: TcDirection, priority: u16, handle: u32, protocol: u16) -> TcFilter {
        TcFilter {
            direction,
            kind: "bpf".into(),
            priority,
            handle,
            protocol,
            chain: 0,
            program: None,
            name: None,
            tag: None,
            direct_action: false,
            actions: Vec::new(),
        }
    }

    /// The programs that it runs: as a classifier, and as actions.
    pub fn programs(&self) -> impl Iterator<Item = ProgramId> {
        let actions = self.actions.iter().filter_map(|action| action.program);
        self.program.into_iter().chain(actions)
    }
}

/// What is attached to a hook of a cgroup itself, without the cgroups above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CgroupAttached {
    /// How the hook is shared; of one without programs the kernel says [`CgroupMode::Single`].
    pub mode: CgroupMode,
    /// The programs, in the order in which they run; those that run before the programs of the cgroups below are where
    /// they were put among the others.
    pub programs: Vec<ProgramId>,
    /// How often the hook has changed. Since Linux 6.17.
    pub revision: Option<u64>,
}
