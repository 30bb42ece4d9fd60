//! Programs at the samples of perf events.

use std::sync::atomic::{AtomicU64, Ordering};

use ebpf_core::hook::{BreakpointAccess, HardwareEvent, PerfEvent, Sampling, SoftwareEvent};
use ebpf_core::link::LinkTarget;
use ebpf_core::program::{Program, ProgramExt, ProgramType};
use ebpf_core::{Errno, KernelSystem, System};
use ebpf_testbed::require;

use super::counter;

const EVERY: Sampling = Sampling::Period(1);

#[test]
fn switches_of_this_thread_are_seen_while_it_is_attached() {
    if !require("kernel") {
        return;
    }
    let counter = counter(ProgramType::PERF_EVENT);
    let event = PerfEvent::software(SoftwareEvent::CONTEXT_SWITCHES, EVERY).pid(0);
    let link = counter.program.attach_to(event).expect("attach");
    // Who sleeps lets others run, if the time is not over before.
    let sleeps = |count| {
        for _ in 0..count {
            std::thread::sleep(std::time::Duration::from_micros(100));
        }
    };
    sleeps(50);
    let expected = LinkTarget::PerfEvent {
        event_type: 1,
        config: 3,
    };
    assert_eq!(link.info().target, expected);
    link.detach().expect("detach");
    let hits = counter.hits();
    assert!(hits >= 5, "{hits}");
    sleeps(2);
    assert_eq!(counter.hits(), hits);
}

#[test]
fn every_write_to_an_address_is_seen() {
    if !require("kernel") {
        return;
    }
    let counter = counter(ProgramType::PERF_EVENT);
    let watched = Box::new(AtomicU64::new(0));
    let address = std::ptr::from_ref(&*watched).addr() as u64;
    let event = PerfEvent::breakpoint(address, 8, BreakpointAccess::WRITE).pid(0);
    let link = match counter.program.attach_to(event) {
        Ok(link) => link,
        Err(error)
            if matches!(
                error.errno(),
                Some(Errno::ENOENT | Errno::EOPNOTSUPP | Errno::ENOSPC | Errno::ENODEV)
            ) =>
        {
            ebpf_testbed::skip(&format!("no breakpoints here: {error}"));
            return;
        }
        Err(error) => panic!("{error}"),
    };
    for number in 1..=5 {
        watched.store(number, Ordering::SeqCst);
    }
    std::hint::black_box(watched.load(Ordering::SeqCst));
    assert_eq!(counter.hits(), 5);
    link.detach().expect("detach");
    watched.store(9, Ordering::SeqCst);
    assert_eq!(counter.hits(), 5);

    let misplaced = PerfEvent::breakpoint(address + 1, 8, BreakpointAccess::WRITE).pid(0);
    let error = counter
        .program
        .attach_to(misplaced)
        .expect_err("misaligned");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
}

#[test]
fn without_a_cpu_it_is_all_of_them() {
    if !require("kernel") {
        return;
    }
    let counter = counter(ProgramType::PERF_EVENT);
    let clock = PerfEvent::software(SoftwareEvent::CPU_CLOCK, Sampling::Frequency(1000));
    let link = counter.program.attach_to(clock.clone()).expect("attach");
    let cpus = KernelSystem::new().cpus().expect("cpus").online.len();
    assert_eq!(link.info().id.is_none() && link.fd().is_none(), cpus > 1);
    // The clock of whatever CPU this thread is on.
    while counter.hits() == 0 {
        std::hint::spin_loop();
    }
    link.detach().expect("detach");
    let hits = counter.hits();
    let alone = counter.program.attach_to(clock.cpu(0)).expect("attach");
    assert_eq!(
        alone.query().expect("query").program,
        Some(counter.program.info().id)
    );
    assert!(counter.hits() >= hits);
}

#[test]
fn what_there_is_not_says_so() {
    if !require("kernel") {
        return;
    }
    let counter = counter(ProgramType::PERF_EVENT);
    let clock = |sampling| PerfEvent::software(SoftwareEvent::CPU_CLOCK, sampling);
    for (event, expected) in [
        (
            clock(EVERY).cpu(100_000),
            vec![Errno::ENODEV, Errno::EINVAL],
        ),
        (clock(EVERY).pid(u32::MAX >> 1), vec![Errno::ESRCH]),
        (clock(EVERY).pid(u32::MAX), vec![Errno::EINVAL]),
        (
            clock(Sampling::Frequency(1 << 40)).pid(0),
            vec![Errno::EINVAL],
        ),
        (
            PerfEvent::software(SoftwareEvent(9999), EVERY).pid(0),
            vec![Errno::ENOENT],
        ),
    ] {
        let error = counter
            .program
            .attach_to(event.clone())
            .expect_err("refused");
        assert!(
            expected.iter().any(|errno| error.errno() == Some(*errno)),
            "{event}: {error}"
        );
    }
    // Virtual machines often have no counters.
    let cycles = PerfEvent::hardware(HardwareEvent::CPU_CYCLES, Sampling::Period(1_000_000)).pid(0);
    match counter.program.attach_to(cycles) {
        Ok(link) => {
            while counter.hits() == 0 {
                std::hint::spin_loop();
            }
            link.detach().expect("detach");
        }
        Err(error) => {
            assert!(
                error
                    .to_string()
                    .contains("virtual machines often have no counters"),
                "{error}"
            );
        }
    }
    let error = super::counter(ProgramType::KPROBE)
        .program
        .attach_to(clock(EVERY).pid(0))
        .expect_err("another type");
    assert_eq!(error.errno(), Some(Errno::EINVAL), "{error}");
}
