//! The dump of packets: what the program writes arrives as packets.

use std::ops::ControlFlow;

use ebpf_core::hook::Xdp;
use ebpf_core::program::ProgramExt as _;
use ebpf_examples::xdp_dump::{Dump, DumpOptions, Summary, TcpFlags, Wanted};
use ebpf_mock::MockSystem;
use ebpf_mock::fault::FailEverySite;
use etherparse::{PacketBuilder, TcpHeader};

fn machine() -> MockSystem {
    let system = MockSystem::new();
    system.add_interface("eth0").expect("an interface");
    system
}

/// A segment of TCP with this much behind it.
fn segment(header: impl FnOnce(&mut TcpHeader), payload: usize) -> Vec<u8> {
    let mut tcp = TcpHeader::new(7, 9, 1, 1024);
    header(&mut tcp);
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4([192, 0, 2, 2], [192, 0, 2, 1], 64);
    let mut frame = Vec::new();
    let written = builder.tcp_header(tcp).write(&mut frame, &vec![7; payload]);
    written.expect("a frame");
    frame
}

/// What is shown of these frames: the bytes that were kept, the length, and the ports.
fn shown(options: &DumpOptions, frames: &[Vec<u8>]) -> (Vec<(Vec<u8>, u32, String)>, Summary) {
    let mut dump = Dump::load(&machine(), options).expect("it loads");
    dump.attach(Xdp::on("eth0")).expect("attached");
    for frame in frames {
        let (result, after) = dump.program().run_once(frame, 0).expect("it runs");
        assert_eq!(
            (result.return_value, &after),
            (2, frame),
            "every packet passes"
        );
    }
    let mut shown = Vec::new();
    let drained = dump.drain(|packet| {
        let sockets = packet.sockets().map(|(from, to)| format!("{from} > {to}"));
        let bytes = packet.bytes().to_vec();
        shown.push((bytes, packet.length(), sockets.unwrap_or_default()));
        ControlFlow::Continue(())
    });
    drained.expect("they can be read");
    dump.detach().expect("detached");
    (shown, dump.summary())
}

#[test]
fn segments_that_open_connections_are_shown() {
    let syn = segment(|tcp| tcp.syn = true, 0);
    let ack = segment(|tcp| tcp.ack = true, 0);
    let (shown, summary) = shown(&DumpOptions::default(), &[syn.clone(), ack]);
    let length = syn.len() as u32;
    let sockets = "192.0.2.2:7 > 192.0.2.1:9".to_owned();
    assert_eq!(shown, [(syn, length, sockets)]);
    assert_eq!(
        summary,
        Summary {
            received: 1,
            lost: 0
        }
    );
}

#[test]
fn as_much_of_a_packet_is_kept_as_was_asked_for() {
    let options = DumpOptions {
        wanted: Wanted::Tcp(TcpFlags::ANY),
        snapshot: 64,
        ..DumpOptions::default()
    };
    let large = segment(|tcp| tcp.psh = true, 1000);
    let (shown, _) = shown(&options, std::slice::from_ref(&large));
    let [(bytes, length, _)] = &shown[..] else {
        panic!("{shown:?}");
    };
    assert_eq!((&bytes[..], *length), (&large[..64], 1054));
}

#[test]
fn what_finds_no_room_is_counted_as_lost() {
    // One page of ring, and frames of a kilobyte.
    let options = DumpOptions {
        buffer_bytes: 1,
        ..DumpOptions::default()
    };
    let frames = vec![segment(|tcp| tcp.syn = true, 1000); 10];
    let (shown, _) = shown(&options, &frames);
    assert!(
        !shown.is_empty() && shown.len() < 10,
        "{} of 10",
        shown.len()
    );
}

#[test]
fn whatever_fails_nothing_is_left_behind() {
    let report = FailEverySite::of(machine).run(|system| {
        let mut dump = Dump::load(system, &DumpOptions::default())?;
        dump.attach(Xdp::on("eth0"))?;
        dump.drain(|_| ControlFlow::Continue(()))?;
        dump.detach()
    });
    report.assert_sound();
    assert_eq!(report.survivors().count(), 0, "{report}");
}
