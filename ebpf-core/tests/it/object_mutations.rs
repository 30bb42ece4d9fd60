//! Real objects with random damage: none makes the parser panic, run away, or allocate more than a small multiple of its
//! size.
//!
//! `EBPF_MUTATIONS` says how many, `TEST_SEED` repeats a run. A mutation is determined by the seed and its number, so that
//! a failure is repeated whatever the number of threads.

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ebpf_core::btf::{Btf, BtfExt};
use ebpf_core::insn::Insn;
use ebpf_core::object::ObjectSpec;

/// What a plan may need: so many bytes for each byte of the object, and so many besides, which are the copies of functions
/// that programs have in common.
const BYTES_PER_BYTE: u64 = 64;
const BYTES_BESIDES: u64 = 24 << 20;

/// xorshift64*, started from a mixed seed.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: u64) -> Random {
        let mut mixed = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Random((mixed ^ mixed >> 31) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end
    }
}

/// Numbers that find mistakes in arithmetic.
const INTERESTING: [u64; 14] = [
    0,
    1,
    7,
    8,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_fff8,
    u64::MAX,
];

/// One random change.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    // Half of the changes go to the end, where the tables of ELF are, or to the header.
    let len = bytes.len();
    let at = match random.below(8) {
        0 => random.below(len.min(64)),
        1..=3 => len - 1 - random.below(len.min(1500)),
        _ => random.below(len),
    };
    match random.below(10) {
        0 | 1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = random.next() as u8,
        3 => bytes[at] = bytes[at].wrapping_add(1),
        4..=6 => {
            let width = [2, 4, 8][random.below(3)];
            let at = at & !(width - 1);
            let value = match random.below(3) {
                0 => random.next() & 0xfff,
                1 => INTERESTING[random.below(INTERESTING.len())],
                _ => random.below(len) as u64,
            };
            let value = value.to_le_bytes();
            for (place, byte) in bytes.iter_mut().skip(at).zip(&value[..width]) {
                *place = *byte;
            }
        }
        7 => {
            let (from, count) = (random.below(len), 1 + random.below(48));
            let part: Vec<u8> = bytes.iter().skip(from).take(count).copied().collect();
            for (place, byte) in bytes.iter_mut().skip(at).zip(part) {
                *place = byte;
            }
        }
        8 => {
            let count = 1 + random.below(32);
            for place in bytes.iter_mut().skip(at).take(count) {
                *place = 0;
            }
        }
        _ if random.below(4) == 0 => bytes.truncate(at),
        _ => {
            let part: Vec<u8> = bytes.iter().skip(at).take(8).copied().collect();
            bytes.splice(at..at, part);
        }
    }
}

/// Counts what is printed.
struct Count(u64);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

/// Everything that can be asked of a plan.
fn walk(object: &ObjectSpec) -> u64 {
    let mut count = Count(0);
    write!(count, "{object}").unwrap();
    for map in &object.maps {
        count.0 += u64::from(map.problem().is_some());
    }
    for variable in &object.variables {
        count.0 += object
            .variable_bytes(&variable.name)
            .map_or(0, |bytes| bytes.len() as u64);
    }
    for program in &object.programs {
        for reference in &program.references {
            assert!((reference.instruction as usize) < program.instructions.len());
        }
        for function in &program.functions {
            assert!(function.start as usize <= program.instructions.len());
        }
        assert!(
            program
                .lines
                .iter()
                .all(|line| (line.instruction as usize) < program.instructions.len())
        );
    }
    if let Some(btf) = &object.btf {
        let _ = btf.validate();
    }
    count.0
}

/// What one input cost.
struct Cost {
    parsed: bool,
    bytes: u64,
    time: Duration,
}

fn try_one(bytes: &[u8]) -> Cost {
    let start = Instant::now();
    let mut object = None;
    let allocated = allocation_counter::measure(|| object = ObjectSpec::parse(bytes).ok());
    if let Some(object) = &object {
        walk(object);
    } else {
        // What the object hides behind its first fault.
        let _ = Btf::parse(bytes.to_vec()).map(|btf| btf.validate());
        let _ = BtfExt::parse(bytes.to_vec());
        let _ = ebpf_core::insn::decode(
            &bytes[..bytes.len() / Insn::SIZE * Insn::SIZE],
            ebpf_core::codec::Endian::Little,
        );
    }
    Cost {
        parsed: object.is_some(),
        bytes: allocated.bytes_max,
        time: start.elapsed(),
    }
}

fn mutation(objects: &[(String, Vec<u8>)], seed: u64, number: u64) -> (&str, Vec<u8>) {
    let mut random = Random::new(seed, number);
    let (name, original) = &objects[random.below(objects.len())];
    let mut bytes = original.clone();
    for _ in 0..1 + random.below(4) {
        damage(&mut bytes, &mut random);
    }
    (name, bytes)
}

fn objects() -> Vec<(String, Vec<u8>)> {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut found = Vec::new();
    for dir in ["object", "object/old", "btf"] {
        for entry in std::fs::read_dir(testdata.join(dir)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "o") {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} should be a number, not {text:?}")),
    )
}

#[test]
fn damaged_objects_do_no_harm() {
    let in_ci = std::env::var_os("CI").is_some();
    let count = setting("EBPF_MUTATIONS").unwrap_or(if in_ci { 200_000 } else { 20_000 });
    let seed = setting("TEST_SEED").unwrap_or(1);
    println!("{count} mutations, TEST_SEED={seed} repeats them");

    let objects = objects();
    let (next, parsed, most) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let slowest = Mutex::new((Duration::ZERO, 0));
    let failure = Mutex::new(None);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count || failure.lock().unwrap().is_some() {
                return;
            }
            let (name, bytes) = mutation(&objects, seed, number);
            let cost = match catch_unwind(AssertUnwindSafe(|| try_one(&bytes))) {
                Ok(cost) => cost,
                Err(_) => {
                    *failure.lock().unwrap() = Some(format!("mutation {number} of {name} panics"));
                    return;
                }
            };
            parsed.fetch_add(u64::from(cost.parsed), Ordering::Relaxed);
            most.fetch_max(cost.bytes, Ordering::Relaxed);
            let limit = BYTES_BESIDES + BYTES_PER_BYTE * bytes.len() as u64;
            if cost.bytes > limit {
                let text = format!("mutation {number} of {name} needs {} bytes", cost.bytes);
                *failure.lock().unwrap() = Some(text);
            }
            let mut slowest = slowest.lock().unwrap();
            if cost.time > slowest.0 {
                *slowest = (cost.time, number);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, |threads| threads.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    if let Some(failure) = failure.into_inner().unwrap() {
        panic!("{failure}; TEST_SEED={seed} EBPF_MUTATIONS={count} repeats it");
    }
    let (time, number) = slowest.into_inner().unwrap();
    let parsed = parsed.into_inner();
    println!(
        "{parsed} were still objects; {} bytes at most; the slowest, {number}, took {time:?}",
        most.into_inner()
    );
    assert!(
        parsed * 20 > count,
        "only {parsed} of {count} were still objects: the damage is too great to test much"
    );
}
