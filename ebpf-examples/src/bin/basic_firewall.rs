//! Drops packets from chosen networks on one interface, and shows how many, until Ctrl-C.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    ebpf_examples::cli::main(linux::run)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: the firewall attaches to the Linux kernel, which this machine does not run");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::io::{self, Write as _};

    use anyhow::Result;
    use clap::Parser;
    use ebpf_core::codec::Cidr;
    use ebpf_core::hook::Xdp;
    use ebpf_core::kernel::KernelSystem;
    use ebpf_examples::basic_firewall::{Action, Counter, Firewall};
    use ebpf_examples::cli::{Limits, Mode, View, watch};

    /// Drops packets by their source address before the network stack sees them, and counts them, until Ctrl-C.
    /// `--count` is about packets that were dropped.
    #[derive(Debug, Parser)]
    #[command(
        after_help = "The longest prefix decides; a packet that no rule fits passes. Loading needs CAP_BPF and \
                            CAP_NET_ADMIN, which root has."
    )]
    pub(super) struct Options {
        /// The interface whose packets are looked at.
        #[arg(long, value_name = "NAME")]
        iface: String,
        /// A network whose packets are dropped, such as 198.51.100.0/24 or 2001:db8::/32. May be repeated.
        #[arg(long, value_name = "CIDR")]
        drop: Vec<Cidr>,
        /// A network whose packets pass although a larger one is dropped. May be repeated.
        #[arg(long, value_name = "CIDR")]
        pass: Vec<Cidr>,
        /// Where packets are looked at.
        #[arg(long, value_enum, default_value_t)]
        mode: Mode,
        #[command(flatten)]
        limits: Limits,
    }

    pub(super) fn run(options: &Options) -> Result<()> {
        let ending = options.limits.start()?;
        let mut firewall = Firewall::load(&KernelSystem::new())?;
        let rules = [(&options.drop, Action::Drop), (&options.pass, Action::Pass)];
        for (network, action) in rules
            .into_iter()
            .flat_map(|(list, action)| list.iter().map(move |cidr| (*cidr, action)))
        {
            firewall.add(network, action)?;
        }
        firewall.attach(Xdp::on(options.iface.as_str()).mode(options.mode.into()))?;

        watch(&ending, || {
            let totals = firewall.totals()?;
            Ok(View {
                table: table(&firewall)?,
                line: format!(
                    "dropped {}, passed {}, other {}",
                    totals.dropped.packets, totals.passed.packets, totals.other.packets
                ),
                seen: totals.dropped.packets,
            })
        })?;
        firewall.detach()?;
        writeln!(io::stdout(), "detached from {}", options.iface)?;
        Ok(())
    }

    /// Packets and bytes of each rule, then of all frames by what became of them.
    fn table(firewall: &Firewall) -> Result<String> {
        let mut table = String::new();
        // Writing to a String cannot fail.
        let mut line = |name: &str, counter: Counter| {
            let _ = writeln!(
                table,
                "{name:<40}{:>16}{:>20}",
                counter.packets, counter.bytes
            );
        };
        for (rule, counter) in firewall.rules().iter().zip(firewall.counters()?) {
            line(&format!("{} {}", rule.action, rule.network), counter);
        }
        let totals = firewall.totals()?;
        line("all that was dropped", totals.dropped);
        line("all that passed", totals.passed);
        line("other frames (ARP, ND, MLD)", totals.other);
        line("malformed frames", totals.malformed);
        Ok(format!(
            "{:<40}{:>16}{:>20}\n{table}",
            "rule", "packets", "bytes"
        ))
    }
}
