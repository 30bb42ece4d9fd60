//! Things that happen on a simulated machine set off the programs that are attached there, and what these write arrives where
//! production code reads it.

use std::sync::Arc;
use std::time::Duration;

use ebpf_core::conformance::code;
use ebpf_core::event::{EventOptions, EventSource, EventSourceExt, Sources};
use ebpf_core::hook::{AttachTarget, Kprobe, RawTracepoint, Tracepoint};
use ebpf_core::link::Link;
use ebpf_core::map::{Map, MapSpec, MapType};
use ebpf_core::program::ProgramType;
use ebpf_core::system::Bindings;
use ebpf_core::{Program, System};
use ebpf_mock::{MockSystem, TracepointSpec};

/// A ring buffer and a perf event array.
fn maps(system: &MockSystem) -> [Arc<dyn Map>; 2] {
    let specs = [
        MapSpec::new("ring", MapType::RINGBUF, 0, 0, 4096),
        MapSpec::new("perf", MapType::PERF_EVENT_ARRAY, 4, 4, 4),
    ];
    specs.map(|spec| system.create_map(&spec, None).expect("a map"))
}

/// A program that writes the 8 bytes at an offset of its context into both maps, attached.
fn attached(
    system: &MockSystem,
    maps: &[Arc<dyn Map>; 2],
    program_type: ProgramType,
    offset: u32,
    target: &AttachTarget<'_>,
) -> Box<dyn Link> {
    let text = format!(
        "r6 = r1
         r7 = *(u64 *)(r1 + {offset})
         *(u64 *)(r10 - 8) = r7
         r1 = map_by_idx(0)
         r2 = r10
         r2 += -8
         r3 = 8
         r4 = 0
         call bpf_ringbuf_output
         r1 = r6
         r2 = map_by_idx(1)
         w3 = -1
         r4 = r10
         r4 += -8
         r5 = 8
         call bpf_perf_event_output
         r0 = 0
         exit"
    );
    let bound: Vec<&dyn Map> = maps.iter().map(|map| &**map).collect();
    let bindings = Bindings {
        maps: &bound,
        ..Bindings::default()
    };
    let program = system.load_program(&code(program_type, &text), &bindings);
    let program = program.expect("a program");
    program.attach(target).expect("attached")
}

/// The numbers that are there now, with their CPUs.
fn numbers(source: &mut dyn EventSource) -> Vec<(Option<u32>, u64)> {
    let mut numbers = Vec::new();
    while let Some(event) = source.next(Some(Duration::ZERO)).expect("next") {
        let (number, _) = event.as_event().split::<u64>().expect("8 bytes");
        numbers.push((event.as_event().cpu(), number));
    }
    numbers
}

#[test]
fn what_happens_arrives_at_the_sources() {
    let system = MockSystem::new();
    let reset = TracepointSpec::new("net", "card_reset")
        .field("ifindex", 4)
        .field("reason", 8);
    let reason = reset.fields[1].offset;
    system.add_tracepoint(reset).expect("a tracepoint");
    let maps = maps(&system);
    let [mut ring, mut perf] = maps
        .each_ref()
        .map(|map| map.open_events(&EventOptions::new()).expect("open events"));
    // The first argument of a function is in rdi.
    let links = [
        (
            ProgramType::KPROBE,
            112,
            AttachTarget::from(Kprobe::entry("tcp_connect")),
        ),
        (
            ProgramType::TRACEPOINT,
            reason,
            AttachTarget::from(Tracepoint::new("net", "card_reset")),
        ),
        (
            ProgramType::RAW_TRACEPOINT,
            8,
            AttachTarget::from(RawTracepoint::new("card_reset")),
        ),
    ]
    .map(|(program_type, offset, target)| attached(&system, &maps, program_type, offset, &target));
    let happens = || {
        system
            .call_kernel_function("tcp_connect", &[11, 12], 0)
            .expect("a call");
        let mut fields = vec![0; 8];
        fields.extend_from_slice(&21u64.to_ne_bytes());
        system
            .fire_tracepoint("net", "card_reset", &fields)
            .expect("fired");
        system
            .fire_raw_tracepoint("card_reset", &[31, 32])
            .expect("fired");
    };
    system.on_cpu(2, happens).expect("online");
    assert_eq!(numbers(&mut ring), [(None, 11), (None, 21), (None, 32)]);
    let on_2 = [11, 21, 32].map(|number| (Some(2), number));
    assert_eq!(numbers(&mut perf), on_2);
    drop(links);
    happens();
    assert_eq!((numbers(&mut ring).len(), numbers(&mut perf).len()), (0, 0));
}

#[test]
fn a_waiting_reader_is_woken_by_what_happens() {
    let system = MockSystem::new();
    let maps = maps(&system);
    let target = AttachTarget::from(Kprobe::entry("tcp_connect"));
    let _link = attached(&system, &maps, ProgramType::KPROBE, 112, &target);
    let opened = maps
        .iter()
        .map(|map| map.open_events(&EventOptions::new()).expect("open events"));
    let mut sources: Sources = opened.collect();
    let waker = sources.waker();
    let read = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut read = Vec::new();
            while let Some(event) = sources.next(None).expect("next") {
                read.push(event.as_event().cpu());
            }
            read
        });
        let calling: Vec<_> = (0..4)
            .map(|cpu| {
                let system = &system;
                scope.spawn(move || {
                    let call = || system.call_kernel_function("tcp_connect", &[7], 0);
                    for _ in 0..20 {
                        system.on_cpu(cpu, call).expect("online").expect("a call");
                    }
                })
            })
            .collect();
        for thread in calling {
            thread.join().expect("no panic");
        }
        waker.stop();
        reading.join().expect("no panic")
    });
    assert_eq!(read.iter().filter(|cpu| cpu.is_none()).count(), 80);
    for cpu in 0..4 {
        assert_eq!(read.iter().filter(|of| **of == Some(cpu)).count(), 20);
    }
}
