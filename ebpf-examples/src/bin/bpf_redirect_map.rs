//! Answers pings on two or more interfaces before the network stack sees them, until Ctrl-C.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    ebpf_examples::cli::main(linux::run)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: pings are answered in the Linux kernel, which this machine does not run");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::io::{self, Write as _};

    use anyhow::Result;
    use clap::Parser;
    use ebpf_core::hook::{Xdp, XdpVia};
    use ebpf_core::kernel::KernelSystem;
    use ebpf_examples::bpf_redirect_map::{Outcomes, Responder};
    use ebpf_examples::cli::{Limits, Mode, View, interface_index, watch};

    /// Answers every ping that comes in by one of the interfaces, for whatever address it asks, and redirects the answer
    /// to that of the interfaces by which the routing table sends it, until Ctrl-C.
    #[derive(Debug, Parser)]
    #[command(
        after_help = "The interfaces have to forward packets (sysctl net.ipv4.ip_forward, net.ipv6.conf.all.forwarding). \
                      In the driver (`--mode drv`) a veth interface takes redirected packets only if its peer has an XDP \
                      program too. Loading needs CAP_BPF and CAP_NET_ADMIN, which root has. `--count` is about pings that \
                      were answered."
    )]
    pub(super) struct Options {
        /// The interfaces, separated by commas or by repeating the option.
        #[arg(
            long,
            short,
            value_name = "NAME",
            value_delimiter = ',',
            required = true
        )]
        iface: Vec<String>,
        /// Where packets are looked at.
        #[arg(long, value_enum, default_value_t = Mode::Skb)]
        mode: Mode,
        /// Attach, end at once and leave the program at work: `ip link set dev NAME xdpgeneric off` removes it (`xdpdrv`
        /// for `--mode drv`).
        #[arg(long, conflicts_with_all = ["duration", "count"])]
        keep: bool,
        #[command(flatten)]
        limits: Limits,
    }

    pub(super) fn run(options: &Options) -> Result<()> {
        let ending = options.limits.start()?;
        let mut interfaces = options.iface.clone();
        interfaces.sort();
        interfaces.dedup();
        let indexes = interfaces
            .iter()
            .map(|name| interface_index(name))
            .collect::<Result<Vec<_>>>()?;

        let mut responder = Responder::load(&KernelSystem::new())?;
        for index in indexes {
            responder.allow(index)?;
        }
        let via = if options.keep {
            XdpVia::Netlink
        } else {
            XdpVia::Auto
        };
        for name in &interfaces {
            responder.attach(Xdp::on(name.as_str()).mode(options.mode.into()).via(via))?;
        }
        let names = interfaces.join(", ");
        if options.keep {
            responder.keep();
            writeln!(io::stdout(), "left attached to {names}")?;
            return Ok(());
        }
        watch(&ending, || {
            let outcomes = responder.outcomes()?;
            Ok(View {
                table: table(&outcomes),
                line: format!("answered {}, other {}", outcomes.answered(), outcomes.other),
                seen: outcomes.answered(),
            })
        })?;
        responder.detach()?;
        writeln!(io::stdout(), "detached from {names}")?;
        Ok(())
    }

    /// How many packets met each end.
    fn table(outcomes: &Outcomes) -> String {
        let rows = [
            ("pings answered, IPv4", outcomes.answered_v4),
            ("pings answered, IPv6", outcomes.answered_v6),
            ("passed: no ping", outcomes.other),
            ("passed: forwarding is off", outcomes.no_forwarding),
            ("passed: no route", outcomes.no_route),
            ("passed: neighbour not known yet", outcomes.no_neighbour),
            ("passed: by another interface", outcomes.other_interface),
        ];
        let mut table = format!("{:<40}{:>16}\n", "", "packets");
        for (name, count) in rows {
            // Writing to a String cannot fail.
            let _ = writeln!(table, "{name:<40}{count:>16}");
        }
        table
    }
}
