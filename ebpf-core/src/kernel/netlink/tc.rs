//! Queueing disciplines and filters of an interface, as far as programs hang on them: `RTM_*QDISC` and `RTM_*TFILTER`.

use ebpf_sys::{
    RTM_DELQDISC, RTM_DELTFILTER, RTM_GETQDISC, RTM_GETTFILTER, RTM_NEWQDISC, RTM_NEWTFILTER,
    TC_H_CLSACT, TC_H_MAJ_MASK, TC_H_MIN_EGRESS, TC_H_MIN_INGRESS, TCA_ACT_KIND, TCA_ACT_OPTIONS,
    TCA_BPF_ACT, TCA_BPF_FD, TCA_BPF_FLAG_ACT_DIRECT, TCA_BPF_FLAGS, TCA_BPF_ID, TCA_BPF_NAME,
    TCA_BPF_OPS, TCA_BPF_OPS_LEN, TCA_BPF_TAG, TCA_CHAIN, TCA_KIND, TCA_OPTIONS,
};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE};

use super::{Message, Netlink, Refusal, attribute, attributes, nested, number};
use crate::codec::c_str;
use crate::hook::{TcAction, TcDirection, TcFilter, TcFilterAction};
use crate::program::{ProgramId, ProgramTag};

/// Bytes of `struct tcmsg`, which begins every message.
pub(super) const TC_HEADER: usize = 20;
/// The handle of the queueing discipline of received packets, `ffff:`.
const INGRESS_HANDLE: u32 = TC_H_CLSACT & TC_H_MAJ_MASK;

/// Attributes of an action that runs a program: include/uapi/linux/tc_act/tc_bpf.h.
pub(super) mod act_bpf {
    /// `struct tc_act_bpf`: index, capabilities, what is done by default, two counts.
    pub(crate) const TCA_ACT_BPF_PARMS: u32 = 2;
    pub(crate) const TCA_ACT_BPF_FD: u32 = 5;
    pub(crate) const TCA_ACT_BPF_NAME: u32 = 6;
    pub(crate) const TCA_ACT_BPF_TAG: u32 = 8;
    pub(crate) const TCA_ACT_BPF_ID: u32 = 9;
}

/// The classic program that takes every packet, and leaves the class as it is: `ret #-1`.
const MATCH_ALL: [u16; 4] = [0x06, 0, 0xffff, 0xffff];

/// Where a filter of chain 0 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) struct FilterPlace {
    pub(in crate::kernel) ifindex: u32,
    pub(in crate::kernel) direction: TcDirection,
    /// 0: the kernel chooses.
    pub(in crate::kernel) priority: u16,
    pub(in crate::kernel) protocol: u16,
    /// 0: the kernel chooses.
    pub(in crate::kernel) handle: u32,
}

impl FilterPlace {
    /// Whether that is the filter's place.
    pub(in crate::kernel) fn is_of(&self, filter: &TcFilter) -> bool {
        filter.chain == 0
            && (
                filter.direction,
                filter.priority,
                filter.protocol,
                filter.handle,
            ) == (self.direction, self.priority, self.protocol, self.handle)
    }

    fn header(&self) -> [u8; TC_HEADER] {
        header(
            self.ifindex,
            self.handle,
            parent(self.direction),
            u32::from(self.priority) << 16 | u32::from(self.protocol.to_be()),
        )
    }
}

/// What a filter does with its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum Runs {
    /// Classifies by it.
    Classifier { direct_action: bool },
    /// Takes every packet and runs it as its action.
    Action { default: TcAction },
}

/// A filter that runs a program.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernel) struct SetFilter<'a> {
    pub(in crate::kernel) place: FilterPlace,
    pub(in crate::kernel) program: i32,
    /// Without a NUL, of 256 bytes at most.
    pub(in crate::kernel) name: &'a [u8],
    pub(in crate::kernel) runs: Runs,
}

impl SetFilter<'_> {
    fn message(&self) -> Message {
        let mut name = self.name.to_vec();
        name.push(0);
        let fd = self.program.to_ne_bytes();
        let options = match self.runs {
            Runs::Classifier { direct_action } => {
                let flags = if direct_action {
                    TCA_BPF_FLAG_ACT_DIRECT
                } else {
                    0
                };
                vec![
                    attribute(TCA_BPF_FD, fd),
                    attribute(TCA_BPF_NAME, name),
                    attribute(TCA_BPF_FLAGS, flags.to_ne_bytes()),
                ]
            }
            Runs::Action { default } => {
                let parameters = [0, 0, default.0, 0, 0].map(u32::to_ne_bytes).concat();
                let action = vec![
                    attribute(TCA_ACT_KIND, b"bpf\0"),
                    nested(
                        TCA_ACT_OPTIONS,
                        vec![
                            attribute(act_bpf::TCA_ACT_BPF_PARMS, parameters),
                            attribute(act_bpf::TCA_ACT_BPF_FD, fd),
                            attribute(act_bpf::TCA_ACT_BPF_NAME, name),
                        ],
                    ),
                ];
                // A list of actions, the first of which is 1.
                let actions = vec![nested(1, action)];
                vec![
                    attribute(TCA_BPF_OPS_LEN, 1u16.to_ne_bytes()),
                    attribute(TCA_BPF_OPS, MATCH_ALL.map(u16::to_ne_bytes).concat()),
                    nested(TCA_BPF_ACT, actions),
                ]
            }
        };
        Message::new(
            RTM_NEWTFILTER,
            self.place.header(),
            vec![attribute(TCA_KIND, b"bpf\0"), nested(TCA_OPTIONS, options)],
        )
    }
}

/// What becomes of a filter that is in the place already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum Existing {
    /// There must be none.
    Refused,
    /// It is replaced if there is one.
    Replaced,
    /// There must be one, which is replaced.
    Needed,
}

impl TcFilter {
    /// The filter in the body of `RTM_NEWTFILTER`. `None` for what stands for all filters of a priority.
    pub(super) fn read(direction: TcDirection, body: &[u8]) -> Option<TcFilter> {
        let (handle, info) = (word(body, 8), word(body, 16));
        if handle == 0 {
            return None;
        }
        let mut filter = TcFilter {
            direction,
            kind: Box::default(),
            priority: (info >> 16) as u16,
            handle,
            protocol: u16::from_be(info as u16),
            chain: 0,
            program: None,
            name: None,
            tag: None,
            direct_action: false,
            actions: Vec::new(),
        };
        let mut options: &[u8] = &[];
        for (kind, value) in attributes(body.get(TC_HEADER..).unwrap_or_default()) {
            match kind {
                TCA_KIND => filter.kind = text(value),
                TCA_CHAIN => filter.chain = number(value).unwrap_or(0),
                TCA_OPTIONS => options = value,
                _ => {}
            }
        }
        if &*filter.kind == "bpf" {
            filter.read_options(options);
        }
        Some(filter)
    }

    fn read_options(&mut self, options: &[u8]) {
        for (kind, value) in attributes(options) {
            match kind {
                TCA_BPF_ID => self.program = number(value).map(ProgramId),
                TCA_BPF_NAME => self.name = Some(text(value)),
                TCA_BPF_TAG => self.tag = tag(value),
                TCA_BPF_FLAGS => {
                    let flags = number(value).unwrap_or(0);
                    self.direct_action = flags & TCA_BPF_FLAG_ACT_DIRECT != 0;
                }
                TCA_BPF_ACT => {
                    let actions = attributes(value).map(|(_, action)| read_action(action));
                    self.actions = actions.collect();
                }
                _ => {}
            }
        }
    }
}

fn read_action(body: &[u8]) -> TcFilterAction {
    let mut action = TcFilterAction::default();
    let mut options: &[u8] = &[];
    for (kind, value) in attributes(body) {
        match kind {
            TCA_ACT_KIND => action.kind = text(value),
            TCA_ACT_OPTIONS => options = value,
            _ => {}
        }
    }
    if &*action.kind == "bpf" {
        for (kind, value) in attributes(options) {
            match kind {
                act_bpf::TCA_ACT_BPF_ID => action.program = number(value).map(ProgramId),
                act_bpf::TCA_ACT_BPF_NAME => action.name = Some(text(value)),
                act_bpf::TCA_ACT_BPF_TAG => action.tag = tag(value),
                _ => {}
            }
        }
    }
    action
}

impl Netlink {
    /// Makes the queueing discipline `clsact`; `EEXIST` if there is one in its place, of whatever kind.
    pub(in crate::kernel) fn add_clsact(&self, ifindex: u32) -> Result<(), Refusal> {
        let message = qdisc(RTM_NEWQDISC, ifindex, "clsact");
        self.request(NLM_F_CREATE | NLM_F_EXCL, message, |_, _| ())
    }

    /// Removes the queueing discipline in the place of `clsact`, if it is of this kind, with all filters in it.
    pub(in crate::kernel) fn remove_ingress_qdisc(
        &self,
        ifindex: u32,
        kind: &str,
    ) -> Result<(), Refusal> {
        let message = qdisc(RTM_DELQDISC, ifindex, kind);
        self.request(0, message, |_, _| ())
    }

    /// The kind of the queueing discipline in the place of `clsact`.
    pub(in crate::kernel) fn ingress_qdisc(
        &self,
        ifindex: u32,
    ) -> Result<Option<Box<str>>, Refusal> {
        let mut found = None;
        // Asked for a single one, the kernel tells whoever listens for changes.
        let question = Message::new(RTM_GETQDISC, header(ifindex, 0, 0, 0), Vec::new());
        self.dump(question, |kind, body| {
            if u32::from(kind) == RTM_NEWQDISC
                && word(body, 4) == ifindex
                && word(body, 12) == TC_H_CLSACT
            {
                let body = body.get(TC_HEADER..).unwrap_or_default();
                let name = attributes(body).find(|(kind, _)| *kind == TCA_KIND);
                found = name.map(|(_, name)| text(name));
            }
        })?;
        Ok(found)
    }

    /// The filters of one direction, in the order in which they are asked. None if there is no such interface, or no
    /// queueing discipline for them.
    pub(in crate::kernel) fn filters(
        &self,
        ifindex: u32,
        direction: TcDirection,
    ) -> Result<Vec<TcFilter>, Refusal> {
        let mut filters = Vec::new();
        let header = header(ifindex, 0, parent(direction), 0);
        self.dump(
            Message::new(RTM_GETTFILTER, header, Vec::new()),
            |kind, body| {
                if u32::from(kind) == RTM_NEWTFILTER {
                    filters.extend(TcFilter::read(direction, body));
                }
            },
        )?;
        Ok(filters)
    }

    /// Whether anything is in a direction, what [`Netlink::filters`] does not list included.
    pub(in crate::kernel) fn has_filters(
        &self,
        ifindex: u32,
        direction: TcDirection,
    ) -> Result<bool, Refusal> {
        let mut any = false;
        let header = header(ifindex, 0, parent(direction), 0);
        self.dump(
            Message::new(RTM_GETTFILTER, header, Vec::new()),
            |kind, _| any |= u32::from(kind) == RTM_NEWTFILTER,
        )?;
        Ok(any)
    }

    /// Makes or changes a filter. Where it is then, unless the kernel could not tell.
    pub(in crate::kernel) fn set_filter(
        &self,
        filter: &SetFilter<'_>,
        existing: Existing,
    ) -> Result<Option<FilterPlace>, Refusal> {
        let flags = match existing {
            Existing::Refused => NLM_F_CREATE | NLM_F_EXCL,
            Existing::Replaced => NLM_F_CREATE | NLM_F_REPLACE,
            Existing::Needed => NLM_F_REPLACE,
        };
        let mut place = None;
        self.request(NLM_F_ECHO | flags, filter.message(), |kind, body| {
            if u32::from(kind) == RTM_NEWTFILTER
                && let Some(made) = TcFilter::read(filter.place.direction, body)
            {
                place = Some(FilterPlace {
                    priority: made.priority,
                    handle: made.handle,
                    ..filter.place
                });
            }
        })?;
        Ok(place)
    }

    /// Removes the filter in a place, whatever it is.
    pub(in crate::kernel) fn remove_filter(&self, place: &FilterPlace) -> Result<(), Refusal> {
        let attributes = vec![attribute(TCA_KIND, b"bpf\0")];
        let message = Message::new(RTM_DELTFILTER, place.header(), attributes);
        self.request(0, message, |_, _| ())
    }
}

/// A message about the queueing discipline in the place of `clsact`, which is of this kind.
fn qdisc(message: u32, ifindex: u32, kind: &str) -> Message {
    let kind = attribute(TCA_KIND, [kind.as_bytes(), &[0]].concat());
    let header = header(ifindex, INGRESS_HANDLE, TC_H_CLSACT, 0);
    Message::new(message, header, vec![kind])
}

/// `struct tcmsg`: family and padding, then these numbers.
fn header(ifindex: u32, handle: u32, parent: u32, info: u32) -> [u8; TC_HEADER] {
    let mut header = [0; TC_HEADER];
    let numbers = [ifindex, handle, parent, info];
    for (place, number) in header[4..].chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_ne_bytes());
    }
    header
}

/// What filters of a direction are under.
fn parent(direction: TcDirection) -> u32 {
    INGRESS_HANDLE
        | match direction {
            TcDirection::Ingress => TC_H_MIN_INGRESS,
            TcDirection::Egress => TC_H_MIN_EGRESS,
        }
}

/// The number at this place of `struct tcmsg`.
fn word(body: &[u8], at: usize) -> u32 {
    body.get(at..).and_then(number).unwrap_or(0)
}

fn text(value: &[u8]) -> Box<str> {
    c_str(value).as_ref().into()
}

fn tag(value: &[u8]) -> Option<ProgramTag> {
    value.try_into().ok().map(ProgramTag)
}

#[cfg(test)]
impl SetFilter<'_> {
    /// The whole message, for tests of the encoding.
    pub(super) fn encoded(&self, flags: u16) -> Vec<u8> {
        self.message().encode(flags, 7)
    }
}
