//! Time, chance, and where a program runs.

use super::super::helper::{Flow, Helper};
use super::super::problem::Problem;
use super::super::run::Run;
use super::row;
use super::types::{SOCKETS, Types};

/// `bpf_ktime_get_coarse_ns()` is of networking programs.
const COARSE: Types = SOCKETS
    .and(Types::of(&[
        ebpf_core::program::ProgramType::SK_REUSEPORT,
        ebpf_core::program::ProgramType::CGROUP_SOCK,
        ebpf_core::program::ProgramType::CGROUP_SYSCTL,
    ]))
    .but(&[ebpf_core::program::ProgramType::SYSCALL]);

#[rustfmt::skip]
pub(super) const HELPERS: &[Helper] = &[
    row(5, "ktime_get_ns", Types::ALL, &[], ktime_get_ns),
    row(7, "get_prandom_u32", Types::ALL, &[], get_prandom_u32),
    row(8, "get_smp_processor_id", Types::ALL, &[], get_smp_processor_id),
    row(42, "get_numa_node_id", Types::ALL, &[], get_numa_node_id),
    row(118, "jiffies64", Types::ALL, &[], jiffies64),
    row(125, "ktime_get_boot_ns", Types::ALL, &[], ktime_get_boot_ns),
    row(160, "ktime_get_coarse_ns", COARSE, &[], ktime_get_ns),
    row(208, "ktime_get_tai_ns", Types::ALL, &[], ktime_get_tai_ns),
];

/// Nanoseconds since the start, without those of sleep.
fn ktime_get_ns(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    let now = run.kernel.machine.clock.lock().monotonic;
    Ok(Flow::Return(now.as_nanos() as u64))
}

/// Nanoseconds since the start.
fn ktime_get_boot_ns(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    let now = run.kernel.machine.clock.lock().boot;
    Ok(Flow::Return(now.as_nanos() as u64))
}

/// Nanoseconds of atomic time since 1970: ahead of the wall clock by what the machine was told, which is nothing.
fn ktime_get_tai_ns(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    let now = run.kernel.machine.clock.lock().wall;
    let since = now.duration_since(std::time::SystemTime::UNIX_EPOCH);
    Ok(Flow::Return(
        since.map_or(0, |since| since.as_nanos() as u64),
    ))
}

/// Ticks since the start, of which `CONFIG_HZ` says how many a second has: 250 without it. The count starts so that it is 0
/// after five minutes in 32 bits, as `INITIAL_JIFFIES` wants it.
fn jiffies64(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    const FIVE_MINUTES: u64 = 300;
    let rate = run.kernel.machine.config.get("CONFIG_HZ");
    let rate = rate.and_then(|rate| rate.parse().ok()).unwrap_or(250u64);
    let now = run.kernel.machine.clock.lock().monotonic.as_nanos() as u64;
    let start = u64::from((FIVE_MINUTES.wrapping_mul(rate) as u32).wrapping_neg());
    let ticks = u128::from(now) * u128::from(rate) / 1_000_000_000;
    Ok(Flow::Return(start.wrapping_add(ticks as u64)))
}

/// The next number of the system's seed.
fn get_prandom_u32(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(u64::from(run.kernel.draw_seed() as u32)))
}

fn get_smp_processor_id(run: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(u64::from(run.cpu)))
}

/// The machine has one node.
fn get_numa_node_id(_: &mut Run, _: [u64; 5]) -> Result<Flow, Problem> {
    Ok(Flow::Return(0))
}
