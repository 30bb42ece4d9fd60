//! The demo on the kernel: two namespaces, and real packets between them.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::Result;
use ebpf_core::kernel::KernelSystem;
use ebpf_core::system::System;
use ebpf_examples::basic_firewall::{Action, Firewall};
use ebpf_examples::interrupt::Interrupt;
use ebpf_examples::screen::Screen;
use ebpf_testbed::Tap;

use crate::flags::Flags;
use crate::meter::Interface;
use crate::network::Network;
use crate::options::Options;
use crate::plan;
use crate::report::Report;
use crate::tap::Meter;
use crate::traffic::{self, Arrivals, Server};
use crate::verdict;

/// How many frames may be under way: less than a veth interface queues before it drops.
const WINDOW: u64 = 64;
/// How long the last frames may take to be counted.
const SETTLE: Duration = Duration::from_secs(10);
/// What shells give for a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Runs the demo on the kernel, which takes privileges.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let flags = Flags::new(Interrupt::listen()?);
    let system = KernelSystem::new();
    let say = |line: String| {
        if options.json {
            Ok(())
        } else {
            writeln!(io::stdout(), "{line}")
        }
    };
    say(format!("system: {}", system.id()))?;

    let network = Network::new()?;
    let firewall = plan::firewall(&system, network.firewall().index())?;
    let (near, far) = (network.firewall().name(), network.sender().name());
    say(format!(
        "{far} -> {near} (XDP firewall, {} rules), in namespaces of their own\n",
        plan::RULES.len()
    ))?;

    let arrivals = Arrivals::default();
    let mut screen = (!options.json).then(Screen::new);
    let report = exercise(options, &network, &firewall, &arrivals, &flags, &mut screen)?;
    if let Some(screen) = &mut screen {
        screen.finish(&report.table())?;
    }
    firewall.detach()?;
    verdict::tell(
        options,
        "kernel",
        &report,
        &arrivals.behind(),
        "the sender's kernel",
    )?;
    if flags.interrupted() {
        eprintln!("interrupted; everything is cleaned up");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends everything and gives what was measured once all of it was counted, or should have been.
fn exercise(
    options: &Options,
    network: &Network,
    firewall: &Firewall,
    arrivals: &Arrivals,
    flags: &Flags,
    screen: &mut Option<Screen>,
) -> Result<Report> {
    let there = network.senders_namespace();
    // From here on every frame is seen, by the firewall and by the meter: the interfaces come up after both are in place.
    let meter = &Meter::new(there.run(|| Tap::open(network.sender().index()))??);
    let measure = || {
        // In this order, so that what is under way shows as sent and not yet counted.
        let (counters, totals) = (firewall.counters()?, firewall.totals()?);
        let (sent, stats) = (meter.read()?, network.sender().stats()?);
        let interface = Interface {
            sent: stats.tx_packets,
            lost: stats.tx_dropped,
        };
        Ok::<_, anyhow::Error>(Report::new(&sent, &counters, &totals, interface))
    };

    thread::scope(|scope| {
        let end = flags.end_with();
        network.start()?;
        let servers = Server::open_all()?;
        let mut serving = Vec::new();
        for server in servers.into_iter().map(Arc::new) {
            let other = Arc::clone(&server);
            serving.push(scope.spawn(move || server.take_datagrams(arrivals, flags)));
            serving.push(scope.spawn(move || other.take_connections(arrivals, flags)));
        }

        let mut sending = Vec::new();
        for source in plan::sources_to(Action::Pass) {
            sending.push(scope.spawn(move || {
                there.enter()?;
                traffic::converse(source, arrivals, flags)
            }));
        }
        for source in plan::sources_to(Action::Drop) {
            sending.push(scope.spawn(move || {
                there.enter()?;
                traffic::knock(source, flags)
            }));
        }
        let time = Duration::from_secs(options.seconds.into());
        let datagrams = scope.spawn(move || {
            there.enter()?;
            traffic::send_datagrams(options.packets, time, flags, |sent| {
                keep_up(sent, meter, firewall, flags)
            })
        });

        let start = Instant::now();
        let trouble = |threads: &[ScopedJoinHandle<'_, Result<()>>]| {
            threads.iter().any(ScopedJoinHandle::is_finished)
        };
        while !flags.enough() && (start.elapsed() < time || !datagrams.is_finished()) {
            if trouble(&sending) || trouble(&serving) || start.elapsed() > time + SETTLE {
                break;
            }
            if let Some(screen) = screen.as_mut().filter(|screen| screen.is_due()) {
                let report = measure()?;
                screen.show(&report.table(), &report.summary())?;
            }
            thread::sleep(Duration::from_millis(20));
        }
        flags.set_enough();
        for sender in sending.into_iter().chain([datagrams]) {
            join(sender)?;
        }

        let start = Instant::now();
        let report = loop {
            let report = measure()?;
            if report.disagreements().is_empty() || start.elapsed() > SETTLE {
                break report;
            }
            thread::sleep(Duration::from_millis(20));
        };
        drop(end);
        for thread in serving {
            join(thread)?;
        }
        Ok(report)
    })
}

/// Waits until the meter has seen all of `datagrams` and the firewall nearly all that the meter has.
fn keep_up(datagrams: u64, meter: &Meter, firewall: &Firewall, flags: &Flags) -> Result<()> {
    while !flags.enough() {
        let seen = meter.read()?;
        let counted = firewall.totals()?.all().packets;
        if seen.datagrams() >= datagrams && seen.total().packets.saturating_sub(counted) < WINDOW {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn join(thread: ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
