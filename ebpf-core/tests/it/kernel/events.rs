//! Events: what only the kernel has, descriptors above all, and packets that are real.

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use ebpf_core::event::{
    EventError, EventOptions, EventProducerExt, EventSource, EventSourceExt, Sources, Wait, Wakeup,
};
use ebpf_core::hook::Xdp;
use ebpf_core::insn::{Insn, Pseudo, assemble};
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{Program, ProgramExt, ProgramSpec, ProgramType, Reference, Referent};
use ebpf_core::system::{Bindings, Feature};
use ebpf_core::{Errno, KernelSystem, Map, System};
use ebpf_testbed::{Sandbox, require, skip_test};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};

const LONG: Duration = Duration::from_secs(20);

fn perf_array() -> Arc<dyn Map> {
    let system = KernelSystem::new();
    let slots = system.cpus().expect("CPUs").possible.slots();
    let spec = MapSpec::new("events", MapType::PERF_EVENT_ARRAY, 4, 4, slots);
    system.create_map(&spec, None).expect("create")
}

/// `None`, said aloud, on a kernel before 5.8.
fn ring_buffer(test: &str) -> Option<Arc<dyn Map>> {
    let system = KernelSystem::new();
    let feature = Feature::MapType(MapType::RINGBUF);
    if !system.probe(feature).expect("probe").is_yes() {
        skip_test(test, "this kernel has no ring buffers");
        return None;
    }
    let spec = MapSpec::new("events", MapType::RINGBUF, 0, 0, 65536);
    Some(system.create_map(&spec, None).expect("create"))
}

fn program(text: &str, map: &dyn Map) -> Arc<dyn Program> {
    let mut instructions = assemble(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let place = instructions
        .iter()
        .position(|insn| insn.pseudo() == Some(Pseudo::MAP_IDX));
    let place = place.expect("the map is named");
    let plain = Insn::ld_imm64(instructions[place].dst, 0);
    instructions[place..place + 2].copy_from_slice(&plain);
    let mut spec = ProgramSpec::new("events", ProgramType::XDP, instructions).with_license("GPL");
    spec.maps = vec!["events".into()];
    spec.references = vec![Reference {
        instruction: place as u32,
        referent: Referent::Map { map: 0 },
    }];
    let bindings = Bindings {
        maps: &[map],
        ..Bindings::default()
    };
    let program = KernelSystem::new().load_program(&spec, &bindings);
    program.unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

/// Writes the packet's length, a `u32`, and lets the packet pass.
fn lengths(map: &dyn Map) -> Arc<dyn Program> {
    let output = match map.info().map_type {
        MapType::RINGBUF => {
            "r1 = map_by_idx(0)\nr2 = r10\nr2 += -4\nr3 = 4\nr4 = 0\ncall bpf_ringbuf_output"
        }
        _ => "r2 = map_by_idx(0)\nw3 = -1\nr4 = r10\nr4 += -4\nr5 = 4\ncall bpf_perf_event_output",
    };
    let text = format!(
        "   r2 = *(u32 *)(r1 + 0)
            r3 = *(u32 *)(r1 + 4)
            r3 -= r2
            *(u32 *)(r10 - 4) = r3
            {output}
            r0 = 2
            exit"
    );
    program(&text, map)
}

/// A packet of so many bytes through the program.
fn send(program: &dyn Program, bytes: usize) {
    program.run_once(&vec![0; bytes], 0).expect("run");
}

fn options() -> EventOptions {
    EventOptions::new()
}

fn is_readable(fd: BorrowedFd<'_>, timeout: u16) -> bool {
    let mut polled = [PollFd::new(fd, PollFlags::POLLIN)];
    poll(&mut polled, PollTimeout::from(timeout)).expect("poll") > 0
}

#[test]
fn a_packet_on_the_loopback_interface_is_an_event() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    let map = perf_array();
    let mut receiver = map
        .open_events(&options())
        .expect("open events")
        .into_receiver(16)
        .expect("a thread");
    let _link = lengths(&map).attach_to(Xdp::on("lo")).expect("attach");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("bind");
    socket.send_to(b"hello", "127.0.0.1:4444").expect("send");
    let event = receiver.recv_timeout(LONG).expect("an event");
    assert_eq!(event.as_event().read::<u32>(), Some(14 + 20 + 8 + 5));
    receiver.stop().expect("stop");
    assert_eq!(
        receiver
            .iter()
            .filter(|event| event.as_event().read::<u32>().is_none())
            .count(),
        0
    );
    assert_eq!(receiver.recv(), None, "the end");
}

#[test]
fn sources_leave_no_descriptor_and_no_mapping_behind() {
    if !require("kernel") {
        return;
    }
    // A table of descriptors of this thread's own: other tests open and close theirs.
    std::thread::spawn(|| {
        unshare(CloneFlags::CLONE_FILES).expect("a table of descriptors");
        let descriptors = || -> BTreeSet<_> {
            let listed = std::fs::read_dir("/proc/thread-self/fd").expect("list");
            let names = listed.map(|entry| entry.expect("an entry").file_name());
            names.collect()
        };
        let mappings = || {
            let maps = std::fs::read_to_string("/proc/thread-self/maps").expect("maps");
            maps.lines()
                .filter(|line| line.contains("perf_event"))
                .count()
        };
        let perf = perf_array();
        let ring = ring_buffer("sources_leave_no_descriptor_and_no_mapping_behind");
        let before = descriptors();
        for round in 0..10 {
            for map in [Some(&perf), ring.as_ref()].into_iter().flatten() {
                let wakeup = if round % 2 == 0 {
                    Wakeup::Adaptive
                } else {
                    Wakeup::EachRecord
                };
                let mut source = map
                    .open_events(&options().wakeup(wakeup))
                    .expect("open events");
                if map.info().map_type == MapType::PERF_EVENT_ARRAY {
                    assert!(mappings() > 0);
                }
                send(&lengths(map), 60);
                assert_eq!(source.wait(Some(LONG)).expect("wait"), Wait::Ready);
                source.waker().stop();
                let _ = source.wait(None).expect("wait");
            }
        }
        assert_eq!(descriptors(), before);
        // One that fails half-way leaves nothing either.
        let error = perf
            .open_events(&options().on_cpus([0, u32::MAX - 1]))
            .expect_err("no slot");
        assert!(matches!(error, EventError::Options { .. }), "{error}");
        // As many pages as a kernel can count, and more.
        let error = perf
            .open_events(&options().buffer_bytes(1 << 44))
            .expect_err("too many pages");
        assert!(matches!(error, EventError::Options { .. }), "{error}");
        let many = perf
            .open_events(&options().buffer_bytes(1 << 42))
            .expect_err("too much memory");
        assert!(many.errno().is_some(), "{many}");
        assert_eq!(descriptors(), before);
        drop(perf.open_events(&options()).expect("nothing is claimed"));
        assert_eq!(descriptors(), before);
    })
    .join()
    .expect("no panic");
}

#[test]
fn the_descriptor_is_readable_while_there_is_something() {
    if !require("kernel") {
        return;
    }
    let test = "the_descriptor_is_readable_while_there_is_something";
    let maps = [Some(perf_array()), ring_buffer(test)];
    for map in maps.into_iter().flatten() {
        let program = lengths(&map);
        let mut source = map.open_events(&options()).expect("open events");
        for round in 0..5 {
            assert_eq!(
                source.wait(Some(Duration::ZERO)).expect("wait"),
                Wait::TimedOut
            );
            assert!(
                !is_readable(source.fd().expect("a descriptor"), 0),
                "round {round}"
            );
            send(&program, 60);
            assert!(
                is_readable(source.fd().expect("a descriptor"), 20_000),
                "round {round}"
            );
            assert_eq!(
                source.wait(Some(Duration::ZERO)).expect("wait"),
                Wait::Ready
            );
            let mut seen = 0;
            let drained = source.drain(&mut |event| {
                seen += event.read::<u32>().expect("a length");
                ControlFlow::Continue(())
            });
            assert_eq!((drained.expect("drain"), seen), (1, 60));
        }
        source.waker().wake();
        assert!(
            is_readable(source.fd().expect("a descriptor"), 20_000),
            "a wake as well"
        );
        assert_eq!(
            source.wait(Some(Duration::ZERO)).expect("wait"),
            Wait::Woken
        );
        source.wait(Some(Duration::ZERO)).expect("wait");
        source.waker().stop();
        assert!(
            is_readable(source.fd().expect("a descriptor"), 20_000),
            "and a stop, for good"
        );
        assert_eq!(
            source.wait(Some(Duration::ZERO)).expect("wait"),
            Wait::Stopped
        );
        assert!(is_readable(source.fd().expect("a descriptor"), 20_000));
    }
}

#[test]
fn a_busy_reader_still_wakes_for_what_comes_later() {
    if !require("kernel") {
        return;
    }
    let test = "a_busy_reader_still_wakes_for_what_comes_later";
    for map in [Some(perf_array()), ring_buffer(test)]
        .into_iter()
        .flatten()
    {
        let program = lengths(&map);
        let mut source = map.open_events(&options()).expect("open events");
        // Through the descriptor too, where nobody naps: bursts, and then one.
        for _ in 0..20 {
            for _ in 0..100 {
                send(&program, 60);
            }
            let mut left = 100;
            while left > 0 {
                source.wait(Some(LONG)).expect("wait");
                left -= source
                    .drain(&mut |_| ControlFlow::Continue(()))
                    .expect("drain");
            }
            while source.wait(Some(Duration::ZERO)).expect("wait") != Wait::TimedOut {
                source
                    .drain(&mut |_| ControlFlow::Continue(()))
                    .expect("drain");
            }
            send(&program, 60);
            assert!(is_readable(source.fd().expect("a descriptor"), 20_000));
            assert!(source.next(Some(LONG)).expect("next").is_some());
        }
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    if !require("kernel") {
        return;
    }
    let map = perf_array();
    let cpus = KernelSystem::new().cpus().expect("CPUs");
    let _source = map.open_events(&options()).expect("open events");
    let text = map
        .open_events(&options())
        .expect_err("a second one")
        .to_string();
    let cpu = cpus.online.iter().next().expect("a CPU");
    assert_eq!(
        text,
        format!(
            "open events of map `events` on CPU {cpu}: EBUSY: device or resource busy (it is open already: a second reader or writer would disturb the first)"
        )
    );
    let wide = MapSpec::new("wide", MapType::PERF_EVENT_ARRAY, 4, 4, 100_000);
    let wide = KernelSystem::new().create_map(&wide, None).expect("create");
    let error = wide
        .open_events(&options().on_cpus([99_999]))
        .expect_err("no such CPU");
    assert!(
        matches!(error.errno(), Some(Errno::ENODEV | Errno::EINVAL)),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .starts_with("open the ring of map `wide` on CPU 99999: "),
        "{error}"
    );
    let mut sources = Sources::new();
    sources.push(Box::new(Sources::new()));
    sources.push(wide.open_events(&options()).expect("open events"));
    assert_eq!(sources.wait(Some(Duration::ZERO)), Err(EventError::Mixed));
}

#[test]
fn a_user_ring_is_writable_while_there_is_room() {
    if !require("kernel") {
        return;
    }
    let system = KernelSystem::new();
    let feature = Feature::MapType(MapType::USER_RINGBUF);
    if !system.probe(feature).expect("probe").is_yes() {
        skip_test(
            "a_user_ring_is_writable_while_there_is_room",
            "this kernel has no user ring buffers",
        );
        return;
    }
    let spec = MapSpec::new("samples", MapType::USER_RINGBUF, 0, 0, 65536);
    let map = system.create_map(&spec, None).expect("create");
    let mut producer = map.open_producer().expect("open");
    let writable = |fd: BorrowedFd<'_>| {
        let mut polled = [PollFd::new(fd, PollFlags::POLLOUT)];
        poll(&mut polled, PollTimeout::ZERO).expect("poll") > 0
    };
    assert!(writable(producer.fd().expect("a descriptor").as_fd()));
    while producer.send(&[0; 56]).expect("send") {}
    assert!(!writable(producer.fd().expect("a descriptor").as_fd()));
}

#[cfg(feature = "tokio")]
mod in_tokio {
    use ebpf_core::event::AsyncEvents;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    }

    #[test]
    fn a_source_is_awaited() {
        if !require("kernel") {
            return;
        }
        for map in [Some(perf_array()), ring_buffer("a_source_is_awaited")]
            .into_iter()
            .flatten()
        {
            for wakeup in [Wakeup::Adaptive, Wakeup::EachRecord] {
                let source = map
                    .open_events(&options().wakeup(wakeup))
                    .expect("open events");
                let program = lengths(&map);
                runtime().block_on(async {
                    let mut events = AsyncEvents::with_wakeup(source, wakeup).expect("in the loop");
                    for round in 0..20u32 {
                        let count = if round % 4 == 0 { 200 } else { 1 };
                        let writing = std::thread::spawn({
                            let program = program.clone();
                            move || (0..count).for_each(|_| send(&program, 60))
                        });
                        for _ in 0..count {
                            let event = events.next().await.expect("next").expect("an event");
                            assert_eq!(event.as_event().read::<u32>(), Some(60));
                        }
                        writing.join().expect("no panic");
                    }
                    let waker = events.waker();
                    std::thread::spawn(move || waker.stop());
                    assert_eq!(events.next().await, Ok(None), "the end");
                    assert_eq!(events.counters().received(), 5 * 200 + 15);
                    drop(events.into_source());
                });
            }
        }
    }

    #[test]
    fn several_sources_are_no_descriptor() {
        runtime().block_on(async {
            let error = AsyncEvents::new(Box::new(Sources::new())).expect_err("no descriptor");
            assert!(matches!(error, EventError::Loop { .. }), "{error}");
        });
    }
}
