//! Bytecode of any kind, on the simulated system: it ends, and says why. `cargo xtask fuzz engine` runs much of it.

use std::sync::Arc;

use ebpf_core::insn::{Insn, Opcode, Reg, Size};
use ebpf_core::map::{MapSpec, MapType};
use ebpf_core::program::{ProgramSpec, ProgramType, Reference, Referent, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{Map, System};
use ebpf_mock::MockSystem;

use crate::random::{Extent, Random};

/// Opcodes that are instructions, to be used more often than others.
const LIKELY: [u8; 40] = [
    0x07, 0x0f, 0x17, 0x1f, 0x27, 0x37, 0x3f, 0x47, 0x57, 0x67, 0x77, 0xb7, 0xbf, 0xb4, 0xbc, 0x18,
    0x61, 0x69, 0x71, 0x79, 0x62, 0x6a, 0x72, 0x7a, 0x63, 0x6b, 0x73, 0x7b, 0xc3, 0xdb, 0x05, 0x15,
    0x1d, 0x25, 0x55, 0x85, 0x95, 0xe5, 0x20, 0x40,
];

/// Any instruction. `left` is how many there are behind it: most jumps stay in the program.
fn instruction(random: &mut Random, left: u64) -> Insn {
    let code = match random.below(8) {
        0 => random.number() as u8,
        _ => random.one_of(&LIKELY),
    };
    let register = |random: &mut Random| {
        let end = if random.below(20) == 0 { 16 } else { 11 };
        Reg::new(random.below(end) as u8).expect("a register")
    };
    let jumps = matches!(code & 0x07, 0x05 | 0x06) && !matches!(code, 0x85 | 0x95);
    let off = match random.below(3) {
        _ if jumps && random.below(64) != 0 => random.below(left + 4) as i16 - 3,
        0 => 0,
        1 => random.below(32) as i16 - 16,
        _ => random.odd_number() as i16,
    };
    let imm = match random.below(4) {
        0 => 0,
        // Calls go to helpers that exist, more often than not.
        1 => random.below(20) as i32,
        2 => random.below(32) as i32 - 16,
        _ => random.odd_number() as i32,
    };
    let src = match code {
        0x85 | 0x18 if random.below(4) == 0 => Reg::new(random.below(3) as u8).expect("a register"),
        0x85 | 0x18 => Reg::R0,
        _ => register(random),
    };
    Insn {
        code: Opcode(code),
        dst: register(random),
        src,
        off,
        imm,
    }
}

/// Gives registers values and fills some stack, so that what follows gets somewhere.
fn prologue(random: &mut Random) -> Vec<Insn> {
    let mut insns = Vec::new();
    for number in (2..10).chain([0]) {
        let register = Reg::new(number).expect("a register");
        insns.push(match random.below(4) {
            0 => Insn::mov_reg(register, Reg::R1),
            1 => Insn::mov_reg(register, Reg::R10),
            _ => Insn::mov_imm(register, random.odd_number() as i32),
        });
    }
    for slot in 1..9 {
        let value = random.odd_number() as i32;
        insns.push(Insn::store_imm(Size::DW, Reg::R10, -8 * slot, value));
    }
    insns
}

#[test]
fn any_bytecode_ends() {
    const TYPES: [ProgramType; 4] = [
        ProgramType::XDP,
        ProgramType::SYSCALL,
        ProgramType::RAW_TRACEPOINT,
        ProgramType::SOCKET_FILTER,
    ];
    // With the checks at load, and without: then more of it runs.
    let systems = [true, false].map(|checks| {
        let system = MockSystem::builder()
            .instruction_budget(10_000)
            .may_goto_budget(50)
            .static_checks(checks)
            .build();
        let maps = [MapType::ARRAY, MapType::HASH, MapType::PERCPU_ARRAY].map(|map_type| {
            let spec = MapSpec::new("map", map_type, 4, 12, 4);
            system.create_map(&spec, None).expect("a map")
        });
        (system, maps)
    });
    let extent = Extent::or(20_000);
    let seed = extent.seed;
    let (mut ended, mut stopped, mut refused) = (0u64, 0u64, 0u64);
    for turn in extent {
        let mut random = Random::new(seed.wrapping_add(turn));
        let length = 1 + random.below(24);
        let mut instructions = match random.below(4) {
            0 => Vec::new(),
            _ => prologue(&mut random),
        };
        for place in 0..length {
            let insn = instruction(&mut random, length - place);
            instructions.push(insn);
            // Most wide ones are whole.
            if insn.is_wide() && random.below(16) != 0 {
                let code = Opcode(0);
                let value = random.odd_number() as i32;
                instructions.push(Insn {
                    code,
                    ..Insn::mov_imm(Reg::R0, value)
                });
            }
        }
        if random.below(4) != 0 {
            instructions.push(Insn::exit());
        }
        let mut spec = ProgramSpec::new("hostile", random.one_of(&TYPES), instructions);
        spec.license = Arc::from("GPL");
        spec.maps = ["array", "hash", "per_cpu"].map(Arc::from).to_vec();
        for index in 0..spec.instructions.len() {
            if spec.instructions[index].is_wide() && random.below(4) != 0 {
                let map = random.below(3) as usize;
                let referent = match random.below(2) {
                    0 => Referent::Map { map },
                    _ => Referent::MapValue {
                        map,
                        offset: random.below(14) as u32,
                    },
                };
                spec.references.push(Reference {
                    instruction: index as u32,
                    referent,
                });
            }
        }
        let (system, maps) = &systems[usize::from(random.below(4) != 0)];
        let maps: Vec<&dyn Map> = maps.iter().map(|map| &**map as &dyn Map).collect();
        let bindings = Bindings {
            maps: &maps,
            ..Bindings::default()
        };
        let Ok(program) = system.load_program(&spec, &bindings) else {
            refused += 1;
            continue;
        };
        let packet = [0x5a; 64];
        let input = match spec.program_type {
            ProgramType::XDP | ProgramType::SOCKET_FILTER => RunInput::data(&packet),
            _ => RunInput::context(&packet),
        };
        match program.run(&input, &mut RunOutput::none()) {
            Ok(_) => ended += 1,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                stopped += 1;
            }
        }
    }
    println!("{ended} programs ended, {stopped} were stopped, {refused} were refused");
}
