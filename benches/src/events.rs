//! Events: ring buffers and perf event arrays, written by one thread's programs and read by another, through aya,
//! libbpf-rs and ours.

mod peers;
mod stage;

use std::time::{Duration, Instant};

use anyhow::Result;

use peers::Library;
use stage::{Kind, Pattern, Stage};

/// How long one measurement takes.
const TIME: Duration = Duration::from_millis(400);

/// What is written, and how fast.
struct Case {
    title: &'static str,
    kind: Kind,
    size: u32,
    pattern: Pattern,
    libraries: &'static [Library],
}

const RING: &[Library] = &[
    Library::Aya,
    Library::Libbpf,
    Library::Ours,
    Library::OursEachRecord,
];
const PERF: &[Library] = &[
    Library::Aya,
    Library::Libbpf,
    Library::LibbpfPeriod64,
    Library::Ours,
    Library::OursEachRecord,
];

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { title: "ring buffer, 64 bytes, flat out", kind: Kind::Ring, size: 64, pattern: Pattern::FlatOut, libraries: RING },
    Case { title: "ring buffer, 512 bytes, flat out", kind: Kind::Ring, size: 512, pattern: Pattern::FlatOut, libraries: RING },
    Case { title: "ring buffer, 64 bytes, one event a system call", kind: Kind::Ring, size: 64, pattern: Pattern::EachSyscall, libraries: RING },
    Case { title: "ring buffer, 64 bytes, every 10 µs", kind: Kind::Ring, size: 64, pattern: Pattern::Every(Duration::from_micros(10)), libraries: RING },
    Case { title: "ring buffer, 64 bytes, every 1 ms", kind: Kind::Ring, size: 64, pattern: Pattern::Every(Duration::from_millis(1)), libraries: RING },
    Case { title: "perf event array, 64 bytes, flat out", kind: Kind::Perf, size: 64, pattern: Pattern::FlatOut, libraries: PERF },
    Case { title: "perf event array, 64 bytes, one event a system call", kind: Kind::Perf, size: 64, pattern: Pattern::EachSyscall, libraries: PERF },
    Case { title: "perf event array, 64 bytes, every 20 µs", kind: Kind::Perf, size: 64, pattern: Pattern::Every(Duration::from_micros(20)), libraries: PERF },
    Case { title: "perf event array, 64 bytes, every 1 ms", kind: Kind::Perf, size: 64, pattern: Pattern::Every(Duration::from_millis(1)), libraries: PERF },
];

/// What one measurement came to.
#[derive(Clone, Copy, Default)]
struct Measured {
    /// Events a second that were read.
    rate: f64,
    /// Nanoseconds of the reader's CPU for each.
    cpu: f64,
    /// Of those written, how many were lost.
    lost: f64,
    /// Microseconds from the program to the reader.
    p50: f64,
    p99: f64,
}

/// Measures every case whose title contains `only`.
pub fn run(rounds: usize, only: &str) -> Result<()> {
    for case in CASES.iter().filter(|case| case.title.contains(only)) {
        let mut measured = vec![Vec::with_capacity(rounds); case.libraries.len()];
        for round in 0..rounds {
            for turn in 0..case.libraries.len() {
                let index = (round + turn) % case.libraries.len();
                measured[index].push(measure(case, case.libraries[index])?);
            }
        }
        print(case, measured);
    }
    Ok(())
}

fn measure(case: &Case, library: Library) -> Result<Measured> {
    let stage = Stage::new(case.kind, case.size, case.pattern)?;
    let mut latencies = Vec::with_capacity(1 << 17);
    let timed = matches!(case.pattern, Pattern::Every(_));
    let mut received = 0u64;
    let (elapsed, cpu, lost) = {
        let mut sink = |data: &[u8]| {
            received += 1;
            let written = u64::from_ne_bytes(data[..8].try_into().unwrap_or_default());
            if timed {
                latencies.push(stage::monotonic().saturating_sub(written));
            } else {
                std::hint::black_box(written);
            }
        };
        let mut consumer = library.open(&stage, &mut sink)?;
        stage::pin(0);
        let writing = stage.start();
        let (begun, cpu) = (Instant::now(), stage::thread_time());
        let deadline = begun + TIME;
        while Instant::now() < deadline {
            consumer.read(deadline)?;
        }
        let (elapsed, cpu) = (begun.elapsed(), stage::thread_time() - cpu);
        writing.end();
        (elapsed, cpu, consumer.lost())
    };
    let lost = (lost + stage.refused()) as f64;
    latencies.sort_unstable();
    let percentile = |part: usize| {
        let at = latencies.len() * part / 100;
        latencies.get(at).map_or(0.0, |nanos| *nanos as f64 / 1e3)
    };
    Ok(Measured {
        rate: received as f64 / elapsed.as_secs_f64(),
        cpu: cpu.as_nanos() as f64 / received.max(1) as f64,
        lost: lost / (lost + received as f64).max(1.0),
        p50: percentile(50),
        p99: percentile(99),
    })
}

fn print(case: &Case, measured: Vec<Vec<Measured>>) {
    println!("\n{}", case.title);
    println!(
        "  {:<28} {:>12} {:>8} {:>8} {:>12} {:>8} {:>7} {:>10} {:>10}",
        "", "events/s", "ratio", "least", "CPU/event", "ratio", "lost", "p50", "p99"
    );
    let mut base: Option<(f64, f64)> = None;
    for (library, rounds) in case.libraries.iter().zip(measured) {
        let median = |of: fn(&Measured) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            (values[values.len() / 2], values[0])
        };
        let ((rate, least), (cpu, _)) = (median(|m| m.rate), median(|m| m.cpu));
        let (rates, cpus) = *base.get_or_insert((rate, cpu));
        let latency = |of: fn(&Measured) -> f64| match median(of).0 {
            0.0 => String::new(),
            micros => format!("{micros:.1} µs"),
        };
        println!(
            "  {:<28} {:>12} {:>7.2}x {:>7.2}x {:>9.0} ns {:>7.2}x {:>6.1}% {:>10} {:>10}",
            library.name(),
            millions(rate),
            rate / rates,
            least / rates,
            cpu,
            cpu / cpus,
            median(|m| m.lost).0 * 100.0,
            latency(|m| m.p50),
            latency(|m| m.p99),
        );
    }
}

fn millions(rate: f64) -> String {
    if rate < 1e5 {
        format!("{rate:.0}")
    } else {
        format!("{:.2} M", rate / 1e6)
    }
}
