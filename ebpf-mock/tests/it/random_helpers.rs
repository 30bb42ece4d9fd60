//! Helpers with random arguments, on the simulated system and on the kernel: what they return, what they leave in memory and
//! in the packet has to be the same.
//!
//! A program calls a few helpers and keeps what each returned in the first half of a map's value; the other half is memory
//! for them to read and write.

use std::fmt::Write;
use std::sync::Arc;

use ebpf_core::conformance::code;
use ebpf_core::map::{MapSpec, MapType, UpdateFlags};
use ebpf_core::program::{Program, ProgramFlags, ProgramSpec, ProgramType, RunInput, RunOutput};
use ebpf_core::system::Bindings;
use ebpf_core::{Errno, KernelSystem, Map, System};
use ebpf_mock::MockSystem;
use ebpf_testbed::require;

use crate::random::{Extent, Random};

/// Bytes of the value, and where the memory for helpers begins in it.
const VALUE: usize = 1024;
const MEMORY: usize = 512;

/// What a random program is made of.
struct Script {
    program_type: ProgramType,
    text: String,
    /// How many results it keeps.
    results: usize,
}

impl Script {
    /// The beginning of a program: r6 is the context, r9 the value.
    fn new(program_type: ProgramType) -> Script {
        let text = "r6 = r1
            *(u32 *)(r10 - 4) = 0
            r1 = map_by_idx(0)
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r9 = r0
            ";
        Script {
            program_type,
            text: text.to_owned(),
            results: 0,
        }
    }

    /// Calls a helper with what `arguments` put into registers, and keeps what it returned.
    fn call(&mut self, helper: &str, arguments: &[&str]) {
        for (argument, register) in arguments.iter().zip(1..) {
            if let Some(offset) = argument.strip_prefix("memory") {
                let at = MEMORY as i64 + offset.trim().parse().unwrap_or(0);
                let _ = writeln!(self.text, "r{register} = r9\nr{register} += {at}");
            } else {
                let _ = writeln!(self.text, "r{register} = {argument}");
            }
        }
        let at = self.results * 8;
        let _ = writeln!(self.text, "call {helper}\n*(u64 *)(r9 + {at}) = r0");
        self.results += 1;
    }

    fn end(mut self) -> Script {
        let verdict = match self.program_type {
            ProgramType::XDP => 2,
            _ => 1,
        };
        let _ = writeln!(self.text, "r0 = {verdict}\nexit\nout: r0 = 0\nexit");
        self
    }
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    result: Result<(u32, usize), Errno>,
    packet: Vec<u8>,
    memory: Vec<u8>,
    /// The bytes of other maps.
    others: Vec<Vec<(Vec<u8>, Vec<u8>)>>,
}

/// A number as an operand of 32 bits.
fn small(random: &mut Random, end: u64) -> String {
    random.below(end).to_string()
}

/// A number that is likely to be near a limit.
fn odd(random: &mut Random) -> String {
    (random.odd_number() as i32).to_string()
}

/// A length for memory that helpers may have, at least 1.
fn length(random: &mut Random) -> String {
    let lengths = [1, 2, 3, 4, 6, 8, 14, 20, 40, 60, 64];
    random.one_of(&lengths).to_string()
}

fn offset(random: &mut Random) -> String {
    match random.below(8) {
        0 => odd(random),
        _ => small(random, 90),
    }
}

/// Calls of helpers for classifiers.
fn packet_call(random: &mut Random, script: &mut Script) {
    let [a, b] = [offset(random), length(random)];
    let flags = |random: &mut Random, known: &[u64]| {
        let mut flags = 0;
        for flag in known {
            if random.below(3) == 0 {
                flags |= *flag;
            }
        }
        if random.below(16) == 0 {
            flags |= 1 << random.below(31);
        }
        flags.to_string()
    };
    match random.below(16) {
        0 => script.call("bpf_skb_load_bytes", &["r6", &a, "memory", &b]),
        1 => {
            let flags = flags(random, &[1, 2]);
            script.call("bpf_skb_store_bytes", &["r6", &a, "memory", &b, &flags]);
        }
        2 => {
            let header = small(random, 3);
            script.call(
                "bpf_skb_load_bytes_relative",
                &["r6", &a, "memory", &b, &header],
            );
        }
        3 => {
            let [from, to] = [odd(random), odd(random)];
            let size = random.one_of(&["0", "2", "4", "4", "2", "1", "16"]);
            let from = if size == "0" && random.below(4) != 0 {
                "0"
            } else {
                &from
            };
            script.call("bpf_l3_csum_replace", &["r6", &a, from, &to, size]);
        }
        4 => {
            let [from, to] = [odd(random), odd(random)];
            let size = random.one_of(&[0u64, 2, 4, 4, 2, 1]);
            let size = size | random.one_of(&[0u64, 0, 16, 32, 64, 96, 128]);
            let from = if size & 15 == 0 { "0" } else { &from };
            script.call(
                "bpf_l4_csum_replace",
                &["r6", &a, from, &to, &size.to_string()],
            );
        }
        5 => {
            let proto = random.one_of(&["129", "43144", "8"]);
            let tci = small(random, 0x10000);
            script.call("bpf_skb_vlan_push", &["r6", proto, &tci]);
        }
        6 => script.call("bpf_skb_vlan_pop", &["r6"]),
        7 => {
            let length =
                random.one_of(&[0u64, 13, 14, 15, 34, 60, 64, 100, 1500, 4000, 16064, 16065]);
            let flags = if random.below(8) == 0 { "1" } else { "0" };
            script.call("bpf_skb_change_tail", &["r6", &length.to_string(), flags]);
        }
        8 => {
            // Where there is not so much room before the packet, kernels move it, and count from elsewhere afterwards how
            // far `bpf_skb_change_tail` may shorten it.
            let room = random.one_of(&["0", "1", "14", "40", "-1"]);
            script.call("bpf_skb_change_head", &["r6", room, "0"]);
        }
        9 => {
            let by = random.one_of(&[
                "0", "4", "8", "20", "-4", "-20", "-40", "4095", "4096", "-4096",
            ]);
            let mode = random.one_of(&["0", "1", "1", "2"]);
            let flags = match random.below(4) {
                0 => 0,
                1 => random.one_of(&[1u64, 2, 4, 6, 2 | 8, 2 | 16, 4 | 16, 2 | 24, 32, 2 | 64]),
                2 => random.one_of(&[128u64, 256, 384, 32 | 128]),
                _ => random.below(1024),
            };
            script.call("bpf_skb_adjust_room", &["r6", by, mode, &flags.to_string()]);
        }
        10 => {
            let proto = random.one_of(&["8", "56710", "1544"]);
            script.call("bpf_skb_change_proto", &["r6", proto, "0"]);
        }
        11 => {
            let pkt_type = small(random, 6);
            script.call("bpf_skb_change_type", &["r6", &pkt_type]);
        }
        12 => {
            let length = random.one_of(&["0", "1", "14", "60", "61", "100", "-1"]);
            script.call("bpf_skb_pull_data", &["r6", length]);
        }
        13 => {
            let what = small(random, 5);
            script.call("bpf_csum_level", &["r6", &what]);
        }
        14 => {
            let hash = odd(random);
            script.call("bpf_set_hash", &["r6", &hash]);
            script.call("bpf_get_hash_recalc", &["r6"]);
        }
        _ => {
            let to = random.one_of(&["1", "2", "100"]);
            let flags = random.one_of(&["0", "1", "2"]);
            script.call("bpf_redirect", &[to, flags]);
        }
    }
    // What the stack knows of it now.
    for field in random.one_of(&[[0, 4], [16, 20], [24, 28], [68, 160]]) {
        let at = script.results * 8;
        let _ = writeln!(
            script.text,
            "r1 = *(u32 *)(r6 + {field})\n*(u64 *)(r9 + {at}) = r1"
        );
        script.results += 1;
    }
}

/// Calls of helpers for XDP programs.
fn frame_call(random: &mut Random, script: &mut Script) {
    let by = |random: &mut Random| {
        let near = [
            0i64, 1, 4, 14, 20, 46, 47, -1, -4, -14, -64, -200, -216, -217, -256,
        ];
        random.one_of(&near).to_string()
    };
    match random.below(7) {
        0 => {
            let by = by(random);
            script.call("bpf_xdp_adjust_head", &["r6", &by]);
        }
        1 => {
            let by = by(random);
            script.call("bpf_xdp_adjust_meta", &["r6", &by]);
        }
        2 => {
            let by = random.one_of(&[
                "0", "10", "100", "3400", "3500", "4000", "-1", "-10", "-46", "-50",
            ]);
            script.call("bpf_xdp_adjust_tail", &["r6", by]);
        }
        3 => script.call("bpf_xdp_get_buff_len", &["r6"]),
        4 => {
            let [a, b] = [offset(random), length(random)];
            script.call("bpf_xdp_load_bytes", &["r6", &a, "memory", &b]);
        }
        5 => {
            let [a, b] = [offset(random), length(random)];
            script.call("bpf_xdp_store_bytes", &["r6", &a, "memory", &b]);
        }
        _ => {
            let [to, flags] = [odd(random), random.one_of(&["0", "1"]).to_owned()];
            script.call("bpf_redirect", &[&to, &flags]);
        }
    }
}

/// Calls of helpers that need no packet.
fn plain_call(random: &mut Random, script: &mut Script) {
    match random.below(8) {
        0 | 1 => {
            let helper = random.one_of(&["bpf_strtol", "bpf_strtoul"]);
            let [length, base] = [
                length(random),
                random.one_of(&["0", "8", "10", "16", "2", "32"]).to_owned(),
            ];
            script.call(helper, &["memory", &length, &base, "memory 128"]);
        }
        2 => {
            let sizes = ["0", "4", "8", "20", "64", "3"];
            let [from, to] = [random.one_of(&sizes), random.one_of(&sizes)];
            let seed = odd(random);
            if script.program_type == ProgramType::SYSCALL {
                return;
            }
            script.call("bpf_csum_diff", &["memory", from, "memory 64", to, &seed]);
        }
        3 => {
            let length = length(random);
            let at = format!("memory {}", random.below(64));
            script.call("bpf_probe_read_kernel", &["memory 128", &length, &at]);
        }
        4 => {
            let length = length(random);
            let at = format!("memory {}", random.below(64));
            script.call("bpf_probe_read_kernel_str", &["memory 128", &length, &at]);
        }
        5 => {
            let address = random.one_of(&["0", "8", "4096"]);
            let length = length(random);
            let helper = random.one_of(&["bpf_probe_read_user", "bpf_probe_read_user_str"]);
            script.call(helper, &["memory 128", &length, address]);
        }
        6 => {
            let flags = random.one_of(&["0", "1", "2", "3"]);
            script.call("bpf_map_push_elem", &["map_by_idx(1)", "memory", flags]);
        }
        _ => {
            let helper = random.one_of(&["bpf_map_pop_elem", "bpf_map_peek_elem"]);
            script.call(helper, &["map_by_idx(1)", "memory 64"]);
        }
    }
}

/// Text that helpers find in memory.
fn memory(random: &mut Random) -> Vec<u8> {
    let mut value = vec![0; VALUE];
    let numbers = [
        "-42",
        "0x1f",
        " 77 ",
        "9999999999999999999999",
        "017",
        "18446744073709551615",
        "-0",
        "+1",
        "0x",
        "abc",
    ];
    for byte in &mut value[MEMORY..] {
        *byte = random.number() as u8;
    }
    if random.below(2) == 0 {
        let text = random.one_of(&numbers).as_bytes();
        value[MEMORY..MEMORY + text.len()].copy_from_slice(text);
        if random.below(2) == 0 {
            value[MEMORY + text.len()] = 0;
        }
    }
    value
}

/// A frame: mostly of IP, sometimes with a tag, sometimes short.
fn frame(random: &mut Random) -> Vec<u8> {
    let length = random.one_of(&[14, 34, 42, 54, 60, 64, 100, 300, 1500]);
    let mut frame: Vec<u8> = (0..length).map(|_| random.number() as u8).collect();
    frame[..12].copy_from_slice(&[0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
    let proto: [u8; 2] = match random.below(6) {
        0..3 => [8, 0],
        3 => [0x86, 0xdd],
        4 => [0x81, 0],
        _ => [0x12, 0x34],
    };
    frame[12..14].copy_from_slice(&proto);
    if proto == [0x81, 0] && length >= 18 {
        frame[16..18].copy_from_slice(&[8, 0]);
    }
    if proto == [8, 0] && length >= 34 {
        frame[14] = 0x45;
        frame[23] = random.one_of(&[6, 17, 1]);
    }
    frame
}

fn run(
    system: &dyn System,
    script: &Script,
    value: &[u8],
    packet: &[u8],
) -> Result<Outcome, String> {
    let array = MapSpec::new("value", MapType::ARRAY, 4, VALUE as u32, 1);
    let queue = MapSpec::new("queue", MapType::QUEUE, 0, 32, 2);
    let maps = [array, queue].map(|spec| system.create_map(&spec, None).expect("a map"));
    maps[0]
        .update_elem(&0u32.to_ne_bytes(), value, UpdateFlags::ANY)
        .expect("initial contents");
    let mut spec = code(script.program_type, &script.text);
    if script.program_type == ProgramType::SYSCALL {
        spec.flags = ProgramFlags::SLEEPABLE;
    }
    let used = spec.maps.len();
    let bound: Vec<&dyn Map> = maps.iter().take(used).map(|map| &**map).collect();
    let bindings = Bindings {
        maps: &bound,
        ..Bindings::default()
    };
    let program: Arc<dyn Program> = system
        .load_program(&spec, &bindings)
        .map_err(|error| format!("{error:#}"))?;
    let mut after = vec![0; 20_000];
    let ran = if script.program_type == ProgramType::SYSCALL {
        program.run(&RunInput::context(&[0; 8]), &mut RunOutput::none())
    } else {
        program.run(&RunInput::data(packet), &mut RunOutput::data(&mut after))
    };
    let result = match ran {
        Ok(result) => {
            after.truncate(result.data_len);
            Ok((result.return_value, result.data_len))
        }
        Err(error) => Err(error.errno().ok_or_else(|| format!("{error:#}"))?),
    };
    let mut memory = vec![0; VALUE];
    maps[0]
        .lookup_elem(&0u32.to_ne_bytes(), &mut memory, Default::default())
        .map_err(|error| error.to_string())?;
    let mut queued = Vec::new();
    let mut element = vec![0; 32];
    while maps[1].lookup_and_delete_elem(&[], &mut element, Default::default()) == Ok(true) {
        queued.push((Vec::new(), element.clone()));
    }
    Ok(Outcome {
        result,
        packet: after,
        memory,
        others: vec![queued],
    })
}

/// A program of any of the types.
fn any_script(random: &mut Random) -> Script {
    let kind = random.below(8);
    let mut script = Script::new(match kind {
        0..4 => ProgramType::SCHED_CLS,
        4..6 => ProgramType::XDP,
        _ => ProgramType::SYSCALL,
    });
    for _ in 0..=random.below(4) {
        match kind {
            0..4 => packet_call(random, &mut script),
            4..6 => frame_call(random, &mut script),
            _ => plain_call(random, &mut script),
        }
    }
    if kind < 6 && random.below(3) == 0 {
        plain_call(random, &mut script);
    }
    script.end()
}

/// A random program that calls helpers, such as are compared.
pub(crate) fn sample(seed: u64) -> ProgramSpec {
    let script = any_script(&mut Random::new(seed));
    code(script.program_type, &script.text)
}

#[test]
fn helpers_do_as_the_kernels_do() {
    if !require("kernel") {
        return;
    }
    let kernel = KernelSystem::new();
    let extent = Extent::or(400);
    let seed = extent.seed;
    let mut random = Random::new(seed);
    let (mut ran, mut wrong) = (0, Vec::new());
    for _ in extent {
        if wrong.len() == 12 {
            break;
        }
        let script = any_script(&mut random);
        let (value, packet) = (memory(&mut random), frame(&mut random));
        // What the kernel's verifier refuses says nothing about helpers.
        let Ok(expected) = run(&kernel, &script, &value, &packet) else {
            continue;
        };
        ran += 1;
        match run(&MockSystem::new(), &script, &value, &packet) {
            Ok(found) if found == expected => {}
            Ok(found) => wrong.push(difference(&script, &packet, &expected, &found)),
            Err(error) => wrong.push(format!("{error}\n{}", script.text)),
        }
    }
    assert!(
        wrong.is_empty(),
        "seed {seed}, {ran} programs: {}",
        wrong.join("\n----\n")
    );
    assert!(ran > 0, "seed {seed}: the kernel refused every program");
}

/// What differs, for people.
fn difference(script: &Script, packet: &[u8], expected: &Outcome, found: &Outcome) -> String {
    let mut text = format!(
        "{}\npacket {} bytes {:02x?}\n",
        script.text,
        packet.len(),
        &packet[..packet.len().min(40)]
    );
    if expected.result != found.result {
        let _ = writeln!(
            text,
            "result {:?}, here {:?}",
            expected.result, found.result
        );
    }
    let results = expected
        .memory
        .chunks(8)
        .zip(found.memory.chunks(8))
        .enumerate();
    for (word, (kernel, here)) in results.filter(|(_, (kernel, here))| kernel != here) {
        let _ = writeln!(text, "word {word}: {kernel:02x?}, here {here:02x?}");
    }
    let places = expected.packet.iter().zip(&found.packet).enumerate();
    for (at, (kernel, here)) in places.filter(|(_, (kernel, here))| kernel != here).take(20) {
        let _ = writeln!(text, "packet {at}: {kernel:02x}, here {here:02x}");
    }
    if expected.others != found.others {
        let _ = writeln!(
            text,
            "queue {:02x?}, here {:02x?}",
            expected.others, found.others
        );
    }
    text
}
