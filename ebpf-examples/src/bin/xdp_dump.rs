//! Shows the packets that an interface receives as they come, as text and in a file, until Ctrl-C.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    ebpf_examples::cli::main(linux::run)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: packets are looked at in the Linux kernel, which this machine does not run");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, BufWriter, Write as _};
    use std::path::{Path, PathBuf};
    use std::time::SystemTime;

    use anyhow::{Context as _, Result};
    use clap::{Parser, ValueEnum};
    use ebpf_core::hook::Xdp;
    use ebpf_core::kernel::KernelSystem;
    use ebpf_examples::cli::{Limits, Mode, Shown};
    use ebpf_examples::hex::Hex;
    use ebpf_examples::xdp_dump::{Dump, DumpOptions, MAX_SNAPSHOT, Packet, TcpFlags, Wanted};
    use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
    use pcap_file::{DataLink, TsResolution};

    /// Shows packets of TCP that open connections, or others, as an interface receives them, until Ctrl-C.
    #[derive(Debug, Parser)]
    #[command(
        after_help = "A packet is shown if it has any of the flags. All go on their way. Loading needs CAP_BPF, \
                      CAP_NET_ADMIN and CAP_PERFMON, which root has. `--count` is about packets that are shown."
    )]
    pub(super) struct Options {
        /// The interface.
        #[arg(long, value_name = "NAME")]
        iface: String,
        /// Show packets of TCP with any of these flags, separated by commas.
        #[arg(
            long,
            value_enum,
            value_name = "FLAG",
            value_delimiter = ',',
            default_value = "syn"
        )]
        flags: Vec<Flag>,
        /// Show all packets, whatever they are.
        #[arg(long, conflicts_with = "flags")]
        all: bool,
        /// Show so many bytes of a packet at most.
        #[arg(long, value_name = "BYTES", default_value_t = MAX_SNAPSHOT, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SNAPSHOT)))]
        snaplen: u32,
        /// Write the packets to a file in the format of pcap too.
        #[arg(long, short, value_name = "FILE")]
        write: Option<PathBuf>,
        /// Show a line for each packet, and not its bytes.
        #[arg(long)]
        no_hex: bool,
        /// Where packets are looked at.
        #[arg(long, value_enum, default_value_t)]
        mode: Mode,
        #[command(flatten)]
        limits: Limits,
    }

    #[derive(Debug, Clone, Copy, ValueEnum)]
    enum Flag {
        Fin,
        Syn,
        Rst,
        Psh,
        Ack,
        Urg,
        Ece,
        Cwr,
        Any,
    }

    impl From<Flag> for TcpFlags {
        fn from(flag: Flag) -> Self {
            match flag {
                Flag::Any => Self::ANY,
                flag => Self(1 << flag as u8),
            }
        }
    }

    impl Options {
        fn dump(&self) -> DumpOptions {
            let flags = self.flags.iter().copied().map(TcpFlags::from);
            DumpOptions {
                wanted: match self.all {
                    true => Wanted::All,
                    false => Wanted::Tcp(flags.fold(TcpFlags::default(), |all, flag| all | flag)),
                },
                snapshot: self.snaplen,
                ..DumpOptions::default()
            }
        }
    }

    pub(super) fn run(options: &Options) -> Result<()> {
        let ending = options.limits.start()?;
        let mut dump = Dump::load(&KernelSystem::new(), &options.dump())?;
        let mut output = Output::new(options)?;
        dump.attach(Xdp::on(options.iface.as_str()).mode(options.mode.into()))?;
        writeln!(io::stdout(), "listening on {}", options.iface)?;
        let mut shown = Shown::until(&ending);
        while !shown.is_over() {
            dump.wait(ending.patience())?;
            dump.drain(|packet| shown.next(|| output.show(packet)))?;
            shown.check()?;
        }
        dump.detach()?;
        dump.drain(|packet| shown.next(|| output.show(packet)))?;
        shown.check()?;
        output.finish()?;
        let summary = dump.summary();
        writeln!(
            io::stdout(),
            "detached from {}: {} packets received, {} lost",
            options.iface,
            summary.received,
            summary.lost
        )?;
        Ok(())
    }

    /// Where packets are shown.
    struct Output {
        file: Option<PcapWriter<BufWriter<File>>>,
        hex: bool,
    }

    impl Output {
        fn new(options: &Options) -> Result<Self> {
            let file = options
                .write
                .as_deref()
                .map(|path| pcap(path, options.snaplen));
            Ok(Self {
                file: file.transpose()?,
                hex: !options.no_hex,
            })
        }

        /// Writes what is not in the file yet.
        fn finish(&mut self) -> Result<()> {
            if let Some(file) = self.file.take() {
                file.into_writer().flush()?;
            }
            Ok(())
        }

        fn show(&mut self, packet: &Packet<'_>) -> Result<()> {
            let mut text = format!("{packet}\n");
            if self.hex {
                text.push_str(&format!("{}\n", Hex(packet.bytes())));
            }
            io::stdout().write_all(text.as_bytes())?;
            if let Some(file) = &mut self.file {
                let time = packet
                    .time()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .unwrap_or_default();
                file.write_packet(&PcapPacket::new(time, packet.length(), packet.bytes()))?;
            }
            Ok(())
        }
    }

    fn pcap(path: &Path, snaplen: u32) -> Result<PcapWriter<BufWriter<File>>> {
        let file = File::create(path).with_context(|| format!("create `{}`", path.display()))?;
        let header = PcapHeader {
            snaplen,
            datalink: DataLink::ETHERNET,
            ts_resolution: TsResolution::NanoSecond,
            ..PcapHeader::default()
        };
        Ok(PcapWriter::with_header(BufWriter::new(file), header)?)
    }
}
