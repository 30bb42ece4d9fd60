//! Packets that programs see one after the other ask for no memory.

use std::sync::Arc;

use ebpf_core::insn::{Insn, Pseudo, Reg, assemble};
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{
    Program, ProgramSpec, ProgramType, Reference, Referent, RunInput, RunOutput,
};
use ebpf_core::system::Bindings;
use ebpf_core::{MapExt, System};
use ebpf_mock::MockSystem;

/// Counts packets in an array.
const COUNTING: &str = "
    if r0 == 0 goto out
    r1 = 1
    lock *(u64 *)(r0 + 0) += r1
out:
    r0 = 2
    exit";

/// A program that looks a key up, and counts.
fn counting(system: &MockSystem, program_type: ProgramType) -> (Arc<dyn Program>, Counter) {
    let map = MapSpec::new("packets", MapType::ARRAY, 4, 8, 1);
    let map = system.create_map(&map, None).expect("an array");
    let start = "*(u32 *)(r10 - 4) = 0\nr2 = r10\nr2 += -4";
    let mut instructions = assemble(start).expect("the key");
    let reference = Reference {
        instruction: instructions.len() as u32,
        referent: Referent::Map { map: 0 },
    };
    instructions.extend(Insn::ld_imm64_pseudo(Reg::R1, Pseudo::NONE, 0));
    let rest = format!("call bpf_map_lookup_elem{COUNTING}");
    instructions.extend(assemble(&rest).expect("the rest"));
    let mut spec = ProgramSpec::new("counting", program_type, instructions);
    spec.maps = vec![Arc::from("packets")];
    spec.references.push(reference);
    let bindings = Bindings {
        maps: &[&*map],
        ..Bindings::default()
    };
    let program = system.load_program(&spec, &bindings).expect("a program");
    let map = map.typed::<u32, u64>().expect("numbers by number");
    let count = move || map.get(&0).expect("a lookup").expect("an element");
    (program, Box::new(count))
}

type Counter = Box<dyn Fn() -> u64>;

/// How often memory is asked for in `times` runs of a packet.
fn asked(program: &dyn Program, packet: &[u8], times: u32) -> u64 {
    let counted = allocation_counter::measure(|| {
        let input = RunInput::data(packet).repeat(times);
        let ran = program.run(&input, &mut RunOutput::none());
        assert_eq!(ran.expect("it runs").return_value, 2);
    });
    counted.count_total
}

#[test]
fn packets_ask_for_no_memory() {
    for system in [MockSystem::new(), MockSystem::builder().coverage().build()] {
        let (program, count) = counting(&system, ProgramType::XDP);
        let packets: Vec<Vec<u8>> = (60..160).map(|length| vec![0; length]).collect();
        for packet in &packets {
            asked(&*program, packet, 1);
        }
        let again: u64 = packets
            .iter()
            .map(|packet| asked(&*program, packet, 1))
            .sum();
        assert_eq!((again, count()), (0, 200));
    }
}

#[test]
fn repeated_runs_ask_for_no_memory() {
    for program_type in [ProgramType::XDP, ProgramType::SCHED_CLS] {
        let (program, count) = counting(&MockSystem::new(), program_type);
        let packet = [0; 64];
        asked(&*program, &packet, 1);
        let one = asked(&*program, &packet, 1);
        assert_eq!(asked(&*program, &packet, 1000), one, "{program_type:?}");
        assert_eq!(count(), 1002);
    }
}
