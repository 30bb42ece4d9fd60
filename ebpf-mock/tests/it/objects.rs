//! Every object that is checked in, on packets: its programs return the same on both systems, and leave the same in packets,
//! contexts, maps and events.

use std::sync::Arc;

use ebpf_core::event::OwnedEvent;
use ebpf_core::map::{MapType, Pinning};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{Program, ProgramType, RunInput, RunOutput};
use ebpf_core::{Collection, Errno, KernelSystem, Map, System, SystemExt};
use ebpf_mock::MockSystem;
use ebpf_mock::testing::{EventCapture, MapSnapshot};
use ebpf_testbed::{Sandbox, require};

use crate::packets::packets;
use crate::refusals::objects;

/// The types of programs that run on a packet.
const TYPES: [ProgramType; 8] = [
    ProgramType::XDP,
    ProgramType::SCHED_CLS,
    ProgramType::SCHED_ACT,
    ProgramType::SOCKET_FILTER,
    ProgramType::CGROUP_SKB,
    ProgramType::LWT_IN,
    ProgramType::LWT_OUT,
    ProgramType::LWT_XMIT,
];

/// Bytes of the context that is asked for: of `struct xdp_md` and of `struct __sk_buff`.
fn context_of(program_type: ProgramType) -> usize {
    match program_type {
        ProgramType::XDP => 24,
        _ => 192,
    }
}

/// What a run came to: verdict, packet, context.
type Run = Result<(u32, Vec<u8>, Vec<u8>), Option<Errno>>;

fn run(program: &dyn Program, packet: &[u8]) -> Run {
    let mut data = vec![0; packet.len() + 1024];
    let mut context = vec![0; context_of(program.info().program_type)];
    let mut output = RunOutput::none();
    output.data = &mut data;
    output.context = &mut context;
    let ran = program.run(&RunInput::data(packet), &mut output);
    let result = ran.map_err(|error| error.errno())?;
    data.truncate(result.data_len);
    Ok((result.return_value, data, context))
}

/// What a map holds: its elements, or of maps for each CPU the sum of their words, as nobody says on which one a program runs.
fn held(map: &dyn Map) -> Vec<(Vec<u8>, Vec<u8>)> {
    let Ok(snapshot) = MapSnapshot::of(map) else {
        return Vec::new();
    };
    let per_cpu = matches!(
        map.info().map_type,
        MapType::PERCPU_ARRAY | MapType::PERCPU_HASH | MapType::LRU_PERCPU_HASH
    );
    let size = (map.info().value_size as usize).next_multiple_of(8);
    let value = |value: &Option<Vec<u8>>| {
        let value = value.clone().unwrap_or_default();
        if !per_cpu {
            return value;
        }
        let mut sums = vec![0u64; size / 8];
        for cpu in value.chunks(size) {
            for (sum, word) in sums.iter_mut().zip(cpu.chunks_exact(8)) {
                let word = u64::from_ne_bytes(word.try_into().expect("eight bytes"));
                *sum = sum.wrapping_add(word);
            }
        }
        sums.iter().flat_map(|sum| sum.to_ne_bytes()).collect()
    };
    let elements = snapshot.elements().iter();
    elements
        .map(|(key, element)| (key.clone(), value(element)))
        .collect()
}

/// Whether what a map holds means the same on another system: numbers of objects do not.
fn is_compared(map: &dyn Map) -> bool {
    !matches!(
        map.info().map_type,
        MapType::PROG_ARRAY
            | MapType::ARRAY_OF_MAPS
            | MapType::HASH_OF_MAPS
            | MapType::PERF_EVENT_ARRAY
    )
}

fn differences(path: &str, kernel: &Collection, mock: &Collection, ran: &mut u32) -> Vec<String> {
    let mut wrong = Vec::new();
    let captures = |collection: &Collection| -> Vec<(String, EventCapture)> {
        let rings = collection.maps().filter(|(_, map)| {
            matches!(
                map.info().map_type,
                MapType::RINGBUF | MapType::PERF_EVENT_ARRAY
            )
        });
        rings
            .filter_map(|(name, map)| Some((name.to_owned(), EventCapture::of(&**map).ok()?)))
            .collect()
    };
    let mut events = [captures(kernel), captures(mock)];
    for (name, program) in kernel.programs() {
        if !TYPES.contains(&program.info().program_type) {
            continue;
        }
        let here: &Arc<dyn Program> = mock.program(name).expect("the same programs");
        for (packet, bytes) in packets() {
            *ran += 1;
            let (there, here) = (run(&**program, &bytes), run(&**here, &bytes));
            if there != here {
                wrong.push(format!(
                    "{path}: {name} on {packet}:\nkernel {there:02x?}\nhere   {here:02x?}"
                ));
            }
        }
    }
    for (name, map) in kernel.maps().filter(|(_, map)| is_compared(&***map)) {
        let (there, here) = (
            held(&**map),
            held(&**mock.map(name).expect("the same maps")),
        );
        if there != here {
            wrong.push(format!(
                "{path}: map {name}:\nkernel {there:02x?}\nhere   {here:02x?}"
            ));
        }
    }
    let [there, here] = &mut events;
    for ((name, there), (_, here)) in there.iter_mut().zip(here) {
        let samples = |capture: &mut EventCapture| -> Vec<Vec<u8>> {
            let events = capture.collect().expect("events").iter();
            let sample = |event: &OwnedEvent| match event {
                OwnedEvent::Sample { data, .. } => Some(data.to_vec()),
                _ => None,
            };
            events.filter_map(sample).collect()
        };
        let (there, here) = (samples(there), samples(here));
        if there != here {
            wrong.push(format!(
                "{path}: events of {name}:\nkernel {there:02x?}\nhere   {here:02x?}"
            ));
        }
    }
    wrong
}

#[test]
fn programs_of_objects_do_the_same_on_packets() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    let kernel = KernelSystem::new();
    // Programs may ask for it.
    let release = kernel.facts().release().expect("the release");
    let (mut loaded, mut ran) = (0, 0);
    let mut wrong = Vec::new();
    for path in objects() {
        let bytes = std::fs::read(&path).expect("an object");
        let Ok(mut object) = ObjectSpec::parse(&bytes) else {
            continue;
        };
        for map in &mut object.maps {
            map.pinning = Pinning::None;
        }
        object
            .programs
            .retain(|program| TYPES.contains(&program.program_type));
        let mock = MockSystem::builder().release(release).build();
        let (Ok(there), Ok(here)) = (kernel.load(&object), mock.load(&object)) else {
            continue;
        };
        loaded += 1;
        let path = path.file_name().unwrap_or_default().to_string_lossy();
        wrong.extend(differences(&path, &there, &here, &mut ran));
    }
    println!("{loaded} objects, {ran} runs");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(ran > 100, "{ran} runs of {loaded} objects");
}
