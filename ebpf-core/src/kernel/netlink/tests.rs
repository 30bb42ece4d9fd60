//! What is sent, read by a crate that knows route netlink; and what it writes, read here.

use netlink_packet_core::{
    Emitable, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::tc::{
    TcAttribute, TcBpfFlags, TcFilterBpfOption, TcHandle, TcHeader, TcMessage, TcOption,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use super::tc::TC_HEADER;
use super::{FilterPlace, Message, Runs, SetFilter, attributes, number};
use crate::hook::{TcAction, TcDirection, TcFilter};
use crate::program::{ProgramId, ProgramTag};

fn filter(runs: Runs) -> SetFilter<'static> {
    SetFilter {
        place: FilterPlace {
            ifindex: 5,
            direction: TcDirection::Egress,
            priority: 7,
            protocol: 0x0800,
            handle: 0x1600,
        },
        program: 9,
        name: b"counter",
        runs,
    }
}

/// The header of [`filter`], as the other crate has it.
fn header() -> TcHeader {
    TcHeader {
        family: AddressFamily::Unspec,
        index: 5,
        handle: 0x1600.into(),
        parent: TcHandle {
            major: 0xffff,
            minor: TcHandle::MIN_EGRESS,
        },
        info: 7 << 16 | u32::from(0x0800u16.to_be()),
    }
}

fn read(bytes: &[u8]) -> (NetlinkMessage<RouteNetlinkMessage>, TcMessage) {
    let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes).expect("a message");
    let NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewTrafficFilter(filter)) =
        message.payload.clone()
    else {
        panic!("no new filter: {message:?}");
    };
    (message, filter)
}

#[test]
fn a_classifier_is_what_the_crate_writes() {
    for (direct_action, flags) in [
        (true, TcBpfFlags::DirectAction),
        (false, TcBpfFlags::empty()),
    ] {
        let flags_of_message = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
        let bytes = filter(Runs::Classifier { direct_action }).encoded(flags_of_message);
        let (message, filter) = read(&bytes);
        assert_eq!(message.header.flags, flags_of_message);
        assert_eq!(message.header.sequence_number, 7);
        assert_eq!(message.header.length as usize, bytes.len());
        assert_eq!(filter.header, header());
        assert_eq!(
            filter.attributes,
            [
                TcAttribute::Kind("bpf".to_owned()),
                TcAttribute::Options(
                    [
                        TcFilterBpfOption::ProgFd(9),
                        TcFilterBpfOption::ProgName("counter".to_owned()),
                        TcFilterBpfOption::Flags(flags),
                    ]
                    .map(TcOption::Bpf)
                    .to_vec()
                ),
            ]
        );
    }
}

#[test]
fn an_action_hangs_on_a_filter_of_every_packet() {
    let bytes = filter(Runs::Action {
        default: TcAction::UNSPEC,
    })
    .encoded(NLM_F_REQUEST);
    let (_, said) = read(&bytes);
    assert_eq!(said.header, header());
    // The crate does not know actions of programs, so they are taken apart here.
    let find = |bytes: &[u8], kind: u32| {
        let found = attributes(bytes).find(|(found, _)| *found == kind);
        found
            .unwrap_or_else(|| panic!("no attribute {kind}"))
            .1
            .to_vec()
    };
    let options = find(&bytes[16 + TC_HEADER..], ebpf_sys::TCA_OPTIONS);
    assert_eq!(
        find(&options, ebpf_sys::TCA_BPF_OPS_LEN),
        1u16.to_ne_bytes()
    );
    let instruction = find(&options, ebpf_sys::TCA_BPF_OPS);
    assert_eq!(instruction[..2], 6u16.to_ne_bytes(), "return a constant");
    assert_eq!(instruction[2..], [0, 0, 0xff, 0xff, 0xff, 0xff]);
    let action = find(&find(&options, ebpf_sys::TCA_BPF_ACT), 1);
    assert_eq!(find(&action, ebpf_sys::TCA_ACT_KIND), b"bpf\0");
    let options = find(&action, ebpf_sys::TCA_ACT_OPTIONS);
    let parameters = find(&options, 2);
    assert_eq!(parameters.len(), 20);
    assert_eq!(number(&parameters[8..]), Some(u32::MAX));
    assert_eq!(number(&find(&options, 5)), Some(9));
    assert_eq!(find(&options, 6), b"counter\0");
}

#[test]
fn a_filter_is_read_as_the_crate_writes_it() {
    let mut message = TcMessage::default();
    message.header = header();
    message.attributes = vec![
        TcAttribute::Kind("bpf".to_owned()),
        TcAttribute::Chain(3),
        TcAttribute::Options(
            [
                TcFilterBpfOption::ProgName("counter".to_owned()),
                TcFilterBpfOption::Flags(TcBpfFlags::DirectAction),
                TcFilterBpfOption::ProgTag([1, 2, 3, 4, 5, 6, 7, 8]),
                TcFilterBpfOption::ProgId(39),
            ]
            .map(TcOption::Bpf)
            .to_vec(),
        ),
    ];
    let mut body = vec![0; message.buffer_len()];
    message.emit(&mut body);
    let filter = TcFilter::read(TcDirection::Egress, &body).expect("a filter");
    assert_eq!(
        filter,
        TcFilter {
            direction: TcDirection::Egress,
            kind: "bpf".into(),
            priority: 7,
            handle: 0x1600,
            protocol: 0x0800,
            chain: 3,
            program: Some(ProgramId(39)),
            name: Some("counter".into()),
            tag: Some(ProgramTag([1, 2, 3, 4, 5, 6, 7, 8])),
            direct_action: true,
            actions: Vec::new(),
        }
    );
    // However it is cut, it is read without a panic.
    for end in 0..body.len() {
        let _ = TcFilter::read(TcDirection::Egress, &body[..end]);
    }
    message.header.handle = TcHandle::UNSPEC;
    message.emit(&mut body);
    assert_eq!(TcFilter::read(TcDirection::Egress, &body), None);
}

#[test]
fn a_message_without_attributes_is_its_header() {
    let bytes = Message::new(ebpf_sys::RTM_GETTFILTER, [1; 20], Vec::new()).encode(1, 2);
    assert_eq!(bytes.len(), 36);
    assert_eq!(bytes[16..], [1; 20]);
}
