//! Arms of one case, measured in turns in one process: medians, ratios to the first arm, allocations.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// One way of doing the work of a case.
pub struct Arm<'a> {
    name: &'static str,
    /// Does the work this many times.
    work: Box<dyn FnMut(u64) + 'a>,
}

impl<'a> Arm<'a> {
    pub fn new(name: &'static str, work: impl FnMut(u64) + 'a) -> Arm<'a> {
        Arm {
            name,
            work: Box::new(work),
        }
    }
}

/// Tells how much time has passed since some moment.
pub type Clock = fn() -> Duration;

/// The clock on the wall.
pub fn wall() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Measures the arms `rounds` times each, the order rotated so that no arm always follows the same one, and prints a line
/// for each: the median time of one operation, the least, the ratio of the medians to the first arm, the allocations.
///
/// `per` is how many elements one repetition handles: times and allocations are for one of them.
pub fn compare(title: &str, rounds: usize, repetitions: u64, per: u64, arms: Vec<Arm<'_>>) {
    compare_by(wall, title, rounds, repetitions, per, arms);
}

/// The same with time told by a clock. Gives the medians, in nanoseconds.
pub fn compare_by(
    clock: Clock,
    title: &str,
    rounds: usize,
    repetitions: u64,
    per: u64,
    mut arms: Vec<Arm<'_>>,
) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); arms.len()];
    let mut allocations = Vec::new();
    for arm in &mut arms {
        (arm.work)(repetitions.div_ceil(10));
        allocations.push(allocation_counter::measure(|| (arm.work)(1)).count_total);
    }
    for round in 0..rounds {
        for turn in 0..arms.len() {
            let index = (round + turn) % arms.len();
            let start = clock();
            (arms[index].work)(repetitions);
            let took = clock().saturating_sub(start);
            times[index].push(took.as_nanos() as f64 / (repetitions * per) as f64);
        }
    }
    println!("\n{title}");
    println!(
        "  {:<34} {:>12} {:>12} {:>8} {:>12}",
        "", "median", "least", "ratio", "allocations"
    );
    let mut medians: Vec<f64> = Vec::new();
    for ((arm, mut times), allocations) in arms.iter().zip(times).zip(allocations) {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        medians.push(median);
        let ratio = median / medians[0];
        println!(
            "  {:<34} {:>12} {:>12} {ratio:>7.2}x {:>12}",
            arm.name,
            time(median),
            time(times[0]),
            allocations
        );
    }
    medians
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 10_000.0 => format!("{n:.2} ns"),
        n if n < 10_000_000.0 => format!("{:.1} µs", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}
