//! Shows which programs are started on this machine, by whom, and with which arguments, until Ctrl-C.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    ebpf_examples::cli::main(linux::run)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: calls are seen in the Linux kernel, which this machine does not run");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::env::consts::ARCH;
    use std::io::{self, Write as _};

    use anyhow::Result;
    use clap::{Parser, ValueEnum};
    use ebpf_core::kernel::KernelSystem;
    use ebpf_examples::cli::{Limits, Shown};
    use ebpf_examples::exec_dump::{ExecDump, Execution, Hook, Processor, printable};
    use jiff::tz::TimeZone;
    use jiff::{Timestamp, Zoned};

    /// Shows every call of execve(2) on this machine, until Ctrl-C: when, which thread called, its process, user and
    /// group, and the file with its arguments.
    #[derive(Debug, Parser)]
    #[command(
        after_help = "A call is seen when it begins, so also one that fails. Of 20 arguments 255 bytes each are kept; `…` is \
                      in the place of the rest, and `?` in that of a string that was not in memory. Loading needs CAP_BPF \
                      and CAP_PERFMON, which root has. `--count` is about calls that are shown."
    )]
    pub(super) struct Options {
        /// From where calls are seen.
        #[arg(long, value_enum, default_value_t)]
        hook: Where,
        #[command(flatten)]
        limits: Limits,
    }

    #[derive(Debug, Clone, Copy, Default, ValueEnum)]
    enum Where {
        /// The first of the others that works.
        #[default]
        Auto,
        /// The kernel's function of the system call. Needs a kernel with kprobes.
        Kprobe,
        /// The tracepoint of the system call. Needs a kernel with tracefs.
        Tracepoint,
        /// The tracepoint of all system calls, which costs each of them a little.
        RawTracepoint,
    }

    impl Where {
        fn hooks(self) -> &'static [Hook] {
            match self {
                Self::Auto => &Hook::ALL,
                Self::Kprobe => &[Hook::Kprobe],
                Self::Tracepoint => &[Hook::Tracepoint],
                Self::RawTracepoint => &[Hook::RawTracepoint],
            }
        }
    }

    pub(super) fn run(options: &Options) -> Result<()> {
        let ending = options.limits.start()?;
        let hooks = options.hook.hooks();
        let mut dump = ExecDump::start(&KernelSystem::new(), hooks, Processor::named(ARCH))?;
        let zone = TimeZone::system();
        writeln!(io::stdout(), "listening by {}", dump.hook())?;
        row(["TIME", "PCOMM", "PID", "UID", "GID", "DESC"])?;
        let mut shown = Shown::until(&ending);
        while !shown.is_over() {
            dump.wait(ending.patience())?;
            dump.drain(|execution| shown.next(|| show(execution, &zone)))?;
            shown.check()?;
        }
        dump.detach()?;
        dump.drain(|execution| shown.next(|| show(execution, &zone)))?;
        shown.check()?;
        let summary = dump.summary();
        writeln!(
            io::stdout(),
            "detached: {} calls received, {} lost",
            summary.received,
            summary.lost
        )?;
        Ok(())
    }

    fn show(execution: &Execution, zone: &TimeZone) -> Result<()> {
        let time = Timestamp::try_from(execution.time).unwrap_or_default();
        let time = Zoned::new(time, zone.clone());
        row([
            &time.strftime("%H:%M:%S%.3f").to_string(),
            &printable(&execution.name),
            &execution.pid.to_string(),
            &execution.uid.to_string(),
            &execution.gid.to_string(),
            &execution.command(),
        ])
    }

    fn row([time, name, pid, uid, gid, command]: [&str; 6]) -> Result<()> {
        Ok(writeln!(
            io::stdout(),
            "{time:<12} {name:<16} {pid:<8} {uid:<8} {gid:<8} {command}"
        )?)
    }
}
