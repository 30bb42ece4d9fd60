//! What the simulated system refuses when a program is loaded the kernel refuses too, with the same number and the same
//! words; and what the kernel loads it loads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebpf_core::conformance::code;
use ebpf_core::insn::{Insn, Opcode, Reg, helper_name};
use ebpf_core::map::{MapFlags, MapSpec, MapType};
use ebpf_core::object::ObjectSpec;
use ebpf_core::program::{
    AttachType, ProgramError, ProgramFlags, ProgramSpec, ProgramType, Referent, VerifierLog,
};
use ebpf_core::system::Bindings;
use ebpf_core::{Errno, KernelSystem, Map, System, SystemExt};
use ebpf_mock::MockSystem;
use ebpf_testbed::{Sandbox, require};

use crate::random::{Extent, Random};

/// The simulated system and the kernel, with the same maps.
struct Both {
    mock: MockSystem,
    kernel: KernelSystem,
    mock_maps: Vec<Arc<dyn Map>>,
    kernel_maps: Vec<Arc<dyn Map>>,
}

/// Why a program was refused.
#[derive(Debug)]
struct Reason {
    errno: Option<Errno>,
    /// What the verifier said last.
    words: String,
    /// How many instructions it had walked.
    walked: u32,
}

impl Reason {
    fn of(error: &ProgramError) -> Reason {
        let log = match error {
            ProgramError::Verifier(error) => error.log.clone(),
            _ => VerifierLog::default(),
        };
        let walked = log.text().rsplit("processed ").next().unwrap_or_default();
        let walked = walked.split(' ').next().unwrap_or_default();
        // Some words of the kernel's are not on a line of their own.
        let words = log.cause().unwrap_or_default().split("processed ").next();
        Reason {
            errno: error.errno(),
            words: words.unwrap_or_default().to_owned(),
            walked: walked.parse().unwrap_or(0),
        }
    }
}

impl Both {
    fn new() -> Both {
        let kernel = KernelSystem::new();
        // Functions of the kernel are called by the numbers that its own types have.
        let builder = MockSystem::builder();
        let types = kernel.target_btf().ok().flatten();
        let mock = match types {
            Some(types) => builder.target_btf(types).build(),
            None => builder.build(),
        };
        let spec = |map_type, key, value, length| MapSpec::new("map", map_type, key, value, length);
        let specs = [
            spec(MapType::HASH, 4, 8, 4),
            spec(MapType::ARRAY, 4, 8, 4),
            spec(MapType::PROG_ARRAY, 4, 4, 4),
            spec(MapType::PERF_EVENT_ARRAY, 4, 4, 4),
            spec(MapType::RINGBUF, 0, 0, 4096),
            spec(MapType::ARRAY, 4, 16, 1).with_flags(MapFlags::RDONLY_PROG),
            spec(MapType::ARRAY, 4, 24, 1),
            spec(MapType::QUEUE, 0, 8, 4),
            spec(MapType::LPM_TRIE, 8, 8, 4).with_flags(MapFlags::NO_PREALLOC),
            spec(MapType::DEVMAP, 4, 4, 4),
            spec(MapType::PERCPU_ARRAY, 4, 8, 4),
            spec(MapType::HASH, 4, 8, 4).with_flags(MapFlags::WRONLY_PROG),
        ];
        let made = |system: &dyn System| -> Vec<Arc<dyn Map>> {
            let make = |spec| system.create_map(spec, None).expect("a map");
            specs.iter().map(make).collect()
        };
        Both {
            mock_maps: made(&mock),
            kernel_maps: made(&kernel),
            mock,
            kernel,
        }
    }

    /// Why each of them refuses a program, if it does.
    fn load(&self, spec: &ProgramSpec) -> [Option<Reason>; 2] {
        // A program array is for the kind of program that was first: each program has one of its own.
        let programs = MapSpec::new("map", MapType::PROG_ARRAY, 4, 4, 4);
        let jumps = spec
            .references
            .iter()
            .any(|reference| reference.referent == Referent::Map { map: 2 });
        let reason = |system: &dyn System, maps: &[Arc<dyn Map>]| {
            let own = jumps.then(|| system.create_map(&programs, None).expect("a map"));
            let mut maps: Vec<&dyn Map> = maps.iter().map(|map| &**map as &dyn Map).collect();
            if let Some(own) = &own {
                maps[2] = &**own;
            }
            let bindings = Bindings {
                maps: &maps,
                ..Bindings::default()
            };
            let loaded = system.load_program(spec, &bindings);
            loaded.err().map(|error| Reason::of(&error))
        };
        [
            reason(&self.mock, &self.mock_maps),
            reason(&self.kernel, &self.kernel_maps),
        ]
    }

    /// Loads a program on both; says what is wrong if the simulated system refuses it otherwise than the kernel.
    fn compare(&self, spec: &ProgramSpec, counts: &mut Counts) -> Result<(), String> {
        let [mock, kernel] = self.load(spec);
        counts.programs += 1;
        counts.kernel += u32::from(kernel.is_some());
        let Some(mock) = mock else {
            return Ok(());
        };
        counts.mock += 1;
        if let Some(kernel) = &kernel {
            if kernel.errno == mock.errno && kernel.words == mock.words {
                return Ok(());
            }
            // Of several mistakes the kernel may see one before that is left to the run here.
            if kernel.walked < mock.walked {
                counts.earlier += 1;
                return Ok(());
            }
        }
        Err(format!(
            "the simulated system says {mock:?}, the kernel {kernel:?}"
        ))
    }
}

#[derive(Default)]
struct Counts {
    programs: u32,
    kernel: u32,
    mock: u32,
    /// Those that the kernel refuses for something before.
    earlier: u32,
}

impl Counts {
    fn say(&self, what: &str) {
        let Counts {
            programs,
            kernel,
            mock,
            earlier,
        } = self;
        println!(
            "{what}: {programs} programs, of which the kernel refuses {kernel}, the simulated system {mock}, \
             {earlier} for something later"
        );
    }
}

/// The types of programs that load without a target.
const TYPES: [(ProgramType, u32); 24] = [
    (ProgramType::XDP, 0),
    (ProgramType::SOCKET_FILTER, 0),
    (ProgramType::SCHED_CLS, 0),
    (ProgramType::SCHED_ACT, 0),
    (ProgramType::CGROUP_SKB, 0),
    (ProgramType::CGROUP_SKB, 1),
    (ProgramType::KPROBE, 0),
    (ProgramType::TRACEPOINT, 0),
    (ProgramType::PERF_EVENT, 0),
    (ProgramType::RAW_TRACEPOINT, 0),
    (ProgramType::CGROUP_SOCK, 2),
    (ProgramType::CGROUP_SOCK_ADDR, 10),
    (ProgramType::SOCK_OPS, 3),
    (ProgramType::SK_SKB, 0),
    (ProgramType::SK_MSG, 0),
    (ProgramType::CGROUP_DEVICE, 6),
    (ProgramType::CGROUP_SYSCTL, 18),
    (ProgramType::CGROUP_SOCKOPT, 22),
    (ProgramType::LWT_XMIT, 0),
    (ProgramType::LWT_IN, 0),
    (ProgramType::SK_LOOKUP, 36),
    (ProgramType::SK_REUSEPORT, 39),
    (ProgramType::FLOW_DISSECTOR, 17),
    (ProgramType::SYSCALL, 0),
];

/// The program is of a type, as such programs are loaded.
fn typed(mut spec: ProgramSpec, (program_type, attach): (ProgramType, u32)) -> ProgramSpec {
    spec.program_type = program_type;
    if attach != 0 {
        spec.expected_attach_type = Some(AttachType(attach));
    }
    if program_type == ProgramType::SYSCALL {
        spec.flags |= ProgramFlags::SLEEPABLE;
    }
    spec
}

/// Programs to change: the most common things that programs do.
const SOUND: [&str; 14] = [
    "r0 = 2\nexit",
    "*(u32 *)(r10 - 4) = 0
     r1 = map_by_idx(0)
     r2 = r10
     r2 += -4
     call bpf_map_lookup_elem
     if r0 == 0 goto +2
     r1 = 1
     lock *(u64 *)(r0 + 0) += r1
     r0 = 2
     exit",
    "r6 = *(u32 *)(r1 + 0)
     *(u32 *)(r10 - 4) = r6
     r1 = map_by_idx(1)
     r2 = r10
     r2 += -4
     call bpf_map_lookup_elem
     if r0 == 0 goto out
     r0 = *(u64 *)(r0 + 0)
out: r0 = 1
     exit",
    "r2 = *(u32 *)(r1 + 4)
     r1 = *(u32 *)(r1 + 0)
     r3 = r1
     r3 += 14
     if r3 > r2 goto out
     r0 = *(u16 *)(r1 + 12)
     if r0 == 8 goto ip
     goto out
 ip: r0 = *(u8 *)(r1 + 5)
out: r0 = 2
     exit",
    "*(u64 *)(r10 - 8) = 5
     *(u64 *)(r10 - 16) = 7
     r1 = map_by_idx(0)
     r2 = r10
     r2 += -8
     r3 = r10
     r3 += -16
     r4 = 0
     call bpf_map_update_elem
     r0 = 0
     exit",
    "r6 = r1
     r1 = 5
     r2 = 6
     call sum
     r0 += 1
     r6 = 0
     r0 = 1
     exit
sum: r0 = r1
     r0 += r2
     *(u64 *)(r10 - 8) = r0
     exit",
    "r0 = 0
     r1 = 10
  a: r0 += 3
     r1 += -1
     if r1 != 0 goto a
     r0 = 0
     exit",
    "call bpf_get_prandom_u32
     r6 = r0
     r6 &= 255
     if r6 > 100 goto out
     w6 <<= 3
     r6 s>>= 2
     r0 = r6
     r0 /= 3
     r0 = be16 r0
     w0 = (s8)w0
out: r0 = 0
     exit",
    "r6 = r1
     r2 = map_by_idx(2)
     r3 = 0
     call bpf_tail_call
     r0 = 2
     exit",
    "r6 = r1
     *(u64 *)(r10 - 8) = 1
     r2 = map_by_idx(3)
     r3 = 0
     r4 = r10
     r4 += -8
     r5 = 8
     call bpf_perf_event_output
     r0 = 0
     exit",
    "r1 = map_val(map_by_idx(6)) + 16
     r0 = *(u64 *)(r1 + 0)
     r0 += 1
     *(u64 *)(r1 + 0) = r0
     r1 = map_val(map_by_idx(5)) + 8
     r0 = *(u32 *)(r1 + 4)
     r0 = 1
     exit",
    "r1 = map_by_idx(4)
     r2 = 16
     r3 = 0
     call bpf_ringbuf_reserve
     if r0 == 0 goto out
     *(u64 *)(r0 + 8) = 1
     r1 = r0
     r2 = 0
     call bpf_ringbuf_submit
out: r0 = 0
     exit",
    "r7 = r1
     *(u64 *)(r10 - 24) = r7
     r6 = 7
     *(u64 *)(r10 - 8) = r6
     lock *(u64 *)(r10 - 8) += r6
     r1 = *(u64 *)(r10 - 24)
     r2 = *(u32 *)(r1 + 0)
     r0 = *(u64 *)(r10 - 8)
     r0 = 0
     exit",
    "r6 = r1
     r1 = r10
     r1 += -16
     *(u64 *)(r10 - 16) = 0
     r2 = 8
     call bpf_trace_printk
     r1 = r6
     r0 = *(u32 *)(r1 + 0)
     r0 = 0
     exit",
];

/// Changes something of a program.
fn change(random: &mut Random, spec: &mut ProgramSpec) {
    let length = spec.instructions.len();
    let at = random.below(length as u64) as usize;
    let register = |random: &mut Random| {
        let end = if random.below(40) == 0 { 16 } else { 11 };
        Reg::new(random.below(end) as u8).expect("a register")
    };
    let small = |random: &mut Random| random.below(40) as i16 - 20;
    match random.below(10) {
        0 => spec.instructions[at].dst = register(random),
        1 => spec.instructions[at].src = register(random),
        2 => spec.instructions[at].off = small(random),
        3 => spec.instructions[at].off = random.odd_number() as i16,
        4 => spec.instructions[at].imm = small(random).into(),
        5 => spec.instructions[at].imm = random.odd_number() as i32,
        6 => spec.instructions[at].code = Opcode(random.number() as u8),
        7 => {
            // Another operation or operand of the same class.
            let code = spec.instructions[at].code.0;
            spec.instructions[at].code = Opcode(code & 0x07 | random.number() as u8 & 0xf8);
        }
        8 => spec.instructions[at] = spec.instructions[random.below(length as u64) as usize],
        _ => spec.instructions[at] = Insn::mov_imm(register(random), small(random).into()),
    }
}

/// The instructions, for a message.
fn shown(spec: &ProgramSpec) -> String {
    let annotations = ebpf_core::insn::Annotations::default();
    let text = ebpf_core::insn::disassemble(&spec.instructions, &annotations);
    format!(
        "{} {:?}\n{text}\n{:?}",
        spec.program_type, spec.expected_attach_type, spec.instructions
    )
}

#[test]
fn changed_programs_are_refused_as_the_kernel_does() {
    if !require("kernel") {
        return;
    }
    let both = Both::new();
    let mut counts = Counts::default();
    let extent = Extent::or(300);
    let seed = extent.seed;
    let mut wrong = Vec::new();
    for turn in extent {
        let mut random = Random::new(seed.wrapping_add(turn));
        let mut text = random.one_of(&SOUND);
        // Kernels take long to see that a loop has no end.
        if text.contains("goto a") && random.below(16) != 0 {
            text = random.one_of(&SOUND);
        }
        let mut spec = code(ProgramType::XDP, text);
        if random.below(3) == 0 {
            spec = typed(spec, random.one_of(&TYPES));
        }
        if random.below(8) == 0 {
            spec.license = "MIT".into();
        }
        if random.below(8) == 0 {
            spec.flags |= ProgramFlags::STRICT_ALIGNMENT;
        }
        // Places of references stay where they are: what is changed there is overwritten.
        for _ in 0..1 + random.below(3) {
            change(&mut random, &mut spec);
        }
        if let Err(message) = both.compare(&spec, &mut counts) {
            wrong.push(format!(
                "TEST_SEED={}: {message}\n{}",
                seed.wrapping_add(turn),
                shown(&spec)
            ));
        }
    }
    counts.say("changed programs");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn sound_programs_of_every_type_are_refused_as_the_kernel_does() {
    if !require("kernel") {
        return;
    }
    let both = Both::new();
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for text in SOUND {
        for kind in TYPES {
            let spec = typed(code(ProgramType::XDP, text), kind);
            if let Err(message) = both.compare(&spec, &mut counts) {
                wrong.push(format!("{message}\n{}", shown(&spec)));
            }
        }
    }
    counts.say("sound programs");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn helpers_are_refused_as_the_kernel_does() {
    if !require("kernel") {
        return;
    }
    let both = Both::new();
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for (program_type, attach) in TYPES {
        for helper in 0..213 {
            // Some kernels are built or locked down without them.
            if matches!(
                helper_name(helper),
                Some("bpf_probe_write_user" | "bpf_override_return")
            ) {
                continue;
            }
            for license in ["GPL", "MIT"] {
                if license == "MIT" && program_type != ProgramType::KPROBE {
                    continue;
                }
                let call = vec![
                    Insn::call_helper(helper),
                    Insn::mov_imm(Reg::R0, 0),
                    Insn::exit(),
                ];
                let spec = ProgramSpec::new("case", program_type, call).with_license(license);
                let spec = typed(spec, (program_type, attach));
                if let Err(message) = both.compare(&spec, &mut counts) {
                    let name = helper_name(helper).unwrap_or("unknown");
                    wrong.push(format!(
                        "{program_type}/{attach} {license} {name}: {message}"
                    ));
                }
            }
        }
    }
    counts.say("calls of helpers");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn context_fields_are_refused_as_the_kernel_does() {
    if !require("kernel") {
        return;
    }
    let both = Both::new();
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for (program_type, attach) in TYPES {
        for offset in (0..200).step_by(2).chain([-4, 1, 5, 1000]) {
            for (size, text) in [(1, "u8"), (2, "u16"), (4, "u32"), (8, "u64")] {
                // One of the accesses that no context has is enough.
                if offset % size != 0 && offset != 5 {
                    continue;
                }
                for access in [
                    format!("r0 = *({text} *)(r1 + {offset})"),
                    format!("*({text} *)(r1 + {offset}) = 0"),
                ] {
                    let text = format!("{access}\nr0 = 0\nexit").replace("+ -", "- ");
                    let spec = typed(code(program_type, &text), (program_type, attach));
                    if let Err(message) = both.compare(&spec, &mut counts) {
                        wrong.push(format!("{program_type}/{attach} {access}: {message}"));
                    }
                }
            }
        }
    }
    counts.say("fields of contexts");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The objects that are checked in.
pub(crate) fn objects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dirs = [
        "ebpf-core/testdata/conformance",
        "ebpf-core/testdata/load",
        "ebpf-core/testdata/object",
        "ebpf-core/testdata/object/old",
        "ebpf-core/testdata/trace",
        "ebpf-examples/bpf",
    ];
    let mut found = Vec::new();
    for dir in dirs {
        let files = std::fs::read_dir(root.join(dir)).expect("objects");
        found.extend(files.map(|file| file.expect("a file").path()));
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "o"));
    found.sort();
    found
}

#[test]
fn every_object_that_the_kernel_loads_loads() {
    if !require("kernel") {
        return;
    }
    let _sandbox = Sandbox::new().expect("namespaces");
    let kernel = KernelSystem::new();
    let types = kernel.target_btf().expect("an answer");
    let symbols = std::fs::read_to_string("/proc/kallsyms").expect("symbols");
    let mut mock = MockSystem::builder().kallsyms(&symbols);
    if let Some(types) = &types {
        mock = mock.target_btf(types.clone());
    }
    let mock = mock.build();
    let (mut both, mut neither) = (0, 0);
    let mut wrong = Vec::new();
    for path in objects() {
        let bytes = std::fs::read(&path).expect("an object");
        let Ok(mut object) = ObjectSpec::parse(&bytes) else {
            continue;
        };
        for map in &mut object.maps {
            map.pinning = ebpf_core::map::Pinning::None;
        }
        let (in_kernel, in_mock) = (kernel.load(&object).err(), mock.load(&object).err());
        match (in_kernel, in_mock) {
            (None, None) => both += 1,
            (Some(_), _) => neither += 1,
            (None, Some(error)) => wrong.push(format!("{}: {error:#}", path.display())),
        }
    }
    println!("{both} objects load on both, {neither} on the kernel not");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(both > 20, "{both} objects load");
}
