//! Counts the packets of one interface by protocol, in XDP, in traffic control or by a packet socket, until Ctrl-C.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    ebpf_examples::cli::main(linux::run)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: packets are counted in the Linux kernel, which this machine does not run");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::io::{self, Write as _};
    use std::os::fd::OwnedFd;

    use anyhow::{Context as _, Result};
    use clap::{Args, Parser};
    use ebpf_core::hook::Xdp;
    use ebpf_core::kernel::KernelSystem;
    use ebpf_examples::cli::{Limits, Mode, View, interface_index, watch};
    use ebpf_examples::counter::Counter;
    use ebpf_examples::packet_counter::{Counts, PacketCounter};
    use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};

    /// Counts the packets of an interface by the protocol that IP carries, until Ctrl-C.
    #[derive(Debug, Parser)]
    #[command(
        after_help = "Every packet is counted once and goes on its way. Loading needs CAP_BPF and CAP_NET_ADMIN, a packet \
                      socket CAP_NET_RAW; root has all of them. `--count` is about packets of both directions."
    )]
    pub(super) struct Options {
        /// The interface whose packets are counted.
        #[arg(long, value_name = "NAME")]
        iface: String,
        #[command(flatten)]
        place: Place,
        /// Where `--xdp` looks at packets.
        #[arg(long, value_enum, default_value_t, requires = "xdp")]
        mode: Mode,
        #[command(flatten)]
        limits: Limits,
    }

    #[derive(Debug, Clone, Copy, Args)]
    #[group(required = true, multiple = false)]
    struct Place {
        /// Count what is received, in XDP.
        #[arg(long)]
        xdp: bool,
        /// Count what is received and what is sent, in traffic control.
        #[arg(long)]
        tc: bool,
        /// Count what is received and what is sent, in the filter of a packet socket.
        #[arg(long)]
        socket: bool,
    }

    pub(super) fn run(options: &Options) -> Result<()> {
        let ending = options.limits.start()?;
        let system = KernelSystem::new();
        let iface = options.iface.as_str();
        // Lives as long as its filter.
        let socket: OwnedFd;
        let (counter, place) = if options.place.xdp {
            let interface = Xdp::on(iface).mode(options.mode.into());
            (PacketCounter::in_xdp(&system, interface)?, "XDP")
        } else if options.place.tc {
            (PacketCounter::in_tc(&system, iface)?, "traffic control")
        } else {
            let ifindex = interface_index(iface)?;
            socket = packet_socket()?;
            let counter = PacketCounter::in_socket(&system, &socket, ifindex)?;
            (counter, "a socket filter")
        };
        watch(&ending, || {
            let counts = counter.counts()?;
            Ok(View {
                table: table(&counts, !options.place.xdp),
                line: line(&counts),
                seen: counts.packets(),
            })
        })?;
        counter.detach()?;
        writeln!(io::stdout(), "no longer counting in {place} of {iface}")?;
        Ok(())
    }

    /// A socket that sees every packet of every interface of the network namespace.
    fn packet_socket() -> Result<OwnedFd> {
        socket(
            AddressFamily::Packet,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
            SockProtocol::EthAll,
        )
        .context("open a packet socket (CAP_NET_RAW or root is needed)")
    }

    /// As `TCP 5, UDP 12`.
    fn line(counts: &Counts) -> String {
        let mut line = String::new();
        for row in &counts.rows {
            let separator = if line.is_empty() { "" } else { ", " };
            let packets = row.received.packets + row.sent.packets;
            // Writing to a String cannot fail.
            let _ = write!(line, "{separator}{} {packets}", row.kind);
        }
        if line.is_empty() {
            line.push_str("no packet yet");
        }
        line
    }

    /// Packets and bytes of each protocol, then of all.
    fn table(counts: &Counts, both_directions: bool) -> String {
        let mut table = String::new();
        let mut row = |name: &str, received: [String; 2], sent: [String; 2]| {
            let [packets, bytes] = received;
            let _ = write!(table, "{name:<16}{packets:>16}{bytes:>20}");
            if both_directions {
                let [packets, bytes] = sent;
                let _ = write!(table, "{packets:>16}{bytes:>20}");
            }
            table.push('\n');
        };
        let titles =
            |direction: &str| ["packets", "bytes"].map(|unit| format!("{unit} {direction}"));
        let cells = |counter: Counter| [counter.packets, counter.bytes].map(|n| n.to_string());
        row("protocol", titles("in"), titles("out"));
        for kind in &counts.rows {
            row(
                &kind.kind.to_string(),
                cells(kind.received),
                cells(kind.sent),
            );
        }
        row("all", cells(counts.received), cells(counts.sent));
        table
    }
}
